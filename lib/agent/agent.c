/* SPDX-License-Identifier: BSD-3-Clause */
#include "agent/agent.h"

#include <errno.h>

#include "base/index.h"
#include "base/memory.h"

enum {
	POOL_SLOTS_LEAST = 1024,
	AGENT_SHARE_LEAST =
		64,           /* data sources of an agent that nobody can keep out by taking more */
	AGENT_HAND_STEPS = 8, /* entries looked at, at most, to make room for one */
	AGENT_RESTART_MS =
		5000, /* an uptime that steps back further is a restart, not reordering */
};

/* Records of one kind: entries 0..count-1 of an array, and an index over them. */
struct pool {
	struct base_index index;
	uint32_t slots; /* that the index has room for */
	uint32_t count, capacity;
	uint32_t hand; /* the next entry to be looked at when room is needed */
	/* A round of the hand that finds nothing: no entry can make room until `full_until` */
	uint32_t looked; /* entries of this round */
	uint64_t oldest; /* of these */
	uint64_t full_until;
};

struct agent_table {
	const struct base_hash *hash;
	struct agent_limits limits;
	struct pool agents, sources;
	struct agent_entry *agent;
	struct source_entry *source;
};

static int pool_init(struct pool *p, uint32_t records, int socket)
{
	uint64_t slots = base_index_slots(records + 1);

	p->index.slots = base_memory_alloc(slots * sizeof(*p->index.slots), socket);
	if (!p->index.slots)
		return -ENOMEM;
	p->slots = (uint32_t)slots;
	p->index.mask = (slots < POOL_SLOTS_LEAST ? p->slots : POOL_SLOTS_LEAST) - 1;
	p->capacity = records + 1; /* and AGENT_OTHER */
	p->count = 1;
	p->hand = 1;
	p->oldest = UINT64_MAX;
	return 0;
}

static void pool_fini(struct pool *p)
{
	base_memory_free(p->index.slots, (size_t)p->slots * sizeof(*p->index.slots));
}

size_t agent_table_memory(const struct agent_limits *limits)
{
	return ((size_t)limits->agents + 1) * sizeof(struct agent_entry) +
	       ((size_t)limits->sources + 1) * sizeof(struct source_entry) +
	       (base_index_slots(limits->agents + 1) + base_index_slots(limits->sources + 1)) *
		       sizeof(uint64_t);
}

struct agent_table *agent_table_create(
	const struct agent_limits *limits, const struct base_hash *hash, int socket)
{
	struct agent_table *t = base_memory_alloc(sizeof(*t), socket);

	if (!t)
		return NULL;
	t->hash = hash;
	t->limits = *limits;
	if (pool_init(&t->agents, limits->agents, socket) < 0 ||
		pool_init(&t->sources, limits->sources, socket) < 0)
		goto fail;
	t->agent = base_memory_alloc(t->agents.capacity * sizeof(*t->agent), socket);
	t->source = base_memory_alloc(t->sources.capacity * sizeof(*t->source), socket);
	if (!t->agent || !t->source)
		goto fail;
	return t;
fail:
	agent_table_destroy(t);
	errno = ENOMEM;
	return NULL;
}

void agent_table_destroy(struct agent_table *t)
{
	if (!t)
		return;
	base_memory_free(t->agent, t->agents.capacity * sizeof(*t->agent));
	base_memory_free(t->source, t->sources.capacity * sizeof(*t->source));
	pool_fini(&t->agents);
	pool_fini(&t->sources);
	base_memory_free(t, sizeof(*t));
}

/*
 * A number for a new record: a free one, or that of a record silent for long, found by a hand that
 * goes round a few entries at a time. AGENT_OTHER where there is none.
 * `entries` is the array of records of `stride` bytes, each starting with a struct agent_head.
 */
