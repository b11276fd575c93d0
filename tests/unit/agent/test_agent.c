/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "agent/agent.h"

enum { AGENTS = 16, SOURCES = 32, IDLE = 1000 };

struct fixture {
	struct base_hash hash;
	struct agent_table *t;
};

static int open_table(void **state)
{
	static struct fixture f;
	const struct agent_limits limits = {.agents = AGENTS, .sources = SOURCES, .idle_tsc = IDLE};

	assert_int_equal(base_hash_init(&f.hash), 0);
	f.t = agent_table_create(&limits, &f.hash, -1);
	*state = &f;
	return f.t ? 0 : -1;
}

static int close_table(void **state)
{
	const struct fixture *f = *state;

	agent_table_destroy(f->t);
	return 0;
}

static struct base_addr addr_of(uint32_t i)
{
	uint8_t bytes[16] = {0x20, 0x01};

	base_put_u32(bytes + 12, i);
	return i % 2 ? base_addr_from(bytes, 16) : base_addr_from(bytes + 12, 4);
}

static struct agent_entry *find(const struct fixture *f, uint32_t i, uint32_t sub, uint64_t tsc)
{
	struct base_addr addr = addr_of(i);

	return agent_find(f->t, &addr, sub, tsc);
}

static struct source_entry *find_source(
	const struct fixture *f, const struct agent_entry *a, uint32_t index, uint64_t tsc)
{
	return agent_source_find(f->t, a, (struct sflow_source){.index = index}, tsc);
}

/* ---- the table ---- */

static void test_find(void **state)
{
	const struct fixture *f = *state;
	struct agent_entry *a = find(f, 1, 0, 10), *b = find(f, 1, 1, 11), *c = find(f, 2, 0, 12);
	struct base_addr one = addr_of(1);

	assert_true(a != b && b != c && a != c);
	assert_true(base_addr_equal(&a->addr, &one));
	assert_int_equal(b->sub_agent, 1);
	assert_false(agent_is_other(a));
	assert_ptr_equal(find(f, 1, 0, 20), a);
	assert_int_equal(a->head.last_tsc, 20);
	assert_ptr_equal(find(f, 1, 1, 20), b);
	assert_ptr_equal(find(f, 2, 0, 20), c);
}

static void test_full(void **state)
{
	const struct fixture *f = *state;
	struct agent_entry *other;

	for (uint32_t i = 0; i < AGENTS; i++)
		assert_false(agent_is_other(find(f, i, 0, 100)));
	other = find(f, 1000, 0, 100);
	assert_true(agent_is_other(other));
	assert_ptr_equal(find(f, 1001, 5, 100 + IDLE), other);
	/* Those that are in stay in. */
	for (uint32_t i = 0; i < AGENTS; i++)
		assert_false(agent_is_other(find(f, i, 0, 100 + IDLE)));
}

/* One that has been silent makes room; it is a few steps of the hand away, at most. */
static void test_reclaim(void **state)
{
	const struct fixture *f = *state;
	struct base_addr fresh = addr_of(1000);
	struct agent_entry *a = NULL;

	for (uint32_t i = 0; i < AGENTS; i++)
		find(f, i, 0, 100)->datagrams.newest = 77;
	for (uint32_t i = 0; i < AGENTS; i++) {
		if (i != 12)
			find(f, i, 0, 200 + IDLE);
	}
	for (unsigned tries = 0; tries < 2; tries++)
		a = find(f, 1000, 0, 200 + IDLE);
	assert_false(agent_is_other(a));
	assert_true(base_addr_equal(&a->addr, &fresh));
	assert_int_equal(a->datagrams.newest, 0);
	assert_false(a->datagrams.started);
	assert_ptr_equal(find(f, 1000, 0, 200 + IDLE), a);
	for (uint32_t i = 0; i < AGENTS; i++) {
		struct agent_entry *e = find(f, i, 0, 200 + IDLE);

		assert_int_equal(agent_is_other(e), i == 12);
	}
}

/* All go, all come: again and again. */
static void test_reclaim_all(void **state)
{
	const struct fixture *f = *state;
	uint64_t tsc = 1;

	for (uint32_t round = 0; round < 50; round++, tsc += IDLE + 1) {
		for (uint32_t i = 0; i < AGENTS; i++) {
			uint32_t name = round * AGENTS + i;
			struct agent_entry *a = find(f, name, round, tsc);

			assert_false(agent_is_other(a));
			assert_ptr_equal(find(f, name, round, tsc), a);
		}
		assert_true(agent_is_other(find(f, UINT32_MAX, round, tsc)));
	}
}

