/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "base/hash.h"
#include "base/index.h"
#include "metric/metric.h"
#include "sflow/structure.h"

/*
 * Plan: what the library makes of a structure's row, once. Source: one data source. Block: the
 * newest record of one structure of a source, with the base for its next rates. All are driven
 * by the rows: no structure has code of its own.
 */

enum {
	METRIC_FIELDS = 64, /* of a structure at most: a bit of a mask each */
	METRIC_INPUTS = 4,
	METRIC_DERIVED = 4, /* of a structure at most */
};

enum metric_operation {
	METRIC_SUM,   /* of all inputs */
	METRIC_RATIO, /* scale * first / second */
	METRIC_REST,  /* scale - first */
	METRIC_USED,  /* scale * (first - the others) / first, never below 0 */
};

/* A metric made of others in the same record; it exists where all of them do. */
struct metric_derived {
	uint32_t tag;
	const char *name;
	enum metric_operation operation;
	double scale;
	const char *inputs[METRIC_INPUTS]; /* by their metric names */
};

/* A number that users know as several words. */
struct metric_form {
	const char *field;                   /* metric name in the row */
	const char *metric;                  /* name of what it gives */
	const char *(*word)(uint32_t value); /* NULL: there is no word, print the number */
};

struct metric_plan {
	const struct sflow_structure *structure;
	uint64_t fields;              /* those that are metrics */
	uint64_t doubts;              /* those that may be something else */
	uint64_t shares, whole;       /* percent: those of which, and those that make up the 100 */
	uint64_t octets;              /* 64-bit counters of bytes */
	uint64_t packets;             /* 32-bit counters of packets */
	uint32_t size;                /* of a block, with its bytes */
	uint32_t pairs;               /* at most, of one record */
	uint32_t room[METRIC_FIELDS]; /* bytes kept of the field */
	uint32_t offset[METRIC_FIELDS];                /* of these in the block's bytes */
	const struct metric_form *form[METRIC_FIELDS]; /* first of the field's forms, or NULL */
	struct {
		const struct metric_derived *rule;
		uint8_t field[METRIC_INPUTS];
		unsigned fields;
	} derived[METRIC_DERIVED];
	unsigned derived_count;
};

struct metric_cell {
	uint64_t raw; /* as read; of bytes their number */
	double rate;  /* counters; otherwise the value of a float */
};

struct metric_block {
	struct metric_block *next; /* of the same source */
	const struct metric_plan *plan;
	uint64_t sample;  /* of the source: the last one that had this record */
	uint64_t epoch;   /* of the source when the base was taken */
	uint64_t time_ms; /* arrival of the newest record */
	uint64_t base_ms; /* arrival of the base */
	uint32_t base_uptime_ms;
	uint64_t known; /* counters with a base */
	uint64_t shown; /* fields with a value */
	struct metric_cell cells[];
	/* then the bytes of texts */
};

struct metric_key {
	struct base_addr agent;
	uint32_t sub_agent;
	struct sflow_source source;
};

struct metric_source {
	struct metric_key key;
	uint64_t hash;
	uint32_t number;                     /* in the store's array */
	uint32_t sequence, uptime_ms;        /* of the newest sample */
	uint64_t time_ms;                    /* its arrival */
	uint64_t epoch;                      /* restarts so far: bases of earlier epochs are void */
	uint64_t samples;                    /* so far; 0: the source is new */
	struct metric_source *older, *newer; /* by time of the newest sample */
	struct metric_block *blocks;
};

struct metric_store {
	struct metric_limits limits;
	struct base_hash hash;
	struct base_index index;
	struct metric_source **sources; /* dense */
	uint32_t count;
	struct metric_source *oldest, *newest;
	struct metric_plan *plans; /* one for each counter structure, in their order */
	uint64_t stats[METRIC_STATS];
};

/* How a sample stands to the newest one of its source. */
enum metric_order { METRIC_NEXT, METRIC_DUPLICATE, METRIC_OLDER, METRIC_RESTART };

/* The fields of one record, before they are made into rates. */
struct metric_fresh {
	uint64_t raw[METRIC_FIELDS];
	uint64_t known; /* counters that the agent knows */
};

void metric_plan_init(struct metric_plan *plan, const struct sflow_structure *structure);

/** Find or make the source; NULL where the store or memory is full. */
struct metric_source *metric_source_get(struct metric_store *m, const struct metric_key *key);

/** A sample of the source counts: the source expires last. */
void metric_source_touch(struct metric_store *m, struct metric_source *src);

/** The block of a plan, made if need be; NULL where memory is short. */
struct metric_block *metric_block_get(struct metric_source *src, const struct metric_plan *plan);

enum metric_order metric_order_of(const struct metric_source *src, const struct metric_sample *s);

/** Milliseconds from the block's base to the sample, by the agent's clock where that is right. */
uint64_t metric_elapsed_ms(const struct metric_block *b, const struct metric_sample *s);

/** Growth of a counter that wraps at the width of its type. */
uint64_t metric_delta(enum sflow_type type, uint64_t from, uint64_t to);

/**
 * Rates from the base to `fresh` over `ms`; `fresh` is the new base.
 * @return false where a counter did not go on from the base: rates that it spoils are absent
 */
bool metric_block_rate(struct metric_block *b, const struct metric_fresh *fresh, uint64_t ms);

/** Read a record into its block. @return false where it is cut off: the fields there count */
bool metric_block_read(
	struct metric_block *b, const struct sflow_record *r, struct metric_fresh *fresh);

/** Hide values that are not what their names say. @return how many */
unsigned metric_block_doubt(struct metric_block *b);

/** Value of a field as a number. @return false where it has none */
bool metric_block_number(const struct metric_block *b, unsigned field, double *value);

/** Value of the i-th derived metric. @return false where it has none */
bool metric_derive(const struct metric_block *b, unsigned i, double *value);

/** Bytes of a text field; cells[field].raw of them. */
static inline uint8_t *metric_block_bytes(const struct metric_block *b, unsigned field)
{
	const struct metric_plan *plan = b->plan;
	uint8_t *base = (uint8_t *)(uintptr_t)&b->cells[plan->structure->field_count];

	return base + plan->offset[field];
}

/** First form of a field's metric, or NULL; those behind it with the same field are its others. */
const struct metric_form *metric_form_find(const char *field);

/** Derived metrics, up to a row without a name. */
extern const struct metric_derived metric_derived_rows[];

/** Metrics that are percent of a whole, up to NULL; the first few make up the whole. */
extern const char *const metric_shares[], *const metric_shares_whole[];

/**
 * Give the metrics of a source.
 * @param sample  blocks of that sample only; 0: all that are not stale
 */
void metric_print(const struct metric_store *m, const struct metric_source *src, uint64_t sample,
	struct base_region *region, struct metric_update *u);

/** A number as text: integers whole, others with up to `digits` digits. */
char *metric_number(struct base_region *region, double value, int digits);
