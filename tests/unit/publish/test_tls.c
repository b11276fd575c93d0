/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "certificates.h"
#include "publish/tls.h"
#include "publish/tls_pvt.h"

/* A server of TLS at the other end of a pair of sockets, whose certificate signs itself. */

enum { PATIENCE_MS = 20000, SOON_MS = 200 };

static char folder[] = "/tmp/weir-tls-XXXXXX";
static char cert_path[64], key_path[64], other_path[64], locked_path[64];

static int make_files(void **state)
{
	EVP_PKEY *key = EVP_EC_gen("P-256"), *other = EVP_EC_gen("P-256");
	X509 *x = make_cert(key);

	signal(SIGPIPE, SIG_IGN);
	assert_non_null(mkdtemp(folder));
	snprintf(cert_path, sizeof(cert_path), "%s/cert.pem", folder);
	snprintf(key_path, sizeof(key_path), "%s/key.pem", folder);
	snprintf(other_path, sizeof(other_path), "%s/other.pem", folder);
	snprintf(locked_path, sizeof(locked_path), "%s/locked.pem", folder);
	write_cert(x, cert_path);
	write_key(key, key_path, false);
	write_key(other, other_path, false);
	write_key(key, locked_path, true);
	X509_free(x);
	EVP_PKEY_free(key);
	EVP_PKEY_free(other);
	return 0;
}

static int remove_files(void **state)
{
	unlink(cert_path);
	unlink(key_path);
	unlink(other_path);
	unlink(locked_path);
	return rmdir(folder);
}

/* ---- the server ---- */

struct server {
	pthread_t thread;
	SSL_CTX *ctx;
	SSL *ssl;
	int fd, client_fd;
	int max_version;
	bool asks; /* for a certificate of the client */
};

/* Shakes hands; the test goes on with it once it has joined the thread. */
static void *serve(void *arg)
{
	struct server *s = arg;

	SSL_accept(s->ssl);
	ERR_clear_error();
	return NULL;
}