static void test_sources(void **state)
{
	const struct fixture *f = *state;
	struct agent_entry *a = find(f, 1, 0, 1), *b = find(f, 1, 1, 1);
	struct source_entry *s = find_source(f, a, 10, 1), *t = find_source(f, b, 10, 1), *u;

	assert_true(s != t);
	assert_ptr_equal(find_source(f, a, 10, 5), s);
	assert_int_equal(s->head.last_tsc, 5);
	u = agent_source_find(f->t, a, (struct sflow_source){.class = 3, .index = 10}, 1);
	assert_true(u != s && u != t);
	assert_int_equal(u->source.class, 3);
	assert_int_equal(u->source.index, 10);
}

static struct agent_heard heard(
	const struct fixture *f, const struct agent_entry *a, uint32_t index)
{
	const struct sflow_source source = {.index = index};

	return (struct agent_heard){
		.hash = agent_source_hash(&f->hash, a, source), .numbers.source = source};
}

static struct agent_origin origin(const struct agent_entry *a, uint64_t tsc)
{
	return (struct agent_origin){.tsc = tsc, .of = agent_life(a)};
}

static struct source_entry *take(
	const struct fixture *f, const struct agent_heard *h, const struct agent_origin *from)
{
	return agent_source_take(f->t, h, from, from->of, from->tsc);
}

/* What was looked up ahead is what is found; guesses that are wrong cost nothing but time. */
static void test_ahead(void **state)
{
	const struct fixture *f = *state;
	static const struct source_window windows[SOURCES + 1];
	struct agent_entry *a = find(f, 1, 0, 1), *b = find(f, 1, 1, 1);
	struct source_entry *ten = find_source(f, a, 10, 1), *twenty = find_source(f, a, 20, 1);
	struct source_entry *new;
	struct agent_heard h[] = {heard(f, a, 10), heard(f, a, 99), heard(f, a, 20),
		heard(f, a, 99), heard(f, b, 10)};
	struct agent_origin two = origin(a, 2), three = origin(a, 3), other = origin(b, 3);

	agent_sources_ahead(f->t, h, 5, windows, 1);
	assert_ptr_equal(h[0].entry, ten);
	assert_true(agent_source_is_other(h[1].entry));
	assert_ptr_equal(take(f, &h[0], &two), ten);
	assert_int_equal(ten->head.last_tsc, 2);
	new = take(f, &h[1], &two);
	assert_int_equal(new->source.index, 99);
	assert_ptr_equal(take(f, &h[2], &two), twenty);
	assert_ptr_equal(take(f, &h[3], &three), new);
	assert_int_equal(new->head.last_tsc, 3);
	assert_true(take(f, &h[4], &other) != ten);
	/* Another's entry, which has got its place meanwhile. */
	h[0].entry = twenty;
	assert_ptr_equal(take(f, &h[0], &two), ten);
	/* Restarted between the two. */
	ten->samples.started = true;
	two.of.word++;
	assert_ptr_equal(take(f, &h[0], &two), ten);
	assert_false(ten->samples.started);
}

/* An entry that becomes another agent's, whose data source has the same name. */
static void test_entry_of_another(void **state)
{
	const struct agent_limits limits = {.agents = 1, .sources = SOURCES, .idle_tsc = IDLE};
	const struct fixture *f = *state;
	struct fixture own = {.hash = f->hash, .t = agent_table_create(&limits, &f->hash, -1)};
	struct agent_entry *a = find(&own, 1, 0, 1), *b;
	struct source_entry *before = find_source(&own, a, 10, 1), *after;
	struct agent_origin from;
	struct agent_heard h;

	before->samples.started = true;
	b = find(&own, 2, 0, 2 + IDLE);
	assert_ptr_equal(b, a);
	h = heard(&own, b, 10);
	h.entry = before;
	from = origin(b, 3 + IDLE);
	after = take(&own, &h, &from);
	assert_true(after != before);
	assert_int_equal(after->head.hash, h.hash);
	assert_false(after->samples.started);
	agent_table_destroy(own.t);
}

