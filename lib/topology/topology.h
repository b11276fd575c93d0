/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

/*
 * Which interfaces of which agents are joined by links. Built from a document of nodes, ports and
 * links; immutable from then on; counted references, from any thread.
 *
 * An agent belongs to the topology if it is one of a node. Of its interfaces, those at an end of a
 * link are core ports, and all others, whether the document names them or not, are edge ports. Data
 * sources that are no interfaces are neither.
 */
struct topology;

enum topology_place {
	TOPOLOGY_OUTSIDE, /* the agent is none of its nodes, or this is no interface */
	TOPOLOGY_EDGE,
	TOPOLOGY_CORE,
};

enum {
	TOPOLOGY_NAME = 128,     /* bytes of a name */
	TOPOLOGY_TEXT = 200,     /* of a link's name as it is printed */
	TOPOLOGY_MOST = 1000000, /* nodes, links, and ports, each */
	TOPOLOGY_ERROR = 512,
};

struct topology_link {
	const char *text; /* its name, as it is printed: escaped */
	size_t len;
};

/* Who knows which agent a node is, and which of its interfaces a port, by their own names. */
struct topology_names {
	bool (*agent)(void *ctx, const char *node, struct base_addr *agent);
	bool (*port)(void *ctx, const struct base_addr *agent, const char *port, uint32_t *ifindex);
	void *ctx;
};

/**
 * Build one. A document without `nodes` is learned: its links have no ends until topology_learn().
 * @param document  an object with `nodes` and `links`; hostile; stays the caller's
 * @param error     TOPOLOGY_ERROR bytes: one sentence, with the path of what is wrong
 * @return one reference; NULL with `error` and errno EINVAL, or ENOMEM
 */
struct topology *topology_create(const json_t *document, char *error);

/** The same of a text, or of a file's. An error of the text has its line and column. */
struct topology *topology_parse(const char *text, size_t len, char *error);
struct topology *topology_load(const char *path, char *error);

/** Whether nodes and ports are found by their own names, since the document has no `nodes`. */
bool topology_is_learned(const struct topology *t);

/**
 * The same document and version with the ends whose names are known now. Any thread but an RX core.
 * @return one reference; NULL and errno: EALREADY, nothing has changed; ENOMEM
 */
struct topology *topology_learn(const struct topology *t, const struct topology_names *names);

/** How many ends of links are known. */
uint32_t topology_ends(const struct topology *t);

struct topology *topology_ref(struct topology *t); /* NULL is fine */
void topology_unref(struct topology *t);           /* the same */

/** The document, with `version`, which differs between any two; a new reference. */
json_t *topology_json(const struct topology *t);

/** Whether the agent is one of a node. RX core, too; NULL is an empty topology here and below. */
bool topology_has_agent(const struct topology *t, const struct base_addr *agent);

/** The link that an interface of an agent is an end of, or NULL. RX core, too. */
const struct topology_link *topology_link_of(
	const struct topology *t, const struct base_addr *agent, uint32_t ifindex);

/** Where a data source is; @param class as sFlow has it: 0 for interfaces. */
enum topology_place topology_place_of(
	const struct topology *t, const struct base_addr *agent, uint32_t class, uint32_t index);
