/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <string.h>

#include "base/text.h"
#include "packet/packet.h"

/* How values are made. Each returns true, as a value that is there. */

enum { FLOW_TEXT_BYTES = PACKET_VALUE_MAX - 1 }; /* longest text: with its length, it fits a key */

static inline bool flow_give_u32(struct packet_value *v, uint32_t number)
{
	base_put_u32(v->own, number);
	v->p = v->own;
	v->len = 4;
	return true;
}

static inline bool flow_give_u64(struct packet_value *v, uint64_t number)
{
	base_put_u64(v->own, number);
	v->p = v->own;
	v->len = 8;
	return true;
}

static inline bool flow_give_bool(struct packet_value *v, bool yes)
{
	v->own[0] = yes;
	v->p = v->own;
	v->len = 1;
	return true;
}

/** Text that outlives the sample's bytes or belongs to them; cut at FLOW_TEXT_BYTES. */
static inline bool flow_give_text(struct packet_value *v, const void *text, size_t len)
{
	v->p = (const uint8_t *)text;
	v->len = (uint8_t)(len < FLOW_TEXT_BYTES ? len : FLOW_TEXT_BYTES);
	return true;
}

/** Text to be put together in the value's own room; what does not fit is cut. */
static inline struct base_text flow_text_start(struct packet_value *v)
{
	return base_text((char *)v->own, sizeof(v->own));
}

static inline bool flow_text_end(struct packet_value *v, const struct base_text *t)
{
	v->p = v->own;
	v->len = (uint8_t)t->len;
	return true;
}
