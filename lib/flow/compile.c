/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "flow/compile_pvt.h"
#include "flow/data.h"
#include "flow/late.h"
#include "flow/spec.h"

static int compile_key(struct flow_compiler *c, struct flow_definition *d, struct flow_span s)
{
	unsigned width;
	int field;

	s = flow_trim(s);
	field = flow_expression(c, s);
	if (field < 0)
		return field;
	if (d->key_count == FLOW_KEYS)
		return flow_fail(c, s.p, "a definition has at most %d keys", FLOW_KEYS);
	width = c->plan->fields[field].type.width;
	d->width = width && (d->width || d->key_count == 0) ? d->width + width : 0;
	d->keys[d->key_count++] = (uint8_t)field;
	if (d->width > FLOW_KEY_BYTES)
		return flow_fail(c, s.p,
			"with this key the keys take %u bytes; at most %d are possible", d->width,
			FLOW_KEY_BYTES);
	return 0;
}

int flow_check_length(struct flow_compiler *c, const char *text)
{
	if (strnlen(text, FLOW_TEXT_MAX + 1) <= FLOW_TEXT_MAX)
		return 0;
	return flow_fail(
		c, text + FLOW_TEXT_MAX, "longer than %d bytes, which is the most", FLOW_TEXT_MAX);
}

static int compile_keys(struct flow_compiler *c, struct flow_definition *d, const char *text)
{
	struct flow_span rest;

	if (flow_check_length(c, text) < 0)
		return -EINVAL;
	rest = (struct flow_span){text, text + strlen(text)};
	if (flow_span_len(flow_trim(rest)) == 0)
		return 0;
	c->late = true;
	while (rest.p) {
		if (compile_key(c, d, flow_split(&rest, ',')) < 0)
			return -EINVAL;
	}
	c->late = false;
	return flow_late_compile(c, d);
}

static int compile_filter(struct flow_compiler *c, struct flow_definition *d, const char *text)
{
	if (flow_check_length(c, text) < 0)
		return -EINVAL;
	if (flow_span_len(flow_trim((struct flow_span){text, text + strlen(text)})) == 0)
		return 0;
	d->filter = flow_filter_compile(c, text);
	return d->filter ? 0 : -EINVAL;
}

static int compile_separator(struct flow_compiler *c, struct flow_definition *d, const char *text)
{
	if (strnlen(text, FLOW_SEPARATOR + 1) > FLOW_SEPARATOR)
		return flow_fail(c, text + FLOW_SEPARATOR, "a separator has at most %d bytes",
			FLOW_SEPARATOR);
	for (const char *p = text; *p; p++) {
		if (*p < 0x20 || *p > 0x7E)
			return flow_fail(c, p, "a separator is of printable ASCII alone");
	}
	d->fs = base_region_text(&c->plan->region, text);
	return 0;
}

static int compile_name(struct flow_compiler *c, struct flow_definition *d, const char *text)
{
	for (const struct flow_definition *o = c->plan->definitions; o < d; o++) {
		if (strcmp(o->name, text) == 0)
			return flow_fail(c, text, "there is another definition \"%s\"", text);
	}
	d->name = base_region_text(&c->plan->region, text);
	return 0;
}

/* The texts of a definition, in the order in which mistakes in them are told. */
static int compile_texts(
	struct flow_compiler *c, struct flow_definition *d, const struct flow_spec *spec)
{
	const struct {
		int in; /* FLOW_ERROR_... */
		const char *text;
		int (*compile)(struct flow_compiler *, struct flow_definition *, const char *);
	} texts[] = {
		{FLOW_ERROR_NAME, spec->name, compile_name},
		{FLOW_ERROR_KEYS, spec->keys, compile_keys},
		{FLOW_ERROR_VALUE, spec->value, flow_value_compile},
		{FLOW_ERROR_VALUES, spec->values ? spec->values : "", flow_values_compile},
		{FLOW_ERROR_FILTER, spec->filter ? spec->filter : "", compile_filter},
		{FLOW_ERROR_FS, spec->fs ? spec->fs : ",", compile_separator},
	};

