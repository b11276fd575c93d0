/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "conf/parse_pvt.h"
#include "conf/quote.h"

/*
 * A document within the settings, whose form others know: kept as JSON. All its scalars become
 * texts, but for those that are nothing. The depth of what libyaml has read is bounded.
 */

enum {
	DOCUMENT_FILE = 1 << 24, /* bytes of a YAML file at most */
	DOCUMENT_NAME = 1000,    /* bytes of a name as JSON: YAML knows none of more than 1,024 */
};

struct document {
	yaml_document_t *yaml;
	char *text;
	size_t len, size;
};

static void add(struct document *d, const char *text, size_t len)
{
	if (d->len + len >= d->size) {
		d->size = 2 * (d->len + len) + 64;
		d->text = realloc(d->text, d->size);
		if (!d->text)
			abort(); /* as a region does */
	}
	memcpy(d->text + d->len, text, len);
	d->len += len;
	d->text[d->len] = '\0';
}

/* libyaml has checked that it is UTF-8. */
static void add_text(struct document *d, const yaml_node_t *node)
{
	const char *text = conf_node_text(node);
	size_t len = node->data.scalar.length;
	char quoted[CONF_QUOTED];

	add(d, "\"", 1);
	for (size_t i = 0; i < len;) {
		i += conf_quote(text + i, len - i, quoted);
		add(d, quoted, strlen(quoted));
	}
	add(d, "\"", 1);
}

static int add_node(struct document *d, const yaml_node_t *node, const yaml_node_t **wrong);

static int add_mapping(struct document *d, const yaml_node_t *node, const yaml_node_t **wrong)
{
	const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
	size_t start;

	add(d, "{", 1);
	for (; pair < node->data.mapping.pairs.top; pair++) {
		const yaml_node_t *key = yaml_document_get_node(d->yaml, pair->key);

		if (pair > node->data.mapping.pairs.start)
			add(d, ", ", 2);
		*wrong = key;
		if (key->type != YAML_SCALAR_NODE)
			return -EINVAL;
		start = d->len;
		add_text(d, key);
		if (d->len - start > DOCUMENT_NAME)
			return -EINVAL;
		add(d, ": ", 2);
		if (add_node(d, yaml_document_get_node(d->yaml, pair->value), wrong) < 0)
			return -EINVAL;
	}
	add(d, "}", 1);
	return 0;
}

static int add_sequence(struct document *d, const yaml_node_t *node, const yaml_node_t **wrong)
{
	const yaml_node_item_t *item = node->data.sequence.items.start;

	add(d, "[", 1);
	for (; item < node->data.sequence.items.top; item++) {
		if (item > node->data.sequence.items.start)
			add(d, ", ", 2);
		if (add_node(d, yaml_document_get_node(d->yaml, *item), wrong) < 0)
			return -EINVAL;
	}
	add(d, "]", 1);
	return 0;
}

static int add_node(struct document *d, const yaml_node_t *node, const yaml_node_t **wrong)
{
	switch (node->type) {
	case YAML_MAPPING_NODE:
		return add_mapping(d, node, wrong);
	case YAML_SEQUENCE_NODE:
		return add_sequence(d, node, wrong);
	default:
		if (conf_node_is_null(node))
			add(d, "null", 4);
		else
			add_text(d, node);
		return 0;
	}
}

/* The JSON of a node, from malloc; NULL with the key that cannot be one. */
static char *make_json(yaml_document_t *yaml, const yaml_node_t *node, const yaml_node_t **wrong)
{
	struct document d = {.yaml = yaml};

	if (add_node(&d, node, wrong) == 0)
		return d.text;
	free(d.text);
	return NULL;
}

static const char wrong_key[] = "a name in a document is a text of at most 1,000 bytes";

int conf_parser_document(
	struct conf_parser *p, const struct conf_row *row, const yaml_node_t *node, void *base)
{
	struct conf_mark at = conf_yaml_mark(node->start_mark);
	const yaml_node_t *wrong;
	char why[CONF_WHY], *json;

	if (row->mark)
		memcpy((char *)base + row->mark, &at, sizeof(at));
	if (node->type == YAML_SCALAR_NODE) {
		if (conf_value_set(row, base, &p->c->region, conf_node_text(node),
			    node->data.scalar.length, why) != 0)
			return conf_parser_fail(p, row, at, why);
		return 0;
	}
	if (node->type != YAML_MAPPING_NODE)
		return conf_parser_fail_kind(p, row, node);
	json = make_json(&p->doc, node, &wrong);
	if (!json)
		return conf_parser_fail(p, row, conf_yaml_mark(wrong->start_mark), wrong_key);
	conf_member_set_pointer(row, base, base_region_text(&p->c->region, json));
	free(json);
	return 0;
}

bool conf_is_document(const char *text)
{
	return text[0] == '{';
}

static int read_yaml(
	const char *file, const char *text, size_t len, char **json, struct conf_error *e)
{
	yaml_document_t yaml;
	const yaml_node_t *root, *wrong;
	int err = conf_yaml_load(file, text, len, &yaml, e);

	if (err != 0)
		return err;
	root = yaml_document_get_root_node(&yaml);
	*json = root ? make_json(&yaml, root, &wrong) : strdup("{}");
	if (!*json) {
		conf_error_at(e, file, conf_yaml_mark(wrong->start_mark), "%s", wrong_key);
		err = -EINVAL;
	}
	yaml_document_delete(&yaml);
	return err;
}

int conf_document_load(const char *file, char **json, struct conf_error *e)
{
	const struct conf_mark nowhere = {0};
	const char *why;
	FILE *in = base_file_open(file, &why);
	int err = in ? 0 : -errno;
	char *text = in ? malloc(DOCUMENT_FILE + 1) : NULL;
	size_t len;

	if (!in) {
		conf_error_at(e, file, nowhere, "cannot read it: %s", why);
	} else if (!text) {
		err = -ENOMEM;
		conf_error_at(e, file, nowhere, "out of memory");
	} else {
		len = fread(text, 1, DOCUMENT_FILE + 1, in);
		if (len > DOCUMENT_FILE) {
			conf_error_at(e, file, nowhere, "longer than %d MB", DOCUMENT_FILE >> 20);
			err = -EINVAL;
		} else {
			err = read_yaml(file, text, len, json, e);
		}
	}
	if (in)
		fclose(in);
	free(text);
	return err;
}
