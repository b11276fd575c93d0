/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "api/server_pvt.h"
#include "base/addr.h"
#include "base/clock.h"
#include "base/log.h"

BASE_LOG_TYPE(log_api, "api");

enum {
	SERVER_STACK = 1 << 20,     /* of a connection's thread; JSON nests at most 2,048 deep */
	SERVER_HEAD = 32 << 10,     /* bytes for the head of a request */
	SERVER_CLIENT_SHARE = 2,    /* one client may have half of all connections */
	SERVER_BODIES = 32,         /* JSON of all requests: times the longest body */
	SERVER_ANSWERS = 512 << 20, /* JSON of all long answers, bytes */
};

static const struct stats_def defs[API_STATS] = {
	[API_CONNECTIONS] = {"connections", "connections", "Connections accepted"},
	[API_CONNECTIONS_NOW] = {"connections_now", "connections", "Connections that are open",
		.gauge = true},
	[API_REQUESTS] = {"requests", "requests", "Requests"},
	[API_ERRORS] = {"errors", "requests", "Requests answered with an error"},
	[API_DENIED] = {"denied", "requests", "Of these, without the right to ask"},
	[API_LIMITED] = {"limited", "requests", "Of these, more in a second than a client may"},
	[API_TOO_LARGE] = {"too_large", "requests", "Of these, with a body that is too long"},
	[API_TIMEOUTS] = {"timeouts", "connections",
		"Connections closed because a request or its answer took too long"},
	[API_BYTES_IN] = {"bytes_in", "bytes", "Bytes of bodies of requests"},
	[API_BYTES_OUT] = {"bytes_out", "bytes", "Bytes of bodies of answers"},
};

const struct stats_group api_stats = {"api", defs, API_STATS};

static int check(const struct api_options *o, bool token, const char **option, char *error,
	unsigned error_size)
{
	struct api_listen l;
	int err = api_listen_parse(o->listen, &l, error, error_size);

	*option = "api.listen";
	if (err < 0)
		return err;
	if (!*o->tls_cert != !*o->tls_key) {
		*option = *o->tls_cert ? "api.tls_cert" : "api.tls_key";
		snprintf(error, error_size, "TLS takes both a certificate and its key");
		return -EINVAL;
	}
	if (l.loopback || (*o->tls_cert && token))
		return 0;
	snprintf(error, error_size,
		"%s can be reached from other hosts: give a token and TLS (api.token or "
		"api.read_token, api.tls_cert, api.tls_key), or listen on 127.0.0.1",
		o->listen);
	return -EINVAL;
}

int api_check(const struct api_options *o, const char **option, char *error, unsigned error_size)
{
	return check(o, *o->token || *o->read_token, option, error, error_size);
}

int api_check_files(
	const struct api_options *o, const char **option, char *error, unsigned error_size)
{
	if (!*o->tls_cert)
		return 0;
	return api_certificate_check(o->tls_cert, o->tls_key, option, error, error_size);
}

static void copy_options(struct api *api, const struct api_options *o)
{
	const char **texts[] = {&api->options.listen, &api->options.tls_cert, &api->options.tls_key,
		&api->options.collector, &api->options.prometheus_prefix};

	api_access_init(&api->access, o->token, o->read_token);
	api->options = *o;
	api->options.token = api->options.read_token = NULL;
	for (unsigned i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		*texts[i] = base_region_text(&api->region, *texts[i] ? *texts[i] : "");
}

struct api *api_create(const struct api_options *o, struct window_exchange *x)
{
	struct api *api = calloc(1, sizeof(*api));
	json_t *document;

	if (!api)
		return NULL;
	api->x = x;
	api->started_ns = base_clock_mono_ns();
	copy_options(api, o);
	api->bodies.limit = SERVER_BODIES * o->body_bytes;
	api->answers.limit = SERVER_ANSWERS;
	document = api_document();
	api->document = document ? json_dumps(document, JSON_INDENT(1)) : NULL;
	json_decref(document);
	if (!api->document || api_limit_init(&api->limit, o->requests) < 0) {
		api_stop(api);
		errno = ENOMEM;
		return NULL;
	}
	return api;
}

int api_add_resource(struct api *api, const struct api_resource *r)
{
	if (!api_kind_find(r->kind))
		return -EINVAL;
	if (api->resource_count == API_RESOURCES)
		return -ENOSPC;
	api->resources[api->resource_count++] = *r;
	return 0;
}

/* ---- libmicrohttpd ---- */

static void note_connection(void *cls, struct MHD_Connection *connection, void **own,
	enum MHD_ConnectionNotificationCode what)
{
	struct api *api = cls;
	const union MHD_ConnectionInfo *i;

	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		api_watch_remove(&api->watch, *own);
		*own = NULL;
		__atomic_fetch_sub(&api->stats[API_CONNECTIONS_NOW], 1, __ATOMIC_RELAXED);
		return;
	}
	api_count(api, API_CONNECTIONS, 1);
	api_count(api, API_CONNECTIONS_NOW, 1);
	i = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	*own = i ? api_watch_add(&api->watch, i->connect_fd,
			   base_clock_mono_ns() + api->options.timeout_ms * UINT64_C(1000000))
		 : NULL;
}

