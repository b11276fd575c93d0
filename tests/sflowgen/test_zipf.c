/* SPDX-License-Identifier: BSD-3-Clause */
#include "zipf.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { RANKS = 1000, DRAWS = 2000000 };

/*
 * Pearson's chi-square of the draws against the exact shares. With 999 degrees of freedom it is
 * below 1,200 but once in 100,000 times; the seed is fixed, so that this cannot fail by chance.
 */
static void check_shape(double s)
{
	static uint32_t drawn[RANKS];
	struct gen_rng rng = gen_rng(42, 0);
	struct gen_zipf z;
	double sum = 0, chi = 0;

	for (uint32_t i = 0; i < RANKS; i++) {
		sum += pow(i + 1, -s);
		drawn[i] = 0;
	}
	assert_int_equal(gen_zipf_init(&z, RANKS, s), 0);
	for (uint32_t i = 0; i < DRAWS; i++)
		drawn[gen_zipf_draw(&z, &rng)]++;
	for (uint32_t i = 0; i < RANKS; i++) {
		double due = DRAWS * pow(i + 1, -s) / sum;

		chi += (drawn[i] - due) * (drawn[i] - due) / due;
	}
	assert_true(chi < 1200);
	gen_zipf_fini(&z);
}

static void draws_follow_the_exponent(void **state)
{
	(void)state;
	check_shape(0);
	check_shape(0.5);
	check_shape(1);
	check_shape(1.1);
	check_shape(1.5);
}

static void one_rank_is_always_drawn(void **state)
{
	struct gen_rng rng = gen_rng(1, 0);
	struct gen_zipf z;

	(void)state;
	assert_int_equal(gen_zipf_init(&z, 1, 1.1), 0);
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(gen_zipf_draw(&z, &rng), 0);
	gen_zipf_fini(&z);
}

static void steep_ones_stay_in_range(void **state)
{
	struct gen_rng rng = gen_rng(1, 0);
	struct gen_zipf z;
	uint32_t first = 0;

	(void)state;
	assert_int_equal(gen_zipf_init(&z, 1000000, 10), 0);
	for (unsigned i = 0; i < 100000; i++) {
		uint32_t rank = gen_zipf_draw(&z, &rng);

		assert_true(rank < 1000000);
		first += rank == 0;
	}
	assert_in_range(first, 99700, 100000); /* 1 / zeta(10) is 0.99901 */
	gen_zipf_fini(&z);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(draws_follow_the_exponent),
		cmocka_unit_test(one_rank_is_always_drawn),
		cmocka_unit_test(steep_ones_stay_in_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
