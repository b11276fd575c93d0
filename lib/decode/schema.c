/* SPDX-License-Identifier: BSD-3-Clause */
#include <jansson.h>
#include <string.h>

#include "decode/decode_pvt.h"
#include "decode/schema_pvt.h"
#include "sflow/entry.h"

/*
 * The JSON Schema (draft 7) of the JSON format, made from the tables of structures and of packet
 * fields. Units are in the keyword "unit", which validators pass over.
 */

static json_t *fields_of(const struct sflow_field *list, unsigned count);

static json_t *list_schema(const struct sflow_field *f)
{
	json_t *fields = fields_of(f->of->list, f->of->count), *items;

	if (f->of->list[0].name[0] != '\0')
		return json_pack(
			"{s:s,s:o}", "type", "array", "items", schema_object(fields, json_array()));
	items = json_incref(json_object_get(fields, ""));
	json_decref(fields);
	return json_pack("{s:s,s:o}", "type", "array", "items", items);
}

static json_t *value_schema(const struct sflow_field *f)
{
	switch (f->type) {
	case SFLOW_U8:
		return schema_up_to(UINT8_MAX);
	case SFLOW_U32:
		return schema_u32();
	case SFLOW_I32:
		return json_pack("{s:s,s:I,s:I}", "type", "integer", "minimum",
			(json_int_t)INT32_MIN, "maximum", (json_int_t)INT32_MAX);
	case SFLOW_U64:
		return schema_u64();
	case SFLOW_F32:
	case SFLOW_F64:
	case SFLOW_PCT:
		return schema_or_null("number");
	case SFLOW_MAC:
		return schema_mac();
	case SFLOW_STRING:
		return schema_ref("text");
	case SFLOW_UUID:
		return schema_pattern("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$");
	case SFLOW_ADDR:
		return schema_or_null("string");
	case SFLOW_IPV4:
		return schema_ipv4();
	case SFLOW_IPV6:
		return schema_ipv6();
	case SFLOW_LIST:
		return list_schema(f);
	case SFLOW_RECORDS:
		return json_pack("{s:s,s:o}", "type", "array", "items", schema_ref("flow_record"));
	case SFLOW_BYTES:
	case SFLOW_GID:
	case SFLOW_OPAQUE:
		break;
	}
	return schema_ref("hex");
}

static bool contains(const json_t *list, const char *text)
{
	size_t i;
	json_t *item;

	json_array_foreach(
		list, i, item) if (strcmp(json_string_value(item), text) == 0) return true;
	return false;
}

static json_t *words_schema(const struct sflow_words *words)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < words->count; i++)
		if (!contains(list, words->words[i].word))
			json_array_append_new(list, json_string(words->words[i].word));
	return json_pack("{s:o}", "enum", list);
}

static json_t *fields_of(const struct sflow_field *list, unsigned count)
{
	json_t *properties = json_object();
	char name[96];

	for (unsigned i = 0; i < count; i++) {
		json_t *s = value_schema(&list[i]);

		if (list[i].unit)
			json_object_set_new(s, "unit", json_string(list[i].unit));
		if (list[i].role == SFLOW_COUNTER)
			json_object_set_new(s, "description", json_string("counter"));
		json_object_set_new(properties, list[i].name, s);
		if (!list[i].words)
			continue;
		snprintf(name, sizeof(name), "%s_name", list[i].name);
		json_object_set_new(properties, name, words_schema(list[i].words));
	}
	return properties;
}

/* The fields of a structure, in any of its forms. */
static json_t *structure_schema(const struct sflow_structure *st)
{
	json_t *forms = json_array();

	for (; st; st = st->other)
		json_array_append_new(
			forms, schema_object(fields_of(st->fields, st->field_count), json_array()));
	return json_pack("{s:o}", "anyOf", forms);
}

static json_t *one_structure(const struct sflow_structure *st)
{
	char tag[32];

	snprintf(tag, sizeof(tag), "%u:%u", st->tag >> 12, st->tag & 0xFFF);
	return json_pack("{s:{s:{s:{s:s},s:{s:s}}},s:{s:{s:{s:s},s:o}}}", "if", "properties", "tag",
		"const", tag, "type", "type", "string", "then", "properties", "type", "const",
		st->name, "fields", structure_schema(st));
}

