/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow/function.h"

#include <string.h>

#include "flow/function_pvt.h"

#define ARGUMENTS(...)                                                                             \
	.arguments = (const struct flow_argument[]){__VA_ARGS__},                                  \
	.argument_count =                                                                          \
		sizeof((const struct flow_argument[]){__VA_ARGS__}) / sizeof(struct flow_argument)

#define KEY(name)                                                                                  \
	{                                                                                          \
		FLOW_ARGUMENT_KEY, name                                                            \
	}
#define TEXT(name)                                                                                 \
	{                                                                                          \
		FLOW_ARGUMENT_TEXT, name                                                           \
	}
#define NUMBER(name)                                                                               \
	{                                                                                          \
		FLOW_ARGUMENT_NUMBER, name                                                         \
	}
#define DELIMITER                                                                                  \
	{                                                                                          \
		FLOW_ARGUMENT_DELIMITER, "DELIMITER"                                               \
	}
#define COUNT                                                                                      \
	{                                                                                          \
		FLOW_ARGUMENT_COUNT, "N"                                                           \
	}
#define MOST 16

/* clang-format off */
const struct flow_function flow_functions[] = {
	{"asn", 1, 2, ARGUMENTS(KEY("KEY"), TEXT("ATTRIBUTE")),
		.prepare = flow_prepare_asn, .get = flow_get_asn,
		.result = "number, or text of the other two",
		.help = "the AS that announces the network of the IP address: its number, descr (its "
		 "name) or both; without ATTRIBUTE the number; absent where none is known"},
	{"bits", 2, 2, ARGUMENTS(KEY("KEY"), NUMBER("MASK")),
		.prepare = flow_prepare_bits, .get = flow_get_bits, .result = "number",
		.help = "the bits of the number that are in MASK (decimal), where they are"},
	{"concat", 2, MOST, ARGUMENTS(TEXT("SEPARATOR"), KEY("KEY")),
		.prepare = flow_prepare_concat, .get = flow_get_concat, .result = "text",
		.help = "the texts of all keys, with SEPARATOR between them"},
	{"country", 1, 2, ARGUMENTS(KEY("KEY"), TEXT("ATTRIBUTE")),
		.prepare = flow_prepare_country, .get = flow_get_geo, .result = "text",
		.help = "the country that the IP address is in: its code, name or both; without "
		 "ATTRIBUTE the code; absent where none is known"},
	{"dns", 1, 1, ARGUMENTS(KEY("KEY")),
		.prepare = flow_prepare_dns, .name_of = flow_name_of_dns, .result = "text",
		.help = "the name of an IP address, with its final dot, as DNS has it; the address "
		 "where it has none, or that is not known yet"},
	{"eq", 2, 2, ARGUMENTS(KEY("KEY"), KEY("KEY")),
		.prepare = flow_prepare_eq, .get = flow_get_eq, .result = "true or false",
		.help = "whether the two are equal: numbers as numbers, all else as texts"},
	{"first", 3, MOST, ARGUMENTS(KEY("KEY"), DELIMITER, TEXT("TOKEN")),
		.prepare = flow_prepare_part, .get = flow_get_first, .result = "text",
		.help = "the first token of the key that is one of the TOKENs; absent where none is"},
	{"group", 2, MOST, ARGUMENTS(KEY("KEY"), TEXT("GROUP")),
		.prepare = flow_prepare_group, .get = flow_get_group, .result = "text",
		.help = "the label of the network that contains the IP address, the longest of those "
		 "in GROUP that do; of the first GROUP that has one; absent where none has"},
	{"host", 2, 2, ARGUMENTS(KEY("KEY"), TEXT("ATTRIBUTE")),
		.prepare = flow_prepare_host, .of_host = flow_of_host_host, .result = "text",
		.help = "a metric of the host, virtual machine or container that has the MAC address: "
		 "host_name, os_name, uuid, vir_host_name or any other; absent where no host has told "
		 "of that address, or of that metric"},
	{"if", 4, 4, ARGUMENTS(KEY("KEY"), TEXT("VALUE"), KEY("THEN"), KEY("ELSE")),
		.nulls = true,
		.prepare = flow_prepare_if, .get = flow_get_if, .result = "as THEN and ELSE",
		.help = "THEN where the key is VALUE, otherwise ELSE; absent where the key is"},
	{"link", 1, 1, ARGUMENTS(KEY("KEY")),
		.prepare = flow_prepare_link, .get = flow_get_link, .result = "text",
		.help = "the link of the topology that an interface of the agent is an end of; absent "
		 "where it is at none"},
	{"map", 2, 2, ARGUMENTS(KEY("KEY"), TEXT("MAP")),
		.prepare = flow_prepare_map, .get = flow_get_map, .result = "text",
		.help = "the label that has the key's value in MAP; absent where none has"},
	{"mask", 2, 2, ARGUMENTS(KEY("KEY"), NUMBER("BITS")),
		.prepare = flow_prepare_mask, .get = flow_get_mask, .result = "address",
		.help = "the network of an IP address: its first BITS bits, then zeros"},
	{"null", 1, 2, ARGUMENTS(KEY("KEY"), TEXT("TEXT")), .nulls = true,
		.prepare = flow_prepare_null, .get = flow_get_null, .result = "text",
		.help = "the key, or TEXT where it is absent; without TEXT, the text null"},
	{"or", 2, MOST, ARGUMENTS(KEY("KEY"), KEY("KEY")), .nulls = true,
		.prepare = flow_prepare_or, .get = flow_get_or, .result = "as the keys",
		.help = "the first of the keys that is not absent"},
	{"oui", 1, 2, ARGUMENTS(KEY("KEY"), TEXT("ATTRIBUTE")),
		.prepare = flow_prepare_oui, .get = flow_get_oui, .result = "text",
		.help = "who made the device of the MAC address, by its longest registered prefix: the "
		 "number (the prefix, 6, 7 or 9 hexadecimal digits), name or both; without ATTRIBUTE "
		 "the number; absent where none is registered"},
	{"prefix", 3, 3, ARGUMENTS(KEY("KEY"), DELIMITER, COUNT),
		.prepare = flow_prepare_part, .get = flow_get_prefix, .of_names = true,
		.result = "text",
		.help = "the first N tokens; one in front of a leading delimiter is empty, and counts"},
	{"range", 2, 3, ARGUMENTS(KEY("KEY"), NUMBER("LOW"), NUMBER("HIGH")),
		.prepare = flow_prepare_range, .get = flow_get_range, .result = "true or false",
		.help = "whether the number is from LOW to HIGH; without HIGH, LOW or more"},
	{"rt", 1, 2, ARGUMENTS(TEXT("NAME"), TEXT("TYPE")),
		.prepare = flow_prepare_rt, .custom = true, .result = "as TYPE",
		.help = "the field NAME of a custom flow (rtflow, 4300:1003), where it is a string, "
		 "mac, ip, ip6, int32, int64 (any whole number), float or double (any number, "
		 "rounded to a whole one); without TYPE its text, whatever it is. A definition with "
		 "such a key counts custom flows alone"},
	{"suffix", 3, 3, ARGUMENTS(KEY("KEY"), DELIMITER, COUNT),
		.prepare = flow_prepare_part, .get = flow_get_suffix, .of_names = true,
		.result = "text",
		.help = "the last N tokens; one behind a final delimiter is empty, and counts"},
	{"uri", 2, 2, ARGUMENTS(KEY("KEY"), TEXT("PART")),
		.prepare = flow_prepare_uri, .get = flow_get_uri,
		.result = "text, number or true or false",
		.help = "a part of a URI, as it is written there: normalized, scheme, user, "
		 "authority, host, port, path, file, extension, query, fragment, isabsolute or "
		 "isopaque; absent where the URI has no such part"},
};
/* clang-format on */

