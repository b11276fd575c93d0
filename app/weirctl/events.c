/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "client.h"
#include "commands.h"
#include "document.h"
#include "units.h"

/*
 * weirctl events and weirctl records: documents with ascending ids that the API gives newest first, and
 * waits for.
 */

enum { WAIT_S = 60, FOLLOW_MAX = 1000 };

static void print_moment(const json_t *ms)
{
	json_int_t v = json_integer_value(ms);
	time_t seconds = (time_t)(v / 1000);
	char text[64] = "-";
	struct tm tm;

	if (json_is_integer(ms) && v >= 0 && localtime_r(&seconds, &tm))
		strftime(text, sizeof(text), "%F %T", &tm);
	printf("%s.%03d", text, (int)(v >= 0 ? v % 1000 : 0));
}

static const char *text_of(const json_t *document, const char *name)
{
	const char *text = json_string_value(json_object_get(document, name));

	return text ? text : "-";
}

static double number_of(const json_t *document, const char *name)
{
	return json_number_value(json_object_get(document, name));
}

static void print_place(const json_t *d)
{
	printf("%s  at %s %s\n", text_of(d, "flowKey"), text_of(d, "agent"),
		text_of(d, "dataSource"));
}

/* Only the start has the value that was too large; the end tells how far it went, and how long. */
static void print_event(const json_t *d)
{
	const json_t *state = json_object_get(d, "state");
	bool is_end = json_is_string(state) && strcmp(json_string_value(state), "end") == 0;
	double ms = number_of(d, "duration");
	char time[UNITS_TEXT];

	print_moment(json_object_get(d, "timestamp"));
	printf("  %-5s  %s: %s ", is_end ? "end" : "start", text_of(d, "thresholdID"),
		text_of(d, "metric"));
	if (is_end)
		printf("peak %.6g, %s above %.6g", number_of(d, "peak"),
			units_time(time, ms > 0 && ms < 1e18 ? (uint64_t)ms : 0),
			number_of(d, "threshold"));
	else
		printf("%.6g above %.6g", number_of(d, "value"), number_of(d, "threshold"));
	if (json_object_get(d, "samples")) /* a metric has none */
		printf(", %.0f samples", number_of(d, "samples"));
	printf("  ");
	print_place(d);
}

static void print_record(const json_t *d)
{
	char time[UNITS_TEXT];
	double ms = number_of(d, "end") - number_of(d, "start");

	print_moment(json_object_get(d, "start"));
	printf("  %s  %s: %.15g  ", units_time(time, ms > 0 && ms < 1e18 ? (uint64_t)ms : 0),
		text_of(d, "name"), number_of(d, "value"));
	printf("%s  at %s %s\n", text_of(d, "flowKeys"), text_of(d, "agent"),
		text_of(d, "dataSource"));
}

/* One row for each kind of document. */
static const struct stream {
	const char *command, *path, *id, *max,
		*name; /* names of query parameters; `id` also a member */
	void (*print)(const json_t *document);
} streams[] = {
	{"events", "events", "eventID", "maxEvents", "thresholdID", print_event},
	{"records", "flows", "flowID", "maxFlows", "name", print_record},
};

static const struct stream *stream_of(const char *command)
{
	for (unsigned i = 0; i < sizeof(streams) / sizeof(streams[0]); i++) {
		if (strcmp(streams[i].command, command) == 0)
			return &streams[i];
	}
	abort();
}

struct reader {
	struct client client;
	const struct options *o;
	const struct stream *stream;
	char *name; /* encoded, or NULL */
	json_int_t id;
};

/* Oldest first, as they came. */
static void print_all(struct reader *r, const json_t *documents)
{
	for (size_t i = json_array_size(documents); i-- > 0;) {
		json_t *d = json_array_get(documents, i);

		if (r->o->json)
			document_print(json_incref(d));
		else
			r->stream->print(d);
	}
	fflush(stdout);
}

/* @return 0, or after a word on stderr what client_ask() does */
static int read_next(struct reader *r, unsigned most, unsigned wait_s)
{
	const struct stream *s = r->stream;
	char path[4096];
	const struct client_question q = {.method = "GET", .path = path, .wait_s = wait_s};
	json_t *documents = NULL;
	const json_t *id;
	int err, len;

	len = snprintf(path, sizeof(path),
		"/%s/json?%s=%" JSON_INTEGER_FORMAT "&%s=%u&timeout=%u%s%s%s%s", s->path, s->id,
		r->id, s->max, most, wait_s, r->name ? "&" : "", r->name ? s->name : "",
		r->name ? "=" : "", r->name ? r->name : "");
	if (len >= (int)sizeof(path)) {
		fprintf(stderr, "weirctl: this name is too long\n");
		return -EINVAL;
	}
	err = client_ask(&r->client, &q, &documents);
	if (err)
		return err;
	print_all(r, documents);
	id = json_object_get(json_array_get(documents, 0), s->id);
	if (json_is_integer(id))
		r->id = json_integer_value(id);
	json_decref(documents);
	return 0;
}

int command_events(const struct options *o)
{
	struct reader r = {.o = o, .stream = stream_of(o->command), .id = -1};
	int err = client_open(&r.client, o);

	if (err)
		return client_exit(err);
	r.name = o->name ? client_encode(&r.client, o->name) : NULL;
	err = read_next(&r, o->n, 0);
	while (!err && o->follow && !ferror(stdout))
		err = read_next(&r, FOLLOW_MAX, WAIT_S);
	free(r.name);
	client_close(&r.client);
	return client_exit(err);
}
