/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "grid.h"

static void assert_prints(const struct grid *t, const char *want)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	grid_print(t, out);
	fclose(out);
	assert_string_equal(text, want);
	free(text);
}

static void test_aligned(void **state)
{
	static const char *const heads[] = {"NAME", ">N", "LAST", NULL};
	struct grid t;

	grid_init(&t, heads);
	assert_prints(&t, "NAME  N  LAST\n");
	grid_add(&t, "%s", "a");
	grid_add(&t, "%d", 1000);
	grid_add(&t, "x");
	grid_add(&t, "longer");
	grid_add(&t, "±%d%%", 5);
	grid_add(&t, "yz");
	assert_prints(&t, "NAME       N  LAST\na       1000  x\nlonger   ±5%  yz\n");
	grid_free(&t);
}

static void test_many(void **state)
{
	static const char *const heads[] = {"X", NULL};
	struct grid t;

	grid_init(&t, heads);
	for (unsigned i = 0; i < 1000; i++)
		grid_add(&t, "%u", i);
	assert_int_equal(t.count, 1000);
	assert_string_equal(t.cells[999], "999");
	grid_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_aligned),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
