/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>

#include "server.h"

/* A server on a TCP port of 127.0.0.1 that answers as a test says: what no real one can be made to. */

enum { SCRIPTED_CLIENTS = 16, SCRIPTED_TEXT = 4096 };

struct scripted {
	/**
	 * Write the answer to a command: what is sent is `text` up to its end.
	 * @return false: the connection is closed behind it. In the server's thread.
	 */
	bool (*answer)(void *ctx, const redisReply *command, char text[SCRIPTED_TEXT]);
	void *ctx;
	int port;
	int listener, wake[2];
	pthread_t thread;
	struct {
		int fd;
		redisReader *reader;
	} clients[SCRIPTED_CLIENTS];
	unsigned count;
};

/* A word of a command, in either case. */
static inline bool scripted_is(const redisReply *command, const char *name)
{
	return strcasecmp(command->element[0]->str, name) == 0;
}

static inline void scripted_drop(struct scripted *s, unsigned i)
{
	close(s->clients[i].fd);
	redisReaderFree(s->clients[i].reader);
	s->clients[i] = s->clients[--s->count];
}

/* @return false: the connection is no more */
static inline bool scripted_serve(struct scripted *s, unsigned i)
{
	char bytes[4096], text[SCRIPTED_TEXT];
	ssize_t n = recv(s->clients[i].fd, bytes, sizeof(bytes), 0);
	redisReply *command;

	if (n <= 0)
		return false;
	redisReaderFeed(s->clients[i].reader, bytes, (size_t)n);
	for (;;) {
		bool stays;

		if (redisReaderGetReply(s->clients[i].reader, (void **)&command) != REDIS_OK)
			return false;
		if (!command)
			return true;
		text[0] = '\0';
		stays = s->answer(s->ctx, command, text);
		freeReplyObject(command);
		if (send(s->clients[i].fd, text, strlen(text), MSG_NOSIGNAL) < 0 || !stays)
			return false;
	}
}

static inline void *scripted_run(void *arg)
{
	struct scripted *s = arg;
	struct pollfd p[SCRIPTED_CLIENTS + 2];

	for (;;) {
		p[0] = (struct pollfd){.fd = s->wake[0], .events = POLLIN};
		p[1] = (struct pollfd){.fd = s->listener, .events = POLLIN};
		for (unsigned i = 0; i < s->count; i++)
			p[2 + i] = (struct pollfd){.fd = s->clients[i].fd, .events = POLLIN};
		poll(p, 2 + s->count, -1);
		if (p[0].revents)
			return NULL;
		for (unsigned i = s->count; i-- > 0;) {
			if (p[2 + i].revents && !scripted_serve(s, i))
				scripted_drop(s, i);
		}
		if (p[1].revents && s->count < SCRIPTED_CLIENTS) {
			s->clients[s->count].reader = redisReaderCreate();
			s->clients[s->count++].fd = accept(s->listener, NULL, NULL);
		}
	}
}

/* `answer` and `ctx` are set. */
static inline void scripted_start(struct scripted *s)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(at);

	s->count = 0;
	s->listener = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(s->listener, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(s->listener, 16), 0);
	assert_int_equal(getsockname(s->listener, (struct sockaddr *)&at, &len), 0);
	s->port = ntohs(at.sin_port);
	assert_int_equal(pipe(s->wake), 0);
	assert_int_equal(pthread_create(&s->thread, NULL, scripted_run, s), 0);
}

static inline void scripted_stop(struct scripted *s)
{
	close(s->wake[1]);
	pthread_join(s->thread, NULL);
	close(s->wake[0]);
	close(s->listener);
	while (s->count > 0)
		scripted_drop(s, 0);
}
