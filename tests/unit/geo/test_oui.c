/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "geo/database_pvt.h"

#define HEAD "Registry,Assignment,Organization Name,Organization Address\r\n"

static char folder[] = "/tmp/weir-oui.XXXXXX";

static int make_folder(void **state)
{
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	return rmdir(folder);
}

static const char *path_of(const char *name)
{
	static char path[200];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void write_file(const char *name, const char *text)
{
	FILE *f = fopen(path_of(name), "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static struct geo_database *open_path(const char *path)
{
	char error[300] = "";
	struct geo_database *db = geo_database_open(GEO_OUI, path, error, sizeof(error));

	if (!db)
		fail_msg("%s", error);
	return db;
}

static void expect(
	const struct geo_database *db, const uint8_t mac[6], const char *number, const char *name)
{
	const struct geo_record *r = geo_find_mac(db, mac);

	assert_true(!!r == !!number);
	if (!r)
		return;
	assert_string_equal(r->texts[GEO_NUMBER].text, number);
	if (name)
		assert_string_equal(r->texts[GEO_NAME].text, name);
	else
		assert_null(r->texts[GEO_NAME].text);
}

#define MAC(...) ((const uint8_t[]){__VA_ARGS__})

/* All lengths, the longest counts; quotes; a name that is there twice. */
static void test_folder(void **state)
{
	struct geo_database *db;

	write_file("oui.csv", HEAD "MA-L,70B3D5,IEEE Registration Authority,Piscataway\r\n"
				   "MA-L,002272,\"A \"\"B\"\", Inc.\nand more\",\"1, Road\"\r\n"
				   "MA-L,080030,CERN,Geneva\r\nMA-L,080030,\"ROYAL\",Melbourne\r\n"
				   "\r\nMA-L,00000A,,nowhere");
	write_file("oui36.csv", HEAD "MA-S,70B3D5F2F,TELEPLATFORMS,\"Polbina st.\"\r\n");
	write_file("mam.csv", HEAD "MA-M,70B3D5A,Some \xC3\xA4,\n");
	db = open_path(folder);
	expect(db, MAC(0x70, 0xB3, 0xD5, 0xF2, 0xF0, 0), "70B3D5F2F", "TELEPLATFORMS");
	expect(db, MAC(0x70, 0xB3, 0xD5, 0xF2, 0xEF, 0), "70B3D5", "IEEE Registration Authority");
	expect(db, MAC(0x70, 0xB3, 0xD5, 0xA2, 0xEF, 0), "70B3D5A", "Some \\xC3\\xA4");
	expect(db, MAC(0x00, 0x22, 0x72, 0, 0, 1), "002272", "A \"B\", Inc.\\x0Aand more");
	expect(db, MAC(0x08, 0x00, 0x30, 0, 0, 1), "080030", "CERN");
	expect(db, MAC(0, 0, 0x0A, 1, 2, 3), "00000A", NULL);
	expect(db, MAC(0x02, 0, 0, 1, 2, 3), NULL, NULL);
	geo_database_close(db);
	unlink(path_of("oui36.csv"));
	unlink(path_of("mam.csv"));
	db = open_path(path_of("oui.csv")); /* a file alone */
	expect(db, MAC(0x70, 0xB3, 0xD5, 0xF2, 0xF0, 0), "70B3D5", "IEEE Registration Authority");
	geo_database_close(db);
	unlink(path_of("oui.csv"));
}

static void expect_error(const char *path, int code, const char *text)
{
	char error[300] = "";

	assert_null(geo_database_open(GEO_OUI, path, error, sizeof(error)));
	assert_int_equal(errno, code);
	assert_memory_equal(error, folder, strlen(folder));
	assert_string_equal(error + strlen(folder), text);
}

static void test_errors(void **state)
{
	static const struct {
		const char *text, *error;
	} wrong[] = {
		{HEAD "MA-L,00227,a,b\n", "/oui.csv: line 2: \"00227\" is no prefix of a MAC; "
					  "expected a registry, 6, 7 "
					  "or 9 upper-case digits, and a name"},
		{HEAD "MA-L,\"0022\n72\",a,b\nMA-L,00227G,a\n",
			"/oui.csv: line 2: \"0022\n72\" is no prefix of a MAC; expected a "
			"registry, "
			"6, 7 or 9 upper-case digits, and a name"},
		{HEAD "MA-L,002272,a\nMA-L,002273,\"b\n",
			"/oui.csv: line 3: a quote is not closed"},
		{HEAD, "/oui.csv: there is nothing of use in it"},
		{"", "/oui.csv: there is nothing of use in it"},
	};

	expect_error(folder, ENOENT, "/oui.csv: No such file or directory");
	expect_error(path_of("none"), ENOENT,
		"/none: No such file or directory; install ieee-data, or set geo.oui");
	for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		write_file("oui.csv", wrong[i].text);
		expect_error(path_of("oui.csv"), EINVAL, wrong[i].error);
	}
	unlink(path_of("oui.csv"));
}

/* What Debian's package has. */
static void test_package(void **state)
{
	struct geo_database *db;

	if (access("/usr/share/ieee-data/oui.csv", R_OK) < 0)
		skip();
	db = open_path("");
	assert_true(db->records.count > 30000);
	expect(db, MAC(0x00, 0x22, 0x72, 0, 0, 1), "002272", "American Micro-Fuel Device Corp.");
	expect(db, MAC(0x02, 0, 0, 0, 0, 1), NULL, NULL); /* locally administered */
	geo_database_close(db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_folder),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_package),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
