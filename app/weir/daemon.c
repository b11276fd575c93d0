/* SPDX-License-Identifier: BSD-3-Clause */
#include "daemon_pvt.h"

#include <errno.h>
#include <rte_cycles.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <stdlib.h>
#include <string.h>

#include "access.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memb.h"
#include "base/memory.h"
#include "confined.h"
#include "eal.h"
#include "interfaces.h"
#include "losses.h"
#include "names.h"
#include "nic.h"
#include "privileges.h"
#include "serve.h"
#include "telemetry.h"
#include "thresholds.h"

enum {
	DAEMON_PUBLISH_MS = 2000, /* how long the last window may take to be published */
	DAEMON_STEPS = 4096,      /* steps of histories that wait for Redis */
};

BASE_LOG_TYPE(log_weir, "weir");

int daemon_fail(struct conf_error *e, int err, const char *what)
{
	snprintf(e->text, sizeof(e->text), "%s: %s", what, strerror(-err));
	return err;
}

/* What windows leave behind for others: events and flow records. */
static int make_rings(struct daemon *d, struct conf_error *e)
{
	const struct conf *c = &d->options->conf;
	const struct ring_options events = {
		.id = "eventID", .size = c->limits.events, .view = c->limits.recent};
	const struct ring_options records = {
		.id = "flowID", .size = c->limits.records, .view = c->limits.recent};
	const struct ring_options steps = {
		.id = "stepID", .size = DAEMON_STEPS, .view = DAEMON_STEPS};

	d->events = ring_create(&events);
	d->records = ring_create(&records);
	d->steps = ring_create(&steps);
	d->history = d->steps ? history_create(c->redis.url[0] ? d->steps : NULL) : NULL;
	d->thresholds =
		(struct threshold_keeper){thresholds_create(), d->store, PTHREAD_MUTEX_INITIALIZER};
	if (!d->events || !d->records || !d->history || !d->thresholds.set)
		return daemon_fail(e, -ENOMEM, "events");
	return thresholds_load(&d->thresholds, c) < 0 ? daemon_fail(e, -ENOMEM, "thresholds") : 0;
}

static void renew_store(void *ctx)
{
	store_renew(ctx);
}

static int start_publisher(struct daemon *d, struct conf_error *e)
{
	const struct conf *c = &d->options->conf;
	const struct publish_access access = access_redis(c);
	const struct publish_options o = {.url = c->redis.url,
		.access = &access,
		.prefix = c->redis.prefix,
		.collector = c->collector,
		.expire_ms = c->limits.expire_ms,
		.events = d->events,
		.records = d->records,
		.events_length = c->redis.events,
		.records_length = c->redis.records,
		.steps = d->steps,
		.metrics = d->aggregate.merge->metrics,
		.lost = renew_store,
		.lost_ctx = d->store};

	d->exchange = window_exchange_create();
	if (!d->exchange)
		return daemon_fail(e, -ENOMEM, "snapshots");
	if (telemetry_start(d->exchange) < 0)
		base_log(&log_weir, BASE_LOG_WARNING, "DPDK's telemetry has no counters of weir");
	if (c->redis.url[0] == '\0')
		return 0;
	d->publish = publish_start(&o, d->exchange, e->text, sizeof(e->text));
	return d->publish ? 0 : -errno;
}

/* Not while a capture is read once: its hours are over. */
static int start_planner(struct daemon *d, struct conf_error *e)
{
	const struct options *o = d->options;

	if (o->conf.redis.url[0] == '\0' || o->conf.capacity.enabled != CONF_TRUE ||
		(!o->live && o->replay == PORTS_ONCE))
		return 0;
	d->planner = planner_start(&o->conf, d->aggregate.merge->metrics);
	return d->planner ? 0 : daemon_fail(e, -errno, "capacity planning");
}

/* Not while a capture is read once: there is no window until it ends. */
static int start_api(struct daemon *d, struct conf_error *e)
{
	const struct options *o = d->options;
	const struct serve_state state = {.events = d->events,
		.records = d->records,
		.history = d->history,
		.thresholds = &d->thresholds,
		.reload = &d->reload,
		.metrics = d->aggregate.merge->metrics,
		.capacity = planner_capacity(d->planner)};

	if (o->conf.api.listen[0] == '\0' || (!o->live && o->replay == PORTS_ONCE))
		return 0;
	d->api = serve_start(&o->conf, d->control, &d->topology, &state, d->exchange, e);
	return d->api ? 0 : -errno;
}

