/* SPDX-License-Identifier: BSD-3-Clause */
#include "sflow/structure_pvt.h"

/* Parts of a switch: sFlow v5, counter structure 0:1001, with sFlow Optical Interface and OpenFlow
 * Structures, 0:10, 0:1004 and 0:1005, and the datapath of Open vSwitch, 0:2207. */

/* clang-format off */

#define POWER(n, text) PLAIN(n, U32, .unit = "microwatts", .line = text)

/* The %u in the names are sflowtool's: a format that was never filled in. */
ELEMENT(lane_element,
	PLAIN("index", U32, .line = "index"),
	PLAIN("tx_bias_current", U32, .unit = "microamperes", .line = "tx_bias_current_uA"),
	POWER("tx_power", "tx_power_uW.%u"),
	POWER("tx_power_min", "tx_power_min_uW.%u"),
	POWER("tx_power_max", "tx_power_max_uW.%u"),
	PLAIN("tx_wavelength", U32, .unit = "nanometres", .line = "tx_wavelength_nM.%u"),
	POWER("rx_power", "rx_power_uW.%u"),
	POWER("rx_power_min", "rx_power_min_uW.%u"),
	POWER("rx_power_max", "rx_power_max_uW.%u"),
	PLAIN("rx_wavelength", U32, .unit = "nanometres", .line = "rx_wavelength_nM.%u"));

STRUCTURE(sfp, "sfp", 0, 10, 20,
	FIELDS(
		PLAIN("module_id", U32, .metric = "opt_module_id"),
		GAUGE("module_num_lanes", U32, "lanes", "opt_module_lanes",
			.line = "sfp_module_total_lanes"),
		GAUGE("module_supply_voltage", U32, "millivolts", "opt_module_supply_voltage"),
		GAUGE("module_temperature", I32, "thousandths of a degree Celsius",
			"opt_module_temperature"),
		PLAIN("lanes", LIST, .of = &lane_element, .line = "sfp_module_active_lanes")),
	.layout = SFLOW_LAYOUT_LANES, .prefix = "sfp_");

STRUCTURE(processor, "processor", 0, 1001, 28,
	FIELDS(
		GAUGE("5s_cpu", PCT, "percent", "cpu_5sec"),
		GAUGE("1m_cpu", PCT, "percent", "cpu_1min"),
		GAUGE("5m_cpu", PCT, "percent", "cpu_5min"),
		GAUGE("total_memory", U64, "bytes", "memory_total", .line = "total_memory_bytes"),
		GAUGE("free_memory", U64, "bytes", "memory_free", .line = "free_memory_bytes")));

STRUCTURE(of_port, "of_port", 0, 1004, 12,
	FIELDS(
		PLAIN("datapath_id", U64, .metric = "of_dpid", .show = SFLOW_SHOW_HEX64,
			.line = "openflow_datapath_id"),
		PLAIN("port_no", U32, .metric = "of_port", .line = "openflow_port")));

STRUCTURE(port_name, "port_name", 0, 1005, 4,
	FIELDS(TEXT("name", 255, 254, .metric = "ifname", .line = "ifName")));

#define LOOKUPS(name) COUNTER(name, U32, "packets", "ovs_dp_" name)

STRUCTURE(ovs_dp_stats, "ovs_dp_stats", 0, 2207, 24,
	FIELDS(
		LOOKUPS("hits"), LOOKUPS("misses"), LOOKUPS("lost"),
		COUNTER("mask_hits", U32, "masks", "ovs_dp_mask_hits"),
		GAUGE("flows", U32, "flows", "ovs_dp_flows"),
		GAUGE("masks", U32, "masks", "ovs_dp_masks")),
	.prefix = "OVS_dp_");
