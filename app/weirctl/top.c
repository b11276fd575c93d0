/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "channel.h"
#include "commands.h"
#include "document.h"
#include "session.h"
#include "stored.h"
#include "top_screen.h"
#include "top_view.h"

enum {
	TOP_APPEAR_MS = 5000, /* how long a live view waits for its definition to appear */
	TOP_POLL_MS = 100,
};

static uint64_t after_ms(uint64_t ms)
{
	return base_clock_mono_ns() + ms * 1000000u;
}

/* Takes the reference. */
static void show(const struct options *o, json_t *document)
{
	if (o->json) {
		top_view_cut(document, o->n);
		document_print(document);
		return;
	}
	/* Without a keyboard top_screen() is not for us: the view is in place all the same. */
	if (o->live && !o->plain && isatty(STDOUT_FILENO))
		fputs("\033[H\033[J", stdout); /* home, and clear from there */
	top_view_print(stdout, document, o->n);
	if (o->live)
		putchar('\n');
	fflush(stdout);
	json_decref(document);
}

static json_int_t member(const json_t *document, const char *name)
{
	return json_integer_value(json_object_get(document, name));
}

/* How long to wait for the next window; 0: this collector is not at work any more. */
static uint64_t patience_ms(const json_t *document)
{
	json_int_t now = (json_int_t)(base_clock_wall_ns() / 1000000);
	json_int_t span = member(document, "end_ms") - member(document, "start_ms");
	json_int_t age = now - member(document, "end_ms");

	if (span <= 0 || age < 0 || age > 3 * span + 1000)
		return 0;
	return (uint64_t)(2 * span + 1000);
}

/* The channel knows more than the hash; the hash is what is left of a collector that has ended. */
static int top_once(struct session *s, const struct options *o)
{
	json_t *stored, *document = NULL;
	struct channel c = {NULL};
	uint64_t patience;
	int rc = stored_read(s, o, &stored);

	if (rc == 0)
		stored_tell_missing(s, o);
	if (rc <= 0)
		return 1;
	patience = patience_ms(stored);
	rc = patience ? channel_open(&c, s, o->prefix, o->name) : 0;
	if (rc == 0 && c.redis)
		rc = channel_next(&c, after_ms(patience), &document);
	if (rc == 1)
		show(o, document);
	else if (rc == 0)
		show(o, json_incref(stored));
	channel_close(&c);
	json_decref(stored);
	return rc < 0 ? 1 : 0;
}

/* Right after the start of a collector its first window may still be to come. */
static int wait_appear(struct session *s, const struct options *o, uint64_t end_ns)
{
	uint64_t give_up = after_ms(TOP_APPEAR_MS);
	json_t *stored;
	int rc;

	while ((rc = stored_read(s, o, &stored)) == 0) {
		uint64_t now = base_clock_mono_ns();

		if (now >= give_up || now >= end_ns) {
			stored_tell_missing(s, o);
			return -ENOENT;
		}
		nanosleep(&(struct timespec){.tv_nsec = TOP_POLL_MS * 1000000}, NULL);
	}
	if (rc > 0)
		json_decref(stored);
	return rc < 0 ? rc : 0;
}

/*
 * Show each window, or with an interval the newest whenever one has passed, but for a tenth: windows
 * come a little early or late.
 */
static int follow(struct feed *f, const struct options *o, uint64_t end_ns)
{
	uint64_t next_ns = 0;
	json_t *document;
	int rc = 0;

	while (rc >= 0 && base_clock_mono_ns() < end_ns) {
		rc = feed_next(f, end_ns < after_ms(1000) ? end_ns : after_ms(1000), &document);
		if (rc <= 0)
			continue;
		if (base_clock_mono_ns() < next_ns) {
			json_decref(document);
			continue;
		}
		next_ns = after_ms(o->interval_ms - o->interval_ms / 10);
		show(o, document);
		if (ferror(stdout))
			return -EPIPE;
	}
	return rc;
}

static int view(struct feed *f, const struct options *o, uint64_t end_ns)
{
	int rc = o->plain || o->json ? -ENOTTY : top_screen(f, o, end_ns);

	if (rc == -ENOTTY)
		rc = follow(f, o, end_ns);
	return rc < 0 ? 1 : 0;
}

static uint64_t end_of(const struct options *o)
{
	return o->seconds ? after_ms(o->seconds * 1000) : UINT64_MAX;
}

static int top_live(struct session *s, const struct options *o)
{
	uint64_t end_ns = end_of(o);
	struct feed f;
	int rc;

	if (wait_appear(s, o, end_ns))
		return 1;
	rc = feed_open_redis(&f, s, o) ? 1 : view(&f, o, end_ns);
	feed_close(&f);
	return rc;
}

static int show_once(struct feed *f, const struct options *o)
{
	json_t *document;
	int rc = feed_next(f, UINT64_MAX, &document);

	if (rc == 1)
		show(o, document);
	return rc == 1 ? 0 : 1;
}

static int top_of_api(const struct options *o)
{
	struct feed f;
	int rc = feed_open_api(&f, o);

	if (rc)
		return client_exit(rc);
	rc = o->live ? view(&f, o, end_of(o)) : show_once(&f, o);
	feed_close(&f);
	return rc;
}

int command_top(const struct options *o)
{
	if (o->api_given && o->redis_given) {
		fprintf(stderr, "weirctl: top reads Redis or the API: --redis or --api\n");
		return 2;
	}
	if (o->api_given)
		return top_of_api(o);
	return session_run(o, o->live ? top_live : top_once);
}
