/* SPDX-License-Identifier: BSD-3-Clause */
#include "sflow/structure_pvt.h"

/* What the host's kernel knows of the sampled packet: sFlow Host TCP/IP Structures and host-sflow,
 * flow structures 0:2209 and 0:2210. */

/* clang-format off */

static const struct sflow_words directions = {
	.words = (const struct sflow_word[]){{0, "unknown"}, {1, "received"}, {2, "sent"}},
	.count = 3,
	.beyond = "<bad value>",
};

STRUCTURE(extended_tcp_info, "extended_tcp_info", 0, 2209, 48,
	FIELDS(
		PLAIN("dir", U32, .words = &directions, .show = SFLOW_SHOW_NAME,
			.line = "tcpinfo_direction"),
		PLAIN("snd_mss", U32, .unit = "bytes", .line = "tcpinfo_send_mss"),
		PLAIN("rcv_mss", U32, .unit = "bytes", .line = "tcpinfo_receive_mss"),
		PLAIN("unacked", U32, .unit = "packets", .line = "tcpinfo_unacked_pkts"),
		PLAIN("lost", U32, .unit = "packets", .line = "tcpinfo_lost_pkts"),
		PLAIN("retrans", U32, .unit = "packets", .line = "tcpinfo_retrans_pkts"),
		PLAIN("pmtu", U32, .unit = "bytes", .line = "tcpinfo_path_mtu"),
		PLAIN("rtt", U32, .unit = "microseconds", .line = "tcpinfo_rtt_uS"),
		PLAIN("rttvar", U32, .unit = "microseconds", .line = "tcpinfo_rtt_uS_var"),
		PLAIN("snd_cwnd", U32, .unit = "segments",
			.line = "tcpinfo_send_congestion_win"),
		PLAIN("reordering", U32, .unit = "packets", .line = "tcpinfo_reordering"),
		PLAIN("min_rtt", U32, .unit = "microseconds", .line = "tcpinfo_rtt_uS_min")));

STRUCTURE(extended_entities, "extended_entities", 0, 2210, 16,
	FIELDS(
		PLAIN("src_class", U32), PLAIN("src_index", U32),
		PLAIN("dst_class", U32), PLAIN("dst_index", U32)),
	.head = "extendedType entities", .prefix = "entities_");
