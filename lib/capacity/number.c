/* SPDX-License-Identifier: BSD-3-Clause */
#include "capacity/number.h"

#include <math.h>

enum {
	BITS = 9, /* of a code, besides the leading one that is implied above 2^9 */
	PLAIN = 1 << (BITS + 1),
	MOST = UINT16_MAX,
};

uint16_t capacity_code(double value)
{
	double units = value * 1000;
	int exponent;
	long code;

	if (!(units > 0))
		return 0;
	if (units < PLAIN)
		return (uint16_t)lround(units);
	if (isinf(units))
		return MOST;
	frexp(units, &exponent); /* units = [0.5, 1) * 2^exponent */
	exponent -= BITS + 1;
	if (exponent > MOST >> BITS)
		return MOST;
	/* A mantissa that is rounded up to 2^10 is the least of the next exponent. */
	code = ((long)exponent << BITS) + lround(ldexp(units, -exponent));
	return code < MOST ? (uint16_t)code : MOST;
}

double capacity_value(uint16_t code)
{
	int exponent = (code >> BITS) - 1;

	if (code < PLAIN)
		return (double)code / 1000;
	return ldexp((double)(code - (exponent << BITS)), exponent) / 1000;
}
