/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * weirctl decode: a capture of a million flow samples in each format, from the file to the last byte
 * of output, against a plain memcpy() of that output, which runs in the same pass over it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "capture.h"
#include "decode/decode.h"
#include "traffic.h"

enum { RUNS = 3, RING = 64 << 20 };

static const struct traffic traffic = {.name = "a million",
	.datagrams = 142858,
	.flows = 100000,
	.zipf = 1.1,
	.samples = 7,
	.header = 128};

static const struct {
	const char *name;
	enum decode_format format;
} formats[] = {
	{"text", DECODE_TEXT},
	{"grep", DECODE_GREP},
	{"csv", DECODE_LINE},
	{"json", DECODE_JSON},
};

enum { FORMATS = sizeof(formats) / sizeof(formats[0]) };

struct pass {
	char *ring; /* where the output is copied to; NULL: nowhere */
	size_t at;
	uint64_t bytes;
	double copy; /* seconds in memcpy() */
};

static double cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int swallow(void *ctx, const char *bytes, size_t len)
{
	struct pass *p = ctx;
	double start;

	p->bytes += len;
	if (!p->ring)
		return 0;
	if (p->at + len > RING)
		p->at = 0;
	start = cpu();
	memcpy(p->ring + p->at, bytes, len);
	p->copy += cpu() - start;
	p->at += len;
	return 0;
}

/* @return CPU seconds of the pass, less than 0 where it failed */
static double run(const char *file, enum decode_format format, struct pass *p, uint64_t *samples)
{
	const struct decode_sink sink = {.write = swallow, .ctx = p};
	struct decode *d = decode_create(format, &sink);
	static const volatile bool stop;
	struct decode_datagram g;
	struct capture c;
	double start = cpu();
	int rc;

	if (!d || capture_open_file(&c, file))
		return -1;
	while ((rc = capture_next(&c, &g, &stop)) == 1)
		decode_datagram(d, &g);
	decode_flush(d);
	*samples = decode_stats(d)[SFLOW_FLOW_SAMPLES];
	capture_close(&c);
	decode_destroy(d);
	return rc < 0 ? -1 : cpu() - start - p->copy;
}

static int compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static int measure(const char *file, unsigned i, char *ring)
{
	double seconds[RUNS], copies[RUNS];
	uint64_t samples = 0;
	struct pass p = {0};

	for (unsigned r = 0; r < RUNS; r++) {
		p = (struct pass){.ring = ring};
		seconds[r] = run(file, formats[i].format, &p, &samples);
		if (seconds[r] < 0 || samples != (uint64_t)traffic.datagrams * traffic.samples)
			return -1;
		copies[r] = p.copy;
	}
	qsort(seconds, RUNS, sizeof(double), compare);
	qsort(copies, RUNS, sizeof(double), compare);
	printf("%-5s %8.3f us a sample (%.3f to %.3f), %6.0f bytes a sample, memcpy %.3f us, "
	       "ratio %.1f\n",
		formats[i].name, seconds[RUNS / 2] * 1e6 / (double)samples,
		seconds[0] * 1e6 / (double)samples, seconds[RUNS - 1] * 1e6 / (double)samples,
		(double)p.bytes / (double)samples, copies[RUNS / 2] * 1e6 / (double)samples,
		seconds[RUNS / 2] / copies[RUNS / 2]);
	return 0;
}

/* What the process has taken at most: the ring that the output is copied to is not the decoder's. */
static long peak_kib(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_maxrss;
}

int main(void)
{
	char file[64];
	char *ring = malloc(RING);
	long before;
	int err = ring ? 0 : -1;

	snprintf(file, sizeof(file), "/dev/shm/weir-bench-%ld.pcap", (long)getpid());
	if (!err)
		err = traffic_write(&traffic, file);
	if (!err) {
		memset(ring, 1, RING);
		before = peak_kib();
		for (unsigned i = 0; i < FORMATS && !err; i++)
			err = measure(file, i, ring);
		printf("peak memory: %ld KiB before the first pass, %ld KiB after the last\n",
			before, peak_kib());
	}
	unlink(file);
	free(ring);
	return err ? 1 : 0;
}
