/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "metric/news.h"
#include "metric/read.h"
#include "names/names.h"
#include "sample.h"
#include "sflow/structure.h"

enum { MEMORY = 1 << 20, INDEX = 10 };

static struct names_table *table(const struct fixture *f, const char *name, const char *alias)
{
	struct names_table *t = names_table_create(&f->agent);

	names_table_add(t, INDEX, NAMES_NAME, (const uint8_t *)name, strlen(name));
	names_table_add(t, INDEX, NAMES_ALIAS, (const uint8_t *)alias, strlen(alias));
	names_table_finish(t);
	return t;
}

/* A sample of the interface, with the name of its port if it is told. */
static void add(struct fixture *f, const char *told)
{
	const struct interface i = {.speed = 1000};
	struct wire w = {.len = 0};
	uint32_t start;

	add_interface(&w, &i);
	if (told) {
		start = wire_open(&w, SFLOW_TAG(0, 1005));
		wire_string(&w, told);
		wire_close(&w, start);
	}
	assert_true(fixture_add(f, &w, told ? 2 : 1));
	fixture_step(f, 10000);
	metric_store_settle(f->store);
}

struct found {
	const struct metric_name *name;
	unsigned count;
	char text[1100];
};

static bool look(void *ctx, const struct metric_source *src)
{
	struct found *found = ctx;
	struct metric_value v;

	if (!found->name || !metric_source_value(src, found->name, &v))
		return true;
	found->count++;
	snprintf(found->text, sizeof(found->text), "%s", v.text);
	return true;
}

/* What readers see; NULL: nothing. */
static void want(const struct fixture *f, const char *metric, const char *text)
{
	struct found found = {.name = metric_name_find(f->store, metric, strlen(metric))};

	assert_non_null(found.name);
	metric_each_source(f->store, NULL, look, &found);
	assert_int_equal(found.count, text != NULL);
	if (text)
		assert_string_equal(found.text, text);
}

static void want_both(const struct fixture *f, const char *name, const char *alias)
{
	want(f, "ifname", name);
	want(f, "ifalias", alias);
}

/* Records alone, as if there were no names. */
static void test_told(void **state)
{
	struct fixture f;

	fixture_open(&f, 4);
	add(&f, NULL);
	want_both(&f, NULL, NULL);
	add(&f, "swp1");
	want_both(&f, "swp1", NULL);
	assert_metric(&f, "ifname", "swp1");
	add(&f, "swp\n2\\");
	want_both(&f, "swp\\x0A2\\\\", NULL);
	add(&f, NULL);
	want_both(&f, "swp\\x0A2\\\\", NULL);
	assert_absent(&f, "ifname"); /* this sample did not set it */
	fixture_step(&f, 61000);
	add(&f, NULL); /* not told of for too long */
	want_both(&f, NULL, NULL);
	fixture_close(&f);
}

static void note(void *ctx, const struct metric_news *n)
{
	struct metric_news *found = ctx;

	if (strcmp(n->name, found->name) == 0)
		*found = *n;
}

static void want_news(const struct fixture *f, uint32_t since, const char *name, uint32_t before,
	bool changed, bool came)
{
	struct metric_news n = {.name = name};

	metric_source_news(f->store, metric_slot_source(f->store, 0), since, note, &n);
	assert_int_equal(n.sample, since + 1);
	assert_int_equal(n.before, before);
	assert_int_equal(n.changed, changed);
	assert_int_equal(n.came, came);
	assert_false(n.went);
}

static void want_gone(const struct fixture *f, uint32_t since, const char *name)
{
	struct metric_news n = {.name = name};

	metric_source_news(f->store, metric_slot_source(f->store, 0), since, note, &n);
	assert_int_equal(n.sample, since + 1);
	assert_true(n.went);
}

/* One that is asked for, and the same as the agent tells, stays when the agent tells it no more. */
static void test_same(void **state)
{
	struct names *n = names_create(MEMORY);
	struct fixture f;

	fixture_open(&f, 4);
	metric_store_names(f.store, n);
	add(&f, "told");
	add(&f, "told");
	names_set(n, table(&f, "told", ""));
	metric_store_rename(f.store, &f.agent);
	want_both(&f, "told", NULL);
	for (unsigned i = 0; i < 10; i++)
		add(&f, NULL);
	want_both(&f, "told", NULL);
	fixture_close(&f);
	names_destroy(n);
}

