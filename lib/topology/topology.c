/* SPDX-License-Identifier: BSD-3-Clause */
#include "topology/topology.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "topology/topology_pvt.h"

static uint64_t versions; /* atomic */

/* ---- what is looked up ---- */

static struct topology_port_entry *port_at(const struct topology *t, uint32_t number)
{
	return base_dense_at(&t->ports, number);
}

static struct topology_port_entry *find_port(
	const struct topology *t, const struct topology_port *port, uint64_t hash)
{
	struct base_narrow_probe probe = base_dense_probe(&t->ports, hash);
	uint32_t number;

	while ((number = base_dense_next(&t->ports, &probe)) != BASE_INDEX_NONE) {
		if (memcmp(&port_at(t, number)->port, port, sizeof(*port)) == 0)
			return port_at(t, number);
	}
	return NULL;
}

static bool find_agent(const struct topology *t, const struct base_addr *agent, uint64_t hash)
{
	struct base_narrow_probe probe = base_dense_probe(&t->agents, hash);
	uint32_t number;

	while ((number = base_dense_next(&t->agents, &probe)) != BASE_INDEX_NONE) {
		const struct topology_agent_entry *e = base_dense_at(&t->agents, number);

		if (base_addr_equal(&e->agent, agent))
			return true;
	}
	return false;
}

bool topology_has_agent(const struct topology *t, const struct base_addr *agent)
{
	return t && find_agent(t, agent, base_hash_bytes(&t->hash, agent, sizeof(*agent)));
}

const struct topology_link *topology_link_of(
	const struct topology *t, const struct base_addr *agent, uint32_t ifindex)
{
	struct topology_port port = {.agent = *agent, .ifindex = ifindex};
	const struct topology_port_entry *e;

	if (!t)
		return NULL;
	e = find_port(t, &port, base_hash_bytes(&t->hash, &port, sizeof(port)));
	return e ? &e->link : NULL;
}

enum topology_place topology_place_of(
	const struct topology *t, const struct base_addr *agent, uint32_t class, uint32_t index)
{
	if (class != 0 || !topology_has_agent(t, agent))
		return TOPOLOGY_OUTSIDE;
	return topology_link_of(t, agent, index) ? TOPOLOGY_CORE : TOPOLOGY_EDGE;
}

/* ---- building ---- */

int topology_add_agent(struct topology *t, const struct base_addr *agent)
{
	uint64_t hash = base_hash_bytes(&t->hash, agent, sizeof(*agent));
	struct topology_agent_entry *e;
	uint32_t number;

	if (find_agent(t, agent, hash))
		return 0;
	number = base_dense_add(&t->agents, hash);
	if (number == BASE_INDEX_NONE)
		return -ENOMEM;
	e = base_dense_at(&t->agents, number);
	e->agent = *agent;
	return 0;
}

const struct topology_port_entry *topology_add_end(struct topology *t,
	const struct topology_port *port, const char *name, const struct topology_link *link)
{
	uint64_t hash = base_hash_bytes(&t->hash, port, sizeof(*port));
	struct topology_port_entry *e = find_port(t, port, hash);
	uint32_t number;

	if (e)
		return e;
	number = base_dense_add(&t->ports, hash);
	if (number == BASE_INDEX_NONE)
		return NULL;
	e = port_at(t, number);
	e->port = *port;
	e->name = name;
	e->link = *link;
	return e;
}

/* What the document says, without its version, which is ours. */
static const char *keep_text(struct topology *t, const json_t *document)
{
	json_t *copy = json_copy((json_t *)(uintptr_t)document);
	const char *kept = NULL;
	char *text;

	json_object_del(copy, "version");
	text = json_dumps(copy, JSON_COMPACT);
	if (text)
		kept = base_region_text(&t->region, text);
	free(text);
	json_decref(copy);
	return kept;
}

static int build(
	struct topology *t, const json_t *document, const struct topology_names *names, char *error)
{
	int err = base_hash_init(&t->hash);

