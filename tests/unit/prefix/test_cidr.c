/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/addr.h"
#include "prefix/cidr.h"

static void expect(const char *text, const char *network, unsigned bits)
{
	struct prefix p = {.label = 7};
	struct base_addr addr;
	unsigned width;
	const char *why;

	assert_int_equal(prefix_cidr_parse(text, &p, &width, &why), 0);
	assert_int_equal(base_addr_parse(network, &addr), 0);
	assert_int_equal(width, base_addr_len(&addr));
	assert_memory_equal(p.bytes, addr.bytes, sizeof(p.bytes));
	assert_int_equal(p.bits, bits);
	assert_int_equal(p.label, 7);
}

static void test_good(void **state)
{
	expect("0.0.0.0/0", "0.0.0.0", 0);
	expect("10.0.0.0/8", "10.0.0.0", 8);
	expect("10.1.2.3/8", "10.0.0.0", 8);
	expect("255.255.255.255/1", "128.0.0.0", 1);
	expect("192.0.2.5", "192.0.2.5", 32);
	expect("192.0.2.5/32", "192.0.2.5", 32);
	expect("192.0.2.5/31", "192.0.2.4", 31);
	expect("::/0", "::", 0);
	expect("2001:DB8::1/32", "2001:db8::", 32);
	expect("2001:db8:8000::/33", "2001:db8:8000::", 33);
	expect("2001:db8::1", "2001:db8::1", 128);
	expect("::ffff:192.0.2.1/120", "::ffff:192.0.2.0", 120);
}

static void expect_bad(const char *text, const char *sentence)
{
	struct prefix p;
	unsigned width;
	const char *why = "";

	assert_int_equal(prefix_cidr_parse(text, &p, &width, &why), -22);
	assert_string_equal(why, sentence);
}

static void test_bad(void **state)
{
	static const char network[] =
		"write a network like 10.0.0.0/8 or 2001:db8::/32, or an address";
	static const char bits4[] = "behind the / of an IPv4 network is a number from 0 to 32";
	static const char bits6[] = "behind the / of an IPv6 network is a number from 0 to 128";
	static const char *const no_network[] = {"", "/8", "10.0.0/8", "10.0.0.256/8", "host/8",
		" 10.0.0.0/8", "10.0.0.0 /8", "2001:db8:::/32",
		"1111:1111:1111:1111:1111:1111:1111:1111:1111:1111:1111:1111/32"};
	static const char *const no_bits[] = {"10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1",
		"10.0.0.0/08", "10.0.0.0/8 ", "10.0.0.0/8/8", "10.0.0.0/0x8", "10.0.0.0/4294967304",
		"10.0.0.0/255.0.0.0"};

	for (unsigned i = 0; i < sizeof(no_network) / sizeof(no_network[0]); i++)
		expect_bad(no_network[i], network);
	for (unsigned i = 0; i < sizeof(no_bits) / sizeof(no_bits[0]); i++)
		expect_bad(no_bits[i], bits4);
	expect_bad("::/129", bits6);
	expect_bad("::/x", bits6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
