/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "metric/metric_pvt.h"

/*
 * The names of all metrics, and where each stands: made once from the rows of the structures. Those
 * of custom metrics come and go with the metrics that have them. A link of a chain is stored with release,
 * and one that is taken out still leads on.
 */

enum {
	NAMES_OWN = 1024, /* of structures, about */
	NAMES_SHARE = 32, /* of what is left, an agent may have one of so many */
};

int metric_names_create(struct metric_store *m)
{
	uint64_t chains = base_index_slots(m->limits.names + NAMES_OWN) / 2;

	m->name_mask = (uint32_t)(chains - 1);
	m->name_chains = calloc(chains, sizeof(*m->name_chains));
	m->bringer_chains = calloc(chains, sizeof(struct metric_bringer *));
	return m->name_chains && m->bringer_chains ? 0 : -ENOMEM;
}

void metric_names_destroy(struct metric_store *m)
{
	free(m->name_chains);
	free(m->bringer_chains);
	base_region_free(&m->fixed);
}

static struct metric_name **chain_of(const struct metric_store *m, uint64_t hash)
{
	return &m->name_chains[hash & m->name_mask];
}

struct metric_name *metric_name_known(const struct metric_store *m, const char *text, size_t len)
{
	uint64_t hash = base_hash_bytes(&m->hash, text, len);
	struct metric_name *n;

	for (n = base_rcu_get(*chain_of(m, hash)); n; n = base_rcu_get(n->chain))
		if (n->len == len && memcmp(n->text, text, len) == 0)
			return n;
	return NULL;
}

const struct metric_name *metric_name_find(
	const struct metric_store *m, const char *text, size_t len)
{
	return metric_name_known(m, text, len);
}

const char *metric_name_text(const struct metric_name *name)
{
	return name->text;
}

/* @param n  of nothing but its text */
static void link_name(struct metric_store *m, struct metric_name *n)
{
	struct metric_name **chain;

	n->hash = base_hash_bytes(&m->hash, n->text, n->len);
	chain = chain_of(m, n->hash);
	n->chain = *chain;
	base_rcu_set(*chain, n);
}

static void unlink_name(struct metric_store *m, struct metric_name *n)
{
	struct metric_name **at;

	for (at = chain_of(m, n->hash); *at != n; at = &(*at)->chain)
		;
	base_rcu_set(*at, n->chain);
}

/* Of a structure. */
static struct metric_name *get(struct metric_store *m, const char *text, size_t len)
{
	struct metric_name *n = metric_name_known(m, text, len);

	if (n)
		return n;
	n = base_region_alloc(&m->fixed, sizeof(*n));
	n->text = base_region_copy(&m->fixed, text, len);
	n->len = (uint32_t)len;
	link_name(m, n);
	return n;
}

/* ---- custom names ---- */

static bool is_plain(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-';
}

/* host-sflow, mod_json: names of metrics. */
bool metric_name_is_valid(const uint8_t *text, size_t len)
{
	if (len == 0 || len > METRIC_CUSTOM_NAME)
		return false;
	while (len && is_plain(text[len - 1]))
		len--;
	return len == 0;
}

/* The same, and no number: that is an interface. Dots are in names of hosts. */
bool metric_name_valid_source(const uint8_t *text, size_t len)
{
	if (len == 0 || len > METRIC_CUSTOM_NAME || (text[0] >= '0' && text[0] <= '9'))
		return false;
	while (len && (is_plain(text[len - 1]) || text[len - 1] == '.'))
		len--;
	return len == 0;
}

/*
 * How many names one agent may have brought. Half of them are for who comes first: as many as are left of that
 * half, so that one agent may have a fourth. Of the other half each agent may have a small part of what is
 * left, one at least, so that it takes hundreds of agents to take all.
 */
static uint32_t share_of_one(const struct metric_store *m)
{
	uint32_t left = m->limits.names - m->custom_names, half = m->limits.names / 2;
	uint32_t first = left > half ? left - half : 0, part = left / NAMES_SHARE;

	return first > part ? first : part ? part : left > 0;
}

/*
 * Who brought a name is known for as long as the name is there: an agent that goes and comes again, while
 * others hold what it brought, has no new share. @return NULL: memory is short
 */
static struct metric_bringer *bringer_get(struct metric_store *m, const struct metric_agent *a)
{
	struct metric_bringer **chain = &m->bringer_chains[a->hash & m->name_mask], *b;

	for (b = *chain; b; b = b->chain)
		if (base_addr_equal(&b->addr, &a->addr))
			return b;
	b = malloc(sizeof(*b));
	if (!b)
		return NULL;
	*b = (struct metric_bringer){.chain = *chain, .addr = a->addr, .hash = a->hash};
	*chain = b;
	return b;
}

/* One without names goes. */
static void bringer_drop(struct metric_store *m, struct metric_bringer *b)
{
	struct metric_bringer **at;

	if (b->names)
		return;
	for (at = &m->bringer_chains[b->hash & m->name_mask]; *at != b; at = &(*at)->chain)
		;
	*at = b->chain;
	free(b);
}

struct metric_name *metric_name_make(
	struct metric_store *m, const struct metric_agent *a, const char *text, size_t len)
{
	struct metric_bringer *b = bringer_get(m, a);
	struct metric_name *n = NULL;

