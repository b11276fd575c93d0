/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "base/cursor.h"
#include "ingress/answer_pvt.h"
#include "ingress/ingress_pvt.h"

/* ICMPv6: neighbour discovery (RFC 4861), echo (RFC 4443), one report of groups (RFC 3810). */

enum {
	ECHO = 128,
	ECHO_REPLY = 129,
	REPORT = 143,
	ICMP = 8,
	TARGET = 24,       /* bytes of a solicitation or advertisement without options */
	HOPS = 255,        /* RFC 4861, 7.1.1: it came from this link */
	OPTION_SOURCE = 1, /* link-layer addresses, 8 bytes each (RFC 4861, 4.6.1) */
	OPTION_TARGET = 2,
	ROUTER_ALERT = 8, /* bytes of a hop-by-hop header with that option (RFC 2711) */
	RECORD = 20,      /* of one group */
	EXCLUDE = 4,      /* CHANGE_TO_EXCLUDE_MODE of nobody: all sources (RFC 3810, 5.2.12) */
};

enum { SOLICITED = 0x40, OVERRIDE = 0x20 };

static const uint8_t unspecified[16];
static const uint8_t all_nodes[16] = {0xFF, 2, [15] = 1};
static const uint8_t all_routers[16] = {0xFF, 2, [15] = 0x16}; /* those of MLDv2 */
static const uint8_t mac_all_nodes[6] = {0x33, 0x33, 0, 0, 0, 1};
static const uint8_t mac_all_routers[6] = {0x33, 0x33, 0, 0, 0, 0x16};

bool answer_sender6(const uint8_t *ip)
{
	static const uint8_t loopback[16] = {[15] = 1};

	return ip[0] != 0xFF && memcmp(ip, unspecified, 16) != 0 && memcmp(ip, loopback, 16) != 0;
}

/* ff02::1:ffXX:XXXX (RFC 4291, 2.7.1). */
static void group_of(const uint8_t *address, uint8_t *group)
{
	memcpy(group, "\xFF\2\0\0\0\0\0\0\0\0\0\1\xFF", 13);
	memcpy(group + 13, address + 13, 3);
}

/* RFC 2464, 7. */
static void group_mac(const uint8_t *address, uint8_t *mac)
{
	memcpy(mac, "\x33\x33\xFF", 3);
	memcpy(mac + 3, address + 13, 3);
}

uint8_t *answer_ip6(uint8_t *p, const uint8_t *from, const uint8_t *to, uint32_t len)
{
	memset(p, 0, 8);
	p[0] = 0x60;
	base_put_u16(p + 4, (uint16_t)len);
	p[6] = ANSWER_PROTO_ICMP6;
	p[7] = HOPS;
	memcpy(p + 8, from, 16);
	memcpy(p + 24, to, 16);
	return p + ANSWER_IP6;
}

uint16_t answer_sum6(const uint8_t *ip, const uint8_t *icmp, uint32_t len)
{
	uint32_t sum = ingress_sum(ip + 8, 32, len + ANSWER_PROTO_ICMP6);

	return (uint16_t)~ingress_fold(ingress_sum(icmp, len, sum));
}

/* Solicitation or advertisement, with one option that has our own link-layer address, or none. */
static void make_nd(const struct answer_host *h, struct answer_reply *r, const uint8_t *mac,
	const uint8_t *from, const uint8_t *to, const uint8_t *target, uint8_t type, uint8_t flags)
{
	bool advertises = type == ANSWER_ADVERTISEMENT;
	uint32_t len = TARGET + (advertises ? 8 : 0);
	uint8_t *ip = answer_ether(h, r, mac, INGRESS_ETHER_IP6);
	uint8_t *p = answer_ip6(ip, from, to, len);

	memset(p, 0, ICMP);
	p[0] = type;
	p[4] = flags;
	memcpy(p + 8, target, 16);
	if (advertises) {
		p[TARGET] = OPTION_TARGET;
		p[TARGET + 1] = 1;
		memcpy(p + TARGET + 2, h->mac, 6);
	}
	base_put_u16(p + 2, answer_sum6(ip, p, len));
	answer_end(r, p + len);
}

/*
 * The options: each has a length, which is not 0, and ends within the packet (RFC 4861, 7.1.1).
 * @param source  set where one has the sender's link-layer address, else untouched
 */
static bool options(const uint8_t *p, uint32_t len, const uint8_t **source)
{
	while (len > 0) {
		uint32_t n;

		if (len < 8)
			return false;
		n = p[1] * 8u;
		if (n == 0 || n > len)
			return false;
		if (p[0] == OPTION_SOURCE && n == 8)
			*source = p + 2;
		p += n;
		len -= n;
	}
	return true;
}

/* A solicitation for address `mine`, checked but for its source. */
static enum answer solicited(const struct answer_host *h, const struct answer_at *q, unsigned mine,
	const uint8_t *option, struct answer_reply *r)
{
	const uint8_t *ip = q->p + q->at, *target = h->address[mine].bytes;
	const uint8_t *mac = option ? option : q->p + 6;
	uint8_t group[16];

	group_of(target, group);
	if (memcmp(ip + 24, group, 16) != 0 && memcmp(ip + 24, target, 16) != 0)
		return ANSWER_DROP_FORM;
	if (memcmp(ip + 8, unspecified, 16) == 0) {
		/* Somebody wants the address for himself (RFC 4862, 5.4.3); 7.1.1 for the checks. */
		if (option || memcmp(ip + 24, group, 16) != 0)
			return ANSWER_DROP_FORM;
		make_nd(h, r, mac_all_nodes, target, all_nodes, target, ANSWER_ADVERTISEMENT,
			OVERRIDE);
		return ANSWER_CLAIM;
	}
	if (!answer_sender6(ip + 8) || !answer_station(mac) || answer_find(h, ip + 8, 6) >= 0)
		return ANSWER_DROP_SENDER;
	make_nd(h, r, mac, target, ip + 8, target, ANSWER_ADVERTISEMENT, SOLICITED | OVERRIDE);
	return ANSWER_NEIGHBOUR;
}

