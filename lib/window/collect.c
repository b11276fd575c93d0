/* SPDX-License-Identifier: BSD-3-Clause */
#include "window/collect.h"

enum {
	SAMPLE_LEAST = 8,   /* bytes: tag and length */
	SHARE_LEAST = 2048, /* bytes of a room in the window, that an agent has in any case */
};

/* What the samples of one datagram have in common. */
struct context {
	struct collector *c;
	struct window *w;
	const struct sflow_datagram *dg;
	struct agent_entry *agent;
	uint32_t agent_number; /* in w->agents */
	uint32_t together;     /* in w->sources: all of the agent's; where the plan needs it */
	uint64_t tsc;
};

/* The data source of a sample, for what is staged: `number` of collector.source, or itself in `w->sources`. */
struct whose {
	uint32_t number;
	uint64_t hash;
};

/* Number of an agent in the window; copied into it at its first datagram. */
static uint32_t agent_number(struct collector *c, struct window *w, struct agent_entry *a)
{
	if (agent_is_other(a))
		return AGENT_OTHER;
	if (a->place.window != (uint32_t)w->serial) {
		bool newcomer = a->place.window == 0;

		if (w->agent_count > w->limits.agents)
			return AGENT_OTHER;
		a->place = (struct agent_place){
			.window = (uint32_t)w->serial, .number = w->agent_count};
		w->agents[w->agent_count++] = (struct agent_window){.addr = a->addr,
			.sub_agent = a->sub_agent,
			.uptime_ms = a->uptime_ms,
			.newcomer = newcomer};
	}
	return a->place.number;
}

/* A place in the window's array of data sources, which has room. */
static struct source_window *source_add(struct window *w, struct agent_place *place)
{
	*place = (struct agent_place){.window = (uint32_t)w->serial, .number = w->source_count};
	return &w->sources[w->source_count++];
}

/* @param agent  number in the window */
static __attribute__((always_inline)) inline uint32_t source_number(
	struct window *w, struct source_entry *s, uint32_t agent)
{
	if (__builtin_expect(agent_source_is_other(s), 0))
		return AGENT_OTHER;
	if (__builtin_expect(s->place.window != (uint32_t)w->serial, 0)) {
		if (w->source_count > w->limits.sources)
			return AGENT_OTHER;
		*source_add(w, &s->place) = (struct source_window){
			.hash = s->head.hash, .agent = agent, .source = s->source};
	}
	return s->place.number;
}

/* Number of the source that stands for all of the agent's. */
static uint32_t together_number(const struct context *x)
{
	struct agent_place *place = &x->agent->together;
	struct window *w = x->w;

	if (x->agent_number == AGENT_OTHER)
		return AGENT_OTHER;
	if (place->window != (uint32_t)w->serial) {
		if (w->source_count > w->limits.sources)
			return AGENT_OTHER;
		*source_add(w, place) =
			(struct source_window){.hash = agent_together_hash(x->c->agents, x->agent),
				.agent = x->agent_number,
				.kind = SOURCE_AGENT};
	}
	return place->number;
}

static bool lane_number(const struct context *x, const struct flow_value *v,
	const struct sflow_sample *s, const struct sflow_flow *flow, uint64_t *number)
{
	const struct packet_value *field = &x->c->fields.value[v->field];

	if (v->aggregate == FLOW_COUNT) {
		*number = field->p ? base_hash_bytes(x->c->hash, field->p, field->len) : 0;
		return field->p;
	}
	if (!flow_value_number(v, flow, &x->c->fields, number))
		return false;
	if (v->aggregate == FLOW_RATE)
		*number = flow_value_scaled(*number, s->sampling_rate);
	return true;
}

/* What a sample has for the values that are not its entry's one sum, staged beside it. */
static __attribute__((noinline)) void stage_lanes(const struct context *x,
	struct window_definition *wd, const struct flow_definition *d, const struct sflow_sample *s,
	const struct sflow_flow *flow)
{
	struct table_extra *extra = table_batch_extra(&wd->batch, &wd->table);

	extra->there = 0;
	x->c->order = x->tsc > x->c->order ? x->tsc : x->c->order + 1;
	extra->tsc = x->c->order;
	for (unsigned i = 0; i < d->lane_count; i++) {
		if (lane_number(x, &d->values[d->lanes[i]], s, flow, &extra->number[i]))
			extra->there |= 1u << i;
	}
}

