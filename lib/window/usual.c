/* SPDX-License-Identifier: BSD-3-Clause */
#include "window/collect_pvt.h"

#include <assert.h>

/*
 * The samples that nearly all are (sflow/usual.h), from a datagram to what is noted of them, and from there to what is
 * staged for the tables. Where no table wants more than what the sampled header tells, nothing else is asked.
 */

enum { NO_SHAPE = PACKET_SHAPES }; /* none of a header, whatever is asked */

_Static_assert((int)FLOW_PLAIN_KEY <= (int)TABLE_KEY_INLINE, "a picked key");
_Static_assert(
	(int)COLLECT_STAGED <= (int)TABLE_BATCH, "a table has one update of each sample at most");

/* The shape of any sampled header, or NO_SHAPE where its IP packet is longer than the frame is said to be. */
static __attribute__((noinline)) unsigned shape_any(
	const uint8_t *header, uint32_t len, uint32_t frame_length)
{
	if (sflow_usual_ip_length(header, len) > frame_length)
		return NO_SHAPE;
	return packet_shape_any(header, len);
}

/* The same, first of the headers that most samples have. */
static __attribute__((always_inline)) inline unsigned shape_of(const struct sflow_usual *u)
{
	enum { IP_LENGTH = 14 + 2 };
	unsigned shape = packet_shape_quick(u->header, u->header_len);

	if (__builtin_expect(shape == PACKET_SHAPES_ANY, 0))
		return shape_any(u->header, u->header_len, u->frame_length);
	if (base_get_u16(u->header + IP_LENGTH) > u->frame_length)
		return NO_SHAPE;
	return shape;
}

static inline uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* What all samples of a datagram have in common, so that it is read once. */
struct common {
	struct base_hash_stem agent;
	struct base_index sources; /* where data sources will be looked up */
	const struct flow_recipe **const *picked;
};

static inline struct common common_of(const struct collect_context *x)
{
	return (struct common){.agent = base_hash_stem(x->c->hash, x->agent->head.hash),
		.sources = agent_source_index(x->c->agents),
		.picked = x->w->plan->picked};
}

/* Its data source is looked up, and tables are written, later, by what is noted here. @return whether that is all */
static __attribute__((always_inline)) inline bool hear(const struct common *all,
	struct agent_heard *h, const struct sflow_usual *u, unsigned shape, bool expanded)
{
	const struct flow_recipe **recipes = all->picked[shape];
	uint64_t source = sflow_usual_numbers(u, expanded, &h->numbers), hash;

	hash = base_hash_branch(all->agent, source);
	h->hash = hash;
	__builtin_prefetch(base_index_home(&all->sources, hash));
	h->recipes = recipes;
	h->header = u->header;
	return recipes;
}

/* What an agent's entry says of its rate goes before what its samples say. */
static __attribute__((noinline)) void set_rate(
	uint32_t rate, struct agent_heard *h, const struct agent_heard *end)
{
	for (; h < end; h++)
		h->numbers.sampling_rate = rate;
}

/* A sample of which some table wants more, as it was heard; it ends at `end`. */
static __attribute__((noinline)) void offer_odd(
	struct collect_context *x, const struct agent_heard *h, const uint8_t *end, bool expanded)
{
	struct sflow_usual u =
		sflow_usual_parts(sflow_usual_start(h->header, expanded), end, expanded);

	if (x->agent->rate)
		u.sampling_rate = x->agent->rate;
	collect_offer_usual(x, &u, shape_of(&u), (uint64_t)u.frame_length * u.sampling_rate,
		(struct collect_whose){(uint32_t)(h - x->c->heard), h->hash});
}

/* Stage an update of a key that was just written, and have ready where it is looked up. */
static inline __attribute__((always_inline)) void stage(struct table_batch_end *end,
	const struct base_narrow *index, uint64_t hash, unsigned len, uint32_t number,
	uint64_t value)
{
	__builtin_prefetch(base_narrow_home(index, table_index_hash(hash)));
	table_batch_put(end, hash, len, number, value);
}

