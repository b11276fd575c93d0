/* SPDX-License-Identifier: BSD-3-Clause */
#include "ifmib/ifmib.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/index.h"
#include "ifmib/session_pvt.h"
#include "prefix/cidr.h"

/*
 * The thread: which agent is next, and what became of it. The mutex guards the list of agents and the tables
 * that wait; it is held for one look at all agents at most, and never during a question.
 */

enum {
	IFMIB_REPETITIONS = 25, /* rows of an answer: about 1,000 bytes */
	IFMIB_IDLE_MS = 500,    /* a look at what is due, at the latest */
	IFMIB_AGAIN_MS = 60000, /* after a failure; twice as long after the next, and so on */
	IFMIB_KEEP_MS = 60000,  /* an agent is forgotten after this long without a wish, at least */
	IFMIB_WAITING = 1024,   /* tables that nobody has taken yet, at most */
	IFMIB_DOUBLINGS = 10,
	IFMIB_WALK_MS = 60000, /* spent on waiting for the answers of one walk, at most */
};

struct agent {
	struct base_addr addr;
	uint64_t due_ns, wanted_ns; /* monotonic */
	unsigned failures;          /* since the last walk that came to its end */
};

struct waiting {
	struct waiting *next;
	struct names_table *table;
};

struct ifmib {
	/* Written before the start, then constant. */
	struct ifmib_options options; /* without its texts */
	struct session_config config;
	struct prefix_table networks;
	const struct base_hash *hash;
	pthread_t thread;

	uint64_t next_ns; /* the thread's own: when the next question may go */
	bool stop;        /* relaxed atomic */

	uint64_t stats[IFMIB_STATS]; /* relaxed atomics */

	pthread_mutex_t mutex;
	pthread_cond_t changed;
	struct base_index index; /* the rest: under the mutex */
	struct agent *agents;    /* dense */
	uint32_t count;
	struct waiting *first, **last;
	unsigned waiting;
};

static const struct stats_def defs[IFMIB_STATS] = {
	[IFMIB_REQUESTS] = {"requests", "requests",
		"questions sent to agents, without repetitions"},
	[IFMIB_ANSWERS] = {"answers", "requests", "of these, answered"},
	[IFMIB_TIMEOUTS] = {"timeouts", "requests", "of these, not answered in time"},
	[IFMIB_REFUSED] = {"refused", "requests",
		"of these, refused: the user, a password or the engine is not right"},
	[IFMIB_FAILED] = {"failed", "requests", "of these, not sent, or answered with an error"},
	[IFMIB_BAD] = {"bad", "walks", "walks in which an answer broke the rules"},
	[IFMIB_CUT] = {"cut", "walks", "walks with more interfaces than are read"},
	[IFMIB_WALKS] = {"walks", "walks", "walks that came to their end"},
	[IFMIB_SLOW] = {"slow", "walks",
		"walks given up, since the agent took over a minute for its answers"},
	[IFMIB_OUTSIDE] = {"outside", "times",
		"times an agent was not asked: it is in no network of "
		"snmp.agents"},
	[IFMIB_FULL] = {"full", "times", "times an agent was not asked: there are too many"},
	[IFMIB_AGENTS] = {"agents", "agents", "agents that are asked", .gauge = true},
};

const struct stats_group ifmib_stats = {"snmp", defs, IFMIB_STATS};

static void count(struct ifmib *m, enum ifmib_stat stat)
{
	__atomic_fetch_add(&m->stats[stat], 1, __ATOMIC_RELAXED);
}

void ifmib_read_stats(struct ifmib *m, uint64_t values[IFMIB_STATS])
{
	for (unsigned i = 0; i < IFMIB_STATS; i++)
		values[i] = __atomic_load_n(&m->stats[i], __ATOMIC_RELAXED);
}

static bool stopping(const struct ifmib *m)
{
	return __atomic_load_n(&m->stop, __ATOMIC_RELAXED);
}

static uint64_t ns(uint64_t ms)
{
	return ms * UINT64_C(1000000);
}

/* ---- agents; under the mutex ---- */

static struct agent *find(struct ifmib *m, const struct base_addr *addr, struct base_probe *probe)
{
	uint32_t number;

