/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stddef.h>

/*
 * NUMA nodes, as the kernel tells in sysfs, which is `root` ("/sys", but for tests): before DPDK is
 * there to be asked. Main thread.
 */

/** @return the node of a CPU, -1 unknown */
int nodes_of_cpu(const char *root, unsigned cpu);

/** `name` as DPDK writes it, with the domain. @return the node of a PCI device, -1 unknown */
int nodes_of_pci(const char *root, const char *name);

/** @return the node of the NIC behind an interface of the kernel, -1 unknown or no NIC */
int nodes_of_iface(const char *root, const char *name);

/** The CPUs of a node as the kernel lists them: "8-15,24-31"; "" where it does not. @return `list` */
const char *nodes_cpus(const char *root, int node, char *list, size_t size);
