/* SPDX-License-Identifier: BSD-3-Clause */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "metric/read.h"
#include "metric/select.h"
#include "sample.h"
#include "sflow/structure.h"

static const struct metric_name *find(const struct fixture *f, const char *text)
{
	const struct metric_name *n = metric_name_find(f->store, text, strlen(text));

	assert_non_null(n);
	assert_string_equal(metric_name_text(n), text);
	return n;
}

static void add_host(struct wire *w, const char *host)
{
	uint32_t start = wire_open(w, SFLOW_TAG(0, 2000));

	wire_string(w, host);
	for (unsigned i = 0; i < 4; i++)
		wire_u32(w, i);
	wire_u32(w, 3);
	wire_u32(w, 2);
	wire_string(w, "6.1.0");
	wire_close(w, start);
}

static void add_parent(struct wire *w, struct sflow_source parent)
{
	uint32_t start = wire_open(w, SFLOW_TAG(0, 2002));

	wire_u32(w, parent.class);
	wire_u32(w, parent.index);
	wire_close(w, start);
}

static void add_memory(struct wire *w, uint64_t total)
{
	uint32_t start = wire_open(w, SFLOW_TAG(0, 2004));

	for (unsigned i = 0; i < 9; i++)
		wire_u64(w, total);
	wire_close(w, start);
}

static bool give(
	struct fixture *f, uint32_t class, uint32_t index, const struct wire *w, uint32_t records)
{
	bool added;

	f->source = (struct sflow_source){class, index};
	added = fixture_add(f, w, records);
	metric_store_settle(f->store);
	return added;
}

static bool keep(void *ctx, const struct metric_source *src)
{
	*(const struct metric_source **)ctx = src;
	return metric_source_id(src).index != 77;
}

/* The last source of an agent, or the one with index 77. */
static const struct metric_source *last(const struct fixture *f, const struct base_addr *agent)
{
	const struct metric_source *src = NULL;
	const struct metric_agent *a = metric_agent_find(f->store, agent);

	if (a)
		metric_each_source(f->store, a, keep, &src);
	return src;
}

static void assert_value(const struct metric_source *src, const struct metric_name *n, double value)
{
	struct metric_value v;

	assert_true(metric_source_value(src, n, &v));
	assert_true(v.number);
	assert_true(v.value == value);
}

static void assert_text(
	const struct metric_source *src, const struct metric_name *n, const char *text)
{
	struct metric_value v;
	char buf[64];
	struct base_text t = base_text(buf, sizeof(buf));

	assert_true(metric_inherited_value(src, n, &v));
	assert_false(v.number);
	assert_string_equal(v.text, text);
	assert_int_equal(v.len, strlen(text));
	metric_value_print(&v, &t);
	assert_string_equal(buf, text);
}

static void count_name(void *ctx, const struct metric_name *n, uint64_t seen_ms)
{
	(void)n;
	assert_true(seen_ms > 0);
	++*(unsigned *)ctx;
}

static void count_value(void *ctx, const char *text, const struct metric_value *v)
{
	(void)v;
	assert_true(text[0] != '\0');
	++*(unsigned *)ctx;
}

static void test_values(void **state)
{
	struct fixture *f = *state;
	struct interface i = {.in_octets = 1000, .speed = 8000, .type = 6, .status = 3};
	const struct metric_source *src;
	struct metric_value v;
	unsigned names = 0, values = 0;
	char buf[64];
	struct base_text t = base_text(buf, sizeof(buf));

	metric_each_name(f->store, count_name, &names);
	assert_int_equal(names, 0);
	assert_null(metric_name_find(f->store, "ifinoctet", 9));
	fixture_interface(f, &i);
	fixture_step(f, 10000);
	i.in_octets += 5000;
	fixture_interface(f, &i);
	metric_store_settle(f->store);
	src = last(f, &f->agent);
	assert_non_null(src);
	metric_source_print(src, &t);
	assert_string_equal(buf, "10");
	assert_value(src, find(f, "ifinoctets"), 500);
	assert_value(src, find(f, "ifinutilization"), 50);
	assert_value(src, find(f, "ifspeed"), 8000);
	assert_text(src, find(f, "iftype"), "ethernetCsmacd");
	assert_text(src, find(f, "ifoperstatus"), "up");
	assert_false(metric_source_value(src, find(f, "load_one"), &v));
	assert_true(metric_source_value(src, find(f, "ifinoctets"), &v));
	assert_int_equal(v.time_ms, f->time_ms);
	metric_each_name(f->store, count_name, &names);
	metric_source_each_value(src, count_value, &values);
	assert_int_equal(values, f->u.count);
	assert_int_equal(values, names);
}

