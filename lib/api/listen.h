/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <sys/socket.h>

/* Where the API listens: an address and a port, no name, since a name may move. */
struct api_listen {
	struct sockaddr_storage addr;
	socklen_t len;
	bool loopback;
};

/**
 * Parse ADDRESS:PORT or [ADDRESS]:PORT; `error` is one sentence.
 * @return 0 or -EINVAL
 */
int api_listen_parse(const char *text, struct api_listen *l, char *error, unsigned error_size);
