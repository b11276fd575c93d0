/* SPDX-License-Identifier: BSD-3-Clause */
#include "frame.h"

static void test_options(void **state)
{
	(void)state;
	for (uint32_t options = 0; options <= 40; options += 4) {
		ether(&frame, 0x0800);
		ip4(&frame, options, 8 + 100, 1, 0);
		udp(&frame, PORT, 100);
		fill(&frame, 100);
		assert_true(give(frame.b, frame.len));
		assert_payload(100);
		assert_int_equal(got.source.family, 4);
		assert_memory_equal(got.source.bytes, "\xC0\0\2\1", 4);
		release();
	}
}

/* Every frame that ends within a header, and is not the whole datagram. */
static void test_short(void **state)
{
	(void)state;
	ether(&frame, 0x0800);
	ip4(&frame, 8, 8 + 10, 1, 0);
	udp(&frame, PORT, 10);
	fill(&frame, 10);
	for (uint32_t len = 1; len < 14 + 28 + 8; len++)
		give_drop(frame.b, len, INGRESS_DROP_SHORT);
	assert_int_equal(stats[INGRESS_TRUNCATED], 0);
}

static void test_header(void **state)
{
	(void)state;
	plain4(&frame, 10);
	frame.b[frame.ip] = 0x55;
	give_drop(frame.b, frame.len, INGRESS_DROP_IP_HEADER);
	frame.b[frame.ip] = 0x44;
	give_drop(frame.b, frame.len, INGRESS_DROP_IP_HEADER);
	plain4(&frame, 10);
	base_put_u16(frame.b + frame.ip + 2, 19);
	give_drop(frame.b, frame.len, INGRESS_DROP_IP_HEADER);
	base_put_u16(frame.b + frame.ip + 2, 20);
	give_drop(frame.b, frame.len, INGRESS_DROP_SHORT);
	plain4(&frame, 10);
	frame.b[frame.ip + 9] = 6;
	give_drop(frame.b, frame.len, INGRESS_DROP_NOT_UDP);
	plain4(&frame, 10);
	base_put_u16(frame.b + 12, 0x0806);
	give_drop(frame.b, frame.len, INGRESS_DROP_NOT_IP);
}

/* A minimal Ethernet frame is padded: the total length rules. */
static void test_padding(void **state)
{
	(void)state;
	plain4(&frame, 4);
	memset(frame.b + frame.len, 0xEE, 60);
	assert_true(give(frame.b, 60));
	assert_payload(4);
	base_put_u16(frame.b + frame.ip + 20 + 4, 8 + 10); /* UDP says more than IP has */
	assert_true(give(frame.b, 60));
	assert_int_equal(got.len, 4);
	assert_int_equal(stats[INGRESS_TRUNCATED], 1);
}

static void test_truncated(void **state)
{
	(void)state;
	plain4(&frame, 500);
	assert_true(give(frame.b, 200));
	assert_payload(200 - 42);
	assert_int_equal(stats[INGRESS_TRUNCATED], 1);
}

static void test_checksum(void **state)
{
	struct rte_mbuf *m;

	(void)state;
	plain4(&frame, 10);
	m = mbuf_of(frame.b, frame.len, 2048);
	m->ol_flags = RTE_MBUF_F_RX_IP_CKSUM_BAD;
	assert_false(give_mbuf(m));
	m = mbuf_of(frame.b, frame.len, 2048);
	m->ol_flags =
		RTE_MBUF_F_RX_IP_CKSUM_GOOD | RTE_MBUF_F_RX_L4_CKSUM_GOOD | RTE_MBUF_F_RX_RSS_HASH;
	assert_true(give_mbuf(m));
	assert_int_equal(stats[INGRESS_DROP_IP_CHECKSUM], 1);
	in->checksum = INGRESS_CHECKSUM_SOFTWARE;
	assert_true(give(frame.b, frame.len));
	frame.b[frame.ip + 8]--;
	give_drop(frame.b, frame.len, INGRESS_DROP_IP_CHECKSUM);
	in->checksum = INGRESS_CHECKSUM_OFF;
	assert_true(give(frame.b, frame.len));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_options, ingress_setup, ingress_close),
		cmocka_unit_test_setup_teardown(test_short, ingress_setup, ingress_close),
		cmocka_unit_test_setup_teardown(test_header, ingress_setup, ingress_close),
		cmocka_unit_test_setup_teardown(test_padding, ingress_setup, ingress_close),
		cmocka_unit_test_setup_teardown(test_truncated, ingress_setup, ingress_close),
		cmocka_unit_test_setup_teardown(test_checksum, ingress_setup, ingress_close),
	};

	return cmocka_run_group_tests(tests, eal_setup, eal_teardown);
}
