/* SPDX-License-Identifier: BSD-3-Clause */
#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Any text as keys (the first line), filter (the second), separator (the third), value and values
 * (the fourth and fifth; without them, bytes): refused with an
 * offset that is in the text, or compiled. What is compiled runs over samples of its kind that have much to say;
 * keys are no longer than they may be, and print as one line.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(int holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "flow: %s\n", what);
	abort();
}

/* The samples are made as unit tests make them, whose asserts are cmocka's. */
#define assert_true(x) need(x, #x)
#define assert_false(x) need(!(x), #x)
#define assert_non_null(x) need((x) != NULL, #x)
#define assert_int_equal(x, y) need((x) == (y), #x)
#define assert_string_equal(x, y) need(strcmp(x, y) == 0, #x)
#define fail_msg(...) need(0, "failed")
#include "../unit/flow/rich_sample.h"

#include "flow/custom.h"
#include "flow/filter.h"
#include "flow/late.h"

enum { SAMPLES = 7, LINES = 5, KEY_TEXT = 4096 };

static const char dns_hex[] = "020000000002 020000000001 86dd "
			      "60000000 0031 11 40 20010db8000000000000000000000001 "
			      "20010db8000000000000000000000002 "
			      "0035 d431 0031 0000 1234 8180 0001 0000 0000 0000 "
			      "03777777 05696e6d6f6e 03636f6d 00 0001 0001";

static void open_dns(struct sampled *s)
{
	struct wire header = wire_hex(dns_hex);

	sampled_open(s);
	sampled_add(s, bytes_header(&s->records, 1, 120, 0, header.bytes, header.len));
	sampled_read(s);
}

static void open_fields(struct sampled *s)
{
	struct bytes_ip ip = {.length = 100, .protocol = 17, .source_port = 53};

	ip.source = bytes_parse_addr("10.0.0.1");
	ip.destination = bytes_parse_addr("10.0.0.2");
	sampled_open(s);
	sampled_add(s, bytes_ip(&s->records, &ip));
	sampled_add(s, bytes_switch(&s->records, 10, 0, UINT32_MAX, 0));
	sampled_read(s);
}

/* A custom flow: a string, an address and a number. */
static void open_custom(struct sampled *s)
{
	enum { STRING = 0, IP = 2, INT64 = 5 };
	uint64_t stats[SFLOW_STATS] = {0};
	struct sflow_datagram dg;
	uint32_t start;

	sampled_open(s);
	bytes_datagram(&s->w, &s->agent, 0, 1, 1000, 1);
	start = wire_open(&s->w, SFLOW_RTFLOW);
	wire_string(&s->w, "web1");
	wire_u32(&s->w, 10);
	wire_u32(&s->w, 0);
	wire_u32(&s->w, 3);
	wire_string(&s->w, "a");
	wire_u32(&s->w, STRING);
	wire_string(&s->w, "/a,b\n");
	wire_string(&s->w, "i");
	wire_u32(&s->w, IP);
	wire_u32(&s->w, 0x0A000001);
	wire_string(&s->w, "n");
	wire_u32(&s->w, INT64);
	wire_u32(&s->w, 1);
	wire_u32(&s->w, 0);
	wire_close(&s->w, start);
	s->bytes = wire_copy(&s->w);
	assert_int_equal(sflow_datagram_open(&dg, s->bytes, s->w.len, stats), 0);
	assert_true(sflow_sample_next(&dg, &s->sample, stats));
	assert_int_equal(s->sample.kind, SFLOW_KIND_RTFLOW);
}

static const struct sampled *samples(void)
{
	static struct sampled s[SAMPLES];
	static char url[400];

	if (s[0].bytes)
		return s;
	memset(url, 'a', sizeof(url) - 1);
	rich_open(&s[0], "http://ann:pw@[2001:db8::1]:8080/a/./b/../c//d.tar.gz?q=1&r#top");
	rich_open(&s[1], "/");
	rich_open(&s[2], url);
	open_dns(&s[3]);
	open_fields(&s[4]);
	sampled_open(&s[5]);
	sampled_read(&s[5]);
	open_custom(&s[6]);
	return s;
}

static void check_error(const struct flow_spec *spec, const struct flow_error *e)
{
	const char *text = spec->keys;

	need(e->in != FLOW_ERROR_NAME, "a mistake where there is none");
	if (e->in == FLOW_ERROR_VALUE)
		text = spec->value;
	if (e->in == FLOW_ERROR_VALUES)
		text = spec->values;
	if (e->in == FLOW_ERROR_FILTER)
		text = spec->filter;
	if (e->in == FLOW_ERROR_FS)
		text = spec->fs;
	need(e->offset <= strlen(text), "an offset that is not in the text");
	need(e->text[0] != '\0', "an error without a sentence");
}

