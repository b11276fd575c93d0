/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

enum { LOG_LINE = 1024 };

static const char *const level_names[BASE_LOG_LEVELS] = {"error", "warning", "notice", "debug"};

/* Written by constructors alone, before there are threads. */
static struct base_log_type *types;

static base_log_sink *sink_used;
static FILE *output;
static pthread_mutex_t output_mutex = PTHREAD_MUTEX_INITIALIZER;

void base_log_register(struct base_log_type *type)
{
	type->next = types;
	types = type;
}

int base_log_set_level(const char *name, enum base_log_level level)
{
	int rc = name ? -ENOENT : 0;

	for (struct base_log_type *t = types; t; t = t->next) {
		if (name && strcmp(name, t->name) != 0)
			continue;
		__atomic_store_n(&t->level, (int)level, __ATOMIC_RELAXED);
		rc = 0;
	}
	return rc;
}

const char *base_log_type_name(const void *ctx, size_t i)
{
	const struct base_log_type *t = types;

	(void)ctx;
	while (t && i-- > 0)
		t = t->next;
	return t ? t->name : NULL;
}

int base_log_parse_level(const char *text, enum base_log_level *level)
{
	for (int i = 0; i < BASE_LOG_LEVELS; i++) {
		if (strcmp(text, level_names[i]) == 0) {
			*level = (enum base_log_level)i;
			return 0;
		}
	}
	return -EINVAL;
}

const char *base_log_level_name(enum base_log_level level)
{
	return level_names[level];
}

void base_log_set_sink(base_log_sink *sink)
{
	sink_used = sink;
}

void base_log_set_output(FILE *out)
{
	pthread_mutex_lock(&output_mutex);
	__atomic_store_n(&output, out, __ATOMIC_RELAXED);
	pthread_mutex_unlock(&output_mutex);
}

static void add_head(
	struct base_text *line, const struct base_log_type *type, enum base_log_level level)
{
	uint64_t now = base_clock_wall_ns();
	time_t seconds = (time_t)(now / 1000000000u);
	struct tm tm;

	gmtime_r(&seconds, &tm);
	base_text_printf(line, "%04d-%02d-%02dT%02d:%02d:%02d.%03uZ %s %s: ", tm.tm_year + 1900,
		tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
		(unsigned)(now / 1000000u % 1000), type->name, level_names[level]);
}

static bool write_stream(const struct base_text *line)
{
	FILE *out;

	pthread_mutex_lock(&output_mutex);
	out = output;
	if (out) {
		fwrite(line->buf, 1, line->len, out);
		fflush(out);
	}
	pthread_mutex_unlock(&output_mutex);
	return out;
}

/* One write(2) a line. A cut line still ends in a newline; a stderr that is gone is not our error. */
static void write_line(struct base_text *line)
{
	ssize_t n;

	if (line->len == line->size - 1)
		line->len--;
	line->buf[line->len++] = '\n';
	if (__atomic_load_n(&output, __ATOMIC_RELAXED) && write_stream(line))
		return;
	n = write(STDERR_FILENO, line->buf, line->len);
	(void)n;
}

static void __attribute__((format(printf, 4, 0))) write_log(const struct base_log_type *type,
	enum base_log_level level, uint64_t held, const char *fmt, va_list ap)
{
	char buf[LOG_LINE], said[LOG_LINE];
	struct base_text text = base_text(said, sizeof(said)), line;
	int saved = errno;

	vsnprintf(buf, sizeof(buf), fmt, ap);
	/* What others said may be in it: a line stays one. */
	for (char *p = buf; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7F)
			*p = '?';
	base_text_printf(&text, "%s", buf);
	if (held > 0)
		base_text_printf(&text, " (%" PRIu64 " such lines left out)", held);
	if (sink_used) {
		sink_used(type->name, level, said);
	} else {
		line = base_text(buf, sizeof(buf));
		add_head(&line, type, level);
		base_text_printf(&line, "%s", said);
		write_line(&line);
	}
	errno = saved;
}

void base_log(const struct base_log_type *type, enum base_log_level level, const char *fmt, ...)
{
	va_list ap;

	if (!base_log_enabled(type, level))
		return;
	va_start(ap, fmt);
	write_log(type, level, 0, fmt, ap);
	va_end(ap);
}

/* Whether this call is the one that may speak: of several threads, one moves `next_ns` on. */
static bool limit_pass(struct base_log_limit *limit, uint64_t interval_ms, uint64_t *held)
{
	uint64_t now = base_clock_mono_ns();
	uint64_t next = __atomic_load_n(&limit->next_ns, __ATOMIC_RELAXED);

	if (now < next ||
		!__atomic_compare_exchange_n(&limit->next_ns, &next, now + interval_ms * 1000000u,
			false, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
		__atomic_fetch_add(&limit->held, 1, __ATOMIC_RELAXED);
		return false;
	}
	*held = __atomic_exchange_n(&limit->held, 0, __ATOMIC_RELAXED);
	return true;
}

void base_log_rate_limited(struct base_log_limit *limit, uint64_t interval_ms,
	const struct base_log_type *type, enum base_log_level level, const char *fmt, ...)
{
	uint64_t held;
	va_list ap;

	if (!base_log_enabled(type, level) || !limit_pass(limit, interval_ms, &held))
		return;
	va_start(ap, fmt);
	write_log(type, level, held, fmt, ap);
	va_end(ap);
}
