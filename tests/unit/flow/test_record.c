/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "flow/record.h"
#include "sampled_packet.h"

/*
 * Records by hand: words of hex, and texts in quotes as XDR strings. Every key of the rows has a
 * record that holds it, with the text it gives, and one that does not.
 */
static const struct row {
	const char *key;
	uint32_t enterprise, format;
	const char *record;
	const char *text; /* NULL: the record does not hold the key */
} rows[] = {
#define GATEWAY "00000001 c6336401 0000fde8 0000fde9 0000fdea "
#define PATH "00000002 00000002 00000002 00000001 00000002 00000001 00000001 00000003 "
#define BEHIND "00000002 00000064 fffffffe 0000000a"
	{"bgpnexthop", 0, 1003, GATEWAY PATH BEHIND, "198.51.100.1"},
	{"bgpnexthop", 0, 1003, "00000000 00000001 00000002 00000003 00000000 00000000 00000000",
		NULL},
	{"bgpnexthop", 0, 1003,
		"00000001 00000000 00000001 00000002 00000003 00000000 00000000 00000000", NULL},
	{"bgpas", 0, 1003, GATEWAY PATH BEHIND, "65000"},
	{"bgpas", 0, 1003, "00000001 c6336401", NULL},
	{"bgpsourceas", 0, 1003, GATEWAY PATH BEHIND, "65001"},
	{"bgpsourceas", 0, 1003, "00000001 c6336401 00000000 ffffffff", NULL},
	{"bgpsourcepeeras", 0, 1003, GATEWAY PATH BEHIND, "65002"},
	{"bgpsourcepeeras", 0, 1003, "00000001 c6336401 0000fde8", NULL},
	{"bgpdestinationas", 0, 1003, GATEWAY PATH BEHIND, "3"},
	{"bgpdestinationas", 0, 1003, GATEWAY "00000000 00000000 0000000a", NULL},
	{"bgpdestinationpeeras", 0, 1003, GATEWAY PATH BEHIND, "1"},
	{"bgpdestinationpeeras", 0, 1003, GATEWAY "00000001 00000002 00000000 00000000 0000000a",
		NULL},
	{"bgpdestinationaspath", 0, 1003, GATEWAY PATH BEHIND, "1-2-3"},
	{"bgpdestinationaspath", 0, 1003, GATEWAY "00000000 00000000 0000000a", NULL},
	{"bgpdestinationaspath", 0, 1003, GATEWAY "00000001 00000002 ffffffff 00000001", NULL},
	{"bgpcommunities", 0, 1003, GATEWAY PATH BEHIND, "100-4294967294"},
	{"bgpcommunities", 0, 1003, GATEWAY "00000000 00000000 0000000a", NULL},
	{"bgplocalpref", 0, 1003, GATEWAY PATH BEHIND, "10"},
	{"bgplocalpref", 0, 1003, GATEWAY "00000000 00000000", NULL},

	{"usersource", 0, 1004, "0000006a 'ann' 0000006a 'bob'", "ann"},
	{"usersource", 0, 1004, "0000006a '' 0000006a 'bob'", NULL},
	{"userdestination", 0, 1004, "0000006a 'ann' 0000006a 'bob'", "bob"},
	{"userdestination", 0, 1004, "0000006a 'ann' 0000006a", NULL},
	{"url", 0, 1005, "00000001 '/a?b' 'h.org'", "/a?b"},
	{"url", 0, 1005, "00000001 '' 'h.org'", NULL},
	{"urlhost", 0, 1005, "00000001 '/a?b' 'h.org'", "h.org"},
	{"urlhost", 0, 1005, "00000001 '/a?b'", NULL},
	{"urldirection", 0, 1005, "00000002 '/a?b' 'h.org'", "destination_is_server"},
	{"urldirection", 0, 1005, "00000007 '/a?b' 'h.org'", "7"},
	{"urldirection", 0, 1005, "", NULL},

	{"mplsnexthop", 0, 1006, "00000001 c6336402 00000000 00000000", "198.51.100.2"},
	{"mplsnexthop", 0, 1006, "00000000 00000000 00000000", NULL},
	{"mplsinputlabels", 0, 1006, "00000000 00000002 00010040 00011140 00000001 00012140",
		"16-17"},
	{"mplsinputlabels", 0, 1006, "00000000 00000000 00000001 00012140", NULL},
	{"mplsoutputlabels", 0, 1006, "00000000 00000001 00010040 00000001 00012140", "18"},
	{"mplsoutputlabels", 0, 1006, "00000000 00000001 00010040 00000009 00012140", NULL},
	{"mplstunnelname", 0, 1008, "'lsp' 00000007 00000005", "lsp"},
	{"mplstunnelname", 0, 1008, "'' 00000007 00000005", NULL},
	{"mplstunnelid", 0, 1008, "'lsp' 00000007 00000005", "7"},
	{"mplstunnelid", 0, 1008, "'lsp'", NULL},
	{"mplstunnelcos", 0, 1008, "'lsp' 00000007 00000005", "5"},
	{"mplstunnelcos", 0, 1008, "'lsp' 00000007", NULL},
	{"mplsvcname", 0, 1009, "'vc' 00000008 00000006", "vc"},
	{"mplsvcname", 0, 1009, "'' 00000008 00000006", NULL},
	{"mplsvcid", 0, 1009, "'vc' 00000008 00000006", "8"},
	{"mplsvcid", 0, 1009, "'vc'", NULL},
	{"mplsvccos", 0, 1009, "'vc' 00000008 00000006", "6"},
	{"mplsvccos", 0, 1009, "'vc' 00000008", NULL},
	{"mplsftnname", 0, 1010, "'ftn' 00000011", "ftn"},
	{"mplsftnname", 0, 1010, "'' 00000011", NULL},
	{"mplsftnmask", 0, 1010, "'ftn' 00000011", "17"},
	{"mplsftnmask", 0, 1010, "'ftn'", NULL},
	{"mplsfecmaskbits", 0, 1011, "00000018", "24"},
	{"mplsfecmaskbits", 0, 1011, "", NULL},

	{"natsource", 0, 1007, "00000001 c0000201 00000002 20010db8000000000000000000000001",
		"192.0.2.1"},
	{"natsource", 0, 1007, "00000001 00000000 00000001 c0000202", NULL},
	{"natdestination", 0, 1007, "00000001 c0000201 00000002 20010db8000000000000000000000001",
		"2001:DB8::1"},
	{"natdestination", 0, 1007, "00000001 c0000201 00000009 c0000202", NULL},
	{"natsourceport", 0, 1020, "000004d2 00000050", "1234"},
	{"natsourceport", 0, 1020, "ffffffff 00000050", NULL},
	{"natdestinationport", 0, 1020, "000004d2 00000050", "80"},
	{"natdestinationport", 0, 1020, "000004d2", NULL},
	{"vlantunnel", 0, 1012, "00000002 8100a00a 81002014", "10-20"},
	{"vlantunnel", 0, 1012, "00000000", NULL},

#define MACS "00000064 020000000001 0000 020000000002 0000 00000800"
#define BARE "00000064 020000000001 020000000002 00000800"
#define IP4 "00000064 00000011 c0000201 c0000202 000004d2 000012b5 00000000 000000b8"
#define IP6                                                                                        \
	"00000064 00000006 20010db8000000000000000000000001 20010db8000000000000000000000002 "     \
	"000004d3 000012b6 00000002 000000b9"
#define TUNNEL(way, l2, ip, ip6, decap, vni)                                                       \
	{way "macsource", 0, l2, MACS, "020000000001"},                                            \
		{way "macsource", 0, l2, "00000064", NULL},                                        \
		{way "macsource", 0, l2, BARE, "020000000001"},                                    \
		{way "macdestination", 0, l2, MACS, "020000000002"},                               \
		{way "macdestination", 0, l2, BARE, "020000000002"},                               \
		{way "macdestination", 0, l2, "00000064 020000000001 0000", NULL},                 \
		{way "ethernetprotocol", 0, l2, MACS, "2048"},                                     \
		{way "ethernetprotocol", 0, l2, BARE, "2048"},                                     \
		{way "ethernetprotocol", 0, l2, "00000064 020000000001 0000", NULL},               \
		{way "ipsource", 0, ip, IP4, "192.0.2.1"}, {way "ipsource", 0, ip6, IP6, NULL},    \
		{way "ipdestination", 0, ip, IP4, "192.0.2.2"},                                    \
		{way "ipdestination", 0, ip, "00000064 00000011 c0000201", NULL},                  \
		{way "ipprotocol", 0, ip, IP4, "17"}, {way "ipprotocol", 0, ip, "00000064", NULL}, \
		{way "iptos", 0, ip, IP4, "184"}, {way "iptos", 0, ip6, IP6, NULL},                \
		{way "ip6source", 0, ip6, IP6, "2001:DB8::1"},                                     \
		{way "ip6source", 0, ip, IP4, NULL},                                               \
		{way "ip6destination", 0, ip6, IP6, "2001:DB8::2"},                                \
		{way "ip6destination", 0, ip, IP4, NULL}, {way "ip6nexthdr", 0, ip6, IP6, "6"},    \
		{way "ip6nexthdr", 0, ip6, "00000064", NULL}, {way "ip6tos", 0, ip6, IP6, "185"},  \
		{way "ip6tos", 0, ip, IP4, NULL}, {way "sourceport", 0, ip, IP4, "1234"},          \
		{way "sourceport", 0, ip6, IP6, "1235"}, {way "sourceport", 0, l2, MACS, NULL},    \
		{way "destinationport", 0, ip, IP4, "4789"},                                       \
		{way "destinationport", 0, ip6, IP6, "4790"},                                      \
		{way "destinationport", 0, l2, MACS, NULL},                                        \
		{way "decapoffset", 0, decap, "00000032", "50"},                                   \
		{way "decapoffset", 0, decap, "ffffffff", NULL},                                   \
		{way "vni", 0, vni, "00001234", "4660"},                                           \
	{                                                                                          \
		way "vni", 0, decap, "00000032", NULL                                              \
	}
	TUNNEL("input", 1022, 1024, 1026, 1028, 1030),
	TUNNEL("output", 1021, 1023, 1025, 1027, 1029),

	{"queueindex", 0, 1036, "00000003", "3"},
	{"queueindex", 0, 1019, "00000004 00000005", "4"},
	{"queueindex", 4413, 1, "00000005", "5"},
	{"queueindex", 0, 1036, "ffffffff", NULL},
	{"queuelength", 0, 1019, "00000004 00000005", "5"},
	{"queuelength", 0, 1019, "00000004", NULL},
	{"queuedepth", 0, 1040, "ffffffff", "4294967295"},
	{"queuedepth", 0, 1039, "00000001", NULL},
	{"transitdelay", 0, 1039, "ffffffff", "4294967295"},
	{"transitdelay", 0, 1040, "00000001", NULL},
	{"aclnumber", 0, 1037, "00000009 'deny' 00000001", "9"},
	{"aclnumber", 0, 1037, "ffffffff 'deny' 00000001", NULL},
	{"aclname", 0, 1037, "00000009 'deny' 00000001", "deny"},
	{"aclname", 0, 1037, "00000009 '' 00000001", NULL},
	{"acldirection", 0, 1037, "00000009 'deny' 00000001", "ingress"},
	{"acldirection", 0, 1037, "00000009 'deny'", NULL},
	{"function", 0, 1038, "'ip_rcv_core'", "ip_rcv_core"},
	{"function", 0, 1038, "''", NULL},
	{"hwtrapgroup", 0, 1041, "'l2_drops' 'vlan_tag'", "l2_drops"},
	{"hwtrapgroup", 0, 1041, "'' 'vlan_tag'", NULL},
	{"hwtrapname", 0, 1041, "'l2_drops' 'vlan_tag'", "vlan_tag"},
	{"hwtrapname", 0, 1041, "'l2_drops' ''", NULL},
	{"linuxreason", 0, 1042, "'NO_SOCKET'", "NO_SOCKET"},
	{"linuxreason", 0, 1041, "'l2_drops' 'vlan_tag'", NULL},
	{"timestamp", 0, 1043, "17e1b3c5 01020304", "1720854191339078404"},
	{"timestamp", 0, 1043, "ffffffff ffffffff", NULL},

#define TCP                                                                                        \
	"00000001 000005a8 000005a0 00000003 00000001 00000002 000005dc 000003e8 00000064 "        \
	"0000000a 00000004 000002bc"
#define TCP_NONE                                                                                   \
	"00000002 ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff "        \
	"ffffffff ffffffff ffffffff"
	{"tcpdirection", 0, 2209, TCP, "received"},
	{"tcpdirection", 0, 2209, TCP_NONE, "sent"},
	{"tcpdirection", 0, 2210, "00000001 00000001 00000001 00000001", NULL},
#define TCP_ROW(name, text)                                                                        \
	{name, 0, 2209, TCP, text},                                                                \
	{                                                                                          \
		name, 0, 2209, TCP_NONE, NULL                                                      \
	}
	TCP_ROW("tcpmsssend", "1448"),
	TCP_ROW("tcpmssreceive", "1440"),
	TCP_ROW("tcpunacked", "3"),
	TCP_ROW("tcplost", "1"),
	TCP_ROW("tcpretrans", "2"),
	TCP_ROW("tcppmtu", "1500"),
	TCP_ROW("tcprtt", "1000"),
	TCP_ROW("tcprttvar", "100"),
	TCP_ROW("tcprttsdev", "125"),
	TCP_ROW("tcprttmin", "700"),
	TCP_ROW("tcprttwait", "300"),
	TCP_ROW("tcpcwnd", "10"),
	TCP_ROW("tcpreordering", "4"),
	/* A round-trip time below the least one is none to reckon with. */
	{"tcprttwait", 0, 2209,
		"00000001 00000000 00000000 00000000 00000000 00000000 00000000 00000001 00000000 "
		"00000000 00000000 00000002",
		NULL},

	{"entitysource", 0, 2210, "00000003 00000050 00000000 0000000a", "3.80"},
	{"entitysource", 0, 2210, "00000000 00000000 00000000 0000000a", NULL},
	{"entitydestination", 0, 2210, "00000003 00000050 00000000 0000000a", "10"},
	{"entitydestination", 0, 2210, "00000003 00000050 00000000", NULL},

#define SOCKET4 "00000006 c0000201 c0000202 00000050 000004d2"
#define SOCKET6                                                                                    \
	"00000011 20010db8000000000000000000000001 20010db8000000000000000000000002 000001bb "     \
	"000004d3"
	{"protocol", 0, 2100, SOCKET4, "6"},
	{"protocol", 0, 2101, SOCKET6, "17"},
	{"protocol", 0, 2102, SOCKET4, NULL},
	{"serveraddress", 0, 2100, SOCKET4, "192.0.2.1"},
	{"serveraddress", 0, 2101, SOCKET6, NULL},
	{"serveraddress6", 0, 2101, SOCKET6, "2001:DB8::1"},
	{"serveraddress6", 0, 2100, SOCKET4, NULL},
	{"serverport", 0, 2100, SOCKET4, "80"},
	{"serverport", 0, 2101, SOCKET6, "443"},
	{"serverport", 0, 2103, SOCKET6, NULL},
	{"clientaddress", 0, 2100, SOCKET4, "192.0.2.2"},
	{"clientaddress", 0, 2101, SOCKET6, NULL},
	{"clientaddress6", 0, 2101, SOCKET6, "2001:DB8::2"},
	{"clientaddress6", 0, 2100, SOCKET4, NULL},
	{"clientport", 0, 2100, SOCKET4, "1234"},
	{"clientport", 0, 2101, SOCKET6, "1235"},
	{"clientport", 0, 2102, SOCKET4, NULL},
	{"proxyprotocol", 0, 2102, SOCKET4, "6"},
	{"proxyprotocol", 0, 2103, SOCKET6, "17"},
	{"proxyprotocol", 0, 2100, SOCKET4, NULL},
	{"proxyserveraddress", 0, 2102, SOCKET4, "192.0.2.2"},
	{"proxyserveraddress", 0, 2103, SOCKET6, NULL},
	{"proxyserveraddress6", 0, 2103, SOCKET6, "2001:DB8::2"},
	{"proxyserveraddress6", 0, 2102, SOCKET4, NULL},
	{"proxyserverport", 0, 2102, SOCKET4, "1234"},
	{"proxyserverport", 0, 2103, SOCKET6, "1235"},
	{"proxyserverport", 0, 2100, SOCKET4, NULL},
	{"proxyclientaddress", 0, 2102, SOCKET4, "192.0.2.1"},
	{"proxyclientaddress", 0, 2103, SOCKET6, NULL},
	{"proxyclientaddress6", 0, 2103, SOCKET6, "2001:DB8::1"},
	{"proxyclientaddress6", 0, 2102, SOCKET4, NULL},
	{"proxyclientport", 0, 2102, SOCKET4, "80"},
	{"proxyclientport", 0, 2103, SOCKET6, "443"},
	{"proxyclientport", 0, 2100, SOCKET4, NULL},
	{"proxyurl", 0, 2207, "'/p' 'up.org'", "/p"},
	{"proxyurl", 0, 2207, "'' 'up.org'", NULL},
	{"proxyhost", 0, 2207, "'/p' 'up.org'", "up.org"},
	{"proxyhost", 0, 2207, "'/p' ''", NULL},

#define HTTP                                                                                       \
	"00000002 000003e9 '/i.html' 'w.org' 'ref' 'curl' '10.9.8.7' 'ann' 'text/html' "           \
	"00000000 00000064 00000001 00000000 000003e7 000000c8"
#define HTTP_NONE                                                                                  \
	"00000063 ffffffff '' '' '' '' '' '' '' ffffffff ffffffff ffffffff ffffffff ffffffff "     \
	"ffffffff"
/* As the modules of web servers sent it, and the two drafts before that. */
#define HTTP_OLD                                                                                   \
	"00000002 000003e9 '/old' 'w.org' 'ref' 'curl' 'ann' 'text/html' 00000001 00000000 "       \
	"000003e7 000000c8"
#define HTTP_FIRST "00000004 '/first' 'w.org' 'ref' 'curl' 'ann' 00000007 000003e7 000000c8"
#define HTTP_SECOND                                                                                \
	"00000004 '/second' 'w.org' 'ref' 'curl' '10.9.8.7' 'ann' 'text/html' 00000000 00000064 "  \
	"00000001 00000000 000003e7 000000c8"
	{"httpmethod", 0, 2206, HTTP, "GET"},
	{"httpmethod", 0, 2201, HTTP_FIRST, "POST"},
	{"httpmethod", 0, 2206, HTTP_NONE, "99"},
	{"httpmethod", 0, 2206, "", NULL},
	{"httpprotocol", 0, 2206, HTTP, "1001"},
	{"httpprotocol", 0, 2206, HTTP_NONE, NULL},
	{"httpprotocol", 0, 2201, HTTP_OLD, "1001"},
	{"httpprotocol", 0, 2201, HTTP_FIRST, NULL},
	{"httphost", 0, 2206, HTTP, "w.org"},
	{"httphost", 0, 2206, HTTP_NONE, NULL},
	{"httphost", 0, 2201, HTTP_SECOND, "w.org"},
	{"httpuseragent", 0, 2206, HTTP, "curl"},
	{"httpuseragent", 0, 2206, HTTP_NONE, NULL},
	{"httpxff", 0, 2206, HTTP, "10.9.8.7"},
	{"httpxff", 0, 2206, HTTP_NONE, NULL},
	{"httpxff", 0, 2201, HTTP_SECOND, "10.9.8.7"},
	{"httpxff", 0, 2201, HTTP_OLD, NULL},
	{"httpauthuser", 0, 2206, HTTP, "ann"},
	{"httpauthuser", 0, 2206, HTTP_NONE, NULL},
	{"httpauthuser", 0, 2201, HTTP_FIRST, "ann"},
	{"httpmimetype", 0, 2206, HTTP, "text/html"},
	{"httpmimetype", 0, 2206, HTTP_NONE, NULL},
	{"httpurl", 0, 2206, HTTP, "/i.html"},
	{"httpurl", 0, 2206, HTTP_NONE, NULL},
	{"httpurl", 0, 2201, HTTP_OLD, "/old"},
	{"httpurl", 0, 2201, HTTP_FIRST, "/first"},
	{"httpurl", 0, 2201, HTTP_SECOND, "/second"},
	{"httpreferer", 0, 2206, HTTP, "ref"},
	{"httpreferer", 0, 2206, HTTP_NONE, NULL},
	{"httpstatus", 0, 2206, HTTP, "200"},
	{"httpstatus", 0, 2206, HTTP_NONE, NULL},
	{"httpstatus", 0, 2201, HTTP_OLD, "200"},
	{"req_bytes", 0, 2206, HTTP, "100"},
	{"req_bytes", 0, 2206, HTTP_NONE, NULL},
	{"req_bytes", 0, 2201, HTTP_OLD, NULL},
	{"resp_bytes", 0, 2206, HTTP, "4294967296"},
	{"resp_bytes", 0, 2206, HTTP_NONE, NULL},
	{"resp_bytes", 0, 2201, HTTP_OLD, "4294967296"},
	{"resp_bytes", 0, 2201, HTTP_FIRST, "7"},
	{"resp_bytes", 0, 2201, HTTP_SECOND, "4294967296"},
	{"duration", 0, 2206, HTTP, "999"},
	{"duration", 0, 2206, HTTP_NONE, NULL},

#define MEMCACHE "00000001 00000007 'session:1' 00000002 00000400 000003e6 00000008"
	{"memcacheprotocol", 0, 2200, MEMCACHE, "ASCII"},
	{"memcacheprotocol", 0, 2206, HTTP, NULL},
	{"memcachecommand", 0, 2200, MEMCACHE, "GET"},
	{"memcachecommand", 0, 2200, "00000001", NULL},
	{"memcachekey", 0, 2200, MEMCACHE, "session:1"},
	{"memcachekey", 0, 2200, "00000001 00000007 ''", NULL},
	{"memcachenkeys", 0, 2200, MEMCACHE, "2"},
	{"memcachenkeys", 0, 2200, "00000001 00000007 'k'", NULL},
	{"memcachevaluebytes", 0, 2200, MEMCACHE, "1024"},
	{"memcachevaluebytes", 0, 2200, "00000001 00000007 'k' 00000002 ffffffff", NULL},
	{"memcachestatus", 0, 2200, MEMCACHE, "NOT_FOUND"},
	{"memcachestatus", 0, 2206, HTTP, NULL},
	{"duration", 0, 2200, MEMCACHE, "998"},

#define APP                                                                                        \
	"'shop' 'buy' 'id=1' 'all is well' 00000000 00000001 00000000 00000002 00000003 00000002"
	{"application", 0, 2202, APP, "shop"},
	{"application", 0, 2202, "''", NULL},
	{"appoperation", 0, 2202, APP, "buy"},
	{"appoperation", 0, 2202, "'shop' ''", NULL},
	{"appattributes", 0, 2202, APP, "id=1"},
	{"appattributes", 0, 2202, "'shop' ''", NULL},
	{"appstatus", 0, 2202, APP, "TIMEOUT"},
	{"appstatus", 0, 2202, "'shop' ''", NULL},
	{"appstatusdescr", 0, 2202, APP, "all is well"},
	{"appstatusdescr", 0, 2202, "''", NULL},
	{"req_bytes", 0, 2202, APP, "1"},
	{"resp_bytes", 0, 2202, APP, "2"},
	{"duration", 0, 2202, APP, "3"},
	{"appparent", 0, 2203, "'till' 'sum' 'k=v'", "till"},
	{"appparent", 0, 2202, APP, NULL},
	{"appparentoperation", 0, 2203, "'till' 'sum' 'k=v'", "sum"},
	{"appparentoperation", 0, 2203, "'till' ''", NULL},
	{"appparentattributes", 0, 2203, "'till' 'sum' 'k=v'", "k=v"},
	{"appparentattributes", 0, 2203, "'till' 'sum'", NULL},
	{"appinitiator", 0, 2204, "'ann'", "ann"},
	{"appinitiator", 0, 2205, "'bob'", NULL},
	{"apptarget", 0, 2205, "'bob'", "bob"},
	{"apptarget", 0, 2204, "'ann'", NULL},
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static void add_words(struct wire *w, const char *hex, const char *end)
{
	char text[2000];
	struct wire words;

	snprintf(text, sizeof(text), "%.*s", (int)(end - hex), hex);
	words = wire_hex(text);
	assert_true(w->len + words.len <= WIRE_MAX);
	memcpy(w->bytes + w->len, words.bytes, words.len);
	w->len += words.len;
}

static void add_record(struct sampled *s, const struct row *row)
{
	uint32_t start = wire_open(&s->records, SFLOW_TAG(row->enterprise, row->format));
	const char *p = row->record, *quote;
	char text[300];

	while ((quote = strchr(p, '\''))) {
		add_words(&s->records, p, quote);
		p = strchr(quote + 1, '\'');
		snprintf(text, sizeof(text), "%.*s", (int)(p - quote - 1), quote + 1);
		wire_string(&s->records, text);
		p++;
	}
	add_words(&s->records, p, p + strlen(p));
	s->record_count++;
	wire_close(&s->records, start);
}

static void test_rows(void **state)
{
	for (unsigned i = 0; i < ROWS; i++) {
		struct sampled s;

		sampled_open(&s);
		add_record(&s, &rows[i]);
		sampled_read(&s);
		expect_key(&s, rows[i].key, rows[i].text);
		sampled_close(&s);
	}
}

/* No key without a record that has it, and one that lacks it; none where there is no record. */
static void test_all_rows(void **state)
{
	struct sampled s;

	sampled_open(&s);
	sampled_read(&s);
	for (unsigned i = 0; i < flow_record_keys_count; i++) {
		const char *name = flow_record_keys[i].name;
		unsigned with = 0, without = 0;

		for (unsigned j = 0; j < ROWS; j++) {
			if (strcmp(rows[j].key, name) != 0)
				continue;
			with += rows[j].text != NULL;
			without += rows[j].text == NULL;
		}
		if (!with || !without)
			fail_msg("%s is not tested", name);
		expect_key(&s, name, NULL);
	}
	sampled_close(&s);
}

/* Rows name fields that there are; rows of one name stand together, the first with a help. */
static void test_table(void **state)
{
	for (unsigned i = 0; i < flow_record_keys_count; i++) {
		const struct flow_record_key *row = &flow_record_keys[i];
		const struct flow_record_key *first =
			flow_record_find(row->name, strlen(row->name));

		assert_int_equal(row == first, row->help != NULL);
		for (const struct flow_record_key *r = first; r < row; r++)
			assert_string_equal(r->name, row->name);
		assert_non_null(sflow_flow_structure(row->tag));
	}
	assert_null(flow_record_find("bgp", 3));
}

/* Every record cut at each length: a value that is whole, or none. */
static void test_cut(void **state)
{
	for (unsigned i = 0; i < ROWS; i++) {
		struct sampled s;
		uint32_t len;

		sampled_open(&s);
		add_record(&s, &rows[i]);
		len = base_get_u32(s.records.bytes + 4);
		while (len > 0) {
			char text[2048];

			len -= len % 4 ? len % 4 : 4;
			base_put_u32(s.records.bytes + 4, len);
			s.records.len = 8 + len;
			sampled_read(&s);
			sampled_key(&s, rows[i].key, text, sizeof(text));
		}
		sampled_close(&s);
	}
}

/* Of two records with one tag, the first counts; of two tags, the one whose row is first. */
static void test_several(void **state)
{
	static const struct row first = {.format = 1019, .record = "00000001 00000005"},
				second = {.format = 1036, .record = "00000002"},
				third = {.format = 1036, .record = "00000003"},
				unknown = {.format = 1036, .record = "ffffffff"};
	struct sampled s;

	sampled_open(&s);
	add_record(&s, &first);
	sampled_read(&s);
	expect_key(&s, "queueindex", "1");
	add_record(&s, &second);
	add_record(&s, &third);
	sampled_read(&s);
	expect_key(&s, "queueindex", "2");
	sampled_close(&s);
	sampled_open(&s);
	add_record(&s, &unknown);
	add_record(&s, &first);
	sampled_read(&s);
	expect_key(&s, "queueindex", "1");
	sampled_close(&s);
}

/* Texts are cut so that they fit a key, lists behind a whole number. */
static void test_long(void **state)
{
	char record[700] = "'", text[300], path[2000] = GATEWAY "00000001 00000002 00000064 ";
	const struct row user = {.format = 1038, .record = record},
			 gateway = {.format = 1003, .record = path};
	struct sampled s;

	memset(record + 1, 'x', 290);
	strcpy(record + 291, "'");
	sampled_open(&s);
	add_record(&s, &user);
	sampled_read(&s);
	assert_true(sampled_key(&s, "function", text, sizeof(text)));
	assert_int_equal(strlen(text), 254);
	sampled_close(&s);

	for (unsigned i = 0; i < 100; i++)
		strcat(path, "3b9ac9ff "); /* 999999999 */
	strcat(path, "00000000 00000001");
	sampled_open(&s);
	add_record(&s, &gateway);
	sampled_read(&s);
	assert_true(sampled_key(&s, "bgpdestinationaspath", text, sizeof(text)));
	assert_int_equal(strlen(text) % 10, 9);
	assert_true(strlen(text) > 230);
	sampled_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_all_rows),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_several),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
