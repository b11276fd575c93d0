/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "watch.h"

#define S UINT64_C(1000000000)

static uint64_t rx, aggregator;

static void start(struct watch *w)
{
	watch_init(w, 0);
	watch_add(w, &aggregator, 0, "aggregator");
	watch_add(w, &rx, 0, "RX core of queue %u", 3);
}

/* The watchdog of 8 s is fed each 2 s while both go on, and no longer once one of them does not. */
static void test_feeds(void **state)
{
	struct watch w;
	unsigned fed = 0;

	(void)state;
	start(&w);
	for (uint64_t t = 1; t <= 40; t++) {
		rx++;
		aggregator++;
		fed += watch_look(&w, t * S / 2, 8 * S);
	}
	assert_int_equal(fed, 10);
	fed = 0;
	for (uint64_t t = 41; t <= 80; t++) {
		aggregator++; /* the RX core is stuck */
		fed += watch_look(&w, t * S / 2, 8 * S);
	}
	assert_true(fed <= 1); /* what it did before it stuck still counts */
	assert_string_equal(watch_stuck(&w), "RX core of queue 3");
	rx++;
	assert_true(watch_look(&w, 41 * S, 8 * S));
	assert_null(watch_stuck(&w));
}

static void test_aggregator(void **state)
{
	struct watch w;

	(void)state;
	start(&w);
	for (uint64_t t = 1; t <= 20; t++) {
		rx++;
		assert_false(watch_look(&w, t * S, 8 * S));
	}
	assert_string_equal(watch_stuck(&w), "aggregator");
}

/* A source that has ended is not stuck. */
static void test_end(void **state)
{
	struct watch w;

	(void)state;
	start(&w);
	watch_end(&w, &rx);
	aggregator++;
	assert_true(watch_look(&w, 20 * S, 8 * S));
	assert_null(watch_stuck(&w));
}

/* Without a watchdog it looks all the same, and nobody is fed. */
static void test_none(void **state)
{
	struct watch w;
	char *text = NULL;
	size_t len = 0;
	FILE *log = open_memstream(&text, &len);

	(void)state;
	start(&w);
	base_log_set_output(log);
	for (uint64_t t = 1; t <= 20; t++) {
		aggregator++;
		assert_false(watch_look(&w, t * S, 0));
	}
	rx++;
	watch_look(&w, 21 * S, 0);
	base_log_set_output(NULL);
	fclose(log);
	assert_non_null(strstr(text, "error: the RX core of queue 3 has not moved for 11 s\n"));
	assert_non_null(strstr(text, "notice: the RX core of queue 3 goes on after 21 s\n"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_feeds),
		cmocka_unit_test(test_aggregator),
		cmocka_unit_test(test_end),
		cmocka_unit_test(test_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
