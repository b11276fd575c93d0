/* SPDX-License-Identifier: BSD-3-Clause */
#include "stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>
#include <xxhash.h>

#include "encode.h"
#include "model.h"

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void five_tuples_are_distinct(void **state)
{
	struct gen_settings s = gen_settings();
	struct gen_model *m;
	uint64_t *keys;

	(void)state;
	s.flows = 200000;
	s.endpoints = 50;
	m = gen_model_create(&s);
	keys = calloc(s.flows, sizeof(*keys));
	assert_non_null(m);
	assert_non_null(keys);
	for (uint32_t i = 0; i < m->flow_count; i++) {
		const struct gen_flow *f = &m->flows[i];

		assert_int_not_equal(f->src, f->dst);
		assert_true(f->src < 50 && f->dst < 50);
		keys[i] = (uint64_t)f->src << 32 | f->sport;
	}
	qsort(keys, s.flows, sizeof(*keys), compare);
	for (uint32_t i = 1; i < m->flow_count; i++)
		assert_true(keys[i - 1] != keys[i]);
	free(keys);
	gen_model_destroy(m);
}

/* A digest of the first datagrams of a fabric, which are checked against its limits on the way. */
static uint64_t digest(const struct gen_settings *s, unsigned datagrams)
{
	struct gen_model *m = gen_model_create(s);
	struct gen_stream *stream = gen_stream_create(m);
	struct gen_datagram dg;
	uint64_t hash = 0, time_ns = 0;

	assert_non_null(stream);
	for (unsigned i = 0; i < datagrams; i++) {
		assert_true(gen_stream_next(stream, UINT64_MAX, &dg));
		assert_in_range(dg.flow_samples + dg.counter_samples, 1, s->samples_per_datagram);
		assert_true(dg.len <= s->max_payload);
		assert_true(dg.time_ns >= time_ns);
		time_ns = dg.time_ns;
		hash = XXH3_64bits_withSeed(dg.payload, dg.len, hash);
	}
	gen_stream_destroy(stream);
	gen_model_destroy(m);
	return hash;
}

static void the_seed_alone_decides(void **state)
{
	struct gen_settings s = gen_settings();
	uint64_t first = digest(&s, 2000);

	(void)state;
	assert_true(digest(&s, 2000) == first);
	s.seed++;
	assert_true(digest(&s, 2000) != first);
}

static void limits_hold_at_the_extremes(void **state)
{
	struct gen_settings s = gen_settings();

	(void)state;
	s.max_payload = 1100;
	s.header_bytes = GEN_HEADER_MAX;
	s.record_router = s.expanded = true;
	s.ipv6_agents = 1;
	s.counters = 0.01;
	s.hosts = 1;
	s.sampling_rates[0] = 1000000000;
	digest(&s, 2000);
	s.max_payload = 65507;
	s.samples_per_datagram = 1000;
	digest(&s, 200);
	s.samples_per_datagram = 1;
	s.flows = 1;
	s.agents = 1;
	s.interfaces = 1;
	digest(&s, 200);
}

/* Model time goes no further than asked, and no sample waits longer than the delay. */
static void time_is_kept(void **state)
{
	const uint64_t second = 1000000000;
	struct gen_settings s = gen_settings();
	struct gen_model *m;
	struct gen_stream *stream;
	struct gen_datagram dg;
	uint64_t samples = 0;

	(void)state;
	s.rate = 100;
	s.counters = 0;
	m = gen_model_create(&s);
	stream = gen_stream_create(m);
	assert_non_null(stream);
	for (uint64_t t = 1; t <= 20; t++) {
		while (gen_stream_next(stream, t * second, &dg)) {
			assert_in_range(dg.time_ns, (t - 1) * second, t * second);
			samples += dg.flow_samples;
		}
		assert_int_equal(gen_stream_time(stream), t * second);
		/* Taken in the second before, all have been sent. */
		assert_in_range(samples, (t - 1) * 100, t * 100 + 1);
	}
	while (gen_stream_drain(stream, &dg))
		samples += dg.flow_samples;
	assert_int_equal(samples, 2001);
	gen_stream_destroy(stream);
	gen_model_destroy(m);
}

static void postponed_samples_come_later(void **state)
{
	struct gen_settings s = gen_settings();
	struct gen_model *m;
	struct gen_stream *stream;
	struct gen_datagram dg;
	uint64_t samples = 0;

	(void)state;
	s.counters = 0;
	m = gen_model_create(&s);
	stream = gen_stream_create(m);
	assert_non_null(stream);
	gen_stream_postpone(stream, 500000000);
	while (gen_stream_next(stream, 1000000000, &dg))
		samples += dg.flow_samples;
	while (gen_stream_drain(stream, &dg))
		samples += dg.flow_samples;
	assert_int_equal(samples, 5001);
	gen_stream_destroy(stream);
	gen_model_destroy(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(five_tuples_are_distinct),
		cmocka_unit_test(the_seed_alone_decides),
		cmocka_unit_test(limits_hold_at_the_extremes),
		cmocka_unit_test(time_is_kept),
		cmocka_unit_test(postponed_samples_come_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
