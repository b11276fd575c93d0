/* SPDX-License-Identifier: BSD-3-Clause */
#include "api/asking.h"
#include "api/handlers_pvt.h"
#include "capacity/query.h"
#include "flow/plan.h"

/*
 * All that the API answers. The first row that fits a path counts. Those with {kind} stand for each kind of
 * resource (api/schema.c).
 */

/* clang-format off */
static const struct api_parameter agents_parameters[] = {
	{"agent", API_TEXT, .help = "Only this agent; may be repeated"},
	{.name = NULL},
};

static const struct api_parameter activeflows_parameters[] = {
	{"maxFlows", API_UINT, .preset = "100", .min = 1, .max = 100000, .help = "Flows at most"},
	{"minValue", API_NUMBER, .preset = "0", .help = "Smaller values are left out"},
	{"aggMode", API_CHOICE, .choices = flow_query_merge_names,
	 .help = "How the values of several data sources are merged; that of the definition, or max"},
	{"filter", API_TEXT,
	 .help = "Texts that the parts of the key must be, with the definition's separator between "
	  "them; an empty one is any: ,10.0.0.2"},
	{.name = NULL},
};

static const char *const states[] = {"start", "end", NULL};

static const struct api_parameter events_parameters[] = {
	{"thresholdID", API_TEXT, .help = "Only events of this threshold"},
	{"eventID", API_NUMBER, .preset = "-1",
	 .help = "Only newer ones than this; -1: all that there are"},
	{"maxEvents", API_UINT, .preset = "100", .min = 1, .max = 100000, .help = "Documents at most"},
	{"timeout", API_NUMBER, .preset = "0",
	 .help = "Seconds to wait for one where there is none, at most 120"},
	{"state", API_CHOICE, .choices = states, .help = "Only starts, or only ends"},
	{.name = NULL},
};

static const struct api_parameter events_stream_parameters[] = {
	{"thresholdID", API_TEXT, .help = "Only events of this threshold"},
	{"eventID", API_NUMBER, .preset = "-1",
	 .help = "Begin with those newer than this; -1: with the next one"},
	{"state", API_CHOICE, .choices = states, .help = "Only starts, or only ends"},
	{.name = NULL},
};

static const struct api_parameter records_parameters[] = {
	{"name", API_TEXT, .help = "Only records of this flow definition"},
	{"flowID", API_NUMBER, .preset = "-1",
	 .help = "Only newer ones than this; -1: all that there are"},
	{"maxFlows", API_UINT, .preset = "100", .min = 1, .max = 100000, .help = "Records at most"},
	{"timeout", API_NUMBER, .preset = "0",
	 .help = "Seconds to wait for one where there is none, at most 120"},
	{.name = NULL},
};

static const struct api_parameter records_stream_parameters[] = {
	{"name", API_TEXT, .help = "Only records of this flow definition"},
	{"flowID", API_NUMBER, .preset = "-1",
	 .help = "Begin with those newer than this; -1: with the next one"},
	{.name = NULL},
};

static const char *const formats[] = {"json", "csv", NULL};

static const struct api_parameter capacity_parameters[] = {
	{"agent", API_TEXT, .help = "Only interfaces of this agent"},
	{"interface", API_TEXT,
	 .help = "Only interfaces with this ifIndex or name; * stands for any characters"},
	{"group", API_TEXT, .help = "This group of interfaces instead of interfaces; * is all groups"},
	{"metric", API_CHOICE, .preset = "utilization", .choices = capacity_measure_names,
	 .help = "What links are ranked by; utilization is in or out, whichever is larger"},
	{"days", API_UINT, .preset = "30", .min = 1, .max = 3660,
	 .help = "Days back from now that percentiles are of"},
	{"trendDays", API_UINT, .preset = "365", .min = 35, .max = 3660,
	 .help = "Days back from now that the trend is of"},
	{"threshold", API_NUMBER,
	 .help = "What the date is of at which the trend reaches it, in the unit of the metric; of "
	  "utilization that of the configuration is preset"},
	{"years", API_UINT, .preset = "5", .min = 1, .max = 50,
	 .help = "A date that is further away is none"},
	{"sort", API_CHOICE, .preset = "p95", .choices = capacity_order_names,
	 .help = "Largest first; of date the soonest"},
	{"maxLinks", API_UINT, .preset = "100", .min = 1, .max = 10000, .help = "Links at most"},
	{"format", API_CHOICE, .preset = "json", .choices = formats,
	 .help = "CSV has a line for each link"},
	{.name = NULL},
};

static const char *const steps[] = {"1", "10", NULL};

static const struct api_parameter history_parameters[] = {
	{"step", API_CHOICE, .choices = steps, .preset = "1",
	 .help = "Length of steps in seconds: 1, of the last five minutes, or 10, of the last hour"},
	{.name = NULL},
};

static const struct api_parameter key_parameters[] = {
	{"key", API_TEXT, .required = true,
	 .help = "The key of the flow, as activeflows gives it; empty where the definition has none"},
	{.name = NULL},
};

