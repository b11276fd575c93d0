/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <malloc.h>

#include "metric/read.h"
#include "sample.h"

/* Data sources that come and go. */

enum { AGENTS = 64, ROOM = 4096, SILENT = 3, EXPIRE_MS = 300000 };

static void open_silent(struct fixture *f, uint32_t sources)
{
	struct metric_limits limits = {
		.agents = AGENTS, .sources = sources, .silent = SILENT, .expire_ms = EXPIRE_MS};

	fixture_open(f, sources);
	metric_store_destroy(f->store);
	f->store = metric_store_create(&limits);
	assert_non_null(f->store);
}

static bool interface(struct fixture *f, uint32_t index)
{
	f->source = (struct sflow_source){0, index};
	return fixture_interface(f, &(struct interface){.in_octets = f->time_ms});
}

/* What virtual machines and containers send, with a state of virDomainState. */
static bool container(struct fixture *f, uint32_t index, uint32_t state)
{
	struct wire w = {.len = 0};
	uint32_t start = wire_open(&w, SFLOW_TAG(0, 2101));

	wire_u32(&w, state);
	wire_u32(&w, (uint32_t)f->time_ms);
	wire_u32(&w, 2);
	wire_close(&w, start);
	f->source = (struct sflow_source){3, index};
	return fixture_add(f, &w, 1);
}

/* Each source is waited for as long as its own interval says, not as long as others'. */
static void test_own_interval(void **state)
{
	struct fixture f;

	open_silent(&f, ROOM);
	for (unsigned s = 0; s <= 120; s += 5, fixture_step(&f, 5000)) {
		if (s % 10 == 0)
			interface(&f, 1);
		if (s % 40 == 0)
			interface(&f, 2);
	}
	f.time_ms -= 5000; /* both had their last sample now */
	metric_store_expire(f.store, f.time_ms + 30000);
	assert_int_equal(metric_store_sources(f.store), 2);
	metric_store_expire(f.store, f.time_ms + 30001);
	assert_int_equal(metric_store_sources(f.store), 1);
	metric_store_expire(f.store, f.time_ms + 120000);
	assert_int_equal(metric_store_sources(f.store), 1);
	metric_store_expire(f.store, f.time_ms + 120001);
	assert_int_equal(metric_store_sources(f.store), 0);
	assert_int_equal(metric_store_agents(f.store), 0);
	assert_int_equal(fixture_stat(&f, METRIC_SOURCES_EXPIRED), 2);
	fixture_close(&f);
}

/* The clock is set forward by an hour, which is longer than anybody is waited for. */
static void test_forward(void **state)
{
	enum { HOUR_MS = 3600000 };
	struct fixture f;

	(void)state;
	open_silent(&f, ROOM);
	for (unsigned s = 0; s <= 40; s += 10, fixture_step(&f, 10000))
		interface(&f, 1);
	f.time_ms += HOUR_MS - 10000;
	metric_store_forward(f.store, HOUR_MS);
	metric_store_expire(f.store, f.time_ms + 30000);
	assert_int_equal(metric_store_sources(f.store), 1);
	metric_store_expire(f.store, f.time_ms + 30001);
	assert_int_equal(metric_store_sources(f.store), 0);
	fixture_close(&f);
}

/* A lost datagram or two do not make a source go; jitter neither. */
static void test_loss(void **state)
{
	struct fixture f;

	srand(3);
	open_silent(&f, ROOM);
	for (unsigned n = 0; n < 2000; n++) {
		if (n < 3 || n % 3 == 0)
			assert_true(interface(&f, 1));
		fixture_step(&f, 9500 + (uint32_t)rand() % 1000);
		metric_store_expire(f.store, f.time_ms);
		assert_int_equal(metric_store_sources(f.store), 1);
	}
	fixture_close(&f);
}

/* Of one sample nobody knows the interval: of guests, that of the agent's others is taken. */
static void test_once(void **state)
{
	struct fixture f;

	open_silent(&f, ROOM);
	for (unsigned n = 0; n < 4; n++, fixture_step(&f, 20000))
		container(&f, 1, 1);
	container(&f, 7, 1);
	container(&f, 1, 1);
	interface(&f, 7);
	f.agent.bytes[3]++;
	container(&f, 8, 1); /* of an agent of which nothing is known */
	f.agent.bytes[3]--;
	for (unsigned n = 0; n < 3; n++) {
		metric_store_expire(f.store, f.time_ms);
		assert_int_equal(metric_store_sources(f.store), 4);
		fixture_step(&f, 20000);
		container(&f, 1, 1);
	}
	metric_store_expire(f.store, f.time_ms + 1);
	assert_int_equal(metric_store_sources(f.store), 3);
	metric_store_expire(f.store, f.time_ms - 60000 + EXPIRE_MS);
	assert_int_equal(metric_store_sources(f.store), 2);
	metric_store_expire(f.store, f.time_ms - 60000 + EXPIRE_MS + 1);
	assert_int_equal(metric_store_sources(f.store), 0);
	fixture_close(&f);
}

