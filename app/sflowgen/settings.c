/* SPDX-License-Identifier: BSD-3-Clause */
#include "settings.h"

#include <stddef.h>

#include "model.h"

struct gen_settings gen_settings(void)
{
	return (struct gen_settings){
		.seed = 1,
		.agents = 8,
		.interfaces = 16,
		.sub_agents = 1,
		.hosts = 0.25,
		.flows = 10000,
		.zipf = 1.1,
		.ipv6 = 0.1,
		.vxlan = 0.1,
		.rate = 10000,
		.sampling_rates = {1000},
		.sampling_rate_count = 1,
		.counters = 10,
		.delay = 1,
		.samples_per_datagram = 7,
		.header_bytes = 104,
		.max_payload = 1472,
		.record_switch = true,
		.jump = 30,
	};
}

static const char *check_services(const struct gen_settings *s)
{
	uint64_t containers = 0;

	for (unsigned i = 0; i < s->service_count; i++)
		containers += s->services[i].most;
	if (s->service_count && (double)s->agents * s->hosts + 1e-9 < 1)
		return "a --service needs hosts to run on: see --agents and --hosts";
	if (s->service_count && s->counters <= 0)
		return "a --service needs --counters, how often its containers are polled";
	if (containers > GEN_CONTAINERS)
		return "the services have too many containers: at most 1,000,000 together";
	return NULL;
}

const char *gen_settings_check(const struct gen_settings *s)
{
	if (s->ipv6 + s->vxlan > 1)
		return "the shares of --ipv6 and --vxlan are together more than the whole";
	if (s->agents * (s->interfaces + 1) > GEN_SOURCES_MAX)
		return "--agents times --interfaces is too much: at most 4,000,000 data sources";
	if (s->agents * s->sub_agents > GEN_SOURCES_MAX)
		return "--agents times --sub-agents is too much: at most 4,000,000";
	if (s->endpoints == 1)
		return "--endpoints must be 2 or more, since a flow has two ends";
	if (s->endpoints && s->flows / s->endpoints >= GEN_PORTS)
		return "--endpoints is too small for so many --flows: at most 28,000 flows each";
	return check_services(s);
}
