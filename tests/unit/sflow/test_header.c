/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "wire.h"

static uint64_t stats[SFLOW_STATS];
static uint8_t *bytes;

static int teardown(void **state)
{
	free(bytes);
	bytes = NULL;
	return 0;
}

enum { ETHERNET = 1, IPV4 = 11, IPV6 = 12 };

/* The words in front of a header; `declared` 0: as many bytes as it has. */
struct words {
	uint32_t protocol, frame_length, stripped, declared;
};

/* Read a body in a buffer of exactly its size. */
static struct sflow_header read_header(const struct words *words, const char *hex)
{
	struct wire header = wire_hex(hex), w = {.len = 0};
	struct sflow_header h;

	wire_u32(&w, words->protocol);
	wire_u32(&w, words->frame_length);
	wire_u32(&w, words->stripped);
	wire_u32(&w, words->declared ? words->declared : header.len);
	memcpy(w.bytes + w.len, header.bytes, header.len);
	w.len += header.len;
	free(bytes);
	bytes = wire_copy(&w);
	assert_true(sflow_header_read(&h, bytes, w.len));
	assert_int_equal(h.protocol, words->protocol);
	assert_int_equal(h.frame_length, words->frame_length);
	assert_int_equal(h.stripped, words->stripped);
	assert_true(h.len <= header.len && h.data == bytes + 16);
	memset(stats, 0, sizeof(stats));
	sflow_header_count(&h, stats);
	return h;
}

#define MACS "020000000001 020000000002 "
#define IP_1500 "4500 05dc 0000 0000 40060000 c0000201 c0000202"
#define IP6_1500                                                                                   \
	"60000000 05b4 0640 20010db8000000000000000000000001 20010db8000000000000000000000002"

static void test_plain(void **state)
{
	const struct words words = {ETHERNET, 1518, 4, 0};
	struct sflow_header h = read_header(&words, MACS "0800" IP_1500);

	assert_int_equal(h.len, 34);
	assert_int_equal(h.declared, 34);
	assert_int_equal(h.ip_offset, 14);
	assert_int_equal(h.ip_length, 1500);
	assert_int_equal(sflow_header_stripped(&h), 4);
	assert_int_equal(sflow_header_length(&h), 1518);
	for (unsigned i = 0; i < SFLOW_STATS; i++)
		assert_int_equal(stats[i], 0);
}

static void test_short(void **state)
{
	static const uint8_t zeros[16];
	struct sflow_header h;

	for (uint32_t len = 0; len < 16; len++) {
		free(bytes);
		bytes = calloc(1, len ? len : 1);
		assert_false(sflow_header_read(&h, bytes, len));
	}
	assert_true(sflow_header_read(&h, zeros, 16));
	assert_int_equal(h.len, 0);
	assert_int_equal(h.ip_length, 0);
}

/* What it says to have is clamped to what is there. */
static void test_declared(void **state)
{
	static const uint32_t declared[] = {1, 33, 34, 35, 0x7FFFFFFF, 0x80000000, UINT32_MAX};

	for (unsigned i = 0; i < sizeof(declared) / sizeof(declared[0]); i++) {
		const struct words words = {ETHERNET, 1518, 4, declared[i]};
		struct sflow_header h = read_header(&words, MACS "0800" IP_1500);

		assert_int_equal(h.declared, declared[i]);
		assert_int_equal(h.len, declared[i] < 34 ? declared[i] : 34);
		assert_int_equal(stats[SFLOW_HEADER_CUT], declared[i] > 34);
		assert_int_equal(h.ip_length, declared[i] < 20 ? 0 : 1500);
	}
}

/* stripped = frame_length - header_length: the rest of the frame, not what was taken away. */
static void test_stripped_tail(void **state)
{
	const struct words tail = {ETHERNET, 1518, 1518 - 34, 0};
	struct sflow_header h = read_header(&tail, MACS "0800" IP_1500);

	assert_int_equal(sflow_header_stripped(&h), 4);
	assert_int_equal(stats[SFLOW_STRIPPED_TAIL], 1);
	/* Nor is the end of another packet known. */
	h = read_header(&tail, MACS "0806 0001080006040001 020000000001 c0000201 0000");
	assert_int_equal(sflow_header_stripped(&h), 4);
	assert_int_equal(stats[SFLOW_STRIPPED_TAIL], 1);
}

