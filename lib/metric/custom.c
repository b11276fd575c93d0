/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "metric/metric_pvt.h"
#include "sflow/entry.h"

/*
 * Custom metrics (4300:1002): any names, of types that stand beside the values. A source has those of
 * all its samples, each until it no longer comes. host-sflow, mod_json.
 */

enum {
	TEXTS = 4096,    /* bytes of all texts of a source at most, NULs included; or … */
	TEXTS_SHARE = 32 /* … so many for each custom metric that it may have */
};

enum type {
	TYPE_STRING,
	TYPE_COUNTER32,
	TYPE_COUNTER64,
	TYPE_GAUGE32,
	TYPE_GAUGE64,
	TYPE_FLOAT,
	TYPE_DOUBLE,
};

/* A block being made. */
struct maker {
	struct metric_store *m;
	struct metric_source *src;
	const struct metric_sample *s;
	struct metric_custom *custom;
	uint32_t room;
	char *texts, *texts_end; /* the next one */
	size_t texts_live;       /* bytes of those that items have */
};

static bool is_stale(const struct metric_store *m, const struct metric_source *src,
	const struct metric_item *item, uint64_t now_ms)
{
	return item->time_ms + metric_patience_ms(m, src, item->interval_ms) < now_ms;
}

static const char *add_text(struct maker *k, const char *text, size_t len)
{
	char *at = k->texts;

	if (len == 0)
		return "";
	memcpy(at, text, len);
	at[len] = '\0';
	k->texts += len + 1;
	k->texts_live += len + 1;
	return at;
}

static void drop_text(struct maker *k, const struct metric_item *item)
{
	size_t len = strlen(item->value.text);

	k->texts_live -= len ? len + 1 : 0;
}

static void lose(struct maker *k, const struct metric_name *name)
{
	struct metric_lost *lost = &k->custom->lost[k->custom->lost_count++];

	lost->sample = k->src->samples;
	memcpy(lost->name, name->text, name->len + 1);
}

/* A metric that went comes again. */
static void find_again(struct metric_custom *custom, const struct metric_name *name)
{
	uint32_t i = 0;

	while (i < custom->lost_count && strcmp(custom->lost[i].name, name->text) != 0)
		i++;
	if (i == custom->lost_count)
		return;
	custom->lost_count--;
	memmove(&custom->lost[i], &custom->lost[i + 1],
		(custom->lost_count - i) * sizeof(custom->lost[0]));
}

/* What the source had; of what no longer comes only the names, and of these those that went last. */
static void copy_items(struct maker *k, const struct metric_custom *old)
{
	uint32_t most = k->m->limits.custom;

	for (uint32_t i = 0; old && i < old->lost_count; i++)
		k->custom->lost[k->custom->lost_count++] = old->lost[i];
	for (uint32_t i = 0; old && i < old->count; i++) {
		struct metric_item *item = &k->custom->items[k->custom->count];

		if (is_stale(k->m, k->src, &old->items[i], k->s->time_ms)) {
			lose(k, old->items[i].name);
			continue;
		}
		*item = old->items[i];
		if (item->type == TYPE_STRING)
			item->value.text = add_text(k, item->value.text, strlen(item->value.text));
		k->custom->count++;
	}
	if (k->custom->lost_count > most) {
		k->custom->lost += k->custom->lost_count - most;
		k->custom->lost_count = most;
	}
}

/* A name is made only where the source has a place for its metric. @return NULL: none (counted) */
static struct metric_item *item_get(struct maker *k, const char *text, uint32_t len)
{
	struct metric_name *name = metric_name_known(k->m, text, len);
	struct metric_item *item;

	for (uint32_t i = 0; name && i < k->custom->count; i++)
		if (k->custom->items[i].name == name)
			return &k->custom->items[i];
	if (k->custom->count == k->room || k->custom->count >= k->m->limits.custom) {
		k->m->stats[METRIC_METRICS_FULL]++;
		return NULL;
	}
	if (!name)
		name = metric_name_make(k->m, k->src->agent, text, len);
	if (!name)
		return NULL;
	find_again(k->custom, name);
	item = &k->custom->items[k->custom->count++];
	*item = (struct metric_item){.name = name, .type = UINT8_MAX};
	return item;
}

