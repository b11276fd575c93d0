/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <jansson.h>
#include <stdint.h>

#include "session.h"

/* A subscription to the documents of one definition, on a connection of its own. */
struct channel {
	struct publish_link *redis; /* NULL: this user may not subscribe */
};

/** @return 0, or -EIO after a word on stderr. */
int channel_open(struct channel *c, const struct session *s, const char *prefix, const char *name);
void channel_close(struct channel *c);

/**
 * The next document, waited for until `deadline_ns` (monotonic).
 * @return 1 with `document` (the caller's reference), 0: none came, -EIO after a word on stderr
 */
int channel_next(struct channel *c, uint64_t deadline_ns, json_t **document);
