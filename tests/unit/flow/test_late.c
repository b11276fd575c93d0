/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "rich_sample.h"

/* Functions that are applied at merge: the raw key of tables, and the key that is made of it. */

struct row {
	const char *keys;
	const char *text; /* NULL: absent */
};

static const char *source_name; /* of 10.0.0.1; NULL: not known */

static bool find(void *ctx, const struct base_addr *addr, struct base_text *name)
{
	char text[BASE_ADDR_TEXT];

	base_addr_print(addr, text);
	if (strcmp(text, "10.0.0.1") == 0 && source_name)
		base_text_printf(name, "%s", source_name);
	else if (strcmp(text, "10.0.0.2") == 0)
		base_text_printf(name, "www.example.com.");
	else
		return false;
	return true;
}

/* 020000000001 is a host that says two things. */
static bool host(
	void *ctx, const uint8_t *mac, const char *attribute, size_t len, struct base_text *text)
{
	static const uint8_t known[6] = {2, 0, 0, 0, 0, 1};

	if (memcmp(mac, known, 6) != 0)
		return false;
	if (len == 9 && memcmp(attribute, "host_name", len) == 0)
		base_text_printf(text, "web-01");
	else if (len == 7 && memcmp(attribute, "cpu_num", len) == 0)
		base_text_printf(text, "8");
	return text->len > 0;
}

static const struct flow_names names = {.find = find, .host = host};

static void expect_rows(const char *name, const struct row *rows)
{
	struct sampled s;

	source_name = name;
	sampled_names = &names;
	rich_open(&s, "/metrics/json");
	for (; rows->keys; rows++)
		expect_key(&s, rows->keys, rows->text);
	sampled_close(&s);
	sampled_names = NULL;
}

static void test_names(void **state)
{
	static const struct row rows[] = {
		{"dns:ipsource", "db.example.net."},
		{"ipsource,dns:ipsource,dns:ipdestination",
			"10.0.0.1,db.example.net.,www.example.com."},
		{"dns:ipdestination,vlan,dns:ipsource", "www.example.com.,10,db.example.net."},
		{"suffix:[dns:ipsource]:.:2", "net."},
		{"suffix:[dns:ipsource]:.:3", "example.net."},
		{"prefix:[dns:ipdestination]:.:1", "www"},
		{"first:[dns:ipsource]:.:com:net", "net"},
		{"first:[dns:ipsource]:.:com:org", NULL},
		{"concat:_:[dns:ipsource]:stack:[dns:ipdestination]",
			"db.example.net._eth.ip.tcp_www.example.com."},
		{"if:ipprotocol:6:[dns:ipsource]:[dns:ipdestination]", "db.example.net."},
		{"if:[suffix:[dns:ipsource]:.:2]:net.:inputifindex:outputifindex", "3"},
		{"eq:[dns:ipsource]:[dns:ipdestination]", "false"},
		{"dns:[or:ip6source:ipsource]", "db.example.net."},
		{"dns:[mask:ipsource:8]", "10.0.0.0"},
		{NULL},
	};

	expect_rows("db.example.net.", rows);
}

/* Where nobody knows the host, or that of it, there is no key; null: keeps the samples. */
static void test_hosts(void **state)
{
	static const struct row rows[] = {
		{"host:macsource:host_name", "web-01"},
		{"host:macsource:cpu_num,vlan", "8,10"},
		{"host:macsource:os_name", NULL},
		{"host:macdestination:host_name", NULL},
		{"null:[host:macdestination:host_name]:unknown", "unknown"},
		{"or:[host:macdestination:host_name]:macdestination", "020000000002"},
		{"or:[host:macsource:host_name]:macsource", "web-01"},
		{"prefix:[host:macsource:host_name]:-:1", "web"},
		{"host:macsource.1:host_name", NULL},
		{"host:[or:macsource.1:macsource]:host_name,dns:ipdestination",
			"web-01,www.example.com."},
		{NULL},
	};
	static const struct row without[] = {
		{"host:macsource:host_name", NULL},
		{"null:[host:macsource:host_name]", "null"},
		{NULL},
	};
	struct sampled s;

	expect_rows("db.example.net.", rows);
	rich_open(&s, "/");
	for (const struct row *row = without; row->keys; row++)
		expect_key(&s, row->keys, row->text);
	sampled_close(&s);
}

/* An address stands in for a name that is not known, and stays whole where pieces are taken. */
static void test_stand_ins(void **state)
{
	static const struct row rows[] = {
		{"dns:ipsource", "10.0.0.1"},
		{"dns:ipsource,dns:ipdestination", "10.0.0.1,www.example.com."},
		{"suffix:[dns:ipsource]:.:2", "10.0.0.1"},
		{"prefix:[dns:ipsource]:.:1", "10.0.0.1"},
		{"prefix:[suffix:[dns:ipsource]:.:2]:.:1", "10.0.0.1"},
		{"suffix:[or:[dns:ip6source]:[dns:ipsource]]:.:2", "10.0.0.1"},
		{"suffix:[null:[dns:ipsource]:x]:.:2", "10.0.0.1"},
		{"suffix:[if:vlan:10:[dns:ipsource]:[dns:ipdestination]]:.:2", "10.0.0.1"},
		{"suffix:[if:vlan:11:[dns:ipsource]:[dns:ipdestination]]:.:2", "com."},
		{"concat:_:[dns:ipsource]:[dns:ipdestination]", "10.0.0.1_www.example.com."},
		{"suffix:ipsource:.:2", "0.1"},
		{NULL},
	};

	expect_rows(NULL, rows);
	expect_rows("", rows);
}

