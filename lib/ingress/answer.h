/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"

/*
 * What a host has to say on a link where DPDK owns the NIC, so that others find it: ARP (RFC 826),
 * IPv6 neighbour discovery (RFC 4861) and echo (RFC 792, RFC 4443) for its addresses. Pure: a frame in,
 * at most one frame out, never longer than what came in but for the padding and one option. Any thread.
 *
 * An answer goes to where the question came from: there is no route, and no table of neighbours.
 */

enum {
	ANSWER_ADDRESSES = 16, /* of a host at most */
	ANSWER_ROOM =
		1522, /* the longest frame that is answered: 1500 bytes, its header, two tags */
};

/* Immutable while threads use it. */
struct answer_host {
	uint8_t mac[6];
	uint16_t vlan; /* 0: frames without a tag (or of VLAN 0); else those with this one alone */
	unsigned count;
	struct base_addr address[ANSWER_ADDRESSES];
};

/* What is to be done with a frame. */
enum answer {
	ANSWER_NOTHING, /* it is no question to this host */
	ANSWER_ARP,     /* from here on: send `reply` */
	ANSWER_NEIGHBOUR,
	ANSWER_ECHO,
	ANSWER_CLAIM,    /* as well: somebody asks whether he may have the address */
	ANSWER_CONFLICT, /* nothing to send: somebody else says that he has the address */
	ANSWER_DROP_LENGTH, /* from here on, to be dropped: a header or an option is cut, or of no length */
	ANSWER_DROP_FORM,   /* fields that cannot be: kinds, codes, hop limit, target */
	ANSWER_DROP_SENDER, /* the sender's addresses cannot be a sender's */
	ANSWER_DROP_CHECKSUM,
	ANSWER_DROP_FRAGMENT, /* fragments of an echo are not put together */
};

struct answer_reply {
	unsigned address; /* index of the host's address that was asked for, or is in conflict */
	uint32_t len;
	uint8_t frame[ANSWER_ROOM];
};

/**
 * The answer to an Ethernet frame.
 * @param r  set for all results but ANSWER_NOTHING; `frame` where there is something to send
 */
enum answer answer_frame(
	const struct answer_host *h, const uint8_t *frame, uint32_t len, struct answer_reply *r);

/* Who wants a frame that is no sFlow. */
enum answer_class {
	ANSWER_CLASS_NONE,      /* nobody: it is for another host */
	ANSWER_CLASS_NEIGHBOUR, /* a question after, or a word on, one of the addresses */
	ANSWER_CLASS_ECHO,      /* ICMP to one of them */
	ANSWER_CLASS_OTHER,     /* for this host, or for all; no address of its own is meant */
};

/** A look at headers, no check of them. `len` is what is there of the frame. */
enum answer_class answer_class(const struct answer_host *h, const uint8_t *frame, uint32_t len);

/** Tell all of an address: gratuitous ARP (RFC 5227, 2.3), or unsolicited advertisement (RFC 4861, 7.2.6). */
void answer_announce(const struct answer_host *h, unsigned address, struct answer_reply *r);

/** Ask whether somebody has an IPv6 address already (RFC 4862, 5.4.2); IPv4: RFC 5227, 2.1.1. */
void answer_probe(const struct answer_host *h, unsigned address, struct answer_reply *r);

/**
 * Report the groups that neighbour solicitations for the IPv6 addresses go to, once each
 * (MLDv2, RFC 3810, 5.2; from the unspecified address, RFC 3590).
 * @return false where there is no IPv6 address: nothing to send
 */
bool answer_report(const struct answer_host *h, struct answer_reply *r);
