/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/exposition.h"

static void want_text(struct exposition *e, const char *want)
{
	char *text = exposition_take(e);

	assert_non_null(text);
	assert_string_equal(text, want);
	assert_int_equal(e->len, 0);
	free(text);
}

static void test_names(void **state)
{
	static const struct {
		const char *name, *metric, *label;
	} rows[] = {
		{"ifinoctets", "sflow_ifinoctets", "ifinoctets"},
		{"fm-flow", "sflow_fm_flow", "fm_flow"},
		{"5min:a b", "sflow_5min_a_b", "_5min_a_b"},
		{"\xc3\xa4", "sflow___", "_"},
		{"__name__", "sflow___name__", "_name__"},
		{"map:tcpdestinationport:web", "sflow_map_tcpdestinationport_web",
			"map_tcpdestinationport_web"},
		{"", "sflow_", "_"},
	};
	char text[64];

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct base_text t = base_text(text, sizeof(text));

		exposition_name(&t, "sflow_", rows[i].name);
		assert_string_equal(text, rows[i].metric);
		t = base_text(text, sizeof(text));
		exposition_label_name(&t, rows[i].name);
		assert_string_equal(text, rows[i].label);
	}
}

/* A name begins with no digit, also where there is no prefix. */
static void test_no_prefix(void **state)
{
	char text[64];
	struct base_text t = base_text(text, sizeof(text));

	exposition_name(&t, "", "5sec");
	assert_string_equal(text, "_5sec");
}

static void test_types(void **state)
{
	assert_int_equal(exposition_gauge("load_one"), EXPOSITION_GAUGE);
	assert_int_equal(exposition_gauge("total"), EXPOSITION_GAUGE);
	assert_int_equal(exposition_gauge("mem_total"), EXPOSITION_UNTYPED);
	assert_int_equal(exposition_gauge("x_bucket"), EXPOSITION_UNTYPED);
}

static void test_family(void **state)
{
	struct exposition e = {0};

	exposition_head(&e, "a", EXPOSITION_COUNTER, "One\nline, with a \\ and \"quotes\".");
	exposition_begin(&e, "a");
	exposition_end(&e, "18446744073709551615");
	exposition_head(&e, "b", EXPOSITION_GAUGE, "b");
	exposition_begin(&e, "b");
	exposition_label(&e, "x", "a\"b\\c\nd", 7);
	exposition_label(&e, "none", "", 0);
	exposition_label(&e, "y", "z", 1);
	exposition_number(&e, -2.5);
	exposition_begin(&e, "b");
	exposition_number(&e, 1);
	want_text(&e, "# HELP a One\\nline, with a \\\\ and \"quotes\".\n"
		      "# TYPE a counter\n"
		      "a 18446744073709551615\n"
		      "# HELP b b\n"
		      "# TYPE b gauge\n"
		      "b{x=\"a\\\"b\\\\c\\nd\",y=\"z\"} -2.5\n"
		      "b 1\n");
	want_text(&e, "");
}

/* What is read back is what was written. */
static void test_numbers(void **state)
{
	static const double values[] = {0, 1, -1, 0.1, 1.0 / 3, 1e300, -1e-300, 9007199254740991.0,
		9007199254740993.0, 4611686018427387904.0, 123456.789};
	struct exposition e = {0};

	for (unsigned i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		char *text;

		exposition_begin(&e, "n");
		exposition_number(&e, values[i]);
		text = exposition_take(&e);
		assert_true(strtod(text + 2, NULL) == values[i]);
		free(text);
	}
	exposition_begin(&e, "n");
	exposition_number(&e, 0.1);
	exposition_begin(&e, "n");
	exposition_number(&e, NAN);
	exposition_begin(&e, "n");
	exposition_number(&e, -INFINITY);
	want_text(&e, "n 0.1\nn NaN\nn -Inf\n");
}

/* More than fits the first piece of memory. */
static void test_long(void **state)
{
	enum { LONG = 100000 };
	struct exposition e = {0};
	char *value = malloc(LONG + 1), *text;

	memset(value, '"', LONG);
	exposition_begin(&e, "n");
	exposition_label(&e, "l", value, LONG);
	exposition_end(&e, "1");
	text = exposition_take(&e);
	assert_int_equal(strlen(text), strlen("n{l=\"\"} 1\n") + 2 * LONG);
	assert_string_equal(text + strlen(text) - 5, "\"} 1\n");
	free(text);
	free(value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_no_prefix),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_family),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
