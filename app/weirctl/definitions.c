/* SPDX-License-Identifier: BSD-3-Clause */
#include "definitions.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "document.h"
#include "grid.h"

static void add_name(void *ctx, const char *name)
{
	struct definitions *d = ctx;

	if (d->count < DEFINITIONS_MAX)
		d->names[d->count++] = strdup(name);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* SCAN may tell a key twice. */
static void sort_names(struct definitions *d)
{
	unsigned kept = 0;

	qsort(d->names, d->count, sizeof(d->names[0]), compare_names);
	for (unsigned i = 0; i < d->count; i++) {
		if (kept > 0 && strcmp(d->names[kept - 1], d->names[i]) == 0)
			free(d->names[i]);
		else
			d->names[kept++] = d->names[i];
	}
	d->count = kept;
}

int definitions_read(struct session *s, const struct options *o, struct definitions *d)
{
	char before[256];

	memset(d, 0, sizeof(*d));
	snprintf(before, sizeof(before), "%s:flow:{", o->prefix);
	if (session_scan(s, before, "}:meta", add_name, d))
		return -EIO;
	sort_names(d);
	for (unsigned i = 0; i < d->count; i++)
		publish_link_format(s->redis, "HGETALL %s:flow:{%s}:meta", o->prefix, d->names[i]);
	for (unsigned i = 0; i < d->count; i++) {
		d->metas[i] = session_reply(s);
		if (!d->metas[i])
			return -EIO;
	}
	return 0;
}

void definitions_free(struct definitions *d)
{
	for (unsigned i = 0; i < d->count; i++) {
		free(d->names[i]);
		freeReplyObject(d->metas[i]);
	}
	d->count = 0;
}

static uint64_t number(const redisReply *meta, const char *field)
{
	const char *text = session_field(meta, field);

	return text ? strtoull(text, NULL, 10) : 0;
}

static bool is_of(const redisReply *meta, const char *collector)
{
	const char *name = session_field(meta, "collector");

	return name && strcmp(name, collector) == 0 && session_field(meta, "keyless");
}

enum kind { SAMPLES, DROPPED, CUSTOM, KINDS };

static bool has_flag(const redisReply *meta, const char *name)
{
	const char *text = session_field(meta, name);

	return text && strcmp(text, "true") == 0;
}

/* A definition of a collector that counts samples of one kind; older collectors count flow samples. */
static bool is_counted(const redisReply *meta, const char *collector, enum kind kind)
{
	enum kind is = has_flag(meta, "dropped")  ? DROPPED
		       : has_flag(meta, "custom") ? CUSTOM
						  : SAMPLES;

	return is_of(meta, collector) && is == kind;
}

static uint64_t newest_start(const struct definitions *d, const char *collector, enum kind kind)
{
	uint64_t newest = 0, start;

	for (unsigned i = 0; i < d->count; i++) {
		start = number(d->metas[i], "start_ms");
		if (is_counted(d->metas[i], collector, kind) && start > newest)
			newest = start;
	}
	return newest;
}

static bool sum_of_kind(
	const struct definitions *d, const char *collector, enum kind kind, struct sum *sum)
{
	static const char *const names[KINDS] = {"definitions", "dropped", "custom"};
	uint64_t newest = newest_start(d, collector, kind), seen;

	*sum = (struct sum){names[kind], "most samples + filtered + keyless of a definition",
		"least of any, in the newest window", 0, UINT64_MAX};
	for (unsigned i = 0; i < d->count; i++) {
		const redisReply *meta = d->metas[i];

		if (!is_counted(meta, collector, kind) || number(meta, "start_ms") != newest)
			continue;
		seen = number(meta, "samples") + number(meta, "filtered") + number(meta, "keyless");
		if (seen > sum->left)
			sum->left = seen;
		if (seen < sum->right)
			sum->right = seen;
	}
	return sum->right != UINT64_MAX;
}

unsigned definitions_sums(
	const struct definitions *d, const char *collector, struct sum sums[DEFINITIONS_SUMS])
{
	unsigned count = 0;

	for (unsigned kind = 0; kind < KINDS; kind++)
		count += sum_of_kind(d, collector, (enum kind)kind, &sums[count]);
	return count;
}

void definitions_print(const struct definitions *d, const char *collector)
{
	static const char *const fields[] = {
		"window", "samples", "filtered", "keyless", "flows", "total", "other", NULL};
	static const char *const heads[] = {"DEFINITION", ">WINDOW", ">SAMPLES", ">FILTERED",
		">KEYLESS", ">FLOWS", ">TOTAL", ">OTHER", NULL};
	struct grid t;

	grid_init(&t, heads);
	for (unsigned i = 0; i < d->count; i++) {
		if (!is_of(d->metas[i], collector))
			continue;
		grid_add(&t, "%s", d->names[i]);
		for (unsigned j = 0; fields[j]; j++) {
			const char *text = session_field(d->metas[i], fields[j]);

			grid_add(&t, "%s", text ? text : "-");
		}
	}
	if (t.count > 0) {
		putchar('\n');
		grid_print(&t, stdout);
	}
	grid_free(&t);
}

json_t *definitions_document(const struct definitions *d, const char *collector)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < d->count; i++) {
		json_t *object;

		if (!is_of(d->metas[i], collector))
			continue;
		object = json_object();
		json_object_set_new(object, "flow", json_string(d->names[i]));
		json_object_update_new(object, document_hash(d->metas[i]));
		json_array_append_new(list, object);
	}
	return list;
}
