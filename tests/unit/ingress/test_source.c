/* SPDX-License-Identifier: BSD-3-Clause */
#include "frame.h"

enum { HZ = 1000000, HONEST = 500 };

static struct base_hash hash;

static void open_limited(uint64_t datagrams)
{
	struct ingress_options o = {.udp_port = PORT,
		.link = INGRESS_LINK_ETHERNET,
		.fragments = 16,
		.fragment_ms = MS,
		.source = base_bucket_rate(datagrams, HZ, HZ),
		.hash = &hash,
		.socket = -1};

	assert_int_equal(base_hash_init(&hash), 0);
	memset(stats, 0, sizeof(stats));
	in = ingress_create(&o);
	assert_non_null(in);
}

/* A datagram of IPv4 source `source`. */
static bool send_from(uint32_t source, uint64_t when)
{
	bool ok;

	now = when;
	plain4(&frame, 40);
	base_put_u32(frame.b + frame.ip + 12, source);
	ok = give(frame.b, frame.len);
	release();
	return ok;
}

static void test_off(void **state)
{
	(void)state;
	open_limited(0);
	for (unsigned i = 0; i < 5000; i++)
		assert_true(send_from(7, 1));
	assert_int_equal(stats[INGRESS_DROP_SOURCE], 0);
}

/* One source sends a hundred times its share; each of the others what it may. */
static void test_fair(void **state)
{
	unsigned mad = 0;

	(void)state;
	open_limited(10);
	for (unsigned tick = 1; tick <= 100; tick++) {
		uint64_t when = (uint64_t)tick * HZ / 10;

		for (unsigned i = 0; i < 100; i++)
			mad += send_from(0xC0000201, when);
		for (unsigned i = 0; tick % 10 == 0 && i < HONEST; i++)
			assert_true(send_from(0x0A000000 + i, when));
	}
	assert_in_range(mad, 100, 112);
	assert_int_equal(stats[INGRESS_DROP_SOURCE], 10000 - mad);
	assert_int_equal(stats[INGRESS_DATAGRAMS], mad + 10 * HONEST);
}

/* Many mad ones at once: their buckets are theirs, but for a few honest ones that share both. */
static void test_many(void **state)
{
	unsigned lost = 0;

	(void)state;
	open_limited(10);
	for (unsigned tick = 1; tick <= 10; tick++) {
		for (unsigned i = 0; i < 300; i++) {
			for (unsigned k = 0; k < 30; k++)
				send_from(0xC6000000 + i, tick * HZ);
		}
		for (unsigned i = 0; i < HONEST; i++)
			lost += !send_from(0x0A000000 + i, tick * HZ);
	}
	assert_in_range(lost, 0, 10 * HONEST / 100);
	assert_true(stats[INGRESS_DROP_SOURCE] > 300 * 10 * 15);
}

/* IPv6 takes the long way, and is limited all the same. */
static void test_ip6(void **state)
{
	unsigned passed = 0;

	(void)state;
	open_limited(10);
	now = HZ;
	for (unsigned i = 0; i < 50; i++) {
		plain6(&frame, 40);
		passed += give(frame.b, frame.len);
		release();
	}
	assert_int_equal(passed, 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_off, ingress_close),
		cmocka_unit_test_teardown(test_fair, ingress_close),
		cmocka_unit_test_teardown(test_many, ingress_close),
		cmocka_unit_test_teardown(test_ip6, ingress_close),
	};

	return cmocka_run_group_tests(tests, eal_setup, eal_teardown);
}
