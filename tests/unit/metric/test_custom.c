/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "metric/read.h"
#include "sample.h"

/* Custom metrics, 4300:1002. */

static void add_text(struct wire *w, const char *name, const char *text)
{
	wire_string(w, name);
	wire_u32(w, 0);
	wire_string(w, text);
}

static void add_u32(struct wire *w, const char *name, uint32_t type, uint32_t value)
{
	wire_string(w, name);
	wire_u32(w, type);
	wire_u32(w, value);
}

static void add_u64(struct wire *w, const char *name, uint32_t type, uint64_t value)
{
	wire_string(w, name);
	wire_u32(w, type);
	wire_u64(w, value);
}

static void add_float(struct wire *w, const char *name, float value)
{
	wire_string(w, name);
	wire_u32(w, 5);
	wire_f32(w, value);
}

static bool give(struct fixture *f, const char *source, const struct wire *entries, uint32_t count)
{
	bool added = fixture_custom(f, source, entries, count);

	metric_store_settle(f->store);
	return added;
}

static bool keep(void *ctx, const struct metric_source *src)
{
	*(const struct metric_source **)ctx = src;
	return true;
}

static const struct metric_source *only_source(const struct fixture *f)
{
	const struct metric_source *src = NULL;

	metric_each_source(f->store, NULL, keep, &src);
	assert_non_null(src);
	return src;
}

static void test_types(void **state)
{
	struct fixture *f = *state;
	struct wire w = {.len = 0};
	char text[80];
	struct base_text t = base_text(text, sizeof(text));

	add_text(&w, "version", "1.2\n");
	add_u32(&w, "hits32", 1, 1000);
	add_u64(&w, "hits64", 2, 1000);
	add_u32(&w, "depth", 3, UINT32_MAX);
	add_u64(&w, "size", 4, UINT64_C(1) << 40);
	add_float(&w, "load-1", 0.7f);
	assert_true(give(f, "app.web_1", &w, 6));
	assert_string_equal(f->u.name, "app.web_1");
	assert_metric(f, "version", "1.2\\x0A");
	assert_metric(f, "depth", "4294967295");
	assert_metric(f, "size", "1099511627776");
	assert_metric(f, "load-1", "0.7");
	assert_absent(f, "hits32");
	fixture_step(f, 10000);
	w.len = 0;
	add_u32(&w, "hits32", 1, 1050);
	add_u64(&w, "hits64", 2, 2000);
	assert_true(give(f, "app.web_1", &w, 2));
	assert_metric(f, "hits32", "5");
	assert_metric(f, "hits64", "100");
	assert_absent(f, "depth"); /* it was not in this sample */
	metric_source_print(only_source(f), &t);
	assert_string_equal(text, "app.web_1");
	metric_store_each(f->store, &f->region, fixture_keep, f);
	assert_metric(f, "version", "1.2\\x0A");
	assert_metric(f, "hits32", "5");
}

static void test_read(void **state)
{
	struct fixture *f = *state;
	struct wire w = {.len = 0};
	const struct metric_name *name;
	struct metric_value v;

	assert_null(metric_name_find(f->store, "queue", 5));
	add_u32(&w, "queue", 3, 7);
	add_u32(&w, "load_one", 3, 3); /* a name that structures have, too */
	assert_true(give(f, "", &w, 2));
	name = metric_name_find(f->store, "queue", 5);
	assert_non_null(name);
	assert_true(metric_source_value(only_source(f), name, &v));
	assert_true(v.number && v.value == 7);
	name = metric_name_find(f->store, "load_one", 8);
	assert_true(metric_source_value(only_source(f), name, &v));
	assert_true(v.value == 3);
	assert_string_equal(f->u.name, "custom");
}

