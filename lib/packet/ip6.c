/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet/packet_pvt.h"

enum { HEADER = 40 };

/* Next header values of extension headers (IANA registry). ESP hides what follows: no chain. */
enum {
	HOP_BY_HOP = 0,
	ROUTING = 43,
	FRAGMENT = 44,
	AUTHENTICATION = 51,
	DESTINATION = 60,
	MOBILITY = 135,
	HIP = 139,
	SHIM6 = 140,
};

static inline bool is_extension(uint8_t type)
{
	switch (type) {
	case HOP_BY_HOP:
	case ROUTING:
	case FRAGMENT:
	case AUTHENTICATION:
	case DESTINATION:
	case MOBILITY:
	case HIP:
	case SHIM6:
		return true;
	default:
		return false;
	}
}

/* A place in the chain of extension headers. */
struct chain {
	const struct packet *p;
	uint32_t at;  /* where the header starts */
	uint8_t type; /* what it is; the upper-layer protocol at the end of the chain */
	uint8_t n;    /* extension headers before it */
};

/* What follows the IPv6 header that starts at `at`. False: cut before the next header field. */
static bool chain_start(struct chain *c, const struct packet *p, uint32_t at)
{
	if (at + 7 > p->len)
		return false;
	*c = (struct chain){.p = p, .at = at + HEADER, .type = p->data[at + 6]};
	return true;
}

/*
 * RFC 8200, section 4: next header, then the length in units of 8 bytes without the first;
 * RFC 4302, section 2.2: in units of 4 bytes minus 2. Fragment headers have no length.
 */
static bool chain_next(struct chain *c)
{
	const uint8_t *h = c->p->data + c->at;
	uint32_t left = c->at < c->p->len ? c->p->len - c->at : 0;
	uint8_t type = c->type;

	if (left == 0 || !is_extension(type) || c->n == PACKET_EXTENSIONS)
		return false;
	c->type = h[0];
	c->n++;
	if (type == FRAGMENT)
		c->at += 8;
	else if (left < 2)
		c->at = c->p->len;
	else if (type == AUTHENTICATION)
		c->at += (h[1] + 2) * 4;
	else
		c->at += (h[1] + 1) * 8;
	return true;
}

/* Whether this is a fragment header, and not of the first fragment. */
static bool chain_later_fragment(const struct chain *c)
{
	return c->type == FRAGMENT && c->at + 4 <= c->p->len &&
	       base_get_u16(c->p->data + c->at + 2) >> 3 != 0;
}

/* To the end of the chain. Behind the fragment header of a later fragment there is data. */
static bool chain_end(struct chain *c, struct packet_upper *upper)
{
	bool later = false;

	while (!later) {
		later = chain_later_fragment(c);
		if (!chain_next(c))
			break;
	}
	*upper = (struct packet_upper){.at = c->at, .protocol = c->type, .first = !later};
	return !is_extension(c->type);
}

bool packet_ip6_upper(const struct packet *p, uint32_t at, struct packet_upper *upper)
{
	struct chain c;

	return chain_start(&c, p, at) && chain_end(&c, upper);
}

static uint32_t extensions(struct packet_walk *w, unsigned instance, struct chain *c)
{
	struct packet *p = w->p;
	struct packet_upper upper;

	p->ip6_next_known[instance] = chain_end(c, &upper);
	p->ip6_next[instance] = upper.protocol;
	w->at = upper.at;
	if (!upper.first || !p->ip6_next_known[instance])
		return PACKET_NEXT_NONE;
	return packet_transport_step(w, upper.protocol);
}

/* RFC 8200, section 3. */
uint32_t packet_ip6_step(struct packet_walk *w)
{
	struct packet *p = w->p;
	unsigned n = p->count[PACKET_IP6];
	struct chain c;

	if (!packet_has(w, 1) || packet_here(w)[0] >> 4 != 6 || !packet_push(w, PACKET_IP6))
		return PACKET_NEXT_NONE;
	p->ip6_next_known[n] = false;
	if (!chain_start(&c, p, w->at))
		return PACKET_NEXT_NONE;
	if (is_extension(c.type))
		return extensions(w, n, &c);
	p->ip6_next_known[n] = true;
	p->ip6_next[n] = c.type;
	w->at = c.at;
	return packet_transport_step(w, c.type);
}

