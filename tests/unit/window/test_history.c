/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "window/history.h"

enum { HOUR = 3600, RING = 64 };

static const uint64_t START_MS = 1700000000000; /* a multiple of ten seconds */
static const struct ring_options ring_options = {.id = "stepID", .size = RING, .view = RING};

/* A window of one definition with these flows. */
static void window(struct history *h, const char *name, uint64_t start_ms, uint64_t end_ms,
	uint64_t total, const struct window_flow *top, unsigned count)
{
	const struct window_flows flows = {.name = name,
		.meaning = 7,
		.unit = "bytes",
		.total = total,
		.samples = 2,
		.count = count,
		.top = top};
	const struct window_snapshot s = {.start_ms = START_MS + start_ms,
		.end_ms = START_MS + end_ms,
		.flow_count = 1,
		.flows = &flows};

	history_add(h, &s);
}

static struct history_step *read_steps(struct history *h, const char *name, bool coarse, int want)
{
	static struct history_step steps[HISTORY_COARSE];
	char unit[32];

	assert_int_equal(history_read(h, name, coarse, unit, steps), want);
	if (want > 0)
		assert_string_equal(unit, "bytes");
	return steps;
}

/* Windows shorter than a step add up; flows are those at the end of it. */
static void test_short_windows(void **state)
{
	struct history *h = history_create(NULL);
	const struct window_flow top[] = {{.key = "a", .value = 9}, {.key = "b", .value = 8},
		{.key = "c", .value = 7}, {.key = "d", .value = 6}, {.key = "e", .value = 5},
		{.key = "f", .value = 4}};
	const struct window_flow last[] = {{.key = "z", .value = 3}};
	struct history_step *s;

	read_steps(h, "f", false, -ENOENT);
	for (unsigned i = 0; i < 9; i++)
		window(h, "f", 100 * i, 100 * i + 100, i, top, 6);
	read_steps(h, "f", false, 0);
	window(h, "f", 900, 1000, 100, last, 1);
	window(h, "f", 1000, 2000, 5, top, 6);
	s = read_steps(h, "f", false, 2);
	assert_int_equal(s[0].start_ms, START_MS);
	assert_int_equal(s[0].end_ms, START_MS + 1000);
	assert_int_equal(s[0].total, 36 + 100);
	assert_int_equal(s[0].samples, 20);
	assert_int_equal(s[0].count, 1);
	assert_string_equal(s[0].top[0].key, "z");
	assert_int_equal(s[1].total, 5);
	assert_int_equal(s[1].count, HISTORY_TOP);
	assert_string_equal(s[1].top[4].key, "e");
	assert_true(s[1].top[4].value == 5);
	history_destroy(h);
	history_destroy(NULL);
}

/* Ten seconds: the exact sum, and flows by the mean over their seconds. */
static void test_coarse(void **state)
{
	struct history *h = history_create(NULL);
	struct history_step *s;

	for (unsigned i = 0; i < 20; i++) {
		const struct window_flow top[] = {{.key = i < 2 ? "once" : "x", .value = 100},
			{.key = "always", .value = 50}};

		window(h, "f", 1000 * i, 1000 * i + 1000, i, top, 2);
	}
	s = read_steps(h, "f", true, 2);
	assert_int_equal(s[0].total, 45);
	assert_int_equal(s[1].total, 145);
	assert_int_equal(s[1].start_ms, START_MS + 10000);
	assert_int_equal(s[1].end_ms, START_MS + 20000);
	assert_int_equal(s[0].count, 3);
	assert_string_equal(s[0].top[0].key, "x");
	assert_true(s[0].top[0].value == 80);
	assert_string_equal(s[0].top[1].key, "always");
	assert_true(s[0].top[1].value == 50);
	assert_string_equal(s[0].top[2].key, "once");
	assert_true(s[0].top[2].value == 20);
	assert_int_equal(s[1].count, 2);
	history_destroy(h);
}

/* An hour and more: as many steps as there is room for, the newest; totals of both agree. */
static void test_hour(void **state)
{
	struct history *h = history_create(NULL);
	uint64_t sum = 0;
	struct history_step *s;

	for (unsigned i = 0; i < HOUR + 100; i++)
		window(h, "f", 1000ull * i, 1000ull * i + 1000, i, NULL, 0);
	s = read_steps(h, "f", false, HISTORY_FINE);
	assert_int_equal(s[HISTORY_FINE - 1].total, HOUR + 99);
	for (unsigned i = 1; i < HISTORY_FINE; i++)
		assert_int_equal(s[i].start_ms, s[i - 1].end_ms);
	for (unsigned i = HISTORY_FINE - 10; i < HISTORY_FINE; i++)
		sum += s[i].total;
	s = read_steps(h, "f", true, HISTORY_COARSE);
	assert_int_equal(s[HISTORY_COARSE - 1].total, sum);
	assert_int_equal(s[0].start_ms, START_MS + 100000);
	history_destroy(h);
}