/* A container's own metrics, its parent's, then those of the agent's host. */
static void test_inherited(void **state)
{
	struct fixture *f = *state;
	struct wire host = {.len = 0}, guest = {.len = 0}, other = {.len = 0}, port = {.len = 0};
	const struct metric_source *src;
	struct metric_value v;

	add_host(&host, "leaf1");
	add_parent(&guest, (struct sflow_source){2, 2});
	add_host(&guest, "web1");
	add_memory(&other, 4096);
	give(f, 2, 1, &host, 1);
	give(f, 3, 77, &guest, 2);
	src = last(f, &f->agent);
	assert_text(src, find(f, "vir_host_name"), "web1");
	assert_text(src, find(f, "host_name"), "leaf1");
	assert_false(metric_source_value(src, find(f, "host_name"), &v));
	assert_false(metric_inherited_value(src, find(f, "mem_total"), &v));
	give(f, 2, 2, &other, 1); /* its parent, which comes late */
	fixture_step(f, 1000);
	give(f, 3, 77, &guest, 2);
	assert_true(metric_inherited_value(src, find(f, "mem_total"), &v));
	assert_true(v.value == 4096);
	/* The parent falls silent, then the host. */
	fixture_step(f, 50000);
	give(f, 3, 77, &guest, 2);
	give(f, 2, 1, &host, 1);
	fixture_step(f, 20000);
	metric_store_expire(f->store, f->time_ms);
	assert_false(metric_inherited_value(src, find(f, "mem_total"), &v));
	assert_text(src, find(f, "host_name"), "leaf1");
	fixture_step(f, 30000);
	give(f, 3, 77, &guest, 2);
	fixture_step(f, 20000);
	metric_store_expire(f->store, f->time_ms);
	assert_int_equal(metric_store_sources(f->store), 1);
	assert_false(metric_inherited_value(src, find(f, "host_name"), &v));
	assert_null(metric_agent_host(metric_source_agent(src)));
	wire_record(&port, SFLOW_TAG(0, 1), 22);
	give(f, 0, 1, &port, 1);
	assert_false(metric_inherited_value(last(f, &f->agent), find(f, "host_name"), &v));
}

static const struct metric_source *parent_of(struct fixture *f, uint32_t guest)
{
	const struct metric_agent *a = metric_agent_find(f->store, &f->agent);
	const struct metric_source *src =
		metric_source_find(f->store, a, 1, (struct sflow_source){3, guest});

	assert_non_null(src);
	return metric_source_parent(src);
}

static void give_guest(struct fixture *f, uint32_t guest, uint32_t parent)
{
	struct wire w = {.len = 0};

	add_parent(&w, (struct sflow_source){2, parent});
	add_memory(&w, 1);
	give(f, 3, guest, &w, 2);
}

