/* SPDX-License-Identifier: BSD-3-Clause */
#include "window/history.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flow/plan.h"
#include "table/table.h"
#include "window/number.h"

enum { HISTORY_PAIRS = 6 };

struct history {
	struct ring *steps;
	pthread_mutex_t mutex; /* guards all below */
	uint64_t pass;
	unsigned count;
	struct history_flow *flows[FLOW_DEFINITIONS];
};

struct history *history_create(struct ring *steps)
{
	struct history *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	h->steps = steps;
	pthread_mutex_init(&h->mutex, NULL);
	return h;
}

void history_destroy(struct history *h)
{
	if (!h)
		return;
	for (unsigned i = 0; i < h->count; i++)
		free(h->flows[i]);
	pthread_mutex_destroy(&h->mutex);
	free(h);
}

/* ---- steps ---- */

static void copy_key(char *to, const char *key)
{
	int len = snprintf(to, HISTORY_KEY, "%s", key);

	if (len >= HISTORY_KEY)
		memcpy(to + HISTORY_KEY - 4, "...", 4);
}

/* Enter a value among the largest so far; one that is there already grows. */
static void top_add(
	struct history_top *top, uint32_t *count, uint32_t room, const char *key, double value)
{
	for (uint32_t i = 0; i < *count; i++) {
		if (strcmp(top[i].key, key) != 0)
			continue;
		top[i].value += value;
		return;
	}
	if (*count == room)
		return;
	strcpy(top[*count].key, key);
	top[(*count)++].value = value;
}

static int by_value(const void *a, const void *b)
{
	double x = ((const struct history_top *)a)->value;
	double y = ((const struct history_top *)b)->value;

	return x > y ? -1 : x < y;
}

/* Where the wall clock was set back behind its start, a step begins anew: it would never be over. */
static void step_sums(struct history_step *to, const struct history_step *from)
{
	if (from->end_ms <= to->start_ms)
		memset(to, 0, sizeof(*to));
	if (to->end_ms == 0)
		to->start_ms = from->start_ms;
	to->end_ms = from->end_ms;
	to->total = table_sum(to->total, from->total);
	to->samples += from->samples;
}

/* A step of ten seconds: each of its flows by the mean of what it was in the steps of a second. */
static void mean_top(
	struct history_step *to, const struct history_steps *fine, const struct history_step *steps)
{
	struct history_top all[HISTORY_TOP * (HISTORY_COARSE_MS / HISTORY_FINE_MS)];
	const uint32_t room = sizeof(all) / sizeof(all[0]);
	uint32_t count = 0, looked = 0;

	for (; looked < fine->count && looked < HISTORY_COARSE_MS / HISTORY_FINE_MS; looked++) {
		const struct history_step *s =
			&steps[(fine->next + HISTORY_FINE - 1 - looked) % HISTORY_FINE];

		if (s->start_ms < to->start_ms || s->start_ms >= to->end_ms)
			break;
		for (uint32_t i = 0; i < s->count; i++)
			top_add(all, &count, room, s->top[i].key, s->top[i].value);
	}
	qsort(all, count, sizeof(all[0]), by_value);
	to->count = count < HISTORY_TOP ? count : HISTORY_TOP;
	for (uint32_t i = 0; i < to->count; i++) {
		to->top[i] = all[i];
		to->top[i].value /= looked;
	}
}

/* A window's boundary may be off by the clock's rounding: a step is over at the next multiple. */
static bool is_over(const struct history_step *open, uint64_t length_ms)
{
	return open->end_ms / length_ms != open->start_ms / length_ms;
}

static void keep(struct history_steps *s, struct history_step *steps, uint32_t size)
{
	steps[s->next] = s->open;
	s->next = (s->next + 1) % size;
	s->count += s->count < size;
	memset(&s->open, 0, sizeof(s->open));
}

/* ---- documents ---- */

/* "[{"key":...,"value":...}]": texts of keys are ASCII; what JSON escapes in them is escaped. */
static void top_text(const struct history_step *s, struct base_text *t)
{
	char number[WINDOW_NUMBER];

	base_text_char(t, '[');
	for (uint32_t i = 0; i < s->count; i++) {
		base_text_printf(t, "%s{\"key\":\"", i ? "," : "");
		for (const char *p = s->top[i].key; *p; p++) {
			if (*p == '"' || *p == '\\')
				base_text_char(t, '\\');
			base_text_char(t, *p);
		}
		base_text_printf(t, "\",\"value\":%s}", window_number(number, s->top[i].value));
	}
	base_text_char(t, ']');
}

