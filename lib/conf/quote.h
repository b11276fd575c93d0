/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stddef.h>

enum { CONF_QUOTED = 8 }; /* bytes that a character can take between quotes, NUL included */

/**
 * The first character of a text, as it stands between double quotes of YAML and of JSON alike. Pure; any thread.
 * @param text  UTF-8, at least one byte
 * @param out   ends in NUL
 * @return bytes of `text` that it is
 */
size_t conf_quote(const char *text, size_t len, char out[CONF_QUOTED]);