/* Guests change parents, and go; then a parent goes, and those that still have it lose it. */
static void test_parents(void **state)
{
	struct fixture *f = *state;
	struct wire host = {.len = 0};
	const struct metric_source *second;

	fixture_close(f);
	fixture_open(f, 16);
	add_memory(&host, 4096);
	give(f, 2, 1, &host, 1);
	give(f, 2, 2, &host, 1);
	second = last(f, &f->agent);
	for (uint32_t i = 1; i <= 5; i++)
		give_guest(f, i, 1);
	fixture_step(f, 30000);
	give(f, 2, 2, &host, 1);
	give_guest(f, 1, 1);
	give_guest(f, 2, 2);
	give_guest(f, 3, 9); /* no such one */
	give_guest(f, 5, 1);
	assert_non_null(parent_of(f, 1));
	assert_ptr_equal(parent_of(f, 2), second);
	assert_null(parent_of(f, 3));
	assert_non_null(parent_of(f, 4));
	fixture_step(f, 30001);
	metric_store_expire(f->store, f->time_ms); /* 2.1 and 3.4 */
	assert_int_equal(metric_store_sources(f->store), 5);
	assert_null(parent_of(f, 1));
	assert_ptr_equal(parent_of(f, 2), second);
	assert_null(parent_of(f, 5));
	give(f, 2, 1, &host, 1);
	give_guest(f, 1, 1);
	assert_non_null(parent_of(f, 1));
	assert_null(parent_of(f, 5));
}

/* Of agents with one host name the first that has it answers, whichever of them goes. */
static void test_namesakes(void **state)
{
	struct fixture *f = *state;
	struct wire local = {.len = 0}, other = {.len = 0};
	struct base_addr at[4];

	add_host(&local, "localhost");
	add_host(&other, "other");
	for (unsigned i = 0; i < 4; i++) {
		f->agent.bytes[3] = (uint8_t)i;
		at[i] = f->agent;
		give(f, 2, 1, &local, 1);
	}
	fixture_step(f, 50000);
	f->agent = at[1];
	give(f, 2, 1, &other, 1);
	f->agent = at[3];
	give(f, 2, 1, &other, 1);
	fixture_step(f, 1);
	give(f, 2, 1, &local, 1); /* the last one again */
	f->agent = at[2];
	give(f, 2, 1, &local, 1);
	assert_ptr_equal(metric_agent_by_name(f->store, "localhost", 9),
		metric_agent_find(f->store, &at[0]));
	fixture_step(f, 20000);
	metric_store_expire(f->store, f->time_ms);
	assert_null(metric_agent_find(f->store, &at[0]));
	assert_ptr_equal(metric_agent_by_name(f->store, "localhost", 9),
		metric_agent_find(f->store, &at[2]));
	fixture_step(f, 1);
	give(f, 2, 1, &other, 1);
	assert_ptr_equal(metric_agent_by_name(f->store, "localhost", 9),
		metric_agent_find(f->store, &at[3]));
	assert_ptr_equal(
		metric_agent_by_name(f->store, "other", 5), metric_agent_find(f->store, &at[1]));
	f->agent = at[3];
	give(f, 2, 1, &other, 1);
	assert_null(metric_agent_by_name(f->store, "localhost", 9));
}

static void test_agents(void **state)
{
	struct fixture *f = *state;
	struct base_addr first = f->agent, second = f->agent;
	struct wire one = {.len = 0}, two = {.len = 0};

	second.bytes[3]++;
	add_host(&one, "leaf1");
	add_host(&two, "leaf2");
	assert_null(metric_agent_find(f->store, &first));
	give(f, 2, 1, &one, 1);
	f->agent = second;
	give(f, 2, 1, &one, 1);
	assert_ptr_equal(
		metric_agent_by_name(f->store, "leaf1", 5), metric_agent_find(f->store, &first));
	assert_null(metric_agent_by_name(f->store, "leaf2", 5));
	fixture_step(f, 1000);
	f->agent = first;
	give(f, 2, 1, &two, 1);
	assert_ptr_equal(
		metric_agent_by_name(f->store, "leaf2", 5), metric_agent_find(f->store, &first));
	assert_ptr_equal(
		metric_agent_by_name(f->store, "leaf1", 5), metric_agent_find(f->store, &second));
	assert_int_equal(metric_store_agents(f->store), 2);
	fixture_step(f, 61000);
	metric_store_expire(f->store, f->time_ms);
	assert_int_equal(metric_store_agents(f->store), 0);
	assert_null(metric_agent_by_name(f->store, "leaf1", 5));
	assert_null(metric_agent_by_name(f->store, "leaf2", 5));
	assert_null(metric_agent_find(f->store, &first));
}

