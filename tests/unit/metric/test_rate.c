/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "sample.h"

static void test_first_has_no_rate(void **state)
{
	struct fixture *f = *state;

	assert_true(fixture_interface(f, &(struct interface){.in_octets = 5, .speed = 1000}));
	assert_metric(f, "ifspeed", "1000");
	assert_metric(f, "ifindex", "10");
	assert_absent(f, "ifinoctets");
	assert_absent(f, "ifinpkts");
	assert_absent(f, "ifinutilization");
}

static void test_rate(void **state)
{
	struct fixture *f = *state;
	struct interface i = {.in_octets = 1000, .in_ucast = 7, .speed = 1000000};

	fixture_interface(f, &i);
	fixture_step(f, 20000);
	i.in_octets += 250000;
	i.in_ucast += 30;
	i.in_multicast += 10;
	i.in_broadcast += 1;
	assert_true(fixture_interface(f, &i));
	assert_metric(f, "ifinoctets", "12500");
	assert_metric(f, "ifinucastpkts", "1.5");
	assert_metric(f, "ifinpkts", "2.05");
	assert_metric(f, "ifinutilization", "10");
	assert_metric(f, "ifoutoctets", "0");
	assert_metric(f, "ifoututilization", "0");
}

static void test_wrap_32(void **state)
{
	struct fixture *f = *state;
	struct interface i = {.in_octets = 1000, .in_ucast = UINT32_MAX - 9};

	fixture_interface(f, &i);
	fixture_step(f, 10000);
	i.in_ucast += 20;
	fixture_interface(f, &i);
	assert_metric(f, "ifinucastpkts", "2");
	assert_int_equal(fixture_stat(f, METRIC_RESTARTS), 0);
}

static void test_wrap_64(void **state)
{
	struct fixture *f = *state;
	struct interface i = {.in_octets = UINT64_MAX - 9};

	fixture_interface(f, &i);
	fixture_step(f, 10000);
	i.in_octets += 20;
	fixture_interface(f, &i);
	assert_metric(f, "ifinoctets", "2");
}

/* Half the range of a 32-bit counter and more: only if the bytes can have been so many packets. */
static void test_fast_port(void **state)
{
	struct fixture *f = *state;
	struct interface i = {.in_octets = 1000};

	fixture_interface(f, &i);
	fixture_step(f, 30000);
	i.in_octets += 3000000000000;
	i.in_ucast += 3000000000u;
	fixture_interface(f, &i);
	assert_metric(f, "ifinucastpkts", "100000000");
	fixture_step(f, 30000);
	i.in_octets += 1000000;
	i.in_ucast -= 100;
	fixture_interface(f, &i);
	assert_absent(f, "ifinucastpkts");
	assert_absent(f, "ifinpkts");
	assert_metric(f, "ifinmulticastpkts", "0");
	assert_int_equal(fixture_stat(f, METRIC_RESTARTS), 1);
}

/* Someone cleared the counters: the 64-bit ones step back. */
static void test_discontinuity(void **state)
{
	struct fixture *f = *state;
	struct interface i = {.in_octets = 1 << 30, .in_ucast = 1 << 20, .speed = 9};

	fixture_interface(f, &i);
	fixture_step(f, 10000);
	i.in_octets = 100;
	i.in_ucast = 1;
	fixture_interface(f, &i);
	assert_absent(f, "ifinoctets");
	assert_absent(f, "ifinucastpkts");
	assert_absent(f, "ifoutoctets");
	assert_metric(f, "ifspeed", "9");
	assert_int_equal(fixture_stat(f, METRIC_RESTARTS), 1);
	fixture_step(f, 10000);
	i.in_octets += 100;
	fixture_interface(f, &i);
	assert_metric(f, "ifinoctets", "10");
	assert_metric(f, "ifinucastpkts", "0");
}

static void test_unknown(void **state)
{
	struct fixture *f = *state;
	struct interface i = {
		.in_octets = UINT64_MAX, .in_ucast = UINT32_MAX, .in_multicast = UINT32_MAX};

	fixture_interface(f, &i);
	fixture_step(f, 10000);
	i.in_multicast = 5;
	fixture_interface(f, &i);
	assert_absent(f, "ifinoctets");
	assert_absent(f, "ifinucastpkts");
	assert_absent(f, "ifinmulticastpkts");
	assert_absent(f, "ifinpkts");
	assert_metric(f, "ifinbroadcastpkts", "0");
	assert_int_equal(fixture_stat(f, METRIC_RESTARTS), 0);
	fixture_step(f, 10000);
	i.in_multicast = 15;
	fixture_interface(f, &i);
	assert_metric(f, "ifinmulticastpkts", "1");
}

