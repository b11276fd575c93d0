/* SPDX-License-Identifier: BSD-3-Clause */
#include "frame.h"

#include <pthread.h>

#include "ingress/aside.h"

/* Frames from an ingress to another thread. */

static struct answer_host host;
static struct aside *aside;

static int open_aside(void **state)
{
	struct ingress_options o = {.udp_port = PORT,
		.link = INGRESS_LINK_ETHERNET,
		.checksum = INGRESS_CHECKSUM_NIC,
		.fragments = 16,
		.fragment_ms = MS,
		.socket = -1};

	(void)state;
	memset(stats, 0, sizeof(stats));
	host = (struct answer_host){.mac = {2, 0, 0, 0, 0, 1}, .count = 1};
	base_addr_parse("192.0.2.2", &host.address[0]);
	aside = aside_create(&host, true);
	assert_non_null(aside);
	o.aside = aside;
	in = ingress_create(&o);
	return in ? 0 : -1;
}

static int close_aside(void **state)
{
	int rc = ingress_close(state);

	aside_destroy(aside);
	return rc;
}

static void arp(void)
{
	ether(&frame, 0x0806);
	add(&frame, "\0\1\x08\0\6\4\0\1\2\0\0\0\0\2\xC0\0\2\1\0\0\0\0\0\0\xC0\0\2\2", 28);
}

/* TCP, so no question. */
static void other(uint32_t len)
{
	ether(&frame, 0x0800);
	ip4(&frame, 0, len, 1, 0);
	frame.b[frame.ip + 9] = 6;
	fill(&frame, len);
}

static void test_sflow_stays(void **state)
{
	(void)state;
	plain4(&frame, 100);
	assert_true(give(frame.b, frame.len));
	release();
	assert_null(aside_first(&aside->other));
	assert_null(aside_first(&aside->neighbours));
	assert_int_equal(stats[INGRESS_ASIDE], 0);
}

static void test_kinds(void **state)
{
	(void)state;
	arp();
	give_mbuf(mbuf_of(frame.b, frame.len, 7)); /* in pieces */
	release();
	assert_memory_equal(aside_first(&aside->neighbours)->frame, frame.b, frame.len);
	assert_int_equal(aside_first(&aside->neighbours)->len, frame.len);
	aside_next(&aside->neighbours);
	assert_null(aside_first(&aside->neighbours));
	other(1000);
	give_mbuf(mbuf_of(frame.b, frame.len, 100));
	release();
	assert_memory_equal(aside_first(&aside->other)->frame, frame.b, frame.len);
	assert_int_equal(stats[INGRESS_ASIDE], 2);
	frame.b[5] = 7; /* another station's */
	give(frame.b, frame.len);
	release();
	assert_int_equal(stats[INGRESS_ASIDE], 2);
	assert_int_equal(stats[INGRESS_DROP_NOT_UDP], 2);
}

static void test_bounds(void **state)
{
	(void)state;
	other(1600);
	give(frame.b, frame.len);
	release();
	assert_int_equal(stats[INGRESS_ASIDE_LONG], 1);
	other(10);
	for (unsigned i = 0; i < ASIDE_OTHERS + 10; i++) {
		give(frame.b, frame.len);
		release();
	}
	assert_int_equal(stats[INGRESS_ASIDE], ASIDE_OTHERS);
	assert_int_equal(stats[INGRESS_ASIDE_FULL], 10);
	/* Questions have room of their own. */
	arp();
	give(frame.b, frame.len);
	release();
	assert_non_null(aside_first(&aside->neighbours));
}

/* A tag that the device took out is put back. */
static void test_stripped(void **state)
{
	struct rte_mbuf *m;

	(void)state;
	host.vlan = 7;
	arp();
	give(frame.b, frame.len);
	release();
	assert_null(aside_first(&aside->neighbours));
	m = mbuf_of(frame.b, frame.len, 9);
	m->ol_flags |= RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED;
	m->vlan_tci = 0x2007;
	give_mbuf(m);
	release();
	assert_non_null(aside_first(&aside->neighbours));
	assert_int_equal(aside_first(&aside->neighbours)->len, frame.len + 4);
	assert_memory_equal(aside_first(&aside->neighbours)->frame, frame.b, 12);
	assert_memory_equal(aside_first(&aside->neighbours)->frame + 12, "\x81\0\x20\7", 4);
	assert_memory_equal(
		aside_first(&aside->neighbours)->frame + 16, frame.b + 12, frame.len - 12);
}

enum { MANY = 20000 };

/* Each frame once, in order, and whole. */
static void *reader(void *arg)
{
	uint32_t want = 0;

	(void)arg;
	while (want < MANY) {
		const struct aside_slot *s = aside_first(&aside->other);

		if (!s)
			continue;
		if (base_get_u32(s->frame + 34) != want)
			return NULL;
		want++;
		aside_next(&aside->other);
	}
	return aside;
}

static void test_threads(void **state)
{
	pthread_t thread;
	void *good = NULL;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, reader, NULL), 0);
	other(40);
	for (uint32_t i = 0; i < MANY;) {
		uint64_t taken = stats[INGRESS_ASIDE];

		base_put_u32(frame.b + 34, i);
		give(frame.b, frame.len);
		release();
		i += stats[INGRESS_ASIDE] > taken;
	}
	pthread_join(thread, &good);
	assert_non_null(good);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_sflow_stays, open_aside, close_aside),
		cmocka_unit_test_setup_teardown(test_kinds, open_aside, close_aside),
		cmocka_unit_test_setup_teardown(test_stripped, open_aside, close_aside),
		cmocka_unit_test_setup_teardown(test_bounds, open_aside, close_aside),
		cmocka_unit_test_setup_teardown(test_threads, open_aside, close_aside),
	};

	return cmocka_run_group_tests(tests, eal_setup, eal_teardown);
}
