/* SPDX-License-Identifier: BSD-3-Clause */
#include "nic.h"

#include <errno.h>
#include <poll.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "nic_pvt.h"

BASE_LOG_TYPE(log_type, "nic");

enum {
	ROUND_MS = 1,      /* rings are emptied so often, and no more often, whatever comes */
	BUFFERS = 2047,    /* for frames to send; more than the TX queue holds */
	FROM_TAP = 64,     /* frames in a round */
	NEIGHBOURS = 4096, /* answers a second, each port */
	ECHOES = 1000,
	CLAIMS = 64, /* to those who ask whether they may have an IPv6 address of ours */
};

static const struct stats_def defs[NIC_STATS] = {
	[NIC_ARP] = {"arp", "packets", "ARP requests answered"},
	[NIC_NEIGHBOUR] = {"neighbour", "packets", "IPv6 neighbour solicitations answered"},
	[NIC_ECHO] = {"echo", "packets", "ICMP and ICMPv6 echoes answered"},
	[NIC_ANNOUNCED] = {"announced", "packets",
		"Gratuitous ARP, unsolicited advertisements, probes and reports of groups sent"},
	[NIC_CONFLICTS] = {"conflicts", "packets",
		"Frames of others who say that they have, or want, an address of weir's"},
	[NIC_DUPLICATES] = {"duplicates", "addresses",
		"IPv6 addresses that are not used since somebody else has them", .gauge = true},
	[NIC_DROP_LENGTH] = {"drop_length", "packets",
		"Questions that are cut, or have an option without a length"},
	[NIC_DROP_FORM] = {"drop_form", "packets", "Questions with fields that cannot be"},
	[NIC_DROP_SENDER] = {"drop_sender", "packets",
		"Questions from an address that cannot be a sender's"},
	[NIC_DROP_CHECKSUM] = {"drop_checksum", "packets", "Questions with a wrong checksum"},
	[NIC_DROP_FRAGMENT] = {"drop_fragment", "packets", "Echoes in fragments"},
	[NIC_DROP_RATE] = {"drop_rate", "packets", "Questions beyond what is answered in a second"},
	[NIC_DROP_SEND] = {"drop_send", "packets", "Frames that the device did not take"},
	[NIC_TAP_IN] = {"tap_in", "packets", "Frames that went to the kernel, by the TAP"},
	[NIC_TAP_OUT] = {"tap_out", "packets", "Frames that came from the kernel, by the TAP"},
	[NIC_DROP_TAP] = {"drop_tap", "packets", "Frames that the TAP did not take"},
};

const struct stats_group nic_stats = {"nic", defs, NIC_STATS};

bool nic_rate_take(struct nic_rate *r, uint64_t now_ms)
{
	r->tokens += (double)(now_ms - r->filled_ms) * r->per_s / 1000;
	r->filled_ms = now_ms;
	if (r->tokens > r->per_s)
		r->tokens = r->per_s;
	if (r->tokens < 1)
		return false;
	r->tokens--;
	return true;
}

bool nic_send(struct nic *n, struct nic_port *p, const uint8_t *frame, uint32_t len)
{
	struct rte_mbuf *m =
		nic_up(p->link) && len <= ASIDE_FRAME ? rte_pktmbuf_alloc(p->pool) : NULL;

	if (m) {
		memcpy(rte_pktmbuf_append(m, (uint16_t)len), frame, len);
		if (rte_eth_tx_burst(p->port_id, 0, &m, 1) == 1)
			return true;
		rte_pktmbuf_free(m);
	}
	nic_count(n, NIC_DROP_SEND);
	return false;
}

static void to_tap(struct nic *n, const struct nic_port *p, const struct aside_slot *s)
{
	if (p->tap >= 0)
		nic_count(n, write(p->tap, s->frame, s->len) == s->len ? NIC_TAP_IN : NIC_DROP_TAP);
}

static void reply(struct nic *n, struct nic_port *p, const struct answer_reply *r,
	enum nic_stat kind, struct nic_rate *rate, uint64_t now_ms)
{
	/* An address that is not ours yet, or not any more, is not spoken for. */
	if (p->address[r->address].phase != NIC_IN_USE)
		return;
	if (!nic_rate_take(rate, now_ms))
		nic_count(n, NIC_DROP_RATE);
	else if (nic_send(n, p, r->frame, r->len))
		nic_count(n, kind);
}