static void tell(struct history *h, const struct history_flow *f, const char *step,
	const struct history_step *s)
{
	char start[24], end[24], total[24], samples[24];
	char top[HISTORY_TOP * (2 * HISTORY_KEY + 80)];
	struct base_text t = base_text(top, sizeof(top));
	const struct metric_pair pairs[HISTORY_PAIRS] = {{"step", step, false},
		{"start_ms", start, true}, {"end_ms", end, true}, {"total", total, true},
		{"samples", samples, true}, {"top", top, false}};
	struct ring_document *d;

	if (!h->steps)
		return;
	snprintf(start, sizeof(start), "%" PRIu64, s->start_ms);
	snprintf(end, sizeof(end), "%" PRIu64, s->end_ms);
	snprintf(total, sizeof(total), "%" PRIu64, s->total);
	snprintf(samples, sizeof(samples), "%" PRIu64, s->samples);
	top_text(s, &t);
	d = ring_document(f->name, s->end_ms, pairs, HISTORY_PAIRS);
	if (!d)
		abort();
	ring_put(h->steps, d);
}

/* ---- flows ---- */

static void begin(struct history_flow *f, const struct window_flows *w)
{
	snprintf(f->name, sizeof(f->name), "%s", w->name);
	snprintf(f->unit, sizeof(f->unit), "%s", w->unit);
	f->meaning = w->meaning;
}

static struct history_flow *find(const struct history *h, const char *name)
{
	for (unsigned i = 0; i < h->count; i++) {
		if (strcmp(h->flows[i]->name, name) == 0)
			return h->flows[i];
	}
	return NULL;
}

static struct history_flow *find_or_begin(struct history *h, const struct window_flows *w)
{
	struct history_flow *f = find(h, w->name);

	if (!f && h->count < FLOW_DEFINITIONS && (f = calloc(1, sizeof(*f)))) {
		h->flows[h->count++] = f;
		begin(f, w);
	} else if (f && f->meaning != w->meaning) {
		memset(f, 0, sizeof(*f));
		begin(f, w);
	}
	return f;
}

static void add(struct history *h, struct history_flow *f, const struct window_snapshot *s,
	const struct window_flows *w)
{
	const struct history_step window = {.start_ms = s->start_ms,
		.end_ms = s->end_ms,
		.total = w->total,
		.samples = w->samples};
	struct history_step *open = &f->fine.open;

	step_sums(open, &window);
	if (!is_over(open, HISTORY_FINE_MS))
		return;
	for (open->count = 0; open->count < HISTORY_TOP && open->count < w->count; open->count++) {
		copy_key(open->top[open->count].key, w->top[open->count].key);
		open->top[open->count].value = w->top[open->count].value;
	}
	tell(h, f, "1s", open);
	step_sums(&f->coarse.open, open);
	keep(&f->fine, f->fine_steps, HISTORY_FINE);
	open = &f->coarse.open;
	if (!is_over(open, HISTORY_COARSE_MS))
		return;
	mean_top(open, &f->fine, f->fine_steps);
	tell(h, f, "10s", open);
	keep(&f->coarse, f->coarse_steps, HISTORY_COARSE);
}

/* Definitions that are gone. */
static void forget(struct history *h)
{
	for (unsigned i = 0; i < h->count;) {
		if (h->flows[i]->pass == h->pass) {
			i++;
			continue;
		}
		free(h->flows[i]);
		h->flows[i] = h->flows[--h->count];
	}
}

void history_add(struct history *h, const struct window_snapshot *s)
{
	pthread_mutex_lock(&h->mutex);
	h->pass++;
	for (unsigned i = 0; i < s->flow_count; i++) {
		struct history_flow *f = find_or_begin(h, &s->flows[i]);

		if (!f)
			continue;
		f->pass = h->pass;
		add(h, f, s, &s->flows[i]);
	}
	forget(h);
	pthread_mutex_unlock(&h->mutex);
}

int history_read(
	struct history *h, const char *name, bool coarse, char *unit, struct history_step *steps)
{
	const uint32_t size = coarse ? HISTORY_COARSE : HISTORY_FINE;
	const struct history_steps *s;
	const struct history_step *from;
	const struct history_flow *f;
	int count = -ENOENT;

	pthread_mutex_lock(&h->mutex);
	f = find(h, name);
	if (f) {
		s = coarse ? &f->coarse : &f->fine;
		from = coarse ? f->coarse_steps : f->fine_steps;
		strcpy(unit, f->unit);
		count = (int)s->count;
		for (uint32_t i = 0; i < s->count; i++)
			steps[i] = from[(s->next + size - s->count + i) % size];
	}
	pthread_mutex_unlock(&h->mutex);
	return count;
}
