/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "../unit/dice.h"
#include "../unit/window/core.h"
#include "control_pvt.h"
#include "flow/spec.h"

/*
 * The owner of the definitions: what a list of changes makes of a set, and clients, control,
 * aggregator and an RX core as threads.
 */

static const char settings[] = "ports: [{iface: x0}]\n"
			       "flows:\n"
			       "  - {name: pairs, keys: \"ipsource,ipdestination\", value: bytes, "
			       "capacity: 1000}\n";
static const struct window_limits limits = {.agents = 8, .sources = 8, .counter_bytes = 4096};
static const struct flow_spec small = {
	.name = "small", .keys = "ipsource", .value = "frames", .n = 3, .t = 1, .capacity = 100};

static void read_settings(struct conf *conf)
{
	struct conf_error e;

	conf_init(conf);
	if (conf_parse(conf, "f", settings, strlen(settings), &e) < 0)
		fail_msg("%s", e.text);
}

/* ---- what changes make of a set ---- */

struct bench {
	struct control_set set;
	struct flow_plan *plan;
	struct control_limits limits;
};

static void bench_open(struct bench *b)
{
	*b = (struct bench){.limits = {.cores = 1, .table_bytes = 1 << 30}};
	b->plan = plan_make(NULL, 0);
}

static void bench_close(struct bench *b)
{
	for (unsigned i = 0; i < b->set.count; i++)
		control_entry_free(b->set.entries[i]);
	flow_plan_free(b->plan);
}

static struct control_request put_request(const struct flow_spec *spec)
{
	return (struct control_request){.change = CONTROL_PUT,
		.entry = control_entry_create(spec, true),
		.name = (char *)(uintptr_t)spec->name};
}

static struct control_request remove_request(const char *name)
{
	return (struct control_request){.change = CONTROL_REMOVE, .name = (char *)(uintptr_t)name};
}

/* Settle, and take over what came out. */
static void settle(struct bench *b, struct control_request *list, unsigned count)
{
	struct control_set next, before = b->set;
	struct flow_plan *plan;

	for (unsigned i = 0; i + 1 < count; i++)
		list[i].next = &list[i + 1];
	plan = control_settle(&b->set, b->plan, &b->limits, list, &next);
	if (plan) {
		flow_plan_free(b->plan);
		b->plan = plan;
		b->set = next;
	}
	for (unsigned i = 0; i < before.count; i++) {
		if (!control_set_has(&b->set, before.entries[i]))
			control_entry_free(before.entries[i]);
	}
	for (unsigned i = 0; i < count; i++) {
		if (list[i].entry && !control_set_has(&b->set, list[i].entry))
			control_entry_free(list[i].entry);
	}
	assert_int_equal(b->plan->definition_count, b->set.count);
}

static struct flow_spec named(const char *name, const char *keys)
{
	struct flow_spec spec = small;

	spec.name = name;
	spec.keys = keys;
	return spec;
}

static void test_settle(void **state)
{
	const struct flow_spec a = named("a", "ipsource"), b = named("b", "ipdestination"),
			       a2 = named("a", "vlan");
	struct bench bench;

	bench_open(&bench);
	{
		struct control_request list[] = {put_request(&a), put_request(&b), put_request(&a2),
			remove_request("b"), remove_request("b")};

		settle(&bench, list, 5);
		for (unsigned i = 0; i < 4; i++)
			assert_int_equal(list[i].err, 0);
		assert_int_equal(list[4].err, -ENOENT);
		assert_string_equal(list[4].error.text, "there is no flow definition \"b\"");
	}
	assert_int_equal(bench.set.count, 1);
	assert_string_equal(bench.set.entries[0]->spec->keys, "vlan");
	{
		struct control_request list[] = {remove_request("a")};

		list[0].only = bench.set.entries[0]->id + 1; /* one that is gone already */
		settle(&bench, list, 1);
		assert_int_equal(list[0].err, -ENOENT);
		list[0] = remove_request("a");
		settle(&bench, list, 1);
		assert_int_equal(list[0].err, 0);
	}
	assert_int_equal(bench.set.count, 0);
	bench_close(&bench);
}

