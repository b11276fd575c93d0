/* SPDX-License-Identifier: BSD-3-Clause */
#include "sflow/structure_pvt.h"

/* Memcached: sFlow Memcache Structures, flow structure 0:2200, counter structures 0:2200 and
 * 0:2204. */

/* clang-format off */

WORDS(protocols, {0, "OTHER"}, {1, "ASCII"}, {2, "BINARY"});
WORDS(commands, {0, "OTHER"}, {1, "SET"}, {2, "ADD"}, {3, "REPLACE"}, {4, "APPEND"},
	{5, "PREPEND"}, {6, "CAS"}, {7, "GET"}, {8, "GETS"}, {9, "INCR"}, {10, "DECR"},
	{11, "DELETE"}, {12, "STATS"}, {13, "FLUSH"}, {14, "VERSION"}, {15, "QUIT"},
	{16, "TOUCH"});
WORDS(outcomes, {0, "UNKNOWN"}, {1, "OK"}, {2, "ERROR"}, {3, "CLIENT_ERROR"},
	{4, "SERVER_ERROR"}, {5, "STORED"}, {6, "NOT_STORED"}, {7, "EXISTS"}, {8, "NOT_FOUND"},
	{9, "DELETED"});

STRUCTURE(memcache_operation, "memcache_operation", 0, 2200, 28,
	FIELDS(
		PLAIN("protocol", U32, .words = &protocols),
		PLAIN("cmd", U32, .words = &commands),
		TEXT("key", 255, 254, .show = SFLOW_SHOW_ESCAPE),
		PLAIN("nkeys", U32),
		PLAIN("value_bytes", U32, .unit = "bytes"),
		PLAIN("uS", U32, .unit = "microseconds", .line = "memcache_op_duration_uS"),
		PLAIN("status", U32, .words = &outcomes)),
	.head = "flowSampleType memcache", .prefix = "memcache_op_");

#define COUNT(name, unit) COUNTER(name, U32, unit, "memcache_" name)
#define NOW(name, unit) GAUGE(name, U32, unit, "memcache_" name)

/* The older form: misses before hits. */
STRUCTURE(memcached_counters_old, "memcached_counters", 0, 2200, 144,
	FIELDS(
		NOW("uptime", "seconds"), COUNT("rusage_user", "milliseconds"),
		COUNT("rusage_system", "milliseconds"), NOW("curr_connections", "connections"),
		COUNT("total_connections", "connections"),
		NOW("connection_structures", "structures"), COUNT("cmd_get", "commands"),
		COUNT("cmd_set", "commands"), COUNT("cmd_flush", "commands"),
		COUNT("get_hits", "commands"), COUNT("get_misses", "commands"),
		COUNT("delete_misses", "commands"), COUNT("delete_hits", "commands"),
		COUNT("incr_misses", "commands"), COUNT("incr_hits", "commands"),
		COUNT("decr_misses", "commands"), COUNT("decr_hits", "commands"),
		COUNT("cas_misses", "commands"), COUNT("cas_hits", "commands"),
		COUNT("cas_badval", "commands"), COUNT("auth_cmds", "commands"),
		COUNT("auth_errors", "commands"),
		COUNTER("bytes_read", U64, "bytes", "memcache_bytes_read"),
		COUNTER("bytes_written", U64, "bytes", "memcache_bytes_written"),
		NOW("limit_maxbytes", "bytes"), NOW("accepting_conns", NULL),
		COUNT("listen_disabled_num", "times"), NOW("threads", "threads"),
		COUNT("conn_yields", "times"), GAUGE("bytes", U64, "bytes", "memcache_bytes"),
		NOW("curr_items", "items"), COUNT("total_items", "items"),
		COUNT("evictions", "items")),
	.prefix = "memcache_");

STRUCTURE(memcached_counters, "memcached_counters", 0, 2204, 140,
	FIELDS(
		COUNT("cmd_set", "commands"), COUNT("cmd_touch", "commands"),
		COUNT("cmd_flush", "commands"), COUNT("get_hits", "commands"),
		COUNT("get_misses", "commands"), COUNT("delete_hits", "commands"),
		COUNT("delete_misses", "commands"), COUNT("incr_hits", "commands"),
		COUNT("incr_misses", "commands"), COUNT("decr_hits", "commands"),
		COUNT("decr_misses", "commands"), COUNT("cas_hits", "commands"),
		COUNT("cas_misses", "commands"), COUNT("cas_badval", "commands"),
		COUNT("auth_cmds", "commands"), COUNT("auth_errors", "commands"),
		NOW("threads", "threads"), COUNT("conn_yields", "times"),
		COUNT("listen_disabled_num", "times"), NOW("curr_connections", "connections"),
		COUNT("rejected_connections", "connections"),
		COUNT("total_connections", "connections"),
		NOW("connection_structures", "structures"), COUNT("evictions", "items"),
		COUNT("reclaimed", "items"), NOW("curr_items", "items"),
		COUNT("total_items", "items"),
		COUNTER("bytes_read", U64, "bytes", "memcache_bytes_read"),
		COUNTER("bytes_written", U64, "bytes", "memcache_bytes_written"),
		GAUGE("bytes", U64, "bytes", "memcache_bytes"),
		GAUGE("limit_maxbytes", U64, "bytes", "memcache_limit_maxbytes")),
	.prefix = "memcache_");
