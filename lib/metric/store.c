/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "metric/metric_pvt.h"

/* The store as a whole: bounded, and rid of what fell silent. */

static const struct stats_def defs[METRIC_STATS] = {
	[METRIC_SAMPLES] = {"samples", "samples", "Counter and custom samples read"},
	[METRIC_DUPLICATES] = {"duplicates", "samples",
		"Counter samples left out, since their sequence number was seen before"},
	[METRIC_OUT_OF_ORDER] = {"out_of_order", "samples",
		"Counter samples left out, since a newer one came first"},
	[METRIC_RESTARTS] = {"restarts", "restarts",
		"Restarts of agents and discontinuities of counters: no rate that time"},
	[METRIC_RECORD_SHORT] = {"record_short", "records",
		"Counter records that are cut off; the fields there count"},
	[METRIC_RECORD_UNKNOWN] = {"record_unknown", "records",
		"Counter records left out, since their tag is not known"},
	[METRIC_DOUBTFUL] = {"doubtful", "values",
		"Values left out, since agents put something else there"},
	[METRIC_AGENTS_FULL] = {"agents_full", "samples",
		"Counter samples left out, since no more agents fit"},
	[METRIC_SOURCES_FULL] = {"sources_full", "samples",
		"Counter samples left out, since no more data sources fit"},
	[METRIC_AGENT_SHARE] = {"agent_share", "samples",
		"Counter samples left out, since their agent has its share of the data sources"},
	[METRIC_STRUCTURES_FULL] = {"structures_full", "records",
		"Counter records left out, since their data source has too many structures"},
	[METRIC_QUEUE_INDEX] = {"queue_index", "records",
		"Counter records of queues left out, since their index is above 15"},
	[METRIC_SOURCE_NAME] = {"source_name", "samples",
		"Custom samples left out, since the name of their data source is not valid"},
	[METRIC_NAME] = {"name", "values",
		"Custom metrics left out, since their name is not valid"},
	[METRIC_NAMES_FULL] = {"names_full", "values",
		"Custom metrics left out, since no more names fit, or their agent has its share"},
	[METRIC_METRICS_FULL] = {"metrics_full", "values",
		"Custom metrics left out, since their data source has too many"},
	[METRIC_TEXT_CUT] = {"text_cut", "values",
		"Custom metrics whose text was cut, or left out, since their data source has too "
		"much text"},
	[METRIC_MACS_FULL] = {"macs_full", "addresses",
		"MAC addresses of hosts left out, since no more fit, or their agent has its share"},
	[METRIC_SAMPLES_LAST] = {"samples_last", "samples",
		"Counter samples left out, since they say that their data source has ended"},
	[METRIC_SOURCES_ENDED] = {"sources_ended", "sources",
		"Data sources forgotten, since they said that they had ended"},
	[METRIC_SOURCES_EXPIRED] = {"sources_expired", "sources",
		"Data sources forgotten, since they fell silent"},
};

const struct stats_group metric_stats = {.name = "metric", .defs = defs, .count = METRIC_STATS};

enum {
	HOST_DESCRIPTION = SFLOW_TAG(0, 2000),
	QUEUE_LENGTH = SFLOW_TAG(0, 1003),
	MACS = 2, /* for each data source, on average */
};

/* Structures that hosts send of themselves, and of their guests, whose metrics are named vir_. */
static const uint32_t guest_tags[] = {HOST_DESCRIPTION, SFLOW_TAG(5703, 1)};

static struct metric_plan *queue_plan(const struct metric_store *m, uint32_t queue)
{
	return queue ? &m->plans[m->queue_plan + queue - 1]
		     : &m->plans[sflow_counter_index(QUEUE_LENGTH)];
}

/* A queue is as a structure of its own: several are in one sample, each with a record. */
static void queue_plan_init(struct metric_store *m, struct metric_plan *plan, unsigned queue)
{
	metric_plan_init(plan, sflow_counter_structure(QUEUE_LENGTH),
		base_region_printf(&m->fixed, "queue_%u_", queue), strlen("queue_N_"));
}

static int plans_create(struct metric_store *m)
{
	const unsigned guests = sizeof(guest_tags) / sizeof(guest_tags[0]);

	m->interface_plan = (uint8_t)sflow_counter_structures_count;
	m->guest_plan = (uint8_t)(m->interface_plan + 1);
	m->queue_plan = (uint8_t)(m->guest_plan + guests);
	m->plan_count = m->queue_plan + METRIC_QUEUES - 1;
	m->plans = calloc(m->plan_count, sizeof(*m->plans));
	if (!m->plans)
		return -ENOMEM;
	for (unsigned i = 0; i < m->interface_plan; i++)
		metric_plan_init(&m->plans[i], sflow_counter_structures[i], "", 0);
	metric_plan_init(&m->plans[m->interface_plan], &metric_interface_structure, "", 0);
	for (unsigned i = 0; i < guests; i++)
		metric_plan_init(&m->plans[m->guest_plan + i],
			sflow_counter_structure(guest_tags[i]), "vir_", 0);
	for (unsigned i = 0; i < METRIC_QUEUES; i++)
		queue_plan_init(m, queue_plan(m, i), i);
	for (unsigned i = 0; i < m->plan_count; i++)
		m->plans[i].number = (uint8_t)i;
	metric_names_init(m);
	return 0;
}

