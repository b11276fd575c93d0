/* SPDX-License-Identifier: BSD-3-Clause */
#include "publish/url.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "publish/url_pvt.h"

enum {
	URL_PORT = 6379,
	URL_DB_MAX = 65535,
};

/* A piece of the URL text. */
struct part {
	const char *p;
	size_t len;
};

/* Errors never quote the URL: what looks like a host or port may be a piece of the password. */
struct parser {
	struct publish_url *url;
	char *error;
	unsigned error_size;
};

static int __attribute__((format(printf, 2, 3))) fail(struct parser *ps, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(ps->error, ps->error_size, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

/* An @ behind the slash that ends the host: most likely that slash is one of the password. */
static int fail_login(struct parser *ps)
{
	return fail(
		ps, "a / or @ in the user or password of the Redis URL is written %%2F or %%40");
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* RFC 3986, section 2.1. A NUL could not be told from the end of the text, so it is refused. */
static int decode(struct parser *ps, struct part part, const char *what, char **out)
{
	char *to = calloc(1, part.len + 1);

	*out = to;
	if (!to)
		return fail(ps, "out of memory");
	for (size_t i = 0; i < part.len; i++) {
		int hi = 0, lo = 0;

		if (part.p[i] != '%') {
			*to++ = part.p[i];
			continue;
		}
		if (i + 2 < part.len) {
			hi = hex_digit(part.p[i + 1]);
			lo = hex_digit(part.p[i + 2]);
		}
		if (hi < 0 || lo < 0 || (hi | lo) == 0)
			return fail(ps, "%% in the %s of the Redis URL needs two hex digits", what);
		*to++ = (char)(hi << 4 | lo);
		i += 2;
	}
	return 0;
}

/* Decimal digits alone, at most `max`. */
static bool parse_number(struct part part, int max, int *v)
{
	*v = 0;
	for (size_t i = 0; i < part.len; i++) {
		if (part.p[i] < '0' || part.p[i] > '9')
			return false;
		*v = *v * 10 + (part.p[i] - '0');
		if (*v > max)
			return false;
	}
	return part.len > 0;
}

static int parse_db(struct parser *ps, struct part part)
{
	if (!parse_number(part, URL_DB_MAX, &ps->url->db))
		return fail(
			ps, "the database of the Redis URL is a number from 0 to %d", URL_DB_MAX);
	return 0;
}

/* [user]:password, or nothing: what stands before the `@`. */
static int parse_login(struct parser *ps, struct part part)
{
	const char *colon = memchr(part.p, ':', part.len);
	struct part user = {.p = part.p}, password;

	if (!colon)
		return fail(ps, "before the @ of the Redis URL stands [user]:password");
	user.len = (size_t)(colon - part.p);
	password = (struct part){.p = colon + 1, .len = part.len - user.len - 1};
	if (user.len > 0 && decode(ps, user, "user", &ps->url->user))
		return -EINVAL;
	return decode(ps, password, "password", &ps->url->password);
}

/* Take the login off the authority, up to the last `@`: a password may hold one. */
static int take_login(struct parser *ps, struct part *authority)
{
	const char *at = memrchr(authority->p, '@', authority->len);
	struct part login = {.p = authority->p};

	if (!at)
		return 0;
	login.len = (size_t)(at - authority->p);
	authority->p = at + 1;
	authority->len -= login.len + 1;
	return parse_login(ps, login);
}

/* host, host:port, [v6], [v6]:port; leaves what follows the host in `port`. */
static int split_host(
	struct parser *ps, struct part authority, struct part *host, struct part *port)
{
	const char *end = authority.p + authority.len, *close, *colon;

	*host = authority;
	*port = (struct part){.p = end};
	if (authority.len > 0 && authority.p[0] == '[') {
		close = memchr(authority.p, ']', authority.len);
		if (!close)
			return fail(ps, "the [ of the Redis URL has no ]");
		*host = (struct part){
			.p = authority.p + 1, .len = (size_t)(close - authority.p - 1)};
		*port = (struct part){.p = close + 1, .len = (size_t)(end - close - 1)};
		return 0;
	}
	colon = memchr(authority.p, ':', authority.len);
	if (colon) {
		host->len = (size_t)(colon - authority.p);
		*port = (struct part){.p = colon, .len = (size_t)(end - colon)};
		if (memchr(colon + 1, ':', port->len - 1))
			return fail(ps, "an IPv6 address in the Redis URL needs brackets: [::1]");
	}
	return 0;
}

/* What a name or an address can have; what else there is may be a login that is in the wrong place. */
static bool is_host(const char *host, bool brackets)
{
	size_t len =
		strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_");

	/* An IPv6 address, perhaps with %INTERFACE behind it. */
	if (brackets)
		len = strspn(host, "0123456789abcdefABCDEF:.");
	return host[len] == '\0' || (brackets && host[len] == '%');
}

static int parse_host(struct parser *ps, struct part authority)
{
	struct part host, port;

	if (split_host(ps, authority, &host, &port))
		return -EINVAL;
	if (host.len == 0)
		return fail(
			ps, "the Redis URL names no host; for example redis://127.0.0.1:6379/0");
	if (decode(ps, host, "host", &ps->url->host))
		return -EINVAL;
	if (!is_host(ps->url->host, authority.p[0] == '['))
		return fail(ps, "the host of the Redis URL has something else than letters, "
				"digits, . - and _; a password stands before it: "
				"redis://:PASSWORD@HOST");
	ps->url->port = URL_PORT;
	if (port.len == 0)
		return 0;
	if (port.p[0] != ':')
		return fail(ps, "after the ] of the Redis URL comes :port or nothing");
	port.p++;
	port.len--;
	if (!parse_number(port, 65535, &ps->url->port) || ps->url->port == 0)
		return fail(ps, "the port of the Redis URL is a number from 1 to 65535");
	return 0;
}

static int set_place(struct parser *ps)
{
	struct publish_url *u = ps->url;
	int rc;

	if (u->path)
		rc = asprintf(&u->place, "%s", u->path);
	else
		rc = asprintf(
			&u->place, strchr(u->host, ':') ? "[%s]:%d" : "%s:%d", u->host, u->port);
	if (rc >= 0)
		return 0;
	u->place = NULL;
	return fail(ps, "out of memory");
}

static int parse_tcp(struct parser *ps, const char *rest)
{
	const char *slash = strchrnul(rest, '/');
	struct part authority = {.p = rest, .len = (size_t)(slash - rest)};

	if (strchr(slash, '@'))
		return fail_login(ps);
	if (take_login(ps, &authority) || parse_host(ps, authority))
		return -EINVAL;
	if (slash[0] == '/' && slash[1] != '\0')
		return parse_db(ps, (struct part){.p = slash + 1, .len = strlen(slash + 1)});
	return 0;
}

static int check_path(struct parser *ps)
{
	struct sockaddr_un un;

	if (ps->url->path[0] == '\0')
		return fail(ps,
			"the Redis URL names no socket; for example unix:/run/redis/redis.sock");
	if (strlen(ps->url->path) >= sizeof(un.sun_path))
		return fail(ps,
			"the socket path of the Redis URL is longer than the %zu bytes that "
			"the system takes",
			sizeof(un.sun_path) - 1);
	return 0;
}

/* unix://[[user]:password@]/path[?db=N] */
static int parse_unix(struct parser *ps, const char *rest)
{
	const char *slash = strchr(rest, '/'), *query;
	struct part authority, path;

	if (!slash)
		return fail(ps, "the path of a unix:// Redis URL starts with a slash: "
				"unix:///run/redis/redis.sock");
	authority = (struct part){.p = rest, .len = (size_t)(slash - rest)};
	if (take_login(ps, &authority))
		return -EINVAL;
	if (authority.len > 0)
		return strchr(slash, '@')
			       ? fail_login(ps)
			       : fail(ps, "a unix:// Redis URL has no host: its path starts with "
					  "a third slash");
	query = strchrnul(slash, '?');
	path = (struct part){.p = slash, .len = (size_t)(query - slash)};
	if (decode(ps, path, "path", &ps->url->path) || check_path(ps))
		return -EINVAL;
	if (*query == '\0')
		return 0;
	if (strncmp(query, "?db=", 4) != 0)
		return fail(ps, "after the path of a unix:// Redis URL comes ?db=N or nothing");
	return parse_db(ps, (struct part){.p = query + 4, .len = strlen(query + 4)});
}

/* A path with the look of a login is refused, since the path is shown. */
static int parse_path(struct parser *ps, const char *rest)
{
	const char *colon = strchr(rest, ':');

	if (rest[0] != '/' && colon && strchr(colon, '@'))
		return fail(ps, "unix:PATH takes no login; write "
				"unix://[[user]:password@]/path[?db=N]");
	ps->url->path = strdup(rest);
	return ps->url->path ? check_path(ps) : fail(ps, "out of memory");
}

static int parse_any(struct parser *ps, const char *text)
{
	if (strncmp(text, "redis://", 8) == 0)
		return parse_tcp(ps, text + 8);
	if (strncmp(text, "unix://", 7) == 0)
		return parse_unix(ps, text + 7);
	if (strncmp(text, "unix:", 5) == 0)
		return parse_path(ps, text + 5);
	if (strncmp(text, "sentinel://", 11) == 0)
		return publish_url_parse_sentinel(
			text + 11, false, ps->url, ps->error, ps->error_size);
	if (strncmp(text, "sentinels://", 12) == 0)
		return publish_url_parse_sentinel(
			text + 12, true, ps->url, ps->error, ps->error_size);
	if (strncmp(text, "rediss://", 9) == 0) {
		ps->url->tls = true;
		return parse_tcp(ps, text + 9);
	}
	return fail(ps, "a Redis URL starts with redis://, rediss://, unix://, unix:, sentinel:// "
			"or sentinels://");
}

int publish_url_parse(const char *text, struct publish_url *url, char *error, unsigned error_size)
{
	struct parser ps = {.url = url, .error = error, .error_size = error_size};

	memset(url, 0, sizeof(*url));
	if (parse_any(&ps, text) || (!url->place && set_place(&ps))) {
		publish_url_free(url);
		return -EINVAL;
	}
	return 0;
}

/* ---- what settings say besides ---- */

/* @return whether there is memory for it */
static bool copy(char **to, const char *text)
{
	if (!text || !*text)
		return true;
	free(*to);
	*to = strdup(text);
	return *to;
}

static bool given(const char *text)
{
	return text && *text;
}

static int add_login(struct parser *ps, const struct publish_access *a, const char **option)
{
	struct publish_url *u = ps->url;

	*option = "redis.user";
	if (given(a->user) && !given(a->password))
		return fail(ps, "a user of Redis is given besides the URL, and no password");
	if (!given(a->password))
		return 0;
	*option = "redis.password";
	if (u->password)
		return fail(ps, "a password is given in the Redis URL and besides it: leave one of "
				"them out");
	u->password_elsewhere = true;
	return copy(&u->user, a->user) && copy(&u->password, a->password)
		       ? 0
		       : fail(ps, "out of memory");
}

/* @return whether there is memory for it */
static bool copy_tls(struct publish_url *u, const struct publish_access *a)
{
	u->unverified = a->tls_unverified;
	if (!copy(&u->ca, a->tls_ca) || !copy(&u->cert, a->tls_cert) ||
		!copy(&u->key, a->tls_key) || !copy(&u->server_name, a->tls_server_name))
		return false;
	for (unsigned i = 0; u->sentinels && i < u->sentinels->count; i++) {
		if (!copy_tls(&u->sentinels->list[i], a))
			return false;
	}
	return true;
}

/* The first option of TLS that is given, or NULL. */
static const char *given_tls(const struct publish_access *a)
{
	return given(a->tls_ca)            ? "redis.tls_ca"
	       : given(a->tls_cert)        ? "redis.tls_cert"
	       : given(a->tls_key)         ? "redis.tls_key"
	       : given(a->tls_server_name) ? "redis.tls_server_name"
	       : a->tls_unverified         ? "redis.tls_verify"
					   : NULL;
}

static int add_tls(struct parser *ps, const struct publish_access *a, const char **option)
{
	*option = given_tls(a);
	if (!ps->url->tls)
		return *option ? fail(ps, "options of TLS are given, and the Redis URL is not one "
					  "of rediss:// or sentinels://")
			       : 0;
	*option = given(a->tls_cert) ? "redis.tls_cert" : "redis.tls_key";
	if (given(a->tls_cert) != given(a->tls_key))
		return fail(ps, "a TLS certificate takes its key, and a key its certificate");
	return copy_tls(ps->url, a) ? 0 : fail(ps, "out of memory");
}

int publish_url_add(struct publish_url *url, const struct publish_access *access,
	const char **option, char *error, unsigned error_size)
{
	static const struct publish_access nothing;
	struct parser ps = {.url = url, .error = error, .error_size = error_size};
	const struct publish_access *a = access ? access : &nothing;
	const char *unasked;

	if (!option)
		option = &unasked;
	if (add_login(&ps, a, option) || add_tls(&ps, a, option)) {
		publish_url_free(url);
		return -EINVAL;
	}
	return 0;
}

void publish_url_free(struct publish_url *url)
{
	publish_sentinels_free(url->sentinels);
	if (url->password)
		explicit_bzero(url->password, strlen(url->password));
	free(url->path);
	free(url->host);
	free(url->user);
	free(url->password);
	free(url->ca);
	free(url->cert);
	free(url->key);
	free(url->server_name);
	free(url->place);
	memset(url, 0, sizeof(*url));
}
