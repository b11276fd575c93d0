/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../dice.h"
#include "prefix/cidr.h"
#include "prefix/trie.h"

/* Tries against what a walk over all prefixes finds. */

static bool contains(const struct prefix *p, const uint8_t *bytes)
{
	unsigned whole = p->bits / 8, rest = p->bits % 8;

	return memcmp(p->bytes, bytes, whole) == 0 &&
	       (rest == 0 || (p->bytes[whole] ^ bytes[whole]) >> (8 - rest) == 0);
}

static uint32_t naive_find(const struct prefix *list, size_t count, const uint8_t *bytes)
{
	const struct prefix *best = NULL;

	for (size_t i = 0; i < count; i++) {
		if (!contains(&list[i], bytes))
			continue;
		if (!best || list[i].bits > best->bits ||
			(list[i].bits == best->bits && list[i].label > best->label))
			best = &list[i];
	}
	return best ? best->label : PREFIX_NONE;
}

/* Few different bytes, so that prefixes share and contain each other. */
static uint8_t some_byte(struct dice *d, unsigned kinds)
{
	return kinds ? (uint8_t)(dice_below(d, kinds) * 85) : (uint8_t)dice_u64(d);
}

static void make(struct dice *d, struct prefix *p, unsigned width, unsigned kinds)
{
	memset(p, 0, sizeof(*p));
	p->bits = (uint8_t)dice_below(d, 8 * width + 1);
	for (unsigned i = 0; i < width; i++)
		p->bytes[i] = some_byte(d, kinds);
	p->label = 1 + dice_below(d, 5);
	prefix_mask(p);
}

