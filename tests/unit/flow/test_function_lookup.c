/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "flow/data.h"
#include "flow/filter.h"
#include "rich_sample.h"

/* The functions group and map. */

static const struct flow_entry sites[] = {
	{"everywhere", "0.0.0.0/0"},
	{"lab", "10.0.0.0/8"},
	{"host one", "10.0.0.1"},
	{"agents", "192.0.2.0/24"},
};
static const struct flow_entry others[] = {
	{"odd", "10.0.0.1"},
	{"six", "2001:db8::/32"},
};
static const struct flow_entry ports[] = {
	{"web", "80"},
	{"web", "443"},
	{"\xC3\xA4", "1234"},
};
static const struct flow_entry macs[] = {
	{"router", "02:00:00:00:00:01"}, {"switch", "020000000002"}};
static const struct flow_entry hosts[] = {{"wiki", "w.org"}};
static const struct flow_entry addresses[] = {{"A", "10.0.0.1"}, {"B", "2001:db8::1"}};
static const struct flow_entry twice[] = {{"a", "80"}, {"b", "080"}};

static struct flow_data *data;

static void put(enum flow_lookup_kind kind, const char *name, const struct flow_entry *entries,
	size_t count)
{
	struct flow_lookup_error e;
	struct flow_lookup *l = flow_lookup_build(kind, name, entries, count, &e);

	assert_non_null(l);
	flow_data_put(data, l);
}

#define PUT(kind, name) put(kind, #name, name, sizeof(name) / sizeof(name[0]))

static int open_data(void **state)
{
	data = flow_data_create(NULL);
	PUT(FLOW_GROUP, sites);
	PUT(FLOW_GROUP, others);
	put(FLOW_GROUP, "none", NULL, 0);
	PUT(FLOW_MAP, ports);
	PUT(FLOW_MAP, macs);
	PUT(FLOW_MAP, hosts);
	PUT(FLOW_MAP, addresses);
	PUT(FLOW_MAP, twice);
	put(FLOW_MAP, "none", NULL, 0);
	return 0;
}

static int close_data(void **state)
{
	flow_data_unref(data);
	return 0;
}

static struct flow_plan *compile(const char *keys, const char *filter, struct flow_error *e)
{
	const struct flow_spec spec = {
		.name = "a", .keys = keys, .value = "frames", .filter = filter, .n = 1, .t = 2};

	return flow_compile(&spec, 1, data, e);
}

struct row {
	const char *key;
	const char *text; /* NULL: absent */
};

static void expect_row(const struct sampled *s, const struct row *row)
{
	struct flow_error e;
	struct flow_plan *plan = compile(row->key, NULL, &e);
	uint8_t key[FLOW_KEY_BYTES];
	struct flow_fields fields;
	char text[2048];
	struct base_text t = base_text(text, sizeof(text));
	int len;

	if (!plan)
		fail_msg("%s: %s", row->key, e.text);
	flow_extract(plan, &s->agent, &s->sample, &s->flow, &fields);
	len = flow_key_build(&plan->definitions[0], plan, &fields, key);
	if ((len >= 0) != !!row->text)
		fail_msg("%s is %s", row->key, len < 0 ? "absent" : "there");
	if (len >= 0)
		flow_key_print(plan, &plan->definitions[0], key, (unsigned)len, &t);
	if (len >= 0)
		assert_string_equal(text, row->text);
	flow_plan_free(plan);
}

static void test_rows(void **state)
{
	static const struct row rows[] = {
		{"group:ipsource:sites", "host one"},
		{"group:ipdestination:sites", "lab"},
		{"group:agent:sites", "agents"},
		{"group:ipsource:others:sites", "odd"},
		{"group:ipdestination:others:sites", "lab"},
		{"group:ipdestination:none:others:none:sites:none", "lab"},
		{"group:ipdestination:others", NULL},
		{"group:ipdestination:none", NULL},
		{"group:ip6source:sites", NULL},
		{"null:[group:ipdestination:others]:else", "else"},
		{"group:[mask:ipsource:8]:sites", "lab"},
		{"group:[or:ip6source:ipsource]:sites", "host one"},
		{"concat:-:[group:ipsource:sites]:[group:ipdestination:sites]", "host one-lab"},
		{"group:ipsource:sites,group:ipdestination:sites", "host one,lab"},
		{"map:tcpdestinationport:ports", "web"},
		{"map:tcpsourceport:ports", "\\xC3\\xA4"},
		{"map:ipprotocol:none", NULL},
		{"map:udpsourceport:ports", NULL},
		{"map:macsource:macs", "router"},
		{"map:macdestination:macs", "switch"},
		{"map:httphost:hosts", "wiki"},
		{"map:[prefix:httphost:nothing:1]:hosts", "wiki"},
		{"map:[suffix:httphost:.:1]:hosts", NULL},
		{"map:[group:ipsource:sites]:hosts", NULL},
		{"map:[or:ip6source:ipsource]:addresses", "A"},
		{"map:ipsource:none", NULL},
		{NULL},
	};
	struct sampled s;

	rich_open(&s, "/");
	for (const struct row *row = rows; row->key; row++)
		expect_row(&s, row);
	sampled_close(&s);
}

