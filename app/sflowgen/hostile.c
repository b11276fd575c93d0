/* SPDX-License-Identifier: BSD-3-Clause */
#include "hostile_pvt.h"

#include "xdr.h"

enum { STREAM_HOSTILE = 0x686F73 /* of the seed */ };

/* A number that breaks careless arithmetic: near 2^32, near 2^31, or times 4 or 8 past 2^32. */
static uint32_t huge(struct gen_rng *r)
{
	static const uint32_t values[] = {UINT32_MAX, UINT32_MAX - 3, 0x80000000, 0x7FFFFFFF,
		0x40000001, 0x20000001, 0x10000, 0xFFFF};

	return values[gen_rng_below(r, sizeof(values) / sizeof(values[0]))];
}

static uint8_t *write_random(struct gen_rng *r, uint8_t *p, uint32_t len)
{
	while (len-- > 0)
		*p++ = (uint8_t)gen_rng_next(r);
	return p;
}

uint8_t *gen_hostile_header(struct gen_rng *r, uint8_t *p, uint32_t samples)
{
	p = xdr_u32(p, 5);
	p = xdr_u32(p, 1);
	p = xdr_u32(p, 0xC6120000 + gen_rng_below(r, 1 << 17)); /* 198.18.0.0/15 */
	p = xdr_u32(p, 0);
	p = xdr_u32(p, (uint32_t)gen_rng_next(r));
	p = xdr_u32(p, (uint32_t)gen_rng_next(r));
	return xdr_u32(p, samples);
}

/* The fixed part of a flow sample behind tag and length: 32 bytes. */
static uint8_t *write_flow_sample(uint8_t *p, uint32_t records)
{
	p = xdr_u32(p, 1);
	p = xdr_u32(p, 1); /* source */
	p = xdr_u32(p, 1); /* sampling rate */
	p = xdr_u32(p, 1);
	p = xdr_u32(p, 0);
	p = xdr_u32(p, 1);
	p = xdr_u32(p, 2);
	return xdr_u32(p, records);
}

static uint32_t empty(struct gen_rng *r, uint8_t *out)
{
	return (uint32_t)(write_random(r, out, gen_rng_below(r, 4)) - out);
}

static uint32_t short_header(struct gen_rng *r, uint8_t *out)
{
	gen_hostile_header(r, out, 1);
	return 4 + gen_rng_below(r, 24);
}

static uint32_t version(struct gen_rng *r, uint8_t *out)
{
	static const uint32_t versions[] = {0, 2, 4, 6, 5 << 24, UINT32_MAX};
	uint8_t *p = gen_hostile_header(r, out, 1);

	xdr_u32(out, versions[gen_rng_below(r, sizeof(versions) / sizeof(versions[0]))]);
	return (uint32_t)(write_random(r, p, 200) - out);
}

static uint32_t agent_type(struct gen_rng *r, uint8_t *out)
{
	uint8_t *p = gen_hostile_header(r, out, 1);

	xdr_u32(out + 4, gen_rng_below(r, 2) ? 3 + gen_rng_below(r, 100) : huge(r));
	return (uint32_t)(write_random(r, p, 200) - out);
}

/* A good sample, cut off anywhere. */
static uint32_t truncated(struct gen_rng *r, uint8_t *out)
{
	uint8_t *p = gen_hostile_header(r, out, 1), *body = xdr_open(p, 1), *record;
	uint32_t start = (uint32_t)(p - out), len;

	record = xdr_open(write_flow_sample(body, 1), 1);
	p = xdr_u32(xdr_u32(xdr_u32(xdr_u32(record, 1), 132), 4), 128);
	p = write_random(r, p, 128);
	xdr_close(record, p);
	xdr_close(body, p);
	len = (uint32_t)(p - out) - start;
	return start + gen_rng_below(r, len);
}

/* A sample that runs past the end of the datagram. */
static uint32_t sample_length(struct gen_rng *r, uint8_t *out)
{
	uint8_t *p = gen_hostile_header(r, out, 1);

	p = xdr_u32(p, 1 + gen_rng_below(r, 5));
	p = xdr_u32(p, huge(r));
	return (uint32_t)(write_random(r, p, 4 * gen_rng_below(r, 100)) - out);
}

static uint32_t sample_count(struct gen_rng *r, uint8_t *out)
{
	return (uint32_t)(gen_hostile_header(r, out, huge(r)) - out);
}

/* A flow sample with fewer bytes than its fixed part. */
static uint32_t sample_short(struct gen_rng *r, uint8_t *out)
{
	uint8_t *p = gen_hostile_header(r, out, 1), *body = xdr_open(p, 1);

	write_flow_sample(body, 0);
	p = body + 4 * gen_rng_below(r, 8);
	xdr_close(body, p);
	return (uint32_t)(p - out);
}

static uint32_t sample_unknown(struct gen_rng *r, uint8_t *out)
{
	uint8_t *p = gen_hostile_header(r, out, 1), *body = xdr_open(p, (1u << 31) | 77);

	p = write_random(r, body, 4 * gen_rng_below(r, 100));
	xdr_close(body, p);
	return (uint32_t)(p - out);
}

