/* SPDX-License-Identifier: BSD-3-Clause */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "flow/compile_pvt.h"

/* Pieces of the texts of a definition: blanks, brackets, separators, escapes. */

int flow_fail(struct flow_compiler *c, const char *at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(c->error->text, sizeof(c->error->text), fmt, ap);
	va_end(ap);
	c->error->offset = (unsigned)(at - c->text);
	return -EINVAL;
}

struct flow_span flow_trim(struct flow_span s)
{
	while (s.p < s.end && isspace((unsigned char)*s.p))
		s.p++;
	while (s.end > s.p && isspace((unsigned char)s.end[-1]))
		s.end--;
	return s;
}

const char *flow_find(struct flow_span s, const char *stops)
{
	unsigned depth = 0;

	for (; s.p < s.end; s.p++) {
		if (*s.p == '\\' && s.p + 1 < s.end)
			s.p++;
		else if (depth == 0 && strchr(stops, *s.p))
			return s.p;
		else if (*s.p == '[')
			depth++;
		else if (*s.p == ']' && depth > 0)
			depth--;
	}
	return s.end;
}

struct flow_span flow_split(struct flow_span *s, char separator)
{
	const char stops[] = {separator, '\0'};
	struct flow_span piece = {s->p, flow_find(*s, stops)};

	s->p = piece.end < s->end ? piece.end + 1 : NULL;
	return piece;
}

int flow_check_brackets(struct flow_compiler *c, struct flow_span s)
{
	const char *open[FLOW_DEPTH];
	unsigned depth = 0;

	for (; s.p < s.end; s.p++) {
		if (*s.p == '\\' && s.p + 1 < s.end) {
			s.p++;
		} else if (*s.p == '[') {
			if (depth == FLOW_DEPTH)
				return flow_fail(c, s.p,
					"functions are nested too deep here; %d levels are "
					"possible",
					FLOW_DEPTH);
			open[depth++] = s.p;
		} else if (*s.p == ']' && depth-- == 0) {
			return flow_fail(c, s.p,
				"no [ opens what this ] closes; a ] that is "
				"text is written \\]");
		}
	}
	if (depth > 0)
		return flow_fail(
			c, open[depth - 1], "no ] closes this [; a [ that is text is written \\[");
	return 0;
}

bool flow_unwrap(struct flow_span s, struct flow_span *inside)
{
	if (flow_span_len(s) < 2 || *s.p != '[')
		return false;
	*inside = (struct flow_span){s.p + 1, s.end};
	inside->end = flow_find(*inside, "]");
	return inside->end + 1 == s.end;
}

char *flow_unescape(struct flow_compiler *c, struct flow_span s, uint8_t *len)
{
	char *text = base_region_alloc(&c->plan->region, flow_span_len(s) + 1), *to = text;

	for (const char *p = s.p; p < s.end; p++) {
		if (*p == '\\' && p + 1 < s.end)
			p++;
		*to++ = *p;
	}
	if (to - text > PACKET_VALUE_MAX) {
		flow_fail(c, s.p, "this text has %zu bytes; at most %d are possible",
			(size_t)(to - text), PACKET_VALUE_MAX);
		return NULL;
	}
	*len = (uint8_t)(to - text);
	return text;
}

bool flow_parse_number(const char *text, size_t len, uint64_t *number)
{
	*number = 0;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9' ||
			__builtin_mul_overflow(*number, UINT64_C(10), number) ||
			__builtin_add_overflow(*number, (uint64_t)(text[i] - '0'), number))
			return false;
	}
	return len > 0;
}

const char *flow_shown(struct flow_span s, char buf[FLOW_SHOWN])
{
	size_t len = flow_span_len(s), n = len < FLOW_SHOWN - 4 ? len : FLOW_SHOWN - 4;

	while (n < len && n > 0 && ((unsigned char)s.p[n] & 0xC0) == 0x80) /* whole characters */
		n--;
	snprintf(buf, FLOW_SHOWN, "%.*s%s", (int)n, s.p, n < len ? "..." : "");
	return buf;
}
