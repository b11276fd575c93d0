/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "window/threshold.h"

enum { ROUNDS = 2000 };

static void test_parse_source(void **state)
{
	static const char *const bad[] = {"", ".", "1.", ".1", "01", "1.02", "0.1", "a", "1.2.3",
		"-1", "4294967296", "1.4294967296", "1 ", "+1"};
	struct sflow_source s;

	assert_int_equal(threshold_parse_source("10", &s), 0);
	assert_true(s.class == 0 && s.index == 10);
	assert_int_equal(threshold_parse_source("0", &s), 0);
	assert_true(s.class == 0 && s.index == 0);
	assert_int_equal(threshold_parse_source("2.1", &s), 0);
	assert_true(s.class == 2 && s.index == 1);
	assert_int_equal(threshold_parse_source("3.4294967295", &s), 0);
	assert_true(s.class == 3 && s.index == UINT32_MAX);
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(threshold_parse_source(bad[i], &s), -EINVAL);
}

static void test_check(void **state)
{
	const struct threshold good = {.name = "a", .metric = "b", .value = 1};
	struct threshold t = good;

	assert_null(threshold_check(&t));
	t.value = -1;
	assert_null(threshold_check(&t));
	t.value = -1e300;
	assert_non_null(strstr(threshold_check(&t), "value: "));
	t.value = NAN;
	assert_non_null(strstr(threshold_check(&t), "value: "));
	t.value = 1e300;
	assert_non_null(strstr(threshold_check(&t), "value: "));
	t = good;
	t.name = "a b";
	assert_non_null(strstr(threshold_check(&t), "name: "));
	t = good;
	t.metric = "";
	assert_non_null(strstr(threshold_check(&t), "metric: "));
	t = good;
	t.timeout = 86401;
	assert_non_null(strstr(threshold_check(&t), "timeout: "));
	t = good;
	t.samples = NAN;
	assert_non_null(strstr(threshold_check(&t), "samples: "));
	t = good;
	t.agent_count = THRESHOLD_PLACES + 1;
	assert_non_null(strstr(threshold_check(&t), "filter: "));
}

static void collect(void *ctx, const struct threshold *t, enum threshold_kind kind)
{
	char *text = ctx;

	sprintf(text + strlen(text), "%s>%s:%g/%u/%u;", t->name, t->metric, t->value,
		t->agent_count ? t->agents[0].bytes[3] : 0,
		t->source_count ? t->sources[0].index : 0);
}

static void assert_set(struct thresholds *set, const char *name, const char *want)
{
	char text[256] = "";

	thresholds_each(set, name, collect, text);
	assert_string_equal(text, want);
}

static void test_set(void **state)
{
	struct thresholds *set = thresholds_create();
	struct base_addr agent = {.family = 4, .bytes = {10, 0, 0, 9}};
	struct sflow_source source = {.index = 7};
	char name[] = "one";
	struct threshold t = {.name = name,
		.metric = "m",
		.value = 1,
		.agents = &agent,
		.agent_count = 1,
		.sources = &source,
		.source_count = 1};
	struct threshold_entry **list;
	uint64_t version = thresholds_version(set);

	assert_int_equal(thresholds_remove(set, "one"), -ENOENT);
	assert_int_equal(thresholds_put(set, &t), 0);
	memset(&agent, 0, sizeof(agent)); /* all of it is copied */
	source.index = 0;
	strcpy(name, "two");
	assert_true(thresholds_version(set) > version);
	t = (struct threshold){.name = "two", .metric = "m", .value = 2};
	assert_int_equal(thresholds_put(set, &t), 0);
	assert_set(set, NULL, "one>m:1/9/7;two>m:2/0/0;");
	assert_set(set, "two", "two>m:2/0/0;");
	assert_set(set, "three", "");

	assert_int_equal(thresholds_hold(set, &list), 2);
	t.value = 3;
	assert_int_equal(thresholds_put(set, &t), 0);
	assert_int_equal(thresholds_remove(set, "one"), 0);
	assert_set(set, NULL, "two>m:3/0/0;");
	assert_true(list[0]->removed && list[1]->removed);
	assert_string_equal(list[0]->spec.name, "one");
	assert_true(list[1]->spec.value == 2);
	thresholds_let_go(list, 2);
	thresholds_destroy(set);
	thresholds_destroy(NULL);
}

static void remove_it(void *ctx, const struct threshold *t, enum threshold_kind kind)
{
	struct thresholds *set = ctx;
	struct threshold_entry **list;
	unsigned left;
	(void)kind;

	assert_int_equal(thresholds_remove(set, t->name), 0);
	left = thresholds_hold(set, &list);
	assert_int_equal(left, strcmp(t->name, "one") == 0);
	thresholds_let_go(list, left);
}

/* Whoever looks at all of them keeps nobody from the set, and may look at what was taken out. */
static void test_each(void **state)
{
	struct thresholds *set = thresholds_create();
	char text[256] = "";
	(void)state;

	assert_int_equal(thresholds_put(set, &(struct threshold){.name = "one", .metric = "m"}), 0);
	assert_int_equal(thresholds_put(set, &(struct threshold){.name = "two", .metric = "m"}), 0);
	thresholds_each(set, NULL, remove_it, set);
	thresholds_each(set, NULL, collect, text);
	assert_string_equal(text, "");
	thresholds_destroy(set);
}

static void test_full(void **state)
{
	struct thresholds *set = thresholds_create();
	struct threshold t = {.metric = "m"};
	char name[16];

	for (unsigned i = 0; i < THRESHOLDS; i++) {
		snprintf(name, sizeof(name), "t%u", i);
		t.name = name;
		assert_int_equal(thresholds_put(set, &t), 0);
	}
	t.name = "more";
	assert_int_equal(thresholds_put(set, &t), -ENOSPC);
	t.name = "t5";
	assert_int_equal(thresholds_put(set, &t), 0);
	thresholds_destroy(set);
}

static void *change(void *arg)
{
	struct threshold t = {.name = "x", .metric = "m"};

	for (unsigned i = 0; i < ROUNDS; i++) {
		t.value = i;
		thresholds_put(arg, &t);
		if (i % 3 == 0)
			thresholds_remove(arg, "x");
	}
	return NULL;
}

static void test_threads(void **state)
{
	struct thresholds *set = thresholds_create();
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, change, set), 0);
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct threshold_entry **list, *held;
		unsigned count = thresholds_hold(set, &list);

		assert_true(count <= 1);
		held = count ? threshold_hold(list[0]) : NULL;
		thresholds_let_go(list, count);
		if (held) {
			assert_string_equal(held->spec.name, "x");
			assert_true(held->spec.value < ROUNDS);
			threshold_let_go(held);
		}
	}
	pthread_join(thread, NULL);
	thresholds_destroy(set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse_source),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_each),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
