/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "definitions.h"
#include "hash.h"

enum { DEFINITIONS = 4 };

struct fixture {
	struct definitions definitions;
	struct hash hashes[DEFINITIONS];
};

static void add(struct fixture *f, const char *name, const char *collector, const char *start_ms,
	const char *samples, const char *keyless)
{
	struct hash *h = &f->hashes[f->definitions.count];

	hash_add(h, "window", "7");
	hash_add(h, "start_ms", start_ms);
	hash_add(h, "samples", samples);
	if (keyless)
		hash_add(h, "keyless", keyless);
	hash_add(h, "total", "18446744073709551615");
	hash_add(h, "collector", collector);
	f->definitions.names[f->definitions.count] = (char *)(uintptr_t)name;
	f->definitions.metas[f->definitions.count++] = &h->reply;
}

static void test_holds(void **state)
{
	struct fixture f = {0};
	struct sum sums[DEFINITIONS_SUMS];

	assert_int_equal(definitions_sums(&f.definitions, "c1", sums), 0);
	add(&f, "a", "c1", "2000", "90", "10");
	add(&f, "b", "c1", "2000", "0", "100");
	add(&f, "c", "c1", "1000", "3", "4"); /* a window behind */
	add(&f, "d", "c2", "3000", "5", "6");
	assert_int_equal(definitions_sums(&f.definitions, "c1", sums), 1);
	assert_int_equal(sums[0].left, 100);
	assert_int_equal(sums[0].right, 100);
	assert_int_equal(definitions_sums(&f.definitions, "c2", sums), 1);
	assert_int_equal(sums[0].left, 11);
	assert_int_equal(sums[0].right, 11);
	assert_int_equal(definitions_sums(&f.definitions, "c3", sums), 0);
}

static void test_broken(void **state)
{
	struct fixture f = {0};
	struct sum sums[DEFINITIONS_SUMS];

	add(&f, "a", "c1", "2000", "90", "10");
	add(&f, "b", "c1", "2000", "90", "9");
	add(&f, "c", "c1", "2000", "90", "11");
	assert_int_equal(definitions_sums(&f.definitions, "c1", sums), 1);
	assert_int_equal(sums[0].left, 101);
	assert_int_equal(sums[0].right, 99);
}

/* What the filter refused is seen, too; definitions of discarded packets are for themselves. */
static void test_filtered(void **state)
{
	struct fixture f = {0};
	struct sum sums[DEFINITIONS_SUMS];

	add(&f, "a", "c1", "2000", "90", "10");
	add(&f, "b", "c1", "2000", "20", "5");
	hash_add(&f.hashes[1], "filtered", "75");
	hash_add(&f.hashes[1], "dropped", "false");
	add(&f, "c", "c1", "2000", "3", "4");
	hash_add(&f.hashes[2], "dropped", "true");
	assert_int_equal(definitions_sums(&f.definitions, "c1", sums), 2);
	assert_int_equal(sums[0].left, 100);
	assert_int_equal(sums[0].right, 100);
	assert_int_equal(sums[1].left, 7);
	assert_int_equal(sums[1].right, 7);
	assert_string_equal(sums[1].name, "dropped");
}

/* What is not whole is not looked at. */
static void test_strange(void **state)
{
	struct fixture f = {0};
	struct hash empty = {0};
	struct sum sums[DEFINITIONS_SUMS];

	add(&f, "a", "c1", "2000", "90", NULL);
	f.definitions.metas[f.definitions.count++] = &empty.reply;
	assert_int_equal(definitions_sums(&f.definitions, "c1", sums), 0);
}

static void test_document(void **state)
{
	struct fixture f = {0};
	json_t *list, *first;

	add(&f, "12", "c1", "2000", "90", "10");
	add(&f, "b", "c2", "2000", "90", "10");
	list = definitions_document(&f.definitions, "c1");
	assert_int_equal(json_array_size(list), 1);
	first = json_array_get(list, 0);
	assert_string_equal(json_string_value(json_object_get(first, "flow")), "12");
	assert_int_equal(json_integer_value(json_object_get(first, "keyless")), 10);
	assert_true(json_is_real(json_object_get(first, "total")));
	json_decref(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_holds),
		cmocka_unit_test(test_broken),
		cmocka_unit_test(test_filtered),
		cmocka_unit_test(test_strange),
		cmocka_unit_test(test_document),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
