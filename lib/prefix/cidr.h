/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "prefix/trie.h"

/**
 * Read a network as it is written: "10.0.0.0/8", "2001:db8::/32", or an address alone. Bits behind
 * the length are taken for zero.
 * @param p      its label is left alone
 * @param width  set to the bytes of its family, 4 or 16
 * @return 0, or -EINVAL with what would be right in `why` (never freed)
 */
int prefix_cidr_parse(const char *text, struct prefix *p, unsigned *width, const char **why);

/** Clear all bits behind the first `bits`. */
void prefix_mask(struct prefix *p);
