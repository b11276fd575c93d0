/* SPDX-License-Identifier: BSD-3-Clause */
#include <time.h>

#include "decode/lines_pvt.h"

/* The frame of the text format: datagrams and samples. After sflowtool, whose names and order
 * scripts rely on; docs/decode.rst says where weir differs. */

void line_tag(struct out *o, uint32_t tag)
{
	out_u32(o, tag >> 12);
	out_char(o, ':');
	out_u32(o, tag & 0xFFF);
}

void line_time(struct out *o, uint64_t seconds)
{
	/* The two that alternate: no time at all, and that of the datagram. */
	static _Thread_local struct {
		uint64_t seconds;
		size_t len; /* 0: not made yet */
		char text[64];
	} made[2];
	typeof(made[0]) *m = &made[seconds != 0];
	time_t t = (time_t)seconds;
	struct tm tm;

	if (m->seconds != seconds || !m->len) {
		m->seconds = seconds;
		m->len = 0;
		if (localtime_r(&t, &tm))
			m->len = strftime(m->text, sizeof(m->text), "%Y-%m-%dT%H:%M:%S%z", &tm);
	}
	out_bytes(o, m->text, m->len);
}

/* -g: time agent sub-agent sequence source sample record. */
void line_context(struct decode *d)
{
	struct out *o = &d->out;
	char *start;

	if (d->format != DECODE_GREP)
		return;
	out_room(o);
	start = o->p;
	line_time(o, d->datagram->time_ns / 1000000000);
	out_char(o, ' ');
	out_address(o, d->head.agent.bytes, base_addr_len(&d->head.agent));
	out_char(o, ' ');
	out_u32(o, d->head.sub_agent);
	out_char(o, ' ');
	out_u32(o, d->head.sequence);
	out_char(o, ' ');
	out_u32(o, d->source.class);
	out_char(o, ':');
	out_u32(o, d->source.index);
	out_char(o, ' ');
	line_tag(o, d->sample_tag);
	out_char(o, ' ');
	line_tag(o, d->record_tag);
	out_char(o, ' ');
	d->context_len = (size_t)(o->p - start);
	memcpy(d->context, start, d->context_len);
	o->p = start;
}

static void line_address(struct decode *d, const char *name, const struct base_addr *a)
{
	line_name(d, name, strlen(name));
	out_address(&d->out, a->bytes, base_addr_len(a));
	line_end(d);
}

static void line_when(struct decode *d, const char *name, uint64_t seconds)
{
	line_name(d, name, strlen(name));
	line_time(&d->out, seconds);
	line_end(d);
}

/* How the datagram came: of one that arrives now the time, of a captured one that of its capture. */
static void arrival(struct decode *d)
{
	const struct decode_datagram *g = d->datagram;
	uint64_t us = g->live ? g->time_ns / 1000 : 0, captured = g->live ? 0 : g->time_ns / 1000;
	struct base_addr none = {0};

	line_address(d, "datagramSourceIP", g->live ? &g->source : &none);
	LINE_U32(d, "datagramSize", g->len);
	LINE_U32(d, "unixSecondsUTC", (uint32_t)(us / 1000000));
	LINE_U32(d, "unixSecondsUTC_uS", (uint32_t)(us % 1000000));
	line_when(d, "localtime", us / 1000000);
	if (captured / 1000000) {
		line_when(d, "pcapTimestamp", captured / 1000000);
		LINE_U32(d, "pcapTimestamp_uS", (uint32_t)(captured % 1000000));
	}
}

/* The context of -g knows of the header only what has been read so far. */
static void text_datagram(void *ctx, const struct sflow_trace_datagram *head)
{
	struct decode *d = ctx;

	d->head = (struct sflow_trace_datagram){0};
	line_context(d);
	LINE_RAW(d, "startDatagram =================================");
	arrival(d);
	if (head->have >= SFLOW_HAVE_VERSION)
		LINE_U32(d, "datagramVersion", head->version);
	d->head.agent = head->agent;
	if (head->have >= SFLOW_HAVE_SUB_AGENT) {
		d->head.sub_agent = head->sub_agent;
		line_context(d);
		LINE_U32(d, "agentSubId", head->sub_agent);
	}
	d->head = *head;
	line_context(d);
	if (head->have < SFLOW_HAVE_SAMPLES)
		return;
	line_address(d, "agent", &head->agent);
	LINE_U32(d, "packetSequenceNo", head->sequence);
	LINE_U32(d, "sysUpTime", head->uptime_ms);
	LINE_U32(d, "samplesInPacket", head->samples);
}

