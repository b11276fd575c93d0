/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../dice.h"
#include "flow/filter.h"
#include "rich_sample.h"

static struct flow_plan *compile(const char *filter, struct flow_error *e)
{
	const struct flow_spec spec = {
		.name = "a", .keys = "", .value = "frames", .filter = filter, .n = 1};

	return flow_compile(&spec, 1, NULL, e);
}

static struct flow_plan *good(const char *filter)
{
	struct flow_error e;
	struct flow_plan *plan = compile(filter, &e);

	if (!plan)
		fail_msg("%s: %s", filter, e.text);
	return plan;
}

static bool accepted(const struct sampled *s, const char *filter)
{
	struct flow_plan *plan = good(filter);
	struct flow_scratch scratch;
	struct flow_fields fields;
	bool yes;

	assert_int_equal(flow_scratch_init(&scratch), 0);
	flow_extract(plan, &s->agent, &s->sample, &s->flow, &fields);
	yes = flow_filter_accepts(plan->definitions[0].filter, plan, fields.value, &scratch);
	if (flow_filter_refuses(plan->definitions[0].filter, fields.value))
		assert_false(yes);
	flow_scratch_fini(&scratch);
	flow_plan_free(plan);
	return yes;
}

struct row {
	const char *filter;
	bool accepted;
};

static void expect_rows(const struct row *rows)
{
	struct sampled s;

	rich_open(&s, "/a,b");
	for (; rows->filter; rows++) {
		if (accepted(&s, rows->filter) != rows->accepted)
			fail_msg("%s is %d", rows->filter, !rows->accepted);
	}
	sampled_close(&s);
}

/* Every form of value, equal and not. */
static void test_types(void **state)
{
	static const struct row rows[] = {
		{"ipprotocol=6", true},
		{"ipprotocol=06", true},
		{"ipprotocol=17", false},
		{"tcpdestinationport=80", true},
		{"bgpas=65000", true},
		{"resp_bytes=8589934595", true},
		{"resp_bytes=3", false},
		{"ipsource=10.0.0.1", true},
		{"ipsource=10.0.0.2", false},
		{"agent=192.0.2.10", true},
		{"agent=2001:db8::1", false},
		{"[or:ipsource:ip6source]=2001:DB8::1", false},
		{"macsource=020000000001", true},
		{"macsource=02:00:00:00:00:01", true},
		{"macdestination=02-00-00-00-00-02", true},
		{"macdestination=02000000000a", false},
		{"tcpflags=000010010", true},
		{"ipflags=001", true},
		{"ipflags=000", false},
		{"isunicast=true", true},
		{"isunicast=yes", true},
		{"isunicast=no", false},
		{"isbroadcast=false", true},
		{"inputifindex=3", true},
		{"outputifindex=internal", false},
		{"outputifindex!=discard", true},
		{"inputifindex=multiple,unknown,3", true},
		{"datasource=3", true},
		{"datasource=0.3", true},
		{"datasource=2.3", false},
		{"httphost=w.org", true},
		{"httphost=W.org", false},
		{"stack=eth.ip.tcp", true},
		{"direction=ingress", true},
		{"bgpdestinationaspath=1-2-3", true},
		{"range:tcpdestinationport:0:1023=true", true},
		{"eq:bgpsourceas:bgpas=false", true},
		{"bits:tcpflags:18=18", true},
		{"range:bytes:1=true", true},
		{"bytes=0", false},
		{"mask:ipsource:24=10.0.0.0", true},
		{NULL},
	};

	expect_rows(rows);
}

static void test_lists(void **state)
{
	static const struct row rows[] = {
		{"ipprotocol=1,6,17", true},
		{"ipprotocol=1,17", false},
		{"ipprotocol!=1,17", true},
		{"ipprotocol!=1,6", false},
		{"ipprotocol = 17 , 6 , 1", true},
		{"vlan=1,2,3,4,5,6,7,8,9,10", true},
		{"vlan=11,12,13,14,15,16,17", false},
		{"vlan=9,9,9", false},
		{"httphost=a,b,w.org", true},
		{"ipsource=10.0.0.3,10.0.0.1", true},
		{"stack~eth,eth\\.ip\\.tcp", true},
		{"stack!~eth,ip", true},
		{"stack!~eth,eth.*", false},
		{NULL},
	};

	expect_rows(rows);
}