/* An alias outlives the name beside it that the agent tells no more. */
static void test_alias(void **state)
{
	struct names *n = names_create(MEMORY);
	struct fixture f;

	fixture_open(&f, 4);
	metric_store_names(f.store, n);
	names_set(n, table(&f, "", "alias"));
	add(&f, "told");
	add(&f, "told");
	want_both(&f, "told", "alias");
	for (unsigned i = 0; i < 10; i++)
		add(&f, NULL);
	want_both(&f, NULL, "alias");
	for (unsigned i = 0; i < 10; i++)
		add(&f, NULL);
	want_both(&f, NULL, "alias");
	add(&f, "again");
	want_both(&f, "again", "alias");
	fixture_close(&f);
	names_destroy(n);
}

/* What is said of names besides the names: which are new, and since when. */
static void test_news(void **state)
{
	struct names *n = names_create(MEMORY);
	struct fixture f;

	fixture_open(&f, 4);
	metric_store_names(f.store, n);
	names_set(n, table(&f, "a", ""));
	add(&f, NULL);
	want_news(&f, 0, "ifname", 0, true, true);
	names_set(n, table(&f, "a", "alias"));
	metric_store_rename(f.store, &f.agent);
	add(&f, NULL);
	want_news(&f, 1, "ifname", 1, false, false);
	want_news(&f, 1, "ifalias", 1, true, true);
	names_set(n, table(&f, "b", "alias"));
	metric_store_rename(f.store, &f.agent);
	add(&f, NULL);
	want_news(&f, 2, "ifname", 2, true, false);
	want_news(&f, 2, "ifalias", 2, false, false);
	names_set(n, table(&f, "", "alias"));
	metric_store_rename(f.store, &f.agent);
	add(&f, NULL);
	want_gone(&f, 3, "ifname");
	want_news(&f, 3, "ifalias", 3, false, false);
	names_set(n, table(&f, "", ""));
	metric_store_rename(f.store, &f.agent);
	add(&f, NULL);
	want_gone(&f, 4, "ifalias");
	fixture_close(&f);
	names_destroy(n);
}

/* From the first sample on, and for as long as the source is there. */
static void test_known(void **state)
{
	struct names *n = names_create(MEMORY);
	struct fixture f;

	fixture_open(&f, 4);
	metric_store_names(f.store, n);
	names_set(n, table(&f, "set", ""));
	add(&f, "told");
	want_both(&f, "set", NULL);
	assert_metric(&f, "ifname", "set");
	add(&f, "told");
	want_both(&f, "set", NULL);
	for (unsigned i = 0; i < 10; i++)
		add(&f, NULL);
	want_both(&f, "set", NULL);
	f.source = (struct sflow_source){2, INDEX};
	add(&f, NULL); /* no interface has that name: another class */
	want_both(&f, "set", NULL);
	fixture_close(&f);
	names_destroy(n);
}

/* Asked for later: told of with the next sample, and taken back. */
static void test_rename(void **state)
{
	struct names *n = names_create(MEMORY);
	struct fixture f;

	fixture_open(&f, 4);
	metric_store_names(f.store, n);
	metric_store_rename(f.store, &f.agent); /* nobody is there */
	add(&f, "told");
	names_put(n, table(&f, "", "uplink"));
	metric_store_rename(f.store, &f.agent);
	add(&f, "told");
	want_both(&f, "told", "uplink");
	names_put(n, table(&f, "asked", "uplink"));
	metric_store_rename(f.store, &f.agent);
	want_both(&f, "asked", "uplink");
	add(&f, "told");
	assert_metric(&f, "ifname", "asked");
	assert_metric(&f, "ifalias", "uplink");
	metric_store_rename(f.store, &f.agent); /* the same: not told of again */
	add(&f, NULL);
	assert_absent(&f, "ifname");
	names_remove(n, &f.agent);
	metric_store_rename(f.store, &f.agent);
	want_both(&f, NULL, NULL);
	add(&f, "told");
	want_both(&f, "told", NULL);
	fixture_close(&f);
	names_destroy(n);
}

static void test_long(void **state)
{
	struct names *n = names_create(MEMORY);
	char name[NAMES_NAME_MOST + 1] = "", alias[NAMES_ALIAS_MOST + 1] = "", text[1100] = "";
	struct fixture f;

	memset(name, 1, NAMES_NAME_MOST);
	memset(alias, 'a', NAMES_ALIAS_MOST);
	for (unsigned i = 0; i < NAMES_NAME_MOST; i++)
		strcat(text, "\\x01");
	fixture_open(&f, 4);
	metric_store_names(f.store, n);
	names_set(n, table(&f, name, alias));
	add(&f, NULL);
	want_both(&f, text, alias);
	fixture_close(&f);
	names_destroy(n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_told),
		cmocka_unit_test(test_news),
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_rename),
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_alias),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