static inline uint64_t hash_key(
	struct collector *c, const struct flow_definition *d, const uint8_t *key, unsigned len)
{
	uint64_t hash;

	if (d->key_shared && c->made[d->same_key].sample == c->sample)
		return c->made[d->same_key].hash;
	hash = base_hash_bytes(c->hash, key, len);
	if (d->key_shared) {
		c->made[d->same_key].sample = c->sample;
		c->made[d->same_key].hash = hash;
	}
	return hash;
}

/* One definition's share of a sample: key and value, staged for its table. */
static __attribute__((always_inline)) inline void count_flow(const struct context *x,
	struct window_definition *wd, const struct flow_definition *d, const struct sflow_sample *s,
	const struct sflow_flow *flow, struct whose whose)
{
	uint8_t *key = table_batch_key(&wd->batch);
	int len = flow_key_build(d, x->w->plan, &x->c->fields, key);
	uint64_t value, hash;

	if (len < 0 || !flow_value_of(&d->values[0], s, flow, &x->c->fields, &value)) {
		wd->keyless++;
		return;
	}
	if (__builtin_expect(d->lane_count != 0, 0))
		stage_lanes(x, wd, d, s, flow);
	hash = table_hash(hash_key(x->c, d, key, (unsigned)len), whose.hash);
	if (table_batch_add(&wd->batch, &wd->table, hash, (unsigned)len, whose.number, value))
		x->c->full = true;
}

static __attribute__((noinline)) bool ask(
	struct collector *c, struct window *w, const struct flow_definition *d)
{
	bool accepted = flow_filter_accepts(d->filter, w->plan, c->fields.value, &c->scratch);

	w->stats[WINDOW_REGEX_GIVEN_UP] += c->scratch.given_up;
	c->scratch.given_up = 0;
	c->asked[d->same_filter].sample = c->sample;
	c->asked[d->same_filter].accepted = accepted;
	return accepted;
}

/* Whether a definition that does not take every sample of this kind takes this one. */
static inline bool accepts(struct collector *c, struct window *w, const struct flow_definition *d,
	struct window_definition *wd, enum sflow_kind kind)
{
	bool accepted;

	if (!d->filter || d->kind != kind)
		return false;
	if (flow_filter_refuses(d->filter, c->fields.value)) {
		wd->filtered++;
		return false;
	}
	accepted = c->asked[d->same_filter].sample == c->sample ? c->asked[d->same_filter].accepted
								: ask(c, w, d);
	wd->filtered += !accepted;
	return accepted;
}

static inline struct whose together(const struct context *x)
{
	return (struct whose){x->together, x->w->sources[x->together].hash};
}

/* Fields are read: what each table counts takes the sample or not. Inline twice, packets being the usual. */
static __attribute__((always_inline)) inline void offer(const struct context *x,
	const struct sflow_sample *s, const struct sflow_flow *flow, struct whose whose)
{
	const struct flow_definition **table = x->w->plan->tables;
	const struct flow_definition **end = table + x->w->plan->table_count;
	struct window_definition *wd = x->w->definitions;

	flow_scratch_sample(&x->c->scratch);
	x->c->sample++;
	for (; table < end; table++, wd++) {
		const struct flow_definition *d = *table;

		if (__builtin_expect(d->every == s->kind, 1) || accepts(x->c, x->w, d, wd, s->kind))
			count_flow(x, wd, d, s, flow,
				d->merge == FLOW_MERGE_AGENT ? together(x) : whose);
	}
}

static inline void note_keys(
	const struct context *x, const struct sflow_sample *s, const struct sflow_flow *flow)
{
	if (flow_census_due(&x->w->seen))
		flow_census_take(x->c->census, &x->w->seen, &x->dg->agent, s, flow);
}

/*
 * Its data source is looked up later. What an agent's entry says of its rate goes before what its samples
 * say. @return the hash of the source
 */