const unsigned flow_functions_count = sizeof(flow_functions) / sizeof(flow_functions[0]);

const struct flow_function *flow_function_find(const char *name, size_t len)
{
	for (unsigned i = 0; i < flow_functions_count; i++) {
		const char *have = flow_functions[i].name;

		if (strlen(have) == len && memcmp(have, name, len) == 0)
			return &flow_functions[i];
	}
	return NULL;
}

const char *flow_function_name(const void *unused, size_t i)
{
	return i < flow_functions_count ? flow_functions[i].name : NULL;
}

void flow_function_print(const struct flow_function *f, struct base_text *t)
{
	base_text_printf(t, "%s", f->name);
	for (unsigned i = 0; i < f->argument_count; i++)
		base_text_printf(t, i < f->least ? ":%s" : "[:%s]", f->arguments[i].name);
	if (f->most > f->argument_count)
		base_text_printf(t, ":...");
}

struct flow_span flow_text_of(
	const struct flow_type *type, const struct packet_value *value, char *room)
{
	struct base_text t;

	if (flow_is_text(type))
		return (struct flow_span){
			(const char *)value->p, (const char *)value->p + value->len};
	t = base_text(room, FLOW_TEXT_ROOM);
	base_form_print(&t, type->form, type->bits, value->p, value->len);
	return (struct flow_span){room, room + t.len};
}

bool flow_give_printed(
	const struct flow_type *type, const struct packet_value *value, struct packet_value *v)
{
	struct base_text t = flow_text_start(v);

	base_form_print(&t, type->form, type->bits, value->p, value->len);
	return flow_text_end(v, &t);
}

void flow_escape(struct flow_compiler *c, struct flow_operand *literal)
{
	char room[FLOW_TEXT_ROOM];
	struct base_text t = base_text(room, sizeof(room));

	base_text_wire(&t, (const uint8_t *)literal->text, literal->len);
	literal->text = base_region_copy(&c->plan->region, room, t.len);
	literal->len = (uint8_t)t.len;
}

bool flow_is_numeric(const struct flow_type *type)
{
	switch (type->form) {
	case BASE_FORM_UINT:
	case BASE_FORM_BITS:
	case BASE_FORM_IF:
	case BASE_FORM_TEXT:
	case BASE_FORM_NAME:
		return true;
	default:
		return false;
	}
}

bool flow_number_of(
	const struct flow_type *type, const struct packet_value *value, uint64_t *number)
{
	switch (type->form) {
	case BASE_FORM_UINT:
	case BASE_FORM_BITS:
		*number = base_get_uint(value->p, value->len);
		return true;
	case BASE_FORM_IF: /* format 0: an ifIndex */
		*number = base_get_u32(value->p + 4);
		return base_get_u32(value->p) == 0;
	default:
		return flow_parse_number((const char *)value->p, value->len, number);
	}
}
