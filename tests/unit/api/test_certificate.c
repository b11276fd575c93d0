/* SPDX-License-Identifier: BSD-3-Clause */
#include "../publish/certificates.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/certificate_pvt.h"

/* The pair that clients get, while its files change. */

struct files {
	char folder[32], cert[64], key[64];
	EVP_PKEY *first, *second;
};

static int setup(void **state)
{
	struct files *f = calloc(1, sizeof(*f));

	strcpy(f->folder, "/tmp/weir-cert-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	snprintf(f->cert, sizeof(f->cert), "%s/cert.pem", f->folder);
	snprintf(f->key, sizeof(f->key), "%s/key.pem", f->folder);
	f->first = EVP_EC_gen("P-256");
	f->second = EVP_EC_gen("P-256");
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct files *f = *state;

	unlink(f->cert);
	unlink(f->key);
	rmdir(f->folder);
	EVP_PKEY_free(f->first);
	EVP_PKEY_free(f->second);
	free(f);
	return 0;
}

static void put(const struct files *f, EVP_PKEY *cert, EVP_PKEY *key)
{
	X509 *x = cert ? make_cert(cert) : NULL;

	unlink(f->cert);
	unlink(f->key);
	if (x)
		write_cert(x, f->cert);
	X509_free(x);
	write_key(key, f->key, false);
}

/* A client shakes hands. @return whether it gets the certificate of that key */
static bool gives(struct api_certificate *c, EVP_PKEY *want)
{
	unsigned char *bytes = NULL;
	gnutls_ocsp_data_st *ocsp;
	unsigned count, ocsp_count, flags;
	gnutls_datum_t of_cert;
	gnutls_pubkey_t public;
	gnutls_pcert_st *certs;
	gnutls_privkey_t key;
	int len = i2d_PUBKEY(want, &bytes);
	bool same;

	c->looked_ns = 0; /* as a second later */
	assert_int_equal(
		api_certificate_give(NULL, NULL, &certs, &count, &ocsp, &ocsp_count, &key, &flags),
		0);
	assert_int_equal(count, 1);
	assert_int_equal(flags, GNUTLS_CERT_RETR_DEINIT_ALL);
	gnutls_pubkey_init(&public);
	gnutls_pubkey_import_privkey(public, key, 0, 0);
	assert_int_equal(gnutls_pubkey_export2(certs[0].pubkey, GNUTLS_X509_FMT_DER, &of_cert), 0);
	same = (int)of_cert.size == len && memcmp(of_cert.data, bytes, (size_t)len) == 0;
	gnutls_free(of_cert.data);
	assert_int_equal(gnutls_pubkey_export2(public, GNUTLS_X509_FMT_DER, &of_cert), 0);
	assert_int_equal(memcmp(of_cert.data, bytes, (size_t)len) == 0, same);
	gnutls_free(of_cert.data);
	gnutls_pubkey_deinit(public);
	gnutls_privkey_deinit(key);
	gnutls_pcert_deinit(&certs[0]);
	gnutls_free(certs);
	OPENSSL_free(bytes);
	return same;
}

static void test_renewal(void **state)
{
	const struct files *f = *state;
	struct api_certificate c;
	char error[256] = "";

	put(f, f->first, f->first);
	if (api_certificate_open(&c, f->cert, f->key, error, sizeof(error)))
		fail_msg("%s", error);
	assert_true(gives(&c, f->first));
	assert_true(gives(&c, f->first));
	put(f, f->first, f->second); /* half of it */
	assert_true(gives(&c, f->first));
	put(f, NULL, f->second);
	assert_true(gives(&c, f->first));
	put(f, f->second, f->second);
	assert_true(gives(&c, f->second));
	api_certificate_close(&c);
}

/* The certificate again and again behind itself. */
static void append(const struct files *f, unsigned times)
{
	X509 *x = make_cert(f->first);
	FILE *file = fopen(f->cert, "a");

	assert_non_null(file);
	while (times-- > 0)
		assert_int_equal(PEM_write_X509(file, x), 1);
	fclose(file);
	X509_free(x);
}

static void test_long_chain(void **state)
{
	const struct files *f = *state;
	struct api_certificate c;
	char error[256];

	put(f, f->first, f->first);
	append(f, 15);
	assert_int_equal(api_certificate_open(&c, f->cert, f->key, error, sizeof(error)), 0);
	api_certificate_close(&c);
	append(f, 1);
	assert_int_equal(api_certificate_open(&c, f->cert, f->key, error, sizeof(error)), -EINVAL);
	assert_non_null(strstr(error, "more than 16"));
	api_certificate_close(&c);
}

static void test_wrong(void **state)
{
	const struct files *f = *state;
	struct api_certificate c;
	char error[256];

	put(f, f->first, f->second);
	assert_int_equal(api_certificate_open(&c, f->cert, f->key, error, sizeof(error)), -EINVAL);
	assert_non_null(strstr(error, "no pair"));
	api_certificate_close(&c);
	put(f, NULL, f->first);
	assert_int_equal(api_certificate_open(&c, f->cert, f->key, error, sizeof(error)), -EINVAL);
	assert_non_null(strstr(error, "No such file"));
	api_certificate_close(&c);
	c = (struct api_certificate){.looked_ns = 0};
	api_certificate_close(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_renewal, setup, teardown),
		cmocka_unit_test_setup_teardown(test_long_chain, setup, teardown),
		cmocka_unit_test_setup_teardown(test_wrong, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