static uint32_t record_length(struct gen_rng *r, uint8_t *out)
{
	uint8_t *body = xdr_open(gen_hostile_header(r, out, 1), 1);
	uint8_t *p = write_flow_sample(body, 1);

	p = xdr_u32(xdr_u32(p, 1 + gen_rng_below(r, 4)), huge(r));
	p = write_random(r, p, 4 * gen_rng_below(r, 50));
	xdr_close(body, p);
	return (uint32_t)(p - out);
}

static uint32_t record_count(struct gen_rng *r, uint8_t *out)
{
	uint8_t *body = xdr_open(gen_hostile_header(r, out, 1), 1);
	uint8_t *p = write_flow_sample(body, huge(r));

	xdr_close(body, p);
	return (uint32_t)(p - out);
}

/* A sampled header that says it is longer than its record, which ends before its first byte. */
static uint32_t header_length(struct gen_rng *r, uint8_t *out)
{
	uint8_t *body = xdr_open(gen_hostile_header(r, out, 1), 1);
	uint8_t *record = xdr_open(write_flow_sample(body, 1), 1), *p;

	p = xdr_u32(xdr_u32(xdr_u32(record, 1), 0), 0);
	p = xdr_u32(p, huge(r));
	xdr_close(record, p);
	xdr_close(body, p);
	return (uint32_t)(p - out);
}

/* A counter sample of a host with one record that starts with `first`. */
static uint32_t write_counter_sample(
	struct gen_rng *r, uint8_t *out, uint32_t tag, uint32_t first, uint32_t rest)
{
	uint8_t *body = xdr_open(gen_hostile_header(r, out, 1), 2), *record, *p;

	p = xdr_u32(body, 1);
	p = xdr_u32(p, 2 << 24 | 1);
	p = xdr_u32(p, 1);
	record = xdr_open(p, tag);
	p = write_random(r, xdr_u32(record, first), rest);
	xdr_close(record, p);
	xdr_close(body, p);
	return (uint32_t)(p - out);
}

static uint32_t string_length(struct gen_rng *r, uint8_t *out)
{
	return write_counter_sample(r, out, 2000, huge(r), 40);
}

static uint32_t adapter_count(struct gen_rng *r, uint8_t *out)
{
	return write_counter_sample(r, out, 2001, huge(r), 16);
}

/* Random bytes behind a good header; the first sample is surely too long, so that none counts. */
static uint32_t random_samples(struct gen_rng *r, uint8_t *out)
{
	uint8_t *p = gen_hostile_header(r, out, 1 + gen_rng_below(r, 100)), *sample = p;

	p = write_random(r, p, 8 + gen_rng_below(r, 1400));
	sample[4] |= 0x80;
	return (uint32_t)(p - out);
}

/* Nothing but random bytes; surely not version 5. */
static uint32_t noise(struct gen_rng *r, uint8_t *out)
{
	uint8_t *p = write_random(r, out, 4 + gen_rng_below(r, 1400));

	out[0] |= 1;
	return (uint32_t)(p - out);
}

/* ---- Whole datagrams that would fill a store of metrics ---- */

uint8_t *gen_hostile_greedy_header(struct gen_rng *r, uint8_t *p, uint32_t samples)
{
	uint8_t *end = gen_hostile_header(r, p, samples);

	xdr_u32(p + 8, 0xC613FF00 + gen_rng_below(r, 4)); /* 198.19.255.0 to .3 */
	return end;
}

/* A counter sample 0:4 of one interface, behind a header. @return the end */
static uint8_t *write_interface(struct gen_rng *r, uint8_t *p, uint32_t class, uint32_t index)
{
	uint8_t *body = xdr_open(p, 4), *record;

	p = xdr_u32(body, (uint32_t)gen_rng_next(r));
	p = xdr_u32(xdr_u32(p, class), index);
	p = xdr_u32(p, 1);
	record = xdr_open(p, 1);
	p = write_random(r, record, 88);
	xdr_close(record, p);
	xdr_close(body, p);
	return p;
}

/* One interface of any of 131,072 agents. */
static uint32_t metric_agents(struct gen_rng *r, uint8_t *out)
{
	return (uint32_t)(write_interface(r, gen_hostile_header(r, out, 1), 0, 1) - out);
}

/* Any data source at all. */
static uint32_t metric_sources(struct gen_rng *r, uint8_t *out)
{
	uint8_t *p = gen_hostile_greedy_header(r, out, 1);

	return (uint32_t)(write_interface(r, p, gen_rng_below(r, 4), (uint32_t)gen_rng_next(r)) -
			  out);
}

uint8_t *gen_hostile_text(struct gen_rng *r, uint8_t *p, uint32_t len)
{
	char name[255];

	for (uint32_t i = 0; i < len; i++)
		name[i] = (char)('a' + gen_rng_below(r, 26));
	return xdr_opaque(p, name, len);
}