/* Two records of a source at different intervals: the source stays for the slower one. */
static void test_two_intervals(void **state)
{
	struct fixture f;
	struct wire ethernet = {.len = 0};

	open_silent(&f, ROOM);
	wire_record(&ethernet, SFLOW_TAG(0, 2), 13);
	f.source.index = 10;
	for (unsigned n = 0; n <= 60; n++, fixture_step(&f, 1000)) {
		if (n % 20 == 0)
			fixture_add(&f, &ethernet, 1);
		else if (n < 20)
			interface(&f, 10);
		metric_store_expire(f.store, f.time_ms);
		assert_int_equal(metric_store_sources(f.store), 1);
	}
	metric_store_each(f.store, &f.region, fixture_keep, &f);
	assert_absent(&f, "ifindex");
	assert_metric(&f, "eth_fcserrors", "0");
	metric_store_expire(f.store, f.time_ms + 60000);
	assert_int_equal(metric_store_sources(f.store), 0);
	fixture_close(&f);
}

/* Its last record says so; what comes behind it makes no new source, but a start does. */
static void test_ended(void **state)
{
	static const uint32_t ends[] = {4, 5, 6};
	struct fixture f;

	open_silent(&f, ROOM);
	for (unsigned n = 0; n < 3; n++) {
		assert_true(container(&f, 7, 1));
		fixture_step(&f, 10000);
		assert_true(container(&f, 7, 3)); /* paused */
		assert_metric(&f, "vir_cpu_state", "paused");
		fixture_step(&f, 10000);
		assert_false(container(&f, 7, ends[n]));
		assert_int_equal(metric_store_sources(f.store), 0);
		fixture_step(&f, 10000);
		assert_false(container(&f, 7, ends[n]));
		assert_int_equal(metric_store_sources(f.store), 0);
		fixture_step(&f, 10000);
	}
	assert_int_equal(fixture_stat(&f, METRIC_SOURCES_ENDED), 3);
	assert_int_equal(fixture_stat(&f, METRIC_SAMPLES_LAST), 6);
	/* One that comes late says nothing of the one that started since. */
	assert_true(container(&f, 7, 1));
	f.sequence--;
	f.uptime_ms -= 10000;
	assert_false(container(&f, 7, 5));
	assert_int_equal(metric_store_sources(f.store), 1);
	assert_int_equal(fixture_stat(&f, METRIC_OUT_OF_ORDER), 1);
	fixture_close(&f);
}

/* It comes again as another: no rate from before, no metric of before. */
static void test_again(void **state)
{
	struct fixture f;
	struct wire ethernet = {.len = 0};

	open_silent(&f, ROOM);
	wire_record(&ethernet, SFLOW_TAG(0, 2), 13);
	interface(&f, 10);
	fixture_step(&f, 10000);
	interface(&f, 10);
	assert_metric(&f, "ifinoctets", "1000");
	fixture_add(&f, &ethernet, 1);
	fixture_step(&f, 31000);
	metric_store_expire(f.store, f.time_ms);
	interface(&f, 10);
	assert_absent(&f, "ifinoctets");
	metric_store_each(f.store, &f.region, fixture_keep, &f);
	assert_absent(&f, "eth_fcserrors");
	fixture_close(&f);
}

/* The wall clock is set back by an hour: what is silent goes after expire_ms at the latest. */
static void test_clock_back(void **state)
{
	struct fixture f;

	open_silent(&f, ROOM);
	interface(&f, 1);
	f.time_ms -= 3600000;
	metric_store_expire(f.store, f.time_ms);
	assert_int_equal(metric_store_sources(f.store), 1);
	metric_store_expire(f.store, f.time_ms + EXPIRE_MS + 1);
	assert_int_equal(metric_store_sources(f.store), 0);
	fixture_close(&f);
}

static size_t in_use(struct fixture *f)
{
	metric_store_settle(f->store);
	base_memb_barrier();
	base_region_free(&f->region);
	return mallinfo2().uordblks;
}

/*
 * A day: on each of 50 hosts a container is polled three times and replaced; each third goes without
 * a word. All of them leave nothing but those that are there: not a byte of each. (What the
 * allocator keeps for each thread counts as in use, some 100 kB.)
 */
