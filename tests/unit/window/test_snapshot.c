/* SPDX-License-Identifier: BSD-3-Clause */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "window/snapshot.h"

enum {
	READERS = 3,
	WINDOWS = 3000,
	FLOWS = 32,
};

/* All that it holds is derived from its number, so that a freed or mixed one shows. */
static struct window_snapshot *make_snapshot(uint64_t number)
{
	struct window_snapshot *s = calloc(1, sizeof(*s));
	struct window_flows *f = base_region_alloc(&s->region, FLOWS * sizeof(*f));

	for (unsigned i = 0; i < FLOWS; i++)
		f[i].total = number * (i + 1);
	s->number = number;
	s->flows = f;
	s->flow_count = FLOWS;
	return s;
}

static void test_empty(void **state)
{
	struct window_exchange *x = window_exchange_create();

	window_exchange_register();
	assert_null(window_exchange_hold(x));
	window_exchange_release(x);
	assert_int_equal(window_exchange_wait(x, 0, 0), 0);
	window_exchange_unregister();
	window_exchange_destroy(x);
	window_exchange_destroy(NULL);
}

static void test_put_and_hold(void **state)
{
	struct window_exchange *x = window_exchange_create();
	const struct window_snapshot *s;

	window_exchange_register();
	window_exchange_put(x, make_snapshot(1));
	s = window_exchange_hold(x);
	assert_int_equal(s->number, 1);
	window_exchange_put(x, make_snapshot(2)); /* does not wait for us */
	assert_int_equal(s->flows[3].total, 4);
	window_exchange_release(x);
	s = window_exchange_hold(x);
	assert_int_equal(s->number, 2);
	window_exchange_release(x);
	window_exchange_unregister();
	window_exchange_destroy(x);
}

static void test_want_all(void **state)
{
	struct window_exchange *x = window_exchange_create();

	assert_false(window_exchange_wants_all(x));
	window_exchange_want_all(x);
	window_exchange_want_all(x);
	assert_true(window_exchange_wants_all(x));
	assert_false(window_exchange_wants_all(x));
	window_exchange_destroy(x);
}

/* A question lasts for some windows. */
static void test_want_view(void **state)
{
	struct window_exchange *x = window_exchange_create();

	assert_false(window_exchange_wants_view(x));
	window_exchange_want_view(x);
	for (unsigned i = 0; i < 20; i++)
		assert_true(window_exchange_wants_view(x));
	window_exchange_destroy(x);
}

static void test_wait_times_out(void **state)
{
	struct window_exchange *x = window_exchange_create();
	uint64_t start = base_clock_mono_ns();

	window_exchange_put(x, make_snapshot(7));
	assert_int_equal(window_exchange_wait(x, 6, 10000), 7);
	assert_int_equal(window_exchange_wait(x, 7, 50), 7);
	assert_in_range(base_clock_mono_ns() - start, 50000000u, 5000000000u);
	window_exchange_destroy(x);
}

static void *put_later(void *arg)
{
	nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
	window_exchange_put(arg, make_snapshot(1));
	return NULL;
}

static void test_wait_wakes(void **state)
{
	struct window_exchange *x = window_exchange_create();
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, put_later, x), 0);
	assert_int_equal(window_exchange_wait(x, 0, 10000), 1);
	pthread_join(thread, NULL);
	window_exchange_destroy(x);
}

static void *read_all(void *arg)
{
	struct window_exchange *x = arg;
	uint64_t last = 0, wrong = 0;

	window_exchange_register();
	while (last < WINDOWS) {
		const struct window_snapshot *s;

		window_exchange_wait(x, last, 1000);
		s = window_exchange_hold(x);
		if (s) {
			wrong += s->number < last;
			last = s->number;
			for (unsigned i = 0; i < s->flow_count; i++)
				wrong += s->flows[i].total != last * (i + 1);
		}
		window_exchange_release(x);
	}
	window_exchange_unregister();
	return (void *)(uintptr_t)wrong;
}

static void test_readers(void **state)
{
	struct window_exchange *x = window_exchange_create();
	pthread_t threads[READERS];
	void *wrong;

	for (unsigned i = 0; i < READERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, read_all, x), 0);
	for (uint64_t number = 1; number <= WINDOWS; number++)
		window_exchange_put(x, make_snapshot(number));
	for (unsigned i = 0; i < READERS; i++) {
		pthread_join(threads[i], &wrong);
		assert_null(wrong);
	}
	window_exchange_destroy(x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_put_and_hold),
		cmocka_unit_test(test_want_all),
		cmocka_unit_test(test_want_view),
		cmocka_unit_test(test_wait_times_out),
		cmocka_unit_test(test_wait_wakes),
		cmocka_unit_test(test_readers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