static void frame(struct nic *n, struct nic_port *p, const struct aside_slot *s, uint64_t now_ms)
{
	struct answer_reply r;
	enum answer answer = answer_frame(&p->host, s->frame, s->len, &r);

	switch (answer) {
	case ANSWER_NOTHING:
		to_tap(n, p, s);
		break;
	case ANSWER_CONFLICT:
		nic_address_claimed(n, p, r.address, false, now_ms);
		break;
	case ANSWER_CLAIM:
		nic_address_claimed(n, p, r.address, true, now_ms);
		reply(n, p, &r, NIC_NEIGHBOUR, &p->claims, now_ms);
		break;
	case ANSWER_ARP:
	case ANSWER_NEIGHBOUR:
		reply(n, p, &r, NIC_ARP + (unsigned)(answer - ANSWER_ARP), &p->neighbours, now_ms);
		break;
	case ANSWER_ECHO:
		reply(n, p, &r, NIC_ECHO, &p->echoes, now_ms);
		break;
	default:
		nic_count(n, NIC_DROP_LENGTH + (unsigned)(answer - ANSWER_DROP_LENGTH));
		break;
	}
}

/* What is in a ring now; what comes meanwhile waits for the next round. */
static void empty(struct nic *n, struct nic_port *p, struct aside_ring *ring, uint64_t now_ms)
{
	const struct aside_slot *s;

	for (uint32_t i = 0; i <= ring->mask && (s = aside_first(ring)); i++) {
		frame(n, p, s, now_ms);
		aside_next(ring);
	}
}

static void from_tap(struct nic *n, struct nic_port *p)
{
	uint8_t buf[ASIDE_FRAME];

	for (unsigned i = 0; i < FROM_TAP; i++) {
		ssize_t len = read(p->tap, buf, sizeof(buf));

		if (len <= 0)
			return;
		if (nic_send(n, p, buf, (uint32_t)len))
			nic_count(n, NIC_TAP_OUT);
	}
}

static void serve(struct nic *n, struct nic_port *p)
{
	uint64_t now_ms = base_clock_mono_ns() / 1000000;

	nic_address_link(n, p, ports_link(n->ports, p->port), now_ms);
	for (unsigned i = 0; i < p->queues; i++) {
		empty(n, p, &p->aside[i]->neighbours, now_ms);
		empty(n, p, &p->aside[i]->other, now_ms);
	}
	if (p->tap >= 0)
		from_tap(n, p);
	nic_address_tick(n, p, now_ms);
}

static void *run(void *arg)
{
	const struct timespec nap = {.tv_nsec = ROUND_MS * 1000000L};
	struct nic *n = arg;

	while (!__atomic_load_n(&n->stop, __ATOMIC_ACQUIRE)) {
		for (unsigned i = 0; i < n->count; i++)
			serve(n, &n->list[i]);
		(void)nanosleep(&nap, NULL);
	}
	return NULL;
}

static bool wanted(const struct conf_port *c)
{
	return c->address_count || c->tap;
}

static void host_init(struct nic_port *p, const struct conf_port *c)
{
	p->host.vlan = (uint16_t)c->vlan;
	p->host.count = c->address_count;
	for (unsigned i = 0; i < c->address_count; i++)
		(void)base_addr_parse(c->addresses[i], &p->host.address[i]);
	p->neighbours = (struct nic_rate){.per_s = NEIGHBOURS};
	p->echoes = (struct nic_rate){.per_s = ECHOES};
	p->claims = (struct nic_rate){.per_s = CLAIMS};
}

