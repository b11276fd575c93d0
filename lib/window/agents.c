/* SPDX-License-Identifier: BSD-3-Clause */
#include "window/agents.h"

#include <errno.h>

#include "base/form.h"

enum { KNOWN_SHARE_LEAST = 64 }; /* data sources of an agent, in any case */

static void source_text(struct known_source *s)
{
	uint8_t bytes[8];
	struct base_text t = base_text(s->text, sizeof(s->text));

	base_put_u32(bytes, s->source.class);
	base_put_u32(bytes + 4, s->source.index);
	base_form_print(&t, BASE_FORM_SOURCE, 0, bytes, sizeof(bytes));
}

int known_init(struct known *k, const struct base_hash *hash, uint32_t agents, uint32_t sources)
{
	uint32_t most = sources + agents + 1;
	struct known_agent *other;

	if (most > KNOWN_SOURCES)
		most = KNOWN_SOURCES;
	memset(k, 0, sizeof(*k));
	k->hash = hash;
	k->sources_most = sources;
	loss_init(&k->loss);
	if (base_dense_init(&k->agents, sizeof(struct known_agent), agents + 1) < 0 ||
		base_dense_init(&k->sources, sizeof(struct known_source), most) < 0) {
		known_fini(k);
		return -ENOMEM;
	}
	base_dense_add(&k->agents, 0);
	base_dense_add(&k->sources, 0);
	other = known_agent_at(k, KNOWN_OTHER);
	strcpy(other->text, "other");
	strcpy(known_source_at(k, KNOWN_OTHER)->text, "other");
	return 0;
}

void known_fini(struct known *k)
{
	base_dense_fini(&k->agents);
	base_dense_fini(&k->sources);
	loss_fini(&k->loss);
}

static uint32_t agent_number(struct known *k, const struct base_addr *addr, uint64_t now_ms)
{
	uint64_t hash = base_hash_bytes(k->hash, addr, sizeof(*addr));
	struct base_narrow_probe probe = base_dense_probe(&k->agents, hash);
	struct known_agent *a;
	uint32_t number;

	while ((number = base_dense_next(&k->agents, &probe)) != BASE_INDEX_NONE) {
		a = known_agent_at(k, number);
		if (a->live && base_addr_equal(&a->addr, addr))
			return number;
	}
	number = base_dense_add(&k->agents, hash);
	if (number == BASE_INDEX_NONE)
		return KNOWN_OTHER;
	a = known_agent_at(k, number);
	a->live = true;
	a->addr = *addr;
	a->first_ms = now_ms;
	base_addr_print(addr, a->text);
	k->agents_live++;
	return number;
}

static void agent_add(struct known_agent *a, const struct agent_window *w, uint64_t now_ms)
{
	/* Of one window's cores the newest; over windows the last, also if the wall clock steps. */
	if (!a->changed || now_ms >= a->seen_ms) {
		a->seen_ms = now_ms;
		a->uptime_ms = w->uptime_ms;
	}
	a->changed = true;
	a->datagrams += w->datagrams;
	a->lost += w->lost;
	a->duplicates += w->duplicates;
	a->out_of_order += w->out_of_order;
	a->restarts += w->restarts;
	a->shed += w->shed;
	a->flow_samples += w->flow_samples;
	a->counter_samples += w->counter_samples;
	a->discard_samples += w->discard_samples;
}

/* What stands for all of an agent's is the same for all of its sub-agents. */
static bool source_is(const struct known_source *s, const struct source_window *w, uint32_t agent,
	uint32_t sub_agent)
{
	return s->live && s->kind == w->kind && s->agent == agent &&
	       (s->kind == SOURCE_AGENT ||
		       (s->sub_agent == sub_agent && s->source.class == w->source.class &&
			       s->source.index == w->source.index));
}

static void source_made(struct known *k, struct known_source *s, const char *name, unsigned len)
{
	bool together = s->kind == SOURCE_AGENT;

	if (s->kind == SOURCE_PORT)
		source_text(s);
	else
		memcpy(s->text, name, len);
	known_agent_at(k, s->agent)->sources++;
	known_agent_at(k, s->agent)->together += together;
	k->sources_live++;
	k->together_live += together;
}

static void source_gone(struct known *k, const struct known_source *s)
{
	bool together = s->kind == SOURCE_AGENT;

	known_agent_at(k, s->agent)->sources--;
	known_agent_at(k, s->agent)->together -= together;
	k->sources_live--;
	k->together_live -= together;
}

/* As RX cores have it: an agent may have as many as are left for all, so that it keeps no other out. */
static bool has_share(const struct known *k, uint32_t agent, enum source_kind kind)
{
	uint32_t have = known_agent_at(k, agent)->sources,
		 live = k->sources_live - k->together_live;

	if (kind == SOURCE_AGENT)
		return true;
	return live < k->sources_most &&
	       (have < KNOWN_SHARE_LEAST || have < k->sources_most - live);
}

