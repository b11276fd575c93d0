/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "names/table.h"

/*
 * What is known of the names of interfaces, of all agents: a table from the configuration, and one that was asked for.
 * For each name and each alias by itself, the configuration goes before the answer; what counter records carry counts
 * where neither has one. One owner thread.
 */

struct names;

/**
 * @param memory  bytes of answers that are kept at most
 * @return NULL: memory is short. names_destroy() takes NULL too.
 */
struct names *names_create(size_t memory);
void names_destroy(struct names *n);

/** Take over a table of the configuration. @return false: memory is short, and `t` is freed */
bool names_set(struct names *n, struct names_table *t);

/**
 * Have the tables of another configuration, all of them, in place of those that there are. All interfaces are gone
 * through.
 * @param next     with nothing that was asked for; taken over, and freed in any case
 * @param changed  called for each agent whose table is another now, once all are in place
 * @return false: memory is short, and nothing has changed
 */
bool names_configure(struct names *n, struct names *next,
	void (*changed)(void *ctx, const struct base_addr *agent), void *ctx);

/**
 * Take over a table that was asked for, in place of the one before. @return false: there is no room for
 * it, and `t` is freed: the one before stays
 */
bool names_put(struct names *n, struct names_table *t);

/** Forget what was asked for of an agent. */
void names_remove(struct names *n, const struct base_addr *agent);

/**
 * What an interface is called.
 * @param e  out: texts live until the next change
 * @return false: nothing is known
 */
bool names_find(const struct names *n, const struct base_addr *agent, uint32_t index,
	struct names_entry *e);

/** Tables that are held, and the bytes of those that were asked for. */
uint32_t names_tables(const struct names *n);
size_t names_memory(const struct names *n);
