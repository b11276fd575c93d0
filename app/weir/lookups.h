/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "conf/conf.h"
#include "flow/data.h"

/**
 * Build the groups, maps and topology of the settings; databases are opened by who asks for them.
 * Control thread.
 * @return one reference; NULL with `e` at the place in the file, or in the file that a group names
 */
struct flow_data *lookups_open(const struct conf *c, struct conf_error *e);

/**
 * Build a group or map of its JSON. Any thread but RX.
 * @param body   hostile; the caller's
 * @param error  one sentence
 * @return one reference; NULL with `error` and errno (EINVAL, ENOMEM)
 */
struct flow_lookup *lookups_make(enum flow_lookup_kind kind, const char *name, const json_t *body,
	char *error, size_t error_size);

/** The same of JSON as text. */
struct flow_lookup *lookups_read(enum flow_lookup_kind kind, const char *name, const char *text,
	char *error, size_t error_size);