static uint32_t pool_room(struct pool *p, void *entries, size_t stride, uint64_t tsc, uint64_t idle)
{
	if (p->count < p->capacity && p->count <= p->index.mask)
		return p->count++;
	/* A flood of newcomers costs a look at each entry once, not with each of them. */
	if (tsc <= p->full_until)
		return AGENT_OTHER;
	for (unsigned step = 0; step < AGENT_HAND_STEPS && p->capacity > 1; step++) {
		uint32_t at = p->hand;
		const struct agent_head *head =
			(struct agent_head *)((char *)entries + at * stride);

		p->hand = at + 1 < p->capacity ? at + 1 : 1;
		if (tsc - head->last_tsc > idle) {
			base_index_remove(&p->index, head->hash, at);
			return at;
		}
		if (head->last_tsc < p->oldest)
			p->oldest = head->last_tsc;
		if (++p->looked >= p->capacity - 1) {
			p->full_until = p->oldest + idle;
			p->looked = 0;
			p->oldest = UINT64_MAX;
		}
	}
	return AGENT_OTHER;
}

/* Enter a record that is not there yet. */
static void pool_enter(struct pool *p, uint64_t hash, uint32_t number)
{
	struct base_probe probe = base_index_probe(&p->index, hash);

	while (base_index_next(&p->index, &probe) != BASE_INDEX_NONE)
		;
	base_index_put(&p->index, &probe, number);
	if (p->count > p->index.mask / 2 && p->index.mask + 1 < p->slots)
		base_index_grow(&p->index);
}

/* Whoever sends chooses all of an identity: all of it goes through the keyed hash, by the words it was written in. */
static uint64_t exporter_hash(
	const struct base_hash *h, const struct base_addr *addr, uint32_t sub_agent)
{
	uint64_t first, middle;
	uint32_t last;

	_Static_assert(sizeof(*addr) == sizeof(first) + sizeof(middle) + sizeof(last), "all of it");
	memcpy(&first, addr, sizeof(first));
	memcpy(&middle, (const uint8_t *)addr + sizeof(first), sizeof(middle));
	memcpy(&last, (const uint8_t *)addr + sizeof(first) + sizeof(middle), sizeof(last));
	return base_hash_join(
		h, base_hash_words(h, first, middle), (uint64_t)sub_agent << 32 | last);
}

uint64_t agent_together_hash(const struct agent_table *t, const struct agent_entry *agent)
{
	return base_hash_bytes(t->hash, &agent->addr, sizeof(agent->addr));
}

static struct agent_entry *agent_add(struct agent_table *t, const struct base_addr *addr,
	uint32_t sub_agent, uint64_t hash, uint64_t tsc)
{
	uint32_t number =
		pool_room(&t->agents, t->agent, sizeof(*t->agent), tsc, t->limits.idle_tsc);
	struct agent_entry *a = &t->agent[number];

	if (number == AGENT_OTHER)
		return a;
	*a = (struct agent_entry){.head.hash = hash,
		.number = number,
		.addr = *addr,
		.sub_agent = sub_agent,
		.life = a->life + 1};
	pool_enter(&t->agents, hash, number);
	return a;
}

uint64_t agent_hash(const struct agent_table *t, const struct base_addr *addr, uint32_t sub_agent)
{
	uint64_t hash = exporter_hash(t->hash, addr, sub_agent);

	__builtin_prefetch(base_index_home(&t->agents.index, hash));
	return hash;
}

struct agent_entry *agent_guess(const struct agent_table *t, uint64_t hash)
{
	enum { LINE = 64 };
	struct base_probe probe = base_index_probe(&t->agents.index, hash);
	uint32_t number = base_index_next(&t->agents.index, &probe);
	struct agent_entry *a;

	if (number == BASE_INDEX_NONE)
		return NULL;
	a = &t->agent[number];
	__builtin_prefetch(a, 1);
	__builtin_prefetch((char *)a + LINE, 1);
	return a;
}

static inline bool is_agent(const struct agent_entry *a, const struct base_addr *addr,
	uint32_t sub_agent, uint64_t hash)
{
	return a->head.hash == hash && a->sub_agent == sub_agent && base_addr_equal(&a->addr, addr);
}

struct agent_entry *agent_take(struct agent_table *t, const struct base_addr *addr,
	uint32_t sub_agent, uint64_t hash, struct agent_entry *guess, uint64_t tsc)
{
	struct base_probe probe = base_index_probe(&t->agents.index, hash);
	struct agent_entry *a = guess;
	uint32_t number;

	if (a && __builtin_expect(is_agent(a, addr, sub_agent, hash), 1))
		goto found;
	while ((number = base_index_next(&t->agents.index, &probe)) != BASE_INDEX_NONE) {
		a = &t->agent[number];
		if (is_agent(a, addr, sub_agent, hash))
			goto found;
	}
	a = agent_add(t, addr, sub_agent, hash, tsc);
found:
	a->head.last_tsc = tsc;
	return a;
}

