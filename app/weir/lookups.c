/* SPDX-License-Identifier: BSD-3-Clause */
#include "lookups.h"

#include "base/file.h"
#include "topology.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* Groups and maps of the configuration, and of the files that it names; databases by their paths. */

struct reading {
	const struct conf *c;
	const struct conf_lookup *from;
	enum flow_lookup_kind kind;
	struct conf_error *e;
};

/* The bytes of a file, to be unmapped; `*len` 0 and a text where it is empty. @return NULL and errno with `why` */
static const char *map_file(const char *path, size_t *len, const char **why)
{
	FILE *f = base_file_open(path, why);
	struct stat st;
	void *p = NULL;
	int err;

	if (!f)
		return NULL;
	err = fstat(fileno(f), &st) < 0 ? errno : 0;
	*len = err ? 0 : (size_t)st.st_size;
	if (err == 0 && *len > 0) {
		p = mmap(NULL, *len, PROT_READ, MAP_PRIVATE, fileno(f), 0);
		err = p == MAP_FAILED ? errno : 0;
	}
	fclose(f);
	*why = strerror(err);
	errno = err;
	if (err)
		return NULL;
	return *len > 0 ? p : "";
}

static void unmap_file(const char *text, size_t len)
{
	if (len > 0)
		munmap((void *)(uintptr_t)text, len);
}

/* Lines are counted as those of the file: marks of errors are the lookup's own file then. */
static int read_file(struct reading *r, struct flow_entries *entries)
{
	size_t len;
	const char *why, *text = map_file(r->from->file, &len, &why);
	unsigned line;
	int err;

	if (!text) {
		err = -errno;
		conf_error_at(r->e, r->c->file, r->from->file_at, "%ss.%s: cannot read \"%s\": %s",
			flow_lookup_kind_name(r->kind), r->from->name, r->from->file, why);
		return err;
	}
	err = flow_entries_parse(entries, text, len, &line, &why);
	unmap_file(text, len);
	if (err < 0)
		conf_error_at(r->e, r->from->file, (struct conf_mark){line, 1}, "%s", why);
	return err;
}

static int read_values(struct reading *r, struct flow_entries *entries)
{
	if (r->from->file)
		return read_file(r, entries);
	for (unsigned i = 0; i < r->from->count; i++)
		flow_entries_add(entries, r->from->values[i].label, r->from->values[i].value, 0);
	return 0;
}

static void tell(
	struct reading *r, const struct flow_entries *entries, const struct flow_lookup_error *le)
{
	const struct conf_lookup *from = r->from;

	if (from->file && le->entry < entries->count)
		conf_error_at(r->e, from->file,
			(struct conf_mark){entries->list[le->entry].line, 1}, "%s", le->text);
	else
		conf_error_at(r->e, r->c->file,
			!from->file && le->entry < from->count ? from->values[le->entry].at
							       : from->at,
			"%ss.%s: %s", flow_lookup_kind_name(r->kind), from->name, le->text);
}

static int open_one(struct reading *r, struct flow_data *data)
{
	struct flow_entries entries = {0};
	struct flow_lookup_error le;
	struct flow_lookup *l = NULL;
	int err = read_values(r, &entries);

	if (err == 0) {
		l = flow_lookup_build(r->kind, r->from->name, entries.list, entries.count, &le);
		err = l ? 0 : -errno;
		if (!l)
			tell(r, &entries, &le);
	}
	if (l)
		flow_data_put(data, l);
	flow_entries_free(&entries);
	return err;
}

static int open_kind(const struct conf *c, enum flow_lookup_kind kind, struct flow_data *data,
	struct conf_error *e)
{
	const struct conf_lookup *from = kind == FLOW_GROUP ? c->groups : c->maps;
	unsigned count = kind == FLOW_GROUP ? c->group_count : c->map_count;
	int err = 0;

	for (unsigned i = 0; i < count && err == 0; i++) {
		struct reading r = {.c = c, .from = &from[i], .kind = kind, .e = e};

		err = open_one(&r, data);
	}
	return err;
}

struct flow_data *lookups_open(const struct conf *c, struct conf_error *e)
{
	const char *const paths[GEO_KINDS] = {
		[GEO_COUNTRY] = c->geo.country, [GEO_ASN] = c->geo.asn, [GEO_OUI] = c->geo.oui};
	struct flow_data *data = flow_data_create(NULL);
	struct topology *topology;

	flow_data_set_geo(data, geo_create(paths));
	if (topology_open(c, &topology, e) == 0) {
		flow_data_set_topology(data, topology);
		if (open_kind(c, FLOW_GROUP, data, e) == 0 && open_kind(c, FLOW_MAP, data, e) == 0)
			return data;
	}
	flow_data_unref(data);
	return NULL;
}

struct flow_lookup *lookups_make(enum flow_lookup_kind kind, const char *name, const json_t *body,
	char *error, size_t error_size)
{
	struct flow_entries entries = {0};
	struct flow_lookup_error e;
	struct flow_lookup *l = NULL;
	int err = flow_entries_read(&entries, body, error, error_size);

	if (err == 0) {
		l = flow_lookup_build(kind, name, entries.list, entries.count, &e);
		err = l ? 0 : -errno;
		if (!l)
			snprintf(error, error_size, "%s", e.text);
	}
	flow_entries_free(&entries);
	errno = -err;
	return l;
}

struct flow_lookup *lookups_read(enum flow_lookup_kind kind, const char *name, const char *text,
	char *error, size_t error_size)
{
	json_error_t e;
	json_t *body = json_loads(text, JSON_REJECT_DUPLICATES, &e);
	struct flow_lookup *l;

	if (!body) {
		snprintf(error, error_size, "it is no JSON: %s", e.text);
		errno = EINVAL;
		return NULL;
	}
	l = lookups_make(kind, name, body, error, error_size);
	json_decref(body);
	return l;
}
