/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>

#include "decode/json_pvt.h"
#include "decode/utf8_pvt.h"

/* Values as JSON: numbers as numbers, all digits of them; texts that are texts. */

static bool is_text(const uint8_t *p, const uint8_t *end)
{
	while (p < end) {
		unsigned n = utf8_length(p, end);

		if (n == 0)
			return false;
		p += n;
	}
	return true;
}

static void unicode(struct out *o, uint8_t b)
{
	static const char hex[] = "0123456789abcdef";

	OUT(o, "\\u00");
	out_char(o, hex[b >> 4]);
	out_char(o, hex[b & 15]);
}

/* RFC 8259, section 7; and whatever else a terminal obeys. */
static void escaped(struct out *o, uint8_t b)
{
	if (b == '"' || b == '\\') {
		out_char(o, '\\');
		out_char(o, (char)b);
	} else if (b >= 0x20 && b != 0x7F) {
		out_char(o, (char)b);
	} else {
		unicode(o, b);
	}
}

void json_text(struct out *o, const uint8_t *bytes, uint32_t len)
{
	out_room(o);
	if (!is_text(bytes, bytes + len)) {
		OUT(o, "{\"hex\":\"");
		out_hex_long(o, bytes, len);
		OUT(o, "\"}");
		return;
	}
	out_char(o, '"');
	for (uint32_t i = 0; i < len; i++) {
		out_room(o);
		if (utf8_control(bytes + i, 2))
			unicode(o, bytes[++i]);
		else
			escaped(o, bytes[i]);
	}
	out_char(o, '"');
	out_room(o);
}

/* As many digits as tell it from its neighbours; JSON has no infinity. */
static void real(struct out *o, double v, int digits)
{
	if (!isfinite(v))
		OUT(o, "null");
	else if (v == 0)
		out_text(o, signbit(v) ? "-0.0" : "0.0"); /* -0 would be read as an integer */
	else
		out_printf(o, "%.*g", digits, v);
}

static void percent(struct out *o, int64_t hundredths)
{
	uint64_t v = (uint64_t)(hundredths < 0 ? -hundredths : hundredths);

	if (hundredths == -1) {
		OUT(o, "null");
		return;
	}
	if (hundredths < 0)
		out_char(o, '-');
	out_u64(o, v / 100);
	out_char(o, '.');
	out_char(o, (char)('0' + v / 10 % 10));
	out_char(o, (char)('0' + v % 10));
}

static void quoted_hex(struct out *o, const uint8_t *bytes, uint32_t len)
{
	out_char(o, '"');
	out_hex_long(o, bytes, len);
	out_char(o, '"');
}

void json_value(struct decode *d, const struct sflow_value *v)
{
	struct out *o = &d->out;

	switch (v->type) {
	case SFLOW_F32:
		real(o, v->f, 9);
		break;
	case SFLOW_F64:
		real(o, v->f, 17);
		break;
	case SFLOW_PCT:
		percent(o, (int64_t)v->u);
		break;
	case SFLOW_I32:
		out_i64(o, (int64_t)v->u);
		break;
	case SFLOW_MAC:
		out_char(o, '"');
		out_hex(o, v->bytes, 6, true, 0);
		out_char(o, '"');
		break;
	case SFLOW_STRING:
		json_text(o, v->bytes, v->len);
		break;
	case SFLOW_UUID:
		out_char(o, '"');
		out_uuid(o, v->bytes);
		out_char(o, '"');
		break;
	case SFLOW_ADDR:
	case SFLOW_IPV4:
	case SFLOW_IPV6:
		json_address(o, v->bytes, v->len);
		break;
	case SFLOW_BYTES:
	case SFLOW_GID:
	case SFLOW_OPAQUE:
		quoted_hex(o, v->bytes, v->len);
		break;
	default:
		out_u64(o, v->u);
	}
}

static void field(struct decode *d, const struct sflow_field *f, const struct sflow_value *v);

