/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "rich_sample.h"

static struct flow_plan *compile(const char *value, const char *values, struct flow_error *e)
{
	const struct flow_spec spec = {
		.name = "a", .keys = "agent", .value = value, .values = values, .n = 1, .t = 2};

	return flow_compile(&spec, 1, NULL, e);
}

static struct flow_plan *good(const char *value, const char *values)
{
	struct flow_error e;
	struct flow_plan *plan = compile(value, values, &e);

	if (!plan)
		fail_msg("%s: %s", value, e.text);
	return plan;
}

static void expect_compiled(
	const char *text, enum flow_aggregate aggregate, enum flow_number of, const char *unit)
{
	struct flow_plan *plan = good(text, NULL);
	const struct flow_value *v = &plan->definitions[0].values[0];

	assert_int_equal(plan->definitions[0].value_count, 1);
	assert_string_equal(v->text, text);
	assert_int_equal(v->aggregate, aggregate);
	assert_int_equal(v->of, of);
	assert_string_equal(v->unit, unit);
	flow_plan_free(plan);
}

static void test_rates(void **state)
{
	expect_compiled("bytes", FLOW_RATE, FLOW_OF_LENGTH, "bytes");
	expect_compiled("frames", FLOW_RATE, FLOW_OF_FRAME, "frames");
	expect_compiled("rate:bytes", FLOW_RATE, FLOW_OF_LENGTH, "bytes");
	expect_compiled("rate:[bytes]", FLOW_RATE, FLOW_OF_FIELD, "bytes");
	expect_compiled("requests", FLOW_RATE, FLOW_OF_FIELD, "requests");
	expect_compiled("duration", FLOW_RATE, FLOW_OF_FIELD, "microseconds");
	expect_compiled("resp_bytes", FLOW_RATE, FLOW_OF_FIELD, "bytes");
	expect_compiled("rate:tcprtt", FLOW_RATE, FLOW_OF_FIELD, "microseconds");
	expect_compiled("ipttl", FLOW_RATE, FLOW_OF_FIELD, "number");
	expect_compiled("rate:or:ipttl:ip6ttl", FLOW_RATE, FLOW_OF_FIELD, "number");
	expect_compiled("bits:tcpflags:2", FLOW_RATE, FLOW_OF_FIELD, "number");
	expect_compiled("uri:httpurl:port", FLOW_RATE, FLOW_OF_FIELD, "number");
}

/* Fields of values are those of keys where they are the same. */
static void test_shared_fields(void **state)
{
	const struct flow_spec spec = {.name = "a", .keys = "vlan,ipttl", .value = "ipttl"};
	struct flow_error e;
	struct flow_plan *plan = flow_compile(&spec, 1, NULL, &e);

	assert_non_null(plan);
	assert_int_equal(plan->field_count, 2);
	assert_int_equal(plan->definitions[0].values[0].field, 1);
	flow_plan_free(plan);
}

/* What the rich sample, one in 1,000, adds; UINT64_MAX: it has no such number. */
static void expect_number(const char *text, uint64_t want)
{
	struct flow_plan *plan = good(text, NULL);
	struct flow_fields fields;
	struct sampled s;
	uint64_t v = 0;
	bool there;

	rich_open(&s, "http://w.org:8080/");
	flow_extract(plan, &s.agent, &s.sample, &s.flow, &fields);
	there = flow_value_of(&plan->definitions[0].values[0], &s.sample, &s.flow, &fields, &v);
	if (there != (want != UINT64_MAX) || (there && v != want))
		fail_msg("%s: %d, %llu", text, there, (unsigned long long)v);
	sampled_close(&s);
	flow_plan_free(plan);
}

static void test_numbers(void **state)
{
	expect_number("bytes", 146000);
	expect_number("frames", 1000);
	expect_number("requests", 1000);
	expect_number("ipttl", 64000);
	expect_number("req_bytes", 1000); /* halves of 64 bits: 0 and 1 */
	expect_number("uri:httpurl:port", 8080000);
	expect_number("uri:httpurl:scheme", UINT64_MAX);
	expect_number("bits:tcpflags:2", 2000);
	expect_number("inputifindex", 3000);
	expect_number("ip6ttl", UINT64_MAX);
	expect_number("tcprtt", UINT64_MAX);
}

static void test_saturates(void **state)
{
	assert_true(flow_value_scaled(UINT64_MAX / 2, 2) == UINT64_MAX - 1);
	assert_true(flow_value_scaled(UINT64_MAX / 2 + 1, 2) == UINT64_MAX);
	assert_true(flow_value_scaled(0, 0) == 0);
}

static void expect_error(const char *value, unsigned offset, const char *text)
{
	struct flow_error e;

	if (compile(value, NULL, &e))
		fail_msg("%s is compiled", value);
	assert_string_equal(e.text, text);
	assert_int_equal(e.in, FLOW_ERROR_VALUE);
	assert_int_equal(e.offset, offset);
}

static void test_errors(void **state)
{
	expect_error("byte", 0, "no key is called \"byte\"; did you mean \"bytes\"?");
	expect_error("frame", 0, "no key is called \"frame\"; did you mean \"frames\"?");
	expect_error(
		"rate: durration", 6, "no key is called \"durration\"; did you mean \"duration\"?");
	expect_error("", 0, "a value is missing here, such as bytes or frames");
	expect_error("rate:", 5, "a key is missing here");
	expect_error("rat:ipttl", 0,
		"no prefix and no function is called \"rat\"; did you mean \"rate\"?");
	expect_error("zzzzz:ipttl", 0,
		"no prefix and no function is called \"zzzzz\"; docs/keys.rst lists them");
	expect_error("bytes,frames", 5, "there is one value; more of them go into values");
	expect_error("rate:ipsource", 5,
		"rate takes a number, and \"ipsource\" is none; only count takes any key");
	expect_error("httpurl", 0,
		"rate takes a number, and \"httpurl\" is none; only count takes any key");
	expect_error("rate:rate:ipttl", 5,
		"\"rate\" is a prefix of values, and stands in front of the whole value");
	expect_error("or:[avg:ipttl]:ip6ttl", 4,
		"\"avg\" is a prefix of values, and stands in front of the whole value");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rates),
		cmocka_unit_test(test_shared_fields),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_saturates),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
