/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../dice.h"
#include "decode/out_pvt.h"
#include "decode/utf8_pvt.h"

/* What was handed on, and how. */
struct heap {
	char *bytes;
	size_t len;
	unsigned calls;
	int error; /* to be returned by the next call */
};

static struct out *out;
static struct heap heap;

static int take(void *ctx, const char *bytes, size_t len)
{
	struct heap *h = ctx;

	h->calls++;
	if (h->error)
		return h->error;
	h->bytes = realloc(h->bytes, h->len + len + 1);
	assert_non_null(h->bytes);
	memcpy(h->bytes + h->len, bytes, len);
	h->len += len;
	h->bytes[h->len] = '\0';
	return 0;
}

static int setup(void **state)
{
	out = malloc(sizeof(*out));
	heap = (struct heap){0};
	out_init(out, take, &heap);
	return 0;
}

static int teardown(void **state)
{
	free(out);
	free(heap.bytes);
	return 0;
}

/* What has been written since the last time. */
static const char *written(void)
{
	heap.len = 0;
	if (heap.bytes)
		heap.bytes[0] = '\0';
	assert_int_equal(out_flush(out), 0);
	return heap.bytes;
}

static void check_u64(uint64_t v)
{
	char text[32];

	out_u64(out, v);
	snprintf(text, sizeof(text), "%" PRIu64, v);
	assert_string_equal(written(), text);
	out_i64(out, (int64_t)v);
	snprintf(text, sizeof(text), "%" PRId64, (int64_t)v);
	assert_string_equal(written(), text);
	out_u32(out, (uint32_t)v);
	snprintf(text, sizeof(text), "%" PRIu32, (uint32_t)v);
	assert_string_equal(written(), text);
}

static void test_numbers(void **state)
{
	struct dice dice = {.state = 7};

	for (uint64_t v = 0; v < 1100; v++)
		check_u64(v);
	for (uint64_t v = 1;; v *= 10) {
		check_u64(v - 1);
		check_u64(v);
		if (v > UINT64_MAX / 10)
			break;
	}
	for (unsigned bit = 0; bit < 64; bit++)
		check_u64(UINT64_C(1) << bit);
	check_u64(UINT64_MAX);
	for (unsigned i = 0; i < 1000; i++)
		check_u64(dice_u64(&dice) >> dice_below(&dice, 64));
}

static void test_hex(void **state)
{
	static const uint8_t bytes[] = {0x00, 0x1A, 0xFF};

	out_hex(out, bytes, 3, false, 0);
	assert_string_equal(written(), "001aff");
	out_hex(out, bytes, 3, true, '-');
	assert_string_equal(written(), "00-1A-FF");
	out_hex(out, bytes, 1, true, '-');
	assert_string_equal(written(), "00");
	out_hex(out, bytes, 0, true, '-');
	out_char(out, '.');
	assert_string_equal(written(), ".");
}

/* More than the buffer holds: handed on in pieces, in order. */
static void test_hex_long(void **state)
{
	enum { LEN = OUT_BYTES + 12345 };
	uint8_t *bytes = malloc(LEN);
	struct dice dice = {.state = 3};

	assert_non_null(bytes);
	dice_bytes(&dice, bytes, LEN);
	out_text(out, "<");
	out_hex_long(out, bytes, LEN);
	out_text(out, ">");
	assert_true(heap.calls > 1);
	assert_int_equal(out_flush(out), 0);
	assert_int_equal(heap.len, 2 * LEN + 2);
	for (size_t i = 0; i < LEN; i++) {
		char two[3];

		snprintf(two, sizeof(two), "%02x", bytes[i]);
		assert_memory_equal(heap.bytes + 1 + 2 * i, two, 2);
	}
	free(bytes);
}

