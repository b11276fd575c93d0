/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "base/dense.h"
#include "base/hash.h"
#include "base/index.h"
#include "base/rcu.h"
#include "metric/metric.h"
#include "metric/read.h"
#include "names/names.h"
#include "sflow/structure.h"

/*
 * Plan: what the library makes of a structure's row, once. Source: one data source. Block: the
 * newest record of one structure of a source, with the base for its next rates; immutable once it
 * is published. All are driven by the rows: no structure has code of its own.
 *
 * Of what readers see, `shared` fields are written by the owner alone, with base_rcu_set(), and
 * read with base_rcu_get(); the rest is either immutable or the owner's own.
 */

enum {
	METRIC_FIELDS = 64, /* of a structure at most: a bit of a mask each */
	METRIC_INPUTS = 9,
	METRIC_DERIVED = 16, /* of a structure at most, also a bit each */
	METRIC_TEXT = 4096,  /* bytes of all texts of one record, escaped, at most */
	METRIC_NEAR = 4,     /* blocks that lie in the source itself */
	METRIC_FAR = 28,     /* and beside it; further structures of a source are left out */
	METRIC_GUEST = 3,    /* class of VMs, containers, applications */
	METRIC_HOST = 2,     /* class of physical entities */
	METRIC_QUEUES = 16,  /* of a source that have metrics: those of the first indexes */
	METRIC_DIGITS = 15,  /* of a double; an integer of 53 bits is exact */
	METRIC_DIGITS_FLOAT = 7,
	METRIC_CUSTOM_NAME = 64,  /* bytes of a custom name at most */
	METRIC_CUSTOM_TEXT = 255, /* and of a text */
};

/* ---- Rules ---- */

enum metric_operation {
	METRIC_SUM,   /* of all inputs */
	METRIC_RATIO, /* scale * first / second */
	METRIC_EACH,  /* scale * first / second, which is 1 where it is 0 */
	METRIC_PART,  /* scale * first / all */
	METRIC_REST,  /* scale - first */
	METRIC_USED,  /* scale * (first - the others) / first, never below 0 */
};

/* A metric made of others in the same record; it exists where all of them do. */
struct metric_derived {
	uint32_t tag;
	const char *name;
	enum metric_operation operation;
	double scale;
	const char *unit;                  /* NULL where it has none */
	const char *inputs[METRIC_INPUTS]; /* by their metric names */
};

/* A number that users know as several words. */
struct metric_form {
	const char *field;                   /* metric name in the row */
	const char *metric;                  /* name of what it gives */
	const char *(*word)(uint32_t value); /* never NULL */
};

/* First form of a field's metric, or NULL; those behind it with the same field are its others. */
const struct metric_form *metric_form_find(const char *field);

/** Derived metrics, up to a row without a name. */
extern const struct metric_derived metric_derived_rows[];

/** Metrics that are percent of a whole, up to NULL; the first few make up the whole. */
extern const char *const metric_shares[], *const metric_shares_whole[];

/* ---- Names and plans ---- */

struct metric_place {
	uint8_t plan, column;
};

/* What readers may still hold: first in all that is freed with free(). */
struct metric_retired {
	struct metric_retired *next;
};

/* An agent that brought custom names, perhaps gone since: there with them. The owner's own. */
struct metric_bringer {
	struct metric_bringer *chain;
	struct base_addr addr;
	uint64_t hash; /* as the agent's */
	uint32_t names;
};

/* Of a structure, and then for ever, or custom alone: it goes with the last metric that has it. */
struct metric_name {
	struct metric_retired retired;
	struct metric_name *chain; /* shared */
	uint64_t hash;
	uint64_t seen_ms; /* the owner writes, relaxed */
	uint32_t holders; /* the same: custom metrics of sources that have it now */
	uint32_t len;
	struct metric_bringer *bringer; /* the owner's: of a custom one */
	uint32_t place_count;           /* 0: it is custom alone */
	struct metric_place *places;
	const char *text;
};

/* One metric that a record can give. */
struct metric_column {
	enum metric_column_kind { METRIC_FIELD, METRIC_FORM, METRIC_MADE } kind;
	uint8_t at; /* field, or number of the derived one */
	const struct metric_form *form;
	struct metric_name *name;
};

