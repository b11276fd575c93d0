/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "api/api.h"
#include "api/listen.h"

static char error[256];

static void test_good(void **state)
{
	static const struct {
		const char *text;
		int family;
		bool loopback;
	} good[] = {
		{"127.0.0.1:8008", AF_INET, true},
		{"127.1.2.3:0", AF_INET, true},
		{"0.0.0.0:8008", AF_INET, false},
		{"192.0.2.1:65535", AF_INET, false},
		{"[::1]:8008", AF_INET6, true},
		{"[::]:8008", AF_INET6, false},
		{"[2001:db8::1]:1", AF_INET6, false},
	};
	struct api_listen l;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(api_listen_parse(good[i].text, &l, error, sizeof(error)), 0);
		assert_int_equal(l.addr.ss_family, good[i].family);
		assert_int_equal(l.loopback, good[i].loopback);
	}
}

static void test_wrong(void **state)
{
	static const char *const wrong[] = {"", ":", ":8008", "8008", "127.0.0.1",
		"127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:80x", "::1:8008",
		"[127.0.0.1]:80", "localhost:8008", "[::1:80", "127.0.0.1: 80"};
	struct api_listen l;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		error[0] = '\0';
		assert_int_equal(api_listen_parse(wrong[i], &l, error, sizeof(error)), -EINVAL);
		assert_non_null(strstr(error, "ADDRESS:PORT"));
	}
}

/* Other hosts get in with a token and TLS alone. */
static void test_check(void **state)
{
	struct api_options o = {.listen = "127.0.0.1:0",
		.token = "",
		.read_token = "",
		.tls_cert = "",
		.tls_key = ""};
	const char *option;

	assert_int_equal(api_check(&o, &option, error, sizeof(error)), 0);
	o.listen = "0.0.0.0:8008";
	assert_int_equal(api_check(&o, &option, error, sizeof(error)), -EINVAL);
	assert_non_null(strstr(error, "token"));
	o.token = "secret";
	assert_int_equal(api_check(&o, &option, error, sizeof(error)), -EINVAL);
	o.tls_cert = "cert.pem";
	assert_int_equal(api_check(&o, &option, error, sizeof(error)), -EINVAL);
	assert_string_equal(option, "api.tls_cert");
	o.tls_key = "key.pem";
	assert_int_equal(api_check(&o, &option, error, sizeof(error)), 0);
	o.token = "";
	assert_int_equal(api_check(&o, &option, error, sizeof(error)), -EINVAL);
	assert_string_equal(option, "api.listen");
	o.read_token = "secret";
	assert_int_equal(api_check(&o, &option, error, sizeof(error)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_check),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
