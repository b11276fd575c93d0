/* SPDX-License-Identifier: BSD-3-Clause */
#include "status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aggregate.h"
#include "window/ring.h"

/* ---- the aggregator ---- */

enum {
	AGGREGATE_SEALS,
	AGGREGATE_GRACE,
	AGGREGATE_MERGE,
	AGGREGATE_CLOSE,
	AGGREGATE_REPORT,
	AGGREGATE_LATE,
	AGGREGATE_BUSY,
	AGGREGATE_STATS
};

static const struct stats_def aggregate_defs[AGGREGATE_STATS] = {
	[AGGREGATE_SEALS] = {"seals", "seals", "Times that windows were taken from the RX cores"},
	[AGGREGATE_GRACE] = {"grace", "microseconds",
		"Longest wait of the newest window for RX cores to let theirs go", .gauge = true},
	[AGGREGATE_MERGE] = {"merge", "microseconds", "To merge the newest window", .gauge = true},
	[AGGREGATE_CLOSE] = {"close", "microseconds",
		"For rates, thresholds and ends of flows of the newest window", .gauge = true},
	[AGGREGATE_REPORT] = {"report", "microseconds",
		"To make the results of the window before the newest", .gauge = true},
	[AGGREGATE_LATE] = {"late", "microseconds",
		"From the end of the newest window until it was sealed", .gauge = true},
	[AGGREGATE_BUSY] = {"busy", "percent", "Of the newest window: all of these", .gauge = true},
};
static const struct stats_group aggregate_stats = {"aggregate", aggregate_defs, AGGREGATE_STATS};

/* ---- memory ---- */

enum {
	MEMORY_RESIDENT,
	MEMORY_ALLOCATED,
	MEMORY_ACTIVE,
	MEMORY_METADATA,
	MEMORY_MAPPED,
	MEMORY_RETAINED,
	MEMORY_STATS
};

static const struct stats_def memory_defs[MEMORY_STATS] = {
	[MEMORY_RESIDENT] = {"resident", "bytes", "Memory of the process in RAM, without hugepages",
		.gauge = true},
	[MEMORY_ALLOCATED] = {"allocated", "bytes", "What the program asked jemalloc for",
		.gauge = true},
	[MEMORY_ACTIVE] = {"active", "bytes", "Pages of jemalloc that hold some of it",
		.gauge = true},
	[MEMORY_METADATA] = {"metadata", "bytes", "What jemalloc needs for itself", .gauge = true},
	[MEMORY_MAPPED] = {"mapped", "bytes", "What jemalloc has from the kernel", .gauge = true},
	[MEMORY_RETAINED] = {"retained", "bytes",
		"Addresses that jemalloc keeps, without memory behind them", .gauge = true},
};
static const struct stats_group memory_stats = {"memory", memory_defs, MEMORY_STATS};

/* Of jemalloc, where the program is linked with it: builds with a sanitizer are not. */
int mallctl(const char *name, void *old, size_t *old_len, void *new, size_t new_len)
	__attribute__((weak));

static uint64_t jemalloc_value(const char *name)
{
	size_t value = 0, len = sizeof(value);

	return mallctl(name, &value, &len, NULL, 0) == 0 ? value : 0;
}

