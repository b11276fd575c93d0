/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../dice.h"
#include "base/region.h"

enum { PIECES = 2000 };

static void test_pieces(void **state)
{
	struct base_region r = {0};
	struct dice d = {.state = 1};
	uint8_t *piece[PIECES];
	size_t len[PIECES], total = 0;

	for (unsigned i = 0; i < PIECES; i++) {
		/* Now and then one that is larger than a chunk. */
		len[i] = dice_below(&d, i % 100 == 99 ? 200000 : 300);
		piece[i] =
			i % 10 == 9 ? base_region_take(&r, len[i]) : base_region_alloc(&r, len[i]);
		assert_int_equal((uintptr_t)piece[i] % _Alignof(max_align_t), 0);
		for (size_t j = 0; i % 10 != 9 && j < len[i]; j++)
			assert_int_equal(piece[i][j], 0);
		memset(piece[i], (int)i, len[i]);
		total += len[i];
		assert_true(r.total >= total);
	}
	for (unsigned i = 0; i < PIECES; i++) {
		for (size_t j = 0; j < len[i]; j++)
			assert_int_equal(piece[i][j], (uint8_t)i);
	}
	base_region_free(&r);
}

static void test_texts(void **state)
{
	struct base_region r = {0};
	char *copy = base_region_copy(&r, "abcdef", 3), *text = base_region_text(&r, "whole"),
	     *empty = base_region_text(&r, ""), *made = base_region_printf(&r, "%s-%05d", "n", 42),
	     *none = base_region_printf(&r, "%s", "");

	assert_string_equal(copy, "abc");
	assert_string_equal(text, "whole");
	assert_string_equal(empty, "");
	assert_string_equal(made, "n-00042");
	assert_string_equal(none, "");
	base_region_free(&r);
}

static void test_long_text(void **state)
{
	struct base_region r = {0};
	char *made = base_region_printf(&r, "%100000d|", 7);

	assert_int_equal(strlen(made), 100001);
	assert_string_equal(made + 99999, "7|");
	base_region_free(&r);
}

static void test_use_again(void **state)
{
	struct base_region r = {0};

	base_region_free(&r);
	for (unsigned i = 0; i < 3; i++) {
		assert_string_equal(base_region_text(&r, "again"), "again");
		assert_true(r.total >= 6);
		base_region_free(&r);
		assert_null(r.head);
		assert_int_equal(r.total, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_long_text),
		cmocka_unit_test(test_use_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
