/* SPDX-License-Identifier: BSD-3-Clause */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <jansson.h>

#include "decode/decode.h"
#include "packet/packet.h"
#include "sflow/entry.h"

static char *page;

static int teardown(void **state)
{
	free(page);
	page = NULL;
	return 0;
}

static const char *print(void (*what)(FILE *out))
{
	size_t len;
	FILE *f = open_memstream(&page, &len);

	assert_non_null(f);
	what(f);
	fclose(f);
	assert_true(len > 0 && page[len - 1] == '\n');
	assert_int_equal(strlen(page), len);
	return page;
}

/* Every $ref names a definition that is there. */
static void check_refs(const json_t *v, const json_t *definitions)
{
	const char *key;
	json_t *item;
	size_t i;

	if (json_is_array(v)) {
		json_array_foreach(v, i, item) check_refs(item, definitions);
		return;
	}
	json_object_foreach((json_t *)(uintptr_t)v, key, item)
	{
		static const char start[] = "#/definitions/";
		const char *text = json_string_value(item);

		check_refs(item, definitions);
		if (strcmp(key, "$ref") != 0)
			continue;
		assert_int_equal(strncmp(text, start, sizeof(start) - 1), 0);
		assert_non_null(json_object_get(definitions, text + sizeof(start) - 1));
	}
}

/* The condition of a tag: its type and the forms of its fields. */
static const json_t *of_tag(const json_t *record, const char *tag)
{
	const json_t *all = json_object_get(record, "allOf"), *row;
	size_t i;

	json_array_foreach(all, i, row)
	{
		const char *at;

		assert_int_equal(json_unpack((json_t *)(uintptr_t)row, "{s:{s:{s:{s:s}}}}", "if",
					 "properties", "tag", "const", &at),
			0);
		if (strcmp(at, tag) == 0)
			return json_object_get(json_object_get(row, "then"), "properties");
	}
	return NULL;
}

static void check_form(const json_t *form, const struct sflow_structure *st)
{
	const json_t *properties = json_object_get(form, "properties");
	size_t names = 0;

	assert_true(json_is_false(json_object_get(form, "additionalProperties")));
	for (unsigned i = 0; i < st->field_count; i++) {
		char name[96];

		assert_non_null(json_object_get(properties, st->fields[i].name));
		names++;
		if (!st->fields[i].words)
			continue;
		snprintf(name, sizeof(name), "%s_name", st->fields[i].name);
		assert_non_null(json_object_get(properties, name));
		names++;
	}
	assert_int_equal(json_object_size(properties), names);
}

static void check_rows(
	const json_t *record, const struct sflow_structure *const *rows, unsigned count)
{
	assert_int_equal(json_array_size(json_object_get(record, "allOf")), count);
	for (unsigned i = 0; i < count; i++) {
		const struct sflow_structure *st = rows[i];
		const json_t *then, *forms;
		size_t form = 0;
		char tag[32];

		snprintf(tag, sizeof(tag), "%u:%u", st->tag >> 12, st->tag & 0xFFF);
		then = of_tag(record, tag);
		assert_non_null(then);
		assert_string_equal(
			json_string_value(json_object_get(json_object_get(then, "type"), "const")),
			st->name);
		forms = json_object_get(json_object_get(then, "fields"), "anyOf");
		for (; st; st = st->other, form++)
			check_form(json_array_get(forms, form), st);
		assert_int_equal(json_array_size(forms), form);
	}
}

static void test_schema(void **state)
{
	json_error_t error;
	json_t *s = json_loads(print(decode_print_schema), JSON_REJECT_DUPLICATES, &error);
	const json_t *definitions;

	assert_non_null(s);
	definitions = json_object_get(s, "definitions");
	check_refs(s, definitions);
	assert_string_equal(json_string_value(json_object_get(s, "$schema")),
		"http://json-schema.org/draft-07/schema#");
	check_rows(json_object_get(definitions, "flow_record"), sflow_flow_structures,
		sflow_flow_structures_count);
	check_rows(json_object_get(definitions, "counter_record"), sflow_counter_structures,
		sflow_counter_structures_count);
	json_decref(s);
}