/* What goes since its ttl is over stays where somebody asks for it before it is gone. */
static void test_lease(void **state)
{
	struct flow_spec spec = named("a", "ipsource");
	struct bench bench;
	struct control_entry *e;

	spec.ttl = 60;
	bench_open(&bench);
	{
		struct control_request list[] = {put_request(&spec)};

		settle(&bench, list, 1);
		assert_int_equal(list[0].err, 0);
	}
	e = bench.set.entries[0];
	assert_false(control_entry_is_over(e));
	e->touched_ns = base_clock_mono_ns() + 1000000000; /* another thread is ahead */
	assert_false(control_entry_is_over(e));
	{
		struct control_request list[] = {remove_request("a")};

		list[0].only = e->id;
		settle(&bench, list, 1);
		assert_int_equal(list[0].err, -ECANCELED);
		e->touched_ns = base_clock_mono_ns() - UINT64_C(61000000000);
		assert_true(control_entry_is_over(e));
		settle(&bench, list, 1);
		assert_int_equal(list[0].err, 0);
	}
	assert_int_equal(bench.set.count, 0);
	bench_close(&bench);
}

/* Settle another configuration. @return 0 or -errno */
static int configure(struct bench *b, const char *text)
{
	struct flow_data *data = flow_data_create(NULL);
	struct control_request *r;
	struct conf_error e;
	struct conf conf;
	int err;

	conf_init(&conf);
	assert_int_equal(conf_parse(&conf, "f", text, strlen(text), &e), 0);
	r = control_request_configure(&conf, data, NULL, false);
	assert_non_null(r);
	settle(b, r, 1);
	for (unsigned i = 0; i < r->configured->set.count; i++) {
		if (control_set_has(&b->set, r->configured->set.entries[i]))
			r->configured->set.entries[i] = NULL;
	}
	err = r->err;
	control_request_free(r);
	flow_data_unref(data);
	conf_free(&conf);
	return err;
}

/* What was put stays, and goes before the configuration; the file's order is kept. */
static void test_configure(void **state)
{
	const struct flow_spec b = named("b", "vlan"), z = named("z", "vlan");
	struct bench bench;

	bench_open(&bench);
	assert_int_equal(configure(&bench, "flows: [{name: a, keys: ipsource, value: bytes},"
					   " {name: b, keys: ipsource, value: bytes}]"),
		0);
	assert_int_equal(bench.set.count, 2);
	{
		struct control_request list[] = {put_request(&b), put_request(&z)};

		settle(&bench, list, 2);
	}
	assert_int_equal(configure(&bench, "flows: [{name: c, keys: ipsource, value: bytes},"
					   " {name: b, keys: ipsource, value: bytes}]"),
		0);
	assert_int_equal(bench.set.count, 3);
	assert_string_equal(bench.set.entries[0]->spec->name, "c");
	assert_string_equal(bench.set.entries[1]->spec->name, "b");
	assert_string_equal(bench.set.entries[1]->spec->keys, "vlan");
	assert_string_equal(bench.set.entries[2]->spec->name, "z");
	bench.limits.table_bytes = 1; /* less stays less; more is refused, and nothing changes */
	assert_int_equal(configure(&bench, ""), 0);
	assert_int_equal(bench.set.count, 2);
	assert_int_equal(
		configure(&bench, "flows: [{name: c, keys: ipsource, value: bytes}]"), -ENOSPC);
	assert_int_equal(bench.set.count, 2);
	bench_close(&bench);
}

