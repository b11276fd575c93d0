/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * HyperLogLog: how many different values there were, of their hashes alone, in fixed memory. Few
 * values are a list of codes, which counts them one by one; more are registers, whose estimate has
 * a standard error of 1.04 / sqrt(SKETCH_REGISTERS), 2.3 %. Sketches of the same hash unite without
 * loss: the union is the sketch of all values of both. Pure; no allocation.
 *
 * A code is 26 bits of the hash and the number of zeroes behind them plus one, 6 bits: what the
 * registers will want to know. Two values have the same code with a probability of about 2^-27.
 */
enum {
	SKETCH_BITS = 11, /* of the hash that choose a register */
	SKETCH_REGISTERS = 1 << SKETCH_BITS,
	SKETCH_CODES = 128, /* in a list, at most */
};

/* A sketch of either kind that fits everything; also what two are united in. */
struct sketch {
	uint32_t count; /* codes; of registers, 0 */
	bool dense;     /* registers, not codes */
	union {
		uint32_t codes[SKETCH_CODES];
		uint8_t registers[SKETCH_REGISTERS];
	};
};

/* What is read of a sketch, wherever it lies. */
struct sketch_view {
	const uint32_t *codes;    /* NULL: registers */
	const uint8_t *registers; /* NULL: codes */
	uint32_t count;           /* codes */
};

/** The code of a 64-bit hash, whose bits are all as good as random; never 0. */
static inline uint32_t sketch_code(uint64_t hash)
{
	uint32_t zeroes = (uint32_t)__builtin_clzll(hash << 26 | UINT64_C(1) << 25);

	return (uint32_t)(hash >> 38) << 6 | (zeroes + 1);
}

/** Note a code in registers. */
static inline void sketch_register(uint8_t *registers, uint32_t code)
{
	enum { MORE = 26 - SKETCH_BITS }; /* bits of the code that count as zeroes do */
	uint32_t more = code >> 6 & ((1u << MORE) - 1);
	uint8_t rank = (uint8_t)(more ? (unsigned)__builtin_clz(more << (32 - MORE)) + 1
				      : MORE + (code & 63));
	uint8_t *r = &registers[code >> (6 + MORE)];

	if (rank > *r)
		*r = rank;
}

/** Whether a list has a code. */
static inline bool sketch_listed(const uint32_t *codes, uint32_t count, uint32_t code)
{
	bool found = false;

	for (uint32_t i = 0; i < count; i++)
		found |= codes[i] == code;
	return found;
}

static inline struct sketch_view sketch_view(const struct sketch *s)
{
	return s->dense ? (struct sketch_view){.registers = s->registers}
			: (struct sketch_view){.codes = s->codes, .count = s->count};
}

/** Nothing in it. */
static inline void sketch_clear(struct sketch *s)
{
	s->count = 0;
	s->dense = false;
}

/** Note a value. @param hash  keyed, 64 bits */
void sketch_add(struct sketch *s, uint64_t hash);

/** Take all of another one in. */
void sketch_unite(struct sketch *s, struct sketch_view other);

/** How many different values there were. */
double sketch_estimate(struct sketch_view s);

/** Standard error of that, relative: 0 of a list of codes. */
double sketch_error(struct sketch_view s);
