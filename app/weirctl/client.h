/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <jansson.h>

#include "options.h"

/* A connection to the HTTP API of weir. What goes wrong is said on stderr, in one sentence. */
struct client {
	void *curl; /* CURL */
	void *headers;
	const char *base; /* URL without the path */
};

/* What was asked, for the words of an error. */
struct client_question {
	const char *method, *path; /* the path is encoded already */
	const json_t *body;        /* NULL: none */
	unsigned wait_s;           /* how long the server may wait before it answers */
	bool plain;                /* the answer is any text, and is given as a JSON string */
};

/** @return 0, -EINVAL: the URL or the token file is wrong, after a word on stderr */
int client_open(struct client *c, const struct options *o);
void client_close(struct client *c);

/**
 * Ask, and read the answer.
 * @param answer  gets the caller's reference, NULL where there is no body; may be NULL
 * @return 0; after a word on stderr -EINVAL: the server says that what was sent is wrong (400), -ENOENT:
 *         there is no such thing (404), -EIO: anything else
 */
int client_ask(struct client *c, const struct client_question *q, json_t **answer);

/** A part of a path, encoded; free(). */
char *client_encode(struct client *c, const char *text);

/** Exit code of a command whose question came to `err`. */
int client_exit(int err);
