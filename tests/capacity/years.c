/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Writes synthetic years of links into a Redis, as weir would have, by the same code:
 *
 *	years SOCKET PREFIX < LINKS
 *
 * A line of LINKS is AGENT IFINDEX NAME SPEED NOW SLOPE NOISE SEED COUNT: NOW is percent at the end of
 * yesterday, SLOPE percent a week, COUNT interfaces from IFINDEX on are the same. Prints for each line
 * the truth as JSON: the 95th percentile that weeks are at now, and when they reach 80 %.
 */
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <time.h>

#include "../unit/capacity/synthetic.h"

enum { DAYS = 400, HOURS_OF_DAYS = 14, BLOCK = 366 * CAPACITY_RECORD_MOST, BLOCKS = 8 };

/* The blocks of one link. */
struct blocks {
	const struct synthetic *s;
	unsigned count;
	struct block {
		enum capacity_span span;
		struct capacity_extent at;
		size_t len;
		uint8_t bytes[BLOCK];
	} list[BLOCKS];
};

static struct blocks blocks;

static void stop(const char *why)
{
	fprintf(stderr, "years: %s\n", why);
	exit(1);
}

static struct block *block_of(enum capacity_span span, uint32_t slot)
{
	const struct capacity_extent at = capacity_block_of(span, slot);
	struct block *b;

	for (b = blocks.list; b < blocks.list + blocks.count; b++) {
		if (b->span == span && b->at.number == at.number)
			return b;
	}
	if (blocks.count++ == BLOCKS)
		stop("too many blocks");
	b->span = span;
	b->at = at;
	b->len = 0;
	return b;
}

static void add(void *ctx, enum capacity_span span, const struct capacity_record *r)
{
	struct block *b;

	if (span == CAPACITY_HOUR &&
		r->slot / CAPACITY_DAY_HOURS + HOURS_OF_DAYS <= blocks.s->last_day)
		return;
	b = block_of(span, r->slot);
	b->len += capacity_record_write(r, b->at.base, b->bytes + b->len);
}

static void command(redisContext *c, int argc, const char **argv, const size_t *lens)
{
	redisReply *reply = redisCommandArgv(c, argc, argv, lens);

	if (!reply || reply->type == REDIS_REPLY_ERROR)
		stop(reply ? reply->str : c->errstr);
	freeReplyObject(reply);
}

static void write_link(redisContext *c, const char *prefix, const struct capacity_series *s,
	const struct capacity_about *about)
{
	char key[CAPACITY_KEY], index[16], text[CAPACITY_ABOUT], addr[BASE_ADDR_TEXT];
	const char *set[] = {"HSET", key, index, text}, *seen[] = {"ZADD", key, "1", addr};

	for (struct block *b = blocks.list; b < blocks.list + blocks.count; b++) {
		const char *put[] = {"SET", key, (const char *)b->bytes};
		size_t lens[] = {3, 0, b->len};

		capacity_block_key(key, prefix, s, b->span, b->at.number);
		lens[1] = strlen(key);
		command(c, 3, put, lens);
	}
	capacity_about_write(about, text);
	snprintf(index, sizeof(index), "%u", s->index);
	command(c, 4, (capacity_agent_key(key, prefix, &s->agent), set), NULL);
	base_addr_print(&s->agent, addr);
	command(c, 4, (capacity_key(key, prefix, "agents"), seen), NULL);
}

static void make(const struct synthetic *s)
{
	blocks.s = s;
	blocks.count = 0;
	synthetic_make(s, add, NULL);
}

static void tell(const struct synthetic *s, const struct capacity_series *series)
{
	char addr[BASE_ADDR_TEXT];

	printf("{\"agent\": \"%s\", \"dataSource\": \"%u\", \"slope\": %g, \"level\": %g, \"day\": "
	       "%.3f}\n",
		base_addr_print(&series->agent, addr), series->index, s->slope,
		s->now + synthetic_week(s), s->slope > 0 ? synthetic_reaches(s, 80) : 0);
}

static void link_of(redisContext *c, const char *prefix, const char *line, uint32_t yesterday)
{
	struct synthetic s = {.last_day = yesterday,
		.days = DAYS,
		.weekend = 8,
		.swing = 10,
		.wild = 0.05,
		.missing = 0.05};
	struct capacity_series series = {.index = 0};
	struct capacity_about about = {.since = (yesterday - DAYS) * CAPACITY_DAY_HOURS,
		.seen = yesterday * CAPACITY_DAY_HOURS + 23};
	char agent[64];
	unsigned long long seed;
	unsigned count;

	if (sscanf(line, "%63s %u %63s %lf %lf %lf %lf %llu %u", agent, &series.index, about.name,
		    &s.speed, &s.now, &s.slope, &s.noise, &seed, &count) != 9 ||
		base_addr_parse(agent, &series.agent) < 0)
		stop("AGENT IFINDEX NAME SPEED NOW SLOPE NOISE SEED COUNT");
	s.seed = seed;
	about.speed = s.speed;
	about.rank[0] = capacity_code(s.now);
	make(&s);
	tell(&s, &series);
	for (; count > 0; count--, series.index++)
		write_link(c, prefix, &series, &about);
}

int main(int argc, char **argv)
{
	uint32_t yesterday = (uint32_t)(time(NULL) / 86400) - 1;
	char line[512], key[CAPACITY_KEY], day[16];
	const char *done[] = {"SET", key, day};
	redisContext *c;

	if (argc != 3)
		stop("SOCKET PREFIX");
	c = redisConnectUnix(argv[1]);
	if (!c || c->err)
		stop("no Redis");
	while (fgets(line, sizeof(line), stdin))
		link_of(c, argv[2], line, yesterday);
	snprintf(day, sizeof(day), "%u", yesterday);
	capacity_key(key, argv[2], "day");
	command(c, 3, done, NULL);
	redisFree(c);
	return 0;
}
