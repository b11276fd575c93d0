/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "metric/metric_pvt.h"

/* One record, read into its block. */

struct metric_block *metric_block_get(struct metric_source *src, const struct metric_plan *plan)
{
	struct metric_block *b;

	for (b = src->blocks; b; b = b->next)
		if (b->plan == plan)
			return b;
	b = calloc(1, plan->size);
	if (!b)
		return NULL;
	b->plan = plan;
	b->next = src->blocks;
	src->blocks = b;
	return b;
}

static uint64_t all_ones(enum sflow_type type)
{
	return type == SFLOW_U32 ? UINT32_MAX : UINT64_MAX;
}

static bool all_zero(const uint8_t *bytes, uint32_t len)
{
	while (len && bytes[len - 1] == 0)
		len--;
	return len == 0;
}

/* sFlow v5 and Host Structures: how each type says "unknown". */
static bool is_unknown(const struct sflow_value *v)
{
	switch (v->type) {
	case SFLOW_U32:
	case SFLOW_U64:
		return v->u == all_ones(v->type);
	case SFLOW_PCT:
		return v->u == UINT64_MAX;
	case SFLOW_I32: /* Energy Structures, power_factor: not known, and direct current */
		return v->u == (uint64_t)-INT32_MAX || v->u == INT32_MAX;
	case SFLOW_U8:
		return false;
	case SFLOW_F32:
	case SFLOW_F64:
		return v->f == -1 || !isfinite(v->f);
	case SFLOW_UUID:
		return all_zero(v->bytes, v->len);
	default:
		return v->len == 0;
	}
}

static void keep_value(struct metric_block *b, unsigned i, const struct sflow_value *v)
{
	uint32_t room = b->plan->room[i];

	b->cells[i].raw = v->u;
	b->cells[i].rate = v->f;
	if (v->bytes) {
		b->cells[i].raw = v->len < room ? v->len : room;
		memcpy(metric_block_bytes(b, i), v->bytes, b->cells[i].raw);
	}
	b->shown |= UINT64_C(1) << i;
}

bool metric_block_read(
	struct metric_block *b, const struct sflow_record *r, struct metric_fresh *fresh)
{
	const struct sflow_structure *st = b->plan->structure;
	const struct sflow_field *f;
	struct sflow_reader reader;
	struct sflow_value v;

	b->shown = 0;
	fresh->known = 0;
	sflow_reader_init(&reader, st, r->body, r->len);
	while ((f = sflow_reader_next(&reader, &v))) {
		unsigned i = reader.next - 1;

		if (i >= METRIC_FIELDS || !(b->plan->fields >> i & 1) || is_unknown(&v))
			continue;
		if (f->role == SFLOW_COUNTER) {
			fresh->raw[i] = v.u;
			fresh->known |= UINT64_C(1) << i;
		} else {
			keep_value(b, i, &v);
		}
	}
	return sflow_reader_complete(&reader);
}

unsigned metric_block_doubt(struct metric_block *b)
{
	uint64_t left = b->plan->doubts & b->shown;
	unsigned hidden = 0;

	for (; left; left &= left - 1) {
		unsigned i = (unsigned)__builtin_ctzll(left);
		const struct sflow_doubt *d = b->plan->structure->fields[i].doubt;

		if (!(b->shown >> d->field & 1) || b->cells[d->field].raw != d->value ||
			b->cells[i].raw <= d->above || b->cells[i].raw % d->unit == 0)
			continue;
		b->shown &= ~(UINT64_C(1) << i);
		hidden++;
	}
	return hidden;
}

bool metric_block_number(const struct metric_block *b, unsigned field, double *value)
{
	const struct sflow_field *f = &b->plan->structure->fields[field];

	if (!(b->shown >> field & 1))
		return false;
	if (f->role == SFLOW_COUNTER || f->type == SFLOW_F32 || f->type == SFLOW_F64)
		*value = b->cells[field].rate;
	else if (f->type == SFLOW_I32)
		*value = (double)(int64_t)b->cells[field].raw;
	else if (f->type == SFLOW_PCT)
		*value = (double)(int64_t)b->cells[field].raw / 100;
	else
		*value = (double)b->cells[field].raw;
	return true;
}
