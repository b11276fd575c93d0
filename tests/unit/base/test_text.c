/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

static void write_all(struct base_text *t)
{
	base_text_add(t, "abcdef", 3);
	base_text_char(t, '-');
	base_text_uint(t, 1234567);
	base_text_printf(t, "<%s:%d>", "xyz", -5);
	base_text_wire(t, (const uint8_t *)"a\\\x01", 3);
	base_text_printf(t, "%s", "");
	base_text_add(t, "end", 3);
}

static const char whole[] = "abc-1234567<xyz:-5>a\\\\\\x01end";

/* In a buffer of any size there is the start of the whole text, and `cut` says if it is not all. */
static void test_cut(void **state)
{
	for (size_t size = 1; size <= sizeof(whole) + 3; size++) {
		char *buf = malloc(size);
		struct base_text t = base_text(buf, size);

		assert_string_equal(buf, "");
		write_all(&t);
		assert_int_equal(t.cut, size < sizeof(whole));
		assert_int_equal(t.len, size < sizeof(whole) ? size - 1 : sizeof(whole) - 1);
		assert_memory_equal(buf, whole, t.len);
		assert_int_equal(buf[t.len], '\0');
		free(buf);
	}
}

static void test_uint(void **state)
{
	static const struct {
		uint64_t v;
		const char *text;
	} rows[] = {
		{0, "0"},
		{9, "9"},
		{10, "10"},
		{UINT32_MAX, "4294967295"},
		{UINT64_MAX, "18446744073709551615"},
	};
	char buf[32];

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct base_text t = base_text(buf, sizeof(buf));

		base_text_uint(&t, rows[i].v);
		assert_string_equal(buf, rows[i].text);
	}
}

static void expect_wire(uint8_t byte, const char *text)
{
	char buf[8];
	struct base_text t = base_text(buf, sizeof(buf));

	base_text_wire(&t, &byte, 1);
	assert_string_equal(buf, text);
	assert_false(t.cut);
}

static void test_wire(void **state)
{
	for (unsigned byte = 0x20; byte < 0x7F; byte++) {
		char text[2] = {(char)byte};

		if (byte != '\\')
			expect_wire((uint8_t)byte, text);
	}
	expect_wire('\\', "\\\\");
	expect_wire(0x00, "\\x00");
	expect_wire('\n', "\\x0A");
	expect_wire(0x1F, "\\x1F");
	expect_wire(0x7F, "\\x7F");
	expect_wire(0x80, "\\x80");
	expect_wire(0xFF, "\\xFF");
}

static void test_typed(void **state)
{
	static const char typed[] = "a\\xC3\xC3\xB6\n";
	char buf[32];
	struct base_text t = base_text(buf, sizeof(buf));

	base_text_typed(&t, typed, sizeof(typed) - 1);
	assert_string_equal(buf, "a\\xC3\\xC3\\xB6\\x0A");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_uint),
		cmocka_unit_test(test_wire),
		cmocka_unit_test(test_typed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
