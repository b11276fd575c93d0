/* SPDX-License-Identifier: BSD-3-Clause */
#include "feed.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "expression.h"

enum { INTERVAL_MS = 1000, SCREEN_ROWS = 200 };

int feed_open_redis(struct feed *f, const struct session *s, const struct options *o)
{
	int err;

	*f = (struct feed){.o = o};
	err = channel_open(&f->channel, s, o->prefix, o->name);
	if (!err && !f->channel.redis) {
		fprintf(stderr, "weirctl: this user of Redis may not subscribe to %s:flow:{%s}\n",
			o->prefix, o->name);
		err = -EIO;
	}
	return err;
}

static int read_definition(struct feed *f, const char *name)
{
	char path[4000];
	const struct client_question q = {.method = "GET", .path = path};
	json_t *definition = NULL;
	int err;

	snprintf(path, sizeof(path), "/flow/%s/json", name);
	err = client_ask(&f->client, &q, &definition);
	f->about = expression_read(json_string_value(json_object_get(definition, "value")),
		json_string_value(json_object_get(definition, "values")));
	json_decref(definition);
	return err;
}

int feed_open_api(struct feed *f, const struct options *o)
{
	unsigned n = o->live && !o->rows_given ? SCREEN_ROWS : o->n;
	char *name;
	int err;

	*f = (struct feed){.o = o, .over_api = true};
	err = client_open(&f->client, o);
	if (err)
		return err;
	name = client_encode(&f->client, o->name);
	if (asprintf(&f->path, "/activeflows/ALL/%s/json?maxFlows=%u", name, n) < 0)
		abort();
	err = read_definition(f, name);
	free(name);
	if (err)
		feed_close(f);
	return err;
}

void feed_close(struct feed *f)
{
	channel_close(&f->channel);
	if (f->over_api)
		client_close(&f->client);
	free(f->path);
	json_decref(f->about);
}

/* A flow of the API as the channel has it. */
static json_t *flow_of(const json_t *found)
{
	static const struct {
		const char *from, *to;
	} members[] = {{"key", "key"}, {"value", "value"}, {"samples", "samples"},
		{"error95", "error"}, {"agent", "agent"}, {"dataSource", "source"},
		{"values", "values"}, {"valuesSamples", "values_samples"},
		{"valuesError95", "values_error"}};
	json_t *flow = json_object();

	for (unsigned i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		json_t *value = json_object_get(found, members[i].from);

		if (value)
			json_object_set(flow, members[i].to, value);
	}
	return flow;
}

static json_t *document_of(const struct feed *f, const json_t *flows)
{
	json_t *top = json_array(), *document = json_object();

	for (size_t i = 0; i < json_array_size(flows); i++)
		json_array_append_new(top, flow_of(json_array_get(flows, i)));
	json_object_set_new(document, "flow", json_string(f->o->name));
	json_object_update(document, f->about);
	json_object_set_new(
		document, "end_ms", json_integer((json_int_t)(base_clock_wall_ns() / 1000000)));
	json_object_set_new(document, "top", top);
	return document;
}

static int ask(struct feed *f, json_t **document)
{
	const struct client_question q = {.method = "GET", .path = f->path};
	uint64_t ms = f->o->interval_ms ? f->o->interval_ms : INTERVAL_MS;
	json_t *flows = NULL;
	int err;

	f->next_ns = base_clock_mono_ns() + ms * 1000000;
	err = client_ask(&f->client, &q, &flows);
	if (err)
		return -EIO;
	*document = document_of(f, flows);
	json_decref(flows);
	return 1;
}

int feed_next(struct feed *f, uint64_t deadline_ns, json_t **document)
{
	uint64_t now = base_clock_mono_ns(), until;

	if (!f->over_api)
		return channel_next(&f->channel, deadline_ns, document);
	until = deadline_ns < f->next_ns ? deadline_ns : f->next_ns;
	if (now < until)
		nanosleep(&(struct timespec){.tv_sec = (time_t)((until - now) / 1000000000),
				  .tv_nsec = (long)((until - now) % 1000000000)},
			NULL);
	return base_clock_mono_ns() >= f->next_ns ? ask(f, document) : 0;
}

int feed_fd(const struct feed *f)
{
	return f->over_api ? -1 : publish_link_fd(f->channel.redis);
}

uint64_t feed_due(const struct feed *f)
{
	return f->over_api ? f->next_ns : UINT64_MAX;
}
