# SPDX-License-Identifier: BSD-3-Clause
"""The lines that sflowtool prints for each record: the T: entries of the reference.

A record that is not here is skipped as unknown. An item is `line=field`, or `line` alone where both
are called the same. `:N` keeps N bytes of a text, `[...]` is printed only for a text that is not
empty, `!how` names a way of printing in text_records.py. `*` stands for every field of the
structure in order, with what precedes it put before each name.
"""

SOCKET = "{0}_ip_protocol=protocol {0}_local_ip=local_ip {0}_remote_ip=remote_ip" \
    " {0}_local_port=local_port {0}_remote_port=remote_port"

# Tag: first line or None, items. Heads in braces are put together in text_records.py.
FLOW = {
    "0:1001": ("extendedType SWITCH",
               "in_vlan=src_vlan in_priority=src_priority out_vlan=dst_vlan"
               " out_priority=dst_priority"),
    "0:1002": ("extendedType ROUTER",
               "nextHop=nexthop srcSubnetMask=src_mask_len dstSubnetMask=dst_mask_len"),
    "0:1003": ("extendedType GATEWAY",
               "bgp_nexthop=nexthop my_as=as src_as src_peer_as dst_as_path!path"
               " BGP_communities=communities!numbers BGP_localpref=localpref"),
    "0:1004": ("extendedType USER",
               "src_user_charset=src_charset dst_user_charset=dst_charset src_user:199"
               " dst_user:199"),
    "0:1005": ("extendedType URL", "url_direction=direction url:199 host:199"),
    "0:1006": ("extendedType MPLS",
               "mpls_nexthop=nexthop mpls_input_stack=in_stack!labels"
               " mpls_output_stack=out_stack!labels"),
    "0:1007": ("extendedType NAT", "nat_src=src_address nat_dst=dst_address"),
    "0:1008": (None, "[mpls_tunnel_lsp_name=tunnel_lsp_name:99] mpls_tunnel_id=tunnel_id"
                     " mpls_tunnel_cos=tunnel_cos"),
    "0:1009": (None, "[mpls_vc_name=vc_instance_name:99] mpls_vll_vc_id=vll_vc_id"
                     " mpls_vc_cos=vc_label_cos"),
    "0:1010": (None, "[mpls_ftn_descr=mplsFTNDescr:99] mpls_ftn_mask=mplsFTNMask"),
    "0:1011": (None, "mpls_fec_addr_prefix_len=mplsFecAddrPrefixLength"),
    "0:1012": (None, "vlan_tunnel=stack!tags"),
    "0:1014": (None, "[rx_SSID=ssid:255] rx_BSSID=bssid rx_version=version rx_channel=channel"
                     " rx_speed=speed rx_rsni=rsni rx_rcpi=rcpi rx_packet_uS=packet_duration"),
    "0:1015": (None, "[tx_SSID=ssid:255] tx_BSSID=bssid tx_version=version"
                     " tx_transmissions=transmissions tx_packet_uS=packet_duration"
                     " tx_retrans_uS=retrans_duration tx_channel=channel tx_speed=speed"
                     " tx_power_mW=power"),
    "0:1020": ("extendedType NAT PORT", "nat_src_port=src_port nat_dst_port=dst_port"),
    "0:1027": ("extendedType out_decap", "out_decap_inner_header_offset=inner_header_offset"),
    "0:1028": ("extendedType in_decap", "in_decap_inner_header_offset=inner_header_offset"),
    "0:1029": ("extendedType out_VNI", "out_VNI=vni"),
    "0:1030": ("extendedType in_VNI", "in_VNI=vni"),
    "0:1036": ("extendedType egress_queue", "egress_queue_id=queue"),
    "0:1038": ("extendedType function", "[symbol:63]"),
    "0:1039": ("extendedType transit_delay", "transit_delay_nS=delay"),
    "0:1040": ("extendedType queue_depth", "queue_depth_bytes=depth"),
    "0:1041": ("extendedType hw_trap", "[hw_trap_group=group:63] [hw_trap_name=trap:63]"),
    "0:1042": ("extendedType linux_reason", "[linux_drop_reason=reason:63]"),
    "0:1043": ("extendedType timestamp", "timestamp_nS=nanoseconds"),
    "0:2100": ("extendedType socket4", SOCKET.format("socket4")),
    "0:2101": ("extendedType socket6", SOCKET.format("socket6")),
    "0:2102": ("extendedType proxy_socket4", SOCKET.format("proxy_socket4")),
    "0:2103": ("extendedType proxy_socket6", SOCKET.format("proxy_socket6")),
    "0:2200": ("flowSampleType memcache",
               "memcache_op_protocol=protocol memcache_op_cmd=cmd memcache_op_key=key!key"
               " memcache_op_nkeys=nkeys memcache_op_value_bytes=value_bytes"
               " memcache_op_duration_uS=uS memcache_op_status=status"),
    "0:2201": ("flowSampleType http",
               "http_method=method http_protocol=protocol [http_uri=uri:254]"
               " [http_host=host:63] [http_referrer=referer:254] [http_useragent=useragent:127]"
               " [http_xff=xff:63] [http_authuser=authuser:31] [http_mimetype=mime_type:63]"
               " http_request_bytes=req_bytes http_bytes=bytes http_bytes=resp_bytes"
               " http_duration_uS=uS http_status=status"),
    "0:2206": ("flowSampleType http",
               "http_method=method http_protocol=protocol [http_uri=uri:254]"
               " [http_host=host:63] [http_referrer=referer:254] [http_useragent=useragent:127]"
               " [http_xff=xff:63] [http_authuser=authuser:31] [http_mimetype=mime_type:63]"
               " http_request_bytes=req_bytes http_bytes=resp_bytes http_duration_uS=uS"
               " http_status=status!unsigned"),
    "0:2202": ("flowSampleType applicationOperation",
               "[application:31] [operation:31] [attributes:254] [status_descr:31]"
               " request_bytes=req_bytes response_bytes=resp_bytes duration_uS=uS"
               " status!application_status"),
    "0:2203": (None, "[server_context_application=application:31]"
                     " [server_context_operation=operation:31]"
                     " [server_context_attributes=attributes:254]"),
    "0:2204": (None, "[actor_initiator=actor:63]"),
    "0:2205": (None, "[actor_target=actor:63]"),
    "0:2209": (None, "tcpinfo_direction=dir!direction tcpinfo_send_mss=snd_mss"
                     " tcpinfo_receive_mss=rcv_mss tcpinfo_unacked_pkts=unacked"
                     " tcpinfo_lost_pkts=lost tcpinfo_retrans_pkts=retrans tcpinfo_path_mtu=pmtu"
                     " tcpinfo_rtt_uS=rtt tcpinfo_rtt_uS_var=rttvar"
                     " tcpinfo_send_congestion_win=snd_cwnd tcpinfo_reordering=reordering"
                     " tcpinfo_rtt_uS_min=min_rtt"),
    "0:2210": ("extendedType entities",
               "entities_src_class=src_class entities_src_index=src_index"
               " entities_dst_class=dst_class entities_dst_index=dst_index"),
}

