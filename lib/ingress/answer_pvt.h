/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "ingress/answer.h"

enum {
	ANSWER_ETHER = 14,
	ANSWER_TAG = 4,
	ANSWER_IP4 = 20,
	ANSWER_IP6 = 40,
	ANSWER_ETHER_ARP = 0x0806,
	ANSWER_PROTO_ICMP = 1,
	ANSWER_PROTO_ICMP6 = 58,
	ANSWER_SOLICITATION = 135, /* RFC 4861, 4.3 */
	ANSWER_ADVERTISEMENT = 136,
	ANSWER_SHORTEST = 60, /* of an Ethernet frame, without its checksum */
};

/* A frame up to the header behind Ethernet. */
struct answer_at {
	const uint8_t *p; /* the frame */
	uint32_t len;
	uint32_t at; /* of the next header */
	uint16_t ether;
};

/** Index of an address of the host, or -1. */
int answer_find(const struct answer_host *h, const uint8_t *address, unsigned family);

/** Whether an Ethernet address can be one station's. */
bool answer_station(const uint8_t *mac);

/** Whether an address can be one sender's: neither unspecified, loopback, broadcast nor a group. */
bool answer_sender4(const uint8_t *ip);
bool answer_sender6(const uint8_t *ip);

/** Ethernet header (with the host's tag) to `mac`. @return the first byte behind it */
uint8_t *answer_ether(
	const struct answer_host *h, struct answer_reply *r, const uint8_t *mac, uint16_t ether);

/** `end` is behind the last byte: set the length, padded to the shortest frame. */
void answer_end(struct answer_reply *r, const uint8_t *end);

/** An IPv6 header for `len` bytes of ICMPv6. */
uint8_t *answer_ip6(uint8_t *p, const uint8_t *from, const uint8_t *to, uint32_t len);

/** The checksum of ICMPv6 behind the IPv6 header at `ip` (RFC 4443, 2.3); 0 where a good one is in. */
uint16_t answer_sum6(const uint8_t *ip, const uint8_t *icmp, uint32_t len);

/** ICMPv6 at `icmp`, of `len` bytes, behind the IPv6 header at q->at. */
enum answer answer_icmp6(const struct answer_host *h, const struct answer_at *q,
	const uint8_t *icmp, uint32_t len, struct answer_reply *r);

/** answer_announce() and answer_probe() of an IPv6 address. */
void answer_announce6(const struct answer_host *h, unsigned address, struct answer_reply *r);
void answer_probe6(const struct answer_host *h, unsigned address, struct answer_reply *r);
