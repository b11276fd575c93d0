/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core.h"

/* Custom flows, from datagrams to merged state: data sources that have names. */

static const struct flow_spec specs[] = {
	{.name = "ports", .keys = "rt:port:int32", .value = "frames", .capacity = 100, .t = 1},
	{.name = "few",
		.keys = "rt:port",
		.value = "frames",
		.capacity = 100,
		.t = 1,
		.filter = "rt:port:int32=80,81"},
	{.name = "packets", .keys = "agent", .value = "frames", .capacity = 100, .t = 1},
};
enum { PORTS, FEW, PACKETS, DEFINITIONS };
static const struct window_limits limits = {.agents = 10, .sources = 3000, .counter_bytes = 65536};

struct fixture {
	struct flow_plan *plan;
	struct base_hash hash;
	struct core core;
	struct merge *m;
};

static void open_fixture(struct fixture *f)
{
	const struct merge_options options = {
		.rx_cores = 1, .agents = 10, .sources = 3000, .expire_ms = 1000, .tsc_per_ms = 1};

	f->plan = plan_make(specs, DEFINITIONS);
	assert_int_equal(base_hash_init(&f->hash), 0);
	core_open(&f->core, f->plan, &f->hash, &limits);
	f->m = merge_create(f->plan, &f->hash, &options);
	assert_non_null(f->m);
}

static void close_fixture(struct fixture *f)
{
	merge_destroy(f->m);
	core_close(&f->core);
	flow_plan_free(f->plan);
}

/* A custom flow, one in `rate`, whose field is `name`. */
static void take(struct fixture *f, uint32_t agent, const char *source, uint32_t rate,
	const char *name, uint32_t port)
{
	struct base_addr addr = core_agent(agent);
	struct wire w = {.len = 0};
	uint32_t start;

	bytes_datagram(&w, &addr, 0, 1, 1000, 1);
	start = wire_open(&w, SFLOW_RTFLOW);
	wire_string(&w, source);
	wire_u32(&w, rate);
	wire_u32(&w, 0);
	wire_u32(&w, 1);
	wire_string(&w, name);
	wire_u32(&w, 4);
	wire_u32(&w, port);
	wire_close(&w, start);
	core_take(&f->core, &w, 1);
}

static void merge(struct fixture *f)
{
	collect_flush(&f->core.c, f->core.w);
	merge_window(f->m, f->core.w);
	window_clear(f->core.w);
	window_open(f->core.w, f->core.w->serial + 1, 0, 0);
	merge_close(f->m, 1, 1000);
	assert_merge_conserved(f->m);
	merge_next(f->m);
}

static uint64_t value_at(const struct fixture *f, unsigned definition, const char *source)
{
	const struct sightings *flows = f->m->definitions[definition].flows;
	double sum = 0;

	for (uint32_t i = 0; i < flows->sightings.count; i++) {
		const struct sighting *g = sighting_at(flows, i);

		if (strcmp(known_source_at(&f->m->known, g->source)->text, source) == 0)
			sum += sightings_rate(flows, g->rate);
	}
	return (uint64_t)(sum + 0.5);
}

static void test_named(void **state)
{
	struct fixture f;
	struct merge_totals *few, *ports;

	open_fixture(&f);
	for (unsigned i = 0; i < 2; i++) { /* two windows: names are in each */
		take(&f, 1, "web1", 10, "port", 80);
		take(&f, 1, "web2", 100, "port", 80);
		take(&f, 1, "web2", 0, "port", 90); /* 0 stands for 1 */
		take(&f, 2, "web1", 1000, "port", 81);
		take(&f, 2, "web1", 7, "other", 80);
		merge(&f);
		assert_int_equal(value_at(&f, PORTS, "web1"), 1010);
		assert_int_equal(value_at(&f, PORTS, "web2"), 101);
		assert_int_equal(f.m->known.sources_live, 3);
	}
	few = &f.m->definitions[FEW].ever;
	ports = &f.m->definitions[PORTS].ever;
	assert_int_equal(few->counted, 6);
	assert_int_equal(few->filtered, 4);
	assert_int_equal(ports->counted, 8);
	assert_int_equal(ports->keyless, 2);
	assert_int_equal(f.m->definitions[PACKETS].ever.counted, 0);
	assert_int_equal(f.m->definitions[PACKETS].ever.keyless, 0);
	close_fixture(&f);
}

/* Data sources that cannot have that name are one without a name, and so are those without room. */
static void test_unnamed(void **state)
{
	/* An agent that is new has as much of half of the room as it leaves to others. */
	enum { FIT = (WINDOW_NAMES / 2 / 65 + 1) / 2 };
	struct fixture f;
	char name[65];

	open_fixture(&f);
	take(&f, 1, "10", 1, "port", 80);
	take(&f, 1, "", 1, "port", 80);
	take(&f, 1, "a b", 1, "port", 80);
	assert_int_equal(f.core.w->stats[WINDOW_CUSTOM_UNNAMED], 3);
	for (unsigned i = 0; i < 1100; i++) {
		snprintf(name, sizeof(name), "%c%063u", 'a', i);
		take(&f, 1, name, 1, "port", 80);
	}
	assert_int_equal(f.core.w->stats[WINDOW_CUSTOM_UNNAMED], 3 + 1100 - FIT);
	snprintf(name, sizeof(name), "%c%063u", 'a', 0);
	take(&f, 1, name, 1, "port", 80); /* it has its place */
	assert_int_equal(f.core.w->stats[WINDOW_CUSTOM_UNNAMED], 3 + 1100 - FIT);
	merge(&f);
	assert_int_equal(value_at(&f, PORTS, "other"), 3 + 1100 - FIT);
	assert_int_equal(value_at(&f, PORTS, name), 2);
	close_fixture(&f);
}

/* Names of fields are kept with the newest window that had them. */
static void test_keys(void **state)
{
	struct fixture f;

	open_fixture(&f);
	take(&f, 1, "web1", 1, "port", 80);
	take(&f, 1, "web1", 1, "port", 81);
	take(&f, 1, "web1", 1, "other", 80);
	merge(&f);
	assert_int_equal(f.m->keys.custom_count, 2);
	for (unsigned i = 0; i < 2 * MERGE_CUSTOMS; i++) {
		char name[16];

		snprintf(name, sizeof(name), "n%u", i);
		f.core.w->customs.skip = 0;
		take(&f, 1, "web1", 1, name, 80);
		if (i % 16 == 15)
			merge(&f);
	}
	assert_int_equal(f.m->keys.custom_count, MERGE_CUSTOMS);
	close_fixture(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_named),
		cmocka_unit_test(test_unnamed),
		cmocka_unit_test(test_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
