/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flow/census.h"
#include "rich_sample.h"

enum { NAME = 64 };

static bool is_seen(const struct flow_seen *seen, unsigned i)
{
	return seen->keys[i / 64] >> i % 64 & 1;
}

static const char *name_of(unsigned i, char buf[NAME])
{
	struct base_text t = base_text(buf, NAME);

	return flow_census_name(i, &t) ? buf : NULL;
}

/* Every name is that of a key, with and without instances, and every key has a name. */
static void test_names(void **state)
{
	unsigned count = 0, plain = 0;
	struct flow_key key;
	char name[NAME];
	const char *want;

	for (; name_of(count, name); count++) {
		assert_int_equal(flow_key_find(name, strlen(name), &key), 0);
		plain += !strchr(name, '.');
	}
	assert_in_range(count, 1, FLOW_CENSUS_KEYS);
	for (unsigned i = 0; (want = flow_key_name(NULL, i)); i++) {
		unsigned at = 0;

		while (at < count && strcmp(name_of(at, name), want) != 0)
			at++;
		assert_in_range(at, 0, count - 1);
		plain--;
	}
	assert_int_equal(plain, 0);
}

/* Of a sample, the census and plans that ask for all keys say the same. */
static void check_equal(const struct sampled *s, const struct flow_seen *seen)
{
	char name[NAME];
	unsigned found = 0;

	for (unsigned i = 0; name_of(i, name); i++) {
		struct flow_plan *plan = plan_of(name, "frames");
		static struct flow_fields fields;
		uint8_t key[FLOW_KEY_BYTES];
		bool there;

		/* Some keys are of other kinds of samples, which would not be asked for them. */
		fields.value[0].p = NULL;
		flow_extract(plan, &s->agent, &s->sample, &s->flow, &fields);
		there = flow_key_build(&plan->definitions[0], plan, &fields, key) >= 0;
		if (there != is_seen(seen, i))
			fail_msg("%s: %s", name, is_seen(seen, i) ? "not there" : "not seen");
		found += is_seen(seen, i);
		flow_plan_free(plan);
	}
	assert_true(found > 10);
}

static void take(const struct flow_census *c, struct flow_seen *seen, const struct sampled *s)
{
	if (flow_census_due(seen))
		flow_census_take(c, seen, &s->agent, &s->sample, &s->flow);
}

static void test_rich(void **state)
{
	struct flow_census *c = flow_census_create();
	struct flow_seen seen = {.skip = 0};
	struct sampled s;

	rich_open(&s, "/index.html");
	take(c, &seen, &s);
	check_equal(&s, &seen);
	sampled_close(&s);
	flow_census_destroy(c);
}

/* Records in place of a header: only what they carry is there. */
static void test_sampled(void **state)
{
	struct flow_census *c = flow_census_create();
	struct flow_seen seen = {.skip = 0};
	struct bytes_ip ip = {.length = 100,
		.protocol = 6,
		.source = bytes_parse_addr("10.0.0.1"),
		.destination = bytes_parse_addr("10.0.0.2"),
		.source_port = 1,
		.destination_port = 2};
	struct sampled s;

	sampled_open(&s);
	sampled_add(&s, bytes_ip(&s.records, &ip));
	sampled_read(&s);
	take(c, &seen, &s);
	check_equal(&s, &seen);
	sampled_close(&s);
	flow_census_destroy(c);
}

static unsigned count_of(const struct flow_seen *seen)
{
	unsigned count = 0;

	for (unsigned i = 0; i < FLOW_CENSUS_KEYS; i++)
		count += is_seen(seen, i);
	return count;
}

/* The first samples are all looked at, later ones now and then: also what is rare is found. */
static void test_rare(void **state)
{
	struct flow_census *c = flow_census_create();
	struct flow_seen seen = {.skip = 0};
	unsigned samples = 0, before;
	struct sampled plain, rich;

	rich_open(&rich, "/index.html");
	sampled_open(&plain);
	sampled_read(&plain);
	for (; samples < 1000; samples++)
		take(c, &seen, &plain);
	assert_in_range(seen.looks, 17, 100);
	before = count_of(&seen);
	for (; count_of(&seen) == before; samples++)
		take(c, &seen, &rich);
	assert_in_range(samples, 1000, 1200);
	sampled_close(&plain);
	sampled_close(&rich);
	flow_census_destroy(c);
}

/* Without a census nothing is seen, and nothing else comes of it. */
static void test_none(void **state)
{
	struct flow_seen seen = {.skip = 0};
	struct sampled s;

	rich_open(&s, "/");
	for (unsigned i = 0; i < 100; i++)
		take(NULL, &seen, &s);
	assert_int_equal(seen.looks, 1);
	assert_int_equal(count_of(&seen), 0);
	sampled_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_rich),
		cmocka_unit_test(test_sampled),
		cmocka_unit_test(test_rare),
		cmocka_unit_test(test_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
