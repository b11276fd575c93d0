/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>

#include "conf_test.h"

/* Documents within the settings. */

static void expect(const char *yaml, const char *json)
{
	struct conf c;

	conf_test_good(&c, yaml);
	assert_string_equal(c.topology, json);
	conf_free(&c);
}

static void test_good(void **state)
{
	expect("window: 1s\n", "");
	expect("topology: /etc/weir/topology.json\n", "/etc/weir/topology.json");
	expect("topology: {}\n", "{}");
	expect("topology:\n  nodes:\n    a: {agent: 192.0.2.1, ports: {p: {ifindex: 3}}}\n"
	       "  links: ~\n",
		"{\"nodes\": {\"a\": {\"agent\": \"192.0.2.1\", \"ports\": {\"p\": {\"ifindex\": "
		"\"3\"}}}}, \"links\": null}");
	expect("topology: {a: [1, [], '~'], \"q\\\"\\\\\\n\": \xC3\xBC}\n",
		"{\"a\": [\"1\", [], \"~\"], \"q\\\"\\\\\\u000A\": \"\xC3\xBC\"}");
	expect("topology: {\"a\\Lb\": \"\\P\"}\n", "{\"a\\u2028b\": \"\\u2029\"}");
}

static void test_wrong(void **state)
{
	static const struct wrong wrong[] = {
		{"topology: {a: {[b]: c}}",
			"f:1:16: topology: a name in a document is a text of at most 1,000 bytes"},
		{"topology: [a]",
			"f:1:11: topology: a list is given; write nodes and links, or the "
			"path of a JSON or YAML file that has them"},
	};

	conf_test_wrong(wrong, sizeof(wrong) / sizeof(wrong[0]));
}

/* A document with a name of so many tabs, each of which is six bytes of JSON. */
static int parse_tabs(struct conf *c, unsigned tabs, struct conf_error *e)
{
	char yaml[1024], name[512] = "";

	while (tabs-- > 0)
		strcat(name, "\\t");
	snprintf(yaml, sizeof(yaml), "topology:\n  \"%s\": 1\n", name);
	conf_init(c);
	return conf_parse(c, "f", yaml, strlen(yaml), e);
}

/* A name is as long at most as YAML takes one in what is printed. */
static void test_long_name(void **state)
{
	struct conf_error e;
	struct conf c;
	char *text;

	assert_int_equal(parse_tabs(&c, 166, &e), 0);
	text = conf_test_print(&c);
	conf_free(&c);
	conf_test_good(&c, text);
	conf_free(&c);
	free(text);
	assert_int_equal(parse_tabs(&c, 167, &e), -EINVAL);
	assert_string_equal(
		e.text, "f:2:3: topology: a name in a document is a text of at most 1,000 bytes");
	conf_free(&c);
}

/* What is printed is read back. */
static void test_print(void **state)
{
	struct conf c;
	char *text, *again;

	conf_test_good(&c, "topology: {nodes: {a: {tags: {x: 'y\"\\'}}}, links: {}}\n");
	text = conf_test_print(&c);
	conf_free(&c);
	assert_non_null(strstr(text, "topology: {\"nodes\": {\"a\": {\"tags\": {\"x\": "
				     "\"y\\\"\\\\\"}}}, \"links\": {}}\n"));
	conf_test_good(&c, text);
	again = conf_test_print(&c);
	assert_string_equal(text, again);
	conf_free(&c);
	free(text);
	free(again);
}

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void test_file(void **state)
{
	char path[] = "/tmp/weir-document-XXXXXX", want[128], *json;
	struct conf_error e;

	assert_true(mkstemp(path) >= 0);
	write_file(path, "nodes: {a: {agent: 192.0.2.1}}\n");
	assert_int_equal(conf_document_load(path, &json, &e), 0);
	assert_string_equal(json, "{\"nodes\": {\"a\": {\"agent\": \"192.0.2.1\"}}}");
	free(json);
	write_file(path, "");
	assert_int_equal(conf_document_load(path, &json, &e), 0);
	assert_string_equal(json, "{}");
	free(json);
	write_file(path, "a: {[b]: c}\n");
	assert_int_equal(conf_document_load(path, &json, &e), -EINVAL);
	snprintf(want, sizeof(want),
		"%s:1:5: a name in a document is a text of at most 1,000 bytes", path);
	assert_string_equal(e.text, want);
	remove(path);
	assert_int_equal(conf_document_load(path, &json, &e), -ENOENT);
	snprintf(want, sizeof(want), "%s: cannot read it: No such file or directory", path);
	assert_string_equal(e.text, want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_long_name),
		cmocka_unit_test(test_print),
		cmocka_unit_test(test_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
