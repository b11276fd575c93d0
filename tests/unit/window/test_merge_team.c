/* SPDX-License-Identifier: BSD-3-Clause */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../dice.h"
#include "core.h"
#include "window/report.h"

/*
 * Teams of one, two and three are given the same windows: they must come to the same, to the bit. One of them
 * is woken where there is much to do; the smallest windows are the aggregator's alone.
 */
enum { TUPLES, VALUES, LOGGED, FULL, SMALL, NAMES, DEFINITIONS };
enum { TEAMS = 3, CORES = 2, WINDOWS = 8, SOURCES = 5, FLOWS = 6000, RING = 8192 };

static const struct flow_spec specs[DEFINITIONS] = {
	{.name = "tuples",
		.keys = "ipsource,ipdestination",
		.value = "bytes",
		.n = 50,
		.t = 3,
		.capacity = 20000},
	{.name = "values",
		.keys = "ipsource",
		.value = "bytes",
		.values = "avg:bytes,max:bytes,last:bytes,count:ipdestination",
		.n = 50,
		.t = 3,
		.capacity = 20000},
	{.name = "logged",
		.keys = "ipsource",
		.value = "bytes",
		.n = 5,
		.t = 0.2,
		.capacity = 20000,
		.log = true,
		.active_timeout = 2},
	/* More sightings than there is room for, which stay for long. */
	{.name = "full",
		.keys = "ipsource,ipdestination",
		.value = "frames",
		.n = 50,
		.t = 60,
		.capacity = 8192},
	{.name = "small", .keys = "ipsource", .value = "bytes", .n = 5, .t = 1, .capacity = 8},
	{.name = "names",
		.keys = "dns:ipsource",
		.value = "bytes",
		.n = 5,
		.t = 1,
		.capacity = 20000},
};
static const struct window_limits limits = {.agents = 4, .sources = 20, .counter_bytes = 64};
static const struct ring_options ring_options = {.id = "flowID", .size = RING, .view = RING};

struct team {
	struct base_team *team;
	pthread_t thread[TEAMS];
	unsigned members;
	struct merge *m;
	struct ring *records;
};

struct fixture {
	struct base_hash hash;
	struct flow_plan *plan;
	struct core core[CORES];
	struct team team[TEAMS];
	struct dice d;
	uint32_t sequence;
};

struct helper {
	struct base_team *team;
	unsigned member;
};

static void *help(void *arg)
{
	struct helper h = *(struct helper *)arg;

	free(arg);
	base_team_serve(h.team, h.member);
	return NULL;
}

static void team_open(struct team *t, const struct fixture *f, unsigned members)
{
	struct merge_options options = {.rx_cores = CORES,
		.agents = 8,
		.sources = 40,
		.expire_ms = 100000,
		.tsc_per_ms = 1};

	t->members = members;
	t->team = base_team_create(members);
	t->records = ring_create(&ring_options);
	options.team = t->team;
	options.records = t->records;
	t->m = merge_create(f->plan, &f->hash, &options);
	assert_true(t->team && t->records && t->m);
	for (unsigned i = 1; i < members; i++) {
		struct helper *h = malloc(sizeof(*h));

		assert_non_null(h);
		*h = (struct helper){t->team, i};
		assert_int_equal(pthread_create(&t->thread[i], NULL, help, h), 0);
	}
}

static void team_close(struct team *t)
{
	base_team_end(t->team);
	for (unsigned i = 1; i < t->members; i++)
		pthread_join(t->thread[i], NULL);
	merge_destroy(t->m);
	ring_destroy(t->records);
	base_team_destroy(t->team);
}

/* A core's share of a window; each window has flows of its own beside those of all. */
static void take(struct fixture *f, struct core *core, unsigned window, uint32_t flows)
{
	const struct base_addr agent = core_agent(1);

	window_open(core->w, window + 1, 0, 1700000000000000000u + window * 1000000000u);
	for (uint32_t i = 0; i < flows; i++) {
		uint32_t base = dice_below(&f->d, 2) ? 0 : (window + 1) << 20;
		struct bytes_ip ip = core_ip(base + dice_below(&f->d, FLOWS), dice_below(&f->d, 3),
			64 + dice_below(&f->d, 1000));
		struct wire w = {.len = 0};

		f->sequence++;
		bytes_datagram(&w, &agent, 0, f->sequence, 1000, 1);
		core_flow(&w, 1 + dice_below(&f->d, SOURCES), f->sequence, 10, &ip);
		core_take(core, &w, f->sequence);
	}
	collect_flush(&core->c, core->w);
}

/* ---- the same ---- */

static void same_dense(const struct base_dense *a, const struct base_dense *b)
{
	assert_int_equal(a->count, b->count);
	assert_int_equal(a->holes, b->holes);
	assert_memory_equal(a->records, b->records, a->count * a->size);
}

static void same_value(const struct sightings *a, const struct sightings *b, uint32_t i, unsigned v)
{
	struct window_value x, y;

	sighting_value(a, i, v, a->lanes.united, &x);
	sighting_value(b, i, v, b->lanes.united, &y);
	assert_int_equal(x.there, y.there);
	if (x.there)
		assert_true(x.value == y.value && x.samples == y.samples);
}

