/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <libloc/libloc.h>

#include <libloc/database.h>

#include <cmocka.h>

#include "../dice.h"
#include "base/addr.h"
#include "geo/database.h"

/* Our tables against the library that the database comes with, at addresses of all kinds. */

enum { LOOKUPS = 20000 };
static const char file[] = "/usr/share/libloc-location/location.db";
static struct loc_database *library;
static struct loc_ctx *ctx;

static int open_library(void **state)
{
	FILE *f = fopen(file, "r");
	int err;

	if (!f)
		return 0;
	err = loc_new(&ctx);
	if (err == 0)
		err = loc_database_new(ctx, &library, f);
	fclose(f);
	return err;
}

static int close_library(void **state)
{
	if (library)
		loc_database_unref(library);
	if (ctx)
		loc_unref(ctx);
	return 0;
}

static struct geo_database *open_ours(enum geo_kind kind)
{
	char error[300] = "";
	struct geo_database *db = geo_database_open(kind, file, error, sizeof(error));

	if (!db)
		fail_msg("%s", error);
	return db;
}

/* An address where networks are: everywhere in IPv4, and in 2000::/12 to 2a00::/12. */
static struct base_addr some_address(struct dice *d, struct in6_addr *mapped)
{
	bool ip4 = dice_below(d, 2) == 0;
	uint8_t bytes[16];

	dice_bytes(d, bytes, sizeof(bytes));
	memset(mapped, 0, sizeof(*mapped));
	if (ip4) {
		memset(mapped->s6_addr + 10, 0xFF, 2);
		memcpy(mapped->s6_addr + 12, bytes, 4);
		return base_addr_from(bytes, 4);
	}
	bytes[0] = (uint8_t)(0x20 + dice_below(d, 11));
	bytes[1] &= 0x0F;
	for (unsigned i = 3; i < 8; i++)
		bytes[i] &= (uint8_t)dice_u64(d);
	memcpy(mapped->s6_addr, bytes, 16);
	return base_addr_from(bytes, 16);
}

static void expect_country(const struct geo_record *r, struct loc_network *n)
{
	const char *code = n ? loc_network_get_country_code(n) : NULL;

	if (!code || !*code)
		assert_null(r);
	else
		assert_string_equal(r ? r->texts[GEO_NUMBER].text : "none", code);
}

static void expect_as(const struct geo_record *r, struct loc_network *n)
{
	assert_int_equal(r ? r->number : 0, n ? loc_network_get_asn(n) : 0);
}

static void compare(enum geo_kind kind)
{
	struct geo_database *db;
	struct dice d = {1};
	unsigned found = 0;

	if (!library)
		skip();
	db = open_ours(kind);
	for (unsigned i = 0; i < LOOKUPS; i++) {
		struct loc_network *network = NULL;
		struct in6_addr mapped;
		struct base_addr addr = some_address(&d, &mapped);
		const struct geo_record *r =
			geo_find(db, addr.bytes, (unsigned)base_addr_len(&addr));

		loc_database_lookup(library, &mapped, &network);
		if (kind == GEO_COUNTRY)
			expect_country(r, network);
		else
			expect_as(r, network);
		found += !!r;
		if (network)
			loc_network_unref(network);
	}
	assert_true(found > LOOKUPS / 4);
	geo_database_close(db);
}

static void test_countries(void **state)
{
	compare(GEO_COUNTRY);
}

static void test_as(void **state)
{
	compare(GEO_ASN);
}

static void test_names(void **state)
{
	const uint8_t address[4] = {193, 0, 6, 139};
	struct geo_database *db;
	const struct geo_record *r;

	if (!library)
		skip();
	db = open_ours(GEO_COUNTRY);
	r = geo_find(db, address, 4);
	assert_non_null(r);
	assert_string_equal(r->texts[GEO_BOTH].text, "NL Netherlands");
	assert_string_equal(r->texts[GEO_NAME].text, "Netherlands");
	geo_database_close(db);
	db = open_ours(GEO_ASN);
	r = geo_find(db, address, 4);
	assert_non_null(r);
	assert_int_equal(r->number, 3333);
	assert_memory_equal(r->texts[GEO_BOTH].text, "3333 ", 5);
	assert_string_equal(r->texts[GEO_BOTH].text + 5, r->texts[GEO_NAME].text);
	geo_database_close(db);
}

/* A file that begins as one of libloc's, and is none. */
static void test_damaged(void **state)
{
	char path[] = "/tmp/weir-loc.XXXXXX", error[300] = "", text[300];
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "LOCDBXX\1rest", 12), 12);
	close(fd);
	assert_null(geo_database_open(GEO_COUNTRY, path, error, sizeof(error)));
	unlink(path);
	snprintf(text, sizeof(text), "%s: ", path);
	assert_memory_equal(error, text, strlen(text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_countries),
		cmocka_unit_test(test_as),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_damaged),
	};

	return cmocka_run_group_tests(tests, open_library, close_library);
}