/* Wraps, steps back, restarts of the agent, two samples at the same time, one that comes late. */
static void test_counter(void **state)
{
	static const struct {
		uint32_t step, value;
		const char *rate; /* NULL: none */
	} steps[] = {
		{0, UINT32_MAX - 9, NULL},
		{10000, 10, "2"},
		{0, 500, "2"},
		{10000, 110, "10"},
		{5000, 50, NULL},
		{5000, 100, "10"},
	};
	struct fixture *f = *state;
	struct wire w = {.len = 0};

	for (unsigned i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		fixture_step(f, steps[i].step);
		w.len = 0;
		add_u32(&w, "n", 1, steps[i].value);
		assert_true(give(f, "x", &w, 1));
		if (steps[i].rate)
			assert_metric(f, "n", steps[i].rate);
		else
			assert_absent(f, "n");
	}
	assert_int_equal(fixture_stat(f, METRIC_RESTARTS), 1);
	f->uptime_ms -= 2000;
	f->time_ms += 10;
	assert_false(give(f, "x", &w, 1));
	assert_int_equal(fixture_stat(f, METRIC_OUT_OF_ORDER), 1);
	f->time_ms += 10000;
	f->uptime_ms = 100;
	assert_true(give(f, "x", &w, 1));
	assert_absent(f, "n");
	assert_int_equal(fixture_stat(f, METRIC_RESTARTS), 2);
	/* Another type is another metric. */
	fixture_step(f, 1000);
	w.len = 0;
	add_text(&w, "n", "text");
	give(f, "x", &w, 1);
	assert_metric(f, "n", "text");
	fixture_step(f, 1000);
	w.len = 0;
	add_u64(&w, "n", 2, 1 << 20);
	give(f, "x", &w, 1);
	assert_absent(f, "n");
}

static void open_with(struct fixture *f, const struct metric_limits *limits)
{
	metric_store_destroy(f->store);
	f->store = metric_store_create(limits);
	assert_non_null(f->store);
}

/* The network makes copies of datagrams: these change no rate, and teach no interval. */
static void test_copies(void **state)
{
	static const struct metric_limits limits = {.agents = 4,
		.sources = 4,
		.custom = 16,
		.names = 100,
		.text = 20,
		.silent = 3,
		.expire_ms = 60000};
	struct fixture *f = *state;
	uint32_t lasting = 0;

	open_with(f, &limits);
	for (uint32_t i = 0; i < 4; i++) {
		struct wire w = {.len = 0};

		add_u32(&w, "n", 1, 50 * i);
		add_u32(&w, "depth", 3, i);
		add_text(&w, "t", "x");
		for (uint32_t copy = 0; copy < 3; copy++) {
			assert_true(give(f, "x", &w, 3));
			if (i)
				assert_metric(f, "n", "5");
			else
				assert_absent(f, "n");
			f->time_ms++;
		}
		fixture_step(f, 9997);
		f->uptime_ms += 3;
		metric_store_expire(f->store, f->time_ms);
		lasting += metric_store_sources(f->store);
	}
	assert_int_equal(lasting, 4);
	metric_store_expire(f->store, f->time_ms + 19000);
	assert_int_equal(metric_store_sources(f->store), 1);
	metric_store_expire(f->store, f->time_ms + 21000);
	assert_int_equal(metric_store_sources(f->store), 0);
}

/* A clock that stands still is none: arrival counts. */
static void test_no_clock(void **state)
{
	struct fixture *f = *state;

	for (uint32_t i = 0; i < 4; i++) {
		struct wire w = {.len = 0};

		f->uptime_ms = i < 2 ? 0 : 7;
		add_u32(&w, "n", 1, 60 * i);
		assert_true(give(f, "x", &w, 1));
		if (i)
			assert_metric(f, "n", "10");
		fixture_step(f, 6000);
	}
}

/* The texts of one source take 4096 bytes at most, however they are sent. */
static void test_texts(void **state)
{
	static const struct metric_limits limits = {.agents = 4,
		.sources = 4,
		.custom = 128,
		.names = 1000,
		.text = 255,
		.expire_ms = 60000};
	struct fixture *f = *state;
	char text[256], name[16];

	memset(text, 'a', 255);
	text[255] = '\0';
	open_with(f, &limits);
	for (unsigned round = 0; round < 3; round++) {
		struct wire w = {.len = 0};

		for (unsigned i = 0; i < 4; i++) {
			snprintf(name, sizeof(name), "n%u", i);
			add_text(&w, name, text);
		}
		assert_true(give(f, "x", &w, 4));
		fixture_step(f, 1000);
		assert_int_equal(f->u.count, 4);
	}
	for (unsigned i = 4; i < 20; i++) {
		struct wire w = {.len = 0};

		snprintf(name, sizeof(name), "n%u", i);
		add_text(&w, name, text);
		assert_true(give(f, "x", &w, 1));
		fixture_step(f, 1000);
		assert_int_equal(f->u.count, i < 16);
	}
	assert_int_equal(fixture_stat(f, METRIC_TEXT_CUT), 4);
	metric_store_each(f->store, &f->region, fixture_keep, f);
	assert_int_equal(f->u.count, 16);
	for (unsigned round = 0; round < 2; round++) {
		struct wire w = {.len = 0};

		add_text(&w, "n0", "short");
		add_text(&w, "n19", text + 6);
		add_text(&w, "n19", text + 7);
		assert_true(give(f, "x", &w, 3));
		fixture_step(f, 1000);
		assert_metric(f, "n0", "short");
		assert_metric(f, "n19", text + 7);
	}
}

