/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../dice.h"
#include "capacity/record.h"

enum { BASE = 1000, SLOTS = 168 };

static struct capacity_record random_record(struct dice *d, uint32_t slot)
{
	struct capacity_record r;

	memset(&r, 0, sizeof(r));
	r.slot = slot;
	r.minutes = (uint16_t)(1 + dice_below(d, 60));
	r.mask = (uint8_t)dice_below(d, 64);
	r.speed = dice_below(d, 2) ? 1e10 : dice_below(d, 1000000000);
	for (unsigned m = 0; m < CAPACITY_METRICS; m++) {
		uint16_t values[60];
		uint32_t range = dice_below(d, 3) ? 1 + dice_below(d, 65536) : 1;

		if (!(r.mask & 1u << m))
			continue;
		for (unsigned i = 0; i < r.minutes; i++)
			values[i] = (uint16_t)dice_below(d, range);
		capacity_summarize(
			values, r.minutes, (uint16_t)dice_below(d, range), &r.metrics[m]);
	}
	return r;
}

static struct capacity_block table(struct capacity_record records[SLOTS], enum capacity_span span)
{
	memset(records, 0, SLOTS * sizeof(*records));
	return (struct capacity_block){span, BASE, SLOTS, records, 0};
}

static void test_comes_back(void **state)
{
	struct capacity_record written[SLOTS], read[SLOTS];
	uint8_t bytes[SLOTS * CAPACITY_RECORD_MOST];
	struct capacity_block block = table(read, CAPACITY_HOUR);
	struct dice d = {3};
	size_t len = 0;

	for (uint32_t i = 0; i < SLOTS; i++) {
		written[i] = random_record(&d, BASE + i);
		len += capacity_record_write(&written[i], BASE, bytes + len);
	}
	capacity_block_read(&block, bytes, len);
	assert_int_equal(block.bad, 0);
	assert_memory_equal(read, written, sizeof(read));
}

/* A usual hour: both directions between some limits, no errors. */
static void test_is_small(void **state)
{
	uint8_t bytes[CAPACITY_RECORD_MOST];
	struct capacity_record r;
	struct dice d = {9};
	size_t sum = 0;

	for (unsigned n = 0; n < 1000; n++) {
		memset(&r, 0, sizeof(r));
		r = (struct capacity_record){
			.slot = BASE + 100, .minutes = 60, .mask = 63, .speed = 1e10};
		for (unsigned m = 0; m < 2; m++) {
			uint16_t values[60];

			for (unsigned i = 0; i < 60; i++)
				values[i] = (uint16_t)(4000 + dice_below(&d, 300) +
						       dice_below(&d, 300));
			capacity_summarize(values, 60, 0, &r.metrics[m]);
		}
		sum += capacity_record_write(&r, BASE, bytes);
	}
	print_message("%.1f bytes for an hour\n", (double)sum / 1000);
	assert_true(sum < 40 * 1000);
}

static void test_largest_fits(void **state)
{
	struct capacity_record r, read[SLOTS];
	struct capacity_block block = table(read, CAPACITY_HOUR);
	uint8_t bytes[CAPACITY_RECORD_MOST];
	size_t len;

	memset(&r, 0, sizeof(r));
	r.slot = BASE + SLOTS - 1;
	r.minutes = 60;
	r.mask = 63;
	r.speed = 0x1p61 + 512;
	for (unsigned m = 0; m < CAPACITY_METRICS; m++) {
		for (unsigned i = 0; i < CAPACITY_LEVELS; i++)
			r.metrics[m].points[i] = (uint16_t)(7000 * i);
		r.metrics[m].mean = 56000;
		r.metrics[m].peak = UINT16_MAX;
	}
	len = capacity_record_write(&r, BASE, bytes);
	assert_true(len <= CAPACITY_RECORD_MOST);
	capacity_block_read(&block, bytes, len);
	assert_int_equal(block.bad, 0);
	assert_memory_equal(&read[SLOTS - 1], &r, sizeof(r));
}

static void test_twice_counts_once(void **state)
{
	struct capacity_record r, read[SLOTS];
	struct capacity_block block = table(read, CAPACITY_HOUR);
	uint8_t bytes[2 * CAPACITY_RECORD_MOST];
	struct dice d = {8};
	size_t len;

	r = random_record(&d, BASE + 4);
	len = capacity_record_write(&r, BASE, bytes);
	len += capacity_record_write(&r, BASE, bytes + len);
	capacity_block_read(&block, bytes, len);
	assert_memory_equal(&read[4], &r, sizeof(r));
}

