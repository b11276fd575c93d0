/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

/* What the tests of lib/ingress share: DPDK without hugepages, and frames built by hand. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <rte_eal.h>
#include <rte_malloc.h>
#include <rte_mbuf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cursor.h"
#include "ingress/ingress_pvt.h"

enum { PORT = 6343, FRAMES = 2047, MS = 1000 };

static struct rte_mempool *pool;
static struct ingress *in;
static uint64_t stats[INGRESS_STATS];
static struct ingress_datagram got;
static uint64_t now = 1;

static inline int eal_setup(void **state)
{
	/* One string, cut at its blanks: DPDK writes to its arguments. */
	static char text[256];
	char *argv[16];
	int argc = 0;

	(void)state;
	snprintf(text, sizeof(text),
		"test --no-huge --no-pci -m 64 --no-shconf --no-telemetry --log-level=*:error "
		"--file-prefix=weir-test-%ld",
		(long)getpid());
	for (char *p = strtok(text, " "); p; p = strtok(NULL, " "))
		argv[argc++] = p;
	argv[argc] = NULL;
	if (rte_eal_init(argc, argv) < 0)
		return -1;
	pool = rte_pktmbuf_pool_create("test", FRAMES, 0, 0, 2048 + RTE_PKTMBUF_HEADROOM, -1);
	return pool ? 0 : -1;
}

static inline int eal_teardown(void **state)
{
	(void)state;
	rte_mempool_free(pool);
	return rte_eal_cleanup();
}

static inline void open_with(
	enum ingress_link link, enum ingress_checksum checksum, uint32_t fragments)
{
	struct ingress_options o = {.udp_port = PORT,
		.link = link,
		.checksum = checksum,
		.fragments = fragments,
		.fragment_ms = MS,
		.socket = -1};

	memset(stats, 0, sizeof(stats));
	in = ingress_create(&o);
	assert_non_null(in);
}

static inline int ingress_setup(void **state)
{
	(void)state;
	open_with(INGRESS_LINK_ETHERNET, INGRESS_CHECKSUM_NIC, 16);
	return 0;
}

/* Both laws of ingress.h, and no mbuf lost. */
static inline void check_conservation(void)
{
	uint64_t drops = 0;

	for (unsigned i = INGRESS_DROP_SHORT; i < INGRESS_DROP_FRAGMENT; i++)
		drops += stats[i];
	assert_int_equal(
		stats[INGRESS_PACKETS] - stats[INGRESS_FRAGMENTS] + stats[INGRESS_REASSEMBLED],
		stats[INGRESS_DATAGRAMS] + drops);
	assert_int_equal(
		stats[INGRESS_FRAGMENTS], stats[INGRESS_JOINED] + stats[INGRESS_DROP_FRAGMENT] +
						  stats[INGRESS_DROP_TIMEOUT] + ingress_held(in));
}

static inline int ingress_close(void **state)
{
	(void)state;
	check_conservation();
	ingress_destroy(in);
	in = NULL;
	assert_int_equal(rte_mempool_avail_count(pool), FRAMES);
	return 0;
}

/* Copy bytes into a chain of mbufs of at most `segment` bytes each. */
static inline struct rte_mbuf *mbuf_of(const uint8_t *p, uint32_t len, uint32_t segment)
{
	struct rte_mbuf *head = rte_pktmbuf_alloc(pool);
	struct rte_mbuf *m = head;

	assert_non_null(m);
	for (;;) {
		uint32_t n = RTE_MIN(len, segment);
		struct rte_mbuf *next;

		memcpy(rte_pktmbuf_append(m, (uint16_t)n), p, n);
		p += n;
		len -= n;
		if (m != head)
			assert_int_equal(rte_pktmbuf_chain(head, m), 0);
		if (len == 0)
			return head;
		next = rte_pktmbuf_alloc(pool);
		assert_non_null(next);
		m = next;
	}
}

static inline bool give_mbuf(struct rte_mbuf *m)
{
	bool ok = ingress_packet(in, m, now, &got, stats);

	check_conservation();
	return ok;
}