/* Custom metrics (4300:1002): `count` gauges with names that nobody else has. */
static uint32_t write_custom(struct gen_rng *r, uint8_t *out, bool fixed, uint32_t count)
{
	uint8_t *body = xdr_open(gen_hostile_greedy_header(r, out, 1), 4300 << 12 | 1002), *p;

	p = fixed ? xdr_opaque(body, "greedy", 6) : gen_hostile_text(r, body, 16);
	p = xdr_u32(p, count);
	for (uint32_t i = 0; i < count; i++)
		p = xdr_u32(xdr_u32(gen_hostile_text(r, p, 24), 3), i); /* gauge32 */
	xdr_close(body, p);
	return (uint32_t)(p - out);
}

static uint32_t metric_names(struct gen_rng *r, uint8_t *out)
{
	return write_custom(r, out, true, 30);
}

static uint32_t metric_custom_sources(struct gen_rng *r, uint8_t *out)
{
	return write_custom(r, out, false, 1);
}

/* Texts far longer than their structure allows, of bytes that are none. */
static uint32_t metric_strings(struct gen_rng *r, uint8_t *out)
{
	uint8_t *body = xdr_open(gen_hostile_greedy_header(r, out, 1), 4), *record, *p;

	p = xdr_u32(body, (uint32_t)gen_rng_next(r));
	p = xdr_u32(xdr_u32(p, 2), 1 + gen_rng_below(r, 16));
	p = xdr_u32(p, 1);
	record = xdr_open(p, 2000);
	p = write_random(r, xdr_u32(record, 800), 800);
	p = xdr_u32(xdr_u32(write_random(r, p, 16), 3), 2);
	p = write_random(r, xdr_u32(p, 400), 400);
	xdr_close(record, p);
	xdr_close(body, p);
	return (uint32_t)(p - out);
}

const struct gen_hostile_kind gen_hostile_kinds[GEN_HOSTILE_KINDS] = {
	{"empty", false, 0, 0, empty},
	{"short_header", false, 0, 0, short_header},
	{"version", false, 0, 0, version},
	{"agent_type", false, 0, 0, agent_type},
	{"truncated", false, 0, 0, truncated},
	{"sample_length", false, 0, 0, sample_length},
	{"sample_count", false, 0, 0, sample_count},
	{"sample_short", true, 0, 0, sample_short},
	{"sample_unknown", true, 0, 0, sample_unknown},
	{"record_length", true, 0, 0, record_length},
	{"record_count", true, 0, 0, record_count},
	{"header_length", true, 1, 0, header_length},
	{"string_length", true, 0, 1, string_length},
	{"adapter_count", true, 0, 1, adapter_count},
	{"random_samples", false, 0, 0, random_samples},
	{"noise", false, 0, 0, noise},
	{"metric_agents", true, 0, 1, metric_agents},
	{"metric_sources", true, 0, 1, metric_sources},
	{"metric_names", true, 0, 0, metric_names},
	{"metric_custom_sources", true, 0, 0, metric_custom_sources},
	{"metric_strings", true, 0, 1, metric_strings},
	{"flood_agents", true, 1, 0, gen_flood_agents},
	{"flood_sources", true, GEN_FLOOD_SAMPLES, 0, gen_flood_sources},
	{"flood_keys", true, GEN_FLOOD_SAMPLES, 0, gen_flood_keys, GEN_FLOOD_SAMPLES},
	{"flood_collisions", true, GEN_FLOOD_SAMPLES, 0, gen_flood_collisions, GEN_FLOOD_SAMPLES},
	{"flood_urls", true, GEN_FLOOD_URLS, 0, gen_flood_urls},
	{"flood_names", true, 0, 0, gen_flood_names},
};

void gen_hostile_init(struct gen_hostile *h, uint64_t seed, double share, uint32_t kinds)
{
	*h = (struct gen_hostile){
		.rng = gen_rng(seed, STREAM_HOSTILE), .share = share, .to_ns = UINT64_MAX};
	for (unsigned i = 0; i < GEN_HOSTILE_KINDS; i++)
		if (kinds >> i & 1)
			h->kinds[h->kind_count++] = (uint8_t)i;
}

bool gen_hostile_turn(struct gen_hostile *h, uint64_t time_ns)
{
	return time_ns >= h->from_ns && time_ns < h->to_ns && gen_rng_chance(&h->rng, h->share);
}

unsigned gen_hostile_make(struct gen_hostile *h, uint64_t time_ns, struct gen_datagram *dg)
{
	unsigned kind = h->kinds[gen_rng_below(&h->rng, h->kind_count)];

	*dg = (struct gen_datagram){
		.payload = h->payload,
		.time_ns = time_ns,
		.len = gen_hostile_kinds[kind].write(&h->rng, h->payload),
		.exporter = GEN_NO_EXPORTER,
		.agent = gen_rng_below(&h->rng, 16),
		.id = ~++h->id,
	};
	return kind;
}
