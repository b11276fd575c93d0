/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "conf/conf.h"
#include "flow/late.h"
#include "resolve/resolve.h"

/* Names of addresses for functions of keys, from DNS. */

/**
 * Start the resolver of the settings. Main thread.
 * @param hash   outlives it
 * @param names  out: what knows the names
 * @param r      out: for resolve_stop(); NULL: the settings name no server
 * @return 0, or -errno with `e`
 */
int names_start(const struct conf *c, const struct base_hash *hash, struct flow_names *names,
	struct resolve **r, struct conf_error *e);

/** Say so where functions of a plan want names and no server is asked. */
void names_check(const struct flow_plan *plan, const struct resolve *r);
