/* SPDX-License-Identifier: BSD-3-Clause */

/* First: its own configuration decides what system headers say. */
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/library/large_fd_set.h>
#include <net-snmp/library/lcd_time.h>

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "ifmib/session_pvt.h"

enum {
	SESSION_LOOK_MS = 100,  /* how soon a stop is noticed */
	SESSION_GRACE_MS = 500, /* past all tries, however much else arrives */
	SESSION_PASSWORD = 8,   /* RFC 3414, section 11.2 */
	SESSION_ENGINE = 32,    /* bytes of an engine's ID */
};

struct session {
	void *handle;
	const struct session_config *config;
	const bool *stop;
	/* The question under way. */
	struct walk *walk;
	bool done;
	enum session_result result;
};

/* ---- the library ---- */

/* No files, no MIBs, no words: what is asked for is known, and what goes wrong is counted. */
static void library_init(void)
{
	setenv("MIBS", "", 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_READ_CONFIGS, 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DISABLE_PERSISTENT_LOAD, 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DISABLE_PERSISTENT_SAVE, 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_PERSIST_STATE, 1);
	set_persistent_directory("/dev/null");
	snmp_disable_log();
	init_snmp("weir");
}

/* Why options cannot be had. */
struct refusal {
	const char **option;
	char *error;
	size_t size;
};

static int fail(const struct refusal *r, const char *option, const char *text)
{
	*r->option = option;
	snprintf(r->error, r->size, "%s", text);
	return -EINVAL;
}

static int make_key(
	const oid *hash, size_t hash_len, const char *password, unsigned char *key, size_t *len)
{
	*len = SESSION_KEY;
	return generate_Ku(hash, (u_int)hash_len, (const u_char *)password, strlen(password), key,
		       len) == SNMPERR_SUCCESS
		       ? 0
		       : -EINVAL;
}

static int configure_auth(
	struct session_config *c, const struct ifmib_options *o, const struct refusal *r)
{
	const oid *hash;
	size_t len;

	if (strcmp(o->auth_protocol, "none") == 0)
		return 0;
	if (strlen(o->auth_password) < SESSION_PASSWORD)
		return fail(r, "snmp.auth_password", "it has at least 8 characters");
	c->auth = usm_lookup_auth_type(o->auth_protocol);
	hash = c->auth > 0 ? sc_get_auth_oid(c->auth, &len) : NULL;
	if (!hash || make_key(hash, len, o->auth_password, c->auth_key, &c->auth_key_len) < 0)
		return fail(r, "snmp.auth_protocol", "this net-snmp does not know it");
	return 0;
}

/* The key is made with the hash of the other one (RFC 3414, section 2.6). */
static int configure_priv(
	struct session_config *c, const struct ifmib_options *o, const struct refusal *r)
{
	const oid *hash;
	size_t len;

	if (strcmp(o->priv_protocol, "none") == 0)
		return 0;
	if (!c->auth)
		return fail(r, "snmp.priv_protocol",
			"it takes an snmp.auth_protocol; encryption alone is not possible");
	if (strlen(o->priv_password) < SESSION_PASSWORD)
		return fail(r, "snmp.priv_password", "it has at least 8 characters");
	c->priv = usm_lookup_priv_type(o->priv_protocol);
	hash = c->priv > 0 ? sc_get_auth_oid(c->auth, &len) : NULL;
	if (!hash || make_key(hash, len, o->priv_password, c->priv_key, &c->priv_key_len) < 0)
		return fail(r, "snmp.priv_protocol", "this net-snmp does not know it");
	return 0;
}

int session_configure(struct session_config *c, const struct ifmib_options *o, const char **option,
	char *error, size_t size)
{
	const struct refusal r = {option, error, size};
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	int err;

	pthread_once(&once, library_init);
	*c = (struct session_config){.version = o->version,
		.port = o->port,
		.timeout_ms = o->timeout_ms,
		.retries = o->retries};
	snprintf(c->community, sizeof(c->community), "%s", o->community);
	snprintf(c->user, sizeof(c->user), "%s", o->user);
	if (o->version == IFMIB_V2C)
		return 0;
	err = configure_auth(c, o, &r);
	return err < 0 ? err : configure_priv(c, o, &r);
}

/* ---- one agent ---- */

