/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "base/cursor.h"
#include "encode.h"

enum { IP_TCP = 6, IP_UDP = 17, VXLAN_PORT = 4789 };

/* A packet that is written from the outermost header inwards. */
struct writer {
	uint8_t *p;
	uint32_t left; /* bytes of the packet from p to its end, without FCS */
	struct gen_rng *rng;
};

static uint8_t *put(struct writer *w, uint32_t len)
{
	uint8_t *p = w->p;

	memset(p, 0, len);
	w->p += len;
	w->left -= len;
	return p;
}

static uint8_t *write_ethernet(struct writer *w, uint16_t type)
{
	uint8_t *p = put(w, 14);

	base_put_u16(p + 12, type);
	return p;
}

/* RFC 791. The checksum is right; identification is random. */
static uint8_t *write_ipv4(struct writer *w, uint8_t protocol)
{
	uint32_t len = w->left;
	uint8_t *p = put(w, 20);

	p[0] = 0x45;
	base_put_u16(p + 2, (uint16_t)len);
	base_put_u16(p + 4, (uint16_t)gen_rng_next(w->rng));
	p[6] = 0x40; /* do not fragment */
	p[8] = 63;
	p[9] = protocol;
	return p;
}

static void finish_ipv4(uint8_t *p)
{
	base_put_u16(p + 10, gen_checksum(gen_checksum_add(0, p, 20)));
}

static uint8_t *write_ipv6(struct writer *w, uint8_t next)
{
	uint8_t *p;

	p = put(w, 40);
	p[0] = 0x60;
	base_put_u16(p + 4, (uint16_t)w->left);
	p[6] = next;
	p[7] = 63;
	return p;
}

static void write_tcp(struct writer *w, const struct gen_flow *f)
{
	uint64_t numbers = gen_rng_next(w->rng);
	uint8_t *p = put(w, 20);

	base_put_u16(p, f->sport);
	base_put_u16(p + 2, f->dport);
	base_put_u64(p + 4, numbers);
	p[12] = 0x50;
	p[13] = w->left > 100 ? 0x18 : 0x10; /* PSH and ACK, or ACK */
	base_put_u16(p + 14, 502);
}

static void write_udp(struct writer *w, uint16_t sport, uint16_t dport)
{
	uint32_t len = w->left;
	uint8_t *p = put(w, 8);

	base_put_u16(p, sport);
	base_put_u16(p + 2, dport);
	base_put_u16(p + 4, (uint16_t)len);
}

/*
 * TCP or UDP with its checksum. The payload is zeros, of which only the length counts, so that the
 * checksum is right for all of the packet and not only for what is sampled of it.
 */
static void write_transport(struct writer *w, const struct gen_flow *f, const uint8_t *addresses,
	uint32_t addresses_len)
{
	uint64_t sum = gen_checksum_add(f->protocol + w->left, addresses, addresses_len);
	uint8_t *p = w->p;
	uint16_t checksum;

	if (f->protocol == IP_TCP)
		write_tcp(w, f);
	else
		write_udp(w, f->sport, f->dport);
	checksum = gen_checksum(gen_checksum_add(sum, p, (uint32_t)(w->p - p)));
	if (f->protocol == IP_UDP && checksum == 0)
		checksum = UINT16_MAX; /* 0 says that there is none (RFC 768) */
	base_put_u16(p + (f->protocol == IP_TCP ? 16 : 6), checksum);
}

static void write_tag(struct writer *w, const struct gen_flow *f, uint8_t *ethernet)
{
	uint8_t *p;
	uint16_t type = base_get_u16(ethernet + 12);

	if (!f->tagged)
		return;
	p = put(w, 4);
	base_put_u16(ethernet + 12, 0x8100);
	base_put_u16(p, f->vlan);
	base_put_u16(p + 2, type);
}

/* RFC 7348. The outer UDP checksum is 0, as it should be. */
static void write_overlay(struct writer *w, const struct gen_flow *f)
{
	uint8_t *p;

	p = write_ethernet(w, 0x0800);
	gen_source_mac(f->dst_tunnel, p);
	gen_source_mac(f->src_tunnel, p + 6);
	write_tag(w, f, p);
	p = write_ipv4(w, IP_UDP);
	gen_tunnel_ipv4(f->src_tunnel, p + 12);
	gen_tunnel_ipv4(f->dst_tunnel, p + 16);
	finish_ipv4(p);
	write_udp(w, f->outer_port, VXLAN_PORT);
	p = put(w, 8);
	p[0] = 0x08;
	base_put_u32(p + 4, f->vni << 8);
}

uint32_t gen_packet_write(
	struct gen_model *m, const struct gen_flow *f, uint32_t frame_length, uint8_t *out)
{
	struct writer w = {.p = out, .left = frame_length - 4, .rng = &m->rng};
	uint32_t len =
		w.left < m->settings.header_bytes ? w.left : (uint32_t)m->settings.header_bytes;
	uint8_t *p;

	if (f->kind == GEN_VXLAN)
		write_overlay(&w, f);
	p = write_ethernet(&w, f->kind == GEN_IPV6 ? 0x86DD : 0x0800);
	if (f->kind == GEN_VXLAN)
		gen_endpoint_mac(f->dst, p);
	else
		gen_flow_next_mac(m, f, p);
	gen_endpoint_mac(f->src, p + 6);
	if (f->kind != GEN_VXLAN)
		write_tag(&w, f, p);
	if (f->kind == GEN_IPV6) {
		p = write_ipv6(&w, f->protocol);
		gen_endpoint_ipv6(f->src, p + 8);
		gen_endpoint_ipv6(f->dst, p + 24);
		write_transport(&w, f, p + 8, 32);
	} else {
		p = write_ipv4(&w, f->protocol);
		gen_endpoint_ipv4(f->src, p + 12);
		gen_endpoint_ipv4(f->dst, p + 16);
		finish_ipv4(p);
		write_transport(&w, f, p + 12, 8);
	}
	if (w.p < out + len)
		memset(w.p, 0, (size_t)(out + len - w.p));
	return len;
}
