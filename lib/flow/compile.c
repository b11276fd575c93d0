/* SPDX-License-Identifier: BSD-3-Clause */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/near.h"
#include "flow/plan.h"

static const char *const value_names[] = {
	[FLOW_VALUE_BYTES] = "bytes",
	[FLOW_VALUE_FRAMES] = "frames",
};
enum { VALUES = sizeof(value_names) / sizeof(value_names[0]) };

static int fail(struct flow_error *e, size_t offset, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int fail(struct flow_error *e, size_t offset, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	e->offset = (unsigned)offset;
	return -EINVAL;
}

const char *flow_value_name(enum flow_value value)
{
	return value_names[value];
}

static const char *value_name(const void *unused, size_t i)
{
	return i < VALUES ? value_names[i] : NULL;
}

static int compile_value(struct flow_definition *d, const char *text, struct flow_error *e)
{
	const char *near;

	e->in = FLOW_ERROR_VALUE;
	for (unsigned i = 0; i < VALUES; i++) {
		if (strcmp(text, value_names[i]) == 0) {
			d->value = (enum flow_value)i;
			return 0;
		}
	}
	near = base_near(text, value_name, NULL);
	return fail(e, 0, "no value is called \"%.64s\"; %s%s%s", text,
		near ? "did you mean \"" : "it can be bytes or frames", near ? near : "",
		near ? "\"?" : "");
}

static bool same_key(const struct flow_key *a, const struct flow_key *b)
{
	return a->context == b->context && a->field == b->field && a->instance == b->instance;
}

/* The number of a field in the plan; entered if it is not there yet. */
static int plan_field(struct flow_plan *plan, const struct flow_key *key)
{
	for (unsigned i = 0; i < plan->field_count; i++) {
		if (same_key(&plan->fields[i], key))
			return (int)i;
	}
	if (plan->field_count == FLOW_FIELDS)
		return -ENOSPC;
	plan->fields[plan->field_count] = *key;
	if (key->field)
		plan->need_packet = true;
	return (int)plan->field_count++;
}

static int bad_key(const char *name, size_t len, int err, size_t offset, struct flow_error *e)
{
	char word[64];
	const char *near;

	snprintf(word, sizeof(word), "%.*s", (int)len, name);
	if (err == -ERANGE)
		return fail(e, offset,
			"\"%s\": the layer's number is a digit from 0 (outermost) to %d", word,
			PACKET_INSTANCES - 1);
	if (len == 0)
		return fail(e, offset, "a key is missing here");
	near = base_near(word, flow_key_name, NULL);
	if (near)
		return fail(e, offset, "no key is called \"%s\"; did you mean \"%s\"?", word, near);
	return fail(e, offset, "no key is called \"%s\"; docs/keys.rst lists them", word);
}

static int compile_key(struct flow_plan *plan, struct flow_definition *d, const char *name,
	size_t len, size_t offset, struct flow_error *e)
{
	struct flow_key key;
	unsigned width;
	int err, field;

	err = flow_key_find(name, len, &key);
	if (err < 0)
		return bad_key(name, len, err, offset, e);
	if (d->key_count == FLOW_KEYS)
		return fail(e, offset, "a definition has at most %d keys", FLOW_KEYS);
	field = plan_field(plan, &key);
	if (field < 0)
		return fail(e, offset, "all definitions together use at most %d different keys",
			FLOW_FIELDS);
	width = flow_key_width(&key);
	d->width = width && (d->width || d->key_count == 0) ? d->width + width : 0;
	d->keys[d->key_count++] = (uint8_t)field;
	if (d->width > FLOW_KEY_BYTES)
		return fail(e, offset,
			"with this key the keys take %u bytes; at most %d are possible", d->width,
			FLOW_KEY_BYTES);
	return 0;
}

static int compile_keys(
	struct flow_plan *plan, struct flow_definition *d, const char *text, struct flow_error *e)
{
	const char *p = text;

	e->in = FLOW_ERROR_KEYS;
	if (text[strspn(text, " \t\n")] == '\0')
		return 0;
	for (;;) {
		const char *start = p + strspn(p, " \t\n"), *end = start + strcspn(start, ","),
			   *stop = end;
		int err;

		while (stop > start && isspace((unsigned char)stop[-1]))
			stop--;
		err = compile_key(
			plan, d, start, (size_t)(stop - start), (size_t)(start - text), e);
		if (err < 0)
			return err;
		if (*end == '\0')
			return 0;
		p = end + 1;
	}
}

static int compile_one(
	struct flow_plan *plan, unsigned i, const struct flow_spec *spec, struct flow_error *e)
{
	struct flow_definition *d = &plan->definitions[i];
	int err;

	e->definition = i;
	e->in = FLOW_ERROR_NAME;
	for (unsigned j = 0; j < i; j++) {
		if (strcmp(plan->definitions[j].name, spec->name) == 0)
			return fail(e, 0, "there is another definition \"%s\"", spec->name);
	}
	d->name = base_region_text(&plan->region, spec->name);
	d->n = spec->n;
	d->t = spec->t;
	d->capacity = spec->capacity;
	err = compile_keys(plan, d, spec->keys, e);
	return err < 0 ? err : compile_value(d, spec->value, e);
}

struct flow_plan *flow_compile(
	const struct flow_spec *specs, unsigned count, struct flow_error *error)
{
	static uint64_t generations; /* control thread only */
	struct flow_plan *plan = calloc(1, sizeof(*plan));
	int err = 0;

	memset(error, 0, sizeof(*error));
	if (!plan)
		return NULL;
	plan->generation = ++generations;
	if (count > FLOW_DEFINITIONS) {
		error->definition = FLOW_DEFINITIONS;
		err = fail(error, 0, "there are at most %d definitions", FLOW_DEFINITIONS);
		count = 0;
	}
	plan->definitions =
		base_region_alloc(&plan->region, (count + 1) * sizeof(*plan->definitions));
	for (unsigned i = 0; err == 0 && i < count; i++)
		err = compile_one(plan, i, &specs[i], error);
	plan->definition_count = count;
	if (err == 0)
		return plan;
	flow_plan_free(plan);
	errno = -err;
	return NULL;
}

void flow_plan_free(struct flow_plan *plan)
{
	if (!plan)
		return;
	base_region_free(&plan->region);
	free(plan);
}

void flow_key_print(const struct flow_plan *plan, const struct flow_definition *d,
	const uint8_t *key, unsigned len, struct base_text *t)
{
	const uint8_t *end = key + len;

	for (unsigned i = 0; i < d->key_count; i++) {
		const struct flow_key *k = &plan->fields[d->keys[i]];
		unsigned width = flow_key_width(k);

		if (i > 0)
			base_text_char(t, ',');
		if (width == 0 && key < end)
			width = *key++;
		if (width > (size_t)(end - key))
			return; /* not a key of this definition */
		if (k->context)
			base_form_print(t, k->context->form, 0, key, width);
		else
			base_form_print(t, k->field->form, k->field->bits, key, width);
		key += width;
	}
}