static enum answer discovery(const struct answer_host *h, const struct answer_at *q,
	const uint8_t *icmp, uint32_t len, struct answer_reply *r)
{
	const uint8_t *ip = q->p + q->at, *option = NULL;
	int mine;

	if (len < TARGET)
		return ANSWER_DROP_LENGTH;
	mine = answer_find(h, icmp + 8, 6);
	/* Our own, that a switch or a mirror sends back. */
	if (mine < 0 || memcmp(q->p + 6, h->mac, 6) == 0)
		return ANSWER_NOTHING;
	r->address = (unsigned)mine;
	if (ip[7] != HOPS || icmp[1] != 0)
		return ANSWER_DROP_FORM;
	if (answer_sum6(ip, icmp, len) != 0)
		return ANSWER_DROP_CHECKSUM;
	if (!options(icmp + TARGET, len - TARGET, &option))
		return ANSWER_DROP_LENGTH;
	if (!answer_station(q->p + 6))
		return ANSWER_DROP_SENDER;
	/* An advertisement of our address is somebody else's claim to it (RFC 4862, 5.4.4). */
	return icmp[0] == ANSWER_ADVERTISEMENT ? ANSWER_CONFLICT
					       : solicited(h, q, (unsigned)mine, option, r);
}

static enum answer echo6(const struct answer_host *h, const struct answer_at *q,
	const uint8_t *icmp, uint32_t len, struct answer_reply *r)
{
	const uint8_t *ip = q->p + q->at;
	int mine = answer_find(h, ip + 24, 6);
	uint8_t *p, *reply;

	if (mine < 0)
		return ANSWER_NOTHING;
	r->address = (unsigned)mine;
	if (len < ICMP || ANSWER_ETHER + ANSWER_TAG + ANSWER_IP6 + len > ANSWER_ROOM)
		return ANSWER_DROP_LENGTH;
	if (icmp[1] != 0 || memcmp(q->p, h->mac, 6) != 0)
		return ANSWER_DROP_FORM;
	if (!answer_station(q->p + 6) || !answer_sender6(ip + 8) || answer_find(h, ip + 8, 6) >= 0)
		return ANSWER_DROP_SENDER;
	if (answer_sum6(ip, icmp, len) != 0)
		return ANSWER_DROP_CHECKSUM;
	p = answer_ether(h, r, q->p + 6, INGRESS_ETHER_IP6);
	reply = answer_ip6(p, ip + 24, ip + 8, len);
	p[7] = 64;
	memcpy(reply, icmp, len);
	reply[0] = ECHO_REPLY;
	base_put_u16(reply + 2, 0);
	base_put_u16(reply + 2, answer_sum6(p, reply, len));
	answer_end(r, reply + len);
	return ANSWER_ECHO;
}

enum answer answer_icmp6(const struct answer_host *h, const struct answer_at *q,
	const uint8_t *icmp, uint32_t len, struct answer_reply *r)
{
	if (len < 1)
		return ANSWER_DROP_LENGTH;
	switch (icmp[0]) {
	case ANSWER_SOLICITATION:
	case ANSWER_ADVERTISEMENT:
		return discovery(h, q, icmp, len, r);
	case ECHO:
		return echo6(h, q, icmp, len, r);
	default:
		return ANSWER_NOTHING;
	}
}

void answer_announce6(const struct answer_host *h, unsigned address, struct answer_reply *r)
{
	const uint8_t *mine = h->address[address].bytes;

	make_nd(h, r, mac_all_nodes, mine, all_nodes, mine, ANSWER_ADVERTISEMENT, OVERRIDE);
}

void answer_probe6(const struct answer_host *h, unsigned address, struct answer_reply *r)
{
	const struct base_addr *mine = &h->address[address];
	uint8_t group[16], mac[6];

	group_of(mine->bytes, group);
	group_mac(mine->bytes, mac);
	make_nd(h, r, mac, unspecified, group, mine->bytes, ANSWER_SOLICITATION, 0);
}

bool answer_report(const struct answer_host *h, struct answer_reply *r)
{
	uint8_t *ip = answer_ether(h, r, mac_all_routers, INGRESS_ETHER_IP6), *alert, *p;
	uint16_t groups = 0;
	uint32_t len;

	alert = answer_ip6(ip, unspecified, all_routers, 0);
	p = alert + ROUTER_ALERT;
	for (unsigned i = 0; i < h->count; i++) {
		if (h->address[i].family != 6)
			continue;
		memset(p + ICMP + groups * RECORD, 0, 4);
		p[ICMP + groups * RECORD] = EXCLUDE;
		group_of(h->address[i].bytes, p + ICMP + groups * RECORD + 4);
		groups++;
	}
	len = ICMP + groups * (uint32_t)RECORD;
	memset(p, 0, ICMP);
	p[0] = REPORT;
	base_put_u16(p + 6, groups);
	base_put_u16(p + 2, answer_sum6(ip, p, len));
	/* The router alert in front (RFC 3810, 5: hop limit 1, hop-by-hop option). */
	memcpy(alert, "\x3A\0\5\2\0\0\1\0", ROUTER_ALERT);
	base_put_u16(ip + 4, (uint16_t)(ROUTER_ALERT + len));
	ip[6] = 0;
	ip[7] = 1;
	answer_end(r, p + len);
	return groups > 0;
}
