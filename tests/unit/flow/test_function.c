/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "flow/function.h"
#include "rich_sample.h"

struct row {
	const char *key;
	const char *text; /* NULL: absent */
};

static void expect_rows(const struct sampled *s, const struct row *rows)
{
	for (; rows->key; rows++)
		expect_key(s, rows->key, rows->text);
}

static void expect_rich(const struct row *rows)
{
	struct sampled s;

	rich_open(&s, "/metrics/json");
	expect_rows(&s, rows);
	sampled_close(&s);
}

static void test_prefix(void **state)
{
	static const struct row rows[] = {
		{"stack", "eth.ip.tcp"},
		{"prefix:stack:.:1", "eth"},
		{"prefix:stack:.:2", "eth.ip"},
		{"prefix:stack:.:3", "eth.ip.tcp"},
		{"prefix:stack:.:255", "eth.ip.tcp"},
		{"prefix:stack:ip:1", "eth."},
		{"prefix:stack:nothing:1", "eth.ip.tcp"},
		{"prefix:httpurl:/:1", ""},
		{"prefix:httpurl:/:2", "/metrics"},
		{"prefix:ipsource:.:2", "10.0"},
		{"prefix:tcpflags:1:1", "0000"},
		{"prefix:ip6source:\\::2", NULL},
		{"prefix:[concat:\\::ipsource:vlan]:\\::1", "10.0.0.1"},
		{"prefix:httpuseragent:\\\\:1", NULL},
		{NULL},
	};

	expect_rich(rows);
}

static void test_suffix(void **state)
{
	static const struct row rows[] = {
		{"suffix:stack:.:1", "tcp"},
		{"suffix:stack:.:2", "ip.tcp"},
		{"suffix:stack:.:3", "eth.ip.tcp"},
		{"suffix:stack:.:4", "eth.ip.tcp"},
		{"suffix:[concat:.:stack:vlan.1]:.:2", NULL},
		{"suffix:[null:ip6source:inmon.com.]:.:1", ""},
		{"suffix:[null:ip6source:inmon.com.]:.:2", "com."},
		{"suffix:[null:ip6source:inmon.com.]:.:3", "inmon.com."},
		{"suffix:[null:ip6source:aaa]:aa:1", "a"},
		{"suffix:ip6source:.:1", NULL},
		{NULL},
	};

	expect_rich(rows);
}

static void test_first(void **state)
{
	static const struct row rows[] = {
		{"first:stack:.:ip:ip6", "ip"},
		{"first:stack:.:ip6:tcp:ip", "ip"}, /* in the order of the key, not of the list */
		{"first:stack:.:udp:icmp", NULL},
		{"first:httpurl:/:", ""},
		{"first:ipsource:.:0:10", "10"},
		{"first:ip6source:.:0", NULL},
		{NULL},
	};

	expect_rich(rows);
}

static void test_concat(void **state)
{
	static const struct row rows[] = {
		{"concat:-:vlan:ipprotocol", "10-6"},
		{"concat::vlan:ipprotocol:macsource", "106020000000001"},
		{"concat:\\::ipsource:tcpsourceport", "10.0.0.1:1234"},
		{"concat:-:vlan", "10"},
		{"concat:-:vlan:ip6source", NULL},
		{"concat: and :[prefix:stack:.:1]:httphost", "eth and w.org"},
		{"concat:\\\\:vlan:vlan", "10\\\\10"}, /* printed as a backslash is */
		{"concat:-:httpreferer:vlan", "a\\\\b\\x0A-10"},
		{NULL},
	};

	expect_rich(rows);
}

static void test_mask(void **state)
{
	static const struct row rows[] = {
		{"mask:ipsource:0", "0.0.0.0"},
		{"mask:ipsource:7", "10.0.0.0"},
		{"mask:ipsource:6", "8.0.0.0"},
		{"mask:ipdestination:30", "10.0.0.0"},
		{"mask:ipdestination:31", "10.0.0.2"},
		{"mask:ipdestination:32", "10.0.0.2"},
		{"mask:agent:25", "192.0.2.0"},
		{"mask:agent:128", "192.0.2.10"},
		{"mask:ip6source:64", NULL},
		{"mask:[or:ip6source:ipsource]:8", "10.0.0.0"},
		{"mask:[mask:agent:24]:16", "192.0.0.0"},
		{NULL},
	};

	expect_rich(rows);
}

