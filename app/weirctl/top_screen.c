/* SPDX-License-Identifier: BSD-3-Clause */
#include "top_screen.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "screen.h"
#include "top_view.h"

enum { LINES_AROUND = 3 }; /* above and below the flows */

struct view {
	const struct options *o;
	struct screen screen;
	json_t *shown, *newest; /* the same one, but while paused */
	enum top_sort sort;
	bool reverse, paused;
	uint64_t next_ns; /* when the next window is to be shown */
};

static unsigned rows_of(const struct view *v)
{
	unsigned room = v->screen.rows > LINES_AROUND ? v->screen.rows - LINES_AROUND : 1;

	return v->o->rows_given && v->o->n < room ? v->o->n : room;
}

static void draw(const struct view *v)
{
	char *text = NULL, footer[128];
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return;
	if (v->shown) {
		json_t *sorted = top_view_sorted(v->shown, v->sort, v->reverse);

		top_view_print(out, sorted, rows_of(v));
		json_decref(sorted);
	} else {
		fprintf(out, "waiting for the first window\n");
	}
	fclose(out);
	snprintf(footer, sizeof(footer), "%ss sort (%s%s)  r reverse  p %s  q quit",
		v->paused ? "PAUSED  " : "", top_sort_names[v->sort], v->reverse ? ", reverse" : "",
		v->paused ? "go on" : "pause");
	screen_draw(&v->screen, text, footer);
	free(text);
}

static void show_newest(struct view *v)
{
	json_incref(v->newest);
	json_decref(v->shown);
	v->shown = v->newest;
}

/* All documents that have come. @return 0, or -EIO */
static int take(struct view *v, struct feed *f)
{
	json_t *document;
	int rc;

	while ((rc = feed_next(f, 0, &document)) == 1) {
		uint64_t now = base_clock_mono_ns();

		if (now < v->next_ns) {
			json_decref(document);
			continue;
		}
		v->next_ns = now + (v->o->interval_ms - v->o->interval_ms / 10) * 1000000;
		json_decref(v->newest);
		v->newest = document;
		if (!v->paused)
			show_newest(v);
	}
	return rc;
}

/* @return false: quit */
static bool press(struct view *v, int key)
{
	switch (key) {
	case 'q':
	case 'Q':
		return false;
	case 's':
		v->sort = (v->sort + 1) % TOP_SORTS;
		break;
	case 'r':
		v->reverse = !v->reverse;
		break;
	case 'p':
	case ' ':
		v->paused = !v->paused;
		if (!v->paused)
			show_newest(v);
		break;
	default:
		break;
	}
	return true;
}

static int run(struct view *v, struct feed *f, uint64_t end_ns)
{
	uint64_t now;
	int event, rc;

	while ((now = base_clock_mono_ns()) < end_ns) {
		uint64_t until = now + 1000000000u;

		rc = take(v, f);
		if (rc < 0)
			return rc;
		draw(v);
		until = until < end_ns ? until : end_ns;
		until = until < feed_due(f) ? until : feed_due(f);
		event = screen_wait(&v->screen, feed_fd(f), until);
		if (event == SCREEN_ENDED || (event < SCREEN_INPUT && !press(v, event)))
			return 0;
	}
	return 0;
}

int top_screen(struct feed *f, const struct options *o, uint64_t end_ns)
{
	struct view v = {.o = o};
	int rc = screen_open(&v.screen);

	if (rc)
		return rc;
	rc = run(&v, f, end_ns);
	screen_close(&v.screen);
	json_decref(v.shown);
	json_decref(v.newest);
	return rc;
}