	if (err < 0 ||
		base_dense_init(&t->agents, sizeof(struct topology_agent_entry), TOPOLOGY_MOST) <
			0 ||
		base_dense_init(&t->ports, sizeof(struct topology_port_entry), 2 * TOPOLOGY_MOST) <
			0)
		return -ENOMEM;
	t->learned = !json_object_get(document, "nodes");
	err = topology_read(t, document, names, error);
	if (err == 0) {
		t->text = keep_text(t, document);
		err = t->text ? 0 : -ENOMEM;
	}
	return err;
}

static struct topology *make(
	const json_t *document, const struct topology_names *names, char *error)
{
	struct topology *t = calloc(1, sizeof(*t));
	int err;

	snprintf(error, TOPOLOGY_ERROR, "out of memory");
	if (!t)
		return NULL;
	t->references = 1;
	err = build(t, document, names, error);
	if (err == 0)
		return t;
	topology_unref(t);
	errno = -err;
	return NULL;
}

struct topology *topology_create(const json_t *document, char *error)
{
	struct topology *t = make(document, NULL, error);

	if (t)
		t->version = __atomic_add_fetch(&versions, 1, __ATOMIC_RELAXED);
	return t;
}

static struct topology *create(json_t *document, const json_error_t *e, char *error)
{
	struct topology *t;

	if (!document) {
		snprintf(error, TOPOLOGY_ERROR, "line %d, column %d: %s", e->line, e->column,
			e->text);
		errno = EINVAL;
		return NULL;
	}
	t = topology_create(document, error);
	json_decref(document);
	return t;
}

struct topology *topology_parse(const char *text, size_t len, char *error)
{
	json_error_t e;

	return create(json_loadb(text, len, JSON_REJECT_DUPLICATES, &e), &e, error);
}

struct topology *topology_load(const char *path, char *error)
{
	const char *why;
	FILE *f = base_file_open(path, &why);
	struct topology *t;
	json_error_t e;
	json_t *document;

	if (!f) {
		snprintf(error, TOPOLOGY_ERROR, "cannot read it: %s", why);
		return NULL;
	}
	document = json_loadf(f, JSON_REJECT_DUPLICATES, &e);
	fclose(f);
	t = create(document, &e, error);
	return t;
}

/* ---- learning ---- */

bool topology_is_learned(const struct topology *t)
{
	return t && t->learned;
}

uint32_t topology_ends(const struct topology *t)
{
	return t ? t->ports.count : 0;
}

/* Entries are never removed from either, so equal counts and one way are enough. */
static bool is_same(const struct topology *a, const struct topology *b)
{
	if (a->ports.count != b->ports.count || a->agents.count != b->agents.count)
		return false;
	for (uint32_t i = 0; i < a->agents.count; i++) {
		const struct topology_agent_entry *e = base_dense_at(&a->agents, i);

		if (!topology_has_agent(b, &e->agent))
			return false;
	}
	for (uint32_t i = 0; i < a->ports.count; i++) {
		const struct topology_port_entry *e = port_at(a, i);
		const struct topology_link *link =
			topology_link_of(b, &e->port.agent, e->port.ifindex);

		if (!link || link->len != e->link.len ||
			memcmp(link->text, e->link.text, link->len) != 0)
			return false;
	}
	return true;
}

struct topology *topology_learn(const struct topology *t, const struct topology_names *names)
{
	json_t *document = json_loads(t->text, 0, NULL);
	char error[TOPOLOGY_ERROR];
	struct topology *next = document ? make(document, names, error) : NULL;

	json_decref(document);
	if (!next) {
		errno = ENOMEM; /* the document was good before */
		return NULL;
	}
	next->version = t->version;
	if (!is_same(t, next))
		return next;
	topology_unref(next);
	errno = EALREADY;
	return NULL;
}

/* ---- references ---- */

struct topology *topology_ref(struct topology *t)
{
	if (t)
		__atomic_add_fetch(&t->references, 1, __ATOMIC_RELAXED);
	return t;
}

void topology_unref(struct topology *t)
{
	if (!t || __atomic_sub_fetch(&t->references, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	base_dense_fini(&t->ports);
	base_dense_fini(&t->agents);
	base_region_free(&t->region);
	free(t);
}

json_t *topology_json(const struct topology *t)
{
	json_t *document = json_loads(t->text, 0, NULL);

	if (document)
		json_object_set_new(document, "version", json_integer((json_int_t)t->version));
	return document;
}
