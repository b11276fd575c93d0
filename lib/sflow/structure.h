/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "sflow/sflow.h"

/*
 * The table of structures: one row per enterprise:format of a flow or counter record, one per
 * field. Decoding, text, JSON, metrics and documentation all read it; a new structure is its rows
 * in the file of its family and one line in registry_pvt.h. Immutable; any thread.
 */

enum sflow_type {
	SFLOW_U8, /* one byte, without padding */
	SFLOW_U32,
	SFLOW_I32,
	SFLOW_U64,
	SFLOW_F32,
	SFLOW_F64,
	SFLOW_PCT,     /* i32, hundredths of a percent, -1 unknown */
	SFLOW_MAC,     /* 6 bytes and 2 of padding */
	SFLOW_STRING,  /* u32 length, text, padding */
	SFLOW_BYTES,   /* u32 length, bytes that are no text, padding */
	SFLOW_UUID,    /* 16 bytes */
	SFLOW_GID,     /* 16 bytes */
	SFLOW_ADDR,    /* u32 type, 0, 4 or 16 bytes */
	SFLOW_IPV4,    /* 4 bytes, no type */
	SFLOW_IPV6,    /* 16 bytes, no type */
	SFLOW_LIST,    /* u32 count, elements: sflow_field.of */
	SFLOW_RECORDS, /* u32 count, flow records */
	SFLOW_OPAQUE,  /* the rest of the body, as it is */
};

enum sflow_role {
	SFLOW_PLAIN, /* identifies, describes */
	SFLOW_GAUGE,
	SFLOW_COUNTER, /* monotonic, wraps at its width; all ones unknown */
};

/* How the line format of sflowtool spells a value, where it is not the obvious way of its type. */
enum sflow_show {
	SFLOW_SHOW_PLAIN,
	SFLOW_SHOW_NAME,     /* its word, see sflow_field.words */
	SFLOW_SHOW_HEX64,    /* 16 hex digits */
	SFLOW_SHOW_LABELS,   /* words of RFC 3032: label.class.bottom.ttl */
	SFLOW_SHOW_TAGS,     /* words of TPID and TCI */
	SFLOW_SHOW_LIST,     /* numbers joined by -; no line for an empty list */
	SFLOW_SHOW_PATH,     /* AS path, and the two numbers that follow from it */
	SFLOW_SHOW_ESCAPE,   /* as in a URL */
	SFLOW_SHOW_ALWAYS,   /* text: a line also where it is empty */
	SFLOW_SHOW_UNSIGNED, /* a signed number as an unsigned one */
};

struct sflow_word {
	uint32_t value;
	const char *word;
};

/* What the values of an enumeration are called. */
struct sflow_words {
	const struct sflow_word *words;
	unsigned count;
	const char *
		beyond; /* SFLOW_SHOW_NAME: format of a value without a word, with one %u or none */
	const struct sflow_word *line; /* NULL, or the one that sflowtool spells otherwise */
};

struct sflow_fields {
	const struct sflow_field *list;
	unsigned count;
};

/*
 * Where a value is not what its name says: above `above`, and no multiple of `unit`, if another field
 * of the record is `value`.
 */
struct sflow_doubt {
	unsigned field; /* position of the other one; it is a metric */
	uint32_t value;
	uint64_t above, unit;
};

struct sflow_field {
	const char *name; /* as the structure's definition spells it */
	enum sflow_type type;
	enum sflow_role role;
	const char *unit;   /* NULL where it has none */
	const char *metric; /* name under which users know it, `N` a number; NULL: not a metric */
	uint16_t max;       /* SFLOW_STRING: bytes that the definition allows; metrics are cut */

	const char *line;  /* name in sflowtool's lines; NULL: sflow_structure.prefix and `name` */
	uint16_t line_max; /* SFLOW_STRING: bytes that sflowtool keeps */
	enum sflow_show show; /* in lines */

	const struct sflow_doubt *doubt; /* NULL: none */
	const struct sflow_words *words; /* NULL: no enumeration */
	const struct sflow_fields *of;   /* SFLOW_LIST: of one element */
};