/* A window longer than a step is one. */
static void test_long_windows(void **state)
{
	struct history *h = history_create(NULL);
	const struct window_flow top[] = {{.key = "a", .value = 9}};
	struct history_step *s;

	for (unsigned i = 0; i < 3; i++)
		window(h, "f", 60000 * i, 60000 * i + 60000, 60, top, 1);
	s = read_steps(h, "f", false, 3);
	assert_int_equal(s[2].end_ms - s[2].start_ms, 60000);
	s = read_steps(h, "f", true, 3);
	assert_int_equal(s[2].end_ms - s[2].start_ms, 60000);
	assert_true(s[2].top[0].value == 9);
	history_destroy(h);
}

/* The clock is set back an hour: what is open begins anew, and steps end after they begin. */
static void test_set_back(void **state)
{
	struct history *h = history_create(NULL);
	const struct window_flow top[] = {{.key = "a", .value = 9}};
	struct history_step *s;

	for (unsigned i = 0; i < 45; i++)
		window(h, "f", 3600000 + 100 * i, 3600000 + 100 * i + 100, 1, top, 1);
	read_steps(h, "f", false, 4);
	for (unsigned i = 0; i < 100; i++)
		window(h, "f", 100 * i, 100 * i + 100, 1, top, 1);
	s = read_steps(h, "f", false, 14);
	for (unsigned i = 0; i < 14; i++) {
		assert_int_equal(s[i].end_ms - s[i].start_ms, 1000);
		assert_int_equal(s[i].total, 10);
	}
	s = read_steps(h, "f", true, 1);
	assert_int_equal(s[0].start_ms, START_MS);
	assert_int_equal(s[0].end_ms, START_MS + 10000);
	assert_int_equal(s[0].total, 100);
	assert_true(s[0].top[0].value == 9);
	history_destroy(h);
}

/* A definition that goes is forgotten; one that counts something else begins anew; keys are cut. */
static void test_changes(void **state)
{
	struct window_flows flows[2] = {
		{.name = "a", .unit = "bytes", .meaning = 1}, {.name = "b", .unit = "bytes"}};
	struct window_snapshot s = {
		.start_ms = START_MS, .end_ms = START_MS + 1000, .flow_count = 2, .flows = flows};
	struct history *h = history_create(NULL);
	struct history_step *steps;
	struct window_flow top = {.value = 1};
	char key[300];

	memset(key, 'k', sizeof(key));
	key[299] = '\0';
	top.key = key;
	history_add(h, &s);
	read_steps(h, "a", false, 1);
	read_steps(h, "b", false, 1);
	flows[0].meaning = 2;
	flows[0].count = 1;
	flows[0].top = &top;
	s.start_ms += 1000;
	s.end_ms += 1000;
	s.flow_count = 1;
	history_add(h, &s);
	read_steps(h, "b", false, -ENOENT);
	steps = read_steps(h, "a", false, 1);
	assert_int_equal(strlen(steps[0].top[0].key), HISTORY_KEY - 1);
	assert_string_equal(steps[0].top[0].key + HISTORY_KEY - 5, "k...");
	history_destroy(h);
}

static void test_documents(void **state)
{
	struct ring *ring = ring_create(&ring_options);
	struct history *h = history_create(ring);
	const struct window_flow top[] = {{.key = "a\"\\", .value = 1.5}};
	struct ring_document *list[RING];
	unsigned n;

	for (unsigned i = 0; i < 10; i++)
		window(h, "f", 1000 * i, 1000 * i + 1000, 3, top, 1);
	n = ring_read_newest(ring, -1, "f", list, RING);
	assert_int_equal(n, 11);
	assert_string_equal(list[0]->pairs[0].text, "10s");
	assert_string_equal(list[0]->pairs[3].text, "30");
	assert_string_equal(list[1]->pairs[0].text, "1s");
	assert_string_equal(list[1]->pairs[5].text, "[{\"key\":\"a\\\"\\\\\",\"value\":1.5}]");
	ring_release(list, n);
	history_destroy(h);
	ring_destroy(ring);
}

static void *read_all(void *arg)
{
	static struct history_step steps[HISTORY_COARSE];
	uintptr_t wrong = 0;
	char unit[32];
	int n = 0;

	while (n < HISTORY_FINE) {
		n = history_read(arg, "f", false, unit, steps);
		for (int i = 1; i < n; i++)
			wrong += steps[i].total != steps[i - 1].total + 1;
	}
	return (void *)wrong;
}

static void test_threads(void **state)
{
	struct history *h = history_create(NULL);
	pthread_t thread;
	void *wrong;

	assert_int_equal(pthread_create(&thread, NULL, read_all, h), 0);
	for (unsigned i = 0; i < 2 * HISTORY_FINE; i++)
		window(h, "f", 1000 * i, 1000 * i + 1000, i, NULL, 0);
	pthread_join(thread, &wrong);
	assert_null(wrong);
	history_destroy(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_short_windows),
		cmocka_unit_test(test_coarse),
		cmocka_unit_test(test_hour),
		cmocka_unit_test(test_long_windows),
		cmocka_unit_test(test_set_back),
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_documents),
		cmocka_unit_test(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
