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

static void test_prefixes(void **state)
{
	expect_compiled("avg:tcprtt", FLOW_AVG, FLOW_OF_FIELD, "microseconds");
	expect_compiled("min:bytes", FLOW_MIN, FLOW_OF_LENGTH, "bytes");
	expect_compiled("max: [or:ipttl:ip6ttl]", FLOW_MAX, FLOW_OF_FIELD, "number");
	expect_compiled("last:frames", FLOW_LAST, FLOW_OF_FRAME, "frames");
	expect_compiled("count:ipsource", FLOW_COUNT, FLOW_OF_FIELD, "distinct");
	expect_compiled("count:bytes", FLOW_COUNT, FLOW_OF_FIELD, "distinct");
	expect_compiled("count:suffix:dnsqname:.:3", FLOW_COUNT, FLOW_OF_FIELD, "distinct");
	for (unsigned i = 0; i < FLOW_AGGREGATES; i++) {
		const struct flow_prefix *row = &flow_prefixes[i];

		assert_true(row->name && row->help);
		assert_ptr_equal(flow_prefix_find(row->name, strlen(row->name)), row);
		assert_null(flow_function_find(row->name, strlen(row->name)));
	}
}

/* All but a first value that is a rate need a lane. */
static void test_lanes(void **state)
{
	struct flow_plan *plan = good("bytes", "avg:tcprtt , frames,count:or:ipsource:ip6source");
	const struct flow_definition *d = &plan->definitions[0];

	assert_int_equal(d->value_count, 4);
	assert_int_equal(d->lane_count, 3);
	assert_int_equal(d->lanes[0], 1);
	assert_string_equal(d->values[1].text, "avg:tcprtt");
	assert_string_equal(d->values[2].text, "frames");
	flow_plan_free(plan);
	plan = good("max:ipttl", "");
	assert_int_equal(plan->definitions[0].lane_count, 1);
	assert_int_equal(plan->definitions[0].lanes[0], 0);
	flow_plan_free(plan);
	plan = good("bytes", " ");
	assert_int_equal(plan->definitions[0].lane_count, 0);
	flow_plan_free(plan);
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
	/* Of an average the number, of all else that a sample was there. */
	expect_number("avg:ipttl", 64);
	expect_number("max:ipttl", 1);
	expect_number("min:ip6ttl", UINT64_MAX);
	expect_number("count:ipsource", 1);
	expect_number("count:httpxff", 1);
	expect_number("count:ip6source", UINT64_MAX);
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

static void expect_more_error(const char *values, unsigned offset, const char *text)
{
	struct flow_error e;

	if (compile("bytes", values, &e))
		fail_msg("%s is compiled", values);
	assert_string_equal(e.text, text);
	assert_int_equal(e.in, FLOW_ERROR_VALUES);
	assert_int_equal(e.offset, offset);
}

static void test_more_errors(void **state)
{
	expect_more_error(
		"avg:tcprtt,avg:tcprt", 15, "no key is called \"tcprt\"; did you mean \"tcprtt\"?");
	expect_more_error("frames,", 7, "a value is missing here, such as bytes or frames");
	expect_more_error("avg:ipsource", 4,
		"avg takes a number, and \"ipsource\" is none; only count takes any key");
	expect_more_error("frames,frames,frames,frames,frames,frames,frames,frames", 49,
		"a definition has at most 8 values");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rates),
		cmocka_unit_test(test_shared_fields),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_saturates),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_prefixes),
		cmocka_unit_test(test_lanes),
		cmocka_unit_test(test_more_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
