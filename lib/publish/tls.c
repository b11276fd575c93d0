/* SPDX-License-Identifier: BSD-3-Clause */
#include "publish/tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "publish/tls_pvt.h"

struct publish_tls {
	SSL *ssl;
	int fd;
};

static void __attribute__((format(printf, 2, 3))) say(char *error, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(error, PUBLISH_TLS_ERROR, fmt, ap);
	va_end(ap);
}

/* The first reason that OpenSSL has noted, which those after it come from; its queue is empty afterwards. */
static const char *reason(void)
{
	unsigned long code = ERR_peek_error();
	const char *text = code == 0                          ? NULL
			   : ERR_GET_LIB(code) == ERR_LIB_SYS ? strerror(ERR_GET_REASON(code))
							      : ERR_reason_error_string(code);

	ERR_clear_error();
	return text ? text : "for a reason that OpenSSL does not name";
}

/* ---- settings ---- */

/* Nobody is there to type it. */
static int no_passphrase(char *buf, int size, int writing, void *ctx)
{
	return -1;
}

static int fail_file(char *error, const char *what, const char *path)
{
	say(error, "%s %.120s: %s", what, path, reason());
	return -EINVAL;
}

static int load_authorities(SSL_CTX *ctx, const struct publish_url *url, char *error)
{
	int done = url->ca ? SSL_CTX_load_verify_locations(ctx, url->ca, NULL)
			   : SSL_CTX_set_default_verify_paths(ctx);

	if (done == 1)
		return 0;
	return fail_file(error, "TLS authorities", url->ca ? url->ca : "of the system");
}

static int load_certificate(
	SSL_CTX *ctx, const struct publish_url *url, const char **option, char *error)
{
	if (!url->cert)
		return 0;
	*option = "redis.tls_cert";
	SSL_CTX_set_default_passwd_cb(ctx, no_passphrase);
	if (SSL_CTX_use_certificate_chain_file(ctx, url->cert) != 1)
		return fail_file(error, "TLS certificate", url->cert);
	*option = "redis.tls_key";
	if (SSL_CTX_use_PrivateKey_file(ctx, url->key, SSL_FILETYPE_PEM) != 1)
		return fail_file(error, "TLS key", url->key);
	return 0;
}

static SSL_CTX *make_settings(const struct publish_url *url, const char **option, char *error)
{
	SSL_CTX *ctx;

	*option = url->ca ? "redis.tls_ca" : "redis.url";
	/* A thread that was left to itself may be in here when the process ends. */
	OPENSSL_init_ssl(OPENSSL_INIT_NO_ATEXIT, NULL);
	ERR_clear_error();
	ctx = SSL_CTX_new(TLS_client_method());
	if (!ctx) {
		say(error, "TLS: %s", reason());
		return NULL;
	}
	SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION);
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_verify(ctx, url->unverified ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, NULL);
	if ((!url->unverified && load_authorities(ctx, url, error)) ||
		load_certificate(ctx, url, option, error)) {
		SSL_CTX_free(ctx);
		return NULL;
	}
	return ctx;
}

int publish_tls_check(const struct publish_url *url, const char **option, char *error)
{
	SSL_CTX *ctx = url->tls ? make_settings(url, option, error) : NULL;

	SSL_CTX_free(ctx);
	return url->tls && !ctx ? -EINVAL : 0;
}

static const char *name_of(const struct publish_url *url)
{
	return url->server_name ? url->server_name : url->host;
}

/* RFC 6066, section 3: no addresses in SNI. */
static bool set_name(SSL *ssl, const char *name)
{
	unsigned char address[16];

	if (inet_pton(AF_INET, name, address) == 1 || inet_pton(AF_INET6, name, address) == 1)
		return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name) == 1;
	SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	/* SSL_set_tlsext_host_name() without its cast. */
	return SSL_set1_host(ssl, name) == 1 &&
	       SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
		       (void *)(uintptr_t)name) == 1;
}

/* ---- bytes ---- */

/* Wait for what OpenSSL wants. @return false: the time is up */
static bool wait_for(const struct publish_tls *t, int want, uint64_t end_ns)
{
	struct pollfd pfd = {
		.fd = t->fd, .events = want == SSL_ERROR_WANT_WRITE ? POLLOUT : POLLIN};
	uint64_t now = base_clock_mono_ns();
	int n = 0;

	if (now < end_ns)
		n = poll(&pfd, 1, (int)((end_ns - now) / 1000000) + 1);
	return n > 0 || (n < 0 && errno == EINTR);
}

static uint64_t end_of(unsigned timeout_ms)
{
	return base_clock_mono_ns() + timeout_ms * UINT64_C(1000000);
}

