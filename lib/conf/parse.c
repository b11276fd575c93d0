/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>

#include "base/near.h"
#include "conf/parse_pvt.h"

static int read_map(
	struct conf_parser *p, const struct conf_row *parent, const yaml_node_t *node, void *base);

static const char *next_name(const void *ctx, size_t i)
{
	const struct conf_row *row = conf_row_child(ctx, i);

	return row ? conf_row_name(row) : NULL;
}

static void fail_unknown(
	struct conf_parser *p, const struct conf_row *parent, const yaml_node_t *key)
{
	const char *near = base_near(conf_node_text(key), next_name, parent), *name;
	char shown[CONF_SHOWN], why[CONF_WHY];
	struct base_text t = base_text(why, sizeof(why));

	base_text_printf(&t, "%s is no option; write one of ",
		conf_value_shown(conf_node_text(key), key->data.scalar.length, shown));
	for (size_t i = 0; (name = next_name(parent, i)); i++)
		base_text_printf(&t, "%s%s", i ? ", " : "", name);
	if (near)
		base_text_printf(&t, " (did you mean \"%s\"?)", near);
	conf_parser_fail(p, parent, conf_yaml_mark(key->start_mark), why);
}

/* The row that a key of a map names, or NULL with the error. */
static const struct conf_row *find_row(
	struct conf_parser *p, const struct conf_row *parent, const yaml_node_t *key)
{
	const struct conf_row *row;

	if (key->type != YAML_SCALAR_NODE) {
		conf_parser_fail(p, parent, conf_yaml_mark(key->start_mark),
			"the name of an option is a list or section; write NAME: VALUE");
		return NULL;
	}
	row = conf_row_find(parent, conf_node_text(key));
	if (row && strlen(conf_node_text(key)) == key->data.scalar.length)
		return row;
	fail_unknown(p, parent, key);
	return NULL;
}

/* After an entry of a list: what it cannot do without. */
static int check_required(struct conf_parser *p, const struct conf_row *list,
	const yaml_node_t *node, const struct conf_mark *seen)
{
	const struct conf_row *row;
	char why[CONF_WHY];
	struct base_text t = base_text(why, sizeof(why));

	for (size_t i = 0; (row = conf_row_child(list, i)); i++) {
		if (!row->required || seen[row - conf_rows].line)
			continue;
		base_text_printf(&t, "an entry without %s; write %s: ", conf_row_name(row),
			conf_row_name(row));
		conf_row_want(row, &t);
		return conf_parser_fail(p, list, conf_yaml_mark(node->start_mark), why);
	}
	return 0;
}

static int read_entry(
	struct conf_parser *p, const struct conf_row *list, const yaml_node_t *node, void *entry)
{
	struct conf_mark at = conf_yaml_mark(node->start_mark);

	conf_row_presets(list, entry, &p->c->region);
	if (read_map(p, list, node, entry) != 0)
		return -EINVAL;
	if (list->mark)
		memcpy((char *)entry + list->mark, &at, sizeof(at));
	if (list->finish)
		list->finish(entry);
	return 0;
}

static int read_list(
	struct conf_parser *p, const struct conf_row *list, const yaml_node_t *node, void *base)
{
	char *entries;
	int count;

	if (node->type != YAML_SEQUENCE_NODE)
		return conf_node_is_null(node) ? 0 : conf_parser_fail_kind(p, list, node);
	count = conf_parser_length(p, list, node);
	if (count < 0)
		return count;
	entries = base_region_alloc(&p->c->region, (size_t)count * list->entry);
	for (unsigned i = 0; i < (unsigned)count; i++) {
		const yaml_node_t *item = conf_parser_node(p, node->data.sequence.items.start[i]);

		if (read_entry(p, list, item, entries + i * list->entry) != 0)
			return -EINVAL;
	}
	conf_member_set_list(list, base, entries, (unsigned)count);
	return 0;
}

static int read_value(
	struct conf_parser *p, const struct conf_row *row, const yaml_node_t *node, void *base)
{
	if (row->type == CONF_LIST)
		return read_list(p, row, node, base);
	if (row->type == CONF_MAP)
		return conf_node_is_null(node) ? 0 : read_map(p, row, node, base);
	return conf_parser_leaf(p, row, node, base);
}

/* One NAME: VALUE. `seen` has where each row was given, by its index. */
static int read_pair(struct conf_parser *p, const struct conf_row *parent,
	const yaml_node_pair_t *pair, struct conf_mark *seen, void *base)
{
	const yaml_node_t *key = conf_parser_node(p, pair->key),
			  *value = conf_parser_node(p, pair->value);
	const struct conf_row *row = find_row(p, parent, key);
	char why[CONF_WHY];
	struct conf_mark *first;

	if (!row)
		return -EINVAL;
	first = &seen[row - conf_rows];
	if (first->line) {
		snprintf(why, sizeof(why), "given twice, first in line %u; keep one", first->line);
		return conf_parser_fail(p, row, conf_yaml_mark(key->start_mark), why);
	}
	*first = conf_yaml_mark(key->start_mark);
	if (base == p->c)
		p->c->origins[row - conf_rows].at = conf_node_mark(value);
	return read_value(p, row, value, base);
}

static int read_map(
	struct conf_parser *p, const struct conf_row *parent, const yaml_node_t *node, void *base)
{
	struct conf_mark seen[CONF_ROWS_MAX] = {0};
	const yaml_node_pair_t *pair;

	if (node->type != YAML_MAPPING_NODE)
		return conf_parser_fail_kind(p, parent, node);
	for (pair = node->data.mapping.pairs.start; pair < node->data.mapping.pairs.top; pair++) {
		if (read_pair(p, parent, pair, seen, base) != 0)
			return -EINVAL;
	}
	return check_required(p, parent, node, seen);
}

int conf_parse(struct conf *c, const char *name, const char *text, size_t len, struct conf_error *e)
{
	struct conf_parser p = {.c = c, .e = e};
	const yaml_node_t *root;
	int err;

	c->file = p.file = base_region_text(&c->region, name);
	err = conf_yaml_load(p.file, text, len, &p.doc, e);
	if (err != 0)
		return err;
	root = yaml_document_get_root_node(&p.doc);
	if (root && !conf_node_is_null(root))
		err = read_map(&p, NULL, root, c);
	yaml_document_delete(&p.doc);
	return err;
}
