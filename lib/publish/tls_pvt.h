/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "publish/url.h"

struct publish_tls;

/*
 * TLS over a socket that is connected, by OpenSSL: 1.2 or above, without renegotiation. The socket does not
 * block; each call waits by poll() until its time is up, whatever the other side sends meanwhile. One thread.
 * Errors are sentences without secrets.
 */

enum { PUBLISH_TLS_ERROR = 256 };

/**
 * Shake hands: the certificate of the server is checked against the name and the authorities of `url`, all
 * files of which are read now. The socket stays the caller's, and is non-blocking from here on.
 * @return NULL with `error`
 */
struct publish_tls *publish_tls_connect(
	int fd, const struct publish_url *url, unsigned timeout_ms, char *error);

/** Say goodbye, if the socket takes it at once, and free it. NULL is fine. */
void publish_tls_free(struct publish_tls *t);

/** Read what there is, at least a byte. @return bytes; 0: the time is up; -1 with `error` */
ssize_t publish_tls_read(
	struct publish_tls *t, void *bytes, size_t size, unsigned timeout_ms, char *error);

/** Write some of the bytes, at least one. @return how many; 0: the time is up; -1 with `error` */
ssize_t publish_tls_write(
	struct publish_tls *t, const void *bytes, size_t len, unsigned timeout_ms, char *error);

/**
 * Nothing is to come: whether the other side has ended, failed, or sent something all the same. A socket that can
 * be read says neither: tickets and new keys come at any time.
 */
bool publish_tls_hung_up(struct publish_tls *t);
