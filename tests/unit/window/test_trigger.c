/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core.h"
#include "window/trigger.h"

/* Windows of a second, filled by hand; rates are not smoothed, so that each is what its window had. */
enum { FAST, TOTAL, SLOW, DEFINITIONS };
enum { RING = 64, ROOM = 4 };

static const struct flow_spec specs[DEFINITIONS] = {
	{.name = "fast", .keys = "ipsource", .value = "bytes", .n = 5, .t = 0, .capacity = 64},
	{.name = "total", .keys = "", .value = "bytes", .n = 5, .t = 0, .capacity = 64},
	{.name = "slow", .keys = "ipsource", .value = "bytes", .n = 5, .t = 4, .capacity = 64},
};
static const struct window_limits limits = {.agents = 10, .sources = 10, .counter_bytes = 64};
static const struct merge_options one_core = {.rx_cores = 1};
static const struct ring_options ring_options = {.id = "eventID", .size = RING, .view = RING};
static const uint64_t START_MS = 1700000000000;

struct fixture {
	struct base_hash hash;
	struct flow_plan *plan;
	struct merge *m;
	struct window *w;
	struct thresholds *set;
	struct ring *events;
	struct triggers *t;
	uint64_t now_ms;
	uint64_t seen; /* events that were looked at */
	uint32_t sources[3];
};

/* Sources 7 and 8 of agent 1, and 7 of agent 2. */
static void window_start(struct fixture *f)
{
	struct base_addr one = core_agent(1), two = core_agent(2);
	uint32_t a, b;

	window_clear(f->w);
	window_open(f->w, f->now_ms, 0, f->now_ms * 1000000);
	a = hand_agent(f->w, &one, 0, 0);
	b = hand_agent(f->w, &two, 0, 0);
	f->sources[0] = hand_source(f->w, &f->hash, a, (struct sflow_source){.index = 7});
	f->sources[1] =
		hand_source(f->w, &f->hash, a, (struct sflow_source){.class = 2, .index = 8});
	f->sources[2] = hand_source(f->w, &f->hash, b, (struct sflow_source){.index = 7});
}

static int setup(void **state)
{
	const struct merge_options options = {
		.rx_cores = 1, .agents = 10, .sources = 10, .expire_ms = 60000, .tsc_per_ms = 1};
	struct fixture *f = calloc(1, sizeof(*f));

	assert_int_equal(base_hash_init(&f->hash), 0);
	f->plan = plan_make(specs, DEFINITIONS);
	f->m = merge_create(f->plan, &f->hash, &options);
	f->w = window_create(f->plan, &limits, -1);
	f->set = thresholds_create();
	f->events = ring_create(&ring_options);
	f->t = triggers_create(
		&(struct trigger_options){.thresholds = f->set, .events = f->events, .max = ROOM});
	assert_true(f->m && f->w && f->set && f->events && f->t);
	f->now_ms = START_MS;
	window_start(f);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	triggers_destroy(f->t);
	ring_destroy(f->events);
	thresholds_destroy(f->set);
	window_destroy(f->w);
	merge_destroy(f->m);
	flow_plan_free(f->plan);
	free(f);
	return 0;
}

/* One sample of 10.0.0.`host` at a source of the fixture. */
static void sample(struct fixture *f, unsigned source, uint8_t host, uint64_t value)
{
	const uint8_t key[4] = {10, 0, 0, host};

	hand_flow(f->w, &f->hash, FAST, key, 4, f->sources[source], value);
	hand_flow(f->w, &f->hash, TOTAL, key, 0, f->sources[source], value);
	hand_flow(f->w, &f->hash, SLOW, key, 4, f->sources[source], value);
}

/* @param seconds  as they were measured from seal to seal */
static void close_late(struct fixture *f, double seconds)
{
	hand_flush(f->w);
	merge_window(f->m, f->w);
	f->now_ms += 1000;
	merge_close(f->m, seconds, f->now_ms);
	assert_merge_conserved(f->m);
	triggers_close(f->t, f->m, seconds, f->now_ms - 1000, f->now_ms);
	merge_next(f->m);
	window_start(f);
}

static void close_window(struct fixture *f)
{
	close_late(f, 1);
}

/* A window with one sample, or none where the value is 0. */
static void window_of(struct fixture *f, uint8_t host, uint64_t value)
{
	if (value)
		sample(f, 0, host, value);
	close_window(f);
}

static void threshold(struct fixture *f, const char *name, const char *metric, double value,
	bool by_flow, double timeout)
{
	const struct threshold t = {.name = name,
		.metric = metric,
		.value = value,
		.by_flow = by_flow,
		.timeout = timeout};

	assert_int_equal(thresholds_put(f->set, &t), 0);
}

