/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "base/cursor.h"
#include "ingress/answer_pvt.h"
#include "ingress/ingress_pvt.h"

enum {
	ARP = 28, /* bytes for Ethernet and IPv4 */
	ARP_REQUEST = 1,
	ARP_REPLY = 2,
	ECHO_REPLY = 0,
	ECHO = 8,
	ICMP = 8,
	VLAN_MASK = 0xFFF,
	TAG = 0x8100,
};

static const uint8_t everybody[6] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};

int answer_find(const struct answer_host *h, const uint8_t *address, unsigned family)
{
	for (unsigned i = 0; i < h->count; i++)
		if (h->address[i].family == family &&
			memcmp(h->address[i].bytes, address, base_addr_len(&h->address[i])) == 0)
			return (int)i;
	return -1;
}

bool answer_station(const uint8_t *mac)
{
	static const uint8_t none[6];

	return !(mac[0] & 1) && memcmp(mac, none, 6) != 0;
}

/* RFC 1122, 3.2.1.3: what cannot be a source. The broadcasts of networks are not known here. */
bool answer_sender4(const uint8_t *ip)
{
	return ip[0] != 0 && ip[0] != 127 && ip[0] < 224;
}

uint8_t *answer_ether(
	const struct answer_host *h, struct answer_reply *r, const uint8_t *mac, uint16_t ether)
{
	uint8_t *p = r->frame;

	memcpy(p, mac, 6);
	memcpy(p + 6, h->mac, 6);
	p += 12;
	if (h->vlan) {
		base_put_u16(p, TAG);
		base_put_u16(p + 2, h->vlan);
		p += ANSWER_TAG;
	}
	base_put_u16(p, ether);
	return p + 2;
}

void answer_end(struct answer_reply *r, const uint8_t *end)
{
	r->len = (uint32_t)(end - r->frame);
	if (r->len < ANSWER_SHORTEST) {
		memset(r->frame + r->len, 0, ANSWER_SHORTEST - r->len);
		r->len = ANSWER_SHORTEST;
	}
}

/* To the header behind Ethernet. @return false where the frame is cut or of another VLAN */
static bool open_frame(const struct answer_host *h, struct answer_at *q)
{
	uint16_t vlan = 0;

	if (q->len < ANSWER_ETHER)
		return false;
	q->ether = base_get_u16(q->p + 12);
	q->at = ANSWER_ETHER;
	if (q->ether == TAG) {
		if (q->len < ANSWER_ETHER + ANSWER_TAG)
			return false;
		vlan = base_get_u16(q->p + 14) & VLAN_MASK;
		q->ether = base_get_u16(q->p + 16);
		q->at += ANSWER_TAG;
	}
	return vlan == h->vlan;
}

/* An ARP packet of ours, about `target`. */
static void make_arp(const struct answer_host *h, struct answer_reply *r, uint16_t operation,
	const uint8_t *to, const uint8_t *mine, const uint8_t *target_mac, const uint8_t *target)
{
	uint8_t *p = answer_ether(h, r, to, ANSWER_ETHER_ARP);

	memcpy(p, "\0\1\x08\0\6\4", 6);
	base_put_u16(p + 6, operation);
	memcpy(p + 8, h->mac, 6);
	memcpy(p + 14, mine, 4);
	memcpy(p + 18, target_mac, 6);
	memcpy(p + 24, target, 4);
	answer_end(r, p + ARP);
}

static enum answer arp(
	const struct answer_host *h, const struct answer_at *q, struct answer_reply *r)
{
	static const uint8_t nobody[4];
	const uint8_t *p = q->p + q->at, *mac = p + 8, *sender = p + 14, *target = p + 24;
	int mine;

	if (q->len - q->at < ARP)
		return ANSWER_DROP_LENGTH;
	if (memcmp(p, "\0\1\x08\0\6\4\0", 7) != 0 || (p[7] != ARP_REQUEST && p[7] != ARP_REPLY))
		return ANSWER_DROP_FORM;
	/* Our own, that a switch or a mirror sends back. */
	if (memcmp(mac, h->mac, 6) == 0)
		return ANSWER_NOTHING;
	if (!answer_station(mac) || !answer_station(q->p + 6))
		return ANSWER_DROP_SENDER;
	/* Whoever speaks in the name of one of our addresses (RFC 5227, 2.4). */
	mine = answer_find(h, sender, 4);
	if (mine >= 0) {
		r->address = (unsigned)mine;
		return ANSWER_CONFLICT;
	}
	mine = answer_find(h, target, 4);
	if (mine < 0 || p[7] != ARP_REQUEST)
		return ANSWER_NOTHING;
	/* 0.0.0.0 asks whether the address is free (RFC 5227, 2.1.1): it is not. */
	if (!answer_sender4(sender) && memcmp(sender, nobody, 4) != 0)
		return ANSWER_DROP_SENDER;
	r->address = (unsigned)mine;
	make_arp(h, r, ARP_REPLY, mac, target, mac, sender);
	return ANSWER_ARP;
}

