/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "metric/news.h"
#include "sample.h"

/* What a copy of the store elsewhere would be told. */

static const struct interface plain = {
	.speed = 1000000000, .type = 6, .direction = 1, .status = 3, .in_octets = 5000};

static const struct metric_source *source(const struct fixture *f)
{
	return metric_slot_source(f->store, 0);
}

struct found {
	const char *name;
	bool there, changed;
	uint32_t sample, before;
	char text[64];
};

static void note(void *ctx, const struct metric_news *n)
{
	struct found *found = ctx;
	struct base_text t;

	if (strcmp(n->name, found->name) != 0)
		return;
	t = base_text(found->text, sizeof(found->text));
	found->there = true;
	found->changed = n->changed;
	found->sample = n->sample;
	found->before = n->before;
	if (n->went)
		base_text_add(&t, "gone", 4);
	else
		metric_news_print(n, &t);
}

/* "VALUE sample/before", with a * where it has changed; "gone" is a value too; "-": no news of it. */
static void assert_news(struct fixture *f, const char *name, uint32_t since, const char *want)
{
	struct found found = {.name = name};
	char got[128] = "-";

	metric_source_news(f->store, source(f), since, note, &found);
	if (found.there)
		snprintf(got, sizeof(got), "%s %u/%u%s", found.text, found.sample, found.before,
			found.changed ? "*" : "");
	assert_string_equal(got, want);
}

static void test_changes(void **state)
{
	struct fixture *f = *state;
	struct interface port = plain;

	fixture_interface(f, &port);
	assert_news(f, "ifspeed", 0, "1000000000 1/0*");
	assert_news(f, "ifinoctets", 0, "gone 1/0*"); /* no rate yet: nobody may have one */
	fixture_step(f, 1000);
	port.in_octets += 1000;
	fixture_interface(f, &port);
	assert_news(f, "ifspeed", 1, "1000000000 2/1");
	assert_news(f, "ifinoctets", 1, "1000 2/1*"); /* it came */
	assert_news(f, "ifinutilization", 1, "0.0008 2/1*");
	assert_news(f, "ifinoctets", 2, "-");
	fixture_step(f, 1000);
	port.in_octets += 1000;
	port.status = 1;
	fixture_interface(f, &port);
	assert_news(f, "ifinoctets", 2, "1000 3/2");
	assert_news(f, "ifinutilization", 2, "0.0008 3/2");
	assert_news(f, "ifadminstatus", 2, "up 3/2*"); /* both are bits of one field */
	assert_news(f, "ifoperstatus", 2, "down 3/2*");
	assert_news(f, "iftype", 2, "ethernetCsmacd 3/2");
	fixture_step(f, 1000);
	port.speed = 100000000; /* what is made of it changes, though the rate does not */
	port.in_octets += 1000;
	fixture_interface(f, &port);
	assert_news(f, "ifinoctets", 3, "1000 4/3");
	assert_news(f, "ifinutilization", 3, "0.008 4/3*");
	assert_int_equal(metric_source_samples(source(f)), 4);
	assert_int_equal(metric_source_time_ms(source(f)), f->time_ms);
}

/* What a record no longer has: told to whom may have it, and only once. */
static void test_went(void **state)
{
	struct fixture *f = *state;
	struct interface port = plain;

	port.in_ucast = 1;
	fixture_interface(f, &port);
	fixture_step(f, 1000);
	port.in_octets += 1000;
	port.in_ucast += 10;
	fixture_interface(f, &port);
	assert_news(f, "ifinucastpkts", 1, "10 2/1*");
	fixture_step(f, 1000);
	port.in_octets += 1000;
	port.in_ucast = UINT32_MAX; /* unknown */
	fixture_interface(f, &port);
	assert_news(f, "ifinucastpkts", 2, "gone 3/0*");
	assert_news(f, "ifinpkts", 2, "gone 3/0*"); /* it is made of that */
	assert_news(f, "ifinoctets", 2, "1000 3/2");
	assert_news(f, "ifinucastpkts", 3, "-");
	fixture_step(f, 1000);
	port.in_octets = 10; /* stepped back */
	port.speed = 0;
	fixture_interface(f, &port);
	assert_news(f, "ifinoctets", 3, "gone 4/0*");
	assert_news(f, "ifinutilization", 3, "gone 4/0*");
	assert_news(f, "ifinucastpkts", 3, "-");         /* it had gone */
	assert_news(f, "ifinucastpkts", 2, "gone 4/0*"); /* who has not seen that it went */
	assert_news(f, "ifspeed", 3, "0 4/3*");
	fixture_step(f, 1000);
	port.in_octets += 1000;
	fixture_interface(f, &port);
	assert_news(f, "ifinoctets", 4, "1000 5/4*");
	assert_news(
		f, "ifinutilization", 4, "-"); /* of a speed that nobody knows: there was none */
	assert_news(f, "ifinutilization", 0, "gone 5/0*");
}

