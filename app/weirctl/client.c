/* SPDX-License-Identifier: BSD-3-Clause */
#include "client.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "weir_config.h"

enum {
	CONNECT_S = 5,
	ANSWER_S = 30,
	ANSWER_MAX = 256 << 20, /* bytes; more is no answer of weir's */
	TOKEN_MAX = 4096,
};

/* What comes from the server; libcurl calls grow(). */
struct answer {
	char *text;
	size_t len;
	bool too_long;
};

static size_t grow(char *bytes, size_t size, size_t count, void *ctx)
{
	struct answer *a = ctx;
	size_t len = size * count;
	char *text;

	if (len > ANSWER_MAX - a->len) {
		a->too_long = true;
		return 0;
	}
	text = realloc(a->text, a->len + len + 1);
	if (!text)
		return 0;
	memcpy(text + a->len, bytes, len);
	a->text = text;
	a->len += len;
	text[a->len] = '\0';
	return len;
}

static int add_header(struct client *c, const char *header)
{
	struct curl_slist *more = curl_slist_append(c->headers, header);

	if (!more)
		return -ENOMEM;
	c->headers = more;
	return 0;
}

/* The first line of a file: an option or a variable would show the token to other users. */
static int add_token(struct client *c, const char *path)
{
	char line[TOKEN_MAX + 32], token[TOKEN_MAX];
	FILE *f = fopen(path, "re");

	if (!f) {
		fprintf(stderr, "weirctl: --token-file %s: %s\n", path, strerror(errno));
		return -EINVAL;
	}
	if (!fgets(token, sizeof(token), f))
		token[0] = '\0';
	fclose(f);
	token[strcspn(token, "\r\n")] = '\0';
	if (!*token) {
		fprintf(stderr, "weirctl: --token-file %s: its first line is to be the token\n",
			path);
		return -EINVAL;
	}
	snprintf(line, sizeof(line), "Authorization: Bearer %s", token);
	return add_header(c, line);
}

/* Without a login, which would be of no use, and shown where the URL is. */
static bool is_url(const char *url)
{
	return !strchr(url, '@') && ((strncmp(url, "http://", 7) == 0 && url[7]) ||
					    (strncmp(url, "https://", 8) == 0 && url[8]));
}

static void set_options(struct client *c, const struct options *o)
{
	curl_easy_setopt(c->curl, CURLOPT_USERAGENT, "weirctl/" WEIR_VERSION);
	curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, c->headers);
	curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, grow);
	curl_easy_setopt(c->curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c->curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c->curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S);
	curl_easy_setopt(c->curl, CURLOPT_NOSIGNAL, 1L);
	if (o->ca_file)
		curl_easy_setopt(c->curl, CURLOPT_CAINFO, o->ca_file);
}

int client_open(struct client *c, const struct options *o)
{
	int err;

	*c = (struct client){.base = o->api};
	if (!is_url(o->api)) {
		fprintf(stderr,
			"weirctl: --api takes http://HOST:PORT or https://HOST:PORT; a token is in "
			"--token-file\n");
		return -EINVAL;
	}
	c->curl = curl_easy_init();
	err = c->curl ? add_header(c, "Content-Type: application/json") : -ENOMEM;
	if (!err && o->token_file)
		err = add_token(c, o->token_file);
	if (err) {
		client_close(c);
		return err;
	}
	set_options(c, o);
	return 0;
}

void client_close(struct client *c)
{
	curl_slist_free_all(c->headers);
	curl_easy_cleanup(c->curl);
	*c = (struct client){0};
}

char *client_encode(struct client *c, const char *text)
{
	char *encoded = curl_easy_escape(c->curl, text, 0), *copy;

	copy = encoded ? strdup(encoded) : NULL;
	curl_free(encoded);
	if (!copy)
		abort();
	return copy;
}

/* Where in the text of an attribute the error is: the text, and a caret below it. */
static void show_place(const struct client_question *q, const char *attribute, json_int_t offset)
{
	const char *text = json_string_value(json_object_get(q->body, attribute));

	if (!text || offset < 0 || (size_t)offset > strlen(text))
		return;
	fprintf(stderr, "  %s\n  %*s^\n", text, (int)offset, "");
}

