/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "metric/metric_pvt.h"

/* From the row of a structure to what the store does with its records. */

static unsigned find_field(const struct sflow_structure *st, const char *metric)
{
	unsigned i;

	for (i = 0; i < st->field_count && i < METRIC_FIELDS; i++)
		if (st->fields[i].metric && strcmp(st->fields[i].metric, metric) == 0)
			break;
	return i;
}

static uint64_t fields_of(const struct sflow_structure *st, const char *const *metrics)
{
	uint64_t mask = 0;
	unsigned field;

	for (; *metrics; metrics++) {
		field = find_field(st, *metrics);
		if (field < st->field_count)
			mask |= UINT64_C(1) << field;
	}
	return mask;
}

/* Bytes that a block keeps of a field. */
static uint32_t room_of(const struct sflow_field *f)
{
	switch (f->type) {
	case SFLOW_MAC:
		return 6;
	case SFLOW_IPV4:
		return 4;
	case SFLOW_UUID:
	case SFLOW_ADDR:
	case SFLOW_IPV6:
		return 16;
	case SFLOW_STRING:
		return f->max;
	default:
		return 0;
	}
}

static void plan_field(struct metric_plan *plan, unsigned i, uint32_t *bytes)
{
	const struct sflow_field *f = &plan->structure->fields[i];
	const struct metric_form *form;
	uint64_t bit = UINT64_C(1) << i;

	if (!f->metric)
		return;
	plan->fields |= bit;
	if (f->doubt)
		plan->doubts |= bit;
	plan->pairs++;
	plan->room[i] = room_of(f);
	plan->offset[i] = *bytes;
	*bytes += plan->room[i];
	plan->form[i] = metric_form_find(f->metric);
	for (form = plan->form[i]; form && form->field && !strcmp(form->field, f->metric); form++)
		plan->pairs++;
	if (f->role != SFLOW_COUNTER || !f->unit)
		return;
	if (f->type == SFLOW_U64 && strcmp(f->unit, "bytes") == 0)
		plan->octets |= bit;
	if (f->type == SFLOW_U32 && strcmp(f->unit, "packets") == 0)
		plan->packets |= bit;
}

static void plan_derived(struct metric_plan *plan, const struct metric_derived *rule)
{
	unsigned n = plan->derived_count, i;

	if (rule->tag != plan->structure->tag || n == METRIC_DERIVED)
		return;
	for (i = 0; i < METRIC_INPUTS && rule->inputs[i]; i++) {
		unsigned field = find_field(plan->structure, rule->inputs[i]);

		if (field >= plan->structure->field_count)
			return;
		plan->derived[n].field[i] = (uint8_t)field;
	}
	plan->derived[n].rule = rule;
	plan->derived[n].fields = i;
	plan->derived_count++;
	plan->pairs++;
}

void metric_plan_init(struct metric_plan *plan, const struct sflow_structure *structure)
{
	const struct metric_derived *rule;
	uint32_t bytes = 0;
	unsigned i;

	memset(plan, 0, sizeof(*plan));
	plan->structure = structure;
	for (i = 0; i < structure->field_count && i < METRIC_FIELDS; i++)
		plan_field(plan, i, &bytes);
	plan->size = (uint32_t)(sizeof(struct metric_block) +
				structure->field_count * sizeof(struct metric_cell) + bytes);
	plan->shares = fields_of(structure, metric_shares);
	plan->whole = fields_of(structure, metric_shares_whole);
	for (rule = metric_derived_rows; rule->name; rule++)
		plan_derived(plan, rule);
}
