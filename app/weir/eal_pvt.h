/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stddef.h>
#include <stdint.h>

/** Bytes of hugepages that are free, of all sizes. */
uint64_t eal_hugepages_free(void);

/**
 * Catch the lines of DPDK, libbpf and libxdp: the first is kept for an error of ours, all go to
 * the log as debug. eal_catch_end() before the stream goes away with the process.
 */
int eal_catch(void);
void eal_catch_end(void);

/** A name for --file-prefix that no other process has; valid until exit. */
const char *eal_prefix(void);

/** Remove the runtime directories that killed instances left. */
void eal_runtime_clean(void);

/** Remove that of this process, after rte_eal_cleanup(): its telemetry still answers. */
void eal_runtime_remove(void);
