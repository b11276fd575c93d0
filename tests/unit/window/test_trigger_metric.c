/* SPDX-License-Identifier: BSD-3-Clause */
#include <float.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core.h"
#include "metric/filter.h"
#include "window/trigger.h"

/* Windows of a second; agents whose interfaces send counters, and flows through them. */
enum { RING = 64, ROOM = 3, EXPIRE_MS = 60000 };

static const struct flow_spec spec = {
	.name = "fast", .keys = "ipsource", .value = "frames", .n = 5, .t = 0, .capacity = 64};
static const struct window_limits limits = {.agents = 10, .sources = 10, .counter_bytes = 65536};
static const struct ring_options ring_options = {.id = "eventID", .size = RING, .view = RING};
static const uint64_t START_MS = 1700000000000;

struct fixture {
	struct base_hash hash;
	struct flow_plan *plan;
	struct merge *m;
	struct core core;
	struct thresholds *set;
	struct ring *events;
	struct triggers *t;
	uint32_t sequence;
	uint64_t octets[16]; /* of each interface */
	uint64_t now_ms, seen;
};

static void open_window(struct fixture *f)
{
	window_clear(f->core.w);
	window_open(f->core.w, f->now_ms, 0, f->now_ms * 1000000);
}

static int setup(void **state)
{
	const struct merge_options options = {.rx_cores = 1,
		.agents = 10,
		.sources = 10,
		.metrics = {.custom = 4, .names = 4, .text = 16},
		.expire_ms = EXPIRE_MS,
		.tsc_per_ms = 1};
	struct fixture *f = calloc(1, sizeof(*f));

	assert_int_equal(base_hash_init(&f->hash), 0);
	f->plan = plan_make(&spec, 1);
	f->m = merge_create(f->plan, &f->hash, &options);
	f->set = thresholds_create();
	f->events = ring_create(&ring_options);
	f->t = triggers_create(
		&(struct trigger_options){.thresholds = f->set, .events = f->events, .max = ROOM});
	assert_true(f->m && f->set && f->events && f->t);
	core_open(&f->core, f->plan, &f->hash, &limits);
	f->now_ms = START_MS;
	open_window(f);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	triggers_destroy(f->t);
	ring_destroy(f->events);
	thresholds_destroy(f->set);
	merge_destroy(f->m);
	core_close(&f->core);
	flow_plan_free(f->plan);
	free(f);
	return 0;
}

static void close_window(struct fixture *f)
{
	collect_flush(&f->core.c, f->core.w);
	merge_window(f->m, f->core.w);
	f->now_ms += 1000;
	merge_close(f->m, 1, f->now_ms);
	triggers_close(f->t, f->m, 1, f->now_ms - 1000, f->now_ms);
	merge_next(f->m);
	open_window(f);
}

/* Counters of an interface of agent 1, which had `rate` octets a second since the last ones. */
static void port(struct fixture *f, uint32_t index, uint64_t speed, uint64_t rate)
{
	const struct base_addr agent = core_agent(1);
	struct wire w = {.len = 0};
	uint32_t sample, record;

	f->octets[index] += rate;
	bytes_datagram(&w, &agent, 0, ++f->sequence, (uint32_t)(f->now_ms - START_MS) + 1000, 1);
	sample = bytes_counter(&w, (struct sflow_source){.index = index}, f->sequence, 1);
	record = wire_open(&w, SFLOW_TAG(0, 1));
	wire_u32(&w, index);
	wire_u32(&w, 6);
	wire_u64(&w, speed);
	wire_u32(&w, 1);
	wire_u32(&w, 3);
	wire_u64(&w, f->octets[index]);
	for (unsigned i = 0; i < 14; i++)
		wire_u32(&w, 0);
	wire_close(&w, record);
	wire_close(&w, sample);
	core_take(&f->core, &w, f->sequence);
}

/* A custom metric of agent 1. */
static void custom(struct fixture *f, const char *source, const char *name, uint32_t value)
{
	const struct base_addr agent = core_agent(1);
	struct wire w = {.len = 0};
	uint32_t sample;

	bytes_datagram(&w, &agent, 0, ++f->sequence, (uint32_t)(f->now_ms - START_MS) + 1000, 1);
	sample = wire_open(&w, SFLOW_RTMETRIC);
	wire_string(&w, source);
	wire_u32(&w, 1);
	wire_string(&w, name);
	wire_u32(&w, 3);
	wire_u32(&w, value);
	wire_close(&w, sample);
	core_take(&f->core, &w, 0);
}