/* What the condition of a word says of another property. */
static const json_t *where(const json_t *s, const char *key, const char *word, const char *name)
{
	const json_t *all = json_object_get(s, "allOf"), *row, *then;
	size_t i;

	json_array_foreach(all, i, row)
	{
		const char *at;

		assert_int_equal(
			json_unpack((json_t *)(uintptr_t)row, "{s:{s:{s:{s:s}}},s:{s:o}}", "if",
				"properties", key, "const", &at, "then", "properties", &then),
			0);
		if (strcmp(at, word) == 0)
			return json_object_get(then, name);
	}
	return NULL;
}

static void check_layer(const json_t *fields, enum packet_layer layer)
{
	const json_t *properties = json_object_get(fields, "properties");
	size_t count = 0;

	assert_true(json_is_false(json_object_get(fields, "additionalProperties")));
	for (unsigned i = 0; i < packet_fields_count; i++) {
		const struct packet_field *f = &packet_fields[i];
		const json_t *s = json_object_get(properties, f->name);

		if (f->layer != layer)
			continue;
		count++;
		assert_string_equal(json_string_value(json_object_get(s, "description")), f->help);
		assert_true(json_is_string(json_object_get(s, "type")));
	}
	assert_int_equal(json_object_size(properties), count);
}

/* A field's keyword as JSON. */
static void check_keyword(const json_t *layer, const char *name, const char *field,
	const char *keyword, const char *want)
{
	const json_t *fields = where(layer, "layer", name, "fields"), *s;
	char *got;

	s = json_object_get(json_object_get(fields, "properties"), field);
	got = json_dumps(json_object_get(s, keyword), JSON_ENCODE_ANY);
	assert_non_null(got);
	assert_string_equal(got, want);
	free(got);
}

static void test_schema_layers(void **state)
{
	json_t *s = json_loads(print(decode_print_schema), 0, NULL);
	const json_t *layer = json_object_get(json_object_get(s, "definitions"), "layer");
	size_t count = 0;

	for (unsigned i = 0; i < PACKET_LAYERS; i++) {
		const char *name = packet_layer_name(i);

		if (!name)
			continue;
		check_layer(where(layer, "layer", name, "fields"), i);
		count++;
	}
	assert_int_equal(json_array_size(json_object_get(layer, "allOf")), count);
	check_keyword(layer, "eth", "macsource", "pattern", "\"^[0-9A-F]{12}$\"");
	check_keyword(layer, "eth", "isunicast", "type", "\"boolean\"");
	check_keyword(layer, "vlan", "vlan", "maximum", "4095");
	check_keyword(layer, "vlan", "priority", "maximum", "7");
	check_keyword(layer, "mpls", "mplslabel", "maximum", "1048575");
	check_keyword(layer, "ip", "ipsource", "pattern", "\"^[0-9]+(\\\\.[0-9]+){3}$\"");
	check_keyword(layer, "ip", "ipecn", "pattern", "\"^[01]{2}$\"");
	check_keyword(layer, "ip6", "ip6source", "pattern", "\"^[0-9A-F:.]+$\"");
	check_keyword(layer, "tcp", "tcpseqno", "maximum", "4294967295");
	check_keyword(layer, "dns", "dnsqname", "type", "\"string\"");
	check_keyword(layer, "ibbt", "ibbtrdmava", "minimum", "0");
	json_decref(s);
}

static void check_entry(const json_t *entry, enum sflow_kind kind, const char *const *types)
{
	const char *name;
	uint32_t i;

	for (i = 0; (name = sflow_entry_type(kind, i)); i++) {
		const json_t *value = where(entry, "type", name, "value"), *type;
		char *got;

		assert_non_null(value);
		type = json_object_get(value, "type");
		got = json_dumps(type ? type : json_object_get(value, "$ref"),
			JSON_ENCODE_ANY | JSON_COMPACT);
		assert_string_equal(got, types[i]);
		free(got);
	}
	assert_null(types[i]);
	assert_int_equal(json_array_size(json_object_get(entry, "allOf")), i);
}

static void test_schema_entries(void **state)
{
	static const char text[] = "\"#/definitions/text\"", integer[] = "\"integer\"",
			  string[] = "\"string\"", real[] = "[\"number\",\"null\"]";
	json_t *s = json_loads(print(decode_print_schema), 0, NULL);
	const json_t *d = json_object_get(s, "definitions");

	check_entry(json_object_get(d, "rtmetric_entry"), SFLOW_KIND_RTMETRIC,
		(const char *const[]){text, integer, integer, integer, integer, real, real, NULL});
	check_entry(json_object_get(d, "rtflow_entry"), SFLOW_KIND_RTFLOW,
		(const char *const[]){
			text, string, string, string, integer, integer, real, real, NULL});
	json_decref(s);
}

