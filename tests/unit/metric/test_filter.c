/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "metric/filter.h"
#include "metric/read.h"

static struct metric_value text_value(const char *text)
{
	return (struct metric_value){.text = text, .len = (uint32_t)strlen(text)};
}

enum { DIGITS = 15, FLOAT_DIGITS = 7 };

static struct metric_value number_value(double value)
{
	return (struct metric_value){.number = true, .digits = DIGITS, .value = value};
}

static struct metric_filter *one(const char *pattern)
{
	struct metric_filter *f = metric_filter_create();
	char error[256];

	assert_non_null(f);
	assert_int_equal(metric_filter_add(f, "a", pattern, error, sizeof(error)), 0);
	return f;
}

static bool fits_text(const char *pattern, const char *text)
{
	struct metric_filter *f = one(pattern);
	struct metric_value v = text_value(text);
	bool fits = metric_filter_fits(f, 0, &v);

	metric_filter_destroy(f);
	return fits;
}

static bool fits_value(const char *pattern, const struct metric_value *v)
{
	struct metric_filter *f = one(pattern);
	bool fits = metric_filter_fits(f, 0, v);

	metric_filter_destroy(f);
	return fits;
}

static bool fits_number(const char *pattern, double value)
{
	struct metric_value v = number_value(value);

	return fits_value(pattern, &v);
}

/* What is printed of a 32-bit float fits it, too. */
static bool fits_float(const char *pattern, float value)
{
	struct metric_value v = number_value(value);

	v.digits = FLOAT_DIGITS;
	return fits_value(pattern, &v);
}

static void test_literal(void **state)
{
	assert_true(fits_text("linux", "linux"));
	assert_false(fits_text("linux", "linux2"));
	assert_false(fits_text("linux", "linu"));
	assert_false(fits_text("linux", "Linux"));
	assert_true(fits_text("a.b", "a.b"));
	assert_false(fits_text("a.b", "axb"));
}

static void test_stars(void **state)
{
	assert_true(fits_text("*", ""));
	assert_true(fits_text("**", "any"));
	assert_true(fits_text("*web.*", "the-web.example"));
	assert_false(fits_text("*web.*", "the-web"));
	assert_true(fits_text("eth*", "eth0"));
	assert_true(fits_text("eth*", "eth"));
	assert_false(fits_text("eth*", "xeth0"));
	assert_true(fits_text("*0", "eth10"));
	assert_true(fits_text("a*b*c", "abbbc"));
	assert_true(fits_text("a*b*c", "axbxbxc"));
	assert_false(fits_text("a*b*c", "axc"));
	/* What begins and what ends are not the same characters. */
	assert_false(fits_text("aba*ba", "aba"));
	assert_true(fits_text("aba*ba", "ababa"));
	assert_false(fits_text("ab*bc*cd", "abcd"));
	assert_true(fits_text("*ab*ab*", "abab"));
	assert_false(fits_text("*ab*ab*", "aba"));
}

static void test_escapes(void **state)
{
	assert_true(fits_text("apache\\.*", "apache.16.abc"));
	assert_false(fits_text("apache\\.*", "apache"));
	assert_true(fits_text("\\*", "*"));
	assert_false(fits_text("\\*", "x"));
	assert_true(fits_text("a\\\\b", "a\\b"));
	assert_true(fits_text("\\a", "a"));
	assert_true(fits_text("\\1", "1"));
}

/* Stored texts have bytes that are not printable as \xHH; patterns have them as they are. */
static void test_bytes(void **state)
{
	assert_true(fits_text("h\u00f6*", "h\\xC3\\xB6st"));
	assert_true(fits_text("*\u00f6st", "h\\xC3\\xB6st"));
	assert_true(fits_text("h\u00f6st", "h\\xC3\\xB6st"));
	assert_true(fits_text("h\\\\xC3\\\\xB6st", "h\\xC3\\xB6st"));
	assert_false(fits_text("h\u00f6st", "h\\xC3\\xB7st"));
	assert_true(fits_text("a\tb", "a\\x09b"));
}

/* Against the same by trying everything. */
static bool slow(const char *p, const char *text)
{
	if (*p == '\0')
		return *text == '\0';
	if (*p == '*')
		return slow(p + 1, text) || (*text && slow(p, text + 1));
	return *p == *text && slow(p + 1, text + 1);
}

