/* SPDX-License-Identifier: BSD-3-Clause */
#include <time.h>

#include "decode/json_pvt.h"

/* The frame of the JSON format: one object for each datagram. docs/decode-schema.json has all. */

enum { BREAKS = sizeof(((struct decode *)0)->breaks) / sizeof(struct sflow_break) };

void json_tag(struct decode *d, uint32_t tag)
{
	json_key(d, "tag");
	out_char(&d->out, '"');
	out_u32(&d->out, tag >> 12);
	out_char(&d->out, ':');
	out_u32(&d->out, tag & 0xFFF);
	out_char(&d->out, '"');
}

void json_address(struct out *o, const uint8_t *bytes, size_t len)
{
	struct base_addr a;
	char text[BASE_ADDR_TEXT];

	if (len == 0) {
		OUT(o, "null");
		return;
	}
	out_char(o, '"');
	if (len == 4) {
		out_ipv4(o, bytes);
	} else {
		a = base_addr_from(bytes, len);
		out_text(o, base_addr_print(&a, text));
	}
	out_char(o, '"');
}

/* RFC 3339, UTC, whole microseconds. */
static void json_time(struct decode *d, uint64_t time_ns)
{
	time_t t = (time_t)(time_ns / 1000000000);
	struct out *o = &d->out;
	struct tm tm;

	json_key(d, "time");
	if (time_ns == 0 || !gmtime_r(&t, &tm)) {
		OUT(o, "null");
		return;
	}
	out_char(o, '"');
	o->p += strftime(o->p, 64, "%Y-%m-%dT%H:%M:%S", &tm);
	out_printf(o, ".%06uZ\"", (unsigned)(time_ns / 1000 % 1000000));
}

static void json_arrival(struct decode *d)
{
	const struct decode_datagram *g = d->datagram;

	json_time(d, g->time_ns);
	json_key(d, "source");
	json_address(&d->out, g->source.bytes, base_addr_len(&g->source));
	json_key(d, "source_port");
	if (g->source.family)
		out_u32(&d->out, g->source_port);
	else
		OUT(&d->out, "null");
	json_u32(d, "size", g->len);
}

static void json_datagram(void *ctx, const struct sflow_trace_datagram *h)
{
	struct decode *d = ctx;

	out_room(&d->out);
	json_open(d, '{');
	json_arrival(d);
	if (h->have >= SFLOW_HAVE_VERSION)
		json_u32(d, "version", h->version);
	if (h->have >= SFLOW_HAVE_AGENT) {
		json_key(d, "agent_address");
		json_address(&d->out, h->agent.bytes, base_addr_len(&h->agent));
	}
	if (h->have >= SFLOW_HAVE_SUB_AGENT)
		json_u32(d, "sub_agent_id", h->sub_agent);
	if (h->have >= SFLOW_HAVE_SEQUENCE)
		json_u32(d, "sequence_number", h->sequence);
	if (h->have >= SFLOW_HAVE_UPTIME)
		json_u32(d, "uptime", h->uptime_ms);
	if (h->have >= SFLOW_HAVE_SAMPLES)
		json_u32(d, "sample_count", h->samples);
	json_key(d, "samples");
	json_open(d, '[');
}

/* ---- What was not as it should be ---- */

static void json_damage(void *ctx, const struct sflow_break *b)
{
	struct decode *d = ctx;

	if (d->broken < BREAKS)
		d->breaks[d->broken] = *b;
	d->broken++;
}

static void json_break(struct decode *d, const struct sflow_break *b)
{
	json_next(d);
	json_open(d, '{');
	json_name(d, "reason", sflow_break_reason(b->reason));
	json_u32(d, "offset", b->offset);
	if (b->sample >= 0)
		json_u32(d, "sample", (uint32_t)b->sample);
	if (b->record >= 0)
		json_u32(d, "record", (uint32_t)b->record);
	if (b->field)
		json_name(d, "field", b->field);
	json_close(d, '}');
}

static void json_breaks(struct decode *d)
{
	json_key(d, "errors");
	json_open(d, '[');
	for (unsigned i = 0; i < d->broken && i < BREAKS; i++)
		json_break(d, &d->breaks[i]);
	json_close(d, ']');
	if (d->broken > BREAKS)
		json_u32(d, "errors_omitted", d->broken - BREAKS);
}

