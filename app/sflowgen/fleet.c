/* SPDX-License-Identifier: BSD-3-Clause */
#include "fleet.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	STREAM_FLEET = 0x666C74, /* of the seed */
	FIRST_INDEX = 100001,    /* where host agents put their logical data sources */
	NONE = UINT32_MAX,
};

/* A place for a container. Those that are taken stand in a queue, the one polled next first. */
struct place {
	uint32_t number; /* container; NONE: free */
	uint64_t poll_ns;
	uint32_t before, behind; /* in the queue */
};

/* One step of a jump. */
struct change {
	uint32_t place;
	bool start; /* otherwise the container there stops */
};

struct gen_fleet {
	const struct gen_model *m;
	struct gen_rng rng;
	uint32_t *hosts;
	uint32_t host_count;
	struct place *places;   /* service by service */
	uint32_t *running;      /* containers of each service, once the jump is over */
	struct change *changes; /* of the newest jump */
	uint32_t change_count, changed;
	uint64_t jumps, jump_ns;          /* the newest jump, and when it was */
	uint32_t first, last;             /* of the queue */
	struct gen_container *containers; /* all that ever were, by number */
	uint32_t container_count, container_room;
	uint64_t poll_ns, every_ns, spread_ns;
};

static uint32_t count_places(const struct gen_settings *s)
{
	uint32_t n = 0;

	for (unsigned i = 0; i < s->service_count; i++)
		n += s->services[i].most;
	return n;
}

static int allocate(struct gen_fleet *f)
{
	const struct gen_settings *s = &f->m->settings;
	uint32_t n = count_places(s);

	f->hosts = calloc(f->m->agent_count, sizeof(*f->hosts));
	f->places = calloc(n, sizeof(*f->places));
	f->running = calloc(s->service_count, sizeof(*f->running));
	f->changes = calloc(2 * (size_t)n, sizeof(*f->changes));
	for (uint32_t i = 0; f->places && i < n; i++)
		f->places[i].number = NONE;
	return f->hosts && f->places && f->running && f->changes ? 0 : -1;
}

