/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/bucket.h"
#include "base/hash.h"
#include "stats/stats.h"

struct aside;
struct rte_mbuf;

/*
 * From a frame to the UDP payload that weir listens for: link layer, 802.1Q and QinQ, IPv4 with
 * options, IPv6 with extension headers, fragments (rte_ip_frag), UDP. One struct ingress per RX
 * core, used by that core alone: no lock, no allocation after create.
 *
 * Conservation, at any time, with `held` from ingress_held():
 *   packets - fragments + reassembled = datagrams + all drops but drop_fragment and drop_timeout
 *   fragments = joined + drop_fragment + drop_timeout + held
 */

enum ingress_stat {
	INGRESS_PACKETS, /* frames handed in */
	INGRESS_BYTES,
	INGRESS_DATAGRAMS,   /* payloads given out */
	INGRESS_FRAGMENTS,   /* frames that were IP fragments of UDP */
	INGRESS_JOINED,      /* fragments that became part of a whole datagram */
	INGRESS_REASSEMBLED, /* datagrams put together from them */
	INGRESS_TRUNCATED,   /* datagrams given out as far as they were captured */
	INGRESS_DROP_SHORT,  /* ends within a header */
	INGRESS_DROP_NOT_IP, /* EtherType neither IPv4 nor IPv6, or more tags than INGRESS_TAGS */
	INGRESS_DROP_IP_HEADER, /* version, header length or total length wrong (RFC 791, RFC 8200) */
	INGRESS_DROP_IP_CHECKSUM,
	INGRESS_DROP_NOT_UDP,
	INGRESS_DROP_EXTENSIONS, /* more IPv6 extension headers than INGRESS_EXTENSIONS */
	INGRESS_DROP_UDP_LENGTH, /* UDP length 1 to 7 (RFC 768) */
	INGRESS_DROP_UDP_CHECKSUM,
	INGRESS_DROP_PORT,     /* UDP, but not for the configured port */
	INGRESS_DROP_SOURCE,   /* datagram whose source sends more than its share */
	INGRESS_DROP_FRAGMENT, /* fragment malformed, overlaps, or its table is full */
	INGRESS_DROP_TIMEOUT,  /* fragments of datagrams that were never complete */
	INGRESS_ASIDE,         /* of the frames dropped: copied for the host (aside.h) */
	INGRESS_ASIDE_FULL,    /* of the same: not copied, the ring was full */
	INGRESS_ASIDE_LONG,    /* of the same: not copied, longer than ASIDE_FRAME */
	INGRESS_STATS,
};

extern const struct stats_group ingress_stats;

enum {
	INGRESS_EXTENSIONS = 8, /* IPv6 extension headers walked */
	INGRESS_TAGS = 4,       /* VLAN tags skipped */
	INGRESS_BURST = 256,    /* frames at most between two ingress_release() */
	INGRESS_PARTS = 8, /* fragments of one datagram at most (rte_ip_frag as Debian builds it) */
};

/* What a port's frames start with; the values are libpcap's DLT_ where they exist. */
enum ingress_link {
	INGRESS_LINK_NULL = 0, /* u32 address family, order of the host that captured */
	INGRESS_LINK_ETHERNET = 1,
	INGRESS_LINK_RAW = 12,   /* IP; 101 (LINKTYPE_RAW) is accepted too */
	INGRESS_LINK_LOOP = 108, /* u32 address family, network order */
	INGRESS_LINK_SLL = 113,  /* Linux cooked */
	INGRESS_LINK_SLL2 = 276,
};

enum ingress_checksum {
	INGRESS_CHECKSUM_NIC, /* drop what the device marked bad */
	INGRESS_CHECKSUM_SOFTWARE, /* compute those of IPv4 and UDP (wrong for veth peers that offload) */
	INGRESS_CHECKSUM_OFF,
};

struct ingress_options {
	uint16_t udp_port;
	enum ingress_link link;
	enum ingress_checksum checksum;
	uint32_t fragments;   /* datagrams under reassembly at most; 0: fragments are dropped */
	uint32_t fragment_ms; /* until an incomplete one is given up */
	/* Datagrams of one source (IP address); all zero: as many as come. See ingress/source.c */
	struct base_bucket_rate source;
	const struct base_hash *hash; /* outlives it; needed with a limit for sources */
	int socket;                   /* NUMA node of the RX core, -1 any */
	struct aside *aside; /* where frames that are dropped are offered to; NULL: nowhere */
};

struct ingress;

/**
 * After rte_eal_init(); any thread. Fragments under reassembly hold mbufs: the pool must have
 * `fragments` * INGRESS_PARTS to spare, or the port runs dry under a flood of them.
 * @return NULL and errno (ENOMEM, EINVAL). Destroy with ingress_destroy(), NULL is fine there.
 */
struct ingress *ingress_create(const struct ingress_options *options);

/** Free it with all mbufs it holds. When its RX core is done; the pools still exist. */
void ingress_destroy(struct ingress *in);

/* A UDP payload, contiguous; valid until the next call on the same ingress, or, where it is `lasting`, until ingress_release(). */
struct ingress_datagram {
	const uint8_t *payload;
	uint32_t len; /* bytes; 0 is possible */
	bool lasting;
	struct base_addr source; /* IP source */
};

/**
 * Take one frame. RX core.
 * @param m      the frame; ownership passes: it is freed by ingress_release()
 * @param tsc    rte_rdtsc() of its burst, for the age of fragments
 * @param stats  INGRESS_STATS counters, bumped
 * @return true with `d`; false where there is none (yet); call ingress_release() after either
 */
bool ingress_packet(struct ingress *in, struct rte_mbuf *m, uint64_t tsc,
	struct ingress_datagram *d, uint64_t *stats);

/**
 * Free what the calls since the last release used up: once per burst (of at most INGRESS_BURST),
 * after its payloads are done with. RX core.
 */
void ingress_release(struct ingress *in);

/**
 * Give up fragments that have waited too long. Every ingress_packet() with a fragment does so too;
 * call it on idle cores about once per fragment_ms, so that the counters come true. RX core.
 * @param tsc  rte_rdtsc()
 */
void ingress_expire(struct ingress *in, uint64_t tsc, uint64_t *stats);

/** Fragments that wait for the rest of their datagram now. RX core, or when it is done. */
uint64_t ingress_held(const struct ingress *in);
