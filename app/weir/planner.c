/* SPDX-License-Identifier: BSD-3-Clause */
#include "planner.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "access.h"
#include "base/clock.h"
#include "base/log.h"
#include "metric/filter.h"
#include "window/snapshot.h"

BASE_LOG_TYPE(log_planner, "capacity");

enum {
	PLANNER_WALK_MS = 5000,  /* between two looks at all interfaces, */
	PLANNER_WALK_SHARE = 20, /* and at least so many times as long as one takes */
	PLANNER_PIECE = 4096,    /* sources looked at in one section of reading */
	PLANNER_RECORDS = 1000,  /* written in a step: 10,000 a second */
	PLANNER_STEP_MS = 100,
	PLANNER_REST_MS = 1000,
	PLANNER_ERROR = 256,
};

#define CLOCK_NS INT64_C(3600000000000)

/* The metrics that are looked at, within a section of reading; NULL: no source has it. */
struct names {
	const struct metric_name *values[CAPACITY_METRICS], *speed, *ifname;
	const struct metric_name *attributes[CAPACITY_GROUPS][METRIC_FILTER_NAMES]; /* of groups */
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
	unsigned left;     /* sources of this piece */
	int64_t offset_ns; /* of the wall clock to the monotonic one, at the last look; 0: none yet */
	uint64_t steady_ns; /* monotonic: the wall clock was set an hour before */

	/* Under the mutex. */
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	bool stop;
	bool walking;
	bool abandoned; /* by planner_stop(): metrics are gone; the thread alone has the planner */
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

static bool is_agent(const char *name)
{
	return strcmp(name, "agent") == 0;
}

/* Attribute `i` of group `g`: the address of the interface's agent, or a metric, perhaps its host's. */
static bool attribute(const struct planner *p, const struct metric_source *src, unsigned g,
	unsigned i, char addr[BASE_ADDR_TEXT], struct metric_value *v)
{
	const struct metric_name *metric = p->names.attributes[g][i];

	if (is_agent(metric_filter_name(p->filters[g], i))) {
		base_addr_print(metric_agent_addr(metric_source_agent(src)), addr);
		*v = (struct metric_value){.text = addr, .len = (uint32_t)strlen(addr)};
		return true;
	}
	return metric && metric_inherited_value(src, metric, v);
}

static bool is_member(const struct planner *p, const struct metric_source *src, unsigned g)
{
	const struct metric_filter *f = p->filters[g];
	char addr[BASE_ADDR_TEXT];
	struct metric_value v;

	for (unsigned i = 0; i < metric_filter_count(f); i++) {
		bool there = attribute(p, src, g, i, addr, &v);

		if (!metric_filter_fits(f, i, there ? &v : NULL))
			return false;
	}
	return true;
}

static uint64_t groups_of(const struct planner *p, const struct metric_source *src)
{
	uint64_t groups = 0;

	for (unsigned i = 0; i < p->filter_count; i++) {
		if (is_member(p, src, i))
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

static void look_at(const struct planner *p, const struct metric_source *src)
{
	const struct base_addr *agent = metric_agent_addr(metric_source_agent(src));
	const struct sflow_source id = metric_source_id(src);
	char name[CAPACITY_NAME];
	struct capacity_news news = {.mask = 0};
	struct capacity_link *l;
	struct metric_value v;

	if (id.class != 0 || id.index == 0 || !number(src, p->names.speed, &v))
		return;
	l = capacity_link_find(p->capacity, agent, id.index);
	if (l && !capacity_link_wants(l, v.time_ms))
		return;
	news.time_ms = v.time_ms;
	news.speed = v.value;
	read_news(p, src, &news, name);
	if (!l && news.mask) /* with its first rates, which no single record has */
		l = capacity_link_get(p->capacity, agent, id.index);
	if (!l || !capacity_link_is_of(p->capacity, l, metric_source_sub_agent(src), v.time_ms))
		return;
	if (capacity_link_wants_groups(l, v.time_ms))
		capacity_link_set_groups(l, v.time_ms, groups_of(p, src));
	capacity_link_take(p->capacity, l, &news);
}

static bool look(void *ctx, const struct metric_source *src)
{
	struct planner *p = ctx;

	look_at(p, src);
	return --p->left > 0;
}

static const struct metric_name *find(const struct planner *p, const char *name)
{
	return metric_name_find(p->metrics, name, strlen(name));
}

static void find_names(struct planner *p)
{
	for (unsigned m = 0; m < CAPACITY_METRICS; m++)
		p->names.values[m] = find(p, capacity_metric_names[m]);
	p->names.speed = find(p, "ifspeed");
	p->names.ifname = find(p, "ifname");
	for (unsigned g = 0; g < p->filter_count; g++) {
		for (unsigned i = 0; i < metric_filter_count(p->filters[g]); i++)
			p->names.attributes[g][i] = find(p, metric_filter_name(p->filters[g], i));
	}
}

/* In pieces: a section of reading holds up the memory of the aggregator, and those who ask wait for all of it. */
static void look_at_all(struct planner *p)
{
	uint32_t place = 0;

	do {
		p->left = PLANNER_PIECE;
		capacity_begin(p->capacity); /* may wait, so not within the section */
		metric_read_lock();
		find_names(p);
		place = metric_each_source_from(p->metrics, place, look, p);
		metric_read_unlock();
		capacity_end(p->capacity);
	} while (place < metric_source_bound(p->metrics));
}

/* ---- the thread ---- */

/*
 * Whether the wall clock was set, by an hour or more, within the last hour: for so long it is left open
 * whether it is right now, or was before.
 */
static bool is_clock_new(struct planner *p)
{
	uint64_t mono_ns = base_clock_mono_ns();
	int64_t offset_ns = (int64_t)(base_clock_wall_ns() - mono_ns);

	if (p->offset_ns && llabs(offset_ns - p->offset_ns) >= CLOCK_NS) {
		p->steady_ns = mono_ns + CLOCK_NS;
		base_log(&log_planner, BASE_LOG_WARNING,
			"the clock was set: days of interfaces are made an hour later");
	}
	p->offset_ns = offset_ns;
	return mono_ns < p->steady_ns;
}

/* Unless the planner is abandoned: then metrics may be gone. */
static void walk(struct planner *p)
{
	pthread_mutex_lock(&p->mutex);
	p->walking = !p->abandoned;
	pthread_mutex_unlock(&p->mutex);
	if (!p->walking)
		return;
	look_at_all(p);
	pthread_mutex_lock(&p->mutex);
	p->walking = false;
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->mutex);
}

/* @return when to look again, monotonic */
static uint64_t walk_and_plan(struct planner *p)
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
			next_ns = walk_and_plan(p);
		capacity_hold_days(p->capacity, is_clock_new(p));
		more = capacity_tick(p->capacity, base_clock_wall_ns() / 1000000, PLANNER_RECORDS);
	} while (rest(p, more ? PLANNER_STEP_MS : PLANNER_REST_MS));
	walk(p);
	window_exchange_unregister();
	return NULL;
}

