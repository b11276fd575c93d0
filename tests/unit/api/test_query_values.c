/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../dice.h"
#include "api/query.h"

/* Definitions with several values: a view made by hand, merged by readers. */

enum { KEYS = 40, SOURCES = 5, SIGHTINGS = KEYS * SOURCES, VALUES = 4, DIFFERENT = 60 };

struct fixture {
	struct window_view view;
	struct window_view_flows flows;
	struct window_view_agent agents[2];
	struct window_view_source sources[SOURCES];
	struct window_view_sighting sightings[SIGHTINGS];
	struct window_value values[SIGHTINGS * VALUES];
	struct sketch sketches[SIGHTINGS];
	bool has[SIGHTINGS][DIFFERENT];
	uint64_t keys[KEYS];
	uint8_t bytes[KEYS * 3], all[SOURCES];
	struct base_region region;
};

static uint64_t hash_of(uint64_t value)
{
	struct dice d = {.state = value};

	return dice_u64(&d);
}

static struct window_value number(struct dice *d, unsigned aggregate)
{
	double value = 1 + dice_below(d, 1000), samples = 1 + dice_below(d, 20);

	return (struct window_value){.aggregate = (uint8_t)aggregate,
		.there = dice_below(d, 4) > 0,
		.value = value,
		.samples = samples,
		.squares = aggregate == FLOW_RATE ? value * value / samples : value * value + 9};
}

static void fill(struct fixture *f, unsigned first)
{
	struct dice d = {.state = 3};

	for (uint32_t i = 0; i < SIGHTINGS; i++) {
		struct window_value *v = &f->values[i * VALUES];

		f->sightings[i] =
			(struct window_view_sighting){.key = i / SOURCES, .source = i % SOURCES};
		v[first] = number(&d, FLOW_AVG);
		v[!first] = number(&d, FLOW_COUNT);
		v[2] = number(&d, FLOW_RATE);
		v[3] = number(&d, FLOW_MIN);
		sketch_clear(&f->sketches[i]);
		for (unsigned j = 0; j < 20; j++) {
			unsigned value = dice_below(&d, DIFFERENT);

			f->has[i][value] = true;
			sketch_add(&f->sketches[i], hash_of(value));
		}
		v[!first].sketch = sketch_view(&f->sketches[i]);
		v[!first].value = sketch_estimate(v[!first].sketch);
	}
}

static struct fixture *fixture_open(const char *value, const char *values, unsigned average)
{
	const struct flow_spec spec = {.name = "a",
		.keys = "vlan",
		.value = value,
		.values = values,
		.n = 1,
		.t = 1,
		.capacity = 100};
	struct fixture *f = calloc(1, sizeof(*f));
	struct flow_error e;

	f->view = (struct window_view){.plan = flow_compile(&spec, 1, NULL, &e),
		.flows = &f->flows,
		.agents = f->agents,
		.agent_count = 2,
		.sources = f->sources,
		.source_count = SOURCES};
	assert_non_null(f->view.plan);
	for (unsigned i = 0; i < KEYS; i++) {
		f->keys[i] = 3 * (uint64_t)i;
		f->bytes[3 * i] = 2;
		f->bytes[3 * i + 2] = (uint8_t)i;
	}
	fill(f, average);
	f->flows = (struct window_view_flows){.key_count = KEYS,
		.keys = f->keys,
		.bytes = f->bytes,
		.sightings = f->sightings,
		.sighting_count = SIGHTINGS,
		.values = f->values,
		.value_count = VALUES};
	memset(f->all, 1, sizeof(f->all));
	return f;
}

static void fixture_close(struct fixture *f)
{
	base_region_free(&f->region);
	flow_plan_free(f->view.plan);
	free(f);
}

