/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Secrets: where they come from, and how they are kept out of sight. Pure, but for files; any thread. */

enum { BASE_SECRET_WHY = 256 };

/**
 * What a secret of the settings stands for: "file:PATH" the first line of a file, "env:NAME" a variable of
 * the environment, anything else itself.
 * @param secret  out: `size` bytes
 * @param why     BASE_SECRET_WHY bytes: what is wrong, without anything of the secret
 * @return 0, or -errno with `why`
 */
int base_secret_read(const char *text, char *secret, size_t size, char *why);

/** Whether a text only says where its secret is, so that it may be shown. */
bool base_secret_is_place(const char *text);

/**
 * Take the password out of a text that holds a URL with a login (SCHEME://[USER]:PASSWORD@...): stars come in
 * its place, as many for all, and what the text gets shorter by is overwritten. @return whether there was one
 */
bool base_secret_hide_login(char *text);