# Flow records with one body under several tags: prefix of all their lines, by tag.
ETHERNET_PREFIXES = {"0:2": "", "0:1021": "tunnel_l2_out_", "0:1022": "tunnel_l2_in_"}
IP_PREFIXES = {"0:3": "", "0:1023": "tunnel_ipv4_out_", "0:1024": "tunnel_ipv4_in_",
               "0:4": "", "0:1025": "tunnel_ipv6_out_", "0:1026": "tunnel_ipv6_in_"}

NET_IO = "{0}bytes_in=bytes_in {0}pkts_in=pkts_in {0}errs_in=errs_in {0}drops_in=drops_in" \
    " {0}bytes_out=bytes_out {0}pkts_out=packets_out {0}errs_out=errs_out {0}drops_out=drops_out"

COUNTER = {
    "0:1": "ifIndex networkType=ifType ifSpeed ifDirection ifStatus ifInOctets ifInUcastPkts"
           " ifInMulticastPkts ifInBroadcastPkts ifInDiscards ifInErrors ifInUnknownProtos"
           " ifOutOctets ifOutUcastPkts ifOutMulticastPkts ifOutBroadcastPkts ifOutDiscards"
           " ifOutErrors ifPromiscuousMode",
    "0:2": "*", "0:3": "*", "0:4": "*",
    "0:5": "in_vlan=vlan_id octets ucastPkts multicastPkts broadcastPkts discards",
    "0:6": "*",
    "0:7": "actorSystemID partnerSystemID=partnerOperSystemID attachedAggID actorAdminPortState"
           " actorOperPortState partnerAdminPortState partnerOperPortState LACPDUsRx"
           " markerPDUsRx=MarkerPDUsRx markerResponsePDUsRx=MarkerResponsePDUsRx"
           " unknownRx=UnknownRx illegalRx=IllegalRx LACPDUsTx markerPDUsTx=MarkerPDUsTx"
           " markerResponsePDUsTx=MarkerResponsePDUsTx",
    "0:10": "sfp_module_id=module_id sfp_module_total_lanes=module_num_lanes"
            " sfp_module_supply_voltage=module_supply_voltage"
            " sfp_module_temperature=module_temperature lanes!lanes",
    "0:11": "PFC_*",
    "0:1001": "5s_cpu 1m_cpu 5m_cpu total_memory_bytes=total_memory"
              " free_memory_bytes=free_memory",
    "0:1002": "radio_*",
    "0:1004": "openflow_datapath_id=datapath_id!hex64 openflow_port=port_no",
    "0:1005": "[ifName=name:254]",
    "0:2000": "[hostname:63] UUID=uuid machine_type os_name [os_release:31]",
    "0:2001": "adapters!adapters",
    "0:2002": "parent_dsClass=container_type parent_dsIndex=container_index",
    "0:2003": "cpu_load_one=load_one cpu_load_five=load_five cpu_load_fifteen=load_fifteen"
              " cpu_proc_run=proc_run cpu_proc_total=proc_total cpu_num cpu_speed"
              " cpu_uptime=uptime cpu_user cpu_nice cpu_system cpu_idle cpu_wio cpuintr=cpu_intr"
              " cpu_sintr cpuinterrupts=interrupts cpu_contexts=contexts cpu_steal cpu_guest"
              " cpu_guest_nice",
    "0:2004": "*",
    "0:2005": "disk_total disk_free disk_partition_max_used=part_max_used disk_reads=reads"
              " disk_bytes_read=bytes_read disk_read_time=read_time disk_writes=writes"
              " disk_bytes_written=bytes_written disk_write_time=write_time",
    "0:2006": NET_IO.format("nio_"),
    "0:2007": "*", "0:2008": "*", "0:2009": "*", "0:2010": "*",
    "0:2100": "vnode_*",
    "0:2101": "vcpu_state=state vcpu_cpu_mS=cpuTime vcpu_cpuCount=nrVirtCpu",
    "0:2102": "vmem_*",
    "0:2103": "vdsk_capacity=capacity vdsk_allocation=allocation vdsk_available=physical"
              " vdsk_rd_req=rd_req vdsk_rd_bytes=rd_bytes vdsk_wr_req=wr_req"
              " vdsk_wr_bytes=wr_bytes vdsk_errs=errs",
    "0:2104": NET_IO.format("vnio_"),
    "0:2105": "[jvm_name=vm_name:63] [jvm_vendor=vm_vendor:31] [jvm_version=vm_version:31]",
    "0:2106": "heap_mem_initial=heap_initial heap_mem_used=heap_used"
              " heap_mem_committed=heap_committed heap_mem_max=heap_max"
              " non_heap_mem_initial=non_heap_initial non_heap_mem_used=non_heap_used"
              " non_heap_mem_committed=non_heap_committed non_heap_mem_max=non_heap_max gc_count"
              " gc_mS=gc_time classes_loaded classes_total classes_unloaded"
              " compilation_mS=compilation_time threads_live=thread_num_live"
              " threads_daemon=thread_num_daemon threads_started=thread_num_started"
              " fds_open=fd_open_count fds_max=fd_max_count",
    "0:2200": "memcache_*", "0:2204": "memcache_*",
    "0:2201": "http_method_option_count=method_option_count http_method_get_count=method_get_count"
              " http_method_head_count=method_head_count http_method_post_count=method_post_count"
              " http_method_put_count=method_put_count"
              " http_method_delete_count=method_delete_count"
              " http_method_trace_count=method_trace_count"
              " http_methd_connect_count=method_connect_count http_*",
    "0:2202": "[application:31] status_OK=success errors_OTHER=other errors_TIMEOUT=timeout"
              " errors_INTERNAL_ERROR=internal_error errors_BAD_REQUEST=bad_request"
              " errors_FORBIDDEN=forbidden errors_TOO_LARGE=too_large"
              " errors_NOT_IMPLEMENTED=not_implemented errors_NOT_FOUND=not_found"
              " errors_UNAVAILABLE=unavailable errors_UNAUTHORIZED=unauthorized",
    "0:2203": "user_time system_time memory_used=mem_used memory_max=mem_max files_open=fd_open"
              " files_max=fd_max connections_open=conn_open connections_max=conn_max",
    "0:2205": "vdi_*",
    "0:2206": "workers_active workers_idle workers_max requests_delayed=req_delayed"
              " requests_dropped=req_dropped",
    "0:2207": "OVS_dp_*",
    "4413:3": "bcm_asic_host_entries=host_entries bcm_*",
    "5703:1": "nvml_device_count=device_count nvml_processes=processes nvml_gpu_mS=gpu_time"
              " nvml_mem_mS=mem_time nvml_mem_bytes_total=mem_total"
              " nvml_mem_bytes_free=mem_free nvml_ecc_errors=ecc_errors nvml_energy_mJ=energy"
              " nvml_temperature_C=temperature nvml_fan_speed_pc=fan_speed",
}

# Lines of one optical lane; most have a format left in their names.
LANE = "index tx_bias_current_uA=tx_bias_current tx_power_uW.%u=tx_power" \
    " tx_power_min_uW.%u=tx_power_min tx_power_max_uW.%u=tx_power_max" \
    " tx_wavelength_nM.%u=tx_wavelength rx_power_uW.%u=rx_power rx_power_min_uW.%u=rx_power_min" \
    " rx_power_max_uW.%u=rx_power_max rx_wavelength_nM.%u=rx_wavelength"

APPLICATION_STATUS = ("SUCCESS", "OTHER", "TIMEOUT", "INTERNAL_ERROR", "BAD_REQUEST", "FORBIDDEN",
                      "TOO_LARGE", "NOT_IMPLEMENTED", "NOT_FOUND", "UNAVAILABLE", "UNATHORIZED")
TCP_DIRECTION = ("unknown", "received", "sent")
