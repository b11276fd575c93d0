/* SPDX-License-Identifier: BSD-3-Clause */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/form.h"
#include "metric/metric_pvt.h"

/* The newest record of a structure of a source, as readers find it. */

/* RFC 9562: 8-4-4-4-12 lower-case hex digits. */
static void print_uuid(struct base_text *t, const uint8_t *bytes)
{
	for (unsigned i = 0; i < 16; i++)
		base_text_printf(
			t, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", bytes[i]);
}

static void print_bytes(
	struct base_text *t, const struct sflow_field *f, const struct sflow_value *v)
{
	switch (f->type) {
	case SFLOW_MAC:
		base_form_print(t, BASE_FORM_MAC, 0, v->bytes, v->len);
		break;
	case SFLOW_UUID:
		print_uuid(t, v->bytes);
		break;
	case SFLOW_STRING:
		base_text_wire(t, v->bytes, v->len < f->max ? v->len : f->max);
		break;
	default:
		base_form_print(t, BASE_FORM_ADDR, 0, v->bytes, v->len);
	}
}

/*
 * The text of a field: a word that lives for ever, or made in `t`, with a NUL behind it. A value that
 * the enumeration does not know is given as its number, and as a text all the same.
 */
static const char *word_or_text(
	struct base_text *t, const struct sflow_field *f, const struct sflow_value *v)
{
	const char *word = f->words ? sflow_word(f->words, (uint32_t)v->u) : NULL;

	if (word)
		return word;
	if (f->words)
		base_text_printf(t, "%" PRIu64, v->u);
	else if (f->show == SFLOW_SHOW_HEX64)
		base_text_printf(t, "%016" PRIx64, v->u);
	else
		print_bytes(t, f, v);
	base_text_char(t, '\0');
	return NULL;
}

struct metric_block *metric_block_make(
	const struct metric_plan *plan, const struct metric_fresh *fresh)
{
	size_t fixed =
		sizeof(struct metric_block) +
		(plan->cells + plan->bases + METRIC_CHANGE_CELLS) * sizeof(union metric_cell);
	const char *word[METRIC_FIELDS];
	uint32_t at[METRIC_FIELDS];
	char buf[METRIC_TEXT + 1];
	struct base_text t = base_text(buf, sizeof(buf));
	struct metric_block *b;
	char *texts;

	for (uint64_t left = fresh->shown & plan->texts; left; left &= left - 1) {
		unsigned i = (unsigned)__builtin_ctzll(left);

		at[i] = (uint32_t)t.len;
		word[i] = word_or_text(&t, &plan->structure->fields[i], &fresh->value[i]);
	}
	b = malloc(fixed + t.len);
	if (!b)
		return NULL;
	*b = (struct metric_block){.plan = plan, .shown = fresh->shown, .known = fresh->known};
	texts = (char *)b + fixed;
	memcpy(texts, buf, t.len);
	for (uint64_t left = fresh->shown; left; left &= left - 1) {
		unsigned i = (unsigned)__builtin_ctzll(left);
		enum sflow_type type = plan->structure->fields[i].type;

		if (plan->texts >> i & 1)
			b->cells[i].text = word[i] ? word[i] : texts + at[i];
		else if (type == SFLOW_F32 || type == SFLOW_F64)
			b->cells[i].f = fresh->value[i].f;
		else
			b->cells[i].u = fresh->value[i].u;
	}
	for (uint64_t left = fresh->known; left; left &= left - 1) {
		unsigned i = (unsigned)__builtin_ctzll(left);

		*metric_block_base(b, i) = fresh->value[i].u;
	}
	return b;
}

bool metric_block_number(const struct metric_block *b, unsigned field, double *value)
{
	const struct sflow_field *f = &b->plan->structure->fields[field];

	if (!(b->shown >> field & 1) || (b->plan->texts >> field & 1))
		return false;
	if (f->role == SFLOW_COUNTER || f->type == SFLOW_F32 || f->type == SFLOW_F64)
		*value = b->cells[field].f;
	else if (f->type == SFLOW_I32)
		*value = (double)(int64_t)b->cells[field].u;
	else if (f->type == SFLOW_PCT)
		*value = (double)(int64_t)b->cells[field].u / 100;
	else
		*value = (double)b->cells[field].u;
	return true;
}

static bool give_text(struct metric_value *v, const char *text)
{
	v->number = false;
	v->text = text;
	v->len = (uint32_t)strlen(text);
	return true;
}

static bool give_field(const struct metric_block *b, unsigned i, struct metric_value *v)
{
	if (!(b->shown >> i & 1))
		return false;
	if (b->plan->texts >> i & 1)
		return give_text(v, b->cells[i].text);
	v->number = true;
	v->digits = b->plan->structure->fields[i].type == SFLOW_F32 ? METRIC_DIGITS_FLOAT
								    : METRIC_DIGITS;
	return metric_block_number(b, i, &v->value);
}

bool metric_block_value(const struct metric_block *b, unsigned column, struct metric_value *v)
{
	const struct metric_column *c = &b->plan->columns[column];

	v->time_ms = b->time_ms;
	switch (c->kind) {
	case METRIC_FIELD:
		return give_field(b, c->at, v);
	case METRIC_FORM:
		return (b->shown >> c->at & 1) &&
		       give_text(v, c->form->word((uint32_t)b->cells[c->at].u));
	case METRIC_MADE:
		v->number = true;
		v->digits = METRIC_DIGITS;
		return metric_derive(b, c->at, &v->value);
	}
	return false;
}
