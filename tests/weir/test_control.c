/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../unit/window/core.h"
#include "control_pvt.h"
#include "options.h"
#include "specs.h"

/* What a list of changes makes of a set of definitions. */

struct bench {
	struct control_set set;
	struct flow_plan *plan;
	struct control_limits limits;
};

static void bench_open(struct bench *b)
{
	*b = (struct bench){.limits = {.cores = 1, .table_bytes = 1 << 30}};
	b->plan = plan_make(NULL, 0);
}

static void bench_close(struct bench *b)
{
	for (unsigned i = 0; i < b->set.count; i++)
		control_entry_free(b->set.entries[i]);
	flow_plan_free(b->plan);
}

static struct control_request put_request(const struct flow_spec *spec)
{
	return (struct control_request){.change = CONTROL_PUT,
		.entry = control_entry_create(spec, true),
		.name = (char *)(uintptr_t)spec->name};
}

static struct control_request remove_request(const char *name)
{
	return (struct control_request){.change = CONTROL_REMOVE, .name = (char *)(uintptr_t)name};
}

/* Settle, and take over what came out. */
static void settle(struct bench *b, struct control_request *list, unsigned count)
{
	struct control_set next, before = b->set;
	struct flow_plan *plan;

	for (unsigned i = 0; i + 1 < count; i++)
		list[i].next = &list[i + 1];
	plan = control_settle(&b->set, b->plan, &b->limits, list, &next);
	if (plan) {
		flow_plan_free(b->plan);
		b->plan = plan;
		b->set = next;
	}
	for (unsigned i = 0; i < before.count; i++) {
		if (!control_set_has(&b->set, before.entries[i]))
			control_entry_free(before.entries[i]);
	}
	for (unsigned i = 0; i < count; i++) {
		if (list[i].entry && !control_set_has(&b->set, list[i].entry))
			control_entry_free(list[i].entry);
	}
	assert_int_equal(b->plan->definition_count, b->set.count);
}

static void test_settle(void **state)
{
	const struct flow_spec a = named("a", "ipsource"), b = named("b", "ipdestination"),
			       a2 = named("a", "vlan");
	struct bench bench;

	bench_open(&bench);
	{
		struct control_request list[] = {put_request(&a), put_request(&b), put_request(&a2),
			remove_request("b"), remove_request("b")};

		settle(&bench, list, 5);
		for (unsigned i = 0; i < 4; i++)
			assert_int_equal(list[i].err, 0);
		assert_int_equal(list[4].err, -ENOENT);
		assert_string_equal(list[4].error.text, "there is no flow definition \"b\"");
	}
	assert_int_equal(bench.set.count, 1);
	assert_string_equal(bench.set.entries[0]->spec->keys, "vlan");
	{
		struct control_request list[] = {remove_request("a")};

		list[0].only = bench.set.entries[0]->id + 1; /* one that is gone already */
		settle(&bench, list, 1);
		assert_int_equal(list[0].err, -ENOENT);
		list[0] = remove_request("a");
		settle(&bench, list, 1);
		assert_int_equal(list[0].err, 0);
	}
	assert_int_equal(bench.set.count, 0);
	bench_close(&bench);
}

/* What goes since its ttl is over stays where somebody asks for it before it is gone. */
static void test_lease(void **state)
{
	struct flow_spec spec = named("a", "ipsource");
	struct bench bench;
	struct control_entry *e;

	spec.ttl = 60;
	bench_open(&bench);
	{
		struct control_request list[] = {put_request(&spec)};

		settle(&bench, list, 1);
		assert_int_equal(list[0].err, 0);
	}
	e = bench.set.entries[0];
	assert_false(control_entry_is_over(e));
	e->touched_ns = base_clock_mono_ns() + 1000000000; /* another thread is ahead */
	assert_false(control_entry_is_over(e));
	{
		struct control_request list[] = {remove_request("a")};

		list[0].only = e->id;
		settle(&bench, list, 1);
		assert_int_equal(list[0].err, -ECANCELED);
		e->touched_ns = base_clock_mono_ns() - UINT64_C(61000000000);
		assert_true(control_entry_is_over(e));
		settle(&bench, list, 1);
		assert_int_equal(list[0].err, 0);
	}
	assert_int_equal(bench.set.count, 0);
	bench_close(&bench);
}

