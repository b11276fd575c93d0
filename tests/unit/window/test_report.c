/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core.h"
#include "metric/news.h"
#include "window/report.h"

enum { PAIRS, FRAMES, DEFINITIONS };

static const struct flow_spec specs[DEFINITIONS] = {
	{.name = "pairs",
		.keys = "ipsource,ipdestination",
		.value = "bytes",
		.n = 3,
		.t = 2,
		.capacity = 100},
	{.name = "frames", .keys = "agent", .value = "frames", .n = 3, .t = 0, .capacity = 1},
};
static const struct window_limits limits = {.agents = 10, .sources = 10, .counter_bytes = 65536};
static const uint64_t START_MS = 1700000000000;

struct fixture {
	struct base_hash hash;
	struct flow_plan *plan;
	struct core core;
	struct merge *m;
	uint64_t number; /* of the window */
	uint32_t sequence;
	uint32_t touched; /* counter samples in the window last reported */
};

static void fixture_open(struct fixture *f)
{
	const struct merge_options options = {.rx_cores = 1,
		.agents = 10,
		.sources = 10,
		.metrics = {.custom = 4, .names = 4, .text = 16},
		.expire_ms = 60000,
		.tsc_per_ms = 1};

	*f = (struct fixture){.number = 1};
	assert_int_equal(base_hash_init(&f->hash), 0);
	f->plan = plan_make(specs, DEFINITIONS);
	core_open(&f->core, f->plan, &f->hash, &limits);
	window_open(f->core.w, 1, 0, START_MS * 1000000);
	f->m = merge_create(f->plan, &f->hash, &options);
	assert_non_null(f->m);
}

static void fixture_close(struct fixture *f)
{
	core_close(&f->core);
	merge_destroy(f->m);
	flow_plan_free(f->plan);
}

/* `count` packets of 100 bytes from 10.0.0.`flow`, one in 10 sampled, at data source `index`. */
static void take(struct fixture *f, uint32_t agent, uint32_t index, uint32_t flow, unsigned count)
{
	struct base_addr addr = core_agent(agent);
	struct bytes_ip ip = core_ip(0x0A000000 + flow, 0x0A000001, 100);

	while (count--) {
		struct wire w = {.len = 0};

		bytes_datagram(&w, &addr, 0, ++f->sequence, 5000, 1);
		core_flow(&w, index, f->sequence, 10, &ip);
		core_take(&f->core, &w, 250);
	}
}

/* A counter sample with an interface, whose octets count up. */
static void take_counter(struct fixture *f, uint32_t agent, uint64_t octets, uint64_t tsc)
{
	struct base_addr addr = core_agent(agent);
	uint32_t uptime_ms = (uint32_t)(4000 + 1000 * f->number + tsc), sample, record;
	struct wire w = {.len = 0};

	bytes_datagram(&w, &addr, 0, ++f->sequence, uptime_ms, 1);
	sample = bytes_counter(&w, (struct sflow_source){.index = 7}, f->sequence, 1);
	record = wire_open(&w, SFLOW_TAG(0, 1));
	wire_u32(&w, 7);
	wire_u32(&w, 6);
	wire_u64(&w, 1000000000);
	wire_u32(&w, 1);
	wire_u32(&w, 3);
	wire_u64(&w, octets);
	for (unsigned i = 0; i < 14; i++)
		wire_u32(&w, 0);
	wire_close(&w, record);
	wire_close(&w, sample);
	core_take(&f->core, &w, tsc);
}

/* Seal, merge, close, report; the snapshot is the caller's. */
static struct window_snapshot *report(struct fixture *f, bool complete)
{
	const struct report_options o = {.number = f->number,
		.start_ms = START_MS + 1000 * (f->number - 1),
		.end_ms = START_MS + 1000 * f->number,
		.complete = complete};
	struct window_snapshot *s;

	collect_flush(&f->core.c, f->core.w);
	merge_window(f->m, f->core.w);
	window_clear(f->core.w);
	window_open(f->core.w, ++f->number, 0, o.end_ms * 1000000);
	merge_close(f->m, 1, o.end_ms);
	assert_merge_conserved(f->m);
	s = report_make(f->m, &o);
	assert_non_null(s);
	f->touched = f->m->touched.count;
	merge_next(f->m);
	return s;
}

