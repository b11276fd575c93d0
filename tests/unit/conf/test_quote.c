/* SPDX-License-Identifier: BSD-3-Clause */
#include <yaml.h>

#include "conf/quote.h"
#include "conf_test.h"

static void expect(const char *text, const char *quoted)
{
	char out[CONF_QUOTED];

	assert_int_equal(conf_quote(text, strlen(text), out), strlen(text));
	assert_string_equal(out, quoted);
}

static void test_characters(void **state)
{
	expect("a", "a");
	expect("\"", "\\\"");
	expect("\\", "\\\\");
	expect("\t", "\\u0009");
	expect("\x7F", "\\u007F");
	expect("\xC2\x85", "\\u0085");
	expect("\xC3\xBC", "\xC3\xBC");
	expect("\xE2\x80\xA8", "\\u2028");
	expect("\xE2\x80\xA9", "\\u2029");
	expect("\xE2\x82\xAC", "\xE2\x82\xAC");
	expect("\xEF\xBB\xBF", "\\uFEFF");
	expect("\xEF\xBF\xBF", "\\uFFFF");
}

/* Bytes that are no whole character stay as they are, one by one. */
static void test_no_characters(void **state)
{
	static const char *const texts[] = {"\xC2", "\xE2\x80", "\xF0\x9F\x98\x80", "\x80"};
	char out[CONF_QUOTED];

	for (unsigned i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(conf_quote(texts[i], strlen(texts[i]), out), 1);
		assert_int_equal(out[0], texts[i][0]);
		assert_int_equal(out[1], 0);
	}
	assert_int_equal(conf_quote("\0x", 2, out), 1);
	assert_string_equal(out, "\\u0000");
}

/* As UTF-8, of up to three bytes. @return how many */
static size_t put(char *p, uint32_t code)
{
	if (code < 0x80) {
		p[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		p[0] = (char)(0xC0 | code >> 6);
		p[1] = (char)(0x80 | (code & 0x3F));
		return 2;
	}
	p[0] = (char)(0xE0 | code >> 12);
	p[1] = (char)(0x80 | (code >> 6 & 0x3F));
	p[2] = (char)(0x80 | (code & 0x3F));
	return 3;
}

/* What libyaml makes of a text between double quotes, in a key of a flow mapping, where a break would end it. */
static void read_back(const char *quoted, size_t len, const char *text, size_t text_len)
{
	yaml_document_t document;
	yaml_parser_t parser;
	yaml_node_t *key;

	assert_int_equal(yaml_parser_initialize(&parser), 1);
	yaml_parser_set_input_string(&parser, (const unsigned char *)quoted, len);
	assert_int_equal(yaml_parser_load(&parser, &document), 1);
	key = yaml_document_get_node(
		&document, yaml_document_get_root_node(&document)->data.mapping.pairs.start->key);
	assert_int_equal(key->data.scalar.length, text_len);
	assert_memory_equal(key->data.scalar.value, text, text_len);
	yaml_document_delete(&document);
	yaml_parser_delete(&parser);
}

/* Each character but surrogates comes back, with blanks around it, which a break would take. */
static void test_read_back(void **state)
{
	for (uint32_t code = 0; code < 0x10000; code++) {
		char text[8] = "a ", quoted[32] = "{\"a ", out[CONF_QUOTED];
		size_t len = 2;

		if (code >= 0xD800 && code < 0xE000)
			continue;
		len += put(text + len, code);
		text[len++] = ' ';
		text[len++] = 'b';
		conf_quote(text + 2, len - 2, out);
		strcat(quoted, out);
		strcat(quoted, " b\": 1}");
		read_back(quoted, strlen(quoted), text, len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_characters),
		cmocka_unit_test(test_no_characters),
		cmocka_unit_test(test_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
