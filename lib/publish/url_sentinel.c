/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * sentinel://[[user]:password@]host[:port][,host[:port]…]/NAME[/db][?sentinel=[user]:password]
 *
 * It is taken apart into the redis:// URL of the master, with its name in place of the host, and one
 * for each Sentinel: these have their own login, and no database. With sentinels:// all of them are rediss://.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "publish/url_pvt.h"

enum { SENTINELS_MOST = 16 };
#define SENTINEL_PORT "26379"
#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_"

/* Of the text, which they point into; lengths of 0 are absent. */
struct sentinel_parts {
	const char *scheme; /* of the URLs that it is taken apart into */
	const char *login, *hosts, *name, *db, *sentinel_login;
	int login_len, hosts_len, name_len, db_len; /* the login with its @ */
};

static int fail(char *error, unsigned error_size, const char *sentence)
{
	snprintf(error, error_size, "%s", sentence);
	return -EINVAL;
}

/* @return NULL, or what is wrong */
static const char *split(const char *text, struct sentinel_parts *p)
{
	const char *slash = strchrnul(text, '/'), *query = strchrnul(slash, '?');
	const char *at = memrchr(text, '@', (size_t)(slash - text));
	const char *second;

	*p = (struct sentinel_parts){.login = text, .hosts = at ? at + 1 : text};
	p->login_len = at ? (int)(at + 1 - text) : 0;
	p->hosts_len = (int)(slash - p->hosts);
	if (memchr(slash, '@', (size_t)(query - slash)))
		return "a / or @ in the user or password of the Redis URL is written %2F or %40";
	if (*slash)
		p->name = slash + 1;
	if (!p->name || p->name == query)
		return "behind the Sentinels of the Redis URL stands /NAME of the master, as in "
		       "sentinel://host:26379/mymaster";
	p->name_len = (int)strspn(p->name, NAME_CHARACTERS);
	second = p->name + p->name_len;
	if (second != query && *second != '/')
		return "the name of the master in the Redis URL has letters, digits, . - and _ "
		       "alone";
	if (second != query) {
		p->db = second + 1;
		p->db_len = (int)(query - p->db);
	}
	if (*query == '\0')
		return NULL;
	if (strncmp(query, "?sentinel=", 10) != 0)
		return "after the name of a sentinel:// Redis URL comes /DB, "
		       "?sentinel=[user]:password, or nothing";
	p->sentinel_login = query + 10;
	return NULL;
}

/* Texts here have passwords: they do not stay in freed memory. */
static void forget(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}

static int parse_master(
	const struct sentinel_parts *p, struct publish_url *url, char *error, unsigned error_size)
{
	char *text = NULL;
	int rc;

	if (asprintf(&text, "%s%.*s%.*s/%.*s", p->scheme, p->login_len, p->login, p->name_len,
		    p->name, p->db_len, p->db ? p->db : "") < 0)
		return fail(error, error_size, "out of memory");
	rc = publish_url_parse(text, url, error, error_size);
	forget(text);
	return rc;
}

static int parse_one(const struct sentinel_parts *p, const char *host, int len,
	struct publish_url *url, char *error, unsigned error_size)
{
	const char *behind = memrchr(host, ']', (size_t)len);
	const char *from = behind ? behind : host;
	bool port = memchr(from, ':', (size_t)(host + len - from));
	char *text = NULL;
	int rc;

	if (asprintf(&text, "%s%s%s%.*s%s", p->scheme, p->sentinel_login ? p->sentinel_login : "",
		    p->sentinel_login ? "@" : "", len, host, port ? "" : ":" SENTINEL_PORT) < 0)
		return fail(error, error_size, "out of memory");
	rc = publish_url_parse(text, url, error, error_size);
	forget(text);
	return rc;
}

static int parse_all(const struct sentinel_parts *p, struct publish_sentinels *s, char *error,
	unsigned error_size)
{
	const char *host = p->hosts, *end = p->hosts + p->hosts_len, *comma;
	int rc = 0;

	for (; rc == 0 && host <= end; host = comma + 1) {
		comma = memchr(host, ',', (size_t)(end - host));
		if (!comma)
			comma = end;
		if (s->count == SENTINELS_MOST)
			return fail(error, error_size, "the Redis URL has more than 16 Sentinels");
		rc = parse_one(p, host, (int)(comma - host), &s->list[s->count], error, error_size);
		s->count += rc == 0;
	}
	return rc;
}

static int set_place(struct publish_url *url, char *error, unsigned error_size)
{
	char *place = NULL;

	if (asprintf(&place, "%s (by Sentinel %s%s)", url->host, url->sentinels->list[0].place,
		    url->sentinels->count > 1 ? ", …" : "") < 0)
		return fail(error, error_size, "out of memory");
	free(url->place);
	url->place = place;
	return 0;
}

int publish_url_parse_sentinel(
	const char *text, bool tls, struct publish_url *url, char *error, unsigned error_size)
{
	struct sentinel_parts parts;
	const char *wrong = split(text, &parts);

	parts.scheme = tls ? "rediss://" : "redis://";
	if (wrong)
		return fail(error, error_size, wrong);
	if (parse_master(&parts, url, error, error_size))
		return -EINVAL;
	url->sentinels = calloc(
		1, sizeof(*url->sentinels) + SENTINELS_MOST * sizeof(url->sentinels->list[0]));
	if (!url->sentinels)
		return fail(error, error_size, "out of memory");
	if (parse_all(&parts, url->sentinels, error, error_size))
		return -EINVAL;
	return set_place(url, error, error_size);
}

void publish_sentinels_free(struct publish_sentinels *s)
{
	for (unsigned i = 0; s && i < s->count; i++)
		publish_url_free(&s->list[i]);
	free(s);
}
