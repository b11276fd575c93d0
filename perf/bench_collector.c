/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The whole collector on one RX core, replaying a capture that it makes itself from memory
 * (net_pcap, infinite_rx), against what the same port gives to a core that only receives. The cost
 * of each stage is the difference between runs that go one stage further, on the same mbufs.
 */
#include <errno.h>
#include <getopt.h>
#include <rte_cycles.h>
#include <rte_launch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon.h"
#include "eal.h"
#include "stages.h"
#include "traffic.h"

static const struct traffic cases[] = {
	{"in cache: 1,000 datagrams, 10,000 flows, Zipf 1.1", 1000, 10000, 1.1, 7},
	{"100,000 datagrams, 100,000 flows, Zipf 1.1", 100000, 100000, 1.1, 7},
	{"180,000 datagrams, 1,000,000 keys, uniform", 180000, 3000000, 0, 7},
};

static const char settings[] =
	"redis: {url: ''}\n"
	"flows:\n"
	"  - {name: tcp, value: bytes, n: 20, capacity: 2000000, keys: 'ipsource,"
	"ipdestination,ipprotocol,tcpsourceport,tcpdestinationport'}\n";

struct bench {
	double seconds; /* of each measurement */
	unsigned runs;
	int only; /* number of one case, -1 all */
};

/* What one run of a case gave. */
struct result {
	double receive;            /* packets a second */
	double ns[STAGES];         /* per sample */
	double datagrams, samples; /* a second, whole collector */
	uint64_t keys, other;
	bool conserved;
};

static double run_stage(struct daemon *d, enum stage stage, double seconds, double *ns)
{
	struct stage_run r = {.rx = d->rx[0], .stage = stage, .seconds = seconds};

	rte_eal_remote_launch(stage_run, &r, EAL_RX);
	rte_eal_wait_lcore(EAL_RX);
	/* Receiving has no samples of its own; the caller divides by those of a datagram. */
	*ns = r.elapsed * 1e9 / (double)(r.samples ? r.samples : r.packets);
	return (double)r.packets / r.elapsed;
}

static void run_stages(
	struct daemon *d, const struct traffic *t, const struct bench *b, struct result *out)
{
	double ns[STAGES];

	for (int i = 0; i < STAGES; i++) {
		double rate;

		run_stage(d, (enum stage)i, b->seconds / 4, &ns[i]); /* warm up */
		rate = run_stage(d, (enum stage)i, b->seconds, &ns[i]);
		if (i == STAGE_RECEIVE)
			out->receive = rate;
	}
	ns[STAGE_RECEIVE] /= t->samples;
	for (int i = 0; i < STAGES; i++)
		out->ns[i] = i == STAGE_RECEIVE ? ns[i] : ns[i] - ns[i - 1];
	/* No core runs now: the window that the stages filled is put away unread. */
	seal_exchange(&d->rx[0]->seal, rte_rdtsc(), base_clock_wall_ns());
	seal_give_back(&d->rx[0]->seal);
}

static int run_collector(struct daemon *d, const struct bench *b, struct result *out)
{
	struct conf_error e = {.text = ""};
	const struct merge *m;
	char what[128];

	if (daemon_launch(d, &e) < 0) {
		fprintf(stderr, "%s\n", e.text);
		return -EIO;
	}
	usleep((useconds_t)(b->seconds * 2e6));
	daemon_stop(d);
	m = d->aggregate.merge;
	out->datagrams = (double)m->sflow[SFLOW_DATAGRAMS] / d->elapsed;
	out->samples = (double)m->sflow[SFLOW_SAMPLES] / d->elapsed;
	out->keys = merge_keys(&m->definitions[0]);
	out->other = m->definitions[0].ever.other;
	out->conserved = merge_conserved(m, what, sizeof(what));
	if (!out->conserved)
		fprintf(stderr, "sums do not hold: %s\n", what);
	return 0;
}

