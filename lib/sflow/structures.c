/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>

#include "sflow/structures_pvt.h"

/* Which structures there are: a row for each. A new one is its fields, and its row here. */

#define ROW(enterprise, format, structure, min)                                                    \
	{                                                                                          \
		.tag = SFLOW_TAG(enterprise, format), .name = #structure,                          \
		.fields = sflow_##structure,                                                       \
		.field_count = sizeof(sflow_##structure) / sizeof(sflow_##structure[0]),           \
		.min_len = (min)                                                                   \
	}

const struct sflow_structure sflow_flow_structures[] = {
	ROW(0, 1, sampled_header, 16),
	ROW(0, 2, sampled_ethernet, 24),
	ROW(0, 3, sampled_ipv4, 32),
	ROW(0, 4, sampled_ipv6, 56),
	ROW(0, 1001, extended_switch, 16),
	ROW(0, 1002, extended_router, 12),
};

const unsigned sflow_flow_structures_count =
	sizeof(sflow_flow_structures) / sizeof(sflow_flow_structures[0]);

const struct sflow_structure sflow_counter_structures[] = {
	ROW(0, 1, if_counters, 88),
	ROW(0, 2, ethernet_counters, 52),
	ROW(0, 2000, host_descr, 32),
	ROW(0, 2001, host_adapters, 4),
	ROW(0, 2002, host_parent, 8),
	ROW(0, 2003, host_cpu, 68),
	ROW(0, 2004, host_memory, 72),
	ROW(0, 2005, host_disk_io, 52),
	ROW(0, 2006, host_net_io, 40),
};

const unsigned sflow_counter_structures_count =
	sizeof(sflow_counter_structures) / sizeof(sflow_counter_structures[0]);

static int compare(const void *key, const void *row)
{
	uint32_t tag = *(const uint32_t *)key, other = ((const struct sflow_structure *)row)->tag;

	return tag < other ? -1 : tag > other;
}

static const struct sflow_structure *find(
	uint32_t tag, const struct sflow_structure *rows, unsigned count)
{
	return bsearch(&tag, rows, count, sizeof(*rows), compare);
}

const struct sflow_structure *sflow_counter_structure(uint32_t tag)
{
	return find(tag, sflow_counter_structures, sflow_counter_structures_count);
}

const struct sflow_structure *sflow_flow_structure(uint32_t tag)
{
	return find(tag, sflow_flow_structures, sflow_flow_structures_count);
}
