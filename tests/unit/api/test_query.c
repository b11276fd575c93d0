/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../dice.h"
#include "api/query.h"

enum { KEYS = 300, AGENTS = 4, SOURCES = 9, SIGHTINGS = 2000 };
enum { PAIRS, TOTAL, DEFINITIONS };

static const struct flow_spec specs[DEFINITIONS] = {
	{.name = "pairs",
		.keys = "ipsource,ipprotocol",
		.value = "bytes",
		.fs = "::",
		.n = 5,
		.t = 1,
		.capacity = 100},
	{.name = "total", .keys = "", .value = "bytes", .n = 5, .t = 1, .capacity = 100},
};

/* A view made by hand: key i is 10.0.(i / 256).(i % 256), protocol i % 3. */
struct fixture {
	struct window_view view;
	struct window_view_flows flows[DEFINITIONS];
	struct window_view_agent agents[AGENTS];
	struct window_view_source sources[SOURCES];
	struct window_view_sighting sightings[SIGHTINGS], total[2];
	uint64_t keys[KEYS], total_key[1];
	uint8_t bytes[KEYS * 6], total_bytes[1];
	uint8_t all[SOURCES];
};

static void add_keys(struct fixture *f)
{
	for (unsigned i = 0; i < KEYS; i++) {
		const uint8_t key[6] = {5, 10, 0, (uint8_t)(i / 256), (uint8_t)i, (uint8_t)(i % 3)};

		memcpy(f->bytes + 6 * (size_t)i, key, sizeof(key));
		f->keys[i] = 6 * (uint64_t)i;
	}
	f->keys[7] = WINDOW_VIEW_HOLE;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct flow_error e;

	f->view = (struct window_view){.plan = flow_compile(specs, DEFINITIONS, NULL, &e),
		.flows = f->flows,
		.agents = f->agents,
		.agent_count = AGENTS,
		.sources = f->sources,
		.source_count = SOURCES};
	assert_non_null(f->view.plan);
	for (uint8_t i = 1; i < AGENTS; i++)
		f->agents[i].addr = base_addr_from((const uint8_t[]){192, 0, 2, i}, 4);
	for (uint32_t i = 1; i < SOURCES; i++)
		f->sources[i] = (struct window_view_source){
			.agent = 1 + i % (AGENTS - 1), .live = true, .source = {0, i}};
	add_keys(f);
	f->flows[PAIRS] = (struct window_view_flows){
		.key_count = KEYS, .keys = f->keys, .bytes = f->bytes, .sightings = f->sightings};
	f->total[0] = (struct window_view_sighting){.rate = 3, .samples = 4, .source = 1};
	f->total[1] = (struct window_view_sighting){.rate = 5, .samples = 16, .source = 2};
	f->flows[TOTAL] = (struct window_view_flows){.key_count = 1,
		.keys = f->total_key,
		.bytes = f->total_bytes,
		.sightings = f->total,
		.sighting_count = 2};
	memset(f->all, 1, sizeof(f->all));
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	flow_plan_free(f->view.plan);
	free(f);
	return 0;
}

/* Each pair of key and source at most once, as the aggregator has them. */
static void add_random(struct fixture *f, struct dice *dice)
{
	uint32_t count = 0;

	for (uint32_t key = 0; key < KEYS; key++) {
		for (uint32_t source = 0; key != 7 && source < SOURCES; source++) {
			if (dice_below(dice, 3) || count == SIGHTINGS)
				continue;
			f->sightings[count++] = (struct window_view_sighting){
				.rate = (double)dice_below(dice, 1000),
				.samples = (float)dice_below(dice, 100),
				.key = key,
				.source = source};
		}
	}
	f->flows[PAIRS].sighting_count = count;
}

static struct query pairs(struct fixture *f, enum query_mode mode, unsigned most)
{
	return (struct query){.view = &f->view,
		.definition = PAIRS,
		.sources = f->all,
		.mode = mode,
		.most = most};
}

static int ask(const struct query *q, struct query_flow **flows)
{
	struct api_error e = {.text = ""};
	int count = query_flows(q, flows, &e);

	if (count < 0)
		fail_msg("%d: %s", count, e.text);
	return count;
}