/* The same, of a metric that is a double. */
static void gauge(struct fixture *f, const char *source, double value)
{
	const struct base_addr agent = core_agent(1);
	struct wire w = {.len = 0};
	uint64_t bits;
	uint32_t sample;

	memcpy(&bits, &value, sizeof(bits));
	bytes_datagram(&w, &agent, 0, ++f->sequence, (uint32_t)(f->now_ms - START_MS) + 1000, 1);
	sample = wire_open(&w, SFLOW_RTMETRIC);
	wire_string(&w, source);
	wire_u32(&w, 1);
	wire_string(&w, "gauge");
	wire_u32(&w, 6);
	wire_u64(&w, bits);
	wire_close(&w, sample);
	core_take(&f->core, &w, 0);
}

static void flow(struct fixture *f, uint32_t index, uint32_t host)
{
	const struct base_addr agent = core_agent(1);
	struct bytes_ip ip = core_ip(0x0A000000 + host, 0x0A000002, 100);
	struct wire w = {.len = 0};

	f->sequence++;
	bytes_datagram(&w, &agent, 0, f->sequence, (uint32_t)(f->now_ms - START_MS) + 1000, 1);
	core_flow(&w, index, f->sequence, 10, &ip);
	core_take(&f->core, &w, f->sequence);
}

static void put(struct fixture *f, struct threshold t)
{
	assert_null(threshold_check(&t));
	assert_int_equal(thresholds_put(f->set, &t), 0);
}

static struct metric_filter *attribute(const char *name, const char *pattern)
{
	struct metric_filter *filter = metric_filter_create();
	char error[128];

	assert_non_null(filter);
	assert_int_equal(metric_filter_add(filter, name, pattern, error, sizeof(error)), 0);
	return filter;
}

static const char *field(const struct ring_document *d, const char *name)
{
	for (uint32_t i = 0; i < d->count; i++) {
		if (strcmp(d->pairs[i].name, name) == 0)
			return d->pairs[i].text;
	}
	return "-";
}