/* A definition of a batch in which what it looks up goes is wrong, rather than one too many. */
static void test_lookup_gone(void **state)
{
	const struct flow_entry entry = {.label = "a", .value = "10.0.0.0/8"};
	struct flow_spec spec = named("where", "group:ipsource:sites");
	struct flow_lookup_error e;
	struct flow_lookup *l = flow_lookup_build(FLOW_GROUP, "sites", &entry, 1, &e);
	struct bench bench;

	bench_open(&bench);
	assert_non_null(l);
	{
		struct control_request list[] = {{.change = CONTROL_PUT_LOOKUP,
			.lookup = l,
			.name = (char *)(uintptr_t) "sites"}};

		settle(&bench, list, 1);
		assert_int_equal(list[0].err, 0);
	}
	{
		struct control_request list[] = {{.change = CONTROL_REMOVE_LOOKUP,
							 .kind = FLOW_GROUP,
							 .name = (char *)(uintptr_t) "sites"},
			put_request(&spec)};

		settle(&bench, list, 2);
		assert_int_equal(list[0].err, 0);
		assert_int_equal(list[1].err, -EINVAL);
		assert_non_null(strstr(list[1].error.text, "no group is called \"sites\""));
		assert_string_equal(list[1].error.in, "keys");
	}
	flow_lookup_unref(l);
	bench_close(&bench);
}

/* One too many for the plan, or for memory, is refused; those around it are not. */
static void test_limits(void **state)
{
	static char keys[FLOW_FIELDS][48], names[FLOW_FIELDS][16];
	struct flow_spec a = named("a", "ipsource"), big = named("big", "vlan"), last;
	struct bench bench;

	bench_open(&bench);
	bench.limits.table_bytes = 64 << 20;
	for (unsigned i = 0; i < FLOW_FIELDS / 2; i++) {
		snprintf(keys[i], sizeof(keys[i]), "prefix:ipsource:.:%u", i + 1);
		snprintf(names[i], sizeof(names[i]), "n%u", i);
	}
	for (unsigned i = 0; i < FLOW_FIELDS / 2; i++) {
		struct flow_spec spec = named(names[i], keys[i]);
		struct control_request list[] = {put_request(&spec)};

		settle(&bench, list, 1);
		if (list[0].err < 0)
			break; /* functions bring other fields along */
	}
	big.capacity = 1 << 24;
	last = named("last", "ipdestination");
	{
		struct control_request list[] = {
			put_request(&a), put_request(&big), put_request(&last)};

		settle(&bench, list, 3);
		assert_int_equal(list[0].err, 0);
		assert_int_equal(list[1].err, -ENOSPC);
		assert_non_null(
			strstr(list[1].error.text, "of 64 MB (limits.flows_mb) are in use"));
		assert_int_equal(list[2].err, 0);
	}
	assert_int_equal(control_set_find(&bench.set, "big"), -1);
	assert_true(control_set_find(&bench.set, "last") >= 0);
	bench_close(&bench);
}

/* Groups and maps count, too; those that were there before the limit was reached stay. */
static void test_lookup_memory(void **state)
{
	enum { VALUES = 20000 };
	static char texts[VALUES][24];
	struct flow_entry *entries = calloc(VALUES, sizeof(*entries));
	struct flow_lookup_error e;
	struct flow_lookup *l;
	struct bench bench;

	assert_non_null(entries);
	for (unsigned i = 0; i < VALUES; i++) {
		snprintf(texts[i], sizeof(texts[i]), "10.%u.%u.0/24", i / 256, i % 256);
		entries[i] = (struct flow_entry){.label = "a", .value = texts[i]};
	}
	l = flow_lookup_build(FLOW_GROUP, "sites", entries, VALUES, &e);
	assert_non_null(l);
	free(entries);
	bench_open(&bench);
	for (unsigned round = 0; round < 2; round++) {
		struct control_request list[] = {{.change = CONTROL_PUT_LOOKUP,
			.kind = FLOW_GROUP,
			.lookup = l,
			.name = (char *)(uintptr_t) "sites"}};

		bench.limits.table_bytes = round == 0 ? 100000 : 1 << 30;
		settle(&bench, list, 1);
		assert_int_equal(list[0].err, round == 0 ? -ENOSPC : 0);
		if (round == 0)
			assert_non_null(strstr(list[0].error.text, "(limits.flows_mb) are in use"));
	}
	flow_lookup_unref(l);
	bench_close(&bench);
}

