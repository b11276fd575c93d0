/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flow/custom.h"
#include "sampled_packet.h"

enum { STRING, MAC, IP, IP6, INT32, INT64, FLOAT, DOUBLE };

/* A custom sample of one entry after another, read as the RX core reads it. */
struct custom {
	struct wire entries, w;
	uint32_t count;
	uint8_t *bytes;
	struct sflow_sample sample;
	struct sflow_flow none;
	struct base_addr agent;
};

static void add(struct custom *c, const char *name, uint32_t type)
{
	wire_string(&c->entries, name);
	wire_u32(&c->entries, type);
	c->count++;
}

static void add_words(
	struct custom *c, const char *name, uint32_t type, uint32_t high, uint32_t low)
{
	add(c, name, type);
	if (type != INT32 && type != FLOAT && type != IP)
		wire_u32(&c->entries, high);
	wire_u32(&c->entries, low);
}

static void read_sample(struct custom *c, const char *source)
{
	uint64_t stats[SFLOW_STATS] = {0};
	struct sflow_datagram dg;
	uint32_t start;

	c->agent = bytes_parse_addr("192.0.2.10");
	bytes_datagram(&c->w, &c->agent, 0, 1, 1000, 1);
	start = wire_open(&c->w, SFLOW_RTFLOW);
	wire_string(&c->w, source);
	wire_u32(&c->w, 10);
	wire_u32(&c->w, 0);
	wire_u32(&c->w, c->count);
	memcpy(c->w.bytes + c->w.len, c->entries.bytes, c->entries.len);
	c->w.len += c->entries.len;
	wire_close(&c->w, start);
	c->bytes = wire_copy(&c->w);
	assert_int_equal(sflow_datagram_open(&dg, c->bytes, c->w.len, stats), 0);
	assert_true(sflow_sample_next(&dg, &c->sample, stats));
	assert_int_equal(c->sample.kind, SFLOW_KIND_RTFLOW);
}

static void open_all(struct custom *c)
{
	memset(c, 0, sizeof(*c));
	add(c, "url", STRING);
	wire_string(&c->entries, "/a,b");
	add(c, "empty", STRING);
	wire_string(&c->entries, "");
	add_words(c, "hw", MAC, 0x02000000, 0x00010000);
	add_words(c, "addr", IP, 0, 0xC0000201);
	add(c, "addr6", IP6);
	for (unsigned i = 0; i < 4; i++)
		wire_u32(&c->entries, i == 0 ? 0x20010DB8 : i == 3);
	add_words(c, "small", INT32, 0, 7);
	add_words(c, "big", INT64, 1, 0);
	add_words(c, "float", FLOAT, 0, 0x3FC00000);     /* 1.5 */
	add_words(c, "double", DOUBLE, 0x40590000, 0);   /* 100 */
	add_words(c, "negative", DOUBLE, 0xC0590000, 0); /* -100 */
	add_words(c, "nan", DOUBLE, 0x7FF80000, 0);
	add_words(c, "huge", DOUBLE, 0x7FE00000, 0);
	add_words(c, "small", INT32, 0, 8); /* the first counts */
	read_sample(c, "web1");
}

static void check(const struct custom *c, const char *key, const char *want)
{
	struct flow_plan *plan = plan_of(key, "frames");
	const struct flow_definition *d = &plan->definitions[0];
	uint8_t bytes[FLOW_KEY_BYTES];
	struct flow_fields fields;
	char text[300];
	struct base_text t = base_text(text, sizeof(text));
	int len;

	assert_int_equal(d->kind, SFLOW_KIND_RTFLOW);
	assert_int_equal(d->every, SFLOW_KIND_RTFLOW);
	assert_true(plan->need_customs);
	flow_extract_custom(plan, &c->agent, &c->sample, &c->none, &fields);
	len = flow_key_build(d, plan, &fields, bytes);
	if ((len >= 0) != (want != NULL))
		fail_msg("%s: %s", key, want ? "absent" : "there");
	if (want) {
		flow_key_print(plan, d, bytes, (unsigned)len, &t);
		assert_string_equal(text, want);
	}
	flow_plan_free(plan);
}

static void test_keys(void **state)
{
	static const struct {
		const char *key, *text;
	} rows[] = {
		{"rt:url", "/a,b"},
		{"rt:url:string", "/a,b"},
		{"rt:url:ip", NULL},
		{"rt:empty", NULL},
		{"rt:nothing", NULL},
		{"null:[rt:nothing]:none", "none"},
		{"rt:hw:mac", "020000000001"},
		{"rt:hw", "020000000001"},
		{"rt:hw:string", NULL},
		{"rt:addr:ip", "192.0.2.1"},
		{"rt:addr", "192.0.2.1"},
		{"rt:addr:ip6", NULL},
		{"rt:addr6:ip6", "2001:DB8::1"},
		{"rt:addr6", "2001:DB8::1"},
		{"rt:small", "7"},
		{"rt:small:int32", "7"},
		{"rt:small:int64", "7"},
		{"rt:small:double", "7"},
		{"rt:small:string", NULL},
		{"rt:big:int64", "4294967296"},
		{"rt:big:int32", NULL},
		{"rt:big", "4294967296"},
		{"rt:float:float", "2"},
		{"rt:float:double", "2"},
		{"rt:float:int64", NULL},
		{"rt:float", "2"},
		{"rt:double:double", "100"},
		{"rt:negative:double", NULL},
		{"rt:nan:double", NULL},
		{"rt:huge:double", NULL},
		{"rt:huge", NULL},
		{"rtdatasource,agent,frames,requests,rt:small", "web1,192.0.2.10,1,1,7"},
		{"rt:small,ipsource", NULL},
		{"rt:small,datasource", NULL},
		{"or:ipsource:[rt:addr:ip]", "192.0.2.1"},
		{"mask:[rt:addr:ip]:8", "192.0.0.0"},
		{"prefix:[rt:url]:/:2", "/a,b"},
	};
	struct custom c;

	open_all(&c);
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check(&c, rows[i].key, rows[i].text);
	free(c.bytes);
}