/* An address in or next to a prefix, or anywhere. */
static void pick(struct dice *d, const struct prefix *list, size_t count, unsigned width,
	unsigned kinds, uint8_t *bytes)
{
	const struct prefix *p = &list[dice_below(d, (uint32_t)count)];
	unsigned bit = dice_below(d, 8 * width);

	for (unsigned i = 0; i < width; i++)
		bytes[i] = some_byte(d, kinds);
	if (dice_below(d, 4) == 0)
		return;
	for (unsigned i = 0; i < p->bits; i++) {
		bytes[i / 8] &= (uint8_t) ~(0x80 >> i % 8);
		bytes[i / 8] |= p->bytes[i / 8] & 0x80 >> i % 8;
	}
	if (dice_below(d, 2) == 0)
		bytes[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
}

static void compare(struct dice *d, unsigned width, size_t count, unsigned kinds, unsigned lookups)
{
	struct prefix *list = calloc(count, sizeof(*list)), *copy = calloc(count, sizeof(*list));
	struct prefix_trie t;

	for (size_t i = 0; i < count; i++)
		make(d, &list[i], width, kinds);
	memcpy(copy, list, count * sizeof(*list));
	assert_int_equal(prefix_trie_build(&t, width, copy, count), 0);
	free(copy);
	for (unsigned i = 0; i < lookups; i++) {
		uint8_t *bytes = malloc(width); /* of just that length, for the sanitizer */
		uint32_t found, expected;

		pick(d, list, count, width, kinds, bytes);
		found = prefix_trie_find(&t, bytes);
		expected = naive_find(list, count, bytes);
		free(bytes);
		if (found != expected)
			fail_msg("%u bytes, %zu prefixes: %u, not %u", width, count, found,
				expected);
	}
	prefix_trie_free(&t);
	free(list);
}

static void test_few(void **state)
{
	struct dice d = {1};

	for (unsigned round = 0; round < 400; round++) {
		compare(&d, 4, 1 + dice_below(&d, 40), dice_below(&d, 4), 200);
		compare(&d, 16, 1 + dice_below(&d, 40), dice_below(&d, 4), 200);
		compare(&d, 6, 1 + dice_below(&d, 40), dice_below(&d, 4), 200);
		compare(&d, 1 + dice_below(&d, 16), 1 + dice_below(&d, 8), 2, 50);
	}
}

/* As many as make the first step one of two bytes, and of three. */
static void test_many(void **state)
{
	struct dice d = {2};

	compare(&d, 4, 1500, 0, 20000);
	compare(&d, 4, 1500, 3, 20000);
	compare(&d, 16, 1500, 0, 20000);
	compare(&d, 16, 1500, 2, 20000);
	compare(&d, 4, 120000, 0, 1000);
}

/* All that there is of a byte, each with a label of its own. */
static void test_full(void **state)
{
	struct prefix list[512];
	struct prefix_trie t;
	uint8_t address[4] = {10, 20, 30, 0};

	for (unsigned i = 0; i < 512; i++) {
		list[i] = (struct prefix){.bytes = {10, 20, 30, (uint8_t)(i / 2)}, .bits = 32};
		list[i].label = i + 1; /* each twice: the higher counts */
	}
	assert_int_equal(prefix_trie_build(&t, 4, list, 512), 0);
	for (unsigned i = 0; i < 256; i++) {
		address[3] = (uint8_t)i;
		assert_int_equal(prefix_trie_find(&t, address), 2 * i + 2);
	}
	address[2] = 31;
	assert_int_equal(prefix_trie_find(&t, address), PREFIX_NONE);
	assert_int_equal(t.nodes_count, 1); /* what nothing branches at is no node */
	prefix_trie_free(&t);
}

/* A prefix that says what the one around it says takes nothing. */
static void test_same_label(void **state)
{
	struct prefix list[] = {
		{.bytes = {10}, .bits = 8, .label = 1},
		{.bytes = {10, 1}, .bits = 16, .label = 1},
		{.bytes = {10, 1, 2, 3}, .bits = 32, .label = 1},
		{.bytes = {0}, .bits = 0, .label = 2},
	};
	const uint8_t inside[] = {10, 1, 2, 3}, outside[] = {11, 1, 2, 3};
	struct prefix_trie t;

	assert_int_equal(prefix_trie_build(&t, 4, list, 4), 0);
	assert_int_equal(prefix_trie_find(&t, inside), 1);
	assert_int_equal(prefix_trie_find(&t, outside), 2);
	assert_int_equal(t.nodes_count, 1);
	prefix_trie_free(&t);
}

static void test_order(void **state)
{
	struct prefix list[] = {
		{.bytes = {11}, .bits = 8, .label = 1},
		{.bytes = {10}, .bits = 9, .label = 1},
		{.bytes = {10}, .bits = 8, .label = 2},
		{.bytes = {10}, .bits = 8, .label = 1},
	};

	prefix_sort(list, 4);
	assert_int_equal(list[0].label, 1);
	assert_int_equal(list[1].label, 2);
	assert_true(prefix_equal(&list[0], &list[1]));
	assert_false(prefix_equal(&list[1], &list[2]));
	assert_int_equal(list[2].bits, 9);
	assert_int_equal(list[3].bytes[0], 11);
}

/* Memory goes with the number of prefixes, not with their lengths. */
static void test_memory(void **state)
{
	enum { COUNT = 20000 };
	struct prefix *list = calloc(COUNT, sizeof(*list));
	struct prefix_trie t;
	struct dice d = {3};

	for (unsigned i = 0; i < COUNT; i++) {
		dice_bytes(&d, list[i].bytes, 16);
		list[i].bits = 128;
		list[i].label = i + 1;
	}
	assert_int_equal(prefix_trie_build(&t, 16, list, COUNT), 0);
	assert_true(t.nodes_count <= 2 * COUNT);
	assert_true(prefix_trie_memory(&t) < COUNT * 128 + (1u << 20));
	for (unsigned i = 0; i < COUNT; i++)
		assert_int_equal(prefix_trie_find(&t, list[i].bytes), list[i].label);
	prefix_trie_free(&t);
	free(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_few),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_same_label),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
