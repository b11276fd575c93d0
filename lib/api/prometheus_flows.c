/* SPDX-License-Identifier: BSD-3-Clause */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "api/exposition.h"
#include "api/handlers_pvt.h"
#include "api/query.h"
#include "api/server_pvt.h"
#include "base/form.h"

/*
 * Flows for Prometheus. A scrape says what it wants in full; the definition for it is made with the first
 * one, and goes when none came for LEASE_S. Its name is made of what decides it, so that scrapes that ask
 * for the same share it.
 */

enum {
	LEASE_S = 300,
	NAME_SIZE = 256,
	LABELS_MOST = FLOW_KEYS,
	KEYS_SIZE = 4096,
	/* About what a line takes besides the text of its key, in bytes. */
	LINE_COST = 256,
};

/* What a scrape asks for. */
struct scrape {
	char keys[KEYS_SIZE];  /* with commas between them */
	char label[KEYS_SIZE]; /* texts of labels, a NUL behind each */
	const char *labels[LABELS_MOST];
	unsigned label_count;
	char metric[NAME_SIZE]; /* name of the family */
	char name[64];          /* of the definition */
	json_t *definition;
};

/* ---- parameters ---- */

/* All arguments of a name as one list. @return false: it is too long */
static bool join(const struct api_request *r, const char *name, char *list, size_t size)
{
	struct base_text t = base_text(list, size);

	for (unsigned i = 0; i < r->url->argument_count; i++) {
		const struct api_argument *a = &r->url->arguments[i];

		if (strcmp(a->name, name) == 0 && *a->value)
			base_text_printf(&t, "%s%s", t.len ? "," : "", a->value);
	}
	return !t.cut;
}

/* The end of the first key of a list: a comma that stands in no brackets, and behind no backslash. */
static const char *key_end(const char *p)
{
	unsigned depth = 0;

	for (; *p && (*p != ',' || depth > 0); p++) {
		if (*p == '\\' && p[1])
			p++;
		else if (*p == '[')
			depth++;
		else if (*p == ']' && depth > 0)
			depth--;
	}
	return p;
}

/* One label for each piece of a list. @return false: there are too many, or they do not fit */
static bool name_labels(struct scrape *s, const char *list)
{
	struct base_text t = base_text(s->label, sizeof(s->label));

	for (const char *p = list, *end; *list && p; p = *end ? end + 1 : NULL) {
		char piece[NAME_SIZE];
		int len;

		end = key_end(p);
		while (isspace((unsigned char)*p))
			p++;
		for (len = (int)(end - p); len > 0 && isspace((unsigned char)p[len - 1]); len--)
			;
		if (s->label_count == LABELS_MOST || len >= (int)sizeof(piece))
			return false;
		snprintf(piece, sizeof(piece), "%.*s", len, p);
		s->labels[s->label_count++] = t.buf + t.len;
		exposition_label_name(&t, piece);
		base_text_char(&t, '\0');
	}
	return !t.cut;
}

static const char *twice(const struct scrape *s)
{
	for (unsigned i = 0; i < s->label_count; i++) {
		for (unsigned j = 0; j < i; j++) {
			if (strcmp(s->labels[i], s->labels[j]) == 0)
				return s->labels[i];
		}
	}
	return NULL;
}

static unsigned pieces(const char *list)
{
	unsigned n = 0;

	for (const char *p = list; *list && p; p = *p ? p + 1 : NULL, n++)
		p = key_end(p);
	return n;
}

/* @return whether reply is untouched */
static bool read_labels(const struct api_request *r, struct scrape *s, struct api_reply *reply)
{
	char given[KEYS_SIZE];
	unsigned keys;

	if (!join(r, "key", s->keys, sizeof(s->keys)) || !join(r, "label", given, sizeof(given)) ||
		!name_labels(s, *given ? given : s->keys)) {
		api_fail(reply, MHD_HTTP_BAD_REQUEST,
			"key, label: more or longer ones than can be (%d, %d bytes in all)",
			LABELS_MOST, KEYS_SIZE - 1);
		return false;
	}
	keys = pieces(s->keys);
	if (keys != s->label_count)
		api_fail(reply, MHD_HTTP_BAD_REQUEST, "label: %u labels for %u keys",
			s->label_count, keys);
	else if (twice(s))
		api_fail(reply, MHD_HTTP_BAD_REQUEST,
			"\"%.64s\" is the label of two keys: give each its own (label)", twice(s));
	else
		return true;
	return false;
}

/* ---- the definition ---- */

static bool is_dropped(const struct api_request *r)
{
	const char *text = api_text(r, "dropped");

	return text && strcasecmp(text, "true") == 0;
}