/* A guess may be another's by the time that it is used. */
static void test_guess(void **state)
{
	const struct fixture *f = *state;
	struct agent_entry *a = find(f, 1, 0, 1), *b = find(f, 2, 0, 1);
	uint64_t hash = agent_hash(f->t, &a->addr, 0);

	assert_ptr_equal(agent_guess(f->t, hash), a);
	assert_ptr_equal(agent_take(f->t, &a->addr, 0, hash, a, 7), a);
	assert_int_equal(a->head.last_tsc, 7);
	assert_ptr_equal(agent_take(f->t, &a->addr, 0, hash, b, 8), a);
	assert_ptr_equal(agent_take(f->t, &a->addr, 0, hash, NULL, 9), a);
	assert_true(agent_take(f->t, &a->addr, 1, agent_hash(f->t, &a->addr, 1), a, 9) != a);
	assert_int_equal(a->head.last_tsc, 9);
	assert_int_equal(b->head.last_tsc, 1);
}

static void test_sources_full(void **state)
{
	const struct fixture *f = *state;
	struct agent_entry *a = find(f, 1, 0, 1);
	struct source_entry *first = find_source(f, a, 0, 1);

	for (uint32_t i = 1; i < SOURCES; i++)
		assert_false(agent_source_is_other(find_source(f, a, i, 1)));
	assert_true(agent_source_is_other(find_source(f, a, SOURCES, 1 + IDLE)));
	assert_ptr_equal(find_source(f, a, 0, 1), first);
	assert_false(agent_source_is_other(find_source(f, a, SOURCES, 2 + IDLE)));
}

/* However many one agent sends, half of the room is left for others; of that, half to the next one. */
static void test_share(void **state)
{
	enum { ROOM = 1000 };
	const struct agent_limits limits = {.agents = 4, .sources = ROOM, .idle_tsc = IDLE};
	const struct fixture *f = *state;
	struct agent_table *t = agent_table_create(&limits, &f->hash, -1);
	const struct fixture own = {.t = t};
	struct agent_entry *a[4];
	uint32_t have[4] = {0};

	for (uint32_t i = 0; i < 4; i++)
		a[i] = find(&own, i, 0, 1);
	for (uint32_t i = 0; i < 3; i++) {
		for (uint32_t j = 0; j < 2 * ROOM; j++)
			have[i] += !agent_source_is_other(find_source(&own, a[i], j, 1));
		assert_int_equal(a[i]->sources, have[i]);
	}
	assert_int_equal(have[0], 500);
	assert_int_equal(have[1], 250);
	assert_int_equal(have[2], 125);
	for (uint32_t j = 0; j < 100; j++)
		have[3] += !agent_source_is_other(find_source(&own, a[3], j, 1));
	assert_int_equal(have[3], 64);
	/* Those that are known stay known. */
	for (uint32_t j = 0; j < 500; j++)
		assert_false(agent_source_is_other(find_source(&own, a[0], j, 2)));
	agent_table_destroy(t);
}

/* Where places come free, what an agent had is taken off: it is never refused for what it has no more. */
static void test_share_comes_back(void **state)
{
	enum { ROOM = 200 };
	const struct agent_limits limits = {.agents = 2, .sources = ROOM, .idle_tsc = IDLE};
	const struct fixture *f = *state;
	struct agent_table *t = agent_table_create(&limits, &f->hash, -1);
	const struct fixture own = {.t = t};
	uint64_t tsc = 1;

	for (uint32_t round = 0; round < 20; round++, tsc += IDLE + 1) {
		/* Agents make way for others, too: their sources lose their owner. */
		struct agent_entry *a = find(&own, 2 * round, 0, tsc),
				   *b = find(&own, 2 * round + 1, 0, tsc);
		uint32_t had = 0;

		assert_false(agent_is_other(a) || agent_is_other(b));
		for (uint32_t j = 0; j < ROOM; j++)
			had += !agent_source_is_other(find_source(&own, a, round * ROOM + j, tsc));
		assert_int_equal(had, ROOM / 2);
		assert_int_equal(a->sources, had);
		for (uint32_t j = 0; j < 64; j++)
			assert_false(agent_source_is_other(find_source(&own, b, j, tsc)));
	}
	agent_table_destroy(t);
}

/* Newcomers that find no room, ever so many, keep nobody out when there is room again. */
static void test_full_until(void **state)
{
	const struct fixture *f = *state;

	for (uint32_t i = 0; i < AGENTS; i++)
		find(f, i, 0, 100 + i);
	for (uint32_t i = 0; i < 1000; i++)
		assert_true(agent_is_other(find(f, 1000 + i, 0, 100 + AGENTS)));
	/* The first one falls silent for long, on the tick. */
	for (uint32_t i = 1; i < AGENTS; i++)
		find(f, i, 0, 100 + IDLE);
	for (uint32_t i = 0; i < 10; i++)
		assert_true(agent_is_other(find(f, 5000 + i, 0, 100 + IDLE)));
	for (unsigned tries = 0; tries < 1 + AGENTS / 8; tries++)
		find(f, 9000, 0, 101 + IDLE);
	assert_false(agent_is_other(find(f, 9000, 0, 101 + IDLE)));
	for (uint32_t i = 1; i < AGENTS; i++)
		assert_false(agent_is_other(find(f, i, 0, 101 + IDLE)));
}

