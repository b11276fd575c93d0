/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "names/map.h"

static const struct base_addr v4 = {.family = 4, .bytes = {192, 0, 2, 1}};

static bool is(const struct names_text *text, const char *want)
{
	return text->len == strlen(want) &&
	       (text->len == 0 || memcmp(text->bytes, want, text->len) == 0);
}

static void test_map(void **state)
{
	static const char text[] =
		"{\"192.0.2.1\": {\"1\": \"eth1\", \"2\": {\"name\": \"eth2\", \"alias\": \"to "
		"spine\"},"
		" \"3\": {\"alias\": \"spare\"}}, \"2001:db8::1\": {\"4294967295\": \"xe\"}}";
	struct names *n = names_create(0);
	struct names_entry e;
	struct base_addr v6;
	char error[NAMES_ERROR];

	assert_int_equal(names_map_parse(n, text, strlen(text), error), 0);
	assert_true(names_find(n, &v4, 1, &e));
	assert_true(is(&e.text[NAMES_NAME], "eth1") && is(&e.text[NAMES_ALIAS], ""));
	assert_true(names_find(n, &v4, 2, &e));
	assert_true(is(&e.text[NAMES_NAME], "eth2") && is(&e.text[NAMES_ALIAS], "to spine"));
	assert_true(names_find(n, &v4, 3, &e));
	assert_true(is(&e.text[NAMES_NAME], "") && is(&e.text[NAMES_ALIAS], "spare"));
	assert_int_equal(base_addr_parse("2001:db8::1", &v6), 0);
	assert_true(names_find(n, &v6, UINT32_MAX, &e));
	names_destroy(n);
}

static void test_wrong(void **state)
{
	static const struct {
		const char *text, *error;
	} rows[] = {
		{"{\"192.0.2.1\": {\"1\": \"a\"}",
			"line 1, column 24: '}' expected near end of file"},
		{"[]", "write agents, each as ADDRESS: interfaces"},
		{"{\"switch1\": {}}", "\"switch1\" is no IPv4 or IPv6 address of an agent"},
		{"{\"192.0.2.1\": [\"eth1\"]}", "192.0.2.1: write interfaces, each as IFINDEX: "
						"NAME, or IFINDEX: {name: NAME, "
						"alias: ALIAS}"},
		{"{\"192.0.2.1\": {\"eth1\": \"1\"}}", "agent 192.0.2.1: \"eth1\" is no ifIndex; "
						       "write a number from 1 to 4294967295"},
		{"{\"192.0.2.1\": {\"0\": \"a\"}}", "agent 192.0.2.1: \"0\" is no ifIndex; write a "
						    "number from 1 to 4294967295"},
		{"{\"192.0.2.1\": {\"4294967296\": \"a\"}}",
			"agent 192.0.2.1: \"4294967296\" is no ifIndex; write a number from 1 to "
			"4294967295"},
		{"{\"192.0.2.1\": {\"1\": \"\"}}",
			"agent 192.0.2.1: interface 1: the name is a text of 1 to 255 bytes"},
		{"{\"192.0.2.1\": {\"1\": {\"alias\": 5}}}",
			"agent 192.0.2.1: interface 1: the alias is a text of 1 to 64 bytes"},
		{"{\"192.0.2.1\": {\"1\": {\"nam\": \"a\"}}}",
			"agent 192.0.2.1: interface 1: \"nam\" is neither name nor alias"},
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct names *n = names_create(0);
		char error[NAMES_ERROR];

		assert_int_equal(
			names_map_parse(n, rows[i].text, strlen(rows[i].text), error), -EINVAL);
		assert_string_equal(error, rows[i].error);
		names_destroy(n);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_map),
		cmocka_unit_test(test_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
