/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/scope.h"
#include "api/term.h"
#include "metric/filter.h"

/*
 * A question about metrics, line by line: agents, metrics, then a pattern and texts that may fit it. What
 * fits a short pattern is compared with a matcher that tries everything.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SHORT = 12 };

static void need(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "metric: %s\n", what);
	abort();
}

static char *next_line(char **rest)
{
	char *line = strsep(rest, "\n");

	return line ? line : strchr("", 0);
}

static void take_agents(const char *text)
{
	struct api_error e = {.text = ""};
	struct scope s;
	struct base_addr addr;

	scope_wants_topology(text);
	if (scope_parse(&s, text, NULL, NULL, &e) < 0) {
		need(e.text[0], "agents that are wrong have a sentence");
		return;
	}
	for (unsigned i = 0; i < s.count; i++)
		need(scope_has(&s, &s.agents[i], 0, 1), "who is named takes part");
	if (base_addr_parse(text, &addr) == 0)
		need(s.count == 1, "an address is one agent");
	scope_fini(&s);
}

static bool count_name(void *ctx, const char *name)
{
	need(name[0], "a metric has a name");
	++*(unsigned *)ctx;
	return false;
}

static void take_metrics(const char *text)
{
	static const enum term_kind kinds[] = {TERM_STATISTIC, TERM_COLUMN, TERM_PLAIN};

	for (unsigned i = 0; i < 3; i++) {
		struct api_error e = {.text = ""};
		unsigned names = 0;
		struct terms t;

		if (terms_parse(&t, text, kinds[i], &e) < 0) {
			need(e.text[0], "metrics that are wrong have a sentence");
			continue;
		}
		need(t.count > 0 && t.count <= TERMS, "count of metrics");
		terms_any(&t, count_name, &names);
		need(names == 2 * t.count, "each has a name or two");
		terms_fini(&t);
	}
}

/* ---- patterns ---- */

/* Texts have bytes that are not printable as \xHH. */
static bool fits_slowly(const char *p, const char *text)
{
	char byte[5];

	if (*p == '\0')
		return *text == '\0';
	if (*p == '*')
		return fits_slowly(p + 1, text) || (*text && fits_slowly(p, text + 1));
	if (*p == '\\')
		p++;
	if (*p < ' ' || *p > '~') {
		snprintf(byte, sizeof(byte), "\\x%02X", (unsigned char)*p);
		return strncmp(text, byte, 4) == 0 && fits_slowly(p + 1, text + 4);
	}
	return *p == *text && fits_slowly(p + 1, text + 1);
}

static void take_text(const struct metric_filter *f, const char *pattern, const char *text)
{
	struct metric_value v = {.text = text, .len = (uint32_t)strlen(text)};
	bool fits = metric_filter_fits(f, 0, &v);

	if (strlen(pattern) <= SHORT && strlen(text) <= SHORT)
		need(fits == fits_slowly(pattern, text), "both matchers agree");
	v = (struct metric_value){.number = true, .digits = 15, .value = strtod(text, NULL)};
	if (v.value - v.value == 0)
		metric_filter_fits(f, 0, &v);
}

static void take_pattern(const char *pattern, char *rest)
{
	struct metric_filter *f = metric_filter_create();
	char error[256];

	if (!f)
		return;
	if (metric_filter_add(f, "name", pattern, error, sizeof(error)) < 0) {
		need(error[0], "a pattern that is wrong has a sentence");
	} else {
		while (rest)
			take_text(f, pattern, next_line(&rest));
	}
	metric_filter_destroy(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *rest = text, *pattern;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	take_agents(next_line(&rest));
	take_metrics(next_line(&rest));
	pattern = next_line(&rest);
	take_pattern(pattern, rest);
	free(text);
	return 0;
}
