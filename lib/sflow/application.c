/* SPDX-License-Identifier: BSD-3-Clause */
#include "sflow/structure_pvt.h"

/* Applications: sFlow Application Structures, flow structures 0:2202 to 0:2205, counter structures
 * 0:2202 and 0:2203; and virtual desktops, counter structure 0:2205. */

/* clang-format off */

static const struct sflow_words statuses = {
	.words = (const struct sflow_word[]){
		{0, "SUCCESS"}, {1, "OTHER"}, {2, "TIMEOUT"}, {3, "INTERNAL_ERROR"},
		{4, "BAD_REQUEST"}, {5, "FORBIDDEN"}, {6, "TOO_LARGE"}, {7, "NOT_IMPLEMENTED"},
		{8, "NOT_FOUND"}, {9, "UNAVAILABLE"}, {10, "UNAUTHORIZED"}},
	.count = 11,
	.line = &(const struct sflow_word){10, "UNATHORIZED"},
	.beyond = "<out-of-range=%u>",
};

STRUCTURE(app_operation, "app_operation", 0, 2202, 40,
	FIELDS(
		TEXT("application", 32, 31),
		TEXT("operation", 32, 31),
		TEXT("attributes", 255, 254),
		TEXT("status_descr", 64, 31),
		PLAIN("req_bytes", U64, .unit = "bytes", .line = "request_bytes"),
		PLAIN("resp_bytes", U64, .unit = "bytes", .line = "response_bytes"),
		PLAIN("uS", U32, .unit = "microseconds", .line = "duration_uS"),
		PLAIN("status", U32, .words = &statuses, .show = SFLOW_SHOW_NAME)),
	.head = "flowSampleType applicationOperation");

STRUCTURE(app_parent_context, "app_parent_context", 0, 2203, 12,
	FIELDS(
		TEXT("application", 32, 31), TEXT("operation", 32, 31),
		TEXT("attributes", 255, 254)),
	.prefix = "server_context_");

STRUCTURE(app_initiator, "app_initiator", 0, 2204, 4,
	FIELDS(TEXT("actor", 64, 63, .line = "actor_initiator")));
STRUCTURE(app_target, "app_target", 0, 2205, 4,
	FIELDS(TEXT("actor", 64, 63, .line = "actor_target")));

#define OUTCOME(name, text) COUNTER(name, U32, "operations", "app_" name, .line = text)

STRUCTURE(app_operations, "app_operations", 0, 2202, 48,
	FIELDS(
		TEXT("application", 32, 31, .metric = "app_application"),
		OUTCOME("success", "status_OK"),
		OUTCOME("other", "errors_OTHER"),
		OUTCOME("timeout", "errors_TIMEOUT"),
		OUTCOME("internal_error", "errors_INTERNAL_ERROR"),
		OUTCOME("bad_request", "errors_BAD_REQUEST"),
		OUTCOME("forbidden", "errors_FORBIDDEN"),
		OUTCOME("too_large", "errors_TOO_LARGE"),
		OUTCOME("not_implemented", "errors_NOT_IMPLEMENTED"),
		OUTCOME("not_found", "errors_NOT_FOUND"),
		OUTCOME("unavailable", "errors_UNAVAILABLE"),
		OUTCOME("unauthorized", "errors_UNAUTHORIZED")));

STRUCTURE(app_resources, "app_resources", 0, 2203, 40,
	FIELDS(
		COUNTER("user_time", U32, "milliseconds", "app_usertime"),
		COUNTER("system_time", U32, "milliseconds", "app_systemtime"),
		GAUGE("mem_used", U64, "bytes", "app_mem_used", .line = "memory_used"),
		GAUGE("mem_max", U64, "bytes", "app_mem_max", .line = "memory_max"),
		GAUGE("fd_open", U32, "files", "app_fd_open", .line = "files_open"),
		GAUGE("fd_max", U32, "files", "app_fd_max", .line = "files_max"),
		GAUGE("conn_open", U32, "connections", "app_conn_open",
			.line = "connections_open"),
		GAUGE("conn_max", U32, "connections", "app_conn_max", .line = "connections_max")));

#define SUM(name, unit) COUNTER(name, U32, unit, "vdi_" name)
#define NOW(name, unit) GAUGE(name, U32, unit, "vdi_" name)

STRUCTURE(vdi_stats, "vdi_stats", 0, 2205, 92,
	FIELDS(
		NOW("sessions_current", "sessions"), SUM("sessions_total", "sessions"),
		SUM("sessions_duration", "seconds"), SUM("rx_bytes", "bytes"),
		SUM("tx_bytes", "bytes"), SUM("rx_packets", "packets"),
		SUM("tx_packets", "packets"), SUM("rx_packets_lost", "packets"),
		SUM("tx_packets_lost", "packets"), NOW("rtt_min_ms", "milliseconds"),
		NOW("rtt_max_ms", "milliseconds"), NOW("rtt_avg_ms", "milliseconds"),
		SUM("audio_rx_bytes", "bytes"), SUM("audio_tx_bytes", "bytes"),
		NOW("audio_tx_limit", "bits per second"), SUM("img_rx_bytes", "bytes"),
		SUM("img_tx_bytes", "bytes"), SUM("img_frames", "frames"),
		NOW("img_qual_min", "percent"), NOW("img_qual_max", "percent"),
		NOW("img_qual_avg", "percent"), SUM("usb_rx_bytes", "bytes"),
		SUM("usb_tx_bytes", "bytes")),
	.prefix = "vdi_");