/* The security of version 3; what `session` points to is copied by snmp_sess_open(). */
static void set_user(netsnmp_session *session, const struct session_config *c)
{
	size_t len;

	session->securityName = (char *)(uintptr_t)c->user;
	session->securityNameLen = strlen(c->user);
	session->securityModel = SNMP_SEC_MODEL_USM;
	session->securityLevel = c->priv   ? SNMP_SEC_LEVEL_AUTHPRIV
				 : c->auth ? SNMP_SEC_LEVEL_AUTHNOPRIV
					   : SNMP_SEC_LEVEL_NOAUTH;
	/* The library's own search for the engine waits without an end if junk keeps coming. */
	session->flags |= SNMP_FLAGS_DONT_PROBE;
	if (c->auth) {
		session->securityAuthProto = sc_get_auth_oid(c->auth, &len);
		session->securityAuthProtoLen = len;
		memcpy(session->securityAuthKey, c->auth_key, c->auth_key_len);
		session->securityAuthKeyLen = c->auth_key_len;
	}
	if (c->priv) {
		session->securityPrivProto = sc_get_priv_oid(c->priv, &len);
		session->securityPrivProtoLen = len;
		memcpy(session->securityPrivKey, c->priv_key, c->priv_key_len);
		session->securityPrivKeyLen = c->priv_key_len;
	}
}

/* Only the agent's own answers are read. */
static void connect_to(struct session *s, const struct base_addr *agent)
{
	int fd = snmp_sess_transport(s->handle)->sock;
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(s->config->port)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(s->config->port)};

	memcpy(&v4.sin_addr, agent->bytes, sizeof(v4.sin_addr));
	memcpy(&v6.sin6_addr, agent->bytes, sizeof(v6.sin6_addr));
	if (agent->family == 4)
		connect(fd, (const struct sockaddr *)&v4, sizeof(v4));
	else
		connect(fd, (const struct sockaddr *)&v6, sizeof(v6));
}

struct session *session_open(
	const struct session_config *c, const struct base_addr *agent, const bool *stop)
{
	struct session *s = calloc(1, sizeof(*s));
	char addr[BASE_ADDR_TEXT], peer[BASE_ADDR_TEXT + 32];
	netsnmp_session session;

	if (!s)
		return NULL;
	s->config = c;
	s->stop = stop;
	base_addr_print(agent, addr);
	snprintf(peer, sizeof(peer), agent->family == 4 ? "udp:%s:%u" : "udp6:[%s]:%u", addr,
		c->port);
	snmp_sess_init(&session);
	session.peername = peer;
	session.timeout = (long)c->timeout_ms * 1000;
	session.retries = (int)c->retries;
	session.version = c->version == IFMIB_V3 ? SNMP_VERSION_3 : SNMP_VERSION_2c;
	if (c->version == IFMIB_V3) {
		set_user(&session, c);
	} else {
		session.community = (u_char *)(uintptr_t)c->community;
		session.community_len = strlen(c->community);
	}
	s->handle = snmp_sess_open(&session);
	if (!s->handle) {
		free(s);
		return NULL;
	}
	connect_to(s, agent);
	return s;
}

/* The library keeps users and times of all engines that it has heard of: an agent could make up many. */
static void forget_engine(u_char *engine, size_t len, const char *user)
{
	struct usmUser *u = usm_get_user(engine, len, (char *)(uintptr_t)user);

	if (u) {
		usm_remove_user(u);
		usm_free_user(u);
	}
	free_enginetime(engine, len);
}

void session_close(struct session *s)
{
	const netsnmp_session *session;
	u_char engine[SESSION_ENGINE];
	size_t len;

	if (!s)
		return;
	session = snmp_sess_session(s->handle);
	len = session->securityEngineIDLen < sizeof(engine) ? session->securityEngineIDLen
							    : sizeof(engine);
	if (len > 0)
		memcpy(engine, session->securityEngineID, len);
	snmp_sess_close(s->handle);
	if (len > 0)
		forget_engine(engine, len, s->config->user);
	free(s);
}

/* ---- questions ---- */

static enum session_result take(struct walk *w, const netsnmp_pdu *pdu)
{
	bool any = false;