/* All that decides it, and nothing else. */
static json_t *define(const struct api_request *r, const struct scrape *s)
{
	bool dropped = is_dropped(r);
	const char *mode = api_text(r, "aggMode"), *filter = api_text(r, "filter");

	return json_pack("{s:s, s:s, s:s, s:I, s:f, s:b, s:s, s:i}", "keys", s->keys, "value",
		api_text(r, "value"), "filter", filter ? filter : "", "n",
		(json_int_t)api_uint(r, "n"), "t", api_number(r, "t"), "dropped", dropped,
		"aggMode",
		mode      ? mode
		: dropped ? "sum"
			  : "max",
		"ttl", (int)LEASE_S);
}

/* @return whether reply is untouched */
static bool read_definition(const struct api_request *r, struct scrape *s, struct api_reply *reply)
{
	char *text;
	XXH128_hash_t hash;

	s->definition = define(r, s);
	text = s->definition ? json_dumps(s->definition, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
	if (!text) { /* jansson takes UTF-8 alone */
		api_fail(reply, MHD_HTTP_BAD_REQUEST, "a parameter is no text in UTF-8");
		return false;
	}
	hash = XXH3_128bits(text, strlen(text));
	free(text);
	snprintf(s->name, sizeof(s->name), "prometheus.%016" PRIx64 "%016" PRIx64, hash.high64,
		hash.low64);
	return true;
}

static bool read_metric(const struct api_request *r, struct scrape *s, struct api_reply *reply)
{
	const char *metric = api_text(r, "metric");
	struct base_text t = base_text(s->metric, sizeof(s->metric));

	metric = metric ? metric : api_text(r, "name");
	if (!metric || !*metric) {
		api_fail(reply, MHD_HTTP_BAD_REQUEST,
			"the query parameter \"metric\" is missing: what the values are called");
		return false;
	}
	exposition_name(&t, api_prometheus_prefix(r), metric);
	if (!t.cut)
		return true;
	api_fail(reply, MHD_HTTP_BAD_REQUEST, "metric: at most %d characters", NAME_SIZE / 2);
	return false;
}

static void scrape_free(struct scrape *s)
{
	json_decref(s->definition);
	free(s);
}

/* What the request asks for, for scrape_free(); NULL with reply. */
static struct scrape *scrape_read(const struct api_request *r, struct api_reply *reply)
{
	struct scrape *s = calloc(1, sizeof(*s));

	if (s && read_metric(r, s, reply) && read_labels(r, s, reply) &&
		read_definition(r, s, reply))
		return s;
	if (s)
		scrape_free(s);
	else
		api_fail(reply, MHD_HTTP_INTERNAL_SERVER_ERROR, "out of memory");
	return NULL;
}

/* It is not there yet. @return whether reply is untouched */
static bool put_definition(const struct api_request *r, const struct api_resource *flow,
	const struct scrape *s, struct api_reply *reply)
{
	struct api_error e = {.text = ""};
	int err;

	if (r->role != API_WRITER || !flow->put) {
		api_fail(reply, MHD_HTTP_FORBIDDEN,
			"no scrape has asked for these flows yet, and this token may not define "
			"them");
		return false;
	}
	if (r->foreign) {
		api_fail(reply, MHD_HTTP_FORBIDDEN,
			"no scrape has asked for these flows yet, and a page of another site may "
			"not define them");
		return false;
	}
	err = flow->put(flow->ctx, s->name, s->definition, &e);
	if (err == 0)
		return true;
	api_answer_change(r, reply, err, &e);
	return false;
}

bool api_prepare_prometheus_flows(const struct api_request *r, struct api_reply *reply)
{
	const struct api_resource *flow = api_resource_find(r->api, "flow");
	struct scrape *s = flow ? scrape_read(r, reply) : NULL;
	json_t *there;
	bool ok;

	if (!s) {
		if (!flow)
			api_fail(reply, MHD_HTTP_NOT_FOUND, "this server has no flows");
		return false;
	}
	there = flow->get(flow->ctx, s->name);
	ok = there || put_definition(r, flow, s, reply);
	if (there)
		api_touch_flow(r, s->name);
	json_decref(there);
	scrape_free(s);
	return ok;
}

/* ---- lines ---- */

/* The labels of a flow as they are in its line; two lines of the same would be refused. */
struct line {
	char *labels;
	double value;
	int rank;
};

static int by_labels(const void *a, const void *b)
{
	const struct line *x = a, *y = b;
	int diff = strcmp(x->labels, y->labels);

	return diff ? diff : x->rank - y->rank;
}

static int by_rank(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	return x->rank - y->rank;
}

/* @return the labels with what is around them, from malloc; NULL: memory is short, or it is no key */
static char *labels_of(const struct scrape *s, const struct query *q, uint32_t key)
{
	const struct flow_plan *plan = q->view->plan;
	struct flow_part parts[FLOW_KEYS];
	struct exposition e = {0};
	char text[QUERY_KEY_TEXT];
	unsigned len, count;
	const uint8_t *bytes = window_view_key(&q->view->flows[q->definition], key, &len);

	count = flow_key_split(plan, &plan->definitions[q->definition], bytes, len, parts);
	if (count != s->label_count)
		return NULL;
	exposition_begin(&e, s->metric);
	for (unsigned i = 0; i < count; i++) {
		struct base_text t = base_text(text, sizeof(text));

		base_form_print(
			&t, parts[i].type->form, parts[i].type->bits, parts[i].bytes, parts[i].len);
		exposition_label(&e, s->labels[i], text, t.len);
	}
	exposition_end(&e, "");
	if (e.len > 1 && !e.broken)
		e.buf[e.len - 2] = '\0'; /* a value follows */
	return exposition_take(&e);
}

/* @return how many lines there are */
static int make_lines(const struct scrape *s, const struct query *q, const struct query_flow *flows,
	int count, struct line *lines)
{
	int n = 0, kept = 0;

	for (int i = 0; i < count; i++) {
		lines[n] = (struct line){labels_of(s, q, flows[i].key), flows[i].value, i};
		n += lines[n].labels != NULL;
	}
	qsort(lines, (size_t)n, sizeof(*lines), by_labels);
	for (int i = 0; i < n; i++) {
		if (kept > 0 && strcmp(lines[kept - 1].labels, lines[i].labels) == 0)
			free(lines[i].labels);
		else
			lines[kept++] = lines[i];
	}
	qsort(lines, (size_t)kept, sizeof(*lines), by_rank);
	return kept;
}

static void write_lines(const struct api_request *r, const struct scrape *s, const struct query *q,
	const struct query_flow *flows, int count, struct exposition *e)
{
	struct line *lines = calloc((size_t)count + 1, sizeof(*lines));
	double scale = api_number(r, "scale");

	count = lines ? make_lines(s, q, flows, count, lines) : 0;
	for (int i = 0; i < count; i++) {
		exposition_begin(e, lines[i].labels);
		exposition_number(e, lines[i].value * scale);
		free(lines[i].labels);
	}
	e->broken = e->broken || !lines;
	free(lines);
}

/* Lines that are there at the same time take memory that all long answers share. */
static bool take_memory(
	const struct api_request *r, const struct query *q, int count, struct api_reply *reply)
{
	const struct window_view_flows *f = &q->view->flows[q->definition];
	uint64_t longest = 0, bytes;

	for (uint32_t i = 0; i < f->key_count; i++) {
		if (f->keys[i] != WINDOW_VIEW_HOLE && f->bytes[f->keys[i]] > longest)
			longest = f->bytes[f->keys[i]];
	}
	bytes = (uint64_t)count * 2 * (LINE_COST + 4 * longest);
	if (api_budget_take(&r->api->answers, bytes)) {
		reply->memory = bytes;
		return true;
	}
	api_fail(reply, MHD_HTTP_SERVICE_UNAVAILABLE,
		"too many long answers at the same time; try again, or ask for fewer flows");
	return false;
}

static void write_help(const struct api_request *r, const struct scrape *s, struct exposition *e)
{
	char help[KEYS_SIZE];
	struct base_text t = base_text(help, sizeof(help));

	base_text_printf(
		&t, "%s of flows%s%s.", api_text(r, "value"), *s->keys ? " by " : "", s->keys);
	exposition_head(e, s->metric, exposition_gauge(s->metric), help);
}

static void answer(const struct api_request *r, const struct scrape *s, const struct query *q,
	const struct query_flow *flows, int count, struct api_reply *reply)
{
	struct exposition e = {0};

	if (!take_memory(r, q, count, reply))
		return;
	write_help(r, s, &e);
	write_lines(r, s, q, flows, count, &e);
	api_answer_exposition(&e, reply);
}

static void answer_query(const struct api_request *r, const struct scrape *s, struct query *q,
	struct api_reply *reply)
{
	struct api_error e = {.text = ""};
	struct query_flow *flows;
	uint8_t *sources;
	int count;

	if (!api_pick_sources(q, r, &sources, reply))
		return;
	count = api_pick_mode(q, r, sources, reply) ? query_flows(q, &flows, &e) : 0;
	free(sources);
	if (reply->json)
		return;
	if (count < 0) {
		api_fail(reply, MHD_HTTP_INTERNAL_SERVER_ERROR, "out of memory");
		return;
	}
	answer(r, s, q, flows, count, reply);
	free(flows);
}

void api_get_prometheus_flows(const struct api_request *r, struct api_reply *reply)
{
	struct base_region region = {0};
	struct query q = {.view = r->snapshot->view,
		.region = &region,
		.least = api_number(r, "minValue"),
		.most = (unsigned)api_uint(r, "maxFlows")};
	struct scrape *s = scrape_read(r, reply);
	struct exposition e = {0};
	int found = s ? api_find_flow(r, s->name) : -ENOENT;

	if (!s)
		return;
	q.definition = (unsigned)found;
	if (found >= 0) {
		answer_query(r, s, &q, reply);
	} else {
		write_help(r, s, &e);
		api_answer_exposition(&e, reply);
	}
	scrape_free(s);
	base_region_free(&region);
}