static void expect_filter(const struct sampled *s, const char *filter, bool accepts)
{
	struct flow_error e;
	struct flow_plan *plan = compile("", filter, &e);
	struct flow_scratch scratch;
	struct flow_fields fields;

	if (!plan)
		fail_msg("%s: %s", filter, e.text);
	assert_int_equal(flow_scratch_init(&scratch), 0);
	flow_extract(plan, &s->agent, &s->sample, &s->flow, &fields);
	flow_scratch_sample(&scratch);
	if (flow_filter_accepts(plan->definitions[0].filter, plan, fields.value, &scratch) !=
		accepts)
		fail_msg("%s is not %d", filter, accepts);
	flow_scratch_fini(&scratch);
	flow_plan_free(plan);
}

static void test_filters(void **state)
{
	struct sampled s;

	rich_open(&s, "/");
	expect_filter(&s, "group:ipsource:sites=\"host one\"", true);
	expect_filter(&s, "group:ipsource:sites=lab", false);
	expect_filter(&s, "group:ipsource:sites!=lab", true);
	expect_filter(&s, "group:ipdestination:sites=x,lab", true);
	expect_filter(&s, "group:ipdestination:others=null", true);
	expect_filter(&s, "group:ipdestination:others!=null", false);
	expect_filter(&s, "group:ipsource:sites~host.*", true);
	expect_filter(&s, "map:tcpdestinationport:ports=web", true);
	expect_filter(&s, "map:tcpsourceport:ports=\xC3\xA4", true);   /* as it is written */
	expect_filter(&s, "map:tcpsourceport:ports=\\xC3\\xA4", true); /* and as it is printed */
	expect_filter(&s, "map:tcpsourceport:ports=web", false);
	sampled_close(&s);
}

static void expect_error(const char *keys, unsigned offset, const char *text)
{
	struct flow_error e;

	if (compile(keys, NULL, &e))
		fail_msg("%s is compiled", keys);
	assert_string_equal(e.text, text);
	assert_int_equal(e.in, FLOW_ERROR_KEYS);
	assert_int_equal(e.offset, offset);
}

static void test_errors(void **state)
{
	static const struct flow_spec spec = {
		.name = "a", .keys = "group:ipsource:sites", .value = "bytes", .n = 1};
	struct flow_error e;

	expect_error(
		"group:ipsource:site", 15, "no group is called \"site\"; did you mean \"sites\"?");
	expect_error("group:ipsource:sites:zzzzzz", 21,
		"no group is called \"zzzzzz\"; the first of those there are is \"none\"");
	expect_error("map:vlan:port", 9, "no map is called \"port\"; did you mean \"ports\"?");
	expect_error("group:ipsource:ports", 15,
		"no group is called \"ports\"; the first of those there are is \"none\"");
	expect_error("group:vlan:sites", 6, "group takes an IP address; this key is none");
	expect_error("group:ipsource", 0, "\"group\" is a function; write group:KEY:GROUP:...");
	expect_error("map:vlan:ports:x", 15, "\"map\" has too many arguments; write map:KEY:MAP");
	expect_error("map:vlan:macs", 9,
		"map \"macs\": \"02:00:00:00:00:01\" is never a value of this key; write a number "
		"from 0 to 65535");
	expect_error("map:vlan:twice", 9, "map \"twice\": \"080\" is under both \"a\" and \"b\"");
	assert_null(flow_compile(&spec, 1, NULL, &e));
	assert_string_equal(e.text, "no group is called \"sites\"; there are no groups");
}

/* A plan keeps what it looks up, whatever becomes of the set. */
static void test_life(void **state)
{
	struct flow_data *own = flow_data_create(data);
	const struct flow_spec spec = {
		.name = "a", .keys = "group:ipsource:sites", .value = "bytes", .n = 1, .t = 2};
	struct flow_error e;
	struct flow_plan *plan = flow_compile(&spec, 1, own, &e);
	struct flow_fields fields;
	struct sampled s;

	assert_non_null(plan);
	flow_data_unref(own);
	rich_open(&s, "/");
	flow_extract(plan, &s.agent, &s.sample, &s.flow, &fields);
	assert_memory_equal(fields.value[plan->definitions[0].keys[0]].p, "host one", 8);
	sampled_close(&s);
	flow_plan_free(plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_filters),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_life),
	};

	return cmocka_run_group_tests(tests, open_data, close_data);
}
