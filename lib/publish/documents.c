/* SPDX-License-Identifier: BSD-3-Clause */
#include "publish/contract_pvt.h"
#include "publish/json_pvt.h"

enum { DOCUMENTS_KEPT_MS = 7200000 }; /* streams of what goes on; an hour, and one to spare */

static void add_key(
	struct publish_writer *w, const struct publish_stream *s, const struct ring_document *d)
{
	const char *const all[5] = {w->prefix, s->key};
	const char *const own[5] = {w->prefix, s->key, ":{", d->name, "}"};
	const char *const steps[5] = {w->prefix, ":history:{", d->name, "}:", d->pairs[0].text};

	publish_batch_join(&w->batch, s->by_step ? steps : s->by_name ? own : all);
}

static void make_document(struct publish_writer *w, const char *id, const struct ring_document *d)
{
	struct publish_json j = publish_json(&w->document);

	publish_buffer_reset(&w->document);
	publish_json_open(&j, '{');
	publish_json_name(&j, id);
	publish_json_uint(&j, d->id);
	for (uint32_t i = 0; i < d->count; i++) {
		publish_json_name(&j, d->pairs[i].name);
		if (d->pairs[i].json)
			publish_json_text(&j, d->pairs[i].text);
		else if (d->pairs[i].number)
			publish_json_number_text(&j, d->pairs[i].text);
		else
			publish_json_string(&j, d->pairs[i].text);
	}
	publish_json_name(&j, "collector");
	publish_json_string(&j, w->collector);
	publish_json_close(&j, '}');
}

static void add_entry(struct publish_writer *w, const struct publish_stream *s, const char *id,
	const struct ring_document *d)
{
	struct publish_batch *b = &w->batch;

	publish_batch_command(b, 6 + 2 * ((size_t)d->count + 2), "XADD");
	add_key(w, s, d);
	publish_batch_text(b, "MAXLEN");
	publish_batch_text(b, "~");
	publish_batch_uint(b, s->length);
	publish_batch_text(b, "*");
	publish_batch_pair_uint(b, id, d->id);
	for (uint32_t i = 0; i < d->count; i++)
		publish_batch_pair(b, d->pairs[i].name, d->pairs[i].text);
	publish_batch_pair(b, "collector", w->collector);
}

void publish_write_document(
	struct publish_writer *w, const struct publish_stream *s, const struct ring_document *d)
{
	const char *id = ring_id_name(s->ring);
	uint64_t first = w->batch.commands;

	add_entry(w, s, id, d);
	if (s->by_step) {
		publish_batch_command(&w->batch, 3, "PEXPIRE");
		add_key(w, s, d);
		publish_batch_uint(&w->batch, DOCUMENTS_KEPT_MS);
	} else {
		make_document(w, id, d);
		publish_batch_command(&w->batch, 3, "PUBLISH");
		add_key(w, s, d);
		publish_batch_bytes(&w->batch, w->document.bytes, w->document.len);
	}
	publish_batch_watch(&w->batch, first, PUBLISH_ASKS_NOTHING, 0, 0);
	publish_batch_end(&w->batch);
}
