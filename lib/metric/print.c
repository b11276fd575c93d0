/* SPDX-License-Identifier: BSD-3-Clause */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "metric/metric_pvt.h"

/* Metrics as text. */

enum {
	DECIMALS = 9, /* a billionth of anything is nothing to look at */
	ROOM = 400,   /* for the longest number without exponent */
};

#define MAX_EXACT 9007199254740992.0 /* 2^53 */

/*
 * `digits` significant digits without an exponent, at most DECIMALS behind the point; zeros behind
 * the last one are left out.
 */
static void print_fraction(struct base_text *t, double value, int digits)
{
	int before = value == 0 ? 1 : (int)floor(log10(fabs(value))) + 1;
	int behind = digits > before ? digits - before : 0;
	char text[ROOM], *end;

	if (behind > DECIMALS)
		behind = DECIMALS;
	snprintf(text, sizeof(text), "%.*f", behind, value);
	for (end = text + strlen(text) - 1; behind > 0 && *end == '0'; end--)
		*end = '\0';
	if (*end == '.')
		*end = '\0';
	if (strcmp(text, "-0") == 0)
		base_text_char(t, '0');
	else
		base_text_add(t, text, strlen(text));
}

void metric_value_print(const struct metric_value *v, struct base_text *t)
{
	if (!v->number)
		base_text_add(t, v->text, v->len);
	else if (v->value == floor(v->value) && fabs(v->value) < MAX_EXACT)
		base_text_printf(t, "%" PRId64, (int64_t)v->value);
	else
		print_fraction(t, v->value, v->digits);
}

/* An integer beyond what a double holds is given whole. */
static bool print_whole(
	const struct metric_block *b, const struct metric_column *c, struct base_text *t)
{
	const struct sflow_field *f = &b->plan->structure->fields[c->at];

	if (c->kind != METRIC_FIELD || f->type != SFLOW_U64 || f->role == SFLOW_COUNTER ||
		b->cells[c->at].u < (uint64_t)MAX_EXACT)
		return false;
	base_text_uint(t, b->cells[c->at].u);
	return true;
}

static void print_block(struct base_region *region, const struct metric_block *b,
	struct metric_pair *pairs, uint32_t *count)
{
	struct metric_value v;
	char buf[METRIC_TEXT];

	for (unsigned i = 0; i < b->plan->column_count; i++) {
		const struct metric_column *c = &b->plan->columns[i];
		struct base_text t = base_text(buf, sizeof(buf));

		if (!metric_block_value(b, i, &v))
			continue;
		if (!v.number || !print_whole(b, c, &t))
			metric_value_print(&v, &t);
		pairs[(*count)++] = (struct metric_pair){.name = c->name->text,
			.text = base_region_copy(region, buf, t.len),
			.number = v.number};
	}
}

/* The name is copied, too: it may go with the metric. */
static struct metric_pair pair_of(
	struct base_region *region, const char *name, const struct metric_value *v)
{
	char buf[METRIC_TEXT];
	struct base_text t = base_text(buf, sizeof(buf));

	metric_value_print(v, &t);
	return (struct metric_pair){.name = base_region_text(region, name),
		.text = base_region_copy(region, buf, t.len),
		.number = v->number};
}

/* @param time_ms  those of that time; 0: all */
static void print_custom(struct base_region *region, const struct metric_custom *custom,
	uint64_t time_ms, struct metric_pair *pairs, uint32_t *count)
{
	struct metric_value v;

	for (uint32_t i = 0; i < custom->count; i++) {
		const struct metric_item *item = &custom->items[i];

		if ((!time_ms || item->time_ms == time_ms) && metric_item_value(item, &v))
			pairs[(*count)++] = pair_of(region, item->name->text, &v);
	}
}

static const struct metric_block *wanted(
	const struct metric_source *src, uint32_t i, uint32_t sample)
{
	const struct metric_block *b = *metric_source_place(src, i);

	return b && (!sample || b->sample == sample) ? b : NULL;
}

void metric_print(const struct metric_store *m, const struct metric_source *src, uint32_t sample,
	struct base_region *region, struct metric_update *u)
{
	const struct metric_block *b;
	struct metric_pair *pairs;
	uint32_t room = 0, count = 0;

	(void)m;
	for (uint32_t i = 0; i < src->block_count; i++)
		if ((b = wanted(src, i, sample)))
			room += b->plan->column_count;
	room += src->custom ? src->custom->count : 0;
	pairs = base_region_alloc(region, room * sizeof(*pairs));
	for (uint32_t i = 0; i < src->block_count; i++)
		if ((b = wanted(src, i, sample)))
			print_block(region, b, pairs, &count);
	if (src->custom && (!sample || src->custom->sample == sample))
		print_custom(region, src->custom, sample ? src->time_ms : 0, pairs, &count);
	*u = (struct metric_update){
		.agent = src->agent->addr,
		.sub_agent = src->sub_agent,
		.source = src->id,
		.name = src->name_len ? base_region_text(region, src->name) : NULL,
		.time_ms = src->time_ms,
		.count = count,
		.pairs = pairs,
	};
}
