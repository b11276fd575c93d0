/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "../unit/dice.h"
#include "../unit/window/core.h"
#include "base/log.h"
#include "control_pvt.h"
#include "options.h"
#include "specs.h"

/* The owner of the definitions: clients, control, aggregator and an RX core as threads. */

static const char settings[] = "ports: [{iface: x0}]\n"
			       "flows:\n"
			       "  - {name: pairs, keys: \"ipsource,ipdestination\", value: bytes, "
			       "capacity: 1000}\n";
static const struct window_limits limits = {.agents = 8, .sources = 8, .counter_bytes = 4096};

static void read_settings(struct conf *conf)
{
	struct conf_error e;

	conf_init(conf);
	if (conf_parse(conf, "f", settings, strlen(settings), &e) < 0)
		fail_msg("%s", e.text);
}

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
	struct window *first;

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
	first = window_create(plan, &limits, -1);
	assert_non_null(first);
	seal_init(&w->seal, first, window_create_beside(first, -1), 0, 0);
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

static bool is_in_force(const struct world *w, const char *name)
{
	json_t *json = control_get(w->control, name);
	bool there = json;

	json_decref(json);
	return there;
}

/* The settings of the world, and more of them. */
static struct options options_with(const char *more)
{
	struct options o = {.data = flow_data_create(NULL)};
	char text[32768];
	struct conf_error e;

	snprintf(text, sizeof(text), "%s%s", settings, more);
	conf_init(&o.conf);
	if (conf_parse(&o.conf, "f", text, strlen(text), &e) < 0)
		fail_msg("%s", e.text);
	return o;
}

static int configure(struct world *w, const char *more, const char *before)
{
	struct options next = options_with(more), now = options_with(before);
	struct control_error e;
	int err = control_configure(w->control, &next, &now, false, &e);

	flow_data_unref(next.data);
	flow_data_unref(now.data);
	conf_free(&next.conf);
	conf_free(&now.conf);
	return err;
}

/* More definitions than there can be, with one that was put. */
static const char *too_many(const char *agents)
{
	static char text[32768];
	struct base_text t = base_text(text, sizeof(text));

	for (unsigned i = 1; i < FLOW_DEFINITIONS; i++)
		base_text_printf(&t, "  - {name: f%u, keys: ipsource, value: bytes}\n", i);
	base_text_printf(&t, "%s", agents);
	return text;
}

/*
 * Who sends follows the configuration, and stays through changes of definitions, through a configuration that says the
 * same of it, and through one that is refused.
 */
static void test_senders(void **state)
{
	static const char two[] = "agents: [{address: 198.51.100.1, sampling_rate: 2}]\n",
			  three[] = "agents: [{address: 198.51.100.1, sampling_rate: 3}]\n",
			  more[] = "  - {name: more, keys: ipsource, value: bytes}\n"
				   "agents: [{address: 198.51.100.1, sampling_rate: 2}]\n";
	static struct world w;
	const struct agent_senders *first;
	struct control_error e;
	pthread_t rx_thread, aggregator;

	open_world(&w);
	assert_int_equal(pthread_create(&rx_thread, NULL, rx, &w), 0);
	assert_int_equal(pthread_create(&aggregator, NULL, aggregate, &w), 0);
	start_control(&w);
	assert_null(w.control->senders);
	assert_int_equal(configure(&w, two, ""), 0);
	first = w.control->senders;
	assert_non_null(first);
	assert_int_equal(control_put(w.control, &small, &e), 0);
	assert_ptr_equal(w.control->senders, first);
	assert_int_equal(configure(&w, more, two), 0);
	assert_true(is_in_force(&w, "more"));
	assert_ptr_equal(w.control->senders, first);
	assert_int_equal(configure(&w, too_many(three), more), -ENOSPC);
	assert_ptr_equal(w.control->senders, first);
	assert_int_equal(first->references, 3); /* both windows have it, too */
	assert_int_equal(configure(&w, three, more), 0);
	assert_non_null(w.control->senders);
	assert_int_equal(w.control->senders->rates[1], 3);
	assert_int_equal(configure(&w, "", three), 0);
	assert_null(w.control->senders);
	control_stop(w.control);
	set(&w.stop_rx);
	pthread_join(rx_thread, NULL);
	set(&w.stop_aggregator);
	pthread_join(aggregator, NULL);
	assert_int_equal(w.m->sflow[SFLOW_FLOW_SAMPLES], w.samples);
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

static void assert_late(int err, const struct control_error *e, const char *text)
{
	assert_int_equal(err, -ETIMEDOUT);
	assert_string_equal(e->text, text);
}

/* Somebody who does not wait is told what for; what cannot be made then is told by the log alone. */
static void test_late(void **state)
{
	static const char held[] =
		"others are before it: the aggregation core has not taken the new "
		"tables up";
	const struct flow_spec other = named("other", "ipdestination");
	static struct world w;
	struct control_error e;
	char *log = NULL, text[256];
	size_t len;
	FILE *out = open_memstream(&log, &len);
	int err;

	base_log_set_output(out);
	open_world(&w);
	w.control->wait_ms = 1;
	err = control_put(w.control, &small, &e);
	assert_late(err, &e,
		"flow definition \"small\" is not known to be in force yet: nothing has taken it "
		"up");
	start_control(&w);
	while (!mailbox_sleep(&w.box, 1000000))
		;
	err = control_put(w.control, &other, &e);
	snprintf(text, sizeof(text),
		"flow definition \"other\" is not known to be in force yet: %s", held);
	assert_late(err, &e, text);
	err = control_remove(w.control, "none", &e);
	snprintf(text, sizeof(text), "flow definition \"none\" is not known to be in force yet: %s",
		held);
	assert_late(err, &e, text);
	assert_false(is_in_force(&w, "small"));
	seal_all(&w, mailbox_take(&w.box));
	while (!mailbox_sleep(&w.box, 1000000)) /* "other": so "small" was put in force */
		;
	assert_true(is_in_force(&w, "small"));
	seal_all(&w, mailbox_take(&w.box));
	control_stop(w.control);
	base_log_set_output(NULL);
	fclose(out);
	assert_true(is_in_force(&w, "other"));
	assert_non_null(
		strstr(log, "\"none\", which was late, is refused: there is no flow definition"));
	free(log);
	merge_close(w.m, 0.01, 1);
	close_world(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_senders),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
