/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct metric_value;

/*
 * Which data sources a query or a threshold is about, by their attributes, which are metrics. Each
 * attribute has patterns, of which one has to fit; every attribute of the filter has to be there and fit.
 *
 *   *        any characters, also none; alone: the attribute is there, whatever it is
 *   \        the character behind it stands for itself: apache\.* or \*
 *
 * A pattern that is a number and nothing else is compared with numbers as a number: 1e9 is 1000000000.
 * All else is compared with the text of a value, as it is printed, and upper and lower case differ.
 *
 * Pure. Immutable behind the last metric_filter_add(); from then on any thread may use it. What a match
 * costs grows with the lengths of pattern and text alone, whatever they are.
 */
struct metric_filter;

enum {
	METRIC_FILTER_NAMES = 32,      /* attributes at most */
	METRIC_FILTER_PATTERNS = 1024, /* of all attributes together */
	METRIC_FILTER_TEXT = 512,      /* bytes of a name, or of a pattern, at most */
};

/** An empty filter, which everything passes. @return NULL: memory is short. destroy() takes NULL too. */
struct metric_filter *metric_filter_create(void);
void metric_filter_destroy(struct metric_filter *f);

/**
 * Add a pattern. Texts are copied, and may be anybody's.
 * @param error  out: one sentence of what is wrong
 * @return 0; -EINVAL or -ENOSPC with `error`; -ENOMEM
 */
int metric_filter_add(struct metric_filter *f, const char *name, const char *pattern, char *error,
	size_t error_size);

/** Attributes, each once, in the order in which they were first added. */
unsigned metric_filter_count(const struct metric_filter *f);
const char *metric_filter_name(const struct metric_filter *f, unsigned i);

/** Whether a value fits one of the patterns of attribute `i`. @param v  NULL: there is none */
bool metric_filter_fits(const struct metric_filter *f, unsigned i, const struct metric_value *v);
