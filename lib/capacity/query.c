/* SPDX-License-Identifier: BSD-3-Clause */
#include "capacity/query.h"

#include <errno.h>
#include <hiredis/hiredis.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "capacity/analyse.h"
#include "capacity/capacity_pvt.h"
#include "capacity/number.h"

/*
 * Who is asked about is chosen by what is in memory, the busiest of late first; then the history of
 * each is read from Redis, some at a time, looked at and let go. So a question takes the memory of its
 * answer, and of the history of one link.
 */

enum {
	BATCH = 32,       /* links whose history is asked for at once */
	BLOCKS_MOST = 14, /* of one link: two weeks of hours, years of days */
	WAIT_S = 10,      /* for another question to be answered */
	READ_MS = 20000,  /* an answer has what was read by then */
};

const char *const capacity_measure_names[CAPACITY_MEASURES + 1] = {"utilization", "ifinutilization",
	"ifoututilization", "ifinerrors", "ifouterrors", "ifindiscards", "ifoutdiscards", NULL};
const char *const capacity_order_names[] = {
	"p95", "p50", "p99", "max", "peak", "mean", "growth", "date", NULL};
const char *const capacity_state_names[] = {"unknown", "above", "reaches", "not", NULL};

/* ---- whom it is about ---- */

/* Whether a text is like a pattern, in which * is any characters. Time: the product of the lengths. */
static bool is_like(const char *text, const char *pattern)
{
	const char *star = NULL, *from = NULL;

	while (*text) {
		if (*pattern == '*') {
			star = pattern++;
			from = text;
		} else if (*pattern == *text) {
			pattern++;
			text++;
		} else if (star) {
			pattern = star + 1;
			text = ++from;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

static bool fits(const struct capacity_question *q, const struct capacity_link *l)
{
	char index[16];

	if (l->about.since == 0)
		return false; /* never heard of */
	if (q->agent.family && !base_addr_equal(&q->agent, &l->key.agent))
		return false;
	if (!q->interface)
		return true;
	snprintf(index, sizeof(index), "%" PRIu32, l->key.index);
	return is_like(index, q->interface) || is_like(l->about.name, q->interface);
}

struct candidate {
	uint16_t rank;
	uint32_t number;
};

static int by_rank(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->rank != y->rank)
		return x->rank < y->rank ? 1 : -1;
	return (x->number > y->number) - (x->number < y->number);
}

static uint16_t rank_of(const struct capacity_question *q, const struct capacity_about *a)
{
	if (q->measure == CAPACITY_MEASURE_IN + CAPACITY_IN)
		return a->rank[0];
	if (q->measure == CAPACITY_MEASURE_IN + CAPACITY_OUT)
		return a->rank[1];
	return a->rank[0] > a->rank[1] ? a->rank[0] : a->rank[1];
}

static void describe_link(const struct capacity_link *l, struct capacity_found *f)
{
	*f = (struct capacity_found){.agent = l->key.agent,
		.index = l->key.index,
		.speed = l->about.speed,
		.since = l->about.since};
	memcpy(f->name, l->about.name, sizeof(f->name));
	capacity_hour_peek(&l->hour, &f->hour);
}

/* Under the mutex. */
static int choose_links(
	struct capacity *k, const struct capacity_question *q, struct capacity_answer *a)
{
	struct candidate *list = malloc(((size_t)k->links.count + 1) * sizeof(*list));
	uint32_t count = 0;

	if (!list)
		return -ENOMEM;
	for (uint32_t i = 0; i < k->links.count; i++) {
		if (fits(q, k->links.list[i]))
			list[count++] = (struct candidate){rank_of(q, &k->links.list[i]->about), i};
	}
	qsort(list, count, sizeof(*list), by_rank);
	a->known = count;
	a->analysed = count < CAPACITY_ANALYSED ? count : CAPACITY_ANALYSED;
	a->found = malloc(((size_t)a->analysed + 1) * sizeof(*a->found));
	for (uint32_t i = 0; a->found && i < a->analysed; i++)
		describe_link(k->links.list[list[i].number], &a->found[i]);
	free(list);
	return a->found ? 0 : -ENOMEM;
}

static void describe_group(const struct capacity_group_state *g, struct capacity_found *f)
{
	*f = (struct capacity_found){.group = g->name};
	snprintf(f->name, sizeof(f->name), "%s", g->name);
	if (capacity_group_peek(&g->group, &f->hour))
		f->speed = f->hour.speed;
}

static int choose_groups(
	struct capacity *k, const struct capacity_question *q, struct capacity_answer *a)
{
	a->found = malloc(CAPACITY_GROUPS * sizeof(*a->found));
	if (!a->found)
		return -ENOMEM;
	for (unsigned i = 0; i < k->group_count; i++) {
		if (strcmp(q->group, "*") == 0 || strcmp(q->group, k->groups[i].name) == 0)
			describe_group(&k->groups[i], &a->found[a->known++]);
	}
	a->analysed = a->known;
	return a->known || strcmp(q->group, "*") == 0 ? 0 : -ENOENT;
}

/* ---- history ---- */

/* The blocks that a question needs of each link: the same of all. */
struct reading {
	unsigned count, years;
	struct capacity_extent blocks[BLOCKS_MOST]; /* years of days, then weeks of hours */
	struct capacity_history history;
};

static uint32_t back_to(const struct capacity_question *q)
{
	uint32_t today = (uint32_t)(q->now_ms / CAPACITY_DAY_MS);
	uint32_t days = q->trend_days > q->period_days ? q->trend_days : q->period_days;

	return today > days ? today - days : 0;
}

static int plan_reading(const struct capacity_question *q, struct reading *r)
{
	uint32_t today = (uint32_t)(q->now_ms / CAPACITY_DAY_MS);
	uint32_t hour = (uint32_t)(q->now_ms / CAPACITY_HOUR_MS), day = back_to(q);
	struct capacity_history *h = &r->history;

	while (day <= today && r->count < BLOCKS_MOST - 2) {
		r->blocks[r->count] = capacity_block_of(CAPACITY_DAY, day);
		day = r->blocks[r->count].base + r->blocks[r->count].slots;
		h->day_count += r->blocks[r->count++].slots;
	}
	r->years = r->count;
	h->first_day = r->blocks[0].base;
	r->blocks[r->count++] = capacity_block_of(CAPACITY_HOUR, hour - 7 * CAPACITY_DAY_HOURS);
	r->blocks[r->count++] = capacity_block_of(CAPACITY_HOUR, hour);
	h->first_hour = r->blocks[r->years].base;
	h->hour_count = 2 * r->blocks[r->years].slots;
	h->days = malloc(h->day_count * sizeof(*h->days));
	h->hours = malloc(h->hour_count * sizeof(*h->hours));
	return h->days && h->hours ? 0 : -ENOMEM;
}

static void ask_history(struct capacity *k, const struct reading *r, const struct capacity_found *f)
{
	const struct capacity_series s = {f->agent, f->index, f->group};
	char key[CAPACITY_KEY];
	const char *argv[] = {"GET", key};

	for (unsigned i = 0; i < r->count; i++) {
		capacity_block_key(key, k->prefix, &s, i < r->years ? CAPACITY_DAY : CAPACITY_HOUR,
			r->blocks[i].number);
		capacity_redis_add(&k->reader, 2, argv);
	}
}

static void read_block(struct capacity *k, struct reading *r, unsigned i, const redisReply *reply)
{
	const struct capacity_extent *at = &r->blocks[i];
	struct capacity_history *h = &r->history;
	bool day = i < r->years;
	struct capacity_block block = {day ? CAPACITY_DAY : CAPACITY_HOUR, at->base, at->slots,
		day ? h->days + (at->base - h->first_day) : h->hours + (at->base - h->first_hour),
		0};

	memset(block.records, 0, at->slots * sizeof(*block.records));
	if (reply->type == REDIS_REPLY_STRING)
		capacity_block_read(&block, (const uint8_t *)reply->str, (size_t)reply->len);
	capacity_count(k, CAPACITY_DAMAGED, block.bad);
}

/* @return false: the connection is lost, or Redis refuses */
static bool read_history(struct capacity *k, struct reading *r)
{
	for (unsigned i = 0; i < r->count; i++) {
		redisReply *reply = capacity_redis_read(&k->reader);

		if (!reply)
			return false;
		read_block(k, r, i, reply);
		freeReplyObject(reply);
	}
	return true;
}

static void no_history(struct reading *r)
{
	memset(r->history.days, 0, r->history.day_count * sizeof(*r->history.days));
	memset(r->history.hours, 0, r->history.hour_count * sizeof(*r->history.hours));
}

/* A group's speed is that of its newest record. */
static void find_speed(const struct capacity_history *h, struct capacity_found *f)
{
	for (uint32_t i = h->hour_count; i-- > 0 && !(f->speed > 0);)
		f->speed = h->hours[i].minutes ? h->hours[i].speed : 0;
	for (uint32_t i = h->day_count; i-- > 0 && !(f->speed > 0);)
		f->speed = h->days[i].minutes ? h->days[i].speed : 0;
}

static bool is_over(const struct capacity *k, uint64_t end_ns)
{
	return base_clock_mono_ns() >= end_ns || __atomic_load_n(&k->ending, __ATOMIC_RELAXED);
}

/* Links without anything in the period leave. */
static void read_all(struct capacity *k, const struct capacity_question *q, struct reading *r,
	struct capacity_answer *a)
{
	struct capacity_found *f = a->found;
	uint64_t end_ns = base_clock_mono_ns() + READ_MS * UINT64_C(1000000);

	a->away = !capacity_redis_connect(&k->reader);
	for (uint32_t i = 0; i < a->analysed; i += BATCH) {
		uint32_t end = i + BATCH < a->analysed ? i + BATCH : a->analysed;

		if (is_over(k, end_ns)) {
			a->analysed = i;
			break;
		}
		for (uint32_t n = i; n < end && !a->away; n++)
			ask_history(k, r, &f[n]);
		for (uint32_t n = i; n < end; n++) {
			a->away = a->away || !read_history(k, r);
			if (a->away)
				no_history(r);
			find_speed(&r->history, &f[n]);
			if (capacity_analyse(q, &r->history, &f[n]))
				f[a->count++] = f[n];
		}
	}
}

/* ---- order ---- */

static double value_of(const struct capacity_found *f, enum capacity_order order)
{
	static const enum capacity_level levels[] = {[CAPACITY_BY_P95] = CAPACITY_P95,
		[CAPACITY_BY_P50] = CAPACITY_P50,
		[CAPACITY_BY_P99] = CAPACITY_P99,
		[CAPACITY_BY_MAX] = CAPACITY_MAX};
	const struct capacity_summary *s = &f->period.metrics[f->metric];

	switch (order) {
	case CAPACITY_BY_PEAK:
		return s->peak;
	case CAPACITY_BY_MEAN:
		return s->mean;
	case CAPACITY_BY_GROWTH:
		return f->has_trend ? f->trend.slope : -INFINITY;
	case CAPACITY_BY_DATE:
		return f->state == CAPACITY_ABOVE || f->state == CAPACITY_REACHES ? -f->crossing.at
										  : -INFINITY;
	default:
		return s->points[levels[order]];
	}
}

static _Thread_local enum capacity_order sort_order;

static int by_order(const void *a, const void *b)
{
	const struct capacity_found *x = a, *y = b;
	double v = value_of(x, sort_order), w = value_of(y, sort_order);

	if (v == w && sort_order != CAPACITY_BY_P95) {
		v = value_of(x, CAPACITY_BY_P95);
		w = value_of(y, CAPACITY_BY_P95);
	}
	return (v < w) - (v > w);
}

static int answer(struct capacity *k, const struct capacity_question *q, struct capacity_answer *a)
{
	struct reading r = {.count = 0};
	int err = plan_reading(q, &r);

	if (err == 0) {
		read_all(k, q, &r, a);
		sort_order = q->order;
		qsort(a->found, a->count, sizeof(*a->found), by_order);
		a->count = a->count < q->most ? a->count : q->most;
	}
	free(r.history.days);
	free(r.history.hours);
	return err;
}

int capacity_ask(struct capacity *k, const struct capacity_question *q, struct capacity_answer *a)
{
	struct timespec until;
	int err;

	*a = (struct capacity_answer){.found = NULL};
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += WAIT_S;
	if (pthread_mutex_timedlock(&k->asking, &until) != 0)
		return -EBUSY;
	pthread_mutex_lock(&k->mutex);
	err = q->group ? choose_groups(k, q, a) : choose_links(k, q, a);
	pthread_mutex_unlock(&k->mutex);
	if (err == 0)
		err = answer(k, q, a);
	pthread_mutex_unlock(&k->asking);
	if (err < 0) {
		free(a->found);
		a->found = NULL;
	}
	return err;
}