static inline const struct flow_recipe *recipe_of(const struct agent_heard *h, unsigned table)
{
	return ((const struct flow_recipe *const *)h->recipes)[table];
}

/* What is not easy: keys of any length, frames in place of bytes, a header that lacks the key, a filter that accepted. */
static __attribute__((noinline)) struct table_batch_end pick_uneasy(const struct collector *c,
	struct window *w, unsigned table, const struct agent_heard *h, struct table_batch_end end)
{
	const struct flow_value *v = &w->plan->tables[table]->values[0];
	const struct flow_recipe *r = recipe_of(h, table);
	struct window_definition *wd = &w->definitions[table];
	uint64_t hash, value = h->numbers.sampling_rate;

	if (r->kind == FLOW_RECIPE_ABSENT) {
		wd->keyless++;
		return end;
	}
	flow_key_pick(r, h->header, end.key);
	hash = table_hash(base_hash_bytes(c->hash, end.key, r->len), h->hash);
	if (v->of == FLOW_OF_LENGTH)
		value *= sflow_usual_frame_length(h->header);
	stage(&end, &wd->table.index, hash, r->len, (uint32_t)(h - c->heard), value);
	return end;
}

/* Of a table without a filter. */
static __attribute__((noinline)) struct table_batch_end pick_all(
	const struct collector *c, struct window *w, unsigned table, struct table_batch_end end)
{
	const struct base_hash *hash = c->hash;
	const struct base_narrow index = w->definitions[table].table.index;
	const struct agent_heard *h = &c->heard[c->picked_from], *last = &c->heard[c->heard_count];
	uint32_t i = c->picked_from;

	for (; h < last; h++, i++) {
		const struct flow_recipe *r;
		uint64_t key, bytes;

		if (__builtin_expect(!h->recipes, 0))
			continue;
		r = recipe_of(h, table);
		if (__builtin_expect(!r->easy, 0)) {
			end = pick_uneasy(c, w, table, h, end);
			continue;
		}
		key = table_hash(flow_key_pick_hash(r, h->header, end.key, hash), h->hash);
		bytes = (uint64_t)sflow_usual_frame_length(h->header) * h->numbers.sampling_rate;
		stage(&end, &index, key, r->len, i, bytes);
	}
	return end;
}

static __attribute__((noinline)) struct table_batch_end pick_filtered(
	const struct collector *c, struct window *w, unsigned table, struct table_batch_end end)
{
	const struct flow_plan *plan = w->plan;
	const struct flow_filter *filter = plan->tables[table]->filter;
	const struct agent_heard *h = &c->heard[c->picked_from], *last = &c->heard[c->heard_count];
	uint64_t filtered = 0;

	for (; h < last; h++) {
		if (__builtin_expect(!h->recipes, 0))
			continue;
		if (flow_filter_accepts_header(filter, plan, recipe_of(h, table)->asked, h->header))
			end = pick_uneasy(c, w, table, h, end);
		else
			filtered++;
	}
	w->definitions[table].filtered += filtered;
	return end;
}

void collect_pick(struct collector *c, struct window *w, unsigned table)
{
	const struct flow_definition *d = w->plan->tables[table];
	struct window_definition *wd = &w->definitions[table];
	struct table_batch_end end = table_batch_end(&wd->batch);

	if (d->kind != SFLOW_KIND_FLOW)
		return;
	end = d->filter ? pick_filtered(c, w, table, end) : pick_all(c, w, table, end);
	table_batch_set_end(&wd->batch, end);
	assert(wd->batch.count <= TABLE_BATCH && wd->batch.key_bytes <= sizeof(wd->batch.keys));
}

/*
 * Where a sample starts is known once the length of the one before is read, so that each waits for memory: the one
 * behind `next` is asked for as if it were `next - p` bytes further on, which it is where all are of one length.
 */
