/* SPDX-License-Identifier: BSD-3-Clause */
#include "publish/link.h"
#include "base/clock.h"

#include <errno.h>
#include <hiredis/hiredis.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "publish/buffer_pvt.h"
#include "publish/tls_pvt.h"

enum {
	LINK_READ = 16 << 10,  /* bytes at once: a record of TLS */
	LINK_MOST = 512 << 20, /* bytes of an answer that are kept: the longest text of Redis */
	LINK_PATIENCE = 10,    /* times PUBLISH_ANSWER_MS, until an answer has to be whole */
	LINK_ALERT =
		0x15, /* first byte of a server of TLS that is not amused: RFC 8446, section 5.1 */
};

struct publish_link {
	struct redisContext *redis;
	struct publish_tls *tls;   /* NULL: plain; the socket blocks, and has time-outs */
	struct publish_buffer out; /* commands that are not written yet */
	bool answered;             /* something has come */
	char error[PUBLISH_ERROR];
};

static struct timeval timeval_of(unsigned ms)
{
	return (struct timeval){.tv_sec = ms / 1000, .tv_usec = (suseconds_t)(ms % 1000) * 1000};
}

static redisContext *open_socket(const struct publish_url *url)
{
	if (url->path)
		return redisConnectUnixWithTimeout(url->path, timeval_of(PUBLISH_CONNECT_MS));
	return redisConnectWithTimeout(url->host, url->port, timeval_of(PUBLISH_CONNECT_MS));
}

/* Time-outs of a socket surface as EAGAIN, whose own text would puzzle everyone. */
static const char *text_of(const redisContext *c)
{
	if (c->err == REDIS_ERR_IO && errno == EAGAIN)
		return "no answer in time";
	return c->errstr[0] ? c->errstr : "the connection is closed";
}

struct publish_link *publish_link_open(const struct publish_url *url, char *error)
{
	struct publish_link *l = calloc(1, sizeof(*l));

	if (l)
		l->redis = open_socket(url);
	if (!l || !l->redis) {
		snprintf(error, PUBLISH_ERROR, "out of memory");
		goto fail;
	}
	if (l->redis->err || redisSetTimeout(l->redis, timeval_of(PUBLISH_ANSWER_MS)) != REDIS_OK) {
		snprintf(error, PUBLISH_ERROR, "%s", text_of(l->redis));
		goto fail;
	}
	if (!url->path)
		redisEnableKeepAlive(l->redis);
	if (url->tls) {
		l->tls = publish_tls_connect(l->redis->fd, url, PUBLISH_ANSWER_MS, error);
		if (!l->tls)
			goto fail;
	}
	return l;
fail:
	publish_link_close(l);
	return NULL;
}

void publish_link_close(struct publish_link *l)
{
	if (!l)
		return;
	publish_tls_free(l->tls);
	if (l->redis)
		redisFree(l->redis);
	if (l->out.bytes)
		explicit_bzero(l->out.bytes, l->out.size);
	publish_buffer_free(&l->out);
	free(l);
}

/*
 * Redis, or the way to it, may still hold commands, and carry them out after those of the next
 * connection: at least what has not left this host does not.
 */
void publish_link_cut_off(struct publish_link *l)
{
	const struct linger none = {.l_onoff = 1, .l_linger = 0};

	if (l)
		setsockopt(l->redis->fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
	publish_link_close(l);
}

void publish_link_place(const struct publish_link *l, char *text)
{
	snprintf(text, PUBLISH_PLACE, strchr(l->redis->tcp.host, ':') ? "[%.100s]:%d" : "%.100s:%d",
		l->redis->tcp.host, l->redis->tcp.port);
}

int publish_link_fd(const struct publish_link *l)
{
	return l->redis->fd;
}

struct redisContext *publish_link_context(struct publish_link *l)
{
	return l->redis;
}

const char *publish_link_error(const struct publish_link *l)
{
	return l ? l->error : "out of memory";
}

/* ---- bytes ---- */

static ssize_t fail(struct publish_link *l, const char *why)
{
	snprintf(l->error, sizeof(l->error), "%s", why);
	return -1;
}

static ssize_t fail_errno(struct publish_link *l)
{
	return fail(l, errno == EAGAIN ? "no answer in time" : strerror(errno));
}

static ssize_t send_some(struct publish_link *l, const char *bytes, size_t len)
{
	ssize_t n;

	if (l->tls) {
		n = publish_tls_write(l->tls, bytes, len, PUBLISH_ANSWER_MS, l->error);
		return n == 0 ? fail(l, "no answer in time") : n;
	}
	do
		n = send(l->redis->fd, bytes, len, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n < 0 ? fail_errno(l) : n;
}

/* A server of TLS takes commands for a handshake gone wrong: it sends an alert, or just ends. */
static ssize_t end_of_plain(struct publish_link *l)
{
	if (l->answered || l->redis->connection_type == REDIS_CONN_UNIX)
		return fail(l, "Server closed the connection");
	return fail(l, "Server closed the connection without an answer; if it speaks TLS, the URL "
		       "starts with rediss:// or sentinels://");
}

static ssize_t receive_plain(struct publish_link *l, char *bytes, size_t size)
{
	ssize_t n;

	do
		n = recv(l->redis->fd, bytes, size, 0);
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno == ECONNRESET && !l->answered)
		n = 0;
	if (n == 0)
		return end_of_plain(l);
	if (n > 0 && !l->answered && bytes[0] == LINK_ALERT)
		return fail(
			l, "the server speaks TLS: the URL starts with rediss:// or sentinels://");
	return n < 0 ? fail_errno(l) : n;
}

/* @return bytes that the reader got; 0: none came in time; -1: the link is of no use any more */
static ssize_t receive(struct publish_link *l, unsigned timeout_ms)
{
	char bytes[LINK_READ];
	ssize_t n;

	if (l->tls)
		n = publish_tls_read(l->tls, bytes, sizeof(bytes), timeout_ms, l->error);
	else
		n = receive_plain(l, bytes, sizeof(bytes));
	if (n <= 0)
		return n;
	l->answered = true;
	if (redisReaderFeed(l->redis->reader, bytes, (size_t)n) == REDIS_OK)
		return n;
	return fail(l, l->redis->reader->errstr);
}

bool publish_link_write(struct publish_link *l, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = send_some(l, bytes, len);

		if (n < 0)
			return false;
		bytes += n;
		len -= (size_t)n;
	}
	return true;
}

