/* SPDX-License-Identifier: BSD-3-Clause */
#include "decode/lines_pvt.h"

/*
 * The sampled header, as far as sflowtool looks into it: Ethernet and 802.11, VLAN tags, IP and
 * its transport. The steps and their order are its own; `weirctl decode --json` shows all layers.
 */

enum {
	ETHERNET_HEADER = 14,
	IPV4_HEADER = 20,
	IPV6_HEADER = 40,
	LENGTH_MAX = 1500,
	WIFI_HEADER = 24,
};

enum { TYPE_IP = 0x0800, TYPE_IP6 = 0x86DD };

enum { ICMP = 1, TCP = 6, UDP = 17 };

/* Where the IP packet starts; version 0: there is none. */
struct ip_at {
	unsigned version;
	uint32_t offset;
};

/* Of the first tag without a number, of those behind it with their depth. */
static void line_vlan(struct decode *d, unsigned depth, uint32_t tci)
{
	d->row.src_vlan = tci & 0xFFF;
	if (!d->lines)
		return;
	line_name(d, "decodedVLAN", 11);
	if (depth) {
		d->out.p[-1] = '.';
		out_u32(&d->out, depth);
		out_char(&d->out, ' ');
	}
	out_u32(&d->out, tci & 0xFFF);
	line_end(d);
	line_name(d, "decodedPriority", 15);
	if (depth) {
		d->out.p[-1] = '.';
		out_u32(&d->out, depth);
		out_char(&d->out, ' ');
	}
	out_u32(&d->out, tci >> 13);
	line_end(d);
}

/* Novell's IPX in an Ethernet II or raw 802.3 frame. */
static bool is_ipx(uint32_t type, const uint8_t *p, const uint8_t *end)
{
	uint32_t len;

	if ((type != 0x0200 && type != 0x0201 && type != 0x0600) || end - p < 4)
		return false;
	len = base_get_u16(p + 2);
	return p[0] == 0xFF && p[1] == 0xFF && len >= 30 && len <= 576;
}

static void line_oui(struct decode *d, const uint8_t *oui)
{
	if (!d->lines)
		return;
	line_name(d, "VSNAP_OUI", 9);
	out_hex(&d->out, oui, 3, true, '-');
	line_end(d);
}

/* IEEE 802.2: what follows a length. @return the EtherType, or 0 */
static uint32_t llc(struct decode *d, const uint8_t **at, const uint8_t *end)
{
	const uint8_t *p = *at;

	if (end - p >= 6 && p[0] == 0xAA && p[1] == 0xAA && p[2] == 0x03) {
		if (p[3] || p[4] || p[5]) {
			line_oui(d, p + 3);
			return 0;
		}
		*at = p + 8;
		return end - p >= 8 ? base_get_u16(p + 6) | 0x10000u : 0;
	}
	if (end - p < 3 || p[0] != 0x06 || p[1] != 0x06 || !(p[2] & 1))
		return 0;
	*at = p + 3;
	return TYPE_IP | 0x10000u;
}

static struct ip_at find_ip(
	uint32_t type, const uint8_t *start, const uint8_t *p, const uint8_t *end)
{
	struct ip_at at = {.offset = (uint32_t)(p - start)};

	if (type == TYPE_IP && end - p >= IPV4_HEADER && p[0] >> 4 == 4 && (p[0] & 15) >= 5)
		at.version = 4;
	else if (type == TYPE_IP6 && p < end && p[0] >> 4 == 6)
		at.version = 6;
	return at;
}

static struct ip_at ethernet(struct decode *d, const uint8_t *start, uint32_t len)
{
	const uint8_t *p = start, *end = start + len;
	unsigned depth = 0;
	uint32_t type;

	if (len < ETHERNET_HEADER)
		return (struct ip_at){0};
	LINE_MAC(d, "dstMAC", p);
	LINE_MAC(d, "srcMAC", p + 6);
	memcpy(d->row.dst_mac, p, 6);
	memcpy(d->row.src_mac, p + 6, 6);
	type = base_get_u16(p + 12);
	p += ETHERNET_HEADER;
	for (; sflow_is_vlan_tag(type); depth++, p += 4) {
		if (end - p < 4)
			return (struct ip_at){0};
		line_vlan(d, depth, base_get_u16(p));
		type = base_get_u16(p + 2);
	}
	if (len < IPV4_HEADER || is_ipx(type, p, end))
		return (struct ip_at){0};
	if (type <= LENGTH_MAX) {
		type = llc(d, &p, end);
		if (!type)
			return (struct ip_at){0};
		type &= 0xFFFF;
	}
	d->row.ether_type = type;
	LINE_U32(d, "ethernet_type", type);
	return find_ip(type, start, p, end);
}

