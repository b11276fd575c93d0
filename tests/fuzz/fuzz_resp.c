/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "publish/batch_pvt.h"
#include "publish/connection.h"
#include "publish/send_pvt.h"

/*
 * Any bytes as what a Redis replies to a batch, and then says no more. What must hold: no more commands are
 * answered than were sent; a connection that is of no use says why.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { COMMANDS = 6, MOST = 64 << 10 };

static void check(bool ok)
{
	if (!ok)
		abort();
}

/* A socket of this process that listens for itself. */
static int listener(struct publish_url *url)
{
	static int fd = -1;
	static char name[64];
	char text[80], error[PUBLISH_ERROR];
	struct sockaddr_un at = {.sun_family = AF_UNIX};

	if (fd < 0) {
		fd = socket(AF_UNIX, SOCK_STREAM, 0);
		snprintf(name, sizeof(name), "/tmp/weir-fuzz-resp-%d", getpid());
		unlink(name);
		memcpy(at.sun_path, name, strlen(name) + 1);
		check(bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0 && listen(fd, 1) == 0);
	}
	snprintf(text, sizeof(text), "unix:%s", name);
	check(publish_url_parse(text, url, error, sizeof(error)) == 0);
	return fd;
}

/* MULTI, two commands and EXEC, of which the first replies 12; one more, and one that replies 1 and 2. */
static void fill(struct publish_batch *b)
{
	publish_batch_reset(b);
	publish_batch_multi(b);
	for (unsigned i = 0; i < 2; i++) {
		publish_batch_command(b, 2, "DEL");
		publish_batch_text(b, "key");
	}
	publish_batch_exec(b);
	publish_batch_watch(b, 0, 3, 12, 12);
	publish_batch_end(b);
	for (unsigned i = 0; i < 2; i++) {
		publish_batch_command(b, 2, "DEL");
		publish_batch_text(b, "key");
		publish_batch_end(b);
	}
	publish_batch_watch(b, 5, 5, 1, 1);
	publish_batch_expect(b, 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct publish_batch b = {.commands = 0};
	struct publish_sent sent;
	struct publish_link *l;
	struct publish_url url;
	char error[PUBLISH_ERROR];
	int fd, at = listener(&url);

	if (size > MOST)
		return 0;
	l = publish_link_open(&url, error);
	fd = accept(at, NULL, NULL);
	check(l && fd >= 0);
	check(write(fd, data, size) == (ssize_t)size);
	shutdown(fd, SHUT_WR);
	fill(&b);
	publish_send(l, &b, &sent);
	check(sent.commands <= COMMANDS && sent.bytes <= b.bytes.len);
	check(sent.lost || sent.commands == COMMANDS);
	check(!sent.lost || sent.error[0]);
	publish_link_close(l);
	close(fd);
	publish_batch_free(&b);
	return 0;
}
