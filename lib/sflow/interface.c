/* SPDX-License-Identifier: BSD-3-Clause */
#include "sflow/structures_pvt.h"

/* Interfaces: sFlow v5, counter structures 0:1 and 0:2. */

/* if_counters, after RFC 2233. ifStatus holds two bits: lib/metric gives each a name. */
const struct sflow_field sflow_if_counters[] = {
	{"ifIndex", SFLOW_U32, SFLOW_PLAIN, NULL, "ifindex"},
	{"ifType", SFLOW_U32, SFLOW_PLAIN, NULL, "iftype"},
	{"ifSpeed", SFLOW_U64, SFLOW_GAUGE, "bits per second", "ifspeed"},
	{"ifDirection", SFLOW_U32, SFLOW_PLAIN, NULL, "ifdirection"},
	{"ifStatus", SFLOW_U32, SFLOW_PLAIN, NULL, "ifstatus"},
	{"ifInOctets", SFLOW_U64, SFLOW_COUNTER, "bytes", "ifinoctets"},
	{"ifInUcastPkts", SFLOW_U32, SFLOW_COUNTER, "packets", "ifinucastpkts"},
	{"ifInMulticastPkts", SFLOW_U32, SFLOW_COUNTER, "packets", "ifinmulticastpkts"},
	{"ifInBroadcastPkts", SFLOW_U32, SFLOW_COUNTER, "packets", "ifinbroadcastpkts"},
	{"ifInDiscards", SFLOW_U32, SFLOW_COUNTER, "packets", "ifindiscards"},
	{"ifInErrors", SFLOW_U32, SFLOW_COUNTER, "packets", "ifinerrors"},
	{"ifInUnknownProtos", SFLOW_U32, SFLOW_COUNTER, "packets", "ifinunknownprotos"},
	{"ifOutOctets", SFLOW_U64, SFLOW_COUNTER, "bytes", "ifoutoctets"},
	{"ifOutUcastPkts", SFLOW_U32, SFLOW_COUNTER, "packets", "ifoutucastpkts"},
	{"ifOutMulticastPkts", SFLOW_U32, SFLOW_COUNTER, "packets", "ifoutmulticastpkts"},
	{"ifOutBroadcastPkts", SFLOW_U32, SFLOW_COUNTER, "packets", "ifoutbroadcastpkts"},
	{"ifOutDiscards", SFLOW_U32, SFLOW_COUNTER, "packets", "ifoutdiscards"},
	{"ifOutErrors", SFLOW_U32, SFLOW_COUNTER, "packets", "ifouterrors"},
	{"ifPromiscuousMode", SFLOW_U32, SFLOW_PLAIN, NULL, NULL},
};

/* ethernet_counters, after RFC 2358. */
const struct sflow_field sflow_ethernet_counters[] = {
	{"dot3StatsAlignmentErrors", SFLOW_U32, SFLOW_COUNTER, "frames", "eth_alignmenterrors"},
	{"dot3StatsFCSErrors", SFLOW_U32, SFLOW_COUNTER, "frames", "eth_fcserrors"},
	{"dot3StatsSingleCollisionFrames", SFLOW_U32, SFLOW_COUNTER, "frames",
		"eth_singlecollisions"},
	{"dot3StatsMultipleCollisionFrames", SFLOW_U32, SFLOW_COUNTER, "frames",
		"eth_multiplecollisions"},
	{"dot3StatsSQETestErrors", SFLOW_U32, SFLOW_COUNTER, "frames", "eth_sqetesterrors"},
	{"dot3StatsDeferredTransmissions", SFLOW_U32, SFLOW_COUNTER, "frames", "eth_deferredtx"},
	{"dot3StatsLateCollisions", SFLOW_U32, SFLOW_COUNTER, "frames", "eth_latecollision"},
	{"dot3StatsExcessiveCollisions", SFLOW_U32, SFLOW_COUNTER, "frames",
		"eth_excessivecollisions"},
	{"dot3StatsInternalMacTransmitErrors", SFLOW_U32, SFLOW_COUNTER, "frames",
		"eth_mactxerrors"},
	{"dot3StatsCarrierSenseErrors", SFLOW_U32, SFLOW_COUNTER, "frames",
		"eth_carriersenseerrors"},
	{"dot3StatsFrameTooLongs", SFLOW_U32, SFLOW_COUNTER, "frames", "eth_frametoolongs"},
	{"dot3StatsInternalMacReceiveErrors", SFLOW_U32, SFLOW_COUNTER, "frames",
		"eth_macrxerrors"},
	{"dot3StatsSymbolErrors", SFLOW_U32, SFLOW_COUNTER, "frames", "eth_symbolerrors"},
};
