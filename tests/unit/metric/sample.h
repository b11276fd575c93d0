/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "../sflow/wire.h"
#include "metric/metric.h"

/* Counter samples made by tests, and a store that takes them. Include after cmocka.h. */

struct fixture {
	struct metric_store *store;
	struct base_region region;
	struct metric_update u;
	uint64_t time_ms;
	uint32_t uptime_ms, sequence;
	struct sflow_source source;
	struct base_addr agent;
};

static inline void fixture_open(struct fixture *f, uint32_t sources)
{
	struct metric_limits limits = {.agents = 4,
		.sources = sources,
		.custom = 16,
		.names = 100,
		.text = 20,
		.expire_ms = 60000};

	memset(f, 0, sizeof(*f));
	f->store = metric_store_create(&limits);
	assert_non_null(f->store);
	f->agent = (struct base_addr){.family = 4, .bytes = {192, 0, 2, 10}};
	f->source.index = 10;
	f->time_ms = 1700000000000;
	f->uptime_ms = 100000;
	f->sequence = 1;
}

static inline void fixture_close(struct fixture *f)
{
	metric_store_destroy(f->store);
	base_region_free(&f->region);
}

/* Both clocks and the sequence go on. */
static inline void fixture_step(struct fixture *f, uint32_t ms)
{
	f->time_ms += ms;
	f->uptime_ms += ms;
	f->sequence++;
}

/* Give records to the store as one counter sample; f->u is what came of it. */
static inline bool fixture_add(struct fixture *f, const struct wire *records, uint32_t count)
{
	uint64_t stats[SFLOW_STATS] = {0};
	struct metric_sample s = {.agent = f->agent, .sub_agent = 1, .time_ms = f->time_ms};
	struct wire w = {.len = 0};
	struct sflow_datagram dg;
	uint8_t *bytes;
	uint32_t start;
	bool added;

	wire_datagram(&w, f->uptime_ms, 1);
	start = wire_open(&w, SFLOW_COUNTER_SAMPLE_EXPANDED);
	wire_u32(&w, f->sequence);
	wire_u32(&w, f->source.class);
	wire_u32(&w, f->source.index);
	wire_u32(&w, count);
	memcpy(w.bytes + w.len, records->bytes, records->len);
	w.len += records->len;
	wire_close(&w, start);
	bytes = wire_copy(&w);
	assert_int_equal(sflow_datagram_open(&dg, bytes, w.len, stats), 0);
	assert_true(sflow_sample_next(&dg, &s.sample, stats));
	s.uptime_ms = dg.uptime_ms;
	added = metric_sample_add(f->store, &s, &f->region, &f->u);
	free(bytes);
	return added;
}

/* The same as one custom sample. */
static inline bool fixture_custom(
	struct fixture *f, const char *source, const struct wire *entries, uint32_t count)
{
	uint64_t stats[SFLOW_STATS] = {0};
	struct metric_sample s = {.agent = f->agent, .sub_agent = 1, .time_ms = f->time_ms};
	struct wire w = {.len = 0};
	struct sflow_datagram dg;
	uint8_t *bytes;
	uint32_t start;
	bool added;

	wire_datagram(&w, f->uptime_ms, 1);
	start = wire_open(&w, SFLOW_RTMETRIC);
	wire_string(&w, source);
	wire_u32(&w, count);
	memcpy(w.bytes + w.len, entries->bytes, entries->len);
	w.len += entries->len;
	wire_close(&w, start);
	bytes = wire_copy(&w);
	assert_int_equal(sflow_datagram_open(&dg, bytes, w.len, stats), 0);
	assert_true(sflow_sample_next(&dg, &s.sample, stats));
	s.uptime_ms = dg.uptime_ms;
	added = metric_sample_add(f->store, &s, &f->region, &f->u);
	free(bytes);
	return added;
}

/* For metric_store_each(): the last source's metrics. */
static inline void fixture_keep(void *ctx, const struct metric_update *u)
{
	((struct fixture *)ctx)->u = *u;
}

/* Text of a metric of the last update, or NULL. */
static inline const char *fixture_text(const struct fixture *f, const char *name)
{
	for (uint32_t i = 0; i < f->u.count; i++)
		if (strcmp(f->u.pairs[i].name, name) == 0)
			return f->u.pairs[i].text;
	return NULL;
}

static inline uint64_t fixture_stat(const struct fixture *f, enum metric_stat stat)
{
	return metric_store_stats(f->store)[stat];
}

#define assert_metric(f, name, value)                                                              \
	do {                                                                                       \
		const char *metric_text = fixture_text(f, name);                                   \
		assert_non_null(metric_text);                                                      \
		assert_string_equal(metric_text, value);                                           \
	} while (0)

#define assert_absent(f, name) assert_null(fixture_text(f, name))

/* What a test says of an interface; the rest is 0. */
struct interface {
	uint64_t speed, in_octets, out_octets;
	uint32_t type, direction, status;
	uint32_t in_ucast, in_multicast, in_broadcast, in_discards;
};

static inline void add_interface(struct wire *w, const struct interface *i)
{
	uint32_t start = wire_open(w, SFLOW_TAG(0, 1));

	wire_u32(w, 10);
	wire_u32(w, i->type);
	wire_u64(w, i->speed);
	wire_u32(w, i->direction);
	wire_u32(w, i->status);
	wire_u64(w, i->in_octets);
	wire_u32(w, i->in_ucast);
	wire_u32(w, i->in_multicast);
	wire_u32(w, i->in_broadcast);
	wire_u32(w, i->in_discards);
	wire_u64(w, 0);
	wire_u64(w, i->out_octets);
	for (int n = 0; n < 6; n++)
		wire_u32(w, 0);
	wire_close(w, start);
}

static inline bool fixture_interface(struct fixture *f, const struct interface *i)
{
	struct wire w = {.len = 0};

	add_interface(&w, i);
	return fixture_add(f, &w, 1);
}

static inline int fixture_setup(void **state)
{
	static struct fixture f;

	fixture_open(&f, 4);
	*state = &f;
	return 0;
}

static inline int fixture_teardown(void **state)
{
	fixture_close(*state);
	return 0;
}
