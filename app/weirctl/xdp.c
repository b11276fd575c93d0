/* SPDX-License-Identifier: BSD-3-Clause */
#include "xdp.h"

#include <bpf/libbpf.h>
#include <net/if.h>

bool xdp_attached(const char *iface)
{
	unsigned ifindex = if_nametoindex(iface);
	uint32_t program = 0;

	return ifindex > 0 && bpf_xdp_query_id((int)ifindex, 0, &program) == 0 && program > 0;
}
