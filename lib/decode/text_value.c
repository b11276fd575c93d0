/* SPDX-License-Identifier: BSD-3-Clause */
#include <ctype.h>

#include "decode/lines_pvt.h"
#include "decode/utf8_pvt.h"

/* Values as sflowtool spells them. */

enum {
	BUFFER = 2048,      /* of sflowtool: what does not fit is not shown */
	HEADER_BYTES = 682, /* that fit into it */
	ESCAPED = 4,        /* bytes of \xHH */
};

/*
 * What a terminal obeys must not come from the wire: control characters, those of Unicode, and what
 * is no UTF-8 are shown as \xHH.
 */
void line_text(struct out *o, const uint8_t *bytes, uint32_t len, uint32_t max)
{
	const uint8_t *p = bytes, *end = bytes + (len < max ? len : max);

	while (p < end && *p) {
		unsigned n = utf8_length(p, end);
		bool plain = n == 1 ? *p >= 0x20 && *p != 0x7F : n > 1 && !utf8_control(p, n);

		if (*p == '\\' && p + 1 < end && p[1] == 'x')
			plain = false; /* what looks like an escape is none */

		if (plain) {
			out_bytes(o, p, n);
			p += n;
			continue;
		}
		for (n = n ? n : 1; n > 0; n--, p++) {
			OUT(o, "\\x");
			out_hex(o, p, 1, false, 0);
		}
	}
}

void line_header_bytes(struct decode *d, const char *name, const uint8_t *bytes, uint32_t len)
{
	if (!d->lines)
		return;
	line_name(d, name, strlen(name));
	out_hex(&d->out, bytes, len < HEADER_BYTES ? len : HEADER_BYTES, true, '-');
	line_end(d);
}

/* As in a URL: letters and digits, + for white space, %HH for all else. */
static void escaped(struct out *o, const uint8_t *bytes, uint32_t len, uint32_t max)
{
	for (uint32_t i = 0; i < len && i < max && bytes[i]; i++) {
		uint8_t b = bytes[i];

		if (b < 0x80 && isalnum(b)) {
			out_char(o, (char)b);
		} else if (b == ' ' || (b >= 9 && b <= 13)) {
			out_char(o, '+');
		} else {
			out_char(o, '%');
			out_hex(o, &bytes[i], 1, true, 0);
		}
	}
}

/* ---- Lists, which end where sflowtool's buffer does ---- */

static size_t used(const struct out *o, const char *start)
{
	return (size_t)(o->p - start);
}

/* @return false where the number did not fit */
static bool list_number(struct out *o, const char *start, uint32_t v, bool first, char separator)
{
	char *before = o->p;
	size_t len;

	if (!first)
		out_char(o, separator);
	out_u32(o, v);
	len = used(o, before) - !first;
	if ((size_t)(before - start) + 1 + len < BUFFER)
		return true;
	o->p = before;
	return false;
}

static void list_char(struct out *o, const char *start, char c)
{
	if (used(o, start) + 1 < BUFFER)
		out_char(o, c);
}

static void numbers(struct out *o, const char *start, struct base_cursor *c, uint32_t count)
{
	bool fits = true;

	for (uint32_t i = 0; i < count; i++) {
		uint32_t v = base_cursor_u32(c);

		if (fits)
			fits = list_number(o, start, v, i == 0, '-');
	}
}

static void parts(struct out *o, const char *start, const uint32_t *v, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (!list_number(o, start, v[i], i == 0, '.'))
			return;
}

/* RFC 3032, 2.1: label, traffic class, bottom of stack, time to live. */
static void label(struct out *o, const char *start, uint32_t word)
{
	const uint32_t v[] = {word >> 12, word >> 9 & 7, word >> 8 & 1, word & 255};

	parts(o, start, v, 4);
}

/* IEEE 802.1Q, 9.3: TPID; priority, drop eligible, VLAN. */
static void vlan_tag(struct out *o, const char *start, uint32_t word)
{
	const uint8_t tpid[] = {(uint8_t)(word >> 24), (uint8_t)(word >> 16)};
	const uint32_t v[] = {word >> 13 & 7, word >> 12 & 1, word & 4095};

	if (BUFFER - used(o, start) < 7)
		return;
	OUT(o, "0x");
	out_hex(o, tpid, 2, false, 0);
	parts(o, start, v, 3);
}

static void words(struct out *o, const struct sflow_value *v,
	void (*word)(struct out *o, const char *start, uint32_t word))
{
	struct base_cursor c = base_cursor(v->bytes, v->len);
	const char *start = o->p;

	for (uint32_t i = 0; i < v->u && used(o, start) + 1 < BUFFER; i++) {
		if (i)
			list_char(o, start, '-');
		word(o, start, base_cursor_u32(&c));
	}
}

