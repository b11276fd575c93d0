/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>

#include "metric/metric.h"
#include "sflow/entry.h"
#include "sflow/sflow.h"

/*
 * Any bytes as a datagram: walked to the end, every record read by its structure, flow records read,
 * counter samples taken into a store that lives through the run. What must hold: every pointer stays
 * within the payload, every datagram, sample and counter sample is in exactly one count.
 */

enum { SOURCES = 64, EXPIRE_MS = 10000, STEP_MS = 100 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct metric_store *store;
static uint64_t now_ms = 1700000000000, added;

static void check(bool good)
{
	if (!good)
		abort();
}

static void check_datagrams(const uint64_t *s)
{
	check(s[SFLOW_DATAGRAMS] == s[SFLOW_DATAGRAMS_DECODED] + s[SFLOW_DROP_SHORT] +
					    s[SFLOW_DROP_VERSION] + s[SFLOW_DROP_AGENT_TYPE] +
					    s[SFLOW_DROP_SAMPLE_OVERRUN] +
					    s[SFLOW_DROP_SAMPLES_MISSING]);
	check(s[SFLOW_SAMPLES] == s[SFLOW_FLOW_SAMPLES] + s[SFLOW_COUNTER_SAMPLES] +
					  s[SFLOW_DISCARD_SAMPLES] + s[SFLOW_RTMETRIC_SAMPLES] +
					  s[SFLOW_RTFLOW_SAMPLES] + s[SFLOW_SAMPLE_UNKNOWN] +
					  s[SFLOW_SAMPLE_SHORT] + s[SFLOW_RECORD_OVERRUN] +
					  s[SFLOW_RECORDS_MISSING] + s[SFLOW_RECORD_LENGTH] +
					  s[SFLOW_SAMPLE_VALUE_TYPE]);
}

/* Touch every byte, so that a sanitizer sees one that is not the datagram's. */
static void touch(const uint8_t *p, size_t len)
{
	static volatile uint8_t sink;

	for (size_t i = 0; i < len; i++)
		sink ^= p[i];
}

static void check_value(const struct sflow_record *r, const struct sflow_value *v)
{
	check(v->len == 0 || (v->bytes >= r->body && v->bytes + v->len <= r->body + r->len));
	touch(v->bytes, v->len);
}

/* Elements of a list, which was checked when it was read. */
static void check_list(
	const struct sflow_record *r, const struct sflow_field *f, const struct sflow_value *list)
{
	struct base_cursor c = base_cursor(list->bytes, list->len);
	struct sflow_value v;

	for (uint64_t i = 0; i < list->u; i++) {
		for (unsigned j = 0; j < f->of->count; j++) {
			check(sflow_field_read(&c, &f->of->list[j], &v));
			check_value(r, &v);
			if (f->of->list[j].of)
				check_list(r, &f->of->list[j], &v);
		}
	}
	check(base_cursor_left(&c) == 0);
}

/* The form of a record, and its fields: each within it, none behind the end. */
static void check_record(const struct sflow_record *r, const struct sflow_structure *st)
{
	const struct sflow_field *f;
	struct sflow_reader reader;
	struct sflow_value v;

	if (!st)
		return;
	st = sflow_structure_form(st, r->body, r->len);
	check(st && st->tag == r->tag);
	sflow_reader_init(&reader, st, r->body, r->len);
	while ((f = sflow_reader_next(&reader, &v))) {
		check(f == &st->fields[reader.next - 1] && v.type == f->type);
		check_value(r, &v);
		if (f->of)
			check_list(r, f, &v);
	}
	check(reader.next <= st->field_count && reader.at >= r->body);
	check(!sflow_reader_complete(&reader) || r->len >= st->min_len || reader.bare);
}

static void check_records(const struct sflow_sample *sample)
{
	struct sflow_sample s = *sample;
	struct sflow_record r;

	if (s.kind == SFLOW_KIND_RTMETRIC || s.kind == SFLOW_KIND_RTFLOW)
		return;
	while (sflow_record_next(&s, &r))
		check_record(&r, s.kind == SFLOW_KIND_COUNTER ? sflow_counter_structure(r.tag)
							      : sflow_flow_structure(r.tag));
}

/* Entries were checked when their sample was read. */
static void check_entries(const struct sflow_sample *s)
{
	struct base_cursor c = s->body;
	struct sflow_entry_cut cut;
	struct sflow_entry e;

	touch(s->name, s->name_len);
	for (uint32_t i = 0; i < s->records; i++) {
		check(sflow_entry_read(&c, s->kind, &e, &cut));
		touch(e.name, e.name_len);
		touch(e.value.bytes, e.value.len);
	}
	check(base_cursor_left(&c) == 0);
}

static void check_flow(struct sflow_sample *s, uint64_t *stats)
{
	struct sflow_flow f;
	uint32_t bytes;

	sflow_flow_read(s, &f, stats);
	check(!sflow_record_next(s, &(struct sflow_record){0}));
	if (f.has & SFLOW_HAS_HEADER)
		touch(f.header.data, f.header.len);
	if (f.has & SFLOW_HAS_ETHERNET)
		touch(f.ethernet, 24);
	if (f.has & SFLOW_HAS_IPV4)
		touch(f.ipv4, 32);
	if (f.has & SFLOW_HAS_IPV6)
		touch(f.ipv6, 56);
	if (f.has & SFLOW_HAS_SWITCH)
		touch(f.vlans, 16);
	check(sflow_flow_length(&f, &bytes) ==
		((f.has & (SFLOW_HAS_HEADER | SFLOW_HAS_ETHERNET | SFLOW_HAS_IPV4 |
				  SFLOW_HAS_IPV6)) != 0));
}

static void check_update(const struct metric_update *u)
{
	for (uint32_t i = 0; i < u->count; i++) {
		const char *text = u->pairs[i].text;

		check(u->pairs[i].name[0] != '\0');
		if (u->pairs[i].number)
			strtod(text, (char **)(uintptr_t)&text);
		for (; !u->pairs[i].number && *text; text++)
			check(*text >= ' ' && *text <= '~');
		check(*text == '\0');
	}
}

static void check_counter(const struct sflow_datagram *dg, const struct sflow_sample *s)
{
	struct base_region region = {0};
	struct metric_update u;
	struct metric_sample sample = {
		.agent = dg->agent,
		.sub_agent = dg->sub_agent,
		.uptime_ms = dg->uptime_ms,
		.time_ms = now_ms,
		.sample = *s,
	};

	if (metric_sample_add(store, &sample, &region, &u)) {
		added++;
		check_update(&u);
	}
	base_region_free(&region);
}

static void each(void *ctx, const struct metric_update *u)
{
	check_update(u);
	base_region_free(ctx);
}

static void check_store(void)
{
	const uint64_t *s = metric_store_stats(store);
	struct base_region region = {0};

	check(s[METRIC_SAMPLES] == added + s[METRIC_DUPLICATES] + s[METRIC_OUT_OF_ORDER] +
					   s[METRIC_SOURCES_FULL] + s[METRIC_AGENTS_FULL] +
					   s[METRIC_AGENT_SHARE] + s[METRIC_SAMPLES_LAST] +
					   s[METRIC_SOURCE_NAME]);
	check(metric_store_sources(store) <= SOURCES);
	metric_store_each(store, &region, each, &region);
	metric_store_expire(store, now_ms);
}

/* Records that are read while they are checked count as those that are read afterwards. */
static void check_one_walk(const uint8_t *data, size_t size)
{
	uint64_t once[SFLOW_STATS] = {0}, twice[SFLOW_STATS] = {0};
	struct sflow_datagram dg, again;
	struct sflow_sample s;
	struct sflow_flow flow, same;

	if (sflow_datagram_open(&dg, data, (uint32_t)size, once) < 0)
		return;
	sflow_datagram_open(&again, data, (uint32_t)size, twice);
	while (sflow_sample_next_flow(&dg, &s, &flow, once)) {
		check(sflow_sample_next(&again, &s, twice));
		if (s.kind != SFLOW_KIND_FLOW)
			continue;
		sflow_flow_read(&s, &same, twice);
		check(flow.has == same.has &&
			memcmp(flow.noted, same.noted, sizeof(same.noted)) == 0);
	}
	check(!sflow_sample_next(&again, &s, twice));
	check(memcmp(once, twice, sizeof(once)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct metric_limits limits = {
		.agents = SOURCES, .sources = SOURCES, .expire_ms = EXPIRE_MS};
	static uint64_t stats[SFLOW_STATS];
	struct sflow_datagram dg;
	struct sflow_sample s;

	if (!store)
		store = metric_store_create(&limits);
	check(store != NULL);
	now_ms += STEP_MS;
	sflow_datagram_open(&dg, data, (uint32_t)size, stats);
	while (sflow_sample_next(&dg, &s, stats)) {
		check(s.kind != SFLOW_KIND_UNKNOWN);
		check_records(&s);
		if (s.kind == SFLOW_KIND_COUNTER)
			check_counter(&dg, &s);
		else if (s.kind == SFLOW_KIND_RTMETRIC || s.kind == SFLOW_KIND_RTFLOW)
			check_entries(&s);
		if (s.kind == SFLOW_KIND_RTMETRIC)
			check_counter(&dg, &s);
		else
			check_flow(&s, stats);
	}
	check_datagrams(stats);
	check_store();
	check_one_walk(data, size);
	return 0;
}
