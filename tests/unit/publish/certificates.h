/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

/* Keys, and certificates that sign themselves. */

static inline void write_key(EVP_PKEY *key, const char *path, bool locked)
{
	FILE *f = fopen(path, "w");
	static char phrase[] = "x";

	assert_non_null(f);
	assert_int_equal(
		PEM_write_PrivateKey(f, key, locked ? EVP_aes_256_cbc() : NULL,
			locked ? (unsigned char *)phrase : NULL, locked ? 1 : 0, NULL, NULL),
		1);
	fclose(f);
}

static inline X509 *make_cert(EVP_PKEY *key)
{
	X509 *x = X509_new();
	X509_EXTENSION *names = X509V3_EXT_conf_nid(
		NULL, NULL, NID_subject_alt_name, "DNS:server.example,IP:192.0.2.1,IP:2001:db8::1");

	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
	X509_gmtime_adj(X509_getm_notBefore(x), -60);
	X509_gmtime_adj(X509_getm_notAfter(x), 3600);
	X509_set_pubkey(x, key);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
		(const unsigned char *)"server", -1, -1, 0);
	X509_set_issuer_name(x, X509_get_subject_name(x));
	X509_add_ext(x, names, -1);
	X509_EXTENSION_free(names);
	assert_true(X509_sign(x, key, EVP_sha256()) > 0);
	return x;
}

static inline void write_cert(X509 *x, const char *path)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(PEM_write_X509(f, x), 1);
	fclose(f);
}
