/* SPDX-License-Identifier: BSD-3-Clause */
#include "names/map.h"

#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int fail(char *error, int err, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static int fail(char *error, int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(error, NAMES_ERROR, fmt, ap);
	va_end(ap);
	for (char *p = error; *p; p++) {
		if (*p < 0x20 || *p > 0x7E)
			*p = '?';
	}
	return err;
}

/* strtoul() takes signs and blanks. */
static bool read_index(const char *text, uint32_t *index)
{
	unsigned long long v;

	if (!*text || text[strspn(text, "0123456789")] != '\0' || strlen(text) > 10)
		return false;
	v = strtoull(text, NULL, 10);
	*index = (uint32_t)v;
	return v > 0 && v <= UINT32_MAX;
}

static int add_text(struct names_table *t, uint32_t index, enum names_kind kind, const json_t *text,
	char *error)
{
	static const size_t most[] = {NAMES_NAME_MOST, NAMES_ALIAS_MOST};
	const char *bytes = json_string_value(text);
	size_t len = json_string_length(text);

	if (!bytes || len == 0 || len > most[kind])
		return fail(error, -EINVAL, "interface %u: %s is a text of 1 to %zu bytes", index,
			kind == NAMES_NAME ? "the name" : "the alias", most[kind]);
	if (!names_table_add(t, index, kind, (const uint8_t *)bytes, len))
		return fail(error, -ENOMEM, "out of memory");
	return 0;
}

static int add_both(struct names_table *t, uint32_t index, json_t *both, char *error)
{
	const char *key;
	json_t *value;
	int err = 0;

	json_object_foreach(both, key, value)
	{
		if (strcmp(key, "name") == 0)
			err = add_text(t, index, NAMES_NAME, value, error);
		else if (strcmp(key, "alias") == 0)
			err = add_text(t, index, NAMES_ALIAS, value, error);
		else
			err = fail(error, -EINVAL,
				"interface %u: \"%.32s\" is neither name nor alias", index, key);
		if (err < 0)
			return err;
	}
	return 0;
}

static int add_interface(struct names_table *t, const char *key, json_t *value, char *error)
{
	uint32_t index;

	if (!read_index(key, &index))
		return fail(error, -EINVAL,
			"\"%.32s\" is no ifIndex; write a number from 1 to 4294967295", key);
	if (json_is_object(value))
		return add_both(t, index, value, error);
	return add_text(t, index, NAMES_NAME, value, error);
}

/* `at` is where the sentence about an agent begins. */
static int add_agent(struct names *n, const char *key, json_t *interfaces, char *error)
{
	char why[NAMES_ERROR] = "";
	struct base_addr addr;
	struct names_table *t;
	const char *index;
	json_t *value;
	int err = 0;

	if (base_addr_parse(key, &addr) < 0)
		return fail(
			error, -EINVAL, "\"%.48s\" is no IPv4 or IPv6 address of an agent", key);
	if (!json_is_object(interfaces))
		return fail(error, -EINVAL,
			"%s: write interfaces, each as IFINDEX: NAME, or IFINDEX: {name: NAME, "
			"alias: ALIAS}",
			key);
	t = names_table_create(&addr);
	if (!t)
		return fail(error, -ENOMEM, "out of memory");
	json_object_foreach(interfaces, index, value)
	{
		err = add_interface(t, index, value, why);
		if (err < 0)
			break;
	}
	if (err < 0) {
		names_table_free(t);
		return fail(error, err, "agent %s: %.180s", key, why);
	}
	names_table_finish(t);
	return names_set(n, t) ? 0 : fail(error, -ENOMEM, "out of memory");
}

int names_map_parse(struct names *n, const char *text, size_t len, char *error)
{
	json_error_t e;
	json_t *map = json_loadb(text, len, JSON_REJECT_DUPLICATES, &e), *value;
	const char *key;
	int err = 0;

	if (!map)
		return fail(error, -EINVAL, "line %d, column %d: %.160s", e.line, e.column, e.text);
	if (!json_is_object(map))
		err = fail(error, -EINVAL, "write agents, each as ADDRESS: interfaces");
	json_object_foreach(map, key, value)
	{
		err = add_agent(n, key, value, error);
		if (err < 0)
			break;
	}
	json_decref(map);
	return err;
}
