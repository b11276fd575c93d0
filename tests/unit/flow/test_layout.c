/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flow/filter.h"
#include "sampled_packet.h"

/* What is known of a header's shape gives the same keys, values and outcomes as reading it all. */

enum { ROUNDS = 20000, LONGEST = 128 };

static const struct flow_spec specs[] = {
	{.name = "five",
		.value = "bytes",
		.keys = "ipsource,ipdestination,ipprotocol,tcpsourceport,tcpdestinationport"},
	{.name = "turned", .value = "bytes", .keys = "tcpdestinationport,ipdestination,ipsource"},
	{.name = "udp6", .value = "frames", .keys = "ip6source,ip6destination,udpsourceport"},
	{.name = "macs", .value = "bytes", .keys = "macsource,macdestination,ethernetprotocol"},
	{.name = "tagged", .value = "bytes", .keys = "vlan,priority,ipsource"},
	{.name = "next", .value = "bytes", .keys = "ip6nexthdr,ip6source"},
	{.name = "bits", .value = "bytes", .keys = "ipdscp,tcpflags,ipttl"},
	{.name = "inner", .value = "bytes", .keys = "ipsource.1,ipdestination"},
	{.name = "mixed", .value = "bytes", .keys = "inputifindex,ipsource,agent"},
	{.name = "called",
		.value = "bytes",
		.keys = "mask:ipsource:24,or:tcpsourceport:udpsourceport"},
	{.name = "null", .value = "bytes", .keys = "null:vlan:none,stack"},
	{.name = "numbers",
		.value = "avg:ipttl",
		.values = "max:tcpwindow,count:ipsource",
		.keys = "ipdestination"},
	{.name = "filtered",
		.value = "bytes",
		.keys = "ipsource",
		.filter = "ipprotocol=6&(tcpdestinationport=80,443|vlan!=null)"},
	{.name = "none", .value = "bytes", .keys = ""},
};
enum { SPECS = sizeof(specs) / sizeof(specs[0]) };

static struct flow_plan *compile(unsigned first, unsigned count)
{
	struct flow_spec list[SPECS];
	struct flow_error error;
	struct flow_plan *plan;

	for (unsigned i = 0; i < count; i++) {
		list[i] = specs[first + i];
		list[i].n = 10;
		list[i].t = 2;
		list[i].capacity = 100;
	}
	plan = flow_compile(list, count, NULL, &error);
	if (!plan)
		fail_msg("%s", error.text);
	return plan;
}

/* As if nothing was known of any shape. */
static void forget(struct flow_plan *plan)
{
	for (unsigned shape = 1; shape < PACKET_SHAPES; shape++) {
		plan->layouts[shape] = plan->layouts[PACKET_SHAPE_NONE];
		for (unsigned i = 0; i < plan->definition_count; i++)
			plan->definitions[i].recipes[shape] =
				plan->definitions[i].recipes[PACKET_SHAPE_NONE];
	}
}

/* All that a definition makes of a sample. */
struct outcome {
	bool accepted;
	int len;
	uint8_t key[FLOW_KEY_BYTES];
	bool there[FLOW_VALUES];
	uint64_t number[FLOW_VALUES];
};

static void read_values(const struct flow_definition *d, const struct sflow_sample *sample,
	const struct sflow_flow *flow, const struct flow_fields *fields, struct outcome *o)
{
	for (unsigned i = 0; i < d->value_count; i++) {
		o->there[i] = flow_value_of(&d->values[i], sample, flow, fields, &o->number[i]);
		if (!o->there[i])
			o->number[i] = 0;
	}
}

/* A key and its hash in one step are those of two. */
static void check_hashed(
	const struct flow_recipe *r, const struct flow_fields *fields, const struct outcome *o)
{
	static struct base_hash hash;
	uint8_t key[FLOW_KEY_BYTES];

	if (!r->hashed)
		return;
	assert_int_equal(base_hash_init(&hash), 0);
	assert_true(flow_key_pick_hash(r, fields->header, key, &hash) ==
		    base_hash_bytes(&hash, o->key, r->len));
	assert_memory_equal(key, o->key, r->len);
}

/* A header that answers a filter does so as its fields do. */
static void check_asked(const struct flow_plan *plan, const struct flow_definition *d,
	const struct flow_fields *fields, const struct outcome *o)
{
	const struct flow_recipe *r = &d->recipes[fields->shape];

	if (r->asked)
		assert_int_equal(
			flow_filter_accepts_header(d->filter, plan, r->asked, fields->header),
			o->accepted);
}

static void run(const struct flow_plan *plan, const struct sflow_flow *flow,
	struct flow_scratch *scratch, struct outcome *o)
{
	const struct sflow_sample sample = {
		.source.index = 3, .sampling_rate = 10, .input.value = 3, .output.value = 4};
	const struct base_addr agent = bytes_parse_addr("192.0.2.10");
	static struct flow_fields fields; /* what an earlier sample left must not show */

