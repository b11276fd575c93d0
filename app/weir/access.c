/* SPDX-License-Identifier: BSD-3-Clause */
#include "access.h"

#include <errno.h>
#include <string.h>

#include "base/secret.h"
#include "publish/connection.h"
#include "publish/tls.h"

struct publish_access access_redis(const struct conf *c)
{
	return (struct publish_access){.user = c->redis.user,
		.password = c->redis.password,
		.tls_ca = c->redis.tls_ca,
		.tls_cert = c->redis.tls_cert,
		.tls_key = c->redis.tls_key,
		.tls_server_name = c->redis.tls_server_name,
		.tls_unverified = c->redis.tls_verify == CONF_FALSE};
}

static int read_secret(const struct conf *c, const char *option, const char *text, char *secret,
	size_t size, struct conf_error *e)
{
	char why[BASE_SECRET_WHY];

	if (base_secret_read(text, secret, size, why) == 0)
		return 0;
	conf_error_of(e, c, option, "%s", why);
	return -EINVAL;
}

static int read_token(const struct conf *c, const char *option, const char *text,
	char token[ACCESS_TOKEN], struct conf_error *e)
{
	const char *end;

	if (read_secret(c, option, text, token, ACCESS_TOKEN, e) < 0)
		return -EINVAL;
	for (end = token; *end > 0x20 && *end < 0x7F; end++)
		;
	if (!*end)
		return 0;
	conf_error_of(e, c, option,
		"a token is printable ASCII without blanks, and this one has something else");
	return -EINVAL;
}

int access_read_tokens(const struct conf *c, struct access_tokens *t, struct conf_error *e)
{
	int err = read_token(c, "api.token", c->api.token, t->token, e);

	if (err == 0)
		err = read_token(c, "api.read_token", c->api.read_token, t->read_token, e);
	if (err < 0)
		explicit_bzero(t, sizeof(*t));
	return err;
}

static int check_tokens(const struct conf *c, struct conf_error *e)
{
	struct access_tokens t;
	int err = c->api.listen[0] ? access_read_tokens(c, &t, e) : 0;

	explicit_bzero(&t, sizeof(t));
	return err;
}

static int check_password(const struct conf *c, struct conf_error *e)
{
	char password[1024];
	int err =
		read_secret(c, "redis.password", c->redis.password, password, sizeof(password), e);

	explicit_bzero(password, sizeof(password));
	return err;
}

static int check_url(const struct conf *c, bool files, struct conf_error *e)
{
	const struct publish_access access = access_redis(c);
	const char *option = "redis.url";
	char sentence[PUBLISH_ERROR];
	struct publish_url url;
	int err = publish_url_parse(c->redis.url, &url, sentence, sizeof(sentence));

	if (err == 0)
		err = publish_url_add(&url, &access, &option, sentence, sizeof(sentence));
	if (err == 0 && files)
		err = publish_tls_check(&url, &option, sentence);
	publish_url_free(&url);
	if (err < 0)
		conf_error_of(e, c, option, "%s", sentence);
	return err;
}

int access_check(const struct conf *c, bool files, struct conf_error *e)
{
	if (files && check_tokens(c, e) < 0)
		return -EINVAL;
	if (c->redis.url[0] == '\0')
		return 0;
	if (check_url(c, files, e) < 0)
		return -EINVAL;
	return files ? check_password(c, e) : 0;
}
