/* SPDX-License-Identifier: BSD-3-Clause */
#include "sflow/structure_pvt.h"

/* The protocol stack of a host, after the groups of MIB-2: sFlow Host TCP/IP Structures, counter
 * structures 0:2007 to 0:2010. */

/* clang-format off */

#define IP(name, metric) COUNTER("ip" name, U32, "packets", "ip_" metric)

STRUCTURE(mib2_ip_group, "mib2_ip_group", 0, 2007, 76,
	FIELDS(
		GAUGE("ipForwarding", U32, NULL, "ip_forwarding"),
		GAUGE("ipDefaultTTL", U32, "hops", "ip_defaultttl"),
		IP("InReceives", "inreceives"), IP("InHdrErrors", "inhdrerrors"),
		IP("InAddrErrors", "inaddrerrors"), IP("ForwDatagrams", "forwdatagrams"),
		IP("InUnknownProtos", "inunknownprotos"), IP("InDiscards", "indiscards"),
		IP("InDelivers", "indelivers"), IP("OutRequests", "outrequests"),
		IP("OutDiscards", "outdiscards"), IP("OutNoRoutes", "outnoroutes"),
		GAUGE("ipReasmTimeout", U32, "seconds", "ip_reasmtimeout"),
		IP("ReasmReqds", "reasmreqds"), IP("ReasmOKs", "reasmoks"),
		IP("ReasmFails", "reasmfails"), IP("FragOKs", "fragoks"),
		IP("FragFails", "fragfails"), IP("FragCreates", "fragcreates")));

#define ICMP(name, metric) COUNTER("icmp" name, U32, "packets", "icmp_" metric)

/* icmpInTimestampReps is not in the definition. */
STRUCTURE(mib2_icmp_group, "mib2_icmp_group", 0, 2008, 100,
	FIELDS(
		ICMP("InMsgs", "inmsgs"), ICMP("InErrors", "inerrors"),
		ICMP("InDestUnreachs", "indestunreachs"), ICMP("InTimeExcds", "intimeexcds"),
		ICMP("InParamProbs", "inparamprobs"), ICMP("InSrcQuenchs", "insrcquenchs"),
		ICMP("InRedirects", "inredirects"), ICMP("InEchos", "inechos"),
		ICMP("InEchoReps", "inechoreps"), ICMP("InTimestamps", "intimestamps"),
		ICMP("InAddrMasks", "inaddrmasks"), ICMP("InAddrMaskReps", "inaddrmaskreps"),
		ICMP("OutMsgs", "outmsgs"), ICMP("OutErrors", "outerrors"),
		ICMP("OutDestUnreachs", "outdestunreachs"), ICMP("OutTimeExcds", "outtimeexcds"),
		ICMP("OutParamProbs", "outparamprobs"), ICMP("OutSrcQuenchs", "outsrcquenchs"),
		ICMP("OutRedirects", "outredirects"), ICMP("OutEchos", "outechos"),
		ICMP("OutEchoReps", "outechoreps"), ICMP("OutTimestamps", "outtimestamps"),
		ICMP("OutTimestampReps", "outtimestampreps"), ICMP("OutAddrMasks", "outaddrmasks"),
		ICMP("OutAddrMaskReps", "outaddrmaskreps")));

#define TCP(name, unit, metric) COUNTER("tcp" name, U32, unit, "tcp_" metric)

STRUCTURE(mib2_tcp_group, "mib2_tcp_group", 0, 2009, 60,
	FIELDS(
		GAUGE("tcpRtoAlgorithm", U32, NULL, "tcp_rtoalgorithm"),
		GAUGE("tcpRtoMin", U32, "milliseconds", "tcp_rtomin"),
		GAUGE("tcpRtoMax", U32, "milliseconds", "tcp_rtomax"),
		GAUGE("tcpMaxConn", U32, "connections", "tcp_maxconn"),
		TCP("ActiveOpens", "connections", "activeopens"),
		TCP("PassiveOpens", "connections", "passiveopens"),
		TCP("AttemptFails", "connections", "attemptfails"),
		TCP("EstabResets", "connections", "estabresets"),
		GAUGE("tcpCurrEstab", U32, "connections", "tcp_currestab"),
		TCP("InSegs", "segments", "insegs"),
		TCP("OutSegs", "segments", "outsegs"),
		TCP("RetransSegs", "segments", "retranssegs"),
		TCP("InErrs", "segments", "inerrs"),
		TCP("OutRsts", "segments", "outrsts"),
		TCP("InCsumErrors", "segments", "incsumerrors")));

#define UDP(name, metric) COUNTER("udp" name, U32, "datagrams", "udp_" metric)

STRUCTURE(mib2_udp_group, "mib2_udp_group", 0, 2010, 28,
	FIELDS(
		UDP("InDatagrams", "indatagrams"), UDP("NoPorts", "noports"),
		UDP("InErrors", "inerrors"), UDP("OutDatagrams", "outdatagrams"),
		UDP("RcvbufErrors", "rcvbuferrors"), UDP("SndbufErrors", "sndbuferrors"),
		UDP("InCsumErrors", "incsumerrors")));
