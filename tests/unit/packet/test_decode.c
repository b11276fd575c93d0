/* SPDX-License-Identifier: BSD-3-Clause */
#include "expect.h"

#define INNER "020000000004 020000000003 8100 0005 0800" IP_INNER("06") TCP

#define BTH "0C D2 8001 40 00ABCD 80 012345 0102030405060708 0A0B0C0D 00100000 "
#define GRH "60000000 0040 1B 40 FE800000000000000000000000000001 FE800000000000000000000000000002 "
#define DNS "1234 8183 0001 0000 0000 0000 03 777777 07 6578616D706C65 03 636F6D 00 001C 0001"
#define MSS "04D2 0050 00000001 00000002 7012 2000 0000 0000 01 01 01 00 02 04 05B4"
#define SNAP "AAAA03 000000 0800"

static const struct {
	uint32_t protocol;
	const char *hex;
	unsigned depth;
} deep[] = {
	{1, ETH "88A8 0001 8100 0002 0800" IP("11") UDP("12B5") "08000000 00012C00" INNER, 7},
	{1,
		ETH "86DD" IP6("00") "2B000104 00000000 2C000104 00000000 2F000001 00000007"
				     "2000 6558 00012C07" INNER,
		6},
	{1, ETH "8847 00064A40 000C813F 00000000" INNER, 5},
	{1,
		ETH "0800" IP("29") IP6("11") UDP("17C1") "0200 6558 00012C00 0102800100000000"
							  "020000000004 020000000003 0806 0001 "
							  "0800 06 04 0001 020000000001 0A000001"
							  "000000000000 0A000002",
		7},
	{1, ETH "0040 " SNAP IP("01") "03 03 0000 00000000" IP_INNER("11") UDP("0035"), 3},
	{1,
		ETH "0800" IP(
			"2F") "1000 22EB 00000001 206400010000000000000001 0000000000000000" INNER,
		7},
	{1, ETH "86DD" IP6("3A") "03 00 0000 00000000" IP6("00") "0600010400000000" TCP, 3},
	{1, ETH "8864 11 00 000A 0040 0057" IP6("84") "8E3C 0B59 01020304 00000000 0003 0010", 5},
	{1, ETH "0800" IP("11") UDP("0035") DNS, 4},
	{1, ETH "0800" IP("06") "C000 0035 00000001 00000002 5018 2000 0000 0000 0021" DNS, 4},
	{1, ETH "0800" IP("06") MSS, 3},
	{1,
		ETH "0800" IP("11")
			UDP("0868") "34 FF 0040 01020304 0000 00 85 01 00 09 00" IP_INNER("06") TCP,
		6},
	{1, ETH "0800" IP("11") UDP("12B6") "0C000002 00012C00" IP6("11") UDP("0035") DNS, 7},
	{1, ETH "0800" IP("11") UDP("12B7") BTH, 4},
	{1, ETH "8915" GRH BTH, 3},
	{1, ETH "0026 FEFE03 CF 0021" IP("06") TCP, 4},
	{1, ETH "0026 424203 0000", 2},
	{2, "02 " ETH SNAP IP("06") TCP, 3},
	{3, "10 40 020000000002 820000000001 0630 0011 0020" SNAP IP("06") TCP, 3},
	{4, "50 " ETH SNAP IP("06") TCP, 3},
	{5, "04100405 03 00 80 0080C2 0007" ETH "0800" IP("06") TCP, 4},
	{6, "2123 00 02 CC" IP("06") TCP, 3},
	{7, "FF03 0021" IP("06") TCP, 3},
	{8,
		"0001 0064 C15551234567FFFF E18005550100FFFF 04000000 "
		"000000000000000000000000 " SNAP IP("06") TCP,
		3},
	{9, "AAAA03 0080C2 0007 0000" ETH "0800" IP("06") TCP, 3},
	{10, IP6("06") TCP, 2},
	{11, IP("06") TCP, 2},
	{12, IP6("06") TCP, 2},
	{13, "00064A40 000C813F" IP("06") TCP, 3},
	{14, "FF03 21" IP("06") TCP, 3},
	{15,
		"8803 0000 020000000011 020000000022 020000000033 1000 020000000044 0000" SNAP IP(
			"06") TCP,
		3},
	{15,
		"8802 0000 020000000011 020000000022 020000000033 1000 8000" ETH
		"0700" SNAP IP("06") TCP,
		4},
	{16,
		"0000004E 0006004E 0801 0000 020000000011 020000000022 020000000033 1000 " SNAP IP(
			"06") TCP,
		3},
	{17, ETH "0700" SNAP IP("06") TCP, 3},
	{18, "20 33 0102 0010 0304" GRH BTH, 3},
	{18, "20 30 0102 0010 0304 0000 0800" IP("06") TCP, 3},
};