static void test_fields(void **state)
{
	static char keys[FLOW_FIELDS + 1][64], names[FLOW_FIELDS + 1][16];
	struct bench bench;
	int err = 0;

	bench_open(&bench);
	for (unsigned i = 0; i <= FLOW_FIELDS && err == 0; i++) {
		struct flow_spec spec = named(names[i], keys[i]);
		struct control_request list[1];

		snprintf(keys[i], sizeof(keys[i]), "range:tcpsourceport:1:%u", i + 1);
		snprintf(names[i], sizeof(names[i]), "n%u", i);
		list[0] = put_request(&spec);
		settle(&bench, list, 1);
		err = list[0].err;
		if (err < 0 && !strstr(list[0].error.text,
				       "all definitions together use at most 128 different keys"))
			fail_msg("%u: %s", i, list[0].error.text);
	}
	assert_int_equal(err, -ENOSPC);
	assert_int_equal(bench.set.count, FLOW_FIELDS - 1); /* the port itself is the other one */
	bench_close(&bench);
}

static void test_number(void **state)
{
	static char names[FLOW_DEFINITIONS + 1][16];
	struct bench bench;

	bench_open(&bench);
	for (unsigned i = 0; i <= FLOW_DEFINITIONS; i++) {
		struct flow_spec spec = named(names[i], "ipsource");
		struct control_request list[1];

		snprintf(names[i], sizeof(names[i]), "n%u", i);
		list[0] = put_request(&spec);
		settle(&bench, list, 1);
		assert_int_equal(list[0].err, i < FLOW_DEFINITIONS ? 0 : -ENOSPC);
		if (i == FLOW_DEFINITIONS)
			assert_string_equal(list[0].error.text,
				"there are 256 definitions, and 256 are the most: remove others");
	}
	bench_close(&bench);
}

/* ---- threads ---- */

enum { CLIENTS = 3, CHANGES = 60, NAMES = 5 };

struct world {
	struct base_hash hash;
	struct conf conf;
	struct control *control;
	struct mailbox box;
	struct seal seal;
	struct collector collector;
	struct merge *m;
	uint64_t samples;              /* the RX core's, until it is joined */
	bool stop_rx, stop_aggregator; /* atomic */
};

struct client {
	struct world *w;
	pthread_t thread;
	unsigned number;
};

static char domain;

static bool is_set(const bool *flag)
{
	return __atomic_load_n(flag, __ATOMIC_ACQUIRE);
}

static void set(bool *flag)
{
	__atomic_store_n(flag, true, __ATOMIC_RELEASE);
}

static void *rx(void *arg)
{
	struct world *w = arg;
	struct base_addr agent = core_agent(1);

	base_rcu_online();
	while (!is_set(&w->stop_rx)) {
		struct window *window = seal_current(&w->seal);
		struct bytes_ip ip = core_ip((uint32_t)w->samples % 50, 1, 100);
		struct wire dg = {.len = 0};

		w->samples++;
		bytes_datagram(&dg, &agent, 0, (uint32_t)w->samples, 1000, 1);
		core_flow(&dg, 1, (uint32_t)w->samples, 10, &ip);
		window->ingress[INGRESS_DATAGRAMS]++;
		collect_datagram(&w->collector, window, NULL, dg.bytes, dg.len, w->samples);
		collect_flush(&w->collector, window);
		base_rcu_quiescent(&domain);
	}
	base_rcu_offline(&domain);
	return NULL;
}

