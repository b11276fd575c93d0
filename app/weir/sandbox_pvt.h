/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <linux/filter.h>
#include <stdbool.h>

#include "sandbox.h"

/**
 * Compile the filter of a role.
 * @param program  out: from malloc
 * @return 0 or -errno
 */
int sandbox_rules(enum sandbox_role role, enum conf_seccomp mode, struct sock_fprog *program);

/** Take SIGSYS, which the kernel sends where a filter refuses a call. @return 0 or -errno */
int sandbox_tell(void);

/**
 * Confine all threads but the calling one, which are DPDK's: lcores lose their capabilities, and
 * enter their role when they are given work; all others are SANDBOX_EAL.
 * @return 0 or -errno
 */
int sandbox_others(void);
