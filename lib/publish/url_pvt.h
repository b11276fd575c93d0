/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "publish/url.h"

/**
 * Parse what follows sentinel://, or sentinels://, which is the same with TLS. @return 0, or -EINVAL with `error`; the caller frees `url` then
 */
int publish_url_parse_sentinel(
	const char *text, bool tls, struct publish_url *url, char *error, unsigned error_size);

/** NULL is fine. */
void publish_sentinels_free(struct publish_sentinels *s);
