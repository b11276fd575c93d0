/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "agent/senders.h"

static struct agent_senders *make(const struct agent_senders_options *o)
{
	struct agent_senders *s;
	char error[256];

	assert_int_equal(agent_senders_create(&s, o, error, sizeof(error)), 0);
	return s;
}

static struct base_addr addr_of(const char *text)
{
	struct base_addr addr;

	assert_int_equal(base_addr_parse(text, &addr), 0);
	return addr;
}

static uint32_t rate_of(const struct agent_senders *s, const char *text)
{
	struct base_addr addr = addr_of(text);

	return agent_senders_rate(s, &addr);
}

static void test_nothing_asked(void **state)
{
	assert_null(make(&(struct agent_senders_options){.rate_count = 0}));
	assert_null(agent_senders_ref(NULL));
	agent_senders_unref(NULL);
	assert_int_equal(agent_senders_number(NULL), 0);
	assert_int_equal(rate_of(NULL, "10.0.0.1"), 0);
}

/* Of those addresses and no other, whatever the family. */
static void test_rates(void **state)
{
	const struct agent_rate rates[] = {{addr_of("10.0.0.1"), 2000}, {addr_of("2001:db8::1"), 1},
		{addr_of("10.0.0.2"), UINT32_MAX}, {addr_of("::a00:3"), 5}};
	struct agent_senders *s =
		make(&(struct agent_senders_options){.rates = rates, .rate_count = 4});

	assert_null(s->allow);
	assert_int_equal(rate_of(s, "10.0.0.1"), 2000);
	assert_int_equal(rate_of(s, "10.0.0.2"), UINT32_MAX);
	assert_int_equal(rate_of(s, "2001:db8::1"), 1);
	assert_int_equal(rate_of(s, "::a00:3"), 5);
	assert_int_equal(rate_of(s, "10.0.0.0"), 0);
	assert_int_equal(rate_of(s, "10.0.0.3"), 0);
	assert_int_equal(rate_of(s, "::a00:1"), 0);
	assert_int_equal(rate_of(s, "a00:1::"), 0);
	assert_int_equal(rate_of(s, "2001:db8::2"), 0);
	agent_senders_unref(s);
}

static void test_allow(void **state)
{
	static const char *const agents[] = {"10.0.0.0/8"};
	struct agent_senders *s = make(
		&(struct agent_senders_options){.allow = {.agents = agents, .agent_count = 1}});
	struct base_addr in = addr_of("10.1.2.3"), out = addr_of("11.1.2.3");

	assert_int_equal(agent_allow_refuses(s->allow, &out, &in), 0);
	assert_int_equal(agent_allow_refuses(s->allow, &in, &out), SFLOW_DROP_AGENT_NOT_ALLOWED);
	assert_int_equal(agent_senders_rate(s, &in), 0);
	agent_senders_unref(s);
}

static void test_wrong(void **state)
{
	static const char *const agents[] = {"10.0.0.0/33"};
	const struct agent_senders_options o = {.allow = {.agents = agents, .agent_count = 1}};
	struct agent_senders *s = make(&(struct agent_senders_options){.rate_count = 0});
	char error[256] = "";

	assert_int_equal(agent_senders_create(&s, &o, error, sizeof(error)), -EINVAL);
	assert_null(s);
	assert_non_null(strstr(error, "allow.agents"));
}

/* Any two are told apart, and one lives until the last reference is gone. */
static void test_references(void **state)
{
	const struct agent_rate rate = {addr_of("10.0.0.1"), 9};
	const struct agent_senders_options o = {.rates = &rate, .rate_count = 1};
	struct agent_senders *a = make(&o), *b = make(&o);

	assert_int_not_equal(a->number, 0);
	assert_int_not_equal(a->number, b->number);
	assert_int_equal(agent_senders_number(a), a->number);
	assert_ptr_equal(agent_senders_ref(a), a);
	agent_senders_unref(a);
	assert_int_equal(rate_of(a, "10.0.0.1"), 9);
	agent_senders_unref(a);
	agent_senders_unref(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_asked),
		cmocka_unit_test(test_rates),
		cmocka_unit_test(test_allow),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_references),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