static void test_range(void **state)
{
	static const struct row rows[] = {
		{"range:vlan:10", "true"},
		{"range:vlan:11", "false"},
		{"range:vlan:0:9", "false"},
		{"range:vlan:0:10", "true"},
		{"range:vlan:10:10", "true"},
		{"range:icmptype:0", NULL},
		{"range:inputifindex:3:3", "true"},
		{"range:httpmimetype:40:45", "true"}, /* a text of digits */
		{"range:httphost:0", NULL},           /* no number */
		{"range:tcpflags:18:18", "true"},
		{"range:vlan:18446744073709551615", "false"},
		{NULL},
	};
	struct sampled s;

	expect_rich(rows);
	sampled_open(&s);
	s.wanted.input = (struct sflow_interface){.format = 1, .value = 3};
	sampled_read(&s);
	expect_key(&s, "range:inputifindex:0", NULL); /* discard is no number */
	sampled_close(&s);
}

static void test_null(void **state)
{
	static const struct row rows[] = {
		{"null:vlan", "10"},
		{"null:ip6source", "null"},
		{"null:ip6source:", ""},
		{"null:ip6source:none", "none"},
		{"null:[or:ip6source:ip6destination]:none", "none"},
		{"null:[or:ip6source:ipsource]:none", "10.0.0.1"},
		{"null:httphost:none", "w.org"},
		{"null:url:a\\:b\\\\c", "a:b\\\\c"},
		{"null:vlan.1:a\\,b", "a,b"},
		{"null:httpuseragent:x", "x"},
		{NULL},
	};

	expect_rich(rows);
}

static void test_or(void **state)
{
	static const struct row rows[] = {
		{"or:ipsource:ip6source", "10.0.0.1"},
		{"or:ip6source:ipsource", "10.0.0.1"},
		{"or:ip6source:ip6destination", NULL},
		{"or:udpsourceport:tcpsourceport:sctpsourceport", "1234"},
		{"or:icmptype:ipprotocol:tcpsourceport", "6"},
		{"or:vlan.1:httphost", "w.org"},
		{"or:ip6dscpname:ipdscpname", "be(0)"},
		{"or:iptos:ipflags", "00000000"},
		{"or:icmptype:url:httphost:vlan", "w.org"},
		{"or:macsource.1:macsource", "020000000001"},
		{NULL},
	};

	expect_rich(rows);
}

static void test_eq(void **state)
{
	static const struct row rows[] = {
		{"eq:bgpsourceas:bgpas", "false"},
		{"eq:bgpas:bgplocalpref", "true"},
		{"eq:vlan:ipprotocol", "false"},
		{"eq:vlan:vlan", "true"},
		{"eq:ipsource:agent", "false"},
		{"eq:ipsource:[or:ip6source:ipsource]", "true"},
		{"eq:ipsource:ip6source", NULL},
		{"eq:vlan.1:vlan.2", NULL},
		{"eq:vlan:[null:vlan]", "true"}, /* a number and its text */
		{"eq:[null:ip6source:w.org]:httphost", "true"},
		{"eq:[range:vlan:0]:[range:vlan:5]", "true"},
		{"eq:stack:httphost", "false"},
		{NULL},
	};

	expect_rich(rows);
}

static void test_if(void **state)
{
	static const struct row rows[] = {
		{"if:[first:stack:.:ip:ip6]:ip:ipsource:ip6source", "10.0.0.1"},
		{"if:[first:stack:.:ip:ip6]:ip6:ip6source:ipdestination", "10.0.0.2"},
		{"if:stack:eth.ip.tcp:ip6source:ipsource", NULL},
		{"if:vlan:10:ipsource:ipdestination", "10.0.0.1"},
		{"if:vlan:010:ipsource:ipdestination", "10.0.0.1"},
		{"if:vlan:11:ipsource:ipdestination", "10.0.0.2"},
		{"if:ipsource:10.0.0.1:vlan:ipprotocol", "10"},
		{"if:macsource:02-00-00-00-00-01:vlan:macsource", "10"},
		{"if:direction:ingress:vlan:ipprotocol", "10"},
		{"if:vlan.1:10:vlan:vlan", NULL},
		{"if:ipprotocol:6:[null:url:u]:vlan", "u"},
		{NULL},
	};

	expect_rich(rows);
}

