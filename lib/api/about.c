/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "api/handlers_pvt.h"
#include "api/number_pvt.h"
#include "api/server_pvt.h"
#include "base/clock.h"
#include "weir_config.h"

enum {
	STATUS_WINDOWS = 10, /* without a new snapshot this long, */
	STATUS_LEAST_MS = 10000,
};

void api_get_version(const struct api_request *r, struct api_reply *reply)
{
	reply->text = strdup(WEIR_VERSION "\n");
}

/* For health checks, which ask again and again. */
void api_get_status(const struct api_request *r, struct api_reply *reply)
{
	uint64_t patience_ms = STATUS_WINDOWS * r->api->options.window_ms;
	uint64_t sealed_ns = r->snapshot->sealed_ns, now_ns = base_clock_mono_ns();

	if (patience_ms < STATUS_LEAST_MS)
		patience_ms = STATUS_LEAST_MS;
	if (sealed_ns && now_ns > sealed_ns + patience_ms * UINT64_C(1000000))
		api_fail(reply, MHD_HTTP_SERVICE_UNAVAILABLE, "no window was closed for %llu s",
			(unsigned long long)((now_ns - sealed_ns) / 1000000000));
	else
		reply->text = strdup("OK\n");
}

void api_get_document(const struct api_request *r, struct api_reply *reply)
{
	reply->text = strdup(r->api->document);
	reply->type = "application/json";
}

/* ---- /analyzer/json ---- */

/* Counters of ours under the names that users know. */
static const struct {
	const char *name, *counter;
} known_as[] = {
	{"sFlowAgents", "agents"},
	{"sFlowDatagramsReceived", "sflow_datagrams"},
	{"sFlowBytesReceived", "ingress_bytes"},
	{"sFlowUnsupportedVersion", "sflow_drop_version"},
};

static const char *const parse_errors[] = {"sflow_drop_short", "sflow_drop_agent_type",
	"sflow_drop_sample_overrun", "sflow_drop_samples_missing"};

/* @return NULL: there is no such counter */
static const char *counter(const struct window_snapshot *s, const char *name)
{
	for (unsigned i = 0; i < s->collector_count; i++) {
		if (strcmp(s->collector[i].name, name) == 0)
			return s->collector[i].text;
	}
	return NULL;
}

static json_int_t counter_value(const struct window_snapshot *s, const char *name)
{
	const char *text = counter(s, name);

	return text ? (json_int_t)strtoull(text, NULL, 10) : 0;
}

static json_t *pair_json(const struct metric_pair *p)
{
	if (!p->number)
		return json_string(p->text);
	return json_integer((json_int_t)strtoull(p->text, NULL, 10));
}

static void add_counters(json_t *o, const struct window_snapshot *s)
{
	json_int_t errors = 0;
	json_t *all = json_object();

	for (unsigned i = 0; i < sizeof(known_as) / sizeof(known_as[0]); i++)
		json_object_set_new(
			o, known_as[i].name, json_integer(counter_value(s, known_as[i].counter)));
	for (unsigned i = 0; i < sizeof(parse_errors) / sizeof(parse_errors[0]); i++)
		errors += counter_value(s, parse_errors[i]);
	json_object_set_new(o, "sFlowParseErrors", json_integer(errors));
	for (unsigned i = 0; i < s->collector_count; i++)
		json_object_set_new(all, s->collector[i].name, pair_json(&s->collector[i]));
	json_object_set_new(o, "counters", all);
}

static void add_http(json_t *o, const struct api *api)
{
	static const struct {
		const char *name;
		enum api_stat stat;
	} rows[] = {
		{"httpConnectionsCurrent", API_CONNECTIONS_NOW},
		{"httpConnectionsTotal", API_CONNECTIONS},
		{"httpMessagesReceived", API_REQUESTS},
		{"httpBytesReceived", API_BYTES_IN},
		{"httpBytesSent", API_BYTES_OUT},
	};
	uint64_t stats[API_STATS];

	api_read_stats(api, stats);
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		json_object_set_new(o, rows[i].name, json_integer((json_int_t)stats[rows[i].stat]));
}

static json_int_t thread_count(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[256];
	long threads = 0;

	while (f && fgets(line, sizeof(line), f) && sscanf(line, "Threads: %ld", &threads) != 1)
		;
	if (f)
		fclose(f);
	return threads;
}

static void add_host(json_t *o)
{
	struct rusage u;
	struct sysinfo si;

	if (getrusage(RUSAGE_SELF, &u) == 0)
		json_object_set_new(o, "cpuTime",
			json_integer((json_int_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000 +
				     (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1000));
	if (sysinfo(&si) == 0) {
		json_object_set_new(o, "memTotal",
			json_integer((json_int_t)((uint64_t)si.totalram * si.mem_unit)));
		json_object_set_new(o, "memFree",
			json_integer((json_int_t)((uint64_t)si.freeram * si.mem_unit)));
	}
	json_object_set_new(o, "availableProcessors", json_integer(sysconf(_SC_NPROCESSORS_ONLN)));
	json_object_set_new(o, "threadCount", json_integer(thread_count()));
}

void api_get_counters(const struct api_request *r, struct api_reply *reply)
{
	const struct window_snapshot *s = r->snapshot;
	json_t *o = json_object();

	for (unsigned i = 0; s->collector_defs && i < s->collector_count; i++) {
		const struct stats_def *def = s->collector_defs[i];

		if (!def)
			continue;
		json_object_set_new(o, s->collector[i].name,
			json_pack("{s:I, s:s, s:s, s:s}", "value",
				(json_int_t)strtoull(s->collector[i].text, NULL, 10), "unit",
				def->unit, "kind", def->gauge ? "gauge" : "counter", "help",
				def->help));
	}
	reply->json = o;
}

void api_get_analyzer(const struct api_request *r, struct api_reply *reply)
{
	json_t *o = json_object();

	json_object_set_new(o, "version", json_string(WEIR_VERSION));
	json_object_set_new(o, "collector", json_string(r->api->options.collector));
	json_object_set_new(o, "uptime",
		json_integer((json_int_t)((base_clock_mono_ns() - r->api->started_ns) / 1000000)));
	json_object_set_new(o, "window", json_integer((json_int_t)r->snapshot->number));
	json_object_set_new(o, "start", json_integer((json_int_t)r->snapshot->start_ms));
	json_object_set_new(o, "end", json_integer((json_int_t)r->snapshot->end_ms));
	add_http(o, r->api);
	add_host(o);
	add_counters(o, r->snapshot);
	reply->json = o;
}
