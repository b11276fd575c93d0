/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>

#include "base/dense.h"
#include "base/region.h"
#include "prefix/table.h"

/*
 * Databases of addresses: which country an IP address is in, which AS announces it, who made the
 * device of a MAC. Read as a whole when it is opened, into tables of our own, so that a lookup is
 * that of lib/prefix. Immutable from then on; any number of threads.
 */

enum geo_kind {
	GEO_COUNTRY,
	GEO_ASN,
	GEO_OUI,
	GEO_KINDS,
};

/* What is known of a label of the table. Texts are as they are printed. */
enum geo_form {
	GEO_NUMBER, /* code of the country; number of the AS; digits of the MAC's prefix */
	GEO_NAME,   /* NULL: has none */
	GEO_BOTH,   /* number, a blank, name; the number alone where it has no name */
	GEO_FORMS,
};

struct geo_text {
	const char *text;
	size_t len;
};

struct geo_record {
	uint64_t hash;
	uint64_t id;     /* whatever tells records of the file apart */
	uint32_t number; /* of the AS */
	struct geo_text texts[GEO_FORMS];
};

enum { GEO_TEXT_MOST = 200 /* bytes of a name as it is printed; what is longer is cut */ };

struct geo_database {
	enum geo_kind kind;
	struct prefix_table networks; /* of IP addresses */
	struct prefix_trie macs;      /* GEO_OUI */
	struct base_dense records;    /* struct geo_record; label N is record N - 1 */
	struct base_region region;
	/* While it is read: */
	struct prefix_list list;
	struct prefix *mac_list;
	size_t mac_count, mac_room;
};

/**
 * Open a database. Any thread but an RX core; takes a second or two.
 * @param path   a file of MaxMind's format or libloc's; of GEO_OUI a folder of IEEE's CSV files, or
 *               one of these; "" or NULL: where Debian's packages have it
 * @param error  one sentence: the file, what is wrong, what would help
 * @return NULL with `error`, and errno
 */
struct geo_database *geo_database_open(
	enum geo_kind kind, const char *path, char *error, size_t error_size);
void geo_database_close(struct geo_database *db); /* NULL is fine */

/** The record of an IP address (4 or 16 bytes), NULL where it is in none. RX core. */
static inline const struct geo_record *geo_find(
	const struct geo_database *db, const uint8_t *bytes, unsigned len)
{
	uint32_t label = prefix_table_find(&db->networks, bytes, len);

	return label == PREFIX_NONE ? NULL : base_dense_at(&db->records, label - 1);
}

/** The same of a MAC (6 bytes). RX core. */
static inline const struct geo_record *geo_find_mac(
	const struct geo_database *db, const uint8_t *bytes)
{
	uint32_t label = prefix_trie_find(&db->macs, bytes);

	return label == PREFIX_NONE ? NULL : base_dense_at(&db->records, label - 1);
}
