/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Ordering: the list is guarded by the mutex. An entry is immutable but for its count of references
 * and `removed`; the version is written under the mutex and read without. Progress: whoever asks for
 * thresholds waits for a copy of at most THRESHOLDS pointers.
 */
#include "window/threshold.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "metric/filter.h"

struct thresholds {
	pthread_mutex_t mutex; /* guards the list, and writes of the version */
	uint64_t version;
	unsigned count;
	struct threshold_entry *list[THRESHOLDS];
};

/* Of a metric: as agents may name it. */
static bool is_metric(const char *text)
{
	size_t len = strnlen(text, THRESHOLD_METRIC_TEXT + 1);

	for (size_t i = 0; i < len; i++) {
		if (!isgraph((unsigned char)text[i]))
			return false;
	}
	return len >= 1 && len <= THRESHOLD_METRIC_TEXT;
}

static bool is_name(const char *name)
{
	size_t len =
		strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-");

	return len >= 1 && len <= THRESHOLD_NAME && name[len] == '\0';
}

const char *threshold_check(const struct threshold *t)
{
	if (!t->name || !is_name(t->name))
		return "name: write 1 to 64 letters, digits, _ . or -";
	if (!t->metric || !is_metric(t->metric))
		return "metric: write the name of a flow definition, or of a metric such as "
		       "ifinutilization or 2.1.load_one";
	if (!isfinite(t->value) || fabs(t->value) > THRESHOLD_VALUE_MAX)
		return "value: write a number from -1000000000000000000 to 1000000000000000000";
	if (!(t->timeout >= 0 && t->timeout <= THRESHOLD_TIMEOUT_MAX))
		return "timeout: write seconds from 0 to 86400";
	if (!(t->samples >= 0 && t->samples <= UINT32_MAX))
		return "samples: write a number from 0 to 4294967295";
	if (t->agent_count > THRESHOLD_PLACES || t->source_count > THRESHOLD_PLACES)
		return "filter: name at most 128 agents, and as many data sources";
	return NULL;
}

/* A decimal number without leading zeros. @return behind it, or NULL */
static const char *parse_part(const char *text, uint64_t most, uint32_t *value)
{
	const char *p = text;
	uint64_t v = 0;

	while (isdigit((unsigned char)*p) && v <= most)
		v = v * 10 + (uint64_t)(*p++ - '0');
	if (p == text || v > most || (*text == '0' && p > text + 1))
		return NULL;
	*value = (uint32_t)v;
	return p;
}

int threshold_parse_source(const char *text, struct sflow_source *source)
{
	uint32_t first, second = 0;
	const char *p = parse_part(text, UINT32_MAX, &first);

	if (!p)
		return -EINVAL;
	if (*p == '\0') {
		*source = (struct sflow_source){.index = first};
		return 0;
	}
	p = *p == '.' ? parse_part(p + 1, UINT32_MAX, &second) : NULL;
	if (!p || *p || first == 0)
		return -EINVAL;
	*source = (struct sflow_source){.class = first, .index = second};
	return 0;
}

/* ---- entries ---- */

/* Bytes of names that end in an empty one. */
static size_t names_size(const char *names)
{
	const char *p = names;

	while (p && *p)
		p += strlen(p) + 1;
	return p ? (size_t)(p - names) + 1 : 0;
}

/* One allocation with all that it points to. */
static struct threshold_entry *entry_copy(const struct threshold *t)
{
	size_t agents = t->agent_count * sizeof(*t->agents);
	size_t sources = t->source_count * sizeof(*t->sources);
	size_t name = strlen(t->name) + 1, metric = strlen(t->metric) + 1;
	size_t filter = t->filter ? strlen(t->filter) + 1 : 0, names = names_size(t->names);
	struct threshold_entry *e =
		malloc(sizeof(*e) + sources + agents + name + metric + filter + names);
	char *p = (char *)(e + 1);

	if (!e)
		return NULL;
	*e = (struct threshold_entry){.spec = *t, .references = 1};
	e->spec.sources = (struct sflow_source *)(void *)p;
	if (sources)
		memcpy(p, t->sources, sources);
	e->spec.agents = (struct base_addr *)(void *)(p + sources);
	if (agents)
		memcpy(p + sources, t->agents, agents);
	e->spec.name = memcpy(p + sources + agents, t->name, name);
	e->spec.metric = memcpy(p + sources + agents + name, t->metric, metric);
	if (filter)
		e->spec.filter = memcpy(p + sources + agents + name + metric, t->filter, filter);
	if (names)
		e->spec.names =
			memcpy(p + sources + agents + name + metric + filter, t->names, names);
	return e;
}