static inline struct whose hear(const struct context *x, struct sflow_sample *s)
{
	struct collector *c = x->c;
	struct agent_heard *h = &c->heard[c->heard_count];
	bool flow = s->kind == SFLOW_KIND_FLOW;

	h->hash = agent_source_hash(c->hash, x->agent, s->source.class, s->source.index);
	agent_source_prefetch(c->agents, h->hash);
	if (__builtin_expect(flow && x->agent->rate != 0, 0))
		s->sampling_rate = x->agent->rate;
	h->tsc = x->tsc;
	h->class = s->source.class;
	h->index = s->source.index;
	h->agent = x->agent->number;
	h->life = x->agent->life;
	h->agent_window = x->agent_number;
	h->accounted = flow;
	h->sample.sequence = s->sequence;
	h->sample.sampling_rate = s->sampling_rate;
	h->sample.pool = s->pool;
	h->sample.drops = s->drops;
	x->w->agents[x->agent_number].flow_samples += flow;
	return (struct whose){c->heard_count++, h->hash};
}

/* A flow sample, or a discarded packet that some definition counts. Inline in its one caller. */
static __attribute__((always_inline)) inline void flow_sample(
	struct context *x, struct sflow_sample *s, const struct sflow_flow *flow)
{
	struct whose whose;

	if (__builtin_expect(x->c->full, 0) || x->c->heard_count == COLLECT_STAGED)
		collect_flush(x->c, x->w);
	whose = hear(x, s);
	note_keys(x, s, flow);
	flow_extract(x->w->plan, &x->dg->agent, s, flow, &x->c->fields);
	offer(x, s, flow, whose);
}

/* Nobody counts it: all that is done with it is to tell now and then what keys there would be. */
static __attribute__((noinline)) void pass_discard(
	const struct context *x, struct sflow_sample *s, struct sflow_flow *flow)
{
	uint64_t stats[SFLOW_STATS] = {0}; /* those of records are of samples that count */

	sflow_flow_read(s, flow, stats);
	flow_census_take(x->c->census, &x->w->seen, &x->dg->agent, s, flow);
}

/* sFlow discarded packet notifications: each is one packet, whatever an agent's sampling rate is. */
static bool wants_discard(const struct context *x, struct sflow_sample *s, struct sflow_flow *flow)
{
	x->w->agents[x->agent_number].discard_samples++;
	s->sampling_rate = 1;
	if (!x->w->plan->need_discards && flow_census_due(&x->w->seen))
		pass_discard(x, s, flow);
	if (!x->w->plan->need_discards)
		return false;
	sflow_flow_read(s, flow, x->w->sflow);
	return true;
}

/* Keyed, and of all of the name, so that nobody can make two that are taken for one. */
static struct sflow_source custom_source(const struct context *x, const struct sflow_sample *s)
{
	uint64_t hash = base_hash_bytes(x->c->hash, s->name, s->name_len);

	return (struct sflow_source){.class = (uint32_t)(hash >> 32), .index = (uint32_t)hash};
}

/*
 * Whether an agent may have `size` more of a room in the window that all share. It may have as much as is left
 * for all, and some in any case, and who was there before need not fear newcomers: they have half of it.
 */
static bool has_share(
	const struct agent_window *aw, size_t room, size_t used, size_t own, size_t size)
{
	size_t left = room - used;

	if (aw->newcomer)
		left = left > room / 2 ? left - room / 2 : 0;
	return size <= left && (own + size <= SHARE_LEAST || own + size <= left);
}

/* The number of a data source by its name, which is copied into the window where it is new there. */
static uint32_t custom_number(const struct context *x, const struct sflow_sample *s)
{
	struct window *w = x->w;
	struct agent_window *aw = &w->agents[x->agent_number];
	struct source_entry *source;
	uint32_t before = w->source_count, number;

	if (!flow_custom_source(s->name, s->name_len))
		return AGENT_OTHER;
	source = agent_source_find(x->c->agents, x->agent, custom_source(x, s), x->tsc);
	if (source->place.window != (uint32_t)w->serial &&
		!has_share(aw, WINDOW_NAMES, w->names_used, aw->name_bytes, 1 + s->name_len))
		return AGENT_OTHER;
	number = source_number(w, source, x->agent_number);
	if (w->source_count == before)
		return number;
	w->sources[number].kind = SOURCE_NAMED;
	w->sources[number].name = w->names_used;
	w->names[w->names_used] = (uint8_t)s->name_len;
	memcpy(&w->names[w->names_used + 1], s->name, s->name_len);
	w->names_used += 1 + s->name_len;
	aw->name_bytes += 1 + s->name_len;
	return number;
}

