/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>
#include <string.h>

#include "hostile.h"
#include "option_pvt.h"

#define AT(field) offsetof(struct gen_options, field)

const struct option_row gen_option_rows[] = {
	{"out", OPTION_TEXT, AT(out), 0, 0, "FILE", "write a capture file, - for standard output",
		"Where to (one of them)"},
	{"iface", OPTION_TEXT, AT(iface), 0, 0, "NAME",
		"send Ethernet frames on a kernel interface", NULL},
	{"udp", OPTION_TEXT, AT(udp), 0, 0, "HOST:PORT", "send by a plain UDP socket", NULL},

	{"datagrams", OPTION_NUMBER, AT(datagrams), 1, 1e15, "N",
		"stop after N datagrams, hostile and lost ones too",
		"How much (a capture: 10000 datagrams by default; live: until a signal)"},
	{"seconds", OPTION_DECIMAL, AT(seconds), 0.001, 1e9, "S", "stop after S seconds", NULL},
	{"rate", OPTION_DECIMAL, AT(model.rate), 0, 1e9, "N",
		"flow samples a second of all agents; live, 0 is as fast as possible", NULL},
	{"datagram-rate", OPTION_DECIMAL, AT(datagram_rate), 0.001, 1e9, "N",
		"the same in datagrams, taken as full of flow samples", NULL},
	{"start", OPTION_NUMBER, AT(start), 0, 4294967295.0, "SECONDS",
		"time of the capture's start, since 1970", NULL},

	{"seed", OPTION_NUMBER, AT(model.seed), 0, (double)UINT64_MAX, "N",
		"the same seed and options make the same traffic", "The fabric"},
	{"agents", OPTION_NUMBER, AT(model.agents), 1, 1e6, "N",
		"switches and hosts that send sFlow", NULL},
	{"first-agent", OPTION_NUMBER, AT(model.first_agent), 0, 1e6, "N",
		"number of the first, so that several fabrics have agents of their own", NULL},
	{"interfaces", OPTION_NUMBER, AT(model.interfaces), 1, 4096, "N",
		"of each switch; hosts have at most 2", NULL},
	{"sub-agents", OPTION_NUMBER, AT(model.sub_agents), 1, 256, "N", "of each agent", NULL},
	{"hosts", OPTION_SHARE, AT(model.hosts), 0, 1, "P",
		"share of agents that are hosts, with host counters", NULL},
	{"ipv6-agents", OPTION_SHARE, AT(model.ipv6_agents), 0, 1, "P",
		"share of agents with an IPv6 agent address", NULL},

	{"flows", OPTION_NUMBER, AT(model.flows), 1, 5e7, "N", "5-tuples", "The traffic"},
	{"endpoints", OPTION_NUMBER, AT(model.endpoints), 0, 1.6e7, "N",
		"addresses; 0 is a quarter of the flows", NULL},
	{"zipf", OPTION_DECIMAL, AT(model.zipf), 0, 10, "S",
		"flow of rank k has a share like 1/k^S; 0 is uniform", NULL},
	{"ipv6", OPTION_SHARE, AT(model.ipv6), 0, 1, "P", "share of flows that are IPv6", NULL},
	{"vxlan", OPTION_SHARE, AT(model.vxlan), 0, 1, "P", "share of flows within VXLAN", NULL},
	{"vlan", OPTION_SHARE, AT(model.vlan), 0, 1, "P", "share of flows with an 802.1Q tag",
		NULL},

	{"sampling-rate", OPTION_RATES, AT(model.sampling_rates), 1, 1e9, "N[,N...]",
		"one packet in N; several are dealt out to the interfaces", "The agents"},
	{"counters", OPTION_DECIMAL, AT(model.counters), 0, 86400, "S",
		"seconds between counter samples of a source; 0 is none", NULL},
	{"delay", OPTION_DECIMAL, AT(model.delay), 0, 86400, "S",
		"longest wait of a sample for its datagram to fill; 0 is for ever", NULL},
	{"samples-per-datagram", OPTION_NUMBER, AT(model.samples_per_datagram), 1, 1000, "N",
		"at most", NULL},
	{"max-payload", OPTION_NUMBER, AT(model.max_payload), 1100, 65507, "BYTES", "of a datagram",
		NULL},
	{"header-bytes", OPTION_NUMBER, AT(model.header_bytes), 96, GEN_HEADER_MAX, "BYTES",
		"sampled of each packet", NULL},
	{"records", OPTION_RECORDS, AT(model), 0, 0, "LIST",
		"of flow samples: header (always), switch, router; header,switch", NULL},
	{"expanded", OPTION_FLAG, AT(model.expanded), 0, 0, NULL,
		"samples 0:3 and 0:4 instead of 0:1 and 0:2", NULL},
	{"counters-only", OPTION_FLAG, AT(model.counters_only), 0, 0, NULL,
		"no flow samples; interfaces count steadily", NULL},
	{"port-names", OPTION_FLAG, AT(model.port_names), 0, 0, NULL,
		"the name of an interface with its counters", NULL},

	{"service", OPTION_SERVICE, AT(model), 0, 0, "NAME=LEAST..MOST",
		"containers of a service on the hosts; repeatable", "The services"},
	{"web-service", OPTION_WEB, AT(model), 0, 0, "NAME=LEAST..MOST",
		"the same, with counters of HTTP and of workers", NULL},
	{"jump", OPTION_DECIMAL, AT(model.jump), 0, 86400, "S",
		"seconds between changes of their numbers; 0 is never", NULL},
	{"replace", OPTION_SHARE, AT(model.replace), 0, 1, "P",
		"share of the containers that are replaced then", NULL},

	{"dst-ip", OPTION_IP, AT(frame.dst_ip), 0, 0, "ADDRESS",
		"of frames: the collector; decides on IPv4 or IPv6",
		"The frames of --out and --iface"},
	{"src-ip", OPTION_IP, AT(frame.src_ip), 0, 0, "ADDRESS",
		"of the first agent, the others follow", NULL},
	{"dst-mac", OPTION_MAC, AT(frame.dst_mac), 0, 0, "MAC", "ff:ff:ff:ff:ff:ff by default",
		NULL},
	{"src-mac", OPTION_MAC, AT(frame.src_mac), 0, 0, "MAC", "that of the interface by default",
		NULL},
	{"port", OPTION_NUMBER, AT(port), 1, 65535, "N", "UDP port of the collector", NULL},
	{"fragment", OPTION_NUMBER, AT(fragment), 0, 65535, "MTU",
		"cut longer packets into IP fragments; 0 is never", NULL},

	{"hostile", OPTION_SHARE, AT(hostile), 0, 0.999, "P",
		"share of datagrams that are wrong on purpose", "What goes wrong"},
	{"hostile-kinds", OPTION_KINDS, AT(hostile_kinds), 0, 0, "LIST",
		"damage (the default), metrics, floods, or single kinds; damage,metrics", NULL},
	{"hostile-from", OPTION_DECIMAL, AT(hostile_from), 0, 1e9, "S",
		"seconds after the start before the first of them", NULL},
	{"hostile-for", OPTION_DECIMAL, AT(hostile_for), 0, 1e9, "S",
		"seconds from there to the last of them; 0 is to the end", NULL},
	{"loss", OPTION_SHARE, AT(shares.loss), 0, 1, "P", "share of datagrams that are lost",
		NULL},
	{"duplicate", OPTION_SHARE, AT(shares.duplicate), 0, 1, "P",
		"share of datagrams that come twice", NULL},
	{"reorder", OPTION_SHARE, AT(shares.reorder), 0, 1, "P",
		"share of datagrams that come after the next of their agent", NULL},

	{"truth", OPTION_TEXT, AT(truth), 0, 0, "FILE",
		"where the totals go, as JSON; - (the default) is standard output", "The report"},
	{"top", OPTION_NUMBER, AT(top), 0, 1e9, "N", "keys shown of each definition", NULL},
	{"define", OPTION_DEFINE, AT(definitions), 0, 0, "NAME=KEY,KEY",
		"total by these keys instead of the usual ones; repeatable", NULL},
	{"quiet", OPTION_FLAG, AT(quiet), 0, 0, NULL,
		"no line per second of a live run on standard error", NULL},
	{"help", OPTION_FLAG, AT(help), 0, 0, NULL, "show this", NULL},
	{"version", OPTION_FLAG, AT(version), 0, 0, NULL, "show the version", NULL},
};