struct threshold_entry *threshold_hold(struct threshold_entry *t)
{
	__atomic_add_fetch(&t->references, 1, __ATOMIC_RELAXED);
	return t;
}

void threshold_let_go(struct threshold_entry *t)
{
	if (__atomic_sub_fetch(&t->references, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	metric_filter_destroy(t->spec.attributes);
	free(t);
}

/* ---- the set ---- */

struct thresholds *thresholds_create(void)
{
	struct thresholds *set = calloc(1, sizeof(*set));

	if (set)
		pthread_mutex_init(&set->mutex, NULL);
	return set;
}

void thresholds_destroy(struct thresholds *set)
{
	if (!set)
		return;
	for (unsigned i = 0; i < set->count; i++)
		threshold_let_go(set->list[i]);
	pthread_mutex_destroy(&set->mutex);
	free(set);
}

/* Under the mutex: its number, or that of the next one to come. */
static unsigned find(const struct thresholds *set, const char *name)
{
	unsigned i = 0;

	while (i < set->count && strcmp(set->list[i]->spec.name, name) != 0)
		i++;
	return i;
}

/* Under the mutex. */
static void changed(struct thresholds *set)
{
	__atomic_store_n(&set->version, set->version + 1, __ATOMIC_RELEASE);
}

static void drop(struct threshold_entry *e)
{
	__atomic_store_n(&e->removed, true, __ATOMIC_RELAXED);
	threshold_let_go(e);
}

int thresholds_put(struct thresholds *set, const struct threshold *t)
{
	struct threshold_entry *e = entry_copy(t);
	int err = 0;
	unsigned i;

	if (!e)
		return -ENOMEM;
	pthread_mutex_lock(&set->mutex);
	i = find(set, t->name);
	if (i == THRESHOLDS) {
		err = -ENOSPC;
	} else {
		if (i < set->count)
			drop(set->list[i]);
		else
			set->count++;
		set->list[i] = e;
		changed(set);
	}
	pthread_mutex_unlock(&set->mutex);
	if (err) {
		e->spec.attributes = NULL;
		threshold_let_go(e);
	}
	return err;
}

int thresholds_remove(struct thresholds *set, const char *name)
{
	int err = -ENOENT;
	unsigned i;

	pthread_mutex_lock(&set->mutex);
	i = find(set, name);
	if (i < set->count) {
		drop(set->list[i]);
		set->count--;
		memmove(&set->list[i], &set->list[i + 1], (set->count - i) * sizeof(set->list[0]));
		changed(set);
		err = 0;
	}
	pthread_mutex_unlock(&set->mutex);
	return err;
}

void thresholds_each(struct thresholds *set, const char *name,
	void (*each)(void *ctx, const struct threshold *t, enum threshold_kind kind), void *ctx)
{
	struct threshold_entry **list;
	unsigned count = thresholds_hold(set, &list);

	for (unsigned i = 0; i < count; i++) {
		const struct threshold_entry *e = list[i];

		if (!name || strcmp(e->spec.name, name) == 0)
			each(ctx, &e->spec, __atomic_load_n(&e->kind, __ATOMIC_RELAXED));
	}
	thresholds_let_go(list, count);
}

unsigned thresholds_hold(struct thresholds *set, struct threshold_entry ***list)
{
	unsigned count;

	pthread_mutex_lock(&set->mutex);
	count = set->count;
	*list = malloc((count + 1) * sizeof(**list));
	if (!*list)
		abort();
	for (unsigned i = 0; i < count; i++)
		(*list)[i] = threshold_hold(set->list[i]);
	pthread_mutex_unlock(&set->mutex);
	return count;
}

void thresholds_let_go(struct threshold_entry **list, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		threshold_let_go(list[i]);
	free(list);
}

uint64_t thresholds_version(const struct thresholds *set)
{
	return __atomic_load_n(&set->version, __ATOMIC_ACQUIRE);
}
