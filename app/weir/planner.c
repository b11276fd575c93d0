/* SPDX-License-Identifier: BSD-3-Clause */
#include "planner.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "metric/filter.h"
#include "window/snapshot.h"

enum {
	PLANNER_WALK_MS = 5000,  /* between two looks at all interfaces, */
	PLANNER_WALK_SHARE = 20, /* and at least so many times as long as one takes */
	PLANNER_RECORDS = 1000,  /* written in a step: 10,000 a second */
	PLANNER_STEP_MS = 100,
	PLANNER_REST_MS = 1000,
	PLANNER_ERROR = 256,
};

/* The metrics that are looked at, by name; NULL: no source has had it yet. */
struct names {
	const struct metric_name *values[CAPACITY_METRICS], *speed, *ifname;
};

struct planner {
	/* Written before the thread starts, then constant. */
	struct capacity *capacity;
	const struct metric_store *metrics;
	struct metric_filter *filters[CAPACITY_GROUPS];
	unsigned filter_count;
	pthread_t thread;
	bool started;

	/* The thread's. */
	struct names names;

	/* Under the mutex. */
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	bool stop;
};

/* ---- groups ---- */

static int add_pattern(struct metric_filter *f, const struct conf *c, const struct conf_labelled *v,
	struct conf_error *e)
{
	char error[PLANNER_ERROR];

	if (metric_filter_add(f, v->label, v->value, error, sizeof(error)) == 0)
		return 0;
	conf_error_at(e, c->file, v->at, "capacity.groups: %s", error);
	return -EINVAL;
}

static struct metric_filter *make_filter(
	const struct conf *c, const struct conf_lookup *group, struct conf_error *e)
{
	struct metric_filter *f = metric_filter_create();
	int err = f ? 0 : -ENOMEM;

	if (group->file || group->count == 0) {
		conf_error_at(e, c->file, group->at,
			"capacity.groups: \"%s\" has no attributes; write one at least, with "
			"patterns, as in {ifname: [\"Ethernet49*\"]}",
			group->name);
		err = -EINVAL;
	}
	for (unsigned i = 0; err == 0 && i < group->count; i++)
		err = add_pattern(f, c, &group->values[i], e);
	if (err == 0)
		return f;
	metric_filter_destroy(f);
	return NULL;
}

int planner_check(const struct conf *c, struct conf_error *e)
{
	for (unsigned i = 0; i < c->capacity.group_count; i++) {
		struct metric_filter *f = make_filter(c, &c->capacity.groups[i], e);

		if (!f)
			return -EINVAL;
		metric_filter_destroy(f);
	}
	return 0;
}

/* An attribute of an interface: the address of its agent, or a metric, perhaps its host's. */
static bool attribute(const struct planner *p, const struct metric_source *src, const char *name,
	char addr[BASE_ADDR_TEXT], struct metric_value *v)
{
	const struct metric_name *metric;

	if (strcmp(name, "agent") == 0) {
		base_addr_print(metric_agent_addr(metric_source_agent(src)), addr);
		*v = (struct metric_value){.text = addr, .len = (uint32_t)strlen(addr)};
		return true;
	}
	metric = metric_name_find(p->metrics, name, strlen(name));
	return metric && metric_inherited_value(src, metric, v);
}

static bool is_member(
	const struct planner *p, const struct metric_source *src, const struct metric_filter *f)
{
	char addr[BASE_ADDR_TEXT];
	struct metric_value v;

	for (unsigned i = 0; i < metric_filter_count(f); i++) {
		bool there = attribute(p, src, metric_filter_name(f, i), addr, &v);

		if (!metric_filter_fits(f, i, there ? &v : NULL))
			return false;
	}
	return true;
}

static uint64_t groups_of(const struct planner *p, const struct metric_source *src)
{
	uint64_t groups = 0;

	for (unsigned i = 0; i < p->filter_count; i++) {
		if (is_member(p, src, p->filters[i]))
			groups |= UINT64_C(1) << i;
	}
	return groups;
}

/* ---- interfaces ---- */

static bool number(
	const struct metric_source *src, const struct metric_name *name, struct metric_value *v)
{
	return name && metric_source_value(src, name, v) && v->number && isfinite(v->value) &&
	       v->value >= 0;
}

static void read_news(const struct planner *p, const struct metric_source *src,
	struct capacity_news *news, char name[CAPACITY_NAME])
{
	struct metric_value v;

	for (unsigned m = 0; m < CAPACITY_METRICS; m++) {
		if (!number(src, p->names.values[m], &v) || v.time_ms != news->time_ms)
			continue;
		news->values[m] = v.value;
		news->mask |= (uint8_t)(1u << m);
	}
	if (p->names.ifname && metric_source_value(src, p->names.ifname, &v) && !v.number) {
		snprintf(name, CAPACITY_NAME, "%.*s", (int)v.len, v.text);
		news->name = name;
	}
}

