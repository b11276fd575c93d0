/* SPDX-License-Identifier: BSD-3-Clause */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/team.h"

enum { MEMBERS = 4, ROUNDS = 2000 };

/* Not atomic: a thread sanitizer sees it where a run does not order what members do. */
struct work {
	uint64_t given;          /* by the caller, before a run */
	uint64_t taken[MEMBERS]; /* by each member */
	unsigned did[MEMBERS];   /* parts, in all */
};

static void job(void *arg, unsigned member)
{
	struct work *w = arg;

	w->taken[member] = w->given;
	w->did[member]++;
}

struct member {
	struct base_team *t;
	unsigned number;
	pthread_t thread;
};

static void *serve(void *arg)
{
	const struct member *m = arg;

	base_team_serve(m->t, m->number);
	return NULL;
}

static void check_rounds(unsigned members)
{
	struct base_team *t = base_team_create(members);
	struct member list[MEMBERS];
	struct work w = {.given = 0};

	assert_non_null(t);
	assert_int_equal(base_team_members(t), members);
	for (unsigned i = 1; i < members; i++) {
		list[i] = (struct member){.t = t, .number = i};
		assert_int_equal(pthread_create(&list[i].thread, NULL, serve, &list[i]), 0);
	}
	for (unsigned round = 1; round <= ROUNDS; round++) {
		w.given = round;
		base_team_run(t, job, &w);
		for (unsigned i = 0; i < members; i++) {
			assert_int_equal(w.taken[i], round);
			assert_int_equal(w.did[i], round);
		}
	}
	base_team_end(t);
	for (unsigned i = 1; i < members; i++)
		pthread_join(list[i].thread, NULL);
	base_team_destroy(t);
}

static void test_rounds(void **state)
{
	for (unsigned members = 1; members <= MEMBERS; members++)
		check_rounds(members);
}

static void test_nobody(void **state)
{
	struct work w = {.given = 7};

	assert_int_equal(base_team_members(NULL), 1);
	base_team_run(NULL, job, &w);
	assert_int_equal(w.taken[0], 7);
	assert_int_equal(w.did[0], 1);
	base_team_end(NULL);
	base_team_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rounds),
		cmocka_unit_test(test_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
