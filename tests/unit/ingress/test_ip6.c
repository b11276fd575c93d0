/* SPDX-License-Identifier: BSD-3-Clause */
#include "frame.h"

enum { HOP = 0, ROUTING = 43, FRAGMENT = 44, AH = 51, DESTINATION = 60, NONE = 59 };

/* An extension header of `bytes` (a multiple of 8; of 4 for AH) before `next`. */
static void extension(struct frame *f, unsigned type, unsigned next, uint32_t bytes)
{
	uint8_t h[2048] = {(uint8_t)next, (uint8_t)(type == AH ? bytes / 4 - 2 : bytes / 8 - 1)};

	if (type == FRAGMENT)
		h[1] = 0;
	add(f, h, bytes);
}

static void test_plain(void **state)
{
	(void)state;
	plain6(&frame, 100);
	assert_true(give(frame.b, frame.len));
	assert_payload(100);
	assert_int_equal(got.source.family, 6);
	assert_memory_equal(got.source.bytes, frame.b + 14 + 8, 16);
}

static void test_extensions(void **state)
{
	(void)state;
	ether(&frame, 0x86DD);
	ip6(&frame, HOP, 8 + 264 + 24 + 12 + 8 + 8 + 100);
	extension(&frame, HOP, ROUTING, 8);
	extension(&frame, ROUTING, DESTINATION, 264);
	extension(&frame, DESTINATION, AH, 24);
	extension(&frame, AH, FRAGMENT, 12);
	extension(&frame, FRAGMENT, 17, 8); /* atomic: offset 0, the last */
	udp(&frame, PORT, 100);
	fill(&frame, 100);
	assert_true(give(frame.b, frame.len));
	assert_payload(100);
	assert_int_equal(stats[INGRESS_FRAGMENTS], 0);
	for (uint32_t len = 1; len < frame.len - 100; len++)
		give_drop(frame.b, len, INGRESS_DROP_SHORT);
}

static void test_too_many(void **state)
{
	(void)state;
	for (unsigned count = INGRESS_EXTENSIONS; count <= INGRESS_EXTENSIONS + 1; count++) {
		ether(&frame, 0x86DD);
		ip6(&frame, DESTINATION, count * 8 + 8 + 20);
		for (unsigned i = 0; i < count; i++)
			extension(&frame, DESTINATION, i + 1 < count ? DESTINATION : 17, 8);
		udp(&frame, PORT, 20);
		fill(&frame, 20);
		if (count == INGRESS_EXTENSIONS)
			assert_true(give(frame.b, frame.len));
		else
			give_drop(frame.b, frame.len, INGRESS_DROP_EXTENSIONS);
	}
}

static void test_header(void **state)
{
	(void)state;
	plain6(&frame, 10);
	frame.b[frame.ip] = 0x40;
	give_drop(frame.b, frame.len, INGRESS_DROP_IP_HEADER);
	plain6(&frame, 10);
	frame.b[frame.ip + 6] = NONE;
	give_drop(frame.b, frame.len, INGRESS_DROP_NOT_UDP);
	frame.b[frame.ip + 6] = 58;
	give_drop(frame.b, frame.len, INGRESS_DROP_NOT_UDP);
	give_drop(frame.b, frame.ip + 40, INGRESS_DROP_NOT_UDP);
	plain6(&frame, 10);
	base_put_u16(frame.b + frame.ip + 4, 0); /* a jumbogram would say so */
	give_drop(frame.b, frame.len, INGRESS_DROP_SHORT);
}

static void test_truncated(void **state)
{
	(void)state;
	plain6(&frame, 500);
	assert_true(give(frame.b, 200));
	assert_payload(200 - 62);
	assert_int_equal(stats[INGRESS_TRUNCATED], 1);
	plain6(&frame, 4);
	assert_true(give(frame.b, frame.len + 9)); /* padded */
	assert_payload(4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_plain, ingress_setup, ingress_close),
		cmocka_unit_test_setup_teardown(test_extensions, ingress_setup, ingress_close),
		cmocka_unit_test_setup_teardown(test_too_many, ingress_setup, ingress_close),
		cmocka_unit_test_setup_teardown(test_header, ingress_setup, ingress_close),
		cmocka_unit_test_setup_teardown(test_truncated, ingress_setup, ingress_close),
	};

	return cmocka_run_group_tests(tests, eal_setup, eal_teardown);
}
