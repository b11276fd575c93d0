/* SPDX-License-Identifier: BSD-3-Clause */
#include <inttypes.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/clock.h"
#include "window/ring.h"

enum { SIZE = 8, VIEW = 5, READERS = 3, MANY = 20000 };

static const struct ring_options options = {.id = "eventID", .size = SIZE, .view = VIEW};

/* All that it holds is derived from `i`, so that a freed or mixed one shows. */
static struct ring_document *make(const char *name, unsigned i)
{
	char text[16], twice[16];
	const struct metric_pair pairs[] = {{"value", text, true}, {"twice", twice, false}};

	snprintf(text, sizeof(text), "%u", i);
	snprintf(twice, sizeof(twice), "%u", 2 * i);
	return ring_document(name, i, pairs, 2);
}

static void check(const struct ring_document *d)
{
	assert_int_equal(d->count, 2);
	assert_int_equal(strtoull(d->pairs[0].text, NULL, 10), d->time_ms);
	assert_int_equal(strtoull(d->pairs[1].text, NULL, 10), 2 * d->time_ms);
	assert_string_equal(d->pairs[1].name, "twice");
	assert_true(d->pairs[0].number && !d->pairs[1].number);
}

static void put(struct ring *r, const char *name, unsigned from, unsigned to)
{
	for (unsigned i = from; i <= to; i++)
		assert_int_equal(ring_put(r, make(name, i)), i);
}

/* The ids that are read are those of the list, which 0 ends. */
static void assert_newest(
	struct ring *r, int64_t since, const char *name, unsigned max, const uint64_t *want)
{
	struct ring_document *list[SIZE];
	unsigned n = ring_read_newest(r, since, name, list, max);

	for (unsigned i = 0; i < n; i++) {
		check(list[i]);
		assert_int_equal(list[i]->id, want[i]);
	}
	assert_int_equal(want[n], 0);
	ring_release(list, n);
}

#define IDS(...) ((const uint64_t[]){__VA_ARGS__, 0})

static void test_newest(void **state)
{
	struct ring *r = ring_create(&options);

	assert_string_equal(ring_id_name(r), "eventID");
	assert_int_equal(ring_newest(r), 0);
	assert_newest(r, -1, NULL, SIZE, IDS(0));
	put(r, "a", 1, 1);
	put(r, "b", 2, 3);
	assert_newest(r, -1, NULL, SIZE, IDS(3, 2, 1));
	assert_newest(r, 0, NULL, SIZE, IDS(3, 2, 1));
	assert_newest(r, 1, NULL, SIZE, IDS(3, 2));
	assert_newest(r, 3, NULL, SIZE, IDS(0));
	assert_newest(r, -1, "a", SIZE, IDS(1));
	assert_newest(r, -1, "c", SIZE, IDS(0));
	assert_newest(r, -1, NULL, 2, IDS(3, 2));
	assert_newest(r, 99, NULL, SIZE, IDS(3, 2, 1)); /* of an earlier run */
	put(r, "a", 4, 6);
	assert_newest(r, -1, NULL, SIZE, IDS(6, 5, 4, 3, 2)); /* the view */
	put(r, "a", 7, 20);
	assert_newest(r, -1, NULL, SIZE, IDS(20, 19, 18, 17, 16));
	assert_newest(r, 18, NULL, SIZE, IDS(20, 19));
	put(r, "b", 21, 21);
	put(r, "a", 22, 28);
	assert_newest(r, -1, "b", SIZE, IDS(21)); /* others do not push it out of the view */
	assert_newest(r, -1, "a", SIZE, IDS(28, 27, 26, 25, 24));
	put(r, "a", 29, 29);
	assert_newest(r, -1, "b", SIZE, IDS(0));
	ring_destroy(r);
	ring_destroy(NULL);
}

static void test_held_stay(void **state)
{
	struct ring *r = ring_create(&options);
	struct ring_document *list[SIZE];

	put(r, "a", 1, 3);
	assert_int_equal(ring_read_newest(r, -1, NULL, list, SIZE), 3);
	put(r, "a", 4, 40);
	for (unsigned i = 0; i < 3; i++) {
		check(list[i]);
		assert_int_equal(list[i]->id, 3 - i);
	}
	ring_destroy(r);
	ring_release(list, 3);
}

static void assert_untold(struct ring *r, unsigned max, const uint64_t *want)
{
	struct ring_document *list[SIZE];
	unsigned n = ring_read_untold(r, list, max);

	for (unsigned i = 0; i < n; i++)
		assert_int_equal(list[i]->id, want[i]);
	assert_int_equal(want[n], 0);
	ring_release(list, n);
}