static uint32_t source_number(struct known *k, const struct window *window,
	const struct source_window *w, uint32_t agent, uint32_t sub_agent)
{
	unsigned name_len = 0;
	const char *name = w->kind == SOURCE_NAMED ? window_source_name(window, w, &name_len) : "";
	struct base_narrow_probe probe = base_dense_probe(&k->sources, w->hash);
	struct known_source *s;
	uint32_t number;

	if (agent == KNOWN_OTHER)
		return KNOWN_OTHER;
	while ((number = base_dense_next(&k->sources, &probe)) != BASE_INDEX_NONE) {
		s = known_source_at(k, number);
		if (source_is(s, w, agent, sub_agent))
			return number;
	}
	number = has_share(k, agent, w->kind) ? base_dense_add(&k->sources, w->hash)
					      : BASE_INDEX_NONE;
	if (number == BASE_INDEX_NONE)
		return KNOWN_OTHER;
	s = known_source_at(k, number);
	s->live = true;
	s->agent = agent;
	s->sub_agent = w->kind == SOURCE_AGENT ? 0 : sub_agent;
	s->source = w->source;
	s->kind = w->kind;
	source_made(k, s, name, name_len);
	return number;
}

static void source_add(struct known_source *s, const struct source_window *w, uint64_t now_ms)
{
	s->changed = true;
	s->seen_ms = now_ms;
	if (w->sampling_rate)
		s->sampling_rate = w->sampling_rate;
	s->flow_samples += w->flow_samples;
	s->lost += w->lost;
	s->drops += w->drops;
	s->pool += w->pool;
	s->pool_samples += w->pool_samples;
}

static struct table_source source_of(const struct window *w, uint32_t source, uint32_t number)
{
	return (struct table_source){
		.number = number, .hash = table_index_hash(w->sources[source].hash)};
}

void known_add(struct known *k, const struct window *w, uint32_t *agents,
	struct table_source *sources, double tsc_per_ms)
{
	agents[AGENT_OTHER] = KNOWN_OTHER;
	sources[AGENT_OTHER] = source_of(w, AGENT_OTHER, KNOWN_OTHER);
	agent_add(known_agent_at(k, KNOWN_OTHER), &w->agents[AGENT_OTHER], 0);
	for (uint32_t i = 1; i < w->agent_count; i++) {
		const struct agent_window *aw = &w->agents[i];
		uint64_t ms = known_ms(w, aw->last_tsc, tsc_per_ms);

		agents[i] = agent_number(k, &aw->addr, ms);
		agent_add(known_agent_at(k, agents[i]), aw, ms);
		k->lost += (int64_t)aw->lost;
	}
	for (uint32_t i = 1; i < w->source_count; i++) {
		const struct source_window *sw = &w->sources[i];
		const struct agent_window *aw = &w->agents[sw->agent];
		uint32_t number = source_number(k, w, sw, agents[sw->agent], aw->sub_agent);
		struct known_source *s = known_source_at(k, number);

		sources[i] = source_of(w, i, number);
		s->core = (uint16_t)w->core;
		source_add(s, sw, known_ms(w, aw->last_tsc, tsc_per_ms));
		if (number != KNOWN_OTHER)
			loss_add(&k->loss, &s->count, sw, (uint16_t)w->core);
	}
}

static bool silent(uint64_t seen_ms, uint64_t now_ms, uint64_t expire_ms)
{
	return now_ms > seen_ms && now_ms - seen_ms > expire_ms;
}

void known_expire(struct known *k, uint64_t now_ms, uint64_t expire_ms)
{
	for (uint32_t i = 1; i < k->sources.count; i++) {
		const struct known_source *s = known_source_at(k, i);

		if (!s->live || s->sightings || !silent(s->seen_ms, now_ms, expire_ms))
			continue;
		source_gone(k, s);
		base_dense_free(&k->sources, i);
	}
	for (uint32_t i = 1; i < k->agents.count; i++) {
		const struct known_agent *a = known_agent_at(k, i);

		if (!a->live || a->sources || !silent(a->seen_ms, now_ms, expire_ms))
			continue;
		k->agents_live--;
		base_dense_free(&k->agents, i);
	}
}

void known_forward(struct known *k, uint64_t ms)
{
	for (uint32_t i = 0; i < k->sources.count; i++)
		known_source_at(k, i)->seen_ms += ms;
	for (uint32_t i = 0; i < k->agents.count; i++)
		known_agent_at(k, i)->seen_ms += ms;
}
