/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/near.h"
#include "base/text.h"
#include "topology/topology_pvt.h"

/* From the document to what is looked up. The document is hostile; its depth is fixed. */

/* What is being read: the parts of its path, for errors. */
struct reading {
	struct topology *t;
	const json_t *nodes;
	const struct topology_names *names; /* in place of nodes, where there are none; or NULL */
	const char *list, *name, *ports, *port; /* "nodes", its name, ".ports", its name; or NULL */
	char *error;
};

static int __attribute__((format(printf, 3, 4)))
fail(const struct reading *r, const char *member, const char *fmt, ...)
{
	struct base_text t = base_text(r->error, TOPOLOGY_ERROR);
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	base_text_printf(&t, "%s", r->list ? r->list : "");
	if (r->name)
		base_text_printf(&t, ".%.64s", r->name);
	if (r->ports)
		base_text_printf(&t, "%s", r->ports);
	if (r->port)
		base_text_printf(&t, ".%.64s", r->port);
	if (member)
		base_text_printf(&t, "%s%s", t.len ? "." : "", member);
	base_text_printf(&t, "%s%s", t.len ? ": " : "", text);
	return -EINVAL;
}

/* ---- objects and their members ---- */

/* The i-th of a list of names that NULL ends, as base_near() asks for them. */
static const char *member_name(const void *ctx, size_t i)
{
	return ((const char *const *)ctx)[i];
}

static bool is_listed(const char *const *names, const char *name)
{
	for (; *names; names++) {
		if (strcmp(*names, name) == 0)
			return true;
	}
	return false;
}

/* An object with no member but these. */
static int need_object(const struct reading *r, const json_t *value, const char *const *members)
{
	void *iter;

	if (!json_is_object(value))
		return fail(r, NULL, "must be an object");
	for (iter = json_object_iter((json_t *)(uintptr_t)value); iter;
		iter = json_object_iter_next((json_t *)(uintptr_t)value, iter)) {
		const char *name = json_object_iter_key(iter), *near;

		if (is_listed(members, name))
			continue;
		near = base_near(name, member_name, members);
		return fail(r, NULL, "there is no \"%.64s\" in it%s%s%s", name,
			near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
	}
	return 0;
}

/* A member that is an object of things with names, or is not there. */
static int need_list(const struct reading *r, const json_t *from, const char *member)
{
	const json_t *list = json_object_get(from, member);

	if (list && !json_is_object(list))
		return fail(r, member, "must be an object of names");
	if (json_object_size(list) > TOPOLOGY_MOST)
		return fail(r, member, "has %zu entries; at most %d are possible",
			json_object_size(list), TOPOLOGY_MOST);
	return 0;
}

static int need_name(const struct reading *r, const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || len > TOPOLOGY_NAME)
		return fail(r, NULL, "a name has 1 to %d bytes", TOPOLOGY_NAME);
	return 0;
}

/* Free texts about the thing. */
static int need_tags(const struct reading *r, const json_t *from)
{
	const json_t *tags = json_object_get(from, "tags");

	if (tags && !json_is_object(tags))
		return fail(r, "tags", "must be an object");
	return 0;
}

/* ---- nodes ---- */

/* An ifIndex: a number, or its digits. */
static int read_ifindex(const json_t *value, uint32_t *ifindex)
{
	unsigned long long v = 0;
	char rest;

	if (json_is_integer(value) && json_integer_value(value) > 0)
		v = (unsigned long long)json_integer_value(value);
	else if (!json_is_string(value) || strlen(json_string_value(value)) > 10 ||
		 strspn(json_string_value(value), "0123456789") != json_string_length(value) ||
		 sscanf(json_string_value(value), "%llu%c", &v, &rest) != 1)
		return -EINVAL;
	*ifindex = (uint32_t)v;
	return v > 0 && v <= UINT32_MAX ? 0 : -EINVAL;
}

