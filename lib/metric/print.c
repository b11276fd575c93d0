/* SPDX-License-Identifier: BSD-3-Clause */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/form.h"
#include "base/text.h"
#include "metric/metric_pvt.h"

/* Metrics as text. */

enum {
	GUEST = 3 /* class of VMs, containers, applications */,
	EXACT = 15,
	SINGLE = 7,
	DECIMALS = 9, /* a billionth of anything is nothing to look at */
};

#define MAX_EXACT 9007199254740992.0 /* 2^53 */

struct printer {
	struct base_region *region;
	struct metric_pair *pairs;
	uint32_t count;
	bool guest; /* names start with vir_ */
};

static void add(struct printer *p, const char *name, const char *text, bool number)
{
	if (p->guest)
		name = base_region_printf(p->region, "vir_%s", name);
	p->pairs[p->count++] = (struct metric_pair){.name = name, .text = text, .number = number};
}

/*
 * `digits` significant digits without an exponent, at most DECIMALS behind the point; zeros behind
 * the last one are left out.
 */
static char *plain(struct base_region *region, double value, int digits)
{
	int before = value == 0 ? 1 : (int)floor(log10(fabs(value))) + 1;
	int behind = digits > before ? digits - before : 0;
	char *text, *end;

	if (behind > DECIMALS)
		behind = DECIMALS;
	text = base_region_printf(region, "%.*f", behind, value);
	if (behind == 0)
		return text;
	for (end = text + strlen(text) - 1; *end == '0'; end--)
		*end = '\0';
	if (*end == '.')
		*end = '\0';
	return strcmp(text, "-0") == 0 ? text + 1 : text;
}

char *metric_number(struct base_region *region, double value, int digits)
{
	if (value == floor(value) && fabs(value) < MAX_EXACT)
		return base_region_printf(region, "%" PRId64, (int64_t)value);
	return plain(region, value, digits);
}

/* RFC 9562: 8-4-4-4-12 lower-case hex digits. */
static void print_uuid(struct base_text *t, const uint8_t *bytes)
{
	for (unsigned i = 0; i < 16; i++)
		base_text_printf(
			t, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", bytes[i]);
}

static void print_bytes(
	struct printer *p, const struct sflow_field *f, const uint8_t *bytes, uint32_t len)
{
	size_t size = f->type == SFLOW_STRING ? 4 * (size_t)len + 1 : BASE_ADDR_TEXT;
	char *buf = base_region_alloc(p->region, size);
	struct base_text t = base_text(buf, size);

	switch (f->type) {
	case SFLOW_MAC:
		base_form_print(&t, BASE_FORM_MAC, 0, bytes, len);
		break;
	case SFLOW_UUID:
		print_uuid(&t, bytes);
		break;
	case SFLOW_STRING:
		base_text_wire(&t, bytes, len);
		break;
	default:
		base_form_print(&t, BASE_FORM_ADDR, 0, bytes, len);
	}
	add(p, f->metric, buf, false);
}

static void print_forms(struct printer *p, const struct metric_form *form, uint64_t value)
{
	const char *field = form->field, *word;

	for (; form->field && strcmp(form->field, field) == 0; form++) {
		word = form->word((uint32_t)value);
		add(p, form->metric, word ? word : base_region_printf(p->region, "%" PRIu64, value),
			false);
	}
}

/* A value that the enumeration does not know is given as its number, and as a text all the same. */
static void print_word(struct printer *p, const struct sflow_field *f, uint64_t value)
{
	const char *word = sflow_word(f->words, (uint32_t)value);

	add(p, f->metric, word ? word : base_region_printf(p->region, "%" PRIu64, value), false);
}

static void print_field(struct printer *p, const struct metric_block *b, unsigned i)
{
	const struct sflow_field *f = &b->plan->structure->fields[i];
	const struct metric_cell *cell = &b->cells[i];
	double value;

	if (b->plan->form[i]) {
		print_forms(p, b->plan->form[i], cell->raw);
	} else if (f->words) {
		print_word(p, f, cell->raw);
	} else if (b->plan->room[i]) {
		print_bytes(p, f, metric_block_bytes(b, i), (uint32_t)cell->raw);
	} else if (f->role != SFLOW_COUNTER &&
		   (f->type == SFLOW_U8 || f->type == SFLOW_U32 || f->type == SFLOW_U64)) {
		add(p, f->metric, base_region_printf(p->region, "%" PRIu64, cell->raw), true);
	} else if (metric_block_number(b, i, &value)) {
		/* A float of 32 bits has no more digits than 7. */
		add(p, f->metric,
			metric_number(p->region, value, f->type == SFLOW_F32 ? SINGLE : EXACT),
			true);
	}
}

static void print_block(
	struct printer *p, const struct metric_source *src, const struct metric_block *b)
{
	uint64_t left;
	double value;

	p->guest = src->key.source.class == GUEST && b->plan->structure->tag == SFLOW_TAG(0, 2000);
	for (left = b->shown; left; left &= left - 1)
		print_field(p, b, (unsigned)__builtin_ctzll(left));
	for (unsigned i = 0; i < b->plan->derived_count; i++)
		if (metric_derive(b, i, &value))
			add(p, b->plan->derived[i].rule->name,
				metric_number(p->region, value, EXACT), true);
}

/* A record that its agent no longer sends is forgotten after the same time as a source. */
static bool wanted(const struct metric_store *m, const struct metric_source *src,
	const struct metric_block *b, uint64_t sample)
{
	if (sample)
		return b->sample == sample;
	return src->time_ms <= b->time_ms || src->time_ms - b->time_ms <= m->limits.expire_ms;
}

void metric_print(const struct metric_store *m, const struct metric_source *src, uint64_t sample,
	struct base_region *region, struct metric_update *u)
{
	struct printer p = {.region = region};
	const struct metric_block *b;
	size_t pairs = 0;

	for (b = src->blocks; b; b = b->next)
		if (wanted(m, src, b, sample))
			pairs += b->plan->pairs;
	p.pairs = base_region_alloc(region, pairs * sizeof(*p.pairs));
	for (b = src->blocks; b; b = b->next)
		if (wanted(m, src, b, sample))
			print_block(&p, src, b);
	*u = (struct metric_update){
		.agent = src->key.agent,
		.sub_agent = src->key.sub_agent,
		.source = src->key.source,
		.time_ms = src->time_ms,
		.count = p.count,
		.pairs = p.pairs,
	};
}
