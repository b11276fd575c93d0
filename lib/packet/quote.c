/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet/packet_pvt.h"

/*
 * The packet that an ICMP error quotes, behind 8 bytes of ICMP. It is no layer of its own: it went
 * the other way, and is not what was sampled.
 */
enum { QUOTE = 8 };

enum {
	IP_HEADER = 20,
	IP_PROTOCOL = 9,
	IP_SOURCE = 12,
	IP_DESTINATION = 16,
	IP6_SOURCE = 8,
	IP6_DESTINATION = 24,
	SOURCE_PORT = 0,
	DESTINATION_PORT = 2,
};

static bool has_ports(uint8_t protocol)
{
	return protocol == PACKET_PROTO_TCP || protocol == PACKET_PROTO_UDP ||
	       protocol == PACKET_PROTO_SCTP;
}

/*
 * Bytes of the IPv4 header quoted by destination unreachable, source quench, redirect, time
 * exceeded and parameter problem (RFC 792). NULL where there is none or it is cut off.
 */
static const uint8_t *quote(
	const struct packet *p, unsigned instance, unsigned offset, unsigned width)
{
	const uint32_t errors = 1 << 3 | 1 << 4 | 1 << 5 | 1 << 11 | 1 << 12;
	const uint8_t *h = packet_bytes(p, PACKET_ICMP, instance, 0, QUOTE + 1);

	if (!h || h[0] > 31 || !(errors >> h[0] & 1) || h[QUOTE] >> 4 != 4)
		return NULL;
	return packet_bytes(p, PACKET_ICMP, instance, QUOTE + offset, width);
}

bool packet_quote_source(const struct packet *p, unsigned instance, struct packet_value *v)
{
	return packet_point(v, quote(p, instance, IP_SOURCE, 4), 4);
}

bool packet_quote_destination(const struct packet *p, unsigned instance, struct packet_value *v)
{
	return packet_point(v, quote(p, instance, IP_DESTINATION, 4), 4);
}

bool packet_quote_protocol(const struct packet *p, unsigned instance, struct packet_value *v)
{
	return packet_point(v, quote(p, instance, IP_PROTOCOL, 1), 1);
}

/* Only the first fragment has ports. */
static bool quote_port(
	const struct packet *p, unsigned instance, struct packet_value *v, unsigned offset)
{
	const uint8_t *h = quote(p, instance, 0, IP_PROTOCOL + 1);
	unsigned len = h ? (h[0] & 15) * 4u : 0;

	if (len < IP_HEADER || base_get_u16(h + 6) & 0x1FFF || !has_ports(h[IP_PROTOCOL]))
		return false;
	return packet_point(v, quote(p, instance, len + offset, 2), 2);
}

bool packet_quote_source_port(const struct packet *p, unsigned instance, struct packet_value *v)
{
	return quote_port(p, instance, v, SOURCE_PORT);
}

bool packet_quote_destination_port(
	const struct packet *p, unsigned instance, struct packet_value *v)
{
	return quote_port(p, instance, v, DESTINATION_PORT);
}

/* ICMPv6: types below 128 are errors, of which 1 to 4 are defined (RFC 4443, section 2.1). */
static const uint8_t *quote6(
	const struct packet *p, unsigned instance, unsigned offset, unsigned width)
{
	const uint8_t *h = packet_bytes(p, PACKET_ICMP6, instance, 0, QUOTE + 1);

	if (!h || h[0] < 1 || h[0] > 4 || h[QUOTE] >> 4 != 6)
		return NULL;
	return packet_bytes(p, PACKET_ICMP6, instance, QUOTE + offset, width);
}

bool packet_quote6_source(const struct packet *p, unsigned instance, struct packet_value *v)
{
	return packet_point(v, quote6(p, instance, IP6_SOURCE, 16), 16);
}

bool packet_quote6_destination(const struct packet *p, unsigned instance, struct packet_value *v)
{
	return packet_point(v, quote6(p, instance, IP6_DESTINATION, 16), 16);
}

static bool quote6_upper(const struct packet *p, unsigned instance, struct packet_upper *upper)
{
	return quote6(p, instance, 0, 1) &&
	       packet_ip6_upper(p, p->at[PACKET_ICMP6][instance] + QUOTE, upper);
}

bool packet_quote6_protocol(const struct packet *p, unsigned instance, struct packet_value *v)
{
	struct packet_upper upper;

	return quote6_upper(p, instance, &upper) && packet_put(v, upper.protocol, 1);
}

static bool quote6_port(
	const struct packet *p, unsigned instance, struct packet_value *v, unsigned offset)
{
	struct packet_upper upper;

	if (!quote6_upper(p, instance, &upper) || !upper.first || !has_ports(upper.protocol) ||
		upper.at + offset + 2 > p->len)
		return false;
	return packet_point(v, p->data + upper.at + offset, 2);
}

bool packet_quote6_source_port(const struct packet *p, unsigned instance, struct packet_value *v)
{
	return quote6_port(p, instance, v, SOURCE_PORT);
}

bool packet_quote6_destination_port(
	const struct packet *p, unsigned instance, struct packet_value *v)
{
	return quote6_port(p, instance, v, DESTINATION_PORT);
}
