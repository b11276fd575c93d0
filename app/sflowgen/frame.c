/* SPDX-License-Identifier: BSD-3-Clause */
#include "frame.h"

#include <string.h>

#include "base/cursor.h"
#include "encode.h"

enum {
	ETHERNET = 14,
	UDP = 8,
	FRAGMENT = 8,
	FRAME_MIN = 60,
	PROTOCOL_UDP = 17,
	NEXT_FRAGMENT = 44
};

/* The piece of a UDP datagram, header included, that one frame carries. */
struct piece {
	uint32_t at, len;
	bool more, whole; /* others follow; it is all */
};

static bool is_ipv6(const struct gen_frame_settings *s)
{
	return s->dst_ip.family == 6;
}

static uint32_t ip_header(const struct gen_frame_settings *s)
{
	return is_ipv6(s) ? 40 : 20;
}

static bool fits(const struct gen_frame_settings *s, uint32_t udp_len)
{
	return s->mtu == 0 || ip_header(s) + udp_len <= s->mtu;
}

/* Offsets of fragments are in units of 8 bytes (RFC 791, RFC 8200 section 4.5). */
static uint32_t fragment_room(const struct gen_frame_settings *s)
{
	return (s->mtu - ip_header(s) - (is_ipv6(s) ? FRAGMENT : 0)) & ~7u;
}

uint32_t gen_frame_count(const struct gen_frame_settings *s, uint32_t payload_len)
{
	uint32_t len = UDP + payload_len, room;

	if (fits(s, len))
		return 1;
	room = fragment_room(s);
	return (len + room - 1) / room;
}

static struct piece cut(const struct gen_frame_settings *s, uint32_t udp_len, uint32_t i)
{
	struct piece p = {.len = udp_len, .whole = fits(s, udp_len)};
	uint32_t room;

	if (p.whole)
		return p;
	room = fragment_room(s);
	p.at = i * room;
	p.more = udp_len - p.at > room;
	p.len = p.more ? room : udp_len - p.at;
	return p;
}

struct base_addr gen_frame_source(const struct gen_frame_settings *s, uint32_t agent)
{
	struct base_addr a = s->src_ip;
	uint8_t *low = a.bytes + (a.family == 6 ? 12 : 0);

	base_put_u32(low, base_get_u32(low) + agent);
	return a;
}

/* RFC 768; the pseudo header of RFC 8200 section 8.1 gives the same sum for IPv4. */
static void write_udp(const struct gen_frame_settings *s, const struct gen_datagram *dg,
	const struct base_addr *source, uint8_t *out)
{
	uint32_t len = UDP + dg->len, address = (uint32_t)base_addr_len(source);
	uint64_t sum = PROTOCOL_UDP + len;
	uint16_t checksum;

	base_put_u16(out, (uint16_t)(32768 + dg->agent % 16384));
	base_put_u16(out + 2, s->port);
	base_put_u16(out + 4, (uint16_t)len);
	base_put_u16(out + 6, 0);
	sum = gen_checksum_add(sum, source->bytes, address);
	sum = gen_checksum_add(sum, s->dst_ip.bytes, address);
	sum = gen_checksum_add(sum, out, UDP);
	checksum = gen_checksum(gen_checksum_add(sum, dg->payload, dg->len));
	base_put_u16(out + 6, checksum ? checksum : UINT16_MAX);
}

/* Copy a piece of the UDP datagram; its header is wholly in the first. */
static void write_piece(const struct gen_frame_settings *s, const struct gen_datagram *dg,
	const struct base_addr *source, const struct piece *p, uint8_t *out)
{
	if (p->at == 0) {
		write_udp(s, dg, source, out);
		memcpy(out + UDP, dg->payload, p->len - UDP);
	} else {
		memcpy(out, dg->payload + p->at - UDP, p->len);
	}
}

static uint8_t *write_ipv4(const struct gen_frame_settings *s, const struct gen_datagram *dg,
	const struct base_addr *source, const struct piece *p, uint8_t *out)
{
	memset(out, 0, 20);
	out[0] = 0x45;
	base_put_u16(out + 2, (uint16_t)(20 + p->len));
	base_put_u16(out + 4, (uint16_t)dg->id);
	base_put_u16(out + 6, (uint16_t)(p->at / 8 | (p->more ? 0x2000 : 0)));
	out[8] = 64;
	out[9] = PROTOCOL_UDP;
	memcpy(out + 12, source->bytes, 4);
	memcpy(out + 16, s->dst_ip.bytes, 4);
	base_put_u16(out + 10, gen_checksum(gen_checksum_add(0, out, 20)));
	return out + 20;
}

static uint8_t *write_ipv6(const struct gen_frame_settings *s, const struct gen_datagram *dg,
	const struct base_addr *source, const struct piece *p, uint8_t *out)
{
	uint32_t extension = p->whole ? 0 : FRAGMENT;

	memset(out, 0, 40 + FRAGMENT);
	out[0] = 0x60;
	base_put_u16(out + 4, (uint16_t)(p->len + extension));
	out[6] = p->whole ? PROTOCOL_UDP : NEXT_FRAGMENT;
	out[7] = 64;
	memcpy(out + 8, source->bytes, 16);
	memcpy(out + 24, s->dst_ip.bytes, 16);
	if (p->whole)
		return out + 40;
	out[40] = PROTOCOL_UDP;
	base_put_u16(out + 42, (uint16_t)(p->at | p->more)); /* p->at is a multiple of 8 */
	base_put_u32(out + 44, dg->id);
	return out + 40 + FRAGMENT;
}

uint32_t gen_frame_write(
	const struct gen_frame_settings *s, const struct gen_datagram *dg, uint32_t i, uint8_t *out)
{
	struct base_addr source = gen_frame_source(s, dg->agent);
	struct piece p = cut(s, UDP + dg->len, i);
	uint8_t *end = out + ETHERNET;
	uint32_t len;

	memcpy(out, s->dst_mac, 6);
	memcpy(out + 6, s->src_mac, 6);
	base_put_u16(out + 12, is_ipv6(s) ? 0x86DD : 0x0800);
	end = is_ipv6(s) ? write_ipv6(s, dg, &source, &p, end)
			 : write_ipv4(s, dg, &source, &p, end);
	write_piece(s, dg, &source, &p, end);
	len = (uint32_t)(end - out) + p.len;
	if (len < FRAME_MIN) {
		memset(out + len, 0, FRAME_MIN - len);
		len = FRAME_MIN;
	}
	return len;
}
