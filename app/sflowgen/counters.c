/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>

#include "encode.h"
#include "xdr.h"

enum { /* tags of samples and of counter records, enterprise 0 */
	COUNTER_SAMPLE = 2,
	COUNTER_SAMPLE_EXPANDED = 4,
	IF_COUNTERS = 1,
	ETHERNET_COUNTERS = 2,
	PORT_NAME = 1005,
	HOST_DESCR = 2000,
	HOST_ADAPTERS,
	HOST_PARENT,
	HOST_CPU,
	HOST_MEMORY,
	HOST_DISK_IO,
	HOST_NET_IO,
	MIB2_IP,
	MIB2_ICMP,
	MIB2_TCP,
	MIB2_UDP,
	VIRT_NODE = 2100,
};

/* What the records of one sample are made from. */
struct poll {
	const struct gen_model *m;
	const struct gen_agent *agent;
	uint32_t source;
	uint64_t ms;                /* uptime */
	uint64_t now_ns;            /* model time */
	struct gen_traffic traffic; /* of an interface */
};

static uint8_t *write_zeros(uint8_t *p, unsigned words)
{
	memset(p, 0, 4 * (size_t)words);
	return p + 4 * (size_t)words;
}

static uint8_t *write_interface(const struct poll *c, uint8_t *p)
{
	const struct gen_source *s = &c->m->sources[c->source];

	p = xdr_u32(p, s->index);
	p = xdr_u32(p, 6); /* ifType: ethernetCsmacd */
	p = xdr_u64(p, s->speed);
	p = xdr_u32(p, 1); /* full duplex */
	p = xdr_u32(p, 3); /* up, by administration and in operation */
	p = xdr_u64(p, c->traffic.in_octets);
	p = xdr_u32(p, c->traffic.in_packets);
	p = write_zeros(p, 4);
	p = xdr_u32(p, UINT32_MAX); /* ifInUnknownProtos: not available */
	p = xdr_u64(p, c->traffic.out_octets);
	p = xdr_u32(p, c->traffic.out_packets);
	p = write_zeros(p, 4);
	return xdr_u32(p, 2); /* not promiscuous */
}

static uint8_t *write_ethernet(const struct poll *c, uint8_t *p)
{
	(void)c;
	return write_zeros(p, 13);
}

static uint8_t *write_port_name(const struct poll *c, uint8_t *p)
{
	char name[16];
	int len = snprintf(name, sizeof(name), "swp%u", c->m->sources[c->source].index);

	return xdr_opaque(p, name, (uint32_t)len);
}

static uint8_t *write_descr(const struct poll *c, uint8_t *p)
{
	uint32_t number = (uint32_t)(c->agent - c->m->agents) + 1;
	uint8_t uuid[16];
	char name[32];
	int len = snprintf(name, sizeof(name), "host-%06u", number);

	base_put_u64(uuid, gen_mix(number));
	base_put_u64(uuid + 8, gen_mix(~(uint64_t)number));
	p = xdr_opaque(p, name, (uint32_t)len);
	p = xdr_fixed(p, uuid, sizeof(uuid));
	p = xdr_u32(p, 3); /* x86_64 */
	p = xdr_u32(p, 2); /* Linux */
	return xdr_opaque(p, "6.1.0", 5);
}

static uint8_t *write_adapters(const struct poll *c, uint8_t *p)
{
	uint8_t mac[6];

	p = xdr_u32(p, c->agent->interfaces);
	for (uint32_t i = 0; i < c->agent->interfaces; i++) {
		gen_source_mac(c->agent->first_source + i, mac);
		p = xdr_u32(p, i + 1);
		p = xdr_u32(p, 1);
		p = xdr_fixed(p, mac, sizeof(mac));
	}
	return p;
}

/* A host is in no other. */
static uint8_t *write_parent(const struct poll *c, uint8_t *p)
{
	(void)c;
	return write_zeros(p, 2);
}

