/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "ifmib/ifmib.h"
#include "ifmib/walk.h"

/*
 * net-snmp, of which nothing else is known outside of session.c. One thread at a time: its state of
 * users and engines is global.
 */

enum { SESSION_KEY = 64 };

/* How all agents are asked. */
struct session_config {
	enum ifmib_version version;
	char community[IFMIB_SECRET];
	char user[IFMIB_SECRET];
	int auth, priv; /* types of net-snmp; 0: none */
	unsigned char auth_key[SESSION_KEY], priv_key[SESSION_KEY];
	size_t auth_key_len, priv_key_len;
	uint16_t port;
	uint64_t timeout_ms;
	unsigned retries;
};

enum session_result {
	SESSION_ANSWER,
	SESSION_TIMEOUT,
	SESSION_REFUSED, /* a report: who asks, or how, is not right */
	SESSION_TOO_BIG, /* the answer would have been longer than the agent can send */
	SESSION_FAILED,  /* not sent, answered with an error, or no memory */
};

/**
 * Make the configuration of the options: the library is initialised, keys are made of passwords.
 * @return 0 or -EINVAL, as ifmib_check()
 */
int session_configure(struct session_config *c, const struct ifmib_options *o, const char **option,
	char *error, size_t size);

struct session;

/**
 * A way to one agent. @return NULL: no socket, or no memory
 * @param stop  relaxed atomic; questions end soon once it is set
 */
struct session *session_open(
	const struct session_config *c, const struct base_addr *agent, const bool *stop);
void session_close(struct session *s);

/** Version 3: learn the agent's engine, before all questions. Of version 2c: nothing. */
enum session_result session_begin(struct session *s);

/** Ask for what is behind, up to `most` rows, and have the walk take it. Waits for the answer. */
enum session_result session_ask(struct session *s, struct walk *w, unsigned most);
