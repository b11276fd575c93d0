/* SPDX-License-Identifier: BSD-3-Clause */
#include "ingress/ingress.h"

#include <assert.h>
#include <errno.h>
#include <rte_branch_prediction.h>
#include <rte_malloc.h>

#include "base/cursor.h"
#include "ingress/aside.h"
#include "ingress/ingress_pvt.h"

static const struct stats_def defs[INGRESS_STATS] = {
	[INGRESS_PACKETS] = {"packets", "packets", "Frames received"},
	[INGRESS_BYTES] = {"bytes", "bytes", "Bytes of these frames"},
	[INGRESS_DATAGRAMS] = {"datagrams", "datagrams", "UDP payloads handed to the decoder"},
	[INGRESS_FRAGMENTS] = {"fragments", "packets", "Frames that were IP fragments of UDP"},
	[INGRESS_JOINED] = {"joined", "packets", "Fragments that became part of a whole datagram"},
	[INGRESS_REASSEMBLED] = {"reassembled", "datagrams",
		"Datagrams put together from fragments"},
	[INGRESS_TRUNCATED] = {"truncated", "datagrams",
		"Datagrams handed on although the frame was shorter than its headers say"},
	[INGRESS_DROP_SHORT] = {"drop_short", "packets", "Frame ends within a header"},
	[INGRESS_DROP_NOT_IP] = {"drop_not_ip", "packets", "Neither IPv4 nor IPv6"},
	[INGRESS_DROP_IP_HEADER] = {"drop_ip_header", "packets",
		"Version, header length or total length of IP is wrong"},
	[INGRESS_DROP_IP_CHECKSUM] = {"drop_ip_checksum", "packets",
		"IPv4 header checksum is wrong"},
	[INGRESS_DROP_NOT_UDP] = {"drop_not_udp", "packets", "IP, but not UDP"},
	[INGRESS_DROP_EXTENSIONS] = {"drop_extensions", "packets",
		"More IPv6 extension headers than are walked"},
	[INGRESS_DROP_UDP_LENGTH] = {"drop_udp_length", "packets",
		"UDP length is below its header"},
	[INGRESS_DROP_UDP_CHECKSUM] = {"drop_udp_checksum", "packets", "UDP checksum is wrong"},
	[INGRESS_DROP_PORT] = {"drop_port", "packets", "UDP for another port"},
	[INGRESS_DROP_SOURCE] = {"drop_source", "datagrams",
		"Datagrams whose source address sent more than shed.source allows"},
	[INGRESS_DROP_FRAGMENT] = {"drop_fragment", "packets",
		"Fragment is malformed or overlaps, or too many datagrams are under reassembly"},
	[INGRESS_DROP_TIMEOUT] = {"drop_timeout", "packets",
		"Fragments of datagrams that were not complete in time"},
	[INGRESS_ASIDE] = {"aside", "packets",
		"Of the frames that are not sFlow, those for this host: questions, and what goes "
		"to the TAP"},
	[INGRESS_ASIDE_FULL] = {"aside_full", "packets",
		"The same, but lost: they came faster than they are looked at"},
	[INGRESS_ASIDE_LONG] = {"aside_long", "packets",
		"The same, but lost: longer than 1500 bytes and their header"},
};

const struct stats_group ingress_stats = {"ingress", defs, INGRESS_STATS};

struct ingress *ingress_create(const struct ingress_options *options)
{
	struct ingress *in = rte_zmalloc_socket("ingress", sizeof(*in), 0, options->socket);
	int rc;

	if (!in) {
		errno = ENOMEM;
		return NULL;
	}
	in->udp_port = options->udp_port;
	in->link = options->link;
	in->checksum = options->checksum;
	in->aside = options->aside;
	rc = ingress_sources_init(&in->sources, options);
	rc = rc ? rc : ingress_fragment_init(in, options);
	if (rc) {
		ingress_sources_fini(&in->sources);
		rte_free(in);
		errno = -rc;
		return NULL;
	}
	return in;
}

void ingress_destroy(struct ingress *in)
{
	if (!in)
		return;
	ingress_release(in);
	ingress_fragment_fini(in);
	ingress_sources_fini(&in->sources);
	rte_free(in);
}

void ingress_flatten(struct ingress *in, struct ingress_frame *f)
{
	uint32_t len = RTE_MIN(f->m->pkt_len, (uint32_t)INGRESS_SCRATCH);

	if (rte_pktmbuf_is_contiguous(f->m)) {
		f->p = rte_pktmbuf_mtod(f->m, const uint8_t *);
		f->len = f->m->data_len;
		return;
	}
	f->p = rte_pktmbuf_read(f->m, 0, len, in->scratch);
	f->len = f->p ? len : 0;
}

int ingress_walk(
	struct ingress *in, struct ingress_frame *f, struct ingress_datagram *d, uint64_t *stats)
{
	uint16_t ether = 0;
	int rc;

	ingress_flatten(in, f);
	rc = ingress_link(in->link, f, &ether);
	if (rc)
		return rc;
	switch (ether) {
	case INGRESS_ETHER_IP4:
		return ingress_ip4(in, f, d, stats);
	case INGRESS_ETHER_IP6:
		return ingress_ip6(in, f, d, stats);
	default:
		return INGRESS_DROP_NOT_IP;
	}
}

