/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/region.h"
#include "base/text.h"
#include "flow/key.h"
#include "flow/layout.h"

/*
 * Flow definitions compiled into a plan: the list of fields that any of them needs, each once, and
 * for each definition which of these make its key, which samples it takes, and what it counts. A
 * function is a field that is made of fields before it in the list. Immutable; one plan is one
 * generation, and every window says which one it was filled by. Windows, merged state and whoever
 * else reads a plan hold it: it is freed with the last reference.
 */

enum {
	FLOW_FIELDS = 128, /* different keys and functions of all definitions together */
	FLOW_KEYS = 16,    /* keys of one definition */
	FLOW_DEFINITIONS = 256,
	FLOW_KEY_BYTES =
		255, /* longest key; a sample with a longer one is cut to no key and counted as keyless */
	FLOW_SEPARATOR = 32,      /* longest separator of a key's texts */
	FLOW_TEXT_MAX = 8192,     /* longest text of keys or of a filter */
	FLOW_TESTS = 128,         /* comparisons of one filter */
	FLOW_REGEXES = 16,        /* regular expressions of one filter */
	FLOW_VALUES = 8,          /* expressions of one definition: value and values */
	FLOW_ACTIVE_TIMEOUT = 60, /* default, seconds */
	FLOW_DEPTH = 16, /* functions within functions, and parentheses within parentheses */
};

/* What becomes of the numbers of a flow's samples. */
enum flow_aggregate {
	FLOW_RATE,  /* their sum, scaled by the sampling rate, per second */
	FLOW_AVG,   /* their mean, over samples */
	FLOW_MIN,   /* the least */
	FLOW_MAX,   /* the largest */
	FLOW_LAST,  /* that of the newest sample */
	FLOW_COUNT, /* how many different values a key has */
	FLOW_AGGREGATES,
};

/* Where the number comes from. */
enum flow_number {
	FLOW_OF_LENGTH, /* length of the packet */
	FLOW_OF_FRAME,  /* always 1 */
	FLOW_OF_FIELD,  /* a field of the plan */
};

/* One expression of a definition: its `value`, or one of its `values`. */
struct flow_value {
	const char *text;  /* as written, without blanks around it */
	const char *unit;  /* of the number: bytes, frames, microseconds; "distinct" of a count */
	uint8_t aggregate; /* enum flow_aggregate */
	uint8_t of;        /* enum flow_number */
	uint8_t field;     /* FLOW_OF_FIELD: its number in the plan */
	struct flow_type type; /* of that field */
};

/* How queries merge the values that several data sources have of a key, where they do not say. */
enum flow_merge {
	FLOW_MERGE_MAX,  /* the largest */
	FLOW_MERGE_SUM,  /* all together */
	FLOW_MERGE_EDGE, /* those of the topology's edge ports together */
	FLOW_MERGE_CORE, /* the largest of its links' ends */
	/* Of definitions alone: one table for each agent, not for each of its data sources */
	FLOW_MERGE_AGENT,
};

/* Their names, as in "aggMode" of a definition and of a query; a NULL behind them. */
extern const char *const flow_merge_names[], *const flow_query_merge_names[];

/* A definition as written. */
struct flow_spec {
	const char *name;
	const char *keys; /* comma-separated; empty: one total per data source */
	const char *value;
	const char *values; /* more of them, comma-separated; empty or NULL: none */
	const char *filter; /* empty or NULL: all samples */
	const char *fs;     /* between the texts of a key; NULL: a comma */
	unsigned n;
	double t;              /* seconds */
	unsigned capacity;     /* keys per window and RX core */
	bool dropped;          /* counts discarded packets, not flow samples */
	bool log;              /* makes flow records */
	bool flow_start;       /* one when a flow is first seen, not when it ends */
	double active_timeout; /* seconds after which a flow that goes on is told; 0: 60 */
	unsigned merge;        /* enum flow_merge */
	unsigned ttl;          /* seconds until it goes where nobody asks for it; 0: it stays */
};

struct flow_filter;
struct flow_data;
struct flow_late;

