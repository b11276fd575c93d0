/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <hiredis/hiredis.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

/* A private redis-server on a UNIX socket in a folder of its own. */
struct server {
	pid_t pid;
	char dir[64], socket[96], url[112];
};

static inline void nap(void)
{
	nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
}

/* Wait until a condition holds; tests fail where it does not within ten seconds. */
#define WAIT_UNTIL(condition)                                                                      \
	do {                                                                                       \
		unsigned tries_ = 0;                                                               \
		while (!(condition)) {                                                             \
			if (tries_++ == 2000)                                                      \
				fail_msg("timed out: %s", #condition);                             \
			nap();                                                                     \
		}                                                                                  \
	} while (0)

static inline bool server_installed(void)
{
	return system("command -v redis-server >/dev/null 2>&1") == 0;
}

static inline void server_folder(struct server *s)
{
	s->pid = 0;
	strcpy(s->dir, "/tmp/weir-test-XXXXXX");
	assert_non_null(mkdtemp(s->dir));
	snprintf(s->socket, sizeof(s->socket), "%s/redis.sock", s->dir);
	snprintf(s->url, sizeof(s->url), "unix:%s", s->socket);
}

static inline bool server_ready(const struct server *s)
{
	redisContext *c = redisConnectUnix(s->socket);
	redisReply *r = c && !c->err ? redisCommand(c, "PING") : NULL;
	bool ready = r && (r->type == REDIS_REPLY_STATUS || strncmp(r->str, "NOAUTH", 6) == 0);

	if (r)
		freeReplyObject(r);
	if (c)
		redisFree(c);
	return ready;
}

/* It dies with the test, whatever becomes of that. */
static inline void server_run(struct server *s)
{
	s->pid = fork();
	assert_true(s->pid >= 0);
	if (s->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", s->socket,
			"--dir", s->dir, "--save", "", "--appendonly", "no", "--logfile",
			"redis.log", "--daemonize", "no", (char *)NULL);
		_exit(127);
	}
	WAIT_UNTIL(server_ready(s));
}

static inline void server_kill(struct server *s)
{
	if (s->pid <= 0)
		return;
	kill(s->pid, SIGKILL);
	waitpid(s->pid, NULL, 0);
	s->pid = 0;
	unlink(s->socket);
}

static inline void server_remove(struct server *s)
{
	char log[96];

	server_kill(s);
	snprintf(log, sizeof(log), "%s/redis.log", s->dir);
	unlink(log);
	rmdir(s->dir);
}

static inline redisContext *server_connect(const struct server *s)
{
	redisContext *c = redisConnectUnix(s->socket);

	assert_non_null(c);
	assert_int_equal(c->err, 0);
	return c;
}

/* Run a command; its reply as one line: arrays in brackets, texts and integers as they are. */
static inline void reply_line(const redisReply *r, char *line, size_t size)
{
	size_t len = strlen(line);

	if (r->type == REDIS_REPLY_INTEGER) {
		snprintf(line + len, size - len, "%lld", r->integer);
	} else if (r->type == REDIS_REPLY_NIL) {
		snprintf(line + len, size - len, "nil");
	} else if (r->type == REDIS_REPLY_ARRAY) {
		snprintf(line + len, size - len, "[");
		for (size_t i = 0; i < r->elements; i++) {
			if (i > 0)
				strncat(line, " ", size - strlen(line) - 1);
			reply_line(r->element[i], line, size);
		}
		strncat(line, "]", size - strlen(line) - 1);
	} else {
		snprintf(line + len, size - len, "%s", r->str);
	}
}

static inline const char *ask(redisContext *c, const char *fmt, ...)
{
	static char line[65536];
	redisReply *r;
	va_list ap;

	va_start(ap, fmt);
	r = redisvCommand(c, fmt, ap);
	va_end(ap);
	assert_non_null(r);
	line[0] = '\0';
	reply_line(r, line, sizeof(line));
	freeReplyObject(r);
	return line;
}
