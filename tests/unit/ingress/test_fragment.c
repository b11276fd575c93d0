/* SPDX-License-Identifier: BSD-3-Clause */
#include <rte_cycles.h>

#include "frame.h"

enum { MORE = 0x2000, PART = 480 };

static struct frame whole; /* UDP header and payload, without IP */

static void make(uint32_t payload)
{
	whole.len = 0;
	udp(&whole, PORT, payload);
	fill(&whole, payload);
}

/* Part `from`..`to` of `whole` as an IPv4 fragment of datagram `id`; true if it completed one. */
static bool part4(unsigned id, uint32_t from, uint32_t to)
{
	ether(&frame, 0x0800);
	ip4(&frame, 4, to - from, id, from / 8 | (to < whole.len ? MORE : 0));
	add(&frame, whole.b + from, to - from);
	memset(frame.b + frame.len, 0xEE, 20); /* padding must not get in */
	return give(frame.b, frame.len + 20);
}

/* The same for IPv6, behind a destination options header of 16 bytes. */
static bool part6(unsigned id, uint32_t from, uint32_t to)
{
	uint8_t options[16] = {44, 1};
	uint8_t header[8] = {17};

	base_put_u16(header + 2, (uint16_t)(from | (to < whole.len)));
	base_put_u32(header + 4, id);
	ether(&frame, 0x86DD);
	ip6(&frame, 60, 16 + 8 + to - from);
	add(&frame, options, 16);
	add(&frame, header, 8);
	add(&frame, whole.b + from, to - from);
	memset(frame.b + frame.len, 0xEE, 20);
	return give(frame.b, frame.len + 20);
}

static void in_order(bool (*part)(unsigned, uint32_t, uint32_t), unsigned id)
{
	for (uint32_t at = 0; at < whole.len; at += PART) {
		uint32_t to = RTE_MIN(at + PART, whole.len);

		assert_int_equal(part(id, at, to), to == whole.len);
	}
	assert_payload(whole.len - 8);
	release();
}

static void reversed(bool (*part)(unsigned, uint32_t, uint32_t), unsigned id)
{
	for (uint32_t at = (whole.len - 1) / PART * PART;; at -= PART) {
		assert_int_equal(part(id, at, RTE_MIN(at + PART, whole.len)), at == 0);
		if (at == 0)
			break;
	}
	assert_payload(whole.len - 8);
	release();
}

static void test_orders(void **state)
{
	unsigned id = 1;

	(void)state;
	for (uint32_t payload = PART; payload < PART * INGRESS_PARTS - 8; payload += 331) {
		make(payload);
		in_order(part4, id++);
		reversed(part4, id++);
		in_order(part6, id++);
		reversed(part6, id++);
	}
	assert_int_equal(ingress_held(in), 0);
	assert_int_equal(stats[INGRESS_DROP_FRAGMENT], 0);
	assert_int_equal(stats[INGRESS_REASSEMBLED], id - 1);
	assert_memory_equal(got.source.bytes, "\x20\x01\x0d\xb8", 4);
}

static void test_interleaved(void **state)
{
	(void)state;
	make(1000);
	for (unsigned id = 0; id < 16; id++)
		assert_false(part4(id, 0, PART));
	for (unsigned id = 0; id < 16; id++)
		assert_false(part4(id, PART, 2 * PART));
	assert_int_equal(ingress_held(in), 32);
	for (unsigned id = 0; id < 16; id++) {
		assert_true(part4(id, 2 * PART, whole.len));
		assert_payload(1000);
	}
	assert_int_equal(stats[INGRESS_JOINED], 48);
}

/* The largest datagram of all is too many parts; it goes, and nothing stays. */
static void test_too_many_parts(void **state)
{
	(void)state;
	make(PART * (INGRESS_PARTS + 1));
	for (uint32_t at = 0; at < whole.len; at += PART)
		assert_false(part4(1, at, RTE_MIN(at + PART, whole.len)));
	assert_true(stats[INGRESS_DROP_FRAGMENT] >= INGRESS_PARTS);
	assert_true(ingress_held(in) <= 2);
}

