/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../dice.h"
#include "core.h"

/*
 * Windows of several cores, filled by hand, against a plain model: for each definition, key, agent
 * and data source the value of the window and the smoothed rate. The first definition is large enough to have
 * ranges.
 */
enum { NAMES, LONG, TIGHT, DEFINITIONS };
enum { KEYS = 40, AGENTS = 6, SOURCES = 3, CORES = 3 };
enum { EXPIRE_MS = 20000 };

static const struct flow_spec specs[DEFINITIONS] = {
	{.name = "names", .keys = "stack", .value = "bytes", .n = 10, .t = 2, .capacity = 20000},
	{.name = "long", .keys = "stack", .value = "frames", .n = 10, .t = 5, .capacity = 4000},
	{.name = "tight", .keys = "stack", .value = "bytes", .n = 10, .t = 1, .capacity = 8},
};
static const struct window_limits limits = {.agents = 10, .sources = 30, .counter_bytes = 64};

struct flow {
	double rate;
	uint64_t value;
	uint32_t samples, idle;
	bool in;
};

struct model {
	struct flow flow[KEYS][AGENTS][SOURCES];
	struct merge_totals window;
};

struct fixture {
	struct base_hash hash;
	struct flow_plan *plan;
	struct merge *m;
	struct window *w[CORES];
	struct model model[DEFINITIONS];
	struct dice d;
	uint64_t now_ms, serial;
};

/* @param team  of one, with which large definitions have ranges; or NULL */
static struct fixture *fixture_open_with(uint32_t agents, uint32_t sources, struct base_team *team)
{
	const struct merge_options options = {.rx_cores = 1,
		.team = team,
		.agents = agents,
		.sources = sources,
		.expire_ms = EXPIRE_MS,
		.tsc_per_ms = 1};
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	assert_int_equal(base_hash_init(&f->hash), 0);
	f->plan = plan_make(specs, DEFINITIONS);
	f->m = merge_create(f->plan, &f->hash, &options);
	assert_non_null(f->m);
	for (unsigned i = 0; i < CORES; i++) {
		f->w[i] = window_create(f->plan, &limits, -1);
		assert_non_null(f->w[i]);
	}
	f->now_ms = 1700000000000;
	return f;
}

static struct fixture *fixture_open(uint32_t agents, uint32_t sources)
{
	return fixture_open_with(agents, sources, NULL);
}

static void fixture_close(struct fixture *f)
{
	for (unsigned i = 0; i < CORES; i++)
		window_destroy(f->w[i]);
	merge_destroy(f->m);
	flow_plan_free(f->plan);
	free(f);
}

/* Long ones spill; the tight definition shares those of the first. */
static unsigned key_of(unsigned definition, uint32_t number, uint8_t *key)
{
	unsigned len = definition == LONG ? 30 + number : 4;

	memset(key, 0, len);
	base_put_u32(key, number);
	return len;
}

/* One sample, taken by each definition; a few lack the keys of the last. */
static void sample(struct fixture *f, struct window *w, uint32_t source)
{
	const struct source_window *sw = &w->sources[source];
	uint32_t agent = w->agents[sw->agent].addr.bytes[3], key = dice_below(&f->d, KEYS);
	bool keyless = dice_below(&f->d, 10) == 0, filtered = dice_below(&f->d, 10) == 0;

	for (unsigned i = 0; i < DEFINITIONS; i++) {
		struct model *m = &f->model[i];
		struct flow *flow = &m->flow[key][agent][sw->source.index];
		uint64_t value = dice_below(&f->d, 1000000);
		uint8_t bytes[TABLE_KEY_MAX];

		if (keyless && i == TIGHT) {
			w->definitions[i].keyless++;
			m->window.keyless++;
			continue;
		}
		if (filtered && i == TIGHT) {
			w->definitions[i].filtered++;
			m->window.filtered++;
			continue;
		}
		hand_flow(w, &f->hash, i, bytes, key_of(i, key, bytes), source, value);
		m->window.total += value;
		m->window.counted++;
		flow->in = true;
		flow->value += value;
		flow->samples++;
	}
}