static void test_uptime_wrap(void **state)
{
	struct fixture *f = *state;
	struct interface i = {.in_octets = 1000};

	f->uptime_ms = UINT32_MAX - 4999;
	fixture_interface(f, &i);
	fixture_step(f, 10000);
	assert_int_equal(f->uptime_ms, 5000);
	i.in_octets += 100;
	fixture_interface(f, &i);
	assert_metric(f, "ifinoctets", "10");
	assert_int_equal(fixture_stat(f, METRIC_RESTARTS), 0);
}

static void test_restart_by_uptime(void **state)
{
	struct fixture *f = *state;
	struct interface i = {.in_octets = 1000};

	f->uptime_ms = 50000000;
	fixture_interface(f, &i);
	fixture_step(f, 10000);
	f->uptime_ms = 3000;
	i.in_octets += 100;
	assert_true(fixture_interface(f, &i));
	assert_absent(f, "ifinoctets");
	assert_int_equal(fixture_stat(f, METRIC_RESTARTS), 1);
	fixture_step(f, 10000);
	i.in_octets += 100;
	fixture_interface(f, &i);
	assert_metric(f, "ifinoctets", "10");
}

static void test_restart_by_sequence(void **state)
{
	struct fixture *f = *state;
	struct interface i = {.in_octets = 1000};

	f->sequence = 500;
	fixture_interface(f, &i);
	fixture_step(f, 10000);
	f->sequence = 1;
	i.in_octets += 100;
	assert_true(fixture_interface(f, &i));
	assert_absent(f, "ifinoctets");
	assert_int_equal(fixture_stat(f, METRIC_RESTARTS), 1);
	/* The same number again, but later: a second reset, no duplicate. */
	f->time_ms += 10000;
	f->uptime_ms += 10000;
	assert_true(fixture_interface(f, &i));
	assert_int_equal(fixture_stat(f, METRIC_RESTARTS), 2);
}

static void test_sequence_wrap(void **state)
{
	struct fixture *f = *state;
	struct interface i = {.in_octets = 1000};

	f->sequence = UINT32_MAX;
	fixture_interface(f, &i);
	fixture_step(f, 10000);
	i.in_octets += 100;
	fixture_interface(f, &i);
	assert_metric(f, "ifinoctets", "10");
}

/* A sample lost: the rate is over the longer time. */
static void test_gap(void **state)
{
	struct fixture *f = *state;
	struct interface i = {.in_octets = 1000};

	fixture_interface(f, &i);
	fixture_step(f, 10000);
	fixture_step(f, 10000);
	i.in_octets += 100;
	fixture_interface(f, &i);
	assert_metric(f, "ifinoctets", "5");
}

static void test_duplicate_and_late(void **state)
{
	struct fixture *f = *state, old;
	struct interface i = {.in_octets = 1000};

	fixture_interface(f, &i);
	old = *f;
	fixture_step(f, 10000);
	i.in_octets += 100;
	fixture_interface(f, &i);
	assert_false(fixture_interface(f, &i));
	assert_int_equal(fixture_stat(f, METRIC_DUPLICATES), 1);
	i.in_octets = 1;
	old.region = f->region;
	assert_false(fixture_interface(&old, &i));
	f->region = old.region;
	assert_int_equal(fixture_stat(f, METRIC_OUT_OF_ORDER), 1);
	fixture_step(f, 10000);
	i.in_octets = 1300;
	fixture_interface(f, &i);
	assert_metric(f, "ifinoctets", "20");
	assert_int_equal(fixture_stat(f, METRIC_RESTARTS), 0);
	assert_int_equal(fixture_stat(f, METRIC_SAMPLES), 5);
}

/* The agent's clock stands, counts seconds, or is far too fast: time of arrival. */
static void test_clock_of_arrival(void **state)
{
	static const uint32_t ticks[] = {0, 20, 30000000};
	struct fixture *f = *state;
	struct interface i = {.in_octets = 1000};

	for (unsigned n = 0; n < 3; n++) {
		fixture_interface(f, &i);
		f->time_ms += 20000;
		f->uptime_ms += ticks[n];
		f->sequence++;
		i.in_octets += 200;
		fixture_interface(f, &i);
		assert_metric(f, "ifinoctets", "10");
		fixture_step(f, 20000);
	}
}

/* A replay: all arrives at once, so the agent's clock is all there is. */
static void test_clock_of_agent(void **state)
{
	struct fixture *f = *state;
	struct interface i = {.in_octets = 1000};

	fixture_interface(f, &i);
	f->uptime_ms += 20000;
	f->sequence++;
	i.in_octets += 200;
	fixture_interface(f, &i);
	assert_metric(f, "ifinoctets", "10");
	/* No time at all: the rate stands, and so does its base. */
	f->sequence++;
	i.in_octets += 200;
	fixture_interface(f, &i);
	assert_metric(f, "ifinoctets", "10");
	f->uptime_ms += 20000;
	f->sequence++;
	fixture_interface(f, &i);
	assert_metric(f, "ifinoctets", "10");
}

