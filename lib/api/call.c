/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * One request from its head to the end of its answer. Who may not ask, asks too often or for what is
 * not there is told so before a byte of the body is read.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "api/access.h"
#include "api/server_pvt.h"
#include "base/clock.h"

enum {
	CALL_ANSWER_MS = 60000, /* for the client to take an answer */
	CALL_PIECE = 32768,     /* of a stream */
	CALL_BODY = 4096,       /* first room for a body */
	CALL_WINDOWS = 3,       /* a query waits for a snapshot, at most */
	CALL_LEAST_MS = 1000,   /* or so long, where windows are short */
	CALL_LOOK_MS = 400,     /* meanwhile: how soon an end of the server is noticed */
};

struct call {
	struct api *api;
	char *target; /* taken apart by `url` */
	struct api_url url;
	struct api_match match;
	struct api_request request;
	struct api_reply reply;
	char *body;
	size_t body_len, body_room;
	uint64_t body_memory; /* of api->bodies */
	bool begun, late;     /* the head was looked at; the body is too large */
};

static struct api_connection *watched(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *i =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return i ? i->socket_context : NULL;
}

static uint64_t after_ms(uint64_t ms)
{
	return base_clock_mono_ns() + ms * UINT64_C(1000000);
}

void *api_call_begin(void *cls, const char *target, struct MHD_Connection *connection)
{
	struct call *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->api = cls;
	c->reply.status = MHD_HTTP_OK;
	c->target = strdup(target);
	return c;
}

/* ---- answers ---- */

static ssize_t stream_read(void *cls, uint64_t at, char *buf, size_t size)
{
	struct call *c = cls;
	ssize_t n;

	if (api_stopping(c->api))
		return c->reply.stream.endless ? MHD_CONTENT_READER_END_OF_STREAM
					       : MHD_CONTENT_READER_END_WITH_ERROR;
	n = c->reply.stream.read(c->reply.stream.ctx, buf, size);
	if (n > 0)
		api_count(c->api, API_BYTES_OUT, (uint64_t)n);
	if (n == API_STREAM_BROKEN)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	return n < 0 ? MHD_CONTENT_READER_END_OF_STREAM : n;
}

/* The call outlives its response: MHD ends the call last. */
static struct MHD_Response *make_stream(struct call *c)
{
	return MHD_create_response_from_callback(
		MHD_SIZE_UNKNOWN, CALL_PIECE, stream_read, c, NULL);
}

static struct MHD_Response *make_text(struct call *c, char *text)
{
	size_t len = strlen(text);
	struct MHD_Response *r = MHD_create_response_from_buffer(len, text, MHD_RESPMEM_MUST_FREE);

	if (!r)
		free(text);
	else
		api_count(c->api, API_BYTES_OUT, len);
	return r;
}

/* With a newline, for those who read it in a terminal. */
static char *dump_line(const json_t *json)
{
	char *text = json_dumps(json, JSON_INDENT(1) | JSON_REAL_PRECISION(15)), *line;
	size_t len = text ? strlen(text) : 0;

	line = text ? realloc(text, len + 2) : NULL;
	if (!line)
		return text;
	memcpy(line + len, "\n", 2);
	return line;
}

/* The JSON goes once it is text: a client may take long to take that. */
static char *text_of_json(struct call *c)
{
	char *text = dump_line(c->reply.json);

	json_decref(c->reply.json);
	c->reply.json = NULL;
	api_budget_give(&c->api->answers, c->reply.memory);
	c->reply.memory = 0;
	return text;
}

static struct MHD_Response *make_response(struct call *c, const char **type)
{
	struct api_reply *reply = &c->reply;
	char *text = reply->text;

	reply->text = NULL;
	*type = reply->stream.read ? reply->stream.type : reply->type;
	if (reply->stream.read)
		return make_stream(c);
	if (reply->json) {
		*type = "application/json";
		free(text);
		text = text_of_json(c);
	}
	if (text)
		return make_text(c, text);
	*type = NULL;
	return MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
}

