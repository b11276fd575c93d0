/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Ordering: callers enter a request under the mutex and wait for its `done`; the thread takes all
 * that wait, works without the mutex, and puts the set that is in force now under it. Entries do
 * not change, so that a caller may read one as long as it has the mutex.
 * Progress: a caller waits for two generations at most, the one under way and its own, and, but for
 * another configuration, not longer than wait_ms. Whoever has the mutex keeps it for no longer than
 * it takes to copy texts.
 */
#include "control.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "control_pvt.h"
#include "flow/spec.h"
#include "lookups.h"
#include "options.h"
#include "senders.h"
#include "store.h"

BASE_LOG_TYPE(log_control, "control");

enum {
	CONTROL_WAIT_MS = 10000,
	CONTROL_LATE_MS = 1000, /* between two words of changes that take so long */
	CONTROL_LOOK_MS = 50,   /* how soon a stop is noticed while a generation is under way */
};

/* ---- requests ---- */

void control_enter(struct control *c, struct control_request *r)
{
	r->next = NULL;
	*c->last = r;
	c->last = &r->next;
	pthread_cond_broadcast(&c->changed);
}

static struct control_request *take_all(struct control *c)
{
	struct control_request *list = c->first;

	c->taken = list;
	c->doing = "the definitions are being compiled";
	c->first = NULL;
	c->last = &c->first;
	return list;
}

/* The stage that the changes that were taken are at, for those who do not wait any longer. */
static void now_doing(struct control *c, const char *what)
{
	pthread_mutex_lock(&c->mutex);
	c->doing = what;
	pthread_mutex_unlock(&c->mutex);
}

/* Under the mutex: until the request is done. @return whether it is */
static bool wait_done(struct control *c, const struct control_request *r)
{
	uint64_t end = base_clock_mono_ns() + c->wait_ms * UINT64_C(1000000);
	const struct timespec until = {
		.tv_sec = (time_t)(end / 1000000000), .tv_nsec = (long)(end % 1000000000)};
	int rc = 0;

	/* Another configuration is in force as a whole or not at all: who asked has to know which. */
	while (!r->done && r->change == CONTROL_CONFIGURE)
		pthread_cond_wait(&c->changed, &c->mutex);
	while (!r->done && rc != ETIMEDOUT)
		rc = pthread_cond_timedwait(&c->changed, &c->mutex, &until);
	return r->done;
}

static bool is_among(const struct control_request *list, const struct control_request *r)
{
	while (list && list != r)
		list = list->next;
	return list;
}

/* Under the mutex: what is said of a change that somebody does not wait for any longer. */
static int refuse_late(
	const struct control *c, const struct control_request *r, struct control_error *e)
{
	struct control_what what = control_request_what(r);

	return control_refuse(e, -ETIMEDOUT, "%s is not known to be in force yet: %s%s", what.text,
		!c->taken || is_among(c->taken, r) ? "" : "others are before it: ",
		c->taken ? c->doing : "nothing has taken it up");
}

static void make_changes(struct control *c, struct control_request *list);

/* Main, before the plan is given out; under the mutex. @return true: it is done */
static bool do_now(struct control *c, const struct control_request *r)
{
	struct control_request *list = take_all(c);

	pthread_mutex_unlock(&c->mutex);
	make_changes(c, list);
	pthread_mutex_lock(&c->mutex);
	return r->done;
}

/* Have a request carried out; it is freed. NULL: out of memory. */
static int carry_out(struct control *c, struct control_request *r, struct control_error *e)
{
	static struct base_log_limit late;
	int err = -ESHUTDOWN;
	bool done = true;

	if (!r)
		return control_refuse(e, -ENOMEM, "out of memory");
	control_refuse(&r->error, 0, "the collector is stopping");
	pthread_mutex_lock(&c->mutex);
	if (!c->stop) {
		r->watched = true;
		control_enter(c, r);
		done = c->given ? wait_done(c, r) : do_now(c, r);
		r->watched = done;
		err = r->err;
	}
	if (done)
		*e = r->error;
	else
		err = refuse_late(c, r, e);
	pthread_mutex_unlock(&c->mutex);
	if (done)
		control_request_free(r);
	else
		base_log_rate_limited(
			&late, CONTROL_LATE_MS, &log_control, BASE_LOG_WARNING, "%s", e->text);
	return err;
}

struct flow_data *control_data(struct control *c)
{
	struct flow_data *data;

	pthread_mutex_lock(&c->mutex);
	data = flow_data_ref(c->plan->data);
	pthread_mutex_unlock(&c->mutex);
	return data;
}

