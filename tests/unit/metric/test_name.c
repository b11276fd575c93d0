/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <malloc.h>

#include "metric/news.h"
#include "sample.h"
#include "weir_config.h"

/* Names of custom metrics, 4300:1002: they come and go with the metrics that have them. */

enum { AGENTS = 128, SOURCES = 8192, CUSTOM = 128, EXPIRE_MS = 60000 };

static void open_names(struct fixture *f, uint32_t names)
{
	struct metric_limits limits = {.agents = AGENTS,
		.sources = SOURCES,
		.custom = CUSTOM,
		.names = names,
		.text = 20,
		.expire_ms = EXPIRE_MS};

	fixture_open(f, 1);
	metric_store_destroy(f->store);
	f->store = metric_store_create(&limits);
	assert_non_null(f->store);
}

static void add_metric(struct wire *w, const char *name)
{
	wire_string(w, name);
	wire_u32(w, 3);
	wire_u32(w, 7);
}

static void give(struct fixture *f, unsigned agent, const char *source, const char *name)
{
	struct wire w = {.len = 0};

	f->agent.bytes[3] = (uint8_t)agent;
	add_metric(&w, name);
	assert_true(fixture_custom(f, source, &w, 1));
	base_region_free(&f->region);
}

static void expire(struct fixture *f)
{
	fixture_step(f, EXPIRE_MS + 1);
	metric_store_expire(f->store, f->time_ms);
	metric_store_settle(f->store);
}

static const struct metric_name *find(const struct fixture *f, const char *name)
{
	return metric_name_find(f->store, name, strlen(name));
}

static void count_name(void *ctx, const struct metric_name *n, uint64_t seen_ms)
{
	assert_true(seen_ms != 0);
	assert_non_null(metric_name_text(n));
	++*(unsigned *)ctx;
}

static unsigned count(const struct fixture *f)
{
	unsigned names = 0;

	metric_each_name(f->store, count_name, &names);
	return names;
}

/* With the last source that has it. */
static void test_last(void **state)
{
	struct fixture f;

	open_names(&f, 1000);
	give(&f, 1, "a", "depth");
	fixture_step(&f, EXPIRE_MS / 2);
	give(&f, 2, "b", "depth");
	give(&f, 2, "c", "size");
	assert_int_equal(count(&f), 2);
	fixture_step(&f, EXPIRE_MS / 2 + 1);
	metric_store_expire(f.store, f.time_ms);
	assert_int_equal(metric_store_sources(f.store), 2);
	assert_non_null(find(&f, "depth"));
	assert_int_equal(count(&f), 2);
	expire(&f);
	assert_null(find(&f, "depth"));
	assert_null(find(&f, "size"));
	assert_int_equal(count(&f), 0);
	give(&f, 1, "a", "depth");
	assert_non_null(find(&f, "depth"));
	fixture_close(&f);
}

/* A source goes on without a metric that it once sent. */
static void test_no_longer_sent(void **state)
{
	struct fixture f;

	open_names(&f, 1000);
	give(&f, 1, "a", "seldom");
	for (unsigned i = 0; i < 4; i++) {
		give(&f, 1, "a", "often");
		assert_non_null(find(&f, "seldom"));
		fixture_step(&f, EXPIRE_MS / 4);
	}
	fixture_step(&f, 1);
	give(&f, 1, "a", "often");
	assert_null(find(&f, "seldom"));
	assert_non_null(find(&f, "often"));
	/* What is stale is there again with the sample that would forget it. */
	fixture_step(&f, EXPIRE_MS + 1);
	give(&f, 1, "a", "often");
	assert_non_null(find(&f, "often"));
	fixture_close(&f);
}

/* That of a structure stays. */
static void test_structure(void **state)
{
	const struct metric_name *load;
	struct fixture f;

	open_names(&f, 1000);
	load = find(&f, "load_one");
	assert_non_null(load);
	give(&f, 1, "a", "load_one");
	expire(&f);
	assert_ptr_equal(find(&f, "load_one"), load);
	give(&f, 1, "a", "load_one");
	assert_int_equal(fixture_stat(&f, METRIC_NAMES_FULL), 0);
	fixture_close(&f);
}

/* Names that were given back are there for others. */
static void test_room(void **state)
{
	static const char *const names[] = {"depth", "size", "depth", "age"};
	struct fixture f;

	open_names(&f, 1);
	for (unsigned round = 0; round < 3; round++) {
		give(&f, 1, "a", names[round]);
		give(&f, 1, "a", names[round + 1]);
		give(&f, 2, "b", names[round + 1]);
		give(&f, 2, "b", names[round]);
		assert_non_null(find(&f, names[round]));
		assert_null(find(&f, names[round + 1]));
		assert_int_equal(fixture_stat(&f, METRIC_NAMES_FULL), 2 * (round + 1));
		expire(&f);
	}
	fixture_close(&f);
	open_names(&f, 0);
	give(&f, 1, "a", "depth");
	assert_int_equal(fixture_stat(&f, METRIC_NAMES_FULL), 1);
	fixture_close(&f);
}

/* A source that has all its metrics makes no names. */
static void test_full_source(void **state)
{
	struct fixture f;
	char name[16];

	open_names(&f, 1000);
	for (unsigned i = 0; i < 3 * CUSTOM; i++) {
		snprintf(name, sizeof(name), "n%u", i);
		give(&f, 1, "a", name);
	}
	assert_int_equal(count(&f), CUSTOM);
	assert_int_equal(fixture_stat(&f, METRIC_METRICS_FULL), 2 * CUSTOM);
	assert_int_equal(fixture_stat(&f, METRIC_NAMES_FULL), 0);
	fixture_close(&f);
}

