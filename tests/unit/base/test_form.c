/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/form.h"

static const struct row {
	enum base_form form;
	unsigned bits;
	const char *bytes;
	unsigned len;
	const char *text;
} rows[] = {
	{BASE_FORM_UINT, 0, "\0", 1, "0"},
	{BASE_FORM_UINT, 0, "\xFF", 1, "255"},
	{BASE_FORM_UINT, 0, "\x01\x00", 2, "256"},
	{BASE_FORM_UINT, 0, "\x01\x02\x03", 3, "66051"},
	{BASE_FORM_UINT, 0, "\xFF\xFF\xFF\xFF", 4, "4294967295"},
	{BASE_FORM_UINT, 0, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 8, "18446744073709551615"},
	{BASE_FORM_UINT, 0, "", 0, ""},
	{BASE_FORM_UINT, 0, "123456789", 9, ""},
	{BASE_FORM_BITS, 9, "\x01\x12", 2, "100010010"},
	{BASE_FORM_BITS, 9, "\xFE\x00", 2, "000000000"},
	{BASE_FORM_BITS, 8, "\xB8", 1, "10111000"},
	{BASE_FORM_BITS, 3, "\x02", 1, "010"},
	{BASE_FORM_BITS, 3, "", 0, ""},
	{BASE_FORM_BITS, 3, "123456789", 9, ""},
	{BASE_FORM_BOOL, 0, "\x01", 1, "true"},
	{BASE_FORM_BOOL, 0, "\x00", 1, "false"},
	{BASE_FORM_BOOL, 0, "", 0, ""},
	{BASE_FORM_MAC, 0, "\x00\x1B\xC5\xAB\xCD\xEF", 6, "001BC5ABCDEF"},
	{BASE_FORM_MAC, 0, "\x00\x1B\xC5\xAB\xCD", 5, ""},
	{BASE_FORM_ADDR, 0, "\xC0\x00\x02\x01", 4, "192.0.2.1"},
	{BASE_FORM_ADDR, 0, "\x20\x01\x0D\xB8\0\0\0\0\0\0\0\0\0\0\xAB\x01", 16, "2001:DB8::AB01"},
	{BASE_FORM_ADDR, 0, "123", 3, ""},
	{BASE_FORM_IF, 0, "\0\0\0\0\0\0\0\0", 8, "0"},
	{BASE_FORM_IF, 0, "\0\0\0\0\0\0\x03\xE8", 8, "1000"},
	{BASE_FORM_IF, 0, "\0\0\0\0\x3F\xFF\xFF\xFF", 8, "internal"},
	{BASE_FORM_IF, 0, "\0\0\0\0\xFF\xFF\xFF\xFF", 8, "internal"},
	{BASE_FORM_IF, 0, "\0\0\0\x01\0\0\0\x02", 8, "discard"},
	{BASE_FORM_IF, 0, "\0\0\0\x02\0\0\0\x07", 8, "multiple"},
	{BASE_FORM_IF, 0, "\0\0\0\x03\0\0\0\x07", 8, "unknown"},
	{BASE_FORM_IF, 0, "\0\0\0\0", 4, ""},
	{BASE_FORM_SOURCE, 0, "\0\0\0\0\0\0\0\x0A", 8, "10"},
	{BASE_FORM_SOURCE, 0, "\0\0\0\x02\0\0\0\x01", 8, "2.1"},
	{BASE_FORM_SOURCE, 0, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 8, "4294967295.4294967295"},
	{BASE_FORM_SOURCE, 0, "\0\0\0\0", 4, ""},
	{BASE_FORM_TEXT, 0, "eth.ip\n", 7, "eth.ip\\x0A"},
	{BASE_FORM_TEXT, 0, "", 0, ""},
	{BASE_FORM_NAME, 0, "a\\046b.", 7, "a\\046b."},
	{BASE_FORM_NAME, 0, "", 0, ""},
};

static void test_forms(void **state)
{
	char buf[64];

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *r = &rows[i];
		struct base_text t = base_text(buf, sizeof(buf));

		base_form_print(&t, r->form, r->bits, (const uint8_t *)r->bytes, r->len);
		assert_string_equal(buf, r->text);
		assert_int_equal(t.len, strlen(r->text));
	}
}

static void test_appends(void **state)
{
	char buf[16];
	struct base_text t = base_text(buf, sizeof(buf));

	base_text_add(&t, "a=", 2);
	base_form_print(&t, BASE_FORM_UINT, 0, (const uint8_t *)"\x07", 1);
	assert_string_equal(buf, "a=7");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_appends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