struct agent_entry *agent_find(
	struct agent_table *t, const struct base_addr *addr, uint32_t sub_agent, uint64_t tsc)
{
	return agent_take(t, addr, sub_agent, agent_hash(t, addr, sub_agent), NULL, tsc);
}

void agent_follow_others(struct agent_entry *agent, const struct agent_senders *senders)
{
	agent->senders = agent_senders_number(senders);
	agent->rate = agent_senders_rate(senders, &agent->addr);
	/* What those before refused of it was not lost on the way. */
	sequence_forget(&agent->datagrams);
	agent->life++;
}

/*
 * Whether an agent may have one more data source: as many as are left for all, so that what one sends keeps no
 * other out; of a table that is full, where what is left is not known, half.
 */
static bool has_share(const struct agent_table *t, const struct agent_entry *a)
{
	const struct pool *p = &t->sources;
	uint32_t share = p->count < p->capacity ? p->capacity - p->count : p->capacity / 2;

	return a->sources < AGENT_SHARE_LEAST || a->sources < share;
}

/* Of an entry whose place another takes: the agent may have made way itself, and have come again. */
static void source_gone(struct agent_table *t, const struct source_entry *s)
{
	struct agent_entry *a = &t->agent[agent_life_agent(s->of)];

	if (a->sources > 0 && agent_source_hash(t->hash, a, s->source) == s->head.hash)
		a->sources--;
}

static struct source_entry *source_add(
	struct agent_table *t, const struct agent_heard *h, const struct agent_origin *from)
{
	struct source_entry *s;
	uint32_t number;

	if (!has_share(t, &t->agent[agent_life_agent(from->of)]))
		return &t->source[AGENT_OTHER];
	number = pool_room(
		&t->sources, t->source, sizeof(*t->source), from->tsc, t->limits.idle_tsc);
	s = &t->source[number];
	if (number == AGENT_OTHER)
		return s;
	source_gone(t, s);
	t->agent[agent_life_agent(from->of)].sources++;
	*s = (struct source_entry){
		.head.hash = h->hash, .of = from->of, .source = h->numbers.source};
	pool_enter(&t->sources, h->hash, number);
	return s;
}

/* The data source of a sample, heard again: where its agent has restarted meanwhile, it counts anew. */
static struct source_entry *known(struct source_entry *s, const struct agent_origin *from)
{
	if (s->of.word != from->of.word)
		sequence_forget(&s->samples);
	s->of = from->of;
	return s;
}

static bool source_is(
	const struct source_entry *s, const struct agent_heard *h, const struct agent_origin *from)
{
	return s->head.hash == h->hash && agent_life_agent(s->of) == agent_life_agent(from->of) &&
	       memcmp(&s->source, &h->numbers.source, sizeof(s->source)) == 0;
}

__attribute__((noinline)) struct source_entry *agent_source_lookup(
	struct agent_table *t, const struct agent_heard *h, const struct agent_origin *from)
{
	struct base_probe probe = base_index_probe(&t->sources.index, h->hash);
	uint32_t number;

	while ((number = base_index_next(&t->sources.index, &probe)) != BASE_INDEX_NONE) {
		struct source_entry *s = &t->source[number];

		if (source_is(s, h, from))
			return known(s, from);
	}
	/* Sources of an agent without room would be mistaken for each other's. */
	return agent_life_agent(from->of) == AGENT_OTHER ? &t->source[AGENT_OTHER]
							 : source_add(t, h, from);
}

struct source_entry *agent_source_find(struct agent_table *t, const struct agent_entry *agent,
	struct sflow_source source, uint64_t tsc)
{
	const struct agent_heard h = {.hash = agent_source_hash(t->hash, agent, source),
		.entry = &t->source[AGENT_OTHER],
		.numbers.source = source};
	const struct agent_origin from = {.tsc = tsc, .of = agent_life(agent)};

