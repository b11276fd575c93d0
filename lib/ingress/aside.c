/* SPDX-License-Identifier: BSD-3-Clause */
#include "ingress/aside.h"

#include <rte_mbuf.h>
#include <stdlib.h>

#include "base/cursor.h"

enum {
	LOOK = 96, /* bytes that answer_class() may want of a frame */
	MACS = 12,
	ETHER = 14,
	TAG = 4,
};

static bool ring_init(struct aside_ring *r, uint32_t slots)
{
	r->slot = calloc(slots, sizeof(*r->slot));
	r->mask = slots - 1;
	return r->slot != NULL;
}

struct aside *aside_create(const struct answer_host *host, bool others)
{
	struct aside *a = aligned_alloc(64, sizeof(*a));

	if (!a)
		return NULL;
	*a = (struct aside){.host = host, .others = others};
	if (ring_init(&a->neighbours, ASIDE_NEIGHBOURS) && ring_init(&a->other, ASIDE_OTHERS))
		return a;
	aside_destroy(a);
	return NULL;
}

void aside_destroy(struct aside *a)
{
	if (!a)
		return;
	free(a->neighbours.slot);
	free(a->other.slot);
	free(a);
}

/* Bytes of the frame as it was on the wire, when the device took a tag out of it. */
static uint32_t wire_len(const struct rte_mbuf *m)
{
	return m->pkt_len + (m->ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED ? TAG : 0);
}

/* Copy the first `len` of these bytes. */
static void copy(uint8_t *to, const struct rte_mbuf *m, uint32_t len)
{
	uint32_t tag = wire_len(m) - m->pkt_len;
	const void *p = rte_pktmbuf_read(m, 0, len - tag, to + tag);

	if (p != to + tag)
		memcpy(to + tag, p, len - tag);
	if (!tag)
		return;
	memmove(to, to + tag, MACS);
	base_put_u16(to + MACS, 0x8100);
	base_put_u16(to + MACS + 2, m->vlan_tci);
}

static enum aside_result put(struct aside_ring *r, const struct rte_mbuf *m)
{
	uint32_t tail = __atomic_load_n(&r->tail, __ATOMIC_ACQUIRE);
	struct aside_slot *s = &r->slot[r->head & r->mask];

	if (r->head - tail > r->mask)
		return ASIDE_FULL;
	s->len = (uint16_t)wire_len(m);
	copy(s->frame, m, s->len);
	__atomic_store_n(&r->head, r->head + 1, __ATOMIC_RELEASE);
	return ASIDE_TAKEN;
}

enum aside_result aside_offer(struct aside *a, const struct rte_mbuf *m)
{
	uint8_t head[LOOK];
	uint32_t len = wire_len(m) < LOOK ? wire_len(m) : LOOK;
	enum answer_class class;

	if (m->pkt_len < ETHER)
		return ASIDE_UNWANTED;
	copy(head, m, len);
	class = answer_class(a->host, head, len);
	if (class == ANSWER_CLASS_NONE || (class == ANSWER_CLASS_OTHER && !a->others))
		return ASIDE_UNWANTED;
	if (wire_len(m) > ASIDE_FRAME)
		return ASIDE_LONG;
	return put(class == ANSWER_CLASS_NEIGHBOUR ? &a->neighbours : &a->other, m);
}

const struct aside_slot *aside_first(const struct aside_ring *r)
{
	uint32_t head = __atomic_load_n(&r->head, __ATOMIC_ACQUIRE);

	return head == r->tail ? NULL : &r->slot[r->tail & r->mask];
}

void aside_next(struct aside_ring *r)
{
	__atomic_store_n(&r->tail, r->tail + 1, __ATOMIC_RELEASE);
}
