/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "capture.h"
#include "commands.h"
#include "decode/decode.h"

/* weirctl decode: datagrams of a stream as text, on stdout; what is wrong with them, on stderr. */

enum { SFLOW_PORT = 6343, DAMAGES = 1000 };

static volatile bool stop;

static void on_signal(int signal)
{
	(void)signal;
	stop = true;
}

static void catch_signals(void)
{
	struct sigaction a = {.sa_handler = on_signal};

	sigaction(SIGINT, &a, NULL);
	sigaction(SIGTERM, &a, NULL);
}

static int write_out(void *ctx, const char *bytes, size_t len)
{
	(void)ctx;
	while (len) {
		ssize_t n = write(STDOUT_FILENO, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		bytes += n;
		len -= (size_t)n;
	}
	return 0;
}

/* One line for each break, of the first so many. */
static void say_damage(void *ctx, uint64_t number, const struct sflow_break *b)
{
	uint64_t *said = ctx;

	if (++*said > DAMAGES)
		return;
	fprintf(stderr, "weirctl: datagram %llu", (unsigned long long)number);
	if (b->sample >= 0)
		fprintf(stderr, ", sample %d", b->sample);
	if (b->record >= 0)
		fprintf(stderr, ", record %d", b->record);
	fprintf(stderr, ": %s at byte %u", sflow_break_reason(b->reason), b->offset);
	if (b->field)
		fprintf(stderr, ", in %s", b->field);
	fprintf(stderr, "%s\n", *said == DAMAGES ? "; more is only counted" : "");
}

/* Whether a counter is of something that is not as it should be. */
static bool is_notable(const char *name, enum sflow_stat s)
{
	return strstr(name, "drop_") || s == SFLOW_RECORD_SHORT || s == SFLOW_RECORD_ADDR_TYPE ||
	       s == SFLOW_TRAILING_BYTES || s >= SFLOW_SAMPLE_SURPLUS;
}

static void say_counter(const char **before, const char *name, uint64_t value)
{
	if (!value)
		return;
	fprintf(stderr, "%s%s %llu", *before, name, (unsigned long long)value);
	*before = ", ";
}

/* One line of counters, where there is anything to say. */
static void say_counters(const uint64_t *stats, const struct capture *c)
{
	const char *before = "weirctl: ";

	for (unsigned i = 0; i < SFLOW_STATS; i++) {
		if (is_notable(sflow_stats.defs[i].name, i))
			say_counter(&before, sflow_stats.defs[i].name, stats[i]);
	}
	say_counter(&before, "frames cut by the capture", c->cut);
	say_counter(&before, "frames without UDP", c->left_out);
	say_counter(&before, "IP fragments not put together", c->fragments);
	say_counter(&before, "lost before decoding", capture_lost(c));
	if (before[0] == ',')
		fputc('\n', stderr);
}

static enum decode_format format_of(const struct options *o)
{
	if (o->json)
		return DECODE_JSON;
	if (o->line)
		return DECODE_LINE;
	return o->grep ? DECODE_GREP : DECODE_TEXT;
}

/* Of a stream that goes on, each datagram is shown as it comes. @return 0, or -errno */
static int run(const struct options *o, struct capture *c, struct decode *d)
{
	struct decode_datagram g;
	uint64_t count = 0;
	int rc = 0, err;

	while ((!o->count || count < o->count) && (rc = capture_next(c, &g, &stop)) == 1) {
		count++;
		err = decode_datagram(d, &g);
		if (!err && c->goes_on)
			err = decode_flush(d);
		if (err)
			return err;
	}
	err = decode_flush(d);
	return rc < 0 ? rc : err;
}

static int decode(const struct options *o, struct capture *c)
{
	uint64_t said = 0;
	const struct decode_sink sink = {
		.write = write_out,
		.damage = say_damage,
		.ctx = &said,
	};
	struct decode *d = decode_create(format_of(o), &sink);
	int err;

	if (!d) {
		fprintf(stderr, "weirctl: out of memory\n");
		return 1;
	}
	err = run(o, c, d);
	if (err && err != -EIO && err != -EPIPE)
		fprintf(stderr, "weirctl: stdout: %s\n", strerror(-err));
	say_counters(decode_stats(d), c);
	decode_destroy(d);
	return err ? 1 : 0;
}

static int open_source(const struct options *o, struct capture *c)
{
	uint16_t port = o->port ? o->port : SFLOW_PORT;

	if (o->name)
		return capture_open_until(c, o->name, &stop);
	return o->iface ? capture_open_iface(c, o->iface, port) : capture_open_socket(c, port);
}

/* @return whether the options make sense together */
static bool check(const struct options *o)
{
	if (o->line + o->grep + o->json > 1) {
		fprintf(stderr, "weirctl: only one of --line, --grep and --json at a time\n");
		return false;
	}
	if (!!o->name + (o->iface || o->port) != 1) {
		fprintf(stderr,
			"weirctl: decode takes a capture FILE (- for stdin), -i IFACE or -p "
			"PORT%s\n",
			o->name ? ", one of them" : "");
		return false;
	}
	return true;
}

/* What is known, rather than what is in a stream. */
static int print_reference(const struct options *o)
{
	if (o->structures + o->schema > 1 || o->name || o->iface || o->port || o->count ||
		o->line || o->grep || o->json) {
		fprintf(stderr, "weirctl: --%s stands alone: no FILE, no other option\n",
			o->structures ? "structures" : "schema");
		return 2;
	}
	if (o->structures)
		decode_print_structures(stdout);
	else
		decode_print_schema(stdout);
	return 0;
}

int command_decode(const struct options *o)
{
	struct capture c;
	int err, rc;

	if (o->structures || o->schema)
		return print_reference(o);
	if (!check(o))
		return 2;
	catch_signals();
	err = open_source(o, &c);
	if (err == -EINTR)
		return 0;
	if (err)
		return err == -EINVAL ? 2 : 1;
	rc = decode(o, &c);
	capture_close(&c);
	return rc;
}
