/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/near.h"
#include "flow/compile_pvt.h"
#include "flow/custom.h"
#include "flow/record.h"

/* Keys and functions of keys: NAME, or NAME:ARGUMENT:..., where an argument may be [EXPRESSION]. */

/* ---- the fields of the plan ---- */

static bool same_operand(const struct flow_operand *a, const struct flow_operand *b)
{
	return a->field == b->field && a->number == b->number && a->len == b->len &&
	       !a->text == !b->text && (!a->text || memcmp(a->text, b->text, a->len) == 0);
}

static bool same_call(const struct flow_call *a, const struct flow_call *b)
{
	if (a->function != b->function || a->count != b->count)
		return false;
	for (unsigned i = 0; i < a->count; i++) {
		if (!same_operand(&a->operand[i], &b->operand[i]))
			return false;
	}
	return true;
}

static bool same_key(const struct flow_key *a, const struct flow_key *b)
{
	if (a->source != b->source || a->instance != b->instance)
		return false;
	if (a->source == FLOW_CALL || a->source == FLOW_LATE || a->source == FLOW_CUSTOM)
		return same_call(a->call, b->call);
	return a->context == b->context; /* whichever pointer it is */
}

int flow_plan_field(struct flow_compiler *c, const char *at, const struct flow_key *key)
{
	struct flow_plan *plan = c->plan;
	struct flow_key *k;

	for (unsigned i = 0; i < plan->field_count; i++) {
		if (same_key(&plan->fields[i], key))
			return (int)i;
	}
	if (plan->field_count == FLOW_FIELDS)
		return flow_fail(c, at,
			"all definitions together use at most %d different keys and functions",
			FLOW_FIELDS);
	k = &plan->fields[plan->field_count];
	*k = *key;
	if (k->source == FLOW_RECORD)
		flow_record_resolve(k, &plan->region);
	if (k->source == FLOW_CUSTOM) {
		plan->customs[plan->custom_count++] = (uint8_t)plan->field_count;
		plan->custom_lens |= UINT64_C(1) << (k->call->operand[0].len - 1);
	}
	return (int)plan->field_count++;
}

/* ---- keys ---- */

static int fail_function(struct flow_compiler *c, struct flow_span s, const struct flow_function *f)
{
	char usage[128];
	struct base_text t = base_text(usage, sizeof(usage));

	flow_function_print(f, &t);
	return flow_fail(c, s.p, "\"%s\" is a function; write %s", f->name, usage);
}

static int fail_key(struct flow_compiler *c, struct flow_span s, int err)
{
	const struct flow_function *f = flow_function_find(s.p, flow_span_len(s));
	char word[64];
	const char *near;

	snprintf(word, sizeof(word), "%.*s", (int)flow_span_len(s), s.p);
	if (err == -ERANGE)
		return flow_fail(c, s.p,
			"\"%s\": the layer's number is a digit from 0 (outermost) to %d", word,
			PACKET_INSTANCES - 1);
	if (flow_span_len(s) == 0)
		return flow_fail(c, s.p, "a key is missing here");
	if (f)
		return fail_function(c, s, f);
	near = base_near(word, flow_key_name, NULL);
	if (near)
		return flow_fail(
			c, s.p, "no key is called \"%s\"; did you mean \"%s\"?", word, near);
	if (!flow_custom_name(word, strlen(word)))
		return flow_fail(c, s.p, "no key is called \"%s\"; docs/keys.rst lists them", word);
	return flow_fail(c, s.p,
		"no key is called \"%s\"; docs/keys.rst lists them, and a field of custom flows is "
		"written rt:%s",
		word, word);
}

static int compile_key(struct flow_compiler *c, struct flow_span s)
{
	struct flow_key key;
	int err = flow_key_find(s.p, flow_span_len(s), &key);

	if (err < 0)
		return fail_key(c, s, err);
	c->custom |= key.source == FLOW_CONTEXT && key.context->only_custom;
	return flow_plan_field(c, s.p, &key);
}

/* ---- functions ---- */

static int fail_name(struct flow_compiler *c, struct flow_span name)
{
	char word[64];
	const char *near;

	if (flow_prefix_find(name.p, flow_span_len(name)))
		return flow_fail(c, name.p,
			"\"%.*s\" is a prefix of values, and stands in front of the whole value",
			(int)flow_span_len(name), name.p);
	snprintf(word, sizeof(word), "%.*s", (int)flow_span_len(name), name.p);
	near = base_near(word, flow_function_name, NULL);
	if (near)
		return flow_fail(c, name.p, "no function is called \"%s\"; did you mean \"%s\"?",
			word, near);
	return flow_fail(c, name.p, "no function is called \"%s\"; docs/keys.rst lists them", word);
}

static int fail_count(struct flow_compiler *c, const char *at, const struct flow_function *f)
{
	char usage[128];
	struct base_text t = base_text(usage, sizeof(usage));

	flow_function_print(f, &t);
	return flow_fail(c, at, "\"%s\" has too many arguments; write %s", f->name, usage);
}

