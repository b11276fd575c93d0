/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "resolve/cache.h"

static const uint64_t SECOND = 1000000000;

static struct base_hash hash;

static const struct resolve_limits limits = {.entries = 4,
	.queue = 3,
	.ttl_min_ms = 10000,
	.ttl_max_ms = 100000,
	.negative_ms = 20000,
	.retry_ms = 5000};

static void open_cache(struct resolve_cache *c)
{
	assert_int_equal(base_hash_init(&hash), 0);
	assert_int_equal(resolve_cache_init(c, &limits, &hash), 0);
}

static struct base_addr host(uint8_t number)
{
	const uint8_t bytes[4] = {10, 0, 0, number};

	return base_addr_from(bytes, sizeof(bytes));
}

/* Look up, expecting `name`; NULL: not known yet; "": there is none. */
static void expect(struct resolve_cache *c, uint8_t number, uint64_t at, const char *name)
{
	struct base_addr addr = host(number);
	char text[256];
	struct base_text t = base_text(text, sizeof(text));
	enum resolve_answer answer = resolve_cache_find(c, &addr, at * SECOND, &t);

	assert_int_equal(answer, !name   ? RESOLVE_IS_UNKNOWN
				 : *name ? RESOLVE_IS_NAME
					 : RESOLVE_IS_NONE);
	assert_string_equal(text, name ? name : "");
}

static struct resolve_question take(struct resolve_cache *c, uint8_t number)
{
	struct base_addr addr = host(number);
	struct resolve_question q;

	assert_true(resolve_cache_next(c, &q));
	assert_true(base_addr_equal(&q.addr, &addr));
	return q;
}

static void expect_idle(struct resolve_cache *c)
{
	struct resolve_question q;

	assert_false(resolve_cache_next(c, &q));
}

/* Asked once; answered from the cache until the time to live is over. */
static void test_name(void **state)
{
	struct resolve_cache c;
	struct resolve_question q;

	open_cache(&c);
	expect(&c, 1, 0, NULL);
	expect(&c, 1, 1, NULL);
	q = take(&c, 1);
	expect(&c, 1, 2, NULL);
	expect_idle(&c);
	resolve_cache_answer(&c, &q, "one.", 50000, 2 * SECOND);
	expect(&c, 1, 51, "one.");
	expect_idle(&c);
	/* It has run out: it holds until it is answered anew. */
	expect(&c, 1, 52, "one.");
	q = take(&c, 1);
	expect(&c, 1, 53, "one.");
	expect_idle(&c);
	resolve_cache_answer(&c, &q, "uno.", 50000, 53 * SECOND);
	expect(&c, 1, 54, "uno.");
	assert_int_equal(c.stats[RESOLVE_LOOKUPS], 7);
	assert_int_equal(c.stats[RESOLVE_NAMES], 4);
	assert_int_equal(c.stats[RESOLVE_UNKNOWN], 3);
	assert_int_equal(c.stats[RESOLVE_CACHED], 1);
	resolve_cache_fini(&c);
}

static void test_time_to_live_is_bounded(void **state)
{
	static const struct {
		uint64_t ttl_ms, good, over;
	} rows[] = {{0, 9, 10}, {10000, 9, 10}, {99000, 98, 99}, {1000000, 99, 100}};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct resolve_cache c;
		struct resolve_question q;

		open_cache(&c);
		expect(&c, 1, 0, NULL);
		q = take(&c, 1);
		resolve_cache_answer(&c, &q, "one.", rows[i].ttl_ms, 0);
		expect(&c, 1, rows[i].good, "one.");
		expect_idle(&c);
		expect(&c, 1, rows[i].over, "one.");
		take(&c, 1);
		resolve_cache_fini(&c);
	}
}

static void test_no_name(void **state)
{
	struct resolve_cache c;
	struct resolve_question q;

	open_cache(&c);
	expect(&c, 1, 0, NULL);
	q = take(&c, 1);
	resolve_cache_answer(&c, &q, NULL, 0, 0);
	expect(&c, 1, 19, "");
	expect_idle(&c);
	expect(&c, 1, 20, "");
	q = take(&c, 1);
	resolve_cache_answer(&c, &q, "one.", 10000, 20 * SECOND);
	expect(&c, 1, 21, "one.");
	resolve_cache_fini(&c);
}

