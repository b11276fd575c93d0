/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "metric/describe.h"
#include "options.h"

/* docs/metrics.rst, from the rows of structures. */

struct page {
	FILE *out;
	const struct sflow_structure *structure; /* that the heading is of */
	bool guest;
};

static void print_heading(struct page *p, const struct metric_description *d)
{
	char text[128];

	if (d->structure == p->structure && d->guest == p->guest)
		return;
	p->structure = d->structure;
	p->guest = d->guest;
	snprintf(text, sizeof(text), "%s, %u:%u%s", d->structure->name, d->structure->tag >> 12,
		d->structure->tag & 0xFFF, d->guest ? ", of guests" : "");
	fprintf(p->out, "\n%s\n", text);
	for (size_t i = strlen(text); i; i--)
		fputc('-', p->out);
	fputc('\n', p->out);
}

static const char *kind_of(const struct metric_description *d)
{
	if (d->text)
		return d->words ? "word" : "text";
	if (d->rate)
		return "rate";
	return "number";
}

static void print_unit(struct page *p, const struct metric_description *d)
{
	if (d->percent)
		fputs(", percent of all of them", p->out);
	else if (d->rate)
		fprintf(p->out, ", %s per second", d->unit ? d->unit : "counts");
	else if (d->unit)
		fprintf(p->out, ", %s", d->unit);
}

static void print_metric(void *ctx, const struct metric_description *d)
{
	struct page *p = ctx;

	print_heading(p, d);
	fprintf(p->out, "\n``%s``\n   %s", d->name, kind_of(d));
	print_unit(p, d);
	if (d->formula)
		fprintf(p->out, ": %s\n", d->formula);
	else
		fprintf(p->out, "; %s\n", d->field);
}

int options_print_metrics(FILE *out)
{
	struct page p = {.out = out};

	fputs(".. SPDX-License-Identifier: BSD-3-Clause\n.. Written by weir --print-metrics.\n\n"
	      "Metrics\n=======\n\n"
	      "The metrics of counter records, structure by structure (enterprise:format). Behind "
	      "each: its type and\nunit, and the field of the structure that it is (see "
	      "`structures <structures.rst>`_), or how it is made of\nothers. A counter is a rate "
	      "over the true time between two records. A *word* is a text of an\nenumeration. "
	      "What an agent says is unknown is absent, and so is what is made of it. *N* in a "
	      "name\nstands for the index of a queue, from 0 to 15: ``queue_3_dropped``. "
	      "Custom metrics (4300:1002)\nhave the names that their agents give them.\n",
		out);
	return metric_describe(print_metric, &p);
}
