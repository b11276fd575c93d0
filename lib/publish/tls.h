/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "publish/url.h"

/**
 * Whether the files of TLS can be read, and certificate and key are a pair. Any thread.
 * @param option  out: which one `error` is about, by its name in the settings
 * @param error   PUBLISH_ERROR bytes (publish/connection.h)
 * @return 0, also without TLS; -EINVAL with `error`
 */
int publish_tls_check(const struct publish_url *url, const char **option, char *error);
