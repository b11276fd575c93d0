/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>

#include "metric/metric_pvt.h"

/*
 * Which source has a MAC address, by what hosts say of their adapters (0:2001). A MAC is the first
 * source's that claims it, until that one goes or no longer has it. The owner's own.
 */

enum {
	MACS_MOST = 256, /* of one source; further ones are left out */
	MACS_FLOOR = 64, /* that an agent may have whatever others have */
};

static uint64_t mac_hash(const struct metric_store *m, uint64_t mac)
{
	return base_hash_bytes(&m->hash, &mac, sizeof(mac));
}

/* @return BASE_INDEX_NONE: nobody's */
static uint32_t find(const struct metric_store *m, uint64_t mac, uint64_t hash)
{
	struct base_narrow_probe probe = base_dense_probe(&m->macs, hash);
	uint32_t number;

	while ((number = base_dense_next(&m->macs, &probe)) != BASE_INDEX_NONE) {
		const struct metric_mac *at = base_dense_at(&m->macs, number);

		if (at->mac == mac)
			break;
	}
	return number;
}

static uint64_t read_mac(const uint8_t *bytes)
{
	return (uint64_t)base_get_u16(bytes) << 32 | base_get_u32(bytes + 2);
}

const struct metric_source *metric_host_by_mac(const struct metric_store *m, const uint8_t *mac)
{
	uint64_t number = read_mac(mac);
	uint32_t at = find(m, number, mac_hash(m, number));

	return at == BASE_INDEX_NONE
		       ? NULL
		       : ((const struct metric_mac *)base_dense_at(&m->macs, at))->source;
}

/* An agent may have as many as are left for all: see metric_source_get(). */
static bool has_room(const struct metric_store *m, const struct metric_agent *a)
{
	return a->macs < MACS_FLOOR || a->macs < m->macs.max - m->macs.count;
}

/* @return whether it is this source's */
static bool claim(struct metric_store *m, const struct metric_source *src, uint64_t mac)
{
	uint64_t hash = mac_hash(m, mac);
	uint32_t at = find(m, mac, hash);
	struct metric_mac *entry;

	if (at == BASE_INDEX_NONE) {
		at = has_room(m, src->agent) ? base_dense_add(&m->macs, hash) : BASE_INDEX_NONE;
		if (at == BASE_INDEX_NONE) {
			m->stats[METRIC_MACS_FULL]++;
			return false;
		}
		src->agent->macs++;
		entry = base_dense_at(&m->macs, at);
		entry->mac = mac;
		entry->source = src;
	}
	entry = base_dense_at(&m->macs, at);
	return entry->source == src;
}

static void release(struct metric_store *m, const struct metric_source *src, uint64_t mac)
{
	uint32_t at = find(m, mac, mac_hash(m, mac));
	const struct metric_mac *entry = at == BASE_INDEX_NONE ? NULL : base_dense_at(&m->macs, at);

	if (!entry || entry->source != src)
		return;
	base_dense_remove(&m->macs, at);
	src->agent->macs--;
}

void metric_macs_drop(struct metric_store *m, struct metric_source *src)
{
	for (uint32_t i = 0; src->macs && i < src->macs->count; i++)
		release(m, src, src->macs->mac[i]);
	free(src->macs);
	src->macs = NULL;
}

/*
 * sFlow Host Structures, host_adapters: adapters<> of {ifIndex u32, mac_address<> of 8 bytes, 2 of
 * them padding}. None and group addresses are nobody's.
 */
static uint32_t read_macs(const struct sflow_record *r, uint64_t *macs)
{
	struct base_cursor c = base_cursor(r->body, r->len);
	uint32_t adapters = base_cursor_u32(&c), left, count = 0;

	for (; adapters && !c.bad; adapters--) {
		base_cursor_u32(&c);
		for (left = base_cursor_u32(&c); left && !c.bad; left--) {
			const uint8_t *p = base_cursor_take(&c, 8);
			uint64_t mac = p ? read_mac(p) : 0;

			if (mac && !(p[0] & 1) && count < MACS_MOST)
				macs[count++] = mac;
		}
	}
	return count;
}

void metric_macs_take(
	struct metric_store *m, struct metric_source *src, const struct sflow_record *r)
{
	uint64_t record = base_hash_bytes(&m->hash, r->body, r->len), macs[MACS_MOST];
	struct metric_macs *own = src->macs;
	uint32_t count;

	if (own && own->record == record && own->claimed == own->count)
		return;
	metric_macs_drop(m, src);
	count = read_macs(r, macs);
	own = malloc(sizeof(*own) + count * sizeof(macs[0]));
	if (!own)
		return;
	*own = (struct metric_macs){.record = record, .count = count};
	for (uint32_t i = 0; i < count; i++) {
		own->mac[i] = macs[i];
		own->claimed += claim(m, src, macs[i]);
	}
	src->macs = own;
}
