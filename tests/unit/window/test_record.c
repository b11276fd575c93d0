/* SPDX-License-Identifier: BSD-3-Clause */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../dice.h"
#include "core.h"
#include "range.h"
#include "window/record.h"

/* Windows of a second, filled by hand. A flow without a sample is forgotten after 7 t, at least one. */
enum { LOGGED, TWIN, BRIEF, STARTS, TIGHT, PLAIN, DEFINITIONS };
enum { RING = 1 << 16, SOURCES = 3, KEYS = 30, WINDOWS = 300 };

static const struct flow_spec specs[DEFINITIONS] = {
	{.name = "logged",
		.keys = "ipsource",
		.value = "bytes",
		.n = 5,
		.t = 0.4,
		.capacity = 64,
		.log = true,
		.active_timeout = 1000},
	{.name = "twin",
		.keys = "ipsource",
		.value = "bytes",
		.n = 3,
		.t = 0.4,
		.capacity = 64,
		.log = true,
		.active_timeout = 1000},
	{.name = "brief",
		.keys = "ipsource",
		.value = "bytes",
		.n = 5,
		.t = 0.4,
		.capacity = 64,
		.log = true,
		.active_timeout = 3},
	{.name = "starts",
		.keys = "ipsource",
		.value = "bytes",
		.n = 5,
		.t = 0.4,
		.capacity = 64,
		.log = true,
		.flow_start = true},
	{.name = "tight",
		.keys = "ipsource",
		.value = "bytes",
		.n = 5,
		.t = 4,
		.capacity = 16,
		.log = true},
	{.name = "plain", .keys = "ipsource", .value = "bytes", .n = 5, .t = 0.4, .capacity = 64},
};
static const struct window_limits limits = {.agents = 10, .sources = 10, .counter_bytes = 64};
static const struct merge_options one_core = {.rx_cores = 1};
static const struct ring_options ring_options = {.id = "flowID", .size = RING, .view = RING};
static const uint64_t START_MS = 1700000000000;

struct fixture {
	struct base_hash hash;
	struct flow_plan *plan;
	struct merge *m;
	struct window *w;
	struct ring *records;
	uint64_t now_ms, seen;
	uint32_t sources[SOURCES];
};

static void window_start(struct fixture *f)
{
	struct base_addr addr = core_agent(1);
	uint32_t agent;

	window_clear(f->w);
	window_open(f->w, f->now_ms, 0, f->now_ms * 1000000);
	agent = hand_agent(f->w, &addr, 0, 0);
	for (uint32_t i = 0; i < SOURCES; i++)
		f->sources[i] =
			hand_source(f->w, &f->hash, agent, (struct sflow_source){.index = i + 1});
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct merge_options options = {
		.rx_cores = 1, .agents = 10, .sources = 10, .expire_ms = 60000, .tsc_per_ms = 1};

	assert_int_equal(base_hash_init(&f->hash), 0);
	f->plan = plan_make(specs, DEFINITIONS);
	f->records = options.records = ring_create(&ring_options);
	f->m = merge_create(f->plan, &f->hash, &options);
	f->w = window_create(f->plan, &limits, -1);
	assert_true(f->m && f->w && f->records);
	f->now_ms = START_MS;
	window_start(f);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	window_destroy(f->w);
	merge_destroy(f->m);
	flow_plan_free(f->plan);
	ring_destroy(f->records);
	free(f);
	return 0;
}

/* One sample of 10.0.0.`host`. */
static void sample(struct fixture *f, unsigned source, uint8_t host, uint64_t value)
{
	const uint8_t key[4] = {10, 0, 0, host};

	for (unsigned i = 0; i < DEFINITIONS; i++)
		hand_flow(f->w, &f->hash, i, key, 4, f->sources[source], value);
}

static void close_window(struct fixture *f)
{
	hand_flush(f->w);
	merge_window(f->m, f->w);
	f->now_ms += 1000;
	merge_close(f->m, 1, f->now_ms);
	assert_merge_conserved(f->m);
	merge_next(f->m);
	window_start(f);
}

static void window_of(struct fixture *f, uint8_t host, uint64_t value)
{
	if (value)
		sample(f, 0, host, value);
	close_window(f);
}

