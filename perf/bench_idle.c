/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What it costs to poll an RX queue that is empty most of the time, and what it costs to sleep instead:
 * the RX core of weir on a ring, to which datagrams are given one by one, at random moments. CPU: that of
 * the RX core's thread, as a share of the time. Latency: from the moment the frame is in the queue until
 * its datagram is counted in the window. The two take turns, and the middle one of all rounds counts.
 */
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <pthread.h>
#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_eth_ring.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_ring.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/cursor.h"
#include "ports.h"
#include "rx.h"

enum { PORT = 6343, BUFFERS = 8191, RING = 4096, ROUNDS_MOST = 99, SAMPLES_MOST = 1 << 20 };
enum mode { POLL, SLEEP, MODES };
enum { LOADS = 3 };

static const char *const mode_names[] = {"poll", "sleep"};
static const unsigned loads[LOADS] = {0, 1000, 10000}; /* datagrams a second */

struct result {
	double cpu, p50, p99; /* percent, microseconds */
};

static struct bench {
	struct rte_ring *ring;
	struct rte_mempool *pool;
	struct ports_queue queue;
	struct flow_plan *plan;
	struct base_hash hash;
	struct rx *rx;
	pthread_t thread; /* of the RX core */
	bool runs;
	double seconds;
	double latency[SAMPLES_MOST];
} b;

static void need(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "bench_idle: %s\n", what);
	exit(1);
}

static int rx_core(void *arg)
{
	b.thread = pthread_self();
	rx_set_flag(&b.runs, true);
	return rx_run(arg);
}

static void open_port(void)
{
	const struct rte_eth_conf conf = {0};
	int port;

	b.pool = rte_pktmbuf_pool_create("bench", BUFFERS, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, -1);
	b.ring = rte_ring_create("bench", RING, -1, RING_F_SP_ENQ | RING_F_SC_DEQ);
	need(b.pool && b.ring, "no memory");
	port = rte_eth_from_ring(b.ring);
	need(port >= 0 && rte_eth_dev_configure((uint16_t)port, 1, 1, &conf) == 0 &&
			rte_eth_rx_queue_setup((uint16_t)port, 0, RING, 0, NULL, b.pool) == 0 &&
			rte_eth_tx_queue_setup((uint16_t)port, 0, RING, 0, NULL) == 0 &&
			rte_eth_dev_start((uint16_t)port) == 0,
		"the port does not start");
	b.queue = (struct ports_queue){.port_id = (uint16_t)port, .link = INGRESS_LINK_ETHERNET};
}

static void open_core(void)
{
	const struct flow_spec spec = {
		.name = "f", .keys = "ipsource", .value = "bytes", .capacity = 1024};
	const struct window_limits limits = {.agents = 16, .sources = 16, .counter_bytes = 1 << 20};
	const struct agent_limits agents = {
		.agents = 16, .sources = 16, .idle_tsc = UINT64_MAX / 2};
	const struct ingress_options in = {.udp_port = PORT,
		.link = INGRESS_LINK_ETHERNET,
		.fragments = 16,
		.fragment_ms = 1000,
		.socket = -1};
	struct flow_error e;
	struct rx *rx = aligned_alloc(64, sizeof(*rx));

	need(rx && base_hash_init(&b.hash) == 0, "no memory");
	memset(rx, 0, sizeof(*rx));
	b.plan = flow_compile(&spec, 1, NULL, &e);
	need(b.plan != NULL, "the definition is not compiled");
	seal_init(&rx->seal, window_create(b.plan, &limits, -1), window_create(b.plan, &limits, -1),
		rte_rdtsc(), base_clock_wall_ns());
	rx->queue = &b.queue;
	rx->burst = RX_BURST;
	rx->ahead = COLLECT_FETCH_BYTES;
	rx->expire_tsc = rte_get_tsc_hz();
	rx->time_offset = -1;
	rx->collector.hash = &b.hash;
	rx->collector.census = flow_census_create();
	rx->collector.agents = agent_table_create(&agents, &b.hash, -1);
	rx->ingress = ingress_create(&in);
	need(rx->collector.agents && rx->collector.census && rx->ingress &&
			flow_scratch_init(&rx->collector.scratch) == 0,
		"no memory");
	b.rx = rx;
}

/* An sFlow datagram without samples. */
static struct rte_mbuf *frame(void)
{
	enum { PAYLOAD = 28, IP = 20, UDP = 8, ETHER = 14 };
	struct rte_mbuf *m = rte_pktmbuf_alloc(b.pool);
	uint8_t *p;

	need(m != NULL, "no buffers");
	p = (uint8_t *)rte_pktmbuf_append(m, ETHER + IP + UDP + PAYLOAD);
	memset(p, 0, m->data_len);
	base_put_u16(p + 12, 0x0800);
	p[14] = 0x45;
	base_put_u16(p + 16, IP + UDP + PAYLOAD);
	p[23] = 17;
	base_put_u16(p + 36, PORT);
	base_put_u16(p + 38, UDP + PAYLOAD);
	p[42 + 3] = 5;
	p[42 + 7] = 1;
	return m;
}

static uint64_t processed(void)
{
	return __atomic_load_n(
		&seal_current(&b.rx->seal)->sflow[SFLOW_DATAGRAMS], __ATOMIC_RELAXED);
}