bool publish_link_hung_up(struct publish_link *l)
{
	struct pollfd pfd = {.fd = l->redis->fd, .events = POLLIN};

	return l->tls ? publish_tls_hung_up(l->tls) : poll(&pfd, 1, 0) > 0;
}

/* ---- commands and replies ---- */

static void add_command(struct publish_link *l, char *command, int len)
{
	if (len < 0)
		abort(); /* no memory, or a wrong format */
	publish_buffer_add(&l->out, command, (size_t)len);
	explicit_bzero(command, (size_t)len); /* of AUTH */
	redisFreeCommand(command);
}

void publish_link_append(struct publish_link *l, int argc, const char **argv, const size_t *lens)
{
	char *command = NULL;
	int len = redisFormatCommandArgv(&command, argc, argv, lens);

	add_command(l, command, len);
}

void publish_link_vformat(struct publish_link *l, const char *fmt, va_list ap)
{
	char *command = NULL;
	int len = redisvFormatCommand(&command, fmt, ap);

	add_command(l, command, len);
}

void publish_link_format(struct publish_link *l, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	publish_link_vformat(l, fmt, ap);
	va_end(ap);
}

static bool flush(struct publish_link *l)
{
	bool done = publish_link_write(l, l->out.bytes, l->out.len);

	if (l->out.len > 0)
		explicit_bzero(l->out.bytes, l->out.len);
	publish_buffer_reset(&l->out);
	return done;
}

/* What the reader has of bytes that were read. */
static bool take(struct publish_link *l, void **reply)
{
	*reply = NULL;
	if (redisReaderGetReply(l->redis->reader, reply) == REDIS_OK)
		return true;
	fail(l, l->redis->reader->errstr);
	return false;
}

bool publish_link_reply(struct publish_link *l, void **reply)
{
	uint64_t end_ns =
		base_clock_mono_ns() + LINK_PATIENCE * PUBLISH_ANSWER_MS * UINT64_C(1000000);

	if (!take(l, reply))
		return false;
	if (!*reply && !flush(l))
		return false;
	while (!*reply) {
		ssize_t n = receive(l, PUBLISH_ANSWER_MS);

		if (n > 0 && base_clock_mono_ns() > end_ns) {
			fail(l, "no whole answer in time");
			return false;
		}
		if (n > 0 && l->redis->reader->len > LINK_MOST) {
			fail(l, "an answer that is too long");
			return false;
		}

		if (n == 0)
			fail(l, "no answer in time");
		if (n <= 0 || !take(l, reply))
			return false;
	}
	return true;
}

bool publish_link_reply_now(struct publish_link *l, void **reply)
{
	struct pollfd pfd = {.fd = l->redis->fd, .events = POLLIN};
	ssize_t n = 1;

	if (!take(l, reply))
		return false;
	while (!*reply && n > 0) {
		n = l->tls || poll(&pfd, 1, 0) > 0 ? receive(l, 0) : 0;
		if (n < 0 || !take(l, reply))
			return false;
	}
	return true;
}

struct redisReply *publish_link_ask(
	struct publish_link *l, int argc, const char **argv, const size_t *lens)
{
	void *reply;

	publish_link_append(l, argc, argv, lens);
	return publish_link_reply(l, &reply) ? reply : NULL;
}