static const char *field(const struct ring_document *d, const char *name)
{
	for (uint32_t i = 0; i < d->count; i++) {
		if (strcmp(d->pairs[i].name, name) == 0)
			return d->pairs[i].text;
	}
	return "-";
}

/* Records of a definition since the last look, oldest first: key, source, value, samples, seconds. */
static void assert_records(struct fixture *f, const char *name, const char *want)
{
	struct ring_document **list = calloc(RING, sizeof(struct ring_document *));
	unsigned n = ring_read_newest(f->records, (int64_t)f->seen, name, list, RING);
	char got[4096] = "";

	for (unsigned i = n; i-- > 0;) {
		const struct ring_document *d = list[i];

		assert_string_equal(field(d, "name"), name);
		assert_string_equal(field(d, "agent"), "192.0.0.1");
		sprintf(got + strlen(got), "%s %s %s/%s %d-%d;", field(d, "flowKeys"),
			field(d, "dataSource"), field(d, "value"), field(d, "samples"),
			(int)(strtoull(field(d, "start"), NULL, 10) - START_MS) / 1000,
			(int)(strtoull(field(d, "end"), NULL, 10) - START_MS) / 1000);
	}
	ring_release(list, n);
	free(list);
	assert_string_equal(got, want);
}

/* The next calls of assert_records() see what comes from here on. */
static void look_from_here(struct fixture *f)
{
	f->seen = ring_newest(f->records);
}

static void test_idle(void **state)
{
	struct fixture *f = *state;

	sample(f, 0, 1, 100);
	sample(f, 0, 1, 20);
	sample(f, 1, 1, 7);
	close_window(f);
	window_of(f, 1, 0);
	window_of(f, 1, 3);
	look_from_here(f);
	for (unsigned i = 0; i < 3; i++) {
		window_of(f, 1, 0);
		assert_records(f, "logged", i < 1 ? "" : "10.0.0.1 2 7/1 0-1;");
	}
	look_from_here(f);
	window_of(f, 1, 0);
	assert_records(f, "logged", "10.0.0.1 1 123/3 0-3;");
	assert_records(f, "twin", "10.0.0.1 1 123/3 0-3;");
	assert_records(f, "plain", "");
	look_from_here(f);
	window_of(f, 1, 5); /* back again: another life */
	for (unsigned i = 0; i < 5; i++)
		window_of(f, 1, 0);
	assert_records(f, "logged", "10.0.0.1 1 5/1 7-8;");
}

static void test_active(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 0; i < 7; i++)
		window_of(f, 1, 10);
	assert_records(f, "brief", "10.0.0.1 1 30/3 0-3;10.0.0.1 1 30/3 3-6;");
	assert_records(f, "logged", "");
	look_from_here(f);
	window_of(f, 1, 0);
	window_of(f, 1, 0);
	assert_records(f, "brief", "10.0.0.1 1 10/1 6-7;"); /* old enough, though silent */
	look_from_here(f);
	for (unsigned i = 0; i < 5; i++)
		window_of(f, 1, 0);
	assert_records(f, "brief", "");
	assert_records(f, "logged", "10.0.0.1 1 70/7 0-7;");
}

static void test_flow_start(void **state)
{
	struct fixture *f = *state;

	sample(f, 0, 1, 10);
	sample(f, 0, 1, 5);
	close_window(f);
	assert_records(f, "starts", "10.0.0.1 1 15/2 0-1;");
	look_from_here(f);
	for (unsigned i = 0; i < 5; i++)
		window_of(f, i == 3 ? 2 : 1, 10);
	assert_records(f, "starts", "10.0.0.2 1 10/1 4-5;");
	look_from_here(f);
	for (unsigned i = 0; i < 6; i++)
		window_of(f, 1, 0);
	assert_records(f, "starts", "");
	window_of(f, 1, 10); /* it had gone */
	assert_records(f, "starts", "10.0.0.1 1 10/1 12-13;");
	look_from_here(f);
	merge_end_flows(f->m);
	assert_records(f, "starts", "");
}

