/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Ordering: everything in a ring is guarded by its mutex; a document is immutable once it was put,
 * and its count of references alone is atomic. Progress: ring_put() waits for the mutex only, which
 * a reader holds while it takes documents, at most `view`, and for those of a name looks through a
 * number for each that there is.
 */
#include "window/ring.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/hash.h"

struct ring {
	struct ring_options options; /* constant */
	pthread_mutex_t mutex;       /* guards all below */
	pthread_cond_t grown, room;
	struct ring_document **slots; /* document of id i: number i % size */
	uint32_t *names;              /* of the same: a hash of its name */
	uint64_t newest;
	/* Of the consumer. It may yet tell that it dealt with what it has in hand, though it was given up since. */
	uint64_t told, dropped;
	uint64_t hand,
		hand_lost; /* the newest that it has in hand, 0: none; how many of them were given up */
	bool consumed;     /* there is one */
};

/* ---- documents ---- */

struct ring_document *ring_document(
	const char *name, uint64_t time_ms, const struct metric_pair *pairs, uint32_t count)
{
	size_t fixed = sizeof(struct ring_document) + count * sizeof(*pairs);
	size_t texts = strlen(name) + 1;
	struct ring_document *d;
	struct metric_pair *copy;
	char *text;

	for (uint32_t i = 0; i < count; i++)
		texts += strlen(pairs[i].text) + 1;
	d = malloc(fixed + texts);
	if (!d)
		return NULL;
	copy = (struct metric_pair *)(d + 1);
	text = (char *)d + fixed;
	*d = (struct ring_document){.time_ms = time_ms,
		.name = strcpy(text, name),
		.count = count,
		.pairs = copy,
		.references = 1};
	for (uint32_t i = 0; i < count; i++) {
		text += strlen(text) + 1;
		copy[i] = pairs[i];
		copy[i].text = strcpy(text, pairs[i].text);
	}
	return d;
}

static void let_go(struct ring_document *d)
{
	if (d && __atomic_sub_fetch(&d->references, 1, __ATOMIC_ACQ_REL) == 0)
		free(d);
}

static struct ring_document *hold(struct ring_document *d)
{
	__atomic_add_fetch(&d->references, 1, __ATOMIC_RELAXED);
	return d;
}

void ring_release(struct ring_document **documents, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		let_go(documents[i]);
}

/* ---- the ring ---- */

struct ring *ring_create(const struct ring_options *options)
{
	struct ring *r = calloc(1, sizeof(*r));
	pthread_condattr_t attr;

	if (!r)
		return NULL;
	r->options = *options;
	r->slots = calloc(options->size, sizeof(struct ring_document *));
	r->names = calloc(options->size, sizeof(*r->names));
	if (!r->slots || !r->names) {
		free(r->slots);
		free(r->names);
		free(r);
		errno = ENOMEM;
		return NULL;
	}
	pthread_mutex_init(&r->mutex, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&r->grown, &attr);
	pthread_cond_init(&r->room, &attr);
	pthread_condattr_destroy(&attr);
	return r;
}

void ring_destroy(struct ring *r)
{
	if (!r)
		return;
	for (uint32_t i = 0; i < r->options.size; i++)
		let_go(r->slots[i]);
	free(r->slots);
	free(r->names);
	pthread_cond_destroy(&r->grown);
	pthread_cond_destroy(&r->room);
	pthread_mutex_destroy(&r->mutex);
	free(r);
}

const char *ring_id_name(const struct ring *r)
{
	return r->options.id;
}

uint32_t ring_view(const struct ring *r)
{
	return r->options.view;
}

static struct ring_document **slot(const struct ring *r, uint64_t id)
{
	return &r->slots[id % r->options.size];
}

/* Under the mutex: id of the oldest that is still there. */
static uint64_t oldest(const struct ring *r)
{
	return r->newest < r->options.size ? 1 : r->newest - r->options.size + 1;
}

static uint32_t hash_name(const char *name)
{
	return (uint32_t)base_hash_unkeyed(name, strlen(name));
}

uint64_t ring_put(struct ring *r, struct ring_document *d)
{
	uint32_t name = hash_name(d->name);
	struct ring_document *old;
	uint64_t id;

	pthread_mutex_lock(&r->mutex);
	id = ++r->newest;
	d->id = id;
	old = *slot(r, id);
	*slot(r, id) = d;
	r->names[id % r->options.size] = name;
	if (r->told + 1 < oldest(r)) { /* only the document just given up can be untold */
		r->told++;
		if (r->told <= r->hand)
			r->hand_lost++;
		else
			r->dropped += r->consumed;
	}
	pthread_cond_broadcast(&r->grown);
	pthread_mutex_unlock(&r->mutex);
	let_go(old);
	return id;
}

uint64_t ring_newest(struct ring *r)
{
	uint64_t newest;

	pthread_mutex_lock(&r->mutex);
	newest = r->newest;
	pthread_mutex_unlock(&r->mutex);
	return newest;
}