	*probe = base_index_probe(&m->index, base_hash_bytes(m->hash, addr, sizeof(*addr)));
	while ((number = base_index_next(&m->index, probe)) != BASE_INDEX_NONE) {
		if (base_addr_equal(&m->agents[number].addr, addr))
			return &m->agents[number];
	}
	return NULL;
}

static void set_count(struct ifmib *m, uint32_t n)
{
	m->count = n;
	__atomic_store_n(&m->stats[IFMIB_AGENTS], n, __ATOMIC_RELAXED);
}

static void want(struct ifmib *m, const struct base_addr *addr, uint64_t now)
{
	struct base_probe probe;
	struct agent *a = find(m, addr, &probe);

	if (a) {
		a->wanted_ns = now;
		return;
	}
	if (prefix_table_find(&m->networks, addr->bytes, (unsigned)base_addr_len(addr)) ==
		PREFIX_NONE) {
		count(m, IFMIB_OUTSIDE);
		return;
	}
	if (m->count == m->options.agents) {
		count(m, IFMIB_FULL);
		return;
	}
	m->agents[m->count] = (struct agent){.addr = *addr, .due_ns = now, .wanted_ns = now};
	base_index_put(&m->index, &probe, m->count);
	set_count(m, m->count + 1);
}

void ifmib_want(struct ifmib *m, const struct base_addr *agents, uint32_t n)
{
	uint64_t now = base_clock_mono_ns();

	if (pthread_mutex_trylock(&m->mutex) != 0)
		return;
	for (uint32_t i = 0; i < n; i++)
		want(m, &agents[i], now);
	pthread_mutex_unlock(&m->mutex);
}

static uint64_t hash_of(const struct ifmib *m, const struct agent *a)
{
	return base_hash_bytes(m->hash, &a->addr, sizeof(a->addr));
}

/* The last agent takes the place of one that goes. */
static void forget(struct ifmib *m, struct agent *a)
{
	uint32_t number = (uint32_t)(a - m->agents), last = m->count - 1;

	base_index_remove(&m->index, hash_of(m, a), number);
	if (number != last) {
		base_index_renumber(&m->index, hash_of(m, &m->agents[last]), last, number);
		*a = m->agents[last];
	}
	set_count(m, last);
}

/* ---- tables that wait ---- */

struct names_table *ifmib_take(struct ifmib *m)
{
	struct names_table *table = NULL;
	struct waiting *w;

	if (pthread_mutex_trylock(&m->mutex) != 0)
		return NULL;
	w = m->first;
	if (w) {
		table = w->table;
		m->first = w->next;
		m->waiting--;
		if (!m->first)
			m->last = &m->first;
	}
	pthread_mutex_unlock(&m->mutex);
	free(w);
	return table;
}

static void give(struct ifmib *m, struct names_table *table)
{
	struct waiting *w = table ? calloc(1, sizeof(*w)) : NULL;

	if (!w) {
		names_table_free(table);
		return;
	}
	w->table = table;
	pthread_mutex_lock(&m->mutex);
	*m->last = w;
	m->last = &w->next;
	m->waiting++;
	pthread_mutex_unlock(&m->mutex);
}

/* ---- one walk ---- */

static void sleep_until(struct ifmib *m, uint64_t until_ns)
{
	struct timespec until = {.tv_sec = (time_t)(until_ns / 1000000000u),
		.tv_nsec = (long)(until_ns % 1000000000u)};
	int rc = 0;

	pthread_mutex_lock(&m->mutex);
	while (!stopping(m) && rc != ETIMEDOUT)
		rc = pthread_cond_timedwait(&m->changed, &m->mutex, &until);
	pthread_mutex_unlock(&m->mutex);
}

/* A question may go once a while has passed since the one before. */
static void pace(struct ifmib *m)
{
	uint64_t now = base_clock_mono_ns(), gap = UINT64_C(1000000000) / m->options.rate;

	if (now < m->next_ns)
		sleep_until(m, m->next_ns);
	else
		m->next_ns = now;
	m->next_ns += gap;
}

static enum session_result counted(struct ifmib *m, enum session_result result)
{
	static const enum ifmib_stat stats[] = {[SESSION_ANSWER] = IFMIB_ANSWERS,
		[SESSION_TIMEOUT] = IFMIB_TIMEOUTS,
		[SESSION_REFUSED] = IFMIB_REFUSED,
		[SESSION_TOO_BIG] = IFMIB_ANSWERS,
		[SESSION_FAILED] = IFMIB_FAILED};

