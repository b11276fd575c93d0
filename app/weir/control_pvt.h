/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <pthread.h>
#include <stdbool.h>

#include "base/clock.h"
#include "control.h"

/* A definition of the set. Immutable but for the two marks. */
struct control_entry {
	struct flow_spec *spec; /* its own */
	uint64_t id;            /* differs between any two */
	bool put;               /* at run time, or from the store: not the configuration's */
	uint64_t touched_ns;    /* monotonic, relaxed atomic; when somebody last asked for it */
	bool leaving;           /* under the control's mutex; its ttl is over */
};

/* Definitions in their order. Entries belong to whoever has the set. */
struct control_set {
	unsigned count;
	struct control_entry *entries[FLOW_DEFINITIONS];
};

enum { CONTROL_LOOKUPS = 256 /* groups, and maps, at most */ };

enum control_change {
	CONTROL_PUT,
	CONTROL_REMOVE,
	CONTROL_PUT_LOOKUP,
	CONTROL_REMOVE_LOOKUP,
	CONTROL_TOPOLOGY,
	CONTROL_CONFIGURE,
};

/* Another configuration. */
struct control_configured {
	struct control_set set;        /* its own entries, until they are in the set */
	struct flow_data *next;        /* a reference */
	struct flow_data *now;         /* of the configuration of before: a reference */
	bool others;                   /* senders than before: */
	struct agent_senders *senders; /* a reference */
	bool keep;                     /* the topology in force */
};

/* A change that waits. */
struct control_request {
	struct control_request *next;
	enum control_change change;
	bool loaded;                 /* from the store: it need not be kept there once more */
	bool watched;                /* somebody waits for `done`, and frees it */
	bool done;                   /* under the mutex */
	int err;                     /* 0 or -errno, with `error` */
	struct control_entry *entry; /* CONTROL_PUT: its own until it is in the set */
	struct topology *topology;   /* CONTROL_TOPOLOGY: a reference */
	struct control_configured *configured; /* CONTROL_CONFIGURE: its own */
	struct flow_lookup *lookup;            /* CONTROL_PUT_LOOKUP: a reference */
	enum flow_lookup_kind kind;            /* ..._LOOKUP */
	uint64_t only; /* CONTROL_REMOVE: this entry alone, once its ttl is over; 0: any */
	char *name;
	struct control_error error;
};

struct control_limits {
	unsigned cores;
	size_t table_bytes; /* of all tables of all RX cores, groups and maps */
};

struct control {
	/* Set before the thread starts. */
	struct store *store;
	struct control_limits limits;
	struct generation_options options;
	struct mailbox *box;
	pthread_t thread;
	bool started;
	unsigned wait_ms; /* how long a caller waits for its change */

	/* Under the mutex; the thread alone writes, main before that. */
	struct flow_plan *plan; /* in force */
	struct control_set set;

	/* The thread's, main's before that. */
	struct agent_senders *senders; /* in force; a reference */

	/* Under the mutex. */
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	struct control_request *first, **last;
	struct control_request *taken; /* by the thread, and not done */
	const char *doing;             /* the stage that these are at; a static text */
	unsigned lookups;              /* groups and maps of the store that are not in force yet */
	bool given;                    /* control_plan() was called */
	bool stop;

	/* What Redis has. */
	unsigned left_out; /* relaxed atomic */
	/* Of who loads: main, then the store's thread. */
	unsigned flows_found, lookups_found[FLOW_LOOKUP_KINDS];
};

/** @return NULL: out of memory. The entry has a copy of the spec. */
struct control_entry *control_entry_create(const struct flow_spec *spec, bool put);
void control_entry_free(struct control_entry *e);

/** Somebody asked for it. Any thread that keeps it from being freed. */
static inline void control_entry_touch(struct control_entry *e)
{
	__atomic_store_n(&e->touched_ns, base_clock_mono_ns(), __ATOMIC_RELAXED);
}

/** Whether its ttl is over. Any thread that keeps it from being freed. */
static inline bool control_entry_is_over(const struct control_entry *e)
{
	uint64_t touched = __atomic_load_n(&e->touched_ns, __ATOMIC_RELAXED);

	return e->spec->ttl > 0 &&
	       base_clock_mono_ns() > touched + e->spec->ttl * UINT64_C(1000000000);
}

/** Position of a name in the set, or -1. */
int control_set_find(const struct control_set *s, const char *name);

/** Whether the set has that very entry. */
bool control_set_has(const struct control_set *s, const struct control_entry *e);

/** Compile a definition alone. @return 0; -EINVAL with `e`. Any thread. */
int control_check(const struct flow_spec *spec, struct flow_data *data, struct control_error *e);

/**
 * The set after all changes of a list that can be made; the others get their error. Nothing of the
 * list or of `now` is freed.
 * @param plan  the plan in force
 * @param next  out: the set
 * @return the plan of `next`; NULL where none of the changes can be made
 */
struct flow_plan *control_settle(const struct control_set *now, const struct flow_plan *plan,
	const struct control_limits *limits, struct control_request *list,
	struct control_set *next);

/** Whether it changes a group or map. */
static inline bool control_of_lookup(const struct control_request *r)
{
	return r->change == CONTROL_PUT_LOOKUP || r->change == CONTROL_REMOVE_LOOKUP;
}

int control_refuse(struct control_error *e, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* What a change is about, for people. */
struct control_what {
	char text[128];
};

struct control_what control_request_what(const struct control_request *r);

/** A change of its own texts; NULL: out of memory. request_lookup() takes over the reference. */
void control_request_free(struct control_request *r);
struct control_request *control_request_create(enum control_change change, const char *name);
struct control_request *control_request_put(const struct flow_spec *spec);
struct control_request *control_request_lookup(struct flow_lookup *l);
struct control_request *control_request_configure(
	const struct options *next, const struct options *now, bool keep);

/** Under the mutex: it waits for the thread. */
void control_enter(struct control *c, struct control_request *r);

/** Have what is stored entered, now or once the store has it. Main. */
void control_load(struct control *c);

/** Keep, or tell, what became of a change that is about to be in force; `before` is the set until then. */
void control_note(
	struct control *c, const struct control_set *before, const struct control_request *r);
