/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/query.h"
#include "flow/data.h"

/*
 * Queries by the places of a topology: a packet enters leaf1 at an edge port, crosses the link to
 * leaf2, and is also seen by a host and by an agent that are not in it.
 */

static const char document[] =
	"{\"nodes\":{\"leaf1\":{\"agent\":\"192.0.2.1\",\"ports\":{\"up\":{\"ifindex\":\"2\"}}},"
	"\"leaf2\":{\"agent\":\"192.0.2.2\",\"ports\":{\"up\":{\"ifindex\":\"1\"}}}},"
	"\"links\":{\"l\":{\"node1\":\"leaf1\",\"port1\":\"up\",\"node2\":\"leaf2\",\"port2\":"
	"\"up\"}}}";

/* One bit of a source's rate each, so that a sum says which ones are in it. */
enum {
	LEAF1_EDGE = 1,
	LEAF1_UP = 2,
	LEAF2_UP = 4,
	LEAF2_EDGE = 8,
	STRANGER = 16,
	HOST = 32,
	GONE = 64
};
enum { SOURCES = 7, AGENTS = 4 };

struct fixture {
	struct flow_data *data;
	struct window_view view;
	struct window_view_flows flows;
	struct window_view_agent agents[AGENTS];
	struct window_view_source sources[SOURCES];
	struct window_view_sighting sightings[SOURCES];
	uint64_t keys[1];
	uint8_t bytes[1];
};

static void add_source(
	struct fixture *f, uint32_t agent, uint32_t class, uint32_t index, double rate)
{
	uint32_t i = f->view.source_count++;

	f->sources[i] = (struct window_view_source){
		.agent = agent, .live = rate < GONE, .source = {class, index}};
	f->sightings[i] = (struct window_view_sighting){.rate = rate, .samples = 1, .source = i};
	f->flows.sighting_count++;
}

static void open_view_of(struct fixture *f, const char *text, enum flow_merge merge)
{
	const struct flow_spec spec = {.name = "total",
		.keys = "",
		.value = "bytes",
		.n = 5,
		.t = 1,
		.capacity = 100,
		.merge = merge};
	char error[TOPOLOGY_ERROR];
	struct flow_error e;

	memset(f, 0, sizeof(*f));
	f->data = flow_data_create(NULL);
	if (text)
		flow_data_set_topology(f->data, topology_parse(text, strlen(text), error));
	f->flows = (struct window_view_flows){
		.key_count = 1, .keys = f->keys, .bytes = f->bytes, .sightings = f->sightings};
	f->view = (struct window_view){.plan = flow_compile(&spec, 1, f->data, &e),
		.flows = &f->flows,
		.agents = f->agents,
		.agent_count = AGENTS,
		.sources = f->sources};
	assert_non_null(f->view.plan);
	for (uint8_t i = 1; i < AGENTS; i++)
		f->agents[i].addr = base_addr_from((const uint8_t[]){192, 0, 2, i}, 4);
	add_source(f, 0, 0, 0, GONE);
	add_source(f, 1, 0, 1, LEAF1_EDGE);
	add_source(f, 1, 0, 2, LEAF1_UP);
	add_source(f, 2, 0, 1, LEAF2_UP);
	add_source(f, 2, 0, 7, LEAF2_EDGE);
	add_source(f, 3, 0, 1, STRANGER);
	add_source(f, 1, 2, 1, HOST);
}

static void open_view(struct fixture *f, const char *text)
{
	open_view_of(f, text, FLOW_MERGE_MAX);
}

static void close_view(struct fixture *f)
{
	flow_plan_free(f->view.plan);
	flow_data_unref(f->data);
}

static double value_of(const struct query *q)
{
	struct api_error e = {.text = ""};
	struct query_flow *flows;
	int count = query_flows(q, &flows, &e);
	double value = count > 0 ? flows[0].value : 0;

	assert_true(count >= 0);
	free(flows);
	return value;
}

static void expect_agents(struct fixture *f, const char *agents, unsigned sum)
{
	uint8_t sources[SOURCES];
	struct query q = {.view = &f->view, .sources = sources, .mode = QUERY_SUM, .most = 1};
	struct api_error e = {.text = ""};

	assert_int_equal(query_agents(&f->view, NULL, agents, sources, &e), 0);
	assert_true(value_of(&q) == sum);
}

