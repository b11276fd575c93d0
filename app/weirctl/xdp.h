/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>

/** Whether an XDP program is attached to an interface. In a file of its own: libbpf's and libpcap's headers clash. */
bool xdp_attached(const char *iface);