/* Microseconds until one datagram is counted. */
static double give(void)
{
	struct rte_mbuf *m = frame();
	uint64_t before = processed(), start = rte_rdtsc();

	need(rte_ring_enqueue(b.ring, m) == 0, "the ring is full");
	while (processed() == before)
		rte_pause();
	return (double)(rte_rdtsc() - start) * 1e6 / (double)rte_get_tsc_hz();
}

/* Sleep for a random time, so that naps are met at any moment of theirs. */
static void gap(unsigned rate)
{
	double s = -log(1 - drand48()) / rate;
	uint64_t end = rte_rdtsc() + (uint64_t)(s * (double)rte_get_tsc_hz());

	while (rte_rdtsc() < end)
		rte_pause();
}

static double thread_seconds(void)
{
	struct timespec t;
	clockid_t id;

	pthread_getcpuclockid(b.thread, &id);
	clock_gettime(id, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int compare(const void *x, const void *y)
{
	double a = *(const double *)x, c = *(const double *)y;

	return (a > c) - (a < c);
}

static struct result measure(unsigned rate)
{
	struct timespec pause = {
		.tv_sec = (time_t)b.seconds, .tv_nsec = (long)(fmod(b.seconds, 1) * 1e9)};
	uint64_t start = base_clock_mono_ns(), end = start + (uint64_t)(b.seconds * 1e9);
	double cpu = thread_seconds();
	unsigned n = 0;

	if (rate == 0)
		nanosleep(&pause, NULL);
	while (rate > 0 && n < SAMPLES_MOST && base_clock_mono_ns() < end) {
		gap(rate);
		b.latency[n++] = give();
	}
	cpu = (thread_seconds() - cpu) / ((double)(base_clock_mono_ns() - start) / 1e9);
	if (n == 0)
		return (struct result){.cpu = cpu * 100};
	qsort(b.latency, n, sizeof(*b.latency), compare);
	return (struct result){cpu * 100, b.latency[n / 2], b.latency[(uint64_t)n * 99 / 100]};
}

static void round_of(enum mode mode, struct result *results)
{
	b.rx->sleepy = mode == SLEEP;
	rx_set_flag(&b.rx->stop, false);
	rx_set_flag(&b.runs, false);
	need(rte_eal_remote_launch(rx_core, b.rx, 1) == 0, "the RX core does not start");
	while (!rx_flag(&b.runs))
		rte_pause();
	for (unsigned i = 0; i < LOADS; i++)
		results[i] = measure(loads[i]);
	rx_set_flag(&b.rx->stop, true);
	rte_eal_wait_lcore(1);
}

static double middle(struct result r[ROUNDS_MOST][LOADS], unsigned rounds, unsigned load, size_t at)
{
	double v[ROUNDS_MOST];

	for (unsigned i = 0; i < rounds; i++)
		memcpy(&v[i], (const char *)&r[i][load] + at, sizeof(v[i]));
	qsort(v, rounds, sizeof(*v), compare);
	return v[rounds / 2];
}

static void report(struct result r[MODES][ROUNDS_MOST][LOADS], unsigned rounds)
{
	for (unsigned i = 0; i < LOADS; i++) {
		struct result m[MODES];

		for (unsigned k = 0; k < MODES; k++) {
			m[k] = (struct result){
				middle(r[k], rounds, i, offsetof(struct result, cpu)),
				middle(r[k], rounds, i, offsetof(struct result, p50)),
				middle(r[k], rounds, i, offsetof(struct result, p99))};
			printf("%6u datagrams/s %-5s CPU %6.2f %%  p50 %7.2f us  p99 %7.2f us\n",
				loads[i], mode_names[k], m[k].cpu, m[k].p50, m[k].p99);
		}
		printf("%6u datagrams/s ratio sleep to poll: CPU %.3f", loads[i],
			m[SLEEP].cpu / m[POLL].cpu);
		if (loads[i])
			printf(" p50 %.1f p99 %.1f", m[SLEEP].p50 / m[POLL].p50,
				m[SLEEP].p99 / m[POLL].p99);
		putchar('\n');
	}
}

static void start_eal(void)
{
	static char text[] = "bench --no-huge --no-pci -m 128 --no-shconf --no-telemetry "
			     "--log-level=*:error --lcores 0,1";
	char *argv[16];
	int argc = 0;

	for (char *p = strtok(text, " "); p; p = strtok(NULL, " "))
		argv[argc++] = p;
	argv[argc] = NULL;
	need(rte_eal_init(argc, argv) >= 0, "DPDK does not start");
}

int main(int argc, char **argv)
{
	static const struct option options[] = {{"rounds", required_argument, NULL, 'r'},
		{"seconds", required_argument, NULL, 's'}, {0}};
	static struct result r[MODES][ROUNDS_MOST][LOADS];
	unsigned rounds = 5;
	int o;

	b.seconds = 1;
	while ((o = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (o == 'r' && atoi(optarg) > 0 && atoi(optarg) <= ROUNDS_MOST)
			rounds = (unsigned)atoi(optarg);
		else if (o == 's' && atof(optarg) > 0)
			b.seconds = atof(optarg);
		else
			return 2;
	}
	start_eal();
	open_port();
	open_core();
	for (unsigned i = 0; i < rounds; i++)
		for (unsigned k = 0; k < MODES; k++)
			round_of((enum mode)k, r[k][i]);
	report(r, rounds);
	return 0;
}
