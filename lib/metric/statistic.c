/* SPDX-License-Identifier: BSD-3-Clause */
#include "metric/statistic.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/near.h"

const char *const metric_statistic_names[METRIC_STATISTICS + 1] = {
	[METRIC_STATISTIC_MAX] = "max",
	[METRIC_STATISTIC_MIN] = "min",
	[METRIC_STATISTIC_SUM] = "sum",
	[METRIC_STATISTIC_AVG] = "avg",
	[METRIC_STATISTIC_VAR] = "var",
	[METRIC_STATISTIC_SDEV] = "sdev",
	[METRIC_STATISTIC_MED] = "med",
	[METRIC_STATISTIC_Q1] = "q1",
	[METRIC_STATISTIC_Q2] = "q2",
	[METRIC_STATISTIC_Q3] = "q3",
	[METRIC_STATISTIC_IQR] = "iqr",
	[METRIC_STATISTIC_ANY] = "any",
};

/* ---- values ---- */

void metric_tally_init(struct metric_tally *t, enum metric_statistic s, uint64_t most)
{
	*t = (struct metric_tally){.statistic = s, .oldest_ms = UINT64_MAX, .most = most};
}

void metric_tally_fini(struct metric_tally *t)
{
	free(t->values);
	t->values = NULL;
}

static int keep(struct metric_tally *t, double value)
{
	if (t->count == t->room) {
		uint64_t room = t->room ? 2 * t->room : t->most + 1;
		double *values = realloc(t->values, room * sizeof(*values));

		if (!values)
			return -ENOMEM;
		t->values = values;
		t->room = room;
	}
	t->values[t->count] = value;
	return 0;
}

/* Welford's method: no difference of large sums. */
static void add_square(struct metric_tally *t, double value)
{
	double from = value - t->mean;

	t->mean += from / (double)(t->count + 1);
	t->squares += from * (value - t->mean);
}

static int compare_texts(const struct metric_value *a, const struct metric_value *b)
{
	size_t len = a->len < b->len ? a->len : b->len;
	int order = memcmp(a->text, b->text, len);

	return order ? order : a->len < b->len ? -1 : a->len > b->len;
}

static bool is_larger(const struct metric_value *a, const struct metric_value *than)
{
	if (a->number != than->number)
		return a->number;
	return a->number ? a->value > than->value : compare_texts(a, than) > 0;
}

static bool is_best(const struct metric_tally *t, const struct metric_value *v)
{
	if (t->count == 0)
		return true;
	if (t->statistic == METRIC_STATISTIC_MAX)
		return is_larger(v, &t->best);
	return t->statistic == METRIC_STATISTIC_MIN && v->value < t->best.value;
}

static bool has_winner(enum metric_statistic s)
{
	return s == METRIC_STATISTIC_MAX || s == METRIC_STATISTIC_MIN || s == METRIC_STATISTIC_ANY;
}

static int add_number(struct metric_tally *t, double value)
{
	switch (t->statistic) {
	case METRIC_STATISTIC_SUM:
	case METRIC_STATISTIC_AVG:
		t->sum += value;
		return 0;
	case METRIC_STATISTIC_VAR:
	case METRIC_STATISTIC_SDEV:
		add_square(t, value);
		return 0;
	default:
		return keep(t, value);
	}
}

int metric_tally_add(struct metric_tally *t, const struct metric_value *v, const void *where)
{
	int err = 0;

	if (!v->number && t->statistic != METRIC_STATISTIC_MAX &&
		t->statistic != METRIC_STATISTIC_ANY)
		return 0;
	if (!has_winner(t->statistic)) {
		err = add_number(t, v->value);
	} else if (is_best(t, v)) {
		t->best = *v;
		t->where = where;
	}
	if (err < 0)
		return err;
	t->count++;
	if (v->digits > t->digits)
		t->digits = v->digits;
	if (v->time_ms > t->newest_ms)
		t->newest_ms = v->time_ms;
	if (v->time_ms < t->oldest_ms)
		t->oldest_ms = v->time_ms;
	return 0;
}

/* ---- quartiles ---- */

/* Bits whose order as a number is that of the double. */
static uint64_t to_bits(double value)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof(bits));
	return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

enum { RADIX_BITS = 8, RADIX = 1 << RADIX_BITS, RADIX_PASSES = 64 / RADIX_BITS };

static unsigned digit(double value, unsigned pass)
{
	return (unsigned)(to_bits(value) >> pass * RADIX_BITS) & (RADIX - 1);
}

/* One pass of all digits at once tells which have no say. */
static void count_digits(const double *values, size_t count, size_t counts[RADIX_PASSES][RADIX])
{
	memset(counts, 0, RADIX_PASSES * sizeof(counts[0]));
	for (size_t i = 0; i < count; i++) {
		uint64_t bits = to_bits(values[i]);

		for (unsigned pass = 0; pass < RADIX_PASSES; pass++, bits >>= RADIX_BITS)
			counts[pass][bits & (RADIX - 1)]++;
	}
}

static void put_in_order(
	const double *from, double *to, size_t count, unsigned pass, const size_t *counts)
{
	size_t at[RADIX], sum = 0;

	for (unsigned d = 0; d < RADIX; d++) {
		at[d] = sum;
		sum += counts[d];
	}
	for (size_t i = 0; i < count; i++)
		to[at[digit(from[i], pass)]++] = from[i];
}

/*
 * By their digits, the least first: nobody who sends values can choose ones that take longer, as he
 * could with most sorts that compare.
 */
