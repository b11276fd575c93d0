/* SPDX-License-Identifier: BSD-3-Clause */
#include "daemon_pvt.h"

#include <errno.h>
#include <rte_cycles.h>
#include <rte_lcore.h>
#include <rte_malloc.h>
#include <rte_mbuf_dyn.h>
#include <stdlib.h>
#include <string.h>

#include "access.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "cores.h"
#include "eal.h"
#include "nic.h"
#include "nodes.h"

/* CPUs, memory and RX cores: what is there before traffic comes. */

enum { DAEMON_IDLE_WINDOWS = 4 /* an agent entry is not given away before this many windows */ };

BASE_LOG_TYPE(log_cores, "weir.cores");

/* Of the node, else of any: hugepages of one node may be used up while others have some. */
static void *dpdk_alloc(size_t len, int socket)
{
	static bool warned;
	void *p = rte_zmalloc_socket("weir", len, RTE_CACHE_LINE_SIZE, socket);

	if (p || socket < 0)
		return p;
	p = rte_zmalloc_socket("weir", len, RTE_CACHE_LINE_SIZE, SOCKET_ID_ANY);
	if (p && !__atomic_exchange_n(&warned, true, __ATOMIC_RELAXED))
		base_log(&log_cores, BASE_LOG_WARNING,
			"hugepages of NUMA node %d are used up: memory of another node is slower; "
			"see /sys/devices/system/node/node%d/hugepages",
			socket, socket);
	return p;
}

static void dpdk_free(void *p, size_t len)
{
	rte_free(p);
}

static const struct base_memory dpdk_memory = {.alloc = dpdk_alloc, .free = dpdk_free};

struct window_limits daemon_window_limits(const struct conf *c)
{
	return (struct window_limits){.agents = c->limits.agents,
		.sources = c->limits.sources,
		.counter_bytes = c->limits.counters_mb << 20};
}

static struct agent_limits agent_limits(const struct daemon *d)
{
	const struct conf *c = &d->options->conf;
	uint64_t idle_ms = c->window_ms * DAEMON_IDLE_WINDOWS;

	if (idle_ms < c->limits.expire_ms)
		idle_ms = c->limits.expire_ms;
	return (struct agent_limits){.agents = c->limits.agents,
		.sources = c->limits.sources,
		.idle_tsc = rte_get_tsc_hz() / 1000 * idle_ms};
}

/* What one RX core's tables take. */
static size_t core_memory(const struct conf *c, const struct flow_plan *plan)
{
	const struct window_limits limits = daemon_window_limits(c);
	const struct agent_limits agents = {
		.agents = c->limits.agents, .sources = c->limits.sources};

	return 2 * window_memory(plan, &limits) + agent_table_memory(&agents);
}

/* Without hugepages tables take memory only as they fill: say so now if they could not. */
static void check_memory(size_t need)
{
	FILE *f = fopen("/proc/meminfo", "r");
	unsigned long long kb = 0;
	char line[128];

	while (f && fgets(line, sizeof(line), f) && sscanf(line, "MemAvailable: %llu kB", &kb) != 1)
		;
	if (f)
		fclose(f);
	if (kb && need / 1024 > kb)
		base_log(&log_cores, BASE_LOG_WARNING,
			"tables can take %zu MB when they are full, and %llu MB of memory are "
			"there: lower "
			"capacity of flows or limits",
			need >> 20, kb >> 10);
}

/* A NIC on another node than its RX core: each frame crosses from one to the other. */
static void warn_apart(const struct daemon *d, const struct cores *k)
{
	for (unsigned i = 0; i < d->ports->queue_count; i++) {
		const struct ports_queue *q = &d->ports->queues[i];
		char cpus[256];

		if (cores_apart(k, i, q->node))
			base_log(&log_cores, BASE_LOG_WARNING,
				"%s is on NUMA node %d, the RX core of queue %u on node %d (CPU "
				"%u): frames cross between them, which is slower; cores.rx should "
				"name a CPU of node %d (%s)",
				q->name, q->node, i, k->rx_node[i], k->rx[i], q->node,
				nodes_cpus("/sys", q->node, cpus, sizeof(cpus)));
	}
}

static int choose_cores(const struct daemon *d, struct cores *k, struct conf_error *e)
{
	unsigned count = d->ports->queue_count;
	struct cores_machine *m = calloc(1, sizeof(*m));
	int *nodes = calloc(count, sizeof(*nodes)), err = -ENOMEM;

	if (!m || !nodes) {
		daemon_fail(e, err, "start");
		goto out;
	}
	for (unsigned i = 0; i < count; i++)
		nodes[i] = d->ports->queues[i].node;
	cores_machine(m, "/sys");
	err = cores_choose(k, &d->options->conf, m, nodes, count, e);
	if (err == 0)
		warn_apart(d, k);
out:
	free(nodes);
	free(m);
	return err;
}