static void start_base(struct maker *k, struct metric_item *item, uint64_t value)
{
	item->base = value;
	item->base_ms = k->s->time_ms;
	item->base_uptime_ms = k->s->uptime_ms;
	item->epoch = k->src->epoch;
}

static bool is_again(const struct maker *k, const struct metric_item *item)
{
	return metric_is_again(item->base_uptime_ms, item->base_ms, k->s);
}

/* @param goes_on  it was a counter of that type before */
static void take_counter(
	struct maker *k, struct metric_item *item, const struct sflow_value *v, bool goes_on)
{
	uint64_t ms = metric_elapsed_ms(item->base_uptime_ms, item->base_ms, k->s);

	if (goes_on && item->epoch == k->src->epoch) {
		if (ms == 0 || is_again(k, item))
			return; /* no time has passed: rate and base stand */
		item->shown = metric_counter_rate(v->type, item->base, v->u, ms, &item->value.f);
		k->m->stats[METRIC_RESTARTS] += !item->shown;
	} else {
		item->shown = false;
	}
	start_base(k, item, v->u);
}

static size_t texts_most(const struct metric_store *m)
{
	size_t share = (size_t)m->limits.custom * TEXTS_SHARE;

	return share > TEXTS ? share : TEXTS;
}

static bool text_fits(const struct maker *k, size_t len)
{
	return len < (size_t)(k->texts_end - k->texts) && k->texts_live + len < texts_most(k->m);
}

static void take_text(struct maker *k, struct metric_item *item, const struct sflow_value *v)
{
	char buf[4 * METRIC_CUSTOM_TEXT + 1];
	struct base_text t = base_text(buf, sizeof(buf));
	uint32_t len = v->len;

	if (len > k->m->limits.text) {
		len = k->m->limits.text;
		k->m->stats[METRIC_TEXT_CUT]++;
	}
	base_text_wire(&t, v->bytes, len);
	if (!text_fits(k, t.len)) {
		t.len = 0;
		k->m->stats[METRIC_TEXT_CUT]++;
	}
	item->value.text = add_text(k, buf, t.len);
	item->shown = t.len > 0;
}

static void take_value(struct maker *k, struct metric_item *item, const struct sflow_entry *e)
{
	bool goes_on = item->type == e->type;

	if (item->type == TYPE_STRING)
		drop_text(k, item);
	item->type = (uint8_t)e->type;
	switch ((enum type)e->type) {
	case TYPE_STRING:
		take_text(k, item, &e->value);
		break;
	case TYPE_COUNTER32:
	case TYPE_COUNTER64:
		take_counter(k, item, &e->value, goes_on);
		break;
	case TYPE_GAUGE32:
	case TYPE_GAUGE64:
		item->value.u = e->value.u;
		item->shown = true;
		break;
	case TYPE_FLOAT:
	case TYPE_DOUBLE:
		item->value.f = e->value.f;
		item->shown = isfinite(e->value.f);
		break;
	}
	if (item->type != TYPE_COUNTER32 && item->type != TYPE_COUNTER64 && !is_again(k, item))
		start_base(k, item, 0);
}

static bool is_same(const struct metric_item *a, const struct metric_item *b)
{
	if (a->type != b->type || a->shown != b->shown)
		return false;
	if (a->type == TYPE_STRING)
		return strcmp(a->value.text, b->value.text) == 0;
	return a->value.u == b->value.u;
}

static void take_entry(struct maker *k, const struct sflow_entry *e)
{
	uint64_t now_ms = k->s->time_ms;
	struct metric_item *item, was;

	if (!metric_name_is_valid(e->name, e->name_len)) {
		k->m->stats[METRIC_NAME]++;
		return;
	}
	item = item_get(k, (const char *)e->name, e->name_len);
	if (!item)
		return;
	metric_name_seen(item->name, now_ms);
	if (item->time_ms && !is_again(k, item))
		item->interval_ms = metric_interval_ms(k->m, k->src, item->interval_ms,
			now_ms > item->time_ms ? now_ms - item->time_ms : 0);
	item->time_ms = now_ms;
	was = *item;
	take_value(k, item, e);
	item->changed = !is_same(&was, item);
	if (was.sample == k->src->samples) { /* twice in one sample */
		item->changed |= was.changed;
		return;
	}
	item->came = !was.shown;
	item->before = was.sample;
	item->sample = k->src->samples;
}

