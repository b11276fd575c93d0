/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "conf/conf.h"
#include "flow/data.h"

/**
 * Build the groups and maps of the settings; databases are opened by who asks for them. Control
 * thread.
 * @return one reference; NULL with `e` at the place in the file, or in the file that a group names
 */
struct flow_data *lookups_open(const struct conf *c, struct conf_error *e);
