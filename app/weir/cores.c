/* SPDX-License-Identifier: BSD-3-Clause */
#include "cores.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

/* CPUs that this process may use. */
static unsigned allowed(unsigned *cpus)
{
	cpu_set_t set;
	unsigned n = 0;

	CPU_ZERO(&set);
	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		CPU_SET(0, &set);
	for (unsigned cpu = 0; cpu < CPU_SETSIZE && n < CORES_MAX; cpu++) {
		if (CPU_ISSET(cpu, &set))
			cpus[n++] = cpu;
	}
	return n;
}

static bool contains(const unsigned *cpus, unsigned n, unsigned cpu)
{
	for (unsigned i = 0; i < n; i++) {
		if (cpus[i] == cpu)
			return true;
	}
	return false;
}

static int check(const unsigned *wanted, unsigned n, const unsigned *have, unsigned count,
	const struct conf *c, struct conf_mark at, struct conf_error *e)
{
	for (unsigned i = 0; i < n; i++) {
		if (!contains(have, count, wanted[i])) {
			conf_error_at(e, c->file, at,
				"CPU %u is not there, or not allowed to this process; "
				"taskset -p shows the ones that are",
				wanted[i]);
			return -EINVAL;
		}
	}
	return 0;
}

/* Take the CPU of the aggregator out, if others are left. */
static unsigned without(unsigned *cpus, unsigned n, unsigned cpu)
{
	unsigned left = 0;

	for (unsigned i = 0; n > 1 && i < n; i++) {
		if (cpus[i] != cpu)
			cpus[left++] = cpus[i];
	}
	return n > 1 ? left : n;
}

static void choose_rx(struct cores *k, const struct conf *c, const unsigned *have, unsigned count,
	unsigned queues)
{
	unsigned free[CORES_MAX];

	memcpy(free, have, count * sizeof(*free));
	if (c->cores.aggregate_count)
		count = without(free, count, c->cores.aggregate[0]);
	for (unsigned i = 0; i < queues; i++)
		k->rx[i] = c->cores.rx_count ? c->cores.rx[i] : free[count - 1 - i % count];
	k->rx_cpus = (struct eal_cpus){k->rx, queues};
}

/* Everything that may sleep goes where no RX core polls, if there is such a CPU. */
static void choose_rest(struct cores *k, const struct conf *c, const unsigned *have, unsigned count)
{
	unsigned n = 0;

	for (unsigned i = 0; i < count; i++) {
		if (!contains(k->rx, k->rx_cpus.count, have[i]))
			k->main[n++] = have[i];
	}
	if (n == 0)
		k->main[n++] = have[0];
	k->main_cpus = (struct eal_cpus){k->main, n};
	k->aggregate[0] = c->cores.aggregate_count ? c->cores.aggregate[0] : k->main[0];
	k->aggregate_cpus = (struct eal_cpus){k->aggregate, 1};
}

int cores_choose(struct cores *k, const struct conf *c, unsigned queues, struct conf_error *e)
{
	unsigned have[CORES_MAX], count = allowed(have);

	if (queues > CORES_MAX) {
		snprintf(e->text, sizeof(e->text), "there are at most %d RX queues, not %u",
			CORES_MAX, queues);
		return -EINVAL;
	}
	if (check(c->cores.rx, c->cores.rx_count, have, count, c, c->cores.rx_at, e) < 0 ||
		check(c->cores.aggregate, c->cores.aggregate_count, have, count, c,
			c->cores.aggregate_at, e) < 0)
		return -EINVAL;
	choose_rx(k, c, have, count, queues);
	choose_rest(k, c, have, count);
	return 0;
}