	if (pdu->command != SNMP_MSG_RESPONSE)
		return SESSION_REFUSED;
	if (pdu->errstat == SNMP_ERR_TOOBIG)
		return SESSION_TOO_BIG;
	if (pdu->errstat != SNMP_ERR_NOERROR)
		return SESSION_FAILED; /* nothing is known of what is behind */
	for (const netsnmp_variable_list *v = pdu->variables; w && v; v = v->next_variable) {
		const struct walk_row row = {.name = v->name,
			.name_len = v->name_length,
			.text = v->type == ASN_OCTET_STR,
			.bytes = v->val.string,
			.len = v->type == ASN_OCTET_STR ? v->val_len : 0};

		if (!walk_row(w, &row))
			return SESSION_ANSWER;
		any = true;
	}
	if (w)
		walk_answer(w, any);
	return SESSION_ANSWER;
}

static int arrived(int operation, netsnmp_session *session, int id, netsnmp_pdu *pdu, void *ctx)
{
	struct session *s = ctx;

	if (operation == NETSNMP_CALLBACK_OP_RESEND)
		return 1;
	s->done = true;
	if (operation == NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE && pdu)
		s->result = take(s->walk, pdu);
	else if (operation == NETSNMP_CALLBACK_OP_TIMED_OUT)
		s->result = SESSION_TIMEOUT;
	else if (operation == NETSNMP_CALLBACK_OP_SEC_ERROR)
		s->result = SESSION_REFUSED;
	else
		s->result = SESSION_FAILED;
	return 1;
}

static void read_some(struct session *s, int fd)
{
	netsnmp_large_fd_set set;

	netsnmp_large_fd_set_init(&set, fd + 1);
	NETSNMP_LARGE_FD_ZERO(&set);
	NETSNMP_LARGE_FD_SET(fd, &set);
	snmp_sess_read2(s->handle, &set);
	netsnmp_large_fd_set_cleanup(&set);
}

/* Until the answer is there, or time is over: at the latest by a clock of our own. */
static enum session_result wait_for(struct session *s)
{
	const struct session_config *c = s->config;
	uint64_t most_ms = c->timeout_ms * (c->retries + 1) + SESSION_GRACE_MS;
	uint64_t end_ns = base_clock_mono_ns() + most_ms * UINT64_C(1000000);
	struct pollfd p = {.fd = snmp_sess_transport(s->handle)->sock, .events = POLLIN};

	s->result = SESSION_TIMEOUT;
	while (!s->done && base_clock_mono_ns() < end_ns &&
		!__atomic_load_n(s->stop, __ATOMIC_RELAXED)) {
		if (poll(&p, 1, SESSION_LOOK_MS) > 0)
			read_some(s, p.fd);
		if (!s->done)
			snmp_sess_timeout(s->handle);
	}
	return s->result;
}

/* Takes over the PDU. */
static enum session_result ask(struct session *s, netsnmp_pdu *pdu, struct walk *w)
{
	s->walk = w;
	s->done = false;
	if (!snmp_sess_async_send(s->handle, pdu, arrived, s)) {
		snmp_free_pdu(pdu);
		return SESSION_FAILED;
	}
	return wait_for(s);
}

enum session_result session_begin(struct session *s)
{
	netsnmp_session *session = snmp_sess_session(s->handle);
	enum session_result result;
	netsnmp_pdu *pdu;

	if (s->config->version != IFMIB_V3)
		return SESSION_ANSWER;
	pdu = snmp_pdu_create(SNMP_MSG_GET);
	if (!pdu)
		return SESSION_FAILED;
	pdu->version = SNMP_VERSION_3;
	pdu->securityName = strdup("");
	pdu->securityLevel = SNMP_SEC_LEVEL_NOAUTH;
	pdu->securityModel = SNMP_SEC_MODEL_USM;
	result = ask(s, pdu, NULL); /* refused, with the engine in the report */
	if (result == SESSION_TIMEOUT || result == SESSION_FAILED)
		return result;
	if (session->securityEngineIDLen == 0 || session->securityEngineIDLen > SESSION_ENGINE ||
		usm_create_user_from_session(session) != SNMPERR_SUCCESS)
		return SESSION_REFUSED;
	return SESSION_ANSWER;
}

enum session_result session_ask(struct session *s, struct walk *w, unsigned most)
{
	netsnmp_pdu *pdu = snmp_pdu_create(SNMP_MSG_GETBULK);
	unsigned long name[WALK_NAME];
	size_t len = walk_next(w, name);

	if (!pdu)
		return SESSION_FAILED;
	pdu->non_repeaters = 0;
	pdu->max_repetitions = (long)most;
	snmp_add_null_var(pdu, name, len);
	return ask(s, pdu, w);
}
