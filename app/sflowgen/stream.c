/* SPDX-License-Identifier: BSD-3-Clause */
#include "stream.h"

#include <stdlib.h>
#include <string.h>

#include "encode.h"

enum { NONE = UINT32_MAX };

/* The datagram that an exporter fills. Those with samples stand in a queue, oldest first. */
struct pending {
	uint64_t first_ns; /* when its first sample was taken */
	uint32_t len;
	uint32_t flow_samples, counter_samples;
	uint32_t older, newer; /* in the queue */
};

/* A sample on its way into a datagram: it waits here where the datagram has to go first. */
struct sample {
	uint32_t exporter;
	uint32_t len; /* 0: none */
	bool flow;
	struct gen_item item;
	uint8_t bytes[GEN_SAMPLE_MAX];
};

struct gen_stream {
	struct gen_model *m;
	struct gen_fleet *fleet; /* or NULL */
	struct pending *pending; /* by exporter */
	uint8_t *payloads;       /* max_payload bytes each */
	struct gen_item *items;  /* samples_per_datagram each */
	uint32_t oldest, newest;
	uint64_t now_ns;
	uint64_t drawn, drawn_from_ns; /* samples since then give the time of the next */
	double sample_ns;              /* between two samples */
	uint64_t polled;
	double poll_ns; /* between two polls of any source; 0 none */
	uint64_t delay_ns;
	uint32_t id;
	struct sample sample;
};

struct gen_stream *gen_stream_create(struct gen_model *m)
{
	const struct gen_settings *set = &m->settings;
	struct gen_stream *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->m = m;
	s->pending = calloc(m->exporter_count, sizeof(*s->pending));
	s->payloads = calloc(m->exporter_count, set->max_payload);
	s->items = calloc(m->exporter_count, set->samples_per_datagram * sizeof(*s->items));
	s->fleet = gen_fleet_create(m);
	if (!s->pending || !s->payloads || !s->items || (set->service_count && !s->fleet)) {
		gen_stream_destroy(s);
		return NULL;
	}
	s->oldest = s->newest = NONE;
	s->sample_ns = set->rate > 0 ? 1e9 / set->rate : 0;
	s->poll_ns = set->counters > 0 ? set->counters * 1e9 / m->source_count : 0;
	s->delay_ns = set->delay > 0 ? (uint64_t)(set->delay * 1e9) : UINT64_MAX;
	return s;
}

void gen_stream_destroy(struct gen_stream *s)
{
	if (!s)
		return;
	gen_fleet_destroy(s->fleet);
	free(s->items);
	free(s->payloads);
	free(s->pending);
	free(s);
}

static void enqueue(struct gen_stream *s, uint32_t e)
{
	struct pending *p = &s->pending[e];

	p->first_ns = s->now_ns;
	p->older = s->newest;
	p->newer = NONE;
	if (s->newest == NONE)
		s->oldest = e;
	else
		s->pending[s->newest].newer = e;
	s->newest = e;
}

static void dequeue(struct gen_stream *s, uint32_t e)
{
	struct pending *p = &s->pending[e];

	if (p->older == NONE)
		s->oldest = p->newer;
	else
		s->pending[p->older].newer = p->newer;
	if (p->newer == NONE)
		s->newest = p->older;
	else
		s->pending[p->newer].older = p->older;
}

static uint64_t uptime_ns(const struct gen_stream *s, uint32_t exporter)
{
	return s->m->exporters[exporter].uptime_ns + s->now_ns;
}

/* Give out the datagram of an exporter; its bytes stay in place until the next sample. */
static void finish(struct gen_stream *s, uint32_t e, struct gen_datagram *dg)
{
	struct gen_exporter *exporter = &s->m->exporters[e];
	struct pending *p = &s->pending[e];
	uint8_t *payload = s->payloads + e * s->m->settings.max_payload;

	dequeue(s, e);
	exporter->sequence++;
	gen_encode_header(s->m, exporter, (uint32_t)(uptime_ns(s, e) / 1000000),
		p->flow_samples + p->counter_samples, payload);
	*dg = (struct gen_datagram){
		.payload = payload,
		.items = s->items + e * s->m->settings.samples_per_datagram,
		.time_ns = s->now_ns,
		.len = p->len,
		.exporter = e,
		.agent = exporter->agent,
		.id = ++s->id,
		.flow_samples = p->flow_samples,
		.counter_samples = p->counter_samples,
	};
	*p = (struct pending){0};
}

