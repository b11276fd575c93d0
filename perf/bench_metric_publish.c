/* SPDX-License-Identifier: BSD-3-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/clock.h"
#include "base/cursor.h"
#include "metric/metric.h"
#include "publish/publish.h"
#include "publish/sources_pvt.h"
#include "redis_server.h"

/*
 * What it costs to have the metrics of a fabric in Redis: interfaces that send counters, so many a
 * second, a publisher that follows, and a redis-server of its own. Prints commands a second, the CPU of
 * both, what redis-benchmark gets out of the same server, and the bytes that go out with and without
 * the rule that only changed fields are written.
 *
 *     bench_metric_publish [UPDATES_A_SECOND [SECONDS]]
 */

enum {
	PORTS = 64, /* interfaces of an agent */
	POLL_S = 2, /* a source sends this often: so there are twice as many as updates a second */
	MTU = 1000, /* bytes of a packet, about */
	DATAGRAM = 512,
};

/* ---- sources ---- */

struct port {
	uint64_t octets[2];
	uint32_t packets[2], multicast[2];
};

struct fabric {
	struct metric_store *store;
	struct port *ports;
	uint32_t count;
	uint32_t round; /* of polling */
	uint64_t dice;
};

static uint32_t dice(struct fabric *f, uint32_t below)
{
	f->dice = f->dice * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((f->dice >> 33) % below);
}

static void count_packets(struct fabric *f, struct port *p)
{
	for (unsigned i = 0; i < 2; i++) {
		uint32_t packets = 1000 + dice(f, 1000000);

		p->packets[i] += packets;
		p->octets[i] += (uint64_t)packets * (MTU - 200 + dice(f, 400));
		p->multicast[i] += dice(f, 4) ? 0 : dice(f, 50);
	}
}

static uint8_t *put32(uint8_t *to, uint32_t v)
{
	base_put_u32(to, v);
	return to + 4;
}

static uint8_t *put64(uint8_t *to, uint64_t v)
{
	return put32(put32(to, (uint32_t)(v >> 32)), (uint32_t)v);
}

/* A counter sample with the two records that switches send: 0:1 and 0:2. @return its bytes */
static uint32_t make_datagram(uint8_t *bytes, const struct port *p, uint32_t agent, uint32_t index,
	uint32_t sequence, uint32_t uptime_ms)
{
	const uint32_t head[] = {5, 1, agent, 0, sequence, uptime_ms, 1,
		SFLOW_COUNTER_SAMPLE_EXPANDED, 16 + 96 + 60, sequence, 0, index, 2, SFLOW_TAG(0, 1),
		88, index, 6};
	uint8_t *to = bytes;

	for (unsigned i = 0; i < sizeof(head) / sizeof(head[0]); i++)
		to = put32(to, head[i]);
	to = put64(to, 10000000000);
	to = put32(put32(to, 1), 3);
	for (unsigned i = 0; i < 2; i++) {
		to = put64(to, p->octets[i]);
		to = put32(put32(to, p->packets[i]), p->multicast[i]);
		to = put64(put64(to, 0), 0);
	}
	to = put32(put32(to, SFLOW_TAG(0, 2)), 52);
	for (unsigned i = 0; i < 13; i++)
		to = put32(to, 0);
	return (uint32_t)(to - bytes);
}

static void add_sample(struct fabric *f, uint32_t i)
{
	uint32_t agent = 0x0A000000 + i / PORTS, uptime_ms = (f->round + 1) * POLL_S * 1000;
	uint64_t stats[SFLOW_STATS] = {0};
	uint8_t bytes[DATAGRAM];
	uint32_t len =
		make_datagram(bytes, &f->ports[i], agent, 1 + i % PORTS, f->round + 1, uptime_ms);
	struct sflow_datagram dg;
	struct metric_sample s = {.uptime_ms = uptime_ms};

	if (sflow_datagram_open(&dg, bytes, len, stats) < 0 ||
		!sflow_sample_next(&dg, &s.sample, stats))
		abort();
	s.agent = dg.agent;
	s.time_ms = base_clock_wall_ns() / 1000000;
	if (!metric_sample_add(f->store, &s, NULL, NULL))
		abort();
}

/* The samples of one second: those of every POLL_S-th agent. */
static void add_second(struct fabric *f, uint32_t second)
{
	f->round = second / POLL_S;
	for (uint32_t i = 0; i < f->count; i++) {
		if (i / PORTS % POLL_S != second % POLL_S)
			continue;
		count_packets(f, &f->ports[i]);
		add_sample(f, i);
	}
	metric_store_settle(f->store);
}

static void fabric_open(struct fabric *f, uint32_t updates)
{
	const struct metric_limits limits = {.agents = updates * POLL_S / PORTS + 1,
		.sources = updates * POLL_S,
		.expire_ms = 300000};

	*f = (struct fabric){.store = metric_store_create(&limits),
		.ports = calloc(updates * POLL_S, sizeof(*f->ports)),
		.count = updates * POLL_S};
	if (!f->store || !f->ports)
		abort();
}

static void fabric_close(struct fabric *f)
{
	metric_store_destroy(f->store);
	free(f->ports);
}

/* ---- a run ---- */