/* What was found of a host is not taken for another's that has its slot later. */
static void test_verdicts(void **state)
{
	struct metric_filter *filter = metric_filter_create();
	struct fixture *f = *state;
	struct wire one = {.len = 0}, two = {.len = 0};
	struct metric_select select;
	char error[256];

	add_host(&one, "leaf1");
	add_host(&two, "leaf2");
	give(f, 2, 1, &one, 1);
	assert_int_equal(metric_filter_add(filter, "host_name", "leaf1", error, sizeof(error)), 0);
	assert_int_equal(metric_select_init(&select, filter, f->store), 0);
	assert_true(metric_select_has_agent(&select, metric_agent_find(f->store, &f->agent)));
	fixture_step(f, 61000);
	metric_store_expire(f->store, f->time_ms);
	f->agent.bytes[3]++;
	give(f, 2, 1, &two, 1);
	assert_false(metric_select_has_agent(&select, metric_agent_find(f->store, &f->agent)));
	metric_select_fini(&select);
	metric_filter_destroy(filter);
}

/* Every structure in one source: more than lie near; the rest beside it. */
static void test_many_structures(void **state)
{
	struct fixture *f = *state;
	const struct metric_source *src;
	unsigned values = 0;

	f->source = (struct sflow_source){2, 1};
	for (unsigned i = 0; i < 2 * sflow_counter_structures_count; i++) {
		const struct sflow_structure *st = sflow_counter_structures[i / 2];
		struct wire w = {.len = 0};

		wire_record(&w, st->tag, st->min_len / 4);
		fixture_add(f, &w, 1);
		fixture_step(f, 100);
	}
	src = last(f, &f->agent);
	metric_source_each_value(src, count_value, &values);
	assert_true(values > 100);
	metric_store_each(f->store, &f->region, fixture_keep, f);
	assert_int_equal(f->u.count, values);
}

/* ---- readers beside a writer ---- */

enum { READERS = 2, ROUNDS = 3000, AGENTS = 3, SOURCES = 12, CUSTOM = 64 };

struct race {
	struct fixture f;
	bool stop;
	const struct metric_name *host;
	uint64_t seen[READERS], names[READERS];
};

struct reader {
	struct race *race;
	unsigned number;
};

struct pair {
	double value[3];
	unsigned count;
};

static void take_pair(void *ctx, const char *text, const struct metric_value *v)
{
	struct pair *p = ctx;

	if (strncmp(text, "mem_", 4) == 0 && strcmp(text, "mem_utilization") != 0)
		p->value[p->count++ % 3] = v->value;
	else if (!v->number)
		assert_true(strlen(v->text) == v->len);
}

/* All numbers of a record of these tests are the same: others would be of two records. */
static bool check_source(void *ctx, const struct metric_source *src)
{
	struct reader *r = ctx;
	struct pair p = {.count = 0};
	struct metric_value v;

	metric_source_each_value(src, take_pair, &p);
	if (p.count) {
		assert_true(p.value[0] == p.value[1] && p.value[1] == p.value[2]);
		r->race->seen[r->number]++;
	}
	if (metric_inherited_value(src, r->race->host, &v))
		assert_memory_equal(v.text, "host-", 5);
	return true;
}

static bool check_agent(void *ctx, const struct metric_agent *a)
{
	struct reader *r = ctx;

	metric_each_source(r->race->f.store, a, check_source, ctx);
	return true;
}

/* Of a name that may go meanwhile. */
static bool check_custom(void *ctx, const struct metric_source *src)
{
	const struct metric_name *name = ctx;
	struct metric_value v;

	if (metric_source_value(src, name, &v))
		assert_true(v.number);
	return true;
}