static void test_end(void **state)
{
	struct fixture *f = *state;

	window_of(f, 1, 10);
	window_of(f, 2, 20);
	merge_end_flows(f->m);
	assert_records(f, "logged", "10.0.0.1 1 10/1 0-1;10.0.0.2 1 20/1 1-2;");
	assert_int_equal(f->m->records, ring_newest(f->records));
	look_from_here(f);
	merge_end_flows(f->m); /* all is told */
	assert_records(f, "logged", "");
}

/* All but one definition go, `late` seconds after the last window's end. */
static void remove_logged(struct fixture *f, double late)
{
	const uint16_t from[1] = {PLAIN};
	struct flow_plan *plan = plan_make(&specs[PLAIN], 1), *old = f->m->plan;
	struct merge_definition *definitions;

	hand_flush(f->w);
	merge_window(f->m, f->w);
	definitions = merge_definitions_create(plan, from, &one_core);
	definitions = merge_change(f->m, plan, definitions, from, late);
	merge_definitions_destroy(definitions, old);
	flow_plan_free(old);
}

/* ---- values beside the first ---- */

enum { LEFT_SILENT = 6 };

struct valued {
	struct base_hash hash;
	struct flow_plan *plan;
	struct merge m; /* what a record asks for: plan, definition, names of places */
	struct table t;
	struct table_batch batch;
	uint64_t tsc, now_ms;
	unsigned records;
};

static void valued_open(struct valued *v, double active_timeout)
{
	const struct flow_spec spec = {.name = "valued",
		.keys = "vlan",
		.value = "frames",
		.values = "bytes,avg:bytes,min:bytes,max:bytes,last:bytes,count:ipsource",
		.n = 5,
		.t = 0.4,
		.capacity = 64,
		.log = true,
		.active_timeout = active_timeout};
	static const uint8_t kinds[] = {
		TABLE_SUM, TABLE_MEAN, TABLE_MIN, TABLE_MAX, TABLE_LAST, TABLE_COUNT};
	struct merge_definition *definitions;

	memset(v, 0, sizeof(*v));
	v->plan = plan_make(&spec, 1);
	assert_int_equal(v->plan->definitions[0].lane_count, 6);
	assert_int_equal(base_hash_init(&v->hash), 0);
	definitions = merge_definitions_create(v->plan, NULL, &one_core);
	assert_non_null(definitions);
	v->m.plan = v->plan;
	v->m.definitions = definitions;
	v->m.known.hash = &v->hash;
	assert_int_equal(known_init(&v->m.known, &v->hash, 4, 4), 0);
	v->m.options.records = ring_create(&ring_options);
	assert_int_equal(table_init(&v->t, 64, 4, -1), 0);
	assert_int_equal(table_init_lanes(&v->t, kinds, 6, -1), 0);
	v->now_ms = START_MS;
}

static void valued_close(struct valued *v)
{
	table_fini(&v->t);
	ring_destroy(v->m.options.records);
	known_fini(&v->m.known);
	merge_definitions_destroy(v->m.definitions, v->plan);
	flow_plan_free(v->plan);
}

/* A sample of key `key` that stands for `frames`; `who` is the hash of its third value. */
static void valued_put(
	struct valued *v, uint32_t key, uint64_t frames, uint64_t bytes, uint64_t who)
{
	struct table_extra *extra = table_batch_extra(&v->batch, &v->t);
	uint64_t hash = base_hash_bytes(&v->hash, &key, sizeof(key));

	extra->number[0] = frames * bytes;
	for (unsigned i = 1; i < 5; i++)
		extra->number[i] = bytes;
	extra->number[5] = base_hash_bytes(&v->hash, &who, sizeof(who));
	extra->there = bytes ? 63 : 32;
	extra->tsc = ++v->tsc;
	memcpy(table_batch_key(&v->batch), &key, sizeof(key));
	table_batch_add(&v->batch, hash, sizeof(key), 0, frames);
	table_apply(&v->t, &v->batch, NULL);
}

static void valued_gone(void *ctx, uint32_t source)
{
}

static void valued_window(struct valued *v)
{
	static const struct table_source numbers[1] = {{0}};
	struct sightings *s = v->m.definitions[0].flows;
	struct record_maker maker;

	sightings_add(s, 1, 1, &v->t, numbers);
	table_clear(&v->t);
	record_open(&maker, &v->m, 0, s, v->now_ms, v->now_ms + 1000);
	v->now_ms += 1000;
	close_range(s, 1, valued_gone, NULL);
}