/* The same numbers of a frame that is all in its header: stripped is meant as it is defined. */
static void test_stripped_whole(void **state)
{
	const struct words whole = {ETHERNET, 42, 8, 0}, fcs = {ETHERNET, 38, 4, 0};
	struct sflow_header h =
		read_header(&whole, MACS "0800 4500 0014 0000 0000 40060000 c0000201 c0000202");

	assert_int_equal(sflow_header_stripped(&h), 8);
	assert_int_equal(stats[SFLOW_STRIPPED_TAIL], 0);
	h = read_header(&fcs, MACS "0800 4500 05dc 0000 0000 40060000 c0000201 c0000202");
	assert_int_equal(sflow_header_stripped(&h), 4);
	assert_int_equal(stats[SFLOW_STRIPPED_TAIL], 0);
}

/* Where no IP packet tells: FCS and up to four tags of a whole frame were stripped, more is a tail. */
static void test_stripped_tags(void **state)
{
	static const char arp[] =
		MACS "0806 0001080006040001 020000000001 c0000201 000000000000 c0000202";

	for (uint32_t stripped = 4; stripped <= 24; stripped += 4) {
		const struct words words = {ETHERNET, 42 + stripped, stripped, 0};
		struct sflow_header h = read_header(&words, arp);
		bool tail = stripped > 20;

		assert_int_equal(sflow_header_stripped(&h), tail ? 4 : stripped);
		assert_int_equal(stats[SFLOW_STRIPPED_TAIL], tail);
	}
}

/* Sums that wrap are none. */
static void test_stripped_wraps(void **state)
{
	const struct words words = {ETHERNET, 33, UINT32_MAX, 0};
	struct sflow_header h = read_header(&words, MACS "0800" IP_1500);

	assert_int_equal(sflow_header_stripped(&h), UINT32_MAX);
	assert_int_equal(stats[SFLOW_STRIPPED_TAIL], 0);
}

/* A frame that is shorter than the packet in it: the packet's length counts. */
static void test_length_below_ip(void **state)
{
	const struct words words = {ETHERNET, 132, 4, 0}, equal = {ETHERNET, 1500, 4, 0};
	struct sflow_header h = read_header(&words, MACS "0800" IP_1500);

	assert_int_equal(sflow_header_length(&h), 1500);
	assert_int_equal(stats[SFLOW_LENGTH_BELOW_IP], 1);
	h = read_header(&equal, MACS "0800" IP_1500);
	assert_int_equal(sflow_header_length(&h), 1500);
	assert_int_equal(stats[SFLOW_LENGTH_BELOW_IP], 0);
}

static void test_ipv6(void **state)
{
	const struct words words = {ETHERNET, 132, 4, 0}, raw = {IPV6, 132, 0, 0};
	struct sflow_header h = read_header(&words, MACS "86dd" IP6_1500);

	assert_int_equal(h.ip_offset, 14);
	assert_int_equal(h.ip_length, 1500);
	assert_int_equal(sflow_header_length(&h), 1500);
	h = read_header(&raw, IP6_1500);
	assert_int_equal(h.ip_offset, 0);
	assert_int_equal(h.ip_length, 1500);
	/* A jumbo payload says 0; the longest other is beyond 16 bits. */
	h = read_header(&raw, "60000000 0000 0040");
	assert_int_equal(h.ip_length, 0);
	h = read_header(&raw, "60000000 ffff 0640");
	assert_int_equal(h.ip_length, 65575);
}

static void test_raw_ipv4(void **state)
{
	const struct words words = {IPV4, 132, 0, 0};
	struct sflow_header h = read_header(&words, IP_1500);

	assert_int_equal(h.ip_length, 1500);
	h = read_header(&words, "6500 05dc 0000");
	assert_int_equal(h.ip_length, 0);
	h = read_header(&words, "4500 05dc 00");
	assert_int_equal(h.ip_length, 0);
}

static void test_tags(void **state)
{
	static const char *const types[] = {"8100", "88a8", "9100", "9200", "9300"};
	const struct words words = {ETHERNET, 1518, 4, 0};
	char hex[512] = MACS;

	for (unsigned n = 1; n <= 5; n++) {
		struct sflow_header h;
		char whole[640];

		snprintf(hex + strlen(hex), sizeof(hex) - strlen(hex), "%s0064", types[n - 1]);
		snprintf(whole, sizeof(whole), "%s0800" IP_1500, hex);
		h = read_header(&words, whole);
		assert_int_equal(h.ip_length, n <= 4 ? 1500 : 0);
		if (n <= 4)
			assert_int_equal(h.ip_offset, 14 + 4 * n);
	}
}