static void text_datagram_end(void *ctx)
{
	struct decode *d = ctx;

	LINE_RAW(d, "endDatagram   =================================");
}

/* ---- Samples ---- */

static void line_literal(struct decode *d, const char *name, const char *value)
{
	line_name(d, name, strlen(name));
	out_text(&d->out, value);
	line_end(d);
}

static void line_source(struct decode *d, const struct sflow_sample *s)
{
	d->source = s->source;
	line_context(d);
	line_name(d, "sourceId", 8);
	out_u32(&d->out, s->source.class);
	out_char(&d->out, ':');
	out_u32(&d->out, s->source.index);
	line_end(d);
}

/* sFlow v5, interface and interface_expanded. */
static void line_interface(struct decode *d, const char *name, struct sflow_interface i)
{
	static const char *const formats[] = {"", "dropCode ", "multiple ", "format==3 "};

	line_name(d, name, strlen(name));
	if (i.format < 4) {
		out_text(&d->out, formats[i.format]);
		out_u32(&d->out, i.value);
	}
	line_end(d);
}

/* What stands in a sample's head, as far as it is there. */
static void flow_head(struct decode *d, const struct sflow_trace_sample *t)
{
	const struct sflow_sample *s = &t->sample;
	uint32_t source = s->tag == SFLOW_FLOW_SAMPLE ? 8 : 12;

	if (t->head >= source) {
		d->source = s->source;
		line_context(d);
		LINE_U32(d, "sampleSequenceNo", s->sequence);
		line_source(d, s);
	}
	if (t->head >= source + 12) {
		LINE_U32(d, "meanSkipCount", s->sampling_rate);
		LINE_U32(d, "samplePool", s->pool);
		LINE_U32(d, "dropEvents", s->drops);
	}
	if (t->head + 4 >= t->fixed) {
		line_interface(d, "inputPort", s->input);
		line_interface(d, "outputPort", s->output);
	}
}

static void counter_head(struct decode *d, const struct sflow_trace_sample *t)
{
	if (t->head >= 4)
		LINE_U32(d, "sampleSequenceNo", t->sample.sequence);
	if (t->head + 4 >= t->fixed)
		line_source(d, &t->sample);
}

static void discard_head(struct decode *d, const struct sflow_trace_sample *t)
{
	const struct sflow_sample *s = &t->sample;
	const char *reason = sflow_word(&sflow_discard_reasons, s->reason);

	if (t->head >= 12) {
		d->source = s->source;
		line_context(d);
		LINE_U32(d, "sampleSequenceNo", s->sequence);
		line_source(d, s);
	}
	if (t->head >= 16)
		LINE_U32(d, "dropEvents", s->drops);
	if (t->head >= 24) {
		line_interface(d, "inputPort", s->input);
		line_interface(d, "outputPort", s->output);
	}
	if (t->head >= 28) {
		LINE_U32(d, "discardCode", s->reason);
		line_literal(d, "discardReason", reason ? reason : "NotFound");
		d->prefix = "discarded_";
		d->prefix_len = strlen(d->prefix);
	}
}

/* ---- Custom samples ---- */

static void custom_head(struct decode *d, const struct sflow_trace_sample *t)
{
	const struct sflow_sample *s = &t->sample;
	bool flow = s->kind == SFLOW_KIND_RTFLOW;

	if (t->head >= 1 && s->name_len) {
		line_start(d);
		out_text(&d->out, flow ? "rtflow_datasource_name " : "rtmetric_datasource_name ");
		line_text(&d->out, s->name, s->name_len, 63);
		line_end(d);
	}
	if (flow && t->head >= 2)
		LINE_U32(d, "rtflow_sampling_rate", s->sampling_rate);
	if (flow && t->head >= 3)
		LINE_U32(d, "rtflow_sample_pool", s->pool);
}

static void entry_value(struct out *o, const struct sflow_value *v)
{
	switch (v->type) {
	case SFLOW_STRING:
		line_text(o, v->bytes, v->len, 254);
		break;
	case SFLOW_F32:
	case SFLOW_F64:
		out_printf(o, "%.3f", v->f);
		break;
	case SFLOW_MAC:
		out_hex(o, v->bytes, 6, false, 0);
		break;
	case SFLOW_IPV4:
		out_ipv4(o, v->bytes);
		break;
	case SFLOW_IPV6:
		out_ipv6_whole(o, v->bytes);
		break;
	default:
		out_u64(o, v->u);
	}
}