static void same_range(const struct sightings *a, const struct sightings *b, unsigned values)
{
	same_dense(&a->sightings, &b->sightings);
	same_dense(&a->keys, &b->keys);
	assert_int_equal(a->live_keys, b->live_keys);
	assert_int_equal(a->lanes.bytes, b->lanes.bytes);
	for (uint32_t i = 0; a->lanes.count && i < a->sightings.count; i++) {
		for (unsigned v = 0; v < values; v++)
			same_value(a, b, i, v);
	}
}

static void same_sources(const struct known *a, const struct known *b)
{
	same_dense(&a->sources, &b->sources);
	same_dense(&a->agents, &b->agents);
}

static void same_flows(const struct window_flows *a, const struct window_flows *b)
{
	assert_int_equal(a->flows, b->flows);
	assert_int_equal(a->total, b->total);
	assert_int_equal(a->other, b->other);
	assert_int_equal(a->count, b->count);
	for (unsigned i = 0; i < a->count; i++) {
		assert_string_equal(a->top[i].key, b->top[i].key);
		assert_string_equal(a->top[i].source, b->top[i].source);
		assert_true(a->top[i].value == b->top[i].value);
		assert_true(a->top[i].error95 == b->top[i].error95);
	}
}

static void same_records(struct ring *a, struct ring *b)
{
	enum { MANY = 512 };
	struct ring_document *x[MANY], *y[MANY];
	unsigned n = ring_read_newest(a, 0, NULL, x, MANY);

	assert_int_equal(ring_newest(a), ring_newest(b));
	assert_int_equal(ring_read_newest(b, 0, NULL, y, MANY), n);
	for (unsigned i = 0; i < n; i++) {
		assert_int_equal(x[i]->count, y[i]->count);
		for (unsigned j = 0; j < x[i]->count; j++)
			assert_string_equal(x[i]->pairs[j].text, y[i]->pairs[j].text);
	}
	ring_release(x, n);
	ring_release(y, n);
}

static void same(struct team *a, struct team *b)
{
	const struct report_options o = {.number = 1, .end_ms = 1};
	struct window_snapshot *x = report_make(a->m, &o), *y = report_make(b->m, &o);

	for (unsigned i = 0; i < DEFINITIONS; i++) {
		const struct merge_definition *d = &a->m->definitions[i],
					      *e = &b->m->definitions[i];

		assert_int_equal(d->ranges, e->ranges);
		assert_memory_equal(&d->window, &e->window, sizeof(d->window));
		assert_memory_equal(&d->ever, &e->ever, sizeof(d->ever));
		for (unsigned j = 0; j < d->ranges; j++)
			same_range(
				&d->flows[j], &e->flows[j], a->m->plan->definitions[i].value_count);
		same_flows(&x->flows[i], &y->flows[i]);
	}
	assert_memory_equal(a->m->window, b->m->window, sizeof(a->m->window));
	same_sources(&a->m->known, &b->m->known);
	same_records(a->records, b->records);
	report_free(x);
	report_free(y);
}

static void close_all(struct fixture *f, unsigned window)
{
	for (unsigned i = 0; i < TEAMS; i++) {
		struct merge *m = f->team[i].m;

		merge_close(m, 1, 1700000001000 + window * 1000);
		assert_int_equal(m->imbalances, 0);
		if (i)
			same(&f->team[0], &f->team[i]);
	}
	for (unsigned i = 0; i < TEAMS; i++)
		merge_next(f->team[i].m);
}

static void seal(struct fixture *f, unsigned window, uint32_t flows)
{
	for (unsigned i = 0; i < CORES; i++)
		take(f, &f->core[i], window, flows);
	for (unsigned i = 0; i < TEAMS * CORES; i++)
		merge_window(f->team[i / CORES].m, f->core[i % CORES].w);
	for (unsigned i = 0; i < CORES; i++)
		window_clear(f->core[i].w);
}

static void test_same(void **state)
{
	static struct fixture f;

	assert_int_equal(base_hash_init(&f.hash), 0);
	f.plan = plan_make(specs, DEFINITIONS);
	for (unsigned i = 0; i < CORES; i++)
		core_open(&f.core[i], f.plan, &f.hash, &limits);
	for (unsigned i = 0; i < TEAMS; i++)
		team_open(&f.team[i], &f, i + 1);
	for (unsigned window = 0; window < WINDOWS; window++) {
		/* More seals in some windows; near silence in others. */
		seal(&f, window, window % 5 == 3 ? 100 : FLOWS);
		for (unsigned more = 0; window % 3 == 1 && more < 2; more++)
			seal(&f, window, FLOWS);
		close_all(&f, window);
	}
	assert_true(f.team[0].m->definitions[FULL].ever.other > 0);
	assert_true(f.team[0].m->definitions[SMALL].ever.other > 0);
	assert_true(ring_newest(f.team[0].records) > FLOWS);
	assert_int_equal(f.team[0].m->definitions[NAMES].ranges, 1);
	assert_int_equal(f.team[0].m->definitions[FULL].ranges, SIGHTINGS_RANGES);
	for (unsigned i = 0; i < TEAMS; i++) {
		assert_merge_conserved(f.team[i].m);
		team_close(&f.team[i]);
	}
	for (unsigned i = 0; i < CORES; i++)
		core_close(&f.core[i]);
	flow_plan_free(f.plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_same)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