/* What all RX cores together may know. */
static uint32_t limit(unsigned each, unsigned cores)
{
	uint64_t all = (uint64_t)each * cores;

	return all < INT32_MAX ? (uint32_t)all : INT32_MAX;
}

static struct merge_options merge_options(const struct daemon *d)
{
	const struct conf *c = &d->options->conf;

	return (struct merge_options){.agents = limit(c->limits.agents, d->rx_count),
		.sources = limit(c->limits.sources, d->rx_count),
		.rx_cores = d->rx_count,
		.expire_ms = c->limits.expire_ms,
		.correct = c->correct == CONF_TRUE,
		.metrics = {.silent = c->metrics.silent,
			.agent_sources = c->metrics.agent_sources,
			.custom = c->metrics.custom,
			.names = c->metrics.names,
			.text = c->metrics.text},
		.tsc_per_ms = (double)rte_get_tsc_hz() / 1000,
		.team = d->team,
		.records = d->records,
		.interfaces = d->interfaces,
		.names = &d->names};
}

/* What the aggregator writes, and others read: before they start. */
static int make_merge(struct daemon *d, struct conf_error *e)
{
	unsigned cores = d->options->conf.cores.aggregate_count;
	struct merge_options o;

	if (cores > 1) {
		d->team = base_team_create(cores);
		if (!d->team)
			return daemon_fail(e, -ENOMEM, "aggregator");
	}
	o = merge_options(d);
	d->aggregate.merge = merge_create(d->plan, &d->hash, &o);
	return d->aggregate.merge ? 0 : daemon_fail(e, -ENOMEM, "aggregator");
}

static int start_helpers(struct daemon *d, struct conf_error *e)
{
	unsigned count = base_team_members(d->team) - 1;

	d->helpers = calloc(count + 1, sizeof(*d->helpers));
	if (!d->helpers)
		return daemon_fail(e, -ENOMEM, "aggregator");
	for (; d->helping < count; d->helping++) {
		struct aggregate_helper *h = &d->helpers[d->helping];

		*h = (struct aggregate_helper){d->team, d->helping + 1};
		if (rte_eal_remote_launch(confined_help, h, EAL_RX + d->rx_count + h->member) != 0)
			return daemon_fail(e, -EBUSY, "aggregator");
	}
	return 0;
}

static void stop_helpers(struct daemon *d)
{
	base_team_end(d->team);
	for (; d->helping > 0; d->helping--)
		confined_wait(EAL_RX + d->rx_count + d->helping, &d->helpers[d->helping - 1]);
}

static int start_aggregator(struct daemon *d, struct conf_error *e)
{
	const struct conf *c = &d->options->conf;
	const struct trigger_options triggers = {
		.thresholds = d->thresholds.set, .events = d->events, .max = c->limits.active};
	const bool redis = c->redis.url[0] != '\0';
	const struct status_queues queues = {.events = redis ? d->events : NULL,
		.records = redis ? d->records : NULL,
		.steps = redis ? d->steps : NULL};
	struct aggregate *a = &d->aggregate;

	*a = (struct aggregate){.rx = d->rx,
		.rx_count = d->rx_count,
		.merge = a->merge,
		.exchange = d->exchange,
		.history = d->history,
		.box = &d->box,
		.losses = losses_create(d->ports),
		.nic = d->nic,
		.publish = d->publish,
		.store = d->store,
		.api = d->api,
		.resolve = d->resolve,
		.ifmib = d->ifmib,
		.interfaces = d->interfaces,
		.capacity = planner_capacity(d->planner),
		.window_ns = c->window_ms * 1000000,
		.tsc_per_second = (double)rte_get_tsc_hz(),
		.once = !d->options->live && d->options->replay == PORTS_ONCE,
		.opened_tsc = rte_rdtsc(),
		.opened_ns = base_clock_wall_ns(),
		.wall_ns = base_clock_wall_ns()};
	a->totals = calloc(d->rx_count, sizeof(*a->totals));
	a->triggers = triggers_create(&triggers);
	a->status = status_create(d->rx_count, &queues);
	if (!a->totals || !a->triggers || !a->status || !a->losses)
		return daemon_fail(e, -ENOMEM, "aggregator");
	d->aggregating = rte_eal_remote_launch(confined_aggregate, a, EAL_RX + d->rx_count) == 0;
	return d->aggregating ? 0 : daemon_fail(e, -EBUSY, "aggregator");
}

static int launch_cores(struct daemon *d, struct conf_error *e)
{
	for (; d->rx_running < d->rx_count; d->rx_running++) {
		if (rte_eal_remote_launch(
			    confined_rx, d->rx[d->rx_running], EAL_RX + d->rx_running) != 0)
			return daemon_fail(e, -EBUSY, "RX core");
	}
	return 0;
}