/* What is absent is neither equal nor alike, so it is unequal and unlike. */
static void test_null(void **state)
{
	static const struct row rows[] = {
		{"ip6source=null", true},
		{"ip6source!=null", false},
		{"vlan=null", false},
		{"vlan!=null", true},
		{"vlan=null,10", true},
		{"vlan=11,null", false},
		{"vlan.1=11,null", true},
		{"vlan!=null,10", false},
		{"vlan!=null,11", true},
		{"vlan.1!=null,11", false},
		{"vlan.1=10", false},
		{"vlan.1!=10", true},
		{"url~.*", false},
		{"url!~.*", true},
		{"url='null'", false},
		{"null:url='null'", true},
		{"null:url=null", false},
		{"[null:url:]=''", true},
		{"null:url:=''", true},
		{"prefix:url:/:1=null", true},
		{"httphost=null|vlan=10", true},
		{NULL},
	};

	expect_rows(rows);
}

static void test_regex(void **state)
{
	static const struct row rows[] = {
		{"tcpflags~.......1.", true},
		{"tcpflags~....1..1.", true},
		{"tcpflags~....1.000", false},
		{"httphost~w", false}, /* the whole text, or not at all */
		{"httphost~w.*", true},
		{"httphost~.*org", true},
		{"httphost~'(w|v)\\.org'", true},
		{"httphost~\"w|v\"", false},
		{"httphost~'w[.]o{1,1}rg'", true},
		{"ipsource~10\\..*", true},
		{"macsource~02.*", true},
		{"vlan~1[0-9]", true},
		{"inputifindex~'[0-9]+'", true},
		{"httpurl~'/.,.'", true},
		{"httpreferer~'a.b\\n'", true}, /* bytes as they came, not as they are printed */
		{"httphost~'(?i)W.ORG'", true},
		{"httphost~'(.).*\\1'", false},
		{"null:url:~''", true},
		{NULL},
	};

	expect_rows(rows);
}

static void test_logic(void **state)
{
	static const struct row rows[] = {
		{"vlan=10&ipprotocol=6", true},
		{"vlan=10&ipprotocol=7", false},
		{"vlan=11|ipprotocol=6", true},
		{"vlan=11|ipprotocol=7", false},
		{"vlan=10|vlan=11&vlan=12", true}, /* & before | */
		{"vlan=12&vlan=11|vlan=10", true},
		{"(vlan=10|vlan=11)&vlan=12", false},
		{"vlan=12&(vlan=11|vlan=10)", false},
		{"((((vlan=10))))", true},
		{" ( vlan = 10 ) & ( ipprotocol = 6 | vlan = 1 ) ", true},
		{"vlan=10&(ipprotocol=7|(vlan=10&(ipprotocol=6|vlan=0)))", true},
		{"vlan=1|vlan=2|vlan=3|(vlan=10&stack~eth.*)", true},
		{NULL},
	};

	expect_rows(rows);
}

static void test_quotes(void **state)
{
	static const struct row rows[] = {
		{"httpurl='/a,b'", true},
		{"httpurl=\"/a,b\"", true},
		{"'httpurl'='/a,b'", true},
		{"\"prefix:stack:.:1\" = 'eth'", true},
		{"'[null:url:&|=]'='&|='", true},
		{"null:url:a'b='a\\'b'", true},
		{"null:url:a'b=\"a'b\"", true},
		{"null:url:a\\\\b='a\\b'", true},
		{"ipprotocol='6'", true},
		{"httpurl!='/a','b'", true},
		{"httpmimetype='42' | httpmimetype=\"(\"", true},
		{"httphost=a=b", false},
		{"null:url:a=a!b~c", false},
		{NULL},
	};

	expect_rows(rows);
}

/* ---- errors ---- */

static void expect_error(const char *filter, unsigned offset, const char *text)
{
	struct flow_error e;

	if (compile(filter, &e))
		fail_msg("%s is compiled", filter);
	assert_string_equal(e.text, text);
	assert_int_equal(e.in, FLOW_ERROR_FILTER);
	assert_int_equal(e.offset, offset);
}

