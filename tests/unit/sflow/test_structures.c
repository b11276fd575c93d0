/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "wire.h"

/* Bytes that a field takes at least. */
static uint32_t field_min(enum sflow_type type)
{
	switch (type) {
	case SFLOW_U64:
	case SFLOW_MAC:
		return 8;
	case SFLOW_UUID:
	case SFLOW_IPV6:
		return 16;
	default:
		return 4;
	}
}

/* Rows in order of tags, all fields named, the least length that of fields that always exist. */
static void check(const struct sflow_structure *rows, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		uint32_t len = 0;
		bool at_end = false;

		assert_true(i == 0 || rows[i - 1].tag < rows[i].tag);
		assert_true(rows[i].field_count > 0 && rows[i].field_count <= 64);
		for (unsigned j = 0; j < rows[i].field_count; j++) {
			const struct sflow_field *f = &rows[i].fields[j];

			assert_non_null(f->name);
			if (f->metric && f->type == SFLOW_STRING)
				assert_true(f->max > 0);
			assert_true(f->role != SFLOW_COUNTER || f->type == SFLOW_U32 ||
				    f->type == SFLOW_U64);
			len += field_min(f->type);
			at_end |= len == rows[i].min_len;
		}
		assert_true(at_end);
	}
}

static void test_rows(void **state)
{
	check(sflow_flow_structures, sflow_flow_structures_count);
	check(sflow_counter_structures, sflow_counter_structures_count);
}

static void test_lookup(void **state)
{
	for (unsigned i = 0; i < sflow_counter_structures_count; i++)
		assert_ptr_equal(sflow_counter_structure(sflow_counter_structures[i].tag),
			&sflow_counter_structures[i]);
	for (unsigned i = 0; i < sflow_flow_structures_count; i++)
		assert_ptr_equal(sflow_flow_structure(sflow_flow_structures[i].tag),
			&sflow_flow_structures[i]);
	assert_string_equal(sflow_counter_structure(SFLOW_TAG(0, 2003))->name, "host_cpu");
	assert_string_equal(sflow_flow_structure(SFLOW_TAG(0, 1002))->name, "extended_router");
	assert_null(sflow_counter_structure(0));
	assert_null(sflow_counter_structure(UINT32_MAX));
	assert_null(sflow_flow_structure(SFLOW_TAG(1, 1)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_lookup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