static const char *field(const struct ring_document *d, const char *name)
{
	for (uint32_t i = 0; i < d->count; i++) {
		if (strcmp(d->pairs[i].name, name) == 0)
			return d->pairs[i].text;
	}
	return "-";
}

/* The events since the last look, oldest first: state, threshold, place, key, value. */
static void assert_events(struct fixture *f, const char *want)
{
	struct ring_document *list[RING];
	unsigned n = ring_read_newest(f->events, (int64_t)f->seen, NULL, list, RING);
	char got[4096] = "";

	for (unsigned i = n; i-- > 0;) {
		const struct ring_document *d = list[i];

		sprintf(got + strlen(got), "%s %s %s/%s %s %s;", field(d, "state"),
			field(d, "thresholdID"), field(d, "agent"), field(d, "dataSource"),
			field(d, "flowKey"), field(d, "value"));
		assert_string_equal(d->name, field(d, "thresholdID"));
		f->seen = d->id;
	}
	ring_release(list, n);
	assert_string_equal(got, want);
}

static void assert_field(struct fixture *f, const char *name, const char *want)
{
	struct ring_document *d;

	assert_int_equal(ring_read_newest(f->events, -1, NULL, &d, 1), 1);
	assert_string_equal(field(d, name), want);
	ring_release(&d, 1);
}

static void test_start_and_end(void **state)
{
	struct fixture *f = *state;

	threshold(f, "t", "fast", 100, false, 0);
	window_of(f, 1, 100); /* it has to exceed it */
	assert_events(f, "");
	window_of(f, 1, 101);
	assert_field(f, "timestamp", "1700000002000");
	assert_field(f, "metric", "fast");
	assert_field(f, "threshold", "100");
	assert_field(f, "samples", "1");
	assert_field(f, "peak", "-");
	assert_events(f, "start t 192.0.0.1/7 10.0.0.1 101;");
	window_of(f, 1, 300);
	window_of(f, 1, 200);
	assert_events(f, "");
	window_of(f, 1, 100);
	assert_field(f, "startID", "1");
	assert_field(f, "start", "1700000002000");
	assert_field(f, "timestamp", "1700000005000");
	assert_field(f, "peak", "300");
	assert_field(f, "duration", "3000");
	assert_events(f, "end t 192.0.0.1/7 10.0.0.1 200;");
	window_of(f, 1, 0);
	assert_events(f, "");
	assert_int_equal(triggers_stats(f->t)[TRIGGER_STARTS], 1);
	assert_int_equal(triggers_stats(f->t)[TRIGGER_ENDS], 1);
	assert_int_equal(triggers_stats(f->t)[TRIGGER_ACTIVE], 0);
}

/* Durations are those of windows, however late a seal was. */
static void test_duration(void **state)
{
	struct fixture *f = *state;

	threshold(f, "t", "fast", 100, false, 0);
	sample(f, 0, 1, 500);
	close_late(f, 1.017);
	sample(f, 0, 1, 500);
	close_late(f, 0.983);
	window_of(f, 1, 0);
	assert_field(f, "duration", "2000");
}

static void test_hysteresis(void **state)
{
	struct fixture *f = *state;

	threshold(f, "t", "fast", 100, false, 2);
	window_of(f, 1, 200);
	assert_events(f, "start t 192.0.0.1/7 10.0.0.1 200;");
	for (unsigned i = 0; i < 5; i++) { /* below for two windows: a second and more, not two */
		window_of(f, 1, 50);
		window_of(f, 1, 0);
		window_of(f, 1, 150);
	}
	assert_events(f, "");
	assert_int_equal(triggers_stats(f->t)[TRIGGER_ACTIVE], 1);
	window_of(f, 1, 0);
	window_of(f, 1, 50);
	assert_events(f, "");
	window_of(f, 1, 50);
	assert_events(f, "end t 192.0.0.1/7 10.0.0.1 150;");
	assert_field(f, "duration", "16000"); /* from the first window above to the last */
	window_of(f, 1, 101);
	assert_events(f, "start t 192.0.0.1/7 10.0.0.1 101;");
}

/* Without byFlow one event for each data source, of its largest flow, whichever that is later. */
static void test_largest(void **state)
{
	struct fixture *f = *state;

	threshold(f, "t", "fast", 100, false, 0);
	sample(f, 0, 1, 150);
	sample(f, 0, 2, 250);
	sample(f, 0, 3, 200);
	sample(f, 1, 1, 500);
	sample(f, 2, 1, 90);
	close_window(f);
	assert_int_equal(triggers_stats(f->t)[TRIGGER_ACTIVE], 2);
	assert_int_equal(ring_newest(f->events), 2);
	f->seen = 2;
	sample(f, 0, 4, 170);
	sample(f, 1, 9, 110);
	close_window(f);
	assert_events(f, "");
	sample(f, 1, 9, 110);
	close_window(f);
	assert_events(f, "end t 192.0.0.1/7 10.0.0.2 170;");
	close_window(f);
	assert_events(f, "end t 192.0.0.1/2.8 10.0.0.1 110;");
}

