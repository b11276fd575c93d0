/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../dice.h"
#include "metric/statistic.h"

static struct metric_result result_of(
	enum metric_statistic s, const struct metric_value *values, size_t count)
{
	struct metric_tally t;
	struct metric_result r;

	metric_tally_init(&t, s, count / 2);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(metric_tally_add(&t, &values[i], &values[i]), 0);
	assert_int_equal(metric_tally_end(&t, &r), 0);
	metric_tally_fini(&t);
	return r;
}

static struct metric_result of_numbers(enum metric_statistic s, const double *numbers, size_t count)
{
	struct metric_value *values = calloc(count + 1, sizeof(*values));
	struct metric_result r;

	for (size_t i = 0; i < count; i++)
		values[i] = (struct metric_value){
			.number = true, .value = numbers[i], .time_ms = 1000 + i};
	r = result_of(s, values, count);
	free(values);
	return r;
}

static void assert_result(enum metric_statistic s, const double *numbers, size_t count, double want)
{
	struct metric_result r = of_numbers(s, numbers, count);

	assert_true(r.there && r.value.number);
	if (fabs(r.value.value - want) > 1e-9 * fabs(want))
		fail_msg("%s is %.17g, not %.17g", metric_statistic_names[s], r.value.value, want);
}

static void test_numbers(void **state)
{
	static const double v[] = {2, 4, 4, 4, 5, 5, 7, 9};

	assert_result(METRIC_STATISTIC_MAX, v, 8, 9);
	assert_result(METRIC_STATISTIC_MIN, v, 8, 2);
	assert_result(METRIC_STATISTIC_SUM, v, 8, 40);
	assert_result(METRIC_STATISTIC_AVG, v, 8, 5);
	assert_result(METRIC_STATISTIC_VAR, v, 8, 4);
	assert_result(METRIC_STATISTIC_SDEV, v, 8, 2);
	assert_result(METRIC_STATISTIC_MED, v, 8, 4.5);
	assert_result(METRIC_STATISTIC_Q1, v, 8, 4);
	assert_result(METRIC_STATISTIC_Q2, v, 8, 4.5);
	assert_result(METRIC_STATISTIC_Q3, v, 8, 5.5);
	assert_result(METRIC_STATISTIC_IQR, v, 8, 1.5);
}

static void test_one(void **state)
{
	static const double v[] = {-3.5};

	for (unsigned s = 0; s < METRIC_STATISTICS; s++)
		assert_result((enum metric_statistic)s, v, 1,
			s == METRIC_STATISTIC_VAR || s == METRIC_STATISTIC_SDEV ||
					s == METRIC_STATISTIC_IQR
				? 0
				: -3.5);
}

static void test_none(void **state)
{
	for (unsigned s = 0; s < METRIC_STATISTICS; s++)
		assert_false(of_numbers((enum metric_statistic)s, NULL, 0).there);
}

static void test_quartiles(void **state)
{
	static const double v[] = {30, 10, 40, 20};
	struct metric_result r = of_numbers(METRIC_STATISTIC_Q1, v, 4);

	assert_true(r.quartiles.min == 10 && r.quartiles.max == 40);
	assert_true(r.quartiles.q1 == 17.5 && r.quartiles.med == 25 && r.quartiles.q3 == 32.5);
	assert_true(r.value.value == 17.5);
}

/* Small differences between large numbers are not lost. */
static void test_far_from_zero(void **state)
{
	static const double v[] = {1e15 + 4, 1e15 + 7, 1e15 + 13, 1e15 + 16};

	assert_result(METRIC_STATISTIC_VAR, v, 4, 22.5);
}

static void test_times(void **state)
{
	static const double v[] = {1, 3, 2};
	struct metric_tally t;

	assert_int_equal(of_numbers(METRIC_STATISTIC_MAX, v, 3).value.time_ms, 1001);
	assert_int_equal(of_numbers(METRIC_STATISTIC_SUM, v, 3).value.time_ms, 1002);
	metric_tally_init(&t, METRIC_STATISTIC_MAX, 3);
	for (unsigned i = 0; i < 3; i++) {
		struct metric_value value = {
			.number = true, .value = v[i], .time_ms = 50 - 10 * (i % 2)};

		metric_tally_add(&t, &value, NULL);
	}
	assert_int_equal(t.oldest_ms, 40);
	assert_int_equal(t.newest_ms, 50);
	assert_int_equal(t.count, 3);
}

static struct metric_value text(const char *t)
{
	return (struct metric_value){.text = t, .len = (uint32_t)strlen(t)};
}

static void test_texts(void **state)
{
	const struct metric_value v[] = {text("linux"), text("windows"), text("win"), text("bsd")};
	struct metric_result r = result_of(METRIC_STATISTIC_MAX, v, 4);

	assert_true(r.there && !r.value.number);
	assert_string_equal(r.value.text, "windows");
	assert_ptr_equal(r.where, &v[1]);
	r = result_of(METRIC_STATISTIC_ANY, v, 4);
	assert_true(r.there && !r.value.number && r.where);
	for (unsigned s = METRIC_STATISTIC_MIN; s < METRIC_STATISTIC_ANY; s++)
		assert_false(result_of((enum metric_statistic)s, v, 4).there);
}