static int check(struct control *c, const struct flow_spec *spec, struct control_error *e)
{
	struct flow_data *data = control_data(c);
	int err = control_check(spec, data, e);

	flow_data_unref(data);
	return err;
}

static bool equal(const struct flow_spec *a, const struct flow_spec *b)
{
	json_t *ja = flow_spec_json(a), *jb = flow_spec_json(b);
	bool same = json_equal(ja, jb);

	json_decref(ja);
	json_decref(jb);
	return same;
}

/* Clients put what they want to be there again and again: nothing is to be done then. */
static bool is_there(struct control *c, const struct flow_spec *spec)
{
	bool there = false;
	int at;

	pthread_mutex_lock(&c->mutex);
	at = c->taken || c->first || c->stop ? -1 : control_set_find(&c->set, spec->name);
	if (at >= 0 && c->set.entries[at]->put && equal(c->set.entries[at]->spec, spec)) {
		control_entry_touch(c->set.entries[at]);
		there = true;
	}
	pthread_mutex_unlock(&c->mutex);
	return there;
}

int control_put(struct control *c, const struct flow_spec *spec, struct control_error *e)
{
	int err;

	if (is_there(c, spec))
		return 0;
	err = check(c, spec, e);
	return err < 0 ? err : carry_out(c, control_request_put(spec), e);
}

int control_remove(struct control *c, const char *name, struct control_error *e)
{
	return carry_out(c, control_request_create(CONTROL_REMOVE, name), e);
}

int control_put_lookup(struct control *c, struct flow_lookup *l, struct control_error *e)
{
	return carry_out(c, control_request_lookup(l), e);
}

int control_put_topology(struct control *c, struct topology *t, struct control_error *e)
{
	struct control_request *r = control_request_create(CONTROL_TOPOLOGY, "");

	if (r)
		r->topology = topology_ref(t);
	return carry_out(c, r, e);
}

int control_configure(struct control *c, const struct options *next, const struct options *now,
	bool keep, struct control_error *e)
{
	return carry_out(c, control_request_configure(next, now, keep), e);
}

int control_remove_lookup(struct control *c, enum flow_lookup_kind lookup_kind, const char *name,
	struct control_error *e)
{
	struct control_request *r = control_request_create(CONTROL_REMOVE_LOOKUP, name);

	if (r)
		r->kind = lookup_kind;
	return carry_out(c, r, e);
}

/* ---- reading ---- */

json_t *control_list(struct control *c)
{
	json_t *list = json_object();

	pthread_mutex_lock(&c->mutex);
	for (unsigned i = 0; i < c->set.count; i++) {
		const struct flow_spec *spec = c->set.entries[i]->spec;

		json_object_set_new(list, spec->name, flow_spec_json(spec));
	}
	pthread_mutex_unlock(&c->mutex);
	return list;
}

json_t *control_get(struct control *c, const char *name)
{
	json_t *json = NULL;
	int at;

	pthread_mutex_lock(&c->mutex);
	at = control_set_find(&c->set, name);
	if (at >= 0)
		json = flow_spec_json(c->set.entries[at]->spec);
	pthread_mutex_unlock(&c->mutex);
	return json;
}

void control_touch(struct control *c, const char *name)
{
	int at;

	pthread_mutex_lock(&c->mutex);
	at = control_set_find(&c->set, name);
	if (at >= 0)
		control_entry_touch(c->set.entries[at]);
	pthread_mutex_unlock(&c->mutex);
}

/* ---- leases ---- */

/* Under the mutex. */
static void let_go(struct control *c, struct control_entry *e)
{
	struct control_request *r = control_request_create(CONTROL_REMOVE, e->spec->name);

	if (!r)
		return; /* the next tick tries again */
	e->leaving = true;
	r->only = e->id;
	control_enter(c, r);
}

void control_tick(struct control *c)
{
	pthread_mutex_lock(&c->mutex);
	for (unsigned i = 0; i < c->set.count && !c->stop; i++) {
		struct control_entry *e = c->set.entries[i];

		if (!e->leaving && control_entry_is_over(e))
			let_go(c, e);
	}
	pthread_mutex_unlock(&c->mutex);
}

/* Under the mutex: it was to go, but that was refused. Another tick may try again. */
static void stay(struct control *c, const struct control_request *r)
{
	for (unsigned i = 0; i < c->set.count; i++) {
		if (c->set.entries[i]->id == r->only)
			c->set.entries[i]->leaving = false;
	}
}

/* ---- the thread ---- */

