/* SPDX-License-Identifier: BSD-3-Clause */
#include <assert.h>
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

/* Bytes that the text of a field takes at most, with its NUL; 0: its value is a number. */
static uint32_t room_of(const struct sflow_field *f)
{
	if (f->words || f->show == SFLOW_SHOW_HEX64)
		return BASE_ADDR_TEXT;
	switch (f->type) {
	case SFLOW_MAC:
	case SFLOW_IPV4:
	case SFLOW_UUID:
	case SFLOW_ADDR:
	case SFLOW_IPV6:
		return BASE_ADDR_TEXT;
	case SFLOW_STRING:
		return 4 * f->max + 1;
	default:
		return 0;
	}
}

static void plan_field(struct metric_plan *plan, unsigned i)
{
	const struct sflow_field *f = &plan->structure->fields[i];
	uint64_t bit = UINT64_C(1) << i;
	uint32_t room = room_of(f);

	if (!f->metric || metric_is_port_name(plan->structure))
		return;
	plan->fields |= bit;
	plan->text_room += room;
	if (room)
		plan->texts |= bit;
	if (f->doubt)
		plan->doubts |= bit;
	if (f->role != SFLOW_COUNTER)
		return;
	plan->base[i] = (uint8_t)plan->bases++;
	if (f->type == SFLOW_U64 && f->unit && strcmp(f->unit, "bytes") == 0)
		plan->octets |= bit;
	if (f->type == SFLOW_U32 && f->unit && strcmp(f->unit, "packets") == 0)
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
}

void metric_plan_init(struct metric_plan *plan, const struct sflow_structure *structure,
	const char *prefix, size_t instead)
{
	const struct metric_derived *rule;
	unsigned i;

	memset(plan, 0, sizeof(*plan));
	plan->structure = structure;
	plan->prefix = prefix;
	plan->instead = (uint8_t)instead;
	plan->cells = structure->field_count;
	for (i = 0; i < structure->field_count && i < METRIC_FIELDS; i++)
		plan_field(plan, i);
	plan->shares = fields_of(structure, metric_shares);
	plan->whole = fields_of(structure, metric_shares_whole);
	for (rule = metric_derived_rows; rule->name; rule++)
		plan_derived(plan, rule);
	assert(plan->text_room <= METRIC_TEXT);
}