/* Room for what waits, in threads of no lcore: without caches. */
static int make_room(struct nic_port *p)
{
	char name[RTE_MEMPOOL_NAMESIZE];

	snprintf(name, sizeof(name), "weir_tx_%u", p->port_id);
	p->pool = rte_pktmbuf_pool_create(
		name, BUFFERS, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	p->aside = calloc(p->queues, sizeof(struct aside *));
	if (!p->pool || !p->aside)
		return -ENOMEM;
	for (unsigned i = 0; i < p->queues; i++) {
		p->aside[i] = aside_create(&p->host, p->tap >= 0);
		if (!p->aside[i])
			return -ENOMEM;
	}
	return 0;
}

static int port_init(struct nic_port *p, const struct conf_port *c, struct conf_error *e)
{
	struct rte_ether_addr mac;
	int rc = rte_eth_macaddr_get(p->port_id, &mac);

	host_init(p, c);
	if (rc == 0) {
		memcpy(p->host.mac, mac.addr_bytes, sizeof(p->host.mac));
		if (c->tap)
			rc = p->tap = nic_tap_open(p, c->tap, e);
		if (rc < 0)
			return rc;
		rc = make_room(p);
	}
	if (rc < 0)
		snprintf(e->text, sizeof(e->text), "%s: %s", p->name, strerror(-rc));
	return rc;
}

int nic_create(const struct conf *c, struct ports *ports, struct nic **nic, struct conf_error *e)
{
	struct nic *n = calloc(1, sizeof(*n));
	int rc = 0;

	*nic = n;
	if (n)
		n->list = calloc(ports->count + 1, sizeof(*n->list));
	if (!n || !n->list) {
		snprintf(e->text, sizeof(e->text), "addresses of ports: out of memory");
		return -ENOMEM;
	}
	n->ports = ports;
	for (unsigned i = 0; i < ports->queue_count && rc == 0; i++) {
		const struct ports_queue *q = &ports->queues[i];
		const struct conf_port *conf = ports_conf(ports, q->port);
		struct nic_port *p = &n->list[n->count];

		if (q->queue_id != 0 || !wanted(conf))
			continue;
		*p = (struct nic_port){.name = q->name,
			.port = q->port,
			.port_id = q->port_id,
			.first = i,
			.queues = conf->queues,
			.tap = -1,
			.link = PORTS_LINK_DOWN};
		n->count++;
		rc = port_init(p, conf, e);
	}
	return rc;
}

struct aside *nic_aside(const struct nic *n, unsigned queue)
{
	for (unsigned i = 0; n && i < n->count; i++) {
		const struct nic_port *p = &n->list[i];

		if (queue >= p->first && queue < p->first + p->queues)
			return p->aside[queue - p->first];
	}
	return NULL;
}

static void log_port(const struct nic_port *p)
{
	for (unsigned i = 0; i < p->host.count; i++) {
		char text[BASE_ADDR_TEXT];

		base_log(&log_type, BASE_LOG_NOTICE, "%s: answers for %s", p->name,
			base_addr_print(&p->host.address[i], text));
	}
}

int nic_start(struct nic *n, struct conf_error *e)
{
	int rc;

	if (!n || n->count == 0)
		return 0;
	for (unsigned i = 0; i < n->count; i++)
		log_port(&n->list[i]);
	rc = pthread_create(&n->thread, NULL, run, n);
	if (rc) {
		snprintf(e->text, sizeof(e->text), "addresses of ports: %s", strerror(rc));
		return -rc;
	}
	n->started = true;
	return 0;
}

void nic_stop(struct nic *n)
{
	if (!n || !n->started)
		return;
	__atomic_store_n(&n->stop, true, __ATOMIC_RELEASE);
	pthread_join(n->thread, NULL);
	n->started = false;
}

static void port_fini(struct nic_port *p)
{
	if (p->tap >= 0)
		close(p->tap);
	for (unsigned i = 0; p->aside && i < p->queues; i++)
		aside_destroy(p->aside[i]);
	free(p->aside);
	rte_mempool_free(p->pool);
}

void nic_destroy(struct nic *n)
{
	if (!n)
		return;
	for (unsigned i = 0; n->list && i < n->count; i++)
		port_fini(&n->list[i]);
	free(n->list);
	free(n);
}

void nic_read_stats(const struct nic *n, uint64_t *values)
{
	for (unsigned i = 0; i < NIC_STATS; i++)
		values[i] = __atomic_load_n(&n->stats[i], __ATOMIC_RELAXED);
}
