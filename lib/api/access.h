/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>

/* Who may do what. Pure. */

enum api_role {
	API_NOBODY,
	API_READER, /* GET */
	API_WRITER, /* all */
};

/**
 * The role that an Authorization header gives.
 * @param token, read_token  empty: there is none of that kind; without both, all are writers
 * @param header  "Bearer TOKEN", or NULL
 * Takes a time that depends on the length of what the client sent alone.
 */
enum api_role api_access(const char *token, const char *read_token, const char *header);

/**
 * Whether a Host header names this machine by an address or as localhost: a page of another site
 * that had its name pointed at 127.0.0.1 (DNS rebinding) sends its own name.
 */
bool api_host_is_local(const char *host);
