/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Publishing: how long it takes from the seal of a window with 100,000 flows until Redis has answered
 * it, part by part, with the few largest of them published and with all; and how many commands a
 * second the publisher gets through, and for how much CPU, against redis-benchmark and the same
 * server. Windows, merge, publisher and redis-server are the real ones; RX is not measured.
 */
#include <getopt.h>
#include <hiredis/hiredis.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "datagrams.h"
#include "publish/thread_pvt.h"
#include "redis_server.h"
#include "window/collect.h"
#include "window/report.h"
#include "window/seal.h"

enum {
	FLOWS = 100000,
	DATAGRAMS = 130000, /* of 7 samples: next to all flows are met in each window */
	CAPACITY = 1 << 18,
	AGENTS = 1024,
	SOURCES = 4096,
	WINDOWS_MOST = 1000,
	WARM = 5,     /* windows that are not measured: tables, heaps, buffers grow */
	SKIPPED = 11, /* one datagram in so many is left out, another one each window */
	DEFINITIONS = 256,
	TOP = 20,
};

static double since_ms(uint64_t from, uint64_t to)
{
	return (double)(to - from) / 1e6;
}

/* ---- Redis ---- */

static uint64_t stat_of(const struct publish *p, enum publish_stat i)
{
	uint64_t stats[PUBLISH_STATS];

	publish_read_stats(p, stats);
	return stats[i];
}

static void wait_windows(const struct publish *p, uint64_t count)
{
	while (stat_of(p, PUBLISH_WINDOWS) < count)
		clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){.tv_nsec = 50000}, NULL);
}

static struct publish *start_publisher(const struct redis_server *s, struct window_exchange *x)
{
	const struct publish_options o = {
		.url = s->url, .prefix = "weir", .collector = "bench", .expire_ms = 300000};
	char error[256];
	struct publish *p = publish_start(&o, x, error, sizeof(error));

	if (!p)
		abort();
	while (!publish_connected(p))
		usleep(1000);
	return p;
}

static void stop_publisher(struct publish *p, struct window_exchange *x)
{
	uint64_t errors = stat_of(p, PUBLISH_ERRORS);

	if (!publish_stop(p, 5000) || errors > 0) {
		fprintf(stderr, "not all was published: %" PRIu64 " errors\n", errors);
		exit(1);
	}
	window_exchange_destroy(x);
}

static long long ask(const struct redis_server *s, const char *command)
{
	redisContext *c = redisConnectUnix(s->socket);
	redisReply *r = c && !c->err ? redisCommand(c, command) : NULL;
	long long answer;

	if (!r)
		abort();
	answer = r->type == REDIS_REPLY_STRING ? strtoll(r->str, NULL, 10) : r->integer;
	freeReplyObject(r);
	redisFree(c);
	return answer;
}

/* ---- from the seal to the last reply ---- */

enum part {
	PART_SEAL,   /* exchange windows, and a grace period: there is no RX core to wait for */
	PART_MERGE,  /* merge, clear the window */
	PART_CLOSE,  /* rates, what faded */
	PART_TOP,    /* the largest, and their texts */
	PART_WAKE,   /* hand over to the publisher's thread */
	PART_FORMAT, /* commands */
	PART_SEND,
	PART_REPLY,
	PART_ALL,
	PARTS
};

static const char *const parts[PARTS] = {
	"seal", "merge", "close", "top", "wake", "format", "send", "replies", "all"};

struct path {
	struct datagrams datagrams;
	struct base_hash hash;
	struct flow_plan *plan;
	struct seal seal;
	struct collector c;
	struct merge *m;
	struct window_exchange *x;
	struct publish *p;
	uint64_t number, flows, told; /* of the newest window: all flows, and those published */
	double ms[PARTS][WINDOWS_MOST];
};

