/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "sflow/sflow.h"

/* The fields of each structure; one file per family has them. The sizes are those of the tables
 * there: the compiler compares. */

/* Flow structures */
extern const struct sflow_field sflow_sampled_header[4];
extern const struct sflow_field sflow_sampled_ethernet[4];
extern const struct sflow_field sflow_sampled_ipv4[8];
extern const struct sflow_field sflow_sampled_ipv6[8];
extern const struct sflow_field sflow_extended_switch[4];
extern const struct sflow_field sflow_extended_router[3];

/* Counter structures */
extern const struct sflow_field sflow_if_counters[19];
extern const struct sflow_field sflow_ethernet_counters[13];
extern const struct sflow_field sflow_host_descr[5];
extern const struct sflow_field sflow_host_adapters[1];
extern const struct sflow_field sflow_host_parent[2];
extern const struct sflow_field sflow_host_cpu[20];
extern const struct sflow_field sflow_host_memory[11];
extern const struct sflow_field sflow_host_disk_io[9];
extern const struct sflow_field sflow_host_net_io[8];