static uint64_t min(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

struct gen_fleet *gen_fleet_create(const struct gen_model *m)
{
	const struct gen_settings *s = &m->settings;
	struct gen_fleet *f = s->service_count ? calloc(1, sizeof(*f)) : NULL;

	if (!f)
		return NULL;
	f->m = m;
	f->rng = gen_rng(s->seed, STREAM_FLEET);
	if (allocate(f) < 0) {
		gen_fleet_destroy(f);
		return NULL;
	}
	for (uint32_t i = 0; i < m->agent_count; i++)
		if (m->agents[i].host)
			f->hosts[f->host_count++] = i;
	f->first = f->last = NONE;
	f->poll_ns = (uint64_t)(s->counters * 1e9);
	f->every_ns = (uint64_t)(s->jump * 1e9);
	/* Orders reach the hosts within a tenth of the time until the next ones, and a second. */
	f->spread_ns = min(f->every_ns / 10, 1000000000);
	return f;
}

void gen_fleet_destroy(struct gen_fleet *f)
{
	if (!f)
		return;
	free(f->containers);
	free(f->changes);
	free(f->running);
	free(f->places);
	free(f->hosts);
	free(f);
}

/* ---- Jumps ---- */

static void add_change(struct gen_fleet *f, uint32_t place, bool start)
{
	f->changes[f->change_count++] = (struct change){.place = place, .start = start};
}

/* The last containers go first, and the first come first. Of those that stay some are replaced. */
static void plan_service(struct gen_fleet *f, unsigned i, uint32_t first_place)
{
	const struct gen_service *s = &f->m->settings.services[i];
	uint32_t had = f->running[i],
		 want = s->least + gen_rng_below(&f->rng, s->most - s->least + 1);

	for (uint32_t k = 0; k < had && k < want; k++)
		if (gen_rng_chance(&f->rng, f->m->settings.replace)) {
			add_change(f, first_place + k, false);
			add_change(f, first_place + k, true);
		}
	for (uint32_t k = had; k > want; k--)
		add_change(f, first_place + k - 1, false);
	for (uint32_t k = had; k < want; k++)
		add_change(f, first_place + k, true);
	f->running[i] = want;
}

static void plan_jump(struct gen_fleet *f)
{
	uint32_t place = 0;

	f->jump_ns = f->jumps++ * f->every_ns;
	f->change_count = f->changed = 0;
	for (unsigned i = 0; i < f->m->settings.service_count; i++) {
		plan_service(f, i, place);
		place += f->m->settings.services[i].most;
	}
}

static uint64_t change_due(const struct gen_fleet *f)
{
	if (f->changed < f->change_count)
		return f->jump_ns + f->spread_ns * f->changed / f->change_count;
	return f->jumps == 0 ? 0 : f->every_ns ? f->jumps * f->every_ns : UINT64_MAX;
}

/* ---- The queue of polls ---- */

static void enqueue(struct gen_fleet *f, uint32_t place, uint64_t poll_ns)
{
	struct place *p = &f->places[place];

	p->poll_ns = poll_ns;
	p->before = f->last;
	p->behind = NONE;
	*(f->last == NONE ? &f->first : &f->places[f->last].behind) = place;
	f->last = place;
}

static void dequeue(struct gen_fleet *f, uint32_t place)
{
	const struct place *p = &f->places[place];

	*(p->before == NONE ? &f->first : &f->places[p->before].behind) = p->behind;
	*(p->behind == NONE ? &f->last : &f->places[p->behind].before) = p->before;
}

/* ---- Containers ---- */

static struct gen_container *add_container(struct gen_fleet *f)
{
	if (f->container_count == f->container_room) {
		uint32_t room = f->container_room ? 2 * f->container_room : 1024;
		struct gen_container *more = realloc(f->containers, room * sizeof(*more));

		if (!more)
			return NULL;
		f->containers = more;
		f->container_room = room;
	}
	return &f->containers[f->container_count++];
}

static unsigned service_of(const struct gen_fleet *f, uint32_t place, uint32_t *slot)
{
	unsigned i;

	for (i = 0; place >= f->m->settings.services[i].most; i++)
		place -= f->m->settings.services[i].most;
	*slot = place + 1;
	return i;
}

static struct gen_container *start(struct gen_fleet *f, uint32_t place, uint64_t now_ns)
{
	struct gen_container *c = add_container(f);

	if (!c)
		return NULL;
	*c = (struct gen_container){
		.number = f->container_count - 1,
		.host = f->hosts[gen_rng_below(&f->rng, f->host_count)],
		.index = FIRST_INDEX + place,
		.start_ns = now_ns,
		.stop_ns = UINT64_MAX,
	};
	c->service = service_of(f, place, &c->slot);
	f->places[place].number = c->number;
	enqueue(f, place, now_ns + f->poll_ns);
	return c;
}

static struct gen_container *stop(struct gen_fleet *f, uint32_t place, uint64_t now_ns)
{
	struct gen_container *c;

	if (f->places[place].number == NONE)
		return NULL;
	c = &f->containers[f->places[place].number];
	c->stop_ns = now_ns;
	dequeue(f, place);
	f->places[place].number = NONE;
	return c;
}

static struct gen_container *change(struct gen_fleet *f)
{
	uint64_t now_ns = change_due(f);
	const struct change *c = &f->changes[f->changed++];

	return c->start ? start(f, c->place, now_ns) : stop(f, c->place, now_ns);
}

static uint64_t poll_due(const struct gen_fleet *f)
{
	return f->first == NONE ? UINT64_MAX : f->places[f->first].poll_ns;
}

static struct gen_container *poll(struct gen_fleet *f)
{
	uint32_t place = f->first;

	dequeue(f, place);
	enqueue(f, place, f->places[place].poll_ns + f->poll_ns);
	return &f->containers[f->places[place].number];
}

uint64_t gen_fleet_due(const struct gen_fleet *f)
{
	return f ? min(change_due(f), poll_due(f)) : UINT64_MAX;
}

const struct gen_container *gen_fleet_next(struct gen_fleet *f)
{
	struct gen_container *c;

	if (poll_due(f) < change_due(f)) {
		c = poll(f);
	} else {
		if (f->changed == f->change_count)
			plan_jump(f);
		c = f->changed < f->change_count ? change(f) : NULL;
	}
	if (c)
		c->sequence++;
	return c;
}

uint32_t gen_fleet_started(const struct gen_fleet *f)
{
	return f->container_count;
}

const struct gen_container *gen_fleet_container(const struct gen_fleet *f, uint32_t number)
{
	return &f->containers[number];
}

/* ---- What they are and do ---- */

struct gen_usage gen_container_rates(const struct gen_model *m, const struct gen_container *c)
{
	struct gen_rng r = gen_rng(m->settings.seed ^ c->number, STREAM_FLEET + 1);
	struct gen_usage u = {
		.cpu_ms = 100 + gen_rng_below(&r, 1700),
		.bytes_in = 50000 + gen_rng_below(&r, 1000000),
		.bytes_out = 100000 + gen_rng_below(&r, 5000000),
	};

	if (m->settings.services[c->service].web)
		u.requests = 20 + gen_rng_below(&r, 500);
	return u;
}

static uint64_t over(uint64_t rate, uint64_t ns)
{
	return (uint64_t)((unsigned __int128)rate * ns / 1000000000);
}

struct gen_usage gen_container_usage(
	const struct gen_model *m, const struct gen_container *c, uint64_t now_ns)
{
	struct gen_usage u = gen_container_rates(m, c);
	uint64_t ns = min(now_ns, c->stop_ns) - c->start_ns;

	return (struct gen_usage){
		.cpu_ms = over(u.cpu_ms, ns),
		.bytes_in = over(u.bytes_in, ns),
		.bytes_out = over(u.bytes_out, ns),
		.requests = over(u.requests, ns),
	};
}

uint32_t gen_container_name(const struct gen_model *m, const struct gen_container *c, char out[64])
{
	static const char letters[] = "0123456789abcdefghijklmnopqrstuvwxyz";
	struct gen_rng r = gen_rng(m->settings.seed ^ c->number, STREAM_FLEET + 2);
	int len = snprintf(out, 64 - GEN_CONTAINER_ID, "%s.%u.",
		m->settings.services[c->service].name, c->slot);

	for (unsigned i = 0; i < GEN_CONTAINER_ID; i++)
		out[len++] = letters[gen_rng_below(&r, sizeof(letters) - 1)];
	out[len] = '\0';
	return (uint32_t)len;
}
