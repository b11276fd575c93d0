/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <rte_ip_frag.h>
#include <rte_mbuf.h>

#include "ingress/ingress.h"
#include "ingress/source_pvt.h"

enum {
	INGRESS_ETHER_IP4 = 0x0800,
	INGRESS_ETHER_IP6 = 0x86DD,
	INGRESS_PROTO_UDP = 17,
	INGRESS_UDP_HEADER = 8,
	/* The longest IPv6 packet with its link header and INGRESS_TAGS tags. */
	INGRESS_SCRATCH = 65535 + 40 + 64,
};

/* What the steps give back: 0, an INGRESS_DROP_ reason, or: */
enum {
	INGRESS_HELD = -1, /* a fragment that waits, or was counted and dropped by its set */
};

/* RX core alone. */
struct ingress {
	uint16_t udp_port;
	enum ingress_link link;
	enum ingress_checksum checksum;
	struct aside *aside;           /* NULL: nobody wants what is dropped */
	struct rte_ip_frag_tbl *table; /* NULL: fragments are dropped */
	uint64_t held;                 /* frames in `table` */
	struct ingress_sources sources;
	unsigned used_count;
	struct rte_mbuf *used[INGRESS_BURST]; /* to be freed by ingress_release() */
	struct rte_ip_frag_death_row death;
	uint8_t scratch[INGRESS_SCRATCH];
};

/* A frame on its way through the steps. */
struct ingress_frame {
	struct rte_mbuf *m; /* NULL once the fragment table owns it */
	const uint8_t *p;   /* `len` contiguous bytes: the mbuf's, or the scratch buffer's */
	uint32_t len;
	uint32_t at; /* of the next header */
	uint64_t tsc;
	bool whole;     /* put together from fragments: the device did not see it */
	bool truncated; /* shorter than its headers say */
};

/** The full walk, for everything but the plain case. @return see above. */
int ingress_walk(
	struct ingress *in, struct ingress_frame *f, struct ingress_datagram *d, uint64_t *stats);

/** Make all of the frame contiguous; what exceeds the scratch buffer is cut. */
void ingress_flatten(struct ingress *in, struct ingress_frame *f);

/** Skip link header and tags. @return 0 with `at` on the IP header and `ether`, or a reason. */
int ingress_link(enum ingress_link link, struct ingress_frame *f, uint16_t *ether);

int ingress_ip4(
	struct ingress *in, struct ingress_frame *f, struct ingress_datagram *d, uint64_t *stats);
int ingress_ip6(
	struct ingress *in, struct ingress_frame *f, struct ingress_datagram *d, uint64_t *stats);

/**
 * A fragment with its IPv4 header of `header` bytes at f->at; the frame's `len` ends with the IP
 * packet. @return HELD, a reason, or the outcome of the whole datagram.
 */
int ingress_fragment4(struct ingress *in, struct ingress_frame *f, uint32_t header,
	struct ingress_datagram *d, uint64_t *stats);

/** The same for IPv6: the fragment header is at `fragment`, behind the IPv6 header at f->at. */
int ingress_fragment6(struct ingress *in, struct ingress_frame *f, uint32_t fragment,
	struct ingress_datagram *d, uint64_t *stats);

/** 0 with a table for `fragments` datagrams, or -errno. */
int ingress_fragment_init(struct ingress *in, const struct ingress_options *o);
void ingress_fragment_fini(struct ingress *in);

/**
 * UDP at f->at, up to f->len.
 * @param pseudo  sum of the pseudo-header's addresses, ingress_sum()
 * @param v6      a checksum of zero is an error (RFC 8200, 8.1)
 */
int ingress_udp(struct ingress *in, struct ingress_frame *f, uint32_t pseudo, bool v6,
	struct ingress_datagram *d, uint64_t *stats);

/** One's complement sum of 16-bit words (RFC 1071), on top of `sum`; not folded, not inverted. */
uint32_t ingress_sum(const uint8_t *p, uint32_t len, uint32_t sum);

/** Fold to 16 bits; 0xFFFF is a valid sum over data with its checksum. */
uint16_t ingress_fold(uint32_t sum);
