/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "sflow/header_pvt.h"
#include "sflow/sample_pvt.h"
#include "sflow/structure.h"

/* The records of flow samples that flow keys are made of. */

enum {
	ETHERNET_LEN = 24,
	ETHERNET_BARE_LEN = 20,
	IPV4_LEN = 32,
	IPV6_LEN = 56,
	SWITCH_LEN = 16,
};

enum { ADDR_UNKNOWN = 0, ADDR_IPV4 = 1, ADDR_IPV6 = 2 };

/* A body that is kept as it is. @return whether its fixed part is there */
static inline bool keep(const struct sflow_record *r, uint32_t fixed, const uint8_t **body)
{
	if (r->len < fixed)
		return false;
	*body = r->body;
	return true;
}

/* sFlow v5, sampled_header. */
static inline __attribute__((always_inline)) bool read_header(
	struct sflow_flow *f, const struct sflow_record *r, uint64_t *stats)
{
	if (!sflow_header_read(&f->header, r->body, r->len))
		return false;
	sflow_header_count(&f->header, stats);
	return true;
}

/* sFlow v5, sampled_ethernet. Some agents leave out the padding of the MACs: 20 bytes, which are
 * put into the form of 24. */
static bool read_ethernet(struct sflow_flow *f, const struct sflow_record *r, uint64_t *stats)
{
	if (r->len != ETHERNET_BARE_LEN)
		return keep(r, ETHERNET_LEN, &f->ethernet);
	memset(f->spare, 0, sizeof(f->spare));
	memcpy(f->spare, r->body, 10);
	memcpy(f->spare + 12, r->body + 10, 6);
	memcpy(f->spare + 20, r->body + 16, 4);
	f->ethernet = f->spare;
	stats[SFLOW_MAC_UNPADDED]++;
	return true;
}

/* sFlow v5, extended_router. Many agents send a next hop that they do not know as 0.0.0.0. */
static enum sflow_stat read_router(struct sflow_flow *f, const struct sflow_record *r)
{
	static const uint8_t none[16];
	uint32_t type, size;
	const uint8_t *p = r->body;

	if (r->len < 4)
		return SFLOW_RECORD_SHORT;
	type = base_get_u32(p);
	if (type > ADDR_IPV6)
		return SFLOW_RECORD_ADDR_TYPE;
	size = type == ADDR_IPV4 ? 4 : type == ADDR_IPV6 ? 16 : 0;
	if (r->len < 4 + size + 8)
		return SFLOW_RECORD_SHORT;
	f->next_hop = (struct base_addr){.family = 0};
	if (memcmp(p + 4, none, size) != 0)
		f->next_hop = base_addr_from(p + 4, size);
	f->src_mask_len = base_get_u32(p + 4 + size);
	f->dst_mask_len = base_get_u32(p + 8 + size);
	f->has |= SFLOW_HAS_ROUTER;
	return SFLOW_STATS;
}

/* The first of its tag, for who wants to read it later. */
static enum sflow_stat note(struct sflow_flow *f, const struct sflow_record *r)
{
	int i = sflow_flow_index(r->tag);

	if (i < 0)
		return SFLOW_RECORD_UNKNOWN;
	if (!sflow_flow_record(f, (unsigned)i)) {
		f->record[i] = *r;
		f->noted[i / 64] |= UINT64_C(1) << i % 64;
	}
	return SFLOW_RECORD_UNUSED;
}

static __attribute__((noinline)) void read_other(
	struct sflow_flow *f, const struct sflow_record *r, uint64_t *stats)
{
	enum sflow_stat damage;
	uint32_t bit;
	bool good;

