/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>

#include "capacity/record.h"
#include "capacity/series.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BASE = 5000, SLOTS = 366 };

static void check(bool good)
{
	if (!good)
		abort();
}

static void check_summary(const struct capacity_summary *s)
{
	for (unsigned i = 1; i < CAPACITY_LEVELS; i++)
		check(s->points[i - 1] <= s->points[i]);
	check(s->mean >= s->points[CAPACITY_MIN] && s->mean <= s->points[CAPACITY_MAX]);
	check(s->peak >= s->points[CAPACITY_MAX]);
}

/* What was read can be written, and comes back the same. */
static void check_record(const struct capacity_record *r, uint32_t slot, enum capacity_span span)
{
	struct capacity_record again[SLOTS];
	struct capacity_block block = {span, BASE, SLOTS, again, 0};
	uint8_t bytes[CAPACITY_RECORD_MOST];
	size_t len;

	check(r->slot == slot && r->minutes <= (span == CAPACITY_HOUR ? 60 : 1440));
	check(r->mask >> CAPACITY_METRICS == 0);
	for (unsigned m = 0; m < CAPACITY_METRICS; m++)
		check_summary(&r->metrics[m]);
	len = capacity_record_write(r, BASE, bytes);
	check(len <= sizeof(bytes));
	memset(again, 0, sizeof(again));
	capacity_block_read(&block, bytes, len);
	check(block.bad == 0 && again[slot - BASE].minutes == r->minutes);
	for (unsigned m = 0; m < CAPACITY_METRICS; m++)
		check(memcmp(&again[slot - BASE].metrics[m], &r->metrics[m],
			      sizeof(r->metrics[m])) == 0);
}

static void read_block(const uint8_t *bytes, size_t len, enum capacity_span span)
{
	static struct capacity_record records[SLOTS];
	struct capacity_block block = {span, BASE, SLOTS, records, 0};
	struct capacity_record all[SLOTS], merged;
	unsigned count = 0;

	memset(records, 0, sizeof(records));
	capacity_block_read(&block, bytes, len);
	for (uint32_t i = 0; i < SLOTS; i++) {
		if (records[i].minutes == 0)
			continue;
		check_record(&records[i], BASE + i, span);
		all[count++] = records[i];
	}
	if (count == 0)
		return;
	capacity_records_merge(all, count, &merged);
	for (unsigned m = 0; m < CAPACITY_METRICS; m++)
		check_summary(&merged.metrics[m]);
}

static void read_about(const char *text, size_t len)
{
	char again[CAPACITY_ABOUT];
	struct capacity_about a, b;

	if (!capacity_about_read(text, len, &a))
		return;
	check(capacity_about_read(again, capacity_about_write(&a, again), &b));
	check(a.since == b.since && a.seen == b.seen && strcmp(a.name, b.name) == 0);
}

/* Any bytes as what Redis has of an interface. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *bytes = malloc(size ? size : 1);

	check(bytes);
	if (size > 0)
		memcpy(bytes, data, size);
	read_block(bytes, size, CAPACITY_HOUR);
	read_block(bytes, size, CAPACITY_DAY);
	read_about((const char *)bytes, size);
	free(bytes);
	return 0;
}