static void test_bits(void **state)
{
	static const struct row rows[] = {
		{"bits:tcpflags:2", "2"},
		{"bits:tcpflags:16", "16"},
		{"bits:tcpflags:1", "0"},
		{"bits:vlan:255", "10"},
		{"bits:httpmimetype:34", "34"},
		{"bits:httphost:1", NULL},
		{"bits:udpsourceport:1", NULL},
		{"bits:bgpas:18446744073709551615", "65000"},
		{NULL},
	};

	expect_rich(rows);
}

/* Several keys, nested functions, blanks, brackets around a plain key. */
static void test_grammar(void **state)
{
	static const struct row rows[] = {
		{"vlan, prefix:stack:.:1 ,ipprotocol", "10,eth,6"},
		{"[vlan]", "10"},
		{"[[vlan]],[prefix:[stack]:.:1]", "10,eth"},
		{"prefix : stack :.:1", "eth"},
		{"[concat:,:vlan:ipprotocol]", "10,6"},
		{"concat:\\,:vlan:ipprotocol,vlan", "10,6,10"},
		{"[[[[[[[[[[[[[[[[vlan]]]]]]]]]]]]]]]]", "10"},
		{"null:[null:[null:[null:icmptype:a]:b]:c]:d", "a"},
		{NULL},
	};

	expect_rich(rows);
}

static void expect_error(const char *keys, unsigned offset, const char *text)
{
	const struct flow_spec spec = {.name = "a", .keys = keys, .value = "bytes", .n = 1};
	struct flow_error e;

	if (flow_compile(&spec, 1, NULL, &e))
		fail_msg("%s is compiled", keys);
	assert_string_equal(e.text, text);
	assert_int_equal(e.in, FLOW_ERROR_KEYS);
	assert_int_equal(e.offset, offset);
}

static void test_errors(void **state)
{
	expect_error(
		"prefx:stack:.:1", 0, "no function is called \"prefx\"; did you mean \"prefix\"?");
	expect_error(
		"zzzzzz:stack", 0, "no function is called \"zzzzzz\"; docs/keys.rst lists them");
	expect_error("prefix", 0, "\"prefix\" is a function; write prefix:KEY:DELIMITER:N");
	expect_error(
		"vlan,prefix:stack", 5, "\"prefix\" is a function; write prefix:KEY:DELIMITER:N");
	expect_error("range:vlan", 0, "\"range\" is a function; write range:KEY:LOW[:HIGH]");
	expect_error(
		"mask:ipsource:8:9", 16, "\"mask\" has too many arguments; write mask:KEY:BITS");
	expect_error("or:a", 0, "\"or\" is a function; write or:KEY:KEY:...");
	expect_error("or:vlan:vlam", 8, "no key is called \"vlam\"; did you mean \"vlan\"?");
	expect_error("or:vlan:", 8, "a key is missing here");
	expect_error(
		"prefix:stack:.:0", 15, "\"0\" does not fit here; write a number from 1 to 255");
	expect_error("prefix:stack:.:256", 15,
		"\"256\" does not fit here; write a number from 1 to 255");
	expect_error("prefix:stack::1", 13, "the delimiter is missing here");
	expect_error("range:vlan:-1", 11, "\"-1\" does not fit here; write a number");
	expect_error("range:vlan:18446744073709551616", 11,
		"\"18446744073709551616\" does not fit here; write a number");
	expect_error("range:vlan:5:4", 13, "the end of the range is before its start");
	expect_error("range:ipsource:5", 6, "range takes a number; this key is none");
	expect_error("bits:macsource:5", 5, "bits takes a number; this key is none");
	expect_error("mask:vlan:5", 5, "mask takes an IP address; this key is none");
	expect_error("mask:ipsource:33", 14, "this address has at most 32 bits");
	expect_error("mask:ip6source:129", 15, "this address has at most 128 bits");
	expect_error("if:vlan:x:vlan:vlan", 8,
		"\"x\" is never a value of this key; write a number from 0 to 65535");
	expect_error("prefix:[stack:.:1", 7, "no ] closes this [; a [ that is text is written \\[");
	expect_error("vlan]", 4, "no [ opens what this ] closes; a ] that is text is written \\]");
	expect_error("null:vlan:[stack]", 10,
		"here is a text, not a function; a [ that is text is written \\[");
	expect_error(
		"null:[host:macsource]:x", 6, "\"host\" is a function; write host:KEY:ATTRIBUTE");
	expect_error("host:ipsource:host_name", 5, "host takes a MAC address; this key is none");
	expect_error("host:macsource:Host Name", 15,
		"here is the name of a metric, such as host_name, os_name or uuid");
	expect_error("dns:vlan", 4, "dns takes an IP address; this key is none");
	expect_error("dns:[dns:ipsource]", 4, "dns takes an IP address; this key is none");
	expect_error("dns", 0, "\"dns\" is a function; write dns:KEY");
}