/* A part that is absent leaves no key, where no function has a say in it. */
static void test_absent(void **state)
{
	static const struct row rows[] = {
		{"dns:ip6source", NULL},
		{"dns:ipsource,ip6source", NULL},
		{"null:[dns:ip6source]:none", "none"},
		{"null:[dns:ip6source]:none,dns:ip6source", NULL},
		{"null:[dns:ipsource]:none", "db."},
		{"or:[dns:ip6source]:[dns:ipsource]", "db."},
		{"or:[dns:ip6source]:[dns:ip6destination]", NULL},
		{"or:[dns:ip6source]:ipsource", "10.0.0.1"},
		{"if:ip6source:\\:\\:1:[dns:ipsource]:[dns:ipsource]", NULL},
		{"null:[concat:-:[dns:ipsource]:ip6source]:x", "x"},
		{"concat:-:[dns:ipsource]:[null:ip6source:x]", "db.-x"},
		{NULL},
	};

	expect_rows("db.", rows);
}

/* Names too long for a key: the addresses stand in. */
static void test_long(void **state)
{
	char name[255];
	struct row rows[] = {
		{"dns:ipsource,ipdestination", NULL},
		{"dns:ipsource,dns:ipdestination", "10.0.0.1,10.0.0.2"},
		{"suffix:[dns:ipsource]:.:2,dns:ipdestination", "10.0.0.1,10.0.0.2"},
		{NULL},
	};
	char text[300];

	memset(name, 'a', 249);
	strcpy(name + 249, ".");
	snprintf(text, sizeof(text), "%s,10.0.0.2", name);
	rows[0].text = text;
	expect_rows(name, rows);
}

static struct flow_plan *compile(const char *keys, const char *filter, struct flow_error *e)
{
	const struct flow_spec spec = {.name = "a",
		.keys = keys,
		.filter = filter,
		.value = "bytes",
		.n = 1,
		.t = 1,
		.capacity = 16};

	return flow_compile(&spec, 1, NULL, e);
}

/* Tables hold what the functions are made of, each once, as short as it is. */
static void test_raw_key(void **state)
{
	static const struct {
		const char *keys;
		unsigned parts, width;
	} rows[] = {
		{"dns:ipsource", 1, 4},
		{"dns:ipsource,ipsource", 1, 4},
		{"concat:-:[dns:ipsource]:[dns:ipdestination]:vlan,dns:ipsource", 3, 10},
		{"suffix:[dns:ipsource]:.:2,stack", 2, 0},
		{"dns:[mask:ip6source:64]", 1, 16},
		{"null:[dns:ipsource]:x", 1, 0},
		{"null:[dns:ipsource]:x,dns:ipsource", 1, 4},
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct flow_error e;
		struct flow_plan *plan = compile(rows[i].keys, NULL, &e);

		assert_non_null(plan);
		assert_non_null(plan->definitions[0].late);
		assert_int_equal(plan->definitions[0].key_count, rows[i].parts);
		assert_int_equal(plan->definitions[0].width, rows[i].width);
		flow_plan_free(plan);
	}
}

/* RX cores do not know of them. */
static void test_not_per_sample(void **state)
{
	struct sampled s;
	struct flow_error e;
	struct flow_plan *plan = compile("suffix:[dns:ipsource]:.:2", NULL, &e);
	static struct flow_fields fields; /* what nobody reads is not written */
	uint8_t key[FLOW_KEY_BYTES];

	assert_non_null(plan);
	rich_open(&s, "/");
	flow_extract(plan, &s.agent, &s.sample, &s.flow, &fields);
	for (unsigned i = 0; i < plan->field_count; i++) {
		if (plan->fields[i].source == FLOW_LATE)
			assert_null(fields.value[i].p);
	}
	assert_int_equal(flow_key_build(&plan->definitions[0], plan, &fields, key), 4);
	sampled_close(&s);
	flow_plan_free(plan);
	plan = compile("prefix:stack:.:2", NULL, &e);
	assert_null(plan->definitions[0].late);
	flow_plan_free(plan);
}

static void expect_error(
	const char *keys, const char *filter, int in, unsigned offset, const char *text)
{
	struct flow_error e;

	assert_null(compile(keys, filter, &e));
	assert_string_equal(e.text, text);
	assert_int_equal(e.in, in);
	assert_int_equal(e.offset, offset);
}

static void test_errors(void **state)
{
	char keys[1000] = "";

	expect_error("vlan", "vlan=1&dns:ipsource=a", FLOW_ERROR_FILTER, 7,
		"\"dns\" is applied to keys when windows are merged; a filter is read from each "
		"sample before that");
	expect_error("dns:ipsource", "[suffix:[dns:ipsource]:.:2]=a", FLOW_ERROR_FILTER, 9,
		"\"dns\" is applied to keys when windows are merged; a filter is read from each "
		"sample before that");
	for (unsigned i = 0; i < 4; i++)
		sprintf(keys + strlen(keys),
			"concat:-:[dns:ipsource.%u]:[dns:ipdestination.%u]:[dns:ip6source.%u]:"
			"[dns:ip6destination.%u],",
			i, i, i, i);
	strcat(keys, "vlan");
	expect_error(keys, NULL, FLOW_ERROR_KEYS, 0,
		"functions that are applied at merge, and the other keys, are made of more than 16 "
		"keys");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_hosts),
		cmocka_unit_test(test_stand_ins),
		cmocka_unit_test(test_absent),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_raw_key),
		cmocka_unit_test(test_not_per_sample),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