static void test_duplicate(void **state)
{
	(void)state;
	make(1000);
	assert_false(part4(1, 0, PART));
	assert_false(part4(1, 0, PART));
	assert_int_equal(stats[INGRESS_DROP_FRAGMENT] + ingress_held(in), 2);
	make(1000);
	in_order(part4, 2); /* others are not touched */
}

static void test_overlap(void **state)
{
	(void)state;
	make(1000);
	assert_false(part4(1, 0, PART));
	assert_false(part4(1, PART - 64, 2 * PART));
	assert_false(part4(1, 2 * PART, whole.len));
	assert_int_equal(stats[INGRESS_REASSEMBLED], 0);
	assert_int_equal(stats[INGRESS_DROP_FRAGMENT] + ingress_held(in), 3);
}

static void test_malformed(void **state)
{
	(void)state;
	make(1000);
	ether(&frame, 0x0800);
	ip4(&frame, 0, 13, 1, MORE); /* not a multiple of 8 */
	add(&frame, whole.b, 13);
	give_drop(frame.b, frame.len, INGRESS_DROP_FRAGMENT);
	ether(&frame, 0x0800);
	ip4(&frame, 0, 0, 1, MORE); /* empty */
	give_drop(frame.b, frame.len, INGRESS_DROP_FRAGMENT);
	ether(&frame, 0x0800);
	ip4(&frame, 0, 100, 1, 0x1FFF); /* ends beyond 65535 */
	add(&frame, whole.b, 100);
	give_drop(frame.b, frame.len, INGRESS_DROP_FRAGMENT);
	ether(&frame, 0x0800);
	ip4(&frame, 0, 800, 1, MORE); /* cut by the capture */
	add(&frame, whole.b, 400);
	give_drop(frame.b, frame.len, INGRESS_DROP_FRAGMENT);
	frame.b[frame.ip + 9] = 6;
	give_drop(frame.b, frame.len, INGRESS_DROP_NOT_UDP);
	assert_int_equal(ingress_held(in), 0);
}

static void test_timeout(void **state)
{
	uint64_t ms = rte_get_tsc_hz() / 1000;

	(void)state;
	make(1000);
	assert_false(part4(1, 0, PART));
	assert_false(part6(2, 0, PART));
	assert_false(part6(2, PART, 2 * PART));
	now += MS * ms / 2;
	ingress_expire(in, now, stats);
	assert_int_equal(ingress_held(in), 3);
	now += MS * ms;
	ingress_expire(in, now, stats);
	assert_int_equal(ingress_held(in), 0);
	assert_int_equal(stats[INGRESS_DROP_TIMEOUT], 3);
	assert_false(part4(1, PART, 2 * PART)); /* it does not join what is gone */
	in_order(part4, 3);
	check_conservation();
}

/* First fragments without end: as many are held as there is room for, and no more mbufs. */
static void test_flood(void **state)
{
	(void)state;
	make(1000);
	for (unsigned id = 0; id < 5000; id++) {
		assert_false(part4(id, 0, PART));
		assert_true(ingress_held(in) <= 16);
		release();
	}
	assert_true(rte_mempool_avail_count(pool) >= FRAMES - 16);
	assert_int_equal(ingress_held(in), 16);
	now += 2 * MS * (rte_get_tsc_hz() / 1000);
	in_order(part4, 1);
	assert_int_equal(stats[INGRESS_DROP_TIMEOUT], 16);
}

/* Parts of one byte of payload units, all for one datagram: the death row is never overrun. */
static void test_flood_of_parts(void **state)
{
	(void)state;
	make(4000);
	for (unsigned i = 0; i < 20000; i++) {
		uint32_t at = i * 8 % 3000;

		part4(i / 100, at, at + 8);
		release();
	}
	assert_true(ingress_held(in) <= 16 * INGRESS_PARTS);
}

/* Frames that are chains themselves; the headers lie in the first segment. */
static void test_segments(void **state)
{
	(void)state;
	make(1000);
	for (uint32_t at = 0; at < whole.len; at += PART) {
		uint32_t to = RTE_MIN(at + PART, whole.len);

		ether(&frame, 0x0800);
		ip4(&frame, 0, to - at, 9, at / 8 | (to < whole.len ? MORE : 0));
		add(&frame, whole.b + at, to - at);
		assert_int_equal(give_mbuf(mbuf_of(frame.b, frame.len, 100)), to == whole.len);
	}
	assert_payload(1000);
	assert_int_equal(stats[INGRESS_JOINED], 3);
	ether(&frame, 0x0800);
	ip4(&frame, 0, 80, 10, MORE);
	add(&frame, whole.b, 80);
	assert_false(give_mbuf(mbuf_of(frame.b, frame.len, 10)));
	assert_int_equal(stats[INGRESS_DROP_FRAGMENT], 1);
}

