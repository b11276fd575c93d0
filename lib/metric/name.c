/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "metric/metric_pvt.h"

/*
 * The names of all metrics, and where each stands: made once from the rows of the structures. Those
 * of custom metrics are added as they come, and stay: readers may keep them. So they are few.
 */

enum {
	NAMES_FLOOR = 64, /* that an agent may bring whatever others have */
	NAMES_OWN = 1024, /* of structures, about */
};

int metric_names_create(struct metric_store *m)
{
	uint64_t chains = base_index_slots(m->limits.names + NAMES_OWN) / 2;

	m->name_mask = (uint32_t)(chains - 1);
	m->name_chains = calloc(chains, sizeof(*m->name_chains));
	return m->name_chains ? 0 : -ENOMEM;
}

static struct metric_name **chain_of(const struct metric_store *m, uint64_t hash)
{
	return &m->name_chains[hash & m->name_mask];
}

static struct metric_name *find(
	const struct metric_store *m, const char *text, size_t len, uint64_t hash)
{
	struct metric_name *n;

	for (n = base_rcu_get(*chain_of(m, hash)); n; n = n->chain)
		if (n->len == len && memcmp(n->text, text, len) == 0)
			return n;
	return NULL;
}

const struct metric_name *metric_name_find(
	const struct metric_store *m, const char *text, size_t len)
{
	return find(m, text, len, base_hash_bytes(&m->hash, text, len));
}

const char *metric_name_text(const struct metric_name *name)
{
	return name->text;
}

static struct metric_name *get(struct metric_store *m, const char *text, size_t len)
{
	uint64_t hash = base_hash_bytes(&m->hash, text, len);
	struct metric_name *n = find(m, text, len, hash), **chain;

	if (n)
		return n;
	chain = chain_of(m, hash);
	n = base_region_alloc(&m->fixed, sizeof(*n));
	n->text = base_region_copy(&m->fixed, text, len);
	n->len = (uint32_t)len;
	n->hash = hash;
	n->chain = *chain;
	base_rcu_set(*chain, n);
	return n;
}

/* ---- custom names ---- */

static bool is_plain(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-';
}

/* host-sflow, mod_json: names of metrics. */
static bool is_valid(const uint8_t *text, size_t len)
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

/* An agent may bring as many names as are left for all: see metric_source_get(). */
static bool has_room(const struct metric_store *m, const struct metric_agent *a)
{
	uint32_t left = m->limits.names - m->custom_names;

	return left > 0 && (a->names < NAMES_FLOOR || a->names < left);
}

const struct metric_name *metric_name_custom(struct metric_store *m, struct metric_agent *a,
	const uint8_t *text, size_t len, uint64_t time_ms)
{
	const char *name = (const char *)text;
	struct metric_name *n;

	if (!is_valid(text, len)) {
		m->stats[METRIC_NAME]++;
		return NULL;
	}
	n = find(m, name, len, base_hash_bytes(&m->hash, name, len));
	if (!n && !has_room(m, a)) {
		m->stats[METRIC_NAMES_FULL]++;
		return NULL;
	}
	if (!n) {
		n = get(m, name, len);
		a->names++;
		m->custom_names++;
	}
	__atomic_store_n(&n->custom, true, __ATOMIC_RELAXED);
	__atomic_store_n(&n->seen_ms, time_ms, __ATOMIC_RELAXED);
	return n;
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
	const char *name = base_region_printf(&m->fixed, "%s%s", plan->prefix, metric);
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
				__atomic_store_n(&c->name->seen_ms, m->newest_ms, __ATOMIC_RELAXED);
		}
		plan->seen = 0;
	}
}

void metric_each_name(const struct metric_store *m,
	void (*each)(void *ctx, const struct metric_name *name, uint64_t seen_ms), void *ctx)
{
	for (uint32_t i = 0; i <= m->name_mask; i++) {
		const struct metric_name *n;

		for (n = base_rcu_get(m->name_chains[i]); n; n = n->chain) {
			uint64_t seen_ms = __atomic_load_n(&n->seen_ms, __ATOMIC_RELAXED);

			if (seen_ms)
				each(ctx, n, seen_ms);
		}
	}
}