static void test_by_flow(void **state)
{
	struct fixture *f = *state;

	threshold(f, "t", "fast", 100, true, 0);
	sample(f, 0, 1, 150);
	sample(f, 0, 2, 90);
	close_window(f);
	assert_events(f, "start t 192.0.0.1/7 10.0.0.1 150;");
	sample(f, 0, 1, 150);
	sample(f, 0, 2, 190);
	close_window(f);
	assert_events(f, "start t 192.0.0.1/7 10.0.0.2 190;");
	sample(f, 0, 2, 190);
	sample(f, 2, 2, 120);
	close_window(f);
	assert_int_equal(triggers_stats(f->t)[TRIGGER_STARTS], 3);
	assert_int_equal(triggers_stats(f->t)[TRIGGER_ENDS], 1);
	assert_events(f, "end t 192.0.0.1/7 10.0.0.1 150;"
			 "start t 192.0.0.2/7 10.0.0.2 120;");
}

/* A value of few samples begins nothing, but an event goes on with it. */
static void test_samples(void **state)
{
	struct fixture *f = *state;
	const struct threshold t = {.name = "t", .metric = "fast", .value = 100, .samples = 3};

	assert_int_equal(thresholds_put(f->set, &t), 0);
	sample(f, 0, 1, 1000);
	sample(f, 0, 1, 1000);
	close_window(f);
	assert_events(f, "");
	for (unsigned i = 0; i < 3; i++)
		sample(f, 0, 1, 50);
	sample(f, 0, 2, 9000); /* larger, and of one sample alone */
	close_window(f);
	assert_field(f, "samples", "3");
	assert_events(f, "start t 192.0.0.1/7 10.0.0.1 150;");
	window_of(f, 1, 101);
	assert_events(f, "");
	close_window(f);
	assert_field(f, "peak", "150");
	assert_field(f, "samples", "3");
}

static void test_filter(void **state)
{
	struct fixture *f = *state;
	const struct base_addr agent = core_agent(2);
	const struct sflow_source sources[] = {{.index = 9}, {.class = 2, .index = 8}};
	struct threshold t = {
		.name = "agent", .metric = "fast", .agents = &agent, .agent_count = 1};

	assert_int_equal(thresholds_put(f->set, &t), 0);
	t = (struct threshold){
		.name = "source", .metric = "fast", .sources = sources, .source_count = 2};
	assert_int_equal(thresholds_put(f->set, &t), 0);
	t = (struct threshold){.name = "both",
		.metric = "fast",
		.sources = sources,
		.source_count = 2,
		.agents = &agent,
		.agent_count = 1};
	assert_int_equal(thresholds_put(f->set, &t), 0);
	for (unsigned i = 0; i < 3; i++)
		sample(f, i, 1, 10 + i);
	close_window(f);
	assert_int_equal(ring_newest(f->events), 2);
	assert_events(
		f, "start source 192.0.0.1/2.8 10.0.0.1 11;start agent 192.0.0.2/7 10.0.0.1 12;");
}

/* The smoothed rate counts, corrected at the start, and there is no key to be told of a total. */
static void test_smoothed(void **state)
{
	struct fixture *f = *state;

	threshold(f, "slow", "slow", 99, false, 0);
	threshold(f, "total", "total", 199, false, 0);
	sample(f, 0, 1, 100);
	sample(f, 0, 2, 100);
	close_window(f);
	assert_int_equal(ring_newest(f->events), 2);
	assert_events(f, "start total 192.0.0.1/7 - 200;start slow 192.0.0.1/7 10.0.0.1 100;");
	sample(f, 0, 1, 100);
	sample(f, 0, 2, 100);
	close_window(f);
	assert_events(f, "");
	close_window(f);
	assert_int_equal(triggers_stats(f->t)[TRIGGER_ENDS], 2);
}

/* What is taken out ends; what is replaced ends, and begins by its new rule. */
static void test_changes(void **state)
{
	struct fixture *f = *state;

	threshold(f, "t", "fast", 100, false, 60);
	threshold(f, "none", "nonesuch", 0, false, 60);
	window_of(f, 1, 200);
	assert_events(f, "start t 192.0.0.1/7 10.0.0.1 200;");
	threshold(f, "t", "fast", 150, false, 60);
	window_of(f, 1, 200);
	assert_events(f, "end t 192.0.0.1/7 10.0.0.1 200;start t 192.0.0.1/7 10.0.0.1 200;");
	assert_int_equal(thresholds_remove(f->set, "t"), 0);
	window_of(f, 1, 200);
	assert_events(f, "end t 192.0.0.1/7 10.0.0.1 200;");
	assert_int_equal(triggers_stats(f->t)[TRIGGER_ACTIVE], 0);
}

