/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>

#include "metric/metric_pvt.h"

/* Metrics that no agent sends: made of others of the same record. */

const struct metric_derived metric_derived_rows[] = {
	{SFLOW_TAG(0, 1), "ifinpkts", METRIC_SUM, 1,
		{"ifinucastpkts", "ifinmulticastpkts", "ifinbroadcastpkts"}},
	{SFLOW_TAG(0, 1), "ifoutpkts", METRIC_SUM, 1,
		{"ifoutucastpkts", "ifoutmulticastpkts", "ifoutbroadcastpkts"}},
	{SFLOW_TAG(0, 1), "ifinutilization", METRIC_RATIO, 800, {"ifinoctets", "ifspeed"}},
	{SFLOW_TAG(0, 1), "ifoututilization", METRIC_RATIO, 800, {"ifoutoctets", "ifspeed"}},
	{SFLOW_TAG(0, 2003), "load_one_per_cpu", METRIC_RATIO, 1, {"load_one", "cpu_num"}},
	{SFLOW_TAG(0, 2003), "cpu_utilization", METRIC_REST, 100, {"cpu_idle"}},
	{SFLOW_TAG(0, 2004), "mem_utilization", METRIC_USED, 100,
		{"mem_total", "mem_free", "mem_buffers", "mem_cached"}},
	{SFLOW_TAG(0, 2005), "disk_utilization", METRIC_USED, 100, {"disk_total", "disk_free"}},
	{0, NULL},
};

/* Time of processors in percent of all their time. A guest's time is in that of its user. */
const char *const metric_shares_whole[] = {"cpu_user", "cpu_nice", "cpu_system", "cpu_idle",
	"cpu_wio", "cpu_intr", "cpu_sintr", "cpu_steal", NULL};

const char *const metric_shares[] = {"cpu_user", "cpu_nice", "cpu_system", "cpu_idle", "cpu_wio",
	"cpu_intr", "cpu_sintr", "cpu_steal", "cpu_guest", "cpu_guest_nice", NULL};

static double apply(const struct metric_derived *rule, const double *in, unsigned count)
{
	double sum = 0, used;
	unsigned i;

	for (i = 1; i < count; i++)
		sum += in[i];
	switch (rule->operation) {
	case METRIC_SUM:
		return in[0] + sum;
	case METRIC_RATIO:
		return rule->scale * in[0] / in[1];
	case METRIC_REST:
		return rule->scale - in[0];
	case METRIC_USED:
		used = sum < in[0] ? in[0] - sum : 0;
		return rule->scale * used / in[0];
	}
	return NAN;
}

bool metric_derive(const struct metric_block *b, unsigned i, double *value)
{
	const struct metric_plan *plan = b->plan;
	double in[METRIC_INPUTS];

	for (unsigned j = 0; j < plan->derived[i].fields; j++)
		if (!metric_block_number(b, plan->derived[i].field[j], &in[j]))
			return false;
	*value = apply(plan->derived[i].rule, in, plan->derived[i].fields);
	return isfinite(*value); /* a divisor of 0 is one that the agent does not know */
}