static const char *pair_text(const struct metric_pair *pairs, unsigned count, const char *name)
{
	for (unsigned i = 0; i < count; i++) {
		if (strcmp(pairs[i].name, name) == 0) {
			assert_true(pairs[i].number);
			return pairs[i].text;
		}
	}
	return "(none)";
}

static void assert_double(double a, double b)
{
	if (fabs(a - b) > 1e-6 * fabs(b))
		fail_msg("%g is not %g", a, b);
}

static void test_flows(void **state)
{
	struct window_snapshot *s;
	const struct window_flows *f;
	struct fixture x;

	fixture_open(&x);
	take(&x, 1, 3, 5, 20);
	take(&x, 2, 4, 5, 30); /* the same flow, seen more often elsewhere */
	take(&x, 1, 3, 6, 40);
	take(&x, 1, 3, 7, 10);
	take(&x, 1, 3, 8, 1);
	s = report(&x, false);
	assert_int_equal(s->number, 1);
	assert_int_equal(s->start_ms, START_MS);
	assert_int_equal(s->end_ms, START_MS + 1000);
	assert_false(s->complete);
	assert_int_equal(s->flow_count, DEFINITIONS);
	f = &s->flows[PAIRS];
	assert_string_equal(f->name, "pairs");
	assert_string_equal(f->unit, "bytes");
	assert_int_equal(f->total, 101 * 1000);
	assert_int_equal(f->other, 0);
	assert_int_equal(f->samples, 101);
	assert_int_equal(f->flows, 4);
	assert_int_equal(f->count, 3); /* n */
	assert_string_equal(f->top[0].key, "10.0.0.6,10.0.0.1");
	assert_double(f->top[0].value, 40000);
	assert_int_equal(f->top[0].samples, 40);
	assert_double(f->top[0].error95, 1.96 / sqrt(40));
	assert_string_equal(f->top[1].key, "10.0.0.5,10.0.0.1");
	assert_double(f->top[1].value, 30000); /* the largest, not the sum */
	assert_string_equal(f->top[1].agent, "192.0.0.2");
	assert_string_equal(f->top[1].source, "4");
	assert_string_equal(f->top[2].key, "10.0.0.7,10.0.0.1");
	assert_string_equal(f->top[2].agent, "192.0.0.1");
	assert_string_equal(f->top[2].source, "3");
	report_free(s);
	report_free(NULL);
	fixture_close(&x);
}

static void test_other(void **state)
{
	const struct window_flows *f;
	struct window_snapshot *s;
	struct fixture x;

	fixture_open(&x);
	take(&x, 1, 3, 5, 2);
	take(&x, 2, 3, 5, 3); /* no room for a second agent */
	s = report(&x, false);
	f = &s->flows[FRAMES];
	assert_string_equal(f->unit, "frames");
	assert_int_equal(f->total, 50);
	assert_int_equal(f->other, 30);
	assert_int_equal(f->count, 1);
	assert_string_equal(f->top[0].key, "192.0.0.1");
	assert_double(f->top[0].value, 20);
	report_free(s);
	fixture_close(&x);
}

/* A steady flow rests on more samples as windows go by; one that ended fades. */
static void test_smoothed(void **state)
{
	double k = exp(-0.5), previous;
	struct window_snapshot *s;
	struct fixture x;

	fixture_open(&x);
	for (unsigned i = 1; i <= 10; i++) {
		double n = 20 * (1 - pow(k, i)) / (1 + pow(k, i)) * (1 + k) / (1 - k);

		take(&x, 1, 3, 5, 20);
		s = report(&x, false);
		assert_double(s->flows[PAIRS].top[0].value, 20000);
		assert_int_equal(s->flows[PAIRS].top[0].samples, llround(n));
		assert_true(fabs(s->flows[PAIRS].top[0].error95 - 1.96 / sqrt(n)) < 1e-4);
		report_free(s);
	}
	previous = 20000;
	for (unsigned i = 1; i <= 15; i++) {
		s = report(&x, false);
		assert_int_equal(s->flows[PAIRS].total, 0);
		assert_int_equal(s->flows[PAIRS].flows, 0);
		assert_int_equal(s->flows[PAIRS].count, 1);
		assert_true(s->flows[PAIRS].top[0].value < previous);
		previous = s->flows[PAIRS].top[0].value;
		report_free(s);
	}
	s = report(&x, false);
	assert_int_equal(s->flows[PAIRS].count, 0);
	report_free(s);
	fixture_close(&x);
}