/* sFlow v5, queue_length: its index is the first field, not where it stands among others. */
static struct metric_plan *plan_of_queue(struct metric_store *m, const struct sflow_record *r)
{
	uint32_t queue = r->len >= 4 ? base_get_u32(r->body) : UINT32_MAX;

	if (queue < METRIC_QUEUES)
		return queue_plan(m, queue);
	m->stats[r->len >= 4 ? METRIC_QUEUE_INDEX : METRIC_RECORD_SHORT]++;
	return NULL;
}

struct metric_plan *metric_plan_of(
	struct metric_store *m, const struct sflow_record *r, const struct sflow_source *source)
{
	int number = sflow_counter_index(r->tag);

	if (number < 0) {
		m->stats[METRIC_RECORD_UNKNOWN]++;
		return NULL;
	}
	if (r->tag == QUEUE_LENGTH)
		return plan_of_queue(m, r);
	for (unsigned i = m->guest_plan; source->class == METRIC_GUEST && i < m->queue_plan; i++)
		if (m->plans[i].structure->tag == r->tag)
			return &m->plans[i];
	return &m->plans[number];
}

static int tables_create(struct metric_store *m)
{
	uint64_t slots = base_index_slots(m->limits.sources),
		 chains = base_index_slots(m->limits.agents) / 2;

	if (slots > UINT32_MAX || chains > UINT32_MAX)
		return -EINVAL;
	m->index.mask = (uint32_t)(slots - 1);
	m->chain_mask = (uint32_t)(chains - 1);
	m->index.slots = calloc(slots, sizeof(*m->index.slots));
	m->due_ms = calloc((size_t)m->limits.sources + 1, sizeof(*m->due_ms));
	m->versions = calloc((size_t)m->limits.sources + 1, sizeof(*m->versions));
	m->agent_chains = calloc(chains, sizeof(struct metric_agent *));
	m->host_chains = calloc(chains, sizeof(struct metric_host *));
	if (metric_slots_init(&m->sources, m->limits.sources) < 0 ||
		metric_slots_init(&m->agents, m->limits.agents) < 0)
		return -ENOMEM;
	if (base_dense_init(&m->macs, sizeof(struct metric_mac), m->limits.sources * MACS + 1) < 0)
		return -ENOMEM;
	return m->index.slots && m->due_ms && m->versions && m->agent_chains && m->host_chains
		       ? 0
		       : -ENOMEM;
}

struct metric_store *metric_store_create(const struct metric_limits *limits)
{
	struct metric_store *m = calloc(1, sizeof(*m));
	int err;

	if (!m)
		return NULL;
	m->limits = *limits;
	err = base_hash_init(&m->hash);
	if (!err)
		err = metric_names_create(m);
	if (!err)
		err = plans_create(m);
	if (!err)
		err = tables_create(m);
	if (err) {
		metric_store_destroy(m);
		errno = -err;
		return NULL;
	}
	return m;
}

static struct metric_source *source_at(const struct metric_store *m, uint32_t slot)
{
	return m->sources.at ? m->sources.at[slot] : NULL;
}

/* Readers are gone by contract; what the reclaimer still has is soon freed. */
void metric_store_destroy(struct metric_store *m)
{
	if (!m)
		return;
	for (uint32_t i = 0; i < m->sources.end; i++)
		if (source_at(m, i))
			metric_source_drop(m, source_at(m, i));
	base_dense_fini(&m->macs);
	metric_store_settle(m);
	base_memb_barrier();
	metric_slots_fini(&m->sources);
	metric_slots_fini(&m->agents);
	free(m->agent_chains);
	free(m->host_chains);
	free(m->due_ms);
	free(m->versions);
	free(m->index.slots);
	free(m->plans);
	metric_names_destroy(m);
	free(m);
}

void metric_store_expire(struct metric_store *m, uint64_t now_ms)
{
	uint64_t most_ms = now_ms + m->limits.expire_ms;

	for (uint32_t i = 0; i < m->sources.end; i++) {
		if (m->due_ms[i] > most_ms) /* the clock was set back */
			m->due_ms[i] = most_ms;
		if (m->due_ms[i] >= now_ms || !source_at(m, i))
			continue;
		metric_source_drop(m, source_at(m, i));
		m->stats[METRIC_SOURCES_EXPIRED]++;
	}
}

void metric_store_forward(struct metric_store *m, uint64_t ms)
{
	for (uint32_t i = 0; i < m->sources.end; i++)
		m->due_ms[i] += ms;
}

void metric_store_each(struct metric_store *m, struct base_region *region,
	void (*each)(void *ctx, const struct metric_update *u), void *ctx)
{
	struct metric_update u;

	for (uint32_t i = 0; i < m->sources.end; i++) {
		if (!source_at(m, i))
			continue;
		metric_print(m, source_at(m, i), 0, region, &u);
		each(ctx, &u);
	}
}

const uint64_t *metric_store_stats(const struct metric_store *m)
{
	return m->stats;
}

uint32_t metric_store_sources(const struct metric_store *m)
{
	return m->sources.count;
}

uint32_t metric_store_agents(const struct metric_store *m)
{
	return m->agents.count;
}
