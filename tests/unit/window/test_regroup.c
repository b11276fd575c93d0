/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core.h"
#include "window/report.h"

/* Functions that are applied at merge, from tables of raw keys to what is reported. */

enum { HOSTS, DOMAINS, TAKEN, DEFINITIONS };

static const struct flow_spec specs[DEFINITIONS] = {
	{.name = "hosts",
		.keys = "dns:ipsource",
		.value = "bytes",
		.n = 10,
		.t = 2,
		.capacity = 100},
	{.name = "domains",
		.keys = "suffix:[dns:ipsource]:.:2",
		.value = "bytes",
		.n = 10,
		.t = 2,
		.capacity = 100},
	{.name = "taken",
		.keys = "first:[dns:ipsource]:.:db:www",
		.value = "frames",
		.n = 10,
		.t = 2,
		.capacity = 100},
};
static const struct window_limits limits = {.agents = 10, .sources = 10, .counter_bytes = 64};

/* What hosts 10.0.0.N are called. */
struct book {
	const char *name[8];
	unsigned asked;
};

static bool find(void *ctx, const struct base_addr *addr, struct base_text *name)
{
	struct book *book = ctx;
	const char *known = book->name[addr->bytes[3]];

	book->asked++;
	if (known)
		base_text_printf(name, "%s", known);
	return known != NULL;
}

struct fixture {
	struct base_hash hash;
	struct book book;
	struct flow_names names;
	struct flow_plan *plan;
	struct window *w;
	struct merge *m;
	uint64_t serial;
};

static void fixture_open(struct fixture *f)
{
	struct merge_options options = {
		.rx_cores = 1, .agents = 10, .sources = 10, .expire_ms = 60000, .tsc_per_ms = 1};

	memset(f, 0, sizeof(*f));
	assert_int_equal(base_hash_init(&f->hash), 0);
	f->names = (struct flow_names){.find = find, .ctx = &f->book};
	options.names = &f->names;
	f->plan = plan_make(specs, DEFINITIONS);
	f->m = merge_create(f->plan, &f->hash, &options);
	f->w = window_create(f->plan, &limits, -1);
	assert_true(f->m && f->w);
}

static void fixture_close(struct fixture *f)
{
	window_destroy(f->w);
	merge_destroy(f->m);
	flow_plan_free(f->plan);
}

static void window_start(struct fixture *f)
{
	struct base_addr addr = core_agent(1);
	uint32_t agent;

	window_clear(f->w);
	window_open(f->w, ++f->serial, 0, 1700000000000000000);
	agent = hand_agent(f->w, &addr, 0, 0);
	for (uint32_t i = 1; i <= 2; i++)
		hand_source(f->w, &f->hash, agent, (struct sflow_source){.index = i});
}

/* A sample of host 10.0.0.`host` at data source `source`. */
static void sample(struct fixture *f, uint8_t host, uint32_t source, uint64_t value)
{
	const uint8_t key[4] = {10, 0, 0, host};

	for (unsigned i = 0; i < DEFINITIONS; i++)
		hand_flow(f->w, &f->hash, i, key, sizeof(key), source, value);
}

static struct window_snapshot *close_window(struct fixture *f)
{
	const struct report_options o = {
		.number = f->serial, .start_ms = 0, .end_ms = 1000, .complete = true};
	struct window_snapshot *s;

	hand_flush(f->w);
	merge_window(f->m, f->w);
	merge_close(f->m, 1, 1700000000000);
	s = report_make(f->m, &o);
	assert_non_null(s);
	merge_next(f->m);
	assert_merge_conserved(f->m);
	return s;
}

static const struct window_flow *flow_of(const struct window_flows *d, const char *key)
{
	for (unsigned i = 0; i < d->count; i++) {
		if (strcmp(d->top[i].key, key) == 0)
			return &d->top[i];
	}
	return NULL;
}

static void expect_flow(const struct window_flows *d, const char *key, double value)
{
	const struct window_flow *flow = flow_of(d, key);

	if (!flow)
		fail_msg("no flow %s", key);
	assert_true(fabs(flow->value - value) < value * 1e-9);
}

