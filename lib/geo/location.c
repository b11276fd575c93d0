/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Its headers do not say what they include. */
#include <libloc/libloc.h>

#include <libloc/database.h>

#include "geo/database_pvt.h"

/*
 * libloc's database, which has countries and AS of one tree of networks. A network in another one
 * hides it, also where it has no country or no AS: a prefix without a label. IPv4 networks are those
 * of ::ffff:0:0/96.
 */

enum { MAPPED_BITS = 96 };

struct location {
	struct geo_reader *r;
	struct loc_ctx *ctx;
	struct loc_database *db;
};

static uint32_t add_country(struct location *l, uint64_t id, const char *code)
{
	struct loc_country *country = NULL;
	const char *name = NULL;
	uint32_t label;

	if (loc_database_get_country(l->db, &country, code) == 0 && country)
		name = loc_country_get_name(country);
	label = geo_add_record(l->r->db, id, code, name, name ? strlen(name) : 0);
	if (country)
		loc_country_unref(country);
	return label;
}

static uint32_t add_as(struct location *l, uint32_t number)
{
	struct loc_as *as = NULL;
	const char *name = NULL;
	char digits[16];
	uint32_t label;

	snprintf(digits, sizeof(digits), "%u", number);
	if (loc_database_get_as(l->db, &as, number) == 0 && as)
		name = loc_as_get_name(as);
	label = geo_add_record(l->r->db, number, digits, name, name ? strlen(name) : 0);
	if (as)
		loc_as_unref(as);
	return label;
}

/* @return 0 with the label, which may be none, or -ENOMEM */
static int label_of(struct location *l, struct loc_network *network, uint32_t *label)
{
	const char *code = loc_network_get_country_code(network);
	uint32_t as = loc_network_get_asn(network);
	uint64_t id = as;

	if (l->r->db->kind == GEO_COUNTRY)
		id = code && *code ? (uint64_t)(uint8_t)code[0] << 8 | (uint8_t)code[1] : 0;
	*label = PREFIX_NONE;
	if (id == 0)
		return 0;
	*label = geo_label(l->r->db, id);
	if (*label == PREFIX_NONE)
		*label = l->r->db->kind == GEO_COUNTRY ? add_country(l, id, code) : add_as(l, as);
	return *label == PREFIX_NONE ? -ENOMEM : 0;
}

static int add_network(struct location *l, struct loc_network *network)
{
	const struct in6_addr *first = loc_network_get_first_address(network);
	unsigned bits = loc_network_prefix(network);
	bool mapped = IN6_IS_ADDR_V4MAPPED(first);
	unsigned width = mapped ? 4 : 16;
	struct prefix p = {.bits = (uint8_t)bits};

	if (label_of(l, network, &p.label) < 0)
		return geo_fail_memory(l->r);
	if (bits > 8 * width)
		return geo_fail(l->r, "there is a network of %u bits in it", bits);
	memcpy(p.bytes, first->s6_addr + (mapped ? MAPPED_BITS / 8 : 0), width);
	return geo_add_prefix(l->r->db, width, &p) < 0 ? geo_fail_memory(l->r) : 0;
}

static int read_networks(struct location *l)
{
	struct loc_database_enumerator *e = NULL;
	struct loc_network *network = NULL;
	int err = loc_database_enumerator_new(&e, l->db, LOC_DB_ENUMERATE_NETWORKS, 0);

	if (err)
		return geo_fail(
			l->r, "its networks cannot be read: %s", strerror(err < 0 ? -err : err));
	while (err == 0) {
		if (loc_database_enumerator_next_network(e, &network) != 0)
			err = geo_fail(l->r, "it breaks off among its networks");
		if (err < 0 || !network)
			break;
		err = add_network(l, network);
		loc_network_unref(network);
	}
	loc_database_enumerator_unref(e);
	return err;
}

/* Its own words would go to stderr or syslog; what went wrong comes back as an errno. */
static void no_log(struct loc_ctx *ctx, int priority, const char *file, int line, const char *fn,
	const char *format, va_list args)
{
}

int geo_read_location(struct geo_reader *r)
{
	struct location l = {.r = r};
	FILE *f = fopen(r->path, "re");
	int err;

	if (!f || loc_new(&l.ctx) != 0) {
		err = f ? geo_fail_memory(r) : geo_fail(r, "%s", strerror(errno));
		if (f)
			fclose(f);
		return err;
	}
	loc_set_log_fn(l.ctx, no_log);
	errno = 0;
	if (loc_database_new(l.ctx, &l.db, f) != 0)
		err = geo_fail(r, "libloc cannot read it%s%s", errno ? ": " : "",
			errno ? strerror(errno) : "");
	else
		err = read_networks(&l);
	if (l.db)
		loc_database_unref(l.db);
	loc_unref(l.ctx);
	fclose(f);
	return err;
}
