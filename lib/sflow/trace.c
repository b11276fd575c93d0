/* SPDX-License-Identifier: BSD-3-Clause */
#include "sflow/trace.h"

#include "sflow/sample_pvt.h"

/* The walk over a whole datagram, as far as its bytes go. */

struct walk {
	const uint8_t *payload;
	const struct sflow_visitor *visitor;
	void *ctx;
	uint64_t *stats;
	int sample, record;
};

/* A container: its records end at `end`, which is where its own length or the datagram ends. */
struct container {
	struct base_cursor c;
	bool overrun; /* it says that it goes on behind the datagram */
};

static void damage(struct walk *w, enum sflow_stat reason, const uint8_t *at, const char *field)
{
	const struct sflow_break b = {
		.reason = reason,
		.offset = (uint32_t)(at - w->payload),
		.sample = w->sample,
		.record = w->record,
		.field = field,
	};

	w->stats[reason]++;
	if (w->visitor->damage)
		w->visitor->damage(w->ctx, &b);
}

/* ---- Records ---- */

static const char *cut_field(const struct sflow_reader *r)
{
	return r->next < r->structure->field_count ? r->structure->fields[r->next].name : NULL;
}

/* Read to where the record's fields end. */
static void read_through(const struct sflow_trace_record *r, struct sflow_reader *reader)
{
	struct sflow_value v;

	sflow_trace_reader(reader, r);
	while (sflow_reader_next(reader, &v))
		;
}

/* Of an address whose type is not known, nothing behind it can be read. */
static enum sflow_stat short_reason(
	const struct sflow_reader *r, const struct sflow_trace_record *t)
{
	const struct sflow_field *f = &r->structure->fields[r->next];

	if (r->cut && f->type == SFLOW_ADDR && r->at + 4 <= t->body + t->have &&
		base_get_u32(r->at) > 2)
		return SFLOW_RECORD_ADDR_TYPE;
	return SFLOW_RECORD_SHORT;
}

/* sFlow 802.11 Structures, extended_80211_aggregation: the one that holds records. */
static bool has_records(const struct sflow_structure *st)
{
	const struct sflow_fields *of = st->fields[0].of;

	return of && of->list[0].type == SFLOW_RECORDS;
}

static void count_deviations(const struct sflow_trace_record *r, uint64_t *stats)
{
	const struct sflow_structure *st = r->structure;
	struct sflow_header h;

	if (st->deviation)
		stats[st->deviation]++;
	if (st->macs && r->len == (uint32_t)(st->min_len - 2 * st->macs))
		stats[SFLOW_MAC_UNPADDED]++;
	if (st->layout == SFLOW_LAYOUT_HEADER && sflow_header_read(&h, r->body, r->len))
		sflow_header_count(&h, stats);
}

static void check_whole(struct walk *w, const struct sflow_trace_record *r);

/* The records of one unit of an aggregation. Aggregations are not taken apart within it. */
static void check_unit(struct walk *w, const struct sflow_value *unit)
{
	struct base_cursor c = base_cursor(unit->bytes, unit->len);
	struct sflow_trace_record r;

	while (sflow_trace_nested(&c, &r))
		if (r.structure && !has_records(r.structure))
			check_whole(w, &r);
}

static void check_nested(struct walk *w, const struct sflow_trace_record *r)
{
	struct sflow_reader reader;
	struct sflow_value units, unit;
	struct base_cursor c;

	sflow_trace_reader(&reader, r);
	if (!sflow_reader_next(&reader, &units))
		return;
	c = base_cursor(units.bytes, units.len);
	for (uint64_t i = 0; i < units.u; i++)
		if (sflow_field_read(&c, r->structure->fields[0].of->list, &unit))
			check_unit(w, &unit);
}

/* A record that is there as declared. Its fields may all the same not be. */
static void check_whole(struct walk *w, const struct sflow_trace_record *r)
{
	struct sflow_reader reader;

	if (!r->structure)
		return;
	count_deviations(r, w->stats);
	if (r->structure->layout == SFLOW_LAYOUT_HEADER && r->len >= r->structure->min_len)
		return; /* the header within is clamped to the record */
	read_through(r, &reader);
	if (!sflow_reader_complete(&reader))
		damage(w, short_reason(&reader, r), reader.at, cut_field(&reader));
	else if (has_records(r->structure))
		check_nested(w, r);
}