/* A window of one core: some agents, in any order, with all their data sources. */
static void fill(struct fixture *f, struct window *w, unsigned samples)
{
	uint32_t first = dice_below(&f->d, AGENTS), count = 1 + dice_below(&f->d, AGENTS);

	window_open(w, ++f->serial, 0, f->now_ms * 1000000);
	for (uint32_t i = 0; i < count; i++) {
		struct base_addr addr = core_agent((first + i) % AGENTS);
		uint32_t agent = hand_agent(w, &addr, 0, 0);

		for (uint32_t index = 0; index < SOURCES; index++)
			hand_source(w, &f->hash, agent, (struct sflow_source){.index = index});
	}
	while (samples--)
		sample(f, w, 1 + dice_below(&f->d, w->source_count - 1));
	hand_flush(w);
}

static void merge_cores(struct fixture *f, unsigned cores, unsigned samples)
{
	for (unsigned i = 0; i < cores; i++)
		fill(f, f->w[i], samples);
	for (unsigned i = 0; i < cores; i++) {
		merge_window(f->m, f->w[i]);
		window_clear(f->w[i]);
	}
}

static void model_close(struct fixture *f, double seconds)
{
	for (unsigned i = 0; i < DEFINITIONS; i++) {
		double t = specs[i].t, keep = exp(-seconds / t);
		struct flow *flows = &f->model[i].flow[0][0][0];

		for (unsigned j = 0; j < KEYS * AGENTS * SOURCES; j++) {
			struct flow *flow = &flows[j];

			flow->rate = flow->rate * keep + (double)flow->value / seconds * (1 - keep);
			flow->idle = flow->samples ? 0 : flow->idle + 1;
			flow->value = 0;
			flow->samples = 0;
			if (flow->idle > (uint32_t)(7 * t / seconds) + 1)
				*flow = (struct flow){0};
		}
		memset(&f->model[i].window, 0, sizeof(f->model[i].window));
	}
}

static const struct flow *flow_of(
	const struct fixture *f, unsigned definition, const struct sightings *s, uint32_t number)
{
	const struct sighting *g = sighting_at(s, number);
	const struct sighting_key *k = sighting_key_at(s, g->key);
	const struct known_source *source = known_source_at(&f->m->known, g->source);
	const struct known_agent *agent = known_agent_at(&f->m->known, source->agent);
	uint32_t key = base_get_u32(sighting_key_bytes(k));
	uint8_t bytes[TABLE_KEY_MAX];

	assert_true(source->live && agent->live && key < KEYS);
	assert_int_equal(k->len, key_of(definition, key, bytes));
	assert_memory_equal(sighting_key_bytes(k), bytes, k->len);
	return &f->model[definition].flow[key][agent->addr.bytes[3]][source->source.index];
}

static void check_rates(const struct fixture *f, unsigned definition, const struct sightings *s)
{
	for (uint32_t i = 0; i < s->sightings.count; i++) {
		const struct flow *flow = flow_of(f, definition, s, i);
		double rate = sighting_at(s, i)->rate;

		assert_true(flow->in);
		assert_true(fabs(rate - flow->rate) <= 1e-12 * flow->rate + 1e-9);
	}
}

/* For each key the largest rate of all that saw it, not their sum. */
static void check_largest(const struct fixture *f, unsigned definition, const struct sightings *s)
{
	for (uint32_t i = 0; i < s->keys.count; i++) {
		const struct sighting_key *k = sighting_key_at(s, i);
		const struct flow *flows;
		double largest = 0;

		if (!k->there)
			continue;
		flows = &f->model[definition].flow[base_get_u32(sighting_key_bytes(k))][0][0];
		for (unsigned j = 0; j < AGENTS * SOURCES; j++)
			largest = fmax(largest, flows[j].rate);
		assert_true(fabs(sighting_key_rank(s, i) - largest) <= 1e-12 * largest + 1e-9);
	}
}

