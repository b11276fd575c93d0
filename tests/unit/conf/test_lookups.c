/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf_test.h"

/* Groups and maps. */

static void test_good(void **state)
{
	static const char text[] = "groups:\n"
				   "  internal:\n"
				   "    private: [10.0.0.0/8, 'fc00::/7']\n"
				   "    \"the lab\": 172.16.0.0/12\n"
				   "  threats: /etc/weir/threats.txt\n"
				   "  empty: {}\n"
				   "maps:\n"
				   "  ports: {web: [80, 443], none: []}\n";
	struct conf c;

	conf_test_good(&c, text);
	assert_int_equal(c.group_count, 3);
	assert_string_equal(c.groups[0].name, "internal");
	assert_null(c.groups[0].file);
	assert_int_equal(c.groups[0].count, 3);
	assert_string_equal(c.groups[0].values[1].label, "private");
	assert_string_equal(c.groups[0].values[1].value, "fc00::/7");
	assert_int_equal(c.groups[0].values[1].at.line, 3);
	assert_int_equal(c.groups[0].values[1].at.column, 27);
	assert_string_equal(c.groups[0].values[2].label, "the lab");
	assert_string_equal(c.groups[0].values[2].value, "172.16.0.0/12");
	assert_string_equal(c.groups[1].name, "threats");
	assert_string_equal(c.groups[1].file, "/etc/weir/threats.txt");
	assert_int_equal(c.groups[1].file_at.line, 5);
	assert_int_equal(c.groups[2].count, 0);
	assert_int_equal(c.map_count, 1);
	assert_int_equal(c.maps[0].count, 2);
	assert_string_equal(c.maps[0].values[1].value, "443");
	conf_free(&c);
}

/* In a section, they are printed with it. */
static void test_section(void **state)
{
	struct conf c;
	char *text, *again;

	conf_test_good(&c,
		"capacity: {groups: {core: {ifname: ['Ethernet49*', et-1], agent: ['*']}, "
		"none: {}}}");
	assert_int_equal(c.capacity.group_count, 2);
	assert_int_equal(c.capacity.groups[0].count, 3);
	assert_string_equal(c.capacity.groups[0].values[1].label, "ifname");
	assert_string_equal(c.capacity.groups[0].values[1].value, "et-1");
	text = conf_test_print(&c);
	conf_free(&c);
	assert_non_null(strstr(text, "  groups:\n"
				     "    \"core\":\n"
				     "      \"ifname\": [\"Ethernet49*\", \"et-1\"]\n"
				     "      \"agent\": [\"*\"]\n"
				     "    \"none\": {}\n"));
	conf_test_good(&c, text);
	again = conf_test_print(&c);
	assert_string_equal(text, again);
	conf_free(&c);
	free(text);
	free(again);
}

/* What is printed is read back. */
static void test_print(void **state)
{
	struct conf c;
	char *text, *again;

	conf_test_good(&c,
		"groups: {a: {x: [10.0.0.0/8, '::/0'], 'y \"': [1.2.3.4], z: 0.0.0.0/0}, "
		"b: {}, c: 'd\"e'}\nmaps: {m: {'true': 'true', n: \"~\"}}");
	text = conf_test_print(&c);
	conf_free(&c);
	assert_non_null(strstr(text, "groups:\n"
				     "  \"a\":\n"
				     "    \"x\": [\"10.0.0.0/8\", \"::/0\"]\n"
				     "    \"y \\\"\": [\"1.2.3.4\"]\n"
				     "    \"z\": [\"0.0.0.0/0\"]\n"
				     "  \"b\": {}\n"
				     "  \"c\": \"d\\\"e\"\n"
				     "maps:\n"
				     "  \"m\":\n"
				     "    \"true\": [\"true\"]\n"
				     "    \"n\": [\"~\"]\n"));
	conf_test_good(&c, text);
	again = conf_test_print(&c);
	conf_free(&c);
	assert_string_equal(text, again);
	free(text);
	free(again);
}

#define NAME "cannot be a name; write 1 to 64 letters, digits, _ . or -"
#define LABEL "cannot be a label; write 1 to 200 bytes of text in one line"

static void test_wrong(void **state)
{
	static const struct wrong wrong[] = {
		{"groups: {a b: {}}", "f:1:10: groups: \"a b\" " NAME},
		{"groups: {'': {}}", "f:1:10: groups: \"\" " NAME},
		{"groups: {[a]: {}}", "f:1:10: groups: " NAME},
		{"groups: {a: {}, b: {}, a: {}}",
			"f:1:24: groups: \"a\" is given in line 1, too; keep one"},
		{"groups:\n  a:\n", "f:2:5: groups: \"\" neither labels with their values, nor the "
				    "path of a file"},
		{"groups: {a: [b]}",
			"f:1:13: groups: neither labels with their values, nor the path of a file"},
		{"groups: {a: {'': b}}", "f:1:14: groups: \"\" " LABEL},
		{"groups: {a: {\"\\n\": b}}", "f:1:14: groups: \"?\" " LABEL},
		{"groups: {a: {[b]: b}}", "f:1:14: groups: " LABEL},
		{"groups: {a: {b: {c: d}}}",
			"f:1:17: groups: a label has values, and no labels of its own"},
		{"groups: {a: {b: [[c]]}}", "f:1:18: groups: is no value"},
		{"groups: {a: {b: [c, ~]}}", "f:1:21: groups: \"~\" is no value"},
		{"groups: {a: {b: [c, '']}}",
			"f:1:21: groups: \"\" is empty; write a network like 10.0.0.0/8 or "
			"2001:db8::/32, or an address"},
		{"maps: {a: {b: [c, \"\\x01\"]}}", "f:1:19: maps: \"?\" has a control character in "
						   "it; write a value of a key, "
						   "as in a filter"},
	};

	conf_test_wrong(wrong, sizeof(wrong) / sizeof(wrong[0]));
}

/* A name or label of just the longest length, and one byte more. */
static void test_lengths(void **state)
{
	for (unsigned more = 0; more < 2; more++) {
		struct conf_error e;
		struct conf c;
		char text[400];

		snprintf(text, sizeof(text), "groups: {%0*d: {}}", 64 + (int)more, 0);
		assert_int_equal(conf_test_parse(&c, text, &e), more ? -22 : 0);
		conf_free(&c);
		snprintf(text, sizeof(text), "groups: {a: {%0*d: b}}", 200 + (int)more, 0);
		assert_int_equal(conf_test_parse(&c, text, &e), more ? -22 : 0);
		conf_free(&c);
	}
}

static void test_many_names(void **state)
{
	char text[4096] = "groups: {n0: {}";
	struct conf_error e;
	struct conf c;

	for (unsigned i = 1; i < 256; i++)
		sprintf(text + strlen(text), ",n%u: {}", i);
	strcat(text, "}");
	conf_test_good(&c, text);
	assert_int_equal(c.group_count, 256);
	conf_free(&c);
	strcpy(text + strlen(text) - 1, ",n256: {}}");
	assert_int_equal(conf_test_parse(&c, text, &e), -22);
	conf_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_section),
		cmocka_unit_test(test_print),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_many_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