/* A custom metric may be a number here and a text there. */
static void test_mixed(void **state)
{
	const struct metric_value v[] = {
		text("z"), {.number = true, .value = 3}, text("a"), {.number = true, .value = 1}};
	struct metric_result r = result_of(METRIC_STATISTIC_MAX, v, 4);

	assert_true(r.value.number && r.value.value == 3);
	assert_true(result_of(METRIC_STATISTIC_SUM, v, 4).value.value == 4);
	assert_true(result_of(METRIC_STATISTIC_MIN, v, 4).value.value == 1);
}

static void test_too_large(void **state)
{
	static const double v[] = {DBL_MAX, DBL_MAX};

	assert_false(of_numbers(METRIC_STATISTIC_SUM, v, 2).there);
	assert_true(of_numbers(METRIC_STATISTIC_MAX, v, 2).there);
}

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void test_sort(void **state)
{
	enum { MOST = 3000 };
	static double v[MOST], want[MOST], room[MOST];
	struct dice d = {7};

	for (unsigned round = 0; round < 200; round++) {
		size_t count = dice_below(&d, round < 100 ? 20 : MOST);

		for (size_t i = 0; i < count; i++) {
			v[i] = ((double)dice_below(&d, 1000) - 500) *
			       pow(10, (double)dice_below(&d, 40) - 20);
			if (round % 3 == 0)
				v[i] = (double)dice_below(&d, 3);
			want[i] = v[i];
		}
		metric_sort(v, room, count);
		qsort(want, count, sizeof(want[0]), by_value);
		for (size_t i = 0; i < count; i++)
			assert_true(v[i] == want[i]);
	}
}

static void test_parse(void **state)
{
	enum metric_statistic s;
	const char *path;
	char error[256];

	assert_int_equal(metric_statistic_parse("load_one", &s, &path, error, sizeof(error)), 0);
	assert_int_equal(s, METRIC_STATISTIC_MAX);
	assert_string_equal(path, "load_one");
	assert_int_equal(
		metric_statistic_parse("med:2.1.load_one", &s, &path, error, sizeof(error)), 0);
	assert_int_equal(s, METRIC_STATISTIC_MED);
	assert_string_equal(path, "2.1.load_one");
	assert_int_equal(
		metric_statistic_parse("sdv:load_one", &s, &path, error, sizeof(error)), -EINVAL);
	assert_string_equal(error, "there is no statistic \"sdv\"; did you mean \"sdev\"?");
	assert_int_equal(
		metric_statistic_parse("percentile:x", &s, &path, error, sizeof(error)), -EINVAL);
	assert_non_null(strstr(error, "it is one of max, min"));
	assert_int_equal(metric_statistic_parse("sum:", &s, &path, error, sizeof(error)), -EINVAL);
	assert_string_equal(error, "\"sum:\" names no metric");
	assert_int_equal(metric_statistic_parse("", &s, &path, error, sizeof(error)), -EINVAL);
}

static void assert_split(
	const char *text, bool named, bool one, uint32_t class, uint32_t index, const char *name)
{
	struct metric_path p;

	metric_path_split(text, named, &p);
	assert_int_equal(p.one, one);
	assert_int_equal(p.source.class, class);
	assert_int_equal(p.source.index, index);
	assert_string_equal(p.name, name);
}

static void test_paths(void **state)
{
	struct metric_path p;

	assert_split("load_one", true, false, 0, 0, "load_one");
	assert_split("10.ifinoctets", false, true, 0, 10, "ifinoctets");
	assert_split("2.1.load_one", false, true, 2, 1, "load_one");
	assert_split("3.80.http_requests", true, true, 3, 80, "http_requests");
	assert_split("22.5tuple", false, true, 0, 22, "5tuple");
	assert_split("5tuple", false, false, 0, 0, "5tuple");
	assert_split("99999999999.x", false, false, 0, 0, "99999999999.x");
	assert_split("web1.queue", false, false, 0, 0, "web1.queue");
	/* A data source without a metric is the name of one. */
	assert_split("web1.", true, false, 0, 0, "web1.");
	assert_split("10.", true, false, 0, 0, "10.");
	assert_split("2.1.", false, true, 0, 2, "1.");
	metric_path_split("web1.queue.len", true, &p);
	assert_true(p.one);
	assert_int_equal(p.custom_len, 4);
	assert_memory_equal(p.custom, "web1", 4);
	assert_string_equal(p.name, "queue.len");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_one),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_quartiles),
		cmocka_unit_test(test_far_from_zero),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_mixed),
		cmocka_unit_test(test_too_large),
		cmocka_unit_test(test_sort),
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
