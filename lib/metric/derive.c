/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>

#include "metric/metric_pvt.h"

/* Metrics that no agent sends: made of others of the same record. */

/* How full a table of a switch's hardware is. */
#define TABLE(name, entries)                                                                       \
	{                                                                                          \
		SFLOW_TAG(4413, 3), "bcm_" name, METRIC_RATIO, 100, "percent",                     \
		{                                                                                  \
			"bcm_" entries, "bcm_" entries "_max"                                      \
		}                                                                                  \
	}

const struct metric_derived metric_derived_rows[] = {
	{SFLOW_TAG(0, 1), "ifinpkts", METRIC_SUM, 1, "packets per second",
		{"ifinucastpkts", "ifinmulticastpkts", "ifinbroadcastpkts"}},
	{SFLOW_TAG(0, 1), "ifoutpkts", METRIC_SUM, 1, "packets per second",
		{"ifoutucastpkts", "ifoutmulticastpkts", "ifoutbroadcastpkts"}},
	{SFLOW_TAG(0, 1), "ifinutilization", METRIC_RATIO, 800, "percent",
		{"ifinoctets", "ifspeed"}},
	{SFLOW_TAG(0, 1), "ifoututilization", METRIC_RATIO, 800, "percent",
		{"ifoutoctets", "ifspeed"}},
	{SFLOW_TAG(0, 2003), "load_one_per_cpu", METRIC_RATIO, 1, NULL, {"load_one", "cpu_num"}},
	{SFLOW_TAG(0, 2003), "cpu_utilization", METRIC_REST, 100, "percent", {"cpu_idle"}},
	{SFLOW_TAG(0, 2004), "mem_utilization", METRIC_USED, 100, "percent",
		{"mem_total", "mem_free", "mem_buffers", "mem_cached"}},
	{SFLOW_TAG(0, 2005), "disk_utilization", METRIC_USED, 100, "percent",
		{"disk_total", "disk_free"}},
	/* Of its processors; agents that do not know how many say 0: of one. ms a second, and percent. */
	{SFLOW_TAG(0, 2101), "vir_cpu_utilization", METRIC_EACH, 0.1, "percent",
		{"vir_cpu_time", "vir_cpu_num"}},
	{SFLOW_TAG(0, 2102), "vir_mem_utilization", METRIC_RATIO, 100, "percent",
		{"vir_mem_memory", "vir_mem_maxmemory"}},
	{SFLOW_TAG(0, 2103), "vir_disk_utilization", METRIC_RATIO, 100, "percent",
		{"vir_disk_allocation", "vir_disk_capacity"}},
	{SFLOW_TAG(0, 2201), "http_requests", METRIC_SUM, 1, "requests per second",
		{"http_method_option", "http_method_get", "http_method_head", "http_method_post",
			"http_method_put", "http_method_delete", "http_method_trace",
			"http_method_connect", "http_method_other"}},
	{SFLOW_TAG(0, 2206), "workers_utilization", METRIC_RATIO, 100, "percent",
		{"workers_active", "workers_max"}},
	{SFLOW_TAG(0, 2207), "ovs_dp_missrate", METRIC_PART, 100, "percent",
		{"ovs_dp_misses", "ovs_dp_hits"}},
	TABLE("host_utilization", "host_entries"),
	TABLE("mac_utilization", "mac_entries"),
	TABLE("ipv4_utilization", "ipv4_entries"),
	TABLE("ipv6_utilization", "ipv6_entries"),
	TABLE("ipv4_ipv6_utilization", "ipv4_ipv6_entries"),
	TABLE("total_routes_utilization", "total_routes"),
	TABLE("ecmp_nexthops_utilization", "ecmp_nexthops"),
	TABLE("acl_ingress_utilization", "acl_ingress_entries"),
	TABLE("acl_ingress_meters_utilization", "acl_ingress_meters"),
	TABLE("acl_ingress_counters_utilization", "acl_ingress_counters"),
	TABLE("acl_egress_utilization", "acl_egress_entries"),
	TABLE("acl_egress_meters_utilization", "acl_egress_meters"),
	TABLE("acl_egress_counters_utilization", "acl_egress_counters"),
	TABLE("long_ipv6_utilizaton", "long_ipv6_entries"), /* as users know it */
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
	case METRIC_EACH:
		return rule->scale * in[0] / (in[1] > 0 ? in[1] : 1);
	case METRIC_PART:
		return rule->scale * in[0] / (in[0] + sum);
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