/* All that the model has, each once, in some range. */
static void check_flows(const struct fixture *f, unsigned definition)
{
	const struct merge_definition *md = &f->m->definitions[definition];
	const struct flow *flows = &f->model[definition].flow[0][0][0];
	uint32_t in = 0, sightings = 0;

	for (uint32_t i = 0; i < KEYS * AGENTS * SOURCES; i++)
		in += flows[i].in;
	for (unsigned i = 0; i < md->ranges; i++) {
		sightings += md->flows[i].sightings.count;
		check_rates(f, definition, &md->flows[i]);
		check_largest(f, definition, &md->flows[i]);
	}
	assert_int_equal(sightings, in);
}

/* What refers to data sources and agents is counted there. */
static void check_references(const struct merge *m)
{
	uint32_t *sources = calloc(m->known.sources.count, sizeof(*sources));
	uint32_t *agents = calloc(m->known.agents.count, sizeof(*agents));

	assert_true(sources && agents);
	for (unsigned i = 0; i < DEFINITIONS; i++) {
		for (unsigned range = 0; range < m->definitions[i].ranges; range++) {
			const struct sightings *s = &m->definitions[i].flows[range];

			for (uint32_t j = 0; j < s->sightings.count; j++)
				sources[sighting_at(s, j)->source]++;
		}
	}
	for (uint32_t i = 0; i < m->known.sources.count; i++) {
		const struct known_source *s = known_source_at(&m->known, i);

		assert_int_equal(s->sightings, sources[i]);
		if (s->live)
			agents[s->agent]++;
	}
	for (uint32_t i = 1; i < m->known.agents.count; i++)
		assert_int_equal(known_agent_at(&m->known, i)->sources, agents[i]);
	free(sources);
	free(agents);
}

static void check_totals(const struct fixture *f)
{
	for (unsigned i = 0; i < DEFINITIONS; i++) {
		const struct merge_definition *d = &f->m->definitions[i];
		const struct merge_totals *expected = &f->model[i].window;
		uint64_t closed = 0;

		for (unsigned range = 0; range < d->ranges; range++)
			closed += d->flows[range].closed_value;

		assert_int_equal(d->window.total, expected->total);
		assert_int_equal(d->window.counted, expected->counted);
		assert_int_equal(d->window.keyless, expected->keyless);
		assert_int_equal(d->window.filtered, expected->filtered);
		assert_int_equal(d->window.other + closed, expected->total);
		assert_true(i == TIGHT || d->window.other == 0);
	}
	assert_int_equal(f->m->imbalances, 0);
	assert_merge_conserved(f->m);
}

static void close_window(struct fixture *f, double seconds, bool rates)
{
	f->now_ms += (uint64_t)(seconds * 1000);
	merge_close(f->m, seconds, f->now_ms);
	check_totals(f);
	model_close(f, seconds);
	for (unsigned i = 0; rates && i < TIGHT; i++)
		check_flows(f, i);
	check_references(f->m);
	merge_next(f->m);
}

static void close_empty(struct fixture *f, unsigned windows)
{
	while (windows--)
		close_window(f, 1, true);
}

static void check_model(struct base_team *team, unsigned ranges)
{
	struct fixture *f = fixture_open_with(100, 100, team);

	for (unsigned window = 0; window < 40; window++) {
		/* Seals are more frequent than windows, or not; the traffic comes and goes. */
		unsigned seals = dice_below(&f->d, 3);

		while (seals--)
			merge_cores(f, dice_below(&f->d, CORES + 1),
				dice_below(&f->d, window % 10 < 5 ? 300 : 10));
		close_window(f, window % 5 == 4 ? 1.5 : 1, true);
	}
	assert_int_equal(f->m->windows, 40);
	assert_true(f->m->definitions[TIGHT].ever.other > 0);
	close_empty(f, 64);
	assert_int_equal(f->m->definitions[NAMES].ranges, ranges);
	assert_int_equal(f->m->definitions[LONG].ranges, 1);
	for (unsigned i = 0; i < DEFINITIONS; i++) {
		assert_int_equal(merge_keys(&f->m->definitions[i]), 0);
		for (unsigned range = 0; range < f->m->definitions[i].ranges; range++)
			assert_int_equal(f->m->definitions[i].flows[range].sightings.count, 0);
	}
	assert_int_equal(f->m->known.agents_live, 0);
	assert_int_equal(f->m->known.sources_live, 0);
	fixture_close(f);
}

