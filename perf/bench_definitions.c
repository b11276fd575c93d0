/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a definition of each kind costs an RX core for each sample: fields, filter and key, for 1 to
 * 32 definitions, on random IPv4 and TCP headers. (Reading the sample and writing the table come on
 * top, and are the same for all: see bench_collector.) Within one kind the definitions differ by a
 * last key, so each builds a key of its own; what they ask alike is done once.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/cursor.h"
#include "flow/data.h"
#include "flow/extract.h"
#include "flow/filter.h"

enum { HEADERS = 1 << 16, HEADER = 64, MOST = 32, PREFIXES = 1000000 };

static const struct kind {
	const char *name, *keys, *filter;
} kinds[] = {
	{"5-tuple", "ipsource,ipdestination,ipprotocol,tcpsourceport,tcpdestinationport", NULL},
	{"filtered", "ipsource,ipdestination,ipprotocol,tcpsourceport,tcpdestinationport",
		"ipprotocol=6&tcpdestinationport=80,443,8080"},
	{"group, 1,000,000 prefixes", "group:ipsource:big", NULL},
	{"group, both ends", "group:ipsource:big,group:ipdestination:big", NULL},
	{"map", "map:tcpdestinationport:ports", NULL},
	{"country", "country:ipsource", NULL},
	{"asn", "asn:ipsource:both", NULL},
	{"oui", "oui:macsource:name", NULL},
	{"regex", "ipsource", "stack~eth[.]ip[.]tcp.*"},
};

/* Keys that make definitions of one kind differ. */
static const char *const last[MOST] = {"ipttl", "iptos", "ipid", "ipflags", "ipfragoffset",
	"tcpflags", "tcpwindow", "tcpseqno", "tcpackno", "concat:-:ipttl:iptos", "macsource",
	"macdestination", "ethernetprotocol", "inputifindex", "outputifindex", "agent",
	"datasource", "bytes", "isunicast", "isbroadcast", "ismulticast", "ipbytes", "ipdscp",
	"ipecn", "stack", "ipprotocol", "tcpsourceport", "tcpdestinationport", "ipsource",
	"ipdestination", "mask:ipsource:24", "mask:ipdestination:24"};

static uint8_t headers[HEADERS][HEADER];
static uint64_t state = 1;

static uint64_t draw(void)
{
	uint64_t x = state += 0x9E3779B97F4A7C15u;

	x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
	x = (x ^ x >> 27) * 0x94D049BB133111EBu;
	return x ^ x >> 31;
}

/* A few addresses are most of the traffic: square of a uniform draw, of 1,000,000. */
static uint32_t draw_address(void)
{
	uint64_t u = draw() % 1000;

	return (uint32_t)((u * u + draw() % 1000) * 2654435761u);
}

static void make_header(uint8_t *p)
{
	static const uint8_t start[] = {2, 0, 0, 0, 0, 1, 0, 0x1B, 0x21, 0, 0, 2, 8, 0, 0x45, 0, 0,
		200, 0, 1, 0x40, 0, 64, 6};

	memcpy(p, start, sizeof(start));
	base_put_u32(p + 26, draw_address());
	base_put_u32(p + 30, draw_address());
	base_put_u32(p + 34, (uint32_t)draw() << 16 | (draw() % 4 ? 443 : 22));
	p[46] = 0x50;
	p[47] = 0x10;
}

static struct flow_data *make_data(void)
{
	const char *const paths[GEO_KINDS] = {NULL};
	const struct flow_entry ports[] = {{"web", "80"}, {"web", "443"}, {"shell", "22"}};
	struct flow_data *data = flow_data_create(NULL);
	struct flow_entries entries = {0};
	struct flow_lookup_error e;
	uint64_t start;

	for (unsigned i = 0; i < PREFIXES; i++) {
		uint32_t a = i % 2 ? draw_address() : (uint32_t)draw();

		flow_entries_add(&entries, "",
			base_region_printf(&entries.region, "%u.%u.%u.%u/%u", a >> 24,
				a >> 16 & 255, a >> 8 & 255, i & 255, 32),
			0);
	}
	for (unsigned i = 0; i < 1000; i++) /* networks around them, of the first labels */
		entries.list[i].value = base_region_printf(
			&entries.region, "%u.%u.0.0/16", i >> 2 & 255, (i & 3) << 6);
	/* The same network under two labels is refused: the label goes by the network. */
	for (unsigned i = 0; i < PREFIXES; i++) {
		uint32_t hash = 0;

		for (const char *p = entries.list[i].value; *p; p++)
			hash = hash * 31 + (uint8_t)*p;
		entries.list[i].label =
			base_region_printf(&entries.region, "label %u", hash % 1000);
	}
	start = base_clock_mono_ns();
	flow_data_put(data, flow_lookup_build(FLOW_GROUP, "big", entries.list, entries.count, &e));
	printf("group of %d networks: %.2f s to build\n", PREFIXES,
		(double)(base_clock_mono_ns() - start) / 1e9);
	flow_entries_free(&entries);
	flow_data_put(data, flow_lookup_build(FLOW_MAP, "ports", ports, 3, &e));
	flow_data_set_geo(data, geo_create(paths));
	return data;
}

