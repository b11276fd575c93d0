/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "flow/spec.h"

/* Definitions for tests of who owns them. */

static const struct flow_spec small = {
	.name = "small", .keys = "ipsource", .value = "frames", .n = 3, .t = 1, .capacity = 100};

static inline struct flow_spec named(const char *name, const char *keys)
{
	struct flow_spec spec = small;

	spec.name = name;
	spec.keys = keys;
	return spec;
}
