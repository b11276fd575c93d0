/* SPDX-License-Identifier: BSD-3-Clause */
#include "sflow/registry_pvt.h"
#include "sflow/structure.h"

/* The registry of structures, and how a row is found. */

#define DECLARE(enterprise, format, ident) extern const struct sflow_structure sflow_##ident;
SFLOW_FLOW_STANDARD(DECLARE)
SFLOW_FLOW_VENDOR(DECLARE)
SFLOW_COUNTER_STANDARD(DECLARE)
SFLOW_COUNTER_VENDOR(DECLARE)

#define POINTER(enterprise, format, ident) &sflow_##ident,

const struct sflow_structure *const sflow_flow_structures[] = {
	SFLOW_FLOW_STANDARD(POINTER) SFLOW_FLOW_VENDOR(POINTER)};
const struct sflow_structure *const sflow_counter_structures[] = {
	SFLOW_COUNTER_STANDARD(POINTER) SFLOW_COUNTER_VENDOR(POINTER)};

const unsigned sflow_flow_structures_count =
	sizeof(sflow_flow_structures) / sizeof(sflow_flow_structures[0]);
const unsigned sflow_counter_structures_count =
	sizeof(sflow_counter_structures) / sizeof(sflow_counter_structures[0]);

/* Position and one, by format; 0 where there is none. */
#define FLOW_NUMBER(enterprise, format, ident) FLOW_##ident,
#define FLOW_ENTRY(enterprise, format, ident) [format] = FLOW_##ident + 1,
#define COUNTER_NUMBER(enterprise, format, ident) COUNTER_##ident,
#define COUNTER_ENTRY(enterprise, format, ident) [format] = COUNTER_##ident + 1,

enum { SFLOW_FLOW_STANDARD(FLOW_NUMBER) FLOW_VENDOR };
enum { SFLOW_COUNTER_STANDARD(COUNTER_NUMBER) COUNTER_VENDOR };

_Static_assert(sizeof(sflow_flow_structures) / sizeof(sflow_flow_structures[0]) <= SFLOW_NOTED,
	"raise SFLOW_NOTED");

static const uint8_t flow_numbers[] = {SFLOW_FLOW_STANDARD(FLOW_ENTRY)};
static const uint8_t counter_numbers[] = {SFLOW_COUNTER_STANDARD(COUNTER_ENTRY)};

static int find_vendor(
	uint32_t tag, const struct sflow_structure *const *rows, unsigned from, unsigned count)
{
	for (unsigned i = from; i < count; i++)
		if (rows[i]->tag == tag)
			return (int)i;
	return -1;
}

int sflow_flow_index(uint32_t tag)
{
	if (tag < sizeof(flow_numbers))
		return flow_numbers[tag] - 1;
	return find_vendor(tag, sflow_flow_structures, FLOW_VENDOR, sflow_flow_structures_count);
}

int sflow_counter_index(uint32_t tag)
{
	if (tag < sizeof(counter_numbers))
		return counter_numbers[tag] - 1;
	return find_vendor(
		tag, sflow_counter_structures, COUNTER_VENDOR, sflow_counter_structures_count);
}

const struct sflow_structure *sflow_flow_structure(uint32_t tag)
{
	int i = sflow_flow_index(tag);

	return i < 0 ? NULL : sflow_flow_structures[i];
}

const struct sflow_structure *sflow_counter_structure(uint32_t tag)
{
	int i = sflow_counter_index(tag);

	return i < 0 ? NULL : sflow_counter_structures[i];
}

/* Whether the fields fill the body to its end; the padding of a last text may be missing. */
static bool fits(const struct sflow_structure *st, const uint8_t *body, uint32_t len)
{
	struct sflow_reader r;
	struct sflow_value v;

	sflow_reader_init(&r, st, body, len);
	while (sflow_reader_next(&r, &v))
		;
	return r.next == st->field_count && base_cursor_left(&r.cursor) == 0;
}

const struct sflow_structure *sflow_structure_form(
	const struct sflow_structure *st, const uint8_t *body, uint32_t len)
{
	const struct sflow_structure *form = st;

	if (__builtin_expect(!st->other, 1))
		return st;
	while (form && !fits(form, body, len))
		form = form->other;
	return form ? form : st;
}

const char *sflow_word(const struct sflow_words *words, uint32_t value)
{
	for (unsigned i = 0; words && i < words->count; i++)
		if (words->words[i].value == value)
			return words->words[i].word;
	return NULL;
}
