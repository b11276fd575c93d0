/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

/*
 * The target of a request: "/activeflows/ALL/pairs/json?maxFlows=10" (RFC 3986, sections 3.3, 3.4),
 * perhaps with "http://weir:8008" before it (RFC 9112, section 3.2.2). Pure; the text is anybody's.
 */

enum { API_SEGMENTS = 9, API_ARGUMENTS = 32 };

struct api_argument {
	const char *name, *value;
};

struct api_url {
	const char *
		authority; /* "weir:8008", which goes before the header Host; NULL: there is none */
	unsigned segment_count, argument_count;
	const char *segments[API_SEGMENTS]; /* of the path, without escapes */
	struct api_argument arguments[API_ARGUMENTS];
	const char *wrong; /* after an error: the sentence */
};

/**
 * Take a target apart, in place: what `url` points to lies in `text`.
 * @return 0; -EINVAL with url->wrong: an escape that is none, a NUL, too many arguments, no host
 *         -ENAMETOOLONG: more segments than any path has
 */
int api_url_parse(char *text, struct api_url *url);

/** The value of the first argument of a name, NULL where there is none. */
const char *api_url_argument(const struct api_url *url, const char *name);
