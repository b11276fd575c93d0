/* SPDX-License-Identifier: BSD-3-Clause */
#include "top_view.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "grid.h"
#include "units.h"

enum {
	TOP_EXTRAS = 7, /* values beside the first, at most */
	TOP_HEAD = 40,
};

const char *const top_sort_names[TOP_SORTS] = {"rate", "error", "samples", "agent", "flow"};

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "-";
}

static double number_of(const json_t *object, const char *name)
{
	return json_number_value(json_object_get(object, name));
}

static void add_error(struct grid *t, const json_t *flow)
{
	const json_t *error = json_object_get(flow, "error");

	if (json_is_number(error))
		grid_add(t, "±%.1f%%", json_number_value(error) * 100);
	else
		grid_add(t, "-");
}

static void add_samples(struct grid *t, const json_t *flow)
{
	const json_t *samples = json_object_get(flow, "samples");

	if (json_is_number(samples))
		grid_add(t, "%.0f", json_number_value(samples));
	else
		grid_add(t, "-");
}

static bool is_rate(const json_t *expression)
{
	const char *aggregate = json_string_value(json_object_get(expression, "aggregate"));

	return !aggregate || strcmp(aggregate, "rate") == 0;
}

/* @param expression  the document, for the first value, or one of its `values` */
static void add_value(struct grid *t, const json_t *value, const json_t *expression)
{
	const char *unit = text_of(expression, "unit");
	char text[UNITS_TEXT];

	if (!json_is_number(value))
		grid_add(t, "-");
	else if (is_rate(expression))
		grid_add(t, "%s", units_rate(text, json_number_value(value), unit));
	else
		grid_add(t, "%s", units_value(text, json_number_value(value), unit));
}

static void add_flow(struct grid *t, const json_t *flow, const json_t *document)
{
	const json_t *values = json_object_get(document, "values");

	grid_add(t, "%s", text_of(flow, "key"));
	add_value(t, json_object_get(flow, "value"), document);
	add_error(t, flow);
	add_samples(t, flow);
	for (size_t i = 0; i < json_array_size(values) && i < TOP_EXTRAS; i++)
		add_value(t, json_array_get(json_object_get(flow, "values"), i),
			json_array_get(values, i));
	grid_add(t, "%s", text_of(flow, "agent"));
	grid_add(t, "%s", text_of(flow, "source"));
}

/* RATE, AVG, ...; each of the values has a column, too, and the head that was asked for. */
static void start(struct grid *t, const json_t *document)
{
	static const char *const firsts[][2] = {{"avg", ">AVG"}, {"min", ">MIN"}, {"max", ">MAX"},
		{"last", ">LAST"}, {"count", ">COUNT"}};
	const json_t *values = json_object_get(document, "values");
	const char *heads[GRID_COLUMNS + 1] = {"FLOW", ">RATE", ">ERROR", ">SAMPLES"};
	static char texts[TOP_EXTRAS][TOP_HEAD];
	unsigned column = 4;

	for (unsigned i = 0; i < sizeof(firsts) / sizeof(firsts[0]); i++) {
		if (strcmp(text_of(document, "aggregate"), firsts[i][0]) == 0)
			heads[1] = firsts[i][1];
	}
	for (size_t i = 0; i < json_array_size(values) && i < TOP_EXTRAS; i++) {
		snprintf(texts[i], TOP_HEAD, ">%s", text_of(json_array_get(values, i), "value"));
		heads[column++] = texts[i];
	}
	heads[column++] = "AGENT";
	heads[column] = "SOURCE";
	grid_init(t, heads);
}

static void print_clock(FILE *out, double ms)
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm tm;
	char text[64] = "-";

	if (localtime_r(&seconds, &tm))
		strftime(text, sizeof(text), "%F %T", &tm);
	fputs(text, out);
}

/* The API has no sums of a window: its flows are those of a moment. */
static bool is_moment(const json_t *d)
{
	return json_is_string(json_object_get(d, "flow")) && json_object_get(d, "end_ms") &&
	       !json_object_get(d, "start_ms");
}

static void print_moment(FILE *out, const json_t *d)
{
	fputs("the largest flows at ", out);
	print_clock(out, number_of(d, "end_ms"));
	fputc('\n', out);
}

/* All of the window: its total as a rate, how much of that found no room, how many flows. */
static void print_head(FILE *out, const json_t *d)
{
	double span_ms = number_of(d, "end_ms") - number_of(d, "start_ms");
	double total = number_of(d, "total"), other = number_of(d, "other");
	char text[UNITS_TEXT], span[UNITS_TEXT];

	fprintf(out, "%s: ", text_of(d, "flow"));
	if (is_moment(d)) {
		print_moment(out, d);
		return;
	}
	if (span_ms > 0 && is_rate(d))
		fprintf(out, "%s in ",
			units_rate(text, total * 1000 / span_ms, text_of(d, "unit")));
	fprintf(out, "%.0f flows, %.0f samples", number_of(d, "flows"), number_of(d, "samples"));
	if (other > 0 && total > 0)
		fprintf(out, ", %.1f%% in flows without room", other / total * 100);
	fputs("; window of ", out);
	fputs(units_time(span, span_ms > 0 ? (uint64_t)span_ms : 0), out);
	fputs(" to ", out);
	print_clock(out, number_of(d, "end_ms"));
	fprintf(out, ", collector %s\n", text_of(d, "collector"));
}

void top_view_print(FILE *out, const json_t *document, unsigned n)
{
	const json_t *top = json_object_get(document, "top");
	struct grid t;

	print_head(out, document);
	start(&t, document);
	for (size_t i = 0; i < json_array_size(top) && i < n; i++)
		add_flow(&t, json_array_get(top, i), document);
	grid_print(&t, out);
	grid_free(&t);
}

void top_view_cut(json_t *document, unsigned n)
{
	json_t *top = json_object_get(document, "top");

	while (json_array_size(top) > n)
		json_array_remove(top, json_array_size(top) - 1);
}

/* A flow, where it stood, and the value that it is sorted by. */
struct place {
	const json_t *value;
	json_t *flow;
	size_t index;
	bool reverse; /* the same for all */
};

static int compare_values(const struct place *a, const struct place *b)
{
	double x = json_number_value(a->value), y = json_number_value(b->value);
	int order = (y > x) - (y < x);

	if (!a->value || !b->value)
		return !a->value - !b->value;
	if (json_is_string(a->value) && json_is_string(b->value))
		order = strcmp(json_string_value(a->value), json_string_value(b->value));
	return a->reverse ? -order : order;
}

static int compare(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	int order = compare_values(x, y);

	return order ? order : (x->index > y->index) - (x->index < y->index);
}

json_t *top_view_sorted(json_t *document, enum top_sort sort, bool reverse)
{
	static const char *const members[TOP_SORTS] = {"value", "error", "samples", "agent", "key"};
	const json_t *top = json_object_get(document, "top");
	json_t *sorted = json_copy(document), *flows = json_array();
	size_t n = json_array_size(top);
	struct place *places = calloc(n + 1, sizeof(*places));

	if (!places)
		abort();
	for (size_t i = 0; i < n; i++) {
		json_t *flow = json_array_get(top, i);

		places[i] = (struct place){json_object_get(flow, members[sort]), flow, i, reverse};
	}
	qsort(places, n, sizeof(*places), compare);
	for (size_t i = 0; i < n; i++)
		json_array_append(flows, places[i].flow);
	free(places);
	json_object_set_new(sorted, "top", flows);
	return sorted;
}
