/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../dice.h"
#include "names/table.h"

static const struct base_addr agent = {.family = 4, .bytes = {192, 0, 2, 1}};

static void add(struct names_table *t, uint32_t index, enum names_kind kind, const char *text)
{
	assert_true(names_table_add(t, index, kind, (const uint8_t *)text, strlen(text)));
}

static void want(
	const struct names_table *t, uint32_t index, enum names_kind kind, const char *text)
{
	const struct names_entry *e = names_table_find(t, index);

	assert_non_null(e);
	assert_int_equal(e->text[kind].len, strlen(text));
	assert_memory_equal(e->text[kind].bytes, text, strlen(text));
}

static void test_both(void **state)
{
	struct names_table *t = names_table_create(&agent);

	add(t, 3, NAMES_NAME, "eth3");
	add(t, 1, NAMES_NAME, "eth1");
	add(t, 1, NAMES_ALIAS, "to spine 1");
	add(t, UINT32_MAX, NAMES_ALIAS, "last");
	add(t, 1, NAMES_NAME, "second");
	add(t, 7, NAMES_NAME, ""); /* no name */
	names_table_finish(t);
	assert_int_equal(t->count, 3);
	want(t, 1, NAMES_NAME, "eth1");
	want(t, 1, NAMES_ALIAS, "to spine 1");
	want(t, 3, NAMES_NAME, "eth3");
	want(t, 3, NAMES_ALIAS, "");
	want(t, UINT32_MAX, NAMES_ALIAS, "last");
	assert_null(names_table_find(t, 2));
	assert_null(names_table_find(t, 7));
	assert_null(names_table_find(t, 0));
	names_table_free(t);
}

static void test_empty(void **state)
{
	struct names_table *t = names_table_create(&agent);

	names_table_finish(t);
	assert_null(names_table_find(t, 1));
	names_table_free(t);
	names_table_free(NULL);
}

static void test_long(void **state)
{
	char text[1000];
	struct names_table *t = names_table_create(&agent);

	memset(text, 'x', sizeof(text));
	names_table_add(t, 1, NAMES_NAME, (uint8_t *)text, sizeof(text));
	names_table_add(t, 1, NAMES_ALIAS, (uint8_t *)text, sizeof(text));
	names_table_finish(t);
	assert_int_equal(names_table_find(t, 1)->text[NAMES_NAME].len, NAMES_NAME_MOST);
	assert_int_equal(names_table_find(t, 1)->text[NAMES_ALIAS].len, NAMES_ALIAS_MOST);
	names_table_free(t);
}

/* Of any order of many the table is in order, and the first of each counts. */
static void test_many(void **state)
{
	enum { MANY = 5000, RANGE = 2000 };
	static uint8_t first[RANGE];
	struct names_table *t = names_table_create(&agent);
	struct dice d = {7};
	uint32_t known = 0;

	for (unsigned i = 0; i < MANY; i++) {
		uint32_t index = dice_below(&d, RANGE);
		uint8_t byte = (uint8_t)(1 + i % 255);

		known += !first[index];
		first[index] = first[index] ? first[index] : byte;
		names_table_add(t, index, NAMES_NAME, &byte, 1);
	}
	names_table_finish(t);
	assert_int_equal(t->count, known);
	for (uint32_t i = 0; i < RANGE; i++) {
		const struct names_entry *e = names_table_find(t, i);

		assert_int_equal(e != NULL, first[i] != 0);
		if (e)
			assert_int_equal(e->text[NAMES_NAME].bytes[0], first[i]);
	}
	names_table_free(t);
}

static struct names_table *one(uint32_t index, const char *name, const char *alias)
{
	struct names_table *t = names_table_create(&agent);

	names_table_add(t, index, NAMES_NAME, (const uint8_t *)name, strlen(name));
	names_table_add(t, index, NAMES_ALIAS, (const uint8_t *)alias, strlen(alias));
	names_table_finish(t);
	return t;
}

static void test_same(void **state)
{
	struct names_table *t = one(1, "ab", "x"), *none = one(1, "", ""),
			   *others[] = {one(2, "ab", "x"), one(1, "ac", "x"), one(1, "a", "x"),
				   one(1, "abc", "x"), one(1, "ab", "y"), one(1, "ab", ""),
				   one(1, "", "x")},
			   *same = one(1, "ab", "x");

	assert_true(names_table_same(t, same));
	for (unsigned i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		assert_false(names_table_same(t, others[i]));
		assert_false(names_table_same(others[i], t));
		names_table_free(others[i]);
	}
	names_table_add(same, 2, NAMES_NAME, (const uint8_t *)"c", 1);
	names_table_finish(same);
	assert_false(names_table_same(t, same));
	assert_false(names_table_same(t, NULL));
	assert_false(names_table_same(NULL, t));
	assert_true(names_table_same(none, NULL));
	assert_true(names_table_same(NULL, NULL));
	names_table_free(t);
	names_table_free(none);
	names_table_free(same);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