static void refuse_all(struct control_request *list, int err, const char *why)
{
	for (struct control_request *r = list; r; r = r->next) {
		if (r->err == 0)
			r->err = control_refuse(&r->error, err, "%s", why);
	}
}

/* Those of the configuration that was taken last, or those in force. */
static struct agent_senders *senders_after(
	const struct control *c, const struct control_request *list)
{
	struct agent_senders *senders = c->senders;

	for (; list; list = list->next) {
		if (list->configured && list->configured->others && list->err == 0)
			senders = list->configured->senders;
	}
	return senders;
}

/* Entries that are in the set belong to it; those that are not any more are freed. */
static void commit(struct control *c, const struct control_set *next, struct flow_plan *plan,
	struct control_request *list)
{
	struct control_set before = c->set;
	struct flow_plan *old = c->plan;
	struct agent_senders *senders = agent_senders_ref(senders_after(c, list));

	for (struct control_request *r = list; r; r = r->next)
		control_note(c, &before, r);
	pthread_mutex_lock(&c->mutex);
	c->set = *next;
	c->plan = plan;
	pthread_mutex_unlock(&c->mutex);
	flow_plan_free(old);
	agent_senders_unref(c->senders);
	c->senders = senders;
	for (struct control_request *r = list; r; r = r->next) {
		if (r->entry && control_set_has(next, r->entry))
			r->entry = NULL;
		for (unsigned i = 0; r->configured && i < r->configured->set.count; i++) {
			if (control_set_has(next, r->configured->set.entries[i]))
				r->configured->set.entries[i] = NULL;
		}
	}
	for (unsigned i = 0; i < before.count; i++) {
		if (!control_set_has(next, before.entries[i]))
			control_entry_free(before.entries[i]);
	}
}

/* Nobody waits for it any more: that it is refused is told by the log; of what Redis has, control_note() does. */
static void forget(struct control_request *list)
{
	static struct base_log_limit refused;
	struct control_request *next;

	for (; list; list = next) {
		struct control_what what = control_request_what(list);

		next = list->next;
		if (list->err < 0 && !list->loaded && !list->only)
			base_log_rate_limited(&refused, CONTROL_LATE_MS, &log_control,
				BASE_LOG_WARNING, "%s, which was late, is refused: %s", what.text,
				list->error.text);
		control_request_free(list);
	}
}

static void finish(struct control *c, struct control_request *list)
{
	struct control_request *next, *left = NULL;

	pthread_mutex_lock(&c->mutex);
	for (; list; list = next) {
		next = list->next;
		list->done = true;
		if (list->only && list->err < 0)
			stay(c, list);
		c->lookups -= list->loaded && control_of_lookup(list);
		if (list->watched)
			continue;
		list->next = left;
		left = list;
	}
	c->taken = NULL;
	pthread_cond_broadcast(&c->changed);
	pthread_mutex_unlock(&c->mutex);
	forget(left);
}

static bool stopping(struct control *c)
{
	bool stop;

	pthread_mutex_lock(&c->mutex);
	stop = c->stop;
	pthread_mutex_unlock(&c->mutex);
	return stop;
}

/* Have the aggregator put it in force. @return 0; -ESHUTDOWN where it ends before that. */
static int hand_over(struct control *c, struct generation *g)
{
	struct generation *back = NULL;
	int err = 0;

	now_doing(c, "the aggregation core has not taken the new tables up");
	mailbox_give(c->box, g);
	while (!back) {
		back = mailbox_await(c->box, CONTROL_LOOK_MS);
		if (!back && mailbox_is_taken(c->box))
			now_doing(c, "an RX core, or the merge, holds the new tables up");
		if (back || !stopping(c))
			continue;
		back = mailbox_cancel(c->box);
		err = back ? -ESHUTDOWN : 0;
	}
	now_doing(c, "tables that are not needed are being freed");
	generation_destroy(back);
	return err;
}

static int put_in_force(struct control *c, struct flow_plan *plan, struct control_request *list)
{
	struct generation *g;
	int err;

	now_doing(c, "tables are being made");
	g = generation_create(c->plan, plan, senders_after(c, list), &c->options);
	if (!g) {
		refuse_all(list, -ENOSPC, "memory for its tables ran out");
		return -ENOSPC;
	}
	err = hand_over(c, g);
	if (err < 0)
		refuse_all(list, err, "the collector is stopping");
	return err;
}

