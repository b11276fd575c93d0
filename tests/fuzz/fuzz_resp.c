/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "../unit/publish/transaction.h"
#include "publish/connection.h"
#include "publish/send_pvt.h"

/*
 * Any bytes as what a Redis replies to a batch, and then says no more. What must hold: no more commands are
 * answered than were sent; a connection that is of no use says why.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { COMMANDS = TRANSACTION_COMMANDS + 2, MOST = 64 << 10 };

static void check(bool ok)
{
	if (!ok)
		abort();
}

static char folder[] = "/tmp/weir-fuzz-XXXXXX";
static struct sockaddr_un place = {.sun_family = AF_UNIX};
static struct publish_url url;

static void tidy(void)
{
	unlink(place.sun_path);
	rmdir(folder);
	publish_url_free(&url);
}

/* A socket of this process that listens for itself; `url` leads there. */
static int listener(void)
{
	char text[sizeof(place.sun_path) + 8], error[PUBLISH_ERROR];
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	check(mkdtemp(folder) && fd >= 0);
	snprintf(place.sun_path, sizeof(place.sun_path), "%s/redis", folder);
	check(bind(fd, (struct sockaddr *)&place, sizeof(place)) == 0 && listen(fd, 1) == 0);
	snprintf(text, sizeof(text), "unix:%s", place.sun_path);
	check(publish_url_parse(text, &url, error, sizeof(error)) == 0);
	atexit(tidy);
	return fd;
}

/* A transaction, one more command, and one that is expected to reply 1 and 2. */
static void fill(struct publish_batch *b)
{
	transaction_add(b);
	for (unsigned i = 0; i < 2; i++) {
		publish_batch_command(b, 2, "DEL");
		publish_batch_text(b, "key");
		publish_batch_end(b);
	}
	publish_batch_watch(b, COMMANDS - 1, COMMANDS - 1, 1, 1);
	publish_batch_expect(b, 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int at = -1;
	struct publish_batch b = {.commands = 0};
	struct publish_sent sent;
	struct publish_link *l;
	char error[PUBLISH_ERROR];
	int fd;

	if (size > MOST)
		return 0;
	if (at < 0)
		at = listener();
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