static int start_nic(struct daemon *d, struct conf_error *e)
{
	return nic_start(d->nic, e);
}

/* Changes of definitions are taken from here on. */
static int start_control(struct daemon *d, struct conf_error *e)
{
	const struct generation_options o = {.hash = &d->hash,
		.merge = merge_options(d),
		.limits = daemon_window_limits(&d->options->conf),
		.sockets = d->sockets};
	int err = control_start(d->control, &o, &d->box);

	return err < 0 ? daemon_fail(e, err, "control") : 0;
}

static int start_store(struct daemon *d, struct conf_error *e)
{
	int err = store_start(d->store);

	return err < 0 ? daemon_fail(e, err, "store") : 0;
}

/* The definitions: those of the configuration, and what is kept. */
static int make_plan(struct daemon *d, struct conf_error *e)
{
	const struct conf *c = &d->options->conf;
	const struct publish_access access = access_redis(c);

	mailbox_init(&d->box);
	if (c->redis.url[0] && c->ephemeral != CONF_TRUE) {
		d->store = store_create(c->redis.url, &access, c->redis.prefix);
		if (!d->store)
			return daemon_fail(e, -ENOMEM, "store");
	}
	d->control = control_create(c, d->options->data, d->store);
	if (!d->control)
		return daemon_fail(e, -ENOMEM, "definitions");
	topology_owner_init(&d->topology, d->control, d->store);
	topology_restore(&d->topology);
	d->plan = control_plan(d->control);
	d->senders = control_senders(d->control);
	return 0;
}

int daemon_open(struct daemon *d, const struct options *o, struct conf_error *e)
{
	int err;

	*d = (struct daemon){.options = o, .published = true};
	err = privileges_become(&o->conf, e);
	if (err == 0)
		err = options_check_start(o, e);
	if (err < 0)
		return err;
	err = base_hash_init(&d->hash);
	if (err < 0)
		return daemon_fail(e, err, "random numbers");
	err = make_plan(d, e);
	if (err < 0)
		return err;
	reload_init(&d->reload, o, d->control, &d->topology, &d->thresholds, &d->aggregate);
	d->ports = ports_create(&o->conf, o->replay, e);
	if (!d->ports)
		return errno ? -errno : -EIO;
	err = daemon_start_eal(d, e);
	if (err == 0)
		err = ports_open(d->ports, e);
	if (err == 0)
		err = nic_create(&o->conf, d->ports, &d->nic, e);
	if (err == 0)
		err = daemon_start_cores(d, e);
	if (err == 0)
		err = ports_start(d->ports, e);
	return err;
}

static int start_reclaimer(struct daemon *d, struct conf_error *e)
{
	int err = base_memb_start();

	return err < 0 ? daemon_fail(e, err, "snapshots") : 0;
}

static int start_names(struct daemon *d, struct conf_error *e)
{
	return names_start(&d->options->conf, &d->hash, &d->names, &d->resolve, e);
}

static int start_interfaces(struct daemon *d, struct conf_error *e)
{
	return interfaces_start(&d->options->conf, &d->hash, &d->ifmib, e);
}

int daemon_launch(struct daemon *d, struct conf_error *e)
{
	int err = interfaces_open(&d->options->conf, &d->interfaces, e);

	if (err == 0)
		err = make_rings(d, e);
	if (err == 0)
		err = make_merge(d, e);
	if (err == 0)
		err = confined_open(&d->options->conf, d->ports, e);
	if (err == 0)
		err = confined_start(d, SANDBOX_RECLAIM, start_reclaimer, e);
	if (err == 0)
		err = confined_start(d, SANDBOX_REDIS, start_publisher, e);
	if (err == 0)
		err = confined_start(d, SANDBOX_REDIS, start_planner, e);
	if (err == 0)
		err = confined_start(d, SANDBOX_API, start_api, e);
	d->started_ns = base_clock_mono_ns();
	if (err == 0)
		err = confined_start(d, SANDBOX_DNS, start_names, e);
	if (err == 0)
		names_check(d->plan, d->resolve);
	if (err == 0)
		err = confined_start(d, SANDBOX_SNMP, start_interfaces, e);
	if (err == 0)
		err = start_helpers(d, e);
	if (err == 0)
		err = start_aggregator(d, e);
	if (err == 0)
		err = launch_cores(d, e);
	if (err == 0)
		err = confined_start(d, SANDBOX_NIC, start_nic, e);
	if (err == 0)
		err = confined_start(d, SANDBOX_CONTROL, start_control, e);
	if (err == 0)
		err = confined_start(d, SANDBOX_REDIS, start_store, e);
	if (err == 0)
		err = confined_main(e);
	if (err == 0)
		reload_open(&d->reload);
	return err;
}