/* IEEE 802.11, 9.3.2.1: what the addresses are is said by ToDS and FromDS. */
static void wifi(struct decode *d, const uint8_t *p, uint32_t len)
{
	const uint8_t *first = p + 4, *second = p + 10, *third = p + 16, *fourth = p + 24;
	bool data = len >= WIFI_HEADER && (p[0] >> 2 & 3) == 2, to, from;
	const uint8_t *src, *dst;

	if (!data)
		return;
	to = p[1] & 1;
	from = p[1] & 2;
	dst = to ? third : first;
	src = !from ? second : to ? fourth : third;
	if (src != fourth || len >= WIFI_HEADER + 6) {
		LINE_MAC(d, "srcMAC", src);
		memcpy(d->row.src_mac, src, 6);
	}
	LINE_MAC(d, "dstMAC", dst);
	memcpy(d->row.dst_mac, dst, 6);
	LINE_MAC(d, "txMAC", second);
	LINE_MAC(d, "rxMAC", first);
}

/* ---- IP ---- */

static void transport(struct decode *d, const uint8_t *p, const uint8_t *end)
{
	if (end - p < 8)
		return;
	switch (d->row.protocol) {
	case ICMP:
		LINE_U32(d, "ICMPType", p[0]);
		LINE_U32(d, "ICMPCode", p[1]);
		d->row.src_port = p[0];
		d->row.dst_port = p[1];
		break;
	case TCP:
		d->row.src_port = base_get_u16(p);
		d->row.dst_port = base_get_u16(p + 2);
		LINE_U32(d, "TCPSrcPort", d->row.src_port);
		LINE_U32(d, "TCPDstPort", d->row.dst_port);
		if (end - p < 14)
			break;
		d->row.tcp_flags = p[13];
		LINE_U32(d, "TCPFlags", p[13]);
		break;
	case UDP:
		d->row.src_port = base_get_u16(p);
		d->row.dst_port = base_get_u16(p + 2);
		LINE_U32(d, "UDPSrcPort", d->row.src_port);
		LINE_U32(d, "UDPDstPort", d->row.dst_port);
		LINE_U32(d, "UDPBytes", base_get_u16(p + 4));
		break;
	default:
		break;
	}
}

static void ipv4(struct decode *d, const uint8_t *p, const uint8_t *end)
{
	struct decode_row *row = &d->row;
	uint32_t fragment, len;

	if (end - p < IPV4_HEADER)
		return;
	row->src = base_addr_from(p + 12, 4);
	row->dst = base_addr_from(p + 16, 4);
	row->protocol = p[9];
	row->tos = p[1];
	row->ttl = p[8];
	LINE_U32(d, "ip.tot_len", base_get_u16(p + 2));
	LINE_IPV4(d, "srcIP", p + 12);
	LINE_IPV4(d, "dstIP", p + 16);
	LINE_U32(d, "IPProtocol", p[9]);
	LINE_U32(d, "IPTOS", p[1]);
	LINE_U32(d, "IPTTL", p[8]);
	LINE_U32(d, "IPID", base_get_u16(p + 4));
	fragment = base_get_u16(p + 6) & 0x1FFF;
	len = (p[0] & 15u) * 4;
	if (fragment)
		LINE_U32(d, "IPFragmentOffset", fragment);
	else if (end - p >= (long)len)
		transport(d, p + len, end);
}

static bool is_extension(uint32_t type)
{
	return type == 0 || type == 43 || type == 44 || type == 51 || type == 60;
}

/*
 * RFC 8200, section 4; RFC 4302, section 2.2. Behind a fragment header of another than the first
 * fragment there is no transport header.
 */
static void extensions(struct decode *d, uint32_t next, const uint8_t *p, const uint8_t *end)
{
	enum { FRAGMENT = 44, AUTHENTICATION = 51 };
	bool later = false;

	while (is_extension(next)) {
		uint32_t type = next;

		LINE_U32(d, "IP6HeaderExtension", type);
		if (end - p < 2)
			return;
		if (type == FRAGMENT && end - p >= 4 && base_get_u16(p + 2) >> 3)
			later = true;
		next = p[0];
		if (type == FRAGMENT)
			p += 8;
		else if (type == AUTHENTICATION)
			p += (p[1] + 2) * 4;
		else
			p += (p[1] + 1) * 8;
		if (p > end)
			return;
	}
	d->row.protocol = next;
	LINE_U32(d, "IPProtocol", next);
	if (!later)
		transport(d, p, end);
}

