/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow/record.h"

/* clang-format off */

#define T(format) SFLOW_TAG(0, format)

/* Of a tunnel, in the direction `in` or `out`: L2, IPv4, IPv6 structure, decapsulation, VNI. */
#define TUNNEL(way, l2, ip, ip6, decap, vn, what)                                                  \
	{way "macsource", T(l2), "src_mac", FLOW_READ_PLAIN, "source MAC address of " what},       \
	{way "macdestination", T(l2), "dst_mac", FLOW_READ_PLAIN,                                  \
		"destination MAC address of " what},                                               \
	{way "ethernetprotocol", T(l2), "type", FLOW_READ_PLAIN, "EtherType of " what},            \
	{way "ipsource", T(ip), "src_ip", FLOW_READ_PLAIN, "source IPv4 address of " what},        \
	{way "ipdestination", T(ip), "dst_ip", FLOW_READ_PLAIN,                                    \
		"destination IPv4 address of " what},                                              \
	{way "ipprotocol", T(ip), "protocol", FLOW_READ_PLAIN, "IPv4 protocol of " what},          \
	{way "iptos", T(ip), "tos", FLOW_READ_PLAIN, "IPv4 type of service of " what},             \
	{way "ip6source", T(ip6), "src_ip", FLOW_READ_PLAIN, "source IPv6 address of " what},      \
	{way "ip6destination", T(ip6), "dst_ip", FLOW_READ_PLAIN,                                  \
		"destination IPv6 address of " what},                                              \
	{way "ip6nexthdr", T(ip6), "protocol", FLOW_READ_PLAIN, "IPv6 next header of " what},      \
	{way "ip6tos", T(ip6), "priority", FLOW_READ_PLAIN, "IPv6 traffic class of " what},        \
	{way "sourceport", T(ip), "src_port", FLOW_READ_PLAIN, "TCP or UDP source port of " what}, \
	{way "sourceport", T(ip6), "src_port", FLOW_READ_PLAIN, NULL},                             \
	{way "destinationport", T(ip), "dst_port", FLOW_READ_PLAIN,                                \
		"TCP or UDP destination port of " what},                                           \
	{way "destinationport", T(ip6), "dst_port", FLOW_READ_PLAIN, NULL},                        \
	{way "decapoffset", T(decap), "inner_header_offset", FLOW_READ_PLAIN,                      \
		"bytes into the sampled header where the inner one starts, of " what},             \
	{way "vni", T(vn), "vni", FLOW_READ_PLAIN, "virtual network identifier of " what}

/* Of a transaction over TCP or UDP: its sockets. */
#define SOCKET(name, v4, v6, field, help)                                                          \
	{name, T(v4), field, FLOW_READ_PLAIN, help},                                               \
	{name, T(v6), field, FLOW_READ_PLAIN, NULL}

#define HTTP(name, field, reading, help)                                                           \
	{name, T(2206), field, reading, help}, {name, T(2201), field, reading, NULL}

