/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "../dice.h"
#include "geo/database.h"
#include "mmdb_file.h"

static char path[] = "/tmp/weir-mmdb.XXXXXX";
static struct mmdb_file m;

static int make_path(void **state)
{
	int fd = mkstemp(path);

	return fd < 0 || close(fd) < 0 ? -1 : 0;
}

static int remove_path(void **state)
{
	return unlink(path);
}

static struct geo_database *open_file(enum geo_kind kind)
{
	char error[200] = "";
	struct geo_database *db;

	mmdb_write(&m, path);
	db = geo_database_open(kind, path, error, sizeof(error));
	if (!db)
		fail_msg("%s", error);
	return db;
}

static const struct geo_record *find(const struct geo_database *db, const char *address)
{
	struct base_addr addr;

	assert_int_equal(base_addr_parse(address, &addr), 0);
	return geo_find(db, addr.bytes, (unsigned)base_addr_len(&addr));
}

static void expect(const struct geo_database *db, const char *address, const char *number,
	const char *name, const char *both)
{
	const struct geo_record *r = find(db, address);

	if (!r)
		fail_msg("%s is in none", address);
	assert_string_equal(r->texts[GEO_NUMBER].text, number);
	assert_int_equal(r->texts[GEO_NUMBER].len, strlen(number));
	if (name)
		assert_string_equal(r->texts[GEO_NAME].text, name);
	else
		assert_null(r->texts[GEO_NAME].text);
	assert_string_equal(r->texts[GEO_BOTH].text, both);
}

static void test_countries(void **state)
{
	struct geo_database *db;
	uint32_t nl, us;

	mmdb_open(&m, 6, "GeoLite2-Country");
	nl = mmdb_country(&m, "country", "NL", "Netherlands");
	us = mmdb_country(&m, "registered_country", "US", NULL);
	mmdb_add(&m, "193.0.0.0", 8, nl);
	mmdb_add(&m, "8.8.8.8", 32, us);
	mmdb_add(&m, "2001:db8::", 32, mmdb_country(&m, "country", "CI", "C\xC3\xB4te d'Ivoire"));
	mmdb_add(&m, "2001:db9::", 32, mmdb_country(&m, "country", NULL, "Nowhere"));
	mmdb_add(&m, "2001:dba::1", 128, nl);
	db = open_file(GEO_COUNTRY);
	expect(db, "193.0.6.139", "NL", "Netherlands", "NL Netherlands");
	expect(db, "193.255.255.255", "NL", "Netherlands", "NL Netherlands");
	expect(db, "8.8.8.8", "US", NULL, "US");
	expect(db, "2001:db8::1", "CI", "C\\xC3\\xB4te d'Ivoire", "CI C\\xC3\\xB4te d'Ivoire");
	expect(db, "2001:dba::1", "NL", "Netherlands", "NL Netherlands");
	assert_null(find(db, "8.8.8.9"));
	assert_null(find(db, "194.0.0.0"));
	assert_null(find(db, "2001:db9::1"));
	assert_null(find(db, "2001:dba::2"));
	assert_null(find(db, "::193.0.6.139")); /* it is no IPv4 address */
	assert_int_equal(db->records.count, 3);
	geo_database_close(db);
	geo_database_close(NULL);
}

static void test_as(void **state)
{
	struct geo_database *db;

	mmdb_open(&m, 6, "GeoLite2-ASN");
	mmdb_add(&m, "193.0.0.0", 21, mmdb_as(&m, 3333, "RIPE NCC, Amsterdam"));
	mmdb_add(&m, "10.0.0.0", 8, mmdb_as(&m, 4294967294, NULL));
	mmdb_add(&m, "11.0.0.0", 8, mmdb_as(&m, 0, "none"));
	db = open_file(GEO_ASN);
	expect(db, "193.0.6.139", "3333", "RIPE NCC, Amsterdam", "3333 RIPE NCC, Amsterdam");
	expect(db, "10.1.2.3", "4294967294", NULL, "4294967294");
	assert_int_equal(find(db, "193.0.6.139")->number, 3333);
	assert_int_equal(find(db, "10.1.2.3")->number, 4294967294);
	assert_null(find(db, "11.1.2.3"));
	geo_database_close(db);
}

