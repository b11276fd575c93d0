/* SPDX-License-Identifier: BSD-3-Clause */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "api/capacity_pvt.h"
#include "capacity/hour.h"
#include "capacity/number.h"

/* Capacity as comma-separated values (RFC 4180): an empty field is not known. */

static const char head[] =
	"agent,dataSource,ifname,group,speed,metric,minutes,mean,p50,p95,p99,max,peak,weeks,"
	"perWeek,perWeekLow,perWeekHigh,now,state,date,from,to,ifinerrors,ifouterrors,ifindiscards,"
	"ifoutdiscards\r\n";

const char *api_date(double ms, char text[API_DATE])
{
	time_t t;
	struct tm tm;

	text[0] = '\0';
	if (!isfinite(ms) || ms < 0 || ms > 1e14)
		return text;
	t = (time_t)(ms / 1000);
	if (gmtime_r(&t, &tm))
		strftime(text, API_DATE, "%Y-%m-%d", &tm);
	return text;
}

/* A text in quotes, those in it doubled. */
static void put_text(FILE *f, const char *text)
{
	putc('"', f);
	for (; *text; text++) {
		if (*text == '"')
			putc('"', f);
		putc(*text, f);
	}
	putc('"', f);
}

/* An agent says what it likes: what would be a formula to a spreadsheet is made a text. */
static void put_name(FILE *f, const char *name)
{
	char text[CAPACITY_NAME + 1];

	snprintf(text, sizeof(text), "%s%s", *name && strchr("=+-@\t\r", *name) ? "'" : "", name);
	put_text(f, text);
}

static void put_identity(FILE *f, const struct capacity_found *l)
{
	char agent[BASE_ADDR_TEXT];

	if (l->group) {
		fprintf(f, ",,,");
		put_text(f, l->group);
		return;
	}
	fprintf(f, "%s,%" PRIu32 ",", base_addr_print(&l->agent, agent), l->index);
	put_name(f, l->name);
	putc(',', f);
}

static void put_code(FILE *f, uint16_t code)
{
	fprintf(f, ",%.3f", capacity_value(code));
}

static void put_period(FILE *f, const struct capacity_found *l)
{
	const struct capacity_summary *s = &l->period.metrics[l->metric];

	fprintf(f, ",%.0f,%s,%" PRIu64, l->speed, capacity_metric_names[l->metric], l->minutes);
	put_code(f, s->mean);
	put_code(f, s->points[CAPACITY_P50]);
	put_code(f, s->points[CAPACITY_P95]);
	put_code(f, s->points[CAPACITY_P99]);
	put_code(f, s->points[CAPACITY_MAX]);
	put_code(f, s->peak);
}

static void put_trend(FILE *f, const struct capacity_found *l, uint64_t now_ms)
{
	char at[API_DATE], from[API_DATE], to[API_DATE];

	if (l->has_trend)
		fprintf(f, ",%u,%.3f,%.3f,%.3f,%.3f", l->trend.count, l->trend.slope, l->trend.low,
			l->trend.high,
			capacity_trend_at(&l->trend, (double)now_ms / (7.0 * CAPACITY_DAY_MS)));
	else
		fprintf(f, ",0,,,,");
	fprintf(f, ",%s", capacity_state_names[l->state]);
	if (l->state == CAPACITY_UNKNOWN)
		fprintf(f, ",,,");
	else
		fprintf(f, ",%s,%s,%s", api_date(l->crossing.at, at),
			api_date(l->crossing.from, from), api_date(l->crossing.to, to));
}

/* Averages of errors and discards. */
static void put_errors(FILE *f, const struct capacity_found *l)
{
	for (unsigned m = CAPACITY_IN_ERRORS; m < CAPACITY_METRICS; m++) {
		putc(',', f);
		if (l->period.mask & 1u << m)
			fprintf(f, "%.3f", capacity_value(l->period.metrics[m].mean));
	}
}

char *api_capacity_csv(const struct capacity_answer *a, uint64_t now_ms)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	fputs(head, f);
	for (uint32_t i = 0; i < a->count; i++) {
		put_identity(f, &a->found[i]);
		put_period(f, &a->found[i]);
		put_trend(f, &a->found[i], now_ms);
		put_errors(f, &a->found[i]);
		fputs("\r\n", f);
	}
	if (ferror(f) | fclose(f)) {
		free(text);
		return NULL;
	}
	return text;
}