/* Escapes stay: api_url_parse() undoes them once the path is in parts. */
static size_t keep_escapes(void *cls, struct MHD_Connection *connection, char *text)
{
	return strlen(text);
}

/* What clients do wrong is answered or counted, never logged. */
static void no_log(void *cls, const char *fmt, va_list ap)
{
}

static struct MHD_Daemon *listen_with(struct api *api)
{
	const struct api_options *o = &api->options;
	bool secure = *o->tls_cert;
	unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION |
			 MHD_USE_POLL | MHD_USE_ERROR_LOG | (secure ? MHD_USE_TLS : 0) |
			 (api->listen.addr.ss_family == AF_INET6 ? MHD_USE_IPv6 : 0);
	const struct MHD_OptionItem tls[] = {
		{MHD_OPTION_HTTPS_CERT_CALLBACK2, 0, (void *)(uintptr_t)api_certificate_give},
		{MHD_OPTION_HTTPS_PRIORITIES, 0,
			(void *)(uintptr_t) "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"},
		{MHD_OPTION_END, 0, NULL}};
	unsigned share = o->connections / SERVER_CLIENT_SHARE;

	return MHD_start_daemon(flags, 0, NULL, NULL, api_call_take, api,
		MHD_OPTION_EXTERNAL_LOGGER, no_log, NULL, /* first: it takes what the rest says */
		MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&api->listen.addr,
		MHD_OPTION_CONNECTION_LIMIT, o->connections, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
		share ? share : 1, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)API_IDLE_S,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)SERVER_HEAD,
		MHD_OPTION_THREAD_STACK_SIZE, (size_t)SERVER_STACK, MHD_OPTION_URI_LOG_CALLBACK,
		api_call_begin, api, MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL,
		MHD_OPTION_NOTIFY_COMPLETED, api_call_end, api, MHD_OPTION_NOTIFY_CONNECTION,
		note_connection, api, MHD_OPTION_ARRAY, secure ? tls : &tls[2], MHD_OPTION_END);
}

/* Signals are for the main thread: threads that are made here get none. */
static int listen_on(struct api *api, char *error, unsigned error_size)
{
	const struct api_options *o = &api->options;
	sigset_t all, old;
	int err = 0;

	if (*o->tls_cert)
		err = api_certificate_open(
			&api->certificate, o->tls_cert, o->tls_key, error, error_size);
	sigfillset(&all);
	sigdelset(&all, SIGSYS); /* of a filter: app/weir/sandbox.h */
	pthread_sigmask(SIG_SETMASK, &all, &old);
	if (err == 0)
		err = api_watch_start(&api->watch, &api->stats[API_TIMEOUTS]);
	errno = 0;
	if (err == 0 && !(api->daemon = listen_with(api))) {
		err = errno ? -errno : -EINVAL;
		snprintf(error, error_size, "cannot listen on %s (api.listen): %s%s", o->listen,
			errno ? strerror(errno) : "libmicrohttpd refuses",
			err == -EACCES ? "; a port below 1024 needs CAP_NET_BIND_SERVICE" : "");
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return err;
}

int api_start(struct api *api, char *error, unsigned error_size)
{
	const char *colon, *option;
	int err = check(&api->options, api_access_asks(&api->access), &option, error, error_size);

	if (err == 0)
		err = api_listen_parse(api->options.listen, &api->listen, error, error_size);
	if (err == 0)
		err = listen_on(api, error, error_size);
	if (err < 0)
		return err;
	colon = strrchr(api->options.listen, ':');
	base_log(&log_api, BASE_LOG_NOTICE, "HTTP API at %s://%.*s:%u/",
		*api->options.tls_cert ? "https" : "http", (int)(colon - api->options.listen),
		api->options.listen, api_port(api));
	return 0;
}

uint16_t api_port(const struct api *api)
{
	const union MHD_DaemonInfo *i = MHD_get_daemon_info(api->daemon, MHD_DAEMON_INFO_BIND_PORT);

	return i ? i->port : 0;
}

bool api_afford(const struct api_request *r, uint64_t bytes, struct api_reply *reply)
{
	if (api_budget_take(&r->api->answers, bytes)) {
		reply->memory += bytes;
		return true;
	}
	api_fail(reply, MHD_HTTP_SERVICE_UNAVAILABLE,
		"the answer is too long, or there are too many long ones at the same time; ask for "
		"less, or try again");
	return false;
}

bool api_stopping(const struct api *api)
{
	return __atomic_load_n(&api->stopping, __ATOMIC_RELAXED);
}

void api_stop(struct api *api)
{
	if (!api)
		return;
	__atomic_store_n(&api->stopping, true, __ATOMIC_RELAXED);
	if (api->daemon) {
		api_watch_shut(&api->watch);
		MHD_stop_daemon(api->daemon);
	}
	api_watch_stop(&api->watch);
	api_certificate_close(&api->certificate);
	api_limit_fini(&api->limit);
	base_region_free(&api->region);
	free(api->document);
	free(api);
}

void api_read_stats(const struct api *api, uint64_t *stats)
{
	for (unsigned i = 0; i < API_STATS; i++)
		stats[i] = __atomic_load_n(&api->stats[i], __ATOMIC_RELAXED);
}
