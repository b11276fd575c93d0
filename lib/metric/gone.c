/* SPDX-License-Identifier: BSD-3-Clause */
#include "metric/metric_pvt.h"

/* When data sources go: they say so, or fall silent. */

enum {
	PATIENCE_LEAST_MS = 2000,
	SMOOTH = 4,       /* share of a new gap in an interval: one of so many */
	AGENT_DECAY = 64, /* the same, for that of an agent to become shorter */
	VIRT_CPU = SFLOW_TAG(0, 2101),
};

/*
 * Of what came once nobody knows the interval. Guests come and go, and are polled together: that of
 * the agent's others is taken. Anything else is waited for as long as can be, lest it go and come
 * for ever.
 */
static uint32_t interval_of(const struct metric_source *src, uint32_t interval_ms)
{
	if (interval_ms || src->id.class != METRIC_GUEST)
		return interval_ms;
	return src->agent->guest_interval_ms;
}

uint64_t metric_patience_ms(
	const struct metric_store *m, const struct metric_source *src, uint32_t interval_ms)
{
	uint64_t ms = (uint64_t)m->limits.silent * interval_of(src, interval_ms);

	if (ms == 0 || ms > m->limits.expire_ms)
		return m->limits.expire_ms;
	if (ms < PATIENCE_LEAST_MS)
		ms = PATIENCE_LEAST_MS;
	return ms < m->limits.expire_ms ? ms : m->limits.expire_ms;
}

/* A gap beyond all patience is a time in which the source was away. */
uint32_t metric_interval_ms(const struct metric_store *m, const struct metric_source *src,
	uint32_t interval_ms, uint64_t gap_ms)
{
	int64_t change = (int64_t)gap_ms - interval_ms;
	uint32_t *guests = &src->agent->guest_interval_ms;

	if (gap_ms == 0 || gap_ms > metric_patience_ms(m, src, interval_ms))
		return interval_ms;
	interval_ms = interval_ms ? (uint32_t)(interval_ms + change / SMOOTH) : (uint32_t)gap_ms;
	if (src->id.class != METRIC_GUEST)
		return interval_ms;
	if (interval_ms > *guests)
		*guests = interval_ms;
	else
		*guests -= (*guests - interval_ms) / AGENT_DECAY;
	return interval_ms;
}

/* libvirt, virDomainState: agents of containers send 4 and 5 when one stops or is removed. */
static bool is_end(uint32_t state)
{
	return state == 4 /* shutdown */ || state == 5 /* shutoff */ || state == 6 /* crashed */;
}

bool metric_says_ended(const struct metric_sample *s)
{
	struct sflow_sample walk = s->sample;
	struct sflow_record r;

	if (walk.kind != SFLOW_KIND_COUNTER || walk.source.class != METRIC_GUEST)
		return false;
	while (sflow_record_next(&walk, &r))
		if (r.tag == VIRT_CPU && r.len >= 4 && is_end(base_get_u32(r.body)))
			return true;
	return false;
}