	memset(o, 0, plan->definition_count * sizeof(*o));
	flow_extract(plan, &agent, &sample, flow, &fields);
	for (unsigned i = 0; i < plan->definition_count; i++) {
		const struct flow_definition *d = &plan->definitions[i];
		size_t used;

		o[i].accepted =
			!d->filter || flow_filter_accepts(d->filter, plan, fields.value, scratch);
		o[i].len = flow_key_build(d, plan, &fields, o[i].key);
		used = o[i].len < 0 ? 0 : (size_t)o[i].len;
		memset(o[i].key + used, 0, sizeof(o[i].key) - used);
		read_values(d, &sample, flow, &fields, &o[i]);
		check_hashed(&d->recipes[fields.shape], &fields, &o[i]);
		check_asked(plan, d, &fields, &o[i]);
	}
}

static void put16(uint8_t *p, unsigned v)
{
	base_put_u16(p, (uint16_t)v);
}

static unsigned one_of(const unsigned *from, unsigned count)
{
	return from[(unsigned)rand() % count];
}

/* Random, with what makes a shape, or nearly. */
static uint32_t random_header(uint8_t data[LONGEST])
{
	static const unsigned ports[] = {80, 443, 53, 4789, 1234}, protocols[] = {6, 6, 17, 17, 1};
	uint8_t *at = data + 12;
	bool six = rand() % 2;

	for (unsigned i = 0; i < LONGEST; i++)
		data[i] = (uint8_t)rand();
	if (rand() % 3 == 0) {
		put16(at, 0x8100);
		at += 4;
	}
	put16(at, six ? 0x86DD : 0x0800);
	at += 2;
	at[0] = six ? 0x60 : rand() % 8 ? 0x45 : 0x46;
	if (!six)
		put16(at + 6, rand() % 8 ? 0x4000 : 0x2001);
	at[six ? 6 : 9] = (uint8_t)one_of(protocols, 5);
	at += six ? 40 : (at[0] & 15) * 4;
	put16(at, one_of(ports, 5));
	put16(at + 2, one_of(ports, 5));
	return rand() % 4 ? LONGEST : (uint32_t)rand() % (LONGEST + 1);
}

static void compare(unsigned first, unsigned count)
{
	struct flow_plan *plan = compile(first, count), *slow = compile(first, count);
	struct flow_scratch scratch = {0};
	unsigned shaped = 0;

	forget(slow);
	assert_int_equal(flow_scratch_init(&scratch), 0);
	for (unsigned i = 0; i < ROUNDS; i++) {
		uint8_t data[LONGEST], *exact;
		uint32_t len = random_header(data);
		struct sflow_flow flow = {.has = SFLOW_HAS_HEADER};
		static struct outcome got[SPECS], want[SPECS];

		exact = malloc(len ? len : 1);
		assert_non_null(exact);
		memcpy(exact, data, len);
		flow.header = (struct sflow_header){
			.protocol = 1, .frame_length = 1000, .len = len, .data = exact};
		shaped += packet_shape(exact, len, 1) != PACKET_SHAPE_NONE;
		run(plan, &flow, &scratch, got);
		run(slow, &flow, &scratch, want);
		assert_memory_equal(got, want, count * sizeof(*got));
		free(exact);
	}
	assert_in_range(shaped, ROUNDS / 10, ROUNDS * 9 / 10);
	flow_scratch_fini(&scratch);
	flow_plan_free(slow);
	flow_plan_free(plan);
}

static void test_each(void **state)
{
	(void)state;
	srand(1);
	for (unsigned i = 0; i < SPECS; i++)
		compare(i, 1);
}

static void test_together(void **state)
{
	(void)state;
	srand(2);
	compare(0, SPECS);
}

/* Keys that lie in the header are picked out of it, in as few pieces as there can be. */
static void test_picks(void **state)
{
	struct flow_plan *plan = compile(0, 1);
	const struct flow_recipe *r = plan->definitions[0].recipes;

	(void)state;
	assert_int_equal(r[PACKET_SHAPE_NONE].kind, FLOW_RECIPE_FIELDS);
	assert_int_equal(r[1].kind, FLOW_RECIPE_PICK);
	assert_int_equal(r[1].len, 13);
	assert_int_equal(r[1].count, 1);
	assert_int_equal(plan->layouts[1].count, 0);
	assert_false(plan->layouts[1].need_packet);
	assert_int_equal(r[1 + PACKET_SHAPE_UDP].kind, FLOW_RECIPE_ABSENT);
	assert_int_equal(r[1 + PACKET_SHAPE_IP6].kind, FLOW_RECIPE_ABSENT);
	flow_plan_free(plan);
}

/* The instruction that picks does what plain C does. */
static void test_pick_alike(void **state)
{
	uint8_t from[FLOW_PICK], got[FLOW_PICK], want[FLOW_PICK];
	struct flow_pick pick = {.from = 0};

	(void)state;
	srand(3);
	for (unsigned round = 0; round < 1000; round++) {
		for (unsigned i = 0; i < FLOW_PICK; i++) {
			from[i] = (uint8_t)rand();
			pick.which[i] = (uint8_t)(rand() % FLOW_PICK);
		}
		flow_pick(&pick, from, got);
		flow_pick_plain(&pick, from, want);
		assert_memory_equal(got, want, FLOW_PICK);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each),
		cmocka_unit_test(test_together),
		cmocka_unit_test(test_picks),
		cmocka_unit_test(test_pick_alike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