/* In a section of reading a name and its source are what they were, though both are gone. */
static void test_reader(void **state)
{
	const struct metric_name *name, *again;
	const struct metric_source *src;
	struct metric_value v;
	struct fixture f;
	char text[16];
	bool there;

	base_memb_register();
	open_names(&f, 1000);
	give(&f, 1, "a", "depth");
	metric_read_lock();
	name = find(&f, "depth");
	src = metric_slot_source(f.store, 0);
	expire(&f);
	give(&f, 2, "b", "size");
	metric_store_settle(f.store);
	again = find(&f, "depth");
	snprintf(text, sizeof(text), "%s", metric_name_text(name));
	there = metric_source_value(src, name, &v);
	metric_read_unlock();
	assert_null(again);
	assert_string_equal(text, "depth");
	assert_false(there); /* nobody has it */
	fixture_close(&f);
	base_memb_unregister();
}

/* ---- agents that make up names ---- */

/* @return how many of so many new names the agent could bring, no more in a source than may be */
static unsigned bring(struct fixture *f, unsigned agent, const char *prefix, unsigned most)
{
	unsigned before = count(f);
	char name[32], source[32];

	for (unsigned i = 0; i < most; i++) {
		snprintf(name, sizeof(name), "%s-%u", prefix, i);
		snprintf(source, sizeof(source), "%s%u", prefix, i / CUSTOM);
		give(f, agent, source, name);
	}
	return count(f) - before;
}

static void test_share(void **state)
{
	enum { NAMES = 4096, HOSTILE = 64, MOST = 1100 };
	struct fixture f;
	char prefix[16];

	open_names(&f, NAMES);
	give(&f, 100, "old", "honest");
	/* One alone: a fourth. */
	assert_int_equal(bring(&f, 0, "h0", MOST), NAMES / 4);
	for (unsigned a = 1; a < HOSTILE; a++) {
		snprintf(prefix, sizeof(prefix), "h%u", a);
		bring(&f, a, prefix, MOST);
	}
	assert_int_equal(bring(&f, 101, "new", 8), 8);
	/* Who was there goes on. */
	give(&f, 100, "old", "honest");
	assert_int_equal(f.u.count, 1);
	give(&f, 102, "other", "honest");
	assert_int_equal(f.u.count, 1);
	fixture_close(&f);
}

/* An agent that goes and comes again has no new share, while another holds what it brought. */
static void test_again(void **state)
{
	enum { NAMES = 400 };
	struct fixture f;

	open_names(&f, NAMES);
	assert_int_equal(bring(&f, 1, "x", NAMES), NAMES / 4);
	fixture_step(&f, EXPIRE_MS - 1);
	assert_int_equal(bring(&f, 2, "x", NAMES / 4), 0);
	fixture_step(&f, 2);
	metric_store_expire(f.store, f.time_ms);
	assert_int_equal(metric_store_agents(f.store), 1);
	assert_int_equal(count(&f), NAMES / 4);
	assert_int_equal(bring(&f, 1, "y", NAMES), 0);
	expire(&f);
	assert_int_equal(bring(&f, 1, "y", NAMES), NAMES / 4);
	fixture_close(&f);
}

/* ---- over time ---- */

static size_t in_use(struct fixture *f)
{
	metric_store_settle(f->store);
	base_memb_barrier();
	base_region_free(&f->region);
	return mallinfo2().uordblks;
}

/* A source has other names every minute, and no others give theirs back but itself. */
static void run(struct fixture *f, unsigned from, unsigned to)
{
	enum { EACH = 50 };
	char name[32];

	for (unsigned i = from; i < to; i += EACH) {
		struct wire w = {.len = 0};

		for (unsigned n = i; n < i + EACH; n++) {
			snprintf(name, sizeof(name), "started-%u", n);
			add_metric(&w, name);
		}
		assert_true(fixture_custom(f, "a", &w, EACH));
		fixture_step(f, EXPIRE_MS + 1);
		metric_store_settle(f->store);
		base_region_free(&f->region);
	}
}

static void test_million(void **state)
{
	/* A sanitizer's malloc() does not tell what is in use, and takes its time. */
	enum { MANY = WEIR_SANITIZED ? 100000 : 1000000, WARM = 20000, SLACK = 500000 };
	struct fixture f;
	size_t before;

	base_memb_register();
	open_names(&f, 1000);
	run(&f, 0, WARM);
	before = in_use(&f);
	run(&f, WARM, WARM + MANY);
	assert_true(in_use(&f) < before + SLACK);
	assert_int_equal(count(&f), 50);
	assert_int_equal(fixture_stat(&f, METRIC_NAMES_FULL), 0);
	assert_int_equal(fixture_stat(&f, METRIC_METRICS_FULL), 0);
	expire(&f);
	assert_int_equal(count(&f), 0);
	fixture_close(&f);
	base_memb_unregister();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_last),
		cmocka_unit_test(test_no_longer_sent),
		cmocka_unit_test(test_structure),
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_full_source),
		cmocka_unit_test(test_reader),
		cmocka_unit_test(test_share),
		cmocka_unit_test(test_again),
		cmocka_unit_test(test_million),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