/* The port is in the first fragment alone: others' datagrams are put together, then dropped. */
static void test_other_port(void **state)
{
	(void)state;
	make(1000);
	base_put_u16(whole.b + 2, 53);
	assert_false(part4(1, 0, 600));
	assert_false(part4(1, 600, whole.len));
	assert_int_equal(stats[INGRESS_DROP_PORT], 1);
	assert_int_equal(stats[INGRESS_REASSEMBLED], 1);
}

static void test_checksum(void **state)
{
	uint32_t sum;

	(void)state;
	in->checksum = INGRESS_CHECKSUM_SOFTWARE;
	make(1000);
	sum = ingress_sum((const uint8_t[]){192, 0, 2, 1, 192, 0, 2, 2}, 8, 17 + whole.len);
	base_put_u16(whole.b + 6, (uint16_t)~ingress_fold(ingress_sum(whole.b, whole.len, sum)));
	in_order(part4, 1);
	whole.b[800] ^= 1;
	assert_false(part4(2, 0, 600));
	assert_false(part4(2, 600, whole.len));
	assert_int_equal(stats[INGRESS_DROP_UDP_CHECKSUM], 1);
}

/* A fragment header within what was put together: once is enough. */
static void test_nested(void **state)
{
	uint8_t inner[8] = {17, 0, 0, 1, 0, 0, 0, 5};
	uint8_t outer[8] = {44, 0, 0, 1, 0, 0, 0, 6};

	(void)state;
	ether(&frame, 0x86DD);
	ip6(&frame, 44, 8 + 16);
	add(&frame, outer, 8);
	add(&frame, inner, 8);
	fill(&frame, 8);
	assert_false(give(frame.b, frame.len));
	base_put_u16(outer + 2, 16);
	ether(&frame, 0x86DD);
	ip6(&frame, 44, 8 + 16);
	add(&frame, outer, 8);
	fill(&frame, 16);
	assert_false(give(frame.b, frame.len));
	assert_int_equal(stats[INGRESS_DROP_IP_HEADER], 1);
}

static int setup_without(void **state)
{
	(void)state;
	open_with(INGRESS_LINK_ETHERNET, INGRESS_CHECKSUM_NIC, 0);
	return 0;
}

static void test_without(void **state)
{
	(void)state;
	make(1000);
	assert_false(part4(1, 0, 600));
	ingress_expire(in, now, stats);
	assert_int_equal(stats[INGRESS_DROP_FRAGMENT], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_orders, ingress_setup, ingress_close),
		cmocka_unit_test_setup_teardown(test_interleaved, ingress_setup, ingress_close),
		cmocka_unit_test_setup_teardown(test_too_many_parts, ingress_setup, ingress_close),
		cmocka_unit_test_setup_teardown(test_duplicate, ingress_setup, ingress_close),
		cmocka_unit_test_setup_teardown(test_overlap, ingress_setup, ingress_close),
		cmocka_unit_test_setup_teardown(test_malformed, ingress_setup, ingress_close),
		cmocka_unit_test_setup_teardown(test_timeout, ingress_setup, ingress_close),
		cmocka_unit_test_setup_teardown(test_flood, ingress_setup, ingress_close),
		cmocka_unit_test_setup_teardown(test_flood_of_parts, ingress_setup, ingress_close),
		cmocka_unit_test_setup_teardown(test_segments, ingress_setup, ingress_close),
		cmocka_unit_test_setup_teardown(test_other_port, ingress_setup, ingress_close),
		cmocka_unit_test_setup_teardown(test_checksum, ingress_setup, ingress_close),
		cmocka_unit_test_setup_teardown(test_nested, ingress_setup, ingress_close),
		cmocka_unit_test_setup_teardown(test_without, setup_without, ingress_close),
	};

	return cmocka_run_group_tests(tests, eal_setup, eal_teardown);
}
