/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <maxminddb.h>
#include <stdio.h>

#include "geo/database_pvt.h"

/*
 * Files in MaxMind's format: a binary tree, whose leaves are records in another part of the file.
 * Trees of IPv6 have IPv4 at ::/96; further places that lead there (6to4, Teredo and the like) are
 * not followed. Recursion is bounded by the bits of an address, and the walk by the number of nodes,
 * since each is at one place of a tree.
 */

struct walk {
	struct geo_reader *r;
	MMDB_s *mmdb;
	uint32_t seen; /* nodes */
};

/* A place in the tree: the bits that lead there. */
struct place {
	uint8_t bytes[16];
	unsigned bits;
};

static bool get_text(MMDB_entry_s *entry, const char *const *path, MMDB_entry_data_s *text)
{
	return MMDB_aget_value(entry, text, path) == MMDB_SUCCESS && text->has_data &&
	       text->type == MMDB_DATA_TYPE_UTF8_STRING && text->data_size > 0;
}

/* ---- records: PREFIX_NONE in *label where there is no country or AS ---- */

static int add_country(struct walk *w, uint64_t id, MMDB_entry_s *entry, uint32_t *label)
{
	static const char *const codes[2][3] = {
		{"country", "iso_code"}, {"registered_country", "iso_code"}};
	static const char *const names[2][4] = {
		{"country", "names", "en"}, {"registered_country", "names", "en"}};
	MMDB_entry_data_s code, name;
	unsigned which = get_text(entry, codes[0], &code) ? 0 : 1;
	bool named;
	char word[8];

	if (which == 1 && !get_text(entry, codes[1], &code))
		return 0;
	named = get_text(entry, names[which], &name);
	snprintf(word, sizeof(word), "%.*s", (int)code.data_size, code.utf8_string);
	*label = geo_add_record(
		w->r->db, id, word, named ? name.utf8_string : NULL, named ? name.data_size : 0);
	return *label == PREFIX_NONE ? -ENOMEM : 0;
}

static int add_as(struct walk *w, uint64_t id, MMDB_entry_s *entry, uint32_t *label)
{
	static const char *const numbers[] = {"autonomous_system_number", NULL};
	static const char *const names[] = {"autonomous_system_organization", NULL};
	MMDB_entry_data_s number, name;
	bool named = get_text(entry, names, &name);
	char digits[16];

	if (MMDB_aget_value(entry, &number, numbers) != MMDB_SUCCESS || !number.has_data ||
		number.type != MMDB_DATA_TYPE_UINT32 || number.uint32 == 0)
		return 0;
	snprintf(digits, sizeof(digits), "%u", number.uint32);
	*label = geo_add_record(
		w->r->db, id, digits, named ? name.utf8_string : NULL, named ? name.data_size : 0);
	return *label == PREFIX_NONE ? -ENOMEM : 0;
}

/* Records are told apart by where they are in the file. */
static int label_of(struct walk *w, MMDB_entry_s *entry, uint32_t *label)
{
	uint64_t id = entry->offset;

	*label = geo_label(w->r->db, id);
	if (*label != PREFIX_NONE)
		return 0;
	return w->r->db->kind == GEO_COUNTRY ? add_country(w, id, entry, label)
					     : add_as(w, id, entry, label);
}

/* ---- the tree ---- */

static bool is_zero(const struct place *at)
{
	for (unsigned i = 0; i < sizeof(at->bytes); i++) {
		if (at->bytes[i])
			return false;
	}
	return true;
}

/* Below ::/96 of a tree of IPv6, and not wider. */
static bool is_ip4(const struct walk *w, const struct place *at)
{
	struct place upper = *at;

	if (w->mmdb->metadata.ip_version == 4)
		return true;
	memset(upper.bytes + 12, 0, 4);
	return at->bits >= 96 && is_zero(&upper);
}

static int add_leaf(struct walk *w, const struct place *at, MMDB_entry_s *entry)
{
	bool ip4 = is_ip4(w, at);
	unsigned skip = ip4 && w->mmdb->metadata.ip_version == 6 ? 12 : 0;
	struct prefix p = {.bits = (uint8_t)(at->bits - 8 * skip)};

	if (label_of(w, entry, &p.label) < 0)
		return geo_fail_memory(w->r);
	if (p.label == PREFIX_NONE)
		return 0;
	memcpy(p.bytes, at->bytes + skip, ip4 ? 4 : 16);
	return geo_add_prefix(w->r->db, ip4 ? 4 : 16, &p) < 0 ? geo_fail_memory(w->r) : 0;
}

static int walk(struct walk *w, uint32_t number, const struct place *at);

static int follow(struct walk *w, const struct place *from, unsigned bit, uint64_t record,
	unsigned type, MMDB_entry_s *entry)
{
	struct place at = *from;

	if (at.bits == 8 * sizeof(at.bytes))
		return geo_fail(w->r, "its tree is deeper than an address");
	at.bytes[at.bits / 8] |= (uint8_t)(bit << (7 - at.bits % 8));
	at.bits++;
	switch (type) {
	case MMDB_RECORD_TYPE_SEARCH_NODE:
		return walk(w, (uint32_t)record, &at);
	case MMDB_RECORD_TYPE_DATA:
		return add_leaf(w, &at, entry);
	case MMDB_RECORD_TYPE_EMPTY:
		return 0;
	default:
		return geo_fail(w->r, "its tree is damaged");
	}
}

/* Whether a node is IPv4's, at another place than its own. */
static bool is_alias(const struct walk *w, uint32_t number, const struct place *at)
{
	return w->mmdb->metadata.ip_version == 6 && number == w->mmdb->ipv4_start_node.node_value &&
	       w->mmdb->ipv4_start_node.netmask == 96 && !(at->bits == 96 && is_zero(at));
}

static int walk(struct walk *w, uint32_t number, const struct place *at)
{
	MMDB_search_node_s node;
	int err;

	if (is_alias(w, number, at))
		return 0;
	if (w->seen++ >= w->mmdb->metadata.node_count ||
		MMDB_read_node(w->mmdb, number, &node) != MMDB_SUCCESS)
		return geo_fail(w->r, "its tree is damaged");
	err = follow(w, at, 0, node.left_record, node.left_record_type, &node.left_record_entry);
	if (err < 0)
		return err;
	return follow(
		w, at, 1, node.right_record, node.right_record_type, &node.right_record_entry);
}

int geo_read_maxmind(struct geo_reader *r)
{
	MMDB_s mmdb;
	struct walk w = {.r = r, .mmdb = &mmdb};
	const struct place root = {.bits = 0};
	int status = MMDB_open(r->path, MMDB_MODE_MMAP, &mmdb), err;

	if (status != MMDB_SUCCESS)
		return geo_fail(
			r, "neither libloc's nor MaxMind's format: %s", MMDB_strerror(status));
	err = walk(&w, 0, &root);
	if (err == 0 && r->db->records.count == 0)
		err = geo_fail(r, "there is no %s in it; its type is %.64s",
			r->db->kind == GEO_COUNTRY ? "country" : "AS", mmdb.metadata.database_type);
	MMDB_close(&mmdb);
	return err;
}
