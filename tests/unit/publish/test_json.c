/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "publish/json_pvt.h"

static void assert_json(struct publish_buffer *b, const char *want)
{
	publish_buffer_char(b, '\0');
	assert_string_equal(b->bytes, want);
	publish_buffer_free(b);
}

static void test_nesting(void **state)
{
	struct publish_buffer b = {0};
	struct publish_json j = publish_json(&b);

	publish_json_open(&j, '{');
	publish_json_name(&j, "a");
	publish_json_uint(&j, 18446744073709551615u);
	publish_json_name(&j, "b");
	publish_json_open(&j, '[');
	publish_json_close(&j, ']');
	publish_json_name(&j, "c");
	publish_json_open(&j, '[');
	publish_json_open(&j, '{');
	publish_json_close(&j, '}');
	publish_json_number(&j, 0.25, 3);
	publish_json_string(&j, "x");
	publish_json_close(&j, ']');
	publish_json_name(&j, "d");
	publish_json_number(&j, (double)NAN, 3);
	publish_json_close(&j, '}');
	assert_json(&b, "{\"a\":18446744073709551615,\"b\":[],\"c\":[{},0.25,\"x\"],\"d\":null}");
}

static void test_escapes(void **state)
{
	struct publish_buffer b = {0};
	struct publish_json j = publish_json(&b);

	publish_json_open(&j, '{');
	publish_json_name(&j, "na\"me");
	publish_json_string(&j, "back\\slash \x01\n\x7f\xff</end>");
	publish_json_close(&j, '}');
	assert_json(&b, "{\"na\\\"me\":\"back\\\\slash \\u0001\\u000a\\u007f\\u00ff</end>\"}");
}

/* Nothing but ASCII comes here; other bytes still make a valid document. */
static void test_every_byte(void **state)
{
	for (unsigned c = 1; c < 256; c++) {
		const char text[2] = {(char)c, '\0'};
		struct publish_buffer b = {0};
		struct publish_json j = publish_json(&b);
		char want[16];

		publish_json_string(&j, text);
		if (c == '"' || c == '\\')
			snprintf(want, sizeof(want), "\"\\%c\"", (int)c);
		else if (c < 0x20 || c >= 0x7F)
			snprintf(want, sizeof(want), "\"\\u%04x\"", c);
		else
			snprintf(want, sizeof(want), "\"%c\"", (int)c);
		assert_json(&b, want);
	}
}

static void number_text(const char *text, const char *want)
{
	struct publish_buffer b = {0};
	struct publish_json j = publish_json(&b);

	publish_json_number_text(&j, text);
	assert_json(&b, want);
}

static void test_number_text(void **state)
{
	number_text("0", "0");
	number_text("-12.50", "-12.50");
	number_text("18446744073709551615", "18446744073709551615");
	number_text("0.1", "0.1");
	number_text("", "\"\"");
	number_text("-", "\"-\"");
	number_text("nan", "\"nan\"");
	number_text("inf", "\"inf\"");
	number_text("007", "\"007\"");
	number_text("1.", "\"1.\"");
	number_text(".5", "\".5\"");
	number_text("+1", "\"+1\"");
	number_text("1 2", "\"1 2\"");
	number_text("1,\"x\":2", "\"1,\\\"x\\\":2\"");
}

static void test_large(void **state)
{
	struct publish_buffer b = {0};
	struct publish_json j = publish_json(&b);
	size_t len = 0;

	publish_json_open(&j, '[');
	for (unsigned i = 0; i < 100000; i++)
		publish_json_string(&j, "0123456789");
	publish_json_close(&j, ']');
	len = 100000 * 13 + 1;
	assert_int_equal(b.len, len);
	assert_memory_equal(b.bytes + len - 4, "89\"]", 4);
	publish_buffer_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nesting),
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_every_byte),
		cmocka_unit_test(test_number_text),
		cmocka_unit_test(test_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