static void check_cut(struct walk *w, const struct sflow_trace_record *r, enum sflow_stat reason)
{
	struct sflow_reader reader;

	if (!r->structure) {
		damage(w, reason, r->body, "data");
		return;
	}
	read_through(r, &reader);
	if (reader.next < r->structure->field_count)
		damage(w, reason, reader.at, cut_field(&reader));
	else
		damage(w, reason, r->body + r->have,
			NULL); /* all fields are there, and it goes on */
}

/* A record that is cut within its tag or its length. */
static void walk_bare_record(struct walk *w, const uint8_t *p, size_t left, enum sflow_stat reason)
{
	bool tag = left >= 4;
	struct sflow_trace_record r = {.bare = true, .broken = true};

	if (tag && w->visitor->record) {
		r.tag = base_get_u32(p);
		w->visitor->record(w->ctx, &r);
	}
	damage(w, reason, tag ? p + 4 : p, tag ? "length" : "tag");
}

/*
 * One record. @return false where it does not end within its sample, or cannot end where it says:
 * where the next one starts is not known
 */
static bool walk_record(struct walk *w, struct container *sample, bool counters)
{
	size_t left = base_cursor_left(&sample->c);
	const uint8_t *p = sample->c.p;
	enum sflow_stat overrun =
		sample->overrun ? SFLOW_DROP_SAMPLE_OVERRUN : SFLOW_RECORD_OVERRUN;
	struct sflow_trace_record r;
	bool whole, impossible;
	size_t span;

	if (left < SFLOW_TLV_HEAD) {
		walk_bare_record(
			w, p, left, left || sample->overrun ? overrun : SFLOW_RECORDS_MISSING);
		return false;
	}
	r = (struct sflow_trace_record){.tag = base_get_u32(p), .len = base_get_u32(p + 4)};
	r.body = p + SFLOW_TLV_HEAD;
	span = sflow_tlv_span(r.len, left - SFLOW_TLV_HEAD);
	whole = span != SFLOW_TLV_OVERRUN;
	r.have = r.len < left - SFLOW_TLV_HEAD ? r.len : (uint32_t)(left - SFLOW_TLV_HEAD);
	r.structure = counters ? sflow_counter_structure(r.tag) : sflow_flow_structure(r.tag);
	if (r.structure && whole)
		r.structure = sflow_structure_form(r.structure, r.body, r.len);
	else if (!r.structure && !counters)
		w->stats[SFLOW_RECORD_UNKNOWN]++;
	impossible = whole && sflow_record_impossible(
				      &(struct sflow_record){r.tag, r.len, r.body}, counters);
	r.broken = !whole || impossible;
	if (w->visitor->record)
		w->visitor->record(w->ctx, &r);
	if (!whole) {
		check_cut(w, &r, overrun);
		return false;
	}
	if (impossible) {
		damage(w, sample->overrun ? overrun : SFLOW_RECORD_LENGTH, p + 4, "length");
		return false;
	}
	check_whole(w, &r);
	sample->c.p = r.body + span;
	return true;
}

/* ---- Samples ---- */

/* The fixed parts of samples: fields with the bytes that they start at. */
struct head_field {
	uint32_t at;
	const char *name;
};

static const struct head_field flow_head[] = {{0, "sequence_number"}, {4, "source_id"},
	{8, "sampling_rate"}, {12, "sample_pool"}, {16, "drops"}, {20, "input"}, {24, "output"},
	{28, "flow_records"}, {UINT32_MAX, NULL}};
static const struct head_field flow_expanded_head[] = {{0, "sequence_number"}, {4, "source_id"},
	{12, "sampling_rate"}, {16, "sample_pool"}, {20, "drops"}, {24, "input"}, {32, "output"},
	{40, "flow_records"}, {UINT32_MAX, NULL}};
static const struct head_field counter_head[] = {
	{0, "sequence_number"}, {4, "source_id"}, {8, "counter_records"}, {UINT32_MAX, NULL}};
static const struct head_field counter_expanded_head[] = {
	{0, "sequence_number"}, {4, "source_id"}, {12, "counter_records"}, {UINT32_MAX, NULL}};
static const struct head_field discard_head[] = {{0, "sequence_number"}, {4, "source_id"},
	{12, "drops"}, {16, "input"}, {20, "output"}, {24, "reason"}, {28, "flow_records"},
	{UINT32_MAX, NULL}};