/* Deep brackets are refused, not followed. */
static void test_deep(void **state)
{
	char keys[4000] = "";

	for (unsigned i = 0; i < FLOW_DEPTH + 1; i++)
		strcat(keys, "[");
	strcat(keys, "vlan");
	for (unsigned i = 0; i < FLOW_DEPTH + 1; i++)
		strcat(keys, "]");
	expect_error(
		keys, FLOW_DEPTH, "functions are nested too deep here; 16 levels are possible");
}

static void test_too_long(void **state)
{
	static char keys[FLOW_TEXT_MAX + 100];

	strcpy(keys, "null:vlan:");
	memset(keys + strlen(keys), 'x', 256);
	expect_error(keys, 10, "this text has 256 bytes; at most 255 are possible");
	memset(keys, ' ', sizeof(keys) - 1);
	expect_error(keys, FLOW_TEXT_MAX, "longer than 8192 bytes, which is the most");
}

/* A result is no longer than a text that fits a key. */
static void test_long_result(void **state)
{
	struct sampled s;
	char keys[1000], text[2048];

	rich_open(&s, "/");
	snprintf(keys, sizeof(keys), "concat:%0100d:vlan:vlan:vlan:vlan", 0);
	assert_true(sampled_key(&s, keys, text, sizeof(text)));
	assert_int_equal(strlen(text), 254);
	sampled_close(&s);
}

/* Equal functions are one field; others are fields of their own. */
static void test_shared(void **state)
{
	const struct flow_spec specs[] = {
		{.name = "a", .keys = "prefix:stack:.:1,[prefix:[stack]:.:1]", .value = "bytes"},
		{.name = "b",
			.keys = "prefix:stack:.:2",
			.value = "bytes",
			.filter = "prefix:stack:.:1=eth&stack=x"},
	};
	struct flow_error e;
	struct flow_plan *plan = flow_compile(specs, 2, NULL, &e);

	assert_non_null(plan);
	assert_int_equal(plan->field_count, 3); /* stack, and two prefixes */
	assert_int_equal(plan->definitions[0].keys[0], plan->definitions[0].keys[1]);
	flow_plan_free(plan);
}

/* Rows: in order of their names, whole, or not there yet. */
static void test_table(void **state)
{
	for (unsigned i = 0; i < flow_functions_count; i++) {
		const struct flow_function *f = &flow_functions[i];

		assert_true(i == 0 || strcmp(flow_functions[i - 1].name, f->name) < 0);
		assert_ptr_equal(flow_function_find(f->name, strlen(f->name)), f);
		if (!f->help)
			continue;
		assert_true(f->prepare && f->result);
		assert_int_equal((f->get != NULL) + flow_function_is_late(f) + f->custom, 1);
		assert_true(f->least <= f->argument_count || f->most > f->argument_count);
		assert_true(f->least > 0 && f->least <= f->most && f->most <= 16);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_prefix),
		cmocka_unit_test(test_suffix),
		cmocka_unit_test(test_first),
		cmocka_unit_test(test_concat),
		cmocka_unit_test(test_mask),
		cmocka_unit_test(test_range),
		cmocka_unit_test(test_null),
		cmocka_unit_test(test_or),
		cmocka_unit_test(test_eq),
		cmocka_unit_test(test_if),
		cmocka_unit_test(test_bits),
		cmocka_unit_test(test_grammar),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_deep),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_long_result),
		cmocka_unit_test(test_shared),
		cmocka_unit_test(test_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
