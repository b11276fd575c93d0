/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "sflow/structure.h"
#include "wire.h"

/* The table: what those who read it rely on, of every row, and how a row is found. */

typedef void check_row(const struct sflow_structure *st, bool counters);

static void each_row(check_row *check)
{
	for (unsigned i = 0; i < sflow_flow_structures_count; i++)
		check(sflow_flow_structures[i], false);
	for (unsigned i = 0; i < sflow_counter_structures_count; i++)
		check(sflow_counter_structures[i], true);
}

/* Of every form of every row. */
static void each_form(check_row *check)
{
	for (unsigned i = 0; i < sflow_flow_structures_count; i++)
		for (const struct sflow_structure *st = sflow_flow_structures[i]; st;
			st = st->other)
			check(st, false);
	for (unsigned i = 0; i < sflow_counter_structures_count; i++)
		for (const struct sflow_structure *st = sflow_counter_structures[i]; st;
			st = st->other)
			check(st, true);
}

static void check_order(const struct sflow_structure *const *rows, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		assert_non_null(rows[i]);
		assert_true(i == 0 || rows[i - 1]->tag < rows[i]->tag);
		for (unsigned j = 0; j < i; j++)
			assert_ptr_not_equal(rows[i], rows[j]);
	}
}

static void test_order(void **state)
{
	check_order(sflow_flow_structures, sflow_flow_structures_count);
	check_order(sflow_counter_structures, sflow_counter_structures_count);
}

/* Bytes that a field takes at least. */
static uint32_t field_min(enum sflow_type type)
{
	switch (type) {
	case SFLOW_OPAQUE:
		return 0;
	case SFLOW_U8:
		return 1;
	case SFLOW_U64:
	case SFLOW_F64:
	case SFLOW_MAC:
		return 8;
	case SFLOW_UUID:
	case SFLOW_GID:
	case SFLOW_IPV6:
		return 16;
	default:
		return 4;
	}
}

/* The least length is that of the fields that always exist; none ends within a word. */
static void check_min(const struct sflow_structure *st, bool counters)
{
	bool at_end = false, growing = false;
	uint32_t len = 0, macs = 0, later = 0;

	for (unsigned j = 0; j < st->field_count; j++) {
		growing |= len == st->min_len && st->fields[j].type != SFLOW_OPAQUE;
		later += growing;
		len += field_min(st->fields[j].type);
		at_end |= len == st->min_len;
		macs += st->fields[j].type == SFLOW_MAC;
		if (st->fields[j].type != SFLOW_U8)
			assert_int_equal(len % 4, 0);
		/* A list behind the end of the fixed part would be read of a body without it. */
		assert_true(!growing || st->fields[j].type != SFLOW_LIST);
	}
	assert_true(at_end);
	assert_int_equal(st->min_len % 4, 0);
	assert_int_equal(later, st->optional);
	/* The fields that came later are of two structures alone. */
	if (len != st->min_len)
		assert_true(counters &&
			    (st->tag == SFLOW_TAG(0, 2003) || st->tag == SFLOW_TAG(0, 2106)));
	assert_true(st->macs == 0 || st->macs == macs);
}

static void test_min_len(void **state)
{
	each_form(check_min);
}

static void check_words(const struct sflow_words *words)
{
	assert_true(words->count > 0);
	for (unsigned i = 0; i < words->count; i++) {
		assert_non_null(words->words[i].word);
		assert_true(words->words[i].word[0] != '\0');
		for (unsigned j = 0; j < i; j++)
			assert_int_not_equal(words->words[i].value, words->words[j].value);
		assert_ptr_equal(sflow_word(words, words->words[i].value), words->words[i].word);
	}
	assert_null(sflow_word(words, 0xFFFFFFFE));
}

static bool is_number(enum sflow_type type)
{
	return type == SFLOW_U8 || type == SFLOW_U32 || type == SFLOW_I32 || type == SFLOW_U64;
}

