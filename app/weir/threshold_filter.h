/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <jansson.h>

#include "window/threshold.h"

enum { THRESHOLD_FILTER_ERROR = 256 };

/* Which data sources a threshold looks at, as users write it, and room for what that comes to. */
struct threshold_filter {
	struct base_addr agents[THRESHOLD_PLACES];
	struct sflow_source sources[THRESHOLD_PLACES];
	char *names; /* as struct threshold has them, from malloc */
	size_t names_len;
	struct metric_filter *attributes;
	char *text;
	char error[THRESHOLD_FILTER_ERROR];
};

/**
 * Read a filter, which is hostile: an object of lists (or of what a list has one of), by `agent`,
 * `dataSource`, and names of metrics with their patterns.
 * @param f  to be given to threshold_filter_fini() in any case
 * @param t  out: where it finds its filter, as long as `f` lives
 * @return 0, or -EINVAL with f->error
 */
int threshold_filter_read(struct threshold_filter *f, const json_t *filter, struct threshold *t);

/** @param taken  whether a set has taken the attributes over */
void threshold_filter_fini(struct threshold_filter *f, bool taken);