static uint64_t resident(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	unsigned long long pages = 0;

	if (f && fscanf(f, "%*u %llu", &pages) != 1)
		pages = 0;
	if (f)
		fclose(f);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void read_memory(uint64_t *v)
{
	uint64_t epoch = 1;
	size_t len = sizeof(epoch);

	v[MEMORY_RESIDENT] = resident();
	/* jemalloc's figures are those of its newest epoch. */
	if (!mallctl || mallctl("epoch", &epoch, &len, &epoch, len) != 0)
		return;
	v[MEMORY_ALLOCATED] = jemalloc_value("stats.allocated");
	v[MEMORY_ACTIVE] = jemalloc_value("stats.active");
	v[MEMORY_METADATA] = jemalloc_value("stats.metadata");
	v[MEMORY_MAPPED] = jemalloc_value("stats.mapped");
	v[MEMORY_RETAINED] = jemalloc_value("stats.retained");
}

/* ---- queues ---- */

enum { QUEUE_EVENTS, QUEUE_RECORDS, QUEUE_STEPS, QUEUE_STATS };

static const struct stats_def queue_defs[QUEUE_STATS] = {
	[QUEUE_EVENTS] = {"events", "events", "Starts and ends of events that wait for Redis",
		.gauge = true},
	[QUEUE_RECORDS] = {"records", "records", "Flow records that wait for Redis", .gauge = true},
	[QUEUE_STEPS] = {"steps", "steps", "Steps of histories that wait for Redis", .gauge = true},
};
static const struct stats_group queue_stats = {"queue", queue_defs, QUEUE_STATS};

static uint64_t waiting(struct ring *r)
{
	uint64_t told = r ? ring_told_until(r) : 0, newest = r ? ring_newest(r) : 0;

	return newest > told ? newest - told : 0;
}

/* ---- RX cores ---- */

enum { RX_BUSY, RX_PACKETS, RX_SAMPLES, RX_STATS };

static const struct stats_def rx_rows[RX_STATS] = {
	[RX_BUSY] = {"busy", "percent", "Share of the newest window that RX core %u worked",
		.gauge = true},
	[RX_PACKETS] = {"packets", "packets", "Frames that RX core %u took"},
	[RX_SAMPLES] = {"samples", "samples", "Samples that RX core %u met"},
};

struct rx_text {
	char name[32], help[80];
};

struct status {
	struct status_queues queues;
	unsigned rx_count;
	struct stats_def *rx_defs; /* of each core the rows above */
	struct rx_text *rx_texts;
	struct stats_group rx_group;
	uint64_t *rx_values;
	struct rx_totals *before; /* of each core, at the call before */
	uint64_t seals, aggregate[AGGREGATE_STATS], memory[MEMORY_STATS], queue[QUEUE_STATS];
};

static void name_rows(struct status *s)
{
	for (unsigned i = 0; i < s->rx_count * RX_STATS; i++) {
		const struct stats_def *row = &rx_rows[i % RX_STATS];
		struct rx_text *t = &s->rx_texts[i];
		const char *number = strstr(row->help, "%u");

		snprintf(t->name, sizeof(t->name), "%u_%s", i / RX_STATS, row->name);
		snprintf(t->help, sizeof(t->help), "%.*s%u%s", (int)(number - row->help), row->help,
			i / RX_STATS, number + 2);
		s->rx_defs[i] = *row;
		s->rx_defs[i].name = t->name;
		s->rx_defs[i].help = t->help;
	}
	s->rx_group = (struct stats_group){"rx", s->rx_defs, s->rx_count * RX_STATS};
}

struct status *status_create(unsigned rx_count, const struct status_queues *queues)
{
	struct status *s = calloc(1, sizeof(*s));
	size_t rows = (size_t)rx_count * RX_STATS;

	if (!s)
		return NULL;
	s->queues = *queues;
	s->rx_count = rx_count;
	s->rx_defs = calloc(rows, sizeof(*s->rx_defs));
	s->rx_texts = calloc(rows, sizeof(*s->rx_texts));
	s->rx_values = calloc(rows, sizeof(*s->rx_values));
	s->before = calloc(rx_count, sizeof(*s->before));
	if (!s->rx_defs || !s->rx_texts || !s->rx_values || !s->before) {
		status_destroy(s);
		return NULL;
	}
	name_rows(s);
	return s;
}

void status_destroy(struct status *s)
{
	if (!s)
		return;
	free(s->rx_defs);
	free(s->rx_texts);
	free(s->rx_values);
	free(s->before);
	free(s);
}

static void read_cores(struct status *s, const struct rx_totals *totals)
{
	for (unsigned i = 0; i < s->rx_count; i++) {
		uint64_t *v = &s->rx_values[(size_t)i * RX_STATS];
		uint64_t total = totals[i].cycles_total - s->before[i].cycles_total;
		uint64_t busy = totals[i].cycles_busy - s->before[i].cycles_busy;

		/* The burst under way at the seal counts as busy before it counts in the total. */
		v[RX_BUSY] = busy < total ? 100 * busy / total : total ? 100 : 0;
		v[RX_PACKETS] = totals[i].packets;
		v[RX_SAMPLES] = totals[i].samples;
		s->before[i] = totals[i];
	}
}

static void read_times(struct status *s, const struct status_times *t, double seconds)
{
	uint64_t busy = t->grace + t->merge + t->close + t->report;

	s->seals += t->seals;
	s->aggregate[AGGREGATE_SEALS] = s->seals;
	s->aggregate[AGGREGATE_GRACE] = t->grace / 1000;
	s->aggregate[AGGREGATE_MERGE] = t->merge / 1000;
	s->aggregate[AGGREGATE_CLOSE] = t->close / 1000;
	s->aggregate[AGGREGATE_REPORT] = t->report / 1000;
	s->aggregate[AGGREGATE_LATE] = t->late / 1000;
	s->aggregate[AGGREGATE_BUSY] =
		seconds > 0 ? (uint64_t)((double)busy / seconds / 1e7 + 0.5) : 0;
}

void status_read(struct status *s, const struct status_times *t, const struct rx_totals *totals,
	double seconds, struct report_stats *groups)
{
	read_times(s, t, seconds);
	read_cores(s, totals);
	read_memory(s->memory);
	s->queue[QUEUE_EVENTS] = waiting(s->queues.events);
	s->queue[QUEUE_RECORDS] = waiting(s->queues.records);
	s->queue[QUEUE_STEPS] = waiting(s->queues.steps);
	groups[0] = (struct report_stats){&s->rx_group, s->rx_values};
	groups[1] = (struct report_stats){&aggregate_stats, s->aggregate};
	groups[2] = (struct report_stats){&queue_stats, s->queue};
	groups[3] = (struct report_stats){&memory_stats, s->memory};
}