static void test_empty(void **state)
{
	struct window_snapshot *s;
	struct fixture x;

	fixture_open(&x);
	s = report(&x, true);
	assert_true(s->complete);
	assert_int_equal(s->flow_count, DEFINITIONS);
	assert_int_equal(s->flows[PAIRS].count + s->flows[PAIRS].flows, 0);
	assert_int_equal(s->agent_count, 0);
	assert_int_equal(s->metric_count, 0);
	report_free(s);
	fixture_close(&x);
}

static void test_agents(void **state)
{
	const struct window_agent *a;
	struct window_snapshot *s;
	struct fixture x;

	fixture_open(&x);
	take(&x, 1, 3, 5, 2);
	x.sequence += 3; /* lost */
	take(&x, 1, 4, 5, 1);
	take_counter(&x, 1, 0, 300);
	s = report(&x, false);
	assert_int_equal(s->agent_count, 1);
	a = &s->agents[0];
	assert_int_equal(a->addr.bytes[3], 1);
	assert_int_equal(a->seen_ms, START_MS + 300);
	assert_string_equal(pair_text(a->pairs, a->count, "datagrams"), "4");
	assert_string_equal(pair_text(a->pairs, a->count, "lost"), "3");
	assert_string_equal(pair_text(a->pairs, a->count, "duplicates"), "0");
	assert_string_equal(pair_text(a->pairs, a->count, "out_of_order"), "0");
	assert_string_equal(pair_text(a->pairs, a->count, "restarts"), "0");
	assert_string_equal(pair_text(a->pairs, a->count, "samples"), "4");
	assert_string_equal(pair_text(a->pairs, a->count, "flow_samples"), "3");
	assert_string_equal(pair_text(a->pairs, a->count, "counter_samples"), "1");
	assert_string_equal(pair_text(a->pairs, a->count, "discarded_packets"), "0");
	assert_string_equal(pair_text(a->pairs, a->count, "data_sources"), "2");
	assert_string_equal(pair_text(a->pairs, a->count, "uptime_ms"), "5300");
	assert_string_equal(pair_text(a->pairs, a->count, "first_seen_ms"), "1700000000300");
	assert_string_equal(pair_text(a->pairs, a->count, "last_seen_ms"), "1700000000300");
	report_free(s);
	fixture_close(&x);
}

/* Only those heard of, unless all are asked for. */
static void test_changed(void **state)
{
	struct window_snapshot *s;
	struct fixture x;

	fixture_open(&x);
	take(&x, 1, 3, 5, 1);
	take(&x, 2, 3, 5, 1);
	s = report(&x, false);
	assert_int_equal(s->agent_count, 2);
	report_free(s);
	take(&x, 2, 3, 5, 1);
	s = report(&x, false);
	assert_int_equal(s->agent_count, 1);
	assert_int_equal(s->agents[0].addr.bytes[3], 2);
	report_free(s);
	s = report(&x, false);
	assert_int_equal(s->agent_count, 0);
	report_free(s);
	s = report(&x, true);
	assert_int_equal(s->agent_count, 2);
	report_free(s);
	fixture_close(&x);
}

/* A window with so many counter samples. */
static void assert_touched(struct fixture *x, uint32_t want)
{
	struct window_snapshot *s = report(x, false);

	assert_int_equal(x->touched, want);
	assert_int_equal(s->metric_count, 0);
	report_free(s);
}

/* Counters are in the store, for those who read it; the window knows whose there were. */
static void test_counters(void **state)
{
	const struct metric_name *octets;
	struct metric_value v;
	struct fixture x;

	fixture_open(&x);
	octets = metric_name_find(x.m->metrics, "ifinoctets", 10);
	assert_non_null(octets);
	take_counter(&x, 1, 1000, 0);
	assert_touched(&x, 1);
	assert_false(metric_source_value(metric_slot_source(x.m->metrics, 0), octets, &v));
	take_counter(&x, 1, 5000, 1000);
	assert_touched(&x, 1);
	assert_true(metric_source_value(metric_slot_source(x.m->metrics, 0), octets, &v));
	assert_true(v.value == 2000); /* two seconds */
	take_counter(&x, 1, 6000, 2000);
	take_counter(&x, 1, 7000, 2500);
	take_counter(&x, 2, 7000, 2500);
	assert_touched(&x, 2);
	assert_touched(&x, 0);
	fixture_close(&x);
}