/* Values, sums and samples of the records since the last look. */
static void assert_values(struct valued *v, const char *want)
{
	struct ring_document *list[RING / 1024];
	unsigned n = ring_read_newest(v->m.options.records, v->records, NULL, list, RING / 1024);
	char got[1024] = "";

	for (unsigned i = n; i-- > 0;) {
		const struct ring_document *d = list[i];

		assert_string_equal(d->pairs[8].name, "values");
		assert_true(d->pairs[8].json);
		sprintf(got + strlen(got), "%s/%s %s;", d->pairs[2].text, d->pairs[3].text,
			d->pairs[8].text);
		v->records = d->id;
	}
	ring_release(list, n);
	assert_string_equal(got, want);
}

/* Over all windows of a life, and a life begins with nothing of the one before. */
static void test_values(void **state)
{
	struct valued v;

	valued_open(&v, 3);
	valued_put(&v, 1, 10, 100, 1);
	valued_put(&v, 1, 10, 400, 2);
	valued_window(&v);
	valued_put(&v, 1, 5, 70, 1);
	valued_window(&v);
	assert_values(&v, "");
	valued_put(&v, 1, 1, 200, 3);
	valued_put(&v, 1, 1, 0, 3); /* it lacks what the others are of */
	valued_window(&v);
	assert_values(&v, "27/5 [5550,192.5,70,400,200,3];");
	valued_put(&v, 1, 2, 50, 9);
	valued_window(&v);
	for (unsigned i = 0; i < LEFT_SILENT; i++)
		valued_window(&v);
	assert_values(&v, "2/1 [100,50,50,50,50,1];");
	valued_put(&v, 1, 2, 0, 9);
	for (unsigned i = 0; i < LEFT_SILENT; i++)
		valued_window(&v);
	assert_values(&v, "2/1 [null,null,null,null,null,1];");
	valued_close(&v);
}

/* A flow that is forgotten hands its number on; what others have goes along. */
static void test_values_move(void **state)
{
	struct valued v;

	valued_open(&v, 1000);
	for (uint32_t key = 1; key <= 4; key++)
		valued_put(&v, key, key, 10 * key, key);
	valued_window(&v);
	for (unsigned i = 0; i < LEFT_SILENT; i++) {
		valued_put(&v, 4, 4, 40, 100 + i % 3);
		valued_put(&v, 2, 2, 20, 1);
		valued_window(&v);
	}
	v.records = 2; /* those of 1 and 3 */
	assert_int_equal(ring_newest(v.m.options.records), 2);
	for (unsigned i = 0; i < LEFT_SILENT; i++)
		valued_window(&v);
	assert_int_equal(ring_newest(v.m.options.records), 4);
	assert_values(&v, "28/7 [1120,40,40,40,40,4];14/7 [280,20,20,20,20,2];");
	valued_close(&v);
}

/* A definition that goes while a window is open: what that window brought is in the record. */
static void test_removed(void **state)
{
	struct fixture *f = *state;

	window_of(f, 1, 10);
	sample(f, 0, 1, 7);
	sample(f, 0, 2, 5);
	remove_logged(f, 3);
	assert_records(f, "logged", "10.0.0.1 1 17/2 0-4;10.0.0.2 1 5/1 1-4;");
	assert_records(f, "twin", "10.0.0.1 1 17/2 0-4;10.0.0.2 1 5/1 1-4;");
}

static void test_removed_at_once(void **state)
{
	struct fixture *f = *state;

	sample(f, 0, 1, 7);
	remove_logged(f, 2);
	assert_records(f, "logged", "10.0.0.1 1 7/1 0-2;");
}

/* The clock is set back: flows that go on do so, and none ends before it starts. */
static void test_set_back(void **state)
{
	struct fixture *f = *state;

	f->now_ms += 3600000;
	window_start(f);
	window_of(f, 1, 10);
	window_of(f, 1, 10);
	look_from_here(f);
	f->now_ms = START_MS;
	window_start(f);
	window_of(f, 1, 10);
	assert_records(f, "logged", "");
	assert_records(f, "brief", "");
	window_of(f, 1, 10);
	window_of(f, 1, 10);
	assert_records(f, "brief", "10.0.0.1 1 50/5 0-3;");
	for (unsigned i = 0; i < 4; i++)
		window_of(f, 1, 0);
	assert_records(f, "logged", "10.0.0.1 1 50/5 0-3;");
}