static const char *const booleans[] = {"false", "true", NULL};

static const struct api_parameter prometheus_flows_parameters[] = {
	{"metric", API_TEXT, .help = "What the values are called, without the prefix"},
	{"name", API_TEXT, .help = "The same"},
	{"key", API_TEXT,
	 .help = "Keys of the flows with commas between them; may be repeated; none is the total"},
	{"label", API_TEXT, .help = "What the labels of the keys are called, in their order"},
	{"value", API_TEXT, .required = true, .help = "What is measured of each flow"},
	{"filter", API_TEXT, .help = "Which samples count"},
	{"n", API_UINT, .preset = "10", .min = 1, .max = 100000,
	 .help = "The largest flows that are published elsewhere, too"},
	{"t", API_NUMBER, .preset = "15", .help = "Time constant of the smoothing, seconds"},
	{"dropped", API_CHOICE, .preset = "false", .choices = booleans,
	 .help = "Whether discarded packets count, in place of flow samples"},
	{"aggMode", API_CHOICE, .choices = flow_merge_names,
	 .help = "How the values of several data sources are merged; max, or sum of discarded packets"},
	{"maxFlows", API_UINT, .preset = "20", .min = 1, .max = 100000, .help = "Flows at most"},
	{"minValue", API_NUMBER, .preset = "0.1", .help = "Smaller values are left out"},
	{"scale", API_NUMBER, .preset = "1",
	 .help = "What values are multiplied by: 8 makes bits of bytes"},
	{.name = NULL},
};

/* Prometheus, by paths of this server and by those that its users' scrapes have. */
#define PROMETHEUS_ANALYZER(base)                                                                  \
	{"GET", base "/analyzer/txt", api_get_prometheus_analyzer, .snapshot = true,               \
	 .summary = "This collector, for Prometheus",                                              \
	 .help = "All of its counters, each a metric of its own."}
#define PROMETHEUS_FLOWS(base)                                                                     \
	{"GET", base "/flows/{agent}/txt", api_get_prometheus_flows, .view = true,                 \
	 .prepare = api_prepare_prometheus_flows,                                                  \
	 .summary = "The largest flows, for Prometheus",                                           \
	 .help = "The first scrape defines them, which a token that may only read cannot; they go "\
	  "when no scrape came for 300 seconds. Scrapes that ask for the same share a definition.",\
	 .parameters = prometheus_flows_parameters}

#define PROMETHEUS_METRICS(base)                                                                   \
	{"GET", base "/metrics/{agents}/{metrics}/txt", api_get_prometheus_metrics, .snapshot = true,\
	 .view_if = asking_wants_view, .filter = true,                                             \
	 .summary = "Every value of some metrics, for Prometheus",                                 \
	 .help = "Numbers alone, and no flows."}
#define PROMETHEUS_STATISTICS(base)                                                                \
	{"GET", base "/statistics/{group}/{agents}/{statistics}/txt", api_get_prometheus_statistics,\
	 .snapshot = true, .view_if = asking_wants_topology, .filter = true,                       \
	 .summary = "What the values of metrics of a group of agents come to, for Prometheus",     \
	 .help = "The group is a label, and whatever one calls it. Flows are left out."}