/* The field that is not all there where `have` bytes are. */
static const struct head_field *cut_head(uint32_t tag, uint32_t have)
{
	static const struct head_field *const heads[] = {[SFLOW_FLOW_SAMPLE] = flow_head,
		[SFLOW_COUNTER_SAMPLE] = counter_head,
		[SFLOW_FLOW_SAMPLE_EXPANDED] = flow_expanded_head,
		[SFLOW_COUNTER_SAMPLE_EXPANDED] = counter_expanded_head,
		[SFLOW_DISCARDED_PACKET] = discard_head};
	const struct head_field *f = heads[tag];

	while (f[1].at <= have)
		f++;
	return f;
}

/* @return whether all records were there, as far as can be told */
static bool walk_records(struct walk *w, struct sflow_trace_sample *s, struct container *sample,
	enum sflow_stat outcome)
{
	bool counters = s->sample.kind == SFLOW_KIND_COUNTER;

	/* The count is any u32: what bounds the loop is that each round eats 8 bytes or more. */
	for (uint32_t i = 0; i < s->sample.records; i++) {
		w->record = (int)i;
		if (!walk_record(w, sample, counters))
			return false;
	}
	w->record = -1;
	if (sample->overrun) {
		damage(w, SFLOW_DROP_SAMPLE_OVERRUN, sample->c.p, NULL);
		return false;
	}
	if (sample->c.p < s->body + s->len)
		w->stats[SFLOW_SAMPLE_SURPLUS]++;
	if (outcome == SFLOW_FLOW_SAMPLES && s->sample.sampling_rate == 0)
		w->stats[SFLOW_RATE_ZERO]++;
	w->stats[outcome]++;
	return true;
}

/* A sample with a fixed part and records. */
static bool walk_ordinary(struct walk *w, struct sflow_trace_sample *s, bool overrun)
{
	uint8_t head[64] = {0};
	struct container sample = {.overrun = overrun};
	enum sflow_stat outcome;

	s->head = s->have < s->fixed ? s->have : s->fixed;
	memcpy(head, s->body, s->head);
	outcome = sflow_sample_head(&s->sample, s->tag, head);
	s->sample.records = base_get_u32(head + s->fixed - 4);
	if (w->visitor->sample)
		w->visitor->sample(w->ctx, s);
	if (s->head < s->fixed) {
		const struct head_field *cut = cut_head(s->tag, s->head);

		damage(w, overrun ? SFLOW_DROP_SAMPLE_OVERRUN : SFLOW_SAMPLE_SHORT,
			s->body + cut->at, cut->name);
		return false;
	}
	sample.c = base_cursor(s->body + s->fixed, s->have - s->fixed);
	return walk_records(w, s, &sample, outcome);
}

static bool walk_entries(
	struct walk *w, struct sflow_trace_sample *s, struct base_cursor *c, bool overrun)
{
	enum sflow_stat cut = overrun ? SFLOW_DROP_SAMPLE_OVERRUN : SFLOW_RECORDS_MISSING;
	struct sflow_entry e;
	struct sflow_entry_cut where;

	for (uint32_t i = 0; i < s->sample.records; i++) {
		w->record = (int)i;
		if (!sflow_entry_read(c, s->sample.kind, &e, &where)) {
			damage(w, c->bad || overrun ? cut : SFLOW_SAMPLE_VALUE_TYPE, where.at,
				where.field);
			return false;
		}
		if (w->visitor->entry)
			w->visitor->entry(w->ctx, &e);
	}
	w->record = -1;
	return true;
}

/* A custom sample. */
static bool walk_custom(struct walk *w, struct sflow_trace_sample *s, bool overrun)
{
	struct base_cursor c = base_cursor(s->body, s->have);
	const uint8_t *at;
	uint32_t head;
	const char *cut = sflow_custom_head(&s->sample, &c, &at, &head);

	s->fixed = s->sample.kind == SFLOW_KIND_RTFLOW ? SFLOW_RTFLOW_HEAD : SFLOW_RTMETRIC_HEAD;
	s->head = cut ? head : s->fixed;
	if (w->visitor->sample)
		w->visitor->sample(w->ctx, s);
	if (cut) {
		damage(w, overrun ? SFLOW_DROP_SAMPLE_OVERRUN : SFLOW_SAMPLE_SHORT, at, cut);
		return false;
	}
	if (!walk_entries(w, s, &c, overrun))
		return false;
	if (overrun) {
		damage(w, SFLOW_DROP_SAMPLE_OVERRUN, c.p, NULL);
		return false;
	}
	if (base_cursor_left(&c))
		w->stats[SFLOW_SAMPLE_SURPLUS]++;
	w->stats[s->sample.kind == SFLOW_KIND_RTMETRIC ? SFLOW_RTMETRIC_SAMPLES
						       : SFLOW_RTFLOW_SAMPLES]++;
	return true;
}