/* One key by plain loops. */
static double plain_value(const struct query *q, uint32_t key, uint32_t *count)
{
	const struct window_view_flows *f = &q->view->flows[PAIRS];
	double value = 0;

	*count = 0;
	for (uint32_t i = 0; i < f->sighting_count; i++) {
		const struct window_view_sighting *g = &f->sightings[i];

		if (g->key != key || !q->sources[g->source])
			continue;
		(*count)++;
		value = q->mode == QUERY_SUM ? value + g->rate : fmax(value, g->rate);
	}
	return value;
}

static void check_against_plain(const struct query *q)
{
	struct query_flow *flows;
	int count = ask(q, &flows), larger = 0, wanted = 0;

	for (int i = 0; i < count; i++) {
		uint32_t sightings;

		assert_true(flows[i].value == plain_value(q, flows[i].key, &sightings));
		assert_int_equal(flows[i].count, sightings);
		assert_true(flows[i].value >= q->least && flows[i].value > 0);
		assert_true(i == 0 || flows[i - 1].value >= flows[i].value);
		assert_true(q->sources[flows[i].source]);
	}
	for (uint32_t key = 0; key < KEYS; key++) {
		uint32_t sightings;
		double value = plain_value(q, key, &sightings);

		wanted += value > 0 && value >= q->least;
		larger += count > 0 && value > flows[count - 1].value;
	}
	assert_int_equal(count, wanted < (int)q->most ? wanted : (int)q->most);
	assert_true(larger < count || count == 0);
	free(flows);
}

static void test_random(void **state)
{
	struct dice dice = {.state = 11};

	for (unsigned round = 0; round < 50; round++) {
		struct query q = pairs(*state, round % 2 ? QUERY_SUM : QUERY_MAX,
			1 + (unsigned)dice_below(&dice, 2 * KEYS));

		add_random(*state, &dice);
		q.least = (double)dice_below(&dice, 1000);
		check_against_plain(&q);
	}
}

/* The error of a sum is that of independent parts. */
static void test_errors(void **state)
{
	struct query q = pairs(*state, QUERY_MAX, 10);
	struct query_flow *flows;

	q.definition = TOTAL;
	assert_int_equal(ask(&q, &flows), 1);
	assert_true(flows[0].value == 5 && flows[0].samples == 16 && flows[0].count == 2);
	assert_int_equal(flows[0].source, 2);
	assert_true(fabs(flows[0].error95 - 1.96 / 4) < 1e-9);
	free(flows);

	q.mode = QUERY_SUM;
	assert_int_equal(ask(&q, &flows), 1);
	assert_true(flows[0].value == 8 && flows[0].samples == 20);
	assert_true(fabs(flows[0].error95 - 1.96 * sqrt(9 / 4. + 25 / 16.) / 8) < 1e-9);
	free(flows);
}

static int filtered(struct fixture *f, const char *filter)
{
	struct query q = pairs(f, QUERY_MAX, KEYS);
	struct query_flow *flows;
	int count;

	q.filter = filter;
	count = ask(&q, &flows);
	free(flows);
	return count;
}

static void test_filter(void **state)
{
	struct fixture *f = *state;
	struct query q = pairs(f, QUERY_MAX, KEYS);
	struct api_error e = {.text = ""};
	struct query_flow *flows;

	for (uint32_t i = 0; i < KEYS; i++)
		f->sightings[i] = (struct window_view_sighting){
			.rate = 1, .key = i == 7 ? 8 : i, .source = 1};
	f->flows[PAIRS].sighting_count = KEYS;
	assert_int_equal(filtered(f, ""), KEYS - 1);
	assert_int_equal(filtered(f, NULL), KEYS - 1);
	assert_int_equal(filtered(f, "::"), KEYS - 1);
	assert_int_equal(filtered(f, "10.0.0.5"), 1);
	assert_int_equal(filtered(f, "10.0.0.5::"), 1);
	assert_int_equal(filtered(f, "10.0.0.5::2"), 1);
	assert_int_equal(filtered(f, "10.0.0.5::1"), 0);
	assert_int_equal(filtered(f, "::0"), 100);
	assert_int_equal(filtered(f, "10.0.0"), 0);
	assert_int_equal(filtered(f, "::00"), 100);
	assert_int_equal(filtered(f, "::-0"), 0);
	assert_int_equal(filtered(f, "::99999999999999999999"), 0);
	assert_int_equal(filtered(f, "2001:db8"), 0);
	assert_int_equal(filtered(f, "10.0.0.5,2"), 0); /* its separator is another */
	q.filter = "::::";
	assert_int_equal(query_flows(&q, &flows, &e), -EINVAL);
	assert_non_null(strstr(e.text, "2 keys of pairs"));
}