static void check_key(const struct flow_plan *plan, const uint8_t *key, unsigned len)
{
	char text[KEY_TEXT];
	struct base_text t = base_text(text, sizeof(text));

	flow_key_print(plan, &plan->definitions[0], key, len, &t);
	need(!t.cut, "a key whose text is longer than it can be");
	for (size_t i = 0; i < t.len; i++)
		need(isprint((unsigned char)text[i]), "a key that is no line");
}

/* Names that are short, long, or not there. */
static bool find_name(void *ctx, const struct base_addr *addr, struct base_text *name)
{
	unsigned last = addr->bytes[base_addr_len(addr) - 1];

	if (last == 1)
		base_text_printf(name, "a.example.");
	else if (last == 2)
		base_text_printf(name, "%0200d.example.", 7);
	return last == 1 || last == 2;
}

static void check_late(const struct flow_plan *plan, const uint8_t *key, unsigned len)
{
	static struct flow_late_scratch scratch;
	const struct flow_names names = {.find = find_name};
	uint8_t made[FLOW_KEY_BYTES], *raw = malloc(len ? len : 1);
	int made_len;

	need(raw != NULL, "no memory");
	memcpy(raw, key, len);
	made_len = flow_late_key(plan, &plan->definitions[0], &names, raw, len, &scratch, made);
	need(made_len <= FLOW_KEY_BYTES, "a key made at merge that is too long");
	if (made_len >= 0)
		check_key(plan, made, (unsigned)made_len);
	free(raw);
}

static void run(const struct flow_plan *plan, const struct sampled *s, struct flow_scratch *scratch)
{
	const struct flow_definition *d = &plan->definitions[0];
	uint8_t key[FLOW_KEY_BYTES];
	struct flow_fields fields;
	uint64_t number;
	int len;

	if (d->kind != s->sample.kind)
		return;
	memset(&fields, 0xA5, sizeof(fields)); /* no pointer, for who reads what is not extracted */
	if (d->kind == SFLOW_KIND_FLOW)
		flow_extract(plan, &s->agent, &s->sample, &s->flow, &fields);
	else
		flow_extract_custom(plan, &s->agent, &s->sample, &s->flow, &fields);
	flow_scratch_sample(scratch);
	if (d->filter)
		flow_filter_accepts(d->filter, plan, fields.value, scratch);
	len = flow_key_build(d, plan, &fields, key);
	need(len <= FLOW_KEY_BYTES, "a key that is too long");
	need(len < 0 || !d->width || (unsigned)len == d->width, "a key of another width");
	if (len >= 0 && d->late)
		check_late(plan, key, (unsigned)len);
	else if (len >= 0)
		check_key(plan, key, (unsigned)len);
	for (unsigned i = 0; i < d->value_count; i++)
		flow_value_of(&d->values[i], &s->sample, &s->flow, &fields, &number);
}

/* Each line, of just its length, so that a sanitizer sees a read behind it. */
static void split(const uint8_t *data, size_t size, char *lines[LINES])
{
	for (unsigned i = 0; i < LINES; i++) {
		const uint8_t *end = i + 1 < LINES ? memchr(data, '\n', size) : NULL;
		size_t len = end ? (size_t)(end - data) : size;

		lines[i] = strndup((const char *)data, len);
		data += len;
		size -= len;
		if (size > 0) {
			data++;
			size--;
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct sampled *s = samples();
	struct flow_scratch scratch;
	struct flow_plan *plan;
	struct flow_spec spec = {.name = "a", .value = "bytes", .n = 1, .t = 2};
	struct flow_error e;
	char *lines[LINES];

	split(data, size, lines);
	spec.keys = lines[0];
	spec.filter = lines[1];
	spec.fs = lines[2];
	if (*lines[3])
		spec.value = lines[3];
	spec.values = lines[4];
	need(flow_scratch_init(&scratch) == 0, "no memory");
	plan = flow_compile(&spec, 1, NULL, &e);
	if (!plan)
		check_error(&spec, &e);
	for (unsigned i = 0; plan && i < SAMPLES; i++)
		run(plan, &s[i], &scratch);
	flow_plan_free(plan);
	flow_scratch_fini(&scratch);
	for (unsigned i = 0; i < LINES; i++)
		free(lines[i]);
	return 0;
}
