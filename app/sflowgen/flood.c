/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/hash.h"
#include "hostile_pvt.h"
#include "xdr.h"

/*
 * Whole datagrams, each as good as any, of which so many are different that they would fill tables: of agents, of
 * data sources, of flows, of names. Their packets are TCP from 240.0.0.0/4, where no endpoint of a fabric is.
 */

enum {
	COLLIDING_BITS = 12, /* of an unkeyed hash, from bit 32 on: none for all colliding keys */
	TCP = 6,
	HEADER = 14 + 20 + 20,
	URL_SHORTEST = 60,
	URL_LONGEST = 255,
	NAME = 30,
};

/* A flow sample, one in 1, up to its records. @return its body, for xdr_close(); `p` shows where they go */
static uint8_t *open_sample(
	struct gen_rng *r, uint8_t **p, uint32_t class, uint32_t index, uint32_t records)
{
	uint8_t *body = xdr_open(*p, 3);

	*p = xdr_u32(body, (uint32_t)gen_rng_next(r));
	*p = xdr_u32(xdr_u32(*p, class), index);
	*p = xdr_u32(*p, 1);
	*p = xdr_u32(xdr_u32(*p, (uint32_t)gen_rng_next(r)), 0);
	*p = xdr_u32(xdr_u32(*p, 0), index);
	*p = xdr_u32(xdr_u32(*p, 0), 2);
	*p = xdr_u32(*p, records);
	return body;
}

static uint8_t *write_bare_sample(struct gen_rng *r, uint8_t *p, uint32_t class, uint32_t index)
{
	uint8_t *body = open_sample(r, &p, class, index, 0);

	xdr_close(body, p);
	return p;
}

/* Random sub-agents, too: each is a table entry by itself. */
uint32_t gen_flood_agents(struct gen_rng *r, uint8_t *out)
{
	uint8_t *p = gen_hostile_header(r, out, 1);

	xdr_u32(out + 12, gen_rng_below(r, 16));
	return (uint32_t)(write_bare_sample(r, p, 0, 1) - out);
}

uint32_t gen_flood_sources(struct gen_rng *r, uint8_t *out)
{
	uint8_t *p = gen_hostile_greedy_header(r, out, GEN_FLOOD_SAMPLES);

	for (unsigned i = 0; i < GEN_FLOOD_SAMPLES; i++)
		p = write_bare_sample(r, p, gen_rng_below(r, 4), (uint32_t)gen_rng_next(r));
	return (uint32_t)(p - out);
}

/* Addresses and ports as they stand in a packet: 12 bytes. */
struct packet_key {
	uint8_t ip[8], ports[4];
};

static struct packet_key random_key(struct gen_rng *r)
{
	struct packet_key k;

	base_put_u32(k.ip, 0xF0000000 | (uint32_t)gen_rng_next(r) >> 4);
	base_put_u32(k.ip + 4, 0xF0000000 | (uint32_t)gen_rng_next(r) >> 4);
	base_put_u32(k.ports, (uint32_t)gen_rng_next(r));
	return k;
}

static uint8_t *write_packet(uint8_t *p, const struct packet_key *k)
{
	memset(p, 0, HEADER);
	memcpy(p, "\xFF\xFF\xFF\xFF\xFF\xFF\x02\xBA\xAD\0\0\1\x08\0\x45", 15);
	p[17] = GEN_HOSTILE_LENGTH - 4 - 14; /* without the frame check sequence */
	p[22] = 64;
	p[23] = TCP;
	memcpy(p + 26, k->ip, sizeof(k->ip));
	memcpy(p + 34, k->ports, sizeof(k->ports));
	p[46] = 0x50;
	return p + HEADER;
}

static uint8_t *write_packet_sample(struct gen_rng *r, uint8_t *p, const struct packet_key *k)
{
	uint8_t *body = open_sample(r, &p, 0, 1, 1), *record = xdr_open(p, 1);

	p = xdr_u32(xdr_u32(xdr_u32(record, 1), GEN_HOSTILE_LENGTH), 4);
	p = xdr_u32(p, HEADER);
	p = write_packet(p, k);
	p += -HEADER & 3;
	xdr_close(record, p);
	xdr_close(body, p);
	return p;
}

