/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <yaml.h>

#include "conf/conf.h"

/**
 * Load the one document of a text, after a look for what settings never need and what could make
 * them grow beyond their text: anchors, aliases, tags, deep nesting, further documents.
 * @param doc  yaml_document_delete() it after success; without a root where the text is empty
 * @return 0 or -EINVAL with `e`
 */
int conf_yaml_load(
	const char *file, const char *text, size_t len, yaml_document_t *doc, struct conf_error *e);

/** A mark of libyaml, whose lines and columns start at 0. */
static inline struct conf_mark conf_yaml_mark(yaml_mark_t mark)
{
	return (struct conf_mark){(unsigned)mark.line + 1, (unsigned)mark.column + 1};
}
