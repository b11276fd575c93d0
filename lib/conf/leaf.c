/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>

#include "conf/parse_pvt.h"

int conf_parser_fail(
	struct conf_parser *p, const struct conf_row *row, struct conf_mark at, const char *why)
{
	conf_error_at(p->e, p->file, at, "%s%s%s", row ? row->path : "", row ? ": " : "", why);
	return -EINVAL;
}

bool conf_node_is_null(const yaml_node_t *node)
{
	const char *text = conf_node_text(node);

	if (node->type != YAML_SCALAR_NODE || node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return false;
	return *text == '\0' || strcmp(text, "~") == 0 || strcmp(text, "null") == 0;
}

int conf_parser_fail_kind(
	struct conf_parser *p, const struct conf_row *row, const yaml_node_t *node)
{
	char shown[CONF_SHOWN], why[CONF_WHY];
	struct base_text t = base_text(why, sizeof(why));

	if (node->type == YAML_SEQUENCE_NODE)
		base_text_printf(&t, "%s is given",
			node->data.sequence.items.top > node->data.sequence.items.start
				? "a list"
				: "an empty list");
	else if (node->type == YAML_MAPPING_NODE)
		base_text_printf(&t, "a section is given");
	else if (conf_node_is_null(node))
		base_text_printf(&t, "nothing is given");
	else
		base_text_printf(&t, "%s is given",
			conf_value_shown(conf_node_text(node), node->data.scalar.length, shown));
	base_text_printf(&t, "; write ");
	if (row)
		conf_row_want(row, &t);
	else
		base_text_printf(&t, "options, each as NAME: VALUE");
	return conf_parser_fail(p, row, conf_yaml_mark(node->start_mark), why);
}

/* The mark of the first byte of a scalar's text, and whether the text is as in the file. */
static struct conf_piece piece_of(const yaml_node_t *node)
{
	yaml_scalar_style_t style = node->data.scalar.style;
	bool quoted = style == YAML_SINGLE_QUOTED_SCALAR_STYLE ||
		      style == YAML_DOUBLE_QUOTED_SCALAR_STYLE;
	struct conf_piece piece = {.at = conf_yaml_mark(node->start_mark)};
	size_t width = node->end_mark.column - node->start_mark.column, characters = 0;

	for (size_t i = 0; i < node->data.scalar.length; i++)
		characters += (node->data.scalar.value[i] & 0xC0) != 0x80;
	piece.at.column += quoted;
	piece.straight =
		node->start_mark.line == node->end_mark.line && width == characters + 2 * quoted;
	return piece;
}

struct conf_mark conf_node_mark(const yaml_node_t *node)
{
	return node->type == YAML_SCALAR_NODE ? piece_of(node).at
					      : conf_yaml_mark(node->start_mark);
}

static void set_mark(const struct conf_row *row, void *base, struct conf_mark at)
{
	if (row->mark)
		memcpy((char *)base + row->mark, &at, sizeof(at));
}

static int read_scalar(
	struct conf_parser *p, const struct conf_row *row, const yaml_node_t *node, void *base)
{
	struct conf_piece piece;
	char why[CONF_WHY];

	if (node->type != YAML_SCALAR_NODE || conf_node_is_null(node))
		return conf_parser_fail_kind(p, row, node);
	if (conf_value_set(row, base, &p->c->region, conf_node_text(node), node->data.scalar.length,
		    why) != 0)
		return conf_parser_fail(p, row, conf_yaml_mark(node->start_mark), why);
	piece = piece_of(node);
	set_mark(row, base, piece.at);
	if (row->piece)
		memcpy((char *)base + row->piece, &piece, sizeof(piece));
	return 0;
}

int conf_parser_length(struct conf_parser *p, const struct conf_row *row, const yaml_node_t *node)
{
	const yaml_node_item_t *items = node->data.sequence.items.start;
	size_t count = (size_t)(node->data.sequence.items.top - items);
	char why[CONF_WHY];

	if (count <= row->most)
		return (int)count;
	snprintf(why, sizeof(why), "%zu entries; at most %u are possible", count, row->most);
	return conf_parser_fail(
		p, row, conf_yaml_mark(conf_parser_node(p, items[row->most])->start_mark), why);
}

static const yaml_node_t *item_of(struct conf_parser *p, const yaml_node_t *node, unsigned i)
{
	return conf_parser_node(p, node->data.sequence.items.start[i]);
}

/* An item of a list of texts or numbers must be a scalar with something in it. */
static int check_item(struct conf_parser *p, const struct conf_row *row, const yaml_node_t *item)
{
	return item->type != YAML_SCALAR_NODE || conf_node_is_null(item)
		       ? conf_parser_fail_kind(p, row, item)
		       : 0;
}

static int read_uint_item(struct conf_parser *p, const struct conf_row *row,
	const yaml_node_t *item, unsigned *list, unsigned count)
{
	char why[CONF_WHY];
	uint64_t v;

	if (check_item(p, row, item) != 0)
		return -EINVAL;
	if (conf_value_uint(row, conf_node_text(item), item->data.scalar.length, &v, why) != 0)
		return conf_parser_fail(p, row, conf_yaml_mark(item->start_mark), why);
	for (unsigned i = 0; i < count; i++) {
		if (list[i] != v)
			continue;
		snprintf(why, sizeof(why), "%u is given twice; keep one", list[i]);
		return conf_parser_fail(p, row, conf_yaml_mark(item->start_mark), why);
	}
	list[count] = (unsigned)v;
	return 0;
}

static int read_uints(
	struct conf_parser *p, const struct conf_row *row, const yaml_node_t *node, void *base)
{
	unsigned *list;
	int count;

	if (node->type != YAML_SEQUENCE_NODE)
		return conf_node_is_null(node) ? 0 : conf_parser_fail_kind(p, row, node);
	count = conf_parser_length(p, row, node);
	if (count < 0)
		return count;
	list = base_region_alloc(&p->c->region, (size_t)count * sizeof(*list));
	for (unsigned i = 0; i < (unsigned)count; i++) {
		if (read_uint_item(p, row, item_of(p, node, i), list, i) != 0)
			return -EINVAL;
	}
	conf_member_set_list(row, base, list, (unsigned)count);
	return 0;
}

/*
 * One text, or a list of them.
 * @param pieces  with room for row->most, where each stands
 * @return how many, perhaps none, or -EINVAL
 */
static int read_text_items(struct conf_parser *p, const struct conf_row *row,
	const yaml_node_t *node, const char **texts, struct conf_piece *pieces)
{
	int count = node->type == YAML_SEQUENCE_NODE ? conf_parser_length(p, row, node) : 1;
	char why[CONF_WHY];

	for (int i = 0; i < count; i++) {
		const yaml_node_t *item =
			node->type == YAML_SEQUENCE_NODE ? item_of(p, node, (unsigned)i) : node;

		if (check_item(p, row, item) != 0)
			return -EINVAL;
		pieces[i] = piece_of(item);
		if (conf_value_text(row, conf_node_text(item), item->data.scalar.length, why) != 0)
			return conf_parser_fail(p, row, conf_yaml_mark(item->start_mark), why);
		texts[i] = base_region_copy(
			&p->c->region, conf_node_text(item), item->data.scalar.length);
	}
	return count;
}

static int read_texts(
	struct conf_parser *p, const struct conf_row *row, const yaml_node_t *node, void *base)
{
	const char **texts = base_region_alloc(&p->c->region, row->most * sizeof(*texts));
	struct conf_piece *pieces = base_region_alloc(&p->c->region, row->most * sizeof(*pieces));
	int count = read_text_items(p, row, node, texts, pieces);

	if (count < 0)
		return count;
	if (count == 0)
		return conf_parser_fail_kind(p, row, node);
	conf_member_set_list(row, base, texts, (unsigned)count);
	return 0;
}

/* Join the texts with commas, and note where each begins. */
static char *join(
	struct base_region *region, const char **texts, struct conf_piece *pieces, unsigned count)
{
	size_t len = 0;
	char *joined;

	for (unsigned i = 0; i < count; i++) {
		pieces[i].offset = len;
		len += strlen(texts[i]) + 1;
	}
	joined = base_region_alloc(region, len + 1);
	for (unsigned i = 0; i < count; i++) {
		size_t n = strlen(texts[i]);

		memcpy(joined + pieces[i].offset, texts[i], n);
		if (i + 1 < count)
			joined[pieces[i].offset + n] = ',';
	}
	return joined;
}

static int read_keys(
	struct conf_parser *p, const struct conf_row *row, const yaml_node_t *node, void *base)
{
	const char *texts[CONF_KEYS_MOST];
	struct conf_piece pieces[CONF_KEYS_MOST] = {0};
	struct conf_pieces kept;
	char why[CONF_WHY], *joined;
	int count;

	count = read_text_items(p, row, node, texts, pieces);
	if (count < 0)
		return count;
	joined = join(&p->c->region, texts, pieces, (unsigned)count);
	if (conf_value_text(row, joined, strlen(joined), why) != 0)
		return conf_parser_fail(p, row, conf_yaml_mark(node->start_mark), why);
	conf_member_set_pointer(row, base, joined);
	kept.piece = memcpy(base_region_alloc(&p->c->region, sizeof(pieces[0]) * (unsigned)count),
		pieces, sizeof(pieces[0]) * (unsigned)count);
	kept.count = (unsigned)count;
	memcpy((char *)base + row->piece, &kept, sizeof(kept));
	set_mark(row, base, count ? pieces[0].at : conf_yaml_mark(node->start_mark));
	return 0;
}

int conf_parser_leaf(
	struct conf_parser *p, const struct conf_row *row, const yaml_node_t *node, void *base)
{
	switch (row->type) {
	case CONF_UINTS:
		return read_uints(p, row, node, base);
	case CONF_TEXTS:
		return read_texts(p, row, node, base);
	case CONF_KEYS:
		return read_keys(p, row, node, base);
	case CONF_DOCUMENT:
		return conf_parser_document(p, row, node, base);
	case CONF_LOOKUPS:
		return conf_parser_lookups(p, row, node, base);
	default:
		return read_scalar(p, row, node, base);
	}
}
