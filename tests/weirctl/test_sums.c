/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hash.h"
#include "sums.h"

static void test_holds(void **state)
{
	struct sum sums[SUMS_MAX];
	struct hash h = {0};

	hash_add(&h, "sflow_datagrams", "10");
	hash_add(&h, "sflow_datagrams_decoded", "7");
	hash_add(&h, "sflow_drop_short", "1");
	hash_add(&h, "sflow_drop_version", "2");
	assert_int_equal(sums_make(&h.reply, sums), 1);
	assert_string_equal(sums[0].name, "datagrams");
	assert_int_equal(sums[0].left, 10);
	assert_int_equal(sums[0].right, 10);
}

static void test_minus(void **state)
{
	struct sum sums[SUMS_MAX];
	struct hash h = {0};

	hash_add(&h, "ingress_packets", "20");
	hash_add(&h, "ingress_fragments", "6");
	hash_add(&h, "ingress_reassembled", "2");
	hash_add(&h, "ingress_datagrams", "15");
	hash_add(&h, "ingress_drop_short", "1");
	hash_add(&h, "ingress_drop_fragment", "1");
	hash_add(&h, "ingress_drop_timeout", "1");
	assert_int_equal(sums_make(&h.reply, sums), 1);
	assert_int_equal(sums[0].left, 16);
	assert_int_equal(sums[0].right, 16);
}

static void test_missing(void **state)
{
	struct sum sums[SUMS_MAX];
	struct hash h = {0};

	assert_int_equal(sums_make(&h.reply, sums), 0);
	hash_add(&h, "sflow_datagrams", "10");
	assert_int_equal(sums_make(&h.reply, sums), 0);
	hash_add(&h, "imbalances", "3");
	assert_int_equal(sums_make(&h.reply, sums), 1);
	assert_int_equal(sums[0].left, 3);
	assert_int_equal(sums[0].right, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_holds),
		cmocka_unit_test(test_minus),
		cmocka_unit_test(test_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