static void test_model(void **state)
{
	struct base_team *one = base_team_create(1);

	assert_non_null(one);
	check_model(NULL, 1);
	check_model(one, SIGHTINGS_RANGES);
	base_team_destroy(one);
}

/* More agents and data sources than the aggregator keeps: flows count all the same. */
static void test_known_full(void **state)
{
	struct fixture *f = fixture_open(2, 4);

	for (unsigned window = 0; window < 20; window++) {
		merge_cores(f, CORES, 200);
		close_window(f, 1, false);
		assert_int_equal(f->m->known.agents_live, 2);
		assert_int_equal(f->m->known.sources_live, 4);
	}
	fixture_close(f);
}

static void test_changed(void **state)
{
	struct fixture *f = fixture_open(100, 100);
	unsigned changed = 0;

	merge_cores(f, 1, 10);
	for (uint32_t i = 1; i < f->m->known.agents.count; i++)
		changed += known_agent_at(&f->m->known, i)->changed;
	assert_int_equal(changed, f->m->known.agents_live);
	close_window(f, 1, true);
	for (uint32_t i = 0; i < f->m->known.agents.count; i++)
		assert_false(known_agent_at(&f->m->known, i)->changed);
	fixture_close(f);
}

static void test_saturates(void **state)
{
	struct fixture *f = fixture_open(100, 100);
	struct base_addr addr = core_agent(1);

	for (unsigned core = 0; core < 2; core++) {
		struct window *w = f->w[core];
		uint32_t source;

		window_open(w, ++f->serial, 0, 0);
		source = hand_source(
			w, &f->hash, hand_agent(w, &addr, 0, 0), (struct sflow_source){0});
		for (unsigned i = 0; i < DEFINITIONS; i++)
			hand_flow(w, &f->hash, i, "abcd", 4, source, UINT64_MAX - 1);
		hand_flush(w);
		merge_window(f->m, w);
	}
	merge_close(f->m, 1, 1000);
	assert_true(f->m->definitions[0].window.total == UINT64_MAX);
	assert_merge_conserved(f->m);
	fixture_close(f);
}

/* ---- the sums that must hold, and how it shows when one does not ---- */

static void expect_broken(struct fixture *f, uint64_t *counter, const char *name)
{
	char what[200] = "";

	++*counter;
	assert_false(merge_conserved(f->m, what, sizeof(what)));
	assert_non_null(strstr(what, name));
	--*counter;
	assert_merge_conserved(f->m);
}

static void test_conserved(void **state)
{
	struct fixture *f = fixture_open(100, 100);
	struct merge *m = f->m;

	merge_cores(f, CORES, 100);
	close_window(f, 1, true);
	expect_broken(f, &m->imbalances, "flows + other");
	expect_broken(f, &m->ingress[INGRESS_DATAGRAMS], "given to the decoder");
	expect_broken(f, &m->sflow[SFLOW_DATAGRAMS_DECODED], "datagrams");
	expect_broken(f, &m->sflow[SFLOW_DROP_SHORT], "datagrams");
	expect_broken(f, &m->sflow[SFLOW_SAMPLES], "samples");
	expect_broken(f, &m->sflow[SFLOW_RECORD_OVERRUN], "samples");
	expect_broken(f, &m->definitions[LONG].ever.counted, "long");
	expect_broken(f, &m->definitions[TIGHT].ever.keyless, "tight");
	expect_broken(f, &m->definitions[TIGHT].ever.filtered, "tight");
	fixture_close(f);
}

/* A value that got lost between table and flows is noticed when the window is closed. */
static void test_imbalance(void **state)
{
	struct fixture *f = fixture_open(100, 100);

	merge_cores(f, CORES, 100);
	f->m->definitions[NAMES].window.total++;
	merge_close(f->m, 1, f->now_ms);
	assert_int_equal(f->m->imbalances, 1);
	fixture_close(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_model),
		cmocka_unit_test(test_known_full),
		cmocka_unit_test(test_changed),
		cmocka_unit_test(test_saturates),
		cmocka_unit_test(test_conserved),
		cmocka_unit_test(test_imbalance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
