/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <math.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>

#include "api/handlers_pvt.h"
#include "api/server_pvt.h"
#include "base/clock.h"
#include "window/ring.h"

/*
 * Events and flow records: newest first and at once, or as soon as there is one; or one after the
 * other as Server-Sent Events. Whoever waits looks up now and then whether the server ends.
 */

enum {
	LOOK_MS = 400,           /* how soon an end of the server is noticed */
	WAIT_MOST = 120,         /* seconds */
	STREAM_PIECE = 16,       /* documents looked at at once */
	DOCUMENT_COST = 700,     /* about what the JSON of one takes, in bytes, */
	PAIR_COST = 300,         /* and of each of its pairs, */
	TEXT_COST = 2,           /* and of each byte of these */
	STREAM_ALIVE_MS = 10000, /* a comment this often, so that a dead client is noticed */
};

/* Which documents are asked for. */
struct wish {
	struct ring *ring;
	const char *name, *state; /* NULL: all */
	const char *flow;         /* NULL, or the definition that they are of */
	unsigned most;
};

static bool has_state(const struct ring_document *d, const char *state)
{
	for (uint32_t i = 0; i < d->count; i++) {
		if (strcmp(d->pairs[i].name, "state") == 0)
			return strcmp(d->pairs[i].text, state) == 0;
	}
	return false;
}

/* What is a number by its pair is written by the collector itself. */
static json_t *pair_json(const struct metric_pair *p)
{
	char *end;
	long long v;

	if (p->json)
		return json_loads(p->text, JSON_DECODE_ANY, NULL);
	if (!p->number)
		return json_string(p->text);
	errno = 0;
	v = strtoll(p->text, &end, 10);
	return *end || errno ? json_real(strtod(p->text, NULL)) : json_integer(v);
}

json_t *api_document_json(const struct ring *ring, const struct ring_document *d)
{
	json_t *json = json_object();

	json_object_set_new_nocheck(json, ring_id_name(ring), json_integer((json_int_t)d->id));
	for (uint32_t i = 0; i < d->count; i++)
		json_object_set_new_nocheck(json, d->pairs[i].name, pair_json(&d->pairs[i]));
	return json;
}

uint64_t api_document_cost(const struct ring_document *d)
{
	uint64_t cost = DOCUMENT_COST;

	for (uint32_t i = 0; i < d->count; i++)
		cost += PAIR_COST + TEXT_COST * strlen(d->pairs[i].text);
	return cost;
}

/* An id that no client can mean is as good as none. */
static int64_t id_of(double v)
{
	return v >= 0 && v < (double)(INT64_C(1) << 53) ? (int64_t)v : -1;
}

/* ---- at once, or as soon as there is one ---- */

/* Documents that are asked for move to the front. @return how many; the rest is let go */
static unsigned choose(const struct wish *w, struct ring_document **list, unsigned n)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < n; i++) {
		struct ring_document *d = list[i];

		if (kept == w->most || (w->state && !has_state(d, w->state)))
			ring_release(&d, 1);
		else
			list[kept++] = d;
	}
	return kept;
}

/* @return an array, perhaps empty; NULL with `reply`: there is no memory for it now */
static json_t *read_newest(
	const struct api_request *r, const struct wish *w, int64_t since, struct api_reply *reply)
{
	unsigned room = w->state ? ring_view(w->ring) : w->most, n;
	struct ring_document **list = malloc((room + 1) * sizeof(*list));
	json_t *json = NULL;
	uint64_t cost = 0;

	if (!list)
		return json_array();
	n = choose(w, list, ring_read_newest(w->ring, since, w->name, list, room));
	for (unsigned i = 0; i < n; i++)
		cost += api_document_cost(list[i]);
	if (api_afford(r, cost, reply)) {
		json = json_array();
		for (unsigned i = 0; i < n; i++)
			json_array_append_new(json, api_document_json(w->ring, list[i]));
	}
	ring_release(list, n);
	free(list);
	return json;
}

/* As read_newest(). */
static json_t *poll_ring(
	const struct api_request *r, const struct wish *w, int64_t since, struct api_reply *reply)
{
	uint64_t wait_ms = (uint64_t)(fmin(fmax(api_number(r, "timeout"), 0), WAIT_MOST) * 1000);
	uint64_t end_ns = base_clock_mono_ns() + wait_ms * UINT64_C(1000000);

	for (;;) {
		uint64_t newest = ring_newest(w->ring), now = base_clock_mono_ns(), left;
		json_t *json = read_newest(r, w, since, reply);

		if (w->flow)
			api_touch_flow(r, w->flow);

		if (!json || json_array_size(json) > 0 || now >= end_ns || api_stopping(r->api))
			return json;
		json_decref(json);
		left = (end_ns - now) / 1000000 + 1;
		ring_wait(w->ring, newest, left < LOOK_MS ? left : LOOK_MS);
		since = (int64_t)newest; /* all that is older was looked at */
	}
}

static void answer_ring(
	const struct api_request *r, const struct wish *w, int64_t since, struct api_reply *reply)
{
	json_t *json = poll_ring(r, w, since, reply);

	if (json)
		reply->json = json;
}

/* @return whether there is such a ring */
static bool has_ring(struct ring *ring, struct api_reply *reply)
{
	if (!ring)
		api_fail(reply, MHD_HTTP_NOT_FOUND, "this server has none");
	return ring;
}

