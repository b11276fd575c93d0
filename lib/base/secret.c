/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/secret.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BASE_SECRET_STARS = 3 };

/* Secrets that stand somewhere else than in the settings. */

static const char sentinel_login[] = "?sentinel=";

static int fail(char *why, int err, const char *what, const char *where, const char *problem)
{
	snprintf(why, BASE_SECRET_WHY, "%s %.128s: %s", what, where, problem);
	return err;
}

static int copy(const char *text, char *secret, size_t size)
{
	size_t len = strlen(text);

	if (len >= size)
		return -ENAMETOOLONG;
	memcpy(secret, text, len + 1);
	return 0;
}

static int read_file(const char *path, char *secret, size_t size, char *why)
{
	FILE *f = fopen(path, "re");
	bool any;
	int err = f ? 0 : -errno;

	if (!f)
		return fail(why, err, "file", path, strerror(errno));
	setvbuf(f, NULL, _IONBF, 0); /* no copy of it stays behind */
	any = fgets(secret, (int)size, f) != NULL;
	if (any && strlen(secret) + 1 == size && secret[size - 2] != '\n')
		err = fail(why, -ENAMETOOLONG, "file", path, "its first line is too long");
	fclose(f);
	if (err < 0)
		return err;
	secret[any ? strcspn(secret, "\r\n") : 0] = '\0';
	if (secret[0] == '\0')
		return fail(why, -EINVAL, "file", path, "its first line is empty");
	return 0;
}

int base_secret_read(const char *text, char *secret, size_t size, char *why)
{
	const char *value;

	if (strncmp(text, "file:", 5) == 0)
		return read_file(text + 5, secret, size, why);
	if (strncmp(text, "env:", 4) == 0) {
		value = getenv(text + 4);
		if (!value || !*value)
			return fail(why, -EINVAL, "variable", text + 4, "it is not set");
		if (copy(value, secret, size) < 0)
			return fail(why, -EINVAL, "variable", text + 4, "it is too long");
		return 0;
	}
	return copy(text, secret, size) < 0 ? fail(why, -EINVAL, "a", "secret", "it is too long")
					    : 0;
}

bool base_secret_is_place(const char *text)
{
	return strncmp(text, "file:", 5) == 0 || strncmp(text, "env:", 4) == 0;
}

/* Stars in place of `len` bytes; what follows moves up. */
static void hide(char *from, size_t len)
{
	size_t rest = strlen(from + len), stars = len < BASE_SECRET_STARS ? len : BASE_SECRET_STARS;

	memset(from, '*', stars);
	memmove(from + stars, from + len, rest + 1);
	explicit_bzero(from + stars + rest + 1, len - stars);
}

/* Of Sentinels, which have one of their own: up to the end. */
static bool hide_sentinels(char *scheme)
{
	char *query = strstr(scheme, sentinel_login), *colon = query ? strchr(query, ':') : NULL;

	if (colon)
		hide(colon + 1, strlen(colon + 1));
	return colon;
}

/* Up to the last @: a password may hold one, and a slash that should have been written %2F. */
bool base_secret_hide_login(char *text)
{
	char *scheme = strstr(text, "://"), *at, *colon;
	bool hidden = scheme && hide_sentinels(scheme);

	at = scheme ? strrchr(scheme, '@') : NULL;
	colon = at ? memchr(scheme + 3, ':', (size_t)(at - scheme) - 3) : NULL;
	if (colon)
		hide(colon + 1, (size_t)(at - colon) - 1);
	return colon || hidden;
}