	if (b && b->names < share_of_one(m))
		n = malloc(sizeof(*n) + len + 1);
	if (!n) {
		m->stats[METRIC_NAMES_FULL]++;
		if (b)
			bringer_drop(m, b);
		return NULL;
	}
	*n = (struct metric_name){.text = (char *)(n + 1), .len = (uint32_t)len, .bringer = b};
	memcpy(n + 1, text, len);
	((char *)(n + 1))[len] = '\0';
	b->names++;
	m->custom_names++;
	link_name(m, n);
	return n;
}

void metric_name_hold(struct metric_name *n)
{
	__atomic_store_n(&n->holders, n->holders + 1, __ATOMIC_RELAXED);
}

void metric_name_let_go(struct metric_store *m, struct metric_name *n)
{
	__atomic_store_n(&n->holders, n->holders - 1, __ATOMIC_RELAXED);
	if (n->holders || n->place_count)
		return;
	unlink_name(m, n);
	n->bringer->names--;
	bringer_drop(m, n->bringer);
	m->custom_names--;
	metric_retire(m, n);
}

void metric_name_seen(struct metric_name *n, uint64_t time_ms)
{
	__atomic_store_n(&n->seen_ms, time_ms, __ATOMIC_RELAXED);
}

static void add_place(struct metric_store *m, struct metric_name *n, struct metric_place place)
{
	struct metric_place *places =
		base_region_alloc(&m->fixed, (n->place_count + 1) * sizeof(*places));

	if (n->place_count)
		memcpy(places, n->places, n->place_count * sizeof(*places));
	places[n->place_count++] = place;
	n->places = places;
}

/* ---- columns of a plan ---- */

static void add_column(struct metric_store *m, struct metric_plan *plan, const char *metric,
	struct metric_column column)
{
	const char *name =
		base_region_printf(&m->fixed, "%s%s", plan->prefix, metric + plan->instead);
	unsigned number = plan->column_count++;

	column.name = get(m, name, strlen(name));
	plan->columns[number] = column;
	add_place(m, column.name,
		(struct metric_place){.plan = plan->number, .column = (uint8_t)number});
}

static void field_columns(struct metric_store *m, struct metric_plan *plan, unsigned i)
{
	const char *metric = plan->structure->fields[i].metric;
	const struct metric_form *form = metric_form_find(metric);

	if (!form) {
		add_column(m, plan, metric,
			(struct metric_column){.kind = METRIC_FIELD, .at = (uint8_t)i});
		return;
	}
	for (; form->field && strcmp(form->field, metric) == 0; form++)
		add_column(m, plan, form->metric,
			(struct metric_column){
				.kind = METRIC_FORM, .at = (uint8_t)i, .form = form});
}

static unsigned columns_most(const struct metric_plan *plan)
{
	unsigned count = plan->derived_count;
	const struct metric_form *form;

	for (uint64_t left = plan->fields; left; left &= left - 1) {
		const char *metric = plan->structure->fields[__builtin_ctzll(left)].metric;

		count++;
		for (form = metric_form_find(metric); form && form->field; form++)
			count++;
	}
	return count;
}

static void plan_columns(struct metric_store *m, struct metric_plan *plan)
{
	plan->columns =
		base_region_alloc(&m->fixed, (columns_most(plan) + 1) * sizeof(*plan->columns));
	for (uint64_t left = plan->fields; left; left &= left - 1)
		field_columns(m, plan, (unsigned)__builtin_ctzll(left));
	for (unsigned i = 0; i < plan->derived_count; i++)
		add_column(m, plan, plan->derived[i].rule->name,
			(struct metric_column){.kind = METRIC_MADE, .at = (uint8_t)i});
}

void metric_names_init(struct metric_store *m)
{
	for (unsigned i = 0; i < m->plan_count; i++)
		plan_columns(m, &m->plans[i]);
}

/* ---- when they were seen ---- */

static uint64_t fields_needed(const struct metric_plan *plan, const struct metric_column *c)
{
	uint64_t mask = 0;

	if (c->kind != METRIC_MADE)
		return UINT64_C(1) << c->at;
	for (unsigned i = 0; i < plan->derived[c->at].fields; i++)
		mask |= UINT64_C(1) << plan->derived[c->at].field[i];
	return mask;
}

void metric_names_settle(struct metric_store *m)
{
	for (unsigned i = 0; i < m->plan_count; i++) {
		struct metric_plan *plan = &m->plans[i];

		for (unsigned j = 0; plan->seen && j < plan->column_count; j++) {
			struct metric_column *c = &plan->columns[j];

			if (!(fields_needed(plan, c) & ~plan->seen))
				metric_name_seen(c->name, m->newest_ms);
		}
		plan->seen = 0;
	}
}

void metric_each_name(const struct metric_store *m,
	void (*each)(void *ctx, const struct metric_name *name, uint64_t seen_ms), void *ctx)
{
	for (uint32_t i = 0; i <= m->name_mask; i++) {
		const struct metric_name *n;

		for (n = base_rcu_get(m->name_chains[i]); n; n = base_rcu_get(n->chain)) {
			uint64_t seen_ms = __atomic_load_n(&n->seen_ms, __ATOMIC_RELAXED);

			if (seen_ms)
				each(ctx, n, seen_ms);
		}
	}
}