uint32_t gen_flood_keys(struct gen_rng *r, uint8_t *out)
{
	uint8_t *p = gen_hostile_greedy_header(r, out, GEN_FLOOD_SAMPLES);

	for (unsigned i = 0; i < GEN_FLOOD_SAMPLES; i++) {
		struct packet_key k = random_key(r);

		p = write_packet_sample(r, p, &k);
	}
	return (uint32_t)(p - out);
}

/*
 * Pairs of addresses whose hash would have no bit of 32 to 43 if its secret were none. An index goes by the bits
 * from 32 on (base_index_tag(), table_index_hash()): one that was given no secret of its own has them all in one slot
 * or, if it has more than 4,096, in one of as many.
 */
static struct packet_key colliding_key(struct gen_rng *r)
{
	static const struct base_hash no_secret;
	struct packet_key k = random_key(r);
	uint32_t second = base_get_u32(k.ip + 4);
	uint64_t pair;

	_Static_assert(
		sizeof(pair) == sizeof(k.ip), "the two ends of base_hash_bytes() are the same");
	memcpy(&pair, k.ip, sizeof(pair));
	/* One of thousands has: the next one from here, out of registers, since a flood takes many. */
	while (base_hash_ends(&no_secret, pair, pair, sizeof(pair)) << (32 - COLLIDING_BITS) >>
		(64 - COLLIDING_BITS))
		pair = (uint32_t)pair | (uint64_t)__builtin_bswap32(0xF0000000 | ++second) << 32;
	memcpy(k.ip, &pair, sizeof(pair));
	return k;
}

uint32_t gen_flood_collisions(struct gen_rng *r, uint8_t *out)
{
	uint8_t *p = gen_hostile_header(r, out, GEN_FLOOD_SAMPLES);

	xdr_u32(out + 8, 0xC613FF00); /* one data source, since it is hashed as well */
	for (unsigned i = 0; i < GEN_FLOOD_SAMPLES; i++) {
		struct packet_key k = colliding_key(r);

		p = write_packet_sample(r, p, &k);
	}
	return (uint32_t)(p - out);
}

/* An HTTP request (0:2206) with a URL that nobody else asks for. */
static uint8_t *write_request(struct gen_rng *r, uint8_t *p)
{
	uint8_t *record = xdr_open(p, 2206);

	p = xdr_u32(xdr_u32(record, 2), 1001);
	p = gen_hostile_text(r, p, URL_SHORTEST + gen_rng_below(r, URL_LONGEST - URL_SHORTEST + 1));
	p = gen_hostile_text(r, p, NAME);
	for (unsigned i = 0; i < 5; i++)
		p = xdr_u32(p, 0); /* no referrer, user agent, proxy, user, type */
	p = xdr_u64(xdr_u64(p, 100), 1000);
	p = xdr_u32(xdr_u32(p, 5), 200);
	xdr_close(record, p);
	return p;
}

uint32_t gen_flood_urls(struct gen_rng *r, uint8_t *out)
{
	uint8_t *p = gen_hostile_greedy_header(r, out, GEN_FLOOD_URLS);

	for (unsigned i = 0; i < GEN_FLOOD_URLS; i++) {
		uint8_t *body = open_sample(r, &p, 3, 80, 1);

		p = write_request(r, p);
		xdr_close(body, p);
	}
	return (uint32_t)(p - out);
}

/* Custom flows (4300:1003) of data sources with names at random. */
uint32_t gen_flood_names(struct gen_rng *r, uint8_t *out)
{
	uint8_t *p = gen_hostile_greedy_header(r, out, GEN_FLOOD_SAMPLES);

	for (unsigned i = 0; i < GEN_FLOOD_SAMPLES; i++) {
		uint8_t *body = xdr_open(p, 4300 << 12 | 1003);

		p = gen_hostile_text(r, body, NAME);
		p = xdr_u32(xdr_u32(xdr_u32(p, 1), 0), 1);
		p = xdr_opaque(p, "service", 7);
		p = gen_hostile_text(r, xdr_u32(p, 0), NAME);
		xdr_close(body, p);
	}
	return (uint32_t)(p - out);
}
