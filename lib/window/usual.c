/* SPDX-License-Identifier: BSD-3-Clause */
#include "window/collect_pvt.h"

/*
 * The samples that nearly all are (sflow/usual.h), from a datagram to what is staged of them: what is read of one
 * stays in registers, and where no table wants more than bytes by a key that is picked, nothing else is asked.
 */

enum { NO_SHAPE = PACKET_SHAPES };

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

	if (__builtin_expect(!packet_shape_is_ip4(u->header, u->header_len), 0))
		return shape_any(u->header, u->header_len, u->frame_length);
	if (base_get_u16(u->header + IP_LENGTH) > u->frame_length)
		return NO_SHAPE;
	return packet_shape_ip4(u->header, u->header_len);
}

/* Its data source is looked up later, by what is noted here. @return its hash */
static __attribute__((always_inline)) inline uint64_t hear(const struct collect_context *x,
	struct agent_heard *h, struct sflow_usual *u, bool expanded)
{
	const struct agent_entry *agent = x->agent;

	sflow_usual_numbers(u, expanded, &h->numbers);
	if (__builtin_expect(agent->rate != 0, 0))
		u->sampling_rate = h->numbers.sampling_rate = agent->rate;
	h->hash = agent_source_hash(x->c->hash, agent, h->numbers.source);
	agent_source_prefetch(x->c->agents, h->hash);
	h->accounted = true;
	return h->hash;
}

/* Some table wants more of it. The parts are handed over one by one, so that nobody has to have all of them at hand. */
static __attribute__((always_inline)) inline void offer_any(struct collect_context *x,
	const struct sflow_usual *u, unsigned shape, uint64_t bytes, struct collect_whose whose)
{
	const struct sflow_usual all = {.expanded = u->expanded,
		.fixed = u->fixed,
		.records = u->records,
		.end = u->end,
		.header = u->header,
		.header_len = u->header_len,
		.frame_length = u->frame_length,
		.sampling_rate = u->sampling_rate};

	collect_offer_usual(x, &all, shape, bytes, whose);
}

static __attribute__((always_inline)) inline void offer(struct collect_context *x,
	const struct sflow_usual *u, unsigned shape, uint64_t bytes, struct collect_whose whose)
{
	const struct flow_plan *plan = x->w->plan;
	const struct flow_recipe **r = plan->picked[shape], **end = r + plan->table_count;
	struct window_definition *wd = x->w->definitions;
	struct collector *c = x->c;

	if (__builtin_expect(!r, 0)) {
		offer_any(x, u, shape, bytes, whose);
		return;
	}
	for (; r < end; wd++, r++) {
		unsigned len = (*r)->len;
		uint64_t hash =
			flow_key_pick_hash(*r, u->header, table_batch_key(&wd->batch), c->hash);

		collect_stage(c, wd, len, hash, whose, bytes);
	}
}

/* As many as there are, but `most`, of one form. @return how many */
static __attribute__((always_inline)) inline uint32_t walk(
	struct collect_context *x, struct sflow_datagram *dg, uint32_t most, bool expanded)
{
	const uint8_t *p = dg->cursor.p, *end = dg->cursor.end;
	struct collector *c = x->c;
	uint32_t first = c->heard_count, n = first;
	struct sflow_usual u;
	unsigned shape;

	most += first;
	while (n < most && sflow_usual_at(&u, p, end, expanded) &&
		(shape = shape_of(&u)) != NO_SHAPE) {
		uint64_t source = hear(x, &c->heard[n], &u, expanded);

		offer(x, &u, shape, (uint64_t)u.frame_length * u.sampling_rate,
			(struct collect_whose){n, source});
		p = u.end;
		n++;
		if (__builtin_expect(c->full, 0))
			break;
	}
	dg->cursor.p = p;
	c->heard_count = n;
	return n - first;
}

static __attribute__((noinline)) uint32_t walk_compact(
	struct collect_context *x, struct sflow_datagram *dg, uint32_t most)
{
	return walk(x, dg, most, false);
}

static __attribute__((noinline)) uint32_t walk_expanded(
	struct collect_context *x, struct sflow_datagram *dg, uint32_t most)
{
	return walk(x, dg, most, true);
}

static inline bool is_expanded(const struct base_cursor *c)
{
	return base_cursor_left(c) >= SFLOW_TLV_HEAD &&
	       base_get_u32(c->p) == SFLOW_FLOW_SAMPLE_EXPANDED;
}

static inline uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* Those until the room is full, or one is to be looked at by the census, which wants all of it. @return how many */
static inline uint32_t run(struct collect_context *x, struct sflow_datagram *dg)
{
	struct window *w = x->w;
	uint32_t most = dg->samples - dg->walked, n;

	collect_make_room(x);
	most = least(most, COLLECT_STAGED - x->c->heard_count);
	most = least(most, w->seen.skip);
	n = is_expanded(&dg->cursor) ? walk_expanded(x, dg, most) : walk_compact(x, dg, most);
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
