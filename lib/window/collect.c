/* SPDX-License-Identifier: BSD-3-Clause */
#include "window/collect.h"

#include "window/collect_pvt.h"

enum {
	SAMPLE_LEAST = 8,   /* bytes: tag and length */
	SHARE_LEAST = 2048, /* bytes of a room in the window, that an agent has in any case */
};

/* Copied into the window at its first datagram there, when it follows the window's configuration. @return its number */
static __attribute__((noinline)) uint32_t place_agent(struct window *w, struct agent_entry *a)
{
	bool newcomer = a->place.window == 0;

	agent_follow(a, w->senders);
	if (w->agent_count > w->limits.agents)
		return AGENT_OTHER;
	a->place = (struct agent_place){.window = (uint32_t)w->serial, .number = w->agent_count};
	w->agents[w->agent_count++] = (struct agent_window){.addr = a->addr,
		.sub_agent = a->sub_agent,
		.uptime_ms = a->uptime_ms,
		.newcomer = newcomer};
	return a->place.number;
}

/* Number of an agent in the window. */
static inline uint32_t agent_number(struct window *w, struct agent_entry *a)
{
	if (agent_is_other(a))
		return AGENT_OTHER;
	if (__builtin_expect(a->place.window != (uint32_t)w->serial, 0))
		return place_agent(w, a);
	return a->place.number;
}

/* Number of the source that stands for all of the agent's. */
static uint32_t together_number(const struct collect_context *x)
{
	struct agent_place *place = &x->agent->together;
	struct window *w = x->w;

	if (x->agent_number == AGENT_OTHER)
		return AGENT_OTHER;
	if (place->window != (uint32_t)w->serial) {
		if (w->source_count == window_sources(&w->limits))
			return AGENT_OTHER;
		w->together_count++;
		*collect_source_add(w, place) =
			(struct source_window){.hash = agent_together_hash(x->c->agents, x->agent),
				.agent = x->agent_number,
				.kind = SOURCE_AGENT};
	}
	return place->number;
}

static bool lane_number(
	const struct collect_context *x, const struct flow_value *v, uint64_t *number)
{
	const struct packet_value *field = &x->c->fields.value[v->field];

	if (v->aggregate == FLOW_COUNT) {
		*number = field->p ? base_hash_bytes(x->c->hash, field->p, field->len) : 0;
		return field->p;
	}
	if (!flow_value_number(v, x->flow, &x->c->fields, number))
		return false;
	if (v->aggregate == FLOW_RATE)
		*number = flow_value_scaled(*number, x->sample->sampling_rate);
	return true;
}

/* What a sample has for the values that are not its entry's one sum, staged beside it. */
static __attribute__((noinline)) void stage_lanes(const struct collect_context *x,
	struct window_definition *wd, const struct flow_definition *d)
{
	struct table_extra *extra = table_batch_extra(&wd->batch, &wd->table);

