/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "flow/compile_pvt.h"
#include "flow/value_pvt.h"

/* What the functions of keys share. */

#define FLOW_PREPARE(name)                                                                         \
	int flow_prepare_##name(                                                                   \
		struct flow_compiler *c, struct flow_call *call, const struct flow_span *at)
#define FLOW_GET(name)                                                                             \
	bool flow_get_##name(const struct flow_call *call, const struct packet_value *fields,      \
		struct packet_value *v)

#define FLOW_NAME_OF(name)                                                                         \
	bool flow_name_of_##name(const struct flow_call *call, const struct packet_value *key,     \
		const struct flow_names *names, struct packet_value *v)

#define FLOW_OF_HOST(name)                                                                         \
	bool flow_of_host_##name(const struct flow_call *call, const struct packet_value *key,     \
		const struct flow_names *names, struct packet_value *v)

/* function_link.c */
FLOW_PREPARE(link);
FLOW_GET(link);

/* custom.c */
FLOW_PREPARE(rt);

/* function_name.c */
FLOW_PREPARE(dns);
FLOW_PREPARE(host);
FLOW_OF_HOST(host);
FLOW_NAME_OF(dns);

/* function_text.c */
FLOW_PREPARE(part);
FLOW_PREPARE(concat);
FLOW_GET(prefix);
FLOW_GET(suffix);
FLOW_GET(first);
FLOW_GET(concat);

/* function_value.c */
FLOW_PREPARE(mask);
FLOW_PREPARE(bits);
FLOW_PREPARE(range);
FLOW_PREPARE(eq);
FLOW_GET(mask);
FLOW_GET(bits);
FLOW_GET(range);
FLOW_GET(eq);

/* function_choice.c */
FLOW_PREPARE(null);
FLOW_PREPARE(or);
FLOW_PREPARE(if);
FLOW_GET(null);
FLOW_GET(or);
FLOW_GET(if);

/* function_uri.c */
FLOW_PREPARE(uri);
FLOW_GET(uri);

/* function_geo.c */
FLOW_PREPARE(country);
FLOW_PREPARE(asn);
FLOW_PREPARE(oui);
FLOW_GET(geo);
FLOW_GET(asn);
FLOW_GET(oui);

/* function_lookup.c */
FLOW_PREPARE(group);
FLOW_PREPARE(map);
FLOW_GET(group);
FLOW_GET(map);

enum { FLOW_TEXT_ROOM = 256 };

static inline bool flow_is_text(const struct flow_type *type)
{
	return type->form == BASE_FORM_TEXT || type->form == BASE_FORM_NAME;
}

/**
 * The text of a value: its bytes where it is one, else what is printed of it.
 * @param room  FLOW_TEXT_ROOM bytes, for the latter
 */
struct flow_span flow_text_of(
	const struct flow_type *type, const struct packet_value *value, char *room);

/** What is printed of a value, as one of type BASE_FORM_NAME. */
bool flow_give_printed(
	const struct flow_type *type, const struct packet_value *value, struct packet_value *v);

/** Write a literal as it is printed: for results of type BASE_FORM_NAME. */
void flow_escape(struct flow_compiler *c, struct flow_operand *literal);

/** Whether values of the type can be numbers. */
bool flow_is_numeric(const struct flow_type *type);

/** A value as a number. @return false where it is none */
bool flow_number_of(
	const struct flow_type *type, const struct packet_value *value, uint64_t *number);