static int read_port(const struct reading *r, const json_t *port)
{
	static const char *const members[] = {"ifindex", "ofport", "dpid", "tags", NULL};
	const json_t *ifindex;
	uint32_t number;

	if (need_name(r, r->port) < 0 || need_object(r, port, members) < 0 ||
		need_tags(r, port) < 0)
		return -EINVAL;
	ifindex = json_object_get(port, "ifindex");
	if (ifindex && read_ifindex(ifindex, &number) < 0)
		return fail(r, "ifindex", "must be a number from 1 to 4294967295");
	return 0;
}

static int read_ports(struct reading *r, const json_t *node)
{
	const json_t *ports = json_object_get(node, "ports"), *port;
	const char *name;
	int err = need_list(r, node, "ports");

	r->ports = ".ports";
	json_object_foreach((json_t *)(uintptr_t)ports, name, port)
	{
		r->port = name;
		if (err == 0)
			err = read_port(r, port);
	}
	r->ports = r->port = NULL;
	return err;
}

static int read_agent(const struct reading *r, const json_t *node, struct base_addr *agent)
{
	const json_t *value = json_object_get(node, "agent");
	const char *text = json_string_value(value);

	*agent = (struct base_addr){.family = 0};
	if (value && (!text || base_addr_parse(text, agent) < 0))
		return fail(r, "agent", "must be the IP address of an agent, as a text");
	return 0;
}

static int read_node(struct reading *r, const json_t *node)
{
	static const char *const members[] = {"agent", "dpid", "tags", "ports", NULL};
	struct base_addr agent;

	if (need_name(r, r->name) < 0 || need_object(r, node, members) < 0 ||
		need_tags(r, node) < 0 || read_agent(r, node, &agent) < 0 ||
		read_ports(r, node) < 0)
		return -EINVAL;
	return agent.family ? topology_add_agent(r->t, &agent) : 0;
}

/* ---- links ---- */

static const char *object_name(const void *ctx, size_t i)
{
	void *iter = json_object_iter((json_t *)(uintptr_t)ctx);

	while (iter && i--)
		iter = json_object_iter_next((json_t *)(uintptr_t)ctx, iter);
	return iter ? json_object_iter_key(iter) : NULL;
}

enum { NEAR_MOST = 1000 }; /* names among which a near one is looked for */

