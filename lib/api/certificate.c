/* SPDX-License-Identifier: BSD-3-Clause */
#include "api/certificate_pvt.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"

BASE_LOG_TYPE(log_certificate, "certificate");

enum {
	FILE_MOST = 1 << 20,
	LOOK_MS = 1000, /* between two looks at the files */
	CHAIN_MOST = 16,
};

static struct api_certificate *current;

/* ---- files ---- */

static void drop(char **text)
{
	if (*text)
		explicit_bzero(*text, strlen(*text));
	free(*text);
	*text = NULL;
}

/* @return its text from malloc; NULL with `error` */
static char *read_file(const char *path, char *error, unsigned error_size)
{
	FILE *f = fopen(path, "re");
	char *text = f ? calloc(1, FILE_MOST + 1) : NULL;
	size_t len;

	if (f)
		setvbuf(f, NULL, _IONBF, 0); /* no copy of the key stays behind */
	len = text ? fread(text, 1, FILE_MOST, f) : 0;
	if (len == 0) {
		snprintf(error, error_size, "%s: %s", path,
			f && !ferror(f) ? "empty" : strerror(errno));
		free(text);
		text = NULL;
	}
	if (f)
		fclose(f);
	return text;
}

static gnutls_datum_t datum(char *text)
{
	return (gnutls_datum_t){.data = (unsigned char *)text, .size = (unsigned)strlen(text)};
}

static bool is_pair(char *cert, char *key, char *error, unsigned error_size)
{
	gnutls_datum_t c = datum(cert), k = datum(key);
	gnutls_certificate_credentials_t both;
	int rc = gnutls_certificate_allocate_credentials(&both);

	if (rc == 0) {
		rc = gnutls_certificate_set_x509_key_mem2(
			both, &c, &k, GNUTLS_X509_FMT_PEM, NULL, 0);
		gnutls_certificate_free_credentials(both);
	}
	if (rc >= 0)
		return true;
	snprintf(error, error_size, "the certificate and the key are no pair: %s",
		gnutls_strerror(rc));
	return false;
}

/* Up to CHAIN_MOST. @return of GnuTLS; from gnutls_malloc */
static int import_chain(char *text, gnutls_pcert_st **certs, unsigned *count)
{
	gnutls_datum_t pem = datum(text);
	int rc;

	*count = CHAIN_MOST;
	*certs = gnutls_malloc(CHAIN_MOST * sizeof(**certs));
	if (!*certs)
		return GNUTLS_E_MEMORY_ERROR;
	rc = gnutls_pcert_list_import_x509_raw(*certs, count, &pem, GNUTLS_X509_FMT_PEM,
		GNUTLS_X509_CRT_LIST_IMPORT_FAIL_IF_EXCEED);
	if (rc < 0)
		gnutls_free(*certs);
	return rc;
}

static void free_chain(gnutls_pcert_st *certs, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		gnutls_pcert_deinit(&certs[i]);
	gnutls_free(certs);
}

/* What no handshake could show. */
static bool is_chain(char *text, char *error, unsigned error_size)
{
	gnutls_pcert_st *certs;
	unsigned count;
	int rc = import_chain(text, &certs, &count);

	if (rc >= 0) {
		free_chain(certs, count);
		return true;
	}
	if (rc == GNUTLS_E_SHORT_MEMORY_BUFFER)
		snprintf(error, error_size, "more than %d certificates in one file", CHAIN_MOST);
	else
		snprintf(error, error_size, "the certificate: %s", gnutls_strerror(rc));
	return false;
}

static int load(struct api_certificate *c, const char **option, char *error, unsigned error_size)
{
	char *cert = read_file(c->cert.path, error, error_size), *key = NULL;
	bool chain = cert && is_chain(cert, error, error_size);

	*option = chain ? "api.tls_key" : "api.tls_cert";
	if (chain)
		key = read_file(c->key.path, error, error_size);
	if (!key || !is_pair(cert, key, error, error_size)) {
		drop(&cert);
		drop(&key);
		return -EINVAL;
	}
	drop(&c->cert.text);
	drop(&c->key.text);
	c->cert.text = cert;
	c->key.text = key;
	return 0;
}

