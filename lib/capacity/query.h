/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "capacity/capacity.h"
#include "capacity/trend.h"

/*
 * Questions about links over months: how they were used, how that grows, and when it reaches a
 * threshold. Any thread; one question is answered at a time, and those who ask wait for Redis.
 *
 * Percentiles are those of all minutes of the period: of its days, and of the hours of days that are
 * not over. The trend is a line through weeks: of each the median of the 95th percentiles of its days
 * (five at least), as a share of the speed that the link has now, so that a link that became faster
 * has no break.
 */

enum capacity_measure {
	CAPACITY_UTILIZATION, /* in or out, whichever has the larger 95th percentile */
	CAPACITY_MEASURE_IN,  /* the others: in the order of enum capacity_metric */
	CAPACITY_MEASURES = CAPACITY_MEASURE_IN + CAPACITY_METRICS,
};

/** "utilization", then the names of metrics; NULL ends them. */
extern const char *const capacity_measure_names[CAPACITY_MEASURES + 1];

enum capacity_order {
	CAPACITY_BY_P95, /* largest first */
	CAPACITY_BY_P50,
	CAPACITY_BY_P99,
	CAPACITY_BY_MAX,
	CAPACITY_BY_PEAK,
	CAPACITY_BY_MEAN,
	CAPACITY_BY_GROWTH,
	CAPACITY_BY_DATE, /* soonest first */
};

/** Names of the order, NULL ends them. */
extern const char *const capacity_order_names[];

struct capacity_question {
	struct base_addr agent; /* only its interfaces; none: all */
	const char *
		interface; /* only those with this ifIndex or name, * stands for anything; NULL: all */
	const char *group; /* this group instead of interfaces; "*": all groups; NULL: none */
	enum capacity_measure measure;
	uint32_t period_days, trend_days; /* back from now */
	double threshold;                 /* in the measure's unit; 0: no dates */
	uint32_t years;                   /* dates later than that are none */
	enum capacity_order order;
	uint32_t most; /* links at most */
	uint64_t now_ms;
};

/* How far a link is from the threshold. */
enum capacity_state {
	CAPACITY_UNKNOWN, /* no trend yet, or no threshold */
	CAPACITY_ABOVE,   /* the line is above it now */
	CAPACITY_REACHES, /* on crossing.at */
	CAPACITY_NOT,     /* not within the years */
};

extern const char *const capacity_state_names[];

struct capacity_found {
	struct base_addr agent; /* none: a group */
	uint32_t index;
	const char *group; /* the capacity's own */
	char name[CAPACITY_NAME];
	double speed;
	uint32_t since; /* hour: its history is that of its name since then; 0: a group */
	enum capacity_metric metric;   /* that the rest is about */
	uint64_t minutes;              /* of the period that were seen */
	struct capacity_record period; /* all metrics; `minutes` is not of use */
	struct capacity_record hour;   /* that is running; minutes 0: none */
	bool has_trend;
	struct capacity_trend trend; /* t in weeks since 1970 */
	enum capacity_state state;
	struct capacity_crossing crossing; /* milliseconds since 1970 */
};

struct capacity_answer {
	uint32_t known;    /* links that the question is about */
	uint32_t analysed; /* of them, those whose history was read: the busiest of late */
	bool away;         /* Redis did not answer: there are running hours alone */
	uint32_t count;
	struct capacity_found *found; /* in order; from malloc */
};

enum { CAPACITY_ANALYSED = 10000 }; /* links whose history is read for one question, at most */

/** @return 0 with an answer; -ENOENT: no such group; -EBUSY: too many ask; -ENOMEM */
int capacity_ask(struct capacity *k, const struct capacity_question *q, struct capacity_answer *a);