static void test_all_short(void **state)
{
	static const char letters[] = "ab*";
	char pattern[7], text[7];

	for (unsigned p = 0; p < 729; p++) {
		for (unsigned n = p, i = 0; i < 6; i++, n /= 3)
			pattern[i] = letters[n % 3];
		pattern[6] = '\0';
		for (unsigned t = 0; t < 64; t++) {
			for (unsigned i = 0; i < 6; i++)
				text[i] = "ab"[t >> i & 1];
			text[t % 7] = '\0';
			if (fits_text(pattern, text) != slow(pattern, text))
				fail_msg("%s against %s", pattern, text);
		}
	}
}

static void test_numbers(void **state)
{
	assert_true(fits_number("1000000000", 1e9));
	assert_true(fits_number("1e9", 1e9));
	assert_true(fits_number("2.0", 2));
	assert_true(fits_number("0.5", 0.5));
	assert_false(fits_number("2", 2.5));
	assert_true(fits_number("2*", 2.5));
	assert_true(fits_number("10*", 1e10));
	assert_true(fits_float("0.1", 0.1f));
	assert_true(fits_float("1.0e-1", 0.1f));
	assert_false(fits_float("0.1000001", 0.1f));
	assert_false(fits_float("0.2", 0.1f));
	assert_false(fits_number("0.1", 0.1f));
	assert_true(fits_number("*", 7));
	assert_false(fits_number("linux", 7));
	assert_false(fits_number("nan", 7));
	/* A text is no number. */
	assert_true(fits_text("10", "10"));
	assert_false(fits_text("1e1", "10"));
}

static void test_absent(void **state)
{
	struct metric_filter *f = one("*");

	assert_false(metric_filter_fits(f, 0, NULL));
	metric_filter_destroy(f);
}

static void test_names(void **state)
{
	struct metric_filter *f = metric_filter_create();
	struct metric_value linux_ = text_value("linux"), two = number_value(2);
	char error[256];

	assert_int_equal(metric_filter_count(f), 0);
	assert_int_equal(metric_filter_add(f, "os_name", "windows", error, sizeof(error)), 0);
	assert_int_equal(metric_filter_add(f, "cpu_num", "2", error, sizeof(error)), 0);
	assert_int_equal(metric_filter_add(f, "os_name", "linux", error, sizeof(error)), 0);
	assert_int_equal(metric_filter_count(f), 2);
	assert_string_equal(metric_filter_name(f, 0), "os_name");
	assert_string_equal(metric_filter_name(f, 1), "cpu_num");
	assert_true(metric_filter_fits(f, 0, &linux_));
	assert_false(metric_filter_fits(f, 0, &two));
	assert_true(metric_filter_fits(f, 1, &two));
	assert_false(metric_filter_fits(f, 1, &linux_));
	metric_filter_destroy(f);
}

static void assert_wrong(const char *name, const char *pattern, const char *want)
{
	struct metric_filter *f = metric_filter_create();
	char error[256];

	assert_int_equal(metric_filter_add(f, name, pattern, error, sizeof(error)), -EINVAL);
	if (!strstr(error, want))
		fail_msg("\"%s\" is not in \"%s\"", want, error);
	assert_int_equal(metric_filter_count(f), 0);
	metric_filter_destroy(f);
}

static void test_wrong(void **state)
{
	static char longest[METRIC_FILTER_TEXT + 2];

	memset(longest, 'x', METRIC_FILTER_TEXT + 1);
	assert_wrong("", "x", "without an attribute: \"=x\"");
	assert_wrong("os_name", "", "os_name: the pattern is empty");
	assert_wrong("os_name", "a\\", "os_name: \"a\\\" ends in a backslash");
	assert_wrong("os_name", "a\\\\\\", "ends in a backslash");
	assert_wrong("os_name", longest, "os_name: the pattern is longer than 512 bytes");
	assert_wrong(longest, "x", "is longer than 512 bytes");
}

static void test_full(void **state)
{
	struct metric_filter *f = metric_filter_create();
	char error[256], name[16];
	unsigned i;

	for (i = 0; i < METRIC_FILTER_NAMES; i++) {
		snprintf(name, sizeof(name), "n%u", i);
		assert_int_equal(metric_filter_add(f, name, "x", error, sizeof(error)), 0);
	}
	assert_int_equal(metric_filter_add(f, "more", "x", error, sizeof(error)), -ENOSPC);
	assert_non_null(strstr(error, "more: one attribute too many, 32"));
	for (; i < METRIC_FILTER_PATTERNS; i++)
		assert_int_equal(metric_filter_add(f, "n0", "x", error, sizeof(error)), 0);
	assert_int_equal(metric_filter_add(f, "n0", "x", error, sizeof(error)), -ENOSPC);
	assert_non_null(strstr(error, "n0: one pattern too many, 1024"));
	metric_filter_destroy(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_literal),
		cmocka_unit_test(test_stars),
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_all_short),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_absent),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
