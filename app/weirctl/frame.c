/* SPDX-License-Identifier: BSD-3-Clause */
#include "frame.h"

#include <pcap/dlt.h>
#include <string.h>

#include "packet/packet.h"

enum { UDP_HEADER = 8, TYPE_IP = 0x0800, TYPE_IP6 = 0x86DD };

/* Where the first packet starts in a frame, and what it is (enum packet_protocol; 0: none). */
struct start {
	uint32_t at;
	uint32_t protocol;
};

/* The first four bits of an IP packet are its version. */
static struct start raw_ip(const uint8_t *p, uint32_t len, uint32_t at)
{
	unsigned version = at < len ? p[at] >> 4 : 0;

	return (struct start){at, version == 4   ? PACKET_PROTOCOL_IPV4
				  : version == 6 ? PACKET_PROTOCOL_IPV6
						 : 0};
}

/* Linux cooked captures: the protocol is an EtherType; a VLAN tag may follow. */
static struct start cooked(const uint8_t *p, uint32_t len, uint32_t type_at, uint32_t at)
{
	uint16_t type;

	if (len < at || len < type_at + 2)
		return (struct start){0};
	type = base_get_u16(p + type_at);
	while (type != TYPE_IP && type != TYPE_IP6) {
		if ((type != 0x8100 && type != 0x88A8) || len < at + 4)
			return (struct start){0};
		type = base_get_u16(p + at + 2);
		at += 4;
	}
	return raw_ip(p, len, at);
}

/* Radiotap: a version of 0, and its length at byte 2, little-endian. */
static struct start radio(const uint8_t *p, uint32_t len)
{
	uint32_t at = len >= 4 ? (uint32_t)p[3] << 8 | p[2] : 0;

	return at < 4 || at > len || p[0] != 0 ? (struct start){0}
					       : (struct start){at, PACKET_PROTOCOL_DOT11};
}

static struct start start_of(int link, const uint8_t *p, uint32_t len)
{
	switch (link) {
	case DLT_EN10MB:
		return (struct start){0, PACKET_PROTOCOL_ETHERNET};
	case DLT_PPP:
		return (struct start){0, PACKET_PROTOCOL_PPP};
	case DLT_PPP_SERIAL:
	case DLT_C_HDLC:
		return (struct start){0, PACKET_PROTOCOL_POS};
	case DLT_IEEE802_11:
		return (struct start){0, PACKET_PROTOCOL_DOT11};
	case DLT_IEEE802_11_RADIO:
		return radio(p, len);
	case DLT_LINUX_SLL:
		return cooked(p, len, 14, 16);
	case DLT_LINUX_SLL2:
		return cooked(p, len, 0, 20);
	case DLT_NULL:
	case DLT_LOOP:
		return raw_ip(p, len, 4);
	default:
		return raw_ip(p, len, 0);
	}
}

bool frame_link_known(int link)
{
	switch (link) {
	case DLT_EN10MB:
	case DLT_PPP:
	case DLT_PPP_SERIAL:
	case DLT_C_HDLC:
	case DLT_IEEE802_11:
	case DLT_IEEE802_11_RADIO:
	case DLT_LINUX_SLL:
	case DLT_LINUX_SLL2:
	case DLT_NULL:
	case DLT_LOOP:
	case DLT_RAW:
	case DLT_IPV4:
	case DLT_IPV6:
		return true;
	default:
		return false;
	}
}

/* The address that the packet came from, as its IP header says. */
static struct base_addr source_of(const struct packet *p)
{
	if (p->count[PACKET_IP])
		return base_addr_from(p->data + p->at[PACKET_IP][0] + 12, 4);
	return base_addr_from(p->data + p->at[PACKET_IP6][0] + 8, 16);
}

/* `captured`: bytes captured of the packet, which may be more than p->len can say. */
static bool find_datagram(const struct packet *p, uint32_t captured, struct frame_content *content,
	struct decode_datagram *g)
{
	uint32_t udp, left, len;

	if (p->count[PACKET_UDP] == 0 || p->count[PACKET_IP] + p->count[PACKET_IP6] == 0)
		return false;
	udp = p->at[PACKET_UDP][0];
	left = captured - udp;
	if (left < UDP_HEADER)
		return false;
	/* As the collector: RFC 768, the length counts; 0 is "to the end" (RFC 2675, 4). */
	len = base_get_u16(p->data + udp + 4);
	if (len == 0 || len > left)
		len = left;
	if (len < UDP_HEADER)
		return false;
	g->payload = p->data + udp + UDP_HEADER;
	g->len = len - UDP_HEADER;
	g->source = source_of(p);
	g->source_port = base_get_u16(p->data + udp);
	content->destination_port = base_get_u16(p->data + udp + 2);
	return true;
}

/* Whether a field of the outermost IPv6 header is there, and not 0. */
static bool ip6_field(const struct packet *p, const char *name)
{
	const struct packet_field *f = packet_fields;
	struct packet_value v;

	while (strcmp(f->name, name) != 0)
		f++;
	if (!packet_field_get(p, f, 0, &v))
		return false;
	for (unsigned i = 0; i < v.len; i++) {
		if (v.p[i])
			return true;
	}
	return false;
}

/* RFC 6946: with neither offset nor more to come, an IPv6 fragment is a whole packet. */
static bool is_fragment(const struct packet *p)
{
	uint32_t at;

	if (p->count[PACKET_IP]) {
		at = p->at[PACKET_IP][0];
		return at + 8 <= p->len && (base_get_u16(p->data + at + 6) & 0x3FFF) != 0;
	}
	if (p->count[PACKET_IP6] == 0)
		return false;
	at = p->at[PACKET_IP6][0] + 6;
	if (at >= p->len || (p->ip6_next_known[0] && p->ip6_next[0] == p->data[at]))
		return false; /* no extension headers */
	return ip6_field(p, "ip6fragoffset") || ip6_field(p, "ip6fragm");
}

struct frame_content frame_datagram(
	int link, const uint8_t *frame, uint32_t captured, struct decode_datagram *g)
{
	struct start start = start_of(link, frame, captured);
	struct frame_content content = {0};
	struct packet p;

	if (start.protocol == 0)
		return content;
	captured -= start.at;
	packet_decode(&p, frame + start.at, captured, start.protocol, 0);
	content.datagram = find_datagram(&p, captured, &content, g);
	content.fragment = is_fragment(&p);
	return content;
}