void api_get_events(const struct api_request *r, struct api_reply *reply)
{
	const struct wish w = {.ring = r->api->options.events,
		.name = api_text(r, "thresholdID"),
		.state = api_text(r, "state"),
		.most = (unsigned)api_uint(r, "maxEvents")};

	if (has_ring(w.ring, reply))
		answer_ring(r, &w, id_of(api_number(r, "eventID")), reply);
}

void api_get_flows(const struct api_request *r, struct api_reply *reply)
{
	const struct wish w = {.ring = r->api->options.records,
		.name = api_text(r, "name"),
		.flow = api_text(r, "name"),
		.most = (unsigned)api_uint(r, "maxFlows")};

	if (has_ring(w.ring, reply))
		answer_ring(r, &w, id_of(api_number(r, "flowID")), reply);
}

/* ---- one after the other ---- */

struct stream {
	struct wish wish;
	char *name, *state;
	uint64_t since;    /* all up to this id was looked at */
	uint64_t spoke_ns; /* when it last wrote something */
	char *text;        /* of the document at hand, from malloc; NULL: none */
	size_t len, at;
};

/* "id", "data" and an empty line; the JSON has no newline in it. */
static void stream_make(struct stream *s, const struct ring_document *d)
{
	json_t *json = api_document_json(s->wish.ring, d);
	char *data = json_dumps(json, JSON_COMPACT);

	json_decref(json);
	s->text = NULL;
	s->at = 0;
	s->len = data ? (size_t)asprintf(
				&s->text, "id: %llu\ndata: %s\n\n", (unsigned long long)d->id, data)
		      : 0;
	free(data);
}

/* The next document that is asked for, if there is one now. */
static void stream_next(struct stream *s)
{
	struct ring_document *list[STREAM_PIECE];
	unsigned n = ring_read_next(s->wish.ring, s->since, list, STREAM_PIECE);

	for (unsigned i = 0; i < n && !s->text; i++) {
		s->since = list[i]->id;
		if (s->wish.name && strcmp(list[i]->name, s->wish.name) != 0)
			continue;
		if (!s->wish.state || has_state(list[i], s->wish.state))
			stream_make(s, list[i]);
	}
	ring_release(list, n);
}

static ssize_t stream_write(struct stream *s, char *buf, size_t size)
{
	size_t n = s->len - s->at < size ? s->len - s->at : size;

	memcpy(buf, s->text + s->at, n);
	s->at += n;
	if (s->at == s->len) {
		free(s->text);
		s->text = NULL;
	}
	s->spoke_ns = base_clock_mono_ns();
	return (ssize_t)n;
}

static ssize_t stream_read(void *ctx, char *buf, size_t size)
{
	struct stream *s = ctx;

	if (!s->text)
		stream_next(s);
	if (!s->text && ring_newest(s->wish.ring) <= s->since)
		ring_wait(s->wish.ring, s->since, LOOK_MS);
	if (!s->text)
		stream_next(s);
	if (s->text)
		return stream_write(s, buf, size);
	if (base_clock_mono_ns() - s->spoke_ns < STREAM_ALIVE_MS * UINT64_C(1000000) || size < 3)
		return 0;
	s->spoke_ns = base_clock_mono_ns();
	memcpy(buf, ":\n\n", 3);
	return 3;
}

static void stream_free(void *ctx)
{
	struct stream *s = ctx;

	free(s->name);
	free(s->state);
	free(s->text);
	free(s);
}

/* From what is new from now on, or newer than an id. It says at once that it is there. */
static void start_stream(struct api_reply *reply, const struct wish *w, int64_t since)
{
	struct stream *s = calloc(1, sizeof(*s));
	uint64_t newest = ring_newest(w->ring);

	if (!s) {
		api_fail(reply, MHD_HTTP_INTERNAL_SERVER_ERROR, "out of memory");
		return;
	}
	s->name = w->name ? strdup(w->name) : NULL;
	s->state = w->state ? strdup(w->state) : NULL;
	s->wish = (struct wish){.ring = w->ring, .name = s->name, .state = s->state};
	s->since = since < 0 || (uint64_t)since > newest ? newest : (uint64_t)since;
	reply->stream = (struct api_stream){.ctx = s,
		.read = stream_read,
		.free = stream_free,
		.type = "text/event-stream",
		.endless = true};
}

/* A client whose connection broke asks for the same again, and says how far it got. */
static int64_t since_of(const struct api_request *r, const char *parameter)
{
	const char *last = r->last_event;

	if (last && *last && last[strspn(last, "0123456789")] == '\0')
		return id_of(strtod(last, NULL));
	return id_of(api_number(r, parameter));
}

void api_stream_events(const struct api_request *r, struct api_reply *reply)
{
	const struct wish w = {.ring = r->api->options.events,
		.name = api_text(r, "thresholdID"),
		.state = api_text(r, "state")};

	if (has_ring(w.ring, reply))
		start_stream(reply, &w, since_of(r, "eventID"));
}

void api_stream_flows(const struct api_request *r, struct api_reply *reply)
{
	const struct wish w = {.ring = r->api->options.records, .name = api_text(r, "name")};

	if (has_ring(w.ring, reply))
		start_stream(reply, &w, since_of(r, "flowID"));
}