	count(m, IFMIB_REQUESTS);
	count(m, stats[result]);
	return result;
}

/* @return whether the walk came to its end */
static bool walk_on(struct ifmib *m, struct session *s, struct walk *w)
{
	unsigned most = IFMIB_REPETITIONS;
	uint64_t spent = 0;

	while (w->column < NAMES_KINDS) {
		enum session_result result;
		uint64_t begin;

		pace(m);
		if (stopping(m))
			return false;
		if (spent > ns(m->options.walk_ms)) {
			count(m, IFMIB_SLOW);
			return false;
		}
		begin = base_clock_mono_ns();
		result = counted(m, session_ask(s, w, most));
		spent += base_clock_mono_ns() - begin;
		if (result == SESSION_TOO_BIG && most > 1)
			most /= 2;
		else if (result != SESSION_ANSWER)
			return false;
	}
	return !w->short_of_memory;
}

/* @return the names, or NULL: they could not be had */
static struct names_table *walk_agent(struct ifmib *m, const struct base_addr *addr)
{
	struct names_table *table = names_table_create(addr);
	struct session *s = table ? session_open(&m->config, addr, &m->stop) : NULL;
	struct walk w;
	bool done = false;

	if (s) {
		walk_init(&w, table, m->options.interfaces);
		pace(m);
		if (m->config.version != IFMIB_V3 || counted(m, session_begin(s)) == SESSION_ANSWER)
			done = walk_on(m, s, &w);
	}
	session_close(s);
	if (!done) {
		names_table_free(table);
		return NULL;
	}
	count(m, IFMIB_WALKS);
	if (w.cut)
		count(m, IFMIB_CUT);
	if (w.wrong)
		count(m, IFMIB_BAD);
	names_table_finish(table);
	return table;
}

/* ---- one agent after the other ---- */

/* Those that answered, or were not asked yet, come before those that did not; then who is due for longest. */
static bool goes_before(const struct agent *a, const struct agent *b)
{
	if (!b || !a->failures != !b->failures)
		return !b || !a->failures;
	return a->due_ns < b->due_ns;
}

/* The one that is next; those that nobody wants any more go. @return false: none */
static bool next_agent(struct ifmib *m, struct base_addr *addr, struct base_addr *gone)
{
	uint64_t keep = 2 * m->options.refresh_ms, now;
	const struct agent *first = NULL;

	keep = ns(keep > IFMIB_KEEP_MS ? keep : IFMIB_KEEP_MS);
	*gone = (struct base_addr){0};
	pthread_mutex_lock(&m->mutex);
	now = base_clock_mono_ns();
	for (uint32_t i = 0; i < m->count && m->waiting < IFMIB_WAITING; i++) {
		struct agent *a = &m->agents[i];

		if (now - a->wanted_ns > keep && !gone->family) {
			*gone = a->addr;
			forget(m, a); /* the last one, that is not looked at yet, comes here */
			i--;
		} else if (a->due_ns <= now && goes_before(a, first)) {
			first = a;
		}
	}
	if (first)
		*addr = first->addr;
	pthread_mutex_unlock(&m->mutex);
	return first != NULL;
}

static void note(struct ifmib *m, const struct base_addr *addr, bool done)
{
	struct base_probe probe;
	struct agent *a;
	uint64_t after = m->options.refresh_ms, again = IFMIB_AGAIN_MS;

	pthread_mutex_lock(&m->mutex);
	a = find(m, addr, &probe);
	if (a) {
		a->failures = done ? 0 : a->failures + (a->failures < IFMIB_DOUBLINGS);
		again <<= a->failures ? a->failures - 1 : 0;
		if (!done && again < after)
			after = again;
		a->due_ns = base_clock_mono_ns() + ns(after);
	}
	pthread_mutex_unlock(&m->mutex);
}

static void *run(void *arg)
{
	struct ifmib *m = arg;

	while (!stopping(m)) {
		struct base_addr addr, gone;
		bool found = next_agent(m, &addr, &gone);
		struct names_table *table;

		if (gone.family)
			give(m, names_table_create(&gone));
		if (!found) {
			sleep_until(m, base_clock_mono_ns() + ns(IFMIB_IDLE_MS));
			continue;
		}
		table = walk_agent(m, &addr);
		note(m, &addr, table != NULL);
		if (table)
			give(m, table);
	}
	return NULL;
}

