/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdint.h>

#include "window/report.h"

struct ring;
struct rx_totals;

/*
 * What weir tells of itself besides what its parts count: how busy RX cores are, how long the
 * aggregator takes for what, memory, queues. The aggregator's.
 */
struct status;

/* Nanoseconds of the window under way. */
struct status_times {
	uint64_t seals;
	uint64_t grace;  /* longest wait for RX cores to let a window go */
	uint64_t merge;  /* of all seals */
	uint64_t close;  /* rates, events, end of flows */
	uint64_t report; /* the snapshot, of the window before */
	uint64_t late;   /* from the end of the window on the wall clock to its seal */
};

/* Rings that Redis follows; NULL: Redis does not. */
struct status_queues {
	struct ring *events, *records, *steps;
};

enum { STATUS_GROUPS = 4 };

/** Main. @return NULL: out of memory; status_destroy(NULL) is fine. */
struct status *status_create(unsigned rx_count, const struct status_queues *queues);
void status_destroy(struct status *s);

/**
 * The counters of now, until the next call. Aggregator.
 * @param totals   of each RX core
 * @param seconds  that the window was long
 * @param groups   out: STATUS_GROUPS of them
 */
void status_read(struct status *s, const struct status_times *t, const struct rx_totals *totals,
	double seconds, struct report_stats *groups);