static void say_refusal(const struct client *c, const struct client_question *q, long status,
	const struct answer *a)
{
	json_t *json = a->text ? json_loads(a->text, 0, NULL) : NULL;
	const char *error = json_string_value(json_object_get(json, "error"));
	const char *in = json_string_value(json_object_get(json, "in"));
	const json_t *offset = json_object_get(json, "offset");

	if (!error)
		fprintf(stderr, "weirctl: %s%s answers %ld, without a reason\n", c->base, q->path,
			status);
	else if (in && *in && strncmp(error, in, strlen(in)) != 0)
		fprintf(stderr, "weirctl: %s: %s\n", in, error);
	else
		fprintf(stderr, "weirctl: %s\n", error);
	if (error && in && json_is_integer(offset))
		show_place(q, in, json_integer_value(offset));
	if (status == 401 || status == 403)
		fprintf(stderr, "weirctl: --token-file FILE says who we are\n");
	json_decref(json);
}

static void say_unreachable(const struct client *c, CURLcode code, const char *detail)
{
	fprintf(stderr, "weirctl: cannot use the API at %s: %s", c->base,
		*detail ? detail : curl_easy_strerror(code));
	if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE)
		fprintf(stderr, "; --ca-file FILE has the certificate that signs the server's\n");
	else
		fprintf(stderr, "; --api URL says where it is\n");
}

static int read_answer(const struct client *c, const struct client_question *q,
	const struct answer *a, json_t **json)
{
	json_error_t e;

	*json = NULL;
	if (!a->len)
		return 0;
	if (q->plain) {
		*json = json_stringn_nocheck(a->text, a->len);
		return *json ? 0 : -ENOMEM;
	}
	*json = json_loads(a->text, JSON_DECODE_ANY, NULL);
	if (!*json) /* sums of forged samples reach 2^63, which jansson refuses */
		*json = json_loads(a->text, JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL, &e);
	if (*json)
		return 0;
	fprintf(stderr, "weirctl: %s%s gives no JSON: %s\n", c->base, q->path, e.text);
	return -EIO;
}

static int judge(const struct client *c, const struct client_question *q, long status,
	const struct answer *a)
{
	if (status >= 200 && status < 300)
		return 0;
	say_refusal(c, q, status, a);
	return status == 400 ? -EINVAL : status == 404 ? -ENOENT : -EIO;
}

static int perform(
	struct client *c, const struct client_question *q, const char *body, struct answer *a)
{
	char detail[CURL_ERROR_SIZE] = "", url[4096];
	CURLcode code;
	long status;

	if (snprintf(url, sizeof(url), "%s%s", c->base, q->path) >= (int)sizeof(url)) {
		fprintf(stderr, "weirctl: this name is too long for a URL\n");
		return -EINVAL;
	}
	curl_easy_setopt(c->curl, CURLOPT_URL, url);
	curl_easy_setopt(c->curl, CURLOPT_CUSTOMREQUEST, q->method);
	curl_easy_setopt(c->curl, CURLOPT_POSTFIELDS, body);
	if (!body)
		curl_easy_setopt(c->curl, CURLOPT_HTTPGET, 1L);
	curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, a);
	curl_easy_setopt(c->curl, CURLOPT_ERRORBUFFER, detail);
	curl_easy_setopt(c->curl, CURLOPT_TIMEOUT, (long)ANSWER_S + (long)q->wait_s);
	code = curl_easy_perform(c->curl);
	curl_easy_setopt(c->curl, CURLOPT_ERRORBUFFER, NULL);
	if (code != CURLE_OK) {
		say_unreachable(c, code, a->too_long ? "its answer is too long" : detail);
		return -EIO;
	}
	curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &status);
	return judge(c, q, status, a);
}

int client_ask(struct client *c, const struct client_question *q, json_t **answer)
{
	char *body = q->body ? json_dumps(q->body, JSON_COMPACT) : NULL;
	struct answer a = {0};
	json_t *json = NULL;
	int err = perform(c, q, body, &a);

	if (!err && answer)
		err = read_answer(c, q, &a, &json);
	if (answer)
		*answer = json;
	free(body);
	free(a.text);
	return err;
}

int client_exit(int err)
{
	return err == 0 ? 0 : err == -EINVAL ? 2 : 1;
}
