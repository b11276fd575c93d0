/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>

#include "metric/metric_pvt.h"

/* One record, read: which of its fields have a value. */

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

bool metric_record_read(
	const struct metric_plan *plan, const struct sflow_record *r, struct metric_fresh *fresh)
{
	const struct sflow_field *f;
	struct sflow_reader reader;
	struct sflow_value v;

	fresh->shown = 0;
	fresh->known = 0;
	sflow_reader_init(&reader, plan->structure, r->body, r->len);
	while ((f = sflow_reader_next(&reader, &v))) {
		unsigned i = reader.next - 1;

		if (i >= METRIC_FIELDS || !(plan->fields >> i & 1) || is_unknown(&v))
			continue;
		fresh->value[i] = v;
		*(f->role == SFLOW_COUNTER ? &fresh->known : &fresh->shown) |= UINT64_C(1) << i;
	}
	return sflow_reader_complete(&reader);
}

unsigned metric_record_doubt(const struct metric_plan *plan, struct metric_fresh *fresh)
{
	uint64_t left = plan->doubts & fresh->shown;
	unsigned hidden = 0;

	for (; left; left &= left - 1) {
		unsigned i = (unsigned)__builtin_ctzll(left);
		const struct sflow_doubt *d = plan->structure->fields[i].doubt;

		if (!(fresh->shown >> d->field & 1) || fresh->value[d->field].u != d->value ||
			fresh->value[i].u <= d->above || fresh->value[i].u % d->unit == 0)
			continue;
		fresh->shown &= ~(UINT64_C(1) << i);
		hidden++;
	}
	return hidden;
}
