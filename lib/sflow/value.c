/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "sflow/structure.h"
#include "sflow/tlv.h"

/* One field of a structure, by its type. */

static bool take_bytes(struct base_cursor *c, struct sflow_value *v, uint32_t len, uint32_t span)
{
	v->bytes = base_cursor_take(c, span);
	v->len = v->bytes ? len : 0;
	return v->bytes != NULL;
}

/* RFC 4506, 4.10: length, bytes, padding. The padding of the last string may be missing. */
static bool take_string(struct base_cursor *c, struct sflow_value *v)
{
	uint32_t len = base_cursor_u32(c);
	size_t left = base_cursor_left(c), span;

	if (c->bad)
		return false;
	span = sflow_tlv_span(len, left);
	if (span == SFLOW_TLV_OVERRUN && len < left)
		span = left;
	v->bytes = base_cursor_take(c, span); /* an overrun is longer than any cursor */
	v->len = v->bytes ? len : 0;
	return v->bytes != NULL;
}

static void fail(struct base_cursor *c)
{
	c->bad = true;
	c->p = c->end;
}

/* sFlow v5, address: what follows a type that is not known has no length, so nothing can be
 * read behind it. */
static bool take_addr(struct base_cursor *c, struct sflow_value *v)
{
	static const uint8_t size[] = {0, 4, 16};
	uint32_t type = base_cursor_u32(c);

	if (type >= sizeof(size))
		fail(c);
	return !c->bad && take_bytes(c, v, size[type], size[type]);
}

/* A count, and records of which each is {tag, length, body}. */
static void take_records(struct base_cursor *c, struct sflow_value *v)
{
	struct sflow_record r;

	v->u = base_cursor_u32(c);
	v->bytes = c->p;
	/* The count is any u32: what bounds the loop is that each round eats 8 bytes or more. */
	for (uint32_t i = 0; i < v->u && !c->bad; i++)
		if (!sflow_record_take(c, &r))
			fail(c);
	v->len = (uint32_t)(c->p - v->bytes);
}

static double float_of(uint32_t bits)
{
	float f;

	memcpy(&f, &bits, sizeof(f));
	return (double)f;
}

static double double_of(uint64_t bits)
{
	double f;

	memcpy(&f, &bits, sizeof(f));
	return f;
}

static void take_byte(struct base_cursor *c, struct sflow_value *v)
{
	const uint8_t *p = base_cursor_take(c, 1);

	v->u = p ? *p : 0;
}

static void take_number(struct base_cursor *c, struct sflow_value *v)
{
	switch (v->type) {
	case SFLOW_U8:
		take_byte(c, v);
		break;
	case SFLOW_U64:
		v->u = base_cursor_u64(c);
		break;
	case SFLOW_I32:
	case SFLOW_PCT:
		v->u = (uint64_t)(int64_t)(int32_t)base_cursor_u32(c);
		break;
	case SFLOW_F32:
		v->f = float_of(base_cursor_u32(c));
		break;
	case SFLOW_F64:
		v->f = double_of(base_cursor_u64(c));
		break;
	default:
		v->u = base_cursor_u32(c);
	}
}

bool sflow_value_read(struct base_cursor *c, enum sflow_type type, struct sflow_value *v)
{
	*v = (struct sflow_value){.type = type};
	switch (type) {
	case SFLOW_MAC:
		take_bytes(c, v, 6, 8);
		break;
	case SFLOW_STRING:
	case SFLOW_BYTES:
		take_string(c, v);
		break;
	case SFLOW_ADDR:
		take_addr(c, v);
		break;
	case SFLOW_IPV4:
		take_bytes(c, v, 4, 4);
		break;
	case SFLOW_UUID:
	case SFLOW_GID:
	case SFLOW_IPV6:
		take_bytes(c, v, 16, 16);
		break;
	case SFLOW_RECORDS:
		take_records(c, v);
		break;
	case SFLOW_OPAQUE:
		take_bytes(c, v, (uint32_t)base_cursor_left(c), (uint32_t)base_cursor_left(c));
		break;
	default:
		take_number(c, v);
	}
	return !c->bad;
}

/* Step over the elements. Every element is 4 bytes or more, so the bytes bound the loop. */
static void take_list(struct base_cursor *c, const struct sflow_fields *of, struct sflow_value *v)
{
	struct sflow_value element;

	v->u = base_cursor_u32(c);
	v->bytes = c->p;
	if (v->u > base_cursor_left(c) / 4)
		fail(c);
	for (uint32_t i = 0; i < v->u && !c->bad; i++)
		for (unsigned j = 0; j < of->count; j++)
			sflow_field_read(c, &of->list[j], &element);
	v->len = (uint32_t)(c->p - v->bytes);
}

bool sflow_field_read(struct base_cursor *c, const struct sflow_field *f, struct sflow_value *v)
{
	if (f->type != SFLOW_LIST)
		return sflow_value_read(c, f->type, v);
	*v = (struct sflow_value){.type = SFLOW_LIST};
	take_list(c, f->of, v);
	return !c->bad;
}
