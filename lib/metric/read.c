/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/form.h"
#include "metric/metric_pvt.h"

/* What readers ask of agents and sources; see read.h for the ordering. */

const struct base_addr *metric_agent_addr(const struct metric_agent *a)
{
	return &a->addr;
}

const struct metric_source *metric_agent_host(const struct metric_agent *a)
{
	return base_rcu_get(a->host);
}

bool metric_agent_is_mixed(const struct metric_agent *a)
{
	return __atomic_load_n(&a->mixed, __ATOMIC_RELAXED);
}

const struct metric_agent *metric_source_agent(const struct metric_source *src)
{
	return src->agent;
}

struct sflow_source metric_source_id(const struct metric_source *src)
{
	return src->id;
}

uint32_t metric_source_sub_agent(const struct metric_source *src)
{
	return src->sub_agent;
}

const struct metric_source *metric_source_parent(const struct metric_source *src)
{
	/* Most have none, and who walks over all sources has their first cache line alone. */
	return base_rcu_get(src->adopted) ? base_rcu_get(src->parent) : NULL;
}

void metric_source_print(const struct metric_source *src, struct base_text *t)
{
	if (src->name_len)
		base_text_add(t, src->name, src->name_len);
	else if (src->id.class)
		base_text_printf(t, "%u.%u", src->id.class, src->id.index);
	else
		base_text_uint(t, src->id.index);
}

static const struct metric_block *block_of(const struct metric_source *src, uint8_t plan)
{
	uint32_t count = base_rcu_get(src->block_count);

	for (uint32_t i = 0; i < count; i++)
		if (metric_source_plan(src, i) == plan)
			return base_rcu_get(*metric_source_place(src, i));
	return NULL;
}

/* A custom metric of the source, or NULL. */
static const struct metric_item *item_of(
	const struct metric_source *src, const struct metric_name *name)
{
	const struct metric_custom *c = base_rcu_get(src->custom);

	for (uint32_t i = 0; c && i < c->count; i++)
		if (c->items[i].name == name)
			return &c->items[i];
	return NULL;
}

static bool custom_value(
	const struct metric_source *src, const struct metric_name *name, struct metric_value *v)
{
	const struct metric_item *item = item_of(src, name);

	return item && metric_item_value(item, v);
}

bool metric_source_value(
	const struct metric_source *src, const struct metric_name *name, struct metric_value *v)
{
	for (uint32_t i = 0; i < name->place_count; i++) {
		const struct metric_block *b = block_of(src, name->places[i].plan);

		if (b && metric_block_value(b, name->places[i].column, v))
			return true;
	}
	return __atomic_load_n(&name->holders, __ATOMIC_RELAXED) && custom_value(src, name, v);
}

bool metric_inherited_value(
	const struct metric_source *src, const struct metric_name *name, struct metric_value *v)
{
	const struct metric_source *parent = metric_source_parent(src);
	const struct metric_source *host = base_rcu_get(src->agent->host);

	return metric_source_value(src, name, v) ||
	       (parent && metric_source_value(parent, name, v)) ||
	       (host && host != src && host != parent && metric_source_value(host, name, v));
}

void metric_source_each_value(const struct metric_source *src,
	void (*each)(void *ctx, const char *name, const struct metric_value *v), void *ctx)
{
	const struct metric_custom *custom = base_rcu_get(src->custom);
	uint32_t count = base_rcu_get(src->block_count);
	struct metric_value v;

	for (uint32_t i = 0; custom && i < custom->count; i++)
		if (metric_item_value(&custom->items[i], &v))
			each(ctx, custom->items[i].name->text, &v);
	for (uint32_t i = 0; i < count; i++) {
		const struct metric_block *b = base_rcu_get(*metric_source_place(src, i));

		for (unsigned c = 0; b && c < b->plan->column_count; c++)
			if (metric_block_value(b, c, &v))
				each(ctx, b->plan->columns[c].name->text, &v);
	}
}
