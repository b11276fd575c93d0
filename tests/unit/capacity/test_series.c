/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <time.h>

#include "capacity/series.h"

static void test_years(void **state)
{
	for (uint32_t day = 0; day < 60000; day++) {
		const struct capacity_extent b = capacity_block_of(CAPACITY_DAY, day);
		time_t t = (time_t)day * 86400, first = (time_t)b.base * 86400;
		struct tm tm, tm_first;

		gmtime_r(&t, &tm);
		gmtime_r(&first, &tm_first);
		assert_int_equal(b.number, tm.tm_year + 1900);
		assert_int_equal(tm_first.tm_yday, 0);
		assert_int_equal(tm_first.tm_year, tm.tm_year);
		assert_in_range(day, b.base, b.base + b.slots - 1);
	}
}

static void test_weeks(void **state)
{
	const struct capacity_extent b = capacity_block_of(CAPACITY_HOUR, 495000);

	assert_int_equal(b.number, 2946);
	assert_int_equal(b.base, 2946 * 168);
	assert_int_equal(b.slots, 168);
	assert_int_equal(capacity_block_end_s(CAPACITY_HOUR, &b), 2947 * 7 * 86400);
}

static void test_keys(void **state)
{
	struct capacity_series s = {.index = 10}, g = {.group = "core"};
	char key[CAPACITY_KEY];

	base_addr_parse("10.0.0.1", &s.agent);
	assert_string_equal(capacity_block_key(key, "weir", &s, CAPACITY_HOUR, 2946),
		"weir:capacity:{10.0.0.1}:10:hours:2946");
	assert_string_equal(capacity_block_key(key, "weir", &g, CAPACITY_DAY, 2026),
		"weir:capacity:group:{core}:days:2026");
	assert_string_equal(capacity_agent_key(key, "weir", &s.agent), "weir:capacity:{10.0.0.1}");
	assert_string_equal(capacity_key(key, "weir", "agents"), "weir:capacity:agents");
}

static void test_about(void **state)
{
	const struct capacity_about a = {.since = 495000,
		.seen = 495003,
		.speed = 1e10,
		.rank = {4000, 65535},
		.name = "Ethernet1/1 to spine"};
	char text[CAPACITY_ABOUT];
	struct capacity_about b;
	size_t len = capacity_about_write(&a, text);

	assert_string_equal(text, "495000 495003 10000000000 4000 65535 Ethernet1/1 to spine");
	memset(&b, 0xFF, sizeof(b));
	assert_true(capacity_about_read(text, len, &b));
	assert_int_equal(b.since, a.since);
	assert_int_equal(b.seen, a.seen);
	assert_true(b.speed == a.speed);
	assert_memory_equal(b.rank, a.rank, sizeof(a.rank));
	assert_string_equal(b.name, a.name);
}

static void test_about_refused(void **state)
{
	static const char *const rows[] = {"", "1", "1 2 3 4 5", "1 2 3 4 65536 x", "-1 2 3 4 5 x",
		"1 2 3 4 5x y", "1 2 99999999999999999999 4 5 x", "1 2 3 4 5 a\nb", " 1 2 3 4 5 x",
		"1 2 3 4 5 "
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
	struct capacity_about a;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_false(capacity_about_read(rows[i], strlen(rows[i]), &a));
	assert_false(capacity_about_read("1 2 3 4 5 a\0b", 13, &a));
	assert_true(capacity_about_read("1 2 3 4 5 ", 10, &a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_years),
		cmocka_unit_test(test_weeks),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_about),
		cmocka_unit_test(test_about_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
