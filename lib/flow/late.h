/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "base/text.h"
#include "flow/extract.h"

/*
 * Functions that can wait: applied to keys when windows are merged, once for each key in them, and
 * not to every sample. The RX cores' tables then hold the raw key: what these functions are made
 * of. The key of the definition is made from it here.
 */

/* Who knows names of addresses and attributes of hosts; either may be NULL: nobody. Must not wait. */
struct flow_names {
	/* Append what the address is called; false where that is not known. */
	bool (*find)(void *ctx, const struct base_addr *addr, struct base_text *name);
	void *ctx;
	/* Append an attribute of the host that has the MAC address; false where it is not known. */
	bool (*host)(void *ctx, const uint8_t *mac, const char *attribute, size_t len,
		struct base_text *text);
	void *host_ctx;
};

/* How the key of a definition is made from its raw key. */
struct flow_late {
	unsigned key_count;
	uint8_t keys[FLOW_KEYS];   /* numbers of plan fields, in the order of the key */
	uint8_t leaves[FLOW_KEYS]; /* for each part of the raw key, which field it is */
	bool optional[FLOW_KEYS];  /* whether it may be absent */
	unsigned step_count;
	uint8_t steps[FLOW_FIELDS]; /* fields to be made, each behind those that it is made of */
};

/* Room for the fields of a key while it is made; one thread's at a time. */
struct flow_late_scratch {
	struct packet_value value[FLOW_FIELDS];
	bool stand_in[FLOW_FIELDS]; /* the value is an address, in place of a name */
};

/**
 * Make the key of a definition that has functions applied at merge.
 * @param d      its `late` is not NULL
 * @param names  NULL: none is known
 * @param raw    as flow_key_build() made it
 * @param key    room for FLOW_KEY_BYTES
 * @return its length; -1 where a part of it is absent, or it is too long even with addresses in
 * place of names
 */
int flow_late_key(const struct flow_plan *plan, const struct flow_definition *d,
	const struct flow_names *names, const uint8_t *raw, unsigned len,
	struct flow_late_scratch *scratch, uint8_t *key);

/** The parts of a definition's key as it is shown: numbers of plan fields. */
static inline const uint8_t *flow_shown_keys(const struct flow_definition *d, unsigned *count)
{
	*count = d->late ? d->late->key_count : d->key_count;
	return d->late ? d->late->keys : d->keys;
}
