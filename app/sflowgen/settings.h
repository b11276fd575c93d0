/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
	GEN_RATES = 16,          /* sampling rates that can be given */
	GEN_SERVICES = 16,       /* services that can be given */
	GEN_SERVICE_NAME = 30,   /* bytes: the name of a container has no more than 64 */
	GEN_CONTAINERS = 1000000 /* that run at once */
};

/* A service, whose containers run on the hosts. */
struct gen_service {
	char name[GEN_SERVICE_NAME + 1];
	uint32_t least, most; /* containers */
	bool web;             /* has counters of HTTP and of workers */
};

/* What is modelled: the fabric, its traffic, and how its agents report. */
struct gen_settings {
	uint64_t seed;

	/* The fabric */
	uint64_t agents;
	uint64_t interfaces;  /* of a switch; a host has at most two */
	uint64_t first_agent; /* addresses count from here */
	uint64_t sub_agents;  /* of each agent; its interfaces are dealt out to them */
	double hosts;         /* share of agents that are hosts, with host counters */
	double ipv6_agents;   /* share of agents that are named by an IPv6 address */

	/* The traffic */
	uint64_t flows;
	uint64_t endpoints; /* addresses; 0: a quarter of the flows */
	double zipf;        /* exponent of the rank; 0 uniform */
	double ipv6, vxlan; /* share of flows; the others are IPv4 */
	double vlan;        /* share of flows with an 802.1Q tag */
	double rate;        /* flow samples a second; 0: as fast as time is given out */

	/* The agents */
	uint32_t sampling_rates[GEN_RATES]; /* one in N; dealt out to the interfaces */
	unsigned sampling_rate_count;
	double counters; /* seconds between the counter samples of a source; 0 none */
	double delay;    /* seconds that a sample may wait for its datagram to fill; 0 for ever */
	uint64_t samples_per_datagram;
	uint64_t header_bytes;             /* sampled of each packet */
	uint64_t max_payload;              /* bytes of a datagram */
	bool record_switch, record_router; /* beside the header record */
	bool expanded;                     /* samples 0:3 and 0:4 instead of 0:1 and 0:2 */
	bool counters_only;                /* no flow samples; interfaces count all the same */
	bool port_names;                   /* 0:1005 with the counters of an interface */

	/* The services */
	struct gen_service services[GEN_SERVICES];
	unsigned service_count;
	double jump;    /* seconds between changes of how many containers a service has; 0 never */
	double replace; /* share of containers that make way for new ones then */
};

/** The defaults, which the command shares with tests and benchmarks. */
struct gen_settings gen_settings(void);

/**
 * Check what the range of each option alone cannot tell.
 * @return NULL, or a sentence that says what is wrong
 */
const char *gen_settings_check(const struct gen_settings *s);
