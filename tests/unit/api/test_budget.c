/* SPDX-License-Identifier: BSD-3-Clause */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "api/budget.h"

static void test_budget(void **state)
{
	struct api_budget b = {.limit = 100};

	assert_true(api_budget_take(&b, 60));
	assert_false(api_budget_take(&b, 41));
	assert_true(api_budget_take(&b, 40));
	assert_false(api_budget_take(&b, 1));
	api_budget_give(&b, 60);
	assert_true(api_budget_take(&b, 60));
	assert_false(api_budget_take(&b, UINT64_MAX));
}

/* ---- what jansson takes ---- */

static size_t taken;

static void *counting_malloc(size_t size)
{
	void *p = malloc(size);

	taken += malloc_usable_size(p) + sizeof(size_t);
	return p;
}

static void counting_free(void *p)
{
	if (p)
		taken -= malloc_usable_size(p) + sizeof(size_t);
	free(p);
}

/* `piece`, 10,000 times with commas between, in a list; '#' is the number of it. */
static char *repeat(const char *open, const char *piece, const char *end)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	fputs(open, f);
	for (unsigned i = 0; i < 10000; i++) {
		fputs(i ? "," : "", f);
		for (const char *p = piece; *p; p++)
			*p == '#' ? fprintf(f, "%u", i) : fputc(*p, f);
	}
	fputs(end, f);
	fclose(f);
	return text;
}

static void test_cost(void **state)
{
	static const struct {
		const char *open, *piece, *end;
	} texts[] = {
		{"{\"a\":[", "{}", "]}"},
		{"{\"a\":[", "[]", "]}"},
		{"{\"a\":[", "1", "]}"},
		{"{\"a\":[", "\"\"", "]}"},
		{"{\"a\":[", "\"10.0.0.0/24\"", "]}"},
		{"{\"a\":[", "{\"a\":1}", "]}"},
		{"{", "\"#\":1", "}"},
		{"{", "\"#\":{}", "}"},
		{"{", "\"#\":\"\"", "}"},
	};

	json_set_alloc_funcs(counting_malloc, counting_free);
	for (unsigned i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		char *text = repeat(texts[i].open, texts[i].piece, texts[i].end);
		json_t *json = json_loads(text, 0, NULL);

		assert_non_null(json);
		if (api_json_cost(text, strlen(text)) < taken)
			fail_msg("%s takes %zu, not %llu", texts[i].piece, taken,
				(unsigned long long)api_json_cost(text, strlen(text)));
		json_decref(json);
		assert_int_equal(taken, 0);
		free(text);
	}
}

/* What stands in strings counts as text alone. */
static void test_strings(void **state)
{
	static const char plain[] = "[\"aaaaaaaaaa\"]", other[] = "[\"{[:,\\\"{[:,\"]";

	assert_int_equal(sizeof(plain), sizeof(other) - 1 + 1);
	assert_int_equal(
		api_json_cost(plain, sizeof(plain) - 1), api_json_cost(other, sizeof(other) - 1));
	api_json_cost("\"\\", 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_budget),
		cmocka_unit_test(test_cost),
		cmocka_unit_test(test_strings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
