/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "daemon.h"
#include "sandbox.h"

/* How the threads of the daemon come into their sandboxes. Main thread, but for what lcores run. */

/** All that takes privileges is open: drop them, confine the threads of DPDK. @return 0 or -errno with `e` */
int confined_open(const struct conf *c, const struct ports *p, struct conf_error *e);

/** Call `start` from a thread of that role, which its threads then have. @return what it returns */
int confined_start(struct daemon *d, enum sandbox_role role,
	int (*start)(struct daemon *d, struct conf_error *e), struct conf_error *e);

/** At last, when no more threads are to be started. @return 0 or -errno with `e` */
int confined_main(struct conf_error *e);

/** Work of lcores, as rte_eal_remote_launch() takes it: rx_run(), aggregate_run(), aggregate_help(). */
int confined_rx(void *arg);
int confined_aggregate(void *arg);
int confined_help(void *arg);

/** Wait for the end of such work. Main. @param arg  what it was launched with: all it did is seen from here on */
void confined_wait(unsigned lcore, void *arg);

void confined_close(void);