/* host-sflow, mod_json: a rate of 0 is 1. */
static __attribute__((noinline)) void custom_sample(const struct context *x, struct sflow_sample *s)
{
	const struct flow_plan *plan = x->w->plan;
	struct sflow_flow none; /* without a record */
	uint32_t number;

	flow_customs_note(&x->w->customs, s);
	if (!plan->need_customs)
		return;
	number = custom_number(x, s);
	if (number == AGENT_OTHER)
		x->w->stats[WINDOW_CUSTOM_UNNAMED]++;
	s->sampling_rate = s->sampling_rate ? s->sampling_rate : 1;
	none.has = 0;
	memset(none.noted, 0, sizeof(none.noted));
	flow_extract_custom(plan, &x->dg->agent, s, &none, &x->c->fields);
	if (x->c->full)
		collect_flush(x->c, x->w);
	offer(x, s, &none, (struct whose){number, x->w->sources[number].hash});
}

/* Counter and custom samples are rare and rich: kept as they are, for the aggregator to read. */
static void counter_sample(const struct context *x, const struct sflow_sample *s)
{
	struct window *w = x->w;
	size_t len = base_cursor_left(&s->body), name_len = s->name ? s->name_len : 0,
	       size = (sizeof(struct window_counter) + len + name_len + 7) & ~(size_t)7;
	struct agent_window *aw = &w->agents[x->agent_number];
	struct window_counter *c;

	aw->counter_samples += s->kind == SFLOW_KIND_COUNTER;
	if (x->agent_number == AGENT_OTHER) {
		w->stats[WINDOW_COUNTERS_NO_AGENT]++;
		return;
	}
	if (!has_share(aw, w->limits.counter_bytes, w->counters_used, aw->counter_bytes, size)) {
		w->stats[WINDOW_COUNTERS_FULL]++;
		return;
	}
	c = (struct window_counter *)(void *)(w->counters + w->counters_used);
	*c = (struct window_counter){.size = (uint32_t)size,
		.agent = x->agent_number,
		.tsc = x->tsc,
		.uptime_ms = x->dg->uptime_ms,
		.body_len = (uint32_t)len,
		.sample = *s};
	memcpy(c + 1, s->body.p, len);
	if (name_len)
		memcpy((uint8_t *)(c + 1) + len, s->name, name_len);
	w->counters_used += (uint32_t)size;
	aw->counter_bytes += (uint32_t)size;
	w->stats[WINDOW_COUNTERS_KEPT]++;
}

static void account_agent(struct context *x)
{
	struct agent_window *aw;

	x->agent = agent_find(x->c->agents, &x->dg->agent, x->dg->sub_agent, x->tsc);
	x->agent_number = agent_number(x->c, x->w, x->agent);
	aw = &x->w->agents[x->agent_number];
	aw->last_tsc = x->tsc;
	if (__builtin_expect(x->w->plan->need_agents, 0))
		x->together = together_number(x);
	if (x->agent_number != AGENT_OTHER) {
		agent_datagram(x->agent, aw, x->dg);
		return;
	}
	aw->datagrams++;
	x->w->stats[WINDOW_OTHER_DATAGRAMS]++;
}

/*
 * Whether the agent has had its share. A datagram costs what its header says is in it: more samples than
 * that are not read. Its sequence number was taken in: what is shed is no loss on the way.
 */
static __attribute__((noinline)) bool shed(const struct context *x, uint32_t len)
{
	const struct base_bucket_rate *share = &x->c->share;
	struct base_bucket *b = &x->agent->share;
	uint32_t samples = x->dg->samples, most = len / SAMPLE_LEAST;

	if (!base_bucket_has(b, share, x->tsc)) {
		x->w->agents[x->agent_number].shed++;
		x->w->sflow[SFLOW_DROP_SHED]++;
		return true;
	}
	samples = samples < 1 ? 1 : samples > most ? most : samples;
	base_bucket_pay(b, base_bucket_cost(share, samples), x->tsc);
	return false;
}

