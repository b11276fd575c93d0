/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <linux/types.h>

/*
 * What the XDP program is told: it stands in its read-only data, found by `magic`, and is written
 * into the object file before that is loaded.
 */
#define WEIR_XDP_MAGIC "weir UDP port:\n"

/* How the kernel lists the program, for those who look, and for weir to know its own again. */
#define WEIR_XDP_NAME "weir_xdp"

struct weir_xdp_config {
	char magic[sizeof(WEIR_XDP_MAGIC)];
	__be16 udp_port;
};