/* Who puts the lines of a structure together, where they are not one for each field in order. */
enum sflow_layout {
	SFLOW_LAYOUT_FIELDS,
	SFLOW_LAYOUT_SKIPPED, /* sflowtool does not know it */
	SFLOW_LAYOUT_HEADER,
	SFLOW_LAYOUT_ETHERNET,
	SFLOW_LAYOUT_IPV4,
	SFLOW_LAYOUT_IPV6,
	SFLOW_LAYOUT_USER,
	SFLOW_LAYOUT_ADAPTERS,
	SFLOW_LAYOUT_LANES,
	SFLOW_LAYOUT_PAYLOAD,
};

struct sflow_structure {
	uint32_t tag;
	const char *name;
	const struct sflow_field *fields; /* in wire order */
	uint16_t field_count;
	uint16_t min_len;  /* bytes; a shorter body lacks its tail: the fields there are absent */
	uint16_t optional; /* fields at the end that older agents do not send */
	uint16_t macs;     /* SFLOW_MAC among them, that some agents send without padding */

	/* Another form under the same tag, tried where this one does not fill a record exactly. */
	const struct sflow_structure *other;
	int deviation; /* of another form: enum sflow_stat that counts it */

	enum sflow_layout layout;
	const char *head;   /* first line, NULL for none */
	const char *prefix; /* of its lines' names, NULL for none */
};

/* In ascending order of tags; no row is NULL. */
extern const struct sflow_structure *const sflow_flow_structures[];
extern const unsigned sflow_flow_structures_count;
extern const struct sflow_structure *const sflow_counter_structures[];
extern const unsigned sflow_counter_structures_count;

/** Position of a counter record's tag in its table, or -1. O(1) for all of sFlow.org's. */
int sflow_counter_index(uint32_t tag);
int sflow_flow_index(uint32_t tag);

/** @return the row of a counter record's tag, or NULL */
const struct sflow_structure *sflow_counter_structure(uint32_t tag);

/** @return the row of a flow record's tag, or NULL */
const struct sflow_structure *sflow_flow_structure(uint32_t tag);

/** The form of `st` that a record has: itself, or the one of the others that fits. Never NULL. */
const struct sflow_structure *sflow_structure_form(
	const struct sflow_structure *st, const uint8_t *body, uint32_t len);

/** @return the word of a value, or NULL */
const char *sflow_word(const struct sflow_words *words, uint32_t value);

/* Reasons why packets are discarded (sFlow discarded packet notifications; drop codes of 0:1). */
extern const struct sflow_words sflow_discard_reasons;

/* Address types, header protocols and others that more than one part needs. */
extern const struct sflow_words sflow_header_protocols;

/* ---- Values ---- */

struct sflow_value {
	enum sflow_type type;
	uint64_t
		u; /* integers; SFLOW_I32, SFLOW_PCT sign-extended; SFLOW_LIST, _RECORDS: how many */
	double f;  /* SFLOW_F32, SFLOW_F64 */
	const uint8_t *bytes; /* SFLOW_MAC to SFLOW_OPAQUE: in the record; of lists all elements */
	uint32_t len;         /* of bytes */
};

/**
 * Read one value of a type that says its own extent (not SFLOW_LIST).
 * @return false (and c->bad) where the body ends within it, or an address has no known type
 */
bool sflow_value_read(struct base_cursor *c, enum sflow_type type, struct sflow_value *v);

/**
 * Read one field, of any type. The elements of a list are checked down to their ends, so that
 * walking them with the same function cannot fail. The work is bounded by the bytes, not by counts.
 */
bool sflow_field_read(struct base_cursor *c, const struct sflow_field *f, struct sflow_value *v);

/* A walk over the fields of one record. */
struct sflow_reader {
	const struct sflow_structure *structure;
	struct base_cursor cursor;
	const uint8_t *at; /* where the newest field starts */
	unsigned next;     /* field */
	bool bare;         /* MACs lack their padding: 0:2 of Huawei, 0:7 of others */
	bool cut;          /* the newest field was not all there */
};

/** Start at a record; `body` stays the caller's. */
void sflow_reader_init(struct sflow_reader *r, const struct sflow_structure *st,
	const uint8_t *body, uint32_t len);

/**
 * Next field with its value. An older agent's record ends before fields that came later: those are
 * absent, and the walk is over.
 * @return NULL at the end, with `cut` where the end was within a field
 */
const struct sflow_field *sflow_reader_next(struct sflow_reader *r, struct sflow_value *v);

/** Whether the walk, which is over, found all fields that there must be. */
static inline bool sflow_reader_complete(const struct sflow_reader *r)
{
	return !r->cut && r->next + r->structure->optional >= r->structure->field_count;
}