/* Another definition takes the name: its flows are none of the old one, though bytes are equal. */
static void test_replaced(void **state)
{
	const uint16_t from[DEFINITIONS] = {WINDOW_NEW, TOTAL, SLOW};
	struct flow_spec other[DEFINITIONS] = {specs[FAST], specs[TOTAL], specs[SLOW]};
	struct fixture *f = *state;
	struct flow_plan *plan, *old = f->m->plan;
	struct merge_definition *definitions;

	threshold(f, "t", "fast", 100, true, 60);
	threshold(f, "slow", "slow", 150, true, 60);
	window_of(f, 1, 200);
	f->seen = ring_newest(f->events);
	other[FAST].keys = "ipdestination";
	plan = plan_make(other, DEFINITIONS);
	definitions = merge_definitions_create(plan, from, &one_core);
	definitions = merge_change(f->m, flow_plan_hold(plan), definitions, from, 0);
	merge_definitions_destroy(definitions, old);
	flow_plan_free(old);
	window_destroy(f->w);
	f->w = window_create(plan, &limits, -1);
	flow_plan_free(plan);
	window_start(f);
	window_of(f, 1, 300);
	assert_events(f, "end t 192.0.0.1/7 10.0.0.1 200;start t 192.0.0.1/7 10.0.0.1 300;");
	assert_int_equal(triggers_stats(f->t)[TRIGGER_ACTIVE], 2);
}

/* A flow of two values beside the first, seen by a core. */
static void test_values(void **state)
{
	const struct flow_spec spec = {.name = "slow",
		.keys = "ipsource",
		.value = "frames",
		.values = "max:bytes,avg:vlan",
		.n = 5,
		.capacity = 64};
	const struct merge_options options = {
		.rx_cores = 1, .agents = 10, .sources = 10, .expire_ms = 60000, .tsc_per_ms = 1};
	struct fixture *f = *state;
	struct flow_plan *plan = plan_make(&spec, 1);
	struct merge *m = merge_create(plan, &f->hash, &options);
	struct bytes_ip ip = core_ip(0x0A000001, 0x0A000002, 100);
	const struct base_addr agent = core_agent(1);
	struct core core;
	struct wire w;

	threshold(f, "t", "slow", 5, false, 0);
	core_open(&core, plan, &f->hash, &limits);
	for (unsigned i = 0; i < 3; i++) {
		w = (struct wire){.len = 0};
		bytes_datagram(&w, &agent, 0, i + 1, 1000 * (i + 1), 1);
		core_flow(&w, 3, i + 1, 10, &ip);
		if (i < 2)
			core_take(&core, &w, i + 1);
		collect_flush(&core.c, core.w);
		ip.length += 50;
		merge_window(m, core.w);
		window_clear(core.w);
		window_open(core.w, i + 2, 0, 0);
		merge_close(m, 1, START_MS + 1000 * i);
		triggers_close(f->t, m, 1, START_MS + 1000 * (i - 1), START_MS + 1000 * i);
		merge_next(m);
		if (i == 0)
			assert_field(f, "values", "[100,null]");
	}
	assert_field(f, "state", "end");
	assert_field(f, "values", "[150,null]"); /* as of the last window above */
	core_close(&core);
	merge_destroy(m);
	flow_plan_free(plan);
}

static void test_full(void **state)
{
	struct fixture *f = *state;

	threshold(f, "t", "fast", 1, true, 0);
	for (uint8_t i = 1; i <= ROOM + 3; i++)
		sample(f, 0, i, 100);
	close_window(f);
	assert_int_equal(triggers_stats(f->t)[TRIGGER_STARTS], ROOM);
	assert_int_equal(triggers_stats(f->t)[TRIGGER_FULL], 3);
	close_window(f);
	sample(f, 0, ROOM + 3, 100);
	close_window(f);
	assert_int_equal(triggers_stats(f->t)[TRIGGER_STARTS], ROOM + 1);
	assert_int_equal(triggers_stats(f->t)[TRIGGER_FULL], 3);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_start_and_end),
		TEST(test_duration),
		TEST(test_hysteresis),
		TEST(test_largest),
		TEST(test_by_flow),
		TEST(test_samples),
		TEST(test_filter),
		TEST(test_smoothed),
		TEST(test_changes),
		TEST(test_replaced),
		TEST(test_values),
		TEST(test_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