const struct api_route api_routes[] = {
	{"GET", "/version", api_get_version,
	 .summary = "Version of this server"},
	{"GET", "/status", api_get_status, .snapshot = true,
	 .summary = "Whether this server works: OK, or 503",
	 .help = "503 too where no window was closed for ten seconds, or for ten windows if that is "
	  "longer."},
	{"GET", "/api-docs", api_get_document,
	 .summary = "This document", .schema = "Document"},

	{"GET", "/analyzer/json", api_get_analyzer, .snapshot = true,
	 .summary = "This collector: what it received, and how it is",
	 .schema = "Analyzer"},
	{"GET", "/counters/json", api_get_counters, .snapshot = true,
	 .summary = "All counters of this collector: value, unit, meaning",
	 .schema = "Counters"},
	{"GET", "/agents/json", api_get_agents, .view = true,
	 .summary = "Agents, by address",
	 .help = "Times are ages in milliseconds. Counts are those since weir started.",
	 .parameters = agents_parameters, .schema = "Agents"},

	{"GET", "/flowkeys/json", api_get_flowkeys, .view = true,
	 .summary = "Keys that samples had, and how many milliseconds ago",
	 .help = "Of the keys that definitions ask for: each key of a definition that counted a sample.",
	 .schema = "FlowKeys"},
	{"GET", "/activeflows/{agent}/{name}/json", api_get_activeflows, .view = true,
	 .summary = "The largest flows of a definition",
	 .help = "Values are per second, smoothed. Of the data sources that saw a flow, the largest value "
	  "counts, or the sum (aggMode); agent and dataSource are those of the largest.",
	 .parameters = activeflows_parameters, .schema = "ActiveFlows"},
	{"GET", "/flowvalue/{agent}/{metric}/json", api_get_flowvalue, .view = true,
	 .summary = "One flow on one data source",
	 .parameters = key_parameters, .schema = "FlowLocation"},
	{"GET", "/flowlocations/{agent}/{name}/json", api_get_flowlocations, .view = true,
	 .summary = "The data sources that see a flow, largest first",
	 .parameters = key_parameters, .schema = "FlowLocations"},

	{"GET", "/metrics/json", api_get_metrics, .view = true,
	 .summary = "Metrics that some data source has had, and how many milliseconds ago",
	 .help = "Flow definitions that counted a sample are metrics too. Custom metrics are there while "
	  "some data source has them.",
	 .schema = "MetricNames"},
	{"GET", "/metric/{agent}/json", api_get_agent_metrics, .snapshot = true, .filter = true,
	 .summary = "All metrics of one agent",
	 .help = "Names are data source, dot, and metric. Those of flows are not among them.",
	 .schema = "AgentMetrics"},
	{"GET", "/metric/{agents}/{statistics}/json", api_get_metric, .snapshot = true,
	 .view_if = asking_wants_view, .filter = true,
	 .summary = "What the values of metrics at many data sources come to",
	 .help = "One result for each metric, in the order of the request. Where no data source has "
	  "it, metricN is 0 and there is no metricValue. Of max, min and any, agent and dataSource are "
	  "those of the value. A flow definition is a metric too: at each data source the value of the "
	  "largest flow there, or the total where the definition has no keys.",
	 .schema = "Statistics"},
	{"GET", "/table/{agents}/{columns}/json", api_get_table, .snapshot = true,
	 .view_if = asking_wants_view, .filter = true,
	 .summary = "Metrics side by side, a row for each data source",
	 .help = "A row has to have a column of its own; others may come from its agent's host.",
	 .schema = "Table"},
	{"GET", "/dump/{agents}/{metrics}/json", api_get_dump, .snapshot = true,
	 .view_if = asking_wants_view, .filter = true,
	 .summary = "Every value of some metrics",
	 .schema = "Dump"},

	{"GET", "/events/json", api_get_events,
	 .summary = "Events of thresholds, newest first",
	 .help = "At once where there are any, else as soon as there is one, or empty after the timeout. "
	  "The next request goes on with the eventID of the first. An event has a start and an end, each "
	  "with an eventID of its own.",
	 .parameters = events_parameters, .schema = "Events"},
	{"GET", "/events/sse", api_stream_events, .stream = true,
	 .summary = "Events as they happen, as Server-Sent Events",
	 .parameters = events_stream_parameters},
	{"GET", "/flows/json", api_get_flows,
	 .summary = "Flow records, newest first",
	 .help = "Of definitions with log. At once where there are any, else as soon as there is one, or "
	  "empty after the timeout. The next request goes on with the flowID of the first.",
	 .parameters = records_parameters, .schema = "FlowRecords"},
	{"GET", "/flows/sse", api_stream_flows, .stream = true,
	 .summary = "Flow records as they are made, as Server-Sent Events",
	 .parameters = records_stream_parameters},

	PROMETHEUS_ANALYZER("/prometheus"),
	PROMETHEUS_ANALYZER("/app/prometheus/scripts/export.js"),
	PROMETHEUS_FLOWS("/prometheus"),
	PROMETHEUS_FLOWS("/app/prometheus/scripts/export.js"),
	PROMETHEUS_METRICS("/prometheus"),
	PROMETHEUS_METRICS("/app/prometheus/scripts/export.js"),
	PROMETHEUS_STATISTICS("/prometheus"),
	PROMETHEUS_STATISTICS("/app/prometheus/scripts/export.js"),

	{"GET", "/history/{name}/json", api_get_history,
	 .summary = "The last hour of a flow definition",
	 .help = "Oldest first: totals and the largest flows in steps, and the events of thresholds on it.",
	 .parameters = history_parameters, .schema = "History"},

	{"GET", "/capacity/json", api_get_capacity,
	 .summary = "Busiest links over months, how their load grows, and when it is too much",
	 .help = "Percentiles are those of the minutes of the last days. The trend is a line through "
	  "weeks that outliers do not move, with an interval of 95 %, and so is the date.",
	 .parameters = capacity_parameters, .schema = "Capacity"},

	{"GET", "/{kind}/json", api_list_resource, .kinds = API_ANY_KIND},
	{"PUT", "/{kind}/json", api_put_resource, .kinds = API_SINGLE_KIND},
	{"GET", "/{kind}/{name}/json", api_get_resource, .kinds = API_NAMED_KIND},
	{"PUT", "/{kind}/{name}/json", api_put_resource, .kinds = API_NAMED_KIND},
	{"DELETE", "/{kind}/{name}/json", api_remove_resource, .kinds = API_NAMED_KIND},
};
/* clang-format on */

const unsigned api_route_count = sizeof(api_routes) / sizeof(api_routes[0]);
