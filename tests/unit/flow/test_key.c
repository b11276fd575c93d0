/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "flow/key.h"

static int find(const char *name, struct flow_key *key)
{
	return flow_key_find(name, strlen(name), key);
}

/* Every name is found, alone and for fields of the header with each instance; there are no twins. */
static void test_all_names(void **state)
{
	struct flow_key key;
	const char *name;
	size_t count;

	for (count = 0; (name = flow_key_name(NULL, count)); count++) {
		assert_int_equal(find(name, &key), 0);
		assert_true(!key.context != !key.field);
		assert_string_equal(key.context ? key.context->name : key.field->name, name);
		assert_int_equal(key.instance, 0);
		assert_int_equal(
			flow_key_width(&key), key.context ? key.context->width : key.field->width);
		for (size_t i = 0; i < count; i++)
			assert_string_not_equal(flow_key_name(NULL, i), name);
	}
	assert_int_equal(count, flow_context_keys_count + packet_fields_count);
	assert_null(flow_key_name(NULL, count + 1));
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
		"direction.1", "nothing.9"};
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
	assert_non_null(key.context);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_names),
		cmocka_unit_test(test_instances),
		cmocka_unit_test(test_bad_instances),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_part_of_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
