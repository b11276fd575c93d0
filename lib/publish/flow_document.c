/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>

#include "publish/contract_pvt.h"
#include "publish/json_pvt.h"

enum {
	VALUE_DECIMALS = 3,
};

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
		publish_json_number(j, flow->extras[i].there ? flow->extras[i].error95 : NAN,
			PUBLISH_SHARE_DECIMALS);
	publish_json_close(j, ']');
}

/* There may be many of them: names and commas go out as they stand. */
static void add_as_is(struct publish_json *j, const char *text, size_t len)
{
	publish_buffer_add(j->out, text, len);
	j->comma = false;
}
#define ADD_AS_IS(j, literal) add_as_is(j, literal, sizeof(literal) - 1)

static void document_flow(struct publish_json *j, const struct window_flow *flow,
	unsigned extra_count, const struct publish_lines *l, const struct publish_line *line)
{
	publish_json_open(j, '{');
	ADD_AS_IS(j, "\"key\":");
	publish_json_quote(j->out, flow->key);
	ADD_AS_IS(j, ",\"value\":");
	if (isfinite(flow->value))
		publish_buffer_add(j->out, l->wire.bytes + line->at + line->text, line->text_len);
	else
		ADD_AS_IS(j, "null");
	ADD_AS_IS(j, ",\"samples\":");
	publish_buffer_uint(j->out, flow->samples);
	ADD_AS_IS(j, ",\"error\":");
	publish_json_number(j, flow->error95, PUBLISH_SHARE_DECIMALS);
	ADD_AS_IS(j, ",\"agent\":");
	publish_json_quote(j->out, flow->agent);
	ADD_AS_IS(j, ",\"source\":");
	publish_json_string(j, flow->source);
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

void publish_make_flow_document(struct publish_writer *w, const struct window_snapshot *s,
	const struct window_flows *f, const struct publish_lines *l)
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
	publish_json_name(&j, "lost");
	publish_json_number(&j, f->lost, PUBLISH_SHARE_DECIMALS);
	publish_json_name(&j, "corrected");
	publish_json_bool(&j, f->corrected);
	publish_json_name(&j, "dropped");
	publish_json_bool(&j, f->dropped);
	publish_json_name(&j, "custom");
	publish_json_bool(&j, f->custom);
	publish_json_name(&j, "top");
	publish_json_open(&j, '[');
	for (unsigned i = 0; i < f->count; i++)
		document_flow(&j, &f->top[i], f->extra_count, l, &l->list[i]);
	publish_json_close(&j, ']');
	publish_json_close(&j, '}');
}
