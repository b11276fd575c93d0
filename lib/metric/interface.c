/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "metric/metric_pvt.h"

/*
 * The names of interfaces: a block as of a structure that no agent sends, which holds whichever counts.
 * What was set or asked for elsewhere (names/names.h) goes before what a record of the agent says (0:1005),
 * for which there is no block of its own.
 */

enum { PORT_NAME = SFLOW_TAG(0, 1005), INTERFACE = 0 /* class of interfaces */ };

static const struct sflow_field fields[] = {
	[NAMES_NAME] = {.name = "name",
		.type = SFLOW_STRING,
		.metric = "ifname",
		.max = NAMES_NAME_MOST},
	[NAMES_ALIAS] = {.name = "alias",
		.type = SFLOW_STRING,
		.metric = "ifalias",
		.max = NAMES_ALIAS_MOST},
};

const struct sflow_structure metric_interface_structure = {
	.name = "interface_names", .fields = fields, .field_count = NAMES_KINDS};

bool metric_is_port_name(const struct sflow_structure *structure)
{
	return structure->tag == PORT_NAME;
}

/* In a block of names, which has no counters, the epoch says whether the agent itself told the name. */
static bool is_told(const struct metric_block *b)
{
	return b->epoch;
}

bool metric_interface_is_lasting(const struct metric_store *m, const struct metric_block *b)
{
	return b->plan->number == m->interface_plan && !is_told(b);
}

static const struct metric_plan *plan_of(const struct metric_store *m)
{
	return &m->plans[m->interface_plan];
}

/* @return NULL: there is none */
static struct metric_block *block_of(const struct metric_store *m, const struct metric_source *src)
{
	for (uint32_t i = 0; i < src->block_count; i++)
		if (metric_source_plan(src, i) == m->interface_plan)
			return *metric_source_place(src, i);
	return NULL;
}

static struct metric_block *make(
	struct metric_store *m, const struct names_entry *e, uint64_t time_ms, uint32_t sample)
{
	struct metric_plan *plan = &m->plans[m->interface_plan];
	struct metric_fresh fresh = {.shown = 0};
	struct metric_block *b;

	for (unsigned i = 0; i < NAMES_KINDS; i++) {
		if (!e->text[i].len)
			continue;
		fresh.value[i] = (struct sflow_value){
			.type = SFLOW_STRING, .bytes = e->text[i].bytes, .len = e->text[i].len};
		fresh.shown |= UINT64_C(1) << i;
	}
	b = fresh.shown ? metric_block_make(plan, &fresh) : NULL;
	if (!b)
		return NULL;
	plan->seen |= b->shown;
	b->time_ms = time_ms;
	b->sample = sample;
	return b;
}

/* @param told  by the agent's own record */
static void put(struct metric_store *m, struct metric_source *src, const struct names_entry *e,
	bool told, uint32_t sample)
{
	struct metric_block **place = metric_source_block(m, src, plan_of(m)), *old, *b;

	if (!place)
		return;
	old = *place;
	b = make(m, e, src->time_ms, sample);
	if (b)
		b->epoch = told;
	if (b && told && old && is_told(old))
		b->interval_ms =
			metric_interval_ms(m, src, old->interval_ms, b->time_ms - old->time_ms);
	if (b)
		metric_block_compare(b, old);
	base_rcu_set(*place, b);
	if (!b)
		base_rcu_set(src->lost, sample);
	metric_retire(m, old);
}

static bool find(
	const struct metric_store *m, const struct metric_source *src, struct names_entry *e)
{
	*e = (struct names_entry){.index = src->id.index};
	return m->names && src->id.class == INTERFACE &&
	       names_find(m->names, &src->agent->addr, src->id.index, e);
}

void metric_interface_begin(struct metric_store *m, struct metric_source *src)
{
	struct names_entry e;

	if (!block_of(m, src) && find(m, src, &e))
		put(m, src, &e, false, src->samples);
}

/* With a name that the agent told went the alias that others know. */
void metric_interface_gone(
	struct metric_store *m, struct metric_source *src, const struct metric_block *b)
{
	if (b->plan->number == m->interface_plan)
		metric_interface_begin(m, src);
}

void metric_interface_told(
	struct metric_store *m, struct metric_source *src, const struct sflow_record *r)
{
	struct sflow_reader reader;
	struct sflow_value v;
	struct names_entry e;

	sflow_reader_init(&reader, sflow_counter_structure(PORT_NAME), r->body, r->len);
	if (!sflow_reader_next(&reader, &v) || v.len == 0)
		return;
	find(m, src, &e);
	if (e.text[NAMES_NAME].len) {
		metric_interface_begin(m, src);
		return;
	}
	e.text[NAMES_NAME] =
		(struct names_text){v.bytes, v.len < NAMES_NAME_MOST ? v.len : NAMES_NAME_MOST};
	put(m, src, &e, true, src->samples);
}

/* ---- other names ---- */

static bool is_same(const struct metric_block *b, unsigned i, const struct names_text *text)
{
	char buf[4 * NAMES_NAME_MOST + 1];
	struct base_text t = base_text(buf, sizeof(buf));

	if (!(b->shown >> i & 1) || !text->len)
		return !(b->shown >> i & 1) && !text->len;
	base_text_wire(&t, text->bytes, text->len);
	return strcmp(buf, b->cells[i].text) == 0;
}

/*
 * Whether it is called otherwise than it was. What the agent itself told stays until its next record where nobody else
 * knows a name; where somebody does, it is to outlive what the agent tells, even if that is the same.
 */
static bool is_another(const struct metric_block *b, const struct names_entry *e)
{
	const struct names_text *name = &e->text[NAMES_NAME], *alias = &e->text[NAMES_ALIAS];

	if (!b)
		return name->len || alias->len;
	if (is_told(b))
		return name->len;
	return !is_same(b, NAMES_NAME, name) || !is_same(b, NAMES_ALIAS, alias);
}

static void rename_source(struct metric_store *m, struct metric_source *src)
{
	struct names_entry e;

	find(m, src, &e);
	if (is_another(block_of(m, src), &e))
		put(m, src, &e, false, src->samples + 1); /* told of with the next sample */
}

void metric_store_names(struct metric_store *m, const struct names *names)
{
	m->names = names;
}

void metric_store_rename(struct metric_store *m, const struct base_addr *agent)
{
	const struct metric_agent *a = metric_agent_find(m, agent);

	for (struct metric_source *src = a ? a->sources : NULL; src; src = src->next)
		if (src->id.class == INTERFACE)
			rename_source(m, src);
}
