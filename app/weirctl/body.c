/* SPDX-License-Identifier: BSD-3-Clause */
#include "body.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PARSE = JSON_REJECT_DUPLICATES };

static json_t *say_bad(const char *where, const json_error_t *e)
{
	fprintf(stderr, "weirctl: %s: line %d, column %d: %s\n", where, e->line, e->column,
		e->text);
	return NULL;
}

static json_t *read_file(const char *path)
{
	bool is_stdin = strcmp(path, "-") == 0;
	FILE *f = is_stdin ? stdin : fopen(path, "re");
	json_error_t e;
	json_t *json;

	if (!f) {
		fprintf(stderr, "weirctl: %s: %s\n", path, strerror(errno));
		return NULL;
	}
	json = json_loadf(f, PARSE, &e);
	if (!is_stdin)
		fclose(f);
	return json ? json : say_bad(is_stdin ? "stdin" : path, &e);
}

/* @return NULL where an item is no UTF-8 */
static json_t *items_of(const char *value)
{
	json_t *items = json_array();

	while (*value) {
		size_t len = strcspn(value, ",");

		if (json_array_append_new(items, json_stringn(value, len))) {
			json_decref(items);
			return NULL;
		}
		value += len + (value[len] == ',');
	}
	return items;
}

static json_t *value_of(const char *value, bool lists)
{
	json_error_t e;
	json_t *json;

	if (*value == '{' || *value == '[') {
		json = json_loads(value, PARSE, &e);
		return json ? json : say_bad(value, &e);
	}
	json = lists ? items_of(value) : json_string(value);
	if (!json)
		fprintf(stderr, "weirctl: \"%s\" is no UTF-8\n", value);
	return json;
}

/* @return 0, or -EINVAL after a word on stderr */
static int add_attribute(json_t *body, const char *word, bool lists)
{
	size_t len = strcspn(word, "=");
	char name[256];
	json_t *value;

	if (!word[len] || len == 0 || len >= sizeof(name)) {
		fprintf(stderr, "weirctl: \"%s\" is not ATTRIBUTE=VALUE\n", word);
		return -EINVAL;
	}
	snprintf(name, sizeof(name), "%.*s", (int)len, word);
	if (json_object_get(body, name)) {
		fprintf(stderr, "weirctl: %s is given twice\n", name);
		return -EINVAL;
	}
	value = value_of(word + len + 1, lists);
	if (!value)
		return -EINVAL;
	if (json_object_set_new(body, name, value)) {
		fprintf(stderr, "weirctl: \"%s\" is no UTF-8\n", name);
		return -EINVAL;
	}
	return 0;
}

static json_t *read_attributes(const char *const *words, unsigned count, bool lists)
{
	json_t *body = json_object();

	for (unsigned i = 0; i < count; i++) {
		if (add_attribute(body, words[i], lists)) {
			json_decref(body);
			return NULL;
		}
	}
	return body;
}

json_t *body_read(const char *const *words, unsigned count, bool lists)
{
	const char *word = count == 1 ? words[0] : "";
	json_error_t e;
	json_t *json;

	if (word[0] == '@' || strcmp(word, "-") == 0)
		return read_file(word[0] == '@' ? word + 1 : word);
	if (word[0] != '{' && word[0] != '[')
		return read_attributes(words, count, lists);
	json = json_loads(word, PARSE, &e);
	return json ? json : say_bad("the definition", &e);
}
