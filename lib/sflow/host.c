/* SPDX-License-Identifier: BSD-3-Clause */
#include "sflow/structure_pvt.h"

/* Hosts: sFlow Host Structures, counter structures 0:2000 to 0:2006. */

/* clang-format off */

WORDS(machines, {0, "unknown"}, {1, "other"}, {2, "x86"}, {3, "x86_64"}, {4, "ia64"}, {5, "sparc"},
	{6, "alpha"}, {7, "powerpc"}, {8, "m68k"}, {9, "mips"}, {10, "arm"}, {11, "hppa"},
	{12, "s390"});
WORDS(systems, {0, "unknown"}, {1, "other"}, {2, "linux"}, {3, "windows"}, {4, "darwin"},
	{5, "hpux"}, {6, "aix"}, {7, "dragonfly"}, {8, "freebsd"}, {9, "netbsd"}, {10, "openbsd"},
	{11, "osf"}, {12, "solaris"});

STRUCTURE(host_descr, "host_descr", 0, 2000, 32,
	FIELDS(
		TEXT("hostname", 64, 63, .metric = "host_name"),
		PLAIN("uuid", UUID, .metric = "uuid", .line = "UUID"),
		PLAIN("machine_type", U32, .metric = "machine_type", .words = &machines),
		PLAIN("os_name", U32, .metric = "os_name", .words = &systems),
		TEXT("os_release", 32, 31, .metric = "os_release")));

ELEMENT(mac_element, PLAIN("", MAC));
ELEMENT(adapter_element,
	PLAIN("ifIndex", U32),
	PLAIN("mac_address", LIST, .of = &mac_element));

STRUCTURE(host_adapters, "host_adapters", 0, 2001, 4,
	FIELDS(PLAIN("adapters", LIST, .of = &adapter_element)),
	.layout = SFLOW_LAYOUT_ADAPTERS);

STRUCTURE(host_parent, "host_parent", 0, 2002, 8,
	FIELDS(
		PLAIN("container_type", U32, .line = "parent_dsClass"),
		PLAIN("container_index", U32, .line = "parent_dsIndex")));

#define CPU(n, text) COUNTER(n, U32, "milliseconds", n, .line = text)

/* The last three came later: a body of 68 bytes ends before them. */
STRUCTURE(host_cpu, "host_cpu", 0, 2003, 68,
	FIELDS(
		GAUGE("load_one", F32, NULL, "load_one"),
		GAUGE("load_five", F32, NULL, "load_five"),
		GAUGE("load_fifteen", F32, NULL, "load_fifteen"),
		GAUGE("proc_run", U32, "processes", "proc_run"),
		GAUGE("proc_total", U32, "processes", "proc_total"),
		GAUGE("cpu_num", U32, "processors", "cpu_num", .line = "cpu_num"),
		GAUGE("cpu_speed", U32, "megahertz", "cpu_speed", .line = "cpu_speed"),
		GAUGE("uptime", U32, "seconds", "uptime"),
		CPU("cpu_user", "cpu_user"),
		CPU("cpu_nice", "cpu_nice"),
		CPU("cpu_system", "cpu_system"),
		CPU("cpu_idle", "cpu_idle"),
		CPU("cpu_wio", "cpu_wio"),
		CPU("cpu_intr", "cpuintr"),
		CPU("cpu_sintr", "cpu_sintr"),
		COUNTER("interrupts", U32, "interrupts", "interrupts", .line = "cpuinterrupts"),
		COUNTER("contexts", U32, "switches", "contexts"),
		CPU("cpu_steal", "cpu_steal"),
		CPU("cpu_guest", "cpu_guest"),
		CPU("cpu_guest_nice", "cpu_guest_nice")),
	.optional = 3, .prefix = "cpu_");

#define MEMORY(n) GAUGE(n, U64, "bytes", n)
#define PAGES(n) COUNTER(n, U32, "pages", n)

STRUCTURE(host_memory, "host_memory", 0, 2004, 72,
	FIELDS(
		MEMORY("mem_total"), MEMORY("mem_free"), MEMORY("mem_shared"),
		MEMORY("mem_buffers"), MEMORY("mem_cached"), MEMORY("swap_total"),
		MEMORY("swap_free"), PAGES("page_in"), PAGES("page_out"), PAGES("swap_in"),
		PAGES("swap_out")));

STRUCTURE(host_disk_io, "host_disk_io", 0, 2005, 52,
	FIELDS(
		GAUGE("disk_total", U64, "bytes", "disk_total", .line = "disk_total"),
		GAUGE("disk_free", U64, "bytes", "disk_free", .line = "disk_free"),
		GAUGE("part_max_used", PCT, "percent", "part_max_used",
			.line = "disk_partition_max_used"),
		COUNTER("reads", U32, "operations", "disk_reads"),
		COUNTER("bytes_read", U64, "bytes", "disk_bytes_read"),
		COUNTER("read_time", U32, "milliseconds", "disk_read_time"),
		COUNTER("writes", U32, "operations", "disk_writes"),
		COUNTER("bytes_written", U64, "bytes", "disk_bytes_written"),
		COUNTER("write_time", U32, "milliseconds", "disk_write_time")),
	.prefix = "disk_");

STRUCTURE(host_net_io, "host_net_io", 0, 2006, 40,
	FIELDS(
		COUNTER("bytes_in", U64, "bytes", "bytes_in"),
		COUNTER("pkts_in", U32, "packets", "pkts_in"),
		COUNTER("errs_in", U32, "packets", "errs_in"),
		COUNTER("drops_in", U32, "packets", "drops_in"),
		COUNTER("bytes_out", U64, "bytes", "bytes_out"),
		COUNTER("packets_out", U32, "packets", "pkts_out", .line = "nio_pkts_out"),
		COUNTER("errs_out", U32, "packets", "errs_out"),
		COUNTER("drops_out", U32, "packets", "drops_out")),
	.prefix = "nio_");