/* What the device thinks of the checksums. */
static inline bool marked_bad(const struct rte_mbuf *m)
{
	return (m->ol_flags & RTE_MBUF_F_RX_IP_CKSUM_MASK) == RTE_MBUF_F_RX_IP_CKSUM_BAD ||
	       (m->ol_flags & RTE_MBUF_F_RX_L4_CKSUM_MASK) == RTE_MBUF_F_RX_L4_CKSUM_BAD;
}

/*
 * What nearly every datagram is: one segment, untagged Ethernet, IPv4 without options, not a
 * fragment, sound lengths, our port. Anything else is false here and left to ingress_walk(),
 * which comes to the same result for these frames, and to a reason for the others.
 */
static inline bool plain(const struct ingress *in, struct rte_mbuf *m, struct ingress_datagram *d)
{
	enum { ETHER = 14, IP = 20, HEADERS = ETHER + IP + INGRESS_UDP_HEADER };
	const uint8_t *p = rte_pktmbuf_mtod(m, const uint8_t *);
	uint32_t total, udp;

	if (unlikely(m->nb_segs != 1 || m->data_len < HEADERS || in->link != INGRESS_LINK_ETHERNET))
		return false;
	if (unlikely(in->checksum != INGRESS_CHECKSUM_OFF &&
		     (in->checksum == INGRESS_CHECKSUM_SOFTWARE || marked_bad(m))))
		return false;
	if (base_get_u16(p + 12) != INGRESS_ETHER_IP4 || p[14] != 0x45 ||
		(base_get_u16(p + 20) & 0x3FFF) || p[23] != INGRESS_PROTO_UDP ||
		base_get_u16(p + 36) != in->udp_port)
		return false;
	total = base_get_u16(p + 16);
	udp = base_get_u16(p + 38);
	if (unlikely(total + ETHER > m->data_len || udp + IP > total || udp < INGRESS_UDP_HEADER))
		return false;
	d->payload = p + HEADERS;
	d->len = udp - INGRESS_UDP_HEADER;
	d->lasting = true;
	d->source = (struct base_addr){.family = 4};
	memcpy(d->source.bytes, p + 26, 4);
	return true;
}

/* A datagram of our port is there: whether its source may have it taken in. */
static inline bool give_out(
	struct ingress *in, const struct ingress_datagram *d, uint64_t tsc, uint64_t *stats)
{
	if (unlikely(base_bucket_limits(&in->sources.rate)) &&
		!ingress_sources_pass(&in->sources, &d->source, tsc)) {
		stats[INGRESS_DROP_SOURCE]++;
		return false;
	}
	stats[INGRESS_DATAGRAMS]++;
	return true;
}

/* What is not for weir may be for its host. */
static void set_aside(struct ingress *in, const struct rte_mbuf *m, uint64_t *stats)
{
	switch (aside_offer(in->aside, m)) {
	case ASIDE_TAKEN:
		stats[INGRESS_ASIDE]++;
		break;
	case ASIDE_FULL:
		stats[INGRESS_ASIDE_FULL]++;
		break;
	case ASIDE_LONG:
		stats[INGRESS_ASIDE_LONG]++;
		break;
	case ASIDE_UNWANTED:
		break;
	}
}

/*
 * A frame is as long as what is there of it: net_pcap says the whole length of one of which it has the last 16 bits'
 * worth in its buffers, and who believes that reads behind the last. INGRESS_BYTES are what the device says.
 */
static void measure(struct rte_mbuf *m)
{
	uint32_t len = 0;

	for (const struct rte_mbuf *s = m; s; s = s->next)
		len += s->data_len;
	if (m->pkt_len > len)
		m->pkt_len = len;
}

bool ingress_packet(struct ingress *in, struct rte_mbuf *m, uint64_t tsc,
	struct ingress_datagram *d, uint64_t *stats)
{
	struct ingress_frame f;
	int rc;

	assert(in->used_count < INGRESS_BURST);
	stats[INGRESS_PACKETS]++;
	stats[INGRESS_BYTES] += m->pkt_len;
	if (likely(plain(in, m, d))) {
		in->used[in->used_count++] = m;
		return give_out(in, d, tsc, stats);
	}
	measure(m);
	f = (struct ingress_frame){.m = m, .tsc = tsc};
	rc = ingress_walk(in, &f, d, stats);
	if (f.m)
		in->used[in->used_count++] = f.m;
	if (rc != 0) {
		if (rc != INGRESS_HELD)
			stats[rc]++;
		if (rc != INGRESS_HELD && in->aside && f.m && !f.whole)
			set_aside(in, f.m, stats);
		return false;
	}
	if (!give_out(in, d, tsc, stats))
		return false;
	d->lasting = d->payload < in->scratch || d->payload >= in->scratch + sizeof(in->scratch);
	stats[INGRESS_TRUNCATED] += f.truncated;
	return true;
}

void ingress_release(struct ingress *in)
{
	for (unsigned i = 0; i < in->used_count; i++)
		rte_pktmbuf_free(in->used[i]);
	in->used_count = 0;
}

uint64_t ingress_held(const struct ingress *in)
{
	return in->held;
}