/* The whole packet back, its addresses exchanged. `total` bytes with `header` of them IP. */
static enum answer echo4(const struct answer_host *h, const struct answer_at *q, uint32_t header,
	uint32_t total, struct answer_reply *r)
{
	const uint8_t *ip = q->p + q->at;
	uint32_t len = total - header;
	uint8_t *p, *icmp;

	if (len < ICMP)
		return ANSWER_DROP_LENGTH;
	if (ip[header] != ECHO)
		return ANSWER_NOTHING;
	if (ip[header + 1] != 0)
		return ANSWER_DROP_FORM;
	if (ANSWER_ETHER + ANSWER_TAG + ANSWER_IP4 + len > ANSWER_ROOM)
		return ANSWER_DROP_LENGTH;
	if (ingress_fold(ingress_sum(ip + header, len, 0)) != 0xFFFF)
		return ANSWER_DROP_CHECKSUM;
	p = answer_ether(h, r, q->p + 6, INGRESS_ETHER_IP4);
	memset(p, 0, ANSWER_IP4); /* options are not sent back */
	p[0] = 0x45;
	base_put_u16(p + 2, (uint16_t)(ANSWER_IP4 + len));
	p[8] = 64;
	p[9] = ANSWER_PROTO_ICMP;
	memcpy(p + 12, ip + 16, 4);
	memcpy(p + 16, ip + 12, 4);
	base_put_u16(p + 10, (uint16_t)~ingress_fold(ingress_sum(p, ANSWER_IP4, 0)));
	icmp = p + ANSWER_IP4;
	memcpy(icmp, ip + header, len);
	icmp[0] = ECHO_REPLY;
	base_put_u16(icmp + 2, 0);
	base_put_u16(icmp + 2, (uint16_t)~ingress_fold(ingress_sum(icmp, len, 0)));
	answer_end(r, icmp + len);
	return ANSWER_ECHO;
}

static enum answer ip4(
	const struct answer_host *h, const struct answer_at *q, struct answer_reply *r)
{
	const uint8_t *ip = q->p + q->at;
	uint32_t left = q->len - q->at, header, total;
	int mine;

	if (left < ANSWER_IP4)
		return ANSWER_DROP_LENGTH;
	mine = answer_find(h, ip + 16, 4);
	if (mine < 0 || ip[9] != ANSWER_PROTO_ICMP)
		return ANSWER_NOTHING;
	r->address = (unsigned)mine;
	header = (ip[0] & 15) * 4u;
	total = base_get_u16(ip + 2);
	if (ip[0] >> 4 != 4 || header < ANSWER_IP4 || total < header || total > left)
		return ANSWER_DROP_LENGTH;
	if (ingress_fold(ingress_sum(ip, header, 0)) != 0xFFFF)
		return ANSWER_DROP_CHECKSUM;
	if (base_get_u16(ip + 6) & 0x3FFF)
		return ANSWER_DROP_FRAGMENT;
	/* To this station alone (RFC 1122, 3.2.2.6), from one that can be. */
	if (memcmp(q->p, h->mac, 6) != 0)
		return ANSWER_DROP_FORM;
	if (!answer_station(q->p + 6) || !answer_sender4(ip + 12) ||
		answer_find(h, ip + 12, 4) >= 0)
		return ANSWER_DROP_SENDER;
	return echo4(h, q, header, total, r);
}

