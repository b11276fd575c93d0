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

static bool has(const struct window_snapshot *s, const char *name)
{
	for (unsigned i = 0; i < s->flow_count; i++) {
		if (strcmp(s->flows[i].name, name) == 0)
			return true;
	}
	return false;
}

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

static bool is_told(const struct publish_told *t, const struct window_snapshot *s)
{
	if (t->count != s->flow_count)
		return false;
	for (unsigned i = 0; i < t->count; i++) {
		if (strcmp(t->names[i], s->flows[i].name) != 0)
			return false;
	}
	return true;
}

static bool was_told(const struct publish_told *t, const char *name)
{
	for (unsigned i = 0; i < t->count; i++) {
		if (strcmp(t->names[i], name) == 0)
			return true;
	}
	return false;
}

static void remember(struct publish_told *t, const struct window_snapshot *s)
{
	if (is_told(t, s))
		return;
	base_region_free(&t->region);
	t->names = base_region_alloc(&t->region, (s->flow_count + 1) * sizeof(*t->names));
	t->count = s->flow_count;
	for (unsigned i = 0; i < t->count; i++)
		t->names[i] = base_region_text(&t->region, s->flows[i].name);
}

void publish_write_gone(struct publish_writer *w, const struct window_snapshot *s)
{
	for (unsigned i = 0; i < w->flows.count; i++) {
		if (!has(s, w->flows.names[i]))
			write_gone(w, w->flows.names[i]);
	}
	for (unsigned i = 0; i < s->flow_count; i++) {
		if (!was_told(&w->flows, s->flows[i].name))
			write_come(w, s->flows[i].name);
	}
	remember(&w->flows, s);
}
