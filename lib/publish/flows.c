/* SPDX-License-Identifier: BSD-3-Clause */
#include "publish/contract_pvt.h"

#include <math.h>

#include "publish/json_pvt.h"
#include "publish/number_pvt.h"

enum {
	VALUE_DECIMALS = 3,
	ERROR_DECIMALS = 4, /* hundredths of a percent */
};

static void add_key(struct publish_writer *w, const struct window_flows *f, const char *suffix)
{
	const char *const parts[5] = {w->prefix, ":flow:{", f->name, "}", suffix};

	publish_batch_join(&w->batch, parts);
}

static void add_del(struct publish_writer *w, const struct window_flows *f, const char *suffix)
{
	publish_batch_command(&w->batch, 2, "DEL");
	add_key(w, f, suffix);
}

static void add_expiry(struct publish_writer *w, const struct window_snapshot *s,
	const struct window_flows *f, const char *suffix)
{
	publish_batch_command(&w->batch, 3, "PEXPIRE");
	add_key(w, f, suffix);
	publish_batch_uint(&w->batch, publish_time_kept(w, s));
}

static void add_value(struct publish_batch *b, double value)
{
	char text[PUBLISH_NUMBER];

	publish_batch_bytes(b, text, publish_number(text, value, VALUE_DECIMALS));
}

static void write_values(
	struct publish_writer *w, const struct window_snapshot *s, const struct window_flows *f)
{
	add_del(w, f, NULL);
	if (f->count == 0)
		return;
	publish_batch_command(&w->batch, 2 + 2 * (size_t)f->count, "HSET");
	add_key(w, f, NULL);
	for (unsigned i = 0; i < f->count; i++) {
		publish_batch_text(&w->batch, f->top[i].key);
		add_value(&w->batch, f->top[i].value);
	}
	add_expiry(w, s, f, NULL);
}

static void write_rank(
	struct publish_writer *w, const struct window_snapshot *s, const struct window_flows *f)
{
	add_del(w, f, ":rank");
	if (f->count == 0)
		return;
	publish_batch_command(&w->batch, 2 + 2 * (size_t)f->count, "ZADD");
	add_key(w, f, ":rank");
	for (unsigned i = 0; i < f->count; i++) {
		add_value(&w->batch, f->top[i].value);
		publish_batch_text(&w->batch, f->top[i].key);
	}
	add_expiry(w, s, f, ":rank");
}

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

static void write_meta(
	struct publish_writer *w, const struct window_snapshot *s, const struct window_flows *f)
{
	struct publish_batch *b = &w->batch;

	add_del(w, f, ":meta");
	publish_batch_command(b, 2 + 2 * 16, "HSET");
	add_key(w, f, ":meta");
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
	publish_batch_pair(b, "dropped", f->dropped ? "true" : "false");
	publish_batch_pair(b, "custom", f->custom ? "true" : "false");
	publish_batch_pair(b, "collector", w->collector);
	add_expiry(w, s, f, ":meta");
}

static void document_uint(struct publish_json *j, const char *name, uint64_t v)
{
	publish_json_name(j, name);
	publish_json_uint(j, v);
}

static void document_text(struct publish_json *j, const char *name, const char *text)
{
	publish_json_name(j, name);
	publish_json_string(j, text);
}

static void document_extras(struct publish_json *j, const struct window_flow *flow, unsigned count)
{
	publish_json_name(j, "values");
	publish_json_open(j, '[');
	for (unsigned i = 0; i < count; i++)
		publish_json_number(
			j, flow->extras[i].there ? flow->extras[i].value : NAN, VALUE_DECIMALS);
	publish_json_close(j, ']');
	publish_json_name(j, "values_samples");
	publish_json_open(j, '[');
	for (unsigned i = 0; i < count; i++)
		publish_json_uint(j, flow->extras[i].there ? flow->extras[i].samples : 0);
	publish_json_close(j, ']');
	publish_json_name(j, "values_error");
	publish_json_open(j, '[');
	for (unsigned i = 0; i < count; i++)
		publish_json_number(
			j, flow->extras[i].there ? flow->extras[i].error95 : NAN, ERROR_DECIMALS);
	publish_json_close(j, ']');
}

static void document_flow(
	struct publish_json *j, const struct window_flow *flow, unsigned extra_count)
{
	publish_json_open(j, '{');
	document_text(j, "key", flow->key);
	publish_json_name(j, "value");
	publish_json_number(j, flow->value, VALUE_DECIMALS);
	document_uint(j, "samples", flow->samples);
	publish_json_name(j, "error");
	publish_json_number(j, flow->error95, ERROR_DECIMALS);
	document_text(j, "agent", flow->agent);
	document_text(j, "source", flow->source);
	if (extra_count)
		document_extras(j, flow, extra_count);
	publish_json_close(j, '}');
}

static void document_expression(struct publish_json *j, const struct window_expression *e)
{
	document_text(j, "value", e->text);
	document_text(j, "aggregate", e->aggregate);
	document_text(j, "unit", e->unit);
}

static void make_document(
	struct publish_writer *w, const struct window_snapshot *s, const struct window_flows *f)
{
	struct publish_json j = publish_json(&w->document);

	publish_buffer_reset(&w->document);
	publish_json_open(&j, '{');
	document_text(&j, "flow", f->name);
	document_text(&j, "collector", w->collector);
	document_uint(&j, "window", s->number);
	document_uint(&j, "start_ms", s->start_ms);
	document_uint(&j, "end_ms", s->end_ms);
	document_expression(&j, &f->value);
	publish_json_name(&j, "values");
	publish_json_open(&j, '[');
	for (unsigned i = 0; i < f->extra_count; i++) {
		publish_json_open(&j, '{');
		document_expression(&j, &f->extras[i]);
		publish_json_close(&j, '}');
	}
	publish_json_close(&j, ']');
	document_uint(&j, "total", f->total);
	document_uint(&j, "other", f->other);
	document_uint(&j, "flows", f->flows);
	document_uint(&j, "samples", f->samples);
	document_uint(&j, "filtered", f->filtered);
	document_uint(&j, "keyless", f->keyless);
	publish_json_name(&j, "dropped");
	publish_json_bool(&j, f->dropped);
	publish_json_name(&j, "custom");
	publish_json_bool(&j, f->custom);
	publish_json_name(&j, "top");
	publish_json_open(&j, '[');
	for (unsigned i = 0; i < f->count; i++)
		document_flow(&j, &f->top[i], f->extra_count);
	publish_json_close(&j, ']');
	publish_json_close(&j, '}');
}

static void write_document(
	struct publish_writer *w, const struct window_snapshot *s, const struct window_flows *f)
{
	make_document(w, s, f);
	publish_batch_command(&w->batch, 3, "PUBLISH");
	add_key(w, f, NULL);
	publish_batch_bytes(&w->batch, w->document.bytes, w->document.len);
}

/* A consumer of the hash and the channel sees both change at once. */
static void write_definition(
	struct publish_writer *w, const struct window_snapshot *s, const struct window_flows *f)
{
	publish_batch_command(&w->batch, 1, "MULTI");
	write_values(w, s, f);
	write_rank(w, s, f);
	write_meta(w, s, f);
	if (publish_is_news(w, s))
		write_document(w, s, f);
	publish_batch_command(&w->batch, 1, "EXEC");
	publish_batch_end(&w->batch);
}

void publish_write_flows(struct publish_writer *w, const struct window_snapshot *s)
{
	for (unsigned i = 0; i < s->flow_count; i++)
		write_definition(w, s, &s->flows[i]);
}
