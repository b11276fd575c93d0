/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/text.h"
#include "geo/database_pvt.h"

enum { RECORDS_MOST = 1 << 24, LEAST_ROOM = 1024 };

/* Where Debian's packages put them; the first that is there. */
static const char *const presets[GEO_KINDS][3] = {
	[GEO_COUNTRY] = {"/var/lib/location/database.db", "/usr/share/libloc-location/location.db"},
	[GEO_ASN] = {"/var/lib/location/database.db", "/usr/share/libloc-location/location.db"},
	[GEO_OUI] = {"/usr/share/ieee-data", "/var/lib/ieee-data"},
};

static const char *const helps[GEO_KINDS] = {
	[GEO_COUNTRY] = "install libloc-database, or set geo.country",
	[GEO_ASN] = "install libloc-database, or set geo.asn",
	[GEO_OUI] = "install ieee-data, or set geo.oui",
};

/* ---- errors ---- */

int geo_fail(struct geo_reader *r, const char *fmt, ...)
{
	struct base_text t = base_text(r->error, r->error_size);
	char why[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	base_text_printf(&t, "%s: %s", r->path, why);
	return -EINVAL;
}

int geo_fail_memory(struct geo_reader *r)
{
	geo_fail(r, "there is not enough memory to read it");
	return -ENOMEM;
}

/* ---- records ---- */

/* No secret: who sends traffic has no say in what is in a database. */
static uint64_t hash_of(uint64_t id)
{
	return base_hash_unkeyed(&id, sizeof(id));
}

static uint32_t probe_record(
	const struct geo_database *db, uint64_t id, struct base_narrow_probe *probe)
{
	uint32_t number;

	*probe = base_dense_probe(&db->records, hash_of(id));
	while ((number = base_dense_next(&db->records, probe)) != BASE_INDEX_NONE) {
		const struct geo_record *record = base_dense_at(&db->records, number);

		if (record->id == id)
			break;
	}
	return number;
}

uint32_t geo_label(const struct geo_database *db, uint64_t id)
{
	struct base_narrow_probe probe;
	uint32_t number = probe_record(db, id, &probe);

	return number == BASE_INDEX_NONE ? PREFIX_NONE : number + 1;
}

static struct geo_text keep(struct geo_database *db, const struct base_text *t)
{
	return (struct geo_text){base_region_copy(&db->region, t->buf, t->len), t->len};
}

uint32_t geo_add_record(
	struct geo_database *db, uint64_t id, const char *number, const char *name, size_t name_len)
{
	uint32_t at = base_dense_add(&db->records, hash_of(id));
	char printed[GEO_TEXT_MOST + 1], both[GEO_TEXT_MOST + 1];
	struct base_text name_text = base_text(printed, sizeof(printed)),
			 both_text = base_text(both, sizeof(both)), number_text;
	struct geo_record *record;
	char digits[16];

	if (at == BASE_INDEX_NONE)
		return PREFIX_NONE;
	number_text = base_text(digits, sizeof(digits));
	base_text_wire(&number_text, (const uint8_t *)number, strlen(number));
	base_text_add(&both_text, digits, number_text.len);
	record = base_dense_at(&db->records, at);
	record->id = id;
	record->number = db->kind == GEO_ASN ? (uint32_t)strtoul(number, NULL, 10) : 0;
	record->texts[GEO_NUMBER] = keep(db, &number_text);
	if (name_len > 0) {
		base_text_wire(&name_text, (const uint8_t *)name, name_len);
		record->texts[GEO_NAME] = keep(db, &name_text);
		base_text_char(&both_text, ' ');
		base_text_add(&both_text, printed, name_text.len);
	}
	record->texts[GEO_BOTH] = keep(db, &both_text);
	return at + 1;
}

/* ---- prefixes ---- */

static int add_mac(struct geo_database *db, const struct prefix *p)
{
	if (db->mac_count == db->mac_room) {
		size_t room = db->mac_room ? 2 * db->mac_room : LEAST_ROOM;
		struct prefix *list = reallocarray(db->mac_list, room, sizeof(*list));

		if (!list)
			return -ENOMEM;
		db->mac_list = list;
		db->mac_room = room;
	}
	db->mac_list[db->mac_count++] = *p;
	return 0;
}

int geo_add_prefix(struct geo_database *db, unsigned width, const struct prefix *p)
{
	return width == 6 ? add_mac(db, p) : prefix_list_add(&db->list, width, p);
}

static void free_lists(struct geo_database *db)
{
	prefix_list_free(&db->list);
	free(db->mac_list);
	db->mac_list = NULL;
}

static int build_tables(struct geo_reader *r)
{
	struct geo_database *db = r->db;

	if (db->records.count == 0)
		return geo_fail(r, "there is nothing of use in it");
	if (prefix_table_build(&db->networks, &db->list) < 0 ||
		prefix_trie_build(&db->macs, 6, db->mac_list, db->mac_count) < 0)
		return geo_fail_memory(r);
	free_lists(db);
	return 0;
}

/* ---- files ---- */

static const char *preset(enum geo_kind kind)
{
	for (unsigned i = 0; presets[kind][i]; i++) {
		if (access(presets[kind][i], F_OK) == 0)
			return presets[kind][i];
	}
	return NULL;
}

/* libloc's files begin with this; MaxMind's end with something. */
static bool is_location(const char *path)
{
	char magic[7] = "";
	FILE *f = fopen(path, "re");
	bool yes = f && fread(magic, 1, sizeof(magic), f) == sizeof(magic) &&
		   memcmp(magic, "LOCDBXX", sizeof(magic)) == 0;

	if (f)
		fclose(f);
	return yes;
}

static int read_file(struct geo_reader *r)
{
	int err;

	if (access(r->path, R_OK) < 0) {
		err = -errno;
		geo_fail(r, "%s; %s", strerror(-err), helps[r->db->kind]);
		return err;
	}
	if (r->db->kind == GEO_OUI)
		err = geo_read_oui(r);
	else
		err = is_location(r->path) ? geo_read_location(r) : geo_read_maxmind(r);
	return err < 0 ? err : build_tables(r);
}

struct geo_database *geo_database_open(
	enum geo_kind kind, const char *path, char *error, size_t error_size)
{
	struct geo_database *db = calloc(1, sizeof(*db));
	struct geo_reader r = {.db = db, .path = path, .error = error, .error_size = error_size};
	int err;

	if (!path || !*path)
		r.path = preset(kind) ? preset(kind) : presets[kind][0];
	if (!db || base_dense_init(&db->records, sizeof(struct geo_record), RECORDS_MOST) < 0) {
		free(db);
		errno = -geo_fail_memory(&r);
		return NULL;
	}
	db->kind = kind;
	err = read_file(&r);
	if (err == 0)
		return db;
	geo_database_close(db);
	errno = -err;
	return NULL;
}

void geo_database_close(struct geo_database *db)
{
	if (!db)
		return;
	free_lists(db);
	prefix_table_free(&db->networks);
	prefix_trie_free(&db->macs);
	base_dense_fini(&db->records);
	base_region_free(&db->region);
	free(db);
}
