/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "metric/read.h"
#include "sflow/sflow.h"

/*
 * What the values of one metric at many data sources come to, and how it is asked for: "ifinoctets",
 * "med:ifinoctets", "avg:2.1.load_one". Pure.
 */

enum metric_statistic {
	METRIC_STATISTIC_MAX, /* where nothing is said */
	METRIC_STATISTIC_MIN,
	METRIC_STATISTIC_SUM,
	METRIC_STATISTIC_AVG,
	METRIC_STATISTIC_VAR,
	METRIC_STATISTIC_SDEV,
	METRIC_STATISTIC_MED,
	METRIC_STATISTIC_Q1,
	METRIC_STATISTIC_Q2, /* the same as med */
	METRIC_STATISTIC_Q3,
	METRIC_STATISTIC_IQR, /* q3 - q1 */
	METRIC_STATISTIC_ANY,
	METRIC_STATISTICS,
};

extern const char *const metric_statistic_names[METRIC_STATISTICS + 1]; /* NULL ends them */

/** Whether it is read off the quartiles, which take all values in memory. */
static inline bool metric_statistic_is_quartile(enum metric_statistic s)
{
	return s >= METRIC_STATISTIC_MED && s <= METRIC_STATISTIC_IQR;
}

/* ---- what is asked for ---- */

/* A metric of every data source, or of one: "load_one", "2.1.load_one", "web1.queue". */
struct metric_path {
	const char *name;   /* of the metric: in the text that was split */
	bool one;           /* only of the data source below */
	const char *custom; /* name of it, `custom_len` bytes; NULL: it has a number */
	size_t custom_len;
	struct sflow_source source;
};

/**
 * Split a text into data source and metric. What begins with "10." or "2.1." names a data source. Of
 * "web1.queue" the whole may be a metric, or "web1" a data source: `named` says which.
 * @param named  split before the first dot where it does not begin with a number
 */
void metric_path_split(const char *text, bool named, struct metric_path *path);

/**
 * Take the statistic off the front of a text.
 * @param path   out: what is behind it, in `text`
 * @param error  out: one sentence
 * @return 0, or -EINVAL with `error`: there is no such statistic, or no metric
 */
int metric_statistic_parse(const char *text, enum metric_statistic *s, const char **path,
	char *error, size_t error_size);

/* ---- what it comes to ---- */

/*
 * One statistic while values are added. Variance is that of the values as they are, which are all there
 * are: the mean of the squares of their distances from the mean (divided by n, not by n - 1). Quartiles
 * lie between the values: of n sorted ones, q1 is at (n - 1) / 4 counted from 0, and linear in between
 * (the definition of NumPy, of R's type 7 and of QUARTILE.INC).
 *
 * Texts have a largest (in byte order, below all numbers) and any one, and nothing else: for all other
 * statistics they are not there.
 */
struct metric_tally {
	enum metric_statistic statistic;
	uint64_t count;                /* values */
	uint64_t oldest_ms, newest_ms; /* of them, since 1970 */
	struct metric_value best;      /* of max, min, any */
	const void *where;             /* the caller's, of that value */
	uint8_t digits;                /* the most that a value has */
	double sum, mean, squares;
	double *values; /* of the quartiles, from malloc */
	uint64_t room, most;
};

struct metric_quartiles {
	double min, q1, med, q3, max;
};

struct metric_result {
	bool there; /* false: no value */
	struct metric_value
		value; /* of max, min, any that of the winner; else a number and the newest time */
	const void *where;                 /* of max, min, any; else NULL */
	struct metric_quartiles quartiles; /* of quartile statistics */
};

/** @param most  values that are expected at most; of quartiles, as many have room at once */
void metric_tally_init(struct metric_tally *t, enum metric_statistic s, uint64_t most);
void metric_tally_fini(struct metric_tally *t);

/**
 * Add a value.
 * @param v      what it points to lives as long as the tally
 * @param where  comes back with the winner
 * @return 0, or -ENOMEM, of quartiles alone
 */
int metric_tally_add(struct metric_tally *t, const struct metric_value *v, const void *where);

/** @return 0, or -ENOMEM, of quartiles alone */
int metric_tally_end(struct metric_tally *t, struct metric_result *r);

/** Sort numbers, least first, in a time that depends on `count` alone. @param room  as many again */
void metric_sort(double *values, double *room, size_t count);
