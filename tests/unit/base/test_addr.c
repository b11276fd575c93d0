/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "../dice.h"
#include "base/addr.h"

static void expect_text(const char *in, const char *out)
{
	struct base_addr addr;
	char text[BASE_ADDR_TEXT];

	assert_int_equal(base_addr_parse(in, &addr), 0);
	assert_ptr_equal(base_addr_print(&addr, text), text);
	assert_string_equal(text, out);
}

static void test_print(void **state)
{
	expect_text("0.0.0.0", "0.0.0.0");
	expect_text("255.255.255.255", "255.255.255.255");
	expect_text("::", "::");
	expect_text("::1", "::1");
	expect_text("2001:0db8:0:0:0:0:0:1", "2001:DB8::1");
	expect_text("fe80::a:0:0:1", "FE80::A:0:0:1");
	expect_text("ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe",
		"FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFE");
	expect_text("::ffff:192.0.2.1", "::FFFF:192.0.2.1");
}

static void test_none(void **state)
{
	struct base_addr addr = {0};
	char text[BASE_ADDR_TEXT];

	assert_string_equal(base_addr_print(&addr, text), "-");
	assert_int_equal(base_addr_len(&addr), 0);
}

static void test_bad(void **state)
{
	static const char *const bad[] = {
		"", "1.2.3", "1.2.3.256", "1.2.3.4.5", "1.2.3.4 ", "::g", "1:2:3", "name", "-"};
	struct base_addr addr, none = {0};

	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		memset(&addr, 0xFF, sizeof(addr));
		assert_int_equal(base_addr_parse(bad[i], &addr), -EINVAL);
		assert_true(base_addr_equal(&addr, &none));
	}
}

static void test_from(void **state)
{
	static const uint8_t bytes[20] = {192, 0, 2, 1, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
	struct base_addr four = base_addr_from(bytes, 4), six = base_addr_from(bytes, 16), parsed;

	assert_int_equal(four.family, 4);
	assert_int_equal(base_addr_len(&four), 4);
	assert_int_equal(base_addr_parse("192.0.2.1", &parsed), 0);
	assert_true(base_addr_equal(&four, &parsed));
	assert_int_equal(six.family, 6);
	assert_int_equal(base_addr_len(&six), 16);
	assert_false(base_addr_equal(&four, &six));
	for (size_t len = 0; len <= sizeof(bytes); len++) {
		struct base_addr addr = base_addr_from(bytes, len);

		assert_int_equal(addr.family, len == 4 ? 4 : len == 16 ? 6 : 0);
	}
}

static void test_round_trip(void **state)
{
	struct dice d = {.state = 1};

	for (unsigned i = 0; i < 2000; i++) {
		uint8_t bytes[16];
		struct base_addr addr, again;
		char text[BASE_ADDR_TEXT];

		dice_bytes(&d, bytes, sizeof(bytes));
		for (unsigned j = 0; j < 16; j++)
			bytes[j] = dice_below(&d, 2) ? bytes[j] : 0;
		addr = base_addr_from(bytes, i % 2 ? 4 : 16);
		assert_int_equal(base_addr_parse(base_addr_print(&addr, text), &again), 0);
		assert_true(base_addr_equal(&addr, &again));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_print),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_from),
		cmocka_unit_test(test_round_trip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
