/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "sflow/tlv_pvt.h"

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

/* sFlow v5, address: what follows a type that is not known has no length, so nothing can be
 * read behind it. */
static bool take_addr(struct base_cursor *c, struct sflow_value *v)
{
	static const uint8_t size[] = {0, 4, 16};
	uint32_t type = base_cursor_u32(c);

	if (type >= sizeof(size)) {
		c->bad = true;
		c->p = c->end;
	}
	return !c->bad && take_bytes(c, v, size[type], size[type]);
}

static double float_of(uint32_t bits)
{
	float f;

	memcpy(&f, &bits, sizeof(f));
	return (double)f;
}

bool sflow_value_read(struct base_cursor *c, enum sflow_type type, struct sflow_value *v)
{
	*v = (struct sflow_value){.type = type};
	switch (type) {
	case SFLOW_U32:
		v->u = base_cursor_u32(c);
		break;
	case SFLOW_U64:
		v->u = base_cursor_u64(c);
		break;
	case SFLOW_F32:
		v->f = float_of(base_cursor_u32(c));
		break;
	case SFLOW_PCT:
		v->u = (uint64_t)(int64_t)(int32_t)base_cursor_u32(c);
		break;
	case SFLOW_MAC:
		take_bytes(c, v, 6, 8);
		break;
	case SFLOW_STRING:
		take_string(c, v);
		break;
	case SFLOW_UUID:
		take_bytes(c, v, 16, 16);
		break;
	case SFLOW_ADDR:
		take_addr(c, v);
		break;
	case SFLOW_IPV4:
		take_bytes(c, v, 4, 4);
		break;
	case SFLOW_IPV6:
		take_bytes(c, v, 16, 16);
		break;
	case SFLOW_OPAQUE:
		take_bytes(c, v, (uint32_t)base_cursor_left(c), (uint32_t)base_cursor_left(c));
		break;
	}
	return !c->bad;
}
