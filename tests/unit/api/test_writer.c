/* SPDX-License-Identifier: BSD-3-Clause */
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/writer.h"

static void put_text(struct api_writer *w, const char *text)
{
	api_writer_text(w, text, strlen(text));
}

/* What is written looks like what jansson writes elsewhere. */
static void test_looks(void **state)
{
	struct api_budget budget = {.limit = 1 << 20};
	struct api_writer w;
	json_t *want = json_pack("{s:[i, s, n, {}], s:{s:[]}}", "list", 1, "a\"b\\c", "deep", "x");
	char *text, *wanted = json_dumps(want, JSON_INDENT(1));
	size_t taken, len;

	api_writer_init(&w, &budget, 1 << 20);
	api_writer_begin(&w, '{');
	api_writer_name(&w, "list");
	api_writer_begin(&w, '[');
	api_writer_raw(&w, "1");
	put_text(&w, "a\"b\\c");
	api_writer_null(&w);
	api_writer_begin(&w, '{');
	api_writer_end(&w, '}');
	api_writer_end(&w, ']');
	api_writer_name(&w, "deep");
	api_writer_begin(&w, '{');
	api_writer_name_text(&w, "xyz", 1);
	api_writer_begin(&w, '[');
	api_writer_end(&w, ']');
	api_writer_end(&w, '}');
	api_writer_end(&w, '}');
	text = api_writer_take(&w, &taken);
	assert_non_null(text);
	len = strlen(text);
	assert_int_equal(text[len - 1], '\n');
	text[len - 1] = '\0';
	assert_string_equal(text, wanted);
	api_writer_fini(&w);
	assert_int_equal(budget.used, taken);
	free(text);
	free(wanted);
	json_decref(want);
}

static void write_long(struct api_writer *w, unsigned values)
{
	api_writer_begin(w, '[');
	for (unsigned i = 0; i < values; i++)
		put_text(w, "0123456789abcdef");
	api_writer_end(w, ']');
}

/* Whatever the bytes are, JSON comes of it. */
static void test_bytes(void **state)
{
	static const struct {
		const char *text, *json;
	} rows[] = {
		{"a\nb\x01", "\"a\\nb\\u0001\"\n"},
		{"gr\xC3\xBC\xC3\x9F\"e", "\"gr\xC3\xBC\xC3\x9F\\\"e\"\n"},
		{"a\xFF\\b", "\"a?\\\\b\"\n"},
		{"\xC3", "\"?\"\n"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct api_budget budget = {.limit = 1 << 20};
		struct api_writer w;
		size_t taken;
		char *text;

		api_writer_init(&w, &budget, 1 << 20);
		put_text(&w, rows[i].text);
		text = api_writer_take(&w, &taken);
		assert_string_equal(text, rows[i].json);
		free(text);
		api_writer_fini(&w);
	}
}

/* What finds no memory is given up, and all of it given back. */
static void test_full(void **state)
{
	struct api_budget budget = {.limit = 100000};
	struct api_writer w;
	size_t taken;
	json_t *read;
	char *text;

	api_writer_init(&w, &budget, 1 << 20);
	write_long(&w, 10000);
	assert_true(w.full);
	assert_null(api_writer_take(&w, &taken));
	api_writer_fini(&w);
	assert_int_equal(budget.used, 0);

	api_writer_init(&w, &budget, 8192);
	write_long(&w, 1000);
	assert_null(api_writer_take(&w, &taken));
	api_writer_fini(&w);
	assert_int_equal(budget.used, 0);

	api_writer_init(&w, &budget, 1 << 20);
	write_long(&w, 1000);
	text = api_writer_take(&w, &taken);
	assert_non_null(text);
	read = json_loads(text, 0, NULL);
	assert_int_equal(json_array_size(read), 1000);
	json_decref(read);
	assert_true(taken > strlen(text) && taken < 100000);
	free(text);
	api_writer_fini(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_looks),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