/* Settle another configuration. @return 0 or -errno */
static int configure(struct bench *b, const char *text)
{
	struct options next = {.data = flow_data_create(NULL)}, now = {.data = NULL};
	struct control_request *r;
	struct conf_error e;
	int err;

	conf_init(&next.conf);
	conf_init(&now.conf);
	assert_int_equal(conf_parse(&next.conf, "f", text, strlen(text), &e), 0);
	r = control_request_configure(&next, &now, false);
	assert_non_null(r);
	settle(b, r, 1);
	for (unsigned i = 0; i < r->configured->set.count; i++) {
		if (control_set_has(&b->set, r->configured->set.entries[i]))
			r->configured->set.entries[i] = NULL;
	}
	err = r->err;
	control_request_free(r);
	flow_data_unref(next.data);
	conf_free(&next.conf);
	conf_free(&now.conf);
	return err;
}

/* What was put stays, and goes before the configuration; the file's order is kept. */
static void test_configure(void **state)
{
	const struct flow_spec b = named("b", "vlan"), z = named("z", "vlan");
	struct bench bench;

	bench_open(&bench);
	assert_int_equal(configure(&bench, "flows: [{name: a, keys: ipsource, value: bytes},"
					   " {name: b, keys: ipsource, value: bytes}]"),
		0);
	assert_int_equal(bench.set.count, 2);
	{
		struct control_request list[] = {put_request(&b), put_request(&z)};

		settle(&bench, list, 2);
	}
	assert_int_equal(configure(&bench, "flows: [{name: c, keys: ipsource, value: bytes},"
					   " {name: b, keys: ipsource, value: bytes}]"),
		0);
	assert_int_equal(bench.set.count, 3);
	assert_string_equal(bench.set.entries[0]->spec->name, "c");
	assert_string_equal(bench.set.entries[1]->spec->name, "b");
	assert_string_equal(bench.set.entries[1]->spec->keys, "vlan");
	assert_string_equal(bench.set.entries[2]->spec->name, "z");
	bench.limits.table_bytes = 1; /* less stays less; more is refused, and nothing changes */
	assert_int_equal(configure(&bench, ""), 0);
	assert_int_equal(bench.set.count, 2);
	assert_int_equal(
		configure(&bench, "flows: [{name: c, keys: ipsource, value: bytes}]"), -ENOSPC);
	assert_int_equal(bench.set.count, 2);
	bench_close(&bench);
}

/* A definition of a batch in which what it looks up goes is wrong, rather than one too many. */
static void test_lookup_gone(void **state)
{
	const struct flow_entry entry = {.label = "a", .value = "10.0.0.0/8"};
	struct flow_spec spec = named("where", "group:ipsource:sites");
	struct flow_lookup_error e;
	struct flow_lookup *l = flow_lookup_build(FLOW_GROUP, "sites", &entry, 1, &e);
	struct bench bench;

	bench_open(&bench);
	assert_non_null(l);
	{
		struct control_request list[] = {{.change = CONTROL_PUT_LOOKUP,
			.lookup = l,
			.name = (char *)(uintptr_t) "sites"}};

		settle(&bench, list, 1);
		assert_int_equal(list[0].err, 0);
	}
	{
		struct control_request list[] = {{.change = CONTROL_REMOVE_LOOKUP,
							 .kind = FLOW_GROUP,
							 .name = (char *)(uintptr_t) "sites"},
			put_request(&spec)};

		settle(&bench, list, 2);
		assert_int_equal(list[0].err, 0);
		assert_int_equal(list[1].err, -EINVAL);
		assert_non_null(strstr(list[1].error.text, "no group is called \"sites\""));
		assert_string_equal(list[1].error.in, "keys");
	}
	flow_lookup_unref(l);
	bench_close(&bench);
}