static void test_errors(void **state)
{
	expect_error(
		"ipsorce=10.0.0.1", 0, "no key is called \"ipsorce\"; did you mean \"ipsource\"?");
	expect_error("vlan=10&prefx:stack:.:1=eth", 8,
		"no function is called \"prefx\"; did you mean \"prefix\"?");
	expect_error("vlan", 4, "here one of =, !=, ~ and !~ is expected");
	expect_error("vlan&stack=x", 4, "here one of =, !=, ~ and !~ is expected");
	expect_error(
		"vlan==10", 5, "the operators are =, !=, ~ and !~; quote a value that starts so");
	expect_error(
		"stack=~x", 6, "the operators are =, !=, ~ and !~; quote a value that starts so");
	expect_error("vlan=", 5, "a value is missing here; an empty text is written ''");
	expect_error("vlan=10,", 8, "a value is missing here; an empty text is written ''");
	expect_error("vlan=10,&stack=x", 8, "a value is missing here; an empty text is written ''");
	expect_error("=10", 0, "a key is missing here");
	expect_error("vlan=10&", 8, "here a key or a ( is expected");
	expect_error("vlan=10&&stack=x", 8, "here a key or a ( is expected");
	expect_error("()", 1, "here a key or a ( is expected");
	expect_error("(vlan=10", 0, "no ) closes this (");
	expect_error("vlan=10)", 7, "no ( opens what this ) closes");
	expect_error("(vlan=10)stack=x", 9, "here an & or a | is expected");
	expect_error("((vlan=10)stack=x)", 10, "here one of & | and ) is expected");
	expect_error("httphost='a", 9, "no ' closes this one");
	expect_error("httphost='a'b", 12, "behind a value, one of , & | and ) is expected");
	expect_error("httphost=f(x)", 10, "quote a value that has a ( in it");
	expect_error(
		"httphost~'('", 10, "this is no regular expression: missing closing parenthesis");
	expect_error("vlan=10&stack~'a','b)'", 19,
		"this is no regular expression: unmatched closing parenthesis");
	expect_error("httphost~'(*UTF)a'", 10,
		"this is no regular expression: using UTF is disabled by the application");
	expect_error("httphost~'(*NO_JIT)a'", 10,
		"PCRE2 cannot make machine code of this regular expression here");
	expect_error(
		"prefix:[stack:.:1=eth", 7, "no ] closes this [; a [ that is text is written \\[");
	expect_error("!vlan=10", 0, "there is no negation; write KEY!=VALUE");
	expect_error("vlan=10&!(vlan=11)", 8, "there is no negation; write KEY!=VALUE");
	expect_error("count:ipsource=1", 0,
		"\"count\" is a prefix of values, and stands in front of the whole value");
	expect_error("host:macsource:os_name=linux", 0,
		"\"host\" is applied to keys when windows are merged; a filter is read from each "
		"sample before that");
}

/* A regular expression that is cut, since it is not quoted. */
static void test_bare_regex(void **state)
{
	static const struct row rows[] = {
		{"tcpflags~'a{1,2}'", false},
		{"tcpflags~[01]{9}", true},
		{"tcpflags~[01]{9},x", true},
		{"(tcpflags~[01]{9})", true},
		{"tcpflags~[[:digit:]]+|vlan=1", true},
		{"tcpflags!~\\[,\\{&vlan=10", true},
		{"httphost=[,{", false},
		{NULL},
	};

	expect_rows(rows);
	expect_error("tcpflags~a{1,2}", 10, "a regular expression with a , in it is quoted");
	expect_error("tcpflags!~x,[a,b]", 12, "a regular expression with a , in it is quoted");
	expect_error("httphost~a[&]", 10, "a regular expression with a & in it is quoted");
	expect_error("(httphost~[)])", 10, "a regular expression with a ) in it is quoted");
	expect_error("httphost~x|vlam", 11,
		"no key is called \"vlam\"; did you mean \"vlan\"?; a regular expression with "
		"| , or & in it is quoted");
	expect_error("httphost~x&vlan", 15,
		"here one of =, !=, ~ and !~ is expected; a regular expression with | , or & in "
		"it is quoted");
	expect_error("httphost~x|vlan=1|vlam=1", 18,
		"no key is called \"vlam\"; did you mean \"vlan\"?");
	expect_error("httphost~'x'|vlan", 17, "here one of =, !=, ~ and !~ is expected");
}

