/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "conf/conf.h"
#include "publish/url.h"

/* How weir gets into Redis, and who gets in here: secrets and TLS of the settings. Main. */

/** What the settings say of Redis besides redis.url; texts stay those of `c`. */
struct publish_access access_redis(const struct conf *c);

enum { ACCESS_TOKEN = 257 };

/* Tokens of the API, for as long as it takes to start it: wipe them by explicit_bzero(). */
struct access_tokens {
	char token[ACCESS_TOKEN], read_token[ACCESS_TOKEN];
};

/** Read the tokens from where they are. @return 0, or -errno with `e` */
int access_read_tokens(const struct conf *c, struct access_tokens *t, struct conf_error *e);

/**
 * Check redis.url and what goes with it.
 * @param files  also that files of secrets and of TLS can be read, and are what they should be
 * @return 0, or -EINVAL with `e`
 */
int access_check(const struct conf *c, bool files, struct conf_error *e);
