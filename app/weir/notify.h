/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdint.h>

/*
 * What a service tells systemd (sd_notify(3)): READY=1, STOPPING=1, STATUS=..., WATCHDOG=1, as datagrams
 * to the socket that NOTIFY_SOCKET names. The protocol is stable and takes one sendmsg(); a library
 * would bring more code than it saves. Without NOTIFY_SOCKET nothing is sent. Main thread.
 */

/** Read the environment, and take out of it what is ours alone. */
void notify_open(void);

/** Send one message: lines with \n between them. A systemd that does not listen is no error. */
void notify_send(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** How long the watchdog waits, nanoseconds; 0: it was not asked for. */
uint64_t notify_watchdog_ns(void);

void notify_close(void);
