/* SPDX-License-Identifier: BSD-3-Clause */
#include "frame.h"

static uint16_t ether_type;

static int walk(enum ingress_link link, const struct frame *f, uint32_t len, uint32_t *at)
{
	struct ingress_frame v = {.p = f->b, .len = len};
	int rc = ingress_link(link, &v, &ether_type);

	*at = v.at;
	return rc;
}

static void expect(enum ingress_link link, uint32_t at, unsigned type)
{
	uint32_t found;

	frame.b[at] = type == INGRESS_ETHER_IP4 ? 0x45 : 0x60;
	frame.len = at + 1;
	assert_int_equal(walk(link, &frame, frame.len, &found), 0);
	assert_int_equal(found, at);
	assert_int_equal(ether_type, type);
}

/* All that is shorter than the link header of `at` bytes is DROP_SHORT. */
static void expect_short(enum ingress_link link, uint32_t at)
{
	uint32_t found;

	for (uint32_t len = 0; len < at; len++)
		assert_int_equal(walk(link, &frame, len, &found), INGRESS_DROP_SHORT);
}

static void test_ethernet(void **state)
{
	(void)state;
	ether(&frame, 0x0800);
	expect(INGRESS_LINK_ETHERNET, 14, INGRESS_ETHER_IP4);
	expect_short(INGRESS_LINK_ETHERNET, 14);
	ether(&frame, 0x86DD);
	expect(INGRESS_LINK_ETHERNET, 14, INGRESS_ETHER_IP6);
}

static void test_tags(void **state)
{
	static const unsigned types[] = {0x8100, 0x88A8, 0x9100};
	uint32_t at;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		ether(&frame, types[i]);
		tag(&frame, 0x0800);
		expect(INGRESS_LINK_ETHERNET, 18, INGRESS_ETHER_IP4);
		expect_short(INGRESS_LINK_ETHERNET, 18);
	}
	ether(&frame, 0x88A8);
	for (unsigned i = 0; i + 1 < INGRESS_TAGS; i++)
		tag(&frame, 0x8100);
	tag(&frame, 0x0800);
	expect(INGRESS_LINK_ETHERNET, 14 + 4 * INGRESS_TAGS, INGRESS_ETHER_IP4);
	expect_short(INGRESS_LINK_ETHERNET, 14 + 4 * INGRESS_TAGS);
	ether(&frame, 0x8100);
	for (unsigned i = 0; i < INGRESS_TAGS; i++)
		tag(&frame, 0x8100);
	tag(&frame, 0x0800);
	assert_int_equal(walk(INGRESS_LINK_ETHERNET, &frame, frame.len, &at), INGRESS_DROP_NOT_IP);
}

static void test_cooked(void **state)
{
	(void)state;
	memset(frame.b, 0, 64);
	base_put_u16(frame.b + 14, 0x0800);
	expect(INGRESS_LINK_SLL, 16, INGRESS_ETHER_IP4);
	expect_short(INGRESS_LINK_SLL, 16);
	base_put_u16(frame.b, 0x86DD);
	expect(INGRESS_LINK_SLL2, 20, INGRESS_ETHER_IP6);
	expect_short(INGRESS_LINK_SLL2, 20);
}

static void test_raw(void **state)
{
	uint32_t at;

	(void)state;
	expect(INGRESS_LINK_RAW, 0, INGRESS_ETHER_IP4);
	expect(INGRESS_LINK_RAW, 0, INGRESS_ETHER_IP6);
	expect((enum ingress_link)101, 0, INGRESS_ETHER_IP6);
	expect_short(INGRESS_LINK_RAW, 1);
	frame.b[0] = 0x55;
	assert_int_equal(walk(INGRESS_LINK_RAW, &frame, 1, &at), INGRESS_DROP_IP_HEADER);
}

/* Either byte order for a capture, since it may come from another host; one for LOOP. */
static void test_family(void **state)
{
	static const unsigned v6[] = {10, 24, 28, 30};
	uint32_t at;

	(void)state;
	base_put_u32(frame.b, 2);
	expect(INGRESS_LINK_NULL, 4, INGRESS_ETHER_IP4);
	expect(INGRESS_LINK_LOOP, 4, INGRESS_ETHER_IP4);
	expect_short(INGRESS_LINK_LOOP, 5);
	base_put_u32(frame.b, 2u << 24);
	expect(INGRESS_LINK_NULL, 4, INGRESS_ETHER_IP4);
	assert_int_equal(walk(INGRESS_LINK_LOOP, &frame, 5, &at), INGRESS_DROP_NOT_IP);
	for (unsigned i = 0; i < 4; i++) {
		base_put_u32(frame.b, v6[i]);
		expect(INGRESS_LINK_NULL, 4, INGRESS_ETHER_IP6);
		base_put_u32(frame.b, v6[i] << 24);
		expect(INGRESS_LINK_NULL, 4, INGRESS_ETHER_IP6);
	}
	base_put_u32(frame.b, 7);
	assert_int_equal(walk(INGRESS_LINK_NULL, &frame, 5, &at), INGRESS_DROP_NOT_IP);
}

static void test_unknown(void **state)
{
	uint32_t at;

	(void)state;
	assert_int_equal(walk((enum ingress_link)99, &frame, 64, &at), INGRESS_DROP_NOT_IP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ethernet),
		cmocka_unit_test(test_tags),
		cmocka_unit_test(test_cooked),
		cmocka_unit_test(test_raw),
		cmocka_unit_test(test_family),
		cmocka_unit_test(test_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
