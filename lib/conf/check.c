/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>

#include "base/addr.h"
#include "conf/schema_pvt.h"

/* Rules that join several options, so that they hold whatever file and flags each gave. */

static const char port_kinds[] = "a port has one of iface, pci, pcap and vdev";

static int fail_port(
	const struct conf *c, const struct conf_port *port, struct conf_error *e, const char *why)
{
	conf_error_at(e, c->file, port->at, "ports: %s", why);
	return -EINVAL;
}

static int check_kind(const struct conf *c, const struct conf_port *port, struct conf_error *e)
{
	const char *given[] = {port->iface ? "iface" : NULL, port->pci ? "pci" : NULL,
		port->pcap_count ? "pcap" : NULL, port->vdev ? "vdev" : NULL};
	const char *first = NULL;

	for (unsigned i = 0; i < sizeof(given) / sizeof(given[0]); i++) {
		if (given[i] && first) {
			conf_error_at(e, c->file, port->at, "ports: both %s and %s; %s", first,
				given[i], port_kinds);
			return -EINVAL;
		}
		first = given[i] ? given[i] : first;
	}
	if (first)
		return 0;
	conf_error_at(e, c->file, port->at, "ports: an entry that names nothing; %s", port_kinds);
	return -EINVAL;
}

static bool same(const char *a, const char *b)
{
	return a && b && strcasecmp(a, b) == 0;
}

static bool same_address(const char *one, const char *other)
{
	struct base_addr a, b;

	return base_addr_parse(one, &a) == 0 && base_addr_parse(other, &b) == 0 &&
	       base_addr_equal(&a, &b);
}

/* Whether an address can be one host's. */
static bool is_host(const struct base_addr *a)
{
	static const uint8_t low[15]; /* :: and ::1 */

	if (a->family == 4)
		return a->bytes[0] != 0 && a->bytes[0] != 127 && a->bytes[0] < 224;
	return a->bytes[0] != 0xFF && (memcmp(a->bytes, low, sizeof(low)) != 0 || a->bytes[15] > 1);
}

/* Addresses and a TAP are of ports that the kernel does not see. */
static int check_host(const struct conf *c, const struct conf_port *port, struct conf_error *e)
{
	bool own = port->pci || port->vdev;

	if (!own && (port->address_count || port->tap || port->vlan))
		return fail_port(c, port, e,
			"addresses, vlan and tap are of pci and vdev: what comes in at other "
			"ports, "
			"the kernel answers itself");
	if (port->vlan && !port->address_count)
		return fail_port(c, port, e, "vlan is of addresses; take it out, or add addresses");
	for (unsigned i = 0; i < port->address_count; i++) {
		struct base_addr a;

		if (base_addr_parse(port->addresses[i], &a) < 0 || !is_host(&a))
			return fail_port(c, port, e,
				"addresses are of one host each: no group, no broadcast, no "
				"loopback, "
				"not 0.0.0.0 or ::");
		for (unsigned k = 0; k < i; k++)
			if (same_address(port->addresses[i], port->addresses[k]))
				return fail_port(c, port, e, "the same address a second time");
	}
	return 0;
}

/* Whether two ports want the same. */
static int check_pair(const struct conf *c, const struct conf_port *port,
	const struct conf_port *other, struct conf_error *e)
{
	if ((port->iface && other->iface && strcmp(port->iface, other->iface) == 0) ||
		same(port->pci, other->pci))
		return fail_port(
			c, port, e, "the same device a second time; raise its queues instead");
	if (port->tap && other->tap && strcmp(port->tap, other->tap) == 0)
		return fail_port(c, port, e,
			"the tap of another port; give each a name that no other interface has");
	for (unsigned i = 0; i < port->address_count * other->address_count; i++)
		if (same_address(port->addresses[i % port->address_count],
			    other->addresses[i / port->address_count]))
			return fail_port(c, port, e, "an address of another port; take it out");
	return 0;
}

static int check_port(const struct conf *c, unsigned i, struct conf_error *e)
{
	const struct conf_port *port = &c->ports[i];

	if (check_kind(c, port, e) != 0)
		return -EINVAL;
	if (check_host(c, port, e) != 0)
		return -EINVAL;
	if (port->driver != CONF_DRIVER_AUTO && !port->iface)
		return fail_port(c, port, e, "driver is of iface; take it out");
	if (port->pcap_count && port->queues != port->pcap_count)
		return fail_port(
			c, port, e, "a pcap port has one queue for each file; take out queues");
	for (unsigned j = 0; j < i; j++) {
		if (check_pair(c, port, &c->ports[j], e) != 0)
			return -EINVAL;
	}
	return 0;
}

