/* SPDX-License-Identifier: BSD-3-Clause */
/* For rte_ip_frag_table_del_expired_entries(), stable in later releases as it is. */
#define ALLOW_EXPERIMENTAL_API
#include <errno.h>
#include <rte_cycles.h>
#include <rte_ip.h>

#include "base/cursor.h"
#include "ingress/ingress_pvt.h"

/*
 * Reassembly by rte_ip_frag, which keys by source, destination and identification. Its table is
 * bounded by ingress_options.fragments; a set with an overlap, a duplicate or more than
 * INGRESS_PARTS parts never becomes whole and is dropped (RFC 5722 asks for that).
 *
 * The death row takes what the table gives up: fragments, never a payload in use, so it is emptied
 * at once. A whole datagram is a chain of mbufs; the first mbuf of each frame in it is marked, so
 * that frames are counted right also where a frame was a chain itself.
 */

enum { IP4_OFFSET = 0x1FFF, IP4_MORE = 0x2000, IP6_HEADER = 40, FRAGMENT_HEADER = 8 };
enum { BUCKET = 8, WAYS = 2 }; /* entries of a bucket; buckets a key may go to */

int ingress_fragment_init(struct ingress *in, const struct ingress_options *o)
{
	uint64_t cycles = rte_get_tsc_hz() / 1000 * o->fragment_ms;
	uint32_t buckets;

	if (o->fragments == 0)
		return 0;
	if (o->fragments > 1u << 24)
		return -EINVAL;
	/* Half full at most, so that two choices of bucket hardly ever fail. */
	buckets = RTE_MAX(o->fragments / (BUCKET * WAYS) * 2, 1u);
	in->table = rte_ip_frag_table_create(
		buckets, BUCKET, RTE_MIN(o->fragments, buckets * BUCKET), cycles, o->socket);
	return in->table ? 0 : -ENOMEM;
}

void ingress_fragment_fini(struct ingress *in)
{
	if (in->table)
		rte_ip_frag_table_destroy(in->table);
	in->table = NULL;
}

/* Free what the table gave up, for `reason`. */
static void bury(struct ingress *in, enum ingress_stat reason, uint64_t *stats)
{
	stats[reason] += in->death.cnt;
	in->held -= in->death.cnt;
	rte_ip_frag_free_death_row(&in->death, 0);
}

void ingress_expire(struct ingress *in, uint64_t tsc, uint64_t *stats)
{
	uint32_t before;

	if (in->held == 0)
		return;
	/* It stops where the death row is full: repeat until it finds nothing more. */
	do {
		rte_ip_frag_table_del_expired_entries(in->table, &in->death, tsc);
		before = in->death.cnt;
		bury(in, INGRESS_DROP_TIMEOUT, stats);
	} while (before > 0);
}

static void mark(struct rte_mbuf *m)
{
	m->hash.usr = 1;
	for (m = m->next; m; m = m->next)
		m->hash.usr = 0;
}

static uint64_t marked(const struct rte_mbuf *m)
{
	uint64_t count = 0;

	for (; m; m = m->next)
		count += m->hash.usr;
	return count;
}

/*
 * Make the mbuf start at the IP header, which is then at the same place in all fragments, and end
 * with the IP packet. False where the headers, `headers` bytes, are not within its first segment.
 */
static bool trim(struct rte_mbuf *m, uint32_t at, uint32_t headers, uint32_t len)
{
	uint32_t padding = m->pkt_len - len;

	if (m->data_len < at + headers)
		return false;
	if (padding && rte_pktmbuf_trim(m, (uint16_t)padding) < 0)
		return false;
	if (at && !rte_pktmbuf_adj(m, (uint16_t)at))
		return false;
	m->l2_len = 0;
	m->l3_len = headers;
	mark(m);
	return true;
}

/*
 * RFC 791, 3.2 and RFC 8200, 4.5: all but the last carry a multiple of 8 bytes, none is empty, and
 * the whole fits into 65535 with `header` bytes in front.
 */
static bool sound(uint32_t offset, uint32_t payload, bool more, uint32_t header)
{
	return payload > 0 && (!more || payload % 8 == 0) && header + offset + payload <= 65535;
}

