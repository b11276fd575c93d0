/* SPDX-License-Identifier: BSD-3-Clause */
#include "window/regroup.h"

#include <stdlib.h>

enum { REGROUP_MEMO = 4096 }; /* keys remembered; two that meet in a slot are made again */

struct regroup_entry {
	uint64_t raw_hash;
	uint64_t hash; /* of the key */
	uint32_t round;
	int16_t len; /* of the key, -1: there is none */
	uint8_t raw_len;
	uint8_t raw[FLOW_KEY_BYTES];
	uint8_t key[FLOW_KEY_BYTES];
};

void regroup_init(struct regroup *g, const struct base_hash *hash, const struct flow_names *names)
{
	*g = (struct regroup){.hash = hash, .names = names};
}

void regroup_fini(struct regroup *g)
{
	free(g->scratch);
	free(g->memo);
}

static void take_room(struct regroup *g)
{
	g->scratch = calloc(1, sizeof(*g->scratch));
	g->memo = calloc(REGROUP_MEMO, sizeof(*g->memo));
	if (!g->scratch || !g->memo)
		abort(); /* off the data path; nothing sensible is left to do */
}

/* What was made for other tables is forgotten: names may have come since. */
void regroup_start(struct regroup *g, const struct flow_plan *plan, const struct flow_definition *d)
{
	if (!g->memo)
		take_room(g);
	if (++g->round == 0) {
		memset(g->memo, 0, REGROUP_MEMO * sizeof(*g->memo));
		g->round = 1;
	}
	g->plan = plan;
	g->d = d;
	g->absent_value = 0;
	g->absent_samples = 0;
}

static void make(struct regroup *g, struct regroup_entry *m, uint64_t raw_hash, const uint8_t *raw,
	unsigned len)
{
	m->round = g->round;
	m->raw_hash = raw_hash;
	m->raw_len = (uint8_t)len;
	memcpy(m->raw, raw, len);
	m->len = (int16_t)flow_late_key(g->plan, g->d, g->names, raw, len, g->scratch, m->key);
	m->hash = m->len >= 0 ? base_hash_bytes(g->hash, m->key, (size_t)m->len) : 0;
}

static const struct regroup_entry *find(struct regroup *g, const uint8_t *raw, unsigned len)
{
	uint64_t hash = base_hash_bytes(g->hash, raw, len);
	struct regroup_entry *m = &g->memo[hash % REGROUP_MEMO];

	if (m->round != g->round || m->raw_hash != hash || m->raw_len != len ||
		memcmp(m->raw, raw, len) != 0)
		make(g, m, hash, raw, len);
	return m;
}

bool regroup_entry(struct regroup *g, const struct table *t, const struct table_entry *e,
	struct regroup_key *k)
{
	const struct regroup_entry *m = find(g, table_key(t, e), table_key_len(t, e));

	if (m->len < 0) {
		g->absent_value = table_sum(g->absent_value, e->value);
		g->absent_samples += e->samples;
		return false;
	}
	k->bytes = m->key;
	k->len = (unsigned)m->len;
	k->hash = table_index_hash(m->hash);
	return true;
}