static void add_headers(struct call *c, struct MHD_Response *r, const char *type)
{
	if (type)
		MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	MHD_add_response_header(r, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	MHD_add_response_header(r, "X-Content-Type-Options", "nosniff");
	if (c->reply.status == MHD_HTTP_UNAUTHORIZED)
		MHD_add_response_header(r, MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Bearer");
	if (c->reply.status == MHD_HTTP_TOO_MANY_REQUESTS)
		MHD_add_response_header(r, MHD_HTTP_HEADER_RETRY_AFTER, "1");
	if (c->reply.status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(r, MHD_HTTP_HEADER_ALLOW, c->match.methods);
}

static void count_answer(struct call *c)
{
	unsigned status = c->reply.status;

	if (status >= 400)
		api_count(c->api, API_ERRORS, 1);
	if (status == MHD_HTTP_UNAUTHORIZED || status == MHD_HTTP_FORBIDDEN)
		api_count(c->api, API_DENIED, 1);
	if (status == MHD_HTTP_TOO_MANY_REQUESTS)
		api_count(c->api, API_LIMITED, 1);
	if (status == MHD_HTTP_CONTENT_TOO_LARGE)
		api_count(c->api, API_TOO_LARGE, 1);
}

static enum MHD_Result answer(struct call *c, struct MHD_Connection *connection)
{
	const char *type = NULL;
	struct MHD_Response *r;
	enum MHD_Result queued;

	if (c->reply.text && !c->reply.type)
		c->reply.type = "text/plain; charset=utf-8";
	count_answer(c);
	r = make_response(c, &type);
	if (!r)
		return MHD_NO;
	add_headers(c, r, type);
	api_watch_set(&c->api->watch, watched(connection),
		c->reply.stream.read ? 0 : after_ms(CALL_ANSWER_MS));
	queued = MHD_queue_response(connection, c->reply.status, r);
	MHD_destroy_response(r);
	return queued;
}

/* ---- the head ---- */

static struct base_addr client_addr(struct MHD_Connection *connection)
{
	static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
	const union MHD_ConnectionInfo *i =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const struct sockaddr *a = i ? i->client_addr : NULL;
	uint8_t bytes[16];

	if (a && a->sa_family == AF_INET) {
		memcpy(bytes, (const char *)a + offsetof(struct sockaddr_in, sin_addr), 4);
		return base_addr_from(bytes, 4);
	}
	if (!a || a->sa_family != AF_INET6)
		return (struct base_addr){0};
	memcpy(bytes, (const char *)a + offsetof(struct sockaddr_in6, sin6_addr), 16);
	if (memcmp(bytes, mapped, sizeof(mapped)) == 0)
		return base_addr_from(bytes + sizeof(mapped), 4);
	return base_addr_from(bytes, 16);
}

static const char *header(struct MHD_Connection *connection, const char *name)
{
	return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static bool is_read(const char *method)
{
	return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
}

/* Browsers say whose page asks: an image on any page asks whatever its author likes. */
static bool is_foreign(struct MHD_Connection *connection)
{
	const char *site = header(connection, "Sec-Fetch-Site");

	if (header(connection, MHD_HTTP_HEADER_ORIGIN))
		return true;
	return site && strcmp(site, "none") != 0 && strcmp(site, "same-origin") != 0;
}

/* @return whether the client may ask this */
static bool check_access(struct call *c, struct MHD_Connection *connection, const char *method)
{
	const struct api_access *access = &c->api->access;
	const char *host =
		c->url.authority ? c->url.authority : header(connection, MHD_HTTP_HEADER_HOST);
	enum api_role role =
		api_access_role(access, header(connection, MHD_HTTP_HEADER_AUTHORIZATION));

	c->request.role = role;
	c->request.foreign = is_foreign(connection);
	c->request.last_event = header(connection, "Last-Event-ID");
	if (role == API_NOBODY)
		api_fail(&c->reply, MHD_HTTP_UNAUTHORIZED,
			"a token is asked for: send \"Authorization: Bearer TOKEN\"");
	else if (role == API_READER && !is_read(method))
		api_fail(&c->reply, MHD_HTTP_FORBIDDEN, "this token may read, not change");
	else if (!api_access_asks(access) && host && !api_host_is_local(host))
		api_fail(&c->reply, MHD_HTTP_FORBIDDEN,
			"without a token (api.token) this server answers to localhost and to "
			"addresses alone, not to \"%.64s\"",
			host);
	else
		return true;
	return false;
}

/* A path that is almost right is most often one with a part too many or too few. */
static void fail_path(struct call *c, const char *method)
{
	if (c->match.methods[0])
		api_fail(&c->reply, MHD_HTTP_METHOD_NOT_ALLOWED, "%.16s is not for this path",
			method);
	else
		api_fail(&c->reply, MHD_HTTP_NOT_FOUND,
			"there is no such path; /api-docs says which there are");
}

/* The route, and the resource where it is about one. @return whether there is one */
static bool check_route(struct call *c, const char *method)
{
	struct api_request *r = &c->request;

	api_match(method, &c->url, &c->match);
	r->api = c->api;
	r->route = c->match.route;
	r->url = &c->url;
	memcpy(r->names, c->match.names, sizeof(r->names));
	if (!r->route) {
		fail_path(c, method);
		return false;
	}
	if (r->route->kinds == API_NO_KIND)
		return true;
	r->resource = api_resource_find(c->api, r->names[0]);
	if (!r->resource)
		api_fail(&c->reply, MHD_HTTP_NOT_FOUND, "this server has no %.64s", r->names[0]);
	return r->resource != NULL;
}

/*
 * @param err  of reading the target
 * @return whether it could be read, and names a route whose parameters are right
 */
static bool check_target(struct call *c, int err, const char *method)
{
	struct api_error e = {.text = ""};

	if (err == -EINVAL)
		api_fail(&c->reply, MHD_HTTP_BAD_REQUEST, "%s", c->url.wrong);
	else if (err == -ENAMETOOLONG)
		fail_path(c, method);
	else if (err < 0)
		api_fail(&c->reply, MHD_HTTP_INTERNAL_SERVER_ERROR, "out of memory");
	if (err < 0 || !check_route(c, method))
		return false;
	if (api_check_arguments(c->request.route, &c->url, &e) == 0)
		return true;
	api_fail_error(&c->reply, MHD_HTTP_BAD_REQUEST, &e);
	return false;
}

static bool check_length(struct call *c, struct MHD_Connection *connection)
{
	const char *text = header(connection, MHD_HTTP_HEADER_CONTENT_LENGTH);

	if (!text || strtoull(text, NULL, 10) <= c->api->options.body_bytes)
		return true;
	api_fail(&c->reply, MHD_HTTP_CONTENT_TOO_LARGE,
		"a body of %.20s bytes; at most %llu are taken (api.request_limit)", text,
		(unsigned long long)c->api->options.body_bytes);
	return false;
}

static bool check_rate(struct call *c, struct MHD_Connection *connection)
{
	const struct base_addr addr = client_addr(connection);

	if (api_limit_take(&c->api->limit, &addr, base_clock_mono_ns()))
		return true;
	api_fail(&c->reply, MHD_HTTP_TOO_MANY_REQUESTS,
		"more than %u requests in a second (api.requests)", c->api->options.requests);
	return false;
}

static enum MHD_Result take_head(
	struct call *c, struct MHD_Connection *connection, const char *method)
{
	/* It may say which host is asked. */
	int err = c->target ? api_url_parse(c->target, &c->url) : -ENOMEM;

	c->begun = true;
	api_count(c->api, API_REQUESTS, 1);
	if (check_rate(c, connection) && check_access(c, connection, method) &&
		check_target(c, err, method) && check_length(c, connection))
		return MHD_YES;
	return answer(c, connection);
}

/* ---- the body ---- */

/* A body that is too long is read on, so that its client can read the answer. */
static void take_body(struct call *c, const char *data, size_t size)
{
	size_t need = c->body_len + size;

	api_count(c->api, API_BYTES_IN, size);
	c->late = c->late || need > c->api->options.body_bytes;
	if (c->late)
		return;
	if (need > c->body_room) {
		size_t room = c->body_room ? c->body_room : CALL_BODY;
		char *body;

		while (room < need)
			room *= 2;
		body = realloc(c->body, room);
		c->late = !body;
		if (!body)
			return;
		c->body = body;
		c->body_room = room;
	}
	memcpy(c->body + c->body_len, data, size);
	c->body_len = need;
}

/* @return whether there is memory for the JSON of the body; let_go() gives it back */
static bool take_memory(struct call *c)
{
	struct api_budget *b = &c->api->bodies;
	uint64_t cost = api_json_cost(c->body, c->body_len);

	if (api_budget_take(b, cost)) {
		c->body_memory = cost;
		return true;
	}
	if (cost > b->limit)
		api_fail(&c->reply, MHD_HTTP_CONTENT_TOO_LARGE,
			"the body has too many lists and values for its length");
	else
		api_fail(&c->reply, MHD_HTTP_SERVICE_UNAVAILABLE,
			"too many large bodies at the same time; try again");
	return false;
}

/* The body is done with, long before its answer may be taken. */
static void let_go(struct call *c)
{
	json_decref((json_t *)(uintptr_t)c->request.body);
	c->request.body = NULL;
	api_budget_give(&c->api->bodies, c->body_memory);
	c->body_memory = 0;
	free(c->body);
	c->body = NULL;
}

/* @return whether there is a JSON object where the route wants one */
static bool parse_body(struct call *c)
{
	json_error_t e;

	if (c->late) {
		api_fail(&c->reply, MHD_HTTP_CONTENT_TOO_LARGE,
			"the body is too long; at most %llu bytes are taken (api.request_limit)",
			(unsigned long long)c->api->options.body_bytes);
		return false;
	}
	if (strcmp(c->request.route->method, "PUT") != 0)
		return true;
	if (!take_memory(c))
		return false;
	c->request.body =
		json_loadb(c->body ? c->body : "", c->body_len, JSON_REJECT_DUPLICATES, &e);
	if (c->request.body && json_is_object(c->request.body))
		return true;
	if (c->request.body)
		api_fail(&c->reply, MHD_HTTP_BAD_REQUEST, "the body is not a JSON object");
	else
		api_fail(&c->reply, MHD_HTTP_BAD_REQUEST,
			"the body is no JSON: line %d, column %d: %s", e.line, e.column, e.text);
	return false;
}

/* ---- the end ---- */

/*
 * The newest snapshot, of `view` one that has a view: these are made while they are asked for, so that
 * the first query waits for the next one. Nothing is held meanwhile. @return NULL: none came in time
 */
static const struct window_snapshot *hold(struct api *api, bool view)
{
	uint64_t patience_ms = CALL_WINDOWS * api->options.window_ms;
	uint64_t end_ns = after_ms(patience_ms > CALL_LEAST_MS ? patience_ms : CALL_LEAST_MS);

	if (view)
		window_exchange_want_view(api->x);
	for (;;) {
		const struct window_snapshot *s = window_exchange_hold(api->x);
		uint64_t number = s ? s->number : 0, now = base_clock_mono_ns(), left;

		if (s && (s->view || !view))
			return s;
		window_exchange_release(api->x);
		if (now >= end_ns || api_stopping(api))
			return NULL;
		left = (end_ns - now) / 1000000 + 1;
		window_exchange_wait(api->x, number, left < CALL_LOOK_MS ? left : CALL_LOOK_MS);
	}
}

/* A snapshot is held as long as the handler takes, which never waits. */
static void handle(struct call *c)
{
	struct api_request *r = &c->request;

	if (r->route->prepare && !r->route->prepare(r, &c->reply))
		return;
	if (!r->route->snapshot && !r->route->view) {
		r->route->handle(r, &c->reply);
		return;
	}
	window_exchange_register();
	r->snapshot = hold(c->api, r->route->view || (r->route->view_if && r->route->view_if(r)));
	if (r->snapshot) {
		r->route->handle(r, &c->reply);
		r->snapshot = NULL;
		window_exchange_release(c->api->x);
	} else {
		api_fail(&c->reply, MHD_HTTP_SERVICE_UNAVAILABLE,
			"no window was closed in time; try again");
	}
	window_exchange_unregister();
}

enum MHD_Result api_call_take(void *cls, struct MHD_Connection *connection, const char *url,
	const char *method, const char *version, const char *data, size_t *size, void **own)
{
	struct call *c = *own;

	if (!c)
		return MHD_NO; /* memory is short: the connection is closed */
	if (!c->begun)
		return take_head(c, connection, method);
	if (*size > 0) {
		take_body(c, data, *size);
		*size = 0;
		return MHD_YES;
	}
	api_watch_set(&c->api->watch, watched(connection), 0);
	/* A handler may wait: the time in which nothing moves begins again behind it. */
	MHD_set_connection_option(connection, MHD_CONNECTION_OPTION_TIMEOUT, 0u);
	if (parse_body(c))
		handle(c);
	let_go(c);
	MHD_set_connection_option(connection, MHD_CONNECTION_OPTION_TIMEOUT, (unsigned)API_IDLE_S);
	return answer(c, connection);
}

void api_call_end(void *cls, struct MHD_Connection *connection, void **own,
	enum MHD_RequestTerminationCode how)
{
	struct call *c = *own;

	if (!c)
		return;
	*own = NULL;
	api_watch_set(&c->api->watch, watched(connection), after_ms(c->api->options.timeout_ms));
	if (c->reply.stream.free)
		c->reply.stream.free(c->reply.stream.ctx);
	json_decref(c->reply.json);
	api_budget_give(&c->api->answers, c->reply.memory);
	free(c->reply.text);
	let_go(c);
	free(c->target);
	free(c);
}
