/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <jansson.h>
#include <stdint.h>

/* What a JSON Schema is put together of. Each part is the caller's, until it is given to another. */

static inline json_t *schema_ref(const char *name)
{
	return json_pack("{s:s+}", "$ref", "#/definitions/", name);
}

static inline json_t *schema_up_to(json_int_t max)
{
	return json_pack("{s:s,s:i,s:I}", "type", "integer", "minimum", 0, "maximum", max);
}

static inline json_t *schema_u32(void)
{
	return schema_up_to(UINT32_MAX);
}

/* Up to 18446744073709551615, which jansson cannot write. */
static inline json_t *schema_u64(void)
{
	return json_pack("{s:s,s:i}", "type", "integer", "minimum", 0);
}

static inline json_t *schema_pattern(const char *regex)
{
	return json_pack("{s:s,s:s}", "type", "string", "pattern", regex);
}

static inline json_t *schema_mac(void)
{
	return schema_pattern("^[0-9A-F]{12}$");
}

static inline json_t *schema_ipv4(void)
{
	return schema_pattern("^[0-9]+(\\.[0-9]+){3}$");
}

static inline json_t *schema_ipv6(void)
{
	return schema_pattern("^[0-9A-F:.]+$");
}

static inline json_t *schema_or_null(const char *type)
{
	return json_pack("{s:[s,s]}", "type", type, "null");
}

static inline json_t *schema_object(json_t *properties, json_t *required)
{
	return json_pack("{s:s,s:o,s:o,s:b}", "type", "object", "properties", properties,
		"required", required, "additionalProperties", 0);
}

/* Where property `key` is `word`, property `name` is as `s` says. */
static inline json_t *schema_where(const char *key, const char *word, const char *name, json_t *s)
{
	return json_pack("{s:{s:{s:{s:s}}},s:{s:{s:o}}}", "if", "properties", key, "const", word,
		"then", "properties", name, s);
}

/* A layer of a sampled header. */
json_t *schema_layer(void);