	extra->there = 0;
	x->c->order = x->tsc > x->c->order ? x->tsc : x->c->order + 1;
	extra->tsc = x->c->order;
	for (unsigned i = 0; i < d->lane_count; i++) {
		if (lane_number(x, &d->values[d->lanes[i]], &extra->number[i]))
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

/* What an agent's entry says of its rate goes before what its samples say. */
static inline uint32_t rate_of(const struct collect_context *x, uint32_t sampling_rate)
{
	return __builtin_expect(x->agent->rate != 0, 0) ? x->agent->rate : sampling_rate;
}

/* Read all of a usual sample. */
static __attribute__((noinline)) void read_whole(struct collect_context *x, struct sflow_usual u)
{
	sflow_usual_read(&u, x->sample, x->flow);
	x->sample->sampling_rate = rate_of(x, x->sample->sampling_rate);
	x->whole = true;
}

/* @param u  NULL: all of the sample is read */
static __attribute__((always_inline)) inline void whole(
	struct collect_context *x, const struct sflow_usual *u)
{
	if (u && !x->whole)
		read_whole(x, *u);
}

/* flow_value_of(), first for the usual value of usual samples. */
static __attribute__((always_inline)) inline bool value_of(struct collect_context *x,
	const struct flow_value *v, const struct sflow_usual *u, uint64_t bytes, uint64_t *value)
{
	if (u && __builtin_expect(v->aggregate == FLOW_RATE && v->of == FLOW_OF_LENGTH, 1)) {
		*value = bytes;
		return true;
	}
	whole(x, u);
	return flow_value_of(v, x->sample, x->flow, &x->c->fields, value);
}

/*
 * One definition's share of a sample: key and value, staged for its table.
 * @param bytes  of a usual sample: its length, times the sampling rate
 */
static __attribute__((always_inline)) inline void count_flow(struct collect_context *x,
	struct window_definition *wd, const struct flow_definition *d, const struct sflow_usual *u,
	uint64_t bytes, struct collect_whose whose)
{
	uint8_t *key = table_batch_key(&wd->batch);
	int len = flow_key_build(d, x->w->plan, &x->c->fields, key);
	uint64_t value;

	if (len < 0 || !value_of(x, &d->values[0], u, bytes, &value)) {
		wd->keyless++;
		return;
	}
	if (__builtin_expect(d->lane_count != 0, 0)) {
		whole(x, u);
		stage_lanes(x, wd, d);
	}
	collect_stage(x->c, wd, (unsigned)len, hash_key(x->c, d, key, (unsigned)len), whose, value);
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

static inline struct collect_whose together(const struct collect_context *x)
{
	return (struct collect_whose){x->together, x->w->sources[x->together].hash};
}

static __attribute__((always_inline)) inline void offer_one(struct collect_context *x,
	struct window_definition *wd, const struct flow_definition *d, enum sflow_kind kind,
	const struct sflow_usual *u, uint64_t bytes, struct collect_whose whose)
{
	if (__builtin_expect(d->every == kind, 1) || accepts(x->c, x->w, d, wd, kind))
		count_flow(x, wd, d, u, bytes, d->merge == FLOW_MERGE_AGENT ? together(x) : whose);
}

/* Of a sample all of which is read: what each table counts takes it or not. */
static __attribute__((noinline)) void offer(struct collect_context *x, struct collect_whose whose)
{
	const struct flow_plan *plan = x->w->plan;

	flow_scratch_sample(&x->c->scratch);
	x->c->sample++;
	for (unsigned i = 0; i < plan->table_count; i++)
		offer_one(
			x, &x->w->definitions[i], plan->tables[i], x->sample->kind, NULL, 0, whose);
}

/* The index in two steps, since gcc takes what does nothing but prefetch for nothing. */
static inline __attribute__((always_inline)) void prefetch_source(
	const struct agent_table *agents, uint64_t hash)
{
	struct base_index index = agent_source_index(agents);

	__builtin_prefetch(base_index_home(&index, hash));
}

/* Its data source is looked up later, by what is noted here. */
static struct collect_whose hear(const struct collect_context *x, const struct sflow_sample *s)
{
	struct collector *c = x->c;
	struct agent_heard *h = &c->heard[c->heard_count];

	h->hash = agent_source_hash(c->hash, x->agent, s->source);
	prefetch_source(c->agents, h->hash);
	h->numbers = (struct sflow_numbers){.source = s->source,
		.sequence = s->sequence,
		.sampling_rate = s->sampling_rate,
		.pool = s->pool,
		.drops = s->drops};
	h->recipes = NULL;
	return (struct collect_whose){c->heard_count++, h->hash};
}

/* Of the samples that will be heard from here on. */
static void set_origin(const struct collect_context *x, bool flow)
{
	struct collector *c = x->c;
	bool empty = c->origin_count > 0 && c->origin[c->origin_count - 1].first == c->heard_count;

	c->origin_count += !empty;
	c->origin[c->origin_count - 1] = (struct agent_origin){.tsc = x->tsc,
		.of = agent_life(x->agent),
		.window = x->agent_number,
		.first = c->heard_count,
		.numbered = flow && x->numbered,
		.counted = flow};
}

void collect_make_room(const struct collect_context *x)
{
	if (!x->c->full && collect_room(x->c) > 0)
		return;
	collect_write(x->c, x->w);
	set_origin(x, true);
}

/* A flow sample, or a discarded packet that some definition counts. */
static __attribute__((noinline)) void flow_sample(struct collect_context *x)
{
	struct sflow_sample *s = x->sample;
	bool flow = s->kind == SFLOW_KIND_FLOW;
	struct collect_whose whose;

	collect_make_room(x);
	if (flow)
		s->sampling_rate = rate_of(x, s->sampling_rate);
	else
		set_origin(x, false);
	whose = hear(x, s);
	if (!flow)
		set_origin(x, true);
	x->w->agents[x->agent_number].flow_samples += flow;
	if (flow_census_due(&x->w->seen))
		flow_census_take(x->c->census, &x->w->seen, &x->dg->agent, s, x->flow);
	flow_extract(x->w->plan, &x->dg->agent, s, x->flow, &x->c->fields);
	offer(x, whose);
}

/* The plan's fields of a usual sample. */
static __attribute__((always_inline)) inline void extract_usual(
	struct collect_context *x, const struct sflow_usual *u, unsigned shape)
{
	const struct flow_plan *plan = x->w->plan;
	struct flow_fields *fields = &x->c->fields;
	const struct flow_layout *layout = &plan->layouts[shape];

	fields->header = u->header;
	fields->shape = shape;
	if (layout->count == 0)
		return;
	if (__builtin_expect(layout->placed, 1)) {
		flow_extract_places(plan, fields);
		return;
	}
	whole(x, u);
	flow_extract_steps(plan, &x->dg->agent, x->sample, x->flow, fields);
}

void collect_offer_usual(struct collect_context *x, const struct sflow_usual *u, unsigned shape,
	uint64_t bytes, struct collect_whose whose)
{
	const struct flow_plan *plan = x->w->plan;
	struct collector *c = x->c;

	x->whole = false;
	extract_usual(x, u, shape);
	flow_scratch_sample(&c->scratch);
	c->sample++;
	for (unsigned i = 0; i < plan->table_count; i++) {
		struct window_definition *wd = &x->w->definitions[i];
		const struct flow_recipe *r = &plan->tables[i]->recipes[shape];
		uint8_t *key = table_batch_key(&wd->batch);

		if (r->easy)
			collect_stage(c, wd, r->len, flow_key_pick_hash(r, u->header, key, c->hash),
				whose, bytes);
		else
			offer_one(x, wd, plan->tables[i], SFLOW_KIND_FLOW, u, bytes, whose);
	}
}

/* Nobody counts it: all that is done with it is to tell now and then what keys there would be. */
static __attribute__((noinline)) void pass_discard(const struct collect_context *x)
{
	uint64_t stats[SFLOW_STATS] = {0}; /* those of records are of samples that count */

	sflow_flow_read(x->sample, x->flow, stats);
	flow_census_take(x->c->census, &x->w->seen, &x->dg->agent, x->sample, x->flow);
}

/* sFlow discarded packet notifications: each is one packet, whatever an agent's sampling rate is. */
static bool wants_discard(const struct collect_context *x)
{
	x->w->agents[x->agent_number].discard_samples++;
	x->sample->sampling_rate = 1;
	if (!x->w->plan->need_discards && flow_census_due(&x->w->seen))
		pass_discard(x);
	if (!x->w->plan->need_discards)
		return false;
	sflow_flow_read(x->sample, x->flow, x->w->sflow);
	return true;
}

/* Keyed, and of all of the name, so that nobody can make two that are taken for one. */
static struct sflow_source custom_source(
	const struct collect_context *x, const struct sflow_sample *s)
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
static uint32_t custom_number(const struct collect_context *x, const struct sflow_sample *s)
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
	number = collect_source_number(w, source, x->agent_number);
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
static __attribute__((noinline)) void custom_sample(struct collect_context *x)
{
	const struct flow_plan *plan = x->w->plan;
	struct sflow_sample *s = x->sample;
	uint32_t number;

	flow_customs_note(&x->w->customs, s);
	if (!plan->need_customs)
		return;
	number = custom_number(x, s);
	if (number == AGENT_OTHER)
		x->w->stats[WINDOW_CUSTOM_UNNAMED]++;
	s->sampling_rate = s->sampling_rate ? s->sampling_rate : 1;
	x->flow->has = 0; /* it is without a record */
	memset(x->flow->noted, 0, sizeof(x->flow->noted));
	flow_extract_custom(plan, &x->dg->agent, s, x->flow, &x->c->fields);
	collect_make_room(x);
	offer(x, (struct collect_whose){number, x->w->sources[number].hash});
	x->c->unheard++;
}

/* Counter and custom samples are rare and rich: kept as they are, for the aggregator to read. */
static void counter_sample(const struct collect_context *x, const struct sflow_sample *s)
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

static void account_agent(struct collect_context *x, const struct collect_ahead *a)
{
	struct agent_window *aw;

	x->agent = agent_take(
		x->c->agents, &x->dg->agent, x->dg->sub_agent, a->hash, a->guess, x->tsc);
	x->agent_number = agent_number(x->w, x->agent);
	aw = &x->w->agents[x->agent_number];
	aw->last_tsc = x->tsc;
	if (__builtin_expect(x->w->plan->need_agents, 0))
		x->together = together_number(x);
	x->numbered = true;
	if (x->agent_number != AGENT_OTHER) {
		x->numbered = agent_datagram(x->agent, aw, x->dg);
	} else {
		aw->datagrams++;
		x->w->stats[WINDOW_OTHER_DATAGRAMS]++;
	}
}

/*
 * Whether the agent has had its share. A datagram costs what its header says is in it: more samples than
 * that are not read. Its sequence number was taken in: what is shed is no loss on the way.
 */
static __attribute__((noinline)) bool shed(const struct collect_context *x, uint32_t len)
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
static __attribute__((noinline)) bool refused(struct window *w, const struct agent_allow *allow,
	const struct base_addr *source, const struct base_addr *agent)
{
	int reason = agent_allow_refuses(allow, source, agent);

	if (reason)
		w->sflow[reason]++;
	return reason;
}

/* A sample that is not a usual one, as it was read. */
static void sample(struct collect_context *x)
{
	switch (x->sample->kind) {
	case SFLOW_KIND_DISCARD:
		if (!wants_discard(x))
			break;
		__attribute__((fallthrough));
	case SFLOW_KIND_FLOW:
		flow_sample(x);
		break;
	case SFLOW_KIND_COUNTER:
	case SFLOW_KIND_RTMETRIC:
		counter_sample(x, x->sample);
		break;
	case SFLOW_KIND_RTFLOW:
		custom_sample(x);
		break;
	case SFLOW_KIND_UNKNOWN:
		break;
	}
}

static void take_in(struct collector *c, struct window *w, struct collect_ahead *a)
{
	struct sflow_sample s;
	struct sflow_flow flow;
	struct collect_context x;

	x.c = c;
	x.w = w;
	x.dg = &a->dg;
	x.tsc = a->tsc;
	x.sample = &s;
	x.flow = &flow;
	account_agent(&x, a);
	if (__builtin_expect(base_bucket_limits(&c->share), 0) && shed(&x, a->len))
		return;
	set_origin(&x, true);
	for (;;) {
		collect_usual(&x, &a->dg);
		if (!sflow_sample_next_any(&a->dg, &s, &flow, w->sflow))
			return;
		sample(&x);
	}
}

/* @return false where it is dropped */
static bool open_datagram(struct collect_ahead *a, struct collector *c, struct window *w,
	const struct base_addr *source, const uint8_t *payload, uint32_t len, uint64_t tsc)
{
	const struct agent_allow *allow = agent_senders_allow(w->senders);

	if (sflow_datagram_open(&a->dg, payload, len, w->sflow) < 0)
		return false;
	if (__builtin_expect(allow != NULL, 0) && refused(w, allow, source, &a->dg.agent))
		return false;
	a->len = len;
	a->tsc = tsc;
	a->hash = agent_hash(c->agents, &a->dg.agent, a->dg.sub_agent);
	a->guess = NULL;
	return true;
}

/* The datagram that came `before` others. */
static inline struct collect_ahead *waiting(struct collector *c, uint32_t before)
{
	return &c->ahead[(c->came - 1 - before) % COLLECT_AHEAD];
}

/* Where an agent is in the window is known once its entry is in the cache. */
static inline void prefetch_agent(const struct window *w, const struct agent_entry *guess)
{
	enum { LINE = 64 };
	const char *aw;

	if (!guess || guess->place.window != (uint32_t)w->serial)
		return;
	aw = (const char *)&w->agents[guess->place.number];
	__builtin_prefetch(aw, 1);
	__builtin_prefetch(aw + LINE, 1);
}

void collect_later(struct collector *c, struct window *w, const struct base_addr *source,
	const uint8_t *payload, uint32_t len, uint64_t tsc)
{
	uint32_t wait = c->came - c->taken;

	if (!open_datagram(&c->ahead[c->came % COLLECT_AHEAD], c, w, source, payload, len, tsc))
		return;
	c->came++;
	if (wait > 0)
		waiting(c, 1)->guess = agent_guess(c->agents, waiting(c, 1)->hash);
	if (wait > 1)
		prefetch_agent(w, waiting(c, 2)->guess);
	if (wait == COLLECT_AHEAD - 1)
		take_in(c, w, &c->ahead[c->taken++ % COLLECT_AHEAD]);
}

void collect_drain(struct collector *c, struct window *w)
{
	while (c->taken != c->came)
		take_in(c, w, &c->ahead[c->taken++ % COLLECT_AHEAD]);
}

void collect_datagram(struct collector *c, struct window *w, const struct base_addr *source,
	const uint8_t *payload, uint32_t len, uint64_t tsc)
{
	struct collect_ahead a;

	collect_drain(c, w);
	if (!open_datagram(&a, c, w, source, payload, len, tsc))
		return;
	take_in(c, w, &a);
	for (unsigned i = 0; i < w->plan->table_count; i++)
		collect_pick(c, w, i);
	c->picked_from = c->heard_count;
}
