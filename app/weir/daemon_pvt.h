/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "daemon.h"
#include "window/window.h"

/** Say that something did not work, for want of a better sentence. @return `err` */
int daemon_fail(struct conf_error *e, int err, const char *what);

/** Limits of windows, as the settings have them. */
struct window_limits daemon_window_limits(const struct conf *c);

/** Choose CPUs and memory, and start DPDK. Main, once the ports are known. @return 0, or -errno with `e` */
int daemon_start_eal(struct daemon *d, struct conf_error *e);

/** Make what each RX core needs. Main, once the ports are open. @return the same */
int daemon_start_cores(struct daemon *d, struct conf_error *e);
