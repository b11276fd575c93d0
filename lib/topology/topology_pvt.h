/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "base/dense.h"
#include "base/hash.h"
#include "base/region.h"
#include "topology/topology.h"

/* An interface, as it is looked up. Without holes, so that it is compared as bytes. */
struct topology_port {
	struct base_addr agent;
	uint32_t ifindex;
};

struct topology_port_entry {
	uint64_t hash;
	struct topology_port port;
	struct topology_link link;
	const char *name; /* of the link, as it stands in the document */
};

struct topology_agent_entry {
	uint64_t hash;
	struct base_addr agent;
};

struct topology {
	struct base_hash hash;
	struct base_dense ports;  /* struct topology_port_entry: ends of links */
	struct base_dense agents; /* struct topology_agent_entry */
	struct base_region region;
	const char *text; /* the document */
	uint64_t version;
	bool learned;
	unsigned references; /* atomic */
};

/** @return 0 or -ENOMEM */
int topology_add_agent(struct topology *t, const struct base_addr *agent);

/**
 * Make an interface an end of a link.
 * @param name  copied
 * @return the entry; it was there already if its link has another name
 */
const struct topology_port_entry *topology_add_end(struct topology *t,
	const struct topology_port *port, const char *name, const struct topology_link *link);

/**
 * Take nodes and links from a document.
 * @param names  of a document without nodes; NULL: none is known
 * @return 0; -EINVAL with `error`; -ENOMEM
 */
int topology_read(struct topology *t, const json_t *document, const struct topology_names *names,
	char *error);
