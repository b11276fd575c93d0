/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "metric/metric_pvt.h"
#include "metric/news.h"

#define MAX_EXACT (UINT64_C(1) << 53)

/* ---- the owner: how a block differs from the one before it ---- */

static bool is_same(const struct metric_block *a, const struct metric_block *b, unsigned field)
{
	if (b->plan->texts >> field & 1)
		return strcmp(a->cells[field].text, b->cells[field].text) == 0;
	return a->cells[field].u == b->cells[field].u;
}

static uint16_t made_of(const struct metric_block *b)
{
	unsigned made = 0;
	double value;

	for (unsigned i = 0; i < b->plan->derived_count; i++)
		made |= (unsigned)metric_derive(b, i, &value) << i;
	return (uint16_t)made;
}

void metric_block_compare(struct metric_block *b, const struct metric_block *old)
{
	uint64_t changed = old ? b->shown ^ old->shown : b->shown;

	for (uint64_t left = old ? b->shown & old->shown : 0; left; left &= left - 1) {
		unsigned i = (unsigned)__builtin_ctzll(left);

		if (!is_same(old, b, i))
			changed |= UINT64_C(1) << i;
	}
	*metric_block_change(b) = (struct metric_change){.fields = changed,
		.had = old ? old->shown : 0,
		.before = old ? old->sample : 0,
		.had_made = old ? metric_block_change(old)->made : 0,
		.made = made_of(b)};
}

void metric_slot_changed(struct metric_store *m, uint32_t slot)
{
	uint32_t version = m->versions[slot] + 1;

	base_rcu_set(m->versions[slot], version ? version : 1);
}

/* ---- readers ---- */

uint32_t metric_slot_count(const struct metric_store *m)
{
	return base_rcu_get(m->sources.end);
}

uint32_t metric_slot_version(const struct metric_store *m, uint32_t slot)
{
	return base_rcu_get(m->versions[slot]);
}

const struct metric_source *metric_slot_source(const struct metric_store *m, uint32_t slot)
{
	return base_rcu_get(m->sources.at[slot]);
}

uint32_t metric_source_slot(const struct metric_source *src)
{
	return src->slot;
}

uint32_t metric_source_born(const struct metric_source *src)
{
	return src->born;
}

uint32_t metric_source_samples(const struct metric_source *src)
{
	return base_rcu_get(src->done);
}

uint64_t metric_source_time_ms(const struct metric_source *src)
{
	uint32_t count = base_rcu_get(src->block_count);
	const struct metric_custom *custom = base_rcu_get(src->custom);
	uint64_t newest = 0;

	for (uint32_t i = 0; custom && i < custom->count; i++) {
		if (custom->items[i].time_ms > newest)
			newest = custom->items[i].time_ms;
	}
	for (uint32_t i = 0; i < count; i++) {
		const struct metric_block *b = base_rcu_get(*metric_source_place(src, i));

		if (b && b->time_ms > newest)
			newest = b->time_ms;
	}
	return newest;
}

/* Fields that a metric of the block is made of. */
static uint64_t fields_of(const struct metric_plan *plan, const struct metric_column *c)
{
	uint64_t fields = 0;

	if (c->kind != METRIC_MADE)
		return UINT64_C(1) << c->at;
	for (unsigned i = 0; i < plan->derived[c->at].fields; i++)
		fields |= UINT64_C(1) << plan->derived[c->at].field[i];
	return fields;
}

/* An integer beyond what a double holds. */
static uint64_t whole(const struct metric_block *b, const struct metric_column *c)
{
	const struct sflow_field *f = &b->plan->structure->fields[c->at];

	if (c->kind != METRIC_FIELD || f->type != SFLOW_U64 || f->role == SFLOW_COUNTER ||
		b->cells[c->at].u <= MAX_EXACT)
		return 0;
	return b->cells[c->at].u;
}

void metric_news_print(const struct metric_news *n, struct base_text *t)
{
	if (n->whole)
		base_text_uint(t, n->whole);
	else
		metric_value_print(&n->value, t);
}

static bool had(const struct metric_change *change, const struct metric_column *c)
{
	return (c->kind == METRIC_MADE ? change->had_made : change->had) >> c->at & 1;
}

/* A value that a source had may be gone, unless another record of it has one of that name. */
struct loss {
	const struct metric_source *src;
	uint32_t sample;
	void (*each)(void *ctx, const struct metric_news *n);
	void *ctx;
};

static void tell_lost(const struct loss *l, const struct metric_name *name)
{
	struct metric_news n = {
		.name = name->text, .sample = l->sample, .changed = true, .went = true};

	if (!metric_source_value(l->src, name, &n.value))
		l->each(l->ctx, &n);
}

static void block_news(const struct metric_source *src, const struct metric_block *b,
	uint32_t since, void (*each)(void *ctx, const struct metric_news *n), void *ctx)
{
	const struct metric_change *change = metric_block_change(b);
	const struct loss loss = {src, b->sample, each, ctx};
	struct metric_news n = {.sample = b->sample, .before = change->before};
	bool known = n.before && n.before <= since;

	for (unsigned i = 0; i < b->plan->column_count; i++) {
		const struct metric_column *c = &b->plan->columns[i];

		n.came = !had(change, c);
		if (!metric_block_value(b, i, &n.value)) {
			if (!known || !n.came)
				tell_lost(&loss, c->name);
			continue;
		}
		n.name = c->name->text;
		n.whole = n.value.number ? whole(b, c) : 0;
		n.changed = change->fields & fields_of(b->plan, c);
		each(ctx, &n);
	}
}

/* A record no longer comes: all that it can give. */
static void plan_news(const struct metric_plan *plan, const struct loss *l)
{
	for (unsigned i = 0; i < plan->column_count; i++)
		tell_lost(l, plan->columns[i].name);
}

static void item_news(const struct metric_item *item, uint32_t since,
	void (*each)(void *ctx, const struct metric_news *n), void *ctx)
{
	struct metric_news n = {.name = item->name->text,
		.sample = item->sample,
		.before = item->before,
		.changed = item->changed,
		.came = item->came};
	bool known = n.before && n.before <= since;

	n.went = !metric_item_value(item, &n.value);
	if (!n.went || !known || !n.came)
		each(ctx, &n);
}

static void custom_news(const struct metric_custom *custom, uint32_t since,
	void (*each)(void *ctx, const struct metric_news *n), void *ctx)
{
	for (uint32_t i = 0; i < custom->count; i++)
		if (custom->items[i].sample > since)
			item_news(&custom->items[i], since, each, ctx);
	for (uint32_t i = 0; i < custom->lost_count; i++) {
		const struct metric_lost *lost = &custom->lost[i];
		const struct metric_news n = {
			.name = lost->name, .sample = lost->sample, .changed = true, .went = true};

		if (lost->sample > since)
			each(ctx, &n);
	}
}

void metric_source_news(const struct metric_store *m, const struct metric_source *src,
	uint32_t since, void (*each)(void *ctx, const struct metric_news *n), void *ctx)
{
	const struct metric_custom *custom = base_rcu_get(src->custom);
	const struct loss loss = {src, base_rcu_get(src->lost), each, ctx};
	uint32_t count = base_rcu_get(src->block_count);

	if (custom)
		custom_news(custom, since, each, ctx);

	for (uint32_t i = 0; i < count; i++) {
		const struct metric_block *b = base_rcu_get(*metric_source_place(src, i));

		if (b && b->sample > since)
			block_news(src, b, since, each, ctx);
		else if (!b && loss.sample > since)
			plan_news(&m->plans[metric_source_plan(src, i)], &loss);
	}
}