/* Bytes for all texts: those that are there, and those of the sample, escaped. */
static size_t texts_room(const struct metric_store *m, const struct metric_custom *old,
	const struct metric_sample *s)
{
	size_t room = 4 * base_cursor_left(&s->sample.body) + s->sample.records;

	if (room > texts_most(m))
		room = texts_most(m);
	for (uint32_t i = 0; old && i < old->count; i++)
		if (old->items[i].type == TYPE_STRING)
			room += strlen(old->items[i].value.text) + 1;
	return room;
}

static bool make(struct maker *k, const struct metric_custom *old)
{
	uint32_t more = k->s->sample.records, lost = old ? old->lost_count + old->count : 0;
	size_t fixed, texts = texts_room(k->m, old, k->s);

	if (more > k->m->limits.custom)
		more = k->m->limits.custom;
	k->room = (old ? old->count : 0) + more;
	fixed = sizeof(*k->custom) + k->room * sizeof(k->custom->items[0]) +
		lost * sizeof(k->custom->lost[0]);
	k->custom = malloc(fixed + texts);
	if (!k->custom)
		return false;
	k->texts = (char *)k->custom + fixed;
	k->texts_end = k->texts + texts;
	*k->custom = (struct metric_custom){.sample = k->src->samples,
		.lost = (struct metric_lost *)(void *)&k->custom->items[k->room]};
	copy_items(k, old);
	return true;
}

static void hold_names(const struct metric_custom *custom)
{
	for (uint32_t i = 0; i < custom->count; i++)
		metric_name_hold(custom->items[i].name);
}

void metric_custom_drop(struct metric_store *m, struct metric_custom *custom)
{
	for (uint32_t i = 0; custom && i < custom->count; i++)
		metric_name_let_go(m, custom->items[i].name);
	metric_retire(m, custom);
}

void metric_custom_take(
	struct metric_store *m, struct metric_source *src, const struct metric_sample *s)
{
	struct maker k = {.m = m, .src = src, .s = s};
	struct metric_custom *old = src->custom;
	struct base_cursor body = s->sample.body;
	struct sflow_entry_cut cut;
	struct sflow_entry e;

	if (!make(&k, old)) {
		m->stats[METRIC_METRICS_FULL] += s->sample.records; /* of memory */
		return;
	}
	/* sflow_sample_next() has checked that all entries are there. */
	for (uint32_t i = 0; i < s->sample.records; i++)
		if (sflow_entry_read(&body, SFLOW_KIND_RTMETRIC, &e, &cut))
			take_entry(&k, &e);
	hold_names(k.custom);
	base_rcu_set(src->custom, k.custom);
	metric_custom_drop(m, old);
}

bool metric_item_value(const struct metric_item *item, struct metric_value *v)
{
	v->time_ms = item->time_ms;
	v->number = item->type != TYPE_STRING;
	v->digits = item->type == TYPE_FLOAT ? METRIC_DIGITS_FLOAT : METRIC_DIGITS;
	if (!item->shown)
		return false;
	if (!v->number) {
		v->text = item->value.text;
		v->len = (uint32_t)strlen(v->text);
	} else if (item->type == TYPE_GAUGE32 || item->type == TYPE_GAUGE64) {
		v->value = (double)item->value.u;
	} else {
		v->value = item->value.f;
	}
	return true;
}

uint64_t metric_custom_due_ms(const struct metric_store *m, const struct metric_source *src)
{
	uint64_t due_ms = 0;

	for (uint32_t i = 0; src->custom && i < src->custom->count; i++) {
		const struct metric_item *item = &src->custom->items[i];
		uint64_t until_ms = item->time_ms + metric_patience_ms(m, src, item->interval_ms);

		if (until_ms > due_ms)
			due_ms = until_ms;
	}
	return due_ms;
}
