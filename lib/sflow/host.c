/* SPDX-License-Identifier: BSD-3-Clause */
#include "sflow/structures_pvt.h"

/* Hosts: sFlow Host Structures, counter structures 0:2000 to 0:2006. */

const struct sflow_field sflow_host_descr[] = {
	{"hostname", SFLOW_STRING, SFLOW_PLAIN, NULL, "host_name", 64},
	{"uuid", SFLOW_UUID, SFLOW_PLAIN, NULL, "uuid"},
	{"machine_type", SFLOW_U32, SFLOW_PLAIN, NULL, "machine_type"},
	{"os_name", SFLOW_U32, SFLOW_PLAIN, NULL, "os_name"},
	{"os_release", SFLOW_STRING, SFLOW_PLAIN, NULL, "os_release", 32},
};

/* A list of {ifIndex, list of MACs}. */
const struct sflow_field sflow_host_adapters[] = {
	{"adapters", SFLOW_OPAQUE, SFLOW_PLAIN, NULL, NULL},
};

const struct sflow_field sflow_host_parent[] = {
	{"container_type", SFLOW_U32, SFLOW_PLAIN, NULL, NULL},
	{"container_index", SFLOW_U32, SFLOW_PLAIN, NULL, NULL},
};

/* The last three came later: a body of 68 bytes ends before them. */
const struct sflow_field sflow_host_cpu[] = {
	{"load_one", SFLOW_F32, SFLOW_GAUGE, NULL, "load_one"},
	{"load_five", SFLOW_F32, SFLOW_GAUGE, NULL, "load_five"},
	{"load_fifteen", SFLOW_F32, SFLOW_GAUGE, NULL, "load_fifteen"},
	{"proc_run", SFLOW_U32, SFLOW_GAUGE, "processes", "proc_run"},
	{"proc_total", SFLOW_U32, SFLOW_GAUGE, "processes", "proc_total"},
	{"cpu_num", SFLOW_U32, SFLOW_GAUGE, "processors", "cpu_num"},
	{"cpu_speed", SFLOW_U32, SFLOW_GAUGE, "megahertz", "cpu_speed"},
	{"uptime", SFLOW_U32, SFLOW_GAUGE, "seconds", "uptime"},
	{"cpu_user", SFLOW_U32, SFLOW_COUNTER, "milliseconds", "cpu_user"},
	{"cpu_nice", SFLOW_U32, SFLOW_COUNTER, "milliseconds", "cpu_nice"},
	{"cpu_system", SFLOW_U32, SFLOW_COUNTER, "milliseconds", "cpu_system"},
	{"cpu_idle", SFLOW_U32, SFLOW_COUNTER, "milliseconds", "cpu_idle"},
	{"cpu_wio", SFLOW_U32, SFLOW_COUNTER, "milliseconds", "cpu_wio"},
	{"cpu_intr", SFLOW_U32, SFLOW_COUNTER, "milliseconds", "cpu_intr"},
	{"cpu_sintr", SFLOW_U32, SFLOW_COUNTER, "milliseconds", "cpu_sintr"},
	{"interrupts", SFLOW_U32, SFLOW_COUNTER, "interrupts", "interrupts"},
	{"contexts", SFLOW_U32, SFLOW_COUNTER, "switches", "contexts"},
	{"cpu_steal", SFLOW_U32, SFLOW_COUNTER, "milliseconds", "cpu_steal"},
	{"cpu_guest", SFLOW_U32, SFLOW_COUNTER, "milliseconds", "cpu_guest"},
	{"cpu_guest_nice", SFLOW_U32, SFLOW_COUNTER, "milliseconds", "cpu_guest_nice"},
};

const struct sflow_field sflow_host_memory[] = {
	{"mem_total", SFLOW_U64, SFLOW_GAUGE, "bytes", "mem_total"},
	{"mem_free", SFLOW_U64, SFLOW_GAUGE, "bytes", "mem_free"},
	{"mem_shared", SFLOW_U64, SFLOW_GAUGE, "bytes", "mem_shared"},
	{"mem_buffers", SFLOW_U64, SFLOW_GAUGE, "bytes", "mem_buffers"},
	{"mem_cached", SFLOW_U64, SFLOW_GAUGE, "bytes", "mem_cached"},
	{"swap_total", SFLOW_U64, SFLOW_GAUGE, "bytes", "swap_total"},
	{"swap_free", SFLOW_U64, SFLOW_GAUGE, "bytes", "swap_free"},
	{"page_in", SFLOW_U32, SFLOW_COUNTER, "pages", "page_in"},
	{"page_out", SFLOW_U32, SFLOW_COUNTER, "pages", "page_out"},
	{"swap_in", SFLOW_U32, SFLOW_COUNTER, "pages", "swap_in"},
	{"swap_out", SFLOW_U32, SFLOW_COUNTER, "pages", "swap_out"},
};

const struct sflow_field sflow_host_disk_io[] = {
	{"disk_total", SFLOW_U64, SFLOW_GAUGE, "bytes", "disk_total"},
	{"disk_free", SFLOW_U64, SFLOW_GAUGE, "bytes", "disk_free"},
	{"part_max_used", SFLOW_PCT, SFLOW_GAUGE, "percent", "part_max_used"},
	{"reads", SFLOW_U32, SFLOW_COUNTER, "operations", "disk_reads"},
	{"bytes_read", SFLOW_U64, SFLOW_COUNTER, "bytes", "disk_bytes_read"},
	{"read_time", SFLOW_U32, SFLOW_COUNTER, "milliseconds", "disk_read_time"},
	{"writes", SFLOW_U32, SFLOW_COUNTER, "operations", "disk_writes"},
	{"bytes_written", SFLOW_U64, SFLOW_COUNTER, "bytes", "disk_bytes_written"},
	{"write_time", SFLOW_U32, SFLOW_COUNTER, "milliseconds", "disk_write_time"},
};

const struct sflow_field sflow_host_net_io[] = {
	{"bytes_in", SFLOW_U64, SFLOW_COUNTER, "bytes", "bytes_in"},
	{"pkts_in", SFLOW_U32, SFLOW_COUNTER, "packets", "pkts_in"},
	{"errs_in", SFLOW_U32, SFLOW_COUNTER, "packets", "errs_in"},
	{"drops_in", SFLOW_U32, SFLOW_COUNTER, "packets", "drops_in"},
	{"bytes_out", SFLOW_U64, SFLOW_COUNTER, "bytes", "bytes_out"},
	{"packets_out", SFLOW_U32, SFLOW_COUNTER, "packets", "pkts_out"},
	{"errs_out", SFLOW_U32, SFLOW_COUNTER, "packets", "errs_out"},
	{"drops_out", SFLOW_U32, SFLOW_COUNTER, "packets", "drops_out"},
};
