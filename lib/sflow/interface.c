/* SPDX-License-Identifier: BSD-3-Clause */
#include "sflow/structure_pvt.h"

/* Interfaces: sFlow v5, counter structures 0:1 to 0:5, with sFlow LAG Port and PFC Structures, 0:7,
 * 0:8 and 0:11. */

/* clang-format off */

/* IANAifType: those that fabrics have. */
WORDS(interface_types, {1, "other"}, {6, "ethernetCsmacd"}, {9, "iso88025TokenRing"}, {15, "fddi"},
	{22, "propPointToPointSerial"}, {23, "ppp"}, {24, "softwareLoopback"}, {32, "frameRelay"},
	{37, "atm"}, {39, "sonet"}, {49, "aal5"}, {53, "propVirtual"}, {71, "ieee80211"},
	{117, "gigabitEthernet"}, {131, "tunnel"}, {135, "l2vlan"}, {136, "l3ipvlan"},
	{150, "mplsTunnel"}, {161, "ieee8023adLag"}, {166, "mpls"}, {199, "infiniband"},
	{209, "bridge"});
WORDS(interface_directions, {0, "unknown"}, {1, "full-duplex"}, {2, "half-duplex"}, {3, "in"},
	{4, "out"});
/* Both SNMP's TruthValue and plain booleans are about. */
WORDS(truths, {0, "false"}, {1, "true"}, {2, "false"});

#define PACKETS(name, metric) COUNTER(name, U32, "packets", metric)

/* Nokia's service access points: ifType is other (1), and ifSpeed has identifiers in both halves.
 * Others send that type with true speeds, and no port above 4 Gb/s has one of odd megabits. */
static const struct sflow_doubt speed_of_service = {
	.field = 1, .value = 1, .above = UINT32_MAX, .unit = 1000000};

/* if_counters, after RFC 2233. ifStatus holds two bits: lib/metric gives each a name. */
STRUCTURE(if_counters, "if_counters", 0, 1, 88,
	FIELDS(
		PLAIN("ifIndex", U32, .metric = "ifindex"),
		PLAIN("ifType", U32, .metric = "iftype", .words = &interface_types,
			.line = "networkType"),
		GAUGE("ifSpeed", U64, "bits per second", "ifspeed", .doubt = &speed_of_service),
		PLAIN("ifDirection", U32, .metric = "ifdirection",
			.words = &interface_directions),
		PLAIN("ifStatus", U32, .metric = "ifstatus"),
		COUNTER("ifInOctets", U64, "bytes", "ifinoctets"),
		PACKETS("ifInUcastPkts", "ifinucastpkts"),
		PACKETS("ifInMulticastPkts", "ifinmulticastpkts"),
		PACKETS("ifInBroadcastPkts", "ifinbroadcastpkts"),
		PACKETS("ifInDiscards", "ifindiscards"),
		PACKETS("ifInErrors", "ifinerrors"),
		PACKETS("ifInUnknownProtos", "ifinunknownprotos"),
		COUNTER("ifOutOctets", U64, "bytes", "ifoutoctets"),
		PACKETS("ifOutUcastPkts", "ifoutucastpkts"),
		PACKETS("ifOutMulticastPkts", "ifoutmulticastpkts"),
		PACKETS("ifOutBroadcastPkts", "ifoutbroadcastpkts"),
		PACKETS("ifOutDiscards", "ifoutdiscards"),
		PACKETS("ifOutErrors", "ifouterrors"),
		PLAIN("ifPromiscuousMode", U32, .words = &truths)));

#define FRAMES(name, metric) COUNTER(name, U32, "frames", metric)

/* ethernet_counters, after RFC 2358. */
STRUCTURE(ethernet_counters, "ethernet_counters", 0, 2, 52,
	FIELDS(
		FRAMES("dot3StatsAlignmentErrors", "eth_alignmenterrors"),
		FRAMES("dot3StatsFCSErrors", "eth_fcserrors"),
		FRAMES("dot3StatsSingleCollisionFrames", "eth_singlecollisions"),
		FRAMES("dot3StatsMultipleCollisionFrames", "eth_multiplecollisions"),
		FRAMES("dot3StatsSQETestErrors", "eth_sqetesterrors"),
		FRAMES("dot3StatsDeferredTransmissions", "eth_deferredtx"),
		FRAMES("dot3StatsLateCollisions", "eth_latecollision"),
		FRAMES("dot3StatsExcessiveCollisions", "eth_excessivecollisions"),
		FRAMES("dot3StatsInternalMacTransmitErrors", "eth_mactxerrors"),
		FRAMES("dot3StatsCarrierSenseErrors", "eth_carriersenseerrors"),
		FRAMES("dot3StatsFrameTooLongs", "eth_frametoolongs"),
		FRAMES("dot3StatsInternalMacReceiveErrors", "eth_macrxerrors"),
		FRAMES("dot3StatsSymbolErrors", "eth_symbolerrors")));

#define RING(name, metric) COUNTER("dot5Stats" name, U32, "events", "tr_" metric)

