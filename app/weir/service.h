/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "daemon.h"
#include "watch.h"

enum service_state { SERVICE_UNTOLD, SERVICE_FINE, SERVICE_AWAY, SERVICE_STUCK };

/*
 * The daemon as a service: what systemd is told of it, and when (sd_notify(3)). Without systemd nobody is
 * told, and stuck threads are logged all the same. Main thread.
 */
struct service {
	struct daemon *d;
	struct watch watch;
	uint64_t watchdog_ns;     /* how long that of systemd waits; 0: it was not asked for */
	enum service_state state; /* as was told */
};

/** daemon_launch() is done: ports are open, all threads run. */
void service_ready(struct service *s, struct daemon *d);

/** Now and then, at least five times within the watchdog's time. */
void service_tend(struct service *s);

/** Around a reload; `taken`: the new configuration is in force. */
void service_reloading(void);
void service_reloaded(struct service *s, bool taken);

/** Before daemon_stop(). */
void service_stopping(void);
