/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "store_pvt.h"

BASE_LOG_TYPE(log_changes, "store");

enum {
	CHANGES_WAITING = 8192, /* far more than can be in force at once */
	CHANGES_LOG_MS = 10000,
};

static struct store_change *change_create(const char *kind, const char *name)
{
	struct store_change *c = calloc(1, sizeof(*c));

	if (!c)
		abort();
	c->kind = kind;
	c->name = strdup(name);
	if (!c->name)
		abort();
	return c;
}

static void change_free(struct store_change *c)
{
	free(c->name);
	free(c->json);
	free(c);
}

static void set_json(struct store_change *c, const char *json)
{
	free(c->json);
	c->json = json ? strdup(json) : NULL;
	if (json && !c->json)
		abort(); /* NULL would take it out */
}

static bool same(const struct store_change *c, const char *kind, const char *name)
{
	return c && strcmp(c->kind, kind) == 0 && strcmp(c->name, name) == 0;
}

static struct store_change *find(struct store_change *list, const char *kind, const char *name)
{
	while (list && !same(list, kind, name))
		list = list->next;
	return list;
}

/* ---- what waits ---- */

static struct store_change *unlink_at(struct store_changes *l, struct store_change **at)
{
	struct store_change *c = *at;

	*at = c->next;
	if (!c->next)
		l->last = at;
	__atomic_store_n(&l->waiting, l->waiting - 1, __ATOMIC_RELAXED);
	return c;
}

/* The oldest removal goes: what is in force is kept. */
static void make_room(struct store_changes *l)
{
	static struct base_log_limit limit;
	struct store_change **at = &l->first, *oldest;

	while (*at && (*at)->json)
		at = &(*at)->next;
	if (!*at)
		return;
	oldest = unlink_at(l, at);
	base_log_rate_limited(&limit, CHANGES_LOG_MS, &log_changes, BASE_LOG_ERROR,
		"Redis is away for too long: that %s \"%s\" was removed is not kept", oldest->kind,
		oldest->name);
	change_free(oldest);
	__atomic_store_n(&l->lost, l->lost + 1, __ATOMIC_RELAXED);
}

static void append(struct store_changes *l, struct store_change *c)
{
	if (l->waiting >= CHANGES_WAITING)
		make_room(l);
	c->next = NULL;
	*l->last = c;
	l->last = &c->next;
	__atomic_store_n(&l->waiting, l->waiting + 1, __ATOMIC_RELAXED);
}

/* ---- what is held ---- */

static void hold(struct store_changes *l, struct store_change *c)
{
	c->next = l->held;
	l->held = c;
}

/* @return one that is in no list; its text is that of before */
static struct store_change *take_held(struct store_changes *l, const char *kind, const char *name)
{
	struct store_change **at = &l->held, *c;

	while (*at && !same(*at, kind, name))
		at = &(*at)->next;
	c = *at;
	if (!c)
		return change_create(kind, name);
	*at = c->next;
	return c;
}

/* ---- calls of the store ---- */

void store_changes_init(struct store_changes *l)
{
	*l = (struct store_changes){.last = &l->first};
}

void store_changes_fini(struct store_changes *l)
{
	store_changes_renew(l);
	while (l->first)
		change_free(unlink_at(l, &l->first));
}

void store_changes_enter(
	struct store_changes *l, const char *kind, const char *name, const char *json)
{
	struct store_change *c = find(l->first, kind, name);

	if (!c) {
		c = take_held(l, kind, name);
		append(l, c);
	}
	set_json(c, json);
}

void store_changes_hold(
	struct store_changes *l, const char *kind, const char *name, const char *json)
{
	struct store_change *c;

	if (store_changes_have(l, kind, name))
		return;
	c = take_held(l, kind, name);
	set_json(c, json);
	hold(l, c);
}

void store_changes_renew(struct store_changes *l)
{
	struct store_change *c;

	while ((c = l->held)) {
		l->held = c->next;
		append(l, c);
	}
}

bool store_changes_have(const struct store_changes *l, const char *kind, const char *name)
{
	return find(l->first, kind, name) || same(l->writing, kind, name);
}

struct store_change *store_changes_take(struct store_changes *l, struct store_change **at)
{
	l->writing = unlink_at(l, at);
	return l->writing;
}

void store_changes_done(struct store_changes *l, bool written)
{
	struct store_change *c = l->writing;

	l->writing = NULL;
	if (find(l->first, c->kind, c->name) || (written && !c->json))
		change_free(c);
	else if (written)
		hold(l, c);
	else
		append(l, c);
}
