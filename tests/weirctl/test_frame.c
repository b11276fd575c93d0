/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <pcap/dlt.h>

#include "../unit/sflow/wire.h"
#include "frame.h"

/* UDP from 192.0.2.1 (or 2001:db8::1), port 8888, to port 6343, with the payload "sFlow". */
#define PAYLOAD "73466c6f77"
#define UDP "22b8 18c7 000d 0000" PAYLOAD
#define IPV4 "4500 0021 0001 0000 4011 0000 c0000201 c000020a" UDP
#define IPV6                                                                                       \
	"60000000 000d 1140 20010db8000000000000000000000001 20010db8000000000000000000000002" UDP
#define MACS "020000000001 020000000002 "
#define SLL(type) "0000 0001 0006 020000000002 0000" type
#define SLL2(type) type "0000 00000001 0001 00 06 020000000002 0000"

static uint8_t *frame;
static struct decode_datagram datagram;
static bool fragment; /* the last frame was one */
static uint16_t destination_port;

static int teardown(void **state)
{
	free(frame);
	frame = NULL;
	return 0;
}

/* The first `len` bytes of a frame, in a buffer of exactly that size. */
static bool find(int link, const struct wire *w, uint32_t len)
{
	struct frame_content content;
	struct wire cut = *w;

	cut.len = len;
	free(frame);
	frame = wire_copy(&cut);
	datagram = (struct decode_datagram){.time_ns = 5, .live = true};
	content = frame_datagram(link, frame, len, &datagram);
	fragment = content.fragment;
	destination_port = content.destination_port;
	if (!content.datagram)
		return false;
	assert_true(datagram.payload >= frame);
	assert_true(datagram.payload + datagram.len <= frame + len);
	assert_int_equal(datagram.time_ns, 5);
	assert_true(datagram.live);
	return true;
}

static void assert_found(int link, const char *hex, unsigned family)
{
	static const uint8_t ip6[16] = {0x20, 1, 0xD, 0xB8, [15] = 1};
	struct wire w = wire_hex(hex);

	assert_true(frame_link_known(link));
	assert_true(find(link, &w, w.len));
	assert_int_equal(datagram.len, 5);
	assert_memory_equal(datagram.payload, "sFlow", 5);
	assert_int_equal(datagram.source.family, family);
	assert_memory_equal(datagram.source.bytes,
		family == 4 ? (const uint8_t *)"\xC0\0\2\1" : ip6, family == 4 ? 4 : 16);
	assert_int_equal(datagram.source_port, 8888);
	assert_int_equal(destination_port, 6343);
}

static void assert_none(int link, const char *hex)
{
	struct wire w = wire_hex(hex);

	assert_false(find(link, &w, w.len));
}

static void test_ethernet(void **state)
{
	assert_found(DLT_EN10MB, MACS "0800" IPV4, 4);
	assert_found(DLT_EN10MB, MACS "86dd" IPV6, 6);
	assert_none(DLT_EN10MB, MACS "0806" IPV4);
	assert_none(DLT_EN10MB, MACS "0800" IPV6);
}

static void test_tags(void **state)
{
	assert_found(DLT_EN10MB, MACS "8100 0064 0800" IPV4, 4);
	assert_found(DLT_EN10MB, MACS "8100 0064 86dd" IPV6, 6);
	assert_found(DLT_EN10MB, MACS "88a8 0064 8100 0065 0800" IPV4, 4);
	assert_found(DLT_EN10MB, MACS "8100 0064 8100 0065 86dd" IPV6, 6);
}