/* tokenring_counters, after RFC 1748. */
STRUCTURE(tokenring_counters, "tokenring_counters", 0, 3, 72,
	FIELDS(
		RING("LineErrors", "lineerrors"), RING("BurstErrors", "bursterrors"),
		RING("ACErrors", "acerrors"), RING("AbortTransErrors", "aborttranserrors"),
		RING("InternalErrors", "internalerrors"),
		RING("LostFrameErrors", "lostframeerrors"),
		RING("ReceiveCongestions", "receivecongestions"),
		RING("FrameCopiedErrors", "framecopiederrors"),
		RING("TokenErrors", "tokenerrors"), RING("SoftErrors", "softerrors"),
		RING("HardErrors", "harderrors"), RING("SignalLoss", "signalloss"),
		RING("TransmitBeacons", "transmitbeacons"), RING("Recoverys", "recoverys"),
		RING("LobeWires", "lobewires"), RING("Removes", "removes"),
		RING("Singles", "singles"), RING("FreqErrors", "freqerrors")));

#define VG32(name, metric) COUNTER("dot12" name, U32, "frames", "vg_" metric)
#define VG64(name, metric) COUNTER("dot12" name, U64, "bytes", "vg_" metric)

/* vg_counters, after RFC 2020. */
STRUCTURE(vg_counters, "vg_counters", 0, 4, 80,
	FIELDS(
		VG32("InHighPriorityFrames", "inhighpriorityframes"),
		VG64("InHighPriorityOctets", "inhighpriorityoctets"),
		VG32("InNormPriorityFrames", "innormpriorityframes"),
		VG64("InNormPriorityOctets", "innormpriorityoctets"),
		VG32("InIPMErrors", "inipmerrors"),
		VG32("InOversizeFrameErrors", "inoversizeframeerrors"),
		VG32("InDataErrors", "indataerrors"),
		VG32("InNullAddressedFrames", "innulladdressedframes"),
		VG32("OutHighPriorityFrames", "outhighpriorityframes"),
		VG64("OutHighPriorityOctets", "outhighpriorityoctets"),
		VG32("TransitionIntoTrainings", "transitionintotrainings"),
		VG64("HCInHighPriorityOctets", "hcinhighpriorityoctets"),
		VG64("HCInNormPriorityOctets", "hcinnormpriorityoctets"),
		VG64("HCOutHighPriorityOctets", "hcouthighpriorityoctets")));

STRUCTURE(vlan_counters, "vlan_counters", 0, 5, 28,
	FIELDS(
		PLAIN("vlan_id", U32, .metric = "vlan_id", .line = "in_vlan"),
		COUNTER("octets", U64, "bytes", "vlan_octets"),
		PACKETS("ucastPkts", "vlan_ucastpkts"),
		PACKETS("multicastPkts", "vlan_multicastpkts"),
		PACKETS("broadcastPkts", "vlan_broadcastpkts"),
		PACKETS("discards", "vlan_discards")));

#define PDUS(name, text, metric) COUNTER(name, U32, "PDUs", "agg_" metric, .line = text)

/* lag_port_stats, after IEEE 802.1AX; the four port states are bytes of one word. */
STRUCTURE(lag_port_stats, "lag_port_stats", 0, 7, 56,
	FIELDS(
		PLAIN("actorSystemID", MAC, .metric = "agg_actorsystemid"),
		PLAIN("partnerOperSystemID", MAC, .metric = "agg_partneropersystemid",
			.line = "partnerSystemID"),
		PLAIN("attachedAggID", U32, .metric = "agg_attachedaggid"),
		PLAIN("actorAdminPortState", U8, .metric = "agg_actoradminportstate"),
		PLAIN("actorOperPortState", U8, .metric = "agg_actoroperportstate"),
		PLAIN("partnerAdminPortState", U8, .metric = "agg_partneradminportstate"),
		PLAIN("partnerOperPortState", U8, .metric = "agg_partneroperportstate"),
		PDUS("LACPDUsRx", "LACPDUsRx", "lacpdusrx"),
		PDUS("MarkerPDUsRx", "markerPDUsRx", "markerpdusrx"),
		PDUS("MarkerResponsePDUsRx", "markerResponsePDUsRx", "markerresponsepdusrx"),
		PDUS("UnknownRx", "unknownRx", "unknownrx"),
		PDUS("IllegalRx", "illegalRx", "illegalrx"),
		PDUS("LACPDUsTx", "LACPDUsTx", "lacpdustx"),
		PDUS("MarkerPDUsTx", "markerPDUsTx", "markerpdustx"),
		PDUS("MarkerResponsePDUsTx", "markerResponsePDUsTx", "markerresponsepdustx")),
	.macs = 2);

STRUCTURE(slow_path_counts, "slow_path_counts", 0, 8, 24,
	FIELDS(
		PACKETS("unknown", "slowpath_unknown"), PACKETS("other", "slowpath_other"),
		PACKETS("cam_miss", "slowpath_cam_miss"), PACKETS("cam_full", "slowpath_cam_full"),
		PACKETS("no_hw_support", "slowpath_no_hw_support"),
		PACKETS("cntrl", "slowpath_cntrl")),
	SKIPPED);

STRUCTURE(pfc_counters, "pfc_counters", 0, 11, 20,
	FIELDS(
		COUNTER("requests", U32, "frames", "pfc_requests"),
		COUNTER("indications", U32, "frames", "pfc_indications"),
		COUNTER("pause_duration", U32, "microseconds", "pfc_pause_duration"),
		COUNTER("storm_detected", U32, "storms", "pfc_storm_detected"),
		COUNTER("storm_restored", U32, "storms", "pfc_storm_restored")),
	.prefix = "PFC_");