/* Value `i` of a key, by plain loops over its sightings. */
static bool plain(
	const struct query *q, const struct fixture *f, uint32_t key, unsigned i, double *want)
{
	double sum = 0, samples = 0, largest = 0, least = INFINITY;
	bool has[DIFFERENT] = {false};
	unsigned aggregate = f->values[i].aggregate, count = 0, different = 0;

	for (uint32_t g = key * SOURCES; g < (key + 1) * SOURCES; g++) {
		const struct window_value *v = &f->values[g * VALUES + i];

		if (!v->there || !q->sources[g % SOURCES])
			continue;
		count++;
		sum += aggregate == FLOW_AVG ? v->value * v->samples : v->value;
		samples += v->samples;
		largest = fmax(largest, v->value);
		least = fmin(least, v->value);
		for (unsigned j = 0; j < DIFFERENT; j++)
			has[j] |= f->has[g][j];
	}
	for (unsigned j = 0; j < DIFFERENT; j++)
		different += has[j];
	*want = aggregate == FLOW_AVG     ? sum / samples
		: aggregate == FLOW_COUNT ? different
		: aggregate == FLOW_MIN   ? least
		: q->mode == QUERY_SUM    ? sum
					  : largest;
	return count > 0;
}

static void check(const struct query *q, const struct fixture *f)
{
	struct query_flow *flows;
	struct api_error e;
	int count = query_flows(q, &flows, &e), expected = 0;
	double want, before = INFINITY;

	for (uint32_t key = 0; key < KEYS; key++)
		expected += plain(q, f, key, 0, &want) && want >= q->least;
	assert_int_equal(count, expected < (int)q->most ? expected : (int)q->most);
	for (int i = 0; i < count; i++) {
		assert_true(flows[i].value <= before);
		before = flows[i].value;
		assert_true(flows[i].values[0].value == flows[i].value);
		for (unsigned j = 0; j < VALUES; j++) {
			bool there = plain(q, f, flows[i].key, j, &want);

			assert_int_equal(flows[i].values[j].there, there);
			assert_true(!there || fabs(flows[i].values[j].value - want) < 1e-9 * want);
		}
	}
	free(flows);
}

static void run(const char *value, const char *values, unsigned average)
{
	struct fixture *f = fixture_open(value, values, average);
	struct query q = {.view = &f->view, .sources = f->all, .most = 1000, .region = &f->region};

	check(&q, f);
	q.mode = QUERY_SUM;
	check(&q, f);
	q.least = 45;
	q.most = 7;
	check(&q, f);
	f->all[1] = f->all[3] = 0;
	check(&q, f);
	fixture_close(f);
}

static void test_average_first(void **state)
{
	run("avg:ipttl", "count:ipsource,frames,min:ipttl", 0);
}

static void test_count_first(void **state)
{
	run("count:ipsource", "avg:ipttl,frames,min:ipttl", 1);
}

/* Each sighting by itself, where it has the first value. */
static void test_locations(void **state)
{
	struct fixture *f = fixture_open("avg:ipttl", "count:ipsource,frames,min:ipttl", 0);
	struct query q = {.view = &f->view, .sources = f->all, .most = 1000, .region = &f->region};
	struct query_flow *flows;
	int count = query_locations(&q, "5", &flows), expected = 0;

	for (unsigned i = 5 * SOURCES; i < 6 * SOURCES; i++)
		expected += f->values[i * VALUES].there;
	assert_true(expected > 0);
	assert_int_equal(count, expected);
	for (int i = 0; i < count; i++) {
		const struct window_value *v = &f->values[(5 * SOURCES + flows[i].source) * VALUES];

		for (unsigned j = 0; j < VALUES; j++)
			assert_true(flows[i].values[j].there == v[j].there &&
				    flows[i].values[j].value == v[j].value);
		assert_true(flows[i].value == v->value && flows[i].samples == v->samples);
	}
	free(flows);
	fixture_close(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_average_first),
		cmocka_unit_test(test_count_first),
		cmocka_unit_test(test_locations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
