/* SPDX-License-Identifier: BSD-3-Clause */
#include <bpf/libbpf.h>
#include <pthread.h>
#include <rte_log.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <xdp/libxdp.h>

#include "base/log.h"
#include "eal.h"
#include "eal_pvt.h"

BASE_LOG_TYPE(log_type, "dpdk");

enum { LINE = 512 };

/* Any thread of DPDK may log; the lock is never taken on the RX path, which does not. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char first[LINE];
static char copy[LINE]; /* what eal_error() gave out; main thread */
static FILE *stream;

/* One line without its line end. The first one is kept, which says most: it is nearest the cause. */
static void keep(const char *text, size_t len)
{
	while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == ' '))
		len--;
	if (len == 0)
		return;
	if (len >= LINE)
		len = LINE - 1;
	base_log(&log_type, BASE_LOG_DEBUG, "%.*s", (int)len, text);
	pthread_mutex_lock(&lock);
	if (!*first) {
		for (size_t i = 0; i < len; i++)
			first[i] = text[i] == '\n' ? ' ' : text[i];
		first[len] = 0;
	}
	pthread_mutex_unlock(&lock);
}

static ssize_t on_write(void *cookie, const char *text, size_t len)
{
	(void)cookie;
	keep(text, len);
	return (ssize_t)len;
}

__attribute__((format(printf, 2, 0))) static int on_bpf(
	enum libbpf_print_level level, const char *fmt, va_list ap)
{
	char text[LINE];

	if (level == LIBBPF_DEBUG)
		return 0;
	vsnprintf(text, sizeof(text), fmt, ap);
	keep(text, strlen(text));
	return 0;
}

__attribute__((format(printf, 2, 0))) static int on_xdp(
	enum libxdp_print_level level, const char *fmt, va_list ap)
{
	return on_bpf(level == LIBXDP_DEBUG ? LIBBPF_DEBUG : LIBBPF_WARN, fmt, ap);
}

int eal_catch(void)
{
	const cookie_io_functions_t io = {.write = on_write};

	if (stream)
		return 0;
	stream = fopencookie(NULL, "w", io);
	if (!stream)
		return -1;
	setvbuf(stream, NULL, _IOLBF, LINE);
	libbpf_set_print(on_bpf);
	libxdp_set_print(on_xdp);
	return rte_openlog_stream(stream);
}

void eal_catch_end(void)
{
	if (!stream)
		return;
	rte_openlog_stream(NULL);
	fclose(stream);
	stream = NULL;
}

const char *eal_error(void)
{
	pthread_mutex_lock(&lock);
	memcpy(copy, first, sizeof(copy));
	pthread_mutex_unlock(&lock);
	return copy;
}

void eal_forget_error(void)
{
	pthread_mutex_lock(&lock);
	first[0] = 0;
	pthread_mutex_unlock(&lock);
}