/* Without a thread there is nobody yet to put anything in force for. */
static void make_changes(struct control *c, struct control_request *list)
{
	struct control_set next;
	struct flow_plan *plan = control_settle(&c->set, c->plan, &c->limits, list, &next);

	if (plan && (!c->started || put_in_force(c, plan, list) == 0)) {
		commit(c, &next, plan, list);
	} else {
		commit(c, &c->set, flow_plan_hold(c->plan), list);
		flow_plan_free(plan);
	}
	finish(c, list);
}

static void give_up(struct control *c, struct control_request *list)
{
	refuse_all(list, -ESHUTDOWN, "the collector is stopping");
	finish(c, list);
}

static void *run(void *arg)
{
	struct control *c = arg;

	for (;;) {
		struct control_request *list;
		bool stop;

		pthread_mutex_lock(&c->mutex);
		while (!c->stop && !c->first)
			pthread_cond_wait(&c->changed, &c->mutex);
		stop = c->stop;
		list = take_all(c);
		pthread_mutex_unlock(&c->mutex);
		if (stop) {
			give_up(c, list);
			return NULL;
		}
		make_changes(c, list);
	}
}

/* ---- start and end ---- */

static size_t table_bytes(const struct conf *conf)
{
	uint64_t mb = conf->limits.flows_mb;

	if (mb == 0)
		mb = ((uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE) / 2) >>
		     20;
	return mb << 20;
}

static void init_sync(struct control *c)
{
	pthread_condattr_t attr;

	pthread_mutex_init(&c->mutex, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&c->changed, &attr);
	pthread_condattr_destroy(&attr);
}

static int add_configured(struct control *c, const struct conf *conf)
{
	for (unsigned i = 0; i < conf->flow_count; i++) {
		struct flow_spec spec = options_spec(&conf->flows[i]);
		struct control_entry *e = control_entry_create(&spec, false);

		if (!e)
			return -ENOMEM;
		c->set.entries[c->set.count++] = e;
	}
	return 0;
}

struct control *control_create(const struct conf *conf, struct flow_data *data, struct store *store)
{
	struct control *c = calloc(1, sizeof(*c));
	struct conf_error e;

	if (!c)
		return NULL;
	init_sync(c);
	c->last = &c->first;
	c->wait_ms = CONTROL_WAIT_MS;
	c->store = store;
	for (unsigned i = 0; i < conf->port_count; i++)
		c->limits.cores += conf->ports[i].queues;
	c->limits.table_bytes = table_bytes(conf);
	c->plan = options_plan(conf, data, &e);
	if (!c->plan || add_configured(c, conf) < 0 || senders_make(conf, &c->senders) < 0) {
		control_destroy(c);
		return NULL;
	}
	control_load(c);
	if (c->first)
		make_changes(c, take_all(c));
	return c;
}

struct flow_plan *control_plan(struct control *c)
{
	struct flow_plan *plan;

	pthread_mutex_lock(&c->mutex);
	/* From here on windows are made for it: what changes waits for the thread. */
	c->given = true;
	plan = flow_plan_hold(c->plan);
	pthread_mutex_unlock(&c->mutex);
	return plan;
}

struct agent_senders *control_senders(const struct control *c)
{
	return agent_senders_ref(c->senders);
}

int control_start(struct control *c, const struct generation_options *options, struct mailbox *box)
{
	sigset_t all, old;
	int rc;

	c->options = *options;
	c->box = box;
	c->started = true;
	sigfillset(&all);
	sigdelset(&all, SIGSYS); /* of a filter: app/weir/sandbox.h */
	pthread_sigmask(SIG_SETMASK, &all, &old);
	rc = pthread_create(&c->thread, NULL, run, c);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (rc)
		c->started = false;
	return -rc;
}

void control_stop(struct control *c)
{
	struct control_request *list;

	if (!c)
		return;
	pthread_mutex_lock(&c->mutex);
	c->stop = true;
	list = c->started ? NULL : take_all(c);
	pthread_cond_broadcast(&c->changed);
	pthread_mutex_unlock(&c->mutex);
	if (c->started)
		pthread_join(c->thread, NULL);
	else
		give_up(c, list);
	c->started = false;
}

void control_destroy(struct control *c)
{
	struct control_request *list, *next;

	if (!c)
		return;
	for (list = take_all(c); list; list = next) {
		next = list->next;
		control_request_free(list);
	}
	for (unsigned i = 0; i < c->set.count; i++)
		control_entry_free(c->set.entries[i]);
	flow_plan_free(c->plan);
	agent_senders_unref(c->senders);
	pthread_cond_destroy(&c->changed);
	pthread_mutex_destroy(&c->mutex);
	free(c);
}
