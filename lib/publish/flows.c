/* SPDX-License-Identifier: BSD-3-Clause */
#include "publish/contract_pvt.h"
#include "publish/number_pvt.h"

/* The keys of a definition. */
enum key { KEY_FLOWS, KEY_RANK, KEY_META, KEYS };

/* Each key is an argument of several commands. */
static void make_keys(struct publish_writer *w, const struct window_flows *f)
{
	static const char *const suffixes[KEYS] = {NULL, ":rank", ":meta"};

	publish_batch_reset(&w->keys);
	for (unsigned k = 0; k < KEYS; k++) {
		const char *const parts[5] = {w->prefix, ":flow:{", f->name, "}", suffixes[k]};

		publish_batch_join(&w->keys, parts);
		w->key_ends[k] = w->keys.bytes.len;
	}
}

static void add_key(struct publish_writer *w, enum key k)
{
	size_t start = k ? w->key_ends[k - 1] : 0;

	publish_batch_wire(&w->batch, w->keys.bytes.bytes + start, w->key_ends[k] - start);
}

static void add_expiry(struct publish_writer *w, const struct window_snapshot *s, enum key k)
{
	publish_batch_command(&w->batch, 3, "PEXPIRE");
	add_key(w, k);
	publish_batch_uint(&w->batch, publish_time_kept(w, s));
}

static const char *key_of(const struct publish_lines *l, uint32_t i)
{
	return l->wire.bytes + l->list[i].at;
}

/* Of the sorted set: value, then key. */
static void add_ranked(struct publish_batch *b, const struct publish_lines *l, uint32_t i)
{
	const struct publish_line *line = &l->list[i];

	publish_batch_wire(b, key_of(l, i) + line->key_len, line->value_len);
	publish_batch_wire(b, key_of(l, i), line->key_len);
}

/* ---- all of them ---- */

static void write_whole(
	struct publish_writer *w, const struct window_snapshot *s, const struct publish_lines *l)
{
	struct publish_batch *b = &w->batch;

	publish_batch_command(b, 1 + KEYS, "DEL");
	for (unsigned k = 0; k < KEYS; k++)
		add_key(w, (enum key)k);
	if (l->count == 0)
		return;
	publish_batch_command(b, 2 + 2 * (size_t)l->count, "HSET");
	add_key(w, KEY_FLOWS);
	publish_batch_wire(b, l->wire.bytes, l->wire.len);
	add_expiry(w, s, KEY_FLOWS);
	publish_batch_command(b, 2 + 2 * (size_t)l->count, "ZADD");
	add_key(w, KEY_RANK);
	for (uint32_t i = 0; i < l->count; i++)
		add_ranked(b, l, i);
	add_expiry(w, s, KEY_RANK);
}

/* ---- what changed ---- */

static void write_changed(struct publish_writer *w, const struct publish_held *h)
{
	const struct publish_lines *is = &h->lines[!h->now];

	publish_batch_command(&w->batch, 2 + 2 * ((size_t)h->fresh + h->changed), "HSET");
	add_key(w, KEY_FLOWS);
	for (uint32_t i = 0; i < is->count; i++) {
		if (!is->list[i].same)
			publish_batch_wire(&w->batch, key_of(is, i),
				is->list[i].key_len + is->list[i].value_len);
	}
}

static void write_left(struct publish_writer *w, const struct publish_held *h)
{
	const struct publish_lines *was = &h->lines[h->now];

	publish_batch_command(&w->batch, 2 + (size_t)h->left, "HDEL");
	add_key(w, KEY_FLOWS);
	for (uint32_t i = 0; i < was->count; i++) {
		if (!was->list[i].stays)
			publish_batch_wire(&w->batch, key_of(was, i), was->list[i].key_len);
	}
}

/* What left goes to a score of its own, which no value has, and is taken away with that. */
static void write_changed_rank(struct publish_writer *w, const struct publish_held *h)
{
	const struct publish_lines *is = &h->lines[!h->now], *was = &h->lines[h->now];

	publish_batch_command(&w->batch, 2 + 2 * ((size_t)h->fresh + h->changed + h->left), "ZADD");
	add_key(w, KEY_RANK);
	for (uint32_t i = 0; i < is->count; i++) {
		if (!is->list[i].same)
			add_ranked(&w->batch, is, i);
	}
	for (uint32_t i = 0; i < was->count; i++) {
		if (was->list[i].stays)
			continue;
		publish_batch_text(&w->batch, "-inf");
		publish_batch_wire(&w->batch, key_of(was, i), was->list[i].key_len);
	}
}

static void write_left_rank(struct publish_writer *w)
{
	publish_batch_command(&w->batch, 4, "ZREMRANGEBYSCORE");
	add_key(w, KEY_RANK);
	publish_batch_text(&w->batch, "-inf");
	publish_batch_text(&w->batch, "-inf");
}

/* In the order of expect_changes(). */
static void write_changes(
	struct publish_writer *w, const struct window_snapshot *s, const struct publish_held *h)
{
	add_expiry(w, s, KEY_FLOWS);
	add_expiry(w, s, KEY_RANK);
	write_changed(w, h);
	if (h->left)
		write_left(w, h);
	write_changed_rank(w, h);
	if (h->left)
		write_left_rank(w);
	/* Once more: keys that were gone are made by what stands between. */
	add_expiry(w, s, KEY_FLOWS);
	add_expiry(w, s, KEY_RANK);
	publish_batch_command(&w->batch, 2, "DEL");
	add_key(w, KEY_META);
}

