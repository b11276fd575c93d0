/* SPDX-License-Identifier: BSD-3-Clause */
#include "decode/lines_pvt.h"

/* The lines of records: one for each field in order, or by one of the layouts here. */

static void head(struct decode *d, const struct sflow_structure *st)
{
	line_start(d);
	out_bytes(&d->out, d->prefix, d->prefix_len);
	out_text(&d->out, st->head);
	line_end(d);
}

static void fields(struct decode *d, const struct sflow_trace_record *r)
{
	const struct sflow_field *f;
	struct sflow_reader reader;
	struct sflow_value v;

	if (r->structure->head)
		head(d, r->structure);
	sflow_trace_reader(&reader, r);
	while ((f = sflow_reader_next(&reader, &v)))
		line_field(d, r->structure, f, &v);
}

/* Both character sets stand in front of both texts. */
static void user(struct decode *d, const struct sflow_trace_record *r)
{
	enum { SRC_CHARSET, SRC_USER, DST_CHARSET, DST_USER, FIELDS };
	static const uint8_t order[FIELDS] = {SRC_CHARSET, DST_CHARSET, SRC_USER, DST_USER};
	struct sflow_reader reader;
	struct sflow_value v[FIELDS];
	unsigned n = 0;

	head(d, r->structure);
	sflow_trace_reader(&reader, r);
	while (n < FIELDS && sflow_reader_next(&reader, &v[n]))
		n++;
	for (unsigned i = 0; i < FIELDS; i++)
		if (order[i] < n)
			line_field(d, r->structure, &r->structure->fields[order[i]], &v[order[i]]);
}

static void indexed(struct decode *d, const char *before, uint32_t i, const char *name)
{
	line_start(d);
	out_bytes(&d->out, d->prefix, d->prefix_len);
	out_text(&d->out, before);
	out_u32(&d->out, i);
	out_text(&d->out, name);
}

/* {ifIndex, MACs} */
static void adapters(struct decode *d, const struct sflow_trace_record *r)
{
	struct base_cursor c = base_cursor(r->body, r->have);
	uint32_t count = base_cursor_u32(&c);

	for (uint32_t i = 0; i < count && base_cursor_left(&c); i++) {
		uint32_t index = base_cursor_u32(&c), macs;

		if (c.bad)
			return;
		indexed(d, "adaptor_", i, "_ifIndex ");
		out_u32(&d->out, index);
		line_end(d);
		macs = base_cursor_u32(&c);
		if (c.bad)
			return;
		indexed(d, "adaptor_", i, "_MACs ");
		out_u32(&d->out, macs);
		line_end(d);
		for (uint32_t j = 0; j < macs; j++) {
			const uint8_t *mac = base_cursor_take(&c, 8);

			if (!mac)
				return;
			indexed(d, "adaptor_", i, "_MAC_");
			out_u32(&d->out, j);
			out_char(&d->out, ' ');
			out_hex(&d->out, mac, 6, false, 0);
			line_end(d);
		}
	}
}

static void lane(struct decode *d, const struct sflow_fields *of, struct base_cursor *c, uint32_t i)
{
	struct sflow_value v;

	for (unsigned j = 0; j < of->count; j++) {
		if (!sflow_field_read(c, &of->list[j], &v))
			return;
		line_start(d);
		out_bytes(&d->out, d->prefix, d->prefix_len);
		OUT(&d->out, "sfp_lane_");
		out_text(&d->out, of->list[j].line);
		out_char(&d->out, '.');
		out_u32(&d->out, i);
		out_char(&d->out, ' ');
		out_u64(&d->out, v.u);
		line_end(d);
	}
}

/* Fields, then how many lanes there are, then each lane, also where the last one is cut. */
static void lanes(struct decode *d, const struct sflow_trace_record *r)
{
	const struct sflow_structure *st = r->structure;
	struct base_cursor c = base_cursor(r->body, r->have);
	const struct sflow_field *list = &st->fields[st->field_count - 1];
	struct sflow_value v;
	uint32_t count;

	for (const struct sflow_field *f = st->fields; f < list; f++) {
		if (!sflow_field_read(&c, f, &v))
			return;
		line_field(d, st, f, &v);
	}
	count = base_cursor_u32(&c);
	if (c.bad)
		return;
	line_u32(d, list->line, strlen(list->line), count);
	for (uint32_t i = 0; i < count && base_cursor_left(&c); i++)
		lane(d, list->of, &c, i);
}

/* 0:1013: sflowtool takes what follows the cipher suite for a sampled header. */
static void payload(struct decode *d, const struct sflow_trace_record *r)
{
	struct sflow_reader reader;
	struct sflow_value v;

	sflow_trace_reader(&reader, r);
	if (!sflow_reader_next(&reader, &v))
		return;
	LINE_U32(d, "cipher_suite", (uint32_t)v.u);
	if (r->structure->deviation == SFLOW_PAYLOAD_AS_HEADER) {
		if (d->lines)
			LINE_NAMED(d, "flowSampleType", "HEADER");
		line_sampled_header(d, r->body + 4, r->have - 4);
		return;
	}
	if (!sflow_reader_next(&reader, &v))
		return;
	LINE_U32(d, "payloadLen", v.len);
	line_header_bytes(d, "payloadBytes", v.bytes, v.len);
}

static void header(struct decode *d, const struct sflow_trace_record *r)
{
	if (d->lines)
		head(d, r->structure);
	line_sampled_header(d, r->body, r->have);
}

void line_record(struct decode *d, const struct sflow_trace_record *r)
{
	switch (r->structure->layout) {
	case SFLOW_LAYOUT_HEADER:
		header(d, r);
		break;
	case SFLOW_LAYOUT_ETHERNET:
		line_ethernet(d, r);
		break;
	case SFLOW_LAYOUT_IPV4:
	case SFLOW_LAYOUT_IPV6:
		line_sampled_ip(d, r);
		break;
	case SFLOW_LAYOUT_USER:
		user(d, r);
		break;
	case SFLOW_LAYOUT_ADAPTERS:
		adapters(d, r);
		break;
	case SFLOW_LAYOUT_LANES:
		lanes(d, r);
		break;
	case SFLOW_LAYOUT_PAYLOAD:
		payload(d, r);
		break;
	case SFLOW_LAYOUT_FIELDS:
		fields(d, r);
		break;
	case SFLOW_LAYOUT_SKIPPED:
		break;
	}
}
