/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../dice.h"
#include "agent/allow.h"

static const char *const agents[] = {"10.0.0.0/8", "2001:db8::/32"};
static const char *const sources[] = {"10.1.0.0/16", "192.0.2.7", "2001:db8:1::/48"};
static const char *const relays[] = {"198.51.100.0/24", "10.1.2.0/24"};

static struct agent_allow *make(const struct agent_allow_options *o)
{
	struct agent_allow *a;
	char error[256];

	assert_int_equal(agent_allow_create(&a, o, error, sizeof(error)), 0);
	return a;
}

static int ask(const struct agent_allow *a, const char *source, const char *agent)
{
	struct base_addr from, of;

	assert_int_equal(base_addr_parse(source, &from), 0);
	assert_int_equal(base_addr_parse(agent, &of), 0);
	return agent_allow_refuses(a, &from, &of);
}

static void test_nothing_asked(void **state)
{
	const struct agent_allow_options o = {.relays = relays, .relay_count = 2};

	assert_null(make(&o));
	agent_allow_destroy(NULL);
}

static void test_agents(void **state)
{
	const struct agent_allow_options o = {.agents = agents, .agent_count = 2};
	struct agent_allow *a = make(&o);

	assert_int_equal(ask(a, "203.0.113.1", "10.255.255.255"), 0);
	assert_int_equal(ask(a, "203.0.113.1", "2001:db8:ffff::1"), 0);
	assert_int_equal(ask(a, "10.0.0.1", "11.0.0.0"), SFLOW_DROP_AGENT_NOT_ALLOWED);
	assert_int_equal(ask(a, "10.0.0.1", "9.255.255.255"), SFLOW_DROP_AGENT_NOT_ALLOWED);
	assert_int_equal(ask(a, "10.0.0.1", "2001:db9::1"), SFLOW_DROP_AGENT_NOT_ALLOWED);
	/* The bytes of 10.0.0.1, as the start of an IPv6 address. */
	assert_int_equal(ask(a, "10.0.0.1", "0a00:0001::"), SFLOW_DROP_AGENT_NOT_ALLOWED);
	agent_allow_destroy(a);
}

static void test_sources(void **state)
{
	const struct agent_allow_options o = {.sources = sources, .source_count = 3};
	struct agent_allow *a = make(&o);

	assert_int_equal(ask(a, "10.1.255.1", "203.0.113.1"), 0);
	assert_int_equal(ask(a, "192.0.2.7", "203.0.113.1"), 0);
	assert_int_equal(ask(a, "2001:db8:1:2::3", "203.0.113.1"), 0);
	assert_int_equal(ask(a, "192.0.2.8", "192.0.2.7"), SFLOW_DROP_SOURCE_NOT_ALLOWED);
	assert_int_equal(ask(a, "2001:db8:2::3", "10.1.0.1"), SFLOW_DROP_SOURCE_NOT_ALLOWED);
	agent_allow_destroy(a);
}

/* A relay may be within a network of sources, or the other way round, or none of them. */
static void test_source_is_agent(void **state)
{
	const struct agent_allow_options o = {.agents = agents,
		.agent_count = 2,
		.sources = sources,
		.source_count = 3,
		.relays = relays,
		.relay_count = 2,
		.source_is_agent = true};
	struct agent_allow *a = make(&o);

	assert_int_equal(ask(a, "10.1.0.1", "10.1.0.1"), 0);
	assert_int_equal(ask(a, "2001:db8:1::1", "2001:db8:1::1"), 0);
	assert_int_equal(ask(a, "10.1.0.1", "10.1.0.2"), SFLOW_DROP_SOURCE_NOT_AGENT);
	assert_int_equal(ask(a, "10.1.0.1", "2001:db8:1::1"), SFLOW_DROP_SOURCE_NOT_AGENT);
	assert_int_equal(ask(a, "192.0.2.7", "192.0.2.7"), SFLOW_DROP_AGENT_NOT_ALLOWED);
	assert_int_equal(ask(a, "198.51.100.9", "10.200.0.1"), 0);
	assert_int_equal(ask(a, "10.1.2.3", "10.200.0.1"), 0);
	assert_int_equal(ask(a, "198.51.100.9", "11.0.0.1"), SFLOW_DROP_AGENT_NOT_ALLOWED);
	assert_int_equal(ask(a, "198.51.101.9", "10.1.0.1"), SFLOW_DROP_SOURCE_NOT_ALLOWED);
	agent_allow_destroy(a);
}

static void test_source_is_agent_alone(void **state)
{
	const struct agent_allow_options o = {.source_is_agent = true};
	struct agent_allow *a = make(&o);

	assert_int_equal(ask(a, "203.0.113.1", "203.0.113.1"), 0);
	assert_int_equal(ask(a, "203.0.113.1", "203.0.113.2"), SFLOW_DROP_SOURCE_NOT_AGENT);
	agent_allow_destroy(a);
}

/* Many networks of one length each, against a plain look through the list. */
static void test_many(void **state)
{
	enum { COUNT = 500, ASKED = 20000 };
	static char texts[COUNT][24];
	static const char *list[COUNT];
	static uint32_t first[COUNT], mask[COUNT];
	const struct agent_allow_options o = {.sources = list, .source_count = COUNT};
	struct dice dice = {7};
	struct agent_allow *a;

	for (unsigned i = 0; i < COUNT; i++) {
		unsigned bits = 12 + dice_below(&dice, 21);
		uint32_t at = (uint32_t)dice_u64(&dice);

		mask[i] = bits ? UINT32_MAX << (32 - bits) : 0;
		first[i] = at & mask[i];
		snprintf(texts[i], sizeof(texts[i]), "%u.%u.%u.%u/%u", at >> 24, at >> 16 & 255,
			at >> 8 & 255, at & 255, bits);
		list[i] = texts[i];
	}
	a = make(&o);
	for (unsigned i = 0; i < ASKED; i++) {
		uint32_t at = i % 2 ? (uint32_t)dice_u64(&dice)
				    : first[i % COUNT] + (uint32_t)dice_below(&dice, 512) - 8;
		struct base_addr from = {.family = 4};
		bool in = false;

		for (unsigned j = 0; j < COUNT; j++)
			in = in || (at & mask[j]) == first[j];
		base_put_u32(from.bytes, at);
		assert_int_equal(agent_allow_refuses(a, &from, &from),
			in ? 0 : SFLOW_DROP_SOURCE_NOT_ALLOWED);
	}
	agent_allow_destroy(a);
}

static void test_bad_network(void **state)
{
	const char *const bad[] = {"10.0.0.0/8", "10.0.0.0/33"};
	const struct agent_allow_options o = {
		.relays = bad, .relay_count = 2, .source_is_agent = true};
	struct agent_allow *a;
	char error[256] = "";

	assert_int_equal(agent_allow_create(&a, &o, error, sizeof(error)), -EINVAL);
	assert_null(a);
	assert_non_null(strstr(error, "allow.relays: \"10.0.0.0/33\": "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_asked),
		cmocka_unit_test(test_agents),
		cmocka_unit_test(test_sources),
		cmocka_unit_test(test_source_is_agent),
		cmocka_unit_test(test_source_is_agent_alone),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_bad_network),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