static void test_addresses(void **state)
{
	static const uint8_t ip6[16] = {0x20, 0x01, 0x0D, 0xB8, [15] = 0x10};
	static const uint8_t uuid[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0xFE};

	for (unsigned i = 0; i < 256; i++) {
		const uint8_t ip[] = {(uint8_t)i, 0, 9, (uint8_t)(255 - i)};
		char text[32];

		out_ipv4(out, ip);
		snprintf(text, sizeof(text), "%u.0.9.%u", i, 255 - i);
		assert_string_equal(written(), text);
	}
	out_ipv6_whole(out, ip6);
	assert_string_equal(written(), "2001:0db8:0000:0000:0000:0000:0000:0010");
	out_uuid(out, uuid);
	assert_string_equal(written(), "01020304-0506-0708-090a-0b0c0d0e0ffe");
}

static void test_printf(void **state)
{
	char text[2000];

	out_printf(out, "%.3f|%s", 0.5, "x");
	assert_string_equal(written(), "0.500|x");
	out_printf(out, "%.3f", 1.7976931348623157e308);
	assert_int_equal(strlen(written()), 309 + 4);
	memset(text, 'y', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	out_printf(out, "%s", text);
	assert_int_equal(strlen(written()), 511);
}

/* The buffer is handed on before there is no room for what may be written next. */
static void test_room(void **state)
{
	size_t total = 0;

	while (total < 3 * OUT_BYTES) {
		out_room(out);
		assert_true(out->p + OUT_ROOM <= out->bytes + sizeof(out->bytes));
		memset(out->p, 'a' + (int)(total % 26), OUT_ROOM);
		out->p += OUT_ROOM;
		total += OUT_ROOM;
	}
	assert_true(heap.calls >= 2);
	assert_int_equal(out_flush(out), 0);
	assert_int_equal(heap.len, total);
}

/* The first error stays, and nothing is handed on after it. */
static void test_error(void **state)
{
	assert_int_equal(out_flush(out), 0);
	assert_int_equal(heap.calls, 0); /* of nothing */
	out_text(out, "one");
	heap.error = -ENOSPC;
	assert_int_equal(out_flush(out), -ENOSPC);
	assert_int_equal(heap.calls, 1);
	heap.error = 0;
	for (unsigned i = 0; i < 3 * OUT_BYTES; i++) {
		out_room(out);
		out_char(out, 'x');
	}
	assert_int_equal(out_flush(out), -ENOSPC);
	assert_int_equal(heap.calls, 1);
	assert_int_equal(heap.len, 0);
}

/* RFC 3629, section 4: against what each code point is encoded as. */
static void test_utf8_all(void **state)
{
	for (uint32_t code = 0; code <= 0x110000; code++) {
		uint8_t c[4];
		unsigned n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
		bool good = code < 0x110000 && (code < 0xD800 || code > 0xDFFF);

		for (unsigned i = n; i-- > 1;)
			c[i] = (uint8_t)(0x80 | (code >> 6 * (n - 1 - i) & 63));
		c[0] = n == 1 ? (uint8_t)code : (uint8_t)(0xF00u >> n | code >> 6 * (n - 1));
		assert_int_equal(utf8_length(c, c + n), good ? n : 0);
		if (n > 1)
			assert_int_equal(utf8_length(c, c + n - 1), 0);
		assert_int_equal(utf8_control(c, n), code >= 0x80 && code < 0xA0);
	}
}

static void test_utf8_bad(void **state)
{
	static const char *const bad[] = {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80",
		"\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x80\x80\x80", "\xF0\x8F\xBF\xBF",
		"\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFE", "\xFF", "\xC3x", "\xE2\x82x",
		"\xF0\x9F\x98x", "\xE2x\x82"};

	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const uint8_t *p = (const uint8_t *)bad[i];

		assert_int_equal(utf8_length(p, p + strlen(bad[i])), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_numbers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hex, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hex_long, setup, teardown),
		cmocka_unit_test_setup_teardown(test_addresses, setup, teardown),
		cmocka_unit_test_setup_teardown(test_printf, setup, teardown),
		cmocka_unit_test_setup_teardown(test_room, setup, teardown),
		cmocka_unit_test_setup_teardown(test_error, setup, teardown),
		cmocka_unit_test(test_utf8_all),
		cmocka_unit_test(test_utf8_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
