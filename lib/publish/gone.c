/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>

#include "publish/contract_pvt.h"

/*
 * Keys of definitions that were taken out: without this they would stay until they expire, and the
 * stream of records for ever. Records of flows that ended with the definition are to be read, and a
 * definition that comes again keeps those from before.
 */

enum { GONE_RECORDS_MS = 7200000 }; /* as histories */

/* ---- names ---- */

/* @return that of a definition, made where there is none */
static struct publish_name *name_of(struct publish_name **list, const char *name)
{
	struct publish_name *n = *list;

	while (n && strcmp(n->name, name) != 0)
		n = n->next;
	if (n)
		return n;
	n = calloc(1, sizeof(*n));
	if (!n)
		abort();
	n->name = strdup(name);
	if (!n->name)
		abort();
	n->next = *list;
	*list = n;
	return n;
}

static void remove_at(struct publish_name **at)
{
	struct publish_name *n = *at;

	*at = n->next;
	free(n->name);
	free(n);
}

void publish_names_answered(struct publish_name **list, const struct publish_batch *b, bool settled)
{
	while (*list) {
		struct publish_name *n = *list;

		if (n->sent)
			n->sure = !b->watches[n->watch].failed;
		n->sent = false;
		if (n->sure && !n->there && settled)
			remove_at(list);
		else
			list = &n->next;
	}
}

void publish_names_forget(struct publish_name *list)
{
	for (struct publish_name *n = list; n; n = n->next)
		n->sure = n->sent = false;
}

void publish_names_free(struct publish_name **list)
{
	while (*list)
		remove_at(list);
}

/* ---- commands ---- */

static void add_key(
	struct publish_writer *w, const char *family, const char *name, const char *suffix)
{
	const char *const parts[5] = {w->prefix, family, name, "}", suffix};

	publish_batch_join(&w->batch, parts);
}

static void write_gone(struct publish_writer *w, const char *name)
{
	publish_batch_command(&w->batch, 4, "DEL");
	add_key(w, ":flow:{", name, NULL);
	add_key(w, ":flow:{", name, ":rank");
	add_key(w, ":flow:{", name, ":meta");
	publish_batch_end(&w->batch);
	publish_batch_command(&w->batch, 3, "PEXPIRE");
	add_key(w, ":records:{", name, NULL);
	publish_batch_uint(&w->batch, GONE_RECORDS_MS);
	publish_batch_end(&w->batch);
}

static void write_come(struct publish_writer *w, const char *name)
{
	publish_batch_command(&w->batch, 2, "PERSIST");
	add_key(w, ":records:{", name, NULL);
	publish_batch_end(&w->batch);
}

static void write_name(struct publish_writer *w, struct publish_name *n)
{
	uint64_t first = w->batch.commands;

	n->there = n->seen;
	n->sure = false;
	n->sent = true;
	if (n->there)
		write_come(w, n->name);
	else
		write_gone(w, n->name);
	n->watch = publish_batch_watch(&w->batch, first, PUBLISH_ASKS_NOTHING, 0, 0);
}

void publish_write_gone(struct publish_writer *w, const struct window_snapshot *s)
{
	for (struct publish_name *n = w->names; n; n = n->next)
		n->seen = false;
	for (unsigned i = 0; i < s->flow_count; i++)
		name_of(&w->names, s->flows[i].name)->seen = true;
	for (struct publish_name *n = w->names; n; n = n->next) {
		if (!n->sure || n->there != n->seen)
			write_name(w, n);
	}
}
