/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow/function_pvt.h"

/* Functions of addresses and numbers, and comparisons. */

FLOW_PREPARE(mask)
{
	const struct flow_operand *key = &call->operand[0], *bits = &call->operand[1];
	unsigned most = key->type.width == 4 ? 32 : 128;

	if (key->type.form != BASE_FORM_ADDR)
		return flow_fail(c, at[0].p, "mask takes an IP address; this key is none");
	if (bits->number > most)
		return flow_fail(c, at[1].p, "this address has at most %u bits", most);
	call->type = key->type;
	return 0;
}

FLOW_GET(mask)
{
	const struct packet_value *address = &fields[call->operand[0].field];
	unsigned bits = (unsigned)call->operand[1].number;

	for (unsigned i = 0; i < address->len; i++) {
		unsigned left = bits > 8 * i ? bits - 8 * i : 0;

		v->own[i] =
			left >= 8 ? address->p[i] : (uint8_t)(address->p[i] & (0xFF00u >> left));
	}
	return flow_give_text(v, v->own, address->len);
}

static int need_number(struct flow_compiler *c, const struct flow_call *call, const char *at)
{
	if (flow_is_numeric(&call->operand[0].type))
		return 0;
	return flow_fail(c, at, "%s takes a number; this key is none", call->function->name);
}

FLOW_PREPARE(bits)
{
	call->type = (struct flow_type){.form = BASE_FORM_UINT, .width = 8};
	return need_number(c, call, at[0].p);
}

static bool first_number(
	const struct flow_call *call, const struct packet_value *fields, uint64_t *number)
{
	const struct flow_operand *key = &call->operand[0];

	return flow_number_of(&key->type, &fields[key->field], number);
}

FLOW_GET(bits)
{
	uint64_t number;

	return first_number(call, fields, &number) &&
	       flow_give_u64(v, number & call->operand[1].number);
}

FLOW_PREPARE(range)
{
	call->type = (struct flow_type){.form = BASE_FORM_BOOL, .width = 1};
	if (call->count == 3 && call->operand[2].number < call->operand[1].number)
		return flow_fail(c, at[2].p, "the end of the range is before its start");
	return need_number(c, call, at[0].p);
}

FLOW_GET(range)
{
	uint64_t number;

	if (!first_number(call, fields, &number))
		return false;
	return flow_give_bool(v, number >= call->operand[1].number &&
					 (call->count < 3 || number <= call->operand[2].number));
}

FLOW_PREPARE(eq)
{
	call->type = (struct flow_type){.form = BASE_FORM_BOOL, .width = 1};
	return 0;
}

static bool same_bytes(const void *a, size_t a_len, const void *b, size_t b_len)
{
	return a_len == b_len && memcmp(a, b, a_len) == 0;
}

/* Of one type by their numbers or bytes, else by what is printed of them. */
static bool is_equal(const struct flow_operand *a, const struct flow_operand *b,
	const struct packet_value *va, const struct packet_value *vb)
{
	char room_a[FLOW_TEXT_ROOM], room_b[FLOW_TEXT_ROOM];
	struct flow_span text_a, text_b;

	if (a->type.form == b->type.form && a->type.bits == b->type.bits) {
		if (a->type.form == BASE_FORM_UINT || a->type.form == BASE_FORM_BITS)
			return base_get_uint(va->p, va->len) == base_get_uint(vb->p, vb->len);
		return same_bytes(va->p, va->len, vb->p, vb->len);
	}
	text_a = flow_text_of(&a->type, va, room_a);
	text_b = flow_text_of(&b->type, vb, room_b);
	return same_bytes(text_a.p, flow_span_len(text_a), text_b.p, flow_span_len(text_b));
}

FLOW_GET(eq)
{
	const struct flow_operand *a = &call->operand[0], *b = &call->operand[1];

	return flow_give_bool(v, is_equal(a, b, &fields[a->field], &fields[b->field]));
}
