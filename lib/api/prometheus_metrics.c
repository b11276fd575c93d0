/* SPDX-License-Identifier: BSD-3-Clause */
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>

#include "api/asking.h"
#include "api/exposition.h"
#include "api/handlers_pvt.h"
#include "api/labels.h"
#include "api/server_pvt.h"
#include "base/memb.h"

/*
 * Every value of some metrics for Prometheus, which wants all of one metric together: the data sources are
 * walked once for each. An answer may have a line for each of a million interfaces, so that it is made piece
 * by piece, as fast as its client takes it, and the section of reading is left between two pieces. Data
 * sources that come or go meanwhile: perhaps.
 */

enum {
	SCRAPE_PIECE = 64 << 10, /* bytes of a piece, about */
	SCRAPE_SOURCES = 8192,   /* looked at for a piece, at most */
	SCRAPE_MEMORY = 4 * SCRAPE_PIECE,
	SCRAPE_LINE = 512, /* bytes of a line, and of the room behind it */
	SCRAPE_NAME = 256,
};

/* Metrics whose names are one name to Prometheus: of a data source that has several the first counts. */
struct family {
	char *name;   /* with its prefix, from malloc */
	char *metric; /* name of the metric, the same */
	struct metric_path path;
	unsigned number;                 /* in the order of the request */
	const struct metric_name *found; /* for the piece at hand; NULL: it went meanwhile */
};

struct scrape {
	struct api *api;
	struct scope scope;
	struct terms terms;
	struct metric_filter *filter;
	struct flow_plan *plan; /* holds the topology; or NULL */
	struct family *families;
	unsigned count, room;
	bool failed; /* memory was short */

	/* Where the walk stands: a range of families of one name, and a place for data sources. */
	unsigned at;
	uint32_t place;
	bool begun; /* its first lines are written */

	/* The piece at hand. */
	struct metric_select select;
	struct labels labels;
	unsigned looked; /* data sources */
	struct exposition text;
	size_t sent;
};

/* ---- families ---- */

static void add_family(struct scrape *s, const struct metric_name *metric,
	const struct metric_path *path, const char *prefix)
{
	char name[SCRAPE_NAME];
	struct base_text t = base_text(name, sizeof(name));
	unsigned room = s->room ? 2 * s->room : 16;
	struct family *f;

	if (s->failed)
		return;
	if (s->count == s->room) {
		struct family *families = realloc(s->families, room * sizeof(*families));

		s->failed = s->failed || !families;
		if (!families)
			return;
		s->families = families;
		s->room = room;
	}
	exposition_name(&t, prefix, metric_name_text(metric));
	f = &s->families[s->count];
	*f = (struct family){.name = strdup(name),
		.metric = strdup(metric_name_text(metric)),
		.path = *path,
		.number = s->count++};
	s->failed = s->failed || !f->name || !f->metric;
}

struct naming {
	struct scrape *s;
	const char *prefix;
};

static void add_name(void *ctx, const struct metric_name *metric, uint64_t seen_ms)
{
	static const struct metric_path everywhere = {.one = false};
	struct naming *n = ctx;

	add_family(n->s, metric, &everywhere, n->prefix);
}

static int by_name(const void *a, const void *b)
{
	const struct family *x = a, *y = b;
	int diff = strcmp(x->name, y->name);

	return diff ? diff : x->number < y->number ? -1 : x->number > y->number;
}

static void make_families(struct scrape *s, const char *prefix)
{
	struct naming n = {s, prefix};

	for (unsigned i = 0; i < s->terms.count; i++) {
		const struct term *t = &s->terms.list[i];

		if (t->all)
			metric_each_name(s->api->options.metrics, add_name, &n);
		else if (t->name)
			add_family(s, t->name, &t->path, prefix);
	}
	if (s->count > 1 && !s->failed)
		qsort(s->families, s->count, sizeof(*s->families), by_name);
}

/* The end of the range of one name that begins at `at`. */
static unsigned range_end(const struct scrape *s, unsigned at)
{
	unsigned end = at + 1;

	while (end < s->count && strcmp(s->families[end].name, s->families[at].name) == 0)
		end++;
	return end;
}

/* Custom metrics may come and go between two pieces. */
static void find_range(struct scrape *s)
{
	unsigned end = s->at < s->count ? range_end(s, s->at) : s->at;

	for (unsigned i = s->at; i < end; i++) {
		struct family *f = &s->families[i];

		f->found = metric_name_find(s->api->options.metrics, f->metric, strlen(f->metric));
	}
}

/* ---- lines ---- */

static bool value_of(const struct scrape *s, const struct metric_source *src, double *value)
{
	unsigned end = range_end(s, s->at);
	struct metric_value v;

	for (unsigned i = s->at; i < end; i++) {
		const struct family *f = &s->families[i];

		if (f->found && metric_path_is_of(&f->path, src) &&
			metric_source_value(src, f->found, &v) && v.number) {
			*value = v.value;
			return true;
		}
	}
	return false;
}

static void write_head(struct scrape *s)
{
	const struct family *f = &s->families[s->at];
	char help[SCRAPE_NAME];
	struct base_text t = base_text(help, sizeof(help));

	base_text_printf(&t, "Metric %s of data sources.", f->metric);
	exposition_head(&s->text, f->name, exposition_gauge(f->name), help);
	s->begun = true;
}