const unsigned gen_option_row_count = sizeof(gen_option_rows) / sizeof(gen_option_rows[0]);

void gen_options_init(struct gen_options *o)
{
	*o = (struct gen_options){
		.model = gen_settings(),
		.start = 1700000000,
		.port = 6343,
		.top = 20,
		.hostile_kinds = GEN_HOSTILE_DAMAGE,
		.frame.dst_ip = {.family = 4, .bytes = {192, 0, 2, 1}},
	};
	memset(o->frame.dst_mac, 0xFF, sizeof(o->frame.dst_mac));
}

static void print_default(const struct gen_options *o, const struct option_row *row)
{
	const char *at = (const char *)o + row->at;

	switch (row->kind) {
	case OPTION_NUMBER:
		if (*(const uint64_t *)(const void *)at)
			printf(" (%llu)", *(const unsigned long long *)(const void *)at);
		break;
	case OPTION_DECIMAL:
	case OPTION_SHARE:
		if (*(const double *)(const void *)at > 0)
			printf(" (%g)", *(const double *)(const void *)at);
		break;
	case OPTION_RATES:
		printf(" (%u)", o->model.sampling_rates[0]);
		break;
	default:
		break;
	}
}

void gen_options_help(void)
{
	struct gen_options defaults;
	char left[64];

	gen_options_init(&defaults);
	printf("Usage: sflowgen (--out FILE | --iface NAME | --udp HOST:PORT) [OPTION]...\n"
	       "Make sFlow version 5 traffic from a seeded model of a fabric, and report the "
	       "totals\n"
	       "that a correct collector finds in it.\n");
	for (unsigned i = 0; i < gen_option_row_count; i++) {
		const struct option_row *row = &gen_option_rows[i];

		if (row->section)
			printf("\n%s:\n", row->section);
		snprintf(left, sizeof(left), "--%s%s%s", row->name, row->argument ? " " : "",
			row->argument ? row->argument : "");
		printf("  %-26s %s", left, row->help);
		print_default(&defaults, row);
		printf("\n");
	}
	printf("\nA share P is 0 to 1, or 0%% to 100%%. Defaults stand in parentheses.\n");
}
