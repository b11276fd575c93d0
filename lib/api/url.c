/* SPDX-License-Identifier: BSD-3-Clause */
#include "api/url.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* RFC 3986, section 2.1; `plus`: a + is a blank, as forms of HTML write it. */
static const char *unescape(char *text, bool plus)
{
	char *to = text;

	for (const char *p = text; *p; p++) {
		int high, low;

		if (*p != '%') {
			*to++ = plus && *p == '+' ? ' ' : *p;
			continue;
		}
		high = hex(p[1]);
		low = high < 0 ? -1 : hex(p[2]);
		if (low < 0)
			return "a % without two hexadecimal digits behind it; write % as %25";
		if (high == 0 && low == 0)
			return "%00 is no character of a text";
		*to++ = (char)(high << 4 | low);
		p += 2;
	}
	*to = '\0';
	return NULL;
}

static int parse_path(char *path, struct api_url *url)
{
	char *rest = path, *segment;

	while ((segment = strsep(&rest, "/"))) {
		if (*segment == '\0') /* before the first, or doubled */
			continue;
		if (url->segment_count == API_SEGMENTS)
			return -ENAMETOOLONG;
		url->wrong = unescape(segment, false);
		if (url->wrong)
			return -EINVAL;
		url->segments[url->segment_count++] = segment;
	}
	return 0;
}

static int parse_query(char *query, struct api_url *url)
{
	char *rest = query, *pair;

	while ((pair = strsep(&rest, "&"))) {
		char *name = strsep(&pair, "=");
		struct api_argument *a = &url->arguments[url->argument_count];

		if (*name == '\0' && !pair)
			continue;
		if (url->argument_count == API_ARGUMENTS) {
			url->wrong = "more than 32 query parameters";
			return -EINVAL;
		}
		url->wrong = unescape(name, true);
		if (!url->wrong && pair)
			url->wrong = unescape(pair, true);
		if (url->wrong)
			return -EINVAL;
		*a = (struct api_argument){name, pair ? pair : ""};
		url->argument_count++;
	}
	return 0;
}

/* Length of the scheme, in any case, and of what is behind it; 0: the target is a path. */
static size_t scheme_len(const char *text)
{
	static const char *const schemes[] = {"http://", "https://"};

	for (unsigned i = 0; i < 2; i++) {
		if (strncasecmp(text, schemes[i], strlen(schemes[i])) == 0)
			return strlen(schemes[i]);
	}
	return 0;
}

/* Before a path; a query may follow at once. */
static int parse_authority(char **path, struct api_url *url)
{
	size_t scheme = scheme_len(*path);
	char *rest = *path + scheme;

	if (!scheme)
		return 0;
	url->authority = strsep(&rest, "/");
	*path = rest ? rest : *path + strlen(*path);
	if (*url->authority)
		return 0;
	url->wrong = "no host behind http://";
	return -EINVAL;
}

int api_url_parse(char *text, struct api_url *url)
{
	char *query, *path = text;
	int err;

	memset(url, 0, sizeof(*url));
	text[strcspn(text, "#")] = '\0';
	query = strchr(text, '?');
	if (query)
		*query++ = '\0';
	err = parse_authority(&path, url);
	if (err == 0)
		err = parse_path(path, url);
	return err == 0 && query ? parse_query(query, url) : err;
}

const char *api_url_argument(const struct api_url *url, const char *name)
{
	for (unsigned i = 0; i < url->argument_count; i++) {
		if (strcmp(url->arguments[i].name, name) == 0)
			return url->arguments[i].value;
	}
	return NULL;
}