struct metric_plan {
	const struct sflow_structure *structure;
	const char *prefix;          /* of its metrics' names, */
	uint8_t instead;             /* in place of so many bytes of those in the row */
	uint8_t number;              /* of the store's */
	uint64_t fields;             /* those that are metrics */
	uint64_t texts;              /* those whose value is a text */
	uint64_t doubts;             /* those that may be something else */
	uint64_t shares, whole;      /* percent: those of which, and those that make up the 100 */
	uint64_t octets;             /* 64-bit counters of bytes */
	uint64_t packets;            /* 32-bit counters of packets */
	uint64_t seen;               /* the owner's: fields shown since metric_store_settle() */
	uint32_t cells, bases;       /* of a block */
	uint32_t text_room;          /* for all its texts, at most */
	uint8_t base[METRIC_FIELDS]; /* of a counter, among the bases */
	struct {
		const struct metric_derived *rule;
		uint8_t field[METRIC_INPUTS];
		unsigned fields;
	} derived[METRIC_DERIVED];
	unsigned derived_count;
	struct metric_column *columns;
	unsigned column_count;
};

/* ---- What comes and goes ---- */

union metric_cell {
	uint64_t u;       /* as read; signed ones sign-extended */
	double f;         /* counters: per second, or percent; floats */
	const char *text; /* in the block, or a word */
};

struct metric_block {
	struct metric_retired retired;
	const struct metric_plan *plan;
	uint64_t shown;   /* fields with a value */
	uint64_t known;   /* counters with a base */
	uint64_t time_ms; /* arrival of the record */
	uint64_t base_ms; /* arrival of the base */
	uint32_t base_uptime_ms;
	uint32_t sample;           /* of the source: the one that had this record */
	uint32_t epoch;            /* of the source when the base was taken */
	uint32_t interval_ms;      /* between its records, smoothed; 0: the first one */
	union metric_cell cells[]; /* by field */
	/* then the bases of counters, as read; struct metric_change; the texts */
};

/* How a block differs from the one that it replaced. */
struct metric_change {
	uint64_t fields;         /* whose value is another one, or came or went */
	uint64_t had;            /* fields that it showed */
	uint32_t before;         /* its sample; 0: there was none */
	uint16_t had_made, made; /* derived metrics that it showed; that the block shows */
};
enum { METRIC_CHANGE_CELLS = sizeof(struct metric_change) / sizeof(union metric_cell) };

/* Further blocks of a source with many. */
struct metric_far {
	struct metric_retired retired;
	struct metric_block *blocks[METRIC_FAR];
	uint8_t plans[METRIC_FAR];
};

/* One custom metric of a source. */
struct metric_item {
	struct metric_name *name; /* held while the source has the item */
	union metric_cell value;
	uint64_t base;                  /* of a counter, as read */
	uint64_t time_ms, base_ms;      /* of its newest sample; of the base, or of another value */
	uint32_t base_uptime_ms, epoch; /* the same */
	uint32_t interval_ms;
	uint32_t sample,
		before; /* of the source: that had it, and the one that had it before; or 0 */
	uint8_t type;   /* as in the sample */
	bool shown;     /* it has a value */
	bool changed;   /* which is another one than before */
	bool came;      /* there was none before */
};

/* A custom metric that no longer comes: its name may have gone as well. */
struct metric_lost {
	uint32_t sample; /* of the source: the one with which it went */
	char name[METRIC_CUSTOM_NAME + 1];
};

/* All custom metrics of a source, as of its newest sample; immutable like a block. */
struct metric_custom {
	struct metric_retired retired;
	uint32_t count;
	uint32_t sample;            /* of the source: the newest one in it */
	struct metric_lost *lost;   /* behind the items; what went last is the last */
	uint32_t lost_count;        /* as many as a source may have metrics, at most */
	struct metric_item items[]; /* then those that are lost, and the texts */
};

struct metric_source {
	/* A cache line that readers walk over. */
	struct metric_retired retired;
	struct metric_agent *agent;
	struct metric_block *blocks[METRIC_NEAR]; /* shared; NULL: the record no longer comes */
	struct sflow_source id;
	uint8_t plans[METRIC_NEAR]; /* of blocks */
	uint16_t block_count;       /* shared; of places for blocks, the far ones included */
	bool adopted;               /* shared: it has a parent */

	struct metric_custom *custom;        /* shared */
	struct metric_far *far;              /* shared */
	struct metric_source *parent;        /* shared: 0:2002 */
	struct metric_source *next, **place; /* shared; the owner's: of the same agent */

	/* The owner's own. */
	uint64_t hash;
	uint64_t time_ms; /* arrival of the newest sample */
	uint32_t slot, sub_agent;
	uint32_t sequence, uptime_ms;   /* of the newest sample */
	uint32_t epoch;                 /* restarts so far: bases of earlier epochs are void */
	uint32_t samples;               /* so far; 0: the source is new */
	struct metric_macs *macs;       /* 0:2001; NULL: none */
	struct metric_source *children; /* whose parent it is: the first */
	struct metric_source *sibling, **among_siblings; /* of the same parent */

