/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/addr.h"
#include "prefix/cidr.h"
#include "prefix/table.h"

static void add(struct prefix_list *list, const char *cidr, uint32_t label)
{
	struct prefix p = {.label = label};
	unsigned width;
	const char *why;

	assert_int_equal(prefix_cidr_parse(cidr, &p, &width, &why), 0);
	assert_int_equal(prefix_list_add(list, width, &p), 0);
}

static uint32_t find(const struct prefix_table *t, const char *address)
{
	struct base_addr addr;

	assert_int_equal(base_addr_parse(address, &addr), 0);
	return prefix_table_find(t, addr.bytes, (unsigned)base_addr_len(&addr));
}

static void test_families(void **state)
{
	struct prefix_list list = {0};
	struct prefix_table t;

	add(&list, "0.0.0.0/0", 1);
	add(&list, "10.0.0.0/8", 2);
	add(&list, "10.1.0.0/16", 3);
	add(&list, "10.1.2.3", 4);
	add(&list, "2001:db8::/32", 5);
	add(&list, "2001:db8::1", 6);
	assert_int_equal(prefix_table_build(&t, &list), 0);
	prefix_list_free(&list);
	assert_int_equal(find(&t, "9.255.255.255"), 1);
	assert_int_equal(find(&t, "10.0.0.0"), 2);
	assert_int_equal(find(&t, "10.1.255.255"), 3);
	assert_int_equal(find(&t, "10.1.2.2"), 3);
	assert_int_equal(find(&t, "10.1.2.3"), 4);
	assert_int_equal(find(&t, "11.0.0.0"), 1);
	assert_int_equal(find(&t, "2001:db8::1"), 6);
	assert_int_equal(find(&t, "2001:db8::2"), 5);
	assert_int_equal(find(&t, "2001:db9::"), PREFIX_NONE);
	assert_int_equal(find(&t, "::10.1.2.3"), PREFIX_NONE);
	assert_int_equal(prefix_table_find(&t, (const uint8_t *)"\1\2\3\4\5\6", 6), PREFIX_NONE);
	assert_int_equal(prefix_table_find(&t, NULL, 0), PREFIX_NONE);
	assert_true(prefix_table_memory(&t) > 0);
	prefix_table_free(&t);
	assert_int_equal(prefix_table_memory(&t), 0);
}

static void test_empty(void **state)
{
	struct prefix_list list = {0};
	struct prefix_table t;

	assert_int_equal(prefix_table_build(&t, &list), 0);
	assert_int_equal(find(&t, "10.0.0.1"), PREFIX_NONE);
	assert_int_equal(find(&t, "::1"), PREFIX_NONE);
	prefix_table_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_families),
		cmocka_unit_test(test_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
