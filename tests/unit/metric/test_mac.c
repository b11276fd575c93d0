/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "metric/read.h"
#include "sample.h"

/* host_adapters of one adapter with `count` MACs from `first` on. */
static void give(struct fixture *f, uint32_t class, uint32_t index, uint32_t first, uint32_t count)
{
	struct wire w = {.len = 0};
	uint32_t start = wire_open(&w, SFLOW_TAG(0, 2001));

	wire_u32(&w, count ? 2 : 0);
	for (unsigned a = 0; a < 2 && count; a++) {
		wire_u32(&w, a);
		wire_u32(&w, a ? count : 0);
		for (uint32_t i = 0; a && i < count; i++) {
			wire_u32(&w, 0x02000000);
			wire_u32(&w, (first + i) << 16);
		}
	}
	wire_close(&w, start);
	f->source = (struct sflow_source){class, index};
	assert_true(fixture_add(f, &w, 1));
	fixture_step(f, 1000);
}

/* Index of the source that has a MAC, 0: none. */
static uint32_t owner(const struct fixture *f, uint16_t mac)
{
	uint8_t bytes[6] = {2, 0, 0, 0, (uint8_t)(mac >> 8), (uint8_t)mac};
	const struct metric_source *src = metric_host_by_mac(f->store, bytes);

	return src ? metric_source_id(src).index : 0;
}

static void test_macs(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(owner(f, 1), 0);
	give(f, 2, 1, 1, 3);
	give(f, 3, 9, 4, 1);
	assert_int_equal(owner(f, 1), 1);
	assert_int_equal(owner(f, 3), 1);
	assert_int_equal(owner(f, 4), 9);
	assert_int_equal(owner(f, 5), 0);
	give(f, 2, 1, 2, 1); /* it has fewer now */
	assert_int_equal(owner(f, 1), 0);
	assert_int_equal(owner(f, 2), 1);
	assert_int_equal(owner(f, 3), 0);
	give(f, 2, 1, 0, 0);
	assert_int_equal(owner(f, 2), 0);
}

/* Who says it first has it, until it goes. */
static void test_claims(void **state)
{
	struct fixture *f = *state;

	give(f, 2, 1, 1, 2);
	give(f, 2, 2, 2, 2);
	assert_int_equal(owner(f, 2), 1);
	assert_int_equal(owner(f, 3), 2);
	f->time_ms += 50000;
	give(f, 2, 2, 2, 2);
	f->time_ms += 20000;
	metric_store_expire(f->store, f->time_ms);
	assert_int_equal(owner(f, 1), 0);
	assert_int_equal(owner(f, 2), 0);
	give(f, 2, 2, 2, 2);
	assert_int_equal(owner(f, 2), 2);
}

/* Broken, empty, group and far too many: what is there counts, within bounds. */
static void test_hostile(void **state)
{
	struct fixture *f = *state;
	struct wire w = {.len = 0};
	uint32_t start;

	give(f, 2, 1, 1, 100); /* there is room for nine in all */
	assert_int_equal(owner(f, 9), 1);
	assert_int_equal(owner(f, 10), 0);
	assert_int_equal(fixture_stat(f, METRIC_MACS_FULL), 91);
	fixture_close(f);
	fixture_open(f, 1024);
	give(f, 2, 1, 1, 300);
	assert_int_equal(owner(f, 256), 1);
	assert_int_equal(owner(f, 257), 0);
	start = wire_open(&w, SFLOW_TAG(0, 2001));
	wire_u32(&w, UINT32_MAX);
	wire_u32(&w, 1);
	wire_u32(&w, UINT32_MAX);
	wire_u32(&w, 0xFFFFFFFF); /* group */
	wire_u32(&w, 0xFFFF0000);
	wire_u32(&w, 0); /* none */
	wire_u32(&w, 0);
	wire_u32(&w, 0x02000000);
	wire_u32(&w, 7 << 16);
	wire_close(&w, start);
	fixture_add(f, &w, 1);
	assert_int_equal(owner(f, 7), 1);
	assert_int_equal(owner(f, 8), 0);
	assert_null(metric_host_by_mac(f->store, (const uint8_t[6]){0}));
	assert_null(metric_host_by_mac(f->store, (const uint8_t[6]){255, 255, 255, 255, 255, 255}));
}

/* One agent takes half of the room at most, and 64 in any case; what goes makes room again. */
static void test_share(void **state)
{
	struct fixture *f = *state;

	fixture_close(f);
	fixture_open(f, 100); /* for 201 */
	give(f, 2, 1, 1, 90);
	give(f, 2, 2, 101, 90);
	assert_int_equal(owner(f, 101), 2);
	assert_int_equal(owner(f, 111), 2);
	assert_int_equal(owner(f, 112), 0);
	assert_int_equal(fixture_stat(f, METRIC_MACS_FULL), 79);
	f->agent.bytes[3]++;
	give(f, 2, 3, 201, 90);
	assert_int_equal(owner(f, 264), 3);
	assert_int_equal(owner(f, 265), 0);
	f->agent.bytes[3]--;
	give(f, 2, 1, 0, 0);
	give(f, 2, 2, 101, 90);
	assert_int_equal(owner(f, 169), 2);
	assert_int_equal(owner(f, 170), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_macs, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_claims, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_hostile, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_share, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
