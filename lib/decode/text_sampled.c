/* SPDX-License-Identifier: BSD-3-Clause */
#include "decode/lines_pvt.h"

/* Packets that agents give as fields instead of a header: 0:2 to 0:4, and tunnels of that form. */

enum { ICMP = 1, TCP = 6, UDP = 17 };

/* Every field that the record has room for. @return how many */
static unsigned read_all(const struct sflow_trace_record *r, struct sflow_value *v)
{
	struct sflow_reader reader;
	unsigned n = 0;

	sflow_trace_reader(&reader, r);
	while (sflow_reader_next(&reader, &v[n]))
		n++;
	return n;
}

/* The prefix of a tunnel stands in front of the type, and of all names that follow. */
static void open_record(
	struct decode *d, const struct sflow_structure *st, const char *type, char *prefix)
{
	const char *own = st->prefix ? st->prefix : "";

	if (d->lines) {
		line_name(d, "flowSampleType", 14);
		out_text(&d->out, own);
		out_text(&d->out, type);
		line_end(d);
	}
	memcpy(prefix, d->prefix, d->prefix_len);
	memcpy(prefix + d->prefix_len, own, strlen(own));
	d->prefix = prefix;
	d->prefix_len += strlen(own);
}

enum { PREFIX = 64 };

void line_ethernet(struct decode *d, const struct sflow_trace_record *r)
{
	enum { LENGTH, SRC, DST, TYPE, FIELDS };
	const char *prefix = d->prefix;
	size_t prefix_len = d->prefix_len;
	struct sflow_value v[FIELDS];
	unsigned n = read_all(r, v);
	char own[PREFIX];

	open_record(d, r->structure, "ETHERNET", own);
	if (n > TYPE) {
		d->row.ether_type = (uint32_t)v[TYPE].u;
		LINE_U32(d, "ethernet_type", (uint32_t)v[TYPE].u);
	}
	if (n > LENGTH)
		LINE_U32(d, "ethernet_len", (uint32_t)v[LENGTH].u);
	if (n > SRC) {
		LINE_MAC(d, "ethernet_src", v[SRC].bytes);
		memcpy(d->row.src_mac, v[SRC].bytes, 6);
	}
	if (n > DST) {
		LINE_MAC(d, "ethernet_dst", v[DST].bytes);
		memcpy(d->row.dst_mac, v[DST].bytes, 6);
	}
	d->prefix = prefix;
	d->prefix_len = prefix_len;
}

/* Fields of both IP forms, by position. */
enum { LENGTH, PROTOCOL, SRC, DST, SRC_PORT, DST_PORT, TCP_FLAGS, CLASS, FIELDS };

static void ports(struct decode *d, const struct sflow_value *v, unsigned n)
{
	if (n > SRC_PORT)
		d->row.src_port = (uint32_t)v[SRC_PORT].u;
	if (n <= DST_PORT)
		return;
	d->row.dst_port = (uint32_t)v[DST_PORT].u;
	switch (v[PROTOCOL].u) {
	case ICMP: /* agents put the type into the destination port */
		LINE_U32(d, "ICMPType", d->row.dst_port);
		break;
	case TCP:
		LINE_U32(d, "TCPSrcPort", d->row.src_port);
		LINE_U32(d, "TCPDstPort", d->row.dst_port);
		if (n <= TCP_FLAGS)
			break;
		d->row.tcp_flags = (uint32_t)v[TCP_FLAGS].u;
		LINE_U32(d, "TCPFlags", d->row.tcp_flags);
		break;
	case UDP:
		LINE_U32(d, "UDPSrcPort", d->row.src_port);
		LINE_U32(d, "UDPDstPort", d->row.dst_port);
		break;
	default:
		break;
	}
}

static void length(struct decode *d, const struct sflow_value *v, unsigned n)
{
	if (n <= LENGTH)
		return;
	d->row.length = (uint32_t)v[LENGTH].u;
	LINE_U32(d, "sampledPacketSize", d->row.length);
	LINE_U32(d, "IPSize", d->row.length);
}

static void addresses(struct decode *d, const struct sflow_value *v, unsigned n, bool v6)
{
	if (n > SRC && v6)
		LINE_IPV6(d, "srcIP6", v[SRC].bytes);
	else if (n > SRC)
		LINE_IPV4(d, "srcIP", v[SRC].bytes);
	if (n > DST && v6)
		LINE_IPV6(d, "dstIP6", v[DST].bytes);
	else if (n > DST)
		LINE_IPV4(d, "dstIP", v[DST].bytes);
}

static void keep_addresses(struct decode *d, const struct sflow_value *v, unsigned n)
{
	if (n > PROTOCOL)
		d->row.protocol = (uint32_t)v[PROTOCOL].u;
	if (n > SRC)
		d->row.src = base_addr_from(v[SRC].bytes, v[SRC].len);
	if (n > DST)
		d->row.dst = base_addr_from(v[DST].bytes, v[DST].len);
}

void line_sampled_ip(struct decode *d, const struct sflow_trace_record *r)
{
	bool v6 = r->structure->layout == SFLOW_LAYOUT_IPV6;
	const char *prefix = d->prefix;
	size_t prefix_len = d->prefix_len;
	struct sflow_value v[FIELDS];
	unsigned n = read_all(r, v);
	char own[PREFIX];

	open_record(d, r->structure, v6 ? "IPV6" : "IPV4", own);
	length(d, v, n);
	keep_addresses(d, v, n);
	addresses(d, v, n, v6);
	if (n > PROTOCOL)
		LINE_U32(d, "IPProtocol", (uint32_t)v[PROTOCOL].u);
	if (n > CLASS && v6)
		LINE_U32(d, "priority", (uint32_t)v[CLASS].u);
	if (n > CLASS && !v6) {
		d->row.tos = (uint32_t)v[CLASS].u;
		LINE_U32(d, "IPTOS", d->row.tos);
	}
	ports(d, v, n);
	d->prefix = prefix;
	d->prefix_len = prefix_len;
}
