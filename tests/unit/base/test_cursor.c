/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/cursor.h"

/* 4 + 8 + 3 + 5 (a cursor of its own, of which 4 are read) + 4 bytes. */
enum { WHOLE = 24 };

/* Bytes of just this length, so that a sanitizer sees a read past them. */
static uint8_t *counting(size_t len)
{
	uint8_t *bytes = malloc(len ? len : 1);

	assert_non_null(bytes);
	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)(i + 1);
	return bytes;
}

static void read_at_length(size_t len)
{
	uint8_t *bytes = counting(len);
	struct base_cursor c = base_cursor(bytes, len), sub;
	const uint8_t *three;

	assert_int_equal(base_cursor_left(&c), len);
	assert_int_equal(base_cursor_u32(&c), len < 4 ? 0 : 0x01020304);
	assert_int_equal(c.bad, len < 4);
	assert_int_equal(base_cursor_u64(&c), len < 12 ? 0 : 0x05060708090A0B0C);
	assert_int_equal(c.bad, len < 12);
	three = base_cursor_take(&c, 3);
	assert_ptr_equal(three, len < 15 ? NULL : bytes + 12);
	assert_int_equal(c.bad, len < 15);
	sub = base_cursor_sub(&c, 5);
	assert_int_equal(sub.bad, len < 20);
	assert_int_equal(base_cursor_left(&sub), len < 20 ? 0 : 5);
	assert_int_equal(base_cursor_u32(&sub), len < 20 ? 0 : 0x10111213);
	assert_int_equal(base_cursor_u32(&sub), 0);
	assert_true(sub.bad);
	assert_int_equal(c.bad, len < 20);
	assert_int_equal(base_cursor_u32(&c), len < 24 ? 0 : 0x15161718);
	assert_int_equal(c.bad, len < 24);
	assert_int_equal(base_cursor_left(&c), len < 24 ? 0 : len - 24);
	free(bytes);
}

static void test_every_length(void **state)
{
	for (size_t len = 0; len < WHOLE + 4; len++)
		read_at_length(len);
}

/* Once bad, a cursor gives nothing more, though a shorter read would have fitted. */
static void test_sticky(void **state)
{
	uint8_t *bytes = counting(6);
	struct base_cursor c = base_cursor(bytes, 6);

	assert_int_equal(base_cursor_u64(&c), 0);
	assert_true(c.bad);
	assert_int_equal(base_cursor_left(&c), 0);
	assert_null(base_cursor_take(&c, 1));
	assert_int_equal(base_cursor_u32(&c), 0);
	assert_true(c.bad);
	assert_non_null(base_cursor_take(&c, 0));
	assert_true(c.bad);
	free(bytes);
}

static void test_huge(void **state)
{
	uint8_t *bytes = counting(4);
	struct base_cursor c = base_cursor(bytes, 4), sub;

	sub = base_cursor_sub(&c, SIZE_MAX);
	assert_true(c.bad && sub.bad);
	assert_int_equal(base_cursor_left(&sub), 0);
	c = base_cursor(bytes, 4);
	assert_null(base_cursor_take(&c, SIZE_MAX - 2));
	assert_true(c.bad);
	free(bytes);
}

static void test_integers(void **state)
{
	uint8_t bytes[9] = {0};

	base_put_u16(bytes + 1, 0xABCD);
	assert_memory_equal(bytes, "\0\xAB\xCD\0", 4);
	assert_int_equal(base_get_u16(bytes + 1), 0xABCD);
	base_put_u32(bytes + 1, 0x01020304);
	assert_memory_equal(bytes, "\0\1\2\3\4\0", 6);
	assert_int_equal(base_get_u32(bytes + 1), 0x01020304);
	base_put_u64(bytes + 1, 0xF1F2F3F4F5F6F7F8);
	assert_int_equal(base_get_u64(bytes + 1), 0xF1F2F3F4F5F6F7F8);
	assert_int_equal(bytes[1], 0xF1);
	assert_int_equal(bytes[8], 0xF8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_length),
		cmocka_unit_test(test_sticky),
		cmocka_unit_test(test_huge),
		cmocka_unit_test(test_integers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