/* Custom samples go the way of counter samples, with the name of their data source. */
static void test_custom(void **state)
{
	struct base_addr addr = core_agent(1);
	struct wire w = {.len = 0};
	const struct metric_name *queue;
	struct window_snapshot *s;
	struct metric_value v;
	struct fixture x;
	uint32_t sample;

	fixture_open(&x);
	bytes_datagram(&w, &addr, 0, 1, 1000, 1);
	sample = wire_open(&w, SFLOW_RTMETRIC);
	wire_string(&w, "web1");
	wire_u32(&w, 1);
	wire_string(&w, "queue");
	wire_u32(&w, 3);
	wire_u32(&w, 7);
	wire_close(&w, sample);
	core_take(&x.core, &w, 0);
	s = report(&x, false);
	assert_int_equal(x.touched, 1);
	queue = metric_name_find(x.m->metrics, "queue", 5);
	assert_non_null(queue);
	assert_true(metric_source_value(metric_slot_source(x.m->metrics, 0), queue, &v));
	assert_true(v.value == 7);
	report_free(s);
	fixture_close(&x);
}

/* How a data source samples is told at once, then now and then. */
static void test_sources(void **state)
{
	unsigned told = 0;
	struct window_snapshot *s;
	struct fixture x;

	fixture_open(&x);
	for (unsigned i = 0; i < 25; i++) {
		take(&x, 1, 3, 5, 5);
		s = report(&x, false);
		assert_true(s->metric_count <= 1);
		if (s->metric_count) {
			const struct metric_update *u = &s->metrics[0];

			assert_int_equal(i % 10, 0);
			assert_int_equal(u->source.index, 3);
			assert_string_equal(pair_text(u->pairs, u->count, "sampling_rate"), "10");
			assert_string_equal(
				pair_text(u->pairs, u->count, "effective_sampling_rate"), "10.000");
			assert_string_equal(
				pair_text(u->pairs, u->count, "flow_samples_lost"), "0");
			told++;
		}
		report_free(s);
	}
	assert_int_equal(told, 3);
	s = report(&x, true);
	assert_int_equal(s->metric_count, 1);
	report_free(s);
	fixture_close(&x);
}

static void test_collector(void **state)
{
	static const struct stats_def defs[] = {{"things", "things", "some"}};
	static const struct stats_group group = {"more", defs, 1};
	const uint64_t values[] = {42};
	const struct report_stats more[] = {{&group, values}};
	const struct report_options o = {
		.number = 9, .end_ms = START_MS, .more = more, .more_count = 1};
	struct window_snapshot *s;
	struct fixture x;

	fixture_open(&x);
	take(&x, 1, 3, 5, 4);
	report_free(report(&x, false));
	s = report_make(x.m, &o);
	assert_non_null(s);
	assert_string_equal(
		pair_text(s->collector, s->collector_count, "time_ms"), "1700000000000");
	assert_string_equal(pair_text(s->collector, s->collector_count, "windows"), "1");
	assert_string_equal(pair_text(s->collector, s->collector_count, "agents"), "1");
	assert_string_equal(pair_text(s->collector, s->collector_count, "data_sources"), "1");
	assert_string_equal(pair_text(s->collector, s->collector_count, "imbalances"), "0");
	assert_string_equal(pair_text(s->collector, s->collector_count, "sflow_flow_samples"), "4");
	assert_string_equal(pair_text(s->collector, s->collector_count, "more_things"), "42");
	report_free(s);
	fixture_close(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flows),
		cmocka_unit_test(test_other),
		cmocka_unit_test(test_smoothed),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_agents),
		cmocka_unit_test(test_changed),
		cmocka_unit_test(test_counters),
		cmocka_unit_test(test_custom),
		cmocka_unit_test(test_sources),
		cmocka_unit_test(test_collector),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
