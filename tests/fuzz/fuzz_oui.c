/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>
#include <stdlib.h>

#include "geo/database_pvt.h"

/* A CSV file of MAC prefixes. */

static void need(int condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

static void check(const struct geo_record *r)
{
	for (unsigned form = 0; form < GEO_FORMS; form++) {
		const struct geo_text *t = &r->texts[form];

		need(t->len <= GEO_TEXT_MOST, "a text that is too long");
		for (size_t i = 0; i < t->len; i++)
			need(t->text[i] >= 0x20 && t->text[i] < 0x7F, "a text that is no line");
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct geo_database *db = calloc(1, sizeof(*db));
	char error[200] = "";
	struct geo_reader r = {.db = db, .path = "f", .error = error, .error_size = sizeof(error)};
	int err;

	need(db && base_dense_init(&db->records, sizeof(struct geo_record), 1 << 20) == 0,
		"no memory");
	db->kind = GEO_OUI;
	err = geo_parse_oui(&r, (const char *)data, size);
	need((err < 0) == (error[0] != '\0'), "an error that says nothing");
	need(db->mac_count == db->records.count, "a record without a prefix");
	for (uint32_t i = 0; i < db->records.count; i++)
		check(base_dense_at(&db->records, i));
	geo_database_close(db);
	return 0;
}
