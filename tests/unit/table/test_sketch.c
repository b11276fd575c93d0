/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../dice.h"
#include "base/hash.h"
#include "table/sketch.h"

static const double STANDARD_ERROR = 1.04 / 45.254833995939045; /* sqrt(2048) */

static struct base_hash hash;

static int make_hash(void **state)
{
	struct dice d = {.state = 4711}; /* the same secret each time */

	for (unsigned i = 0; i < sizeof(hash.secret); i++)
		hash.secret[i] = (uint8_t)dice_u64(&d);
	return 0;
}

static uint64_t hash_of(uint32_t value)
{
	return base_hash_bytes(&hash, &value, sizeof(value));
}

/* Values from `first` on. */
static void fill(struct sketch *s, uint32_t first, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		sketch_add(s, hash_of(first + i));
}

static double estimate(const struct sketch *s)
{
	return sketch_estimate(sketch_view(s));
}

static void expect_near(const struct sketch *s, double want, double errors)
{
	if (fabs(estimate(s) / want - 1) > errors * STANDARD_ERROR)
		fail_msg("%.1f is not %.0f within %.0f standard errors", estimate(s), want, errors);
}

static void test_few(void **state)
{
	static struct sketch s;

	sketch_clear(&s);
	assert_true(estimate(&s) == 0);
	for (uint32_t n = 1; n <= SKETCH_CODES; n++) {
		fill(&s, n, 1);
		fill(&s, n, 1);
		fill(&s, 1, 1);
		assert_true(estimate(&s) == n);
	}
	assert_false(s.dense);
	assert_true(sketch_error(sketch_view(&s)) == 0);
	fill(&s, 0, 1);
	assert_true(s.dense);
	assert_true(fabs(sketch_error(sketch_view(&s)) - STANDARD_ERROR) < 1e-12);
}

/* Ten to a million values, on ten different sets of them each. */
static void test_accuracy(void **state)
{
	static struct sketch s;

	for (uint32_t n = 10; n <= 1000000; n *= 10) {
		double squares = 0;

		for (uint32_t set = 0; set < 10; set++) {
			sketch_clear(&s);
			fill(&s, set * 100000000, n);
			expect_near(&s, n, 3);
			squares += pow(estimate(&s) / n - 1, 2);
		}
		assert_true(sqrt(squares / 10) < 1.5 * STANDARD_ERROR);
	}
}

static void test_again(void **state)
{
	static struct sketch once, twice;

	sketch_clear(&once);
	sketch_clear(&twice);
	fill(&once, 0, 5000);
	for (unsigned i = 0; i < 3; i++)
		fill(&twice, 0, 5000);
	assert_memory_equal(once.registers, twice.registers, sizeof(once.registers));
}

/* The union is the sketch of the values of both, whatever form each of them has. */
static void test_union(void **state)
{
	static const uint32_t counts[] = {0, 1, 60, 100, 128, 129, 2000, 50000};
	static struct sketch a, b, all;
	const unsigned n = sizeof(counts) / sizeof(counts[0]);

	for (unsigned i = 0; i < n * n; i++) {
		uint32_t first = counts[i / n], second = counts[i % n], shared = first / 2;

		sketch_clear(&a);
		sketch_clear(&b);
		sketch_clear(&all);
		fill(&a, 0, first);
		fill(&b, first - shared, second);
		fill(&all, 0, first);
		fill(&all, first - shared, second);
		sketch_unite(&a, sketch_view(&b));
		if (!all.dense)
			assert_int_equal(a.count, all.count);
		if (a.dense && all.dense)
			assert_memory_equal(a.registers, all.registers, sizeof(a.registers));
		if (all.dense)
			expect_near(&a, estimate(&all), 0.01);
	}
}

/* What a hash of the largest or least bits does. */
static void test_edges(void **state)
{
	static const uint64_t hashes[] = {0, 1, UINT64_MAX, UINT64_C(1) << 63, UINT64_C(1) << 38,
		UINT64_C(1) << 37, (UINT64_C(1) << 38) - 1};
	static uint8_t registers[SKETCH_REGISTERS];

	for (unsigned i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++) {
		uint32_t code = sketch_code(hashes[i]);
		uint64_t rest = hashes[i] << SKETCH_BITS;
		unsigned want = rest ? (unsigned)__builtin_clzll(rest) + 1 : 64 - SKETCH_BITS + 1;

		assert_int_not_equal(code, 0);
		memset(registers, 0, sizeof(registers));
		sketch_register(registers, code);
		assert_int_equal(registers[hashes[i] >> (64 - SKETCH_BITS)], want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_few),
		cmocka_unit_test(test_accuracy),
		cmocka_unit_test(test_again),
		cmocka_unit_test(test_union),
		cmocka_unit_test(test_edges),
	};

	return cmocka_run_group_tests(tests, make_hash, NULL);
}
