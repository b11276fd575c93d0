/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdint.h>

/*
 * A UDP socket that never gets anything: where the kernel sees a copy of each datagram (AF_PACKET),
 * or some of them (AF_XDP before and after the program is attached), it would answer the agents
 * with "port unreachable". A filter drops what comes before it takes memory. Main thread.
 */

/**
 * IPv6 and IPv4 (where IPv6 is off, IPv4 alone).
 * @return a file descriptor to be closed; -EADDRINUSE: somebody else listens, so there is no such
 * answer, but there will be once he stops: try again now and then; or -errno
 */
int guard_open(uint16_t udp_port);
