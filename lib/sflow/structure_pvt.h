/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "sflow/structure.h"

/* How the files of the families write their rows. */

/* One field: name, type, then by name what else there is to say. */
#define PLAIN(n, t, ...)                                                                           \
	{                                                                                          \
		.name = (n), .type = SFLOW_##t, ##__VA_ARGS__                                      \
	}

/* A gauge or a counter: name, type, unit, name as a metric. */
#define GAUGE(n, t, u, m, ...)                                                                     \
	{                                                                                          \
		.name = (n), .type = SFLOW_##t, .role = SFLOW_GAUGE, .unit = (u), .metric = (m),   \
		##__VA_ARGS__                                                                      \
	}
#define COUNTER(n, t, u, m, ...)                                                                   \
	{                                                                                          \
		.name = (n), .type = SFLOW_##t, .role = SFLOW_COUNTER, .unit = (u), .metric = (m), \
		##__VA_ARGS__                                                                      \
	}

/* A text: name, bytes that the definition allows, bytes that sflowtool keeps. */
#define TEXT(n, allowed, kept, ...)                                                                \
	{                                                                                          \
		.name = (n), .type = SFLOW_STRING, .max = (allowed), .line_max = (kept),           \
		##__VA_ARGS__                                                                      \
	}

#define FIELD_COUNT(...)                                                                           \
	(sizeof((const struct sflow_field[]){__VA_ARGS__}) / sizeof(struct sflow_field))

#define FIELDS(...)                                                                                \
	.fields = (const struct sflow_field[]){__VA_ARGS__}, .field_count = FIELD_COUNT(__VA_ARGS__)

/* The fields of an element of a list. */
#define ELEMENT(ident, ...)                                                                        \
	static const struct sflow_fields ident = {                                                 \
		.list = (const struct sflow_field[]){__VA_ARGS__},                                 \
		.count = FIELD_COUNT(__VA_ARGS__),                                                 \
	}

#define WORDS(ident, ...)                                                                          \
	static const struct sflow_words ident = {                                                  \
		.words = (const struct sflow_word[]){__VA_ARGS__},                                 \
		.count = sizeof((const struct sflow_word[]){__VA_ARGS__}) /                        \
			 sizeof(struct sflow_word),                                                \
	}

/* A structure: identifier, name, enterprise, format, least length; then its fields and the rest. */
#define STRUCTURE(ident, n, e, f, min, ...)                                                        \
	const struct sflow_structure sflow_##ident = {                                             \
		.tag = SFLOW_TAG(e, f), .name = (n), .min_len = (min), __VA_ARGS__}

/* sflowtool has no lines for it. */
#define SKIPPED .layout = SFLOW_LAYOUT_SKIPPED
