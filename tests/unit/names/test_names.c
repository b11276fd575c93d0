/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "names/names.h"

enum { MEMORY = 100000, AGENTS = 100 };

static struct base_addr addr(uint8_t number)
{
	return (struct base_addr){.family = 4, .bytes = {192, 0, 2, number}};
}

static struct names_table *table(uint8_t agent, uint32_t index, const char *name, const char *alias)
{
	const struct base_addr a = addr(agent);
	struct names_table *t = names_table_create(&a);

	names_table_add(t, index, NAMES_NAME, (const uint8_t *)name, strlen(name));
	names_table_add(t, index, NAMES_ALIAS, (const uint8_t *)alias, strlen(alias));
	names_table_finish(t);
	return t;
}

/* What is known, "NAME|ALIAS". */
static void want(const struct names *n, uint8_t agent, uint32_t index, const char *text)
{
	const struct base_addr a = addr(agent);
	struct names_entry e;
	char got[512];
	size_t len = 0;

	assert_int_equal(names_find(n, &a, index, &e), strcmp(text, "|") != 0);
	for (unsigned i = 0; i < NAMES_KINDS; i++) {
		if (e.text[i].len)
			memcpy(got + len, e.text[i].bytes, e.text[i].len);
		len += e.text[i].len;
		got[len++] = i == 0 ? '|' : '\0';
	}
	assert_string_equal(got, text);
}

/* The configuration goes before the answer, for each of both by itself. */
static void test_order(void **state)
{
	struct names *n = names_create(MEMORY);

	want(n, 1, 1, "|");
	assert_true(names_put(n, table(1, 1, "asked", "asked alias")));
	want(n, 1, 1, "asked|asked alias");
	assert_true(names_set(n, table(1, 1, "set", "")));
	want(n, 1, 1, "set|asked alias");
	want(n, 1, 2, "|");
	want(n, 2, 1, "|");
	assert_true(names_put(n, table(1, 2, "b", "")));
	want(n, 1, 1, "set|");
	want(n, 1, 2, "b|");
	names_remove(n, &(struct base_addr){.family = 4, .bytes = {192, 0, 2, 1}});
	want(n, 1, 2, "|");
	want(n, 1, 1, "set|");
	assert_int_equal(names_memory(n), 0);
	names_destroy(n);
}

static void test_agents(void **state)
{
	struct names *n = names_create(1 << 20);
	char text[16];

	for (unsigned i = 0; i < AGENTS; i++) {
		uint8_t agent = (uint8_t)(i * 37 % AGENTS);

		snprintf(text, sizeof(text), "n%u", agent);
		assert_true(names_put(n, table(agent, agent + 1u, text, "")));
	}
	assert_int_equal(names_tables(n), AGENTS);
	for (uint8_t i = 0; i < AGENTS; i += 2) {
		const struct base_addr a = addr(i);

		names_remove(n, &a);
		names_remove(n, &a);
	}
	assert_int_equal(names_tables(n), AGENTS / 2);
	for (uint8_t i = 0; i < AGENTS; i++) {
		snprintf(text, sizeof(text), "n%u|", i);
		want(n, i, i + 1u, i % 2 ? text : "|");
	}
	names_destroy(n);
}

/* What does not fit is refused, and what was there stays. */
static void test_memory(void **state)
{
	struct names *n = names_create(5000);
	struct names_table *t = table(1, 1, "new", "");
	uint32_t tables;

	assert_true(names_put(n, table(1, 1, "old", "")));
	for (uint32_t i = 2; i < 2000; i++)
		names_table_add(t, i, NAMES_NAME, (const uint8_t *)"x", 1);
	names_table_finish(t);
	assert_false(names_put(n, t));
	want(n, 1, 1, "old|");
	for (uint8_t i = 2; names_put(n, table(i, 1, "a", "")); i++)
		assert_true(i < 200);
	tables = names_tables(n);
	assert_true(names_memory(n) <= 5000);
	assert_true(names_put(n, table(1, 1, "one", "")));
	assert_int_equal(names_tables(n), tables);
	names_destroy(n);
}

/* Which agents were told of, in their order, and what the first interface of each was called then. */
struct told {
	const struct names *n;
	char text[128];
};

static void note(void *ctx, const struct base_addr *agent)
{
	struct told *told = ctx;
	size_t len = strlen(told->text);
	struct names_entry e;

	names_find(told->n, agent, 1, &e);
	snprintf(told->text + len, sizeof(told->text) - len, "%u:%.*s ", agent->bytes[3],
		(int)e.text[NAMES_NAME].len,
		e.text[NAMES_NAME].len ? (const char *)e.text[NAMES_NAME].bytes : "");
}

static void configure(struct names *n, struct names *next, const char *changed)
{
	struct told told = {.n = n};

	assert_true(names_configure(n, next, note, &told));
	assert_string_equal(told.text, changed);
}

/* Another configuration: what was asked for stays, and those are told of that are others now. */
static void test_configure(void **state)
{
	struct names *n = names_create(MEMORY), *next = names_create(0);
	size_t asked;

	assert_true(names_put(n, table(2, 1, "asked", "asked alias")));
	assert_true(names_put(n, table(9, 1, "nine", "")));
	asked = names_memory(n);
	for (uint8_t i = 1; i <= 5; i++)
		assert_true(names_set(next, table(i, 1, "set", "alias")));
	configure(n, next, "1:set 2:set 3:set 4:set 5:set ");
	assert_int_equal(names_tables(n), 6);
	want(n, 2, 1, "set|alias");

	/* 1 as it was, 2 and 3 go, 4 has another alias, 5 another interface, 7 is new. */
	next = names_create(0);
	assert_true(names_set(next, table(1, 1, "set", "alias")));
	assert_true(names_set(next, table(4, 1, "set", "other")));
	assert_true(names_set(next, table(5, 2, "set", "alias")));
	assert_true(names_set(next, table(7, 1, "new", "")));
	configure(n, next, "2:asked 3: 4:set 5: 7:new ");
	assert_int_equal(names_tables(n), 6);
	want(n, 1, 1, "set|alias");
	want(n, 2, 1, "asked|asked alias");
	want(n, 3, 1, "|");
	want(n, 4, 1, "set|other");
	want(n, 5, 1, "|");
	want(n, 5, 2, "set|alias");
	want(n, 7, 1, "new|");
	want(n, 9, 1, "nine|");
	assert_true(names_put(n, table(8, 1, "eight", "")));
	want(n, 8, 1, "eight|");
	want(n, 9, 1, "nine|");

	configure(n, names_create(0), "1: 4: 5: 7: ");
	assert_int_equal(names_tables(n), 3);
	configure(n, names_create(0), "");
	names_remove(n, &(struct base_addr){.family = 4, .bytes = {192, 0, 2, 8}});
	assert_int_equal(names_memory(n), asked);
	names_destroy(n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_agents),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_configure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