/* No sample of a packet has them. */
static void test_packet(void **state)
{
	struct flow_plan *plan = plan_of("rt:small,rtdatasource,agent", "frames");
	struct flow_fields fields;
	struct sampled s;

	sampled_open(&s);
	sampled_read(&s);
	flow_extract(plan, &s.agent, &s.sample, &s.flow, &fields);
	assert_null(fields.value[0].p);
	assert_null(fields.value[1].p);
	assert_non_null(fields.value[2].p);
	sampled_close(&s);
	flow_plan_free(plan);
}

static void bad(const struct flow_spec *spec, const char *want)
{
	struct flow_error e;

	assert_null(flow_compile(spec, 1, NULL, &e));
	assert_string_equal(e.text, want);
}

#define SPEC(...)                                                                                  \
	&(struct flow_spec)                                                                        \
	{                                                                                          \
		.name = "bad", .capacity = 100, __VA_ARGS__                                        \
	}

static void test_errors(void **state)
{
	struct flow_plan *plan;

	bad(SPEC(.keys = "rt", .value = "frames"), "\"rt\" is a function; write rt:NAME[:TYPE]");
	bad(SPEC(.keys = "rt:", .value = "frames"),
		"a field of a custom flow has 1 to 64 letters, digits, _ . or -");
	bad(SPEC(.keys = "rt:a b", .value = "frames"),
		"a field of a custom flow has 1 to 64 letters, digits, _ . or -");
	bad(SPEC(.keys = "rt:a:int", .value = "frames"),
		"\"int\" is no type of a custom flow's field; write one of "
		"string, mac, ip, ip6, int32, int64, float, double");
	bad(SPEC(.keys = "rt:a:int32:b", .value = "frames"),
		"\"rt\" has too many arguments; write rt:NAME[:TYPE]");
	bad(SPEC(.keys = "rt:a", .value = "frames", .dropped = true),
		"a definition with dropped counts discarded packets, and has keys of custom flows "
		"(rt:), which are none");
	bad(SPEC(.keys = "latency", .value = "frames"),
		"no key is called \"latency\"; docs/keys.rst lists them, and a field of custom "
		"flows is written rt:latency");
	bad(SPEC(.keys = "", .value = "rt:a"),
		"rate takes a number, and \"rt:a\" is none; only count takes any key");
	/* What the keys say nothing of, value and filter may. */
	plan = plan_of("", "avg:rt:latency:double");
	assert_int_equal(plan->definitions[0].kind, SFLOW_KIND_RTFLOW);
	flow_plan_free(plan);
}

static void test_names(void **state)
{
	assert_true(flow_custom_source("web1", 4));
	assert_true(flow_custom_source("web-1.example:80/x", 18));
	assert_false(flow_custom_source("", 0));
	assert_false(flow_custom_source("1web", 4));
	assert_false(flow_custom_source("a b", 3));
	assert_false(flow_custom_source("a,b", 3));
	assert_false(flow_custom_source("a\"b", 3));
	assert_false(flow_custom_source("a\xFF", 2));
}

/* Names and types as they are; more than there is room for, or none that a key can have, are not. */
static void test_noted(void **state)
{
	struct flow_customs *seen = calloc(1, sizeof(*seen));
	char text[100];
	struct base_text t = base_text(text, sizeof(text));
	struct custom c;

	open_all(&c);
	for (unsigned i = 0; i < 1000; i++)
		flow_customs_note(seen, &c.sample);
	assert_in_range(seen->looks, 16, 30);
	assert_int_equal(seen->count, 12);
	flow_custom_print(&seen->list[0], &t);
	assert_string_equal(text, "rt:url:string");
	free(c.bytes);
	memset(&c, 0, sizeof(c));
	for (unsigned i = 0; i < 100; i++) {
		char name[8] = {(char)('a' + i % 26), (char)('a' + i / 26), i % 10 ? 0 : '!'};

		add_words(&c, name, INT32, 0, i);
	}
	read_sample(&c, "x");
	seen->skip = 0;
	flow_customs_note(seen, &c.sample);
	assert_int_equal(seen->count, FLOW_CUSTOMS);
	free(c.bytes);
	free(seen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_packet),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_noted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
