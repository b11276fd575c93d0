/* SPDX-License-Identifier: BSD-3-Clause */
#include "api/schema.h"
#include "flow/spec.h"

/* Numbers and booleans may come as texts; they go out as what they are. */
static json_t *or_text(const char *type)
{
	return json_pack("{s:[{s:s}, {s:s}]}", "anyOf", "type", type, "type", "string");
}

static json_t *attribute(const struct flow_attribute *a)
{
	switch (a->type) {
	case FLOW_ATTRIBUTE_TEXT:
		return json_pack("{s:s}", "type", "string");
	case FLOW_ATTRIBUTE_KEYS:
		return json_pack("{s:[{s:s}, {s:s, s:{s:s}}]}", "anyOf", "type", "string", "type",
			"array", "items", "type", "string");
	case FLOW_ATTRIBUTE_UINT:
		return or_text("integer");
	case FLOW_ATTRIBUTE_SECONDS:
		return or_text("number");
	case FLOW_ATTRIBUTE_BOOL:
		return or_text("boolean");
	case FLOW_ATTRIBUTE_CHOICE: /* in any case */
		return json_pack("{s:s}", "type", "string");
	default:
		return json_object();
	}
}

json_t *api_schema_of_flow(void)
{
	json_t *properties = json_object(), *required = json_array();

	for (unsigned i = 0; i < flow_attributes_count; i++) {
		const struct flow_attribute *a = &flow_attributes[i];
		json_t *schema = attribute(a);

		json_object_set_new(schema, "description", json_string(a->help));
		json_object_set_new(properties, a->name, schema);
		if (a->required)
			json_array_append_new(required, json_string(a->name));
	}
	return json_pack("{s:s, s:o, s:o, s:b}", "type", "object", "required", required,
		"properties", properties, "additionalProperties", false);
}