unsigned ring_read_newest(struct ring *r, int64_t since, const char *name,
	struct ring_document **documents, unsigned max)
{
	uint64_t least = since < 0 ? 1 : (uint64_t)since + 1, at;
	uint32_t hash = name ? hash_name(name) : 0;
	unsigned count = 0;

	if (max > r->options.view)
		max = r->options.view;
	pthread_mutex_lock(&r->mutex);
	if (least > r->newest + 1)
		least = 1;
	if (least < oldest(r))
		least = oldest(r);
	at = r->newest % r->options.size;
	for (uint64_t id = r->newest; id >= least && count < max; id--) {
		if (!name || (r->names[at] == hash && strcmp(r->slots[at]->name, name) == 0))
			documents[count++] = hold(r->slots[at]);
		at = (at ? at : r->options.size) - 1;
	}
	pthread_mutex_unlock(&r->mutex);
	return count;
}

unsigned ring_read_next(
	struct ring *r, uint64_t since, struct ring_document **documents, unsigned max)
{
	unsigned count = 0;

	pthread_mutex_lock(&r->mutex);
	if (since + 1 < oldest(r))
		since = oldest(r) - 1;
	for (uint64_t id = since + 1; id <= r->newest && count < max; id++)
		documents[count++] = hold(*slot(r, id));
	pthread_mutex_unlock(&r->mutex);
	return count;
}

static struct timespec time_of(uint64_t ns)
{
	return (struct timespec){
		.tv_sec = (time_t)(ns / 1000000000u), .tv_nsec = (long)(ns % 1000000000u)};
}

uint64_t ring_wait(struct ring *r, uint64_t since, uint64_t timeout_ms)
{
	const struct timespec until = time_of(base_clock_mono_ns() + timeout_ms * 1000000u);
	uint64_t newest;
	int rc = 0;

	pthread_mutex_lock(&r->mutex);
	if (since > r->newest)
		since = r->newest;
	while (r->newest <= since && rc != ETIMEDOUT)
		rc = pthread_cond_timedwait(&r->grown, &r->mutex, &until);
	newest = r->newest;
	pthread_mutex_unlock(&r->mutex);
	return newest;
}

uint64_t ring_make_room(struct ring *r, uint64_t patience_ms)
{
	uint64_t start = base_clock_mono_ns(), spent;
	const struct timespec until = time_of(start + patience_ms * 1000000u);
	int rc = 0;

	pthread_mutex_lock(&r->mutex);
	if (!r->consumed || r->newest - r->told < r->options.size) {
		pthread_mutex_unlock(&r->mutex);
		return patience_ms;
	}
	while (r->newest - r->told >= r->options.size && rc != ETIMEDOUT)
		rc = pthread_cond_timedwait(&r->room, &r->mutex, &until);
	pthread_mutex_unlock(&r->mutex);
	spent = (base_clock_mono_ns() - start) / 1000000u;
	return spent < patience_ms ? patience_ms - spent : 0;
}

/* ---- the consumer ---- */

void ring_consume(struct ring *r)
{
	pthread_mutex_lock(&r->mutex);
	r->consumed = true;
	pthread_mutex_unlock(&r->mutex);
}

/* Under the mutex. Of what it had in hand the consumer has dealt with all up to `id`. */
static void empty_hand(struct ring *r, uint64_t id)
{
	uint64_t until = r->told < r->hand ? r->told : r->hand;
	uint64_t lost = until > id ? until - id : 0;

	r->dropped += lost < r->hand_lost ? lost : r->hand_lost;
	r->hand = r->hand_lost = 0;
}

unsigned ring_read_untold(struct ring *r, struct ring_document **documents, unsigned max)
{
	unsigned count = 0;

	pthread_mutex_lock(&r->mutex);
	empty_hand(r, 0);
	for (uint64_t id = r->told + 1; id <= r->newest && count < max; id++)
		documents[count++] = hold(*slot(r, id));
	r->hand = count ? r->told + count : 0;
	pthread_mutex_unlock(&r->mutex);
	return count;
}

void ring_told(struct ring *r, uint64_t id)
{
	pthread_mutex_lock(&r->mutex);
	empty_hand(r, id);
	if (id > r->told)
		r->told = id;
	pthread_cond_broadcast(&r->room);
	pthread_mutex_unlock(&r->mutex);
}

uint64_t ring_dropped(struct ring *r)
{
	uint64_t dropped;

	pthread_mutex_lock(&r->mutex);
	dropped = r->dropped;
	pthread_mutex_unlock(&r->mutex);
	return dropped;
}

uint64_t ring_told_until(struct ring *r)
{
	uint64_t told;

	pthread_mutex_lock(&r->mutex);
	told = r->told;
	pthread_mutex_unlock(&r->mutex);
	return told;
}