/* ---- life ---- */

static int make_capacity(struct planner *p, const struct conf *c)
{
	const struct publish_access access = access_redis(c);
	struct capacity_options o = {.url = c->redis.url,
		.access = &access,
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
	sigdelset(&all, SIGSYS); /* of a filter: app/weir/sandbox.h */
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

static bool join(struct planner *p, uint64_t timeout_ms)
{
	uint64_t end = base_clock_wall_ns() + timeout_ms * 1000000;
	const struct timespec until = {
		.tv_sec = (time_t)(end / 1000000000), .tv_nsec = (long)(end % 1000000000)};

	return pthread_timedjoin_np(p->thread, NULL, &until) == 0;
}

/* Leave all to the thread, to the end of the process: it looks at no metrics from here on. */
static void abandon(struct planner *p)
{
	pthread_mutex_lock(&p->mutex);
	p->abandoned = true;
	while (p->walking)
		pthread_cond_wait(&p->changed, &p->mutex);
	pthread_mutex_unlock(&p->mutex);
	pthread_detach(p->thread);
	base_log(&log_planner, BASE_LOG_ERROR,
		"capacity planning hangs, perhaps in asking for the address of Redis: what it has "
		"not written is lost");
}

/* The thread may hang where nothing can cut it: a name server may take long to say where Redis is. */
void planner_stop(struct planner *p, uint64_t timeout_ms)
{
	if (!p || !p->started)
		return;
	pthread_mutex_lock(&p->mutex);
	p->stop = true;
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->mutex);
	p->started = false;
	if (join(p, timeout_ms))
		capacity_finish(p->capacity, timeout_ms);
	else
		abandon(p);
}

void planner_free(struct planner *p)
{
	if (!p || p->abandoned)
		return;
	capacity_destroy(p->capacity);
	for (unsigned i = 0; i < p->filter_count; i++)
		metric_filter_destroy(p->filters[i]);
	pthread_cond_destroy(&p->changed);
	pthread_mutex_destroy(&p->mutex);
	free(p);
}
