/* SPDX-License-Identifier: BSD-3-Clause */
#include <microhttpd.h>
#include <string.h>

#include "api/asking.h"
#include "api/exposition.h"
#include "api/handlers_pvt.h"
#include "api/server_pvt.h"

/* What metrics of a group of agents come to, for Prometheus: one line for each statistic. */

enum { NAME_SIZE = 256 };

/* "max_load_one" of max:load_one, with the prefix. */
static void name_of(const struct term *t, const char *prefix, char *name)
{
	char plain[NAME_SIZE];
	struct base_text p = base_text(plain, sizeof(plain)), n = base_text(name, NAME_SIZE);

	base_text_printf(&p, "%s_%s", metric_statistic_names[t->statistic], t->metric);
	exposition_name(&n, prefix, plain);
}

/* A metric that was asked for twice is there once. */
static bool is_again(const struct terms *t, unsigned i, const char *prefix, const char *name)
{
	char before[NAME_SIZE];

	while (i-- > 0) {
		name_of(&t->list[i], prefix, before);
		if (strcmp(before, name) == 0)
			return true;
	}
	return false;
}

static int write_statistic(struct asking *a, const struct api_request *r, unsigned i,
	struct metric_tally *tally, struct exposition *e)
{
	const struct term *t = &a->terms.list[i];
	char name[NAME_SIZE], help[NAME_SIZE];
	struct base_text h = base_text(help, sizeof(help));
	struct metric_result result;
	int err = metric_tally_end(tally, &result);

	name_of(t, api_prometheus_prefix(r), name);
	if (err < 0 || !result.there || !result.value.number ||
		is_again(&a->terms, i, api_prometheus_prefix(r), name))
		return err;
	base_text_printf(&h, "The %s of metric %s in a group of agents.",
		metric_statistic_names[t->statistic], t->metric);
	exposition_head(e, name, exposition_gauge(name), help);
	exposition_begin(e, name);
	exposition_label(e, "group", r->names[0], strlen(r->names[0]));
	exposition_number(e, result.value.value);
	return 0;
}

static int write_all(struct asking *a, const struct api_request *r, struct metric_tally *tallies,
	struct exposition *e)
{
	int err = walk_statistics(&a->walk, &a->terms, tallies);

	for (unsigned i = 0; err == 0 && i < a->terms.count; i++)
		err = write_statistic(a, r, i, &tallies[i], e);
	return err;
}

/* The group is a label: any text in UTF-8. */
static bool check_group(const char *group, struct api_reply *reply)
{
	json_t *text = json_string(group); /* NULL: it is none */
	bool ok = text != NULL;

	for (const char *p = group; *p; p++)
		ok = ok && (unsigned char)*p >= ' ' && *p != 0x7F;
	json_decref(text);
	if (!ok)
		api_fail(reply, MHD_HTTP_BAD_REQUEST,
			"group: \"%.64s\" is no text in UTF-8 without control characters", group);
	return ok;
}

void api_get_prometheus_statistics(const struct api_request *r, struct api_reply *reply)
{
	struct api_request question = *r;
	struct metric_tally tallies[TERMS];
	struct exposition e = {0};
	uint64_t values, taken;
	struct asking a;
	int err = 0;

	memmove(question.names, question.names + 1, sizeof(question.names) - sizeof(char *));
	if (!check_group(r->names[0], reply) || !asking_open(&a, &question, TERM_STATISTIC, reply))
		return;
	values = walk_most(&a.walk, NULL);
	if (!asking_afford(&a, &r->api->answers, values, &taken)) {
		asking_drop(&a);
		api_fail(reply, MHD_HTTP_SERVICE_UNAVAILABLE,
			"too many long answers at the same time; try again");
		return;
	}
	for (unsigned i = 0; i < a.terms.count; i++)
		metric_tally_init(&tallies[i], a.terms.list[i].statistic, values);
	err = write_all(&a, r, tallies, &e);
	for (unsigned i = 0; i < a.terms.count; i++)
		metric_tally_fini(&tallies[i]);
	api_budget_give(&r->api->answers, taken);
	asking_drop(&a);
	e.broken = e.broken || err < 0 || api_stopping(r->api);
	api_answer_exposition(&e, reply);
}