const enum sflow_stat decode_deviations[] = {SFLOW_SAMPLE_SURPLUS, SFLOW_TRAILING_BYTES,
	SFLOW_RATE_ZERO, SFLOW_SAMPLE_WRAPPED, SFLOW_MAC_UNPADDED, SFLOW_HEADER_CUT,
	SFLOW_STRIPPED_TAIL, SFLOW_LENGTH_BELOW_IP, SFLOW_HEADER_PROTOCOL, SFLOW_PAYLOAD_AS_HEADER,
	SFLOW_HTTP_DRAFT};

const unsigned decode_deviations_count = sizeof(decode_deviations) / sizeof(decode_deviations[0]);

static void json_deviations(struct decode *d)
{
	bool any = false;

	for (unsigned i = 0; i < decode_deviations_count; i++) {
		enum sflow_stat s = decode_deviations[i];

		if (!d->fresh[s])
			continue;
		if (!any) {
			json_key(d, "deviations");
			json_open(d, '{');
		}
		any = true;
		json_u32(d, sflow_stats.defs[s].name, (uint32_t)d->fresh[s]);
	}
	if (any)
		json_close(d, '}');
}

static void json_datagram_end(void *ctx)
{
	struct decode *d = ctx;

	json_close(d, ']');
	if (d->broken)
		json_breaks(d);
	json_deviations(d);
	json_close(d, '}');
	out_char(&d->out, '\n');
}

/* ---- Samples ---- */

static void json_source(struct decode *d, const struct sflow_source *s)
{
	json_key(d, "source_id");
	json_open(d, '{');
	json_u32(d, "class", s->class);
	json_u32(d, "index", s->index);
	json_close(d, '}');
}

static void json_interface(struct decode *d, const char *name, const struct sflow_interface *i)
{
	const char *word = i->format == 1 ? sflow_word(&sflow_discard_reasons, i->value) : NULL;

	json_key(d, name);
	json_open(d, '{');
	json_u32(d, "format", i->format);
	json_u32(d, "value", i->value);
	if (word)
		json_name(d, "reason_name", word);
	json_close(d, '}');
}

/* The heads of the sample types, as far as they are there. */
static void flow_head(struct decode *d, const struct sflow_trace_sample *t)
{
	const struct sflow_sample *s = &t->sample;
	uint32_t compact = s->tag == SFLOW_FLOW_SAMPLE;
	uint32_t at = compact ? 8 : 12, interface = compact ? 4 : 8;

	if (t->head >= 4)
		json_u32(d, "sequence_number", s->sequence);
	if (t->head >= at)
		json_source(d, &s->source);
	if (t->head >= at + 4)
		json_u32(d, "sampling_rate", s->sampling_rate);
	if (t->head >= at + 8)
		json_u32(d, "sample_pool", s->pool);
	if (t->head >= at + 12)
		json_u32(d, "drops", s->drops);
	if (t->head >= at + 12 + interface)
		json_interface(d, "input", &s->input);
	if (t->head >= at + 12 + 2 * interface)
		json_interface(d, "output", &s->output);
}

static void counter_head(struct decode *d, const struct sflow_trace_sample *t)
{
	if (t->head >= 4)
		json_u32(d, "sequence_number", t->sample.sequence);
	if (t->head + 4 >= t->fixed)
		json_source(d, &t->sample.source);
}

static void discard_head(struct decode *d, const struct sflow_trace_sample *t)
{
	const struct sflow_sample *s = &t->sample;
	const char *word = sflow_word(&sflow_discard_reasons, s->reason);

	if (t->head >= 4)
		json_u32(d, "sequence_number", s->sequence);
	if (t->head >= 12)
		json_source(d, &s->source);
	if (t->head >= 16)
		json_u32(d, "drops", s->drops);
	if (t->head >= 20)
		json_interface(d, "input", &s->input);
	if (t->head >= 24)
		json_interface(d, "output", &s->output);
	if (t->head < 28)
		return;
	json_u32(d, "reason", s->reason);
	if (word)
		json_name(d, "reason_name", word);
}