/* No IP packet: another EtherType, another version. */
static void test_no_ip(void **state)
{
	const struct words words = {ETHERNET, 60, 4, 0};

	assert_int_equal(read_header(&words, MACS "0806" IP_1500).ip_length, 0);
	assert_int_equal(read_header(&words, MACS "0800 6500 05dc 0000").ip_length, 0);
	assert_int_equal(read_header(&words, MACS "86dd 4500 05dc 0000").ip_length, 0);
	assert_int_equal(read_header(&words, MACS "05dc" IP_1500).ip_length, 0);
}

/* IEEE 802.2 behind a length: SNAP, or the point of IP. */
static void test_llc(void **state)
{
	const struct words words = {ETHERNET, 60, 4, 0};
	struct sflow_header h = read_header(&words, MACS "0024 aaaa03 000000 0800" IP_1500);

	assert_int_equal(h.ip_offset, 22);
	assert_int_equal(h.ip_length, 1500);
	h = read_header(&words, MACS "8100 0064 0024 aaaa03 000000 86dd" IP6_1500);
	assert_int_equal(h.ip_offset, 26);
	assert_int_equal(h.ip_length, 1500);
	h = read_header(&words, MACS "0024 060603" IP_1500);
	assert_int_equal(h.ip_offset, 17);
	assert_int_equal(h.ip_length, 1500);
	assert_int_equal(read_header(&words, MACS "0024 aaaa03 00000c 0800" IP_1500).ip_length, 0);
	assert_int_equal(read_header(&words, MACS "0024 aaaa03 000000 0806" IP_1500).ip_length, 0);
	assert_int_equal(read_header(&words, MACS "0024 060602" IP_1500).ip_length, 0);
	assert_int_equal(read_header(&words, MACS "0024 424203" IP_1500).ip_length, 0);
}

/* Cut at every byte: no read beyond it, and the length is known once its bytes are there. */
static void test_cut(void **state)
{
	static const struct {
		const char *header;
		uint32_t known;
	} rows[] = {
		{MACS "0800" IP_1500, 20},
		{MACS "8100 0064 88a8 0065 0800" IP_1500, 28},
		{MACS "86dd" IP6_1500, 20},
		{MACS "0024 aaaa03 000000 0800" IP_1500, 28},
		{MACS "0024 060603" IP_1500, 23},
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct wire whole = wire_hex(rows[i].header);

		for (uint32_t len = 0; len <= whole.len; len++) {
			struct wire w = {.len = 0};
			struct sflow_header h;

			wire_u32(&w, ETHERNET);
			wire_u32(&w, 1518);
			wire_u32(&w, 4);
			wire_u32(&w, whole.len);
			memcpy(w.bytes + 16, whole.bytes, len);
			w.len += len;
			free(bytes);
			bytes = wire_copy(&w);
			assert_true(sflow_header_read(&h, bytes, w.len));
			assert_int_equal(h.len, len);
			assert_int_equal(h.ip_length, len < rows[i].known ? 0 : 1500);
		}
	}
}

/* Protocols that there are, and others. */
static void test_protocols(void **state)
{
	static const uint32_t others[] = {0, 19, 0x7FFFFFFF, 0x80000000, UINT32_MAX};

	for (uint32_t i = 1; i <= 18; i++) {
		const struct words words = {i, 1518, 4, 0};
		struct sflow_header h = read_header(&words, MACS "0800" IP_1500);

		assert_int_equal(stats[SFLOW_HEADER_PROTOCOL], 0);
		assert_int_equal(h.ip_length, i == ETHERNET ? 1500 : 0);
	}
	for (unsigned i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		const struct words words = {others[i], 1518, 4, 0};
		struct sflow_header h = read_header(&words, MACS "0800" IP_1500);

		assert_int_equal(stats[SFLOW_HEADER_PROTOCOL], 1);
		assert_int_equal(h.ip_length, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_plain, teardown),
		cmocka_unit_test_teardown(test_short, teardown),
		cmocka_unit_test_teardown(test_declared, teardown),
		cmocka_unit_test_teardown(test_stripped_tail, teardown),
		cmocka_unit_test_teardown(test_stripped_whole, teardown),
		cmocka_unit_test_teardown(test_stripped_tags, teardown),
		cmocka_unit_test_teardown(test_stripped_wraps, teardown),
		cmocka_unit_test_teardown(test_length_below_ip, teardown),
		cmocka_unit_test_teardown(test_ipv6, teardown),
		cmocka_unit_test_teardown(test_raw_ipv4, teardown),
		cmocka_unit_test_teardown(test_tags, teardown),
		cmocka_unit_test_teardown(test_no_ip, teardown),
		cmocka_unit_test_teardown(test_llc, teardown),
		cmocka_unit_test_teardown(test_cut, teardown),
		cmocka_unit_test_teardown(test_protocols, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
