/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "ifmib/walk.h"

static const struct base_addr agent = {.family = 4, .bytes = {192, 0, 2, 1}};

enum { NAME = 1, ALIAS = 18, HIGH_SPEED = 15 };

/* A row as an agent gives it. */
static bool row(struct walk *w, unsigned long column, unsigned long index, const char *text)
{
	const unsigned long name[] = {1, 3, 6, 1, 2, 1, 31, 1, 1, 1, column, index};
	const struct walk_row r = {.name = name,
		.name_len = WALK_NAME,
		.text = text != NULL,
		.bytes = (const uint8_t *)text,
		.len = text ? strlen(text) : 0};

	return walk_row(w, &r);
}

static void want(struct names_table *t, uint32_t index, const char *name, const char *alias)
{
	const struct names_entry *e = names_table_find(t, index);

	assert_non_null(e);
	assert_int_equal(e->text[NAMES_NAME].len, strlen(name));
	assert_memory_equal(e->text[NAMES_NAME].bytes, name, strlen(name));
	assert_int_equal(e->text[NAMES_ALIAS].len, strlen(alias));
	assert_memory_equal(e->text[NAMES_ALIAS].bytes, alias, strlen(alias));
}

/* Two columns, of which each ends with what is not of it. */
static void test_columns(void **state)
{
	struct names_table *t = names_table_create(&agent);
	unsigned long name[WALK_NAME];
	struct walk w;

	walk_init(&w, t, 100);
	assert_int_equal(walk_next(&w, name), WALK_NAME - 1);
	assert_int_equal(name[WALK_ROOT], NAME);
	assert_true(row(&w, NAME, 1, "eth1"));
	assert_true(row(&w, NAME, 5, "eth5"));
	assert_int_equal(walk_next(&w, name), WALK_NAME);
	assert_int_equal(name[WALK_ROOT + 1], 5);
	assert_false(row(&w, 2, 1, NULL));
	assert_int_equal(walk_next(&w, name), WALK_NAME - 1);
	assert_int_equal(name[WALK_ROOT], ALIAS);
	assert_true(row(&w, ALIAS, 5, "uplink"));
	walk_answer(&w, true);
	assert_true(row(&w, ALIAS, 6, ""));
	walk_answer(&w, false); /* nothing is behind */
	assert_int_equal(w.column, NAMES_KINDS);
	assert_false(row(&w, ALIAS, 7, "late"));
	assert_false(w.wrong || w.cut);
	names_table_finish(t);
	assert_int_equal(t->count, 2);
	want(t, 1, "eth1", "");
	want(t, 5, "eth5", "uplink");
	names_table_free(t);
}

/* What would never end does. */
static void test_rules(void **state)
{
	static const struct {
		unsigned long column, index;
		const char *text;
		bool wrong;
	} bad[] = {
		{NAME, 5, "again", true}, {NAME, 4, "back", true}, {NAME, 0, "zero", true},
		{NAME, 1UL << 32, "large", true}, {HIGH_SPEED, 6, "other column", false},
		{NAME, 6, NULL, false}, /* the end of what there is */
		{NAME, 5, NULL, false}, /* the same, with the name asked for (RFC 3416) */
	};

	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct names_table *t = names_table_create(&agent);
		struct walk w;

		walk_init(&w, t, 100);
		assert_true(row(&w, NAME, 5, "eth5"));
		assert_false(row(&w, bad[i].column, bad[i].index, bad[i].text));
		assert_int_equal(w.column, NAMES_ALIAS);
		assert_int_equal(w.wrong, bad[i].wrong);
		names_table_free(t);
	}
}

static void test_short_names(void **state)
{
	static const unsigned long name[WALK_NAME + 1] = {
		1, 3, 6, 1, 2, 1, 31, 1, 1, 1, NAME, 1, 1};

	for (size_t len = 0; len <= WALK_NAME + 1; len++) {
		const struct walk_row r = {.name = name,
			.name_len = len,
			.text = true,
			.bytes = (const uint8_t *)"x",
			.len = 1};
		struct names_table *t = names_table_create(&agent);
		struct walk w;

		walk_init(&w, t, 100);
		assert_int_equal(walk_row(&w, &r), len == WALK_NAME);
		names_table_free(t);
	}
}

/* An agent that has interfaces without an end. */
static void test_endless(void **state)
{
	struct names_table *t = names_table_create(&agent);
	struct walk w;
	unsigned rows = 0;

	walk_init(&w, t, 1000);
	while (w.column < NAMES_KINDS)
		rows += row(&w, w.column == NAMES_NAME ? NAME : ALIAS, w.last + 1UL, "x");
	assert_int_equal(rows, 2000);
	assert_true(w.cut);
	names_table_finish(t);
	assert_int_equal(t->count, 1000);
	names_table_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_short_names),
		cmocka_unit_test(test_endless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