static void test_consumer(void **state)
{
	struct ring *r = ring_create(&options);

	ring_consume(r);
	assert_untold(r, SIZE, IDS(0));
	put(r, "a", 1, 5);
	assert_untold(r, 2, IDS(1, 2));
	assert_untold(r, SIZE, IDS(1, 2, 3, 4, 5)); /* again, until it was told */
	ring_told(r, 2);
	assert_untold(r, SIZE, IDS(3, 4, 5));
	put(r, "a", 6, 10);
	assert_int_equal(ring_dropped(r), 0);
	put(r, "a", 11, 11); /* in the place of 3, which the consumer has in hand */
	assert_int_equal(ring_dropped(r), 0);
	assert_int_equal(ring_told_until(r), 3);
	assert_untold(r, SIZE, IDS(4, 5, 6, 7, 8, 9, 10, 11)); /* it has not dealt with it */
	assert_int_equal(ring_dropped(r), 1);
	put(r, "a", 12, 30);
	assert_int_equal(ring_dropped(r), 12); /* and 12 to 22, which it never had */
	ring_told(r,
		10); /* a late word about what was given up before: 11 alone was not dealt with */
	assert_int_equal(ring_dropped(r), 13);
	assert_untold(r, 1, IDS(23));
	put(r, "a", 31, 31);
	assert_int_equal(ring_dropped(r), 13);
	ring_told(r, 0);
	assert_int_equal(ring_dropped(r), 14);
	ring_told(r, 31);
	assert_untold(r, SIZE, IDS(0));
	assert_int_equal(ring_dropped(r), 14);
	ring_destroy(r);
}

/* Nobody who is to see all: nothing is counted. */
static void test_no_consumer(void **state)
{
	struct ring *r = ring_create(&options);

	put(r, "a", 1, 30);
	assert_int_equal(ring_dropped(r), 0);
	ring_consume(r);
	put(r, "a", 31, 31);
	assert_int_equal(ring_dropped(r), 1);
	ring_destroy(r);
}

static void test_wait_times_out(void **state)
{
	struct ring *r = ring_create(&options);
	uint64_t start = base_clock_mono_ns();

	put(r, "a", 1, 7);
	assert_int_equal(ring_wait(r, 6, 10000), 7);
	assert_int_equal(ring_wait(r, 7, 20), 7);
	assert_int_equal(ring_wait(r, 1000, 20), 7);
	assert_true(base_clock_mono_ns() - start >= 40000000u);
	ring_destroy(r);
}

static void *put_later(void *arg)
{
	nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
	ring_put(arg, make("a", 1));
	return NULL;
}

static void test_wait_wakes(void **state)
{
	struct ring *r = ring_create(&options);
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, put_later, r), 0);
	assert_int_equal(
		ring_wait(r, 5, 10000), 1); /* newer than all, though 5 is of another run */
	pthread_join(thread, NULL);
	ring_destroy(r);
}

static unsigned wrong_of(const struct ring_document *d)
{
	return d->count != 2 || strtoull(d->pairs[0].text, NULL, 10) != d->time_ms ||
	       strtoull(d->pairs[1].text, NULL, 10) != 2 * d->time_ms;
}

static void *read_newest(void *arg)
{
	struct ring_document *list[SIZE];
	uint64_t last = 0, wrong = 0;
	struct ring *r = arg;

	while (last < MANY) {
		uint64_t newest = ring_wait(r, last, 1000);
		unsigned n = ring_read_newest(r, (int64_t)last, NULL, list, SIZE);

		if (n == 0) /* nothing new came in time */
			continue;
		wrong += list[0]->id < newest;
		for (unsigned i = 0; i < n; i++)
			wrong += wrong_of(list[i]) || list[i]->id <= last ||
				 list[i]->id != list[0]->id - i;
		last = list[0]->id;
		ring_release(list, n);
	}
	return (void *)(uintptr_t)wrong;
}

/* @return how many it saw; a document that was wrong counts for all there are */
static void *consume(void *arg)
{
	struct ring_document *list[SIZE];
	uint64_t last = 0, seen = 0;
	struct ring *r = arg;

	while (last < MANY) {
		unsigned n;

		ring_wait(r, last, 1000);
		n = ring_read_untold(r, list, SIZE);
		for (unsigned i = 0; i < n; i++) {
			seen += wrong_of(list[i]) || list[i]->id <= last ? 2 * MANY : 1;
			last = list[i]->id;
		}
		ring_told(r, last);
		ring_release(list, n);
	}
	return (void *)(uintptr_t)seen;
}

static void test_threads(void **state)
{
	struct ring *r = ring_create(&options);
	pthread_t threads[READERS + 1];
	void *wrong, *seen;

	ring_consume(r);
	for (unsigned i = 0; i < READERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, read_newest, r), 0);
	assert_int_equal(pthread_create(&threads[READERS], NULL, consume, r), 0);
	for (unsigned i = 1; i <= MANY; i++)
		ring_put(r, make("a", i));
	for (unsigned i = 0; i < READERS; i++) {
		pthread_join(threads[i], &wrong);
		assert_null(wrong);
	}
	pthread_join(threads[READERS], &seen);
	assert_in_range((uintptr_t)seen, 1, MANY);
	/* One that is given up between its sight and the word about it counts once. */
	assert_int_equal((uintptr_t)seen + ring_dropped(r), MANY);
	assert_int_equal(ring_newest(r), MANY);
	assert_int_equal(ring_told_until(r), MANY);
	ring_destroy(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_newest),
		cmocka_unit_test(test_held_stay),
		cmocka_unit_test(test_consumer),
		cmocka_unit_test(test_no_consumer),
		cmocka_unit_test(test_wait_times_out),
		cmocka_unit_test(test_wait_wakes),
		cmocka_unit_test(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