/* 16 processors, each a sixth part busy. Times are of all of them, in ms, and wrap. */
static uint8_t *write_cpu(const struct poll *c, uint8_t *p)
{
	uint64_t ms = c->ms * 16;

	p = xdr_f32(p, 2.5f);
	p = xdr_f32(p, 2.25f);
	p = xdr_f32(p, 2.0f);
	p = xdr_u32(p, 3);
	p = xdr_u32(p, 412);
	p = xdr_u32(p, 16);
	p = xdr_u32(p, 2900);
	p = xdr_u32(p, (uint32_t)(c->ms / 1000));
	p = xdr_u32(p, (uint32_t)(ms * 10 / 100)); /* user */
	p = xdr_u32(p, 0);
	p = xdr_u32(p, (uint32_t)(ms * 4 / 100));  /* system */
	p = xdr_u32(p, (uint32_t)(ms * 83 / 100)); /* idle */
	p = xdr_u32(p, (uint32_t)(ms * 1 / 100));  /* waiting */
	p = xdr_u32(p, 0);
	p = xdr_u32(p, (uint32_t)(ms * 2 / 100)); /* soft interrupts */
	p = xdr_u32(p, (uint32_t)(c->ms * 12));   /* interrupts */
	p = xdr_u32(p, (uint32_t)(c->ms * 30));   /* context switches */
	return write_zeros(p, 3);
}

static uint8_t *write_memory(const struct poll *c, uint8_t *p)
{
	const uint64_t gib = 1 << 30;

	p = xdr_u64(p, 256 * gib);
	p = xdr_u64(p, 64 * gib + c->ms % 1000 * 4096);
	p = xdr_u64(p, 0);
	p = xdr_u64(p, 2 * gib);
	p = xdr_u64(p, 40 * gib);
	p = xdr_u64(p, 8 * gib);
	p = xdr_u64(p, 8 * gib);
	p = xdr_u32(p, (uint32_t)(c->ms / 8));
	p = xdr_u32(p, (uint32_t)(c->ms / 4));
	return write_zeros(p, 2);
}

static uint8_t *write_disk(const struct poll *c, uint8_t *p)
{
	p = xdr_u64(p, 2000000000000);
	p = xdr_u64(p, 1200000000000);
	p = xdr_u32(p, 4000); /* 40 % of the fullest partition */
	p = xdr_u32(p, (uint32_t)(c->ms / 5));
	p = xdr_u64(p, c->ms / 5 * 16384);
	p = xdr_u32(p, (uint32_t)(c->ms / 50));
	p = xdr_u32(p, (uint32_t)(c->ms / 2));
	p = xdr_u64(p, c->ms / 2 * 16384);
	return xdr_u32(p, (uint32_t)(c->ms / 20));
}

static uint8_t *write_net(const struct poll *c, uint8_t *p)
{
	uint64_t in_octets = 0, out_octets = 0;
	uint32_t in_packets = 0, out_packets = 0;

	for (uint32_t i = 0; i < c->agent->interfaces; i++) {
		struct gen_traffic t =
			gen_model_traffic(c->m, c->agent->first_source + i, c->now_ns);

		in_octets += t.in_octets;
		in_packets += t.in_packets;
		out_octets += t.out_octets;
		out_packets += t.out_packets;
	}
	p = xdr_u64(p, in_octets);
	p = xdr_u32(p, in_packets);
	p = write_zeros(p, 2);
	p = xdr_u64(p, out_octets);
	p = xdr_u32(p, out_packets);
	return write_zeros(p, 2);
}

/* A gauge or counter at its position of a record of 32-bit numbers; the others are 0. */
struct word {
	unsigned at;
	uint64_t value;
};

static uint8_t *write_words(uint8_t *p, unsigned count, const struct word *words, unsigned set)
{
	uint8_t *end = write_zeros(p, count);

	for (unsigned i = 0; i < set; i++)
		xdr_u32(p + 4 * (size_t)words[i].at, (uint32_t)words[i].value);
	return end;
}

#define WORDS(p, count, ...)                                                                       \
	write_words(p, count, (const struct word[]){__VA_ARGS__},                                  \
		sizeof((const struct word[]){__VA_ARGS__}) / sizeof(struct word))

static uint8_t *write_ip(const struct poll *c, uint8_t *p)
{
	/* ipForwarding, ipDefaultTTL, ipInReceives, ipInDelivers, ipOutRequests */
	return WORDS(p, 19, {0, 2}, {1, 64}, {2, c->ms * 20}, {8, c->ms * 20}, {9, c->ms * 18});
}

