/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <jansson.h>
#include <stdint.h>

/*
 * Things with names that clients may list, read, put and remove: definitions of flows, groups, and
 * the like. Who owns them fills in one struct api_resource; lib/api makes the HTTP of it.
 */

/* What is wrong with what a client sent, in one sentence. */
struct api_error {
	char text[512];
	char in[32];     /* the attribute that it is about; empty: none, or it is in `text` */
	unsigned offset; /* with `in`: bytes into that attribute's text */
};

/* All calls come from any API thread, several at a time. */
struct api_resource {
	const char *kind; /* first part of the path: "flow" is /flow/json and /flow/{name}/json */
	void *ctx;
	/** @return a new object, name → definition; NULL where memory is short */
	json_t *(*list)(void *ctx);
	/** @return a new object; NULL: no such name */
	json_t *(*get)(void *ctx, const char *name);
	/** About what the JSON of get() takes, in bytes, where it may be long; NULL: it is short. */
	uint64_t (*cost)(void *ctx, const char *name);
	/**
	 * Make or replace; `body` is a JSON object, the caller's. NULL: the resource is read-only.
	 * @return 0; -EINVAL or -ENOSPC with `e`; -ENOENT; -ETIMEDOUT (not yet) or -ESHUTDOWN with `e`;
	 *         any other -errno is the server's fault
	 */
	int (*put)(void *ctx, const char *name, const json_t *body, struct api_error *e);
	/** NULL: read-only. @return as put */
	int (*remove)(void *ctx, const char *name, struct api_error *e);
	/** NULL, or told that somebody asked for what the name stands for now, not for its definition. */
	void (*touch)(void *ctx, const char *name);
};