/* RFC 4271, 4.3: sets are in parentheses. The last number of the last segment is the destination,
 * the first of the first the peer. */
static void path(struct decode *d, const struct sflow_value *v)
{
	enum { AS_SET = 1 };
	struct base_cursor c = base_cursor(v->bytes, v->len);
	uint32_t peer = 0, last = 0;
	struct out *o = &d->out;
	const char *start;

	if (v->u)
		line_name(d, "dst_as_path", 11);
	start = o->p;
	for (uint32_t i = 0; i < v->u; i++) {
		uint32_t type = base_cursor_u32(&c), count = base_cursor_u32(&c);

		if (i == 0 && count)
			peer = base_get_u32(c.p);
		if (type == AS_SET)
			list_char(o, start, '(');
		numbers(o, start, &c, count);
		if (type == AS_SET)
			list_char(o, start, ')');
		last = count ? base_get_u32(c.p - 4) : 0;
	}
	if (v->u)
		line_end(d);
	LINE_U32(d, "dst_as", last);
	LINE_U32(d, "dst_peer_as", peer);
}

/* ---- Fields ---- */

static void percent(struct out *o, const struct sflow_value *v)
{
	if (v->u == UINT64_MAX)
		OUT(o, "unknown");
	else
		out_printf(o, "%.2f", (double)((float)(uint32_t)v->u / 100.0f));
}

static void word(struct out *o, const struct sflow_words *w, uint32_t v)
{
	const char *name = w->line && w->line->value == v ? w->line->word : sflow_word(w, v);
	const char *mark = name ? NULL : strstr(w->beyond, "%u");

	if (!mark) {
		out_text(o, name ? name : w->beyond);
		return;
	}
	out_bytes(o, w->beyond, (size_t)(mark - w->beyond));
	out_u32(o, v);
	out_text(o, mark + 2);
}

static void list(struct out *o, enum sflow_show show, const struct sflow_value *v)
{
	struct base_cursor c = base_cursor(v->bytes, v->len);

	if (show == SFLOW_SHOW_LABELS)
		words(o, v, label);
	else if (show == SFLOW_SHOW_TAGS)
		words(o, v, vlan_tag);
	else
		numbers(o, o->p, &c, (uint32_t)v->u);
}

static void number(struct out *o, const struct sflow_field *f, const struct sflow_value *v)
{
	if (f->show == SFLOW_SHOW_NAME)
		word(o, f->words, (uint32_t)v->u);
	else if (f->show == SFLOW_SHOW_HEX64)
		out_printf(o, "%016llx", (unsigned long long)v->u);
	else if (f->show == SFLOW_SHOW_UNSIGNED)
		out_u32(o, (uint32_t)v->u);
	else if (f->type == SFLOW_I32)
		out_i64(o, (int64_t)v->u);
	else
		out_u64(o, v->u);
}

static void value(struct out *o, const struct sflow_field *f, const struct sflow_value *v)
{
	switch (f->type) {
	case SFLOW_MAC:
		out_hex(o, v->bytes, 6, false, 0);
		break;
	case SFLOW_STRING:
		if (f->show == SFLOW_SHOW_ESCAPE)
			escaped(o, v->bytes, v->len, f->line_max);
		else
			line_text(o, v->bytes, v->len, f->line_max);
		break;
	case SFLOW_UUID:
		out_uuid(o, v->bytes);
		break;
	case SFLOW_ADDR:
	case SFLOW_IPV4:
	case SFLOW_IPV6:
		out_address(o, v->bytes, v->len);
		break;
	case SFLOW_PCT:
		percent(o, v);
		break;
	case SFLOW_F32:
	case SFLOW_F64:
		out_printf(o, "%.3f", v->f);
		break;
	case SFLOW_LIST:
		list(o, f->show, v);
		break;
	default:
		number(o, f, v);
	}
}

void line_field(struct decode *d, const struct sflow_structure *st, const struct sflow_field *f,
	const struct sflow_value *v)
{
	if (!d->lines)
		return;
	if (f->show == SFLOW_SHOW_PATH) {
		path(d, v);
		return;
	}
	if (f->type == SFLOW_STRING && v->len == 0 && f->show != SFLOW_SHOW_ALWAYS)
		return;
	if (f->type == SFLOW_LIST && v->u == 0)
		return;
	line_start(d);
	out_bytes(&d->out, d->prefix, d->prefix_len);
	if (!f->line && st->prefix)
		out_text(&d->out, st->prefix);
	out_text(&d->out, f->line ? f->line : f->name);
	out_char(&d->out, ' ');
	value(&d->out, f, v);
	line_end(d);
}
