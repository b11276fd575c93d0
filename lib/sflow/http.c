/* SPDX-License-Identifier: BSD-3-Clause */
#include "sflow/structure_pvt.h"

/* Web servers: sFlow HTTP Structures, flow structures 0:2201 and 0:2206 to 0:2208, counter
 * structures 0:2201 and 0:2206. */

/* clang-format off */

WORDS(methods, {0, "OTHER"}, {1, "OPTIONS"}, {2, "GET"}, {3, "HEAD"}, {4, "POST"}, {5, "PUT"},
	{6, "DELETE"}, {7, "TRACE"}, {8, "CONNECT"});

/* Two forms that were proposed before the one that web servers send. */
static STRUCTURE(http_request_second, "http_request", 0, 2201, 56,
	FIELDS(
		PLAIN("method", U32, .words = &methods),
		TEXT("uri", 255, 254),
		TEXT("host", 64, 63),
		TEXT("referer", 255, 254, .line = "http_referrer"),
		TEXT("useragent", 128, 127),
		TEXT("xff", 64, 63),
		TEXT("authuser", 32, 31),
		TEXT("mime_type", 64, 63, .line = "http_mimetype"),
		PLAIN("req_bytes", U64, .unit = "bytes", .line = "http_request_bytes"),
		PLAIN("resp_bytes", U64, .unit = "bytes", .line = "http_bytes"),
		PLAIN("uS", U32, .unit = "microseconds", .line = "http_duration_uS"),
		PLAIN("status", U32)),
	.head = "flowSampleType http", .prefix = "http_", .deviation = SFLOW_HTTP_DRAFT);

static STRUCTURE(http_request_first, "http_request", 0, 2201, 36,
	FIELDS(
		PLAIN("method", U32, .words = &methods),
		TEXT("uri", 255, 254),
		TEXT("host", 32, 63),
		TEXT("referer", 255, 254, .line = "http_referrer"),
		TEXT("useragent", 64, 127),
		TEXT("authuser", 32, 31),
		PLAIN("bytes", U32, .unit = "bytes"),
		PLAIN("uS", U32, .unit = "microseconds", .line = "http_duration_uS"),
		PLAIN("status", U32)),
	.head = "flowSampleType http", .prefix = "http_", .deviation = SFLOW_HTTP_DRAFT,
	.other = &sflow_http_request_second);

/* The older form, as the modules of web servers sent it. */
STRUCTURE(http_request_old, "http_request", 0, 2201, 48,
	FIELDS(
		PLAIN("method", U32, .words = &methods),
		PLAIN("protocol", U32),
		TEXT("uri", 255, 254),
		TEXT("host", 32, 63),
		TEXT("referer", 255, 254, .line = "http_referrer"),
		TEXT("useragent", 64, 127),
		TEXT("authuser", 32, 31),
		TEXT("mime_type", 32, 63, .line = "http_mimetype"),
		PLAIN("bytes", U64, .unit = "bytes"),
		PLAIN("uS", U32, .unit = "microseconds", .line = "http_duration_uS"),
		PLAIN("status", U32)),
	.head = "flowSampleType http", .prefix = "http_", .other = &sflow_http_request_first);

STRUCTURE(http_request, "http_request", 0, 2206, 60,
	FIELDS(
		PLAIN("method", U32, .words = &methods),
		PLAIN("protocol", U32),
		TEXT("uri", 255, 254),
		TEXT("host", 64, 63),
		TEXT("referer", 255, 254, .line = "http_referrer"),
		TEXT("useragent", 128, 127),
		TEXT("xff", 64, 63),
		TEXT("authuser", 32, 31),
		TEXT("mime_type", 64, 63, .line = "http_mimetype"),
		PLAIN("req_bytes", U64, .unit = "bytes", .line = "http_request_bytes"),
		PLAIN("resp_bytes", U64, .unit = "bytes", .line = "http_bytes"),
		PLAIN("uS", U32, .unit = "microseconds", .line = "http_duration_uS"),
		PLAIN("status", I32, .show = SFLOW_SHOW_UNSIGNED)),
	.head = "flowSampleType http", .prefix = "http_");

STRUCTURE(extended_proxy_request, "extended_proxy_request", 0, 2207, 8,
	FIELDS(TEXT("uri", 255, 0), TEXT("host", 64, 0)), SKIPPED);

#define TIMING(name) PLAIN(name, U32, .unit = "milliseconds")

/* W3C Navigation Timing. */
STRUCTURE(extended_nav_timing, "extended_nav_timing", 0, 2208, 92,
	FIELDS(
		PLAIN("type", U32), PLAIN("redirectCount", U32), TIMING("navigationStart"),
		TIMING("unloadEventStart"), TIMING("unloadEventEnd"), TIMING("redirectStart"),
		TIMING("redirectEnd"), TIMING("fetchStart"), TIMING("domainLookupStart"),
		TIMING("domainLookupEnd"), TIMING("connectStart"), TIMING("connectEnd"),
		TIMING("secureConnectionStart"), TIMING("requestStart"), TIMING("responseStart"),
		TIMING("responseEnd"), TIMING("domLoading"), TIMING("domInteractive"),
		TIMING("domContentLoadedEventStart"), TIMING("domContentLoadedEventEnd"),
		TIMING("domComplete"), TIMING("loadEventStart"), TIMING("loadEventEnd")),
	SKIPPED);

#define HTTP(name, metric, ...) COUNTER(name, U32, "requests", "http_" metric, ##__VA_ARGS__)

STRUCTURE(http_counters, "http_counters", 0, 2201, 60,
	FIELDS(
		HTTP("method_option_count", "method_option"),
		HTTP("method_get_count", "method_get"),
		HTTP("method_head_count", "method_head"),
		HTTP("method_post_count", "method_post"),
		HTTP("method_put_count", "method_put"),
		HTTP("method_delete_count", "method_delete"),
		HTTP("method_trace_count", "method_trace"),
		HTTP("method_connect_count", "method_connect",
			.line = "http_methd_connect_count"), /* as sflowtool spells it */
		HTTP("method_other_count", "method_other"),
		HTTP("status_1XX_count", "status_1xx"),
		HTTP("status_2XX_count", "status_2xx"),
		HTTP("status_3XX_count", "status_3xx"),
		HTTP("status_4XX_count", "status_4xx"),
		HTTP("status_5XX_count", "status_5xx"),
		HTTP("status_other_count", "status_other")),
	.prefix = "http_");

STRUCTURE(app_workers, "app_workers", 0, 2206, 20,
	FIELDS(
		GAUGE("workers_active", U32, "workers", "workers_active"),
		GAUGE("workers_idle", U32, "workers", "workers_idle"),
		GAUGE("workers_max", U32, "workers", "workers_max"),
		COUNTER("req_delayed", U32, "requests", "req_delayed",
			.line = "requests_delayed"),
		COUNTER("req_dropped", U32, "requests", "req_dropped",
			.line = "requests_dropped")));