/* The events since the last look, oldest first: state, threshold, place, value. */
static void assert_events(struct fixture *f, const char *want)
{
	struct ring_document *list[RING];
	unsigned n = ring_read_newest(f->events, (int64_t)f->seen, NULL, list, RING);
	char got[2048] = "";

	for (unsigned i = n; i-- > 0;) {
		sprintf(got + strlen(got), "%s %s %s %s;", field(list[i], "state"),
			field(list[i], "thresholdID"), field(list[i], "dataSource"),
			field(list[i], "value"));
		f->seen = list[i]->id;
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

static void kind_of(void *ctx, const struct threshold *t, enum threshold_kind kind)
{
	*(enum threshold_kind *)ctx = kind;
}

static void assert_kind(struct fixture *f, const char *name, enum threshold_kind want)
{
	enum threshold_kind kind = THRESHOLD_NEW;

	thresholds_each(f->set, name, kind_of, &kind);
	assert_int_equal(kind, want);
}

/* A value stands until the next record, however many windows come between. */
static void test_start_and_end(void **state)
{
	struct fixture *f = *state;

	put(f, (struct threshold){.name = "t",
		       .metric = "ifinoctets",
		       .value = 100,
		       .samples = 99,
		       .by_flow = true});
	assert_kind(f, "t", THRESHOLD_NEW);
	port(f, 7, 1000, 500);
	close_window(f);
	assert_kind(f, "t", THRESHOLD_METRIC);
	port(f, 7, 1000, 100);
	close_window(f);
	assert_events(f, ""); /* it has to exceed it */
	port(f, 7, 1000, 150);
	close_window(f);
	assert_events(f, "start t 7 150;");
	assert_field(f, "metric", "ifinoctets");
	assert_field(f, "samples", "-");
	assert_field(f, "flowKey", "-");
	close_window(f);
	close_window(f);
	assert_events(f, "");
	port(f, 7, 1000, 900); /* 300 a second, over three */
	close_window(f);
	port(f, 7, 1000, 100);
	close_window(f);
	assert_field(f, "peak", "300");
	assert_field(f, "duration", "4000");
	assert_field(f, "start", "1700000003000");
	assert_events(f, "end t 7 300;");
	assert_int_equal(triggers_stats(f->t)[TRIGGER_ACTIVE], 0);
}

static void test_hysteresis(void **state)
{
	struct fixture *f = *state;

	put(f, (struct threshold){.name = "t", .metric = "ifinoctets", .value = 100, .timeout = 2});
	for (unsigned i = 0; i < 4; i++) {
		port(f, 7, 1000, i % 2 ? 200 : 0);
		close_window(f);
	}
	assert_events(f, "start t 7 200;");
	for (unsigned i = 0; i < 3; i++) {
		port(f, 7, 1000, 0);
		close_window(f);
	}
	assert_events(f, "end t 7 200;");
}

/* Without a record of its own a data source goes when it has been silent for long. */
static void test_gone(void **state)
{
	struct fixture *f = *state;

	put(f, (struct threshold){
		       .name = "t", .metric = "ifinoctets", .value = 100, .timeout = 86400});
	port(f, 7, 1000, 0);
	close_window(f);
	port(f, 7, 1000, 200);
	close_window(f);
	assert_events(f, "start t 7 200;");
	metric_store_expire(f->m->metrics, f->now_ms + 1000000000);
	close_window(f);
	assert_events(f, "end t 7 200;");
	port(f, 7, 1000, 0); /* another one, in its slot */
	close_window(f);
	port(f, 7, 1000, 400);
	close_window(f);
	assert_events(f, "start t 7 400;");
}

/* The name of a custom metric goes with the metric, and comes again. */
static void test_name_goes(void **state)
{
	struct fixture *f = *state;

	put(f, (struct threshold){.name = "all", .metric = "queue", .value = 5});
	put(f, (struct threshold){.name = "one", .metric = "web1.queue", .value = 5});
	custom(f, "web1", "queue", 7);
	close_window(f);
	assert_events(f, "start all web1 7;start one web1 7;");
	assert_kind(f, "one", THRESHOLD_METRIC);
	/* The source stays. */
	f->now_ms += EXPIRE_MS;
	open_window(f);
	custom(f, "web1", "other", 1);
	close_window(f);
	assert_kind(f, "one", THRESHOLD_NOTHING);
	close_window(f);
	assert_events(f, "end all web1 7;end one web1 7;");
	custom(f, "web1", "queue", 6);
	custom(f, "web2", "queue", 8);
	close_window(f);
	assert_kind(f, "one", THRESHOLD_METRIC);
	assert_events(f, "start all web1 6;start one web1 6;start all web2 8;");
	/* The source goes, too; another threshold makes all be looked up again. */
	metric_store_expire(f->m->metrics, f->now_ms + EXPIRE_MS + 1000);
	put(f, (struct threshold){.name = "more", .metric = "queue", .value = 5});
	close_window(f);
	assert_events(f, "end all web1 6;end all web2 8;end one web1 6;");
}

static void test_path(void **state)
{
	struct fixture *f = *state;

	put(f, (struct threshold){.name = "seven", .metric = "7.ifinoctets", .value = 1});
	put(f, (struct threshold){.name = "host", .metric = "2.1.ifinoctets", .value = 1});
	put(f, (struct threshold){.name = "flow", .metric = "8.fast", .value = 1});
	put(f, (struct threshold){.name = "none", .metric = "7.nonesuch", .value = 1});
	for (unsigned i = 0; i < 2; i++) {
		for (uint32_t index = 6; index <= 8; index++) {
			port(f, index, 1000, 50);
			flow(f, index, index);
		}
		close_window(f);
	}
	assert_events(f, "start flow 8 10;start seven 7 50;");
	assert_kind(f, "seven", THRESHOLD_METRIC);
	assert_kind(f, "flow", THRESHOLD_FLOW);
	assert_kind(f, "none", THRESHOLD_NOTHING);
}

/* Temperatures may be below 0, and so may thresholds; the peak is the largest all the same. */
static void test_negative(void **state)
{
	static const double values[] = {-60, -20, -10, -30, -50};
	struct fixture *f = *state;

	put(f, (struct threshold){.name = "t", .metric = "gauge", .value = -50});
	for (unsigned i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		gauge(f, "web1", values[i]);
		close_window(f);
	}
	assert_field(f, "peak", "-10");
	assert_field(f, "threshold", "-50");
	assert_events(f, "start t web1 -20;end t web1 -30;");
}

/* The largest number there is has its text, too. */
static void test_huge(void **state)
{
	struct fixture *f = *state;
	struct ring_document *d;

	put(f, (struct threshold){.name = "t", .metric = "gauge", .value = 50});
	gauge(f, "web1", DBL_MAX);
	close_window(f);
	assert_int_equal(ring_read_newest(f->events, -1, NULL, &d, 1), 1);
	assert_true(strtod(field(d, "value"), NULL) == DBL_MAX);
	assert_null(strchr(field(d, "value"), 'e'));
	ring_release(&d, 1);
}

/* Of data sources that have names, and of others; 0 is none of these. */
static void test_named(void **state)
{
	const struct sflow_source source = {.index = 0};
	struct fixture *f = *state;

	put(f, (struct threshold){
		       .name = "names", .metric = "gauge", .value = 1, .names = "web3\0web2\0"});
	put(f, (struct threshold){.name = "both",
		       .metric = "gauge",
		       .value = 1,
		       .names = "web1\0",
		       .sources = &source,
		       .source_count = 1});
	put(f, (struct threshold){.name = "number",
		       .metric = "gauge",
		       .value = 1,
		       .sources = &source,
		       .source_count = 1});
	gauge(f, "web1", 5);
	gauge(f, "web2", 6);
	close_window(f);
	assert_events(f, "start both web1 5;start names web2 6;");
}

/* By what the data source is, for metrics and for flows. */
static void test_filter(void **state)
{
	const struct sflow_source source = {.index = 8};
	struct fixture *f = *state;

	put(f, (struct threshold){.name = "slow",
		       .metric = "ifinoctets",
		       .value = 1,
		       .attributes = attribute("ifspeed", "1000")});
	put(f, (struct threshold){.name = "up",
		       .metric = "ifinoctets",
		       .value = 1,
		       .sources = &source,
		       .source_count = 1,
		       .attributes = attribute("ifoperstatus", "u*")});
	put(f, (struct threshold){.name = "flow",
		       .metric = "fast",
		       .value = 1,
		       .attributes = attribute("ifspeed", "1e4")});
	put(f, (struct threshold){.name = "other",
		       .metric = "fast",
		       .value = 1,
		       .attributes = attribute("host_name", "*")});
	for (unsigned i = 0; i < 2; i++) {
		port(f, 7, 1000, 50);
		port(f, 8, 10000, 50);
		for (uint32_t index = 6; index <= 8; index++)
			flow(f, index, index);
		close_window(f);
	}
	assert_events(f, "start flow 8 10;start slow 7 50;start up 8 50;");
}

/* An attribute that changes ends what was on it. */
static void test_filter_changes(void **state)
{
	struct fixture *f = *state;

	put(f, (struct threshold){.name = "t",
		       .metric = "ifinoctets",
		       .value = 1,
		       .attributes = attribute("ifspeed", "1000")});
	port(f, 7, 1000, 0);
	close_window(f);
	port(f, 7, 1000, 50);
	close_window(f);
	port(f, 7, 2000, 50);
	close_window(f);
	assert_events(f, "start t 7 50;end t 7 50;");
}

static void test_full(void **state)
{
	struct fixture *f = *state;

	put(f, (struct threshold){.name = "t", .metric = "ifinoctets", .value = 1});
	for (unsigned i = 0; i < 2; i++) {
		for (uint32_t index = 1; index <= ROOM + 2; index++)
			port(f, index, 1000, 50);
		close_window(f);
	}
	assert_int_equal(triggers_stats(f->t)[TRIGGER_STARTS], ROOM);
	assert_int_equal(triggers_stats(f->t)[TRIGGER_FULL], 2);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_start_and_end),
		TEST(test_hysteresis),
		TEST(test_gone),
		TEST(test_name_goes),
		TEST(test_path),
		TEST(test_negative),
		TEST(test_huge),
		TEST(test_named),
		TEST(test_filter),
		TEST(test_filter_changes),
		TEST(test_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
