/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <jansson.h>

#include "session.h"

/**
 * The newest window of a definition as Redis stores it, in the form of a channel document but
 * without samples, error, agent and source of each flow.
 * @return 1 with `document` (the caller's reference), 0: there is no such definition, -EIO after a
 *         word on stderr
 */
int stored_read(struct session *s, const struct options *o, json_t **document);

/** Say that there is no definition of that name, and which there are. */
void stored_tell_missing(struct session *s, const struct options *o);
