/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "capacity/record.h"

/* What has a history in Redis, and where it lies there (docs/redis.rst). Pure. */

/* An interface, or a group of them. */
struct capacity_series {
	struct base_addr agent; /* none: a group */
	uint32_t index;         /* ifIndex */
	const char *group;      /* name; of a group alone */
};

/* The slots that one block has: a week of hours, or a year of days. */
struct capacity_extent {
	uint32_t number;      /* weeks since 1970, from its first Thursday on; or the year */
	uint32_t base, slots; /* the first slot, and how many there are */
};

struct capacity_extent capacity_block_of(enum capacity_span span, uint32_t slot);

/** When the last slot of a block ends, in seconds since 1970. */
uint64_t capacity_block_end_s(enum capacity_span span, const struct capacity_extent *block);

enum { CAPACITY_KEY = 256 };

/** PREFIX:capacity:{IP}:IFINDEX:hours:WEEK and the like. @return `key` */
const char *capacity_block_key(char key[CAPACITY_KEY], const char *prefix,
	const struct capacity_series *s, enum capacity_span span, uint32_t number);

/** PREFIX:capacity:{IP}: what is known of each interface of an agent, by ifIndex. */
const char *capacity_agent_key(
	char key[CAPACITY_KEY], const char *prefix, const struct base_addr *agent);

/** PREFIX:capacity:WHAT. */
const char *capacity_key(char key[CAPACITY_KEY], const char *prefix, const char *what);

enum { CAPACITY_NAME = 64, CAPACITY_ABOUT = 160 };

/* What is known of an interface besides its records. */
struct capacity_about {
	uint32_t since;           /* hour since 1970: its name is what it is since then */
	uint32_t seen;            /* newest hour that has a record */
	double speed;             /* bits per second */
	uint16_t rank[2];         /* in, out: the largest 95th percentile of late, as a code */
	char name[CAPACITY_NAME]; /* ifname, cut; empty: not known */
};

/** "SINCE SEEN SPEED RANK-IN RANK-OUT NAME". @return length, without the NUL */
size_t capacity_about_write(const struct capacity_about *a, char text[CAPACITY_ABOUT]);

/** @return false: the text is not what capacity_about_write() makes */
bool capacity_about_read(const char *text, size_t len, struct capacity_about *a);