/* Keys have bytes that are not printable escaped; who asks writes them as they are, or copies the key. */
static void test_bytes(void **state)
{
	static const struct flow_spec spec = {.name = "hosts",
		.keys = "httphost",
		.value = "bytes",
		.fs = ",",
		.n = 5,
		.t = 1,
		.capacity = 100};
	static const char *const filters[] = {"h\u00f6st", "h\\xC3\\xB6st"};
	const uint8_t bytes[] = "\x06\x05h\xC3\xB6st";
	const uint64_t keys[] = {0};
	struct fixture *f = *state;
	struct window_view_flows flows = {.key_count = 1,
		.keys = keys,
		.bytes = bytes,
		.sightings = f->total,
		.sighting_count = 1};
	struct window_view view = f->view;
	struct base_region region = {0};
	struct flow_error e;
	struct query q = {.view = &view, .sources = f->all, .most = 1, .region = &region};
	struct query_flow *found;

	view.plan = flow_compile(&spec, 1, NULL, &e);
	view.flows = &flows;
	assert_non_null(view.plan);
	for (unsigned i = 0; i < 2; i++) {
		q.filter = filters[i];
		assert_int_equal(ask(&q, &found), 1);
		free(found);
		assert_int_equal(query_locations(&q, filters[i], &found), 1);
		free(found);
	}
	q.filter = "h\u00fcst";
	assert_int_equal(ask(&q, &found), 0);
	free(found);
	base_region_free(&region);
	flow_plan_free(view.plan);
}

static void test_locations(void **state)
{
	struct fixture *f = *state;
	struct query q = pairs(f, QUERY_MAX, 100);
	struct query_flow *flows;

	for (uint32_t i = 0; i < 4; i++)
		f->sightings[i] = (struct window_view_sighting){
			.rate = 1 + i % 3, .samples = 1, .key = 5, .source = 1 + i};
	f->sightings[4] = (struct window_view_sighting){.rate = 9, .key = 6, .source = 1};
	f->flows[PAIRS].sighting_count = 5;
	assert_int_equal(query_locations(&q, "10.0.0.5::2", &flows), 4);
	assert_true(flows[0].value == 3 && flows[0].source == 3 && flows[0].key == 5);
	assert_true(flows[3].value == 1);
	free(flows);
	f->all[3] = 0;
	assert_int_equal(query_locations(&q, "10.0.0.5::2", &flows), 3);
	free(flows);
	assert_int_equal(query_locations(&q, "10.0.0.5", &flows), 0);
	free(flows);
	q.definition = TOTAL;
	assert_int_equal(query_locations(&q, "", &flows), 2);
	free(flows);
	assert_int_equal(query_locations(&q, "x", &flows), 0);
	free(flows);
}

static void test_agents(void **state)
{
	static const struct {
		const char *agents;
		unsigned sources;
	} good[] = {
		{"ALL", SOURCES}, {"all", SOURCES}, {"192.0.2.1", 2}, {"192.0.2.1,192.0.2.2", 5},
		{"192.0.2.1;192.0.2.2", 5}, {"192.0.2.1;ALL", SOURCES}, {"198.51.100.1", 0},
		{"2001:db8::1", 0}, {"leaf1", 0}, /* a host that is not there */
	};
	static const char *const wrong[] = {"", "192.0.2", "2001:db8::1::", "192.0.2.1,",
		"192.0.2.1 ", "EDGE", "TOPOLOGY", "coree"};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		uint8_t sources[SOURCES] = {0};
		struct api_error e;
		unsigned marked = 0;

		assert_int_equal(query_agents(&f->view, NULL, good[i].agents, sources, &e), 0);
		for (unsigned s = 0; s < SOURCES; s++)
			marked += sources[s];
		assert_int_equal(marked, good[i].sources);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		uint8_t sources[SOURCES];
		struct api_error e = {.text = ""};

		assert_int_equal(query_agents(&f->view, NULL, wrong[i], sources, &e), -EINVAL);
		assert_non_null(strstr(e.text, "agent: "));
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_random),
		TEST(test_errors),
		TEST(test_filter),
		TEST(test_bytes),
		TEST(test_locations),
		TEST(test_agents),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
