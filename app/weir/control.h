/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <jansson.h>

#include "conf/conf.h"
#include "flow/data.h"
#include "flow/plan.h"
#include "window/generation.h"
#include "window/mailbox.h"

struct options;
struct store;

/*
 * The owner of the definitions in force: those of the configuration at first, and what is put and
 * removed from then on. A thread of its own takes all changes that wait together, compiles all
 * definitions to a new generation, and has the aggregator put it in force. Where something is wrong
 * with a change, that one is refused, and the rest goes on.
 *
 * A definition that is put is kept in the store, unless it came from there. One that is removed is
 * taken out of the store; if it is in the configuration as well, that one is back at the next start.
 */
struct control;

/* What is wrong with a change, in one sentence. */
struct control_error {
	char text[512];
	char in[16];     /* the attribute that it is about; empty: none */
	unsigned offset; /* with `in`: bytes into that attribute's text */
};

/**
 * The definitions of the configuration, which compile, with those of the store in addition. What
 * the store has does not stop anything: what is wrong with it is logged. Main.
 * @param conf, store  outlive it
 * @param data         as options_plan() takes it
 * @return NULL: out of memory
 */
struct control *control_create(
	const struct conf *conf, struct flow_data *data, struct store *store);

/**
 * Main, before control_start(): the plan of all definitions, a reference for the caller. Changes that
 * come from here on wait for control_start().
 */
struct flow_plan *control_plan(struct control *c);

/** Who may send at the start; a reference for the caller, or NULL: all may. Main. */
struct agent_senders *control_senders(const struct control *c);

/**
 * Start taking changes. Main.
 * @param options  of generations; what they point to outlives the thread
 * @param box      of the aggregator, which has put control_plan() in force
 * @return 0 or -errno
 */
int control_start(struct control *c, const struct generation_options *options, struct mailbox *box);

/** Refuse what comes, and end the thread. Main, while the aggregator runs; NULL is fine. */
void control_stop(struct control *c);
void control_destroy(struct control *c);

/**
 * Add or replace a definition; returns when it is in force. Any thread but RX and aggregator.
 * @param spec  is copied
 * @return 0; -EINVAL: it is wrong; -ENOSPC: a limit, `e` says what is used and what the limit is;
 *         -ETIMEDOUT: not in force yet; -ESHUTDOWN. All with `e`
 */
int control_put(struct control *c, const struct flow_spec *spec, struct control_error *e);

/** Take a definition out; the same contract. @return also -ENOENT */
int control_remove(struct control *c, const char *name, struct control_error *e);

/** Groups, maps, databases and topology in force; a reference for the caller, or NULL. Any thread. */
struct flow_data *control_data(struct control *c);

/**
 * Add or replace a group or map; the same contract. Where a definition does not compile with it, the
 * old one stays in force, and `e` names the definition.
 * @param l  its reference is taken over
 */
int control_put_lookup(struct control *c, struct flow_lookup *l, struct control_error *e);

/**
 * Put a topology in force; the same contract. Main may call it before control_plan() as well.
 * @param t  one reference more is taken
 */
int control_put_topology(struct control *c, struct topology *t, struct control_error *e);

/**
 * The definitions, groups, maps, databases, topology and senders of another configuration, in place of those of the
 * one before; the same contract. What was put at run time stays, and goes before it.
 * @param now   the configuration of before: senders that say the same stay, so that agents need not count anew
 * @param keep  the topology in force was put at run time
 */
int control_configure(struct control *c, const struct options *next, const struct options *now,
	bool keep, struct control_error *e);

/** Take one out, which no definition refers to; the same contract. @return also -ENOENT */
int control_remove_lookup(
	struct control *c, enum flow_lookup_kind kind, const char *name, struct control_error *e);

/** All definitions: an object of names and definitions; a new reference. Any thread. */
json_t *control_list(struct control *c);

/** One of them, a new reference; NULL: there is no such name. Any thread. */
json_t *control_get(struct control *c, const char *name);

/** Somebody asked for it: what has a ttl stays that much longer. Any thread. */
void control_touch(struct control *c, const char *name);

/** Take out those whose ttl is over. Main, now and then; does not wait. */
void control_tick(struct control *c);