/* Everything that a datagram may have is a property of it. */
static void test_schema_datagram(void **state)
{
	static const char *const keys[] = {"time", "source", "source_port", "size", "version",
		"agent_address", "sub_agent_id", "sequence_number", "uptime", "sample_count",
		"samples", "errors", "errors_omitted", "deviations"};
	json_t *s = json_loads(print(decode_print_schema), 0, NULL);
	const json_t *properties = json_object_get(s, "properties"), *reasons, *deviations;

	for (unsigned i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		assert_true(json_is_object(json_object_get(properties, keys[i])));
	assert_int_equal(json_object_size(properties), sizeof(keys) / sizeof(keys[0]));
	reasons = json_object_get(
		json_object_get(json_object_get(s, "definitions"), "error"), "properties");
	reasons = json_object_get(json_object_get(reasons, "reason"), "enum");
	assert_int_equal(json_array_size(reasons), 12);
	deviations = json_object_get(json_object_get(properties, "deviations"), "properties");
	assert_non_null(json_object_get(deviations, "trailing_bytes"));
	for (unsigned i = SFLOW_SAMPLE_SURPLUS; i < SFLOW_STATS; i++)
		assert_non_null(json_object_get(deviations, sflow_stats.defs[i].name));
	json_decref(s);
}

static const char *find(const char *at, const char *text)
{
	at = strstr(at, text);
	if (!at)
		fail_msg("no %s", text);
	return at;
}

/* The fields of a form with the words of their values, in order. */
static const char *check_fields(const char *at, const struct sflow_structure *st)
{
	char text[128];

	snprintf(text, sizeof(text), "%u bytes or more%s", st->min_len, st->optional ? ";" : "::");
	at = find(at, text);
	for (unsigned i = 0; i < st->field_count; i++) {
		const struct sflow_words *words = st->fields[i].words;

		snprintf(text, sizeof(text), "\n    %s ", st->fields[i].name);
		at = find(at, text);
		for (unsigned j = 0; words && j < words->count; j++) {
			snprintf(text, sizeof(text), " %u %s%s", words->words[j].value,
				words->words[j].word, j + 1 < words->count ? "," : "\n");
			at = find(at, text);
		}
	}
	return at;
}

static void check_listed(const struct sflow_structure *const *rows, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		const struct sflow_structure *st = rows[i];
		const char *at;
		char head[128];

		snprintf(head, sizeof(head), "\n%u:%u %s\n~~", st->tag >> 12, st->tag & 0xFFF,
			st->name);
		at = check_fields(find(page, head), st);
		while ((st = st->other)) {
			snprintf(head, sizeof(head), "\nAnother form, counted as ``%s``, ",
				sflow_stats.defs[st->deviation].name);
			at = check_fields(find(at, head), st);
		}
	}
}

/* Lines of printable ASCII that do not end in spaces, those of words no longer than a page is wide;
 * no empty one at the end. */
static void check_lines(const char *p)
{
	for (const char *end; *p; p = end + 1) {
		end = strchr(p, '\n');
		assert_non_null(end);
		assert_true(end - p <= 100 || !isdigit((unsigned char)p[strspn(p, " ")]));
		assert_true(end == p || end[-1] != ' ');
		assert_true(end != p || end[1] != '\0');
		for (; p < end; p++)
			assert_true(*p >= ' ' && *p <= '~');
	}
}

static void test_structures(void **state)
{
	print(decode_print_structures);
	check_listed(sflow_flow_structures, sflow_flow_structures_count);
	check_listed(sflow_counter_structures, sflow_counter_structures_count);
	find(page, "100 bytes or more; older agents leave out the last 2 fields::\n");
	check_lines(page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_schema, teardown),
		cmocka_unit_test_teardown(test_schema_layers, teardown),
		cmocka_unit_test_teardown(test_schema_entries, teardown),
		cmocka_unit_test_teardown(test_schema_datagram, teardown),
		cmocka_unit_test_teardown(test_structures, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