enum { DEEP = sizeof(deep) / sizeof(deep[0]) };

/* What must hold of any packet; reads every field of every instance. */
static void check(const struct packet *p)
{
	char buf[4 * PACKET_ROOM];

	assert_true(p->depth <= PACKET_STACK);
	for (unsigned layer = 0; layer < PACKET_ANY; layer++) {
		assert_true(p->count[layer] <= PACKET_INSTANCES);
		for (unsigned i = 0; i < p->count[layer]; i++)
			assert_true(p->at[layer][i] < p->len);
	}
	for (unsigned i = 0; i < packet_fields_count; i++)
		for (unsigned n = 0; n <= PACKET_INSTANCES; n++)
			text_of(p, &packet_fields[i], n, buf, sizeof(buf));
}

/* A field of a packet that was cut is what it is in the whole packet, or absent. */
static void same_or_absent(const struct packet *cut, const struct packet *whole)
{
	char a[PACKET_ROOM], b[PACKET_ROOM];

	for (unsigned i = 0; i < packet_fields_count; i++) {
		const struct packet_field *f = &packet_fields[i];

		for (unsigned n = 0; n < PACKET_INSTANCES; n++) {
			const char *is = text_of(cut, f, n, a, sizeof(a));
			const char *was = text_of(whole, f, n, b, sizeof(b));

			if (!is)
				continue;
			assert_non_null(was);
			if (f->layer == PACKET_ANY)
				assert_memory_equal(is, was, strlen(is));
			else
				assert_string_equal(is, was);
		}
	}
}

static void cut_at_every_length(void **state)
{
	(void)state;
	for (unsigned i = 0; i < DEEP; i++) {
		struct bytes whole = bytes_of(deep[i].hex);
		struct packet all, p;

		packet_decode(&all, whole.p, whole.len, deep[i].protocol, 2);
		assert_int_equal(all.depth, deep[i].depth);
		check(&all);
		for (uint32_t len = 0; len <= whole.len; len++) {
			uint8_t *cut = malloc(len ? len : 1);

			assert_non_null(cut);
			memcpy(cut, whole.p, len);
			packet_decode(&p, cut, len, deep[i].protocol, 2);
			check(&p);
			same_or_absent(&p, &all);
			assert_memory_equal(p.stack, all.stack, p.depth);
			free(cut);
		}
		free(whole.p);
	}
}

/* xorshift: the same bytes in every run. */
static uint32_t random_u32(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static void random_bytes(void **state)
{
	uint32_t seed = 1;

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		uint32_t len = random_u32(&seed) % 200;
		uint8_t *data = malloc(len ? len : 1);
		struct packet p;

		assert_non_null(data);
		for (uint32_t k = 0; k < len; k++)
			data[k] = (uint8_t)random_u32(&seed);
		if (len > 0 && i / 18 % 4 == 1)
			data[0] = 0x45;
		if (len > 0 && i / 18 % 4 == 2)
			data[0] = 0x60;
		packet_decode(
			&p, data, len, 1 + i % PACKET_PROTOCOL_INFINIBAND, random_u32(&seed) % 8);
		check(&p);
		free(data);
	}
}

static void damaged_packets(void **state)
{
	uint32_t seed = 2;

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		struct bytes b = bytes_of(deep[i % DEEP].hex);
		struct packet p;

		for (unsigned k = random_u32(&seed) % 6; k > 0; k--)
			b.p[random_u32(&seed) % b.len] = (uint8_t)random_u32(&seed);
		packet_decode(&p, b.p, b.len, deep[i % DEEP].protocol, 8);
		check(&p);
		free(b.p);
	}
}

