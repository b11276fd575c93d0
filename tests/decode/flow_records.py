# SPDX-License-Identifier: BSD-3-Clause
"""Every flow record of the format reference: tag, name, least size in bytes, fields in wire order.

Written from the reference alone (its section 3), not from the decoder that it checks.
"""

ETHERNET = "length src_mac:mac dst_mac:mac type"
IPV4 = "length protocol src_ip:ip4 dst_ip:ip4 src_port dst_port tcp_flags tos"
IPV6 = "length protocol src_ip:ip6 dst_ip:ip6 src_port dst_port tcp_flags priority"
SOCKET4 = "protocol local_ip:ip4 remote_ip:ip4 local_port remote_port"
SOCKET6 = "protocol local_ip:ip6 remote_ip:ip6 local_port remote_port"

ROWS = [
    # 3.1 packet data
    ("0:1", "sampled_header", 16, "header_protocol frame_length stripped header:opaque"),
    ("0:2", "sampled_ethernet", 24, ETHERNET),
    ("0:3", "sampled_ipv4", 32, IPV4),
    ("0:4", "sampled_ipv6", 56, IPV6),
    # 3.2 forwarding
    ("0:1001", "extended_switch", 16, "src_vlan src_priority dst_vlan dst_priority"),
    ("0:1002", "extended_router", 12, "nexthop:addr src_mask_len dst_mask_len"),
    ("0:1003", "extended_gateway", 28,
     "nexthop:addr as src_as src_peer_as dst_as_path:[type asns:list<u32>] communities:list<u32>"
     " localpref"),
    ("0:1004", "extended_user", 16,
     "src_charset src_user:string dst_charset dst_user:string"),
    ("0:1005", "extended_url", 12, "direction url:string host:string"),
    ("0:1006", "extended_mpls", 12, "nexthop:addr in_stack:list<u32> out_stack:list<u32>"),
    ("0:1007", "extended_nat", 8, "src_address:addr dst_address:addr"),
    ("0:1008", "extended_mpls_tunnel", 12, "tunnel_lsp_name:string tunnel_id tunnel_cos"),
    ("0:1009", "extended_mpls_vc", 12, "vc_instance_name:string vll_vc_id vc_label_cos"),
    ("0:1010", "extended_mpls_FTN", 8, "mplsFTNDescr:string mplsFTNMask"),
    ("0:1011", "extended_mpls_LDP_FEC", 4, "mplsFecAddrPrefixLength"),
    ("0:1012", "extended_vlantunnel", 4, "stack:list<u32>"),
    ("0:1017", "extended_openflow_v1", 16, "flow_cookie:u64 flow_match flow_actions"),
    ("0:1018", "extended_fc", 16, "src_mask_len dst_mask_len next_hop metric"),
    ("0:1019", "extended_queue_length", 8, "queueIndex queueLength"),
    ("0:1020", "extended_nat_port", 8, "src_port dst_port"),
    # 3.3 802.11
    ("0:1013", "extended_80211_payload", 8, "cipher_suite data:opaque"),
    ("0:1014", "extended_80211_rx", 40,
     "ssid:string<32> bssid:mac version channel speed:u64 rsni rcpi packet_duration"),
    ("0:1015", "extended_80211_tx", 44,
     "ssid:string<32> bssid:mac version transmissions packet_duration retrans_duration channel"
     " speed:u64 power"),
    ("0:1016", "extended_80211_aggregation", 4, "pdus:pdus"),
    # 3.4 tunnels and overlays
    ("0:1021", "extended_L2_tunnel_egress", 24, ETHERNET),
    ("0:1022", "extended_L2_tunnel_ingress", 24, ETHERNET),
    ("0:1023", "extended_ipv4_tunnel_egress", 32, IPV4),
    ("0:1024", "extended_ipv4_tunnel_ingress", 32, IPV4),
    ("0:1025", "extended_ipv6_tunnel_egress", 56, IPV6),
    ("0:1026", "extended_ipv6_tunnel_ingress", 56, IPV6),
    ("0:1027", "extended_decapsulate_egress", 4, "inner_header_offset"),
    ("0:1028", "extended_decapsulate_ingress", 4, "inner_header_offset"),
    ("0:1029", "extended_vni_egress", 4, "vni"),
    ("0:1030", "extended_vni_ingress", 4, "vni"),
    # 3.5 InfiniBand, VLAN stacks, queues, drops, timing
    ("0:1031", "extended_ib_lrh", 40,
     "src_vl src_sl src_dlid src_slid src_lnh dst_vl dst_sl dst_dlid dst_slid dst_lnh"),
    ("0:1032", "extended_ib_grh", 48,
     "flow_label tc s_gid:opaque[16] d_gid:opaque[16] next_header length"),
    ("0:1033", "extended_ib_bth", 12, "pkey dst_qp opcode"),
    ("0:1034", "extended_vlanin", 4, "stack:list<u32>"),
    ("0:1035", "extended_vlanout", 4, "stack:list<u32>"),
    ("0:1036", "extended_egress_queue", 4, "queue"),
    ("0:1037", "extended_acl", 12, "number name:string direction"),
    ("0:1038", "extended_function", 4, "symbol:string"),
    ("0:1039", "extended_transit", 4, "delay"),
    ("0:1040", "extended_queue", 4, "depth"),
    ("0:1041", "extended_hw_trap", 8, "group:string trap:string"),
    ("0:1042", "extended_linux_drop_reason", 4, "reason:string"),
    ("0:1043", "extended_timestamp", 8, "nanoseconds:u64"),
    # 3.6 transactions and sockets
    ("0:2000", "transaction", 32,
     "direction wait duration status bytes_received:u64 bytes_sent:u64"),
    ("0:2001", "extended_nfs_storage_transaction", 12, "path:string operation status"),
    ("0:2002", "extended_scsi_storage_transaction", 12, "lun operation status"),
    ("0:2003", "extended_http_transaction", 24,
     "url:string host:string referer:string useragent:string user:string status"),
    ("0:2100", "extended_socket_ipv4", 20, SOCKET4),
    ("0:2101", "extended_socket_ipv6", 44, SOCKET6),
    ("0:2102", "extended_proxy_socket_ipv4", 20, SOCKET4),
    ("0:2103", "extended_proxy_socket_ipv6", 44, SOCKET6),
    # 3.7 application layer
    ("0:2200", "memcache_operation", 28,
     "protocol cmd key:string<255> nkeys value_bytes uS status"),
    ("0:2201", "http_request", 48,
     "method protocol uri:string<255> host:string<32> referer:string<255> useragent:string<64>"
     " authuser:string<32> mime_type:string<32> bytes:u64 uS status"),
    ("0:2206", "http_request", 60,
     "method protocol uri:string<255> host:string<64> referer:string<255> useragent:string<128>"
     " xff:string<64> authuser:string<32> mime_type:string<64> req_bytes:u64 resp_bytes:u64 uS"
     " status:i32"),
    ("0:2202", "app_operation", 40,
     "application:string<32> operation:string<32> attributes:string<255> status_descr:string<64>"
     " req_bytes:u64 resp_bytes:u64 uS status"),
    ("0:2203", "app_parent_context", 12,
     "application:string<32> operation:string<32> attributes:string<255>"),
    ("0:2204", "app_initiator", 4, "actor:string<64>"),
    ("0:2205", "app_target", 4, "actor:string<64>"),
    ("0:2207", "extended_proxy_request", 8, "uri:string<255> host:string<64>"),
    ("0:2208", "extended_nav_timing", 92,
     "type redirectCount navigationStart unloadEventStart unloadEventEnd redirectStart"
     " redirectEnd fetchStart domainLookupStart domainLookupEnd connectStart connectEnd"
     " secureConnectionStart requestStart responseStart responseEnd domLoading domInteractive"
     " domContentLoadedEventStart domContentLoadedEventEnd domComplete loadEventStart"
     " loadEventEnd"),
    ("0:2209", "extended_tcp_info", 48,
     "dir snd_mss rcv_mss unacked lost retrans pmtu rtt rttvar snd_cwnd reordering min_rtt"),
    ("0:2210", "extended_entities", 16, "src_class src_index dst_class dst_index"),
    # 3.8 vendors
    ("4413:1", "bst_egress_queue", 4, "queue"),
    ("4300:3", "extended_process", 4, "processes:list<u32>"),
    ("4300:5", "cal_transaction", 32,
     "type depth pool:string<32> transaction:string<128> operation:string<128> status:string<64>"
     " duration_uS:u64"),
    ("43874:1", "class", 4, "classes:list<u32>"),
    ("43874:2", "tag", 16, "tag:u64 tag2:u64"),
    ("43874:3", "class2", 8, "master app"),
]

# Other forms under the same tag, with the name of the deviation: of 0:1013 what sflowtool takes it
# for, of 0:2201 the two drafts before it.
OTHER_FORMS = [
    ("payload_as_header", ("0:1013", "extended_80211_payload", 20,
                           "cipher_suite header_protocol frame_length stripped header:opaque")),
    ("http_draft", ("0:2201", "http_request", 36,
                    "method uri:string<255> host:string<32> referer:string<255>"
                    " useragent:string<64> authuser:string<32> bytes uS status")),
    ("http_draft", ("0:2201", "http_request", 56,
                    "method uri:string<255> host:string<64> referer:string<255>"
                    " useragent:string<128> xff:string<64> authuser:string<32>"
                    " mime_type:string<64> req_bytes:u64 resp_bytes:u64 uS status")),
]
