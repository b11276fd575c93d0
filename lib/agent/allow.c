/* SPDX-License-Identifier: BSD-3-Clause */
#include "agent/allow.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "prefix/cidr.h"
#include "prefix/table.h"

struct agent_allow {
	struct prefix_table agents, sources, relays;
	bool any_agent, any_source, source_is_agent;
};

static int read_networks(struct prefix_table *t, const char *option, const char *const *networks,
	unsigned count, char *error, size_t size)
{
	struct prefix_list list = {0};
	int err = 0;

	for (unsigned i = 0; i < count && err == 0; i++) {
		struct prefix p = {.label = 1};
		const char *why;
		unsigned width;

		err = prefix_cidr_parse(networks[i], &p, &width, &why);
		if (err < 0)
			snprintf(error, size, "allow.%s: \"%.64s\": %s", option, networks[i], why);
		else
			err = prefix_list_add(&list, width, &p);
	}
	if (err == 0)
		err = prefix_table_build(t, &list);
	prefix_list_free(&list);
	return err;
}

int agent_allow_create(struct agent_allow **allow, const struct agent_allow_options *options,
	char *error, size_t size)
{
	const struct agent_allow_options *o = options;
	struct agent_allow *a;
	int err;

	*allow = NULL;
	if (o->agent_count == 0 && o->source_count == 0 && !o->source_is_agent)
		return 0;
	a = calloc(1, sizeof(*a));
	if (!a)
		return -ENOMEM;
	a->any_agent = o->agent_count == 0;
	a->any_source = o->source_count == 0;
	a->source_is_agent = o->source_is_agent;
	err = read_networks(&a->agents, "agents", o->agents, o->agent_count, error, size);
	if (err == 0)
		err = read_networks(
			&a->sources, "sources", o->sources, o->source_count, error, size);
	if (err == 0)
		err = read_networks(&a->relays, "relays", o->relays, o->relay_count, error, size);
	if (err == 0)
		*allow = a;
	else
		agent_allow_destroy(a);
	return err;
}

void agent_allow_destroy(struct agent_allow *allow)
{
	if (!allow)
		return;
	prefix_table_free(&allow->agents);
	prefix_table_free(&allow->sources);
	prefix_table_free(&allow->relays);
	free(allow);
}

static bool within(const struct prefix_table *t, const struct base_addr *addr)
{
	return prefix_table_find(t, addr->bytes, (unsigned)base_addr_len(addr)) != PREFIX_NONE;
}

int agent_allow_refuses(const struct agent_allow *allow, const struct base_addr *source,
	const struct base_addr *agent)
{
	if (!within(&allow->relays, source)) {
		if (!allow->any_source && !within(&allow->sources, source))
			return SFLOW_DROP_SOURCE_NOT_ALLOWED;
		if (allow->source_is_agent && !base_addr_equal(source, agent))
			return SFLOW_DROP_SOURCE_NOT_AGENT;
	}
	return allow->any_agent || within(&allow->agents, agent) ? 0 : SFLOW_DROP_AGENT_NOT_ALLOWED;
}