	uint32_t done; /* shared: samples whose records can all be read */
	uint32_t lost; /* shared: the newest one with which a record went; 0: none did */
	uint32_t born; /* tells it from others in its slot */

	uint16_t name_len; /* 0: `id` names it */
	char name[];       /* with a NUL */
};

/* The MAC addresses of a source's adapters; the owner's own. */
struct metric_macs {
	uint64_t record; /* hash of the record that told them */
	uint32_t count;
	uint32_t claimed; /* of them, those that are no other source's */
	uint64_t mac[];   /* 48 bits each */
};

struct metric_mac {
	uint64_t hash; /* first, for base_dense */
	uint64_t mac;
	const struct metric_source *source;
};

/* A host name by which agents are found; it goes with the last that has it. */
struct metric_host {
	struct metric_retired retired;
	struct metric_host *chain;  /* shared */
	struct metric_agent *agent; /* shared: the one that had it first; NULL: it goes */
	struct metric_agent **last; /* the owner's: where the next one is linked */
	uint64_t hash;
	uint32_t len;
	char text[];
};

struct metric_agent {
	struct metric_retired retired;
	struct metric_agent *chain; /* shared */
	struct base_addr addr;
	uint32_t slot;
	uint32_t born;                    /* as of a source */
	const struct metric_source *host; /* shared */
	struct metric_source *sources;    /* shared; the first */
	bool mixed; /* its sources are, or were, of several sub-agents; the owner writes, relaxed */

	/* The owner's own. */
	uint64_t hash;
	struct metric_source **last; /* where the next source is linked */
	struct metric_host *name;
	struct metric_agent *namesake, **among_namesakes; /* of the same name */
	uint32_t source_count;
	uint32_t macs; /* of its sources, in the table of all */
	uint32_t
		guest_interval_ms; /* at which guests are polled: the longest of late; 0: not known */
};

/* Pointers in places that do not change; free ones are used again, the last one first. */
struct metric_slots {
	void **at;      /* shared; NULL: free */
	uint32_t *free; /* the owner's: stack of slots below `end` */
	uint32_t free_count;
	uint32_t end; /* shared; no slot at or behind it was ever taken */
	uint32_t count, room;
};

struct metric_store {
	struct metric_limits limits;
	struct base_hash hash;
	struct metric_slots sources, agents;
	uint64_t *due_ms;        /* the owner's, by slot: when the source is silent for too long */
	uint32_t *versions;      /* shared, by slot */
	uint32_t births;         /* sources and agents so far */
	struct base_index index; /* the owner's: sources by what names them */
	struct metric_agent **agent_chains; /* shared */
	struct metric_host **host_chains;   /* shared */
	uint32_t chain_mask;                /* of both */
	struct base_dense macs;             /* the owner's: struct metric_mac */
	struct metric_agent *recent;        /* the owner's: agent of the newest sample */
	/*
	 * For each counter structure, in their order (of queues: for that of index 0), for names of
	 * interfaces, for guests, and for the other queues.
	 */
	struct metric_plan *plans;
	unsigned plan_count;
	uint8_t interface_plan, guest_plan, queue_plan; /* of the latter two the first */
	const struct names *names;              /* of interfaces, from elsewhere; NULL: none */
	struct metric_name **name_chains;       /* shared */
	struct metric_bringer **bringer_chains; /* the owner's */
	uint32_t name_mask;                     /* of both */
	uint32_t custom_names;                  /* the owner's: names that are custom alone */
	struct base_region fixed;               /* names of structures, and columns */
	struct metric_retired *retired;         /* the owner's: since metric_store_settle() */
	uint32_t retired_count;
	uint64_t newest_ms; /* arrival of the newest sample */
	uint64_t stats[METRIC_STATS];
};

/* ---- plan.c, name.c ---- */

/**
 * @param prefix   of its metrics' names
 * @param instead  bytes of the names in the row in whose place it stands
 */
void metric_plan_init(struct metric_plan *plan, const struct sflow_structure *structure,
	const char *prefix, size_t instead);

/** The table of names, by the limits. @return 0 or -ENOMEM */
int metric_names_create(struct metric_store *m);

/** No name is held any more. */
void metric_names_destroy(struct metric_store *m);

/** Columns of the store's plans, and their names. */
void metric_names_init(struct metric_store *m);

/** The same as metric_name_find(), for the owner. */
struct metric_name *metric_name_known(const struct metric_store *m, const char *text, size_t len);

/**
 * Make a name that is not known, for who holds it next. Owner.
 * @param text  metric_name_is_valid()
 * @return NULL: there are too many, or too many of the agent (counted)
 */