static uint8_t *write_icmp(const struct poll *c, uint8_t *p)
{
	/* icmpInMsgs, icmpInEchos, icmpOutMsgs, icmpOutEchoReps */
	return WORDS(
		p, 25, {0, c->ms / 100}, {7, c->ms / 100}, {12, c->ms / 100}, {20, c->ms / 100});
}

static uint8_t *write_tcp(const struct poll *c, uint8_t *p)
{
	/* tcpRtoAlgorithm, tcpRtoMin, tcpRtoMax, tcpMaxConn: no limit, tcpActiveOpens,
	 * tcpPassiveOpens, tcpCurrEstab, tcpInSegs, tcpOutSegs, tcpRetransSegs */
	return WORDS(p, 15, {0, 1}, {1, 200}, {2, 120000}, {3, UINT32_MAX}, {4, c->ms / 20},
		{5, c->ms / 10}, {8, 250}, {9, c->ms * 15}, {10, c->ms * 14}, {11, c->ms / 500});
}

static uint8_t *write_udp(const struct poll *c, uint8_t *p)
{
	/* udpInDatagrams, udpOutDatagrams */
	return WORDS(p, 7, {0, c->ms * 2}, {3, c->ms * 2});
}

static uint8_t *write_node(const struct poll *c, uint8_t *p)
{
	const uint64_t gib = 1 << 30;

	(void)c;
	p = xdr_u32(p, 2900);
	p = xdr_u32(p, 16);
	p = xdr_u64(p, 256 * gib);
	p = xdr_u64(p, 64 * gib);
	return xdr_u32(p, UINT32_MAX /* domains: not available */);
}

struct record {
	uint32_t tag;
	uint8_t *(*write)(const struct poll *c, uint8_t *p);
};

static const struct record interface_records[] = {
	{IF_COUNTERS, write_interface}, {ETHERNET_COUNTERS, write_ethernet},
	{PORT_NAME, write_port_name}, /* as asked for */
};

static const struct record host_records[] = {
	{HOST_DESCR, write_descr}, {HOST_ADAPTERS, write_adapters}, {HOST_PARENT, write_parent},
	{HOST_CPU, write_cpu}, {HOST_MEMORY, write_memory}, {HOST_DISK_IO, write_disk},
	{HOST_NET_IO, write_net}, {MIB2_IP, write_ip}, {MIB2_ICMP, write_icmp},
	{MIB2_TCP, write_tcp}, {MIB2_UDP, write_udp},
	{VIRT_NODE, write_node}, /* where it has containers */
};

static uint8_t *write_records(
	const struct poll *c, const struct record *records, unsigned count, uint8_t *p)
{
	p = xdr_u32(p, count);
	for (unsigned i = 0; i < count; i++) {
		uint8_t *body = xdr_open(p, records[i].tag);

		p = records[i].write(c, body);
		xdr_close(body, p);
	}
	return p;
}

uint32_t gen_encode_counter_sample(
	struct gen_model *m, uint32_t source, uint64_t uptime_ns, uint8_t *out)
{
	struct gen_source *s = &m->sources[source];
	uint64_t now_ns = uptime_ns - m->exporters[s->exporter].uptime_ns;
	const struct poll c = {
		.m = m,
		.agent = &m->agents[m->exporters[s->exporter].agent],
		.source = source,
		.ms = uptime_ns / 1000000,
		.now_ns = now_ns,
		.traffic = gen_model_traffic(m, source, now_ns),
	};
	bool expanded = m->settings.expanded;
	uint8_t *body = xdr_open(out, expanded ? COUNTER_SAMPLE_EXPANDED : COUNTER_SAMPLE), *p;

	p = xdr_u32(body, ++s->counter_sequence);
	if (expanded)
		p = xdr_u32(xdr_u32(p, s->class), s->index);
	else
		p = xdr_u32(p, s->class << 24 | s->index);
	if (s->class == 0)
		p = write_records(&c, interface_records, m->settings.port_names ? 3 : 2, p);
	else
		p = write_records(&c, host_records, m->settings.service_count ? 12 : 11, p);
	xdr_close(body, p);
	return (uint32_t)(p - out);
}
