/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdint.h>

#include "conf/conf.h"
#include "ports.h"

/*
 * Who weir is and what it may do. Three steps: privileges_become() before anything is opened,
 * privileges_drop() when all is, privileges_raise() for the little that comes later. Capabilities
 * belong to threads: those here are the main thread's; all others have none behind sandbox.h.
 */

/**
 * Whether `user` and `group` are there; root becomes them for good, to see what they see. For a process that
 * only looks. @return 0, or -errno with `e`
 */
int privileges_assume(const struct conf *c, struct conf_error *e);

/**
 * Become `user` and `group`, where root has started us; of root's capabilities only those stay that
 * ports take to be opened. Files are opened by the user from here on. As who we are already: nothing.
 * Main thread, before there are others.
 * @return 0, or -errno with `e`: one sentence with the remedy
 */
int privileges_become(const struct conf *c, struct conf_error *e);

/**
 * Ports are open: keep what is needed to close these, of the kinds that they were opened with, and to
 * open them again, as permitted but not in effect, and never gain anything by executing a file. Locked
 * memory is unlimited from here on, where that can be had. Main thread.
 * @return 0 or -errno
 */
int privileges_drop(const struct conf *c, const struct ports *p);

/** Put in effect what privileges_drop() kept, and take it out again; before it: nothing. Main thread. */
void privileges_raise(void);
void privileges_lower(void);

/**
 * The calling thread keeps these capabilities (a bit each, of those it has) and gains none by
 * executing a file. It takes two system calls and nothing else: fit for a signal handler.
 * @return 0 or -errno
 */
int privileges_limit(uint64_t permitted, uint64_t effective);

/** Of the threads of the API: a port below 1024 is not everybody's. */
uint64_t privileges_api(const struct conf *c);