/* Whatever happens to flows: the sum of all records is the total, without what found no room. */
static void test_sums(void **state)
{
	struct ring_document **list = calloc(RING, sizeof(struct ring_document *));
	uint64_t values[DEFINITIONS] = {0}, samples[DEFINITIONS] = {0};
	struct fixture *f = *state;
	struct dice d = {.state = 11};
	unsigned n;

	for (unsigned w = 0; w < WINDOWS; w++) {
		for (unsigned i = dice_below(&d, 40); i > 0; i--)
			sample(f, dice_below(&d, SOURCES), (uint8_t)dice_below(&d, KEYS),
				dice_below(&d, 1000000));
		if (w % 50 == 49) { /* all are forgotten */
			for (unsigned i = 0; i < 40; i++)
				close_window(f);
		}
		close_window(f);
	}
	merge_end_flows(f->m);
	n = ring_read_newest(f->records, -1, NULL, list, RING);
	assert_int_equal(n, f->m->records);
	for (unsigned i = 0; i < n; i++) {
		unsigned j = 0;

		while (strcmp(specs[j].name, list[i]->name) != 0)
			j++;
		values[j] += strtoull(field(list[i], "value"), NULL, 10);
		samples[j] += strtoull(field(list[i], "samples"), NULL, 10);
	}
	ring_release(list, n);
	free(list);
	for (unsigned i = 0; i < DEFINITIONS; i++) {
		const struct merge_totals *ever = &merge_of(f->m, i)->ever;

		assert_true(ever->total > 0);
		if (i == STARTS || i == PLAIN)
			continue;
		assert_int_equal(values[i], ever->total - ever->other);
		if (i != TIGHT)
			assert_int_equal(samples[i], ever->counted);
	}
	assert_true(f->m->definitions[TIGHT].ever.other > 0);
	assert_int_equal(f->m->definitions[LOGGED].ever.other, 0);
	assert_true(values[STARTS] > 0 && values[STARTS] < values[LOGGED]);
}

static void *consume(void *arg)
{
	struct ring_document *list[64];
	struct ring *r = arg;
	uint64_t seen = 0;

	for (;;) {
		unsigned n;

		if (ring_wait(r, seen, 200) == seen)
			return (void *)(uintptr_t)seen;
		n = ring_read_untold(r, list, 64);
		for (unsigned i = 0; i < n; i++)
			seen = list[i]->id;
		ring_told(r, seen);
		ring_release(list, n);
	}
}

/* At the end records wait for the consumer; where there is one and it does not come, not for ever. */
static void test_patience(void **state)
{
	const struct ring_options small = {.id = "flowID", .size = 8, .view = 8};
	struct fixture *f = *state;
	pthread_t thread;
	void *seen;

	ring_destroy(f->records);
	f->records = f->m->options.records = ring_create(&small);
	ring_consume(f->records);
	for (uint8_t i = 0; i < 20; i++)
		sample(f, 0, i, 1);
	close_window(f);
	ring_told(f->records, ring_newest(f->records));
	assert_int_equal(pthread_create(&thread, NULL, consume, f->records), 0);
	f->m->patience_ms = 100000;
	merge_end_flows(f->m);
	pthread_join(thread, &seen);
	assert_int_equal((uintptr_t)seen, f->m->records);
	assert_true(ring_newest(f->records) >= 60);
	assert_int_equal(ring_dropped(f->records), 20 - 8); /* of the starts, before */

	f->m->patience_ms = 0;
	for (uint8_t i = 20; i < 40; i++)
		sample(f, 0, i, 1);
	close_window(f);
	f->m->patience_ms = 10;
	merge_end_flows(f->m);
	assert_true(ring_dropped(f->records) > 20);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_idle),
		TEST(test_active),
		TEST(test_flow_start),
		TEST(test_end),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_values_move),
		TEST(test_removed),
		TEST(test_removed_at_once),
		TEST(test_set_back),
		TEST(test_sums),
		TEST(test_patience),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
