/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "sample.h"

static void test_full(void **state)
{
	struct interface i = {.in_octets = 1};
	struct fixture f;

	fixture_open(&f, 2);
	assert_true(fixture_interface(&f, &i));
	f.source.index = 11;
	assert_true(fixture_interface(&f, &i));
	f.source.index = 12;
	assert_false(fixture_interface(&f, &i));
	assert_int_equal(fixture_stat(&f, METRIC_SOURCES_FULL), 1);
	assert_int_equal(metric_store_sources(f.store), 2);
	f.source.index = 11;
	fixture_step(&f, 10000);
	assert_true(fixture_interface(&f, &i));
	fixture_close(&f);
	fixture_open(&f, 0);
	assert_false(fixture_interface(&f, &i));
	fixture_close(&f);
	metric_store_destroy(NULL);
}

/* Agent, sub-agent, class and index each make another source. */
static void test_key(void **state)
{
	struct interface i = {.in_octets = 1};
	struct fixture f;

	fixture_open(&f, 8);
	fixture_interface(&f, &i);
	f.agent.bytes[3]++;
	fixture_interface(&f, &i);
	f.source.class = 3;
	fixture_interface(&f, &i);
	f.source.index++;
	fixture_interface(&f, &i);
	f.agent.family = 6;
	fixture_interface(&f, &i);
	assert_int_equal(metric_store_sources(f.store), 5);
	assert_int_equal(f.u.source.class, 3);
	assert_int_equal(f.u.source.index, 11);
	assert_int_equal(f.u.sub_agent, 1);
	assert_true(base_addr_equal(&f.u.agent, &f.agent));
	fixture_close(&f);
}

static void test_expire(void **state)
{
	struct interface i = {.in_octets = 1};
	struct fixture f;

	fixture_open(&f, 8);
	for (uint32_t n = 0; n < 4; n++) {
		f.source.index = n;
		fixture_interface(&f, &i);
		f.time_ms += 10000;
	}
	f.source.index = 0;
	f.sequence++;
	f.uptime_ms += 40000;
	assert_true(fixture_interface(&f, &i)); /* index 0 at 40 s, the others at 10, 20, 30 s */
	metric_store_expire(f.store, f.time_ms + 30000);
	assert_int_equal(metric_store_sources(f.store), 4);
	metric_store_expire(f.store, f.time_ms + 45000);
	assert_int_equal(metric_store_sources(f.store), 2);
	assert_int_equal(fixture_stat(&f, METRIC_SOURCES_EXPIRED), 2);
	f.sequence++;
	f.uptime_ms += 10000;
	i.in_octets += 100;
	assert_true(fixture_interface(&f, &i));
	assert_metric(&f, "ifinoctets", "10");
	f.source.index = 1;
	assert_true(fixture_interface(&f, &i));
	assert_absent(&f, "ifinoctets");
	metric_store_expire(f.store, f.time_ms + 1000000);
	assert_int_equal(metric_store_sources(f.store), 0);
	fixture_close(&f);
}

/* Many sources come and go at random; the store holds those that a plain model holds. */
static void test_churn(void **state)
{
	enum { SOURCES = 200, ROOM = 64, ROUNDS = 20000 };
	uint64_t last[SOURCES] = {0};
	struct wire none = {.len = 0};
	unsigned held = 0;
	struct fixture f;

	srand(7);
	fixture_open(&f, ROOM);
	for (unsigned n = 0; n < ROUNDS; n++) {
		unsigned k = (unsigned)rand() % SOURCES;
		bool room = last[k] || held < ROOM;

		f.source.index = k;
		fixture_step(&f, 900);
		assert_int_equal(fixture_add(&f, &none, 0), room);
		held += room && !last[k];
		if (room)
			last[k] = f.time_ms;
		metric_store_expire(f.store, f.time_ms);
		for (k = 0; k < SOURCES; k++) {
			if (last[k] && f.time_ms - last[k] > 60000) {
				last[k] = 0;
				held--;
			}
		}
		assert_int_equal(metric_store_sources(f.store), held);
		if (n % 1000 == 0)
			base_region_free(&f.region);
	}
	assert_true(fixture_stat(&f, METRIC_SOURCES_FULL) > 0);
	fixture_close(&f);
}

static void count_each(void *ctx, const struct metric_update *u)
{
	struct fixture *f = ctx;

	f->sequence++;
	f->u = *u;
}

/* A record that comes only in some samples keeps its own base and its values. */
static void test_each(void **state)
{
	struct interface i = {.in_octets = 1000};
	struct fixture f;
	struct wire ethernet = {.len = 0};

	fixture_open(&f, 8);
	wire_record(&ethernet, SFLOW_TAG(0, 2), 13);
	fixture_interface(&f, &i);
	fixture_step(&f, 5000);
	fixture_add(&f, &ethernet, 1);
	fixture_step(&f, 5000);
	i.in_octets += 100;
	fixture_interface(&f, &i);
	assert_metric(&f, "ifinoctets", "10");
	assert_absent(&f, "eth_fcserrors");
	fixture_step(&f, 5000);
	base_put_u32(ethernet.bytes + 12, 20);
	fixture_add(&f, &ethernet, 1);
	assert_metric(&f, "eth_fcserrors", "2");
	assert_absent(&f, "ifinoctets");
	f.sequence = 0;
	metric_store_each(f.store, &f.region, count_each, &f);
	assert_int_equal(f.sequence, 1);
	assert_metric(&f, "eth_fcserrors", "2");
	assert_metric(&f, "ifinoctets", "10");
	assert_int_equal(f.u.time_ms, f.time_ms);
	/* Ethernet counters stop: they are not shown for ever. */
	f.sequence = 5;
	fixture_step(&f, 61000);
	fixture_interface(&f, &i);
	f.sequence = 0;
	metric_store_each(f.store, &f.region, count_each, &f);
	assert_absent(&f, "eth_fcserrors");
	assert_non_null(fixture_text(&f, "ifinoctets"));
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_key),
		cmocka_unit_test(test_expire),
		cmocka_unit_test(test_churn),
		cmocka_unit_test(test_each),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
