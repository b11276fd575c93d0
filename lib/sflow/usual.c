/* SPDX-License-Identifier: BSD-3-Clause */
#include "sflow/usual.h"

#include "sflow/header_pvt.h"
#include "sflow/sample_pvt.h"

uint32_t sflow_usual_ip_length(const uint8_t *header, uint32_t len)
{
	enum { ETHERNET = 1 };
	struct sflow_header h = {.protocol = ETHERNET, .data = header, .len = len};

	sflow_header_find_ip(&h);
	return h.ip_length;
}

bool sflow_usual_next(struct base_cursor *c, struct sflow_usual *u)
{
	const uint8_t *end;
	bool expanded = false;

	end = sflow_usual_end(c->p, c->end, false);
	if (!end) {
		expanded = true;
		end = sflow_usual_end(c->p, c->end, true);
	}
	if (!end)
		return false;
	*u = sflow_usual_parts(c->p, end, expanded);
	if (sflow_usual_ip_length(u->header, u->header_len) > u->frame_length)
		return false;
	c->p = u->end;
	return true;
}

void sflow_usual_read(const struct sflow_usual *u, struct sflow_sample *s, struct sflow_flow *flow)
{
	uint32_t len = base_get_u32(u->records + 4);
	const uint8_t *next = u->records + SFLOW_TLV_HEAD + len;

	sflow_flow_head(s, u->expanded ? SFLOW_FLOW_SAMPLE_EXPANDED : SFLOW_FLOW_SAMPLE, u->fixed);
	s->records = base_get_u32(u->records - 4);
	s->body = (struct base_cursor){.p = u->records, .end = u->end};
	flow->has = SFLOW_HAS_HEADER;
	memset(flow->noted, 0, sizeof(flow->noted));
	sflow_header_take(&flow->header, u->records + SFLOW_TLV_HEAD, len);
	if (next < u->end) {
		flow->has |= SFLOW_HAS_SWITCH;
		flow->vlans = next + SFLOW_TLV_HEAD;
	}
}

bool sflow_sample_next_flow(
	struct sflow_datagram *dg, struct sflow_sample *s, struct sflow_flow *flow, uint64_t *stats)
{
	struct sflow_usual u;

	if (dg->ended || dg->walked >= dg->samples || !sflow_usual_next(&dg->cursor, &u))
		return sflow_sample_next_any(dg, s, flow, stats);
	dg->walked++;
	stats[SFLOW_SAMPLES]++;
	stats[SFLOW_FLOW_SAMPLES]++;
	sflow_usual_read(&u, s, flow);
	return true;
}
