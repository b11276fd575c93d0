/* SPDX-License-Identifier: BSD-3-Clause */
#include "run.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "hostile.h"
#include "sink.h"
#include "stream.h"
#include "truth.h"

enum {
	BURST = 256,         /* datagrams between two looks at the clock */
	LATE_NS = 100000000, /* further behind than this is not made up for */
	SLEEP_MIN_NS = 200000,
	SLEEP_MAX_NS = 20000000,
	POLL_SLEEP_NS = 1000000, /* where there are counter samples alone */
};

struct run {
	const struct gen_options *o;
	struct gen_model *model;
	struct gen_stream *stream;
	struct gen_impair *impair;
	struct gen_truth *truth;
	struct gen_hostile hostile;
	struct gen_sink *sink;
	uint64_t made; /* datagrams, against o->datagrams */
	uint64_t duration_ns;
	uint64_t start_ms; /* of model time, since 1970 */
	uint64_t late_ns;  /* of a live run: the most that model time was behind */
	uint64_t second;   /* of a live run, for which a line is due next */
	uint64_t said_datagrams, said_samples;
};

static volatile sig_atomic_t stopped;

static void on_signal(int number)
{
	(void)number;
	stopped = 1;
}

static void catch_signals(void)
{
	struct sigaction action = {.sa_handler = on_signal};

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

static bool enough(const struct run *r)
{
	return stopped || (r->o->datagrams && r->made >= r->o->datagrams);
}

/* The far end of the network: what arrives is put on the wire and counted. */
static int take(void *ctx, const struct gen_datagram *dg, enum gen_arrival arrival)
{
	struct run *r = ctx;
	int rc = arrival == GEN_LOST ? 0 : r->sink->send(r->sink, dg);

	if (rc == 0)
		gen_truth_count(r->truth, dg, arrival);
	return rc;
}

static int send_hostile(struct run *r, uint64_t time_ns)
{
	struct gen_datagram dg;
	unsigned kind = gen_hostile_make(&r->hostile, time_ns, &dg);
	int rc = r->sink->send(r->sink, &dg);

	r->made++;
	if (rc == 0)
		gen_truth_count_hostile(r->truth, kind);
	return rc;
}

static int pass(struct run *r, const struct gen_datagram *dg)
{
	int rc = 0;

	while (rc == 0 && !enough(r) && gen_hostile_turn(&r->hostile, dg->time_ns))
		rc = send_hostile(r, dg->time_ns);
	if (rc || enough(r))
		return rc;
	r->made++;
	return gen_impair_pass(r->impair, dg);
}

static int drain(struct run *r)
{
	struct gen_datagram dg;
	int rc = 0;

	while (rc == 0 && !enough(r) && gen_stream_drain(r->stream, &dg))
		rc = pass(r, &dg);
	return rc ? rc : gen_impair_drain(r->impair);
}

/* Into a file: as fast as it takes it; time is the model's. */
static int run_file(struct run *r)
{
	uint64_t until = r->o->seconds > 0 ? (uint64_t)(r->o->seconds * 1e9) : UINT64_MAX;
	struct gen_datagram dg;
	int rc = 0;

	r->start_ms = r->o->start * 1000;
	while (rc == 0 && !enough(r) && gen_stream_next(r->stream, until, &dg))
		rc = pass(r, &dg);
	r->duration_ns = gen_stream_time(r->stream);
	return rc ? rc : drain(r);
}

static void say_second(struct run *r, uint64_t elapsed_ns)
{
	uint64_t datagrams = gen_truth_datagrams(r->truth);
	uint64_t samples = gen_truth_flow_samples(r->truth);

	if (r->o->quiet || elapsed_ns < (r->second + 1) * 1000000000)
		return;
	r->second = elapsed_ns / 1000000000;
	fprintf(stderr, "%6llu s %10llu datagrams/s %12llu flow samples/s\n",
		(unsigned long long)r->second, (unsigned long long)(datagrams - r->said_datagrams),
		(unsigned long long)(samples - r->said_samples));
	r->said_datagrams = datagrams;
	r->said_samples = samples;
}

/* Half the time that a datagram takes to fill, so that low rates sleep long. */
static void sleep_a_while(const struct gen_options *o)
{
	double ns = o->model.counters_only ? POLL_SLEEP_NS
		    : o->model.rate > 0
			    ? 0.5e9 * (double)o->model.samples_per_datagram / o->model.rate
			    : 0;
	struct timespec t = {.tv_nsec = ns < SLEEP_MIN_NS   ? SLEEP_MIN_NS
					: ns > SLEEP_MAX_NS ? SLEEP_MAX_NS
							    : (long)ns};

	nanosleep(&t, NULL);
}

/* @return true when all that is due by `now_ns` is sent, false for more to do; -errno in `rc` */
static bool send_due(struct run *r, uint64_t now_ns, int *rc)
{
	struct gen_datagram dg;
	bool ready = true;

	for (unsigned i = 0; i < BURST && ready && *rc == 0 && !enough(r); i++) {
		ready = gen_stream_next(r->stream, now_ns, &dg);
		if (ready)
			*rc = pass(r, &dg);
	}
	if (*rc == 0)
		*rc = r->sink->flush(r->sink);
	return !ready;
}

/* Live: model time is time since the start, and samples are put off where sending is slower. */
static int run_live(struct run *r)
{
	uint64_t start = base_clock_mono_ns(), now = 0;
	uint64_t end = r->o->seconds > 0 ? (uint64_t)(r->o->seconds * 1e9) : UINT64_MAX;
	int rc = 0;

	r->start_ms = base_clock_wall_ns() / 1000000;
	while (rc == 0 && now < end && !enough(r)) {
		uint64_t behind;

		now = base_clock_mono_ns() - start;
		now = now < end ? now : end;
		behind = now - gen_stream_time(r->stream);
		r->late_ns = behind > r->late_ns ? behind : r->late_ns;
		if (send_due(r, now, &rc)) {
			sleep_a_while(r->o);
		} else {
			behind = now - gen_stream_time(r->stream);
			if (behind > LATE_NS)
				gen_stream_postpone(r->stream, behind);
		}
		say_second(r, now);
	}
	if (rc == 0)
		rc = drain(r);
	if (rc == 0)
		rc = r->sink->flush(r->sink);
	r->duration_ns = base_clock_mono_ns() - start;
	return rc;
}

static int write_truth(struct run *r)
{
	const struct gen_truth_report report = {
		.definitions = r->o->definitions,
		.definition_count = r->o->definition_count,
		.top = r->o->top,
		.duration_s = (double)r->duration_ns / 1e9,
		.frames = r->sink->frames,
		.bytes = r->sink->bytes,
		.start_ms = r->start_ms,
		.late_s = (double)r->late_ns / 1e9,
		.fleet = gen_stream_fleet(r->stream),
	};
	bool to_stdout = !r->o->truth || strcmp(r->o->truth, "-") == 0;
	json_t *json = gen_truth_json(r->truth, &report);
	FILE *f = to_stdout ? stdout : fopen(r->o->truth, "w");
	int rc = f ? 0 : -errno;

	if (!json)
		rc = -ENOMEM;
	if (rc == 0 && json_dumpf(json, f, JSON_INDENT(2) | JSON_REAL_PRECISION(12)) < 0)
		rc = -EIO;
	if (rc == 0)
		fputc('\n', f);
	if (f && (to_stdout ? fflush(f) : fclose(f)) != 0)
		rc = -errno;
	if (rc < 0)
		fprintf(stderr, "sflowgen: %s: %s\n", to_stdout ? "standard output" : r->o->truth,
			strerror(-rc));
	json_decref(json);
	return rc;
}

static int prepare(struct run *r)
{
	const struct gen_receiver receiver = {.take = take, .ctx = r};

	r->model = gen_model_create(&r->o->model);
	if (!r->model)
		return -ENOMEM;
	r->stream = gen_stream_create(r->model);
	r->truth = gen_truth_create(r->model);
	r->impair = gen_impair_create(
		&r->o->shares, r->o->model.seed, r->model->exporter_count, &receiver);
	gen_hostile_init(&r->hostile, r->o->model.seed, r->o->hostile, r->o->hostile_kinds);
	r->hostile.from_ns = (uint64_t)(r->o->hostile_from * 1e9);
	if (r->o->hostile_for > 0)
		r->hostile.to_ns = r->hostile.from_ns + (uint64_t)(r->o->hostile_for * 1e9);
	return r->stream && r->truth && r->impair ? 0 : -ENOMEM;
}

static struct gen_sink *open_sink(const struct gen_options *o)
{
	static const uint8_t none[6], local[6] = {0x02, 0xFD, 0, 0, 0, 1};
	struct gen_frame_settings frame = o->frame;
	char sentence[512];
	struct base_text error = base_text(sentence, sizeof(sentence));
	struct gen_sink *sink;

	if (o->out) {
		if (memcmp(frame.src_mac, none, sizeof(none)) == 0)
			memcpy(frame.src_mac, local, sizeof(local));
		sink = gen_pcap_open(o->out, &frame, o->start, &error);
	} else if (o->iface) {
		sink = gen_packet_open(o->iface, &frame, &error);
	} else {
		sink = gen_udp_open(o->udp, &error);
	}
	if (!sink)
		fprintf(stderr, "sflowgen: %s\n", sentence);
	return sink;
}

static void complain(const struct gen_options *o, int rc)
{
	const char *where = o->out ? o->out : o->iface ? o->iface : o->udp;

	if (rc == -EMSGSIZE)
		fprintf(stderr,
			"sflowgen: %s: a datagram is longer than the MTU allows; "
			"use --fragment MTU or a smaller --max-payload\n",
			where);
	else
		fprintf(stderr, "sflowgen: %s: %s\n", where, strerror(-rc));
}

int gen_run(const struct gen_options *o)
{
	struct run r = {.o = o};
	int rc, closed;

	catch_signals();
	rc = prepare(&r);
	if (rc < 0) {
		fprintf(stderr, "sflowgen: not enough memory for such a fabric\n");
		goto out;
	}
	r.sink = open_sink(o);
	if (!r.sink) {
		rc = -EIO;
		goto out;
	}
	rc = o->out ? run_file(&r) : run_live(&r);
	closed = r.sink->flush(r.sink);
	rc = rc ? rc : closed;
	if (rc < 0)
		complain(o, rc);
	if (write_truth(&r) < 0)
		rc = -EIO;
	closed = r.sink->close(r.sink);
	rc = rc ? rc : closed;
out:
	gen_impair_destroy(r.impair);
	gen_truth_destroy(r.truth);
	gen_stream_destroy(r.stream);
	gen_model_destroy(r.model);
	return rc < 0 ? 1 : 0;
}
