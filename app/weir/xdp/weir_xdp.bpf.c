/* SPDX-License-Identifier: BSD-3-Clause */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "config.h"

/*
 * UDP to the configured port goes to weir's AF_XDP sockets, all else to the kernel; so does what
 * arrives on a queue without a socket. IPv4 with options, IPv6 with extension headers, 802.1Q and
 * QinQ.
 *
 * Fragments: only the first has ports. If it is for our port, its key is remembered, and the
 * fragments with the same key that follow come along; those of anyone else stay with the kernel.
 * Fragments that overtake the first one are lost for weir (the kernel gets them, and forgets them
 * after its own timeout). The memory is an LRU of fixed size.
 */

enum { TAGS = 4, EXTENSIONS = 8, QUEUES = 64, FRAGMENTED = 4096 };
enum { IP4_MORE = 0x2000, IP4_OFFSET = 0x1FFF, IP6_MORE = 1, IP6_OFFSET = 0xFFF8 };

const volatile struct weir_xdp_config config = {.magic = WEIR_XDP_MAGIC, .udp_port = 0};

/* The AF_XDP driver finds it by this name, and fills it. */
struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, QUEUES);
	__type(key, __u32);
	__type(value, __u32);
} xsks_map SEC(".maps");

struct fragment_key {
	__u32 source[4], destination[4];
	__u32 id;
	__u32 family;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, FRAGMENTED);
	__type(key, struct fragment_key);
	__type(value, __u8);
} fragmented SEC(".maps");

struct vlan_tag {
	__be16 tci, type;
};

struct extension {
	__u8 next, len;
	__be16 offset; /* of a fragment header */
	__be32 id;
};

static __always_inline int take(struct xdp_md *ctx)
{
	return bpf_redirect_map(&xsks_map, ctx->rx_queue_index, XDP_PASS);
}

static __always_inline int is_ours(const void *udp, const void *end)
{
	const struct udphdr *h = udp;

	return (const void *)(h + 1) <= end && h->dest == config.udp_port;
}

/* `first`: `udp` is its header; else it is the middle of some datagram. */
static __always_inline int fragment(struct xdp_md *ctx, const struct fragment_key *key, int first,
	const void *udp, const void *end)
{
	const __u8 one = 1;

	if (first) {
		if (!is_ours(udp, end)) {
			/* An identification that comes round again must not be taken for ours. */
			bpf_map_delete_elem(&fragmented, key);
			return XDP_PASS;
		}
		bpf_map_update_elem(&fragmented, key, &one, BPF_ANY);
		return take(ctx);
	}
	return bpf_map_lookup_elem(&fragmented, key) ? take(ctx) : XDP_PASS;
}

static __always_inline int ip4(struct xdp_md *ctx, const void *p, const void *end)
{
	const struct iphdr *ip = p;
	struct fragment_key key = {.family = 4};
	__u16 flags;

	if ((const void *)(ip + 1) > end || ip->ihl < 5 || ip->protocol != IPPROTO_UDP)
		return XDP_PASS;
	p += ip->ihl * 4;
	flags = bpf_ntohs(ip->frag_off);
	if (!(flags & (IP4_MORE | IP4_OFFSET)))
		return is_ours(p, end) ? take(ctx) : XDP_PASS;
	key.source[0] = ip->saddr;
	key.destination[0] = ip->daddr;
	key.id = ip->id;
	return fragment(ctx, &key, !(flags & IP4_OFFSET), p, end);
}

static __always_inline int fragment6(
	struct xdp_md *ctx, const struct ipv6hdr *ip, const struct extension *x, const void *end)
{
	struct fragment_key key = {.family = 6, .id = x->id};
	__u16 flags = bpf_ntohs(x->offset);

	/* Options between the fragment header and UDP: so rare that the kernel may have them. */
	if (x->next != IPPROTO_UDP)
		return XDP_PASS;
	if (!(flags & (IP6_OFFSET | IP6_MORE)))
		return is_ours(x + 1, end) ? take(ctx) : XDP_PASS; /* RFC 6946: whole */
	__builtin_memcpy(key.source, &ip->saddr, sizeof(key.source));
	__builtin_memcpy(key.destination, &ip->daddr, sizeof(key.destination));
	return fragment(ctx, &key, !(flags & IP6_OFFSET), x + 1, end);
}

static __always_inline int ip6(struct xdp_md *ctx, const void *p, const void *end)
{
	const struct ipv6hdr *ip = p;
	const struct extension *x;
	__u8 next;

	if ((const void *)(ip + 1) > end)
		return XDP_PASS;
	next = ip->nexthdr;
	p = ip + 1;
#pragma unroll
	for (int i = 0; i <= EXTENSIONS; i++) {
		if (next == IPPROTO_UDP)
			return is_ours(p, end) ? take(ctx) : XDP_PASS;
		x = p;
		if ((const void *)(x + 1) > end)
			return XDP_PASS;
		switch (next) {
		case IPPROTO_FRAGMENT:
			return fragment6(ctx, ip, x, end);
		case IPPROTO_AH:
			p += (x->len + 2) * 4;
			break;
		case IPPROTO_HOPOPTS:
		case IPPROTO_ROUTING:
		case IPPROTO_DSTOPTS:
		case 135: /* mobility */
		case 139: /* HIP */
		case 140: /* Shim6 */
			p += (x->len + 1) * 8;
			break;
		default:
			return XDP_PASS;
		}
		next = x->next;
	}
	return XDP_PASS;
}

SEC("xdp")
int weir_xdp(struct xdp_md *ctx)
{
	const void *p = (const void *)(long)ctx->data;
	const void *end = (const void *)(long)ctx->data_end;
	const struct ethhdr *eth = p;
	const struct vlan_tag *tag;
	__be16 type;

	if ((const void *)(eth + 1) > end)
		return XDP_PASS;
	type = eth->h_proto;
	p = eth + 1;
#pragma unroll
	for (int i = 0; i < TAGS; i++) {
		if (type != bpf_htons(ETH_P_8021Q) && type != bpf_htons(ETH_P_8021AD) &&
			type != bpf_htons(ETH_P_QINQ1))
			break;
		tag = p;
		if ((const void *)(tag + 1) > end)
			return XDP_PASS;
		type = tag->type;
		p = tag + 1;
	}
	if (type == bpf_htons(ETH_P_IP))
		return ip4(ctx, p, end);
	if (type == bpf_htons(ETH_P_IPV6))
		return ip6(ctx, p, end);
	return XDP_PASS;
}

char weir_license[] SEC("license") = "BSD-3-Clause";
