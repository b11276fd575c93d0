/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "geo/geo.h"

/* Databases are opened when they are asked for, once, and kept. */

static void test_life(void **state)
{
	char path[] = "/tmp/weir-geo.XXXXXX", error[300] = "";
	const char *const paths[GEO_KINDS] = {[GEO_OUI] = path, [GEO_ASN] = "/nonesuch"};
	const struct geo_database *db;
	int fd = mkstemp(path);
	struct geo *g = geo_create(paths), *second = geo_ref(g);

	assert_true(fd >= 0);
	assert_null(geo_get(g, GEO_OUI, error, sizeof(error))); /* it is empty yet */
	assert_string_not_equal(error, "");
	assert_int_equal(write(fd, "r,a,o,a\nM,002272,b,c\n", 21), 21);
	close(fd);
	db = geo_get(g, GEO_OUI, error, sizeof(error));
	assert_non_null(db);
	unlink(path);
	geo_unref(g);
	assert_ptr_equal(geo_get(second, GEO_OUI, error, sizeof(error)), db);
	assert_null(geo_get(second, GEO_ASN, error, sizeof(error)));
	assert_string_equal(error,
		"/nonesuch: No such file or directory; install libloc-database, or set geo.asn");
	geo_unref(second);
	geo_unref(NULL);
	assert_null(geo_ref(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_life),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
