/* SPDX-License-Identifier: BSD-3-Clause */
#include "metric/describe.h"

#include <errno.h>

#include "metric/metric_pvt.h"

/* Each column of each plan, as what it is. */

enum { FORMULA = 512 };

static void add_inputs(
	struct base_text *t, const struct metric_derived *rule, unsigned from, const char *between)
{
	for (unsigned i = from; i < METRIC_INPUTS && rule->inputs[i]; i++)
		base_text_printf(t, "%s%s", i > from ? between : "", rule->inputs[i]);
}

static void print_formula(struct base_text *t, const struct metric_derived *rule)
{
	const char *first = rule->inputs[0];

	if (rule->operation != METRIC_SUM && rule->operation != METRIC_REST && rule->scale != 1)
		base_text_printf(t, "%g * ", rule->scale);
	switch (rule->operation) {
	case METRIC_SUM:
		add_inputs(t, rule, 0, " + ");
		break;
	case METRIC_RATIO:
		add_inputs(t, rule, 0, " / ");
		break;
	case METRIC_REST:
		base_text_printf(t, "%g - %s", rule->scale, first);
		break;
	case METRIC_EACH:
		base_text_printf(t, "%s / max(%s, 1)", first, rule->inputs[1]);
		break;
	case METRIC_PART:
		base_text_printf(t, "%s / (", first);
		add_inputs(t, rule, 0, " + ");
		base_text_char(t, ')');
		break;
	case METRIC_USED:
		base_text_char(t, '(');
		add_inputs(t, rule, 0, " - ");
		base_text_printf(t, ") / %s", first);
		break;
	}
}

/* Of queues, which have the same metrics, one stands for all. */
static struct metric_description describe(const struct metric_store *m,
	const struct metric_plan *plan, const struct metric_column *c, struct base_text *formula)
{
	struct metric_description d = {.structure = plan->structure,
		.name = c->name->text,
		.guest = plan->number >= m->guest_plan};
	const struct sflow_field *f = &plan->structure->fields[c->at];

	if (c->kind == METRIC_MADE) {
		print_formula(formula, plan->derived[c->at].rule);
		d.formula = formula->buf;
		d.unit = plan->derived[c->at].rule->unit;
		return d;
	}
	d.field = f->name;
	if (plan->instead)
		d.name = f->metric;
	d.text = c->kind == METRIC_FORM || (plan->texts >> c->at & 1);
	d.words = f->words;
	d.unit = d.text ? NULL : f->unit;
	d.percent = plan->shares >> c->at & 1;
	d.rate = f->role == SFLOW_COUNTER && !d.percent;
	return d;
}

int metric_describe(void (*each)(void *ctx, const struct metric_description *d), void *ctx)
{
	struct metric_limits limits = {.agents = 1, .sources = 1};
	struct metric_store *m = metric_store_create(&limits);

	if (!m)
		return -ENOMEM;
	for (unsigned i = 0; i < m->queue_plan; i++) {
		const struct metric_plan *plan = &m->plans[i];

		for (unsigned j = 0; j < plan->column_count; j++) {
			char buf[FORMULA];
			struct base_text formula = base_text(buf, sizeof(buf));
			struct metric_description d =
				describe(m, plan, &plan->columns[j], &formula);

			each(ctx, &d);
		}
	}
	metric_store_destroy(m);
	return 0;
}