static void check_field(const struct sflow_field *f, bool element)
{
	assert_non_null(f->name);
	assert_true(element || f->name[0] != '\0');
	assert_true(f->role != SFLOW_COUNTER || f->type == SFLOW_U32 || f->type == SFLOW_U64);
	assert_true(f->role != SFLOW_GAUGE || f->type != SFLOW_STRING);
	if (f->metric && f->type == SFLOW_STRING)
		assert_true(f->max > 0);
	assert_int_equal(f->type == SFLOW_LIST, f->of != NULL);
	assert_true(f->metric == NULL ||
		    (f->type != SFLOW_LIST && f->type != SFLOW_RECORDS && f->type != SFLOW_OPAQUE));
	if (f->words) {
		assert_true(is_number(f->type));
		check_words(f->words);
	}
	if (f->show == SFLOW_SHOW_NAME)
		assert_true(f->words && f->words->beyond);
	if (f->show == SFLOW_SHOW_LABELS || f->show == SFLOW_SHOW_TAGS ||
		f->show == SFLOW_SHOW_LIST || f->show == SFLOW_SHOW_PATH)
		assert_int_equal(f->type, SFLOW_LIST);
	if (f->show == SFLOW_SHOW_HEX64)
		assert_int_equal(f->type, SFLOW_U64);
	if (f->show == SFLOW_SHOW_UNSIGNED)
		assert_int_equal(f->type, SFLOW_I32);
	for (unsigned i = 0; f->of && i < f->of->count; i++)
		check_field(&f->of->list[i], true);
	if (f->of)
		assert_true(f->of->count > 0 && (f->of->count == 1 || f->of->list[0].name[0]));
}

static void check_fields(const struct sflow_structure *st, bool counters)
{
	assert_non_null(st->name);
	assert_true(st->field_count > 0 && st->field_count <= 64);
	for (unsigned i = 0; i < st->field_count; i++) {
		const struct sflow_field *f = &st->fields[i];

		check_field(f, false);
		/* Counters of flow records would be of no source. */
		assert_true(counters || (f->role == SFLOW_PLAIN && !f->metric));
		for (unsigned j = 0; j < i; j++) {
			assert_string_not_equal(f->name, st->fields[j].name);
			if (f->metric && st->fields[j].metric)
				assert_string_not_equal(f->metric, st->fields[j].metric);
		}
	}
}

static void test_fields(void **state)
{
	each_form(check_fields);
}

/* A name that is a key of its own must not be that of another field's word. */
static void check_word_names(const struct sflow_structure *st, bool counters)
{
	char name[96];

	for (unsigned i = 0; i < st->field_count; i++) {
		if (!st->fields[i].words)
			continue;
		snprintf(name, sizeof(name), "%s_name", st->fields[i].name);
		for (unsigned j = 0; j < st->field_count; j++)
			assert_string_not_equal(st->fields[j].name, name);
	}
	assert_true(counters || st->tag != 0);
}

static void test_word_names(void **state)
{
	each_form(check_word_names);
}

/* What each way of putting lines together needs. */
static void check_layout(const struct sflow_structure *st, bool counters)
{
	const struct sflow_field *last = &st->fields[st->field_count - 1];

	switch (st->layout) {
	case SFLOW_LAYOUT_SKIPPED:
		assert_null(st->head);
		assert_null(st->prefix);
		break;
	case SFLOW_LAYOUT_HEADER:
	case SFLOW_LAYOUT_USER:
		assert_non_null(st->head);
		assert_int_equal(st->field_count, 4);
		break;
	case SFLOW_LAYOUT_ETHERNET:
		assert_int_equal(st->field_count, 4);
		assert_int_equal(st->macs, 2);
		break;
	case SFLOW_LAYOUT_IPV4:
	case SFLOW_LAYOUT_IPV6:
		assert_int_equal(st->field_count, 8);
		assert_int_equal(st->fields[2].type,
			st->layout == SFLOW_LAYOUT_IPV4 ? SFLOW_IPV4 : SFLOW_IPV6);
		break;
	case SFLOW_LAYOUT_LANES:
		assert_non_null(last->of);
		assert_non_null(last->line);
		for (unsigned i = 0; i < last->of->count; i++)
			assert_non_null(last->of->list[i].line);
		break;
	case SFLOW_LAYOUT_ADAPTERS:
		assert_true(counters && st->field_count == 1 && last->of);
		break;
	case SFLOW_LAYOUT_PAYLOAD:
		assert_false(counters);
		break;
	case SFLOW_LAYOUT_FIELDS:
		for (unsigned i = 0; i < st->field_count; i++) {
			const struct sflow_field *f = &st->fields[i];

			assert_true(f->type != SFLOW_RECORDS && f->type != SFLOW_OPAQUE &&
				    f->type != SFLOW_GID && f->type != SFLOW_BYTES);
			assert_true(f->type != SFLOW_STRING || f->line_max > 0);
			assert_true(f->type != SFLOW_LIST || f->show != SFLOW_SHOW_PLAIN);
		}
		break;
	}
}

static void test_layout(void **state)
{
	each_form(check_layout);
}

/* Other forms are of the same tag, are counted, and end somewhere. */
static void check_other(const struct sflow_structure *st, bool counters)
{
	unsigned forms = 0;

	assert_int_equal(st->deviation, 0);
	for (const struct sflow_structure *form = st->other; form; form = form->other) {
		assert_int_equal(form->tag, st->tag);
		assert_int_equal(form->layout, st->layout);
		assert_true(form->deviation > 0 && form->deviation < SFLOW_STATS);
		assert_true(++forms < 4);
	}
	assert_true(!counters || forms == 0); /* lib/metric reads the first form alone */
}

