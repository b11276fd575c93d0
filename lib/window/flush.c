/* SPDX-License-Identifier: BSD-3-Clause */
#include "window/collect_pvt.h"

/* What datagrams have staged: their data sources are looked up together, then tables are written. */

uint32_t collect_source_place(struct window *w, struct source_entry *s, uint32_t agent)
{
	if (agent_source_is_other(s) || w->source_count - w->together_count > w->limits.sources)
		return AGENT_OTHER;
	*collect_source_add(w, &s->place) =
		(struct source_window){.hash = s->head.hash, .agent = agent, .source = s->source};
	return s->place.number;
}

/* A sample whose data source finds none. */
static __attribute__((noinline)) uint32_t no_place(
	struct window *w, struct source_entry *source, bool counted)
{
	w->stats[WINDOW_OTHER_SAMPLES]++;
	w->sources[AGENT_OTHER].flow_samples += counted;
	sequence_forget(&source->samples); /* what is not numbered here is not lost */
	return AGENT_OTHER;
}

/* What is the same for all samples of a datagram, in registers. */
struct shared {
	struct source_window *sources;
	uint32_t serial;
	struct agent_life of;
	uint64_t tsc;
};

/* Account a sample, now that its data source is found. @return the source's number in the window */
static __attribute__((always_inline)) inline uint32_t account(struct collector *c, struct window *w,
	const struct agent_heard *h, const struct agent_origin *from, struct shared all,
	bool numbered, bool counted)
{
	struct source_entry *source = agent_source_take(c->agents, h, from, all.of, all.tsc);
	uint32_t number = source->place.number;
	struct source_window *sw;

	if (__builtin_expect(source->place.window != all.serial, 0)) {
		number = collect_source_place(w, source, from->window);
		if (number == AGENT_OTHER)
			return no_place(w, source, counted);
	}
	sw = &all.sources[number];
	if (counted)
		sw->flow_samples++;
	if (numbered)
		agent_flow_sample(source, sw, &h->numbers);
	return number;
}

/* Those of one datagram, or of a part of it. */
static __attribute__((always_inline)) inline void account_these(struct collector *c,
	struct window *w, const struct agent_origin *from, uint32_t end, bool numbered,
	bool counted)
{
	const struct shared all = {w->sources, (uint32_t)w->serial, from->of, from->tsc};
	const struct agent_heard *h = &c->heard[from->first], *last = &c->heard[end];
	uint32_t *number = &c->source[from->first];

	while (h < last)
		*number++ = account(c, w, h++, from, all, numbered, counted);
}

/* Whose sequence numbers tell nothing. */
static __attribute__((noinline)) void account_odd(
	struct collector *c, struct window *w, const struct agent_origin *from, uint32_t end)
{
	account_these(c, w, from, end, false, from->counted);
}

/* @return whether some of them are AGENT_OTHER's */
static __attribute__((noinline)) bool account_all(struct collector *c, struct window *w)
{
	uint64_t others = w->stats[WINDOW_OTHER_SAMPLES];

	agent_sources_ahead(c->agents, c->heard, c->heard_count, w->sources, w->serial);
	for (uint32_t o = 0; o < c->origin_count; o++) {
		const struct agent_origin *from = &c->origin[o];
		uint32_t end = o + 1 < c->origin_count ? from[1].first : c->heard_count;

		if (__builtin_expect(from->numbered, 1))
			account_these(c, w, from, end, true, true);
		else
			account_odd(c, w, from, end);
	}
	c->origin_count = 0;
	return w->stats[WINDOW_OTHER_SAMPLES] != others;
}

/* All without room are one source, by whose hash their flows are found. */
static __attribute__((noinline)) void to_other(
	const struct collector *c, const struct window *w, struct table_batch *b)
{
	const uint8_t *key = b->keys;

	for (uint32_t i = 0; i < b->count; i++) {
		struct table_update *u = &b->update[i];

		if (c->source[u->source] == AGENT_OTHER)
			u->hash = table_hash(base_hash_bytes(c->hash, key, u->key_len),
				w->sources[AGENT_OTHER].hash);
		key += u->key_len;
	}
}

/* Those of custom flows and of agents as a whole are found at once. */
static bool is_heard(const struct flow_definition *d)
{
	return d->kind != SFLOW_KIND_RTFLOW && d->merge != FLOW_MERGE_AGENT;
}

/* Have the updates of the i-th table, if there is one, and ready where they are looked up. */
static inline __attribute__((always_inline)) void ahead(
	struct collector *c, struct window *w, unsigned i)
{
	if (i == w->plan->table_count)
		return;
	table_batch_ahead(&w->definitions[i].batch, &w->definitions[i].table);
	collect_pick(c, w, i);
}

static inline uint64_t ticks(const struct collector *c)
{
	return __builtin_expect(c->ticks != NULL, 0) ? c->ticks() : 0;
}

void collect_write(struct collector *c, struct window *w)
{
	uint64_t start = ticks(c);
	bool others;

	ahead(c, w, 0);
	others = account_all(c, w);
	for (unsigned i = 0; i < w->plan->table_count; i++) {
		struct window_definition *wd = &w->definitions[i];
		bool heard = is_heard(w->plan->tables[i]);

		ahead(c, w, i + 1);
		if (__builtin_expect(others, 0) && heard)
			to_other(c, w, &wd->batch);
		wd->counted += wd->batch.count;
		wd->total = table_sum(
			wd->total, table_apply(&wd->table, &wd->batch, heard ? c->source : NULL));
	}
	c->heard_count = 0;
	c->unheard = 0;
	c->picked_from = 0;
	c->full = false;
	c->write_ticks += ticks(c) - start;
}

void collect_flush(struct collector *c, struct window *w)
{
	collect_drain(c, w);
	collect_write(c, w);
}