static int fail_unknown(const struct reading *r, const char *member, const char *what,
	const char *name, const json_t *all)
{
	const char *near =
		json_object_size(all) <= NEAR_MOST ? base_near(name, object_name, all) : NULL;

	return fail(r, member, "%s \"%.64s\" is not in nodes%s%s%s", what, name,
		near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

/* An end whose names nobody knows yet has no agent, and one whose port alone is not known no ifIndex. */
static int learn_end(
	const struct reading *r, const char *node, const char *port, struct topology_port *end)
{
	memset(end, 0, sizeof(*end));
	if (!r->names || !r->names->agent(r->names->ctx, node, &end->agent))
		return 0;
	if (topology_add_agent(r->t, &end->agent) < 0)
		return -ENOMEM;
	if (!r->names->port(r->names->ctx, &end->agent, port, &end->ifindex))
		end->ifindex = 0;
	return 0;
}

static int read_end(const struct reading *r, const json_t *link, const char *node_member,
	const char *port_member, struct topology_port *end)
{
	const char *node_name = json_string_value(json_object_get(link, node_member));
	const char *port_name = json_string_value(json_object_get(link, port_member));
	const json_t *node, *ports, *port;

	if (!node_name)
		return fail(r, node_member, "must be the name of a node");
	if (!port_name)
		return fail(r, port_member, "must be the name of a port");
	if (r->t->learned)
		return learn_end(r, node_name, port_name, end);
	node = json_object_get(r->nodes, node_name);
	if (!node)
		return fail_unknown(r, node_member, "the node", node_name, r->nodes);
	ports = json_object_get(node, "ports");
	port = json_object_get(ports, port_name);
	if (!port)
		return fail_unknown(r, port_member, "the port", port_name, ports);
	memset(end, 0, sizeof(*end));
	if (read_agent(r, node, &end->agent) < 0 || !end->agent.family)
		return fail(r, node_member, "the node \"%.64s\" has no agent", node_name);
	if (read_ifindex(json_object_get(port, "ifindex"), &end->ifindex) < 0)
		return fail(r, port_member, "the port \"%.64s\" of \"%.64s\" has no ifindex",
			port_name, node_name);
	return 0;
}

static int add_end(const struct reading *r, const char *member, const struct topology_port *end,
	const char *name, const struct topology_link *link)
{
	const struct topology_port_entry *e;

	if (end->ifindex == 0)
		return 0; /* not known yet */
	e = topology_add_end(r->t, end, name, link);
	if (!e)
		return -ENOMEM;
	if (r->t->learned)
		return 0; /* names may come to mean one port while they change: the first counts */
	if (strcmp(e->name, name) != 0)
		return fail(r, member, "this port is at an end of \"%.64s\", too", e->name);
	return 0;
}

static int print_name(const struct reading *r, struct topology_link *link)
{
	char text[TOPOLOGY_TEXT + 1];
	struct base_text t = base_text(text, sizeof(text));

	base_text_wire(&t, (const uint8_t *)r->name, strlen(r->name));
	if (t.cut)
		return fail(r, NULL, "its name is longer than %d bytes when it is printed",
			TOPOLOGY_TEXT);
	link->text = base_region_copy(&r->t->region, text, t.len);
	link->len = t.len;
	return 0;
}

/* By name, where ends are not known yet. */
static bool is_loop(const struct reading *r, const json_t *link, const struct topology_port end[2])
{
	if (!r->t->learned)
		return memcmp(&end[0], &end[1], sizeof(end[0])) == 0;
	return json_equal(json_object_get(link, "node1"), json_object_get(link, "node2")) &&
	       json_equal(json_object_get(link, "port1"), json_object_get(link, "port2"));
}

static int read_link(const struct reading *r, const json_t *link)
{
	static const char *const members[] = {"node1", "port1", "node2", "port2", "tags", NULL};
	struct topology_port end[2];
	struct topology_link printed;
	const char *name;
	int err;

	if (need_name(r, r->name) < 0 || need_object(r, link, members) < 0 ||
		need_tags(r, link) < 0 || read_end(r, link, "node1", "port1", &end[0]) < 0 ||
		read_end(r, link, "node2", "port2", &end[1]) < 0 || print_name(r, &printed) < 0)
		return -EINVAL;
	if (is_loop(r, link, end))
		return fail(r, NULL, "both of its ends are the same port");
	name = base_region_text(&r->t->region, r->name);
	err = add_end(r, "port1", &end[0], name, &printed);
	return err < 0 ? err : add_end(r, "port2", &end[1], name, &printed);
}

/* ---- the document ---- */

int topology_read(
	struct topology *t, const json_t *document, const struct topology_names *names, char *error)
{
	static const char *const members[] = {"nodes", "links", "version", NULL};
	struct reading r = {.t = t,
		.error = error,
		.nodes = json_object_get(document, "nodes"),
		.names = names};
	const json_t *links = json_object_get(document, "links"), *value;
	int err = need_object(&r, document, members);

	if (err == 0)
		err = need_list(&r, document, "nodes");
	if (err == 0)
		err = need_list(&r, document, "links");
	r.list = "nodes";
	json_object_foreach((json_t *)(uintptr_t)r.nodes, r.name, value)
	{
		if (err == 0)
			err = read_node(&r, value);
	}
	r.list = "links";
	json_object_foreach((json_t *)(uintptr_t)links, r.name, value)
	{
		if (err == 0)
			err = read_link(&r, value);
	}
	return err;
}
