/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "publish/buffer_pvt.h"

/*
 * JSON text (RFC 8259), written straight into a buffer: documents go out for every window and
 * counter sample, so no tree is built. The writer sets commas; the caller balances the brackets.
 */
struct publish_json {
	struct publish_buffer *out;
	bool comma; /* one is due before the next value or name */
};

struct publish_json publish_json(struct publish_buffer *out);

/** `bracket` is one of { [ ; closing is the caller's, with the one that belongs to it. */
void publish_json_open(struct publish_json *j, char bracket);
void publish_json_close(struct publish_json *j, char bracket);

/** Name of the value that comes next. */
void publish_json_name(struct publish_json *j, const char *name);

/**
 * Quoted and escaped. All text is ASCII by here: names are checked by lib/conf, bytes of senders are
 * written as \xHH. A byte that were not would come out as \u00HH: valid JSON, whatever it meant.
 */
void publish_json_string(struct publish_json *j, const char *text);
void publish_json_uint(struct publish_json *j, uint64_t v);
void publish_json_bool(struct publish_json *j, bool yes);

/** See publish_number(); null where it is not finite. */
void publish_json_number(struct publish_json *j, double v, unsigned decimals);

/** A number that is text already; quoted as a string where it is none by the grammar of JSON. */
void publish_json_number_text(struct publish_json *j, const char *text);

/** A string into a buffer, quoted and escaped as above. */
void publish_json_quote(struct publish_buffer *out, const char *text);

/** JSON that is text already, and was made by the collector itself. */
void publish_json_text(struct publish_json *j, const char *text);