	for (unsigned i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		c->error->in = texts[i].in;
		c->text = texts[i].text;
		if (texts[i].compile(c, d, c->text) < 0)
			return -EINVAL;
	}
	return 0;
}

/* What a record says is exact: a sum over all samples of the flow, or their mean. */
static int check_log(
	struct flow_compiler *c, const struct flow_definition *d, const struct flow_spec *spec)
{
	if (!d->log || d->values[0].aggregate == FLOW_RATE || d->values[0].aggregate == FLOW_AVG)
		return 0;
	c->error->in = FLOW_ERROR_VALUE;
	c->text = spec->value;
	return flow_fail(c, c->text,
		"a definition with log has records of sums; write a value without a prefix, or "
		"avg:");
}

/* Which samples it counts. */
static int pick_kind(
	struct flow_compiler *c, struct flow_definition *d, const struct flow_spec *spec)
{
	d->kind = d->dropped ? SFLOW_KIND_DISCARD : c->custom ? SFLOW_KIND_RTFLOW : SFLOW_KIND_FLOW;
	c->plan->need_customs |= c->custom;
	if (!d->dropped || !c->custom)
		return 0;
	c->error->in = FLOW_ERROR_KEYS;
	c->text = spec->keys;
	return flow_fail(c, c->text,
		"a definition with dropped counts discarded packets, and has keys of custom flows "
		"(rt:), which are none");
}

/* One of several definitions that keep the same of their flows has the merged state; all report it. */
static unsigned find_same(const struct flow_plan *plan, unsigned i)
{
	unsigned same = 0;

	while (strcmp(plan->definitions[same].meaning, plan->definitions[i].meaning) != 0)
		same++;
	return same;
}

/* One of several definitions that count the same has the table, which is merged for all of them. */
static void share_table(struct flow_plan *plan, struct flow_definition *d)
{
	while (d->table < plan->table_count &&
		strcmp(plan->tables[d->table]->counts, d->counts) != 0)
		d->table++;
	if (d->table == plan->table_count)
		plan->tables[plan->table_count++] = d;
}

static bool same_keys(const struct flow_definition *a, const struct flow_definition *b)
{
	return a->key_count == b->key_count && memcmp(a->keys, b->keys, a->key_count) == 0;
}

/* Several definitions can have one key, of which the hash is made once. */
static void share_key(struct flow_plan *plan, unsigned i)
{
	struct flow_definition *d = &plan->definitions[i];

	d->same_key = i;
	for (unsigned k = 0; flow_has_table(plan, d) && d->same_key == i && k < i; k++) {
		if (flow_has_table(plan, &plan->definitions[k]) &&
			same_keys(&plan->definitions[k], d))
			d->same_key = k;
	}
	d->key_shared = d->same_key != i;
	plan->definitions[d->same_key].key_shared |= d->key_shared;
}

/* Several definitions can ask one question of a sample, which is answered once. */
static unsigned find_filter(const struct flow_spec *specs, unsigned i)
{
	unsigned same = 0;

	while (strcmp(specs[same].filter ? specs[same].filter : "",
		       specs[i].filter ? specs[i].filter : "") != 0)
		same++;
	return same;
}

static int compile_one(struct flow_compiler *c, unsigned i, const struct flow_spec *spec)
{
	struct flow_definition *d = &c->plan->definitions[i];

	c->error->definition = i;
	c->custom = false;
	d->n = spec->n;
	d->t = spec->t;
	d->capacity = spec->capacity;
	d->dropped = spec->dropped;
	d->log = spec->log;
	d->flow_start = spec->flow_start;
	d->active_timeout = spec->active_timeout > 0 ? spec->active_timeout : FLOW_ACTIVE_TIMEOUT;
	d->merge = (enum flow_merge)spec->merge;
	c->plan->need_discards |= spec->dropped;
	c->plan->need_agents |= spec->merge == FLOW_MERGE_AGENT;
	if (compile_texts(c, d, spec) < 0 || check_log(c, d, spec) < 0 || pick_kind(c, d, spec) < 0)
		return -EINVAL;
	d->meaning = flow_spec_meaning(spec, &c->plan->region);
	flow_values_finish(d);
	d->counts = flow_spec_counts(spec, &c->plan->region);
	d->shares = find_same(c->plan, i);
	share_table(c->plan, d);
	share_key(c->plan, i);
	if (!d->filter)
		d->every = d->kind;
	return 0;
}