/* One frame in one segment. The payload stays valid until the next release(). */
static inline bool give(const uint8_t *p, uint32_t len)
{
	return give_mbuf(mbuf_of(p, len, 2048));
}

static inline void release(void)
{
	ingress_release(in);
}

/* A frame that must be dropped for `reason`, and for nothing else. */
static inline void give_drop(const uint8_t *p, uint32_t len, enum ingress_stat reason)
{
	uint64_t before[INGRESS_STATS];

	memcpy(before, stats, sizeof(before));
	assert_false(give(p, len));
	release();
	for (unsigned i = INGRESS_DROP_SHORT; i < INGRESS_STATS; i++)
		if (stats[i] - before[i] != (i == reason))
			fail_msg("frame of %u bytes: %s changed by %d", len,
				ingress_stats.defs[i].name, (int)(stats[i] - before[i]));
}

/* A frame under construction. */
struct frame {
	uint8_t b[65536 + 256];
	uint32_t len, ip;
};

static inline void add(struct frame *f, const void *p, uint32_t len)
{
	memcpy(f->b + f->len, p, len);
	f->len += len;
}

static inline void add_u16(struct frame *f, unsigned v)
{
	base_put_u16(f->b + f->len, (uint16_t)v);
	f->len += 2;
}

static inline void ether(struct frame *f, unsigned type)
{
	static const uint8_t macs[12] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2};

	f->len = 0;
	add(f, macs, 12);
	add_u16(f, type);
	f->ip = f->len;
}

static inline void tag(struct frame *f, unsigned type)
{
	add_u16(f, 7);
	add_u16(f, type);
	f->ip = f->len;
}

/* IPv4 for `payload` bytes; `flags` is flags and offset in units of 8. */
static inline void ip4(
	struct frame *f, uint32_t options, uint32_t payload, unsigned id, unsigned flags)
{
	uint8_t h[60] = {0x45, 0, 0, 0, 0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2};
	uint32_t header = 20 + options;

	memset(h + 20, 1, options); /* no operation */
	h[0] = (uint8_t)(0x40 | header / 4);
	base_put_u16(h + 2, (uint16_t)(header + payload));
	base_put_u16(h + 4, (uint16_t)id);
	base_put_u16(h + 6, (uint16_t)flags);
	base_put_u16(h + 10, (uint16_t)~ingress_fold(ingress_sum(h, header, 0)));
	f->ip = f->len;
	add(f, h, header);
}

static inline void ip6(struct frame *f, unsigned next, uint32_t payload)
{
	uint8_t h[40] = {0x60, 0, 0, 0, 0, 0, 0, 64};

	memcpy(h + 8, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16);
	memcpy(h + 24, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\2", 16);
	base_put_u16(h + 4, (uint16_t)payload);
	h[6] = (uint8_t)next;
	f->ip = f->len;
	add(f, h, 40);
}

static inline void udp(struct frame *f, unsigned port, uint32_t payload)
{
	add_u16(f, 50000);
	add_u16(f, port);
	add_u16(f, 8 + payload);
	add_u16(f, 0);
}

/* Bytes that tell where they stand. */
static inline void fill(struct frame *f, uint32_t payload)
{
	for (uint32_t i = 0; i < payload; i++)
		f->b[f->len++] = (uint8_t)(i * 7 + (i >> 8));
}

static inline bool is_filled(const uint8_t *p, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++)
		if (p[i] != (uint8_t)(i * 7 + (i >> 8)))
			return false;
	return true;
}

static inline void assert_payload(uint32_t len)
{
	assert_int_equal(got.len, len);
	assert_true(is_filled(got.payload, len));
}

/* A whole frame: Ethernet, IPv4, UDP. */
static inline void plain4(struct frame *f, uint32_t payload)
{
	ether(f, 0x0800);
	ip4(f, 0, 8 + payload, 1, 0);
	udp(f, PORT, payload);
	fill(f, payload);
}

static inline void plain6(struct frame *f, uint32_t payload)
{
	ether(f, 0x86DD);
	ip6(f, 17, 8 + payload);
	udp(f, PORT, payload);
	fill(f, payload);
}

static struct frame frame __attribute__((unused)); /* not every test builds one */