/* Sources of agents without room have no name of their own. */
static void test_sources_of_other(void **state)
{
	const struct fixture *f = *state;
	const struct agent_entry *other;

	for (uint32_t i = 0; i < AGENTS; i++)
		find(f, i, 0, 1);
	other = find(f, 1000, 0, 1);
	assert_true(agent_source_is_other(find_source(f, other, 3, 1)));
	assert_false(agent_source_is_other(find_source(f, find(f, 1, 0, 1), 3, 1)));
}

static void test_no_room_at_all(void **state)
{
	const struct fixture *f = *state;
	const struct agent_limits none = {.idle_tsc = IDLE};
	struct agent_table *t = agent_table_create(&none, &f->hash, -1);
	struct base_addr addr = addr_of(1);

	assert_non_null(t);
	assert_true(agent_is_other(agent_find(t, &addr, 0, 1)));
	assert_true(agent_is_other(agent_find(t, &addr, 0, 1 + 2 * IDLE)));
	agent_table_destroy(t);
	agent_table_destroy(NULL);
}

static void test_memory(void **state)
{
	const struct agent_limits small = {.agents = 10, .sources = 10},
				  large = {.agents = 1000, .sources = 4000};

	assert_true(agent_table_memory(&small) > 10 * sizeof(struct agent_entry));
	assert_true(agent_table_memory(&large) >
		    1000 * sizeof(struct agent_entry) + 4000 * sizeof(struct source_entry));
}

/* ---- datagrams ---- */

static bool datagram(
	struct agent_entry *a, struct agent_window *w, uint32_t sequence, uint32_t uptime_ms)
{
	const struct sflow_datagram dg = {.sequence = sequence, .uptime_ms = uptime_ms};

	return agent_datagram(a, w, &dg);
}

static void test_datagrams(void **state)
{
	struct agent_entry *a = find(*state, 1, 0, 1);
	struct agent_window w = {0};

	datagram(a, &w, 100, 60000);
	datagram(a, &w, 101, 61000);
	datagram(a, &w, 104, 62000); /* 102 and 103 are missing */
	datagram(a, &w, 103, 61500);
	datagram(a, &w, 103, 61500);
	datagram(a, &w, 105, 63000);
	assert_int_equal(w.datagrams, 6);
	assert_int_equal(w.lost, 1);
	assert_int_equal(w.out_of_order, 1);
	assert_int_equal(w.duplicates, 1);
	assert_int_equal(w.restarts, 0);
	assert_int_equal(w.uptime_ms, 63000);
}

/* A late one may take back in this window what the one before counted: the sum is right. */
static void test_late_in_next_window(void **state)
{
	struct agent_entry *a = find(*state, 1, 0, 1);
	struct agent_window first = {0}, second = {0};

	datagram(a, &first, 1, 1000);
	datagram(a, &first, 3, 3000);
	datagram(a, &second, 2, 2000);
	assert_int_equal(first.lost, 1);
	assert_int_equal(first.lost + second.lost, 0);
}

static void test_restart_by_uptime(void **state)
{
	struct agent_entry *a = find(*state, 1, 0, 1);
	struct agent_window w = {0};

	datagram(a, &w, 30, 600000);
	datagram(a, &w, 31, 601000);
	datagram(a, &w, 1, 500); /* by its number it could be late */
	datagram(a, &w, 2, 1500);
	assert_int_equal(w.restarts, 1);
	assert_int_equal(w.out_of_order, 0);
	assert_int_equal(w.lost, 0);
	assert_int_equal(w.uptime_ms, 1500);
	/* Numbers far ahead are no loss if the agent has restarted. */
	datagram(a, &w, 50000, 700000);
	assert_int_equal(w.lost, 49997);
	datagram(a, &w, 900000, 100);
	assert_int_equal(w.restarts, 2);
	assert_int_equal(w.lost, 49997);
}

