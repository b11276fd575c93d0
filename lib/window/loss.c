/* SPDX-License-Identifier: BSD-3-Clause */
#include "window/loss.h"

#include <math.h>
#include <stdlib.h>

#include "window/agents.h"

enum {
	LOSS_MOST = 10, /* a factor is no larger: of nine in ten that are lost nobody knows much */
	LOSS_OUTAGE =
		16, /* more that are missing at once, after silent windows, were lost in these */
	LOSS_SPLIT = 60, /* windows that a source is left as it is after another core heard it */
	LOSS_DEVIATIONS = 4, /* of the chance in sampling: a pool further off is another count */
};

/* The least that a pool may be off, for agents that sample at even distances or in steps. */
static const double LOSS_OFF_LEAST = 0.1, LOSS_OFF_MOST = 1;

void loss_init(struct loss *l)
{
	*l = (struct loss){.window = 1};
}

void loss_fini(struct loss *l)
{
	free(l->factor);
	free(l->agents);
}

void loss_add(struct loss *l, struct loss_count *c, const struct source_window *w, uint16_t core)
{
	uint64_t split;

	if (w->flow_samples == 0)
		return;
	split = c->window && c->core != core ? l->window : c->split;
	if (c->window != l->window)
		*c = (struct loss_count){
			.window = l->window, .silent = c->window ? l->window - c->window - 1 : 0};
	c->split = split;
	c->core = core;
	c->taken += w->pool_samples;
	c->pool += w->pool;
	c->drops += w->drops;
	c->lost += (int64_t)w->lost;
	l->any |= c->lost > 0 || c->drops > 0;
}

/*
 * Whether so many samples would have such a pool: `part` of what the sampling rate says. It may be as many times
 * smaller as larger, so that a pool that hardly moves is not taken for that of a few samples.
 */
static bool agrees(double part, double samples)
{
	double off = LOSS_DEVIATIONS / sqrt(samples),
	       most = 1 + fmin(fmax(off, LOSS_OFF_LEAST), LOSS_OFF_MOST);

	return part <= most && part * most >= 1;
}

/* What an agent gives up has no sequence number: it is believed where the pool says so, too. */
static bool gave_up(const struct loss_count *c, uint32_t sampling_rate)
{
	double pool = (double)c->pool / sampling_rate, taken = (double)c->taken,
	       all = taken + (double)c->drops;

	return c->drops > 0 && agrees(pool / all, all) &&
	       fabs(pool / all - 1) < fabs(pool / taken - 1);
}

double loss_factor(const struct loss_count *c, uint32_t sampling_rate)
{
	double lost = c->lost > 0 ? (double)c->lost : 0, taken = (double)c->taken,
	       came = taken - lost, part, missing;

	if (came < 1 || sampling_rate == 0)
		return 1;
	if (gave_up(c, sampling_rate))
		taken += (double)c->drops;
	missing = taken - came;
	if (missing < 1)
		return 1;
	part = (double)c->pool / (taken * sampling_rate);
	if (c->pool < c->taken) { /* each sampled packet is in it: this agent has none */
		part = 1;
	} else if (!agrees(part, taken)) {
		/* A pool of just what came: numbers were left out, not samples. */
		if (agrees((double)c->pool / (came * sampling_rate), came))
			return 1;
		part = 1;
	}
	if (missing > LOSS_OUTAGE)
		missing /= 1 + (double)c->silent;
	return fmin((1 + missing / came) * part, LOSS_MOST);
}

static void *room(void *p, uint32_t *have, uint32_t need, size_t size)
{
	if (*have >= need)
		return p;
	p = realloc(p, need * size);
	if (!p)
		abort(); /* off the data path; nothing sensible is left to do */
	*have = need;
	return p;
}

/* What stands for all sources of an agent has what they have on average, each by its packets. */
static void close_together(struct known *k)
{
	struct loss *l = &k->loss;
	double *packets, *corrected;

	l->agents = room(l->agents, &l->agent_room, 2 * k->agents.count, sizeof(*l->agents));
	packets = l->agents;
	corrected = packets + k->agents.count;
	for (uint32_t i = 0; i < k->agents.count; i++)
		packets[i] = corrected[i] = 0;
	for (uint32_t i = 1; i < k->sources.count; i++) {
		const struct known_source *s = known_source_at(k, i);
		double n = (double)s->count.taken * s->sampling_rate;

		if (!s->live || s->kind != SOURCE_PORT || s->count.window != l->window)
			continue;
		packets[s->agent] += n / l->factor[i];
		corrected[s->agent] += n;
	}
	for (uint32_t i = 1; i < k->sources.count; i++) {
		const struct known_source *s = known_source_at(k, i);

		if (s->live && s->kind == SOURCE_AGENT && packets[s->agent] > 0)
			l->factor[i] = (float)(corrected[s->agent] / packets[s->agent]);
	}
}

void loss_close(struct known *k)
{
	struct loss *l = &k->loss;

	if (!l->any)
		return;
	l->factor = room(l->factor, &l->room, k->sources.count, sizeof(*l->factor));
	for (uint32_t i = 0; i < k->sources.count; i++) {
		const struct known_source *s = known_source_at(k, i);
		bool counts = s->live && s->kind == SOURCE_PORT && s->count.window == l->window;
		bool split = s->count.split && l->window - s->count.split < LOSS_SPLIT;

		l->factor[i] =
			counts && !split ? (float)loss_factor(&s->count, s->sampling_rate) : 1;
	}
	if (k->together_live)
		close_together(k);
}

void loss_next(struct loss *l)
{
	l->window++;
	l->any = false;
}