struct flow_definition {
	const char *name;
	unsigned value_count;                  /* at least 1 */
	struct flow_value values[FLOW_VALUES]; /* the first is its value, by which flows rank */
	unsigned lane_count;        /* values that the one sum of a table's entry does not hold: */
	uint8_t lanes[FLOW_VALUES]; /* all but the first if that is a rate; numbers of values */
	unsigned n;
	double t;
	unsigned capacity;
	/* The key that tables hold: numbers of plan fields, in its order. */
	unsigned key_count;
	uint8_t keys[FLOW_KEYS];
	unsigned width;       /* bytes of the key, 0 where they vary */
	unsigned same_filter; /* the first definition with that text of a filter */
	unsigned same_key;    /* the first definition with a table that has that key */
	bool key_shared;      /* another one has that key, too */
	struct flow_recipe recipes[PACKET_SHAPES]; /* by the shape of the sampled header */
	const struct flow_late *late; /* NULL, or how the definition's key is made of it at merge */
	uint8_t every; /* kind of sample of which it takes every one: no filter; else 0 */
	uint8_t kind;  /* of the samples that it counts, filtered or not: enum sflow_kind */
	bool dropped;
	bool log, flow_start;
	double active_timeout;
	enum flow_merge merge;
	const struct flow_filter *filter; /* NULL: none */
	const char *fs;
	const char *meaning; /* flow_spec_meaning() */
	unsigned shares;    /* the first definition with this meaning, which has the merged state */
	const char *counts; /* flow_spec_counts() */
	unsigned table;     /* number of the table that RX cores count it in; see the plan's */
};

struct flow_plan {
	uint64_t generation; /* differs between any two plans, and grows */
	struct flow_plan *self;
	uint32_t references; /* atomic */
	unsigned field_count;
	struct flow_key fields[FLOW_FIELDS];
	struct flow_layout layouts[PACKET_SHAPES]; /* by the shape of the sampled header */
	bool need_discards;                        /* some definition counts discarded packets */
	bool need_agents;                          /* some definition is FLOW_MERGE_AGENT */
	bool need_customs;                         /* some definition counts custom flows */
	/* Fields of custom flows: their numbers, and a bit for each length that their names have. */
	uint64_t custom_lens;
	uint8_t custom_count;
	uint8_t customs[FLOW_FIELDS];
	unsigned definition_count;
	struct flow_definition *definitions;
	/* What RX cores count: the first of the definitions that count the same, for each table. */
	unsigned table_count;
	const struct flow_definition **tables;
	/* By the shape of the sampled header, where all of them are `plain`: their recipes; else NULL. */
	const struct flow_recipe **picked[PACKET_SHAPES];
	struct base_region region;
	struct flow_regex *regexes; /* all of the filters', to be freed with the plan */
	struct flow_data *data;     /* what functions look up; a reference, or NULL */
};

/** Whether it is the first of those in its table: what RX cores look at for all of them. */
static inline bool flow_has_table(const struct flow_plan *plan, const struct flow_definition *d)
{
	return plan->tables[d->table] == d;
}

/* What is wrong with a definition, and where in which of its texts. */
struct flow_error {
	enum {
		FLOW_ERROR_NAME,
		FLOW_ERROR_KEYS,
		FLOW_ERROR_VALUE,
		FLOW_ERROR_VALUES,
		FLOW_ERROR_FILTER,
		FLOW_ERROR_FS,
	} in;
	unsigned definition; /* number of the spec */
	unsigned offset;     /* bytes into that text */
	char text[256];
};

/**
 * Compile definitions. Any thread but an RX core. Nothing in the plan points into `specs`.
 * @param data  groups and maps that definitions can name, or NULL; the plan takes a reference
 * @return the plan with one reference, for flow_plan_free(); NULL with `error` (errno EINVAL)
 */
struct flow_plan *flow_compile(const struct flow_spec *specs, unsigned count,
	struct flow_data *data, struct flow_error *error);

/** One reference more, also for who knows the plan as const. Any thread but an RX core. */
struct flow_plan *flow_plan_hold(const struct flow_plan *plan);

/** One reference less; with the last one the plan is freed. Any thread but an RX core; NULL is fine. */
void flow_plan_free(struct flow_plan *plan);

/* The prefixes of values, one row each, by enum flow_aggregate; docs/keys.rst reads them. */
struct flow_prefix {
	const char *name, *help;
};

extern const struct flow_prefix flow_prefixes[FLOW_AGGREGATES];

/** The row of a name, or NULL. */
const struct flow_prefix *flow_prefix_find(const char *name, size_t len);

/**
 * Text of a key of `d`: the texts of its parts, joined by its separator. Where functions are applied
 * at merge, that is the key of sightings, which flow_late_key() made, not that of tables.
 */
void flow_key_print(const struct flow_plan *plan, const struct flow_definition *d,
	const uint8_t *key, unsigned len, struct base_text *t);

/* One part of a key, as base_form_print() takes it. */
struct flow_part {
	const struct flow_type *type;
	const uint8_t *bytes;
	unsigned len;
};

/**
 * Take a key of `d` apart, one that flow_key_print() prints.
 * @param parts  out: FLOW_KEYS at most, which point into `key`
 * @return how many; fewer than the definition has keys where it is not one of its keys
 */
unsigned flow_key_split(const struct flow_plan *plan, const struct flow_definition *d,
	const uint8_t *key, unsigned len, struct flow_part *parts);
