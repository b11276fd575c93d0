/* SPDX-License-Identifier: BSD-3-Clause */
#include "notify.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { MESSAGE = 512 };

static struct {
	int fd; /* -1: nobody is told */
	struct sockaddr_un to;
	socklen_t to_len;
	uint64_t watchdog_ns;
} notify = {.fd = -1};

/* A path, or an abstract name behind an @. @return whether it is one */
static int set_address(const char *text)
{
	size_t len = strlen(text);

	if ((*text != '/' && *text != '@') || len < 2 || len >= sizeof(notify.to.sun_path))
		return 0;
	notify.to = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(notify.to.sun_path, text, len);
	if (*text == '@')
		notify.to.sun_path[0] = '\0';
	notify.to_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
	return 1;
}

/* The watchdog of this process, not of one that started it. */
static uint64_t read_watchdog(void)
{
	const char *us = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");

	if (!us || (pid && strtol(pid, NULL, 10) != getpid()))
		return 0;
	return strtoull(us, NULL, 10) * 1000;
}

void notify_open(void)
{
	const char *name = getenv("NOTIFY_SOCKET");

	if (name && set_address(name))
		notify.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (notify.fd >= 0)
		notify.watchdog_ns = read_watchdog();
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
}

void notify_send(const char *fmt, ...)
{
	char text[MESSAGE];
	va_list ap;

	if (notify.fd < 0)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	/* Not to wait for it: a keep-alive that is lost comes again. */
	(void)sendto(notify.fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT,
		(const struct sockaddr *)&notify.to, notify.to_len);
}

uint64_t notify_watchdog_ns(void)
{
	return notify.watchdog_ns;
}

void notify_close(void)
{
	if (notify.fd >= 0)
		close(notify.fd);
	notify.fd = -1;
	notify.watchdog_ns = 0;
}