/* RFC 8200, section 3. */
static void ipv6(struct decode *d, const uint8_t *p, const uint8_t *end)
{
	struct decode_row *row = &d->row;
	uint32_t payload;

	if (end - p < IPV6_HEADER)
		return;
	if (p[0] >> 4 != 6) {
		if (!d->lines)
			return;
		line_start(d);
		OUT(&d->out, "header decode error: unexpected IP version: ");
		out_u32(&d->out, p[0] >> 4);
		line_end(d);
		return;
	}
	row->tos = base_get_u16(p) >> 4 & 0xFF;
	row->ttl = p[7];
	row->src = base_addr_from(p + 8, 16);
	row->dst = base_addr_from(p + 24, 16);
	LINE_U32(d, "IPTOS", row->tos);
	if (d->lines) {
		line_name(d, "IP6_label", 9);
		out_printf(&d->out, "0x%x", base_get_u32(p) & 0xFFFFF);
		line_end(d);
	}
	payload = base_get_u16(p + 4);
	if (payload)
		LINE_U32(d, "IPV6_payloadLen", payload);
	else if (d->lines)
		LINE_NAMED(d, "IPV6_payloadLen", "<jumbo>");
	LINE_U32(d, "IPTTL", p[7]);
	LINE_IPV6(d, "srcIP6", p + 8);
	LINE_IPV6(d, "dstIP6", p + 24);
	extensions(d, p[6], p + IPV6_HEADER, end);
}

static void no_decode(struct decode *d, uint32_t protocol)
{
	if (!d->lines)
		return;
	line_start(d);
	if (protocol >= 1 && protocol <= 18)
		OUT(&d->out, "NO_DECODE headerProtocol=");
	else
		OUT(&d->out, "UNKNOWN headerProtocol=");
	out_i64(&d->out, (int32_t)protocol);
	line_end(d);
}

static struct ip_at link_layer(struct decode *d, const struct sflow_header *h)
{
	enum { ETHERNET = 1, IPV4 = 11, IPV6 = 12, WIFI = 15 };

	switch (h->protocol) {
	case ETHERNET:
		return ethernet(d, h->data, h->len);
	case IPV4:
		return (struct ip_at){.version = 4};
	case IPV6:
		return (struct ip_at){.version = 6};
	case WIFI:
		wifi(d, h->data, h->len);
		break;
	default:
		no_decode(d, h->protocol);
		break;
	}
	return (struct ip_at){0};
}

/* What of the header's fixed part there is, where it is cut. */
static void cut_words(struct decode *d, const uint8_t *body, uint32_t len)
{
	if (len >= 4)
		LINE_U32(d, "headerProtocol", base_get_u32(body));
	if (len >= 8) {
		d->row.length = base_get_u32(body + 4);
		LINE_U32(d, "sampledPacketSize", d->row.length);
	}
	if (len >= 12) {
		d->row.stripped = base_get_u32(body + 8);
		LINE_U32(d, "strippedBytes", d->row.stripped);
	}
}

static void line_ip_size(struct decode *d, uint32_t size)
{
	if (!d->lines)
		return;
	line_name(d, "IPSize", 6);
	out_i64(&d->out, (int32_t)size);
	line_end(d);
}

void line_sampled_header(struct decode *d, const uint8_t *body, uint32_t len)
{
	struct sflow_header h;
	const uint8_t *end;
	struct ip_at ip;

	if (!sflow_header_read(&h, body, len)) {
		cut_words(d, body, len);
		return;
	}
	d->row.length = h.frame_length;
	d->row.stripped = sflow_header_stripped(&h);
	d->row.ip_offset = 0;
	LINE_U32(d, "headerProtocol", h.protocol);
	LINE_U32(d, "sampledPacketSize", h.frame_length);
	LINE_U32(d, "strippedBytes", h.stripped);
	LINE_U32(d, "headerLen", h.declared);
	line_header_bytes(d, "headerBytes", h.data, h.len);
	end = h.data + h.len;
	ip = link_layer(d, &h);
	if (!ip.version)
		return;
	line_ip_size(d, h.frame_length - d->row.stripped - ip.offset);
	if (ip.version == 4) {
		d->row.ip_offset = ip.offset;
		ipv4(d, h.data + ip.offset, end);
	} else {
		ipv6(d, h.data + ip.offset, end);
	}
}