	return agent_source_take(t, &h, &from, from.of, tsc);
}

struct base_index agent_source_index(const struct agent_table *t)
{
	return t->sources.index;
}

void agent_sources_ahead(const struct agent_table *t, struct agent_heard *heard, unsigned count,
	const struct source_window *windows, uint64_t serial)
{
	for (unsigned i = 0; i < count; i++) {
		uint32_t number = base_index_first(&t->sources.index, heard[i].hash);

		heard[i].entry = &t->source[number != BASE_INDEX_NONE ? number : AGENT_OTHER];
		__builtin_prefetch(heard[i].entry, 1);
	}
	for (unsigned i = 0; i < count; i++) {
		const struct agent_place *place = &heard[i].entry->place;

		if (place->window == (uint32_t)serial)
			__builtin_prefetch(&windows[place->number], 1);
	}
}

/*
 * Whether a datagram is one of long ago: its number could be that of an agent that counts anew, which its uptime
 * says it does not. One that says the same uptime at all times is not believed.
 */
static bool is_old(
	const struct agent_entry *agent, const struct sflow_datagram *dg, int32_t elapsed)
{
	uint32_t behind = agent->datagrams.newest - dg->sequence;

	return behind >= SEQUENCE_MEMORY && behind <= INT32_MAX && elapsed < 0 &&
	       elapsed >= -AGENT_RESTART_MS;
}

bool agent_datagram(
	struct agent_entry *agent, struct agent_window *w, const struct sflow_datagram *dg)
{
	int32_t elapsed = (int32_t)(dg->uptime_ms - agent->uptime_ms);
	enum sequence_verdict verdict = SEQUENCE_RESTART;
	int64_t lost = 0;

	w->datagrams++;
	if (__builtin_expect(elapsed < 0, 0) && agent->datagrams.started &&
		is_old(agent, dg, elapsed)) {
		w->out_of_order++;
		return false;
	}
	if (agent->datagrams.started && elapsed < -AGENT_RESTART_MS)
		sequence_restart(&agent->datagrams, dg->sequence);
	else
		verdict = sequence_take(&agent->datagrams, dg->sequence, &lost);
	/* -1 where a late one was counted: below zero within one window, right over windows. */
	w->lost += (uint64_t)lost;
	switch (verdict) {
	case SEQUENCE_FIRST:
	case SEQUENCE_NEXT:
		break;
	case SEQUENCE_OUT_OF_ORDER:
		w->out_of_order++;
		return true;
	case SEQUENCE_DUPLICATE:
		w->duplicates++;
		return true;
	case SEQUENCE_RESTART:
		w->restarts++;
		agent->life++;
		break;
	}
	agent->uptime_ms = dg->uptime_ms;
	w->uptime_ms = dg->uptime_ms;
	return true;
}

/* Growth of a count of the agent's, or `otherwise` where it was set back: that is none by 2^32. */
static inline uint64_t growth(uint32_t now, uint32_t before, uint64_t otherwise)
{
	uint32_t by = now - before;

	return __builtin_expect(by <= INT32_MAX, 1) ? by : otherwise;
}

__attribute__((noinline)) void agent_flow_sample_any(
	struct source_entry *source, struct source_window *w, const struct sflow_numbers *s)
{
	uint64_t before = source->pool_and_drops;
	int64_t lost;

	w->sampling_rate = s->sampling_rate;
	switch (sequence_take(&source->samples, s->sequence, &lost)) {
	case SEQUENCE_NEXT:
		w->lost += (uint64_t)lost;
		/* The pool is reset together with the sequence (section 1.6 of the format's memo). */
		w->pool += growth(
			s->pool, agent_pair_pool(before), (uint64_t)(lost + 1) * s->sampling_rate);
		w->pool_samples += (uint64_t)(lost + 1);
		w->drops += growth(s->drops, agent_pair_drops(before), 0);
		break;
	case SEQUENCE_OUT_OF_ORDER:
		w->lost += (uint64_t)lost;
		return;
	case SEQUENCE_DUPLICATE:
		return;
	case SEQUENCE_FIRST:
	case SEQUENCE_RESTART:
		break;
	}
	source->pool_and_drops = agent_pair(s->pool, s->drops);
}
