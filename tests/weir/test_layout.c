/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rx.h"

/* No cache line that one RX core writes is read or written by another. */

enum { LINE = 64, CORES = 2, AREAS = 32 };

/* What an RX core writes. */
struct area {
	const void *start;
	size_t len;
};

struct core {
	struct rx *rx;
	struct window *w;
	struct area areas[AREAS];
	unsigned count;
};

static void add(struct core *c, const void *start, size_t len)
{
	assert_true(c->count < AREAS);
	assert_non_null(start);
	c->areas[c->count++] = (struct area){start, len};
}

static void add_table(struct core *c, const struct table *t)
{
	add(c, t->pool, sizeof(*t->pool));
	add(c, t->pool->blocks[0], (size_t)t->capacity << t->entry_shift);
	add(c, t->chunks, sizeof(*t->chunks));
	add(c, t->index.slots, (size_t)t->slots * sizeof(*t->index.slots));
	add(c, t->lanes.lane, (size_t)t->capacity * t->lanes.count * sizeof(*t->lanes.lane));
	add(c, t->lanes.extra, TABLE_BATCH * sizeof(*t->lanes.extra));
}

static void add_window(struct core *c, const struct window_limits *l)
{
	struct window *w = c->w;

	add(c, w, sizeof(*w));
	add(c, w->agents, ((size_t)l->agents + 1) * sizeof(*w->agents));
	add(c, w->sources, ((size_t)l->sources + 1) * sizeof(*w->sources));
	add(c, w->counters, l->counter_bytes);
	add(c, w->names, WINDOW_NAMES);
	add(c, w->definitions, w->plan->table_count * sizeof(*w->definitions));
	for (unsigned i = 0; i < w->plan->table_count; i++)
		add_table(c, &w->definitions[i].table);
}

static uintptr_t first_line(struct area a)
{
	return (uintptr_t)a.start / LINE;
}

static uintptr_t last_line(struct area a)
{
	return ((uintptr_t)a.start + a.len - 1) / LINE;
}

static void check_apart(const struct core *a, const struct core *b)
{
	for (unsigned i = 0; i < a->count; i++) {
		for (unsigned j = 0; j < b->count; j++) {
			struct area x = a->areas[i], y = b->areas[j];

			assert_true(first_line(x) > last_line(y) || first_line(y) > last_line(x));
		}
	}
}

static const struct flow_spec spec = {.name = "a",
	.keys = "ipsource",
	.value = "bytes",
	.values = "avg:bytes",
	.filter = "stack~'^eth'",
	.n = 10,
	.t = 2,
	.capacity = 10};

/* Small things of both cores by turns, as they are made at the start. */
static void test_apart(void **state)
{
	static const struct window_limits limits = {
		.agents = 3, .sources = 3, .counter_bytes = 100};
	const struct agent_limits al = {.agents = 3, .sources = 3, .idle_tsc = 1};
	struct rx *rx = aligned_alloc(_Alignof(struct rx), CORES * sizeof(*rx));
	struct core cores[CORES] = {{NULL}};
	struct base_hash hash;
	struct flow_error error;
	struct flow_plan *plan = flow_compile(&spec, 1, NULL, &error);

	(void)state;
	assert_int_equal(base_hash_init(&hash), 0);
	assert_true(rx && plan);
	memset(rx, 0, CORES * sizeof(*rx));
	for (unsigned i = 0; i < CORES; i++) {
		cores[i].rx = &rx[i];
		add(&cores[i], &rx[i], sizeof(rx[i]));
		rx[i].collector.agents = agent_table_create(&al, &hash, -1);
		add(&cores[i], rx[i].collector.agents, 1);
		assert_int_equal(flow_scratch_init(&rx[i].collector.scratch), 0);
		add(&cores[i], rx[i].collector.scratch.match, 1);
		cores[i].w = window_create(plan, &limits, -1);
		add_window(&cores[i], &limits);
	}
	check_apart(&cores[0], &cores[1]);
	for (unsigned i = 0; i < CORES; i++) {
		window_destroy(cores[i].w);
		flow_scratch_fini(&rx[i].collector.scratch);
		agent_table_destroy(rx[i].collector.agents);
	}
	flow_plan_free(plan);
	free(rx);
}

/* What others write of an RX core's structure, and what they read of it, lies apart from the rest. */
static void test_inside(void **state)
{
	(void)state;
	assert_int_equal(offsetof(struct rx, tell) % LINE, 0);
	assert_int_equal(offsetof(struct rx, seal) % LINE, 0);
	assert_true(offsetof(struct rx, seal) / LINE >
		    (offsetof(struct rx, tell.last_us) + sizeof(uint64_t) - 1) / LINE);
	assert_true(offsetof(struct rx, tell) / LINE > offsetof(struct rx, time_offset) / LINE);
	assert_int_equal(sizeof(struct rx) % LINE, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_apart),
		cmocka_unit_test(test_inside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