static void test_other(void **state)
{
	each_row(check_other);
}

static void test_lookup(void **state)
{
	for (unsigned i = 0; i < sflow_counter_structures_count; i++) {
		const struct sflow_structure *st = sflow_counter_structures[i];

		assert_ptr_equal(sflow_counter_structure(st->tag), st);
		assert_int_equal(sflow_counter_index(st->tag), i);
	}
	for (unsigned i = 0; i < sflow_flow_structures_count; i++) {
		const struct sflow_structure *st = sflow_flow_structures[i];

		assert_ptr_equal(sflow_flow_structure(st->tag), st);
		assert_int_equal(sflow_flow_index(st->tag), i);
	}
	assert_string_equal(sflow_counter_structure(SFLOW_TAG(0, 2003))->name, "host_cpu");
	assert_string_equal(sflow_flow_structure(SFLOW_TAG(0, 1002))->name, "extended_router");
	assert_string_equal(sflow_flow_structure(SFLOW_TAG(4413, 1))->name, "bst_egress_queue");
	assert_string_equal(
		sflow_counter_structure(SFLOW_TAG(4413, 1))->name, "bst_device_buffers");
	assert_null(sflow_counter_structure(0));
	assert_null(sflow_counter_structure(UINT32_MAX));
	assert_null(sflow_flow_structure(SFLOW_TAG(1, 1)));
}

/* As many are found as there are, among all formats of the owners that have any. */
static void test_lookup_all(void **state)
{
	static const uint32_t owners[] = {0, 1, 1991, 4300, 4413, 5703, 8800, 43874, 0xFFFFF};
	unsigned flows = 0, counters = 0;

	for (unsigned i = 0; i < sizeof(owners) / sizeof(owners[0]); i++) {
		for (uint32_t format = 0; format < 4096; format++) {
			flows += sflow_flow_index(SFLOW_TAG(owners[i], format)) >= 0;
			counters += sflow_counter_index(SFLOW_TAG(owners[i], format)) >= 0;
		}
	}
	assert_int_equal(flows, sflow_flow_structures_count);
	assert_int_equal(counters, sflow_counter_structures_count);
}

