/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "flow/record.h"

static int find(const char *name, struct flow_key *key)
{
	return flow_key_find(name, strlen(name), key);
}

static const char *name_of(const struct flow_key *key)
{
	switch (key->source) {
	case FLOW_HEADER:
		return key->field->name;
	case FLOW_CONTEXT:
		return key->context->name;
	default:
		assert_int_equal(key->source, FLOW_RECORD);
		return key->record->name;
	}
}

/* Every name is found, and says what it is; there are no twins. */
static void test_all_names(void **state)
{
	struct flow_key key;
	const char *name;
	size_t count;

	for (count = 0; (name = flow_key_name(NULL, count)); count++) {
		assert_int_equal(find(name, &key), 0);
		assert_string_equal(name_of(&key), name);
		assert_int_equal(key.instance, 0);
		for (size_t i = 0; i < count; i++)
			assert_string_not_equal(flow_key_name(NULL, i), name);
	}
	assert_true(count > flow_context_keys_count + packet_fields_count);
	assert_null(flow_key_name(NULL, count + 1));
}

static void test_types(void **state)
{
	static const struct {
		const char *name;
		struct flow_type type;
	} rows[] = {
		{"agent", {BASE_FORM_ADDR, 0, 0}},
		{"inputifindex", {BASE_FORM_IF, 0, 8}},
		{"ipsource", {BASE_FORM_ADDR, 0, 4}},
		{"tcpflags", {BASE_FORM_BITS, 9, 2}},
		{"bgpnexthop", {BASE_FORM_ADDR, 0, 0}},
		{"bgpas", {BASE_FORM_UINT, 0, 4}},
		{"bgpdestinationaspath", {BASE_FORM_NAME, 0, 0}},
		{"resp_bytes", {BASE_FORM_UINT, 0, 8}},
		{"inputmacsource", {BASE_FORM_MAC, 0, 6}},
		{"inputip6source", {BASE_FORM_ADDR, 0, 16}},
		{"httphost", {BASE_FORM_TEXT, 0, 0}},
		{"entitysource", {BASE_FORM_SOURCE, 0, 8}},
	};
	struct flow_key key;

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(find(rows[i].name, &key), 0);
		assert_int_equal(key.type.form, rows[i].type.form);
		assert_int_equal(key.type.bits, rows[i].type.bits);
		assert_int_equal(key.type.width, rows[i].type.width);
	}
}

static void test_instances(void **state)
{
	struct flow_key key;
	char name[64];

	for (unsigned i = 0; i < packet_fields_count; i++) {
		for (unsigned n = 0; n < PACKET_INSTANCES; n++) {
			snprintf(name, sizeof(name), "%s.%u", packet_fields[i].name, n);
			assert_int_equal(find(name, &key), 0);
			assert_ptr_equal(key.field, &packet_fields[i]);
			assert_int_equal(key.instance, n);
		}
	}
}

static void test_bad_instances(void **state)
{
	static const char *const bad[] = {"vlan.4", "vlan.9", "vlan.", "vlan.00", "vlan.10",
		"vlan.-1", "vlan.a", "vlan.1.1", "vlan..1", "vlan. 1"};
	struct flow_key key;

	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(find(bad[i], &key), -ERANGE);
}

static void test_unknown(void **state)
{
	static const char *const bad[] = {"", ".", ".1", "vla", "vlann", "VLAN", " vlan", "agent.0",
		"direction.1", "nothing.9", "bgpas.1"};
	struct flow_key key;

	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(find(bad[i], &key), -ENOENT);
}

/* The name ends where the caller says. */
static void test_part_of_text(void **state)
{
	struct flow_key key;

	assert_int_equal(flow_key_find("vlan.1,agent", 4, &key), 0);
	assert_int_equal(key.instance, 0);
	assert_int_equal(flow_key_find("vlan.1,agent", 6, &key), 0);
	assert_int_equal(key.instance, 1);
	assert_int_equal(flow_key_find("vlan.1,agent", 5, &key), -ERANGE);
	assert_int_equal(flow_key_find("agentx", 5, &key), 0);
	assert_int_equal(key.source, FLOW_CONTEXT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_names),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_instances),
		cmocka_unit_test(test_bad_instances),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_part_of_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
