/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "feed.h"

/**
 * Show the windows of a definition on the terminal until `end_ns` (monotonic), or until somebody quits.
 * Keys: s sorts by the next column, r turns the order round, p or a blank stops and goes on, q quits.
 * @return 0; -ENOTTY: there is no terminal; -EIO after a word on stderr
 */
int top_screen(struct feed *f, const struct options *o, uint64_t end_ns);