static void read_names(struct reader *r)
{
	const struct metric_store *m = r->race->f.store;
	const struct metric_name *name;
	char custom[32];

	for (unsigned i = 0; i < CUSTOM; i++) {
		snprintf(custom, sizeof(custom), "custom%u", i);
		name = metric_name_find(m, custom, strlen(custom));
		if (!name)
			continue;
		metric_each_source(m, NULL, check_custom, (void *)(uintptr_t)name);
		assert_string_equal(metric_name_text(name), custom);
		r->race->names[r->number]++;
	}
}

static void *read_all(void *arg)
{
	struct reader *r = arg;
	const struct metric_agent *a;

	base_memb_register();
	while (!__atomic_load_n(&r->race->stop, __ATOMIC_RELAXED)) {
		metric_read_lock();
		metric_each_source(r->race->f.store, NULL, check_source, r);
		metric_each_agent(r->race->f.store, check_agent, r);
		a = metric_agent_by_name(r->race->f.store, "host-1", 6);
		if (a)
			assert_int_equal(metric_agent_addr(a)->family, 4);
		read_names(r);
		metric_read_unlock();
	}
	base_memb_unregister();
	return NULL;
}

/* Custom metrics, of new names at times, and a text. */
static void write_custom(struct fixture *f, unsigned round)
{
	struct wire w = {.len = 0};
	char name[32];

	snprintf(name, sizeof(name), "custom%u", round % CUSTOM);
	wire_string(&w, name);
	wire_u32(&w, 3);
	wire_u32(&w, round);
	wire_string(&w, "text");
	wire_u32(&w, 0);
	wire_string(&w, name);
	fixture_custom(f, round % 2 ? "web1" : "web2", &w, 2);
}

/* Sources come, change, get more structures, and go; the clock runs fast. */
static void write_one(struct fixture *f, unsigned round)
{
	struct wire w = {.len = 0};
	char host[32];
	uint32_t class = round % 5 == 0 ? 2 : 3;

	snprintf(host, sizeof(host), "host-%u", round / 7 % 4);
	f->agent.bytes[3] = (uint8_t)(round % AGENTS);
	add_memory(&w, round + 1);
	add_host(&w, host);
	add_parent(&w, (struct sflow_source){2, round % 2});
	for (unsigned i = 0; i < round % 8; i++)
		wire_record(&w, SFLOW_TAG(0, 2007 + i), 30);
	give(f, class, (uint32_t)rand() % SOURCES, &w, 3 + round % 8);
	if (round % 3 == 0)
		write_custom(f, round);
	fixture_step(f, 1 + (uint32_t)rand() % 4000);
	if (round % 16 == 0)
		metric_store_expire(f->store, f->time_ms);
	if (round % 1024 == 0)
		metric_store_expire(f->store, f->time_ms + 100000);
	base_region_free(&f->region);
}

static void test_race(void **state)
{
	static struct race race;
	struct reader readers[READERS];
	pthread_t threads[READERS];
	(void)state;

	fixture_open(&race.f, 2 * SOURCES);
	race.host = find(&race.f, "host_name");
	for (unsigned i = 0; i < READERS; i++) {
		readers[i] = (struct reader){&race, i};
		assert_int_equal(pthread_create(&threads[i], NULL, read_all, &readers[i]), 0);
	}
	srand(11);
	for (unsigned round = 0; round < ROUNDS; round++)
		write_one(&race.f, round);
	__atomic_store_n(&race.stop, true, __ATOMIC_RELAXED);
	for (unsigned i = 0; i < READERS; i++) {
		pthread_join(threads[i], NULL);
		assert_true(race.seen[i] > 0);
		assert_true(race.names[i] > 0);
	}
	fixture_close(&race.f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_values, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_inherited, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_parents, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_agents, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_namesakes, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_verdicts, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			test_many_structures, fixture_setup, fixture_teardown),
		cmocka_unit_test(test_race),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