static int check_cores(const struct conf *c, struct conf_error *e)
{
	unsigned queues = 0;

	for (unsigned i = 0; i < c->port_count; i++)
		queues += c->ports[i].queues;
	if (c->cores.rx_count && c->cores.rx_count < queues) {
		conf_error_of(e, c, "cores.rx",
			"%u CPU%s for %u RX queues; give each queue one, or leave it out",
			c->cores.rx_count, c->cores.rx_count == 1 ? "" : "s", queues);
		return -EINVAL;
	}
	for (unsigned i = 1; i < c->cores.aggregate_count; i++) {
		for (unsigned j = 0; j < i; j++) {
			if (c->cores.aggregate[i] != c->cores.aggregate[j])
				continue;
			conf_error_of(e, c, "cores.aggregate",
				"CPU %u is there twice; name each once", c->cores.aggregate[i]);
			return -EINVAL;
		}
	}
	for (unsigned i = 0; i < c->cores.rx_count * c->cores.aggregate_count; i++) {
		unsigned cpu = c->cores.rx[i % c->cores.rx_count];

		if (cpu != c->cores.aggregate[i / c->cores.rx_count])
			continue;
		conf_error_of(e, c, "cores.aggregate",
			"CPU %u is one of cores.rx; give it a CPU of its own", cpu);
		return -EINVAL;
	}
	return 0;
}

static int check_flow(const struct conf *c, unsigned i, struct conf_error *e)
{
	const struct conf_flow *flow = &c->flows[i];

	for (unsigned j = 0; j < i; j++) {
		if (strcmp(flow->name, c->flows[j].name) != 0)
			continue;
		conf_error_at(e, c->file, flow->name_at,
			"flows.name: \"%s\" is the flow of line %u too; give it a name of its own",
			flow->name, c->flows[j].name_at.line);
		return -EINVAL;
	}
	return 0;
}

/* Two spellings of an address are one agent. */
static int check_agent(const struct conf *c, unsigned i, struct conf_error *e)
{
	const struct conf_agent *agent = &c->agents[i];
	struct base_addr a, b;

	base_addr_parse(agent->address, &a);
	for (unsigned j = 0; j < i; j++) {
		base_addr_parse(c->agents[j].address, &b);
		if (!base_addr_equal(&a, &b))
			continue;
		conf_error_at(e, c->file, agent->address_at,
			"agents.address: %s is the agent of line %u too; take one of them out",
			agent->address, c->agents[j].address_at.line);
		return -EINVAL;
	}
	return 0;
}

static int check_threshold(const struct conf *c, unsigned i, struct conf_error *e)
{
	const struct conf_threshold *t = &c->thresholds[i];

	for (unsigned j = 0; j < i; j++) {
		if (strcmp(t->name, c->thresholds[j].name) != 0)
			continue;
		conf_error_at(e, c->file, t->name_at,
			"thresholds.name: \"%s\" is the threshold of line %u too; give it a name "
			"of "
			"its own",
			t->name, c->thresholds[j].name_at.line);
		return -EINVAL;
	}
	return 0;
}

static int check_dns(const struct conf *c, struct conf_error *e)
{
	if (c->dns.ttl_min_ms <= c->dns.ttl_max_ms)
		return 0;
	conf_error_of(e, c, "dns.ttl_min", "it is above dns.ttl_max; lower it");
	return -EINVAL;
}

static int check_snmp(const struct conf *c, struct conf_error *e)
{
	const char *why = NULL;

	if (c->snmp.version == CONF_SNMP_OFF)
		return 0;
	if (c->snmp.agent_count == 0)
		why = "snmp.agents is missing: the networks whose agents may be asked";
	else if (c->snmp.version == CONF_SNMP_3 && c->snmp.user[0] == '\0')
		why = "snmp.user is missing, which version 3 asks for";
	if (!why)
		return 0;
	conf_error_of(e, c, "snmp.version", "%s", why);
	return -EINVAL;
}

/* Relays are let off what the others ask for. */
static int check_allow(const struct conf *c, struct conf_error *e)
{
	if (c->allow.relay_count == 0 || c->allow.source_count || c->allow.source_is_agent)
		return 0;
	conf_error_of(e, c, "allow.relays",
		"they change nothing without allow.sources or allow.source_is_agent: set one of "
		"them too");
	return -EINVAL;
}

int conf_check(const struct conf *c, struct conf_error *e)
{
	int err = 0;

	for (unsigned i = 0; i < c->port_count && err == 0; i++)
		err = check_port(c, i, e);
	for (unsigned i = 0; i < c->flow_count && err == 0; i++)
		err = check_flow(c, i, e);
	for (unsigned i = 0; i < c->agent_count && err == 0; i++)
		err = check_agent(c, i, e);
	for (unsigned i = 0; i < c->threshold_count && err == 0; i++)
		err = check_threshold(c, i, e);
	if (err == 0)
		err = check_dns(c, e);
	if (err == 0)
		err = check_snmp(c, e);
	if (err == 0)
		err = check_allow(c, e);
	return err ? err : check_cores(c, e);
}