static void test_hostile(void **state)
{
	static const char *const names[] = {"", "a b", "a.b", "\xFF", "a\n"};
	static const char *const sources[] = {"1a", "a b", "a/b", "\x80"};
	struct fixture *f = *state;
	struct wire w = {.len = 0};
	char name[66];

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		add_u32(&w, names[i], 3, 1);
	memset(name, 'a', 65);
	name[65] = '\0';
	add_u32(&w, name, 3, 1);
	add_u32(&w, name + 1, 3, 1);
	assert_true(give(f, "x", &w, 7));
	assert_int_equal(f->u.count, 1);
	assert_int_equal(fixture_stat(f, METRIC_NAME), 6);
	for (unsigned i = 0; i < sizeof(sources) / sizeof(sources[0]); i++)
		assert_false(give(f, sources[i], &w, 1));
	assert_false(give(f, name, &w, 1));
	assert_int_equal(fixture_stat(f, METRIC_SOURCE_NAME), 5);
	w.len = 0;
	add_text(&w, "t", "123456789012345678901");
	give(f, "x", &w, 1);
	assert_metric(f, "t", "12345678901234567890");
	assert_int_equal(fixture_stat(f, METRIC_TEXT_CUT), 1);
}

/* A source has 16 at most, an agent brings a fourth of the 100 names. */
static void test_limits(void **state)
{
	struct fixture *f = *state;
	unsigned kept = 0;

	fixture_close(f);
	fixture_open(f, 8);

	for (unsigned i = 0; i < 100; i++) {
		struct wire w = {.len = 0};
		char name[16], source[16];

		snprintf(name, sizeof(name), "n%u", i);
		snprintf(source, sizeof(source), "s%u", i / 25);
		add_u32(&w, name, 3, i);
		fixture_step(f, 1);
		give(f, source, &w, 1);
		kept += f->u.count;
		if (i % 25 < 16 && i < 34)
			assert_int_equal(f->u.count, 1);
	}
	assert_int_equal(kept, 25);
	assert_int_equal(fixture_stat(f, METRIC_NAMES_FULL), 66);
	assert_int_equal(fixture_stat(f, METRIC_METRICS_FULL), 9);
	f->agent.bytes[3]++;
	for (unsigned i = 0; i < 10; i++) {
		struct wire w = {.len = 0};
		char name[16];

		snprintf(name, sizeof(name), "m%u", i);
		add_u32(&w, name, 3, i);
		fixture_step(f, 1);
		give(f, "s", &w, 1);
		assert_metric(f, name, f->u.pairs[0].text);
	}
}

/* Metrics of one source that come at different intervals go alone; the source with the last. */
static void test_silent(void **state)
{
	struct fixture *f = *state;
	struct wire often = {.len = 0}, seldom = {.len = 0};

	add_u32(&often, "often", 3, 1);
	add_text(&seldom, "seldom", "x");
	give(f, "x", &seldom, 1);
	for (unsigned i = 0; i < 12; i++) {
		fixture_step(f, 10000);
		give(f, "x", &often, 1);
		metric_store_each(f->store, &f->region, fixture_keep, f);
		if (i < 6)
			assert_metric(f, "seldom", "x");
		else
			assert_absent(f, "seldom");
		assert_metric(f, "often", "1");
	}
	metric_store_expire(f->store, f->time_ms + 60001);
	assert_int_equal(metric_store_sources(f->store), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_types, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_read, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_counter, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_copies, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_no_clock, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_texts, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_hostile, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_limits, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_silent, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