/* Before the table takes the frame. @return 0 or DROP_FRAGMENT. */
static int admit(struct ingress *in, const struct ingress_frame *f, bool ok, uint64_t *stats)
{
	stats[INGRESS_FRAGMENTS]++;
	/* DROP_FRAGMENT: malformed, cut by the capture, or reassembly is off. */
	if (!ok || f->truncated || !in->table)
		return INGRESS_DROP_FRAGMENT;
	ingress_expire(in, f->tsc, stats);
	return 0;
}

/* After it: `whole` is the datagram, if this was its last missing part. */
static bool settle(
	struct ingress *in, struct ingress_frame *f, struct rte_mbuf *whole, uint64_t *stats)
{
	uint64_t parts;

	in->held++;
	/* DROP_FRAGMENT: the set overlaps or has too many parts, or the table has no room. */
	bury(in, INGRESS_DROP_FRAGMENT, stats);
	f->m = whole;
	if (!whole)
		return false;
	parts = marked(whole);
	in->held -= parts;
	stats[INGRESS_JOINED] += parts;
	stats[INGRESS_REASSEMBLED]++;
	f->whole = true;
	f->at = 0;
	ingress_flatten(in, f);
	return true;
}

int ingress_fragment4(struct ingress *in, struct ingress_frame *f, uint32_t header,
	struct ingress_datagram *d, uint64_t *stats)
{
	const uint8_t *ip = f->p + f->at;
	uint32_t flags = base_get_u16(ip + 6);
	uint32_t payload = f->len - f->at - header;
	bool ok = sound((flags & IP4_OFFSET) * 8, payload, flags & IP4_MORE, header);
	struct rte_mbuf *whole;

	if (admit(in, f, ok, stats) || !trim(f->m, f->at, header, f->len))
		return INGRESS_DROP_FRAGMENT;
	whole = rte_ipv4_frag_reassemble_packet(
		in->table, &in->death, f->m, f->tsc, rte_pktmbuf_mtod(f->m, struct rte_ipv4_hdr *));
	return settle(in, f, whole, stats) ? ingress_ip4(in, f, d, stats) : INGRESS_HELD;
}

int ingress_fragment6(struct ingress *in, struct ingress_frame *f, uint32_t fragment,
	struct ingress_datagram *d, uint64_t *stats)
{
	uint32_t payload = f->len - fragment - FRAGMENT_HEADER;
	uint32_t flags = base_get_u16(f->p + fragment + 2);
	uint32_t from = fragment - IP6_HEADER; /* where the IPv6 header goes to */
	bool ok = sound(flags & 0xFFF8, payload, flags & 1, FRAGMENT_HEADER);
	struct rte_ipv6_hdr *ip;
	struct rte_mbuf *whole;
	uint8_t fixed[IP6_HEADER];

	if (admit(in, f, ok, stats))
		return INGRESS_DROP_FRAGMENT;
	memcpy(fixed, f->p + f->at, IP6_HEADER);
	if (!trim(f->m, from, IP6_HEADER + FRAGMENT_HEADER, f->len))
		return INGRESS_DROP_FRAGMENT;
	/*
	 * rte_ip_frag wants the fragment header right behind the IPv6 header: what stood between
	 * them is per fragment (RFC 8200, 4.5) and already walked, so the IPv6 header moves over it.
	 */
	ip = rte_pktmbuf_mtod(f->m, struct rte_ipv6_hdr *);
	memcpy(ip, fixed, IP6_HEADER);
	ip->proto = IPPROTO_FRAGMENT;
	ip->payload_len = rte_cpu_to_be_16((uint16_t)(FRAGMENT_HEADER + payload));
	whole = rte_ipv6_frag_reassemble_packet(in->table, &in->death, f->m, f->tsc, ip,
		rte_pktmbuf_mtod_offset(f->m, struct rte_ipv6_fragment_ext *, IP6_HEADER));
	return settle(in, f, whole, stats) ? ingress_ip6(in, f, d, stats) : INGRESS_HELD;
}
