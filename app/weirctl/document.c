/* SPDX-License-Identifier: BSD-3-Clause */
#include "document.h"

#include <stdio.h>

/* Text from Redis need not be UTF-8, which JSON has to be. */
static json_t *text_value(const char *text)
{
	json_t *v = json_string(text);

	return v ? v : json_string("?");
}

/* Jansson refuses integers from 2^63 on, which sums of forged samples reach. */
json_t *document_parse(const char *text)
{
	json_t *v = json_loads(text, JSON_DECODE_ANY, NULL);

	return v ? v : json_loads(text, JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL, NULL);
}

json_t *document_value(const char *text)
{
	json_t *v = NULL;

	if (*text == '-' || (*text >= '0' && *text <= '9'))
		v = document_parse(text);
	return json_is_number(v) ? v : (json_decref(v), text_value(text));
}

json_t *document_hash(const redisReply *hash)
{
	json_t *object = json_object();

	for (size_t i = 0; i + 1 < hash->elements; i += 2)
		json_object_set_new(
			object, hash->element[i]->str, document_value(hash->element[i + 1]->str));
	return object;
}

void document_print(json_t *document)
{
	json_dumpf(document, stdout, JSON_COMPACT | JSON_REAL_PRECISION(15) | JSON_ENCODE_ANY);
	putchar('\n');
	fflush(stdout);
	json_decref(document);
}
