/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow/function_pvt.h"

/* Functions that choose one of their arguments. */

/*
 * A type for values of two: their own where it is one and the same, for numbers 8 bytes wide and
 * for addresses of either family where their widths differ; else what is printed of them.
 */
static struct flow_type common_type(struct flow_type a, struct flow_type b)
{
	if (a.form != b.form || (a.form == BASE_FORM_BITS && a.bits != b.bits))
		return (struct flow_type){.form = BASE_FORM_NAME};
	if (a.width != b.width)
		a.width = a.form == BASE_FORM_UINT || a.form == BASE_FORM_BITS ? 8 : 0;
	return a;
}

/* The value of a key, as one of the result's type. */
static bool give(const struct flow_call *call, const struct flow_operand *o,
	const struct packet_value *value, struct packet_value *v)
{
	if (!value->p)
		return false;
	if (call->type.form != o->type.form || call->type.bits != o->type.bits)
		return flow_give_printed(&o->type, value, v);
	if (call->type.width == 8 && value->len < 8)
		return flow_give_u64(v, base_get_uint(value->p, value->len));
	return flow_give_text(v, value->p, value->len);
}

FLOW_PREPARE(null)
{
	static const char text[] = "null";

	call->type.form =
		flow_is_text(&call->operand[0].type) ? call->operand[0].type.form : BASE_FORM_NAME;
	if (call->count == 1)
		call->operand[1] = (struct flow_operand){.text = text, .len = sizeof(text) - 1};
	call->count = 2;
	if (call->type.form == BASE_FORM_NAME)
		flow_escape(c, &call->operand[1]);
	return 0;
}

FLOW_GET(null)
{
	const struct flow_operand *key = &call->operand[0], *text = &call->operand[1];

	return give(call, key, &fields[key->field], v) || flow_give_text(v, text->text, text->len);
}

FLOW_PREPARE(or)
{
	call->type = call->operand[0].type;
	for (unsigned i = 1; i < call->count; i++)
		call->type = common_type(call->type, call->operand[i].type);
	return 0;
}

FLOW_GET(or)
{
	for (unsigned i = 0; i < call->count; i++) {
		const struct flow_operand *o = &call->operand[i];

		if (give(call, o, &fields[o->field], v))
			return true;
	}
	return false;
}

/* VALUE as the key's bytes, so that a comparison of bytes is all there is to do. */
FLOW_PREPARE(if)
{
	struct flow_operand *value = &call->operand[1];
	uint8_t bytes[PACKET_VALUE_MAX];
	int len = flow_literal(c, at[1].p, &call->operand[0].type, value->text, value->len, bytes);

	if (len < 0)
		return len;
	value->text = base_region_copy(&c->plan->region, (const char *)bytes, (size_t)len);
	value->len = (uint8_t)len;
	call->type = common_type(call->operand[2].type, call->operand[3].type);
	return 0;
}

FLOW_GET(if)
{
	const struct packet_value *key = &fields[call->operand[0].field];
	const struct flow_operand *value = &call->operand[1], *chosen;

	if (!key->p)
		return false;
	chosen = &call->operand[key->len == value->len &&
						memcmp(key->p, value->text, value->len) == 0
					? 2
					: 3];
	return give(call, chosen, &fields[chosen->field], v);
}
