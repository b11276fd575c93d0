/* SPDX-License-Identifier: BSD-3-Clause */
#include "window/value.h"

#include <math.h>

static const double Z95 = 1.96; /* of the normal distribution */

static bool merge_averages(struct window_value *to, const struct window_value *from)
{
	double samples = to->samples + from->samples;
	bool heavier = from->samples > to->samples;

	if (samples > 0) {
		to->value = (to->value * to->samples + from->value * from->samples) / samples;
		to->squares = (to->squares * to->samples + from->squares * from->samples) / samples;
	}
	to->samples = samples;
	return heavier;
}

/* Whether a view is one of what lies there. */
static bool shows(struct sketch_view v, const struct sketch *s)
{
	return v.registers ? v.registers == s->registers : v.codes == s->codes;
}

static void keep_sketch(struct window_value *v, struct sketch *room)
{
	if (shows(v->sketch, room))
		return;
	sketch_clear(room);
	sketch_unite(room, v->sketch);
	v->sketch = sketch_view(room);
}

static bool merge_counts(
	struct window_value *to, const struct window_value *from, struct sketch *room)
{
	bool larger = from->value > to->value;

	keep_sketch(to, room);
	sketch_unite(room, from->sketch);
	to->sketch = sketch_view(room);
	to->value = sketch_estimate(to->sketch);
	to->samples += from->samples;
	return larger;
}

/* Samples of a rate are those that the outcome rests on: of the larger one, or of both. */
static bool merge_rates(struct window_value *to, const struct window_value *from, bool sum)
{
	bool larger = from->value > to->value;

	if (sum) {
		to->value += from->value;
		to->samples += from->samples;
		to->squares += from->squares;
	} else if (larger) {
		to->value = from->value;
		to->samples = from->samples;
		to->squares = from->squares;
	}
	return larger;
}

bool window_value_merge(
	struct window_value *to, const struct window_value *from, bool sum, struct sketch *room)
{
	bool wins = true;

	if (!from->there)
		return false;
	if (!to->there) {
		*to = *from;
		if (to->aggregate == FLOW_COUNT && room)
			keep_sketch(to, room);
		return true;
	}
	switch (to->aggregate) {
	case FLOW_RATE:
		return merge_rates(to, from, sum);
	case FLOW_AVG:
		return merge_averages(to, from);
	case FLOW_COUNT:
		return merge_counts(to, from, room);
	case FLOW_MIN:
		wins = from->value < to->value;
		break;
	case FLOW_MAX:
		wins = from->value > to->value;
		break;
	default:
		wins = from->tsc > to->tsc;
	}
	if (wins) {
		to->value = from->value;
		to->tsc = from->tsc;
	}
	to->samples += from->samples;
	return wins;
}

static double error_of_average(const struct window_value *v)
{
	double variance = v->squares - v->value * v->value;

	if (v->samples < 2 || v->value == 0)
		return NAN;
	variance *= v->samples / (v->samples - 1);
	return variance > 0 ? Z95 * sqrt(variance / v->samples) / fabs(v->value) : 0;
}

double window_value_error95(const struct window_value *v)
{
	if (!v->there)
		return NAN;
	switch (v->aggregate) {
	case FLOW_RATE:
		return v->value > 0 ? Z95 * sqrt(v->squares) / v->value : NAN;
	case FLOW_AVG:
		return error_of_average(v);
	case FLOW_COUNT:
		return Z95 * sketch_error(v->sketch);
	default:
		return NAN;
	}
}
