/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet/shape.h"

#include "expect.h"

enum { ROUNDS = 200000, LONGEST = 160 };

/* What a header of that shape says of a field is what a walk over it says. */
static void compare(const uint8_t *data, uint32_t len, unsigned shape, const struct packet *p,
	const struct packet_field *f, unsigned instance)
{
	struct packet_place place = packet_shape_place(shape, f, instance);
	struct packet_value want, got;
	bool there = packet_field_get(p, f, instance, &want);

	if (place.kind == PACKET_PLACE_READ)
		return;
	assert_int_equal(there, place.kind == PACKET_PLACE_AT);
	if (!there)
		return;
	assert_true(place.at + f->width <= len);
	got = (struct packet_value){.p = data + place.at, .len = f->width};
	if (f->mask)
		packet_field_bits(f, data + place.at, &got);
	assert_int_equal(want.len, got.len);
	assert_memory_equal(want.p, got.p, got.len);
}

static void compare_all(const uint8_t *data, uint32_t len, unsigned shape)
{
	struct packet p;

	packet_decode(&p, data, len, PACKET_PROTOCOL_ETHERNET, PACKET_INSTANCES - 1);
	for (unsigned i = 0; i < packet_fields_count; i++)
		for (unsigned n = 0; n < PACKET_INSTANCES; n++)
			compare(data, len, shape, &p, &packet_fields[i], n);
}

static unsigned pick(const unsigned *from, size_t count)
{
	return from[(size_t)rand() % count];
}
#define PICK(...)                                                                                  \
	pick((const unsigned[]){__VA_ARGS__},                                                      \
		sizeof((const unsigned[]){__VA_ARGS__}) / sizeof(unsigned))

static uint8_t *put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
	return p + 2;
}

/* Random bytes with what makes a shape, or nearly, at its places. */
static uint32_t random_header(uint8_t data[LONGEST])
{
	unsigned type = PICK(0x0800, 0x0800, 0x86DD, 0x86DD, 0x0806, 64, 0x8847),
		 protocol = PICK(6, 6, 17, 17, 1, 47, 44, 4, 41, 0);
	uint8_t *at = data + 12;

	for (unsigned i = 0; i < LONGEST; i++)
		data[i] = (uint8_t)rand();
	if (rand() % 3 == 0)
		at = put16(at, PICK(0x8100, 0x8100, 0x88A8)) + 2;
	at = put16(at, type);
	if (type == 0x86DD) {
		at[0] = (uint8_t)PICK(0x60, 0x6F, 0x45);
		at[6] = (uint8_t)protocol;
		at += 40;
	} else {
		at[0] = (uint8_t)PICK(0x45, 0x45, 0x45, 0x46, 0x44, 0x65);
		put16(at + 6, PICK(0, 0x4000, 0x2000, 1, 0x2005));
		at[9] = (uint8_t)protocol;
		at += (at[0] & 15) * 4;
	}
	put16(at, PICK(1234, 53, 5353, 4789, 80));
	put16(at + 2, PICK(80, 443, 53, 5353, 4789, 4790, 8472, 6081, 2152, 4791, 9999));
	return rand() % 4 ? 128 : (uint32_t)rand() % LONGEST;
}

static bool is_quick(unsigned shape, uint32_t len)
{
	return (shape == 1 || shape == 1 + PACKET_SHAPE_UDP) && len >= 14 + 20 + 20;
}

static void agrees_with_walk(void **state)
{
	unsigned seen[PACKET_SHAPES] = {0};

	(void)state;
	srand(1);
	for (unsigned i = 0; i < ROUNDS; i++) {
		uint8_t data[LONGEST], *exact;
		uint32_t len = random_header(data);
		unsigned shape;

		/* Just as long, so that a read past the end is noticed. */
		exact = malloc(len ? len : 1);
		assert_non_null(exact);
		memcpy(exact, data, len);
		shape = packet_shape(exact, len, PACKET_PROTOCOL_ETHERNET);
		assert_true(shape < PACKET_SHAPES);
		/* Not some of these headers, but all. */
		assert_int_equal(packet_shape_quick(exact, len),
			is_quick(shape, len) ? shape : PACKET_SHAPES_ANY);
		/* The places are the same for all of a shape: some of each are enough. */
		if (shape != PACKET_SHAPE_NONE && seen[shape]++ < 50)
			compare_all(exact, len, shape);
		free(exact);
	}
	for (unsigned i = 1; i < PACKET_SHAPES; i++)
		assert_in_range(seen[i], 50, ROUNDS);
}

static unsigned shape_of(const char *hex, uint32_t protocol)
{
	struct bytes b = bytes_of(hex);
	unsigned shape = packet_shape(b.p, b.len, protocol);

	free(b.p);
	return shape;
}

static void shapes(void **state)
{
	(void)state;
	assert_int_equal(shape_of(ETH "0800" IP("06") TCP, 1), 1);
	assert_int_equal(shape_of(ETH "0800" IP("11") UDP("1234"), 1), 1 + PACKET_SHAPE_UDP);
	assert_int_equal(shape_of(ETH "8100 0001 86DD" IP6("06") TCP, 1),
		1 + PACKET_SHAPE_VLAN + PACKET_SHAPE_IP6);
	assert_int_equal(shape_of(ETH "0800" IP("06") TCP, 11), PACKET_SHAPE_NONE);
}

/* What carries something that a walk would look into. */
static void not_plain(void **state)
{
	static const char *const ports[] = {
		"12B5", "12B6", "2118", "17C1", "0868", "12B7", "0035", "14E9"};
	char hex[256];

	(void)state;
	for (unsigned i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
		snprintf(hex, sizeof(hex), ETH "0800" IP("11") "C000 %s 0040 0000", ports[i]);
		assert_int_equal(shape_of(hex, 1), PACKET_SHAPE_NONE);
	}
	assert_int_equal(
		shape_of(ETH "0800" IP("06") "0035 C000 00000001 00000002 5012 2000 0000 0000", 1),
		PACKET_SHAPE_NONE);
	assert_int_equal(shape_of(ETH "0800" IP("06") "04D2 0050 00000001", 1), PACKET_SHAPE_NONE);
	assert_int_equal(shape_of("", 1), PACKET_SHAPE_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_walk),
		cmocka_unit_test(shapes),
		cmocka_unit_test(not_plain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