/* A tree of IPv4 alone. */
static void test_ip4(void **state)
{
	struct geo_database *db;

	mmdb_open(&m, 4, "ASN");
	mmdb_add(&m, "0.0.0.0", 1, mmdb_as(&m, 1, "low"));
	mmdb_add(&m, "192.0.2.0", 25, mmdb_as(&m, 2, "high"));
	db = open_file(GEO_ASN);
	expect(db, "127.255.255.255", "1", "low", "1 low");
	expect(db, "192.0.2.127", "2", "high", "2 high");
	assert_null(find(db, "192.0.2.128"));
	assert_null(find(db, "2001:db8::1"));
	geo_database_close(db);
}

/* Other places that lead to IPv4, as real files have them. */
static void test_aliases(void **state)
{
	struct geo_database *db;

	mmdb_open(&m, 6, "ASN");
	mmdb_add(&m, "192.0.2.0", 24, mmdb_as(&m, 7, NULL));
	mmdb_link(&m, "2002::", 16, mmdb_node(&m, 96));
	mmdb_link(&m, "::ffff:0:0", 96, mmdb_node(&m, 96));
	db = open_file(GEO_ASN);
	expect(db, "192.0.2.1", "7", NULL, "7");
	assert_null(find(db, "2002:c000:0201::"));
	assert_null(find(db, "::ffff:192.0.2.1"));
	geo_database_close(db);
}

static void expect_error(enum geo_kind kind, const char *text)
{
	char error[300] = "", *at = error;
	struct geo_database *db = geo_database_open(kind, path, error, sizeof(error));

	assert_null(db);
	assert_int_equal(errno, EINVAL);
	assert_memory_equal(at, path, strlen(path));
	assert_string_equal(error + strlen(path), text);
}

static void test_errors(void **state)
{
	FILE *f;

	mmdb_open(&m, 6, "GeoLite2-ASN");
	mmdb_add(&m, "193.0.0.0", 21, mmdb_as(&m, 3333, "RIPE"));
	mmdb_write(&m, path);
	expect_error(GEO_COUNTRY, ": there is no country in it; its type is GeoLite2-ASN");
	mmdb_open(&m, 6, "Nothing");
	mmdb_write(&m, path);
	expect_error(GEO_ASN, ": there is no AS in it; its type is Nothing");
	mmdb_open(&m, 6, "Round");
	mmdb_link(&m, "8000::", 1, mmdb_node(&m, 0) + 0);
	mmdb_link(&m, "4000::", 3, 1); /* a node that leads to itself */
	mmdb_write(&m, path);
	expect_error(GEO_ASN, ": its tree is damaged");
	f = fopen(path, "w");
	assert_non_null(f);
	fputs("no database", f);
	fclose(f);
	expect_error(GEO_ASN,
		": neither libloc's nor MaxMind's format: The MaxMind DB file contains invalid "
		"metadata");
}

/*
 * Whatever bytes of tree and data are wrong: an error, or a database. (Where those of the metadata
 * are, libmaxminddb 1.7 leaks some of what it has read of them.)
 */
static void test_damage(void **state)
{
	struct dice d = {1};

	for (unsigned round = 0; round < 2000; round++) {
		char error[200];
		uint32_t size;
		FILE *f;

		mmdb_open(&m, 6, "GeoLite2-Country");
		mmdb_add(&m, "193.0.0.0", 8, mmdb_country(&m, "country", "NL", "Netherlands"));
		mmdb_add(&m, "2001:db8::", 32, mmdb_country(&m, "country", "US", "States"));
		size = 8 * m.node_count + 16 + m.len;
		mmdb_write(&m, path);
		f = fopen(path, "r+");
		assert_non_null(f);
		for (unsigned n = 1 + dice_below(&d, 3); n > 0; n--) {
			fseek(f, (long)dice_below(&d, size), SEEK_SET);
			fputc((int)dice_below(&d, 256), f);
		}
		fclose(f);
		geo_database_close(geo_database_open(GEO_COUNTRY, path, error, sizeof(error)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_countries),
		cmocka_unit_test(test_as),
		cmocka_unit_test(test_ip4),
		cmocka_unit_test(test_aliases),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_damage),
	};

	return cmocka_run_group_tests(tests, make_path, remove_path);
}
