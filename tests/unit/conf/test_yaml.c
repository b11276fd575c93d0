/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf_test.h"

#define CHECK "; check indentation, colons, quotes and brackets"

static void test_wrong(void **state)
{
	static const struct wrong wrong[] = {
		{"window: &x 1s",
			"f:1:9: anchors and aliases are not known here; write the value out"},
		{"window: *x",
			"f:1:9: anchors and aliases are not known here; write the value out"},
		{"a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]",
			"f:1:4: anchors and aliases are not known here; write the value out"},
		{"udp_port: !!int 7",
			"f:1:11: tags are not known here; write the value without \"!\""},
		{"flows: !x []", "f:1:8: tags are not known here; write the value without \"!\""},
		{"redis: !x {}", "f:1:8: tags are not known here; write the value without \"!\""},
		{"---\nudp_port: 1\n---\nwindow: 1s",
			"f:3:1: a second document; a configuration is one, take out the ---"},
		{"udp_port: 1\n...\n---\n",
			"f:3:1: a second document; a configuration is one, take out the ---"},
		{"[[[[[[[[[[", "f:1:9: nested too deep; no option is below 8 levels"},
		{"- - - - - - - - - a", "f:1:17: nested too deep; no option is below 8 levels"},
		{"redis:\n\turl: a", "f:2:1: tab character; indent with spaces"},
		{"\tudp_port: 1", "f:1:1: tab character; indent with spaces"},
		{"flows:\n- name: a\n\tkeys: b", "f:3:1: tab character; indent with spaces"},
		{"redis: {url: \xFF}", "f:1:14: not UTF-8; save the file as UTF-8"},
		{"# \xC3\xA4\n\xC3\xA4: \xE2\x82", "f:2:4: not UTF-8; save the file as UTF-8"},
		{"redis: {url: a\x01}", "f:1:15: control character; take it out"},
		{"udp_port: 1: 2",
			"f:1:12: not YAML: mapping values are not allowed in this context" CHECK},
		{"udp_port: 'a", "f:1:13: not YAML: found unexpected end of stream (while scanning "
				 "a quoted scalar from line 1)" CHECK},
		{"window: 1s\nredis:\n  url: x\n prefix: y",
			"f:4:2: not YAML: did not find expected key (while parsing a block mapping "
			"from line 1)" CHECK},
		{"@a: b", "f:1:1: not YAML: found character that cannot start any token "
			  "(while scanning for the next token from line 1)" CHECK},
		{"%YAML 3.0\n---\na: b", "f:1:1: not YAML: found incompatible YAML document" CHECK},
	};

	conf_test_wrong(wrong, sizeof(wrong) / sizeof(wrong[0]));
}

/* A NUL, and UTF-16, which libyaml would take by its byte order mark. */
static void test_bytes(void **state)
{
	static const char nul[] = "window: 1s\0";
	static const char utf16[] = "\xFF\xFEw\0i\0n\0";
	struct conf_error e;
	struct conf c;

	conf_init(&c);
	assert_int_not_equal(conf_parse(&c, "f", nul, sizeof(nul) - 1, &e), 0);
	assert_string_equal(e.text, "f:1:11: control character; take it out");
	assert_int_not_equal(conf_parse(&c, "f", utf16, sizeof(utf16) - 1, &e), 0);
	assert_string_equal(e.text, "f:1:1: not UTF-8; save the file as UTF-8");
	conf_free(&c);
}

static void test_good(void **state)
{
	static const char *const good[] = {"", "# nothing\n", "---\n", "---\n...\n", "~", "null",
		"{}", "\xEF\xBB\xBFwindow: 1s", "%YAML 1.1\n---\nwindow: 1s\n...\n",
		"window: 1s\r\nudp_port: 6343\r\n"};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct conf c;

		conf_test_good(&c, good[i]);
		assert_int_equal(c.window_ms, 1000);
		assert_int_equal(c.udp_port, 6343);
		conf_free(&c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