static void test_restart_by_sequence(void **state)
{
	struct agent_entry *a = find(*state, 1, 0, 1);
	struct agent_window w = {0};

	datagram(a, &w, 1000, 600000);
	datagram(a, &w, 1, 600001);
	datagram(a, &w, 2, 600002);
	assert_int_equal(w.restarts, 1);
	assert_int_equal(w.lost, 0);
}

/* Many places late: its uptime says that the agent goes on, and its number nothing. */
static void test_late_by_far(void **state)
{
	struct agent_entry *a = find(*state, 1, 0, 1);
	struct agent_window w = {0};

	assert_true(datagram(a, &w, 1000, 600100));
	assert_false(datagram(a, &w, 900, 600000));
	assert_true(datagram(a, &w, 1001, 600101));
	assert_int_equal(w.out_of_order, 1);
	assert_int_equal(w.restarts, 0);
	assert_int_equal(w.lost, 0);
	/* Of an agent with one uptime for all times it may be a restart. */
	assert_true(datagram(a, &w, 800, 600101));
	assert_int_equal(w.restarts, 1);
}

/* A little older is reordering; the uptime wraps after 49.7 days. */
static void test_uptime_wraps(void **state)
{
	struct agent_entry *a = find(*state, 1, 0, 1);
	struct agent_window w = {0};

	datagram(a, &w, 1, UINT32_MAX - 1000);
	datagram(a, &w, 2, 500);
	datagram(a, &w, 4, 2000);
	datagram(a, &w, 3, UINT32_MAX - 500);
	assert_int_equal(w.restarts, 0);
	assert_int_equal(w.out_of_order, 1);
	assert_int_equal(w.lost, 0);
	assert_int_equal(w.uptime_ms, 2000);
}

/* ---- flow samples ---- */

static void sample(struct source_entry *s, struct source_window *w, uint32_t sequence,
	uint32_t pool, uint32_t drops)
{
	const struct sflow_numbers fs = {
		.sequence = sequence, .sampling_rate = 1000, .pool = pool, .drops = drops};

	agent_flow_sample(s, w, &fs);
}

static void test_pool(void **state)
{
	const struct fixture *f = *state;
	struct source_entry *s = find_source(f, find(f, 1, 0, 1), 10, 1);
	struct source_window w = {0};

	sample(s, &w, 1, 5000, 7);
	assert_int_equal(w.pool, 0);
	sample(s, &w, 2, 6000, 7);
	sample(s, &w, 5, 9000, 9); /* two are missing, their packets are in the pool */
	sample(s, &w, 4, 8000, 8); /* late: older than what the pool is at */
	sample(s, &w, 4, 8000, 8);
	sample(s, &w, 6, 10100, 9);
	assert_int_equal(w.sampling_rate, 1000);
	assert_int_equal(w.pool, 5100);
	assert_int_equal(w.pool_samples, 5);
	assert_int_equal(w.lost, 1);
	assert_int_equal(w.drops, 2);
}

static void test_pool_wraps(void **state)
{
	const struct fixture *f = *state;
	struct source_entry *s = find_source(f, find(f, 1, 0, 1), 10, 1);
	struct source_window w = {0};

	sample(s, &w, UINT32_MAX, UINT32_MAX - 99, UINT32_MAX);
	sample(s, &w, 0, 900, 1);
	assert_int_equal(w.pool, 1000);
	assert_int_equal(w.pool_samples, 1);
	assert_int_equal(w.drops, 2);
	assert_int_equal(w.lost, 0);
}

/* Both at once, of which one may not hide the other. */
static void test_pool_wraps_and_drops(void **state)
{
	const struct fixture *f = *state;
	struct source_entry *s = find_source(f, find(f, 1, 0, 1), 10, 1);
	struct source_window w = {0};

	sample(s, &w, 1, UINT32_MAX - 99, 7);
	sample(s, &w, 2, 900, 8);
	assert_int_equal(w.pool, 1000);
	assert_int_equal(w.drops, 1);
	sample(s, &w, 3, 1900, 7);
	sample(s, &w, 4, 1000, 8); /* set back: as many as the rate says */
	assert_int_equal(w.drops, 2);
	assert_int_equal(w.pool, 1000 + 1000 + 1000);
}

static void test_pool_restarts(void **state)
{
	const struct fixture *f = *state;
	struct source_entry *s = find_source(f, find(f, 1, 0, 1), 10, 1);
	struct source_window w = {0};

	sample(s, &w, 5000, 5000000, 3);
	sample(s, &w, 1, 1000, 0);
	sample(s, &w, 2, 2000, 0);
	assert_int_equal(w.pool, 1000);
	assert_int_equal(w.pool_samples, 1);
	assert_int_equal(w.lost, 0);
	assert_int_equal(w.drops, 0);
}