/*
 * The replies tell whether both keys were there, with all flows that were to be in them: how many
 * are new, and how many went.
 */
static void expect_changes(struct publish_batch *b, const struct publish_held *h)
{
	publish_batch_expect(b, 1); /* of the second PEXPIRE; the first is the watch's own */
	publish_batch_expect(b, h->fresh);
	if (h->left)
		publish_batch_expect(b, h->left);
	publish_batch_expect(b, h->fresh);
	if (h->left)
		publish_batch_expect(b, h->left);
}

/* ---- the window ---- */

/* The texts of the values beside the first, with commas between them. */
static void add_extras(struct publish_writer *w, const struct window_flows *f)
{
	publish_buffer_reset(&w->document);
	for (unsigned i = 0; i < f->extra_count; i++) {
		if (i > 0)
			publish_buffer_char(&w->document, ',');
		publish_buffer_text(&w->document, f->extras[i].text);
	}
	publish_batch_text(&w->batch, "values");
	publish_batch_bytes(&w->batch, w->document.bytes, w->document.len);
}

static void add_lost(struct publish_batch *b, const struct window_flows *f)
{
	char text[PUBLISH_NUMBER];

	publish_batch_text(b, "lost");
	publish_batch_bytes(b, text, publish_number(text, f->lost, PUBLISH_SHARE_DECIMALS));
	publish_batch_pair(b, "corrected", f->corrected ? "true" : "false");
}

static void write_meta(
	struct publish_writer *w, const struct window_snapshot *s, const struct window_flows *f)
{
	struct publish_batch *b = &w->batch;

	publish_batch_command(b, 2 + 2 * 18, "HSET");
	add_key(w, KEY_META);
	publish_batch_pair_uint(b, "window", s->number);
	publish_batch_pair_uint(b, "start_ms", s->start_ms);
	publish_batch_pair_uint(b, "end_ms", s->end_ms);
	publish_batch_pair(b, "value", f->value.text);
	publish_batch_pair(b, "aggregate", f->value.aggregate);
	publish_batch_pair(b, "unit", f->unit);
	add_extras(w, f);
	publish_batch_pair_uint(b, "total", f->total);
	publish_batch_pair_uint(b, "other", f->other);
	publish_batch_pair_uint(b, "flows", f->flows);
	publish_batch_pair_uint(b, "samples", f->samples);
	publish_batch_pair_uint(b, "filtered", f->filtered);
	publish_batch_pair_uint(b, "keyless", f->keyless);
	add_lost(b, f);
	publish_batch_pair(b, "dropped", f->dropped ? "true" : "false");
	publish_batch_pair(b, "custom", f->custom ? "true" : "false");
	publish_batch_pair(b, "collector", w->collector);
	add_expiry(w, s, KEY_META);
}

static void write_document(struct publish_writer *w, const struct window_snapshot *s,
	const struct window_flows *f, const struct publish_lines *l)
{
	publish_make_flow_document(w, s, f, l);
	publish_batch_command(&w->batch, 3, "PUBLISH");
	add_key(w, KEY_FLOWS);
	publish_batch_bytes(&w->batch, w->document.bytes, w->document.len);
}

/* A consumer of the hash and the channel sees both change at once. @return number of the EXEC */
static uint64_t write_entity(struct publish_writer *w, const struct window_snapshot *s,
	const struct window_flows *f, const struct publish_lines *l, const struct publish_held *h)
{
	make_keys(w, f);
	publish_batch_multi(&w->batch);
	if (h && !h->whole)
		write_changes(w, s, h);
	else
		write_whole(w, s, l);
	write_meta(w, s, f);
	if (publish_is_news(w, s))
		write_document(w, s, f, l);
	publish_batch_exec(&w->batch);
	return w->batch.commands - 1;
}

static void write_many(
	struct publish_writer *w, const struct window_snapshot *s, const struct window_flows *f)
{
	struct publish_held *h = publish_held_of(&w->held, f->name);
	struct publish_batch *b = &w->batch;
	uint64_t first = b->commands, exec;
	bool changes = publish_held_compare(h, f);

	exec = write_entity(w, s, f, &h->lines[!h->now], h);
	h->watch = publish_batch_watch(b, first, changes ? exec : PUBLISH_ASKS_NOTHING, 1, 1);
	if (changes)
		expect_changes(b, h);
}

static void write_definition(
	struct publish_writer *w, const struct window_snapshot *s, const struct window_flows *f)
{
	if (f->count >= PUBLISH_HELD_LEAST) {
		write_many(w, s, f);
	} else {
		publish_lines_make(&w->lines, f);
		write_entity(w, s, f, &w->lines, NULL);
	}
	publish_batch_end(&w->batch);
}

void publish_write_flows(struct publish_writer *w, const struct window_snapshot *s)
{
	publish_held_begin(w->held);
	for (unsigned i = 0; i < s->flow_count; i++)
		write_definition(w, s, &s->flows[i]);
	publish_held_end(&w->held);
}