static void nested(struct decode *d, const struct sflow_value *v)
{
	struct base_cursor c = base_cursor(v->bytes, v->len);
	struct sflow_trace_record r;

	json_open(d, '[');
	while (sflow_trace_nested(&c, &r))
		json_record(d, &r);
	json_close(d, ']');
}

/* Elements of one nameless field are values, others are objects. */
static void element(struct decode *d, const struct sflow_fields *of, struct base_cursor *c)
{
	bool object = of->list[0].name[0] != '\0';
	struct sflow_value v;

	json_next(d);
	if (object)
		json_open(d, '{');
	for (unsigned i = 0; i < of->count; i++) {
		if (!sflow_field_read(c, &of->list[i], &v))
			break;
		if (object)
			field(d, &of->list[i], &v);
		else
			json_value(d, &v);
	}
	if (object)
		json_close(d, '}');
}

static void list(struct decode *d, const struct sflow_field *f, const struct sflow_value *v)
{
	struct base_cursor c = base_cursor(v->bytes, v->len);

	json_open(d, '[');
	for (uint64_t i = 0; i < v->u; i++)
		element(d, f->of, &c);
	json_close(d, ']');
}

/* `"name":value`, and the word of an enumeration behind it. */
static void field(struct decode *d, const struct sflow_field *f, const struct sflow_value *v)
{
	const char *word;

	json_key(d, f->name);
	if (f->type == SFLOW_LIST)
		list(d, f, v);
	else if (f->type == SFLOW_RECORDS)
		nested(d, v);
	else
		json_value(d, v);
	word = f->words ? sflow_word(f->words, (uint32_t)v->u) : NULL;
	if (!word)
		return;
	OUT(&d->out, ",\"");
	out_text(&d->out, f->name);
	OUT(&d->out, "_name\":\"");
	out_text(&d->out, word);
	out_char(&d->out, '"');
}

/* Fields, then the bytes that are behind those that are known. */
static void fields(struct decode *d, const struct sflow_trace_record *r)
{
	const struct sflow_field *f;
	struct sflow_reader reader;
	struct sflow_value v;
	size_t left;

	json_key(d, "fields");
	json_open(d, '{');
	sflow_trace_reader(&reader, r);
	while ((f = sflow_reader_next(&reader, &v)))
		field(d, f, &v);
	json_close(d, '}');
	left = base_cursor_left(&reader.cursor);
	if (!reader.cut && reader.next == r->structure->field_count && left)
		json_hex(d, "extra", reader.cursor.p, (uint32_t)left);
}

/* 0:1 may say that its header is longer than the record: what is there is shown. */
static void header_record(struct decode *d, const struct sflow_trace_record *r)
{
	struct sflow_header h;
	uint32_t end;

	if (!sflow_header_read(&h, r->body, r->have)) {
		fields(d, r);
		return;
	}
	json_key(d, "fields");
	json_open(d, '{');
	field(d, &r->structure->fields[0], &(struct sflow_value){.u = h.protocol});
	json_u32(d, "frame_length", h.frame_length);
	json_u32(d, "stripped", h.stripped);
	json_hex(d, "header", h.data, h.len);
	json_close(d, '}');
	if (h.declared != h.len)
		json_u32(d, "header_length", h.declared);
	end = (h.len + 3) / 4 * 4 + 16;
	if (end < r->have)
		json_hex(d, "extra", r->body + end, r->have - end);
	json_layers(d, &h);
}

void json_record(struct decode *d, const struct sflow_trace_record *r)
{
	const struct sflow_structure *st = r->structure;
	bool inner = r->nested && r->tag == SFLOW_TAG(0, 1016);

	json_next(d);
	json_open(d, '{');
	json_tag(d, r->tag);
	if (st) {
		json_name(d, "type", st->name);
	} else {
		json_key(d, "type");
		OUT(&d->out, "null");
	}
	json_u32(d, "length", r->len);
	/* Aggregations are not taken apart within aggregations. */
	if (!st || inner)
		json_hex(d, "data", r->body, r->have);
	else if (st->layout == SFLOW_LAYOUT_HEADER)
		header_record(d, r);
	else
		fields(d, r);
	json_close(d, '}');
}
