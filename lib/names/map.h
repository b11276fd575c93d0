/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "names/names.h"

/*
 * The map of the configuration: agent → ifIndex → name, or name and alias.
 *
 *	{"192.0.2.1": {"1": "eth1", "2": {"name": "eth2", "alias": "to spine 1"}}}
 */

enum { NAMES_ERROR = 256 };

/**
 * Add what a text says to `n`.
 * @param error  NAMES_ERROR bytes: one sentence
 * @return 0; -EINVAL or -ENOMEM with `error`
 */
int names_map_parse(struct names *n, const char *text, size_t len, char *error);
