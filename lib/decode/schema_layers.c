/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>

#include "decode/schema_pvt.h"
#include "packet/packet.h"

/* The part of the JSON Schema that json_layers.c prints: made from the table of packet fields. */

static json_t *number_schema(const struct packet_field *f)
{
	if (f->mask)
		return schema_up_to(f->mask >> __builtin_ctz(f->mask));
	if (f->width >= 8)
		return schema_u64();
	return schema_up_to(((json_int_t)1 << 8 * f->width) - 1);
}

static json_t *bits_schema(unsigned bits)
{
	char regex[32];

	snprintf(regex, sizeof(regex), "^[01]{%u}$", bits);
	return schema_pattern(regex);
}

static json_t *value_schema(const struct packet_field *f)
{
	switch (f->form) {
	case BASE_FORM_UINT:
		return number_schema(f);
	case BASE_FORM_BITS:
		return bits_schema(f->bits);
	case BASE_FORM_BOOL:
		return json_pack("{s:s}", "type", "boolean");
	case BASE_FORM_MAC:
		return schema_mac();
	case BASE_FORM_ADDR:
		return f->width == 4 ? schema_ipv4() : schema_ipv6();
	case BASE_FORM_IF:
	case BASE_FORM_SOURCE:
	case BASE_FORM_TEXT:
	case BASE_FORM_NAME:
		break;
	}
	return json_pack("{s:s}", "type", "string");
}

static json_t *fields_of(unsigned layer)
{
	json_t *properties = json_object();

	for (unsigned i = 0; i < packet_fields_count; i++) {
		const struct packet_field *f = &packet_fields[i];
		json_t *s;

		if (f->layer != layer)
			continue;
		s = value_schema(f);
		json_object_set_new(s, "description", json_string(f->help));
		json_object_set_new(properties, f->name, s);
	}
	return schema_object(properties, json_array());
}

json_t *schema_layer(void)
{
	json_t *names = json_array(), *all = json_array(), *s;

	for (unsigned i = 0; i < PACKET_LAYERS; i++) {
		const char *name = packet_layer_name(i);

		if (!name)
			continue;
		json_array_append_new(names, json_string(name));
		json_array_append_new(all, schema_where("layer", name, "fields", fields_of(i)));
	}
	s = schema_object(json_pack("{s:{s:o},s:o,s:{s:s}}", "layer", "enum", names, "offset",
				  schema_up_to(UINT16_MAX), "fields", "type", "object"),
		json_pack("[s,s,s]", "layer", "offset", "fields"));
	json_object_set_new(s, "allOf", all);
	return s;
}
