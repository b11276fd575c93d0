/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdio.h>

#include "../sflow/vectors.h"
#include "../sflow/wire.h"
#include "decode/decode.h"

/* Datagrams printed into memory. Include after cmocka.h. */

/* 2023-11-14 22:13:20.123456789 UTC */
#define PRINT_TIME UINT64_C(1700000000123456789)

static char *print_text; /* of the newest datagram */
static uint64_t print_stats[SFLOW_STATS];
static char print_damages[1024]; /* those that were told, by a word each */

static inline int print_write(void *ctx, const char *bytes, size_t len)
{
	return fwrite(bytes, 1, len, *(FILE **)ctx) == len ? 0 : -1;
}

static inline void print_damage(void *ctx, uint64_t number, const struct sflow_break *b)
{
	size_t len = strlen(print_damages);

	(void)ctx;
	assert_int_equal(number, 1);
	snprintf(print_damages + len, sizeof(print_damages) - len, "%s@%u ",
		sflow_break_reason(b->reason), b->offset);
}

/* All that is printed of a datagram, which is in a buffer of exactly its size. */
static inline const char *print_datagram(
	enum decode_format format, const struct decode_datagram *g, const struct wire *w)
{
	struct decode_datagram datagram = *g;
	uint8_t *bytes = wire_copy(w);
	size_t len;
	FILE *f;
	struct decode_sink sink = {.write = print_write, .damage = print_damage, .ctx = &f};
	struct decode *d;

	setenv("TZ", "UTC", 1);
	free(print_text);
	print_damages[0] = '\0';
	f = open_memstream(&print_text, &len);
	assert_non_null(f);
	d = decode_create(format, &sink);
	assert_non_null(d);
	datagram.payload = bytes;
	datagram.len = w->len;
	assert_int_equal(decode_datagram(d, &datagram), 0);
	assert_int_equal(decode_flush(d), 0);
	memcpy(print_stats, decode_stats(d), sizeof(print_stats));
	decode_destroy(d);
	fclose(f);
	free(bytes);
	return print_text;
}

/* As from a capture. */
static inline const char *print_wire(enum decode_format format, const struct wire *w)
{
	const struct decode_datagram g = {.time_ns = PRINT_TIME};

	return print_datagram(format, &g, w);
}

/* A datagram with one sample of this tag with one record, whose body is given as hex. */
static inline struct wire print_record(uint32_t sample, uint32_t tag, const char *hex)
{
	struct wire w = {.len = 0}, body = wire_hex(hex);
	uint32_t start, fixed = sample == SFLOW_COUNTER_SAMPLE ? 12 : 32;

	wire_datagram(&w, 3, 1);
	start = wire_open(&w, sample);
	for (uint32_t i = 4; i < fixed; i += 4)
		wire_u32(&w, i / 4);
	wire_u32(&w, 1);
	wire_u32(&w, tag);
	wire_u32(&w, body.len);
	wire_opaque(&w, body.bytes, body.len);
	wire_close(&w, start);
	return w;
}

static inline int print_teardown(void **state)
{
	(void)state;
	free(print_text);
	print_text = NULL;
	return 0;
}