/* A server that fails takes no name away, and is asked again soon. */
static void test_failure(void **state)
{
	struct resolve_cache c;
	struct resolve_question q;

	open_cache(&c);
	expect(&c, 1, 0, NULL);
	q = take(&c, 1);
	resolve_cache_fail(&c, &q, 0);
	expect(&c, 1, 4, "");
	expect_idle(&c);
	expect(&c, 1, 5, "");
	q = take(&c, 1);
	resolve_cache_answer(&c, &q, "one.", 10000, 5 * SECOND);
	expect(&c, 1, 15, "one.");
	q = take(&c, 1);
	resolve_cache_fail(&c, &q, 15 * SECOND);
	expect(&c, 1, 19, "one.");
	expect_idle(&c);
	expect(&c, 1, 20, "one.");
	take(&c, 1);
	resolve_cache_fini(&c);
}

/* A question that finds no room is asked again later; nothing is kept of it. */
static void test_queue_is_bounded(void **state)
{
	struct resolve_cache c;

	open_cache(&c);
	for (uint8_t i = 1; i <= 4; i++)
		expect(&c, i, 0, NULL);
	assert_int_equal(c.stats[RESOLVE_QUEUE_FULL], 1);
	assert_int_equal(c.stats[RESOLVE_CACHED], 3);
	take(&c, 1);
	expect(&c, 4, 0, NULL);
	assert_int_equal(c.stats[RESOLVE_QUEUE_FULL], 1);
	take(&c, 2);
	take(&c, 3);
	take(&c, 4);
	expect_idle(&c);
	resolve_cache_fini(&c);
}

/* A full cache gives up what was not looked for lately, and nothing that a question is about. */
static void test_cache_is_bounded(void **state)
{
	static const char *const names[] = {"", "one.", "two.", "three.", "four."};
	struct resolve_cache c;
	struct resolve_question q;

	open_cache(&c);
	for (uint8_t i = 1; i <= 4; i++) {
		expect(&c, i, 0, NULL);
		q = take(&c, i);
		if (i < 4)
			resolve_cache_answer(&c, &q, names[i], 100000, 0);
	}
	expect(&c, 1, 1, "one.");
	expect(&c, 3, 1, "three.");
	expect(&c, 5, 1, NULL); /* in place of 2 */
	take(&c, 5);
	assert_int_equal(c.stats[RESOLVE_EVICTED], 1);
	assert_int_equal(c.stats[RESOLVE_CACHED], 4);
	expect(&c, 1, 1, "one.");
	expect(&c, 3, 1, "three.");
	expect(&c, 4, 1, NULL);
	expect_idle(&c);
	resolve_cache_fini(&c);
}

static void test_cache_of_questions(void **state)
{
	struct resolve_cache c;

	open_cache(&c);
	for (uint8_t i = 1; i <= 4; i++) {
		expect(&c, i, 0, NULL);
		take(&c, i);
	}
	expect(&c, 5, 0, NULL);
	expect_idle(&c);
	assert_int_equal(c.stats[RESOLVE_CACHE_FULL], 1);
	assert_int_equal(c.stats[RESOLVE_EVICTED], 0);
	resolve_cache_fini(&c);
}

/* Addresses of either family, many times the room, in changing order: it stays within bounds. */
static void test_churn(void **state)
{
	struct resolve_cache c;
	uint64_t answered = 0;

	open_cache(&c);
	for (unsigned i = 0; i < 100000; i++) {
		uint8_t bytes[16] = {(uint8_t)(i * 7), (uint8_t)(i % 11)};
		struct base_addr addr = base_addr_from(bytes, i % 3 ? 4 : 16);
		char text[256];
		struct base_text t = base_text(text, sizeof(text));
		struct resolve_question q;

		answered += resolve_cache_find(&c, &addr, i * SECOND, &t) == RESOLVE_IS_NAME;
		if (i % 2 && resolve_cache_next(&c, &q))
			resolve_cache_answer(&c, &q, "x.", i % 50000, i * SECOND);
		assert_true(c.stats[RESOLVE_CACHED] <= limits.entries);
		assert_true(c.waiting <= limits.queue);
		assert_int_equal(c.entries.count - c.entries.holes, c.stats[RESOLVE_CACHED]);
	}
	assert_int_equal(c.stats[RESOLVE_NAMES], answered);
	assert_int_equal(c.stats[RESOLVE_LOOKUPS],
		c.stats[RESOLVE_NAMES] + c.stats[RESOLVE_NAMELESS] + c.stats[RESOLVE_UNKNOWN]);
	assert_true(c.stats[RESOLVE_EVICTED] > 1000);
	resolve_cache_fini(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_name),
		cmocka_unit_test(test_time_to_live_is_bounded),
		cmocka_unit_test(test_no_name),
		cmocka_unit_test(test_failure),
		cmocka_unit_test(test_queue_is_bounded),
		cmocka_unit_test(test_cache_is_bounded),
		cmocka_unit_test(test_cache_of_questions),
		cmocka_unit_test(test_churn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