static void custom_head(struct decode *d, const struct sflow_trace_sample *t)
{
	const struct sflow_sample *s = &t->sample;

	if (t->head >= 1) {
		json_key(d, "datasource");
		json_text(&d->out, s->name, s->name_len);
	}
	if (s->kind == SFLOW_KIND_RTFLOW && t->head >= 2)
		json_u32(d, "sampling_rate", s->sampling_rate);
	if (s->kind == SFLOW_KIND_RTFLOW && t->head >= 3)
		json_u32(d, "sample_pool", s->pool);
}

/* NULL: not known. */
static const char *sample_type(uint32_t tag)
{
	switch (tag) {
	case SFLOW_FLOW_SAMPLE:
		return "flow_sample";
	case SFLOW_COUNTER_SAMPLE:
		return "counters_sample";
	case SFLOW_FLOW_SAMPLE_EXPANDED:
		return "flow_sample_expanded";
	case SFLOW_COUNTER_SAMPLE_EXPANDED:
		return "counters_sample_expanded";
	case SFLOW_DISCARDED_PACKET:
		return "discarded_packet";
	case SFLOW_RTMETRIC:
		return "rtmetric";
	case SFLOW_RTFLOW:
		return "rtflow";
	default:
		return NULL;
	}
}

static void sample_head(struct decode *d, const struct sflow_trace_sample *t)
{
	switch (t->sample.kind) {
	case SFLOW_KIND_FLOW:
		flow_head(d, t);
		json_key(d, "records");
		break;
	case SFLOW_KIND_COUNTER:
		counter_head(d, t);
		json_key(d, "records");
		break;
	case SFLOW_KIND_DISCARD:
		discard_head(d, t);
		json_key(d, "records");
		break;
	case SFLOW_KIND_RTMETRIC:
		custom_head(d, t);
		json_key(d, "metrics");
		break;
	case SFLOW_KIND_RTFLOW:
		custom_head(d, t);
		json_key(d, "fields");
		break;
	case SFLOW_KIND_UNKNOWN:
		json_hex(d, "data", t->body, t->have);
		return;
	}
	json_open(d, '[');
}

static void json_wrapper(struct decode *d, const struct sflow_trace_sample *t)
{
	json_key(d, "wrapper");
	json_open(d, '{');
	json_tag(d, SFLOW_FOUNDRY_WRAPPER);
	json_u32(d, "flags", t->flags);
	json_u32(d, "group", t->group);
	json_close(d, '}');
}

static void json_sample(void *ctx, const struct sflow_trace_sample *t)
{
	struct decode *d = ctx;
	const char *type = sample_type(t->tag);

	d->sample = t;
	json_next(d);
	json_open(d, '{');
	json_tag(d, t->tag);
	if (type) {
		json_name(d, "type", type);
	} else {
		json_key(d, "type");
		OUT(&d->out, "null");
	}
	if (!t->bare)
		json_u32(d, "length", t->len);
	if (t->wrapped)
		json_wrapper(d, t);
	if (!t->bare)
		sample_head(d, t);
}

static void json_sample_end(void *ctx, bool complete)
{
	struct decode *d = ctx;

	if (!d->sample->bare && d->sample->sample.kind != SFLOW_KIND_UNKNOWN)
		json_close(d, ']');
	if (!complete) {
		json_key(d, "complete");
		OUT(&d->out, "false");
	}
	json_close(d, '}');
}

static void json_entry(void *ctx, const struct sflow_entry *e)
{
	struct decode *d = ctx;

	json_next(d);
	json_open(d, '{');
	json_key(d, "name");
	json_text(&d->out, e->name, e->name_len);
	json_name(d, "type", sflow_entry_type(d->sample->sample.kind, e->type));
	json_key(d, "value");
	json_value(d, &e->value);
	json_close(d, '}');
}

/* Of a record that is cut nothing is shown: where it breaks off is in the errors. */
static void json_record_seen(void *ctx, const struct sflow_trace_record *r)
{
	if (!r->broken)
		json_record(ctx, r);
}

const struct sflow_visitor decode_json_visitor = {
	.datagram = json_datagram,
	.sample = json_sample,
	.record = json_record_seen,
	.entry = json_entry,
	.sample_end = json_sample_end,
	.damage = json_damage,
	.datagram_end = json_datagram_end,
};
