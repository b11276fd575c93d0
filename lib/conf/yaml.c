/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>

#include "conf/yaml_pvt.h"

enum { DEPTH_MAX = 8 }; /* the schema needs 3 */

struct source {
	const char *file, *text;
	size_t len;
	struct conf_error *e;
};

/* Left to itself, libyaml takes UTF-16 too; told what it is, it does not skip the UTF-8 mark. */
static void start(yaml_parser_t *parser, const struct source *s)
{
	yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(parser, (const unsigned char *)s->text, s->len);
}

/* The mark of a byte; bytes that continue a UTF-8 character are no column. */
static struct conf_mark mark_of_byte(const struct source *s, size_t offset)
{
	struct conf_mark at = {1, 1};

	for (size_t i = 0; i < offset && i < s->len; i++) {
		if (s->text[i] == '\n') {
			at.line++;
			at.column = 1;
		} else if ((s->text[i] & 0xC0) != 0x80) {
			at.column++;
		}
	}
	return at;
}

/* Whether the text has a tab at a mark. */
static bool is_tab(const struct source *s, struct conf_mark at)
{
	const char *p = s->text, *end = s->text + s->len;

	while (p && --at.line > 0) {
		p = memchr(p, '\n', (size_t)(end - p));
		p = p ? p + 1 : NULL;
	}
	for (; p && p < end && *p != '\n'; p++) {
		if ((*p & 0xC0) != 0x80 && --at.column == 0)
			return *p == '\t';
	}
	return false;
}

static int fail_bytes(const struct source *s, const yaml_parser_t *parser)
{
	struct conf_mark at = mark_of_byte(s, parser->problem_offset);

	if (strstr(parser->problem, "control"))
		conf_error_at(s->e, s->file, at, "control character; take it out");
	else
		conf_error_at(s->e, s->file, at, "not UTF-8; save the file as UTF-8");
	return -EINVAL;
}

static int fail_syntax(const struct source *s, const yaml_parser_t *parser)
{
	struct conf_mark at = conf_yaml_mark(parser->problem_mark);
	const char *problem = parser->problem ? parser->problem : "out of memory";

	if (parser->error == YAML_READER_ERROR)
		return fail_bytes(s, parser);
	if (is_tab(s, at))
		conf_error_at(s->e, s->file, at, "tab character; indent with spaces");
	else if (parser->context)
		conf_error_at(s->e, s->file, at,
			"not YAML: %s (%s from line %u); check indentation, colons, quotes and "
			"brackets",
			problem, parser->context, conf_yaml_mark(parser->context_mark).line);
	else
		conf_error_at(s->e, s->file, at,
			"not YAML: %s; check indentation, colons, quotes and brackets", problem);
	return -EINVAL;
}

/* The anchor and tag of an event, if it has any. */
static void properties(
	const yaml_event_t *event, const yaml_char_t **anchor, const yaml_char_t **tag)
{
	*anchor = *tag = NULL;
	if (event->type == YAML_SCALAR_EVENT) {
		*anchor = event->data.scalar.anchor;
		*tag = event->data.scalar.tag;
	} else if (event->type == YAML_SEQUENCE_START_EVENT) {
		*anchor = event->data.sequence_start.anchor;
		*tag = event->data.sequence_start.tag;
	} else if (event->type == YAML_MAPPING_START_EVENT) {
		*anchor = event->data.mapping_start.anchor;
		*tag = event->data.mapping_start.tag;
	}
}

static int check_event(
	const struct source *s, const yaml_event_t *event, unsigned depth, unsigned documents)
{
	struct conf_mark at = conf_yaml_mark(event->start_mark);
	const yaml_char_t *anchor, *tag;

	properties(event, &anchor, &tag);
	if (event->type == YAML_ALIAS_EVENT || anchor)
		conf_error_at(s->e, s->file, at,
			"anchors and aliases are not known here; write the value out");
	else if (tag)
		conf_error_at(s->e, s->file, at,
			"tags are not known here; write the value without \"!\"");
	else if (depth > DEPTH_MAX)
		conf_error_at(s->e, s->file, at, "nested too deep; no option is below %d levels",
			DEPTH_MAX);
	else if (documents > 1)
		conf_error_at(s->e, s->file, at,
			"a second document; a configuration is one, take out the ---");
	else
		return 0;
	return -EINVAL;
}

/* Walk the events of the whole text; nothing is kept, so nothing grows. */
static int check_events(const struct source *s, yaml_parser_t *parser)
{
	unsigned depth = 0, documents = 0;
	bool more = true;
	int err = 0;

	while (more && err == 0) {
		yaml_event_t event;

		if (!yaml_parser_parse(parser, &event))
			return fail_syntax(s, parser);
		if (event.type == YAML_SEQUENCE_START_EVENT ||
			event.type == YAML_MAPPING_START_EVENT)
			depth++;
		else if (event.type == YAML_SEQUENCE_END_EVENT ||
			 event.type == YAML_MAPPING_END_EVENT)
			depth--;
		documents += event.type == YAML_DOCUMENT_START_EVENT;
		more = event.type != YAML_STREAM_END_EVENT;
		err = check_event(s, &event, depth, documents);
		yaml_event_delete(&event);
	}
	return err;
}

static int load(const struct source *s, yaml_parser_t *parser, yaml_document_t *doc)
{
	return yaml_parser_load(parser, doc) ? 0 : fail_syntax(s, parser);
}

/* One fresh parser for each of the two walks. */
static int with_parser(const struct source *s, yaml_document_t *doc)
{
	const struct conf_mark nowhere = {0};
	yaml_parser_t parser;
	int err;

	if (!yaml_parser_initialize(&parser)) {
		conf_error_at(s->e, s->file, nowhere, "out of memory");
		return -ENOMEM;
	}
	start(&parser, s);
	err = doc ? load(s, &parser, doc) : check_events(s, &parser);
	yaml_parser_delete(&parser);
	return err;
}

int conf_yaml_load(
	const char *file, const char *text, size_t len, yaml_document_t *doc, struct conf_error *e)
{
	static const char utf8_mark[] = "\xEF\xBB\xBF";
	struct source s = {.file = file, .text = text, .len = len, .e = e};
	int err;

	if (len >= 3 && memcmp(text, utf8_mark, 3) == 0) {
		s.text += 3;
		s.len -= 3;
	}
	err = with_parser(&s, NULL);
	return err ? err : with_parser(&s, doc);
}