/* Records that come in turn: each has its own news. */
static void test_structures(void **state)
{
	struct fixture *f = *state;
	struct wire w = {.len = 0};
	uint32_t start = wire_open(&w, SFLOW_TAG(0, 2003));

	for (unsigned i = 0; i < 17; i++)
		wire_u32(&w, 7);
	wire_close(&w, start);
	fixture_interface(f, &plain);
	fixture_step(f, 1000);
	fixture_add(f, &w, 1);
	assert_news(f, "ifspeed", 1, "-");
	assert_news(f, "cpu_num", 1, "7 2/0*");
	fixture_step(f, 1000);
	fixture_interface(f, &plain);
	fixture_step(f, 1000);
	fixture_add(f, &w, 1);
	assert_news(f, "ifspeed", 2, "1000000000 3/1");
	assert_news(f, "cpu_num", 2, "7 4/2");
	assert_news(f, "cpu_num", 3, "7 4/2");
	assert_news(f, "ifspeed", 3, "-");
	assert_news(f, "interrupts", 0, "0 4/2*");
	for (unsigned i = 0; i < 3; i++) { /* the other one no longer comes */
		fixture_step(f, 30000);
		fixture_interface(f, &plain);
	}
	assert_news(f, "cpu_num", 6, "gone 7/0*");
	assert_news(f, "interrupts", 6, "gone 7/0*");
	assert_news(f, "ifspeed", 6, "1000000000 7/6");
	assert_news(f, "cpu_num", 7, "-");
	assert_news(f, "cpu_num", 0, "gone 7/0*");
	fixture_step(f, 1000);
	fixture_add(f, &w, 1);
	assert_news(f, "cpu_num", 7, "7 8/0*");
	assert_news(f, "interrupts", 7, "gone 8/0*");
}

/* A value that another record of the source has too does not go with one. */
static void test_same_name(void **state)
{
	struct fixture *f = *state;
	struct wire older = {.len = 0}, newer = {.len = 0};

	wire_record(&older, SFLOW_TAG(0, 2200), 36);
	wire_record(&newer, SFLOW_TAG(0, 2204), 35);
	fixture_add(f, &newer, 1);
	for (unsigned i = 0; i < 5; i++) {
		fixture_step(f, 30000);
		fixture_add(f, i ? &newer : &older, 1);
	}
	assert_news(f, "memcache_uptime", 0, "gone 5/0*");
	assert_news(f, "memcache_curr_items", 0, "0 6/5");
}

static void add_gauge(struct wire *w, const char *name)
{
	wire_string(w, name);
	wire_u32(w, 3);
	wire_u32(w, 1);
}

/* Custom metrics that no longer come: their names stay, of many those that went last. */
static void test_custom(void **state)
{
	enum { LIMIT = 16 }; /* of the store */
	struct fixture *f = *state;
	struct wire often = {.len = 0};

	add_gauge(&often, "often");
	for (unsigned i = 0; i <= LIMIT; i++) {
		char name[] = {'m', (char)('a' + i), '\0'};
		struct wire w = {.len = 0};

		add_gauge(&w, name);
		fixture_custom(f, "x", &w, 1);
		for (unsigned j = 0; j < 3; j++) {
			fixture_step(f, 30000);
			fixture_custom(f, "x", &often, 1);
		}
	}
	assert_news(f, "mb", 7, "gone 8/0*");
	assert_news(f, "mb", 8, "-");
	assert_news(f, "mq", 0, "gone 68/0*");
	assert_news(f, "ma", 0, "-"); /* one too many */
	assert_news(f, "often", 67, "1 68/67");
	often.len = 0;
	add_gauge(&often, "mb");
	fixture_step(f, 1000);
	fixture_custom(f, "x", &often, 1);
	assert_news(f, "mb", 0, "1 69/0*");
	assert_news(f, "mc", 0, "gone 12/0*");
	assert_news(f, "mq", 0, "gone 68/0*");
}

/* A custom counter that stepped back is there, without a rate. */
static void test_custom_rate(void **state)
{
	static const uint32_t values[] = {10, 20, 5, 4, 14};
	static const char *const want[] = {"gone 1/0*", "10 2/1*", "gone 3/2*", "-", "10 5/4*"};
	struct fixture *f = *state;

	for (uint32_t i = 0; i < 5; i++) {
		struct wire w = {.len = 0};

		wire_string(&w, "n");
		wire_u32(&w, 1);
		wire_u32(&w, values[i]);
		fixture_custom(f, "x", &w, 1);
		assert_news(f, "n", i, want[i]);
		fixture_step(f, 1000);
	}
}

static void test_slots(void **state)
{
	struct fixture *f = *state;
	uint32_t version, born;

	assert_int_equal(metric_slot_count(f->store), 0);
	fixture_interface(f, &plain);
	assert_int_equal(metric_slot_count(f->store), 1);
	assert_int_equal(metric_source_slot(source(f)), 0);
	version = metric_slot_version(f->store, 0);
	born = metric_source_born(source(f));
	assert_true(version > 0 && born > 0);
	assert_false(fixture_interface(f, &plain)); /* a duplicate */
	assert_int_equal(metric_slot_version(f->store, 0), version);
	fixture_step(f, 1000);
	fixture_interface(f, &plain);
	assert_int_not_equal(metric_slot_version(f->store, 0), version);
	assert_int_equal(metric_source_born(source(f)), born);

	version = metric_slot_version(f->store, 0);
	metric_store_expire(f->store, f->time_ms + 1000000000);
	assert_null(source(f));
	assert_int_not_equal(metric_slot_version(f->store, 0), version);
	metric_store_settle(f->store);

	version = metric_slot_version(f->store, 0);
	fixture_step(f, 1000);
	fixture_interface(f, &plain);
	assert_int_not_equal(metric_source_born(source(f)), born);
	assert_int_equal(metric_source_samples(source(f)), 1);
	assert_int_not_equal(metric_slot_version(f->store, 0), version);
	assert_int_equal(metric_slot_count(f->store), 1);
}

/* An integer that no double holds is given whole. */
static void test_whole(void **state)
{
	struct fixture *f = *state;
	struct interface port = plain;

	port.speed = 18446744073709551614u;
	fixture_interface(f, &port);
	assert_news(f, "ifspeed", 0, "18446744073709551614 1/0*");
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_changes),
		TEST(test_went),
		TEST(test_structures),
		TEST(test_same_name),
		TEST(test_custom),
		TEST(test_custom_rate),
		TEST(test_slots),
		TEST(test_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