/* Counted by its reason, as what the decoder drops. */
static __attribute__((noinline)) bool refused(const struct collector *c, struct window *w,
	const struct base_addr *source, const struct base_addr *agent)
{
	int reason = agent_allow_refuses(c->allow, source, agent);

	if (reason)
		w->sflow[reason]++;
	return reason;
}

void collect_datagram(struct collector *c, struct window *w, const struct base_addr *source,
	const uint8_t *payload, uint32_t len, uint64_t tsc)
{
	struct sflow_datagram dg;
	struct sflow_sample s;
	struct sflow_flow flow;
	struct context x;

	if (sflow_datagram_open(&dg, payload, len, w->sflow) < 0)
		return;
	if (__builtin_expect(c->allow != NULL, 0) && refused(c, w, source, &dg.agent))
		return;
	x.c = c;
	x.w = w;
	x.dg = &dg;
	x.tsc = tsc;
	account_agent(&x);
	if (__builtin_expect(base_bucket_limits(&c->share), 0) && shed(&x, len))
		return;
	while (sflow_sample_next_flow(&dg, &s, &flow, w->sflow)) {
		switch (s.kind) {
		case SFLOW_KIND_DISCARD:
			if (!wants_discard(&x, &s, &flow))
				break;
			__attribute__((fallthrough));
		case SFLOW_KIND_FLOW:
			flow_sample(&x, &s, &flow);
			break;
		case SFLOW_KIND_COUNTER:
		case SFLOW_KIND_RTMETRIC:
			counter_sample(&x, &s);
			break;
		case SFLOW_KIND_RTFLOW:
			custom_sample(&x, &s);
			break;
		case SFLOW_KIND_UNKNOWN:
			break;
		}
	}
}

/* Account a sample, now that its data source is found. @return the source's number in the window */
static inline uint32_t account(struct collector *c, struct window *w, const struct agent_heard *h)
{
	struct source_entry *source = agent_source_take(c->agents, h);
	uint32_t number = source_number(w, source, h->agent_window);

	if (__builtin_expect(number == AGENT_OTHER, 0))
		w->stats[WINDOW_OTHER_SAMPLES]++;
	else if (h->accounted)
		agent_flow_sample(source, &w->sources[number], &h->sample);
	w->sources[number].flow_samples += h->accounted;
	return number;
}

static void account_all(struct collector *c, struct window *w)
{
	agent_sources_ahead(c->agents, c->heard, c->heard_count, w->sources, w->serial);
	for (uint32_t i = 0; i < c->heard_count; i++)
		c->source[i] = account(c, w, &c->heard[i]);
	c->heard_count = 0;
}

/* All without room are one source. */
static __attribute__((noinline)) void to_other(
	const struct collector *c, const struct window *w, struct table_batch *b, uint32_t update)
{
	struct table_update *u = &b->update[update];
	uint64_t key = base_hash_bytes(c->hash, b->keys + u->key_at, u->key_len);

	u->hash = table_hash(key, w->sources[AGENT_OTHER].hash);
}

/* Those of custom flows and of agents as a whole are found at once. */
static bool is_heard(const struct flow_definition *d)
{
	return d->kind != SFLOW_KIND_RTFLOW && d->merge != FLOW_MERGE_AGENT;
}

/* Count what is staged, and say whose it is. */
static void count(
	const struct collector *c, const struct window *w, struct window_definition *wd, bool heard)
{
	struct table_batch *b = &wd->batch;

	wd->counted += b->count;
	for (uint32_t i = 0; i < b->count; i++) {
		struct table_update *u = &b->update[i];

		wd->total = table_sum(wd->total, u->value);
		if (!heard)
			continue;
		u->source = c->source[u->source];
		if (__builtin_expect(u->source == AGENT_OTHER, 0))
			to_other(c, w, b, i);
	}
}

void collect_flush(struct collector *c, struct window *w)
{
	account_all(c, w);
	for (unsigned i = 0; i < w->plan->table_count; i++) {
		struct window_definition *wd = &w->definitions[i];

		count(c, w, wd, is_heard(w->plan->tables[i]));
		table_apply(&wd->table, &wd->batch);
	}
	c->full = false;
}
