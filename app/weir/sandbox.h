/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdint.h>

#include "conf/conf.h"

/*
 * Each thread may make the system calls that its work takes and no others, has no capability but
 * those named below, and never gains one. Filters are compiled once, by sandbox_open(); a thread
 * enters its own at its start, and those that it makes inherit it. There is no way back.
 *
 * A call that is not allowed never happens. It is told on stderr with its number and the thread's name,
 * once for each number, and fails with EPERM; where nobody but an intruder would make it (a program
 * is to be executed, a process to be traced, ...) weir ends at once with exit code 1.
 */

enum sandbox_role {
	SANDBOX_RX,        /* RX lcores: what drivers do to read a queue */
	SANDBOX_AGGREGATE, /* aggregation lcores: memory, statistics of devices */
	SANDBOX_NIC,       /* answers on ports that DPDK owns; their TAPs are open already */
	SANDBOX_RECLAIM,   /* frees what readers have left (base/memb.h); liburcu asks for CPUs */
	SANDBOX_CONTROL,   /* compiles definitions, reads their files, makes tables */
	SANDBOX_REDIS,     /* clients of Redis: publisher, store, planner */
	SANDBOX_DNS,
	SANDBOX_SNMP,
	SANDBOX_API,  /* serves; has CAP_NET_BIND_SERVICE where its port is below 1024 */
	SANDBOX_EAL,  /* DPDK's own: interrupts, telemetry */
	SANDBOX_MAIN, /* closes ports; has what privileges_drop() kept */
	SANDBOX_ROLES,
};

/**
 * Compile the filters, confine the threads of DPDK that are there. Main thread, when ports are open
 * and privileges_drop() is done, before threads of ours.
 * @return 0, or -errno with `e`
 */
int sandbox_open(const struct conf *c, struct conf_error *e);

/** For tests: compile the filters alone. @return 0 or -errno */
int sandbox_compile(enum conf_seccomp mode);

/**
 * Confine the calling thread for good. Before sandbox_open(): nothing. Fit for a signal handler.
 * @return 0 or -errno
 */
int sandbox_enter(enum sandbox_role role);

/**
 * Run `fn` in a thread of that role, so that all threads which it makes are confined, too; wait for
 * it. Main thread.
 * @return what `fn` returned, or -errno
 */
int sandbox_run(enum sandbox_role role, int (*fn)(void *arg), void *arg);

void sandbox_close(void);