/* The traffic class lies across the first two bytes; -1 where it is cut off. */
static int traffic_class(const struct packet *p, unsigned instance)
{
	const uint8_t *h = packet_bytes(p, PACKET_IP6, instance, 0, 2);

	return h ? base_get_u16(h) >> 4 & 0xFF : -1;
}

bool packet_ip6_tos(const struct packet *p, unsigned instance, struct packet_value *v)
{
	int tc = traffic_class(p, instance);

	return tc >= 0 && packet_put(v, (uint32_t)tc, 1);
}

bool packet_ip6_dscp(const struct packet *p, unsigned instance, struct packet_value *v)
{
	int tc = traffic_class(p, instance);

	return tc >= 0 && packet_put(v, (uint32_t)tc >> 2, 1);
}

bool packet_ip6_dscp_name(const struct packet *p, unsigned instance, struct packet_value *v)
{
	int tc = traffic_class(p, instance);

	return tc >= 0 && packet_dscp_name(v, (unsigned)tc >> 2);
}

bool packet_ip6_next_header(const struct packet *p, unsigned instance, struct packet_value *v)
{
	return p->ip6_next_known[instance] && packet_put(v, p->ip6_next[instance], 1);
}

/* `0-43-44`; absent where there are none, or the cut hides how many there are. */
bool packet_ip6_extensions(const struct packet *p, unsigned instance, struct packet_value *v)
{
	struct chain c;
	size_t len = 0;

	if (!p->ip6_next_known[instance] || !chain_start(&c, p, p->at[PACKET_IP6][instance]))
		return false;
	while (is_extension(c.type)) {
		bool later = chain_later_fragment(&c);

		if (len > 0)
			v->own[len++] = '-';
		len = packet_decimal(v->own, len, c.type);
		if (later || !chain_next(&c))
			break;
	}
	return len > 0 && packet_point(v, v->own, (unsigned)len);
}

/* RFC 8200, section 4.5: the word of offset (13 bits), reserved (2) and M flag (1). */
static const uint8_t *fragment(const struct packet *p, unsigned instance)
{
	struct chain c;

	if (!chain_start(&c, p, p->at[PACKET_IP6][instance]))
		return NULL;
	while (c.type != FRAGMENT)
		if (!chain_next(&c))
			return NULL;
	return c.n < PACKET_EXTENSIONS && c.at + 4 <= p->len ? p->data + c.at + 2 : NULL;
}

bool packet_ip6_frag_offset(const struct packet *p, unsigned instance, struct packet_value *v)
{
	const uint8_t *word = fragment(p, instance);

	return word && packet_put(v, base_get_u16(word) >> 3, 2);
}

bool packet_ip6_frag_more(const struct packet *p, unsigned instance, struct packet_value *v)
{
	const uint8_t *word = fragment(p, instance);

	return word && packet_put(v, word[1] & 1, 1);
}

/*
 * draft-cc-v6ops-wlcg-flow-label-marking, section 4: of the 20 bits of the flow label, from the
 * highest, 2 are random, then there are 9 of the community (lowest first), 1 random, 6 of the
 * activity, 2 random. Community 0 is none; nothing tells marked packets from others.
 */
bool packet_ip6_scitag(const struct packet *p, unsigned instance, struct packet_value *v)
{
	const uint8_t *h = packet_bytes(p, PACKET_IP6, instance, 0, 4);
	uint32_t label = h ? base_get_u32(h) & 0xFFFFF : 0;
	unsigned community = 0;
	size_t len;

	for (unsigned bit = 9; bit < 18; bit++)
		community = community << 1 | (label >> bit & 1);
	if (community == 0)
		return false;
	len = packet_decimal(v->own, 0, community);
	v->own[len++] = '.';
	len = packet_decimal(v->own, len, label >> 2 & 63);
	return packet_point(v, v->own, (unsigned)len);
}
