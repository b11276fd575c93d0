/* SPDX-License-Identifier: BSD-3-Clause */
#include "expression.h"

#include "flow/plan.h"

static void describe(json_t *o, const struct flow_value *v)
{
	json_object_set_new(o, "value", json_string(v->text));
	json_object_set_new(o, "aggregate", json_string(flow_prefixes[v->aggregate].name));
	json_object_set_new(o, "unit", json_string(v->unit));
}

json_t *expression_read(const char *value, const char *values)
{
	const struct flow_spec spec = {.name = "", .keys = "", .value = value, .values = values};
	json_t *o = json_object(), *list = json_array();
	struct flow_error e;
	struct flow_plan *plan = value ? flow_compile(&spec, 1, NULL, &e) : NULL;

	if (!plan)
		json_object_set_new(o, "unit", json_string(value));
	else
		describe(o, &plan->definitions[0].values[0]);
	for (unsigned i = 1; plan && i < plan->definitions[0].value_count; i++) {
		json_t *one = json_object();

		describe(one, &plan->definitions[0].values[i]);
		json_array_append_new(list, one);
	}
	json_object_set_new(o, "values", list);
	flow_plan_free(plan);
	return o;
}