static bool walk_unknown(struct walk *w, struct sflow_trace_sample *s, bool overrun)
{
	if (s->have > s->len)
		s->have = s->len; /* without the padding */
	if (w->visitor->sample)
		w->visitor->sample(w->ctx, s);
	if (overrun) {
		damage(w, SFLOW_DROP_SAMPLE_OVERRUN, s->body, "data");
		return false;
	}
	w->stats[SFLOW_SAMPLE_UNKNOWN]++;
	return true;
}

static void walk_sample(struct walk *w, const struct sflow_tlv *t, size_t left)
{
	bool overrun = t->span == SFLOW_TLV_OVERRUN, complete;
	struct sflow_trace_sample s = {
		.tag = t->tag,
		.len = t->len,
		.body = t->body,
		.have = (uint32_t)(overrun ? left : t->span),
		.sample = {.tag = t->tag},
		.wrapped = t->wrapped,
		.flags = t->flags,
		.group = t->group,
		.fixed = sflow_sample_fixed(t->tag),
	};

	if (!overrun)
		w->stats[SFLOW_SAMPLES]++;
	w->record = -1;
	/* The collector takes a sample that is shorter than its fixed part for what its length says. */
	if (!overrun && t->len < s.fixed)
		s.have = t->len;
	if (s.fixed)
		complete = walk_ordinary(w, &s, overrun);
	else if (t->tag == SFLOW_RTMETRIC || t->tag == SFLOW_RTFLOW)
		complete = walk_custom(w, &s, overrun);
	else
		complete = walk_unknown(w, &s, overrun);
	if (w->visitor->sample_end)
		w->visitor->sample_end(w->ctx, complete);
}

/* ---- Datagram ---- */

/* @return what is cut or wrong, with `at` where it starts, or NULL */
static const char *read_head(
	struct base_cursor *c, struct sflow_trace_datagram *d, const uint8_t **at)
{
	static const char *const fields[] = {
		"agent_address", "sub_agent_id", "sequence_number", "uptime", "samples"};
	static const uint8_t size[] = {0, 4, 16};
	uint32_t *const words[] = {&d->sub_agent, &d->sequence, &d->uptime_ms, &d->samples};
	const uint8_t *agent = NULL;
	uint32_t type;

	*at = c->p;
	d->version = base_cursor_u32(c);
	if (c->bad || d->version != 5) {
		d->have = c->bad ? 0 : SFLOW_HAVE_VERSION;
		return "version";
	}
	d->have = SFLOW_HAVE_VERSION;
	*at = c->p;
	type = base_cursor_u32(c);
	if (!c->bad && type < sizeof(size))
		agent = base_cursor_take(c, size[type]);
	if (!agent)
		return fields[0];
	d->agent = base_addr_from(agent, size[type]);
	d->have = SFLOW_HAVE_AGENT;
	for (unsigned i = 0; i < 4; i++, d->have++) {
		*at = c->p;
		*words[i] = base_cursor_u32(c);
		if (c->bad)
			return fields[i + 1];
	}
	return NULL;
}

/* @return whether samples follow */
static bool walk_head(struct walk *w, struct base_cursor *c, struct sflow_trace_datagram *d)
{
	enum sflow_stat reason = SFLOW_DROP_SHORT;
	const uint8_t *at;
	const char *field = read_head(c, d, &at);

	if (w->visitor->datagram)
		w->visitor->datagram(w->ctx, d);
	if (!field)
		return true;
	/* sFlow v5, sample_datagram_type, address: as sflow_datagram_open() has it. */
	if (!c->bad)
		reason = d->version != 5 ? SFLOW_DROP_VERSION : SFLOW_DROP_AGENT_TYPE;
	damage(w, reason, at, field);
	return false;
}