static double cpu_of(int who)
{
	struct rusage u;

	getrusage(who, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

/* All threads but this one: the publisher's, and the one that frees blocks. */
static double others_cpu(void)
{
	return cpu_of(RUSAGE_SELF) - cpu_of(RUSAGE_THREAD);
}

static struct window_snapshot *make_window(uint64_t number)
{
	struct window_snapshot *s = calloc(1, sizeof(*s));
	uint64_t now = base_clock_wall_ns() / 1000000;

	if (!s)
		abort();
	s->number = number;
	s->start_ms = now - 1000;
	s->end_ms = now;
	return s;
}

static void sleep_until(uint64_t ns)
{
	struct timespec t = {(time_t)(ns / 1000000000), (long)(ns % 1000000000)};

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

struct usage {
	double redis, publisher, seconds;
	uint64_t stats[PUBLISH_STATS];
};

static void read_usage(
	const struct redis_server *s, const struct publish *p, uint64_t start_ns, struct usage *u)
{
	u->redis = redis_server_cpu(s);
	u->publisher = others_cpu();
	u->seconds = (double)(base_clock_mono_ns() - start_ns) / 1e9;
	publish_read_stats(p, u->stats);
}

static double per_second(const struct usage *a, const struct usage *b, enum publish_stat i)
{
	return (double)(b->stats[i] - a->stats[i]) / (b->seconds - a->seconds);
}

static void print_usage(const struct usage *a, const struct usage *b, double hset)
{
	double seconds = b->seconds - a->seconds, redis = (b->redis - a->redis) / seconds;
	double commands = per_second(a, b, PUBLISH_COMMANDS);

	printf("%.0f updates a second: %.0f commands, %.1f MB; publisher %.1f %%, Redis %.1f %% of "
	       "a "
	       "CPU; %.0f commands for a CPU second of Redis",
		per_second(a, b, PUBLISH_METRICS), commands, per_second(a, b, PUBLISH_BYTES) / 1e6,
		100 * (b->publisher - a->publisher) / seconds, 100 * redis, commands / redis);
	if (hset > 0)
		printf(", %.2f of redis-benchmark -P 64 hset (%.0f)", commands / redis / hset,
			hset);
	printf("; %" PRIu64 " superseded, %" PRIu64 " errors\n",
		b->stats[PUBLISH_METRICS_SUPERSEDED] - a->stats[PUBLISH_METRICS_SUPERSEDED],
		b->stats[PUBLISH_ERRORS]);
}

/* The first round of polling writes all there is; what is measured comes behind it. */
static void run(struct fabric *f, const struct redis_server *s, unsigned seconds, double hset)
{
	struct publish_options o = {.url = s->url,
		.prefix = "weir",
		.collector = "bench",
		.expire_ms = 300000,
		.metrics = f->store};
	struct window_exchange *x = window_exchange_create();
	uint64_t start = base_clock_mono_ns(), number = 0;
	struct usage before, after;
	struct publish *p;
	char error[256];

	p = publish_start(&o, x, error, sizeof(error));
	if (!p)
		abort();
	for (uint32_t second = 0; second < 2 * POLL_S + seconds; second++) {
		if (second == 2 * POLL_S)
			read_usage(s, p, start, &before);
		add_second(f, second);
		window_exchange_put(x, make_window(++number));
		sleep_until(start + (second + 1) * UINT64_C(1000000000));
	}
	read_usage(s, p, start, &after);
	print_usage(&before, &after, hset);
	publish_stop(p, 5000);
	window_exchange_destroy(x);
}

/* Bytes of the commands of one more second; `all`: as if nothing were known of Redis. */
static uint64_t bytes_of(struct fabric *f, struct publish_sources *s, struct publish_writer *w,
	uint32_t second, bool all)
{
	uint64_t bytes = 0;

	add_second(f, second);
	if (all) {
		for (uint32_t i = 0; i < s->count; i++)
			s->list[i].written = 0;
	}
	publish_sources_round(s, 0);
	while (s->left) {
		publish_batch_reset(&w->batch);
		publish_sources_write(s, w, s->left);
		publish_sources_answered(s, &w->batch);
		bytes += w->batch.bytes.len;
	}
	return bytes;
}

static void print_bytes(struct fabric *f, uint32_t second)
{
	struct publish_writer w = {.prefix = "weir", .collector = "bench", .expire_ms = 300000};
	struct publish_sources s = {.store = f->store};
	uint64_t changed, all;

	for (unsigned i = 0; i < POLL_S; i++)
		bytes_of(f, &s, &w, second + i, false);
	changed = bytes_of(f, &s, &w, second + POLL_S, false);
	all = bytes_of(f, &s, &w, second + POLL_S + 1, true);
	printf("%.1f MB for a second's updates; %.1f MB if all fields were written (%.0f %%), "
	       "documents included\n",
		(double)changed / 1e6, (double)all / 1e6, 100 * (double)changed / (double)all);
	publish_sources_free(&s);
	publish_writer_free(&w);
}

int main(int argc, char **argv)
{
	uint32_t updates = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 32000;
	uint32_t seconds = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 10;
	struct redis_server server;
	struct fabric f;
	double hset;

	if (updates < PORTS || updates > 1000000 || seconds == 0)
		return 2;
	window_exchange_register();
	redis_server_start(&server);
	fabric_open(&f, updates);
	hset = redis_server_benchmark(&server, "hset", NULL);
	run(&f, &server, seconds, hset);
	print_bytes(&f, 2 * POLL_S + seconds);
	redis_server_stop(&server);
	window_exchange_unregister();
	fabric_close(&f);
	return 0;
}
