/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "decode/decode_pvt.h"

/* Pieces of a JSON document (RFC 8259). Keys are written with the comma in front of them. */

/** A text from the wire in quotes; {"hex":"..."} where it is no UTF-8. Makes room itself. */
void json_text(struct out *o, const uint8_t *bytes, uint32_t len);

/* Inlined wherever they are called: a key that is a literal is a few stores. */
#define JSON_INLINE static inline __attribute__((always_inline))

/** `"name":`, after a comma unless this is the first key of its object. Makes room. */
JSON_INLINE void json_key(struct decode *d, const char *name)
{
	char *p;

	out_room(&d->out);
	p = d->out.p; /* in a register: a char may alias the place where it is kept */
	*p = ',';
	p += !d->first;
	d->first = false;
	*p++ = '"';
	p = stpcpy(p, name);
	memcpy(p, "\":", 2);
	d->out.p = p + 2;
}

JSON_INLINE void json_open(struct decode *d, char bracket)
{
	out_char(&d->out, bracket);
	d->first = true;
}

JSON_INLINE void json_close(struct decode *d, char bracket)
{
	out_room(&d->out);
	out_char(&d->out, bracket);
	d->first = false;
}

/** An element of a list: a comma unless it is the first. */
JSON_INLINE void json_next(struct decode *d)
{
	out_room(&d->out);
	if (!d->first)
		out_char(&d->out, ',');
	d->first = false;
}

JSON_INLINE void json_u32(struct decode *d, const char *name, uint32_t v)
{
	json_key(d, name);
	out_u32(&d->out, v);
}

/** `"name":"text"` of a text that needs no escapes. */
JSON_INLINE void json_name(struct decode *d, const char *name, const char *text)
{
	json_key(d, name);
	out_char(&d->out, '"');
	out_text(&d->out, text);
	out_char(&d->out, '"');
}

JSON_INLINE void json_hex(struct decode *d, const char *name, const uint8_t *bytes, uint32_t len)
{
	json_key(d, name);
	out_char(&d->out, '"');
	out_hex_long(&d->out, bytes, len);
	out_char(&d->out, '"');
}

void json_tag(struct decode *d, uint32_t tag);
void json_address(struct out *o, const uint8_t *bytes, size_t len);

/** A value of any type but lists. */
void json_value(struct decode *d, const struct sflow_value *v);

/** All fields of a record that are there, as an object, and what is behind them. */
void json_record(struct decode *d, const struct sflow_trace_record *r);

/** `"stack":"eth.ip","layers":[...]` of a sampled header. */
void json_layers(struct decode *d, const struct sflow_header *h);
