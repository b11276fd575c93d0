/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdint.h>

#include "base/addr.h"
#include "rng.h"
#include "settings.h"
#include "zipf.h"

/*
 * The fabric. Every endpoint is attached to one edge interface of one agent, and its packets are
 * sampled there, where they come in, and nowhere else. So all samples of a key that holds the
 * source come from one data source, and a collector finds the same value whether it merges data
 * sources by their maximum or by their sum.
 *
 * One thread. The model is made once; only the counters of agents and sources change.
 */

enum {
	GEN_SOURCES_MAX =
		4000000,      /* what 100.64.0.0/10, the addresses of tunnel ends, has room for */
	GEN_PORTS = 28000,    /* flows of one endpoint: each has a source port of its own */
	GEN_HEADER_MAX = 512, /* bytes sampled of a packet */
	GEN_STEADY_PACKET = 800, /* bytes, mean, where there are no flow samples */
};

enum gen_kind {
	GEN_IPV4,
	GEN_IPV6,
	GEN_VXLAN, /* IPv4 in Ethernet in VXLAN in IPv4; the tunnel ends at edge interfaces */
};

struct gen_flow {
	uint32_t src, dst;               /* endpoints */
	uint32_t input;                  /* source where it is sampled */
	uint32_t output;                 /* source through which it leaves the agent */
	uint32_t src_tunnel, dst_tunnel; /* GEN_VXLAN: sources at which the ends are */
	uint32_t vni;
	uint16_t sport, dport, outer_port, vlan;
	uint8_t protocol; /* 6 or 17 */
	uint8_t kind;     /* enum gen_kind */
	uint8_t sizes;    /* which packet sizes it has */
	uint8_t tagged;   /* has an 802.1Q tag */
};

/* A data source: an interface, or a host as a whole. */
struct gen_source {
	uint32_t exporter;
	uint32_t class, index;
	uint32_t sampling_rate;
	uint32_t flow_sequence, counter_sequence, pool;
	uint32_t in_packets, out_packets; /* wrap, as on the wire */
	uint64_t in_octets, out_octets;
	uint64_t speed;             /* bit/s */
	uint64_t in_rate, out_rate; /* bytes/s without flow samples; else 0 */
};

/* A sub-agent, with what it counts. The datagram that it fills belongs to the stream. */
struct gen_exporter {
	uint32_t agent;
	uint32_t sub_agent;
	uint32_t sequence;  /* of its last datagram */
	uint64_t uptime_ns; /* at model time 0 */
};

struct gen_agent {
	struct base_addr address;
	uint32_t first_source; /* interfaces by ifIndex from 1, and behind them a host's 2.1 */
	uint32_t interfaces;
	bool host;
};

struct gen_model {
	struct gen_settings settings;
	uint32_t agent_count, exporter_count, source_count, flow_count, endpoint_count;
	struct gen_agent *agents;
	struct gen_exporter *exporters; /* agent by agent */
	struct gen_source *sources;     /* agent by agent */
	struct gen_flow *flows;         /* by rank: the first has the most packets */
	struct gen_zipf zipf;
	struct gen_rng rng; /* of the traffic */
};

/** @return the model, which the caller destroys; NULL where there is no memory for it. */
struct gen_model *gen_model_create(const struct gen_settings *settings);

void gen_model_destroy(struct gen_model *m);

/** The rank of the flow that the next sampled packet belongs to. */
uint32_t gen_model_draw(struct gen_model *m);

/** Bytes on the wire, with FCS, of a packet of a flow. */
uint32_t gen_model_frame_length(const struct gen_flow *f, struct gen_rng *r);

/* What an interface has counted. */
struct gen_traffic {
	uint64_t in_octets, out_octets;
	uint32_t in_packets, out_packets;
};

/** What an interface has counted by model time `now_ns`. */
struct gen_traffic gen_model_traffic(const struct gen_model *m, uint32_t source, uint64_t now_ns);

/** Let a sampled packet pass: sequence number, pool and interface counters of its sources. */
void gen_model_count(struct gen_model *m, const struct gen_flow *f, uint32_t frame_length);

/* Addresses, all from ranges for private use or documentation; bytes in network order. */
void gen_endpoint_ipv4(uint32_t endpoint, uint8_t ip[4]);
void gen_endpoint_ipv6(uint32_t endpoint, uint8_t ip[16]);
void gen_endpoint_mac(uint32_t endpoint, uint8_t mac[6]);
void gen_tunnel_ipv4(uint32_t source, uint8_t ip[4]);
void gen_source_mac(uint32_t source, uint8_t mac[6]);

/** MAC that the packets of a flow are sent to: the other end, or the agent where it routes them. */
void gen_flow_next_mac(const struct gen_model *m, const struct gen_flow *f, uint8_t mac[6]);
