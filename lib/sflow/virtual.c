/* SPDX-License-Identifier: BSD-3-Clause */
#include "sflow/structure_pvt.h"

/* Virtual machines, containers and Java machines: sFlow Host and JVM Structures, counter structures
 * 0:2100 to 0:2106. */

/* clang-format off */

/* libvirt, virDomainState. */
WORDS(states, {0, "nostate"}, {1, "running"}, {2, "blocked"}, {3, "paused"}, {4, "shutdown"},
	{5, "shutoff"}, {6, "crashed"}, {7, "pmsuspended"});

STRUCTURE(virt_node, "virt_node", 0, 2100, 28,
	FIELDS(
		GAUGE("mhz", U32, "megahertz", "node_mhz"),
		GAUGE("cpus", U32, "processors", "node_cpus"),
		GAUGE("memory", U64, "bytes", "node_memory"),
		GAUGE("memory_free", U64, "bytes", "node_memory_free"),
		GAUGE("num_domains", U32, "domains", "node_num_domains")),
	.prefix = "vnode_");

STRUCTURE(virt_cpu, "virt_cpu", 0, 2101, 12,
	FIELDS(
		GAUGE("state", U32, NULL, "vir_cpu_state", .words = &states),
		COUNTER("cpuTime", U32, "milliseconds", "vir_cpu_time", .line = "vcpu_cpu_mS"),
		GAUGE("nrVirtCpu", U32, "processors", "vir_cpu_num", .line = "vcpu_cpuCount")),
	.prefix = "vcpu_");

STRUCTURE(virt_memory, "virt_memory", 0, 2102, 16,
	FIELDS(
		GAUGE("memory", U64, "bytes", "vir_mem_memory"),
		GAUGE("maxMemory", U64, "bytes", "vir_mem_maxmemory")),
	.prefix = "vmem_");

STRUCTURE(virt_disk_io, "virt_disk_io", 0, 2103, 52,
	FIELDS(
		GAUGE("capacity", U64, "bytes", "vir_disk_capacity"),
		GAUGE("allocation", U64, "bytes", "vir_disk_allocation"),
		GAUGE("physical", U64, "bytes", "vir_disk_physical", .line = "vdsk_available"),
		COUNTER("rd_req", U32, "operations", "vir_disk_reads"),
		COUNTER("rd_bytes", U64, "bytes", "vir_disk_bytes_read"),
		COUNTER("wr_req", U32, "operations", "vir_disk_writes"),
		COUNTER("wr_bytes", U64, "bytes", "vir_disk_bytes_written"),
		COUNTER("errs", U32, "errors", "vir_disk_errs")),
	.prefix = "vdsk_");

STRUCTURE(virt_net_io, "virt_net_io", 0, 2104, 40,
	FIELDS(
		COUNTER("bytes_in", U64, "bytes", "vir_bytes_in"),
		COUNTER("pkts_in", U32, "packets", "vir_pkts_in"),
		COUNTER("errs_in", U32, "packets", "vir_errs_in"),
		COUNTER("drops_in", U32, "packets", "vir_drops_in"),
		COUNTER("bytes_out", U64, "bytes", "vir_bytes_out"),
		COUNTER("packets_out", U32, "packets", "vir_pkts_out", .line = "vnio_pkts_out"),
		COUNTER("errs_out", U32, "packets", "vir_errs_out"),
		COUNTER("drops_out", U32, "packets", "vir_drops_out")),
	.prefix = "vnio_");

STRUCTURE(jvm_runtime, "jvm_runtime", 0, 2105, 12,
	FIELDS(
		TEXT("vm_name", 64, 63, .metric = "jvm_name", .line = "jvm_name"),
		TEXT("vm_vendor", 32, 31, .metric = "jvm_vendor", .line = "jvm_vendor"),
		TEXT("vm_version", 32, 31, .metric = "jvm_version", .line = "jvm_version")));

#define HEAP(n, text) GAUGE(n, U64, "bytes", "jvm_" n, .line = text)

/* The last two came later: a body of 100 bytes ends before them. */
STRUCTURE(jvm_statistics, "jvm_statistics", 0, 2106, 100,
	FIELDS(
		HEAP("heap_initial", "heap_mem_initial"),
		HEAP("heap_used", "heap_mem_used"),
		HEAP("heap_committed", "heap_mem_committed"),
		HEAP("heap_max", "heap_mem_max"),
		HEAP("non_heap_initial", "non_heap_mem_initial"),
		HEAP("non_heap_used", "non_heap_mem_used"),
		HEAP("non_heap_committed", "non_heap_mem_committed"),
		HEAP("non_heap_max", "non_heap_mem_max"),
		COUNTER("gc_count", U32, "collections", "jvm_gc_count"),
		COUNTER("gc_time", U32, "milliseconds", "jvm_gc_time", .line = "gc_mS"),
		GAUGE("classes_loaded", U32, "classes", "jvm_classes_loaded"),
		COUNTER("classes_total", U32, "classes", "jvm_classes_total"),
		COUNTER("classes_unloaded", U32, "classes", "jvm_classes_unloaded"),
		COUNTER("compilation_time", U32, "milliseconds", "jvm_compilation_time",
			.line = "compilation_mS"),
		GAUGE("thread_num_live", U32, "threads", "jvm_thread_num_live",
			.line = "threads_live"),
		GAUGE("thread_num_daemon", U32, "threads", "jvm_thread_num_daemon",
			.line = "threads_daemon"),
		COUNTER("thread_num_started", U32, "threads", "jvm_thread_num_started",
			.line = "threads_started"),
		GAUGE("fd_open_count", U32, "files", "jvm_fd_open_count", .line = "fds_open"),
		GAUGE("fd_max_count", U32, "files", "jvm_fd_max_count", .line = "fds_max")),
	.optional = 2);
