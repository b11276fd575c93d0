/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>

#include "conf/schema_pvt.h"
#include "conf_test.h"

static void test_good(void **state)
{
	static const struct {
		const char *text;
		uint64_t ms;
	} good[] = {
		{"100ms", 100},
		{"1s", 1000},
		{"1", 1000},
		{"2.5s", 2500},
		{"2.5", 2500},
		{"1m", 60000},
		{"0.5m", 30000},
		{"1h", 3600000},
		{"0", 0},
		{"0.001", 1},
		{"0.200s", 200},
		{"999999999999h", 999999999999 * 3600000},
	};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		uint64_t ms = 77;

		assert_int_equal(conf_parse_duration(good[i].text, &ms), 0);
		assert_int_equal(ms, good[i].ms);
	}
}

static void test_bad(void **state)
{
	static const char *const bad[] = {"", "s", "ms", ".", ".5s", "5.", "5.s", "1 s", " 1s",
		"1s ", "-1s", "+1s", "1e3", "0x10", "1d", "1S", "1us", "0.0001s", "1.5ms", "1.2.3",
		"9999999999999", "1.000000000000s", "999999999999999999999999999999", "1ss", "1sm",
		"inf", "nan"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint64_t ms = 77;

		assert_int_equal(conf_parse_duration(bad[i], &ms), -EINVAL);
		assert_int_equal(ms, 77);
	}
}

static void test_print(void **state)
{
	static const struct {
		uint64_t ms;
		const char *text;
	} rows[] = {{0, "0s"}, {1, "1ms"}, {100, "100ms"}, {1500, "1500ms"}, {2000, "2s"},
		{60000, "1m"}, {90000, "90s"}, {3600000, "1h"}, {5400000, "90m"}};
	char buf[32];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct base_text t = base_text(buf, sizeof(buf));
		uint64_t ms;

		conf_print_duration(&t, rows[i].ms);
		assert_string_equal(buf, rows[i].text);
		assert_int_equal(conf_parse_duration(buf, &ms), 0);
		assert_int_equal(ms, rows[i].ms);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_print),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