static struct flow_plan *make_plan(
	const struct kind *k, unsigned count, struct flow_data *data, struct flow_error *e)
{
	static char keys[MOST][256], names[MOST][16];
	struct flow_spec specs[MOST];

	for (unsigned i = 0; i < count; i++) {
		snprintf(keys[i], sizeof(keys[i]), "%s%s%s", k->keys, i ? "," : "",
			i ? last[i] : "");
		snprintf(names[i], sizeof(names[i]), "d%u", i);
		specs[i] = (struct flow_spec){.name = names[i],
			.keys = keys[i],
			.value = "bytes",
			.filter = k->filter,
			.n = 20,
			.t = 2,
			.capacity = 1024};
	}
	return flow_compile(specs, count, data, e);
}

/* ns for each sample. */
static double measure(const struct flow_plan *plan, double seconds)
{
	static struct flow_fields fields;
	const struct base_addr agent = {.family = 4, .bytes = {192, 0, 2, 1}};
	const struct sflow_sample sample = {.kind = SFLOW_KIND_FLOW, .sampling_rate = 1000};
	static struct sflow_flow flow;
	uint64_t start = base_clock_mono_ns(), samples = 0, now;
	struct flow_scratch scratch;
	uint8_t key[FLOW_KEY_BYTES];
	unsigned sum = 0;

	if (flow_scratch_init(&scratch) < 0)
		return 0;
	flow.has = SFLOW_HAS_HEADER;
	do {
		for (unsigned i = 0; i < 4096; i++, samples++) {
			flow.header = (struct sflow_header){.protocol = 1,
				.frame_length = 218,
				.data = headers[samples % HEADERS],
				.len = HEADER};
			flow_extract(plan, &agent, &sample, &flow, &fields);
			flow_scratch_sample(&scratch);
			for (unsigned d = 0; d < plan->definition_count; d++) {
				const struct flow_definition *def = &plan->definitions[d];

				if (def->filter && !flow_filter_accepts(def->filter, plan,
							   fields.value, &scratch))
					continue;
				sum += (unsigned)flow_key_build(def, plan, &fields, key);
			}
		}
		now = base_clock_mono_ns();
	} while ((double)(now - start) < seconds * 1e9);
	flow_scratch_fini(&scratch);
	__asm__ volatile("" ::"r"(sum), "r"(key) : "memory");
	return (double)(now - start) / (double)samples;
}

static int run(const struct kind *k, struct flow_data *data, double seconds)
{
	printf("%-26s", k->name);
	for (unsigned count = 1; count <= MOST; count *= 2) {
		struct flow_error e;
		struct flow_plan *plan = make_plan(k, count, data, &e);

		if (!plan) {
			printf("  %s\n", e.text);
			return 1;
		}
		measure(plan, seconds / 4);
		printf(" %8.1f", measure(plan, seconds));
		fflush(stdout);
		flow_plan_free(plan);
	}
	putchar('\n');
	return 0;
}

static const char usage[] = "Usage: bench_definitions [--seconds S]\n"
			    "ns a sample for fields, filters and keys, by kind and number of "
			    "definitions.\n";

int main(int argc, char **argv)
{
	static const struct option flags[] = {
		{"seconds", required_argument, NULL, 's'}, {NULL, 0, NULL, 0}};
	struct flow_data *data;
	double seconds = 0.5;
	int flag, failed = 0;

	while ((flag = getopt_long(argc, argv, "", flags, NULL)) != -1) {
		if (flag != 's')
			return fputs(usage, stderr), 2;
		seconds = atof(optarg);
	}
	for (unsigned i = 0; i < HEADERS; i++)
		make_header(headers[i]);
	data = make_data();
	printf("ns a sample, definitions:         1        2        4        8       16       "
	       "32\n");
	for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		failed |= run(&kinds[i], data, seconds);
	flow_data_unref(data);
	return failed;
}
