/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/*
 * Log lines on stderr, one write each, so that lines of several threads never mix. Never for the
 * RX path. Each library has one type with a level of its own, changeable while it runs. Any thread.
 */

enum base_log_level {
	BASE_LOG_ERROR,   /* something does not work that was asked for */
	BASE_LOG_WARNING, /* works, but someone should look at it */
	BASE_LOG_NOTICE,  /* worth knowing; the default */
	BASE_LOG_DEBUG,
	BASE_LOG_LEVELS,
};

/* One per library, made by BASE_LOG_TYPE(). */
struct base_log_type {
	const char *name;
	int level; /* enum base_log_level; relaxed atomic, any thread */
	struct base_log_type *next;
};

/** Define the static log type `type` under `name`, and register it before main(). */
#define BASE_LOG_TYPE(type, text)                                                                  \
	static struct base_log_type type = {.name = (text), .level = BASE_LOG_NOTICE};             \
	static void __attribute__((constructor)) type##_register(void)                             \
	{                                                                                          \
		base_log_register(&type);                                                          \
	}                                                                                          \
	static void type##_register(void)

/** Add a type to the list; only by BASE_LOG_TYPE(). */
void base_log_register(struct base_log_type *type);

/** Set the level of one type, or of all where `name` is NULL. @return 0, or -ENOENT: no such type. */
int base_log_set_level(const char *name, enum base_log_level level);

/** Name of the `i`-th type, NULL past the last; in the form that base_near() asks for. */
const char *base_log_type_name(const void *ctx, size_t i);

/** "error", "warning", "notice", "debug". @return 0 or -EINVAL. */
int base_log_parse_level(const char *text, enum base_log_level *level);

/** Where lines go (tests); NULL: stderr. The stream stays the caller's. */
void base_log_set_output(FILE *out);

/* Writes what was said somewhere, whole, in one step. Any thread; it says nothing itself. */
typedef void base_log_sink(const char *type, enum base_log_level level, const char *text);

/** Have all that is said written by it, in place of lines; NULL: lines. Main, before other threads. */
void base_log_set_sink(base_log_sink *sink);

/** "error", "warning", "notice" or "debug". */
const char *base_log_level_name(enum base_log_level level);

static inline bool base_log_enabled(const struct base_log_type *type, enum base_log_level level)
{
	return (int)level <= __atomic_load_n(&type->level, __ATOMIC_RELAXED);
}

/** Write one line: time (UTC), type, level, text. No newline in `fmt`. */
void base_log(const struct base_log_type *type, enum base_log_level level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* What one place has said lately: static, zeroed, and used by base_log_rate_limited() alone. */
struct base_log_limit {
	uint64_t next_ns; /* monotonic; relaxed atomic */
	uint64_t held;    /* lines left out since; relaxed atomic */
};

/**
 * As base_log(), but at most one line in `interval_ms` from this place; the next line says how many
 * were left out.
 */
void base_log_rate_limited(struct base_log_limit *limit, uint64_t interval_ms,
	const struct base_log_type *type, enum base_log_level level, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
