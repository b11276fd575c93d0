/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "conf/schema_pvt.h"
#include "conf/yaml_pvt.h"

/* From the YAML document to struct conf. Recursion follows the schema, never the document. */

struct conf_parser {
	struct conf *c;
	const char *file;
	yaml_document_t doc;
	struct conf_error *e;
};

static inline yaml_node_t *conf_parser_node(struct conf_parser *p, int id)
{
	return yaml_document_get_node(&p->doc, id);
}

static inline const char *conf_node_text(const yaml_node_t *node)
{
	return (const char *)node->data.scalar.value;
}

/** Where a value begins: within its quotes, if it has them. */
struct conf_mark conf_node_mark(const yaml_node_t *node);

/** Nothing, ~ or null: a section or list whose entries are all commented out. */
bool conf_node_is_null(const yaml_node_t *node);

/** "PATH: WHY" at a mark; NULL: of no row. @return -EINVAL */
int conf_parser_fail(
	struct conf_parser *p, const struct conf_row *row, struct conf_mark at, const char *why);

/** The node is of the wrong kind for the row (NULL: the whole document). @return -EINVAL */
int conf_parser_fail_kind(
	struct conf_parser *p, const struct conf_row *row, const yaml_node_t *node);

/** Entries of a sequence. @return how many, or -EINVAL for more than the row allows */
int conf_parser_length(struct conf_parser *p, const struct conf_row *row, const yaml_node_t *node);

/** Store a CONF_LOOKUPS. @return 0 or -EINVAL */
int conf_parser_lookups(
	struct conf_parser *p, const struct conf_row *row, const yaml_node_t *node, void *base);

/** Store a CONF_DOCUMENT. @return 0 or -EINVAL */
int conf_parser_document(
	struct conf_parser *p, const struct conf_row *row, const yaml_node_t *node, void *base);

/** Store what has no options below it (neither CONF_MAP nor CONF_LIST). @return 0 or -EINVAL */
int conf_parser_leaf(
	struct conf_parser *p, const struct conf_row *row, const yaml_node_t *node, void *base);
