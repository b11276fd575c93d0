/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow/record.h"

#include <assert.h>
#include <string.h>

enum { NO_FIELD = 255 };

/* ---- where a key's fields are ---- */

static bool next_of(const struct flow_record_key *row, const struct flow_record_key *next)
{
	return next < flow_record_keys + flow_record_keys_count &&
	       strcmp(row->name, next->name) == 0;
}

const struct flow_record_key *flow_record_find(const char *name, size_t len)
{
	for (unsigned i = 0; i < flow_record_keys_count; i++) {
		const char *have = flow_record_keys[i].name;

		if (strlen(have) == len && memcmp(have, name, len) == 0)
			return &flow_record_keys[i];
	}
	return NULL;
}

static unsigned field_of(const struct sflow_structure *form, const char *name)
{
	for (unsigned i = 0; name && i < form->field_count; i++) {
		if (strcmp(form->fields[i].name, name) == 0)
			return i;
	}
	return NO_FIELD;
}

/* Bytes of a type, 0 where they vary; MACs do, since some agents leave out their padding. */
static unsigned type_size(enum sflow_type type)
{
	switch (type) {
	case SFLOW_U8:
		return 1;
	case SFLOW_U32:
	case SFLOW_I32:
	case SFLOW_F32:
	case SFLOW_PCT:
	case SFLOW_IPV4:
		return 4;
	case SFLOW_U64:
	case SFLOW_F64:
		return 8;
	case SFLOW_UUID:
	case SFLOW_GID:
	case SFLOW_IPV6:
		return 16;
	default:
		return 0;
	}
}

static struct flow_spot spot_of(const struct sflow_structure *form, const char *name)
{
	struct flow_spot spot = {.field = (uint8_t)field_of(form, name)};

	for (unsigned i = 0; i < spot.field && i < form->field_count; i++) {
		unsigned size = type_size(form->fields[i].type);

		if (size == 0) {
			spot.offset = -1;
			break;
		}
		spot.offset = (int16_t)(spot.offset + (int16_t)size);
	}
	return spot;
}

/* The forms of a row's structure that have its field. @return how many */
static unsigned add_forms(const struct flow_record_key *row, struct flow_place *places)
{
	const struct sflow_structure *structure = sflow_flow_structure(row->tag);
	unsigned count = 0;

	for (const struct sflow_structure *form = structure; form; form = form->other) {
		struct flow_spot first = spot_of(form, row->field);

		if (first.field == NO_FIELD)
			continue;
		if (places)
			places[count] = (struct flow_place){.row = row,
				.structure = structure,
				.form = form,
				.record = (uint8_t)sflow_flow_index(row->tag),
				.first = first,
				.second = spot_of(form, row->second)};
		count++;
	}
	return count;
}

void flow_record_resolve(struct flow_key *key, struct base_region *region)
{
	const struct flow_record_key *row;
	struct flow_place *places;
	unsigned count = 0;

	for (row = key->record; next_of(key->record, row); row++)
		count += add_forms(row, NULL);
	places = base_region_alloc(region, (count + 1) * sizeof(*places));
	count = 0;
	for (row = key->record; next_of(key->record, row); row++)
		count += add_forms(row, places + count);
	key->places = places;
	key->place_count = (uint8_t)count;
}

/* ---- what its values are ---- */

/* Of the first row's field: numbers of the other rows are read to its width. */
static struct flow_type field_type(enum sflow_type type)
{
	switch (type) {
	case SFLOW_MAC:
		return (struct flow_type){BASE_FORM_MAC, 0, 6};
	case SFLOW_STRING:
		return (struct flow_type){BASE_FORM_TEXT, 0, 0};
	case SFLOW_ADDR:
		return (struct flow_type){BASE_FORM_ADDR, 0, 0};
	case SFLOW_IPV4:
	case SFLOW_IPV6:
		return (struct flow_type){BASE_FORM_ADDR, 0, (uint8_t)type_size(type)};
	default:
		assert(type == SFLOW_U32 || type == SFLOW_I32 || type == SFLOW_U64);
		return (struct flow_type){BASE_FORM_UINT, 0, (uint8_t)type_size(type)};
	}
}

struct flow_type flow_record_type(const struct flow_record_key *row)
{
	const struct sflow_structure *structure = sflow_flow_structure(row->tag);

	switch (row->reading) {
	case FLOW_READ_WORD:
	case FLOW_READ_LIST:
	case FLOW_READ_LABELS:
	case FLOW_READ_VLANS:
	case FLOW_READ_PATH:
		return (struct flow_type){BASE_FORM_NAME, 0, 0};
	case FLOW_READ_PATH_FIRST:
	case FLOW_READ_PATH_LAST:
		return (struct flow_type){BASE_FORM_UINT, 0, 4};
	case FLOW_READ_SOURCE:
		return (struct flow_type){BASE_FORM_SOURCE, 0, 8};
	default:
		return field_type(structure->fields[field_of(structure, row->field)].type);
	}
}
