/* SPDX-License-Identifier: BSD-3-Clause */
#include "decode/lines_pvt.h"

/* One line of comma-separated values for each flow and counter sample, as sflowtool -l. */

enum { IF_COUNTERS = SFLOW_TAG(0, 1) };

static void comma(struct out *o)
{
	out_char(o, ',');
}

static void address(struct out *o, const struct base_addr *a)
{
	out_address(o, a->bytes, base_addr_len(a));
	comma(o);
}

/* Numbers are signed in this format: an unknown VLAN is -1. */
static void number(struct out *o, uint32_t v)
{
	out_i64(o, (int32_t)v);
	comma(o);
}

static void hex(struct out *o, uint32_t v, unsigned digits)
{
	const uint8_t bytes[] = {
		(uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v};

	OUT(o, "0x");
	if (v >> 4 * digits)
		out_printf(o, "%x", v);
	else
		out_hex(o, bytes + 4 - digits / 2, digits / 2, false, 0);
	comma(o);
}

static void flow_line(struct decode *d)
{
	const struct decode_row *row = &d->row;
	struct out *o = &d->out;

	OUT(o, "FLOW,");
	address(o, &d->head.agent);
	number(o, row->input);
	number(o, row->output);
	out_hex(o, row->src_mac, 6, false, 0);
	comma(o);
	out_hex(o, row->dst_mac, 6, false, 0);
	comma(o);
	hex(o, row->ether_type, 4);
	number(o, row->src_vlan);
	number(o, row->dst_vlan);
	address(o, &row->src);
	address(o, &row->dst);
	number(o, row->protocol);
	hex(o, row->tos, 2);
	number(o, row->ttl);
	number(o, row->src_port);
	number(o, row->dst_port);
	hex(o, row->tcp_flags, 2);
	number(o, row->length);
	number(o, row->length - row->stripped - row->ip_offset);
	out_i64(o, (int32_t)d->sample->sample.sampling_rate);
	line_end(d);
}

/* The counters of an interface, 0 where there are none. */
static void counter_line(struct decode *d)
{
	const struct sflow_structure *st = sflow_counter_structure(IF_COUNTERS);
	struct base_cursor c = base_cursor(d->row.counters, d->row.counters_len);
	struct out *o = &d->out;
	struct sflow_value v;

	OUT(o, "CNTR,");
	address(o, &d->head.agent);
	for (unsigned i = 0; i < st->field_count; i++) {
		sflow_field_read(&c, &st->fields[i], &v);
		if (i)
			comma(o);
		out_u64(o, v.u);
	}
	line_end(d);
}

static void line_datagram(void *ctx, const struct sflow_trace_datagram *head)
{
	struct decode *d = ctx;

	d->head = *head;
}

static void line_sample(void *ctx, const struct sflow_trace_sample *t)
{
	struct decode *d = ctx;

	d->sample = t;
	d->row = (struct decode_row){
		.input = t->sample.input.value,
		.output = t->sample.output.value,
	};
}

/* sFlow v5, extended_switch: the VLANs of the switch, rather than those of the header. */
static void switched(struct decode *d, const struct sflow_trace_record *r)
{
	if (r->have >= 4)
		d->row.src_vlan = base_get_u32(r->body);
	if (r->have >= 12)
		d->row.dst_vlan = base_get_u32(r->body + 8);
}

/* The ends of a socket are those of the flow. */
static void socket_ends(struct decode *d, const struct sflow_trace_record *r, size_t len)
{
	if (r->have >= 4 + len)
		d->row.src = base_addr_from(r->body + 4, len);
	if (r->have >= 4 + 2 * len)
		d->row.dst = base_addr_from(r->body + 4 + len, len);
}

static void flow_record(struct decode *d, const struct sflow_trace_record *r)
{
	switch (r->tag) {
	case SFLOW_TAG(0, 1001):
		switched(d, r);
		return;
	case SFLOW_TAG(0, 2100):
		socket_ends(d, r, 4);
		return;
	case SFLOW_TAG(0, 2101):
		socket_ends(d, r, 16);
		return;
	default:
		break;
	}
	switch (r->structure ? r->structure->layout : SFLOW_LAYOUT_SKIPPED) {
	case SFLOW_LAYOUT_HEADER:
	case SFLOW_LAYOUT_ETHERNET:
	case SFLOW_LAYOUT_IPV4:
	case SFLOW_LAYOUT_IPV6:
		line_record(d, r);
		break;
	case SFLOW_LAYOUT_PAYLOAD: /* with a header in it, one more */
		if (r->structure->deviation)
			line_record(d, r);
		break;
	default:
		break;
	}
}

static void line_record_seen(void *ctx, const struct sflow_trace_record *r)
{
	struct decode *d = ctx;

	if (r->bare)
		return;
	if (d->sample->sample.kind == SFLOW_KIND_FLOW)
		flow_record(d, r);
	if (d->sample->sample.kind == SFLOW_KIND_COUNTER && r->tag == IF_COUNTERS) {
		d->row.counters = r->body;
		d->row.counters_len = r->have;
	}
}

static void line_sample_end(void *ctx, bool complete)
{
	struct decode *d = ctx;

	if (!complete)
		return;
	out_room(&d->out);
	if (d->sample->sample.kind == SFLOW_KIND_FLOW)
		flow_line(d);
	else if (d->sample->sample.kind == SFLOW_KIND_COUNTER)
		counter_line(d);
}

const struct sflow_visitor decode_line_visitor = {
	.datagram = line_datagram,
	.sample = line_sample,
	.record = line_record_seen,
	.sample_end = line_sample_end,
};