static void print_result(const struct traffic *t, const struct result *r)
{
	printf("  receive-only %6.2f M datagrams/s\n", r->receive / 1e6);
	printf("  weir         %6.2f M datagrams/s  %6.2f M samples/s  ratio %.2f\n",
		r->datagrams / 1e6, r->samples / 1e6, r->datagrams / r->receive);
	printf("  ns a sample: receive %.1f, decode %.1f, key %.1f, table %.1f; whole %.1f\n",
		r->ns[STAGE_RECEIVE], r->ns[STAGE_DECODE], r->ns[STAGE_KEY], r->ns[STAGE_TABLE],
		1e9 / r->samples);
	printf("  keys %lu, other %lu, sums %s\n\n", (unsigned long)r->keys,
		(unsigned long)r->other, r->conserved ? "hold" : "DO NOT HOLD");
	fflush(stdout);
}

static int run_case(const struct traffic *t, const struct bench *b, const char *folder)
{
	char conf[512], pcap[512];
	char *argv[] = {(char[]){"weir"}, (char[]){"-c"}, conf, (char[]){"--pcap"}, pcap,
		(char[]){"--loop"}};
	struct conf_error e = {.text = ""};
	struct result result = {0};
	struct options o;
	struct daemon d;
	FILE *f;
	int err;

	snprintf(conf, sizeof(conf), "%s/bench.yaml", folder);
	snprintf(pcap, sizeof(pcap), "%s/bench.pcap", folder);
	f = fopen(conf, "w");
	if (!f || fputs(settings, f) < 0 || fclose(f) != 0 || traffic_write(t, pcap) < 0)
		return 1;
	if (options_read(&o, sizeof(argv) / sizeof(argv[0]), argv, &e) != 0)
		return 1;
	err = daemon_open(&d, &o, &e);
	if (err < 0)
		fprintf(stderr, "%s\n", e.text);
	if (err == 0) {
		run_stages(&d, t, b, &result);
		err = run_collector(&d, b, &result);
	}
	if (err == 0)
		print_result(t, &result);
	fflush(stdout);
	_exit(err < 0 ||
		!result.conserved); /* the process of this case ends here, with all that it holds */
}

/* DPDK starts once in a process: each case is one of its own. */
static int fork_case(const struct traffic *t, const struct bench *b)
{
	char folder[] = "/dev/shm/weir-bench.XXXXXX", path[512];
	int status = 1;
	pid_t pid;

	if (!mkdtemp(folder))
		return 1;
	pid = fork();
	if (pid == 0)
		_exit(run_case(t, b, folder));
	if (pid > 0)
		waitpid(pid, &status, 0);
	snprintf(path, sizeof(path), "%s/bench.pcap", folder);
	unlink(path);
	snprintf(path, sizeof(path), "%s/bench.yaml", folder);
	unlink(path);
	rmdir(folder);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static const char usage[] =
	"Usage: bench_collector [--seconds S] [--runs N] [--case N]\n"
	"The whole collector on one RX core with one 5-tuple definition, against receive-only.\n";

int main(int argc, char **argv)
{
	static const struct option flags[] = {{"seconds", required_argument, NULL, 's'},
		{"runs", required_argument, NULL, 'r'}, {"case", required_argument, NULL, 'c'},
		{NULL, 0, NULL, 0}};
	struct bench b = {.seconds = 3, .runs = 1, .only = -1};
	int flag, failed = 0;

	while ((flag = getopt_long(argc, argv, "", flags, NULL)) != -1) {
		if (flag == 's')
			b.seconds = atof(optarg);
		else if (flag == 'r')
			b.runs = (unsigned)atoi(optarg);
		else if (flag == 'c')
			b.only = atoi(optarg);
		else
			return fputs(usage, stderr), 2;
	}
	for (int i = 0; i < (int)(sizeof(cases) / sizeof(cases[0])); i++) {
		if (b.only >= 0 && b.only != i)
			continue;
		printf("%d: %s, %u samples each\n", i, cases[i].name, cases[i].samples);
		fflush(stdout);
		for (unsigned run = 0; run < b.runs; run++)
			failed |= fork_case(&cases[i], &b);
	}
	return failed;
}
