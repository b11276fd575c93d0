/* SPDX-License-Identifier: BSD-3-Clause */
#include "sflow/structure_pvt.h"

/* Structures of other owners than sFlow.org: InMon (4300), Broadcom (4413), NVIDIA (5703), pmacct
 * (43874). */

/* clang-format off */

ELEMENT(number_element, PLAIN("", U32));
ELEMENT(percent_element, PLAIN("", PCT));

/* ---- InMon ---- */

STRUCTURE(extended_process, "extended_process", 4300, 3, 4,
	FIELDS(PLAIN("processes", LIST, .of = &number_element)), SKIPPED);

STRUCTURE(cal_transaction, "cal_transaction", 4300, 5, 32,
	FIELDS(
		PLAIN("type", U32), PLAIN("depth", U32), TEXT("pool", 32, 0),
		TEXT("transaction", 128, 0), TEXT("operation", 128, 0), TEXT("status", 64, 0),
		PLAIN("duration_uS", U64, .unit = "microseconds")),
	SKIPPED);

/* Of XenServer; nothing is published about it but that it exists. */
STRUCTURE(xen_vif, "xen_vif", 4300, 2, 0, FIELDS(PLAIN("data", OPAQUE)), SKIPPED);

/* ---- Broadcom: sFlow Broadcom Buffer and Table Utilization Structures ---- */

STRUCTURE(bst_egress_queue, "bst_egress_queue", 4413, 1, 4, FIELDS(PLAIN("queue", U32)), SKIPPED);

STRUCTURE(bst_device_buffers, "bst_device_buffers", 4413, 1, 8,
	FIELDS(
		GAUGE("uc_pc", PCT, "percent", "bst_uc_pc"),
		GAUGE("mc_pc", PCT, "percent", "bst_mc_pc")),
	SKIPPED);

STRUCTURE(bst_port_buffers, "bst_port_buffers", 4413, 2, 24,
	FIELDS(
		GAUGE("ingress_uc_pc", PCT, "percent", "bst_ingress_uc_pc"),
		GAUGE("ingress_mc_pc", PCT, "percent", "bst_ingress_mc_pc"),
		GAUGE("egress_uc_pc", PCT, "percent", "bst_egress_uc_pc"),
		GAUGE("egress_mc_pc", PCT, "percent", "bst_egress_mc_pc"),
		PLAIN("egress_queue_uc_pc", LIST, .of = &percent_element, .unit = "percent"),
		PLAIN("egress_queue_mc_pc", LIST, .of = &percent_element, .unit = "percent")),
	SKIPPED);

#define TABLE(name) GAUGE(name, U32, "entries", "bcm_" name)

STRUCTURE(hw_tables, "hw_tables", 4413, 3, 144,
	FIELDS(
		GAUGE("host_entries", U32, "entries", "bcm_host_entries",
			.line = "bcm_asic_host_entries"), /* as sflowtool calls it */
		TABLE("host_entries_max"), TABLE("ipv4_entries"), TABLE("ipv4_entries_max"),
		TABLE("ipv6_entries"), TABLE("ipv6_entries_max"), TABLE("ipv4_ipv6_entries"),
		TABLE("ipv4_ipv6_entries_max"), TABLE("long_ipv6_entries"),
		TABLE("long_ipv6_entries_max"), TABLE("total_routes"), TABLE("total_routes_max"),
		TABLE("ecmp_nexthops"), TABLE("ecmp_nexthops_max"), TABLE("mac_entries"),
		TABLE("mac_entries_max"), TABLE("ipv4_neighbors"), TABLE("ipv6_neighbors"),
		TABLE("ipv4_routes"), TABLE("ipv6_routes"), TABLE("acl_ingress_entries"),
		TABLE("acl_ingress_entries_max"), TABLE("acl_ingress_counters"),
		TABLE("acl_ingress_counters_max"), TABLE("acl_ingress_meters"),
		TABLE("acl_ingress_meters_max"), TABLE("acl_ingress_slices"),
		TABLE("acl_ingress_slices_max"), TABLE("acl_egress_entries"),
		TABLE("acl_egress_entries_max"), TABLE("acl_egress_counters"),
		TABLE("acl_egress_counters_max"), TABLE("acl_egress_meters"),
		TABLE("acl_egress_meters_max"), TABLE("acl_egress_slices"),
		TABLE("acl_egress_slices_max")),
	.prefix = "bcm_");

/* ---- NVIDIA: sFlow NVML GPU Structures ---- */

STRUCTURE(nvidia_gpu, "nvidia_gpu", 5703, 1, 48,
	FIELDS(
		GAUGE("device_count", U32, "devices", "nvml_device_count"),
		GAUGE("processes", U32, "processes", "nvml_processes"),
		COUNTER("gpu_time", U32, "milliseconds", "nvml_gputime", .line = "nvml_gpu_mS"),
		COUNTER("mem_time", U32, "milliseconds", "nvml_memtime", .line = "nvml_mem_mS"),
		GAUGE("mem_total", U64, "bytes", "nvml_mem_total", .line = "nvml_mem_bytes_total"),
		GAUGE("mem_free", U64, "bytes", "nvml_mem_free", .line = "nvml_mem_bytes_free"),
		COUNTER("ecc_errors", U32, "errors", "nvml_ecc_errors"),
		COUNTER("energy", U32, "millijoules", "nvml_energy", .line = "nvml_energy_mJ"),
		GAUGE("temperature", U32, "degrees Celsius", "nvml_temperature",
			.line = "nvml_temperature_C"),
		GAUGE("fan_speed", U32, "percent", "nvml_fan_speed",
			.line = "nvml_fan_speed_pc")),
	.prefix = "nvml_");

/* ---- pmacct ---- */

STRUCTURE(pmacct_class, "class", 43874, 1, 4,
	FIELDS(PLAIN("classes", LIST, .of = &number_element)), SKIPPED);
STRUCTURE(pmacct_tag, "tag", 43874, 2, 16, FIELDS(PLAIN("tag", U64), PLAIN("tag2", U64)), SKIPPED);
STRUCTURE(pmacct_class2, "class2", 43874, 3, 8,
	FIELDS(PLAIN("master", U32), PLAIN("app", U32)), SKIPPED);