void metric_sort(double *values, double *room, size_t count)
{
	size_t counts[RADIX_PASSES][RADIX];
	double *from = values, *to = room, *other;

	count_digits(values, count, counts);
	for (unsigned pass = 0; pass < RADIX_PASSES && count > 0; pass++) {
		if (counts[pass][digit(from[0], pass)] == count)
			continue;
		put_in_order(from, to, count, pass, counts[pass]);
		other = from;
		from = to;
		to = other;
	}
	if (from != values)
		memcpy(values, from, count * sizeof(*values));
}

static double quantile(const double *sorted, uint64_t count, double share)
{
	double at = (double)(count - 1) * share;
	uint64_t below = (uint64_t)at;
	double part = at - (double)below;

	if (part == 0)
		return sorted[below];
	return sorted[below] + part * (sorted[below + 1] - sorted[below]);
}

static int find_quartiles(struct metric_tally *t, struct metric_quartiles *q)
{
	double *room = malloc(t->count * sizeof(*room));

	if (!room)
		return -ENOMEM;
	metric_sort(t->values, room, t->count);
	free(room);
	*q = (struct metric_quartiles){.min = t->values[0],
		.q1 = quantile(t->values, t->count, 0.25),
		.med = quantile(t->values, t->count, 0.5),
		.q3 = quantile(t->values, t->count, 0.75),
		.max = t->values[t->count - 1]};
	return 0;
}

/* ---- the end ---- */

static double number_of(const struct metric_tally *t, const struct metric_quartiles *q)
{
	double n = (double)t->count;

	switch (t->statistic) {
	case METRIC_STATISTIC_SUM:
		return t->sum;
	case METRIC_STATISTIC_AVG:
		return t->sum / n;
	case METRIC_STATISTIC_VAR:
		return t->squares / n;
	case METRIC_STATISTIC_SDEV:
		return sqrt(t->squares / n);
	case METRIC_STATISTIC_Q1:
		return q->q1;
	case METRIC_STATISTIC_Q3:
		return q->q3;
	case METRIC_STATISTIC_IQR:
		return q->q3 - q->q1;
	default:
		return q->med;
	}
}

int metric_tally_end(struct metric_tally *t, struct metric_result *r)
{
	*r = (struct metric_result){.there = t->count > 0};
	if (!r->there)
		return 0;
	if (has_winner(t->statistic)) {
		r->value = t->best;
		r->where = t->where;
		return 0;
	}
	if (metric_statistic_is_quartile(t->statistic) && find_quartiles(t, &r->quartiles) < 0)
		return -ENOMEM;
	r->value = (struct metric_value){.number = true,
		.digits = t->digits,
		.value = number_of(t, &r->quartiles),
		.time_ms = t->newest_ms};
	/* Sums of numbers that are all finite may not be: then there is no value that can be told. */
	r->there = isfinite(r->value.value);
	return 0;
}

/* ---- what is asked for ---- */

static const char *statistic_name(const void *ctx, size_t i)
{
	(void)ctx;
	return i < METRIC_STATISTICS ? metric_statistic_names[i] : NULL;
}

static int fail_statistic(const char *name, char *error, size_t size)
{
	const char *near = base_near(name, statistic_name, NULL);
	int len = snprintf(error, size, "there is no statistic \"%.32s\"", name);

	if (near)
		snprintf(error + len, size - (size_t)len, "; did you mean \"%s\"?", near);
	else
		snprintf(error + len, size - (size_t)len,
			"; it is one of max, min, sum, avg, var, sdev, med, q1, q2, q3, iqr and "
			"any");
	return -EINVAL;
}

int metric_statistic_parse(
	const char *text, enum metric_statistic *s, const char **path, char *error, size_t size)
{
	const char *colon = strchr(text, ':');
	char name[32] = "";
	unsigned i = METRIC_STATISTIC_MAX;

	*path = colon ? colon + 1 : text;
	if (colon) {
		snprintf(name, sizeof(name), "%.*s", (int)(colon - text), text);
		for (i = 0; i < METRIC_STATISTICS && strcmp(name, metric_statistic_names[i]); i++)
			;
	}
	if (i == METRIC_STATISTICS)
		return fail_statistic(name, error, size);
	*s = (enum metric_statistic)i;
	if (**path)
		return 0;
	snprintf(error, size, "\"%.64s\" names no metric", text);
	return -EINVAL;
}

/* Digits without leading zeros, a dot, and more. @return what is behind the dot, NULL: this is no number */
static const char *read_index(const char *text, uint32_t *index)
{
	unsigned long long v = 0;
	const char *p = text;

	for (; *p >= '0' && *p <= '9' && v <= UINT32_MAX; p++)
		v = v * 10 + (unsigned long long)(*p - '0');
	if (p == text || *p != '.' || p[1] == '\0' || v > UINT32_MAX ||
		(*text == '0' && p != text + 1))
		return NULL;
	*index = (uint32_t)v;
	return p + 1;
}

void metric_path_split(const char *text, bool named, struct metric_path *path)
{
	uint32_t first, second;
	const char *behind = read_index(text, &first), *more;
	const char *dot = strchr(text, '.');

	*path = (struct metric_path){.name = text};
	if (behind) {
		more = read_index(behind, &second);
		path->one = true;
		path->name = more ? more : behind;
		path->source = more ? (struct sflow_source){first, second}
				    : (struct sflow_source){0, first};
	} else if (named && dot && dot[1]) {
		path->one = true;
		path->custom = text;
		path->custom_len = (size_t)(dot - text);
		path->name = dot + 1;
	}
}