/* A sample that is cut within its tag or its length. */
static void walk_bare(struct walk *w, const struct base_cursor *c, const struct sflow_tlv *t)
{
	bool tag = base_cursor_left(c) >= 4;
	struct sflow_trace_sample s = {
		.bare = true, .wrapped = t->wrapped, .flags = t->flags, .group = t->group};

	if (tag) {
		s.tag = base_get_u32(c->p);
		s.fixed = sflow_sample_fixed(s.tag);
		s.sample.tag = s.tag;
		if (w->visitor->sample)
			w->visitor->sample(w->ctx, &s);
	}
	damage(w, SFLOW_DROP_SAMPLE_OVERRUN, tag ? c->p + 4 : c->p, tag ? "length" : "tag");
	if (tag && w->visitor->sample_end)
		w->visitor->sample_end(w->ctx, false);
}

/* @return whether there may be more */
static bool walk_next(struct walk *w, struct base_cursor *c)
{
	struct sflow_tlv t;

	w->record = -1;
	if (base_cursor_left(c) == 0) {
		damage(w, SFLOW_DROP_SAMPLES_MISSING, c->p, NULL);
		return false;
	}
	if (sflow_sample_take(c, &t, w->stats)) {
		walk_sample(w, &t, 0);
		return true;
	}
	if (base_cursor_left(c) < SFLOW_TLV_HEAD)
		walk_bare(w, c, &t);
	else
		walk_sample(w, &t, base_cursor_left(c) - SFLOW_TLV_HEAD);
	return false;
}

static void walk_samples(struct walk *w, struct base_cursor *c, uint32_t samples, bool agent)
{
	/* The count is any u32: what bounds the loop is that each round eats 8 bytes or more. */
	for (uint32_t i = 0; i < samples; i++) {
		w->sample = (int)i;
		if (!walk_next(w, c))
			return;
	}
	/* An agent without an address is shown here; the collector drops what it sends. */
	w->stats[agent ? SFLOW_DATAGRAMS_DECODED : SFLOW_DROP_AGENT_TYPE]++;
	if (base_cursor_left(c))
		w->stats[SFLOW_TRAILING_BYTES]++;
}

void sflow_trace(const uint8_t *payload, uint32_t len, const struct sflow_visitor *v, void *ctx,
	uint64_t *stats)
{
	struct walk w = {.payload = payload,
		.visitor = v,
		.ctx = ctx,
		.stats = stats,
		.sample = -1,
		.record = -1};
	struct base_cursor c = base_cursor(payload, len);
	struct sflow_trace_datagram d = {.len = len};

	stats[SFLOW_DATAGRAMS]++;
	if (walk_head(&w, &c, &d))
		walk_samples(&w, &c, d.samples, d.agent.family != 0);
	if (v->datagram_end)
		v->datagram_end(ctx);
}

/* What of a record is left may have the length that one with bare MACs has. */
void sflow_trace_reader(struct sflow_reader *reader, const struct sflow_trace_record *r)
{
	sflow_reader_init(reader, r->structure, r->body, r->have);
	if (r->have < r->len)
		reader->bare = false;
}

bool sflow_trace_nested(struct base_cursor *c, struct sflow_trace_record *r)
{
	struct sflow_record record;

	if (!sflow_record_take(c, &record))
		return false;
	*r = (struct sflow_trace_record){
		.tag = record.tag,
		.len = record.len,
		.body = record.body,
		.have = record.len,
		.structure = sflow_flow_structure(record.tag),
		.nested = true,
	};
	if (r->structure)
		r->structure = sflow_structure_form(r->structure, r->body, r->have);
	return true;
}

const char *sflow_break_reason(enum sflow_stat reason)
{
	switch (reason) {
	case SFLOW_DROP_SHORT:
		return "short";
	case SFLOW_DROP_VERSION:
		return "version";
	case SFLOW_DROP_AGENT_TYPE:
		return "agent_type";
	case SFLOW_DROP_SAMPLE_OVERRUN:
		return "sample_overrun";
	case SFLOW_DROP_SAMPLES_MISSING:
		return "samples_missing";
	case SFLOW_SAMPLE_SHORT:
		return "sample_short";
	case SFLOW_RECORD_OVERRUN:
		return "record_overrun";
	case SFLOW_RECORDS_MISSING:
		return "records_missing";
	case SFLOW_RECORD_LENGTH:
		return "record_length";
	case SFLOW_RECORD_SHORT:
		return "record_short";
	case SFLOW_RECORD_ADDR_TYPE:
		return "record_addr_type";
	default:
		return "value_type";
	}
}
