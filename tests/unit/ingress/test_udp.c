/* SPDX-License-Identifier: BSD-3-Clause */
#include "frame.h"

static void set_length(unsigned len)
{
	base_put_u16(frame.b + frame.ip + 20 + 4, (uint16_t)len);
}

static void test_length(void **state)
{
	(void)state;
	plain4(&frame, 100);
	for (unsigned len = 1; len < 8; len++) {
		set_length(len);
		give_drop(frame.b, frame.len, INGRESS_DROP_UDP_LENGTH);
	}
	set_length(8);
	assert_true(give(frame.b, frame.len));
	assert_payload(0);
	set_length(58);
	assert_true(give(frame.b, frame.len));
	assert_payload(50);
	set_length(0); /* to the end */
	assert_true(give(frame.b, frame.len));
	assert_payload(100);
	assert_int_equal(stats[INGRESS_TRUNCATED], 0);
	set_length(109);
	assert_true(give(frame.b, frame.len));
	assert_payload(100);
	assert_int_equal(stats[INGRESS_TRUNCATED], 1);
}

static void test_port(void **state)
{
	(void)state;
	plain4(&frame, 10);
	base_put_u16(frame.b + frame.ip + 22, PORT + 1);
	give_drop(frame.b, frame.len, INGRESS_DROP_PORT);
	base_put_u16(frame.b + frame.ip + 20, PORT); /* from our port, but not to it */
	give_drop(frame.b, frame.len, INGRESS_DROP_PORT);
}

/* With the checksum of UDP set right; IPv4 and IPv6. */
static void set_checksum(uint32_t addresses, uint32_t len)
{
	uint8_t *p = frame.b + frame.len - len;
	uint32_t sum =
		ingress_sum(frame.b + frame.ip + (addresses == 8 ? 12 : 8), addresses, 17 + len);
	uint16_t value;

	base_put_u16(p + 6, 0);
	value = (uint16_t)~ingress_fold(ingress_sum(p, len, sum));
	base_put_u16(p + 6, value ? value : 0xFFFF);
}

static void test_checksum4(void **state)
{
	(void)state;
	in->checksum = INGRESS_CHECKSUM_SOFTWARE;
	for (uint32_t payload = 0; payload < 70; payload++) {
		plain4(&frame, payload);
		assert_true(give(frame.b, frame.len)); /* none */
		set_checksum(8, 8 + payload);
		assert_true(give(frame.b, frame.len));
		assert_payload(payload);
		frame.b[frame.len - 1] ^= 0x10;
		give_drop(frame.b, frame.len, INGRESS_DROP_UDP_CHECKSUM);
	}
}

static void test_checksum6(void **state)
{
	(void)state;
	in->checksum = INGRESS_CHECKSUM_SOFTWARE;
	plain6(&frame, 77);
	give_drop(frame.b, frame.len, INGRESS_DROP_UDP_CHECKSUM); /* none is an error */
	set_checksum(32, 8 + 77);
	assert_true(give(frame.b, frame.len));
	assert_payload(77);
	frame.b[frame.ip + 8] ^= 1; /* the pseudo-header counts */
	give_drop(frame.b, frame.len, INGRESS_DROP_UDP_CHECKSUM);
}

static void test_checksum_device(void **state)
{
	struct rte_mbuf *m;

	(void)state;
	plain4(&frame, 10);
	m = mbuf_of(frame.b, frame.len, 2048);
	m->ol_flags = RTE_MBUF_F_RX_L4_CKSUM_BAD;
	assert_false(give_mbuf(m));
	assert_int_equal(stats[INGRESS_DROP_UDP_CHECKSUM], 1);
	in->checksum = INGRESS_CHECKSUM_OFF;
	m = mbuf_of(frame.b, frame.len, 2048);
	m->ol_flags = RTE_MBUF_F_RX_L4_CKSUM_BAD;
	assert_true(give_mbuf(m));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_length, ingress_setup, ingress_close),
		cmocka_unit_test_setup_teardown(test_port, ingress_setup, ingress_close),
		cmocka_unit_test_setup_teardown(test_checksum4, ingress_setup, ingress_close),
		cmocka_unit_test_setup_teardown(test_checksum6, ingress_setup, ingress_close),
		cmocka_unit_test_setup_teardown(test_checksum_device, ingress_setup, ingress_close),
	};

	return cmocka_run_group_tests(tests, eal_setup, eal_teardown);
}
