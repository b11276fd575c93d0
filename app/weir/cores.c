/* SPDX-License-Identifier: BSD-3-Clause */
#include "cores.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>

#include "nodes.h"

void cores_machine(struct cores_machine *m, const char *root)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		CPU_SET(0, &set);
	m->count = 0;
	for (unsigned cpu = 0; cpu < CPU_SETSIZE && m->count < CORES_MAX; cpu++) {
		if (!CPU_ISSET(cpu, &set))
			continue;
		m->node[m->count] = nodes_of_cpu(root, cpu);
		m->cpu[m->count++] = cpu;
	}
}

static bool contains(const unsigned *cpus, unsigned n, unsigned cpu)
{
	for (unsigned i = 0; i < n; i++) {
		if (cpus[i] == cpu)
			return true;
	}
	return false;
}

static int check(const struct conf *c, const char *option, const unsigned *wanted, unsigned n,
	const struct cores_machine *m, struct conf_error *e)
{
	for (unsigned i = 0; i < n; i++) {
		if (!contains(m->cpu, m->count, wanted[i])) {
			conf_error_of(e, c, option,
				"CPU %u is not there, or not allowed to this process; "
				"taskset -p shows the ones that are",
				wanted[i]);
			return -EINVAL;
		}
	}
	return 0;
}

int cores_check(const struct conf *c, const struct cores_machine *m, struct conf_error *e)
{
	int err = check(c, "cores.rx", c->cores.rx, c->cores.rx_count, m, e);

	return err < 0 ? err
		       : check(c, "cores.aggregate", c->cores.aggregate, c->cores.aggregate_count,
				 m, e);
}

static int node_of(const struct cores_machine *m, unsigned cpu)
{
	for (unsigned i = 0; i < m->count; i++) {
		if (m->cpu[i] == cpu)
			return m->node[i];
	}
	return -1;
}

/* The last CPU that is not taken, of a node, or of any where it is -1. @return its index, or -1 */
static int last_free(const struct cores_machine *m, const bool *taken, int node)
{
	for (unsigned i = m->count; i-- > 0;) {
		if (!taken[i] && (node < 0 || m->node[i] == node))
			return (int)i;
	}
	return -1;
}

/* Once all are taken, RX cores share: it starts again with all but the aggregators' own. */
static void free_all(bool *taken, const struct cores_machine *m, const struct conf *c)
{
	unsigned left = m->count;

	for (unsigned i = 0; i < m->count; i++) {
		taken[i] = left > 1 &&
			   contains(c->cores.aggregate, c->cores.aggregate_count, m->cpu[i]);
		left -= taken[i];
	}
}

static void take(struct cores *k, unsigned queue, const struct cores_machine *m,
	const struct conf *c, bool *taken, int node)
{
	int i = last_free(m, taken, node);

	if (i < 0)
		i = last_free(m, taken, -1);
	if (i < 0) {
		free_all(taken, m, c);
		i = last_free(m, taken, node);
	}
	if (i < 0)
		i = last_free(m, taken, -1);
	taken[i] = true;
	k->rx[queue] = m->cpu[i];
}

/* Those whose node is known first, so that no other takes the CPUs that they want. */
static void choose_rx(struct cores *k, const struct conf *c, const struct cores_machine *m,
	const int *nodes, unsigned queues)
{
	bool taken[CORES_MAX];

	free_all(taken, m, c);
	for (unsigned i = 0; i < queues; i++) {
		if (c->cores.rx_count)
			k->rx[i] = c->cores.rx[i];
		else if (nodes[i] >= 0)
			take(k, i, m, c, taken, nodes[i]);
	}
	for (unsigned i = 0; i < queues; i++) {
		if (!c->cores.rx_count && nodes[i] < 0)
			take(k, i, m, c, taken, -1);
		k->rx_node[i] = node_of(m, k->rx[i]);
	}
	k->rx_cpus = (struct eal_cpus){k->rx, queues};
}

/* Where the tables of the first RX core are, if a CPU is left there. */
static unsigned near_rx(const struct cores *k, const struct cores_machine *m)
{
	for (unsigned i = 0; k->rx_cpus.count && i < k->main_cpus.count; i++) {
		if (node_of(m, k->main[i]) == k->rx_node[0])
			return k->main[i];
	}
	return k->main[0];
}

/* Everything that may sleep goes where no RX core polls, if there is such a CPU. */
static void choose_rest(struct cores *k, const struct conf *c, const struct cores_machine *m)
{
	unsigned n = 0;

	for (unsigned i = 0; i < m->count; i++) {
		if (!contains(k->rx, k->rx_cpus.count, m->cpu[i]))
			k->main[n++] = m->cpu[i];
	}
	if (n == 0)
		k->main[n++] = m->cpu[0];
	k->main_cpus = (struct eal_cpus){k->main, n};
	k->aggregate[0] = near_rx(k, m);
	for (unsigned i = 0; i < c->cores.aggregate_count; i++)
		k->aggregate[i] = c->cores.aggregate[i];
	k->aggregate_cpus = (struct eal_cpus){
		k->aggregate, c->cores.aggregate_count ? c->cores.aggregate_count : 1};
}

int cores_choose(struct cores *k, const struct conf *c, const struct cores_machine *m,
	const int *nodes, unsigned queues, struct conf_error *e)
{
	if (queues > CORES_MAX) {
		snprintf(e->text, sizeof(e->text), "there are at most %d RX queues, not %u",
			CORES_MAX, queues);
		return -EINVAL;
	}
	if (cores_check(c, m, e) < 0)
		return -EINVAL;
	choose_rx(k, c, m, nodes, queues);
	choose_rest(k, c, m);
	return 0;
}

bool cores_apart(const struct cores *k, unsigned queue, int node)
{
	return node >= 0 && k->rx_node[queue] >= 0 && k->rx_node[queue] != node;
}