static void server_start(struct server *s)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	s->fd = pair[0];
	s->client_fd = pair[1];
	s->ctx = SSL_CTX_new(TLS_server_method());
	if (s->max_version) {
		SSL_CTX_set_security_level(s->ctx, 0);
		SSL_CTX_set_min_proto_version(s->ctx, TLS1_VERSION);
		SSL_CTX_set_max_proto_version(s->ctx, s->max_version);
	}
	assert_int_equal(SSL_CTX_use_certificate_file(s->ctx, cert_path, SSL_FILETYPE_PEM), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey_file(s->ctx, key_path, SSL_FILETYPE_PEM), 1);
	if (s->asks)
		SSL_CTX_set_verify(s->ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	s->ssl = SSL_new(s->ctx);
	SSL_set_fd(s->ssl, s->fd);
	assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

static void server_hang_up(struct server *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

static void server_end(struct server *s)
{
	close(s->client_fd);
	server_hang_up(s);
	SSL_free(s->ssl);
	SSL_CTX_free(s->ctx);
}

/* Connect to a server; both sides are through with the handshake afterwards. */
static struct publish_tls *connect_with(
	struct server *s, const char *ca, const char *name, char *error)
{
	char host[64], ca_text[64];
	struct publish_url url = {.tls = true, .ca = ca_text, .server_name = host};
	struct publish_tls *t;

	snprintf(host, sizeof(host), "%s", name);
	snprintf(ca_text, sizeof(ca_text), "%s", ca ? ca : "");
	if (!ca)
		url.ca = NULL;
	server_start(s);
	t = publish_tls_connect(s->client_fd, &url, PATIENCE_MS, error);
	if (!t)
		shutdown(s->client_fd, SHUT_RDWR);
	pthread_join(s->thread, NULL);
	return t;
}

static struct publish_tls *connect_well(struct server *s)
{
	char error[PUBLISH_TLS_ERROR] = "";
	struct publish_tls *t;

	*s = (struct server){.fd = -1};
	t = connect_with(s, cert_path, "server.example", error);
	if (!t)
		fail_msg("%s", error);
	return t;
}

/* ---- tests ---- */

static void test_bytes(void **state)
{
	static char big[100000];
	char text[sizeof(big)], error[PUBLISH_TLS_ERROR];
	struct publish_tls *t;
	size_t got = 0;
	struct server s;
	int n;

	t = connect_well(&s);
	assert_int_equal(publish_tls_write(t, "hello", 5, PATIENCE_MS, error), 5);
	assert_int_equal(SSL_read(s.ssl, text, sizeof(text)), 5);
	assert_int_equal(SSL_write(s.ssl, "there", 5), 5);
	assert_int_equal(publish_tls_read(t, text, 2, PATIENCE_MS, error), 2);
	assert_int_equal(publish_tls_read(t, text + 2, 9, PATIENCE_MS, error), 3);
	assert_memory_equal(text, "there", 5);
	assert_int_equal(publish_tls_read(t, text, 1, 0, error), 0);
	assert_int_equal(publish_tls_read(t, text, 1, SOON_MS, error), 0);

	/* More than the sockets hold: it is written as far as there is room, in time. */
	while ((n = (int)publish_tls_write(t, big, sizeof(big), SOON_MS, error)) > 0)
		got += (size_t)n;
	assert_int_equal(n, 0);
	assert_true(got > 0);
	publish_tls_free(t);
	server_end(&s);
}

static void test_names(void **state)
{
	static const struct {
		const char *name, *says;
	} names[] = {{"server.example", NULL}, {"192.0.2.1", NULL}, {"2001:db8::1", NULL},
		{"server.example.org", "mismatch"}, {"192.0.2.2", "mismatch"},
		{"server", "mismatch"}};
	char error[PUBLISH_TLS_ERROR];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct server s = {.fd = -1};
		struct publish_tls *t = connect_with(&s, cert_path, names[i].name, error);

		assert_int_equal(!t, names[i].says != NULL);
		if (!t)
			assert_non_null(strstr(error, names[i].says));
		publish_tls_free(t);
		server_end(&s);
	}
}

static void test_authority(void **state)
{
	char error[PUBLISH_TLS_ERROR];
	struct server s = {.fd = -1};

	assert_null(connect_with(&s, NULL, "server.example", error));
	assert_non_null(strstr(error, "unknown authority"));
	server_end(&s);
}

static void test_old(void **state)
{
	char error[PUBLISH_TLS_ERROR];
	struct server s = {.fd = -1, .max_version = TLS1_1_VERSION};

	assert_null(connect_with(&s, cert_path, "server.example", error));
	assert_non_null(strstr(error, "version"));
	server_end(&s);
}

/* TLS 1.3 tells a client only after its handshake, when it may be writing already. */
static void test_asked(void **state)
{
	char error[PUBLISH_TLS_ERROR];
	struct server s = {.fd = -1, .asks = true};
	struct publish_tls *t = connect_with(&s, cert_path, "server.example", error);

	assert_non_null(t);
	server_hang_up(&s);
	assert_int_equal(publish_tls_write(t, "x", 1, PATIENCE_MS, error), -1);
	assert_non_null(strstr(error, "certificate required"));
	publish_tls_free(t);
	server_end(&s);
}

/* A new key is no byte of the server's: neither the end, nor something to read. */
static void test_news(void **state)
{
	char text[8], error[PUBLISH_TLS_ERROR];
	struct publish_tls *t;
	struct server s;

	t = connect_well(&s);
	assert_int_equal(publish_tls_read(t, text, 1, 0, error), 0); /* takes tickets */
	assert_false(publish_tls_hung_up(t));
	assert_int_equal(SSL_key_update(s.ssl, SSL_KEY_UPDATE_NOT_REQUESTED), 1);
	assert_int_equal(SSL_do_handshake(s.ssl), 1);
	assert_int_equal(poll(&(struct pollfd){.fd = s.client_fd, .events = POLLIN}, 1, 0), 1);
	assert_false(publish_tls_hung_up(t));
	assert_int_equal(publish_tls_read(t, text, 1, 0, error), 0);
	assert_int_equal(SSL_write(s.ssl, "x", 1), 1);
	assert_true(publish_tls_hung_up(t));
	assert_int_equal(publish_tls_read(t, text, 8, PATIENCE_MS, error), 1);
	publish_tls_free(t);
	server_end(&s);
}

static void test_ends(void **state)
{
	char text[8], error[PUBLISH_TLS_ERROR];
	struct publish_tls *t;
	struct server s;

	t = connect_well(&s);
	SSL_shutdown(s.ssl);
	assert_true(publish_tls_hung_up(t));
	assert_int_equal(publish_tls_read(t, text, 8, PATIENCE_MS, error), -1);
	assert_non_null(strstr(error, "closed the connection"));
	publish_tls_free(t);
	server_end(&s);

	t = connect_well(&s);
	server_hang_up(&s);
	assert_true(publish_tls_hung_up(t));
	assert_int_equal(publish_tls_read(t, text, 8, PATIENCE_MS, error), -1);
	assert_non_null(strstr(error, "was cut"));
	publish_tls_free(t);
	server_end(&s);

	/* Bytes that are none of TLS. */
	t = connect_well(&s);
	assert_int_equal(write(s.fd, "+PONG\r\n", 7), 7);
	assert_int_equal(publish_tls_read(t, text, 8, PATIENCE_MS, error), -1);
	assert_non_null(strstr(error, "TLS: "));
	publish_tls_free(t);
	server_end(&s);
}

/* A byte now and then does not stretch the time for a handshake. */
static void *drip(void *arg)
{
	static const char hello[] = {0x16, 3, 3, 0x3F, 0, 2, 0, 0x3E, 0};
	int fd = *(int *)arg;

	for (size_t i = 0; i < sizeof(hello); i++) {
		if (send(fd, &hello[i], 1, MSG_NOSIGNAL) != 1)
			break;
		poll(NULL, 0, 100);
	}
	return NULL;
}

static void test_slow_handshake(void **state)
{
	char host[] = "h", error[PUBLISH_TLS_ERROR];
	const struct publish_url url = {.tls = true, .ca = cert_path, .server_name = host};
	uint64_t start = base_clock_mono_ns();
	pthread_t thread;
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	pthread_create(&thread, NULL, drip, &pair[0]);
	assert_null(publish_tls_connect(pair[1], &url, SOON_MS, error));
	assert_non_null(strstr(error, "in time"));
	assert_true(base_clock_mono_ns() - start < UINT64_C(5000000000));
	close(pair[1]);
	pthread_join(thread, NULL);
	close(pair[0]);
}

/* Those who do not speak TLS: they answer, or end. */
static void test_plain(void **state)
{
	static const struct {
		const char *answer, *says;
	} servers[] = {{"-ERR unknown command\r\n", "does not speak TLS"}, {"", "does that port"}};
	char host[] = "h", error[PUBLISH_TLS_ERROR];
	const struct publish_url url = {.tls = true, .ca = cert_path, .server_name = host};
	int pair[2];

	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
		assert_int_equal(write(pair[0], servers[i].answer, strlen(servers[i].answer)),
			(ssize_t)strlen(servers[i].answer));
		shutdown(pair[0], SHUT_WR);
		assert_null(publish_tls_connect(pair[1], &url, PATIENCE_MS, error));
		if (!strstr(error, servers[i].says))
			fail_msg("\"%s\" says nothing of \"%s\"", error, servers[i].says);
		close(pair[0]);
		close(pair[1]);
	}
}

