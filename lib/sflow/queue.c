/* SPDX-License-Identifier: BSD-3-Clause */
#include "sflow/structure_pvt.h"

/* Queues, delays and drops: sFlow Discarded Packet and Transit Delay Structures, flow structures
 * 0:1019 and 0:1036 to 0:1043, counter structure 0:1003. */

/* clang-format off */

STRUCTURE(extended_queue_length, "extended_queue_length", 0, 1019, 8,
	FIELDS(
		PLAIN("queueIndex", U32),
		PLAIN("queueLength", U32, .unit = "segments")),
	SKIPPED);

STRUCTURE(extended_egress_queue, "extended_egress_queue", 0, 1036, 4,
	FIELDS(PLAIN("queue", U32, .line = "egress_queue_id")),
	.head = "extendedType egress_queue");

WORDS(acl_directions, {0, "unknown"}, {1, "ingress"}, {2, "egress"});

STRUCTURE(extended_acl, "extended_acl", 0, 1037, 12,
	FIELDS(
		PLAIN("number", U32),
		TEXT("name", 0, 0),
		PLAIN("direction", U32, .words = &acl_directions)),
	SKIPPED);

STRUCTURE(extended_function, "extended_function", 0, 1038, 4,
	FIELDS(TEXT("symbol", 64, 63)),
	.head = "extendedType function");

STRUCTURE(extended_transit, "extended_transit", 0, 1039, 4,
	FIELDS(PLAIN("delay", U32, .unit = "nanoseconds", .line = "transit_delay_nS")),
	.head = "extendedType transit_delay");

STRUCTURE(extended_queue, "extended_queue", 0, 1040, 4,
	FIELDS(PLAIN("depth", U32, .unit = "bytes", .line = "queue_depth_bytes")),
	.head = "extendedType queue_depth");

STRUCTURE(extended_hw_trap, "extended_hw_trap", 0, 1041, 8,
	FIELDS(
		TEXT("group", 64, 63, .line = "hw_trap_group"),
		TEXT("trap", 64, 63, .line = "hw_trap_name")),
	.head = "extendedType hw_trap");

STRUCTURE(extended_linux_drop_reason, "extended_linux_drop_reason", 0, 1042, 4,
	FIELDS(TEXT("reason", 64, 63, .line = "linux_drop_reason")),
	.head = "extendedType linux_reason");

STRUCTURE(extended_timestamp, "extended_timestamp", 0, 1043, 8,
	FIELDS(PLAIN("nanoseconds", U64, .unit = "nanoseconds", .line = "timestamp_nS")),
	.head = "extendedType timestamp");

/* One record for each queue of the data source: N stands for its index. */
STRUCTURE(queue_length, "queue_length", 0, 1003, 52,
	FIELDS(
		GAUGE("queueIndex", U32, NULL, NULL),
		GAUGE("segmentSize", U32, "bytes", "queue_N_segmentsize"),
		GAUGE("queueSegments", U32, "segments", "queue_N_segments"),
		COUNTER("queueLength0", U32, "packets", "queue_N_length0"),
		COUNTER("queueLength1", U32, "packets", "queue_N_length1"),
		COUNTER("queueLength2", U32, "packets", "queue_N_length2"),
		COUNTER("queueLength4", U32, "packets", "queue_N_length4"),
		COUNTER("queueLength8", U32, "packets", "queue_N_length8"),
		COUNTER("queueLength32", U32, "packets", "queue_N_length32"),
		COUNTER("queueLength128", U32, "packets", "queue_N_length128"),
		COUNTER("queueLength1024", U32, "packets", "queue_N_length1024"),
		COUNTER("queueLengthMore", U32, "packets", "queue_N_lengthmore"),
		COUNTER("dropped", U32, "packets", "queue_N_dropped")),
	SKIPPED);
