/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow/function_pvt.h"

/* Functions of texts: tokens between delimiters, and joined texts. */

/* The result is a piece of the first key, and as safe or unsafe to print as that is. */
FLOW_PREPARE(part)
{
	const struct flow_type *key = &call->operand[0].type;

	call->type.form = key->form == BASE_FORM_TEXT ? BASE_FORM_TEXT : BASE_FORM_NAME;
	return 0;
}

FLOW_PREPARE(concat)
{
	call->type.form = BASE_FORM_NAME;
	flow_escape(c, &call->operand[0]);
	return 0;
}

/* A piece of the first key's text, which lies in `room` if the key is none. */
static bool give_piece(const struct flow_call *call, struct flow_span piece, struct packet_value *v)
{
	size_t len = flow_span_len(piece);

	if (flow_is_text(&call->operand[0].type))
		return flow_give_text(v, piece.p, len);
	memcpy(v->own, piece.p, len);
	return flow_give_text(v, v->own, len);
}

static struct flow_span text_of_key(
	const struct flow_call *call, const struct packet_value *fields, char *room)
{
	const struct flow_operand *key = &call->operand[0];

	return flow_text_of(&key->type, &fields[key->field], room);
}

/* Take a token, as flow_split() does; there is always one more than there are delimiters. */
static struct flow_span next_token(struct flow_span *rest, const struct flow_operand *delimiter)
{
	struct flow_span token = *rest;
	const char *found = memmem(rest->p, flow_span_len(*rest), delimiter->text, delimiter->len);

	if (found)
		token.end = found;
	rest->p = found ? found + delimiter->len : NULL;
	return token;
}

FLOW_GET(prefix)
{
	char room[FLOW_TEXT_ROOM];
	struct flow_span text = text_of_key(call, fields, room), rest = text, token = text;

	for (uint64_t i = 0; rest.p && i < call->operand[2].number; i++)
		token = next_token(&rest, &call->operand[1]);
	return give_piece(call, (struct flow_span){text.p, token.end}, v);
}

FLOW_GET(suffix)
{
	char room[FLOW_TEXT_ROOM];
	struct flow_span text = text_of_key(call, fields, room), rest = text;
	uint64_t tokens = 0;

	while (rest.p) {
		next_token(&rest, &call->operand[1]);
		tokens++;
	}
	for (rest = text; tokens > call->operand[2].number; tokens--)
		next_token(&rest, &call->operand[1]);
	return give_piece(call, rest, v);
}

static bool is_listed(const struct flow_call *call, struct flow_span token)
{
	for (unsigned i = 2; i < call->count; i++) {
		const struct flow_operand *o = &call->operand[i];

		if (o->len == flow_span_len(token) && memcmp(o->text, token.p, o->len) == 0)
			return true;
	}
	return false;
}

FLOW_GET(first)
{
	char room[FLOW_TEXT_ROOM];
	struct flow_span rest = text_of_key(call, fields, room);

	while (rest.p) {
		struct flow_span token = next_token(&rest, &call->operand[1]);

		if (is_listed(call, token))
			return give_piece(call, token, v);
	}
	return false;
}

FLOW_GET(concat)
{
	struct base_text t = flow_text_start(v);

	for (unsigned i = 1; i < call->count; i++) {
		const struct flow_operand *o = &call->operand[i];
		const struct packet_value *value = &fields[o->field];

		if (i > 1)
			base_text_add(&t, call->operand[0].text, call->operand[0].len);
		base_form_print(&t, o->type.form, o->type.bits, value->p, value->len);
	}
	return flow_text_end(v, &t);
}
