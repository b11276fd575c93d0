/* SPDX-License-Identifier: BSD-3-Clause */
#include "decode/decode.h"

#include <stdlib.h>
#include <time.h>

#include "decode/decode_pvt.h"

/* One decoder: the walk, and who prints what it finds. */

static const struct sflow_visitor *visitor_of(enum decode_format format)
{
	switch (format) {
	case DECODE_LINE:
		return &decode_line_visitor;
	case DECODE_JSON:
		return &decode_json_visitor;
	default:
		return &decode_text_visitor;
	}
}

struct decode *decode_create(enum decode_format format, const struct decode_sink *sink)
{
	struct decode *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	tzset();
	json_layers_init();
	d->format = format;
	d->sink = *sink;
	d->visitor = visitor_of(format);
	d->lines = format != DECODE_LINE;
	d->prefix = "";
	out_init(&d->out, sink->write, sink->ctx);
	return d;
}

void decode_destroy(struct decode *d)
{
	free(d);
}

/* For the one who reads the diagnostics, and for the formats that show them. */
static void damaged(void *ctx, const struct sflow_break *b)
{
	struct decode *d = ctx;

	if (d->sink.damage)
		d->sink.damage(d->sink.ctx, d->number, b);
	if (d->visitor->damage)
		d->visitor->damage(d, b);
}

int decode_datagram(struct decode *d, const struct decode_datagram *datagram)
{
	struct sflow_visitor visitor = *d->visitor;

	visitor.damage = damaged;
	memset(d->fresh, 0, sizeof(d->fresh));
	d->datagram = datagram;
	d->number++;
	d->sample_tag = 0;
	d->record_tag = 0;
	d->source = (struct sflow_source){0};
	d->broken = 0;
	sflow_trace(datagram->payload, datagram->len, &visitor, d, d->fresh);
	for (unsigned i = 0; i < SFLOW_STATS; i++)
		d->stats[i] += d->fresh[i];
	return d->out.error;
}

int decode_flush(struct decode *d)
{
	return out_flush(&d->out);
}

const uint64_t *decode_stats(const struct decode *d)
{
	return d->stats;
}
