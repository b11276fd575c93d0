/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "decode/decode_pvt.h"

/* Lines of the formats DECODE_TEXT and DECODE_GREP: a name, a space, a value. Where no lines are
 * wanted (DECODE_LINE) these do nothing, so that what reads a record is written once. */

/* Inlined wherever they are called: with a name of known length a line is a few stores. */
#define LINE_INLINE static inline __attribute__((always_inline))

/** What stands in front of a line that has no prefix. */
LINE_INLINE void line_start(struct decode *d)
{
	out_room(&d->out);
	if (d->context_len)
		out_bytes(&d->out, d->context, d->context_len);
}

LINE_INLINE void line_end(struct decode *d)
{
	out_char(&d->out, '\n');
}

/** Up to the value. */
LINE_INLINE void line_name(struct decode *d, const char *name, size_t len)
{
	line_start(d);
	if (__builtin_expect(d->prefix_len != 0, 0))
		out_bytes(&d->out, d->prefix, d->prefix_len);
	out_bytes(&d->out, name, len);
	out_char(&d->out, ' ');
}

LINE_INLINE void line_u32(struct decode *d, const char *name, size_t len, uint32_t v)
{
	if (!d->lines)
		return;
	line_name(d, name, len);
	out_u32(&d->out, v);
	line_end(d);
}

LINE_INLINE void line_mac(struct decode *d, const char *name, size_t len, const uint8_t *mac)
{
	if (!d->lines)
		return;
	line_name(d, name, len);
	out_hex(&d->out, mac, 6, false, 0);
	line_end(d);
}

LINE_INLINE void line_ipv4(struct decode *d, const char *name, size_t len, const uint8_t *ip)
{
	if (!d->lines)
		return;
	line_name(d, name, len);
	out_ipv4(&d->out, ip);
	line_end(d);
}

LINE_INLINE void line_ipv6(struct decode *d, const char *name, size_t len, const uint8_t *ip)
{
	if (!d->lines)
		return;
	line_name(d, name, len);
	out_ipv6_whole(&d->out, ip);
	line_end(d);
}

/* With a literal as the name. */
#define LINE_U32(d, name, v) line_u32(d, name, sizeof(name) - 1, v)
#define LINE_MAC(d, name, v) line_mac(d, name, sizeof(name) - 1, v)
#define LINE_IPV4(d, name, v) line_ipv4(d, name, sizeof(name) - 1, v)
#define LINE_IPV6(d, name, v) line_ipv6(d, name, sizeof(name) - 1, v)

/* A line of two literals. */
#define LINE_NAMED(d, name, text)                                                                  \
	do {                                                                                       \
		line_name(d, name, sizeof(name) - 1);                                              \
		OUT(&(d)->out, text "\n");                                                         \
	} while (0)

/* A whole line without a prefix, such as those around a sample. */
#define LINE_RAW(d, text)                                                                          \
	do {                                                                                       \
		line_start(d);                                                                     \
		OUT(&(d)->out, text "\n");                                                         \
	} while (0)

/** `enterprise:format`. */
void line_tag(struct out *o, uint32_t tag);

/** Text from the wire: at most `max` bytes, cut at a NUL; what a terminal obeys is escaped. */
void line_text(struct out *o, const uint8_t *bytes, uint32_t len, uint32_t max);

/** "4C-16-FC", as long as sflowtool's buffer. */
void line_header_bytes(struct decode *d, const char *name, const uint8_t *bytes, uint32_t len);

/** Local time as sflowtool has it, of whole seconds since 1970. */
void line_time(struct out *o, uint64_t seconds);

/** Put together what stands in front of each line, after something in it has changed. */
void line_context(struct decode *d);

/** The lines of a record's fields, and what a row takes from them. */
void line_record(struct decode *d, const struct sflow_trace_record *r);

/** The lines of a sampled header, from "headerProtocol" on. */
void line_sampled_header(struct decode *d, const uint8_t *body, uint32_t len);

/* The two forms of sampled headers in words, also as tunnels: `prefix` is that of the structure. */
void line_ethernet(struct decode *d, const struct sflow_trace_record *r);
void line_sampled_ip(struct decode *d, const struct sflow_trace_record *r);

/** One field with its name and value. */
void line_field(struct decode *d, const struct sflow_structure *st, const struct sflow_field *f,
	const struct sflow_value *v);
