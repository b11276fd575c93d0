/* SPDX-License-Identifier: BSD-3-Clause */
#include "publish/contract_pvt.h"

static void add_key(struct publish_writer *w)
{
	const char *const parts[5] = {w->prefix, ":collector:", w->collector};

	publish_batch_join(&w->batch, parts);
}

static void write_fields(struct publish_writer *w, const struct window_snapshot *s)
{
	size_t pairs = 3 + (size_t)s->collector_count;
	struct publish_batch *b = &w->batch;

	publish_batch_command(b, 2 + 2 * pairs, "HSET");
	add_key(w);
	publish_batch_pair_uint(b, "window", s->number);
	publish_batch_pair_uint(b, "start_ms", s->start_ms);
	publish_batch_pair_uint(b, "end_ms", s->end_ms);
	for (unsigned i = 0; i < s->collector_count; i++)
		publish_batch_pair(b, s->collector[i].name, s->collector[i].text);
}

void publish_write_collector(struct publish_writer *w, const struct window_snapshot *s)
{
	uint64_t first = w->batch.commands;

	publish_batch_multi(&w->batch);
	publish_batch_command(&w->batch, 2, "DEL");
	add_key(w);
	write_fields(w, s);
	publish_batch_command(&w->batch, 3, "PEXPIRE");
	add_key(w);
	publish_batch_uint(&w->batch, publish_time_kept(w, s));
	publish_batch_exec(&w->batch);
	w->own = publish_batch_watch(&w->batch, first, w->batch.commands - 1, 1, 1);
	publish_batch_end(&w->batch);
}

void publish_writer_free(struct publish_writer *w)
{
	publish_batch_free(&w->batch);
	publish_names_free(&w->names);
	publish_held_free(&w->held);
	publish_lines_free(&w->lines);
	publish_batch_free(&w->keys);
	publish_buffer_free(&w->document);
}