/* Counts that are set back alone have not grown by 2^32; the pool grows as the rate says. */
static void test_pool_set_back(void **state)
{
	const struct fixture *f = *state;
	struct source_entry *s = find_source(f, find(f, 1, 0, 1), 10, 1);
	struct source_window w = {0};

	sample(s, &w, 1, 5000000, 50);
	sample(s, &w, 3, 1000, 0);
	assert_int_equal(w.pool, 2000);
	assert_int_equal(w.pool_samples, 2);
	assert_int_equal(w.lost, 1);
	assert_int_equal(w.drops, 0);
	sample(s, &w, 4, 1900, 2);
	assert_int_equal(w.pool, 2900);
	assert_int_equal(w.drops, 2);
}

/* After a restart of the agent nothing is compared with before, whatever the numbers look like. */
static void test_agent_restarts(void **state)
{
	const struct fixture *f = *state;
	struct agent_entry *a = find(f, 1, 0, 1);
	struct source_entry *s = find_source(f, a, 10, 1);
	struct source_window w = {0};
	struct agent_window aw = {0};

	datagram(a, &aw, 1, 100000);
	sample(s, &w, 0xC0000000, 5000000, 3);
	datagram(a, &aw, 2, 100);
	s = find_source(f, a, 10, 1);
	sample(s, &w, 1, 1000, 0);
	s = find_source(f, a, 10, 1);
	sample(s, &w, 2, 2000, 1);
	assert_int_equal(aw.restarts, 1);
	assert_int_equal(w.lost, 0);
	assert_int_equal(w.pool, 1000);
	assert_int_equal(w.pool_samples, 1);
	assert_int_equal(w.drops, 1);
}

static struct agent_senders *senders_of(const struct agent_rate *rates, unsigned count)
{
	const struct agent_senders_options o = {.rates = rates, .rate_count = count};
	struct agent_senders *s;
	char error[64];

	assert_int_equal(agent_senders_create(&s, &o, error, sizeof(error)), 0);
	return s;
}

/* An entry has the rate of those that it followed last, until others say another one, or none. */
static void test_follow(void **state)
{
	const struct agent_rate rates[] = {{addr_of(1), 2000}, {addr_of(2), 1}},
				other = {addr_of(1), 7};
	struct agent_entry *one = find(*state, 1, 0, 1), *nine = find(*state, 1, 9, 1),
			   *three = find(*state, 3, 0, 1);
	struct agent_senders *first = senders_of(rates, 2), *second = senders_of(&other, 1);

	assert_int_equal(one->rate, 0);
	agent_follow(one, first);
	agent_follow(nine, first);
	agent_follow(three, first);
	assert_int_equal(one->rate, 2000);
	assert_int_equal(nine->rate, 2000);
	assert_int_equal(three->rate, 0);
	assert_ptr_equal(find(*state, 1, 0, 2), one);
	assert_int_equal(one->rate, 2000);
	agent_follow(one, second);
	assert_int_equal(one->rate, 7);
	assert_int_equal(nine->rate, 2000);
	agent_follow(nine, NULL);
	assert_int_equal(nine->rate, 0);
	agent_senders_unref(first);
	agent_senders_unref(second);
}

#define in_table(test) cmocka_unit_test_setup_teardown(test, open_table, close_table)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_table(test_find),
		in_table(test_full),
		in_table(test_reclaim),
		in_table(test_reclaim_all),
		in_table(test_sources),
		in_table(test_ahead),
		in_table(test_entry_of_another),
		in_table(test_guess),
		in_table(test_sources_full),
		in_table(test_share),
		in_table(test_share_comes_back),
		in_table(test_full_until),
		in_table(test_sources_of_other),
		in_table(test_no_room_at_all),
		cmocka_unit_test(test_memory),
		in_table(test_datagrams),
		in_table(test_late_in_next_window),
		in_table(test_restart_by_uptime),
		in_table(test_restart_by_sequence),
		in_table(test_late_by_far),
		in_table(test_uptime_wraps),
		in_table(test_pool),
		in_table(test_pool_wraps),
		in_table(test_pool_wraps_and_drops),
		in_table(test_pool_restarts),
		in_table(test_pool_set_back),
		in_table(test_agent_restarts),
		in_table(test_follow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
