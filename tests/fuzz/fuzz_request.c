/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/access.h"
#include "api/listen.h"
#include "api/query.h"
#include "api/route.h"

/*
 * What an HTTP client sends, line by line: the target, an Authorization header, a Host header, an address
 * to listen on. The target is taken apart, routed, its parameters checked; names of agents, filter and
 * key are then asked of a small view.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LINES = 4, SOURCES = 3, KEYS = 4 };

static const struct flow_spec spec = {
	.name = "pairs", .keys = "ipsource,dnsqname", .value = "bytes", .capacity = 16};

static void need(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "request: %s\n", what);
	abort();
}

static char *next_line(char **rest)
{
	char *line = strsep(rest, "\n");

	return line ? line : strchr("", 0);
}

static void ask(
	const struct window_view *v, const char *agents, const char *filter, const char *key)
{
	uint8_t sources[SOURCES] = {0};
	struct query q = {.view = v, .sources = sources, .filter = filter, .most = 2};
	struct query_flow *flows;
	struct api_error e = {.text = ""};
	int count;

	if (query_agents(v, NULL, agents, sources, &e) < 0)
		need(e.text[0], "agents that are wrong have a sentence");
	count = query_flows(&q, &flows, &e);
	need(count <= 2, "no more flows than asked for");
	if (count >= 0)
		free(flows);
	else
		need(e.text[0], "a filter that is wrong has a sentence");
	count = query_locations(&q, key, &flows);
	need(count >= 0, "locations");
	free(flows);
}

static void ask_view(const char *agents, const char *filter, const char *key)
{
	static const uint8_t bytes[KEYS][9] = {{8, 10, 0, 0, 1, 3, 'a', '.', 'b'},
		{7, 10, 0, 0, 2, 2, 'a', ','}, {5, 10, 0, 0, 3, 0}, {0}};
	static const uint64_t keys[KEYS] = {0, 9, 18, WINDOW_VIEW_HOLE};
	const struct window_view_sighting sightings[] = {
		{.rate = 1, .samples = 1, .key = 0, .source = 1},
		{.rate = 2, .samples = 1, .key = 1, .source = 2},
		{.rate = 2, .samples = 0, .key = 1, .source = 0},
		{.rate = 3, .samples = 1, .key = 2, .source = 1}};
	const struct window_view_flows flows = {.key_count = KEYS,
		.keys = keys,
		.bytes = bytes[0],
		.sightings = sightings,
		.sighting_count = 4};
	const struct window_view_agent agents_known[2] = {
		{.addr = {0}}, {.addr = {.family = 4, .bytes = {192, 0, 2, 1}}}};
	const struct window_view_source sources[SOURCES] = {{.agent = 0},
		{.agent = 1, .live = true, .source = {0, 1}},
		{.agent = 1, .live = true, .source = {0, 2}}};
	static struct flow_plan *plan;
	struct flow_error e;
	struct window_view v = {.flows = &flows,
		.agents = agents_known,
		.agent_count = 2,
		.sources = sources,
		.source_count = SOURCES};

	if (!plan)
		plan = flow_compile(&spec, 1, NULL, &e);
	need(plan != NULL, "the definition");
	v.plan = plan;
	ask(&v, agents, filter, key);
}

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

static void take_target(char *target)
{
	static const char *const methods[] = {"GET", "PUT", "DELETE"};
	struct api_url url;
	int err = api_url_parse(target, &url);

	need(url.segment_count <= API_SEGMENTS && url.argument_count <= API_ARGUMENTS, "counts");
	need(err != -22 || url.wrong, "a target that is wrong has a sentence");
	for (unsigned i = 0; err == 0 && i < 3; i++) {
		struct api_error e = {.text = ""};
		struct api_match m;

		api_match(methods[i], &url, &m);
		if (m.route && api_check_arguments(m.route, &url, &e) < 0)
			need(e.text[0], "parameters that are wrong have a sentence");
	}
	if (err == 0)
		ask_view(url.segment_count > 1 ? url.segments[1] : "",
			api_url_argument(&url, "filter"), or_empty(api_url_argument(&url, "key")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *rest = text, *header, error[256];
	struct api_access access;
	struct api_listen l;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	take_target(next_line(&rest));
	header = next_line(&rest);
	api_access_init(&access, "secret", "");
	if (api_access_role(&access, header) != API_NOBODY)
		need(strstr(header, "secret") != NULL, "only the token opens");
	api_host_is_local(next_line(&rest));
	api_listen_parse(next_line(&rest), &l, error, sizeof(error));
	free(text);
	return 0;
}
