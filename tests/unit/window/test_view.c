/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core.h"
#include "window/report.h"

enum { PAIRS, STACKS, AGAIN, DEFINITIONS };

/* Keys of fixed length, of any length and of more than fits into a record; and one that shares. */
static const struct flow_spec specs[DEFINITIONS] = {
	{.name = "pairs",
		.keys = "ipsource,ipdestination",
		.value = "bytes",
		.n = 1,
		.t = 2,
		.capacity = 100},
	{.name = "stacks",
		.keys = "concat:-:agent:[concat:-:ipsource:ipdestination]:[concat:-:ipsource:"
			"ipdestination]",
		.value = "frames",
		.n = 1,
		.t = 0,
		.capacity = 100},
	{.name = "again",
		.keys = "ipsource,ipdestination",
		.value = "bytes",
		.n = 1,
		.t = 2,
		.capacity = 100},
};
static const struct window_limits limits = {.agents = 10, .sources = 10, .counter_bytes = 65536};

struct fixture {
	struct base_hash hash;
	struct flow_plan *plan;
	struct core core;
	struct merge *m;
	uint64_t number;
	uint32_t sequence;
};

static void fixture_open(struct fixture *f)
{
	const struct merge_options options = {
		.rx_cores = 1, .agents = 10, .sources = 10, .expire_ms = 60000, .tsc_per_ms = 1};

	*f = (struct fixture){.number = 0};
	assert_int_equal(base_hash_init(&f->hash), 0);
	f->plan = plan_make(specs, DEFINITIONS);
	core_open(&f->core, f->plan, &f->hash, &limits);
	f->m = merge_create(f->plan, &f->hash, &options);
	assert_non_null(f->m);
}

static void fixture_close(struct fixture *f)
{
	core_close(&f->core);
	merge_destroy(f->m);
	flow_plan_free(f->plan);
}

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

static struct window_snapshot *report(struct fixture *f, bool view)
{
	const struct report_options o = {
		.number = ++f->number, .end_ms = 1000 * f->number, .view = view};
	struct window_snapshot *s;

	collect_flush(&f->core.c, f->core.w);
	merge_window(f->m, f->core.w);
	window_clear(f->core.w);
	window_open(f->core.w, f->number + 1, 0, o.end_ms * 1000000);
	merge_close(f->m, 1, o.end_ms);
	s = report_make(f->m, &o);
	assert_non_null(s);
	merge_next(f->m);
	return s;
}

static char *key_text(const struct window_view *v, unsigned definition, uint32_t key, char *text)
{
	struct base_text t = base_text(text, 4096);
	unsigned len;
	const uint8_t *bytes = window_view_key(&v->flows[definition], key, &len);

	flow_key_print(v->plan, &v->plan->definitions[definition], bytes, len, &t);
	return text;
}

/* The sighting of a key at a data source of an agent; NULL: none. */
static const struct window_view_sighting *find(const struct window_view *v, unsigned definition,
	const char *key, uint32_t agent, uint32_t index)
{
	const struct window_view_flows *f = &v->flows[definition];
	struct base_addr addr = core_agent(agent);
	char text[4096];

	for (uint32_t i = 0; i < f->sighting_count; i++) {
		const struct window_view_sighting *g = &f->sightings[i];
		const struct window_view_source *s = &v->sources[g->source];

		if (strcmp(key_text(v, definition, g->key, text), key) == 0 && s->live &&
			s->source.index == index &&
			base_addr_equal(&v->agents[s->agent].addr, &addr))
			return g;
	}
	return NULL;
}

static void test_all(void **state)
{
	const struct window_view_sighting *g;
	const struct window_view *v;
	struct window_snapshot *s;
	struct fixture x;

	fixture_open(&x);
	take(&x, 1, 3, 5, 20);
	take(&x, 2, 4, 5, 30);
	take(&x, 1, 3, 6, 40);
	s = report(&x, true);
	fixture_close(&x); /* the view stands alone, its plan too */
	v = s->view;
	assert_int_equal(v->flows[PAIRS].sighting_count, 3);
	assert_int_equal(v->flows[PAIRS].seen_ms, 1000);
	g = find(v, PAIRS, "10.0.0.5,10.0.0.1", 2, 4);
	assert_non_null(g);
	assert_true(fabs(g->rate - 30000) < 1e-6 && fabsf(g->samples - 30) < 1e-3f);
	g = find(v, PAIRS, "10.0.0.5,10.0.0.1", 1, 3);
	assert_true(g && fabs(g->rate - 20000) < 1e-6);
	assert_null(find(v, PAIRS, "10.0.0.6,10.0.0.1", 2, 4));
	g = find(v, STACKS, "192.0.0.1-10.0.0.6-10.0.0.1-10.0.0.6-10.0.0.1", 1, 3);
	assert_true(g && fabs(g->rate - 400) < 1e-6);
	assert_ptr_equal(v->flows[AGAIN].sightings, v->flows[PAIRS].sightings);
	for (uint32_t i = 1; i < v->agent_count; i++)
		assert_int_equal(v->agents[i].datagrams, i == 1 ? 60 : 30);
	report_free(s);
}

/* Flows that are forgotten leave holes, and their numbers are used again. */
static void test_holes(void **state)
{
	struct window_snapshot *s;
	const struct window_view_flows *f;
	unsigned holes = 0;
	struct fixture x;

	fixture_open(&x);
	for (uint32_t i = 0; i < 50; i++)
		take(&x, 1, 3, i, 1);
	report_free(report(&x, true));
	for (unsigned i = 0; i < 3; i++)
		take(&x, 1, 3, 7, 1), report_free(report(&x, false));
	take(&x, 1, 3, 7, 1);
	take(&x, 1, 3, 99, 1);
	s = report(&x, true);
	f = &s->view->flows[STACKS]; /* forgets at once: t is 0 */
	for (uint32_t i = 0; i < f->key_count; i++)
		holes += f->keys[i] == WINDOW_VIEW_HOLE;
	assert_int_equal(f->sighting_count, 2);
	assert_int_equal(f->key_count - holes, 2);
	assert_true(holes > 0);
	assert_non_null(
		find(s->view, STACKS, "192.0.0.1-10.0.0.7-10.0.0.1-10.0.0.7-10.0.0.1", 1, 3));
	assert_non_null(
		find(s->view, STACKS, "192.0.0.1-10.0.0.99-10.0.0.1-10.0.0.99-10.0.0.1", 1, 3));
	report_free(s);
	fixture_close(&x);
}

static void test_none(void **state)
{
	struct window_snapshot *s;
	struct fixture x;

	fixture_open(&x);
	s = report(&x, false);
	assert_null(s->view);
	report_free(s);
	s = report(&x, true);
	assert_int_equal(s->view->flows[PAIRS].sighting_count, 0);
	assert_int_equal(s->view->flows[PAIRS].seen_ms, 0);
	report_free(s);
	fixture_close(&x);
}

/* An exchange lets go of the plan with the snapshot. */
static void test_exchange(void **state)
{
	struct window_exchange *e = window_exchange_create();
	struct fixture x;

	fixture_open(&x);
	for (unsigned i = 0; i < 5; i++)
		window_exchange_put(e, report(&x, true));
	window_exchange_destroy(e);
	assert_int_equal(x.plan->references, 3); /* of the fixture, its window, the merge */
	fixture_close(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_holes),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_exchange),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
