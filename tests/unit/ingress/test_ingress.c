/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>

#include "frame.h"

static void test_rows(void **state)
{
	(void)state;
	assert_int_equal(ingress_stats.count, INGRESS_STATS);
	for (unsigned i = 0; i < INGRESS_STATS; i++) {
		assert_non_null(ingress_stats.defs[i].name);
		assert_non_null(ingress_stats.defs[i].help);
		for (unsigned k = 0; k < i; k++)
			assert_string_not_equal(
				ingress_stats.defs[i].name, ingress_stats.defs[k].name);
	}
}

static void test_destroy_null(void **state)
{
	(void)state;
	ingress_destroy(NULL);
}

/* A burst: all payloads are valid until the release. */
static void test_burst(void **state)
{
	struct ingress_datagram d[INGRESS_BURST];

	(void)state;
	for (unsigned i = 0; i < INGRESS_BURST; i++) {
		plain4(&frame, 100 + i);
		assert_true(give(frame.b, frame.len));
		assert_true(got.lasting);
		d[i] = got;
	}
	for (unsigned i = 0; i < INGRESS_BURST; i++) {
		assert_int_equal(d[i].len, 100 + i);
		assert_true(is_filled(d[i].payload, d[i].len));
	}
	release();
	assert_int_equal(rte_mempool_avail_count(pool), FRAMES);
	assert_int_equal(stats[INGRESS_DATAGRAMS], INGRESS_BURST);
}

/* Headers and payload in segments of any length. */
static void test_segments(void **state)
{
	(void)state;
	for (uint32_t segment = 1; segment < 64; segment++) {
		plain4(&frame, 600);
		assert_true(give_mbuf(mbuf_of(frame.b, frame.len, segment)));
		assert_payload(600);
		assert_false(got.lasting);
		plain6(&frame, 600);
		assert_true(give_mbuf(mbuf_of(frame.b, frame.len, segment)));
		assert_payload(600);
		assert_false(got.lasting);
		assert_true(give(frame.b, frame.len));
		assert_true(got.lasting);
		release();
	}
	plain4(&frame, 65507);
	assert_true(give_mbuf(mbuf_of(frame.b, frame.len, 2048)));
	assert_payload(65507);
}

/* Said to be longer than all of its segments: what is there counts. */
static void test_longer_than_it_is(void **state)
{
	static const uint32_t more[] = {1, 2048, 65536, 131072, UINT32_MAX - 4096};

	(void)state;
	for (unsigned i = 0; i < sizeof(more) / sizeof(*more); i++) {
		for (uint32_t segment = 50; segment <= 2000; segment += 650) {
			struct rte_mbuf *m;

			plain4(&frame, 900);
			m = mbuf_of(frame.b, frame.len, segment);
			m->pkt_len += more[i];
			assert_true(give_mbuf(m));
			assert_payload(900);
			release();
		}
	}
}

/* The plain path gives what the full walk gives, for frames that are nearly plain. */
static void test_plain_is_walk(void **state)
{
	uint64_t walked[INGRESS_STATS] = {0};
	unsigned datagrams = 0;

	(void)state;
	srand(1);
	for (unsigned i = 0; i < 200000; i++) {
		struct ingress_datagram d = {0};
		struct ingress_frame f = {0};
		struct rte_mbuf *m;
		bool ok;
		int rc;

		plain4(&frame, (uint32_t)rand() % 40);
		for (int k = rand() % 3; k > 0; k--)
			frame.b[12 + rand() % 30] = (uint8_t)(rand() & 1 ? rand() : rand() & 0x11);
		m = mbuf_of(frame.b, frame.len - (uint32_t)rand() % 3, 2048);
		rte_mbuf_refcnt_set(m, 2);
		f.m = m;
		rc = ingress_walk(in, &f, &d, walked);
		if (rc == INGRESS_HELD || stats[INGRESS_FRAGMENTS] != walked[INGRESS_FRAGMENTS]) {
			/* Fragments change the table: they are for test_fragment.c. */
			walked[INGRESS_FRAGMENTS] = 0;
			rte_mbuf_refcnt_update(m, -1);
			if (f.m)
				rte_pktmbuf_free(m);
			ingress_destroy(in);
			open_with(INGRESS_LINK_ETHERNET, INGRESS_CHECKSUM_NIC, 16);
			continue;
		}
		ok = ingress_packet(in, m, now, &got, stats);
		assert_int_equal(ok, rc == 0);
		if (ok) {
			datagrams++;
			assert_ptr_equal(got.payload, d.payload);
			assert_int_equal(got.len, d.len);
			assert_memory_equal(&got.source, &d.source, sizeof(d.source));
		}
		release();
		rte_pktmbuf_free(m);
	}
	assert_true(datagrams > 50000);
}

/* Anything at all, in one or several segments: nothing is read beyond, nothing is lost. */
static void test_random(void **state)
{
	(void)state;
	srand(2);
	for (unsigned i = 0; i < 100000; i++) {
		uint32_t len;

		if (rand() & 1)
			plain6(&frame, (uint32_t)rand() % 100);
		else
			plain4(&frame, (uint32_t)rand() % 100);
		for (int k = rand() % 8; k > 0; k--)
			frame.b[(uint32_t)rand() % frame.len] = (uint8_t)rand();
		len = 1 + (uint32_t)rand() % frame.len;
		now += 100000;
		give_mbuf(mbuf_of(frame.b, len, 1 + (uint32_t)rand() % 200));
		release();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_destroy_null),
		cmocka_unit_test_setup_teardown(test_burst, ingress_setup, ingress_close),
		cmocka_unit_test_setup_teardown(test_segments, ingress_setup, ingress_close),
		cmocka_unit_test_setup_teardown(
			test_longer_than_it_is, ingress_setup, ingress_close),
		cmocka_unit_test_setup_teardown(test_plain_is_walk, ingress_setup, ingress_close),
		cmocka_unit_test_setup_teardown(test_random, ingress_setup, ingress_close),
	};

	return cmocka_run_group_tests(tests, eal_setup, eal_teardown);
}
