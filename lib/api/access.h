/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Who may do what. Pure. */

enum api_role {
	API_NOBODY,
	API_READER, /* GET */
	API_WRITER, /* all */
};

enum { API_DIGEST = 32 }; /* bytes of SHA-256 */

/* Tokens, as digests: of a fixed length, and no token stays in memory. Constant once it is made. */
struct api_access {
	bool has_token, has_read_token;
	uint8_t token[API_DIGEST], read_token[API_DIGEST];
};

/** @param token, read_token  empty: there is none of that kind */
void api_access_init(struct api_access *a, const char *token, const char *read_token);

/** Whether there is a token; without any all are writers. */
bool api_access_asks(const struct api_access *a);

/**
 * The role that an Authorization header gives.
 * @param header  "Bearer TOKEN", or NULL
 * Takes a time that depends on the length of what the client sent alone. Any thread.
 */
enum api_role api_access_role(const struct api_access *a, const char *header);

/**
 * Whether a Host header names this machine by an address or as localhost: a page of another site
 * that had its name pointed at 127.0.0.1 (DNS rebinding) sends its own name.
 */
bool api_host_is_local(const char *host);