static enum answer ip6(
	const struct answer_host *h, const struct answer_at *q, struct answer_reply *r)
{
	const uint8_t *ip = q->p + q->at;
	uint32_t left = q->len - q->at, total;

	if (left < ANSWER_IP6)
		return ANSWER_DROP_LENGTH;
	/* Extension headers in front of ICMPv6: nobody's question. */
	if (ip[6] != ANSWER_PROTO_ICMP6)
		return ANSWER_NOTHING;
	total = base_get_u16(ip + 4);
	if (ip[0] >> 4 != 6 || total > left - ANSWER_IP6)
		return ANSWER_DROP_LENGTH;
	return answer_icmp6(h, q, ip + ANSWER_IP6, total, r);
}

enum answer answer_frame(
	const struct answer_host *h, const uint8_t *frame, uint32_t len, struct answer_reply *r)
{
	struct answer_at q = {.p = frame, .len = len};

	r->len = 0;
	r->address = 0;
	if (!open_frame(h, &q))
		return ANSWER_NOTHING;
	switch (q.ether) {
	case ANSWER_ETHER_ARP:
		return arp(h, &q, r);
	case INGRESS_ETHER_IP4:
		return ip4(h, &q, r);
	case INGRESS_ETHER_IP6:
		return ip6(h, &q, r);
	default:
		return ANSWER_NOTHING;
	}
}

static bool about_us(const struct answer_host *h, const uint8_t *a, const uint8_t *b)
{
	return answer_find(h, a, 4) >= 0 || answer_find(h, b, 4) >= 0;
}

/* Of IPv6: its target stands behind 8 bytes of ICMPv6. */
static enum answer_class class6(const struct answer_host *h, const uint8_t *ip, uint32_t left)
{
	if (left < ANSWER_IP6 + ICMP || ip[6] != ANSWER_PROTO_ICMP6)
		return ANSWER_CLASS_OTHER;
	if ((ip[40] == ANSWER_SOLICITATION || ip[40] == ANSWER_ADVERTISEMENT) &&
		left >= ANSWER_IP6 + ICMP + 16 && answer_find(h, ip + 48, 6) >= 0)
		return ANSWER_CLASS_NEIGHBOUR;
	return answer_find(h, ip + 24, 6) >= 0 ? ANSWER_CLASS_ECHO : ANSWER_CLASS_OTHER;
}

enum answer_class answer_class(const struct answer_host *h, const uint8_t *frame, uint32_t len)
{
	struct answer_at q = {.p = frame, .len = len};
	const uint8_t *p;
	uint32_t left;
	bool plain = open_frame(h, &q);

	if (len < ANSWER_ETHER || (!(frame[0] & 1) && memcmp(frame, h->mac, 6) != 0))
		return ANSWER_CLASS_NONE;
	if (!plain)
		return ANSWER_CLASS_OTHER;
	p = frame + q.at;
	left = len - q.at;
	if (q.ether == ANSWER_ETHER_ARP && left >= ARP && about_us(h, p + 14, p + 24))
		return ANSWER_CLASS_NEIGHBOUR;
	if (q.ether == INGRESS_ETHER_IP6)
		return class6(h, p, left);
	if (q.ether == INGRESS_ETHER_IP4 && left >= ANSWER_IP4 && p[9] == ANSWER_PROTO_ICMP &&
		answer_find(h, p + 16, 4) >= 0)
		return ANSWER_CLASS_ECHO;
	return ANSWER_CLASS_OTHER;
}

static void arp_request(const struct answer_host *h, unsigned address, const uint8_t *sender,
	struct answer_reply *r)
{
	static const uint8_t unknown[6];

	make_arp(h, r, ARP_REQUEST, everybody, sender, unknown, h->address[address].bytes);
}

void answer_announce(const struct answer_host *h, unsigned address, struct answer_reply *r)
{
	r->address = address;
	if (h->address[address].family == 6)
		answer_announce6(h, address, r);
	else
		arp_request(h, address, h->address[address].bytes, r);
}

void answer_probe(const struct answer_host *h, unsigned address, struct answer_reply *r)
{
	static const uint8_t nobody[4];

	r->address = address;
	if (h->address[address].family == 6)
		answer_probe6(h, address, r);
	else
		arp_request(h, address, nobody, r);
}