enum { HOSTS = 50, POLLS = 3, POLL_MS = 1440 };

static void run_day(struct fixture *f, unsigned containers)
{
	for (unsigned round = 0; round < containers / HOSTS * POLLS; round++) {
		unsigned number = round / POLLS;
		bool stops = round % POLLS == POLLS - 1 && number % 3;

		for (unsigned host = 0; host < HOSTS; host++) {
			f->agent.bytes[3] = (uint8_t)host;
			container(f, number, stops ? 5 : 1);
		}
		fixture_step(f, POLL_MS);
		metric_store_expire(f->store, f->time_ms);
		metric_store_settle(f->store);
		assert_true(metric_store_sources(f->store) <= 2 * HOSTS);
	}
	metric_store_expire(f->store, f->time_ms + EXPIRE_MS + 1);
}

static void test_million(void **state)
{
#ifdef __SANITIZE_THREAD__
	enum { CONTAINERS = 100000 }; /* there is one thread, and each takes thirty times as long */
#else
	enum { CONTAINERS = 1000000 };
#endif
	enum { WARM = 20000, SLACK = 500000 };
	struct fixture f;
	size_t before, after;

	base_memb_register();
	open_silent(&f, ROOM);
	run_day(&f, WARM);
	before = in_use(&f);
	assert_int_equal(metric_store_sources(f.store), 0);
	run_day(&f, CONTAINERS);
	after = in_use(&f);
	assert_int_equal(metric_store_sources(f.store), 0);
	assert_int_equal(metric_store_agents(f.store), 0);
	assert_int_equal(fixture_stat(&f, METRIC_SOURCES_FULL), 0);
	assert_int_equal(fixture_stat(&f, METRIC_AGENT_SHARE), 0);
	assert_true(fixture_stat(&f, METRIC_SOURCES_ENDED) > CONTAINERS / 2);
	assert_true(fixture_stat(&f, METRIC_SOURCES_EXPIRED) > CONTAINERS / 4);
	assert_true(after < before + SLACK);
	fixture_close(&f);
	base_memb_unregister();
}

/* An agent that makes up sources takes no more than are left for all, and nobody's. */
static void test_share(void **state)
{
	enum { FEW = 400 };
	struct fixture f;
	uint32_t taken = 0, honest = 0;

	open_silent(&f, FEW);
	for (uint32_t n = 0; n < 10 * FEW; n++)
		taken += interface(&f, n);
	assert_int_equal(taken, FEW / 2);
	assert_int_equal(fixture_stat(&f, METRIC_AGENT_SHARE), 10 * FEW - taken);
	for (unsigned a = 0; a < 3; a++) {
		f.agent.bytes[3]++;
		for (uint32_t n = 0; n < 64; n++)
			honest += interface(&f, n);
	}
	assert_int_equal(honest, 3 * 64);
	f.agent.bytes[3]++; /* eight are left */
	for (uint32_t n = 0; n < 64; n++)
		honest += interface(&f, n);
	assert_int_equal(honest, 3 * 64 + 8);
	assert_int_equal(fixture_stat(&f, METRIC_SOURCES_FULL), 56);
	/* Those that are there go on. */
	fixture_step(&f, 10000);
	f.agent.bytes[3] = 11;
	assert_true(interface(&f, 5));
	assert_metric(&f, "ifinoctets", "1000");
	fixture_close(&f);
}

static void test_limits(void **state)
{
	struct metric_limits limits = {
		.agents = 3, .sources = ROOM, .agent_sources = 5, .expire_ms = EXPIRE_MS};
	struct fixture f;
	unsigned taken = 0;

	fixture_open(&f, 1);
	metric_store_destroy(f.store);
	f.store = metric_store_create(&limits);
	for (uint32_t n = 0; n < 20; n++)
		taken += interface(&f, n);
	assert_int_equal(taken, 5);
	assert_int_equal(fixture_stat(&f, METRIC_AGENT_SHARE), 15);
	for (unsigned n = 0; n < 10; n++) {
		f.agent.bytes[3]++;
		taken += interface(&f, 1);
	}
	assert_int_equal(taken, 7);
	assert_int_equal(fixture_stat(&f, METRIC_AGENTS_FULL), 8);
	assert_int_equal(metric_store_agents(f.store), 3);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own_interval),
		cmocka_unit_test(test_forward),
		cmocka_unit_test(test_loss),
		cmocka_unit_test(test_once),
		cmocka_unit_test(test_two_intervals),
		cmocka_unit_test(test_ended),
		cmocka_unit_test(test_again),
		cmocka_unit_test(test_clock_back),
		cmocka_unit_test(test_million),
		cmocka_unit_test(test_share),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