static inline __attribute__((always_inline)) void prefetch_behind(
	const uint8_t *p, const uint8_t *next)
{
	enum { LINE = 64 };
	uintptr_t guess = (uintptr_t)next + (uintptr_t)(next - p); /* may be behind the datagram */

	__builtin_prefetch((const void *)guess);
	__builtin_prefetch((const void *)(guess + LINE));
}

/* Where the loop over samples has got, in registers. */
struct reached {
	struct agent_heard *end; /* behind the last that was heard */
	const uint8_t *next;     /* the sample behind it */
};

/* Those of one form that are there, up to and with the first of which some table wants more, and no further than `full`. */
static __attribute__((always_inline)) inline struct reached hear_these(const struct common *all,
	struct reached at, const struct agent_heard *full, const uint8_t *last, bool expanded)
{
	const struct common common = *all;
	struct agent_heard *h = at.end;
	const uint8_t *p = at.next, *next;
	bool picked = true;

	while (h < full && picked && (next = sflow_usual_end(p, last, expanded)) != NULL) {
		struct sflow_usual u = sflow_usual_parts(p, next, expanded);
		unsigned shape = shape_of(&u);

		if (__builtin_expect(shape == NO_SHAPE, 0))
			break;
		prefetch_behind(p, next);
		picked = hear(&common, h++, &u, shape, expanded);
		p = next;
	}
	return (struct reached){h, p};
}

static __attribute__((noinline)) struct reached hear_compact(const struct common *all,
	struct reached at, const struct agent_heard *full, const uint8_t *last)
{
	return hear_these(all, at, full, last, false);
}

static __attribute__((noinline)) struct reached hear_expanded(const struct common *all,
	struct reached at, const struct agent_heard *full, const uint8_t *last)
{
	return hear_these(all, at, full, last, true);
}

/* As many as there are of one form, but `most`. @return how many */
static uint32_t walk(
	struct collect_context *x, struct sflow_datagram *dg, uint32_t most, bool expanded)
{
	const struct common all = common_of(x);
	struct collector *c = x->c;
	struct agent_heard *first = &c->heard[c->heard_count], *full = first + most, *before;
	struct reached at = {first, dg->cursor.p};

	for (;;) {
		before = at.end;
		at = expanded ? hear_expanded(&all, at, full, dg->cursor.end)
			      : hear_compact(&all, at, full, dg->cursor.end);
		if (__builtin_expect(at.end == before || at.end[-1].recipes, 1))
			break;
		offer_odd(x, at.end - 1, at.next, expanded);
		full = c->full ? at.end : full;
	}
	if (__builtin_expect(x->agent->rate != 0, 0))
		set_rate(x->agent->rate, first, at.end);
	dg->cursor.p = at.next;
	c->heard_count += (uint32_t)(at.end - first);
	return (uint32_t)(at.end - first);
}

static inline bool is_expanded(const struct base_cursor *c)
{
	return base_cursor_left(c) >= SFLOW_TLV_HEAD &&
	       base_get_u32(c->p) == SFLOW_FLOW_SAMPLE_EXPANDED;
}

/* Those until the room is full, or one is to be looked at by the census, which wants all of it. @return how many */
static inline uint32_t run(struct collect_context *x, struct sflow_datagram *dg)
{
	struct window *w = x->w;
	uint32_t most = dg->samples - dg->walked, n;

	collect_make_room(x);
	most = least(most, collect_room(x->c));
	most = least(most, w->seen.skip);
	n = walk(x, dg, most, is_expanded(&dg->cursor));
	dg->walked += n;
	w->seen.skip -= n;
	w->agents[x->agent_number].flow_samples += n;
	w->sflow[SFLOW_SAMPLES] += n;
	w->sflow[SFLOW_FLOW_SAMPLES] += n;
	return n;
}

void collect_usual(struct collect_context *x, struct sflow_datagram *dg)
{
	while (dg->walked < dg->samples && run(x, dg) > 0)
		;
}