/* Whether a file is another one than at the last look. One that is away for a moment is not. */
static bool has_changed(struct api_certificate_file *f)
{
	struct stat st;
	bool same;

	if (stat(f->path, &st) < 0)
		return false;
	same = st.st_mtim.tv_sec == f->time.tv_sec && st.st_mtim.tv_nsec == f->time.tv_nsec &&
	       st.st_ino == f->inode;
	f->time = st.st_mtim;
	f->inode = st.st_ino;
	return !same;
}

/* Under the mutex. */
static void look(struct api_certificate *c)
{
	uint64_t now = base_clock_mono_ns();
	const char *option;
	bool cert, key;
	char error[256];

	if (now - c->looked_ns < LOOK_MS * UINT64_C(1000000))
		return;
	c->looked_ns = now;
	cert = has_changed(&c->cert);
	key = has_changed(&c->key);
	if (!cert && !key)
		return;
	if (load(c, &option, error, sizeof(error)) < 0)
		base_log(&log_certificate, BASE_LOG_WARNING,
			"the certificate of the API has changed, and the one before it stays: %s",
			error);
	else
		base_log(&log_certificate, BASE_LOG_NOTICE,
			"the certificate of the API was renewed");
}

/* ---- handshakes ---- */

/* Copies, which GnuTLS frees. */
static int copy_pair(
	struct api_certificate *c, gnutls_pcert_st **certs, unsigned *count, gnutls_privkey_t *key)
{
	gnutls_datum_t key_text = datum(c->key.text);
	int rc = import_chain(c->cert.text, certs, count);

	if (rc < 0)
		return rc;
	rc = gnutls_privkey_init(key);
	if (rc < 0)
		goto no_key;
	rc = gnutls_privkey_import_x509_raw(*key, &key_text, GNUTLS_X509_FMT_PEM, NULL, 0);
	if (rc >= 0)
		return 0;
	gnutls_privkey_deinit(*key);
no_key:
	free_chain(*certs, *count);
	return rc;
}

int api_certificate_give(gnutls_session_t session, const struct gnutls_cert_retr_st *info,
	gnutls_pcert_st **certs, unsigned *count, gnutls_ocsp_data_st **ocsp, unsigned *ocsp_count,
	gnutls_privkey_t *key, unsigned *flags)
{
	struct api_certificate *c = current;
	int rc;

	pthread_mutex_lock(&c->mutex);
	look(c);
	rc = copy_pair(c, certs, count, key);
	pthread_mutex_unlock(&c->mutex);
	*ocsp = NULL;
	*ocsp_count = 0;
	*flags = GNUTLS_CERT_RETR_DEINIT_ALL;
	return rc < 0 ? -1 : 0;
}

/* ---- life ---- */

int api_certificate_open(struct api_certificate *c, const char *cert, const char *key, char *error,
	unsigned error_size)
{
	const char *option;

	*c = (struct api_certificate){.cert.path = cert, .key.path = key};
	pthread_mutex_init(&c->mutex, NULL);
	current = c;
	has_changed(&c->cert);
	has_changed(&c->key);
	return load(c, &option, error, error_size);
}

int api_certificate_check(
	const char *cert, const char *key, const char **option, char *error, unsigned error_size)
{
	struct api_certificate c = {.cert.path = cert, .key.path = key};
	int err = load(&c, option, error, error_size);

	drop(&c.cert.text);
	drop(&c.key.text);
	return err;
}

void api_certificate_close(struct api_certificate *c)
{
	if (!c->cert.path)
		return;
	if (current == c)
		current = NULL;
	drop(&c->cert.text);
	drop(&c->key.text);
	pthread_mutex_destroy(&c->mutex);
}