static void seal_all(struct world *w, struct generation *g)
{
	if (g)
		generation_spare(g, 0, &w->seal);
	seal_exchange(&w->seal, 1, 1);
	seal_wait(&domain);
	merge_window(w->m, w->seal.sealed);
	if (g) {
		generation_sealed(g, 0, &w->seal);
		generation_merge(g, w->m, 0);
		mailbox_return(&w->box, g);
	} else {
		seal_give_back(&w->seal);
	}
	assert_merge_conserved(w->m);
}

static void *aggregate(void *arg)
{
	struct world *w = arg;
	unsigned rounds = 0;

	while (!is_set(&w->stop_aggregator)) {
		mailbox_sleep(&w->box, 1000000);
		seal_all(w, mailbox_take(&w->box));
		if (++rounds % 4 == 0) {
			merge_close(w->m, 0.01, rounds);
			merge_next(w->m);
		}
	}
	seal_all(w, mailbox_take(&w->box));
	merge_close(w->m, 0.01, rounds + 1);
	return NULL;
}

static void change(struct world *w, struct dice *d, const char *name)
{
	static const char *const some[] = {"ipsource", "ipdestination", "tcpsourceport", ""};
	struct flow_spec spec = named(name, some[dice_below(d, 4)]);
	struct control_error e;
	json_t *json;
	int err;

	control_touch(w->control, name);
	if (dice_below(d, 3) == 0) {
		err = control_remove(w->control, name, &e);
		assert_true(err == 0 || err == -ENOENT);
		assert_null(control_get(w->control, name));
		return;
	}
	err = control_put(w->control, &spec, &e);
	if (err < 0)
		fail_msg("%s", e.text);
	json = control_get(w->control, name);
	assert_string_equal(json_string_value(json_object_get(json, "keys")), spec.keys);
	json_decref(json);
	json = control_list(w->control);
	assert_non_null(json_object_get(json, name));
	json_decref(json);
}

static void *run_client(void *arg)
{
	struct client *c = arg;
	struct dice d = {.state = c->number};
	struct flow_spec wrong = named("wrong", "ipsorce");
	struct control_error e;

	for (unsigned i = 0; i < CHANGES; i++) {
		char name[16];

		snprintf(name, sizeof(name), "c%u.%u", c->number, dice_below(&d, NAMES));
		change(c->w, &d, name);
	}
	assert_int_equal(control_put(c->w->control, &wrong, &e), -EINVAL);
	assert_string_equal(e.in, "keys");
	assert_int_equal(e.offset, 0);
	control_tick(c->w->control);
	return NULL;
}

static struct generation_options generations(const struct world *w)
{
	static const int sockets[] = {-1};

	return (struct generation_options){.hash = &w->hash,
		.merge = {.rx_cores = 1,
			.agents = 10,
			.sources = 10,
			.expire_ms = UINT64_MAX / 2,
			.tsc_per_ms = 1},
		.limits = limits,
		.sockets = sockets};
}

/* All but the thread of the control. */
static void open_world(struct world *w)
{
	const struct agent_limits al = {.agents = 8, .sources = 8, .idle_tsc = UINT64_MAX / 2};
	const struct generation_options options = generations(w);
	struct flow_plan *plan;

	memset(w, 0, sizeof(*w));
	assert_int_equal(base_hash_init(&w->hash), 0);
	read_settings(&w->conf);
	mailbox_init(&w->box);
	w->control = control_create(&w->conf, NULL, NULL);
	assert_non_null(w->control);
	plan = control_plan(w->control);
	w->collector.hash = &w->hash;
	w->collector.agents = agent_table_create(&al, &w->hash, -1);
	assert_int_equal(flow_scratch_init(&w->collector.scratch), 0);
	seal_init(
		&w->seal, window_create(plan, &limits, -1), window_create(plan, &limits, -1), 0, 0);
	w->m = merge_create(plan, &w->hash, &options.merge);
	assert_true(w->collector.agents && w->seal.current && w->seal.spare && w->m);
	flow_plan_free(plan);
}

static void start_control(struct world *w)
{
	const struct generation_options options = generations(w);

	assert_int_equal(control_start(w->control, &options, &w->box), 0);
}

