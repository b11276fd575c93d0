/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "base/cursor.h"
#include "base/form.h"
#include "publish/contract_pvt.h"
#include "publish/json_pvt.h"

/* Texts that name one data source. */
struct source_name {
	char agent[BASE_ADDR_TEXT];
	char source[80]; /* "4294967295.4294967295", or a custom one of 64 bytes */
};

static void name_source(struct source_name *n, const struct metric_update *u)
{
	struct base_text text = base_text(n->source, sizeof(n->source));
	uint8_t wire[8];

	base_put_u32(wire, u->source.class);
	base_put_u32(wire + 4, u->source.index);
	if (u->name)
		base_text_add(&text, u->name, strlen(u->name));
	else
		base_form_print(&text, BASE_FORM_SOURCE, 0, wire, sizeof(wire));
	base_addr_print(&u->agent, n->agent);
}

static void add_key(struct publish_writer *w, const struct source_name *n)
{
	const char *const parts[5] = {w->prefix, ":metric:{", n->agent, "}:", n->source};

	publish_batch_join(&w->batch, parts);
}

static void add_channel(struct publish_writer *w, const struct source_name *n)
{
	const char *const parts[5] = {w->prefix, ":metric:{", n->agent, "}"};

	publish_batch_join(&w->batch, parts);
}

static void document_metrics(struct publish_json *j, const struct metric_update *u)
{
	publish_json_name(j, "metrics");
	publish_json_open(j, '{');
	for (uint32_t i = 0; i < u->count; i++) {
		publish_json_name(j, u->pairs[i].name);
		if (u->pairs[i].number)
			publish_json_number_text(j, u->pairs[i].text);
		else
			publish_json_string(j, u->pairs[i].text);
	}
	publish_json_close(j, '}');
}

static void write_document(
	struct publish_writer *w, const struct metric_update *u, const struct source_name *n)
{
	struct publish_json j = publish_json(&w->document);

	publish_buffer_reset(&w->document);
	publish_json_open(&j, '{');
	publish_json_name(&j, "agent");
	publish_json_string(&j, n->agent);
	publish_json_name(&j, "sub_agent");
	publish_json_uint(&j, u->sub_agent);
	publish_json_name(&j, "source");
	publish_json_string(&j, n->source);
	publish_json_name(&j, "time_ms");
	publish_json_uint(&j, u->time_ms);
	publish_json_name(&j, "collector");
	publish_json_string(&j, w->collector);
	document_metrics(&j, u);
	publish_json_close(&j, '}');
}

/* Fields are added, never taken away: one update may hold only a part of what the source has. */
static void write_hash(struct publish_writer *w, const struct window_snapshot *s,
	const struct metric_update *u, const struct source_name *n)
{
	struct publish_batch *b = &w->batch;

	publish_batch_command(b, 2 + 2 * (size_t)u->count, "HSET");
	add_key(w, n);
	for (uint32_t i = 0; i < u->count; i++)
		publish_batch_pair(b, u->pairs[i].name, u->pairs[i].text);
	publish_batch_command(b, 3, "PEXPIRE");
	add_key(w, n);
	publish_batch_uint(b, publish_time_left(w, s, u->time_ms));
}

/* In a complete snapshot stand data sources that had no sample in this window. */
static bool is_news(const struct publish_writer *w, const struct window_snapshot *s,
	const struct metric_update *u)
{
	return publish_is_news(w, s) && (!s->complete || u->time_ms >= s->start_ms);
}

static void write_update(
	struct publish_writer *w, const struct window_snapshot *s, const struct metric_update *u)
{
	struct publish_batch *b = &w->batch;
	struct source_name name;

	if (u->count == 0 || publish_time_left(w, s, u->time_ms) == 0)
		return;
	name_source(&name, u);
	publish_batch_multi(b);
	write_hash(w, s, u, &name);
	if (is_news(w, s, u)) {
		write_document(w, u, &name);
		publish_batch_command(b, 3, "PUBLISH");
		add_channel(w, &name);
		publish_batch_bytes(b, w->document.bytes, w->document.len);
	}
	publish_batch_exec(b);
	publish_batch_end(b);
}

void publish_write_metrics(struct publish_writer *w, const struct window_snapshot *s)
{
	for (unsigned i = 0; i < s->metric_count; i++)
		write_update(w, s, &s->metrics[i]);
}
