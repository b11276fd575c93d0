/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <gnutls/abstract.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/stat.h>

/*
 * The certificate of the API and its key, of two PEM files that are looked at again when a client shakes hands: a
 * renewed pair is taken from then on, one that is not whole yet is passed over. One in a process: what libmicrohttpd
 * calls back has no context.
 */

struct api_certificate_file {
	const char *path; /* the caller's, outlives it */
	char *text;
	struct timespec time; /* of what was read last, good or not */
	ino_t inode;
};

struct api_certificate {
	/* Threads of connections, under the mutex. */
	pthread_mutex_t mutex;
	struct api_certificate_file cert, key; /* the newest pair that is one */
	uint64_t looked_ns;                    /* monotonic */
};

/**
 * Read the pair, and give it to those who shake hands from here on.
 * @param error  one sentence
 * @return 0, or -EINVAL with `error`; ends with api_certificate_close() in either case
 */
int api_certificate_open(struct api_certificate *c, const char *cert, const char *key, char *error,
	unsigned error_size);

/**
 * Whether the files can be read, and are a pair.
 * @param option  out: the name of the wrong one in the settings
 * @return 0, or -EINVAL with `error`
 */
int api_certificate_check(
	const char *cert, const char *key, const char **option, char *error, unsigned error_size);

/** No client shakes hands any more. One that was never opened and is zeroed is fine. */
void api_certificate_close(struct api_certificate *c);

/** For MHD_OPTION_HTTPS_CERT_CALLBACK2. */
gnutls_certificate_retrieve_function3 api_certificate_give;