static void test_files(void **state)
{
	char nowhere[] = "/nowhere", error[PUBLISH_TLS_ERROR];
	struct publish_url url = {.tls = false, .ca = nowhere};
	const char *option;

	assert_int_equal(publish_tls_check(&url, &option, error), 0);
	url.tls = true;
	assert_int_equal(publish_tls_check(&url, &option, error), -EINVAL);
	assert_non_null(strstr(error, "/nowhere: No such file"));
	assert_string_equal(option, "redis.tls_ca");
	url.ca = key_path;
	assert_int_equal(publish_tls_check(&url, &option, error), -EINVAL);
	url.ca = cert_path;
	assert_int_equal(publish_tls_check(&url, &option, error), 0);
	url.cert = cert_path;
	url.key = key_path;
	assert_int_equal(publish_tls_check(&url, &option, error), 0);
	url.key = other_path;
	assert_int_equal(publish_tls_check(&url, &option, error), -EINVAL);
	assert_non_null(strstr(error, "mismatch"));
	assert_string_equal(option, "redis.tls_key");
	url.cert = nowhere;
	assert_int_equal(publish_tls_check(&url, &option, error), -EINVAL);
	assert_string_equal(option, "redis.tls_cert");
	url.cert = cert_path;
	url.key = locked_path; /* nobody is asked for its passphrase */
	assert_int_equal(publish_tls_check(&url, &option, error), -EINVAL);
	assert_non_null(strstr(error, locked_path));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_authority),
		cmocka_unit_test(test_old),
		cmocka_unit_test(test_asked),
		cmocka_unit_test(test_news),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_slow_handshake),
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_files),
	};

	return cmocka_run_group_tests(tests, make_files, remove_files);
}
