/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

/*
 * Which structures there are, in ascending order of tags: X(enterprise, format, identifier). Their
 * rows are in the file of their family. Those of sFlow.org are found by one look at an array, those
 * of vendors, which are few, by a search.
 */

#define SFLOW_FLOW_STANDARD(X)                                                                     \
	X(0, 1, sampled_header)                                                                    \
	X(0, 2, sampled_ethernet)                                                                  \
	X(0, 3, sampled_ipv4)                                                                      \
	X(0, 4, sampled_ipv6)                                                                      \
	X(0, 1001, extended_switch)                                                                \
	X(0, 1002, extended_router)                                                                \
	X(0, 1003, extended_gateway)                                                               \
	X(0, 1004, extended_user)                                                                  \
	X(0, 1005, extended_url)                                                                   \
	X(0, 1006, extended_mpls)                                                                  \
	X(0, 1007, extended_nat)                                                                   \
	X(0, 1008, extended_mpls_tunnel)                                                           \
	X(0, 1009, extended_mpls_vc)                                                               \
	X(0, 1010, extended_mpls_ftn)                                                              \
	X(0, 1011, extended_mpls_ldp_fec)                                                          \
	X(0, 1012, extended_vlantunnel)                                                            \
	X(0, 1013, extended_80211_payload)                                                         \
	X(0, 1014, extended_80211_rx)                                                              \
	X(0, 1015, extended_80211_tx)                                                              \
	X(0, 1016, extended_80211_aggregation)                                                     \
	X(0, 1017, extended_openflow_v1)                                                           \
	X(0, 1018, extended_fc)                                                                    \
	X(0, 1019, extended_queue_length)                                                          \
	X(0, 1020, extended_nat_port)                                                              \
	X(0, 1021, extended_l2_tunnel_egress)                                                      \
	X(0, 1022, extended_l2_tunnel_ingress)                                                     \
	X(0, 1023, extended_ipv4_tunnel_egress)                                                    \
	X(0, 1024, extended_ipv4_tunnel_ingress)                                                   \
	X(0, 1025, extended_ipv6_tunnel_egress)                                                    \
	X(0, 1026, extended_ipv6_tunnel_ingress)                                                   \
	X(0, 1027, extended_decapsulate_egress)                                                    \
	X(0, 1028, extended_decapsulate_ingress)                                                   \
	X(0, 1029, extended_vni_egress)                                                            \
	X(0, 1030, extended_vni_ingress)                                                           \
	X(0, 1031, extended_ib_lrh)                                                                \
	X(0, 1032, extended_ib_grh)                                                                \
	X(0, 1033, extended_ib_bth)                                                                \
	X(0, 1034, extended_vlanin)                                                                \
	X(0, 1035, extended_vlanout)                                                               \
	X(0, 1036, extended_egress_queue)                                                          \
	X(0, 1037, extended_acl)                                                                   \
	X(0, 1038, extended_function)                                                              \
	X(0, 1039, extended_transit)                                                               \
	X(0, 1040, extended_queue)                                                                 \
	X(0, 1041, extended_hw_trap)                                                               \
	X(0, 1042, extended_linux_drop_reason)                                                     \
	X(0, 1043, extended_timestamp)                                                             \
	X(0, 2000, transaction)                                                                    \
	X(0, 2001, extended_nfs_storage_transaction)                                               \
	X(0, 2002, extended_scsi_storage_transaction)                                              \
	X(0, 2003, extended_http_transaction)                                                      \
	X(0, 2100, extended_socket_ipv4)                                                           \
	X(0, 2101, extended_socket_ipv6)                                                           \
	X(0, 2102, extended_proxy_socket_ipv4)                                                     \
	X(0, 2103, extended_proxy_socket_ipv6)                                                     \
	X(0, 2200, memcache_operation)                                                             \
	X(0, 2201, http_request_old)                                                               \
	X(0, 2202, app_operation)                                                                  \
	X(0, 2203, app_parent_context)                                                             \
	X(0, 2204, app_initiator)                                                                  \
	X(0, 2205, app_target)                                                                     \
	X(0, 2206, http_request)                                                                   \
	X(0, 2207, extended_proxy_request)                                                         \
	X(0, 2208, extended_nav_timing)                                                            \
	X(0, 2209, extended_tcp_info)                                                              \
	X(0, 2210, extended_entities)

#define SFLOW_FLOW_VENDOR(X)                                                                       \
	X(4300, 3, extended_process)                                                               \
	X(4300, 5, cal_transaction)                                                                \
	X(4413, 1, bst_egress_queue)                                                               \
	X(43874, 1, pmacct_class)                                                                  \
	X(43874, 2, pmacct_tag)                                                                    \
	X(43874, 3, pmacct_class2)

#define SFLOW_COUNTER_STANDARD(X)                                                                  \
	X(0, 1, if_counters)                                                                       \
	X(0, 2, ethernet_counters)                                                                 \
	X(0, 3, tokenring_counters)                                                                \
	X(0, 4, vg_counters)                                                                       \
	X(0, 5, vlan_counters)                                                                     \
	X(0, 6, ieee80211_counters)                                                                \
	X(0, 7, lag_port_stats)                                                                    \
	X(0, 8, slow_path_counts)                                                                  \
	X(0, 9, ib_counters)                                                                       \
	X(0, 10, sfp)                                                                              \
	X(0, 11, pfc_counters)                                                                     \
	X(0, 1001, processor)                                                                      \
	X(0, 1002, radio_utilization)                                                              \
	X(0, 1003, queue_length)                                                                   \
	X(0, 1004, of_port)                                                                        \
	X(0, 1005, port_name)                                                                      \
	X(0, 2000, host_descr)                                                                     \
	X(0, 2001, host_adapters)                                                                  \
	X(0, 2002, host_parent)                                                                    \
	X(0, 2003, host_cpu)                                                                       \
	X(0, 2004, host_memory)                                                                    \
	X(0, 2005, host_disk_io)                                                                   \
	X(0, 2006, host_net_io)                                                                    \
	X(0, 2007, mib2_ip_group)                                                                  \
	X(0, 2008, mib2_icmp_group)                                                                \
	X(0, 2009, mib2_tcp_group)                                                                 \
	X(0, 2010, mib2_udp_group)                                                                 \
	X(0, 2100, virt_node)                                                                      \
	X(0, 2101, virt_cpu)                                                                       \
	X(0, 2102, virt_memory)                                                                    \
	X(0, 2103, virt_disk_io)                                                                   \
	X(0, 2104, virt_net_io)                                                                    \
	X(0, 2105, jvm_runtime)                                                                    \
	X(0, 2106, jvm_statistics)                                                                 \
	X(0, 2200, memcached_counters_old)                                                         \
	X(0, 2201, http_counters)                                                                  \
	X(0, 2202, app_operations)                                                                 \
	X(0, 2203, app_resources)                                                                  \
	X(0, 2204, memcached_counters)                                                             \
	X(0, 2205, vdi_stats)                                                                      \
	X(0, 2206, app_workers)                                                                    \
	X(0, 2207, ovs_dp_stats)                                                                   \
	X(0, 3000, energy)                                                                         \
	X(0, 3001, temperature)                                                                    \
	X(0, 3002, humidity)                                                                       \
	X(0, 3003, fans)

#define SFLOW_COUNTER_VENDOR(X)                                                                    \
	X(4300, 2, xen_vif)                                                                        \
	X(4413, 1, bst_device_buffers)                                                             \
	X(4413, 2, bst_port_buffers)                                                               \
	X(4413, 3, hw_tables)                                                                      \
	X(5703, 1, nvidia_gpu)