/* A right side that can never be. */
static void test_wrong_types(void **state)
{
	expect_error("ipprotocol=tcp", 11,
		"\"tcp\" is never a value of this key; write a number from 0 to 255");
	expect_error("ipprotocol=6,256", 13,
		"\"256\" is never a value of this key; write a number from 0 to 255");
	expect_error("ipsource=2001:db8::1", 9,
		"\"2001:db8::1\" is never a value of this key; write an IPv4 address");
	expect_error("ip6source='10.0.0.1'", 11,
		"\"10.0.0.1\" is never a value of this key; write an IPv6 address");
	expect_error("agent=here", 6,
		"\"here\" is never a value of this key; write an IPv4 or IPv6 address");
	expect_error("macsource=0200", 10,
		"\"0200\" is never a value of this key; write a MAC address like 02000000000A");
	expect_error("macsource=02:00:00:00:00.01", 10,
		"\"02:00:00:00:00.01\" is never a value of this key; write a MAC address like "
		"02000000000A");
	expect_error(
		"tcpflags=11", 9, "\"11\" is never a value of this key; write 9 bits, each 0 or 1");
	expect_error("isunicast=1", 10, "\"1\" is never a value of this key; write true or false");
	expect_error("inputifindex=eth0", 13,
		"\"eth0\" is never a value of this key; write the number of an interface, "
		"internal, "
		"discard, multiple or unknown");
	expect_error("datasource=2.", 11,
		"\"2.\" is never a value of this key; write a data source like 10 or 2.1");
	expect_error("resp_bytes=18446744073709551616", 11,
		"\"18446744073709551616\" is never a value of this key; write a number from 0 to "
		"18446744073709551615");
}

static void test_bounds(void **state)
{
	static char filter[FLOW_TEXT_MAX * 2];
	struct flow_plan *plan;
	struct flow_error e;

	strcpy(filter, "vlan=1");
	for (unsigned i = 1; i < FLOW_TESTS; i++)
		strcat(filter, "|vlan=1");
	plan = good(filter);
	assert_int_equal(plan->definitions[0].filter->count, FLOW_TESTS);
	flow_plan_free(plan);
	strcat(filter, "&vlan=1");
	expect_error(filter, 7 * FLOW_TESTS, "a filter has at most 128 comparisons");

	memset(filter, '(', FLOW_DEPTH + 1);
	strcpy(filter + FLOW_DEPTH + 1, "vlan=1");
	expect_error(
		filter, FLOW_DEPTH, "parentheses are nested too deep here; 16 levels are possible");

	strcpy(filter, "vlan~1|vlan~2");
	for (unsigned i = 2; i < FLOW_REGEXES; i++)
		strcat(filter, ",3");
	flow_plan_free(good(filter));
	strcat(filter, ",4");
	expect_error(
		filter, 14 + 2 * (FLOW_REGEXES - 2), "a filter has at most 16 regular expressions");

	strcpy(filter, "httphost~");
	memset(filter + 9, 'a', 1025);
	filter[9 + 1025] = '\0';
	assert_null(compile(filter, &e));
	assert_int_equal(e.offset, 9);
	memset(filter, ' ', sizeof(filter) - 1);
	expect_error(filter, FLOW_TEXT_MAX, "longer than 8192 bytes, which is the most");
	strcpy(filter, "httphost=");
	memset(filter + 9, 'a', 256);
	filter[9 + 256] = '\0';
	assert_null(compile(filter, &e));
	assert_int_equal(e.offset, 9);
}

/*
 * A pattern that would try for ages is given up, counted, and taken for no match. So is all behind
 * it in the sample, and in no other sample.
 */
static void test_given_up(void **state)
{
	char url[255];
	struct flow_plan *plan = good("httpurl~'(a|aa|a?)+[^a]',a.*");
	struct flow_scratch scratch;
	struct flow_fields fields;
	struct sampled s;

	memset(url, 'a', 250);
	url[250] = '\0';
	rich_open(&s, url);
	assert_int_equal(flow_scratch_init(&scratch), 0);
	flow_extract(plan, &s.agent, &s.sample, &s.flow, &fields);
	assert_false(
		flow_filter_accepts(plan->definitions[0].filter, plan, fields.value, &scratch));
	assert_int_equal(scratch.given_up, 2);
	assert_true(scratch.spent);
	assert_int_equal((uintptr_t)scratch.match % 64, 0);
	sampled_close(&s);
	rich_open(&s, "ab");
	flow_scratch_sample(&scratch);
	flow_extract(plan, &s.agent, &s.sample, &s.flow, &fields);
	assert_true(flow_filter_accepts(plan->definitions[0].filter, plan, fields.value, &scratch));
	assert_int_equal(scratch.given_up, 2);
	flow_scratch_fini(&scratch);
	flow_scratch_fini(&scratch);
	flow_plan_free(plan);
	sampled_close(&s);
}