	switch (r->tag) {
	case SFLOW_TAG(0, 2):
		bit = SFLOW_HAS_ETHERNET;
		good = f->has & bit || read_ethernet(f, r, stats);
		break;
	case SFLOW_TAG(0, 3):
		bit = SFLOW_HAS_IPV4;
		good = f->has & bit || keep(r, IPV4_LEN, &f->ipv4);
		break;
	case SFLOW_TAG(0, 4):
		bit = SFLOW_HAS_IPV6;
		good = f->has & bit || keep(r, IPV6_LEN, &f->ipv6);
		break;
	case SFLOW_TAG(0, 1002):
		damage = f->has & SFLOW_HAS_ROUTER ? SFLOW_STATS : read_router(f, r);
		if (damage != SFLOW_STATS)
			stats[damage]++;
		return;
	default:
		/* sFlow v5, data_format: skipped by its length, SFLOW_RECORD_UNKNOWN. */
		stats[note(f, r)]++;
		return;
	}
	/* sFlow v5, the structure's definition: the fixed part is there, else SFLOW_RECORD_SHORT. */
	if (good)
		f->has |= bit;
	else
		stats[SFLOW_RECORD_SHORT]++;
}

/* Nearly all samples have a header, many a switch's VLANs beside it, and most nothing else. */
static inline void read_record(struct sflow_flow *f, const struct sflow_record *r, uint64_t *stats)
{
	struct sflow_record other;
	uint32_t bit = SFLOW_HAS_HEADER;
	bool good;

	if (__builtin_expect(r->tag == SFLOW_TAG(0, 1), 1)) {
		good = f->has & bit || read_header(f, r, stats);
	} else if (r->tag == SFLOW_TAG(0, 1001)) {
		bit = SFLOW_HAS_SWITCH;
		good = f->has & bit || keep(r, SWITCH_LEN, &f->vlans);
	} else {
		other = *r; /* so that `r` itself need not be in memory */
		read_other(f, &other, stats);
		return;
	}
	if (__builtin_expect(good, 1))
		f->has |= bit;
	else
		stats[SFLOW_RECORD_SHORT]++;
}

/* What is not there is not looked at, so only what tells that is cleared. */
static inline void clear(struct sflow_flow *f)
{
	f->has = 0;
	memset(f->noted, 0, sizeof(f->noted));
}

void sflow_flow_read(struct sflow_sample *s, struct sflow_flow *f, uint64_t *stats)
{
	struct sflow_record r;

	clear(f);
	while (sflow_record_take(&s->body, &r))
		read_record(f, &r, stats);
}

/* The sample is dropped: what its first records have counted does not count. */
static __attribute__((noinline)) void take_back(
	const struct sflow_sample *s, uint32_t records, uint64_t *stats)
{
	uint64_t counted[SFLOW_STATS] = {0};
	struct base_cursor c = s->body;
	struct sflow_record r;
	struct sflow_flow f;

	clear(&f);
	for (uint32_t i = 0; i < records && sflow_record_take(&c, &r); i++)
		read_record(&f, &r, counted);
	for (unsigned i = 0; i < SFLOW_STATS; i++)
		stats[i] -= counted[i];
}

bool sflow_flow_check(
	struct sflow_sample *s, struct sflow_flow *f, enum sflow_stat *reason, uint64_t *stats)
{
	struct base_cursor c = s->body;
	struct sflow_record r;

	clear(f);
	/* The count is any u32: what bounds the loop is that each round eats 8 bytes or more. */
	for (uint32_t i = 0; i < s->records; i++) {
		if (__builtin_expect(!sflow_record_check(s, &c, &r, reason), 0)) {
			take_back(s, i, stats);
			return false;
		}
		read_record(f, &r, stats);
	}
	s->body.end = c.p;
	return true;
}

bool sflow_flow_length(const struct sflow_flow *f, uint32_t *bytes)
{
	if (f->has & SFLOW_HAS_HEADER)
		*bytes = sflow_header_length(&f->header);
	else if (f->has & SFLOW_HAS_IPV4)
		*bytes = base_get_u32(f->ipv4);
	else if (f->has & SFLOW_HAS_IPV6)
		*bytes = base_get_u32(f->ipv6);
	else if (f->has & SFLOW_HAS_ETHERNET)
		*bytes = base_get_u32(f->ethernet);
	else
		return false;
	return true;
}