/* One too many for the plan, or for memory, is refused; those around it are not. */
static void test_limits(void **state)
{
	static char keys[FLOW_FIELDS][48], names[FLOW_FIELDS][16];
	struct flow_spec a = named("a", "ipsource"), big = named("big", "vlan"), last;
	struct bench bench;

	bench_open(&bench);
	bench.limits.table_bytes = 64 << 20;
	for (unsigned i = 0; i < FLOW_FIELDS / 2; i++) {
		snprintf(keys[i], sizeof(keys[i]), "prefix:ipsource:.:%u", i + 1);
		snprintf(names[i], sizeof(names[i]), "n%u", i);
	}
	for (unsigned i = 0; i < FLOW_FIELDS / 2; i++) {
		struct flow_spec spec = named(names[i], keys[i]);
		struct control_request list[] = {put_request(&spec)};

		settle(&bench, list, 1);
		if (list[0].err < 0)
			break; /* functions bring other fields along */
	}
	big.capacity = 1 << 24;
	last = named("last", "ipdestination");
	{
		struct control_request list[] = {
			put_request(&a), put_request(&big), put_request(&last)};

		settle(&bench, list, 3);
		assert_int_equal(list[0].err, 0);
		assert_int_equal(list[1].err, -ENOSPC);
		assert_non_null(
			strstr(list[1].error.text, "of 64 MB (limits.flows_mb) are in use"));
		assert_int_equal(list[2].err, 0);
	}
	assert_int_equal(control_set_find(&bench.set, "big"), -1);
	assert_true(control_set_find(&bench.set, "last") >= 0);
	bench_close(&bench);
}

/* Groups and maps count, too; those that were there before the limit was reached stay. */
static void test_lookup_memory(void **state)
{
	enum { VALUES = 20000 };
	static char texts[VALUES][24];
	struct flow_entry *entries = calloc(VALUES, sizeof(*entries));
	struct flow_lookup_error e;
	struct flow_lookup *l;
	struct bench bench;

	assert_non_null(entries);
	for (unsigned i = 0; i < VALUES; i++) {
		snprintf(texts[i], sizeof(texts[i]), "10.%u.%u.0/24", i / 256, i % 256);
		entries[i] = (struct flow_entry){.label = "a", .value = texts[i]};
	}
	l = flow_lookup_build(FLOW_GROUP, "sites", entries, VALUES, &e);
	assert_non_null(l);
	free(entries);
	bench_open(&bench);
	for (unsigned round = 0; round < 2; round++) {
		struct control_request list[] = {{.change = CONTROL_PUT_LOOKUP,
			.kind = FLOW_GROUP,
			.lookup = l,
			.name = (char *)(uintptr_t) "sites"}};

		bench.limits.table_bytes = round == 0 ? 100000 : 1 << 30;
		settle(&bench, list, 1);
		assert_int_equal(list[0].err, round == 0 ? -ENOSPC : 0);
		if (round == 0)
			assert_non_null(strstr(list[0].error.text, "(limits.flows_mb) are in use"));
	}
	flow_lookup_unref(l);
	bench_close(&bench);
}

static void test_fields(void **state)
{
	static char keys[FLOW_FIELDS + 1][64], names[FLOW_FIELDS + 1][16];
	struct bench bench;
	int err = 0;

	bench_open(&bench);
	for (unsigned i = 0; i <= FLOW_FIELDS && err == 0; i++) {
		struct flow_spec spec = named(names[i], keys[i]);
		struct control_request list[1];

		snprintf(keys[i], sizeof(keys[i]), "range:tcpsourceport:1:%u", i + 1);
		snprintf(names[i], sizeof(names[i]), "n%u", i);
		list[0] = put_request(&spec);
		settle(&bench, list, 1);
		err = list[0].err;
		if (err < 0 && !strstr(list[0].error.text,
				       "all definitions together use at most 128 different keys"))
			fail_msg("%u: %s", i, list[0].error.text);
	}
	assert_int_equal(err, -ENOSPC);
	assert_int_equal(bench.set.count, FLOW_FIELDS - 1); /* the port itself is the other one */
	bench_close(&bench);
}

static void test_number(void **state)
{
	static char names[FLOW_DEFINITIONS + 1][16];
	struct bench bench;

	bench_open(&bench);
	for (unsigned i = 0; i <= FLOW_DEFINITIONS; i++) {
		struct flow_spec spec = named(names[i], "ipsource");
		struct control_request list[1];

		snprintf(names[i], sizeof(names[i]), "n%u", i);
		list[0] = put_request(&spec);
		settle(&bench, list, 1);
		assert_int_equal(list[0].err, i < FLOW_DEFINITIONS ? 0 : -ENOSPC);
		if (i == FLOW_DEFINITIONS)
			assert_string_equal(list[0].error.text,
				"there are 256 definitions, and 256 are the most: remove others");
	}
	bench_close(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_settle),
		cmocka_unit_test(test_lease),
		cmocka_unit_test(test_configure),
		cmocka_unit_test(test_lookup_gone),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_lookup_memory),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
