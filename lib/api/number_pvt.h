/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <jansson.h>
#include <math.h>

/* Numbers as Redis has them: values to a thousandth, errors to a hundredth of a percent. */

static inline json_t *api_value(double v)
{
	return json_real(fabs(v) < 1e12 ? round(v * 1e3) / 1e3 : round(v));
}

static inline json_t *api_error95(double v)
{
	return json_real(round(v * 1e4) / 1e4);
}

static inline json_t *api_samples(double v)
{
	return json_integer((json_int_t)llround(v));
}
