/* SPDX-License-Identifier: BSD-3-Clause */
#include "table/sketch.h"

#include <math.h>
#include <string.h>

enum { SKETCH_RANKS = 64 - SKETCH_BITS + 1 }; /* largest value of a register, plus one */

/* From a list to registers, in the same memory. */
static void make_dense(struct sketch *s)
{
	uint32_t codes[SKETCH_CODES], count = s->count;

	memcpy(codes, s->codes, count * sizeof(codes[0]));
	memset(s->registers, 0, sizeof(s->registers));
	for (uint32_t i = 0; i < count; i++)
		sketch_register(s->registers, codes[i]);
	s->count = 0;
	s->dense = true;
}

static void add_code(struct sketch *s, uint32_t code)
{
	if (!s->dense) {
		if (sketch_listed(s->codes, s->count, code))
			return;
		if (s->count < SKETCH_CODES) {
			s->codes[s->count++] = code;
			return;
		}
		make_dense(s);
	}
	sketch_register(s->registers, code);
}

void sketch_add(struct sketch *s, uint64_t hash)
{
	add_code(s, sketch_code(hash));
}

void sketch_unite(struct sketch *s, struct sketch_view other)
{
	if (!other.registers) {
		for (uint32_t i = 0; i < other.count; i++)
			add_code(s, other.codes[i]);
		return;
	}
	if (!s->dense)
		make_dense(s);
	for (unsigned i = 0; i < SKETCH_REGISTERS; i++) {
		uint8_t a = s->registers[i], b = other.registers[i];

		s->registers[i] = a > b ? a : b;
	}
}

/*
 * O. Ertl, "New cardinality estimation algorithms for HyperLogLog sketches" (2017), algorithm 6: no
 * bias to be corrected, from no value to more than the hash can tell apart.
 */
static double sigma(double x)
{
	double y = 1, z = x, before;

	if (x >= 1)
		return INFINITY;
	do {
		x *= x;
		before = z;
		z += x * y;
		y += y;
	} while (z != before);
	return z;
}

static double tau(double x)
{
	double y = 1, z = 1 - x, before;

	if (x <= 0 || x >= 1)
		return 0;
	do {
		x = sqrt(x);
		before = z;
		y /= 2;
		z -= (1 - x) * (1 - x) * y;
	} while (z != before);
	return z / 3;
}

static double estimate_registers(const uint8_t *registers)
{
	const double m = SKETCH_REGISTERS;
	uint32_t have[SKETCH_RANKS + 1] = {0};
	double z;

	for (unsigned i = 0; i < SKETCH_REGISTERS; i++)
		have[registers[i] < SKETCH_RANKS ? registers[i] : SKETCH_RANKS]++;
	z = m * tau(1 - have[SKETCH_RANKS] / m);
	for (unsigned rank = SKETCH_RANKS - 1; rank > 0; rank--)
		z = (z + have[rank]) / 2;
	z += m * sigma(have[0] / m);
	return m * m / (2 * M_LN2 * z);
}

double sketch_estimate(struct sketch_view s)
{
	return s.registers ? estimate_registers(s.registers) : s.count;
}

double sketch_error(struct sketch_view s)
{
	return s.registers ? 1.04 / sqrt(SKETCH_REGISTERS) : 0;
}