/* ---- against the truth ---- */

enum { TRUTH_SAMPLES = 4000, LATE_MS = 60000 };

/* What an agent sent, and what its counters truly were: without wraps and restarts. */
struct sent {
	uint32_t uptime_ms, sequence, life; /* restarts before it */
	uint64_t time_ms;                   /* when it left */
	uint64_t octets, packets;           /* true, since ever */
	struct interface i;
};

/* An agent whose counters wrap often, and that restarts at times, polled about every 20 s. */
static void make_samples(struct sent *sent)
{
	struct sent now = {.uptime_ms = UINT32_MAX - 200000, .sequence = UINT32_MAX - 3};
	uint64_t octets_base = UINT64_MAX - 1000000000, packets_base = UINT32_MAX - 100000;

	for (unsigned n = 0; n < TRUTH_SAMPLES; n++) {
		uint32_t step = 18000 + (uint32_t)rand() % 4000;

		now.uptime_ms += step;
		now.time_ms += step;
		now.sequence++;
		now.packets += (uint64_t)rand() % 50000000;
		now.octets += (uint64_t)rand() * 30;
		if (rand() % 200 == 0) {
			now.life++;
			now.uptime_ms = 1000 + (uint32_t)rand() % 5000;
			now.sequence = 1;
			octets_base = (uint64_t) - (int64_t)now.octets;
			packets_base = (uint64_t) - (int64_t)now.packets;
		}
		now.i.in_octets = octets_base + now.octets;
		now.i.in_ucast = (uint32_t)(packets_base + now.packets);
		sent[n] = now;
	}
}

static void check_truth(struct fixture *f, const struct sent *before, const struct sent *now)
{
	double seconds = (uint32_t)(now->uptime_ms - before->uptime_ms) / 1000.0;
	double octets = (double)(now->octets - before->octets) / seconds,
	       packets = (double)(now->packets - before->packets) / seconds;

	if (fabs(atof(fixture_text(f, "ifinoctets")) - octets) > 1e-9 * octets + 1e-6)
		fail_msg("%s bytes, not %f", fixture_text(f, "ifinoctets"), octets);
	if (fabs(atof(fixture_text(f, "ifinucastpkts")) - packets) > 1e-9 * packets + 1e-6)
		fail_msg("%s packets, not %f", fixture_text(f, "ifinucastpkts"), packets);
}

/*
 * Lost, twice, late by one: each sample that counts has the rate of the truth since the one that
 * counted before, or none where the agent restarted in between.
 */
static void test_truth(void **state)
{
	struct sent *sent = calloc(TRUTH_SAMPLES, sizeof(*sent)), *before = NULL;
	unsigned order[2 * TRUTH_SAMPLES], count = 0, rates = 0, restarts = 0;
	struct fixture *f = *state;
	uint64_t start_ms = f->time_ms;

	srand(5);
	make_samples(sent);
	for (unsigned n = 0; n < TRUTH_SAMPLES; n++) {
		if (rand() % 10 == 0)
			continue;
		order[count++] = n;
		if (rand() % 10 == 0)
			order[count++] = n;
		if (count >= 2 && rand() % 10 == 0 && sent[order[count - 2]].life == sent[n].life &&
			sent[n].time_ms - sent[order[count - 2]].time_ms <= LATE_MS) {
			order[count - 1] = order[count - 2];
			order[count - 2] = n;
		}
	}
	for (unsigned n = 0; n < count; n++) {
		struct sent *s = &sent[order[n]];
		bool newer = !before || s > before;

		f->uptime_ms = s->uptime_ms;
		f->sequence = s->sequence;
		f->time_ms = start_ms + s->time_ms + (newer ? 0 : before->time_ms - s->time_ms);
		assert_int_equal(fixture_interface(f, &s->i), newer);
		if (!newer)
			continue;
		if (before && before->life == s->life) {
			check_truth(f, before, s);
			rates++;
		} else {
			assert_absent(f, "ifinoctets");
			assert_absent(f, "ifinucastpkts");
			restarts++;
		}
		before = s;
	}
	assert_true(rates > TRUTH_SAMPLES / 2);
	assert_true(restarts > 5);
	assert_true(fixture_stat(f, METRIC_DUPLICATES) > TRUTH_SAMPLES / 20);
	assert_true(fixture_stat(f, METRIC_OUT_OF_ORDER) > TRUTH_SAMPLES / 40);
	free(sent);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_truth, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			test_first_has_no_rate, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_rate, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_wrap_32, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_wrap_64, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_fast_port, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			test_discontinuity, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_unknown, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_uptime_wrap, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			test_restart_by_uptime, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			test_restart_by_sequence, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			test_sequence_wrap, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_gap, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			test_duplicate_and_late, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			test_clock_of_arrival, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			test_clock_of_agent, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
