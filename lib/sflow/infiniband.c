/* SPDX-License-Identifier: BSD-3-Clause */
#include "sflow/structure_pvt.h"

/* InfiniBand: sFlow InfiniBand Structures, flow structures 0:1031 to 0:1033, counter structure
 * 0:9. A GID has the form of an IPv6 address and is not one: it is given as bytes. */

/* clang-format off */

STRUCTURE(extended_ib_lrh, "extended_ib_lrh", 0, 1031, 40,
	FIELDS(
		PLAIN("src_vl", U32), PLAIN("src_sl", U32), PLAIN("src_dlid", U32),
		PLAIN("src_slid", U32), PLAIN("src_lnh", U32),
		PLAIN("dst_vl", U32), PLAIN("dst_sl", U32), PLAIN("dst_dlid", U32),
		PLAIN("dst_slid", U32), PLAIN("dst_lnh", U32)),
	SKIPPED);

STRUCTURE(extended_ib_grh, "extended_ib_grh", 0, 1032, 48,
	FIELDS(
		PLAIN("flow_label", U32), PLAIN("tc", U32),
		PLAIN("s_gid", GID), PLAIN("d_gid", GID),
		PLAIN("next_header", U32), PLAIN("length", U32, .unit = "bytes")),
	SKIPPED);

STRUCTURE(extended_ib_bth, "extended_ib_bth", 0, 1033, 12,
	FIELDS(PLAIN("pkey", U32), PLAIN("dst_qp", U32), PLAIN("opcode", U32)),
	SKIPPED);

#define IB(name, unit, metric) COUNTER(name, U32, unit, "ib_" metric)

STRUCTURE(ib_counters, "ib_counters", 0, 9, 64,
	FIELDS(
		COUNTER("PortXmitPkts", U64, "packets", "ib_portxmitpkts"),
		COUNTER("PortRcvPkts", U64, "packets", "ib_portrcvpkts"),
		IB("SymbolErrorCounter", "errors", "symbolerrors"),
		IB("LinkErrorRecoveryCounter", "recoveries", "linkerrorrecoveries"),
		IB("LinkDownedCounter", "times", "linkdowned"),
		IB("PortRcvErrors", "packets", "portrcverrors"),
		IB("PortRcvRemotePhysicalErrors", "packets", "portrcvremotephysicalerrors"),
		IB("PortRcvSwitchRelayErrors", "packets", "portrcvswitchrelayerrors"),
		IB("PortXmitDiscards", "packets", "portxmitdiscards"),
		IB("PortXmitConstraintErrors", "packets", "portxmitconstrainterrors"),
		IB("PortRcvConstraintErrors", "packets", "portrcvconstrainterrors"),
		IB("LocalLinkIntegrityErrors", "errors", "locallinkintegrityerrors"),
		IB("ExcessiveBufferOverrunErrors", "errors", "excessivebufferoverrunerrors"),
		IB("VL15Dropped", "packets", "vl15dropped")),
	SKIPPED);