static void test_cooked(void **state)
{
	assert_found(DLT_LINUX_SLL, SLL("0800") IPV4, 4);
	assert_found(DLT_LINUX_SLL, SLL("86dd") IPV6, 6);
	assert_found(DLT_LINUX_SLL, SLL("8100") "0064 0800" IPV4, 4);
	assert_found(DLT_LINUX_SLL, SLL("88a8") "0064 8100 0065 86dd" IPV6, 6);
	assert_none(DLT_LINUX_SLL, SLL("0806") IPV4);
	assert_none(DLT_LINUX_SLL, SLL("8100") "0064 0806" IPV4);
	assert_found(DLT_LINUX_SLL2, SLL2("0800") IPV4, 4);
	assert_found(DLT_LINUX_SLL2, SLL2("86dd") IPV6, 6);
	assert_found(DLT_LINUX_SLL2, SLL2("8100") "0064 86dd" IPV6, 6);
	assert_none(DLT_LINUX_SLL2, SLL2("0004") IPV4);
}

/* The address family of DLT_NULL is in the byte order of the one that captured: it is not read. */
static void test_null(void **state)
{
	assert_found(DLT_NULL, "02000000" IPV4, 4);
	assert_found(DLT_NULL, "00000002" IPV4, 4);
	assert_found(DLT_NULL, "1e000000" IPV6, 6);
	assert_found(DLT_LOOP, "00000018" IPV6, 6);
	assert_none(DLT_NULL, "02000000 00");
	assert_none(DLT_NULL, "02000000");
	assert_none(DLT_NULL, "");
}

static void test_raw(void **state)
{
	assert_found(DLT_RAW, IPV4, 4);
	assert_found(DLT_RAW, IPV6, 6);
	assert_found(DLT_IPV4, IPV4, 4);
	assert_found(DLT_IPV6, IPV6, 6);
	assert_none(DLT_RAW, "5500 0021 0001 0000 4011 0000 c0000201 c000020a" UDP);
	assert_none(DLT_RAW, "");
}

static void test_ppp(void **state)
{
	assert_found(DLT_PPP, "ff03 0021" IPV4, 4);
	assert_found(DLT_PPP, "0021" IPV4, 4);
	assert_found(DLT_PPP, "ff03 0057" IPV6, 6);
}

/* As on a serial line: Cisco HDLC, or PPP in its place. */
static void test_serial(void **state)
{
	static const int links[] = {DLT_PPP_SERIAL, DLT_C_HDLC};

	for (unsigned i = 0; i < 2; i++) {
		assert_found(links[i], "ff03 0021" IPV4, 4);
		assert_found(links[i], "0f00 0800" IPV4, 4);
		assert_found(links[i], "8f00 86dd" IPV6, 6);
		assert_none(links[i], "8f00 8035 0000");
		assert_none(links[i], "");
	}
}

#define DOT11 "0801 0000 020000000001 020000000002 020000000003 0000 aaaa03 000000 "

static void test_wifi(void **state)
{
	assert_found(DLT_IEEE802_11, DOT11 "0800" IPV4, 4);
	assert_found(DLT_IEEE802_11_RADIO, "00 00 0800 00000000" DOT11 "86dd" IPV6, 6);
	assert_found(DLT_IEEE802_11_RADIO, "00 00 0900 02000000 00" DOT11 "0800" IPV4, 4);
	assert_none(DLT_IEEE802_11_RADIO, "01 00 0800 00000000" DOT11 "0800" IPV4);
	assert_none(DLT_IEEE802_11_RADIO, "00 00 0300 00000000" DOT11 "0800" IPV4);
	assert_none(DLT_IEEE802_11_RADIO, "00 00 ffff 00000000" DOT11 "0800" IPV4);
	assert_none(DLT_IEEE802_11_RADIO, "00 00 08");
}

static void test_links(void **state)
{
	assert_false(frame_link_known(DLT_IEEE802_15_4));
	assert_false(frame_link_known(-1));
	assert_true(frame_link_known(DLT_IEEE802_11));
}