static void no_layers(void **state)
{
	static const uint32_t protocols[] = {0, 19, 32, 0x0800, 0x10001, 0xFFFFFFFF};
	struct bytes b = bytes_of(deep[0].hex);
	struct packet p;

	(void)state;
	for (unsigned i = 0; i < 6; i++) {
		packet_decode(&p, b.p, b.len, protocols[i], 2);
		assert_int_equal(p.depth, 0);
		check(&p);
	}
	packet_decode(&p, NULL, 0, PACKET_PROTOCOL_ETHERNET, 2);
	assert_int_equal(p.depth, 0);
	check(&p);
	free(b.p);
}

/* A packet is decoded into memory that still holds the one before. */
static void nothing_is_left_over(void **state)
{
	struct bytes b = bytes_of(deep[0].hex), c = bytes_of(ETH "86DD");
	struct packet p;

	(void)state;
	memset(&p, 0xFF, sizeof(p));
	packet_decode(&p, b.p, b.len, PACKET_PROTOCOL_ETHERNET, 2);
	check(&p);
	packet_decode(&p, c.p, c.len, PACKET_PROTOCOL_ETHERNET, 2);
	assert_int_equal(p.depth, 1);
	check(&p);
	free(b.p);
	free(c.p);
}

#define LABELS_4 "00064A40 00064A40 00064A40 00064A40 "
#define TAGS_4 "8100 0001 8100 0002 8100 0003 8100 0004 "

/* More instances of a layer than are noted. */
static void omitted(void **state)
{
	static const struct {
		const char *hex;
		unsigned omitted;
	} cases[] = {
		{ETH "8847" LABELS_4, 0},
		{ETH "8847" LABELS_4 LABELS_4 "000C813F" IP("06") TCP, 5},
		{ETH "8847" LABELS_4 "00", 1},
		{ETH TAGS_4 "0800" IP("06") TCP, 0},
		{ETH TAGS_4 "8100 0005 8847" LABELS_4 "000C813F", 2},
		{ETH "0800" IP("04") IP("04") IP("04") IP("04") IP("06") TCP, 1},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bytes b = bytes_of(cases[i].hex);
		struct packet p;

		packet_decode(&p, b.p, b.len, PACKET_PROTOCOL_ETHERNET, 8);
		assert_int_equal(p.omitted, cases[i].omitted);
		free(b.p);
	}
}

/* Tags of two kinds in turns are walked as far as they go; their count stays what it can say. */
static void omitted_saturates(void **state)
{
	enum { TURNS = 300, TURN = 12, TYPE = 12 };
	static uint8_t frame[TYPE + TURNS * TURN + 2];
	struct packet p;

	(void)state;
	for (unsigned i = 0; i < TURNS; i++) {
		base_put_u16(frame + TYPE + i * TURN, 0x8100);
		base_put_u16(frame + TYPE + i * TURN + 4, 0x893F);
	}
	base_put_u16(frame + TYPE + TURNS * TURN, 0x0806);
	packet_decode(&p, frame, sizeof(frame), PACKET_PROTOCOL_ETHERNET, 2);
	assert_int_equal(p.eth_type[0], 0x0806);
	assert_int_equal(p.omitted, UINT8_MAX);
}

static void long_input(void **state)
{
	enum { LEN = UINT16_MAX + 100 };
	uint8_t *data = calloc(1, LEN);
	struct packet p;

	(void)state;
	assert_non_null(data);
	packet_decode(&p, data, LEN, PACKET_PROTOCOL_ETHERNET, 2);
	assert_int_equal(p.len, UINT16_MAX);
	assert_int_equal(p.depth, 1);
	check(&p);
	free(data);
}

TEST_MAIN(cmocka_unit_test(cut_at_every_length), cmocka_unit_test(random_bytes),
	cmocka_unit_test(damaged_packets), cmocka_unit_test(no_layers),
	cmocka_unit_test(nothing_is_left_over), cmocka_unit_test(omitted),
	cmocka_unit_test(omitted_saturates), cmocka_unit_test(long_input))