/* Every structure that the reference gives: enterprise:format of the least body, by its length. */
static void test_sizes(void **state)
{
	static const struct {
		uint32_t format, len;
	} flows[] = {{1, 16}, {2, 24}, {3, 32}, {4, 56}, {1001, 16}, {1002, 12}, {1003, 28},
		{1004, 16}, {1005, 12}, {1006, 12}, {1007, 8}, {1008, 12}, {1009, 12}, {1010, 8},
		{1011, 4}, {1012, 4}, {1013, 8}, {1014, 40}, {1015, 44}, {1016, 4}, {1017, 16},
		{1018, 16}, {1019, 8}, {1020, 8}, {1021, 24}, {1022, 24}, {1023, 32}, {1024, 32},
		{1025, 56}, {1026, 56}, {1027, 4}, {1028, 4}, {1029, 4}, {1030, 4}, {1031, 40},
		{1032, 48}, {1033, 12}, {1034, 4}, {1035, 4}, {1036, 4}, {1037, 12}, {1038, 4},
		{1039, 4}, {1040, 4}, {1041, 8}, {1042, 4}, {1043, 8}, {2000, 32}, {2001, 12},
		{2002, 12}, {2003, 24}, {2100, 20}, {2101, 44}, {2102, 20}, {2103, 44}, {2200, 28},
		{2201, 48}, {2202, 40}, {2203, 12}, {2204, 4}, {2205, 4}, {2206, 60}, {2207, 8},
		{2208, 92}, {2209, 48}, {2210, 16}},
	  counters[] = {{1, 88}, {2, 52}, {3, 72}, {4, 80}, {5, 28}, {6, 80}, {7, 56}, {8, 24},
		  {9, 64}, {10, 20}, {11, 20}, {1001, 28}, {1002, 12}, {1003, 52}, {1004, 12},
		  {1005, 4}, {2000, 32}, {2001, 4}, {2002, 8}, {2003, 68}, {2004, 72}, {2005, 52},
		  {2006, 40}, {2007, 76}, {2008, 100}, {2009, 60}, {2010, 28}, {2100, 28},
		  {2101, 12}, {2102, 16}, {2103, 52}, {2104, 40}, {2105, 12}, {2106, 100},
		  {2200, 144}, {2201, 60}, {2202, 48}, {2203, 40}, {2204, 140}, {2205, 92},
		  {2206, 20}, {2207, 24}, {3000, 24}, {3001, 12}, {3002, 4}, {3003, 12}};

	for (unsigned i = 0; i < sizeof(flows) / sizeof(flows[0]); i++)
		assert_int_equal(sflow_flow_structure(flows[i].format)->min_len, flows[i].len);
	for (unsigned i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
		assert_int_equal(
			sflow_counter_structure(counters[i].format)->min_len, counters[i].len);
	assert_int_equal(sflow_counter_structure(SFLOW_TAG(4413, 3))->min_len, 144);
	assert_int_equal(sflow_counter_structure(SFLOW_TAG(5703, 1))->min_len, 48);
}

static const struct sflow_structure *form(const struct wire *w, uint32_t tag)
{
	const struct sflow_structure *st = sflow_flow_structure(tag), *found;
	uint8_t *bytes = wire_copy(w);

	found = sflow_structure_form(st, bytes, w->len);
	free(bytes);
	return found;
}

/* 0:2201: which of its three forms the lengths of the texts fit. */
static void test_form_http(void **state)
{
	const struct sflow_structure *st = sflow_flow_structure(SFLOW_TAG(0, 2201));
	struct wire w = {.len = 0};

	wire_u32(&w, 2);
	wire_u32(&w, 1001);
	for (unsigned i = 0; i < 6; i++)
		wire_string(&w, "text");
	for (unsigned i = 0; i < 4; i++)
		wire_u32(&w, i);
	assert_ptr_equal(form(&w, st->tag), st);
	w.len = 0;
	wire_u32(&w, 2);
	for (unsigned i = 0; i < 5; i++)
		wire_string(&w, "text");
	for (unsigned i = 0; i < 3; i++)
		wire_u32(&w, i);
	assert_ptr_equal(form(&w, st->tag), st->other);
	w.len = 0;
	wire_u32(&w, 2);
	for (unsigned i = 0; i < 7; i++)
		wire_string(&w, "text");
	for (unsigned i = 0; i < 6; i++)
		wire_u32(&w, i);
	assert_ptr_equal(form(&w, st->tag), st->other->other);
	/* None of them: the first. */
	wire_u32(&w, 0);
	assert_ptr_equal(form(&w, st->tag), st);
	w.len = 0;
	assert_ptr_equal(form(&w, st->tag), st);
}

/* 0:1013: bytes, or a sampled header in their place. */
static void test_form_payload(void **state)
{
	const struct sflow_structure *st = sflow_flow_structure(SFLOW_TAG(0, 1013));
	struct wire w = wire_hex("000fac04 00000003 aaaa0300");

	assert_ptr_equal(form(&w, st->tag), st);
	w = wire_hex("000fac04 0000000b 00000064 00000000 00000004 45000014");
	assert_ptr_equal(form(&w, st->tag), st->other);
	assert_int_equal(st->other->deviation, SFLOW_PAYLOAD_AS_HEADER);
	/* The first form fits too, and comes first. */
	w = wire_hex("000fac04 0000000c 00000064 00000000 00000000");
	assert_ptr_equal(form(&w, st->tag), st);
}

static void test_discard_reasons(void **state)
{
	check_words(&sflow_discard_reasons);
	check_words(&sflow_header_protocols);
	for (uint32_t i = 256; i <= 372; i++)
		assert_non_null(sflow_word(&sflow_discard_reasons, i));
	assert_string_equal(sflow_word(&sflow_discard_reasons, 289), "unknown_l4");
	assert_string_equal(sflow_word(&sflow_discard_reasons, 33), "dev_hdr");
	assert_string_equal(sflow_word(&sflow_discard_reasons, 36), "tc_egress");
	assert_string_equal(sflow_word(&sflow_discard_reasons, 332), "dev_hdr");
	assert_string_equal(sflow_word(&sflow_discard_reasons, 366), "tc_egress");
	assert_null(sflow_word(&sflow_discard_reasons, 16));
	assert_null(sflow_word(&sflow_discard_reasons, 373));
	assert_null(sflow_word(NULL, 1));
	for (uint32_t i = 1; i <= 18; i++)
		assert_non_null(sflow_word(&sflow_header_protocols, i));
	assert_null(sflow_word(&sflow_header_protocols, 0));
	assert_null(sflow_word(&sflow_header_protocols, 19));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_min_len),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_word_names),
		cmocka_unit_test(test_layout),
		cmocka_unit_test(test_other),
		cmocka_unit_test(test_lookup),
		cmocka_unit_test(test_lookup_all),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_form_http),
		cmocka_unit_test(test_form_payload),
		cmocka_unit_test(test_discard_reasons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