struct metric_name *metric_name_make(
	struct metric_store *m, const struct metric_agent *a, const char *text, size_t len);

/** A custom metric has that name, in the store's current state. Owner. */
void metric_name_hold(struct metric_name *n);

/**
 * No new reader finds the custom metric any more. A name that is custom alone is given back with the
 * last of them. Owner.
 */
void metric_name_let_go(struct metric_store *m, struct metric_name *n);

/** A record with it came. Owner. */
void metric_name_seen(struct metric_name *n, uint64_t time_ms);

/** Whether it may name a custom metric. */
bool metric_name_is_valid(const uint8_t *text, size_t len);

/** Whether it may name a custom data source. */
bool metric_name_valid_source(const uint8_t *text, size_t len);

/** Fields seen since the last call are seen now. */
void metric_names_settle(struct metric_store *m);

/** Plan for a record; NULL where there is none (counted). */
struct metric_plan *metric_plan_of(
	struct metric_store *m, const struct sflow_record *r, const struct sflow_source *source);

/* ---- slots.c, retire.c ---- */

int metric_slots_init(struct metric_slots *s, uint32_t room);
void metric_slots_fini(struct metric_slots *s);

/** A number that tells what is born from others in its slot; never 0. */
static inline uint32_t metric_birth(struct metric_store *m)
{
	return ++m->births ? m->births : ++m->births;
}

/** @return false where all are taken */
bool metric_slots_take(struct metric_slots *s, void *what, uint32_t *slot);
void metric_slots_give(struct metric_slots *s, uint32_t slot);

/** No new reader finds it: free it when those are done that have. NULL is fine. */
void metric_retire(struct metric_store *m, void *what);

/* ---- agent.c, source.c: owner ---- */

/** Find or make; NULL where there are too many, or memory is short. */
struct metric_agent *metric_agent_get(struct metric_store *m, const struct base_addr *addr);

/** An agent without sources goes. */
void metric_agent_drop(struct metric_store *m, struct metric_agent *a);

/** A record with a host name of the source came. */
void metric_agent_name(struct metric_store *m, const struct metric_source *src, const char *name);

/** Find or make the source; NULL where the store or memory is full. */
struct metric_source *metric_source_get(struct metric_store *m, const struct metric_sample *s);
void metric_source_drop(struct metric_store *m, struct metric_source *src);

/** @param parent  NULL: none */
void metric_source_adopt(struct metric_source *parent, struct metric_source *src);

static inline struct metric_block **metric_source_place(const struct metric_source *src, uint32_t i)
{
	return i < METRIC_NEAR ? (struct metric_block **)(uintptr_t)&src->blocks[i]
			       : &base_rcu_get(src->far)->blocks[i - METRIC_NEAR];
}

static inline uint8_t metric_source_plan(const struct metric_source *src, uint32_t i)
{
	return i < METRIC_NEAR ? src->plans[i] : base_rcu_get(src->far)->plans[i - METRIC_NEAR];
}

/** Where the block of a plan is, made if need be; NULL where the source has too many. Owner. */
struct metric_block **metric_source_block(
	struct metric_store *m, struct metric_source *src, const struct metric_plan *plan);

/* ---- gone.c ---- */

/** How long a source or a record is waited for, by the interval at which it came. */
uint64_t metric_patience_ms(
	const struct metric_store *m, const struct metric_source *src, uint32_t interval_ms);

/** A record of a source came `gap_ms` after the one before: how often it comes. */
uint32_t metric_interval_ms(const struct metric_store *m, const struct metric_source *src,
	uint32_t interval_ms, uint64_t gap_ms);

/** Whether a sample says that its source has ended. */
bool metric_says_ended(const struct metric_sample *s);

/* ---- mac.c, learn.c ---- */

/** host_adapters of a source. */
void metric_macs_take(
	struct metric_store *m, struct metric_source *src, const struct sflow_record *r);
void metric_macs_drop(struct metric_store *m, struct metric_source *src);

/** What a record, which may give no metrics, says of how sources belong together. Owner. */
void metric_learn_record(struct metric_store *m, struct metric_source *src,
	const struct sflow_record *r, const struct metric_block *b);

/* ---- interface.c: names of interfaces; owner ---- */

extern const struct sflow_structure metric_interface_structure;

/** Whether a structure's records give no block, but a name. */
bool metric_is_port_name(const struct sflow_structure *structure);

/** The first sample of a source was taken in. */
void metric_interface_begin(struct metric_store *m, struct metric_source *src);