static void expect_kept(struct fixture *f, const char *agents, enum topology_place place,
	enum query_mode mode, unsigned value)
{
	uint8_t sources[SOURCES];
	struct query q = {.view = &f->view, .sources = sources, .mode = mode, .most = 1};
	struct api_error e = {.text = ""};

	assert_int_equal(query_agents(&f->view, NULL, agents, sources, &e), 0);
	assert_int_equal(query_keep(&q, place, sources, &e), 0);
	assert_true(value_of(&q) == value);
}

static void test_tokens(void **state)
{
	struct fixture f;

	open_view(&f, document);
	expect_agents(&f, "ALL", 2 * GONE - 1);
	expect_agents(&f, "EDGE", LEAF1_EDGE + LEAF2_EDGE);
	expect_agents(&f, "CORE", LEAF1_UP + LEAF2_UP);
	expect_agents(&f, "TOPOLOGY", LEAF1_EDGE + LEAF1_UP + LEAF2_UP + LEAF2_EDGE + HOST);
	expect_agents(&f, "edge;192.0.2.3", LEAF1_EDGE + LEAF2_EDGE + STRANGER);
	expect_agents(&f, "CORE,192.0.2.1", LEAF1_EDGE + LEAF1_UP + LEAF2_UP + HOST);
	close_view(&f);
}

static void test_modes(void **state)
{
	struct fixture f;

	open_view(&f, document);
	expect_kept(&f, "ALL", TOPOLOGY_EDGE, QUERY_SUM, LEAF1_EDGE + LEAF2_EDGE);
	expect_kept(&f, "ALL", TOPOLOGY_CORE, QUERY_MAX, LEAF2_UP);
	expect_kept(&f, "192.0.2.1", TOPOLOGY_EDGE, QUERY_SUM, LEAF1_EDGE);
	expect_kept(&f, "192.0.2.1", TOPOLOGY_CORE, QUERY_MAX, LEAF1_UP);
	expect_kept(&f, "192.0.2.3", TOPOLOGY_EDGE, QUERY_SUM, 0);
	expect_kept(&f, "CORE", TOPOLOGY_EDGE, QUERY_SUM, 0);
	close_view(&f);
}

static void test_no_topology(void **state)
{
	static const char *const tokens[] = {"TOPOLOGY", "EDGE", "CORE"};
	struct fixture f;
	uint8_t sources[SOURCES] = {0};
	struct query q = {.view = &f.view, .sources = sources};
	struct api_error e;

	open_view(&f, NULL);
	for (unsigned i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++) {
		char want[64];

		snprintf(want, sizeof(want), "agent: %s asks for a topology, and there is none",
			tokens[i]);
		assert_int_equal(query_agents(&f.view, NULL, tokens[i], sources, &e), -EINVAL);
		assert_string_equal(e.text, want);
	}
	assert_int_equal(query_keep(&q, TOPOLOGY_EDGE, sources, &e), -EINVAL);
	assert_string_equal(e.text, "aggMode: edge asks for a topology, and there is none");
	assert_int_equal(query_keep(&q, TOPOLOGY_CORE, sources, &e), -EINVAL);
	assert_string_equal(e.text, "aggMode: core asks for a topology, and there is none");
	close_view(&f);
}

/* Where the sources are agents, those of the topology count for it, and there are no ports. */
static void test_agents(void **state)
{
	uint8_t sources[SOURCES];
	struct query q;
	struct api_error e;
	struct fixture f;

	open_view_of(&f, document, FLOW_MERGE_AGENT);
	q = (struct query){.view = &f.view, .sources = sources};
	for (unsigned i = 1; i < SOURCES; i++)
		f.sources[i].kind = SOURCE_AGENT;
	expect_agents(&f, "TOPOLOGY", LEAF1_EDGE + LEAF1_UP + LEAF2_UP + LEAF2_EDGE + HOST);
	expect_agents(&f, "EDGE", 0);
	assert_int_equal(query_keep(&q, TOPOLOGY_EDGE, sources, &e), -EINVAL);
	assert_string_equal(e.text,
		"aggMode: edge asks for single ports, and the definition counts "
		"those of an agent together");
	close_view(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tokens),
		cmocka_unit_test(test_modes),
		cmocka_unit_test(test_no_topology),
		cmocka_unit_test(test_agents),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