static void path_open(struct path *a, const struct redis_server *s, unsigned n)
{
	const struct window_limits limits = {
		.agents = AGENTS, .sources = SOURCES, .counter_bytes = 4096};
	const struct agent_limits al = {
		.agents = AGENTS, .sources = SOURCES, .idle_tsc = UINT64_MAX / 2};
	const struct merge_options mo = {.agents = AGENTS,
		.sources = SOURCES,
		.rx_cores = 1,
		.expire_ms = 300000,
		.tsc_per_ms = 1e6};
	const struct flow_spec spec = {.name = "tuple",
		.keys = "ipsource,ipdestination,ipprotocol,tcpsourceport,tcpdestinationport",
		.value = "bytes",
		.n = n,
		.t = 2,
		.capacity = CAPACITY};
	struct window *current, *spare;
	struct flow_error e;

	a->plan = flow_compile(&spec, 1, NULL, &e);
	if (base_hash_init(&a->hash) < 0 || !a->plan || flow_scratch_init(&a->c.scratch) < 0)
		abort();
	current = window_create(a->plan, &limits, -1);
	spare = window_create(a->plan, &limits, -1);
	a->c.hash = &a->hash;
	a->c.agents = agent_table_create(&al, &a->hash, -1);
	a->m = merge_create(a->plan, &a->hash, &mo);
	a->x = window_exchange_create();
	if (!current || !spare || !a->c.agents || !a->m || !a->x)
		abort();
	seal_init(&a->seal, current, spare, 0, 0);
	a->number = 0;
	a->p = start_publisher(s, a->x);
}

static void path_close(struct path *a)
{
	char what[128];

	if (!merge_conserved(a->m, what, sizeof(what))) {
		fprintf(stderr, "sums do not hold: %s\n", what);
		exit(1);
	}
	stop_publisher(a->p, a->x);
	merge_destroy(a->m);
	seal_fini(&a->seal);
	flow_scratch_fini(&a->c.scratch);
	agent_table_destroy(a->c.agents);
	flow_plan_free(a->plan);
}

/* What an RX core does between two seals. Each flow's sum is another one than in the window before. */
static void fill(struct path *a)
{
	struct window *w = seal_current(&a->seal);

	for (uint32_t i = 0; i < a->datagrams.count; i++) {
		const struct datagram *d = &a->datagrams.list[i];

		if ((i + a->number) % SKIPPED == 0)
			continue;
		w->ingress[INGRESS_DATAGRAMS]++;
		collect_datagram(&a->c, w, NULL, d->bytes, d->len, a->number);
	}
	collect_flush(&a->c, w);
}

static void note(struct path *a, unsigned i, const uint64_t at[5])
{
	uint64_t stats[PUBLISH_STATS];

	publish_read_stats(a->p, stats);
	a->ms[PART_SEAL][i] = since_ms(at[0], at[1]);
	a->ms[PART_MERGE][i] = since_ms(at[1], at[2]);
	a->ms[PART_CLOSE][i] = since_ms(at[2], at[3]);
	a->ms[PART_TOP][i] = since_ms(at[3], at[4]);
	a->ms[PART_FORMAT][i] = (double)stats[PUBLISH_LAG_FORMAT] / 1e3;
	a->ms[PART_SEND][i] = (double)stats[PUBLISH_LAG_SEND] / 1e3;
	a->ms[PART_REPLY][i] = (double)stats[PUBLISH_LAG_REPLIES] / 1e3;
	a->ms[PART_ALL][i] = (double)stats[PUBLISH_LAG] / 1e3;
	a->ms[PART_WAKE][i] = a->ms[PART_ALL][i] - since_ms(at[0], at[4]) - a->ms[PART_FORMAT][i] -
			      a->ms[PART_SEND][i] - a->ms[PART_REPLY][i];
}

