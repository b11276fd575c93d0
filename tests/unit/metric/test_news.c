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
	metric_news_print(n, &t);
}

/* "VALUE sample/before", with a * where it has changed; "-": no news of it. */
static void assert_news(struct fixture *f, const char *name, uint32_t since, const char *want)
{
	struct found found = {.name = name};
	char got[128] = "-";

	metric_source_news(source(f), since, note, &found);
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
	assert_news(f, "ifinoctets", 0, "-"); /* no rate yet */
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
		TEST(test_structures),
		TEST(test_slots),
		TEST(test_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