/* ---- start and end ---- */

static int read_networks(struct ifmib *m, const struct ifmib_options *o, char *error, size_t size)
{
	struct prefix_list list = {0};
	const char *why;
	int err = 0;

	for (unsigned i = 0; i < o->network_count && err == 0; i++) {
		struct prefix p = {.label = 1};
		unsigned width;

		err = prefix_cidr_parse(o->networks[i], &p, &width, &why);
		if (err < 0)
			snprintf(error, size, "snmp.agents: \"%.64s\": %s", o->networks[i], why);
		else
			err = prefix_list_add(&list, width, &p);
	}
	if (err == 0)
		err = prefix_table_build(&m->networks, &list);
	prefix_list_free(&list);
	return err;
}

static int make_tables(struct ifmib *m)
{
	uint64_t slots = base_index_slots(m->options.agents);

	m->index.mask = (uint32_t)(slots - 1);
	m->index.slots = calloc(slots, sizeof(*m->index.slots));
	m->agents = calloc((size_t)m->options.agents + 1, sizeof(*m->agents));
	return m->index.slots && m->agents ? 0 : -ENOMEM;
}

static void clean(struct ifmib *m)
{
	struct waiting *w;

	while ((w = m->first)) {
		m->first = w->next;
		names_table_free(w->table);
		free(w);
	}
	prefix_table_free(&m->networks);
	pthread_cond_destroy(&m->changed);
	pthread_mutex_destroy(&m->mutex);
	explicit_bzero(&m->config, sizeof(m->config));
	free(m->index.slots);
	free(m->agents);
	free(m);
}

static struct ifmib *create(const struct ifmib_options *o, const struct base_hash *hash)
{
	struct ifmib *m = calloc(1, sizeof(*m));
	pthread_condattr_t attr;

	if (!m)
		return NULL;
	m->options = *o;
	if (m->options.walk_ms == 0)
		m->options.walk_ms = IFMIB_WALK_MS;
	m->hash = hash;
	m->last = &m->first;
	pthread_mutex_init(&m->mutex, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&m->changed, &attr);
	pthread_condattr_destroy(&attr);
	return m;
}

/* Signals are for the main thread. */
static int start_thread(struct ifmib *m)
{
	sigset_t all, old;
	int err;

	sigfillset(&all);
	sigdelset(&all, SIGSYS); /* of a filter: app/weir/sandbox.h */
	pthread_sigmask(SIG_SETMASK, &all, &old);
	err = pthread_create(&m->thread, NULL, run, m);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return -err;
}

int ifmib_check(const struct ifmib_options *o, const char **option, char *error, size_t size)
{
	struct session_config config;
	int err = session_configure(&config, o, option, error, size);

	explicit_bzero(&config, sizeof(config));
	return err;
}

struct ifmib *ifmib_start(
	const struct ifmib_options *o, const struct base_hash *hash, char *error, size_t size)
{
	struct ifmib *m = create(o, hash);
	char why[128];
	int err = m ? 0 : -ENOMEM;
	const char *option;

	error[0] = '\0';
	if (err == 0) {
		err = session_configure(&m->config, o, &option, why, sizeof(why));
		if (err < 0)
			snprintf(error, size, "%s: %s", option, why);
	}
	if (err == 0)
		err = read_networks(m, o, error, size);
	if (err == 0)
		err = make_tables(m);
	if (err == 0)
		err = start_thread(m);
	if (err == 0)
		return m;
	if (!error[0])
		snprintf(error, size, "SNMP: %s", strerror(-err));
	if (m)
		clean(m);
	errno = -err;
	return NULL;
}

void ifmib_stop(struct ifmib *m)
{
	if (!m)
		return;
	pthread_mutex_lock(&m->mutex);
	__atomic_store_n(&m->stop, true, __ATOMIC_RELAXED);
	pthread_cond_broadcast(&m->changed);
	pthread_mutex_unlock(&m->mutex);
	pthread_join(m->thread, NULL);
	clean(m);
}