static void test_options(void **state)
{
	assert_found(DLT_RAW, "4600 0025 0001 0000 4011 0000 c0000201 c000020a 01010101" UDP, 4);
	assert_found(DLT_RAW,
		"60000000 001d 0040 20010db8000000000000000000000001"
		"20010db8000000000000000000000002 3c00010400000000 1100010400000000" UDP,
		6);
	assert_found(DLT_RAW,
		"60000000 0015 2b40 20010db8000000000000000000000001"
		"20010db8000000000000000000000002 1100000000000000" UDP,
		6);
}

/* What is behind the packet is padding of the link. */
static void test_padding(void **state)
{
	assert_found(DLT_EN10MB, MACS "0800" IPV4 "00000000000000000000000000", 4);
	assert_found(DLT_EN10MB, MACS "86dd" IPV6 "ffffffff", 6);
	assert_found(DLT_LINUX_SLL, SLL("0800") IPV4 "ffffffff", 4);
}

/* A length of 0: the NIC was yet to cut it. */
static void test_offload(void **state)
{
	assert_found(DLT_RAW, "4500 0000 0001 0000 4011 0000 c0000201 c000020a" UDP, 4);
	assert_found(DLT_RAW,
		"60000000 0000 1140 20010db8000000000000000000000001"
		"20010db8000000000000000000000002" UDP,
		6);
}

#define FRAGMENT4(word) "4500 0021 0001" word "4011 0000 c0000201 c000020a" UDP
#define FRAGMENT6(word)                                                                            \
	"60000000 0015 2c40 20010db8000000000000000000000001"                                      \
	"20010db8000000000000000000000002 1100" word "00000001" UDP

/* Of the first fragment what is there; a later one has no UDP. */
static void test_fragments(void **state)
{
	assert_found(DLT_RAW, FRAGMENT4("2000"), 4);
	assert_true(fragment);
	assert_none(DLT_RAW, FRAGMENT4("0001"));
	assert_true(fragment);
	assert_none(DLT_EN10MB, MACS "8100 0064 0800" FRAGMENT4("2001"));
	assert_true(fragment);
	assert_found(DLT_RAW, FRAGMENT6("0001"), 6);
	assert_true(fragment);
	assert_none(DLT_RAW, FRAGMENT6("0009"));
	assert_true(fragment);
	assert_none(DLT_RAW, FRAGMENT6("0008"));
	assert_true(fragment);
}

/* Among them those that say that they are whole. */
static void test_whole(void **state)
{
	assert_found(DLT_RAW, FRAGMENT4("4000"), 4);
	assert_false(fragment);
	assert_found(DLT_RAW, FRAGMENT6("0000"), 6);
	assert_false(fragment);
	assert_found(DLT_RAW, IPV6, 6);
	assert_false(fragment);
	assert_none(DLT_RAW, "4500 0021 0001 20");
	assert_false(fragment);
	assert_none(DLT_RAW, "60000000 0015");
	assert_false(fragment);
	assert_none(DLT_RAW, "60000000 0015 2c40 20010db8000000000000000000000001"
			     "20010db8000000000000000000000002 11000009");
	assert_true(fragment);
}

static void test_not_udp(void **state)
{
	assert_none(DLT_RAW, "4500 0021 0001 0000 4006 0000 c0000201 c000020a" UDP);
	assert_none(DLT_RAW, "60000000 000d 3a40 20010db8000000000000000000000001"
			     "20010db8000000000000000000000002" UDP);
	/* In a tunnel it is someone else's. */
	assert_none(DLT_RAW, "4500 0035 0001 0000 4004 0000 c0000201 c000020a" IPV4);
}

/* The UDP header says how long the payload is, whatever the IP header says; 0 is "to the end". */
static void test_length(void **state)
{
	struct wire w = wire_hex("4500 0021 0001 0000 4011 0000 c0000201 c000020a" UDP "ffff");

	for (uint32_t length = 0; length <= 40; length++) {
		bool good = length == 0 || length >= 8;
		uint32_t left = w.len - 20, len = length == 0 || length > left ? left : length;

		base_put_u16(w.bytes + 24, (uint16_t)length);
		assert_int_equal(find(DLT_RAW, &w, w.len), good);
		if (good)
			assert_int_equal(datagram.len, len - 8);
	}
	assert_found(DLT_RAW, "4500 001b 0001 0000 4011 0000 c0000201 c000020a" UDP, 4);
}

