/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "api/exposition.h"
#include "api/handlers_pvt.h"
#include "api/server_pvt.h"
#include "base/clock.h"
#include "weir_config.h"

/* What Prometheus scrapes about the collector itself: each counter of it is a family. */

enum { NAME_SIZE = 256, HELP_SIZE = 256 };

void api_answer_exposition(struct exposition *e, struct api_reply *reply)
{
	reply->text = exposition_take(e);
	reply->type = EXPOSITION_CONTENT;
	if (!reply->text)
		api_fail(reply, 500, "out of memory");
}

const char *api_prometheus_prefix(const struct api_request *r)
{
	return r->api->options.prometheus_prefix;
}

/* Cut the end off. @return whether it was there */
static bool cut(char *text, const char *end)
{
	size_t len = strlen(text), n = strlen(end);

	if (len < n || strcmp(text + len - n, end) != 0)
		return false;
	text[len - n] = '\0';
	return true;
}

/* Type names are no part of a name, which promtool says. */
static void write_plain(struct base_text *t, const char *name)
{
	static const char type[] = "_counter_";
	const char *at = strstr(name, type);

	if (at)
		base_text_printf(
			t, "%.*s_counters_%s", (int)(at - name), name, at + sizeof(type) - 1);
	else
		base_text_printf(t, "%s", name);
}

/* Counters end in _total; units are those of SI. */
static void write_counter(struct exposition *e, const char *prefix, const struct metric_pair *pair,
	const struct stats_def *def)
{
	char plain[NAME_SIZE], name[NAME_SIZE], help[HELP_SIZE];
	struct base_text p = base_text(plain, sizeof(plain)), n = base_text(name, sizeof(name)),
			 h = base_text(help, sizeof(help));
	bool ms, total;

	write_plain(&p, pair->name);
	total = cut(plain, "_total") || !def->gauge;
	ms = cut(plain, "_ms");
	base_text_printf(&n, "%sanalyzer_%s%s%s", prefix, plain, ms ? "_seconds" : "",
		total ? "_total" : "");
	base_text_printf(&h, "%s (%s).", def->help, ms ? "seconds" : def->unit);
	exposition_head(e, name, def->gauge ? EXPOSITION_GAUGE : EXPOSITION_COUNTER, help);
	exposition_begin(e, name);
	if (ms)
		exposition_number(e, strtod(pair->text, NULL) / 1000);
	else
		exposition_end(e, pair->text);
}

static void write_one(struct exposition *e, const char *prefix, const char *name, bool gauge,
	const char *help, double value)
{
	char text[NAME_SIZE];
	struct base_text t = base_text(text, sizeof(text));

	base_text_printf(&t, "%sanalyzer_%s", prefix, name);
	exposition_head(e, text, gauge ? EXPOSITION_GAUGE : EXPOSITION_COUNTER, help);
	exposition_begin(e, text);
	exposition_number(e, value);
}

static double seconds_of(const struct timeval *t)
{
	return (double)t->tv_sec + (double)t->tv_usec / 1e6;
}

/* Of the process, and which it is. */
static void write_process(struct exposition *e, const char *prefix, const struct api *api)
{
	char name[NAME_SIZE];
	struct base_text t = base_text(name, sizeof(name));
	struct rusage u;

	base_text_printf(&t, "%sanalyzer_info", prefix);
	exposition_head(e, name, EXPOSITION_UNTYPED, "Version and name of this collector.");
	exposition_begin(e, name);
	exposition_label(e, "version", WEIR_VERSION, strlen(WEIR_VERSION));
	exposition_label(e, "collector", api->options.collector, strlen(api->options.collector));
	exposition_end(e, "1");
	write_one(e, prefix, "uptime_seconds", true, "Time since the start.",
		(double)(base_clock_mono_ns() - api->started_ns) / 1e9);
	if (getrusage(RUSAGE_SELF, &u) < 0)
		return;
	write_one(e, prefix, "cpu_seconds_total", false, "Time of CPUs, of all threads.",
		seconds_of(&u.ru_utime) + seconds_of(&u.ru_stime));
}

void api_get_prometheus_analyzer(const struct api_request *r, struct api_reply *reply)
{
	const struct window_snapshot *s = r->snapshot;
	const char *prefix = api_prometheus_prefix(r);
	struct exposition e = {0};

	write_process(&e, prefix, r->api);
	for (unsigned i = 0; s->collector_defs && i < s->collector_count; i++)
		if (s->collector_defs[i])
			write_counter(&e, prefix, &s->collector[i], s->collector_defs[i]);
	api_answer_exposition(&e, reply);
}