static json_t *record_schema(const struct sflow_structure *const *rows, unsigned count)
{
	json_t *properties = json_pack("{s:o,s:o,s:o,s:{s:s},s:o,s:o,s:o,s:{s:s},s:{s:s,s:o},s:o}",
		"tag", schema_ref("tag"), "type", schema_or_null("string"), "length", schema_u32(),
		"fields", "type", "object", "data", schema_ref("hex"), "extra", schema_ref("hex"),
		"header_length", schema_u32(), "stack", "type", "string", "layers", "type", "array",
		"items", schema_ref("layer"), "layers_omitted", schema_up_to(UINT8_MAX));
	json_t *s = schema_object(properties, json_pack("[s,s,s]", "tag", "type", "length"));
	json_t *all = json_array();

	for (unsigned i = 0; i < count; i++)
		json_array_append_new(all, one_structure(rows[i]));
	json_object_set_new(s, "allOf", all);
	return s;
}

static json_t *interface_schema(void)
{
	return schema_object(
		json_pack("{s:o,s:o,s:o}", "format", schema_u32(), "value", schema_u32(),
			"reason_name", words_schema(&sflow_discard_reasons)),
		json_pack("[s,s]", "format", "value"));
}

/* What the value of an entry is: that of one made of zeros. */
static json_t *entry_value(enum sflow_kind kind, uint32_t type)
{
	uint8_t bytes[4 + 4 + 16] = {0}; /* no name, the type, a value */
	struct base_cursor c = base_cursor(bytes, sizeof(bytes));
	struct sflow_entry_cut cut;
	struct sflow_entry e = {0};

	base_put_u32(bytes + 4, type);
	sflow_entry_read(&c, kind, &e, &cut);
	return value_schema(&(struct sflow_field){.type = e.value.type});
}

static json_t *entry_schema(enum sflow_kind kind)
{
	json_t *names = json_array(), *all = json_array(), *s;
	const char *name;

	for (uint32_t type = 0; (name = sflow_entry_type(kind, type)); type++) {
		json_array_append_new(names, json_string(name));
		json_array_append_new(
			all, schema_where("type", name, "value", entry_value(kind, type)));
	}
	s = schema_object(json_pack("{s:o,s:{s:o},s:{}}", "name", schema_ref("text"), "type",
				  "enum", names, "value"),
		json_pack("[s,s,s]", "name", "type", "value"));
	json_object_set_new(s, "allOf", all);
	return s;
}

static json_t *list_of(const char *name)
{
	return json_pack("{s:s,s:o}", "type", "array", "items", schema_ref(name));
}

static json_t *pair(const char *first, const char *second)
{
	return schema_object(json_pack("{s:o,s:o}", first, schema_u32(), second, schema_u32()),
		json_pack("[s,s]", first, second));
}

static json_t *wrapper_schema(void)
{
	return schema_object(json_pack("{s:o,s:o,s:o}", "tag", schema_ref("tag"), "flags",
				     schema_u32(), "group", schema_u32()),
		json_pack("[s,s,s]", "tag", "flags", "group"));
}

static json_t *flow_properties(void)
{
	return json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "sampling_rate", schema_u32(),
		"sample_pool", schema_u32(), "drops", schema_u32(), "input",
		schema_ref("interface"), "output", schema_ref("interface"), "reason", schema_u32(),
		"reason_name", words_schema(&sflow_discard_reasons));
}

static json_t *sample_schema(void)
{
	json_t *properties = json_pack("{s:o,s:{s:[s,s,s,s,s,s,s,n]},s:o,s:o,s:o,s:o,s:{s:s},s:o,"
				       "s:o,s:o,s:o,s:{s:b}}",
		"tag", schema_ref("tag"), "type", "enum", "flow_sample", "counters_sample",
		"flow_sample_expanded", "counters_sample_expanded", "discarded_packet", "rtmetric",
		"rtflow", "length", schema_u32(), "wrapper", wrapper_schema(), "sequence_number",
		schema_u32(), "source_id", pair("class", "index"), "records", "type", "array",
		"metrics", list_of("rtmetric_entry"), "fields", list_of("rtflow_entry"),
		"datasource", schema_ref("text"), "data", schema_ref("hex"), "complete", "const",
		0);
	json_t *s;

	json_object_update_new(properties, flow_properties());
	s = schema_object(properties, json_pack("[s,s]", "tag", "type"));
	/* Counter samples have counter records, all others flow records. */
	json_object_update_new(
		s, json_pack("{s:{s:{s:{s:[s,s]}}},s:{s:{s:{s:o}}},s:{s:{s:{s:o}}}}", "if",
			   "properties", "tag", "enum", "0:2", "0:4", "then", "properties",
			   "records", "items", schema_ref("counter_record"), "else", "properties",
			   "records", "items", schema_ref("flow_record")));
	return s;
}

