/* SPDX-License-Identifier: BSD-3-Clause */
#include "redraw.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "sflow/sflow.h"

enum { FIRST_AGENT = 0xAC100001, HEADER = 54 }; /* the model's first agent is 172.16.0.1 */

static int note_datagram(struct redraw *r, const struct datagram *d)
{
	uint64_t stats[SFLOW_STATS] = {0};
	struct sflow_datagram dg;
	struct sflow_sample s;
	struct sflow_flow flow;
	uint32_t agent;

	if (sflow_datagram_open(&dg, d->bytes, d->len, stats) < 0)
		return -1;
	agent = base_get_u32(dg.agent.bytes) - FIRST_AGENT;
	while (sflow_sample_next_flow(&dg, &s, &flow, stats)) {
		if (flow.header.len < HEADER || agent >= r->agents)
			return -1;
		r->samples[r->count++] = (struct redraw_sample){
			.header = d->bytes + (flow.header.data - d->bytes), .agent = agent};
	}
	return 0;
}

static uint64_t count_samples(const struct datagrams *d)
{
	uint64_t count = 0;

	for (uint32_t i = 0; i < d->count; i++)
		count += base_get_u32(d->list[i].bytes + 24); /* of an IPv4 agent's datagram */
	return count;
}

int redraw_init(
	struct redraw *r, const struct datagrams *d, uint32_t agents, uint32_t flows, double zipf)
{
	int err = 0;

	*r = (struct redraw){.agents = agents, .share = flows / agents, .rng = gen_rng(1, 1)};
	r->samples = calloc(count_samples(d), sizeof(*r->samples));
	if (!r->samples)
		return fputs("not enough memory\n", stderr), -1;
	for (uint32_t i = 0; i < d->count && !err; i++)
		err = note_datagram(r, &d->list[i]);
	if (err || r->share == 0)
		return fputs("other samples than expected, or less flows than agents\n", stderr),
		       -1;
	return zipf > 0 ? gen_zipf_init(&r->zipf, r->share, zipf) : 0;
}

void redraw_fini(struct redraw *r)
{
	gen_zipf_fini(&r->zipf);
	free(r->samples);
	*r = (struct redraw){.samples = NULL};
}

/* No checksum is right: nobody looks at them. */
static void write_header(uint8_t *p, uint32_t n)
{
	uint64_t mixed = gen_mix(n);

	base_put_u32(p, 0x02000000 | n >> 16);
	base_put_u32(p + 4, n << 16 | 0x0200);
	base_put_u32(p + 8, n);
	memcpy(p + 12, (const uint8_t[]){8, 0, 0x45, 0, 0, 200}, 6);
	base_put_u32(p + 18, n << 16 | 0x4000); /* identification; do not fragment */
	memcpy(p + 22, (const uint8_t[]){64, 6, 0, 0}, 4);
	base_put_u32(p + 26, 0x0A000000 + n);
	base_put_u32(p + 30, 0xC0A80000 | (uint32_t)(mixed & 0xFFFF));
	base_put_u32(p + 34, (uint32_t)(mixed >> 32)); /* both ports */
	base_put_u32(p + 38, (uint32_t)(mixed >> 16));
	base_put_u32(p + 42, n * 7);
	memcpy(p + 46, (const uint8_t[]){0x50, 0x10, 0x10, 0, 0, 0, 0, 0}, 8);
}

void redraw(struct redraw *r)
{
	for (uint64_t i = 0; i < r->count; i++) {
		const struct redraw_sample *s = &r->samples[i];
		uint32_t rank = r->zipf.cells ? gen_zipf_draw(&r->zipf, &r->rng)
					      : gen_rng_below(&r->rng, r->share);

		write_header(s->header, s->agent + r->agents * rank);
	}
}
