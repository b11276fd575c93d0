/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/team.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

struct base_team {
	unsigned members; /* set at the start */
	/* All that follows is under the mutex. */
	pthread_mutex_t mutex;
	pthread_cond_t begin, done;
	uint64_t round;
	unsigned busy; /* members, but for the caller, whose part of the round is not done */
	bool ended;
	base_team_job *job;
	void *arg;
};

struct base_team *base_team_create(unsigned members)
{
	struct base_team *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->members = members;
	pthread_mutex_init(&t->mutex, NULL);
	pthread_cond_init(&t->begin, NULL);
	pthread_cond_init(&t->done, NULL);
	return t;
}

void base_team_destroy(struct base_team *t)
{
	if (!t)
		return;
	pthread_cond_destroy(&t->done);
	pthread_cond_destroy(&t->begin);
	pthread_mutex_destroy(&t->mutex);
	free(t);
}

unsigned base_team_members(const struct base_team *t)
{
	return t ? t->members : 1;
}

static void begin(struct base_team *t, base_team_job *job, void *arg)
{
	pthread_mutex_lock(&t->mutex);
	t->job = job;
	t->arg = arg;
	t->busy = t->members - 1;
	t->round++;
	pthread_cond_broadcast(&t->begin);
	pthread_mutex_unlock(&t->mutex);
}

void base_team_run(struct base_team *t, base_team_job *job, void *arg)
{
	if (base_team_members(t) == 1) {
		job(arg, 0);
		return;
	}
	begin(t, job, arg);
	job(arg, 0);
	pthread_mutex_lock(&t->mutex);
	while (t->busy)
		pthread_cond_wait(&t->done, &t->mutex);
	pthread_mutex_unlock(&t->mutex);
}

void base_team_serve(struct base_team *t, unsigned member)
{
	uint64_t round = 0;

	pthread_mutex_lock(&t->mutex);
	for (;;) {
		while (t->round == round && !t->ended)
			pthread_cond_wait(&t->begin, &t->mutex);
		if (t->round == round)
			break;
		round = t->round;
		pthread_mutex_unlock(&t->mutex);
		t->job(t->arg, member); /* nobody writes these before the round is over */
		pthread_mutex_lock(&t->mutex);
		if (--t->busy == 0)
			pthread_cond_signal(&t->done);
	}
	pthread_mutex_unlock(&t->mutex);
}

void base_team_end(struct base_team *t)
{
	if (!t)
		return;
	pthread_mutex_lock(&t->mutex);
	t->ended = true;
	pthread_cond_broadcast(&t->begin);
	pthread_mutex_unlock(&t->mutex);
}
