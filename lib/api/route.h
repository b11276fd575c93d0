/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "api/access.h"
#include "api/resource.h"
#include "api/url.h"

/*
 * The table of what the API answers (api/routes.c): a row has method, path, query parameters, the
 * schema of the answer, and the function that makes it. Requests are checked and dispatched by the
 * rows, and /api-docs is written from them.
 */

struct api;
struct api_view;

enum api_parameter_type {
	API_UINT,   /* decimal, from min to max */
	API_NUMBER, /* decimal, perhaps negative or with a fraction */
	API_TEXT,
	API_CHOICE, /* one of `choices` */
};

/* A query parameter. A value that does not fit its row never gets to the handler. */
struct api_parameter {
	const char *name;
	enum api_parameter_type type;
	bool required;
	const char *preset;         /* that holds where it is not given; NULL: none */
	uint64_t min, max;          /* of API_UINT */
	const char *const *choices; /* NULL ends them */
	const char *help;
};

struct api_request {
	struct api *api;
	const struct api_route *route;
	const struct api_resource *resource; /* of the routes of resources, else NULL */
	const struct api_url *url;
	enum api_role role;              /* of who asks */
	bool foreign;                    /* a browser asks for a page of another site */
	const char *names[API_SEGMENTS]; /* what stands for the {…} of the path, in order */
	const json_t *body;              /* of PUT: an object; else NULL */
	const char *last_event; /* of who had a stream before: the last id that came; or NULL */
	/* The exchange's newest snapshot, held for the call, where route->snapshot or ->view; else NULL. */
	const struct window_snapshot *snapshot;
};

enum {
	API_STREAM_END = -1,
	API_STREAM_BROKEN = -2, /* the rest is missing, and the client is to know that */
};

/* An answer that goes out piece by piece, such as Server-Sent Events. */
struct api_stream {
	void *ctx;
	/**
	 * Write the next piece; the connection has a thread of its own, so that it may wait, but for
	 * 500 ms at most, and not once api_stopping().
	 * @return bytes written; 0: nothing yet, call again; API_STREAM_END or _BROKEN
	 */
	ssize_t (*read)(void *ctx, char *buf, size_t size);
	void (*free)(void *ctx);
	const char *type; /* of the content */
	bool endless;     /* it is whole wherever it ends */
};

/* What a handler answers: one of json, text and stream; or none, with a status that has no body. */
struct api_reply {
	unsigned status;  /* 200 */
	json_t *json;     /* ownership passes */
	char *text;       /* from malloc; ownership passes */
	const char *type; /* of the text; NULL: text/plain */
	uint64_t memory;  /* taken of api->answers for `json`, which the server gives back */
	struct api_stream stream;
};

/* On the connection's own thread. */
typedef void api_handler(const struct api_request *r, struct api_reply *reply);

/* The same, before a snapshot is held, so that it may wait. @return false with `reply`: that is all */
typedef bool api_preparer(const struct api_request *r, struct api_reply *reply);

/* Of routes of resources: which kinds they are for. */
enum api_kinds {
	API_NO_KIND,
	API_ANY_KIND,
	API_NAMED_KIND,  /* whose things have names */
	API_SINGLE_KIND, /* of which there is one */
};

struct api_route {
	const char *method; /* GET, PUT, DELETE */
	const char *path;   /* "/flowvalue/{agent}/{metric}/json" */
	api_handler *handle;
	const char *summary;                    /* one line for the document */
	const char *help;                       /* more; may be NULL */
	const struct api_parameter *parameters; /* NULL: none; a row without a name ends them */
	const char *schema; /* name of the answer's row in api/schema.c; NULL: text, or none */
	const char *body;   /* schema of the body; NULL: none */
	/* Wants request.snapshot, or one with a view: 503 where none comes in time. Never waits in there. */
	bool snapshot, view;
	bool (*view_if)(
		const struct api_request *r); /* `snapshot` with a view only where this says so */
	bool filter; /* query parameters that no row has are attributes: a filter of metrics */
	enum api_kinds kinds;
	api_preparer *prepare; /* NULL: there is nothing to be done before */
	bool stream;           /* answers with a stream, so that its type is text/event-stream */
};

extern const struct api_route api_routes[];
extern const unsigned api_route_count;

/* ---- for handlers ---- */

/** The value of a parameter of the row, or its preset; NULL where there is neither. */
const char *api_text(const struct api_request *r, const char *name);
/** The same of API_UINT and API_NUMBER; 0 where there is neither. */
uint64_t api_uint(const struct api_request *r, const char *name);
double api_number(const struct api_request *r, const char *name);

/** Answer with an error: {"error": text}. Bytes of `fmt`'s arguments that are not ASCII become '?'. */
void api_fail(struct api_reply *reply, unsigned status, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/** The same, with what a resource says. */
void api_fail_error(struct api_reply *reply, unsigned status, const struct api_error *e);

/**
 * Take memory for the JSON of a long answer, which the server gives back.
 * @return false with `reply`: there is none now
 */
bool api_afford(const struct api_request *r, uint64_t bytes, struct api_reply *reply);

/** Whether the server is about to end: whoever waits should stop. Any thread. */
bool api_stopping(const struct api *api);

/* ---- for the server ---- */

enum { API_METHODS = 32 /* room for the names of all */ };

/* What a target comes to. */
struct api_match {
	const struct api_route *route; /* NULL: no such path, or not by that method */
	const char *names[API_SEGMENTS];
	/* Without a route: "GET, HEAD", those that the path takes; empty: no such path. */
	char methods[API_METHODS];
};

/** Find the row for a request; pure. */
void api_match(const char *method, const struct api_url *url, struct api_match *m);

/** Whether it is what scripts of browsers add against caches: _, or _ and a number. */
bool api_is_fresh(const struct api_argument *a);

/** Check the arguments by the rows of the route. @return 0, or -EINVAL with `e`. */
int api_check_arguments(
	const struct api_route *route, const struct api_url *url, struct api_error *e);