const struct flow_record_key flow_record_keys[] = {
	{"bgpnexthop", T(1003), "nexthop", FLOW_READ_PLAIN, "BGP next hop"},
	{"bgpas", T(1003), "as", FLOW_READ_PLAIN, "AS of the router"},
	{"bgpsourceas", T(1003), "src_as", FLOW_READ_PLAIN, "AS of the source"},
	{"bgpsourcepeeras", T(1003), "src_peer_as", FLOW_READ_PLAIN,
		"AS of the peer that leads to the source"},
	{"bgpdestinationas", T(1003), "dst_as_path", FLOW_READ_PATH_LAST, "AS of the destination"},
	{"bgpdestinationpeeras", T(1003), "dst_as_path", FLOW_READ_PATH_FIRST,
		"AS of the peer that leads to the destination"},
	{"bgpdestinationaspath", T(1003), "dst_as_path", FLOW_READ_PATH,
		"AS path to the destination, 1-2-3"},
	{"bgpcommunities", T(1003), "communities", FLOW_READ_LIST,
		"BGP communities of the route to the destination, as numbers, 1-2-3"},
	{"bgplocalpref", T(1003), "localpref", FLOW_READ_PLAIN,
		"BGP local preference of the route to the destination"},

	{"usersource", T(1004), "src_user", FLOW_READ_PLAIN, "user at the source"},
	{"userdestination", T(1004), "dst_user", FLOW_READ_PLAIN, "user at the destination"},
	{"url", T(1005), "url", FLOW_READ_PLAIN, "URL of the request that the packet belongs to"},
	{"urlhost", T(1005), "host", FLOW_READ_PLAIN, "host of that request"},
	{"urldirection", T(1005), "direction", FLOW_READ_WORD,
		"source_is_server or destination_is_server, of that request"},

	{"mplsnexthop", T(1006), "nexthop", FLOW_READ_PLAIN, "next hop of MPLS"},
	{"mplsinputlabels", T(1006), "in_stack", FLOW_READ_LABELS,
		"MPLS labels of the packet on its way in, 16-17"},
	{"mplsoutputlabels", T(1006), "out_stack", FLOW_READ_LABELS,
		"MPLS labels of the packet on its way out, 16-17"},
	{"mplstunnelname", T(1008), "tunnel_lsp_name", FLOW_READ_PLAIN, "name of the MPLS tunnel"},
	{"mplstunnelid", T(1008), "tunnel_id", FLOW_READ_PLAIN, "number of the MPLS tunnel"},
	{"mplstunnelcos", T(1008), "tunnel_cos", FLOW_READ_PLAIN,
		"class of service of the MPLS tunnel"},
	{"mplsvcname", T(1009), "vc_instance_name", FLOW_READ_PLAIN,
		"name of the MPLS virtual circuit"},
	{"mplsvcid", T(1009), "vll_vc_id", FLOW_READ_PLAIN, "number of the MPLS virtual circuit"},
	{"mplsvccos", T(1009), "vc_label_cos", FLOW_READ_PLAIN,
		"class of service of the MPLS virtual circuit"},
	{"mplsftnname", T(1010), "mplsFTNDescr", FLOW_READ_PLAIN,
		"description of the MPLS FEC-to-NHLFE entry"},
	{"mplsftnmask", T(1010), "mplsFTNMask", FLOW_READ_PLAIN,
		"mask of the MPLS FEC-to-NHLFE entry"},
	{"mplsfecmaskbits", T(1011), "mplsFecAddrPrefixLength", FLOW_READ_PLAIN,
		"prefix length of the MPLS forwarding equivalence class"},

	{"natsource", T(1007), "src_address", FLOW_READ_PLAIN,
		"source address on the other side of the address translation"},
	{"natdestination", T(1007), "dst_address", FLOW_READ_PLAIN,
		"destination address on the other side of the address translation"},
	{"natsourceport", T(1020), "src_port", FLOW_READ_PLAIN,
		"source port on the other side of the address translation"},
	{"natdestinationport", T(1020), "dst_port", FLOW_READ_PLAIN,
		"destination port on the other side of the address translation"},
	{"vlantunnel", T(1012), "stack", FLOW_READ_VLANS,
		"VLANs that were stripped from the packet, outermost first, 10-20"},

	TUNNEL("input", 1022, 1024, 1026, 1028, 1030, "the tunnel on which the packet came in"),
	TUNNEL("output", 1021, 1023, 1025, 1027, 1029, "the tunnel on which the packet goes out"),

	{"queueindex", T(1036), "queue", FLOW_READ_PLAIN, "queue of the packet at its way out"},
	{"queueindex", T(1019), "queueIndex", FLOW_READ_PLAIN, NULL},
	{"queueindex", SFLOW_TAG(4413, 1), "queue", FLOW_READ_PLAIN, NULL},
	{"queuelength", T(1019), "queueLength", FLOW_READ_PLAIN, "segments in that queue"},
	{"queuedepth", T(1040), "depth", FLOW_READ_EXACT,
		"bytes in that queue when the packet came"},
	{"transitdelay", T(1039), "delay", FLOW_READ_EXACT,
		"nanoseconds that the packet spent in the device; 4294967295 is that or more"},
	{"aclnumber", T(1037), "number", FLOW_READ_PLAIN, "access list that the packet met, by number"},
	{"aclname", T(1037), "name", FLOW_READ_PLAIN, "access list that the packet met, by name"},
	{"acldirection", T(1037), "direction", FLOW_READ_WORD,
		"unknown, ingress or egress: where that access list is"},
	{"function", T(1038), "symbol", FLOW_READ_PLAIN,
		"function of the kernel that dropped the packet"},
	{"hwtrapgroup", T(1041), "group", FLOW_READ_PLAIN, "group of the hardware trap"},
	{"hwtrapname", T(1041), "trap", FLOW_READ_PLAIN, "hardware trap that the packet met"},
	{"linuxreason", T(1042), "reason", FLOW_READ_PLAIN,
		"why the Linux kernel dropped the packet, in its own words"},
	{"timestamp", T(1043), "nanoseconds", FLOW_READ_PLAIN,
		"when the packet was sampled, nanoseconds since 1970"},

	{"tcpdirection", T(2209), "dir", FLOW_READ_WORD,
		"unknown, received or sent: the packet at the host that sampled it"},
	{"tcpmsssend", T(2209), "snd_mss", FLOW_READ_PLAIN,
		"maximum segment size of the connection for sending, bytes"},
	{"tcpmssreceive", T(2209), "rcv_mss", FLOW_READ_PLAIN,
		"maximum segment size of the connection for receiving, bytes"},
	{"tcpunacked", T(2209), "unacked", FLOW_READ_PLAIN,
		"segments of the connection that are not acknowledged"},
	{"tcplost", T(2209), "lost", FLOW_READ_PLAIN, "segments of the connection that are lost"},
	{"tcpretrans", T(2209), "retrans", FLOW_READ_PLAIN,
		"retransmissions of the connection that are under way"},
	{"tcppmtu", T(2209), "pmtu", FLOW_READ_PLAIN, "path MTU of the connection, bytes"},
	{"tcprtt", T(2209), "rtt", FLOW_READ_PLAIN,
		"smoothed round-trip time of the connection, microseconds"},
	{"tcprttvar", T(2209), "rttvar", FLOW_READ_PLAIN,
		"mean deviation of the round-trip time, microseconds"},
	{"tcprttsdev", T(2209), "rttvar", FLOW_READ_DEVIATION,
		"standard deviation of the round-trip time (1.25 times tcprttvar), microseconds"},
	{"tcprttmin", T(2209), "min_rtt", FLOW_READ_PLAIN,
		"least round-trip time of the connection, microseconds"},
	{"tcprttwait", T(2209), "rtt", FLOW_READ_ABOVE,
		"round-trip time above the least one (tcprtt less tcprttmin): time in queues, "
		"microseconds", "min_rtt"},
	{"tcpcwnd", T(2209), "snd_cwnd", FLOW_READ_PLAIN,
		"congestion window of the connection, segments"},
	{"tcpreordering", T(2209), "reordering", FLOW_READ_PLAIN,
		"reordering that the connection reckons with, segments"},

	{"entitysource", T(2210), "src_class", FLOW_READ_SOURCE,
		"data source that sent the packet, such as the container 3.80", "src_index"},
	{"entitydestination", T(2210), "dst_class", FLOW_READ_SOURCE,
		"data source that receives the packet", "dst_index"},

	SOCKET("protocol", 2100, 2101, "protocol", "IP protocol of the transaction's socket"),
	{"serveraddress", T(2100), "local_ip", FLOW_READ_PLAIN, "IPv4 address of the server"},
	{"serveraddress6", T(2101), "local_ip", FLOW_READ_PLAIN, "IPv6 address of the server"},
	SOCKET("serverport", 2100, 2101, "local_port", "port of the server"),
	{"clientaddress", T(2100), "remote_ip", FLOW_READ_PLAIN, "IPv4 address of the client"},
	{"clientaddress6", T(2101), "remote_ip", FLOW_READ_PLAIN, "IPv6 address of the client"},
	SOCKET("clientport", 2100, 2101, "remote_port", "port of the client"),
	SOCKET("proxyprotocol", 2102, 2103, "protocol",
		"IP protocol of the proxy's socket to the server behind it"),
	{"proxyserveraddress", T(2102), "remote_ip", FLOW_READ_PLAIN,
		"IPv4 address of the server behind the proxy"},
	{"proxyserveraddress6", T(2103), "remote_ip", FLOW_READ_PLAIN,
		"IPv6 address of the server behind the proxy"},
	SOCKET("proxyserverport", 2102, 2103, "remote_port", "port of the server behind the proxy"),
	{"proxyclientaddress", T(2102), "local_ip", FLOW_READ_PLAIN,
		"IPv4 address of the proxy towards the server behind it"},
	{"proxyclientaddress6", T(2103), "local_ip", FLOW_READ_PLAIN,
		"IPv6 address of the proxy towards the server behind it"},
	SOCKET("proxyclientport", 2102, 2103, "local_port",
		"port of the proxy towards the server behind it"),
	{"proxyurl", T(2207), "uri", FLOW_READ_PLAIN, "URL of the proxy's request"},
	{"proxyhost", T(2207), "host", FLOW_READ_PLAIN, "host of the proxy's request"},

	HTTP("httpmethod", "method", FLOW_READ_WORD, "HTTP method, such as GET"),
	HTTP("httpprotocol", "protocol", FLOW_READ_PLAIN, "HTTP version: 1001 is 1.1"),
	HTTP("httphost", "host", FLOW_READ_PLAIN, "host of the HTTP request"),
	HTTP("httpuseragent", "useragent", FLOW_READ_PLAIN, "user agent of the HTTP request"),
	HTTP("httpxff", "xff", FLOW_READ_PLAIN, "X-Forwarded-For of the HTTP request"),
	HTTP("httpauthuser", "authuser", FLOW_READ_PLAIN, "authenticated user of the HTTP request"),
	HTTP("httpmimetype", "mime_type", FLOW_READ_PLAIN, "MIME type of the HTTP response"),
	HTTP("httpurl", "uri", FLOW_READ_PLAIN, "URL of the HTTP request"),
	HTTP("httpreferer", "referer", FLOW_READ_PLAIN, "referer of the HTTP request"),
	HTTP("httpstatus", "status", FLOW_READ_PLAIN, "status of the HTTP response"),

	HTTP("req_bytes", "req_bytes", FLOW_READ_PLAIN, "bytes of the request (HTTP, application)"),
	{"req_bytes", T(2202), "req_bytes", FLOW_READ_PLAIN, NULL},
	HTTP("resp_bytes", "resp_bytes", FLOW_READ_PLAIN,
		"bytes of the response (HTTP, application)"),
	{"resp_bytes", T(2201), "bytes", FLOW_READ_PLAIN, NULL},
	{"resp_bytes", T(2202), "resp_bytes", FLOW_READ_PLAIN, NULL},
	HTTP("duration", "uS", FLOW_READ_PLAIN,
		"microseconds that the operation took (HTTP, memcache, application)"),
	{"duration", T(2200), "uS", FLOW_READ_PLAIN, NULL},
	{"duration", T(2202), "uS", FLOW_READ_PLAIN, NULL},

	{"memcacheprotocol", T(2200), "protocol", FLOW_READ_WORD, "OTHER, ASCII or BINARY"},
	{"memcachecommand", T(2200), "cmd", FLOW_READ_WORD, "memcache command, such as GET"},
	{"memcachekey", T(2200), "key", FLOW_READ_PLAIN, "key of the memcache operation"},
	{"memcachenkeys", T(2200), "nkeys", FLOW_READ_PLAIN, "keys of the memcache operation"},
	{"memcachevaluebytes", T(2200), "value_bytes", FLOW_READ_PLAIN,
		"bytes of the memcache value"},
	{"memcachestatus", T(2200), "status", FLOW_READ_WORD,
		"outcome of the memcache operation, such as NOT_FOUND"},

	{"application", T(2202), "application", FLOW_READ_PLAIN, "name of the application"},
	{"appoperation", T(2202), "operation", FLOW_READ_PLAIN, "operation of the application"},
	{"appattributes", T(2202), "attributes", FLOW_READ_PLAIN, "attributes of the operation"},
	{"appstatus", T(2202), "status", FLOW_READ_WORD,
		"outcome of the operation, such as SUCCESS"},
	{"appstatusdescr", T(2202), "status_descr", FLOW_READ_PLAIN,
		"outcome of the operation, in the application's own words"},
	{"appparent", T(2203), "application", FLOW_READ_PLAIN,
		"name of the application that the operation is a part of"},
	{"appparentoperation", T(2203), "operation", FLOW_READ_PLAIN,
		"operation that the operation is a part of"},
	{"appparentattributes", T(2203), "attributes", FLOW_READ_PLAIN,
		"attributes of the operation that the operation is a part of"},
	{"appinitiator", T(2204), "actor", FLOW_READ_PLAIN, "who asked for the operation"},
	{"apptarget", T(2205), "actor", FLOW_READ_PLAIN, "whom the operation is about"},
};
/* clang-format on */

const unsigned flow_record_keys_count = sizeof(flow_record_keys) / sizeof(flow_record_keys[0]);