static void close_world(struct world *w)
{
	control_destroy(w->control);
	merge_destroy(w->m);
	seal_fini(&w->seal);
	agent_table_destroy(w->collector.agents);
	flow_scratch_fini(&w->collector.scratch);
	mailbox_fini(&w->box);
	conf_free(&w->conf);
}

static void test_threads(void **state)
{
	static struct world w;
	struct client clients[CLIENTS];
	pthread_t rx_thread, aggregator;

	open_world(&w);
	assert_int_equal(pthread_create(&rx_thread, NULL, rx, &w), 0);
	assert_int_equal(pthread_create(&aggregator, NULL, aggregate, &w), 0);
	for (unsigned i = 0; i < CLIENTS; i++) {
		clients[i] = (struct client){.w = &w, .number = i};
		assert_int_equal(
			pthread_create(&clients[i].thread, NULL, run_client, &clients[i]), 0);
	}
	/* Windows are there, and clients too: what they ask for waits until it can be in force. */
	nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
	start_control(&w);
	for (unsigned i = 0; i < CLIENTS; i++)
		pthread_join(clients[i].thread, NULL);
	control_stop(w.control);
	set(&w.stop_rx);
	pthread_join(rx_thread, NULL);
	set(&w.stop_aggregator);
	pthread_join(aggregator, NULL);

	assert_int_equal(w.m->imbalances, 0);
	assert_merge_conserved(w.m);
	assert_int_equal(w.m->sflow[SFLOW_FLOW_SAMPLES], w.samples);
	assert_string_equal(w.m->plan->definitions[0].name, "pairs");
	assert_int_equal(w.m->definitions[0].ever.counted, w.samples);
	close_world(&w);
}

static void *put_one(void *arg)
{
	struct world *w = arg;
	struct control_error e;

	assert_int_equal(control_put(w->control, &small, &e), -ESHUTDOWN);
	assert_string_equal(e.text, "the collector is stopping");
	return NULL;
}

/* Nobody takes the change: those who wait are told at the stop, and nothing has changed. */
static void test_stop(void **state)
{
	static struct world w;
	struct control_error e;
	json_t *json;
	pthread_t client;

	open_world(&w);
	start_control(&w);
	assert_int_equal(pthread_create(&client, NULL, put_one, &w), 0);
	while (!mailbox_sleep(&w.box, 1000000))
		;
	control_stop(w.control);
	pthread_join(client, NULL);
	assert_int_equal(control_remove(w.control, "pairs", &e), -ESHUTDOWN);
	json = control_list(w.control);
	assert_int_equal(json_object_size(json), 1);
	json_decref(json);
	close_world(&w);
}

/* The aggregator is slow: the client is told at which stage its change is, which is in force later. */
static void test_late(void **state)
{
	static struct world w;
	struct control_error e;

	open_world(&w);
	w.control->wait_ms = 1;
	assert_int_equal(control_put(w.control, &small, &e), -ETIMEDOUT);
	assert_string_equal(
		e.text, "the change of \"small\" is not in force yet: nothing has taken it up");
	start_control(&w);
	while (!mailbox_sleep(&w.box, 1000000))
		;
	assert_int_equal(control_remove(w.control, "small", &e), -ETIMEDOUT);
	assert_string_equal(e.text, "the change of \"small\" is not in force yet: the aggregation "
				    "core has not put it in force");
	assert_null(control_get(w.control, "small"));
	seal_all(&w, mailbox_take(&w.box));
	while (!mailbox_sleep(&w.box, 1000000)) /* the removal: the definition was in force */
		;
	seal_all(&w, mailbox_take(&w.box));
	control_stop(w.control);
	assert_null(control_get(w.control, "small"));
	merge_close(w.m, 0.01, 1);
	close_world(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_settle),
		cmocka_unit_test(test_lease),
		cmocka_unit_test(test_configure),
		cmocka_unit_test(test_lookup_gone),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_lookup_memory),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_number),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
