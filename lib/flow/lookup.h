/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "base/region.h"
#include "prefix/table.h"

/*
 * What the functions group and map look into: values under labels, with a name. The values of a
 * group are networks, those of a map are texts, which are what they are for the key that a
 * definition asks with. Immutable once built; counted references, from any thread.
 */

enum flow_lookup_kind {
	FLOW_GROUP,
	FLOW_MAP,
	FLOW_LOOKUP_KINDS,
};

enum {
	FLOW_LOOKUP_NAME = 64,      /* bytes of a name: letters, digits, _ . or - */
	FLOW_LABEL_BYTES = 200,     /* of a label as it is printed */
	FLOW_LOOKUP_MOST = 4000000, /* values */
};

/* One value, as it was written. */
struct flow_entry {
	const char *label, *value;
	unsigned line; /* of the file that it stood in, or 0 */
};

/* Entries that are gathered. Starts zeroed; one thread. */
struct flow_entries {
	struct flow_entry *list;
	size_t count, room;
	struct base_region region; /* of texts that were copied */
};

/* A label's text as it is printed. */
struct flow_label {
	const char *text;
	size_t len;
};

struct flow_lookup {
	enum flow_lookup_kind kind;
	const char *name;
	uint64_t made_ns; /* monotonic */
	const char *json; /* as it was written: labels with their values */
	uint32_t label_count;
	const struct flow_label *labels; /* number N of a prefix is labels[N - 1] */
	size_t value_count;
	/* FLOW_GROUP */
	struct prefix_table networks;
	/* FLOW_MAP */
	const struct flow_mapped {
		const char *text;
		size_t len;
		uint32_t label; /* from 1 on */
	} * values;
	struct base_region region;
	unsigned references; /* atomic */
};

/* What is wrong with the entries, and with which. */
struct flow_lookup_error {
	size_t entry; /* its number; that of the last one where it is all of them */
	char text[256];
};

/** "group" or "map". */
const char *flow_lookup_kind_name(enum flow_lookup_kind kind);

/**
 * Build one. Any thread but an RX core.
 * @param name  copied; checked
 * @return one reference; NULL with `e` (errno EINVAL, or ENOMEM)
 */
struct flow_lookup *flow_lookup_build(enum flow_lookup_kind kind, const char *name,
	const struct flow_entry *entries, size_t count, struct flow_lookup_error *e);

struct flow_lookup *flow_lookup_ref(struct flow_lookup *l);
void flow_lookup_unref(struct flow_lookup *l); /* NULL is fine */

/** Add an entry; the texts must live as long as `e`. */
void flow_entries_add(struct flow_entries *e, const char *label, const char *value, unsigned line);

/**
 * Read lines of a label, blanks, and a value without blanks. Empty lines and those that start with
 * a # say nothing.
 * @param text  hostile; need not end in a NUL
 * @return 0; -EINVAL with what is wrong with line `*line` in `why` (never freed)
 */
int flow_entries_parse(
	struct flow_entries *e, const char *text, size_t len, unsigned *line, const char **why);

/**
 * Read an object of labels, each with a value or a list of values; whole numbers are taken as texts.
 * @param body  hostile; must live as long as `e`
 * @return 0; -EINVAL with one sentence
 */
int flow_entries_read(struct flow_entries *e, const json_t *body, char *error, size_t error_size);

void flow_entries_free(struct flow_entries *e);

/** A group or map as flow_entries_read() takes it; a new reference. NULL: out of memory. */
json_t *flow_lookup_json(const struct flow_lookup *l);