/* An hour in which weir was started anew has two parts; of a day the last record counts. */
static void test_parts(void **state)
{
	struct capacity_record parts[2], merged, read[SLOTS];
	uint8_t bytes[2 * CAPACITY_RECORD_MOST];
	struct dice d = {12};
	struct capacity_block block;
	size_t len = 0;

	for (unsigned i = 0; i < 2; i++) {
		parts[i] = random_record(&d, BASE + 9);
		parts[i].minutes = 20;
		len += capacity_record_write(&parts[i], BASE, bytes + len);
	}
	capacity_records_merge(parts, 2, &merged);
	block = table(read, CAPACITY_HOUR);
	capacity_block_read(&block, bytes, len);
	assert_int_equal(read[9].minutes, 40);
	assert_memory_equal(&read[9], &merged, sizeof(merged));
	block = table(read, CAPACITY_DAY);
	capacity_block_read(&block, bytes, len);
	assert_memory_equal(&read[9], &parts[1], sizeof(merged));
}

static void test_no_more_than_an_hour(void **state)
{
	struct capacity_record r, read[SLOTS];
	struct capacity_block block = table(read, CAPACITY_HOUR);
	uint8_t bytes[2 * CAPACITY_RECORD_MOST];
	struct dice d = {13};
	size_t len;

	r = random_record(&d, BASE + 9);
	r.minutes = 50;
	len = capacity_record_write(&r, BASE, bytes);
	r.minutes = 30;
	len += capacity_record_write(&r, BASE, bytes + len);
	capacity_block_read(&block, bytes, len);
	assert_int_equal(read[9].minutes, 60);
}

/* What is damaged, or of a later version, is passed over; the rest counts. */
static void test_damage(void **state)
{
	static const uint8_t later[] = {5, 2, 1, 60, 0, 0};
	static const uint8_t no_such_slot[] = {6, 1, 0xA8, 1, 60, 1, 0};
	static const uint8_t no_minutes[] = {6, 1, 1, 0, 1, 0, 0};
	static const uint8_t overlong[] = {7, 1, 1, 60, 1, 0, 0, 9};
	static const uint8_t odd_mask[] = {6, 1, 1, 60, 1, 1, 2};
	static const uint8_t endless[] = {4, 1, 0xFF, 0xFF, 0xFF};
	static const struct {
		const uint8_t *bytes;
		size_t len;
	} rows[] = {{later, sizeof(later)}, {no_such_slot, sizeof(no_such_slot)},
		{no_minutes, sizeof(no_minutes)}, {overlong, sizeof(overlong)},
		{odd_mask, sizeof(odd_mask)}, {endless, sizeof(endless)}};
	struct capacity_record r, read[SLOTS];
	struct dice d = {2};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct capacity_block block = table(read, CAPACITY_HOUR);
		uint8_t bytes[CAPACITY_RECORD_MOST + 20];
		size_t len = rows[i].len;

		memcpy(bytes, rows[i].bytes, len);
		r = random_record(&d, BASE + 3);
		len += capacity_record_write(&r, BASE, bytes + len);
		capacity_block_read(&block, bytes, len);
		assert_int_equal(block.bad, 1);
		assert_memory_equal(&read[3], &r, sizeof(r));
	}
}

/* Cut anywhere, all records before the cut are there. */
static void test_cut(void **state)
{
	struct capacity_record r[3], read[SLOTS];
	uint8_t bytes[3 * CAPACITY_RECORD_MOST];
	struct dice d = {21};
	size_t ends[4] = {0};

	for (unsigned i = 0; i < 3; i++) {
		r[i] = random_record(&d, BASE + i);
		ends[i + 1] = ends[i] + capacity_record_write(&r[i], BASE, bytes + ends[i]);
	}
	for (size_t len = 0; len <= ends[3]; len++) {
		struct capacity_block block = table(read, CAPACITY_HOUR);
		uint8_t *exact = malloc(len + 1);

		memcpy(exact, bytes, len);
		exact = realloc(exact, len ? len : 1);
		capacity_block_read(&block, exact, len);
		for (unsigned i = 0; i < 3; i++)
			assert_int_equal(read[i].minutes, len >= ends[i + 1] ? r[i].minutes : 0);
		free(exact);
	}
}

/* Metrics that only some of the records have. */
static void test_merge_of_some(void **state)
{
	struct capacity_record r[2], merged;
	struct dice d = {31};

	r[0] = random_record(&d, 1);
	r[1] = random_record(&d, 2);
	memset(r[1].metrics, 0, sizeof(r[1].metrics));
	r[0].mask = 63;
	r[1].mask = 1 << CAPACITY_IN;
	r[1].speed = 4e10;
	capacity_records_merge(r, 2, &merged);
	assert_int_equal(merged.slot, 2);
	assert_int_equal(merged.mask, 63);
	assert_true(merged.speed == 4e10);
	assert_memory_equal(&merged.metrics[CAPACITY_OUT], &r[0].metrics[CAPACITY_OUT],
		sizeof(merged.metrics[0]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_comes_back),
		cmocka_unit_test(test_is_small),
		cmocka_unit_test(test_largest_fits),
		cmocka_unit_test(test_twice_counts_once),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_no_more_than_an_hour),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_merge_of_some),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