struct flow_plan *flow_compile(const struct flow_spec *specs, unsigned count,
	struct flow_data *data, struct flow_error *error)
{
	static uint64_t generations; /* atomic */
	struct flow_plan *plan = calloc(1, sizeof(*plan));
	struct flow_compiler c = {.plan = plan, .error = error, .text = ""};
	int err = 0;

	memset(error, 0, sizeof(*error));
	if (!plan)
		return NULL;
	plan->generation = __atomic_add_fetch(&generations, 1, __ATOMIC_RELAXED);
	plan->self = plan;
	plan->references = 1;
	plan->data = flow_data_ref(data);
	if (count > FLOW_DEFINITIONS) {
		error->definition = FLOW_DEFINITIONS;
		err = flow_fail(&c, c.text, "there are at most %d definitions", FLOW_DEFINITIONS);
		count = 0;
	}
	plan->definitions =
		base_region_alloc(&plan->region, (count + 1) * sizeof(*plan->definitions));
	plan->tables =
		base_region_alloc(&plan->region, (count + 1) * sizeof(struct flow_definition *));
	for (unsigned i = 0; err == 0 && i < count; i++)
		err = compile_one(&c, i, &specs[i]);
	for (unsigned i = 0; err == 0 && i < count; i++)
		plan->definitions[i].same_filter = find_filter(specs, i);
	plan->definition_count = count;
	if (err == 0) {
		flow_layouts_make(plan);
		return plan;
	}
	flow_plan_free(plan);
	errno = -err;
	return NULL;
}

struct flow_plan *flow_plan_hold(const struct flow_plan *plan)
{
	__atomic_add_fetch(&plan->self->references, 1, __ATOMIC_RELAXED);
	return plan->self;
}

/* All that others did with the plan happens before it is freed. */
void flow_plan_free(struct flow_plan *plan)
{
	if (!plan || __atomic_sub_fetch(&plan->references, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	flow_regex_free(plan->regexes);
	base_region_free(&plan->region);
	flow_data_unref(plan->data);
	free(plan);
}

void flow_key_print(const struct flow_plan *plan, const struct flow_definition *d,
	const uint8_t *key, unsigned len, struct base_text *t)
{
	const uint8_t *end = key + len;
	unsigned count;
	const uint8_t *keys = flow_shown_keys(d, &count);

	for (unsigned i = 0; i < count; i++) {
		const struct flow_type *type = &plan->fields[keys[i]].type;
		unsigned width = type->width;

		if (i > 0)
			base_text_add(t, d->fs, strlen(d->fs));
		if (width == 0 && key < end)
			width = *key++;
		if (width > (size_t)(end - key))
			return; /* not a key of this definition */
		base_form_print(t, type->form, type->bits, key, width);
		key += width;
	}
}

unsigned flow_key_split(const struct flow_plan *plan, const struct flow_definition *d,
	const uint8_t *key, unsigned len, struct flow_part *parts)
{
	const uint8_t *end = key + len;
	unsigned i, count;
	const uint8_t *keys = flow_shown_keys(d, &count);

	for (i = 0; i < count; i++) {
		const struct flow_type *type = &plan->fields[keys[i]].type;
		unsigned width = type->width;

		if (width == 0 && key < end)
			width = *key++;
		if (width > (size_t)(end - key))
			break;
		parts[i] = (struct flow_part){type, key, width};
		key += width;
	}
	return i;
}