static void text_entry(void *ctx, const struct sflow_entry *e)
{
	struct decode *d = ctx;
	enum sflow_kind kind = d->sample->sample.kind;

	line_start(d);
	out_text(&d->out, kind == SFLOW_KIND_RTFLOW ? "rtflow_" : "rtmetric_");
	out_text(&d->out, sflow_entry_type(kind, e->type));
	out_char(&d->out, '_');
	line_text(&d->out, e->name, e->name_len, 63);
	out_char(&d->out, ' ');
	entry_value(&d->out, &e->value);
	line_end(d);
}

static void skipping(struct decode *d, const char *what, uint32_t tag, uint32_t len)
{
	line_start(d);
	OUT(&d->out, "skipping unknown ");
	out_text(&d->out, what);
	OUT(&d->out, ": ");
	line_tag(&d->out, tag);
	OUT(&d->out, " len=");
	out_i64(&d->out, (int32_t)len);
	line_end(d);
}

static void sample_head(struct decode *d, const struct sflow_trace_sample *t)
{
	switch (t->sample.kind) {
	case SFLOW_KIND_FLOW:
		flow_head(d, t);
		break;
	case SFLOW_KIND_COUNTER:
		counter_head(d, t);
		break;
	case SFLOW_KIND_DISCARD:
		discard_head(d, t);
		break;
	case SFLOW_KIND_RTMETRIC:
	case SFLOW_KIND_RTFLOW:
		custom_head(d, t);
		break;
	case SFLOW_KIND_UNKNOWN:
		if (!t->bare)
			skipping(d, "sample", t->tag, t->len);
		break;
	}
}

/* NULL: no sample that has a type. */
static const char *sample_type(uint32_t tag)
{
	switch (tag) {
	case SFLOW_FLOW_SAMPLE:
	case SFLOW_FLOW_SAMPLE_EXPANDED:
		return "FLOWSAMPLE";
	case SFLOW_COUNTER_SAMPLE:
	case SFLOW_COUNTER_SAMPLE_EXPANDED:
		return "COUNTERSSAMPLE";
	case SFLOW_DISCARDED_PACKET:
		return "DISCARD";
	case SFLOW_RTMETRIC:
		return "RTMETRIC";
	case SFLOW_RTFLOW:
		return "RTFLOW";
	default:
		return NULL;
	}
}

static void text_sample(void *ctx, const struct sflow_trace_sample *t)
{
	struct decode *d = ctx;
	const char *type = sample_type(t->tag);

	d->sample = t;
	d->sample_tag = t->tag;
	d->record_tag = 0;
	d->source = (struct sflow_source){0};
	d->prefix = "";
	d->prefix_len = 0;
	line_context(d);
	LINE_RAW(d, "startSample ----------------------");
	line_name(d, "sampleType_tag", 14);
	line_tag(&d->out, t->tag);
	line_end(d);
	if (type)
		line_literal(d, "sampleType", type);
	sample_head(d, t);
}

static void text_sample_end(void *ctx, bool complete)
{
	struct decode *d = ctx;

	d->prefix = "";
	d->prefix_len = 0;
	if (complete)
		LINE_RAW(d, "endSample   ----------------------");
}

static void text_record(void *ctx, const struct sflow_trace_record *r)
{
	struct decode *d = ctx;
	bool counters = d->sample->sample.kind == SFLOW_KIND_COUNTER;

	d->record_tag = r->tag;
	line_context(d);
	if (counters)
		line_name(d, "counterBlock_tag", 16);
	else
		line_name(d, "flowBlock_tag", 13);
	line_tag(&d->out, r->tag);
	line_end(d);
	if (r->bare)
		return;
	if (r->structure && r->structure->layout != SFLOW_LAYOUT_SKIPPED)
		line_record(d, r);
	else
		skipping(d, counters ? "counters_sample_element" : "flow_sample_element", r->tag,
			r->len);
}

const struct sflow_visitor decode_text_visitor = {
	.datagram = text_datagram,
	.sample = text_sample,
	.record = text_record,
	.entry = text_entry,
	.sample_end = text_sample_end,
	.datagram_end = text_datagram_end,
};