/* The longest UDP datagrams: of these a frame is longer than 65,535 bytes. */
static void test_longest(void **state)
{
	static const char *const heads[] = {
		MACS "8100 0064 0800 4500 ffff 0001 0000 4011 0000 c0000201 c000020a"
		     "22b8 18c7 ffeb 0000",
		MACS "8100 0064 86dd 60000000 ffff 1140 20010db8000000000000000000000001"
		     "20010db8000000000000000000000002 22b8 18c7 ffff 0000",
	};

	for (unsigned i = 0; i < 2; i++) {
		struct wire w = wire_hex(heads[i]);
		uint32_t payload = base_get_u16(w.bytes + w.len - 4) - 8u;

		for (uint32_t more = 0; more < 2; more++) {
			free(frame);
			frame = calloc(1, w.len + payload + more);
			memcpy(frame, w.bytes, w.len);
			datagram = (struct decode_datagram){.time_ns = 5};
			assert_true(
				frame_datagram(DLT_EN10MB, frame, w.len + payload + more, &datagram)
					.datagram);
			assert_ptr_equal(datagram.payload, frame + w.len);
			assert_int_equal(datagram.len, payload);
		}
	}
}

/* Cut at every byte: the payload is what is there of it. */
static void check_cut(int link, const char *hex)
{
	struct wire w = wire_hex(hex);

	for (uint32_t len = 0; len <= w.len; len++) {
		bool found = find(link, &w, len);

		assert_int_equal(found, len + 5 >= w.len);
		if (!found)
			continue;
		assert_int_equal(datagram.len, len + 5 - w.len);
		assert_memory_equal(datagram.payload, "sFlow", datagram.len);
	}
}

static void test_cut(void **state)
{
	check_cut(DLT_EN10MB, MACS "0800" IPV4);
	check_cut(DLT_EN10MB, MACS "88a8 0064 8100 0065 86dd" IPV6);
	check_cut(DLT_LINUX_SLL, SLL("0800") IPV4);
	check_cut(DLT_LINUX_SLL, SLL("8100") "0064 0800" IPV4);
	check_cut(DLT_LINUX_SLL2, SLL2("86dd") IPV6);
	check_cut(DLT_NULL, "02000000" IPV4);
	check_cut(DLT_RAW, IPV6);
	check_cut(DLT_PPP, "ff03 0021" IPV4);
	check_cut(DLT_C_HDLC, "0f00 0800" IPV4);
	check_cut(DLT_IEEE802_11_RADIO, "00 00 0900 02000000 00" DOT11 "0800" IPV4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_ethernet, teardown),
		cmocka_unit_test_teardown(test_tags, teardown),
		cmocka_unit_test_teardown(test_cooked, teardown),
		cmocka_unit_test_teardown(test_null, teardown),
		cmocka_unit_test_teardown(test_raw, teardown),
		cmocka_unit_test_teardown(test_ppp, teardown),
		cmocka_unit_test_teardown(test_serial, teardown),
		cmocka_unit_test_teardown(test_wifi, teardown),
		cmocka_unit_test(test_links),
		cmocka_unit_test_teardown(test_options, teardown),
		cmocka_unit_test_teardown(test_padding, teardown),
		cmocka_unit_test_teardown(test_offload, teardown),
		cmocka_unit_test_teardown(test_fragments, teardown),
		cmocka_unit_test_teardown(test_whole, teardown),
		cmocka_unit_test_teardown(test_not_udp, teardown),
		cmocka_unit_test_teardown(test_length, teardown),
		cmocka_unit_test_teardown(test_longest, teardown),
		cmocka_unit_test_teardown(test_cut, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