int daemon_start_eal(struct daemon *d, struct conf_error *e)
{
	const struct conf *c = &d->options->conf;
	struct cores *k = calloc(1, sizeof(*k));
	struct eal_plan plan = {.port_bytes = ports_memory(d->ports),
		.table_bytes = d->ports->queue_count * core_memory(c, d->plan)};
	int err;

	if (!k)
		return daemon_fail(e, -ENOMEM, "start");
	err = choose_cores(d, k, e);
	if (err == 0) {
		plan.main = k->main_cpus;
		plan.rx = k->rx_cpus;
		plan.aggregate = k->aggregate_cpus;
		d->eal = true;
		err = eal_start(c, &plan, e);
	}
	free(k);
	if (err == 0 && eal_on_hugepages())
		base_memory_use(&dpdk_memory);
	else if (err == 0)
		check_memory(plan.table_bytes);
	return err;
}

/* A share of what comes live; a capture comes faster than it was sent. */
static struct base_bucket_rate share(const struct daemon *d, unsigned tokens)
{
	uint64_t hz = rte_get_tsc_hz(), burst = hz / 1000 * d->options->conf.shed.burst_ms;

	return base_bucket_rate(d->options->live ? tokens : 0, hz, burst);
}

static int start_core(struct daemon *d, struct rx *rx, unsigned queue, int socket)
{
	const struct ports_queue *q = &d->ports->queues[queue];
	const struct conf *c = &d->options->conf;
	const struct window_limits limits = daemon_window_limits(c);
	const struct agent_limits agents = agent_limits(d);
	struct ingress_options in = {.udp_port = c->udp_port,
		.link = q->link,
		.checksum = (enum ingress_checksum)c->ingress.checksum,
		.fragments = c->ingress.fragments,
		.fragment_ms = c->ingress.fragment_ms,
		.source = share(d, c->shed.source),
		.hash = &d->hash,
		.socket = socket,
		.aside = nic_aside(d->nic, queue)};
	struct window *current = window_create(d->plan, &limits, socket);
	struct window *spare = NULL;

	if (current) {
		window_set_senders(current, d->senders);
		spare = window_create_beside(current, socket);
	}
	if (!current || !spare) {
		window_destroy(current);
		window_destroy(spare);
		return -ENOMEM;
	}
	seal_init(&rx->seal, current, spare, rte_rdtsc(), base_clock_wall_ns());
	rx->queue = q;
	rx->burst = q->finite ? RX_BURST_FINITE : RX_BURST;
	rx->ahead = q->copied ? 1 : COLLECT_FETCH_BYTES;
	rx->expire_tsc = rte_get_tsc_hz() / 1000 * c->ingress.fragment_ms;
	rx->sleepy = c->cores.idle == CONF_IDLE_SLEEP && !q->finite;
	rx->lossless = q->finite;
	rx->time_offset =
		q->finite ? rte_mbuf_dynfield_lookup(RTE_MBUF_DYNFIELD_TIMESTAMP_NAME, NULL) : -1;
	rx->collector.hash = &d->hash;
	rx->collector.census = d->census;
	rx->collector.share = share(d, c->shed.agent);
	rx->collector.agents = agent_table_create(&agents, &d->hash, socket);
	rx->ingress = ingress_create(&in);
	if (!rx->ingress) {
		in.socket = SOCKET_ID_ANY;
		rx->ingress = ingress_create(&in);
	}
	if (!rx->collector.agents || !rx->ingress)
		return -ENOMEM;
	return flow_scratch_init(&rx->collector.scratch);
}

int daemon_start_cores(struct daemon *d, struct conf_error *e)
{
	unsigned count = d->ports->queue_count;
	int err;

	d->rx = calloc(count, sizeof(*d->rx));
	d->census = flow_census_create();
	d->sockets = calloc(count, sizeof(*d->sockets));
	if (!d->rx || !d->census || !d->sockets)
		return daemon_fail(e, -ENOMEM, "RX cores");
	for (unsigned i = 0; i < count; i++) {
		d->sockets[i] = (int)rte_lcore_to_socket_id(EAL_RX + i);
		d->rx[i] = base_memory_alloc(sizeof(*d->rx[i]), d->sockets[i]);
		if (!d->rx[i])
			return daemon_fail(e, -ENOMEM, "RX cores");
		d->rx_count++;
		err = start_core(d, d->rx[i], i, d->sockets[i]);
		if (err < 0)
			return daemon_fail(e, err,
				"memory for tables ran out; lower limits or capacity, or give more "
				"hugepages");
	}
	return 0;
}