/** A block of the source was taken out, since its agent sends no more of it. */
void metric_interface_gone(
	struct metric_store *m, struct metric_source *src, const struct metric_block *b);

/** A record with the name of a port came. */
void metric_interface_told(
	struct metric_store *m, struct metric_source *src, const struct sflow_record *r);

/** Whether a block is of names that stay as long as their source. */
bool metric_interface_is_lasting(const struct metric_store *m, const struct metric_block *b);

/* ---- record.c, block.c: from a record to a block ---- */

/* The fields of one record, before they are made into a block. */
struct metric_fresh {
	struct sflow_value value[METRIC_FIELDS];
	uint64_t shown; /* fields but counters that have a value */
	uint64_t known; /* counters that the agent knows */
};

/** Read a record. @return false where it is cut off: the fields there count */
bool metric_record_read(
	const struct metric_plan *plan, const struct sflow_record *r, struct metric_fresh *fresh);

/** Hide values that are not what their names say. @return how many */
unsigned metric_record_doubt(const struct metric_plan *plan, struct metric_fresh *fresh);

/** A block of it, without rates, whose base is the record; NULL where memory is short. */
struct metric_block *metric_block_make(
	const struct metric_plan *plan, const struct metric_fresh *fresh);

/** Bases of a block's counters. */
static inline uint64_t *metric_block_bases(const struct metric_block *b)
{
	return (uint64_t *)(uintptr_t)&b->cells[b->plan->cells];
}

static inline uint64_t *metric_block_base(const struct metric_block *b, unsigned field)
{
	return &metric_block_bases(b)[b->plan->base[field]];
}

static inline struct metric_change *metric_block_change(const struct metric_block *b)
{
	return (struct metric_change *)(void *)&metric_block_bases(b)[b->plan->bases];
}

/** Value of a field as a number. @return false where it has none */
bool metric_block_number(const struct metric_block *b, unsigned field, double *value);

/** Value of a metric of the block. @return false where it has none */
bool metric_block_value(const struct metric_block *b, unsigned column, struct metric_value *v);

/** Value of the i-th derived metric. @return false where it has none */
bool metric_derive(const struct metric_block *b, unsigned i, double *value);

/* ---- custom.c ---- */

/** Take in the entries of a custom sample. */
void metric_custom_take(
	struct metric_store *m, struct metric_source *src, const struct metric_sample *s);

/** No new reader finds it: free it, and give its names back. NULL is fine. */
void metric_custom_drop(struct metric_store *m, struct metric_custom *custom);

/** Value of one. @return false where it has none */
bool metric_item_value(const struct metric_item *item, struct metric_value *v);

/** How long a source is waited for, by its custom metrics; 0: it has none. */
uint64_t metric_custom_due_ms(const struct metric_store *m, const struct metric_source *src);

/* ---- news.c: owner ---- */

/** A block is complete: say how it differs from the one that it replaces, or NULL. */
void metric_block_compare(struct metric_block *b, const struct metric_block *old);

/** What readers find in a slot is another version now. */
void metric_slot_changed(struct metric_store *m, uint32_t slot);

/* ---- rate.c ---- */

/* How a sample stands to the newest one of its source. */
enum metric_order { METRIC_NEXT, METRIC_DUPLICATE, METRIC_OLDER, METRIC_RESTART };

enum metric_order metric_order_of(const struct metric_source *src, const struct metric_sample *s);

/** Milliseconds from a base to the sample, by the agent's clock where that is right. */
uint64_t metric_elapsed_ms(
	uint32_t base_uptime_ms, uint64_t base_ms, const struct metric_sample *s);

/**
 * Whether what has no sequence of its own is of the same moment as what came before, such as a copy of
 * its datagram that the network made.
 */
bool metric_is_again(uint32_t uptime_ms, uint64_t time_ms, const struct metric_sample *s);

/** Rate of a counter that stands alone. @return false where it did not go on from its base */
bool metric_counter_rate(
	enum sflow_type type, uint64_t from, uint64_t to, uint64_t ms, double *rate);

/** Growth of a counter that wraps at the width of its type. */
uint64_t metric_delta(enum sflow_type type, uint64_t from, uint64_t to);

/**
 * Rates of `b` from the base of `old` to its own, over `ms`.
 * @return false where a counter did not go on from the base: rates that it spoils are absent
 */
bool metric_block_rate(struct metric_block *b, const struct metric_block *old, uint64_t ms);

/* ---- print.c ---- */

/**
 * Give the metrics of a source.
 * @param sample  blocks of that sample only; 0: all
 */
void metric_print(const struct metric_store *m, const struct metric_source *src, uint32_t sample,
	struct base_region *region, struct metric_update *u);