static json_t *error_schema(void)
{
	json_t *reasons = json_array();

	for (unsigned i = 0; i < SFLOW_STATS; i++) {
		const char *reason = sflow_break_reason(i);

		if (!contains(reasons, reason))
			json_array_append_new(reasons, json_string(reason));
	}
	return schema_object(json_pack("{s:{s:o},s:o,s:o,s:o,s:{s:s}}", "reason", "enum", reasons,
				     "offset", schema_u32(), "sample", schema_u32(), "record",
				     schema_u32(), "field", "type", "string"),
		json_pack("[s,s]", "reason", "offset"));
}

static json_t *deviations_schema(void)
{
	json_t *properties = json_object();

	for (unsigned i = 0; i < decode_deviations_count; i++) {
		const struct stats_def *def = &sflow_stats.defs[decode_deviations[i]];
		json_t *s = schema_u32();

		json_object_set_new(s, "unit", json_string(def->unit));
		json_object_set_new(s, "description", json_string(def->help));
		json_object_set_new(properties, def->name, s);
	}
	return schema_object(properties, json_array());
}

static json_t *with_unit(json_t *s, const char *unit)
{
	json_object_set_new(s, "unit", json_string(unit));
	return s;
}

static json_t *datagram_properties(void)
{
	json_t *p = json_pack("{s:o,s:o,s:{s:[s,s]},s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "time",
		schema_or_null("string"), "source", schema_or_null("string"), "source_port", "type",
		"integer", "null", "size", with_unit(schema_u32(), "bytes"), "version",
		schema_u32(), "agent_address", schema_or_null("string"), "sub_agent_id",
		schema_u32(), "sequence_number", schema_u32(), "uptime",
		with_unit(schema_u32(), "milliseconds"), "sample_count", schema_u32(), "samples",
		list_of("sample"));

	json_object_set_new(p, "errors", list_of("error"));
	json_object_set_new(p, "errors_omitted", schema_u32());
	json_object_set_new(p, "deviations", deviations_schema());
	return p;
}

static json_t *definitions(void)
{
	json_t *d = json_pack("{s:o,s:o,s:{s:[{s:s},o]}}", "tag", schema_pattern("^[0-9]+:[0-9]+$"),
		"hex", schema_pattern("^([0-9a-f]{2})*$"), "text", "anyOf", "type", "string",
		schema_object(
			json_pack("{s:o}", "hex", schema_ref("hex")), json_pack("[s]", "hex")));

	json_object_set_new(d, "layer", schema_layer());
	json_object_set_new(d, "interface", interface_schema());
	json_object_set_new(d, "rtmetric_entry", entry_schema(SFLOW_KIND_RTMETRIC));
	json_object_set_new(d, "rtflow_entry", entry_schema(SFLOW_KIND_RTFLOW));
	json_object_set_new(d, "error", error_schema());
	json_object_set_new(d, "flow_record",
		record_schema(sflow_flow_structures, sflow_flow_structures_count));
	json_object_set_new(d, "counter_record",
		record_schema(sflow_counter_structures, sflow_counter_structures_count));
	json_object_set_new(d, "sample", sample_schema());
	return d;
}

void decode_print_schema(FILE *out)
{
	json_t *s = schema_object(datagram_properties(),
		json_pack("[s,s,s,s,s]", "time", "source", "source_port", "size", "samples"));

	json_object_set_new(s, "$schema", json_string("http://json-schema.org/draft-07/schema#"));
	json_object_set_new(
		s, "title", json_string("A datagram as weirctl decode --json prints it"));
	json_object_set_new(s, "definitions", definitions());
	json_dumpf(s, out, JSON_INDENT(1) | JSON_SORT_KEYS);
	fputc('\n', out);
	json_decref(s);
}
