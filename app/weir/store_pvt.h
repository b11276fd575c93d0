/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * What the store has to write, and what it has written. All calls are under the store's mutex. Of
 * each kind and name there is one change, the newest.
 */

struct store_change {
	struct store_change *next;
	const char *kind;
	char *name, *json; /* json NULL: take it out */
};

struct store_changes {
	struct store_change *first, **last; /* they wait */
	struct store_change *writing;       /* NULL, or taken by the thread */
	struct store_change *held;          /* Redis has them, as far as is known */
	/* Relaxed atomics: read without the mutex, too. */
	unsigned waiting;
	uint64_t lost;
};

void store_changes_init(struct store_changes *l);
void store_changes_fini(struct store_changes *l);

/** A change waits, in place of what there is of that name. Texts are copied, `kind` is a constant. */
void store_changes_enter(
	struct store_changes *l, const char *kind, const char *name, const char *json);

/** Redis has it: hold it, unless a change of that name is not there yet. */
void store_changes_hold(
	struct store_changes *l, const char *kind, const char *name, const char *json);

/** Redis may have lost what is held: it waits again. */
void store_changes_renew(struct store_changes *l);

/** Whether a change of that name is not in Redis yet. */
bool store_changes_have(const struct store_changes *l, const char *kind, const char *name);

/** Take the one at that place of those that wait. @return it, which is `writing` until store_changes_done() */
struct store_change *store_changes_take(struct store_changes *l, struct store_change **at);

/** What has failed waits again, unless a newer one does; what is in Redis is held. */
void store_changes_done(struct store_changes *l, bool written);