/* As the aggregator does it: app/weir/aggregate.c. */
static void window(struct path *a, unsigned i)
{
	struct report_options o = {.number = ++a->number,
		.start_ms = UINT64_C(1700000000000) + a->number * 1000,
		.end_ms = UINT64_C(1700000001000) + a->number * 1000,
		.sealed_ns = base_clock_mono_ns()};
	uint64_t at[5] = {o.sealed_ns};
	struct window_snapshot *s;

	seal_exchange(&a->seal, a->number, 0);
	seal_wait(a);
	at[1] = base_clock_mono_ns();
	merge_window(a->m, a->seal.sealed);
	seal_give_back(&a->seal);
	at[2] = base_clock_mono_ns();
	merge_close(a->m, 1, o.end_ms);
	at[3] = base_clock_mono_ns();
	o.complete = window_exchange_wants_all(a->x);
	s = report_make(a->m, &o);
	if (!s)
		abort();
	a->flows = s->flows[0].flows;
	a->told = s->flows[0].count;
	at[4] = base_clock_mono_ns();
	window_exchange_put(a->x, s);
	merge_next(a->m);
	wait_windows(a->p, a->number);
	note(a, i, at);
}

static int by_size(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void measure_path(struct path *a, const struct redis_server *s, unsigned n, unsigned windows)
{
	path_open(a, s, n);
	for (unsigned i = 0; i < WARM + windows; i++) {
		fill(a);
		window(a, i < WARM ? 0 : i - WARM);
	}
	if (ask(s, "HLEN weir:flow:{tuple}") != (long long)a->told ||
		ask(s, "ZCARD weir:flow:{tuple}:rank") != (long long)a->told ||
		ask(s, "HGET weir:flow:{tuple}:meta window") != (long long)a->number) {
		fprintf(stderr, "Redis has not what was published\n");
		exit(1);
	}
	path_close(a);
	printf("n %u: %" PRIu64 " flows, %u windows; ms: middle, least, most\n", n, a->flows,
		windows);
	for (unsigned i = 0; i < PARTS; i++) {
		qsort(a->ms[i], windows, sizeof(a->ms[i][0]), by_size);
		printf("n %-6u %-8s %9.3f %9.3f %9.3f\n", n, parts[i], a->ms[i][windows / 2],
			a->ms[i][0], a->ms[i][windows - 1]);
	}
}

/* ---- commands ---- */

static const struct window_flow *make_flows(struct window_snapshot *s, unsigned definition)
{
	struct window_flow *top = base_region_alloc(&s->region, TOP * sizeof(*top));

	for (unsigned i = 0; i < TOP; i++)
		top[i] = (struct window_flow){
			.key = base_region_printf(&s->region, "10.0.%u.%u,10.1.%u.%u,6,%u,443",
				definition, i, i, definition, 1024 + i * 997),
			.value = 1e9 / (i + 1) + (double)(s->number * 7919 % 100003) / 1000,
			.samples = 1000 / (i + 1) + s->number,
			.error95 = 0.0196 * (i + 1),
			.agent = "192.0.2.1",
			.source = "10",
		};
	return top;
}

/* Many definitions, all values of all flows new. */
static struct window_snapshot *make_window(uint64_t number)
{
	struct window_snapshot *s = calloc(1, sizeof(*s));
	struct window_flows *f;

	if (!s)
		abort();
	s->number = number;
	s->start_ms = UINT64_C(1700000000000) + number * 1000;
	s->end_ms = s->start_ms + 1000;
	f = base_region_alloc(&s->region, DEFINITIONS * sizeof(*f));
	for (unsigned i = 0; i < DEFINITIONS; i++)
		f[i] = (struct window_flows){
			.name = base_region_printf(&s->region, "definition%u", i),
			.unit = "bytes",
			.value = {"bytes", "rate", "bytes"},
			.total = 1000000 + number,
			.samples = 90000 + number,
			.flows = FLOWS,
			.count = TOP,
			.top = make_flows(s, i)};
	s->flows = f;
	s->flow_count = DEFINITIONS;
	return s;
}

static double cpu_of(struct publish *p)
{
	struct timespec t;
	clockid_t clock;

	if (pthread_getcpuclockid(p->thread, &clock) || clock_gettime(clock, &t))
		abort();
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

struct rates {
	double a_second, client_us, redis_us; /* commands; CPU of each */
};

static void print_rates(const char *what, const struct rates *r, const struct rates *than)
{
	printf("%-22s %10.0f commands/s %7.3f us client %7.3f us Redis", what, r->a_second,
		r->client_us, r->redis_us);
	if (than)
		printf("  weir's is %.2f of it", than->a_second / r->a_second);
	printf("\n");
}

static struct rates benchmark(const struct redis_server *s, const char *test)
{
	double before = redis_server_cpu(s), client = 0;
	struct rates r = {.a_second = redis_server_benchmark(s, test, &client)};

	r.client_us = client * 1e6;
	r.redis_us = (redis_server_cpu(s) - before) / REDIS_SERVER_COMMANDS * 1e6;
	return r;
}

static struct rates measure_commands(const struct redis_server *s, unsigned windows)
{
	struct window_exchange *x = window_exchange_create();
	struct publish *p = start_publisher(s, x);
	double client, redis, seconds = 0;
	uint64_t commands;

	for (unsigned i = 1; i <= WARM; i++) {
		window_exchange_put(x, make_window(i));
		wait_windows(p, i);
	}
	commands = stat_of(p, PUBLISH_COMMANDS);
	client = cpu_of(p);
	redis = redis_server_cpu(s);
	for (unsigned i = WARM + 1; i <= WARM + windows; i++) {
		struct window_snapshot *w = make_window(i);

		window_exchange_put(x, w);
		wait_windows(p, i);
		seconds += (double)(stat_of(p, PUBLISH_LAG_FORMAT) + stat_of(p, PUBLISH_LAG_SEND) +
				    stat_of(p, PUBLISH_LAG_REPLIES)) /
			   1e6;
	}
	redis = redis_server_cpu(s) - redis;
	client = cpu_of(p) - client;
	commands = stat_of(p, PUBLISH_COMMANDS) - commands;
	stop_publisher(p, x);
	return (struct rates){.a_second = (double)commands / seconds,
		.client_us = client / (double)commands * 1e6,
		.redis_us = redis / (double)commands * 1e6};
}

static void compare_commands(const struct redis_server *s, unsigned windows)
{
	struct rates weir = measure_commands(s, windows);
	struct rates set = benchmark(s, "set"), hset = benchmark(s, "hset");

	print_rates("weir", &weir, NULL);
	if (set.a_second > 0)
		print_rates("redis-benchmark set", &set, &weir);
	if (hset.a_second > 0)
		print_rates("redis-benchmark hset", &hset, &weir);
}

static const char usage[] =
	"Usage: bench_publish [--windows N] [--n N] [--commands]\n"
	"From the seal to the last reply. --n: for that n alone; --commands: no "
	"windows of flows.\n";

int main(int argc, char **argv)
{
	static const struct option flags[] = {{"windows", required_argument, NULL, 'w'},
		{"n", required_argument, NULL, 'n'}, {"commands", no_argument, NULL, 'c'},
		{NULL, 0, NULL, 0}};
	static const struct traffic traffic = {
		.name = "publish", .datagrams = DATAGRAMS, .flows = FLOWS, .samples = 7};
	static struct path path;
	unsigned windows = 21, n = 0;
	bool commands = false;
	struct redis_server server;
	int flag;

	while ((flag = getopt_long(argc, argv, "", flags, NULL)) != -1) {
		if (flag == 'w' && atoi(optarg) > 0 && atoi(optarg) <= WINDOWS_MOST)
			windows = (unsigned)atoi(optarg);
		else if (flag == 'n' && atoi(optarg) > 0 && atoi(optarg) <= FLOWS)
			n = (unsigned)atoi(optarg);
		else if (flag != 'c')
			return fputs(usage, stderr), 2;
		commands |= flag == 'c';
	}
	if (!commands && datagrams_make(&path.datagrams, &traffic) < 0)
		return 1;
	window_exchange_register();
	redis_server_start(&server);
	if (!commands && n)
		measure_path(&path, &server, n, windows);
	if (!commands && !n)
		measure_path(&path, &server, TOP, windows);
	if (!commands && !n)
		measure_path(&path, &server, FLOWS, windows);
	if (!n)
		compare_commands(&server, 10 * windows);
	redis_server_stop(&server);
	window_exchange_unregister();
	datagrams_free(&path.datagrams);
	return 0;
}
