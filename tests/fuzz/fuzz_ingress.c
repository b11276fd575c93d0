/* SPDX-License-Identifier: BSD-3-Clause */
#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_mbuf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ingress/ingress.h"

/*
 * Frames one after the other into one ingress, so that fragments meet. The first byte chooses link
 * type and checksums; each frame is a u16 length, a u8 that shapes segments and time, and its bytes.
 * What must hold: payloads lie within what was given (AddressSanitizer, and they are all read), both
 * laws of conservation, and no frame is lost.
 */

enum { FRAMES = 511, PORT = 6343, ROOM = 2048 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct rte_mempool *pool;
static volatile uint8_t sink;

static void check(bool good)
{
	if (!good)
		abort();
}

static void start(void)
{
	static char text[256];
	char *argv[16];
	int argc = 0;

	snprintf(text, sizeof(text),
		"fuzz --no-huge --no-pci -m 64 --no-shconf --no-telemetry --log-level=*:error "
		"--file-prefix=weir-fuzz-%ld",
		(long)getpid());
	for (char *p = strtok(text, " "); p; p = strtok(NULL, " "))
		argv[argc++] = p;
	argv[argc] = NULL;
	check(rte_eal_init(argc, argv) >= 0);
	pool = rte_pktmbuf_pool_create("fuzz", FRAMES, 0, 0, ROOM + RTE_PKTMBUF_HEADROOM, -1);
	check(pool != NULL);
}

static struct rte_mbuf *frame(const uint8_t *p, size_t len, size_t segment)
{
	struct rte_mbuf *head = NULL;

	do {
		size_t n = len < segment ? len : segment;
		struct rte_mbuf *m = rte_pktmbuf_alloc(pool);

		if (!m)
			break;
		memcpy(rte_pktmbuf_append(m, (uint16_t)n), p, n);
		p += n;
		len -= n;
		if (!head)
			head = m;
		else
			check(rte_pktmbuf_chain(head, m) == 0);
	} while (len > 0);
	return head;
}

static void conservation(const struct ingress *in, const uint64_t *s)
{
	uint64_t drops = 0;

	for (unsigned i = INGRESS_DROP_SHORT; i < INGRESS_DROP_FRAGMENT; i++)
		drops += s[i];
	check(s[INGRESS_PACKETS] - s[INGRESS_FRAGMENTS] + s[INGRESS_REASSEMBLED] ==
		s[INGRESS_DATAGRAMS] + drops);
	check(s[INGRESS_FRAGMENTS] == s[INGRESS_JOINED] + s[INGRESS_DROP_FRAGMENT] +
					      s[INGRESS_DROP_TIMEOUT] + ingress_held(in));
}

static void frames(struct ingress *in, const uint8_t *p, size_t size, uint64_t *stats)
{
	uint64_t now = 1;

	while (size >= 3) {
		size_t len = (size_t)(p[0] << 8 | p[1]) % ROOM;
		size_t segment = p[2] & 1 ? 1 + (p[2] >> 2) * 8u : ROOM;
		struct ingress_datagram d;
		struct rte_mbuf *m;

		if (p[2] & 2)
			now += rte_get_tsc_hz() / 500;
		p += 3;
		size -= 3;
		if (len > size)
			len = size;
		m = frame(p, len, segment);
		if (m && ingress_packet(in, m, now, &d, stats))
			for (uint32_t i = 0; i < d.len; i++)
				sink = d.payload[i];
		conservation(in, stats);
		ingress_release(in);
		p += len;
		size -= len;
	}
	ingress_expire(in, UINT64_MAX / 2, stats);
	conservation(in, stats);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum ingress_link links[] = {INGRESS_LINK_ETHERNET, INGRESS_LINK_RAW,
		INGRESS_LINK_NULL, INGRESS_LINK_LOOP, INGRESS_LINK_SLL, INGRESS_LINK_SLL2};
	uint64_t stats[INGRESS_STATS] = {0};
	struct ingress_options o = {
		.udp_port = PORT, .fragments = 8, .fragment_ms = 1, .socket = -1};
	struct ingress *in;

	if (size < 1)
		return 0;
	if (!pool)
		start();
	o.link = links[data[0] % (sizeof(links) / sizeof(*links))];
	o.checksum = (enum ingress_checksum)(data[0] / 16 % 3);
	in = ingress_create(&o);
	check(in != NULL);
	frames(in, data + 1, size - 1, stats);
	check(ingress_held(in) == 0);
	ingress_destroy(in);
	check(rte_mempool_avail_count(pool) == FRAMES);
	return 0;
}