/* The cheapest first, and each field once. */
static void test_program(void **state)
{
	struct flow_plan *plan =
		good("stack~eth.*&(httphost=a|vlan=null)&ipprotocol=6&vlan=1,10&stack~.*");
	const struct flow_filter *f = plan->definitions[0].filter;

	assert_int_equal(plan->field_count, 4);
	assert_int_equal(f->count, 6);
	assert_int_equal(f->tests[0].kind, FLOW_TEST_NUMBER);
	assert_int_equal(f->tests[1].kind, FLOW_TEST_NUMBERS);
	assert_int_equal(f->tests[2].kind, FLOW_TEST_THERE);
	assert_int_equal(f->tests[2].yes, 4);
	assert_int_equal(f->tests[2].no, 3);
	assert_int_equal(f->tests[3].kind, FLOW_TEST_BYTES);
	assert_int_equal(f->tests[4].kind, FLOW_TEST_REGEX);
	assert_int_equal(f->tests[5].yes, FLOW_ACCEPT);
	for (unsigned i = 0; i < f->count; i++)
		assert_true(f->tests[i].yes > i && f->tests[i].no > i);
	flow_plan_free(plan);
}

/* No filter at all. */
static void test_empty(void **state)
{
	static const char *const none[] = {"", "  ", NULL};

	for (unsigned i = 0; i < 3; i++) {
		struct flow_plan *plan = good(none[i]);

		assert_null(plan->definitions[0].filter);
		assert_int_equal(plan->definitions[0].every, SFLOW_KIND_FLOW);
		flow_plan_free(plan);
	}
}

/* ---- against a plain evaluator ---- */

/* Comparisons whose outcome on the sample is known. */
static const struct row atoms[] = {
	{"vlan=10", true},
	{"vlan=9", false},
	{"vlan!=10", false},
	{"vlan!=9,8", true},
	{"vlan=1,10,3", true},
	{"ip6source=null", true},
	{"vlan=null", false},
	{"url!=x", true},
	{"url=x", false},
	{"url!~x", true},
	{"stack~eth.*", true},
	{"stack!~eth.*", false},
	{"httphost=w.org,x", true},
	{"ipsource!=10.0.0.1", false},
	{"prefix:stack:.:1=eth", true},
	{"isunicast=true", true},
};
enum { ATOMS = sizeof(atoms) / sizeof(atoms[0]) };

/* Append a random expression. @return what it is, by the rules of logic alone */
static bool grow(struct dice *d, unsigned depth, char *text);

static bool grow_atom(struct dice *d, unsigned depth, char *text)
{
	const struct row *atom = &atoms[dice_below(d, ATOMS)];
	bool yes;

	if (depth == 0 || dice_below(d, 3) > 0) {
		strcat(text, atom->filter);
		return atom->accepted;
	}
	strcat(text, "(");
	yes = grow(d, depth - 1, text);
	strcat(text, ")");
	return yes;
}

static bool grow_all(struct dice *d, unsigned depth, char *text)
{
	bool yes = grow_atom(d, depth, text);

	while (dice_below(d, 2)) {
		strcat(text, " & ");
		yes &= grow_atom(d, depth, text);
	}
	return yes;
}

static bool grow(struct dice *d, unsigned depth, char *text)
{
	bool yes = grow_all(d, depth, text);

	while (dice_below(d, 2)) {
		strcat(text, "|");
		yes |= grow_all(d, depth, text);
	}
	return yes;
}

static unsigned count_of(const char *text, char c)
{
	unsigned count = 0;

	while (*text)
		count += *text++ == c;
	return count;
}

static void test_random(void **state)
{
	static char filter[1 << 20];
	struct dice d = {.state = 1};
	unsigned outcomes[2] = {0};
	struct sampled s;

	rich_open(&s, "/");
	for (unsigned round = 0; round < 3000; round++) {
		bool expected;

		filter[0] = '\0';
		expected = grow(&d, 4, filter);
		if (strlen(filter) > 1500 || count_of(filter, '~') > FLOW_REGEXES)
			continue; /* more comparisons than a filter may have */
		if (accepted(&s, filter) != expected)
			fail_msg("%s is not %d", filter, expected);
		outcomes[expected]++;
	}
	assert_true(outcomes[0] > 500 && outcomes[1] > 500);
	sampled_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_null),
		cmocka_unit_test(test_regex),
		cmocka_unit_test(test_logic),
		cmocka_unit_test(test_quotes),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_bare_regex),
		cmocka_unit_test(test_wrong_types),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_given_up),
		cmocka_unit_test(test_program),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