static void append(struct gen_stream *s)
{
	struct sample *sample = &s->sample;
	uint32_t e = sample->exporter;
	struct pending *p = &s->pending[e];

	if (p->len == 0) {
		enqueue(s, e);
		p->len = gen_encode_header_len(s->m, &s->m->exporters[e]);
	}
	memcpy(s->payloads + e * s->m->settings.max_payload + p->len, sample->bytes, sample->len);
	p->len += sample->len;
	if (sample->flow)
		s->items[e * s->m->settings.samples_per_datagram + p->flow_samples++] =
			sample->item;
	else
		p->counter_samples++;
	sample->len = 0;
}

/* @return true with `dg` where the sample does not fit, or has made its datagram full. */
static bool place(struct gen_stream *s, struct gen_datagram *dg)
{
	const struct gen_settings *set = &s->m->settings;
	uint32_t e = s->sample.exporter;
	const struct pending *p = &s->pending[e];

	if (p->len && p->len + s->sample.len > set->max_payload) {
		finish(s, e, dg);
		return true;
	}
	append(s);
	if (p->flow_samples + p->counter_samples < set->samples_per_datagram)
		return false;
	finish(s, e, dg);
	return true;
}

static void take_flow_sample(struct gen_stream *s)
{
	struct gen_model *m = s->m;
	uint32_t rank = gen_model_draw(m);
	const struct gen_flow *f = &m->flows[rank];
	uint32_t length = gen_model_frame_length(f, &m->rng);
	struct sample *sample = &s->sample;

	gen_model_count(m, f, length);
	sample->exporter = m->sources[f->input].exporter;
	sample->flow = true;
	sample->item = (struct gen_item){.flow = rank, .frame_length = length};
	sample->len = gen_encode_flow_sample(m, f, length, sample->bytes);
	s->drawn++;
}

/* Sources are polled in turn, evenly over the interval. */
static void take_counter_sample(struct gen_stream *s)
{
	uint32_t source = (uint32_t)(s->polled++ % s->m->source_count);
	struct sample *sample = &s->sample;

	sample->exporter = s->m->sources[source].exporter;
	sample->flow = false;
	sample->len = gen_encode_counter_sample(
		s->m, source, uptime_ns(s, sample->exporter), sample->bytes);
}

static void take_container(struct gen_stream *s)
{
	const struct gen_container *c = gen_fleet_next(s->fleet);
	struct sample *sample = &s->sample;

	if (!c)
		return;
	sample->exporter = (uint32_t)(c->host * s->m->settings.sub_agents);
	sample->flow = false;
	sample->len = gen_encode_container(s->m, c, s->now_ns, sample->bytes);
}

static uint64_t min(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t flow_due(const struct gen_stream *s, uint64_t until_ns)
{
	if (s->m->settings.counters_only)
		return UINT64_MAX;
	if (s->sample_ns == 0)
		return until_ns;
	return s->drawn_from_ns + (uint64_t)((double)s->drawn * s->sample_ns);
}

static uint64_t poll_due(const struct gen_stream *s)
{
	return s->poll_ns > 0 ? (uint64_t)((double)s->polled * s->poll_ns) : UINT64_MAX;
}

static uint64_t send_due(const struct gen_stream *s)
{
	if (s->oldest == NONE || s->delay_ns == UINT64_MAX)
		return UINT64_MAX;
	return s->pending[s->oldest].first_ns + s->delay_ns;
}

bool gen_stream_next(struct gen_stream *s, uint64_t until_ns, struct gen_datagram *dg)
{
	for (;;) {
		uint64_t poll, old, guest, due;

		if (s->sample.len && place(s, dg))
			return true;
		poll = poll_due(s);
		old = send_due(s);
		guest = gen_fleet_due(s->fleet);
		due = min(min(flow_due(s, until_ns), guest), min(poll, old));
		if (due > until_ns) {
			s->now_ns = until_ns;
			return false;
		}
		/* What is due may lie in the past, where the caller was late. */
		s->now_ns = due > s->now_ns ? due : s->now_ns;
		if (due == old) {
			finish(s, s->oldest, dg);
			return true;
		}
		if (due == poll)
			take_counter_sample(s);
		else if (due == guest)
			take_container(s);
		else
			take_flow_sample(s);
	}
}

bool gen_stream_drain(struct gen_stream *s, struct gen_datagram *dg)
{
	if (s->sample.len && place(s, dg))
		return true;
	if (s->oldest == NONE)
		return false;
	finish(s, s->oldest, dg);
	return true;
}

const struct gen_fleet *gen_stream_fleet(const struct gen_stream *s)
{
	return s->fleet;
}

uint64_t gen_stream_time(const struct gen_stream *s)
{
	return s->now_ns;
}

void gen_stream_postpone(struct gen_stream *s, uint64_t ns)
{
	s->drawn_from_ns += ns;
}
