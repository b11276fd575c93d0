/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "api/resource.h"
#include "metric/read.h"
#include "topology/topology.h"

/*
 * Which agents and data sources a query is about: addresses and host names with , or ; between them; ALL;
 * or TOPOLOGY, EDGE, CORE: those of agents of the topology, and of these the edge ports, or the ends of
 * links. Immutable once parsed.
 */
struct scope {
	bool all, topology, edge, core;
	const struct topology *places; /* what the last three are of */
	unsigned count;
	struct base_addr *agents; /* in order, each once; from malloc */
};

/**
 * @param m  where host names are looked up, within a section of reading; NULL: there are none
 * @param t  the topology; NULL: there is none. Outlives the scope
 * @return 0; -EINVAL with `e`; -ENOMEM
 */
int scope_parse(struct scope *s, const char *text, const struct metric_store *m,
	const struct topology *t, struct api_error *e);
void scope_fini(struct scope *s);

/** Whether any source of the agent is in it. */
bool scope_has_agent(const struct scope *s, const struct base_addr *agent);

/** Whether a data source is in it; @param class as sFlow has it: 0 for interfaces. */
bool scope_has(
	const struct scope *s, const struct base_addr *agent, uint32_t class, uint32_t index);

/** Whether a text asks for a topology. */
bool scope_wants_topology(const char *text);