/* Why a call has failed for good; `saved` is its errno. */
static void say_end(int what, int saved, char *error)
{
	if (what == SSL_ERROR_ZERO_RETURN)
		say(error, "Server closed the connection");
	else if (what == SSL_ERROR_SYSCALL && saved)
		say(error, "%s", strerror(saved));
	else if (what == SSL_ERROR_SYSCALL ||
		 ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
		say(error, "the connection was cut: it ends without the end of TLS");
	else
		say(error, "TLS: %s", reason());
	ERR_clear_error();
}

/* After a call that gave `n`: wait where it wants that. @return 1: again; 0: the time is up; -1 with `error` */
static int go_on(const struct publish_tls *t, int n, uint64_t end_ns, char *error)
{
	int saved = errno, what = SSL_get_error(t->ssl, n);

	if (what == SSL_ERROR_WANT_READ || what == SSL_ERROR_WANT_WRITE)
		return wait_for(t, what, end_ns);
	say_end(what, saved, error);
	return -1;
}

ssize_t publish_tls_read(
	struct publish_tls *t, void *bytes, size_t size, unsigned timeout_ms, char *error)
{
	uint64_t end_ns = end_of(timeout_ms);
	size_t got;
	int n, rc;

	do {
		errno = 0;
		ERR_clear_error();
		n = SSL_read_ex(t->ssl, bytes, size, &got);
		if (n == 1)
			return (ssize_t)got;
		rc = go_on(t, n, end_ns, error);
	} while (rc > 0);
	return rc;
}

/* A server that refuses us says why, and ends: a write fails on that, and the reason is there to be read. */
static void look_for_alert(struct publish_tls *t, char *error)
{
	char byte, why[PUBLISH_TLS_ERROR];

	if (publish_tls_read(t, &byte, 1, 0, why) < 0 && strncmp(why, "TLS: ", 5) == 0)
		say(error, "%s", why);
}

ssize_t publish_tls_write(
	struct publish_tls *t, const void *bytes, size_t len, unsigned timeout_ms, char *error)
{
	uint64_t end_ns = end_of(timeout_ms);
	size_t sent;
	int n, rc;

	do {
		errno = 0;
		ERR_clear_error();
		n = SSL_write_ex(t->ssl, bytes, len, &sent);
		if (n == 1)
			return (ssize_t)sent;
		rc = go_on(t, n, end_ns, error);
	} while (rc > 0);
	if (rc < 0)
		look_for_alert(t, error);
	return rc;
}

bool publish_tls_hung_up(struct publish_tls *t)
{
	struct pollfd pfd = {.fd = t->fd, .events = POLLIN};
	char byte;
	int n;

	if (!SSL_has_pending(t->ssl) && poll(&pfd, 1, 0) == 0)
		return false;
	ERR_clear_error();
	n = SSL_peek(t->ssl, &byte, 1);
	return n > 0 || SSL_get_error(t->ssl, n) != SSL_ERROR_WANT_READ;
}

/* ---- life ---- */

static bool is_unknown_authority(long verdict)
{
	return verdict == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY ||
	       verdict == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT ||
	       verdict == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE ||
	       verdict == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN ||
	       verdict == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT;
}

static void say_refused(const struct publish_tls *t, const struct publish_url *url, char *error)
{
	long verdict = SSL_get_verify_result(t->ssl);
	int why = ERR_GET_REASON(ERR_peek_error());

	if (why == SSL_R_CERTIFICATE_VERIFY_FAILED && verdict != X509_V_OK)
		say(error, "TLS: the certificate is not good for %.100s: %s%s", name_of(url),
			is_unknown_authority(verdict) ? "unknown authority, " : "",
			X509_verify_cert_error_string(verdict));
	else if (why == SSL_R_WRONG_VERSION_NUMBER || why == SSL_R_PACKET_LENGTH_TOO_LONG)
		say(error, "the server does not speak TLS; without TLS the URL starts with "
			   "redis:// or sentinel://");
	else
		say(error, "TLS handshake: %s", reason());
	ERR_clear_error();
}

static bool shake_hands(
	struct publish_tls *t, const struct publish_url *url, unsigned timeout_ms, char *error)
{
	uint64_t end_ns = end_of(timeout_ms);
	int n, what;

	for (;;) {
		errno = 0;
		ERR_clear_error();
		n = SSL_connect(t->ssl);
		if (n == 1)
			return true;
		what = SSL_get_error(t->ssl, n);
		if (what == SSL_ERROR_SSL &&
			ERR_GET_REASON(ERR_peek_error()) != SSL_R_UNEXPECTED_EOF_WHILE_READING) {
			say_refused(t, url, error);
			return false;
		}
		if (what != SSL_ERROR_WANT_READ && what != SSL_ERROR_WANT_WRITE) {
			say(error,
				"the server ended the TLS handshake (%s); does that port speak "
				"TLS?",
				errno ? strerror(errno) : "end of file");
			return false;
		}
		if (!wait_for(t, what, end_ns)) {
			say(error, "no answer to the TLS handshake in time; does that port speak "
				   "TLS?");
			return false;
		}
	}
}

static bool set_up(struct publish_tls *t, SSL_CTX *ctx, const struct publish_url *url, char *error)
{
	t->ssl = SSL_new(ctx);
	if (t->ssl && SSL_set_fd(t->ssl, t->fd) == 1 && set_name(t->ssl, name_of(url)))
		return true;
	say(error, "TLS: %s", reason());
	return false;
}

struct publish_tls *publish_tls_connect(
	int fd, const struct publish_url *url, unsigned timeout_ms, char *error)
{
	const char *option;
	SSL_CTX *ctx = make_settings(url, &option, error);
	struct publish_tls *t;

	if (!ctx)
		return NULL;
	t = calloc(1, sizeof(*t));
	if (!t)
		abort();
	t->fd = fd;
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	if (!set_up(t, ctx, url, error) || !shake_hands(t, url, timeout_ms, error)) {
		SSL_free(t->ssl);
		free(t);
		t = NULL;
	}
	SSL_CTX_free(ctx);
	return t;
}

void publish_tls_free(struct publish_tls *t)
{
	if (!t)
		return;
	ERR_clear_error();
	SSL_shutdown(t->ssl);
	ERR_clear_error();
	SSL_free(t->ssl);
	free(t);
}