static bool write_source(void *ctx, const struct metric_source *src)
{
	struct scrape *s = ctx;
	const struct walk w = {
		.store = s->api->options.metrics, .scope = &s->scope, .select = &s->select};
	double value;

	s->looked++;
	if (value_of(s, src, &value) && walk_takes(&w, src) &&
		!labels_is_left_out(&s->labels, src)) {
		if (!s->begun)
			write_head(s);
		exposition_begin(&s->text, s->families[s->at].name);
		labels_write(&s->labels, src, &s->text);
		exposition_number(&s->text, value);
	}
	return s->looked < SCRAPE_SOURCES && s->text.len < SCRAPE_PIECE;
}

/* Of the agents that the path names all sources of one are in a piece. */
static bool write_every(void *ctx, const struct metric_source *src)
{
	write_source(ctx, src);
	return true;
}

static bool is_named(const struct scope *s)
{
	return !s->all && !s->topology && !s->edge && !s->core;
}

static void next_family(struct scrape *s)
{
	s->at = range_end(s, s->at);
	s->place = 0;
	s->begun = false;
	find_range(s);
}

static void write_agent(struct scrape *s, const struct metric_store *m)
{
	const struct metric_agent *a =
		s->place < s->scope.count ? metric_agent_find(m, &s->scope.agents[s->place]) : NULL;

	s->looked++;
	if (a)
		metric_each_source(m, a, write_every, s);
	if (++s->place >= s->scope.count)
		next_family(s);
}

static void write_some(struct scrape *s, const struct metric_store *m)
{
	s->place = metric_each_source_from(m, s->place, write_source, s);
	if (s->place >= metric_source_bound(m))
		next_family(s);
}

/* One piece, in a section of reading of its own. */
static void make_piece(struct scrape *s)
{
	const struct metric_store *m = s->api->options.metrics;

	s->looked = 0;
	base_memb_register();
	metric_read_lock();
	if (metric_select_init(&s->select, s->filter, m) < 0)
		s->failed = true;
	labels_init(&s->labels, m);
	find_range(s);
	while (!s->failed && s->at < s->count && s->looked < SCRAPE_SOURCES &&
		s->text.len < SCRAPE_PIECE) {
		if (is_named(&s->scope))
			write_agent(s, m);
		else
			write_some(s, m);
	}
	metric_select_fini(&s->select);
	metric_read_unlock();
	base_memb_unregister();
	s->failed = s->failed || s->text.broken;
}

/* ---- the stream ---- */

static ssize_t scrape_read(void *ctx, char *buf, size_t size)
{
	struct scrape *s = ctx;
	size_t n;

	if (s->sent == s->text.len) {
		s->text.len = s->sent = 0;
		while (s->text.len == 0 && s->at < s->count && !s->failed && !api_stopping(s->api))
			make_piece(s);
	}
	if (s->failed || (s->sent == s->text.len && s->at < s->count))
		return API_STREAM_BROKEN; /* half of the lines would be taken for all */
	if (s->sent == s->text.len)
		return API_STREAM_END;
	n = s->text.len - s->sent < size ? s->text.len - s->sent : size;
	memcpy(buf, s->text.buf + s->sent, n);
	s->sent += n;
	return (ssize_t)n;
}

static void scrape_free(void *ctx)
{
	struct scrape *s = ctx;

	for (unsigned i = 0; i < s->count; i++) {
		free(s->families[i].name);
		free(s->families[i].metric);
	}
	free(s->families);
	scope_fini(&s->scope);
	terms_fini(&s->terms);
	metric_filter_destroy(s->filter);
	flow_plan_free(s->plan);
	free(s->text.buf);
	free(s);
}

static bool count_one(void *ctx, const struct metric_source *src)
{
	++*(uint64_t *)ctx;
	return true;
}

/* A piece of an agent that the path names has a line of each of its sources. */
static uint64_t memory_of(const struct scope *scope, const struct metric_store *m)
{
	uint64_t most = 0;

	for (unsigned i = 0; is_named(scope) && i < scope->count; i++) {
		const struct metric_agent *a = metric_agent_find(m, &scope->agents[i]);
		uint64_t count = 0;

		if (a)
			metric_each_source(m, a, count_one, &count);
		most = count > most ? count : most;
	}
	return SCRAPE_MEMORY + most * SCRAPE_LINE;
}

/* What was asked goes over from the request, which ends, to the stream. */
static void take_question(struct scrape *s, struct asking *a)
{
	s->scope = a->scope;
	s->terms = a->terms;
	s->filter = a->filter;
	s->plan = a->view ? flow_plan_hold(a->view->plan) : NULL;
	a->scope = (struct scope){0};
	a->terms.copy = NULL;
	a->filter = NULL;
}

void api_get_prometheus_metrics(const struct api_request *r, struct api_reply *reply)
{
	uint64_t memory;
	struct scrape *s;
	struct asking a;

	if (!asking_open(&a, r, TERM_PLAIN, reply))
		return;
	memory = memory_of(&a.scope, a.store);
	s = calloc(1, sizeof(*s));
	if (s) {
		s->api = r->api;
		take_question(s, &a);
		make_families(s, api_prometheus_prefix(r));
	}
	asking_drop(&a);
	if (!s || s->failed) {
		if (s)
			scrape_free(s);
		api_fail(reply, MHD_HTTP_INTERNAL_SERVER_ERROR, "out of memory");
	} else if (!api_afford(r, memory, reply)) {
		scrape_free(s);
	} else {
		reply->stream = (struct api_stream){.ctx = s,
			.read = scrape_read,
			.free = scrape_free,
			.type = EXPOSITION_CONTENT};
	}
}
