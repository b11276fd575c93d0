/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "flow/lookup.h"

/* Groups and maps as lines of a file. */

enum { LEAST_ROOM = 64 };

struct line {
	const char *p, *end;
};

void flow_entries_add(struct flow_entries *e, const char *label, const char *value, unsigned line)
{
	if (e->count == e->room) {
		e->room = e->room ? 2 * e->room : LEAST_ROOM;
		e->list = reallocarray(e->list, e->room, sizeof(*e->list));
		if (!e->list)
			abort(); /* as a region does */
	}
	e->list[e->count++] = (struct flow_entry){label, value, line};
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct line trim(struct line l)
{
	while (l.p < l.end && is_blank(*l.p))
		l.p++;
	while (l.p < l.end && is_blank(l.end[-1]))
		l.end--;
	return l;
}

static const char *check_bytes(struct line l)
{
	for (const char *p = l.p; p < l.end; p++) {
		if ((unsigned char)*p < 0x20 && *p != '\t')
			return "there is a control character in it";
	}
	return NULL;
}

/* The same label as in the line before is the same text, which saves memory and time. */
static const char *label_text(struct flow_entries *e, struct line label)
{
	size_t len = (size_t)(label.end - label.p);
	const char *last = e->count ? e->list[e->count - 1].label : NULL;

	if (last && strlen(last) == len && memcmp(last, label.p, len) == 0)
		return last;
	return base_region_copy(&e->region, label.p, len);
}

/* @return what is wrong, or NULL */
static const char *parse_line(struct flow_entries *e, struct line l, unsigned number)
{
	struct line value, label;
	const char *why;

	l = trim(l);
	if (l.p == l.end || *l.p == '#')
		return NULL;
	why = check_bytes(l);
	if (why)
		return why;
	value = l;
	for (value.p = l.end; value.p > l.p && !is_blank(value.p[-1]);)
		value.p--;
	label = trim((struct line){l.p, value.p});
	if (label.p == label.end)
		return "write a label, a blank, and a value";
	flow_entries_add(e, label_text(e, label),
		base_region_copy(&e->region, value.p, (size_t)(value.end - value.p)), number);
	return NULL;
}

int flow_entries_parse(
	struct flow_entries *e, const char *text, size_t len, unsigned *line, const char **why)
{
	const char *end = text + len;

	for (*line = 1; text < end; ++*line) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));

		stop = stop ? stop : end;
		*why = parse_line(e, (struct line){text, stop}, *line);
		if (*why)
			return -EINVAL;
		if (e->count > FLOW_LOOKUP_MOST) {
			*why = "there are too many values";
			return -EINVAL;
		}
		text = stop < end ? stop + 1 : end;
	}
	return 0;
}

void flow_entries_free(struct flow_entries *e)
{
	free(e->list);
	base_region_free(&e->region);
	*e = (struct flow_entries){0};
}
