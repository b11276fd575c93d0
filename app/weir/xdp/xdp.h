/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* weir's own XDP program and its life on an interface. Main thread. */

/**
 * The program for a UDP port, as an object file that the AF_XDP driver can open at `path`, which
 * holds as long as the descriptor is open.
 * @return a file descriptor to be closed, or -errno
 */
int xdp_program(uint16_t udp_port, char *path, size_t size);

/**
 * Take the interface for this process: one weir per interface and network namespace. The claim
 * ends with the process, however it ends.
 * @return a file descriptor to be closed, -EADDRINUSE where another weir has it, or -errno
 */
int xdp_claim(unsigned ifindex);

/**
 * With the claim held: remove weir's program where a killed instance left it.
 * @return 0: the interface has no program now; -EBUSY: it has one of somebody else; or -errno
 */
int xdp_clear(unsigned ifindex);