static bool look(void *ctx, const struct metric_source *src)
{
	const struct planner *p = ctx;
	const struct sflow_source id = metric_source_id(src);
	char name[CAPACITY_NAME];
	struct capacity_news news = {.mask = 0};
	struct capacity_link *l;
	struct metric_value v;

	if (id.class != 0 || id.index == 0 || !number(src, p->names.speed, &v))
		return true;
	l = capacity_link_get(p->capacity, metric_agent_addr(metric_source_agent(src)), id.index);
	if (!l || !capacity_link_wants(l, v.time_ms))
		return true;
	news.time_ms = v.time_ms;
	news.speed = v.value;
	read_news(p, src, &news, name);
	if (capacity_link_wants_groups(l, v.time_ms))
		capacity_link_set_groups(l, v.time_ms, groups_of(p, src));
	capacity_link_take(p->capacity, l, &news);
	return true;
}

static const struct metric_name *find(const struct planner *p, const char *name)
{
	return metric_name_find(p->metrics, name, strlen(name));
}

static void walk(struct planner *p)
{
	metric_read_lock();
	for (unsigned m = 0; m < CAPACITY_METRICS; m++)
		p->names.values[m] = find(p, capacity_metric_names[m]);
	p->names.speed = find(p, "ifspeed");
	p->names.ifname = find(p, "ifname");
	capacity_begin(p->capacity);
	metric_each_source(p->metrics, NULL, look, p);
	capacity_end(p->capacity);
	metric_read_unlock();
}

/* ---- the thread ---- */

/* @return when to look again, monotonic */
static uint64_t look_at_all(struct planner *p)
{
	uint64_t begin_ns = base_clock_mono_ns(), end_ns, pause_ns;

	walk(p);
	end_ns = base_clock_mono_ns();
	pause_ns = (end_ns - begin_ns) * PLANNER_WALK_SHARE;
	if (pause_ns < PLANNER_WALK_MS * UINT64_C(1000000))
		pause_ns = PLANNER_WALK_MS * UINT64_C(1000000);
	return end_ns + pause_ns;
}

/* @return false: the end */
static bool rest(struct planner *p, unsigned ms)
{
	uint64_t end = base_clock_mono_ns() + ms * UINT64_C(1000000);
	const struct timespec until = {
		.tv_sec = (time_t)(end / 1000000000), .tv_nsec = (long)(end % 1000000000)};
	bool going;

	pthread_mutex_lock(&p->mutex);
	while (!p->stop && pthread_cond_timedwait(&p->changed, &p->mutex, &until) != ETIMEDOUT)
		;
	going = !p->stop;
	pthread_mutex_unlock(&p->mutex);
	return going;
}

static void *run(void *arg)
{
	struct planner *p = arg;
	uint64_t next_ns = 0;
	bool more;

	window_exchange_register();
	do {
		if (base_clock_mono_ns() >= next_ns)
			next_ns = look_at_all(p);
		more = capacity_tick(p->capacity, base_clock_wall_ns() / 1000000, PLANNER_RECORDS);
	} while (rest(p, more ? PLANNER_STEP_MS : PLANNER_REST_MS));
	walk(p);
	window_exchange_unregister();
	return NULL;
}

/* ---- life ---- */

static int make_capacity(struct planner *p, const struct conf *c)
{
	struct capacity_options o = {.url = c->redis.url,
		.prefix = c->redis.prefix,
		.links = c->capacity.interfaces,
		.hours_kept = c->capacity.keep_hours,
		.days_kept = c->capacity.keep_days,
		.group_count = c->capacity.group_count};
	struct conf_error e;

	for (unsigned i = 0; i < o.group_count; i++) {
		o.groups[i] = c->capacity.groups[i].name;
		p->filters[i] = make_filter(c, &c->capacity.groups[i], &e);
		if (!p->filters[i])
			return -ENOMEM;
		p->filter_count++;
	}
	p->capacity = capacity_create(&o);
	return p->capacity ? 0 : -errno;
}

static int start_thread(struct planner *p)
{
	sigset_t all, old;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	rc = pthread_create(&p->thread, NULL, run, p);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	p->started = rc == 0;
	return -rc;
}

struct planner *planner_start(const struct conf *c, const struct metric_store *metrics)
{
	struct planner *p = calloc(1, sizeof(*p));
	pthread_condattr_t attr;
	int err;

	if (!p)
		return NULL;
	p->metrics = metrics;
	pthread_mutex_init(&p->mutex, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&p->changed, &attr);
	pthread_condattr_destroy(&attr);
	err = make_capacity(p, c);
	if (err == 0)
		err = start_thread(p);
	if (err == 0)
		return p;
	planner_free(p);
	errno = -err;
	return NULL;
}

struct capacity *planner_capacity(const struct planner *p)
{
	return p ? p->capacity : NULL;
}

void planner_stop(struct planner *p, uint64_t timeout_ms)
{
	if (!p || !p->started)
		return;
	pthread_mutex_lock(&p->mutex);
	p->stop = true;
	pthread_cond_signal(&p->changed);
	pthread_mutex_unlock(&p->mutex);
	pthread_join(p->thread, NULL);
	p->started = false;
	capacity_finish(p->capacity, timeout_ms);
}

void planner_free(struct planner *p)
{
	if (!p)
		return;
	capacity_destroy(p->capacity);
	for (unsigned i = 0; i < p->filter_count; i++)
		metric_filter_destroy(p->filters[i]);
	pthread_cond_destroy(&p->changed);
	pthread_mutex_destroy(&p->mutex);
	free(p);
}