static int read_number(struct flow_compiler *c, struct flow_span s, enum flow_argument_kind kind,
	struct flow_operand *o)
{
	char shown[FLOW_SHOWN];
	bool good = flow_parse_number(o->text, o->len, &o->number);

	if (good && (kind == FLOW_ARGUMENT_NUMBER || (o->number > 0 && o->number < 256)))
		return 0;
	return flow_fail(c, s.p, "\"%s\" does not fit here; write a number%s", flow_shown(s, shown),
		kind == FLOW_ARGUMENT_NUMBER ? "" : " from 1 to 255");
}

static int read_literal(struct flow_compiler *c, struct flow_span s, enum flow_argument_kind kind,
	struct flow_operand *o)
{
	struct flow_span inside;

	if (flow_unwrap(s, &inside))
		return flow_fail(c, s.p,
			"here is a text, not a function; a [ that is text is "
			"written \\[");
	o->text = flow_unescape(c, s, &o->len);
	if (!o->text)
		return -EINVAL;
	if (kind == FLOW_ARGUMENT_DELIMITER && o->len == 0)
		return flow_fail(c, s.p, "the delimiter is missing here");
	return kind == FLOW_ARGUMENT_NUMBER || kind == FLOW_ARGUMENT_COUNT
		       ? read_number(c, s, kind, o)
		       : 0;
}

static int read_argument(struct flow_compiler *c, struct flow_span s, enum flow_argument_kind kind,
	struct flow_operand *o)
{
	int field;

	if (kind != FLOW_ARGUMENT_KEY)
		return read_literal(c, s, kind, o);
	field = flow_expression(c, s);
	if (field < 0)
		return field;
	o->field = (uint8_t)field;
	o->type = c->plan->fields[field].type;
	return 0;
}

/* Applied at merge: by itself, or since one of its arguments is. */
static bool is_late(const struct flow_compiler *c, const struct flow_call *call)
{
	bool late = flow_function_is_late(call->function);

	for (unsigned i = 0; i < call->count; i++) {
		const struct flow_operand *o = &call->operand[i];

		late |= !o->text && c->plan->fields[o->field].source == FLOW_LATE;
	}
	return late;
}

static int fail_late(struct flow_compiler *c, struct flow_span name, const struct flow_function *f)
{
	return flow_fail(c, name.p,
		"\"%s\" is applied to keys when windows are merged; a %s is read from each sample "
		"before that",
		f->name, c->error->in == FLOW_ERROR_FILTER ? "filter" : "value");
}

static unsigned split_arguments(struct flow_span rest, struct flow_span *at, unsigned most)
{
	unsigned count = 0;

	while (rest.p && count < most)
		at[count++] = flow_split(&rest, ':');
	return count;
}

enum { ARGUMENTS = 17 }; /* one more than any function has */

static int compile_call(struct flow_compiler *c, const struct flow_function *f, struct flow_span s,
	struct flow_span rest)
{
	struct flow_span at[ARGUMENTS];
	unsigned count = split_arguments(rest, at, ARGUMENTS);
	struct flow_key key = {.source = FLOW_CALL};
	struct flow_call *call;

	if (count < f->least)
		return fail_function(c, s, f);
	if (count > f->most)
		return fail_count(c, at[f->most].p, f);
	call = base_region_alloc(
		&c->plan->region, sizeof(*call) + (count + 1) * sizeof(call->operand[0]));
	call->function = f;
	call->count = (uint8_t)count;
	for (unsigned i = 0; i < count; i++) {
		unsigned row = i < f->argument_count ? i : f->argument_count - 1u;

		if (read_argument(c, at[i], f->arguments[row].kind, &call->operand[i]) < 0)
			return -EINVAL;
	}
	if (f->prepare(c, call, at) < 0)
		return -EINVAL;
	if (is_late(c, call))
		key.source = FLOW_LATE;
	if (f->custom) {
		key.source = FLOW_CUSTOM;
		c->custom = true;
	}
	key.call = call;
	key.type = call->type;
	return flow_plan_field(c, s.p, &key);
}

/* Brackets are balanced and not too deep, so that the recursion ends. */
static int compile_expression(struct flow_compiler *c, struct flow_span s)
{
	struct flow_span name, rest, inside;
	const struct flow_function *f;

	s = flow_trim(s);
	if (flow_unwrap(s, &inside))
		return compile_expression(c, inside);
	rest = s;
	name = flow_split(&rest, ':');
	if (!rest.p)
		return compile_key(c, s);
	name = flow_trim(name);
	f = flow_function_find(name.p, flow_span_len(name));
	if (!f)
		return fail_name(c, name);
	if (flow_function_is_late(f) && !c->late)
		return fail_late(c, name, f);
	return compile_call(c, f, s, rest);
}

int flow_expression(struct flow_compiler *c, struct flow_span s)
{
	return flow_check_brackets(c, s) < 0 ? -EINVAL : compile_expression(c, s);
}