/* Hosts of a domain are one flow; of two data sources the larger sum is shown. */
static void test_added_up(void **state)
{
	struct fixture f;
	struct window_snapshot *s;

	fixture_open(&f);
	f.book.name[1] = "a.example.";
	f.book.name[2] = "b.example.";
	f.book.name[3] = "www.other.";
	window_start(&f);
	sample(&f, 1, 1, 100);
	sample(&f, 2, 1, 30);
	sample(&f, 1, 2, 50);
	sample(&f, 2, 2, 70);
	sample(&f, 3, 1, 10);
	sample(&f, 4, 1, 5);
	s = close_window(&f);
	assert_int_equal(s->flows[HOSTS].count, 4);
	expect_flow(&s->flows[HOSTS], "a.example.", 100);
	expect_flow(&s->flows[HOSTS], "b.example.", 70);
	expect_flow(&s->flows[HOSTS], "10.0.0.4", 5);
	assert_int_equal(s->flows[DOMAINS].count, 3);
	expect_flow(&s->flows[DOMAINS], "example.", 130);
	expect_flow(&s->flows[DOMAINS], "other.", 10);
	expect_flow(&s->flows[DOMAINS], "10.0.0.4", 5);
	assert_string_equal(s->flows[DOMAINS].top[0].key, "example.");
	assert_int_equal(s->flows[DOMAINS].total, 265);
	assert_int_equal(s->flows[DOMAINS].samples, 6);
	assert_int_equal(s->flows[DOMAINS].flows, 3);
	report_free(s);
	fixture_close(&f);
}

/* What comes to no key is keyless, and in no total. */
static void test_absent(void **state)
{
	struct fixture f;
	struct window_snapshot *s;

	fixture_open(&f);
	f.book.name[1] = "db.example.";
	f.book.name[2] = "other.example.";
	window_start(&f);
	sample(&f, 1, 1, 100);
	sample(&f, 2, 1, 30);
	sample(&f, 2, 2, 30);
	sample(&f, 3, 1, 7);
	s = close_window(&f);
	assert_int_equal(s->flows[TAKEN].count, 1);
	expect_flow(&s->flows[TAKEN], "db", 100);
	assert_int_equal(s->flows[TAKEN].total, 100);
	assert_int_equal(s->flows[TAKEN].samples, 1);
	assert_int_equal(s->flows[TAKEN].keyless, 3);
	assert_int_equal(s->flows[TAKEN].other, 0);
	report_free(s);
	fixture_close(&f);
}

/* The address stands in until the name is known; both add up to the rate all along. */
static void test_name_comes(void **state)
{
	struct fixture f;
	struct window_snapshot *s;
	double keep = exp(-1.0 / 2), weight = 0, before = 0, after = 0;

	fixture_open(&f);
	for (unsigned i = 1; i <= 4; i++) {
		window_start(&f);
		sample(&f, 5, 1, 100);
		if (i == 3)
			f.book.name[5] = "late.example.";
		s = close_window(&f);
		weight = weight * keep + (1 - keep);
		before = before * keep + (i < 3) * 100 * (1 - keep);
		after = after * keep + (i >= 3) * 100 * (1 - keep);
		expect_flow(&s->flows[HOSTS], "10.0.0.5", before / weight);
		if (i < 3)
			assert_null(flow_of(&s->flows[HOSTS], "late.example."));
		else
			expect_flow(&s->flows[HOSTS], "late.example.", after / weight);
		assert_true(fabs(before + after - 100 * weight) < 1e-9);
		report_free(s);
	}
	fixture_close(&f);
}

/* Each raw key is turned into a key once for a table, however many data sources have it. */
static void test_once(void **state)
{
	struct fixture f;
	struct window_snapshot *s;

	fixture_open(&f);
	window_start(&f);
	for (unsigned i = 0; i < 50; i++) {
		sample(&f, 1, 1, 1);
		sample(&f, 1, 2, 1);
	}
	s = close_window(&f);
	assert_int_equal(f.book.asked, DEFINITIONS);
	report_free(s);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_added_up),
		cmocka_unit_test(test_absent),
		cmocka_unit_test(test_name_comes),
		cmocka_unit_test(test_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
