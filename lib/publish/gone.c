/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>

#include "publish/contract_pvt.h"

/* Keys of definitions that were taken out: without this they would stay until they expire. */

static bool has(const struct window_snapshot *s, const char *name)
{
	for (unsigned i = 0; i < s->flow_count; i++) {
		if (strcmp(s->flows[i].name, name) == 0)
			return true;
	}
	return false;
}

static void add_key(struct publish_writer *w, const char *name, const char *suffix)
{
	const char *const parts[5] = {w->prefix, ":flow:{", name, "}", suffix};

	publish_batch_join(&w->batch, parts);
}

static void write_gone(struct publish_writer *w, const char *name)
{
	publish_batch_command(&w->batch, 4, "DEL");
	add_key(w, name, NULL);
	add_key(w, name, ":rank");
	add_key(w, name, ":meta");
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
	remember(&w->flows, s);
}
