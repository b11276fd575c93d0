/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "base/hash.h"
#include "names/table.h"
#include "prefix/table.h"
#include "stats/stats.h"

/*
 * Names and aliases of interfaces by SNMP: ifName and ifAlias of IF-MIB (RFC 2863), asked for in a thread of
 * its own, one agent after the other, within a rate, and again after a while. Only agents in the networks
 * of the options are asked: an agent's address stands in its datagrams, and anybody can write those, who
 * would then be told the community.
 *
 * Progress: who says which agents there are, and who takes tables, never waits.
 */

enum { IFMIB_SECRET = 256 /* room for a community, user or password */ };

enum ifmib_version { IFMIB_V2C, IFMIB_V3 };

enum ifmib_stat {
	IFMIB_REQUESTS, /* questions sent, without repetitions */
	IFMIB_ANSWERS,
	IFMIB_TIMEOUTS,
	IFMIB_REFUSED,
	IFMIB_FAILED,  /* questions that could not be sent, or were answered with an error */
	IFMIB_BAD,     /* walks in which an answer broke the rules: what came before it counts */
	IFMIB_CUT,     /* walks of agents with more interfaces than are read */
	IFMIB_WALKS,   /* walks that came to their end */
	IFMIB_SLOW,    /* walks that were given up, since their answers took too long together */
	IFMIB_OUTSIDE, /* wishes for agents that are in none of the networks */
	IFMIB_FULL,    /* wishes for which there was no room */
	IFMIB_AGENTS,  /* agents that are asked now */
	IFMIB_STATS,
};

extern const struct stats_group ifmib_stats;

struct ifmib_options {
	enum ifmib_version version;
	const char *community;                     /* of version 2c */
	const char *user;                          /* of version 3, as all below */
	const char *auth_protocol, *priv_protocol; /* names as net-snmp has them, or "none" */
	const char *auth_password, *priv_password;
	const char *const *networks; /* agents that may be asked: CIDR, or addresses */
	unsigned network_count;
	uint16_t port;
	uint64_t timeout_ms; /* of one question, which is sent `retries` times more */
	unsigned retries;
	uint64_t walk_ms;    /* a walk may wait for its answers together; 0: a minute */
	uint64_t refresh_ms; /* after this long an agent is asked again */
	unsigned rate;       /* questions a second, of all agents together */
	uint32_t interfaces; /* of an agent at most */
	uint32_t agents;     /* at most */
};

struct ifmib;

/**
 * Whether ifmib_start() can make keys of the passwords.
 * @param option  out: which one `error`, one sentence, is about, by its name in the settings
 * @return 0, or -EINVAL with `error`
 */
int ifmib_check(const struct ifmib_options *o, const char **option, char *error, size_t size);

/**
 * Start the thread. What the options point to need not outlive the call, nor may it be seen anywhere else
 * from here on: secrets are kept as keys, or in memory of its own.
 * @param hash  outlives it
 * @return NULL and errno with `error`
 */
struct ifmib *ifmib_start(
	const struct ifmib_options *o, const struct base_hash *hash, char *error, size_t size);

/** End the thread, within about a tenth of a second, and forget all. NULL is fine. */
void ifmib_stop(struct ifmib *m);

/**
 * Tell that agents are there; those not told of for as long as two refreshes, and a minute at least, are
 * forgotten. Any one thread; where the other one is busy, nothing happens.
 */
void ifmib_want(struct ifmib *m, const struct base_addr *agents, uint32_t count);

/**
 * The names of an agent as they are now, in place of those before; without any where the agent is forgotten.
 * Any one thread. @return NULL: nothing is new, or the other thread is busy; ownership passes
 */
struct names_table *ifmib_take(struct ifmib *m);

/** Its counters, in the order of ifmib_stats. Any thread. */
void ifmib_read_stats(struct ifmib *m, uint64_t values[IFMIB_STATS]);
