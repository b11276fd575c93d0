/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>

#include "conf/parse_pvt.h"
#include "conf/syntax_pvt.h"

/*
 * Groups and maps: NAME: {LABEL: [VALUE, ...], ...} or NAME: FILE. Names and labels are the user's
 * own, so no rows stand for them.
 */

enum { NAME_MOST = 64, LABEL_MOST = 200, VALUES_MOST = 1000000, PATH_MOST = 1024 };

/* Reading one: how many values there are is known once they were counted. */
struct lookup_reader {
	struct conf_parser *p;
	const struct conf_row *row;
	struct conf_lookup *l;
};

static int fail(struct lookup_reader *r, const yaml_node_t *node, const char *what)
{
	char shown[CONF_SHOWN], why[CONF_WHY];
	struct base_text t = base_text(why, sizeof(why));

	if (node->type == YAML_SCALAR_NODE)
		base_text_printf(&t, "%s ",
			conf_value_shown(conf_node_text(node), node->data.scalar.length, shown));
	base_text_printf(&t, "%s", what);
	return conf_parser_fail(r->p, r->row, conf_yaml_mark(node->start_mark), why);
}

/* ---- values ---- */

static int read_item(struct lookup_reader *r, const char *label, const yaml_node_t *node)
{
	struct conf_labelled *v = &r->l->values[r->l->count];
	char why[CONF_WHY];

	if (node->type != YAML_SCALAR_NODE || conf_node_is_null(node))
		return fail(r, node, "is no value");
	if (conf_value_text(r->row, conf_node_text(node), node->data.scalar.length, why) != 0)
		return conf_parser_fail(r->p, r->row, conf_yaml_mark(node->start_mark), why);
	v->label = label;
	v->value =
		base_region_copy(&r->p->c->region, conf_node_text(node), node->data.scalar.length);
	v->at = conf_yaml_mark(node->start_mark);
	r->l->count++;
	return 0;
}

static int read_items(struct lookup_reader *r, const char *label, const yaml_node_t *node)
{
	const yaml_node_item_t *item;

	if (node->type == YAML_MAPPING_NODE)
		return fail(r, node, "a label has values, and no labels of its own");
	if (node->type != YAML_SEQUENCE_NODE)
		return read_item(r, label, node);
	for (item = node->data.sequence.items.start; item < node->data.sequence.items.top; item++) {
		if (read_item(r, label, conf_parser_node(r->p, *item)) != 0)
			return -EINVAL;
	}
	return 0;
}

/* ---- labels ---- */

static bool is_label(const yaml_node_t *node)
{
	const char *text = conf_node_text(node);
	size_t len = node->data.scalar.length;

	if (node->type != YAML_SCALAR_NODE || len == 0 || len > LABEL_MOST ||
		!conf_is_utf8(text, len))
		return false;
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7F)
			return false;
	}
	return true;
}

static size_t count_values(struct lookup_reader *r, const yaml_node_t *node)
{
	const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
	size_t count = 0;

	for (; pair < node->data.mapping.pairs.top; pair++) {
		const yaml_node_t *value = conf_parser_node(r->p, pair->value);

		count += value->type == YAML_SEQUENCE_NODE
				 ? (size_t)(value->data.sequence.items.top -
					    value->data.sequence.items.start)
				 : 1;
	}
	return count;
}

static int read_labels(struct lookup_reader *r, const yaml_node_t *node)
{
	const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
	size_t count = count_values(r, node);

	if (count > VALUES_MOST)
		return fail(r, node, "more than 1000000 values: put them into a file");
	r->l->values = base_region_alloc(&r->p->c->region, (count + 1) * sizeof(*r->l->values));
	for (; pair < node->data.mapping.pairs.top; pair++) {
		const yaml_node_t *key = conf_parser_node(r->p, pair->key);

		if (!is_label(key))
			return fail(r, key,
				"cannot be a label; write 1 to 200 bytes of text in one line");
		if (read_items(r, base_region_text(&r->p->c->region, conf_node_text(key)),
			    conf_parser_node(r->p, pair->value)) != 0)
			return -EINVAL;
	}
	return 0;
}

/* ---- names ---- */

static int read_file(struct lookup_reader *r, const yaml_node_t *node)
{
	if (node->data.scalar.length > PATH_MOST || strlen(conf_node_text(node)) == 0)
		return fail(r, node, "is no path of a file");
	r->l->file = base_region_text(&r->p->c->region, conf_node_text(node));
	r->l->file_at = conf_yaml_mark(node->start_mark);
	return 0;
}

/* Where a name was given before it, line 0: nowhere. */
static struct conf_mark given_before(const struct conf_lookup *first, const struct conf_lookup *l)
{
	for (; first < l; first++) {
		if (strcmp(first->name, l->name) == 0)
			return first->at;
	}
	return (struct conf_mark){0};
}

static int read_name(
	struct lookup_reader *r, const yaml_node_t *key, const struct conf_lookup *first)
{
	char why[CONF_WHY];
	struct conf_mark before;

	if (key->type != YAML_SCALAR_NODE || key->data.scalar.length == 0 ||
		key->data.scalar.length > NAME_MOST ||
		strlen(conf_node_text(key)) != key->data.scalar.length ||
		!conf_is_name(conf_node_text(key)))
		return fail(r, key, "cannot be a name; write 1 to 64 letters, digits, _ . or -");
	r->l->name = base_region_text(&r->p->c->region, conf_node_text(key));
	r->l->at = conf_yaml_mark(key->start_mark);
	before = given_before(first, r->l);
	if (before.line == 0)
		return 0;
	snprintf(why, sizeof(why), "is given in line %u, too; keep one", before.line);
	return fail(r, key, why);
}

static int read_lookup(
	struct lookup_reader *r, const yaml_node_pair_t *pair, const struct conf_lookup *first)
{
	const yaml_node_t *node = conf_parser_node(r->p, pair->value);

	if (read_name(r, conf_parser_node(r->p, pair->key), first) != 0)
		return -EINVAL;
	if (node->type == YAML_MAPPING_NODE)
		return read_labels(r, node);
	if (node->type != YAML_SCALAR_NODE || conf_node_is_null(node))
		return fail(r, node, "neither labels with their values, nor the path of a file");
	return read_file(r, node);
}

int conf_parser_lookups(
	struct conf_parser *p, const struct conf_row *row, const yaml_node_t *node, void *base)
{
	const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
	struct conf_lookup *list;
	unsigned count = 0;

	if (node->type != YAML_MAPPING_NODE)
		return conf_node_is_null(node) ? 0 : conf_parser_fail_kind(p, row, node);
	if (node->data.mapping.pairs.top - pair > (ptrdiff_t)row->most)
		return conf_parser_fail_kind(p, row, node);
	list = base_region_alloc(&p->c->region, (row->most + 1) * sizeof(*list));
	for (; pair < node->data.mapping.pairs.top; pair++, count++) {
		struct lookup_reader r = {p, row, &list[count]};

		if (read_lookup(&r, pair, list) != 0)
			return -EINVAL;
	}
	conf_member_set_list(row, base, list, count);
	return 0;
}