/* RX cores log nothing. */
static void tell_broken(struct daemon *d, unsigned rx)
{
	if (rx_flag(&d->rx[rx]->tell.done))
		ports_tell_broken(d->ports, d->rx[rx]->queue, &d->rx[rx]->seen);
}

bool daemon_done(struct daemon *d)
{
	unsigned done = 0;

	for (unsigned i = 0; i < d->rx_count; i++)
		done += rx_flag(&d->rx[i]->tell.done);
	/* While others go on; at the end of all daemon_stop() tells, when it has looked at the clock. */
	for (unsigned i = 0; done < d->rx_count && i < d->rx_count; i++)
		tell_broken(d, i);
	return done == d->rx_count;
}

void daemon_tend(struct daemon *d)
{
	privileges_raise();
	ports_tend(d->ports);
	privileges_lower();
	control_tick(d->control);
	topology_tick(&d->topology, d->aggregate.merge->metrics);
}

void daemon_stop(struct daemon *d)
{
	control_stop(d->control);
	for (unsigned i = 0; i < d->rx_running; i++)
		rx_set_flag(&d->rx[i]->stop, true);
	for (unsigned i = 0; i < d->rx_running; i++)
		confined_wait(EAL_RX + i, d->rx[i]);
	nic_stop(d->nic);
	d->elapsed = (double)(base_clock_mono_ns() - d->started_ns) / 1e9;
	for (unsigned i = 0; i < d->rx_running; i++)
		tell_broken(d, i);
	if (d->aggregating) {
		rx_set_flag(&d->aggregate.stop, true);
		confined_wait(EAL_RX + d->rx_count, &d->aggregate);
	}
	d->aggregating = false;
	stop_helpers(d);
	d->aggregate.ifmib = NULL;
	ifmib_stop(d->ifmib);
	d->ifmib = NULL;
	resolve_stop(d->resolve);
	d->resolve = NULL;
	d->rx_running = 0;
	d->aggregate.api = NULL;
	if (d->planner)
		capacity_end_questions(planner_capacity(d->planner));
	api_stop(d->api);
	d->api = NULL;
	planner_stop(d->planner, DAEMON_PUBLISH_MS);
	d->aggregate.publish = NULL;
	if (d->publish)
		d->published = publish_stop(d->publish, DAEMON_PUBLISH_MS);
	d->publish = NULL;
	/* Not before the publisher, which calls it. */
	d->aggregate.store = NULL;
	store_stop(d->store, DAEMON_PUBLISH_MS);
	d->store = NULL;
	if (!d->published)
		base_log(&log_weir, BASE_LOG_WARNING,
			"the last window, or events and records, were not published: Redis is "
			"away");
}

void daemon_free(struct daemon *d)
{
	planner_free(d->planner);
	triggers_destroy(d->aggregate.triggers);
	merge_destroy(d->aggregate.merge);
	base_team_destroy(d->team);
	free(d->helpers);
	names_destroy(d->interfaces);
	names_destroy(d->aggregate.configured);
	free(d->aggregate.totals);
	telemetry_stop();
	window_exchange_destroy(d->exchange);
	status_destroy(d->aggregate.status); /* its rows are those of snapshots, too */
	losses_destroy(d->aggregate.losses); /* so are these */
	thresholds_destroy(d->thresholds.set);
	ring_destroy(d->events);
	ring_destroy(d->records);
	history_destroy(d->history);
	ring_destroy(d->steps);
	for (unsigned i = 0; i < d->rx_count; i++) {
		seal_fini(&d->rx[i]->seal);
		agent_table_destroy(d->rx[i]->collector.agents);
		flow_scratch_fini(&d->rx[i]->collector.scratch);
		ingress_destroy(d->rx[i]->ingress);
		base_memory_free(d->rx[i], sizeof(*d->rx[i]));
	}
	free(d->rx);
	flow_census_destroy(d->census);
	free(d->sockets);
	reload_fini(&d->reload);
	topology_owner_fini(&d->topology);
	control_destroy(d->control);
	flow_plan_free(d->plan);
	agent_senders_unref(d->senders);
	if (d->control)
		mailbox_fini(&d->box);
	privileges_raise();
	ports_destroy(d->ports);
	nic_destroy(d->nic);
	privileges_lower();
	if (d->eal)
		eal_stop();
	confined_close();
}
