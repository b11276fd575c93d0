/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "../dice.h"
#include "sflow/trace.h"
#include "vectors.h"
#include "wire.h"

/* The walk for people counts what the walk of the collector counts, whatever the bytes are. */

enum { SAMPLE = 28 };

/* Counters of datagrams and samples, which both walks share. */
static bool is_shared(unsigned s)
{
	return s <= SFLOW_SAMPLE_VALUE_TYPE || s == SFLOW_SAMPLE_SURPLUS || s == SFLOW_RATE_ZERO ||
	       s == SFLOW_SAMPLE_WRAPPED;
}

/* Both walks over bytes in a buffer of exactly their size. */
static void compare(const uint8_t *bytes, uint32_t len)
{
	static const struct sflow_visitor nobody = {0};
	uint64_t walked[SFLOW_STATS] = {0}, traced[SFLOW_STATS] = {0};
	uint8_t *copy = malloc(len ? len : 1);
	struct sflow_datagram dg;
	struct sflow_sample s;

	assert_non_null(copy);
	memcpy(copy, bytes, len);
	sflow_datagram_open(&dg, copy, len, walked);
	while (sflow_sample_next(&dg, &s, walked))
		;
	sflow_trace(copy, len, &nobody, NULL, traced);
	free(copy);
	assert_conserved(walked);
	assert_conserved(traced);
	/* An agent without an address is shown; the collector drops what it sends. */
	if (len >= 8 && base_get_u32(bytes) == 5 && base_get_u32(bytes + 4) == 0)
		return;
	for (unsigned i = 0; i < SFLOW_STATS; i++)
		if (is_shared(i) && walked[i] != traced[i])
			fail_msg("%s: walked %u, traced %u", sflow_stats.defs[i].name,
				(unsigned)walked[i], (unsigned)traced[i]);
}

/* Numbers that are often a limit. */
static uint32_t odd_word(struct dice *d, uint32_t old)
{
	static const uint32_t words[] = {0, 1, 2, 3, 4, 5, 6, 8, 11, 12, 16, 1000, 1001, 1002, 1003,
		1013, 1016, 2001, 2003, 2201, 0x3FFFFFFF, 0x40000001, 0x7FFFFFFF, 0x80000000,
		0xFFFFFFFC, 0xFFFFFFFE, 0xFFFFFFFF, SFLOW_FOUNDRY_WRAPPER, SFLOW_RTMETRIC,
		SFLOW_RTFLOW};
	uint32_t kind = dice_below(d, 4);

	if (kind == 0)
		return old + dice_below(d, 17) - 8;
	if (kind == 1)
		return (uint32_t)dice_u64(d);
	return words[dice_below(d, sizeof(words) / sizeof(words[0]))];
}

static void mutate(struct dice *d, struct wire *w)
{
	uint32_t at;

	for (unsigned n = 1 + dice_below(d, 3); n > 0 && w->len >= 8; n--) {
		at = dice_below(d, w->len / 4) * 4;
		switch (dice_below(d, 8)) {
		case 0:
			w->len = dice_below(d, w->len + 1);
			break;
		case 1:
			w->bytes[dice_below(d, w->len)] = (uint8_t)dice_u64(d);
			break;
		case 2:
			memmove(w->bytes + at + 4, w->bytes + at, w->len - at);
			w->len += 4;
			break;
		case 3:
			memmove(w->bytes + at, w->bytes + at + 4, w->len - at - 4);
			w->len -= 4;
			break;
		default:
			base_put_u32(w->bytes + at, odd_word(d, base_get_u32(w->bytes + at)));
		}
	}
}

/* Many samples of all kinds, one behind the other. */
static struct wire mixture(void)
{
	static const char *const vectors[] = {V2, V4, V5};
	struct wire w = {.len = 0}, other;

	wire_datagram(&w, 3, 7);
	for (unsigned i = 0; i < 3; i++) {
		other = wire_hex(vectors[i]);
		wire_opaque(&w, other.bytes + SAMPLE, other.len - SAMPLE);
	}
	wire_u32(&w, SFLOW_FOUNDRY_WRAPPER);
	wire_u32(&w, 8);
	wire_u64(&w, 0);
	other = wire_hex(V_RTMETRIC);
	wire_opaque(&w, other.bytes + SAMPLE, other.len - SAMPLE);
	other = wire_hex(V3);
	wire_u32(&w, SFLOW_FOUNDRY_WRAPPER);
	wire_u32(&w, 8 + other.len - 40);
	wire_u64(&w, 0);
	wire_opaque(&w, other.bytes + 40, other.len - 40);
	other = wire_hex(V_RTFLOW);
	wire_opaque(&w, other.bytes + SAMPLE, other.len - SAMPLE);
	wire_record(&w, SFLOW_TAG(1991, 9), 3);
	return w;
}

static void test_random(void **state)
{
	enum { ROUNDS = 20000 };
	const struct wire seeds[] = {wire_hex(V1), wire_hex(V2), wire_hex(V3), wire_hex(V4),
		wire_hex(V5), wire_hex(V_RTMETRIC), wire_hex(V_RTFLOW), mixture()};
	struct dice dice = {.state = 1};

	for (unsigned i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++) {
		for (uint32_t len = 0; len <= seeds[i].len; len++)
			compare(seeds[i].bytes, len);
		for (unsigned n = 0; n < ROUNDS; n++) {
			struct wire w = seeds[i];

			mutate(&dice, &w);
			compare(w.bytes, w.len);
		}
	}
}

/* Every word of a datagram, as each of the numbers that are often a limit. */
static void test_words(void **state)
{
	const struct wire seed = mixture();
	struct dice dice = {.state = 2};

	for (uint32_t at = 8; at + 4 <= seed.len; at += 4) {
		for (unsigned n = 0; n < 40; n++) {
			struct wire w = seed;

			base_put_u32(w.bytes + at, odd_word(&dice, base_get_u32(w.bytes + at)));
			compare(w.bytes, w.len);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
