/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <hiredis/hiredis.h>
#include <jansson.h>

/* JSON out of what Redis holds, and back to stdout. */

/** A hash as an object: numbers where the text is one, else strings. */
json_t *document_hash(const redisReply *hash);

/** Any JSON text. Where integers are beyond 63 bits all become reals. @return NULL: it is none */
json_t *document_parse(const char *text);

/** A number where the text is one, else a string. */
json_t *document_value(const char *text);

/** One line on stdout, flushed; the reference is taken. */
void document_print(json_t *document);
