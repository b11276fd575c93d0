/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "conf/conf.h"

enum conf_type {
	CONF_UINT,     /* unsigned of 2, 4 or 8 bytes */
	CONF_DURATION, /* the same, milliseconds */
	CONF_SECONDS,  /* double */
	CONF_NUMBER,   /* double, from 0, or from -max */
	CONF_CHOICE,   /* an enum, by the index in `choices` */
	CONF_TEXT,     /* const char * */
	CONF_UINTS,    /* list: const unsigned *, and a count; no number twice */
	CONF_TEXTS,    /* list, or one text: const char *const *, and a count */
	CONF_KEYS,     /* as CONF_TEXTS, joined with commas: const char *, and its pieces */
	CONF_MAP,      /* a section; its options are the rows below its path */
	CONF_LIST,     /* a list of maps: an array of structs, and a count */
	CONF_DOCUMENT, /* the path of a file, or what could stand in it, as JSON: const char * */
	CONF_LOOKUPS, /* names, of each labels, of each values: struct conf_lookup *, and a count */
};

/* What of an option may be seen; its errors show nothing of what is not open. */
enum conf_sight {
	CONF_OPEN,
	CONF_LOGIN,  /* a URL: its password is not printed */
	CONF_SECRET, /* only where it is: base_secret_is_place() */
};

/* One option. Offsets are into struct conf, or, below a CONF_LIST, into its entries. */
struct conf_row {
	const char *path; /* "redis.url"; its parent stands above it */
	enum conf_type type;
	bool required;      /* in each entry of its list */
	const char *preset; /* default, as in a file; NULL: none */
	const char *absent; /* with no preset: what holds without it, for the reference */
	uint64_t min, max;  /* of numbers, durations (ms); of texts, the length in bytes */
	bool negative;      /* CONF_NUMBER: down to -max */
	unsigned most;      /* entries of a list at most */
	const char *unit;
	const char *const *choices;      /* NULL ends them */
	const char *form;                /* what a text looks like, or what else a number must be */
	bool (*valid)(const char *text); /* whether it does */
	size_t offset, size;             /* of the member */
	size_t count;                    /* lists: of the member with the number of entries */
	size_t entry;                    /* CONF_LIST: size of an entry */
	size_t mark; /* in entries of a list: of a struct conf_mark to be set; 0: none */
	size_t piece; /* CONF_TEXT: of a struct conf_piece to be set, 0: none; CONF_KEYS: conf_pieces */
	void (*finish)(void *entry); /* CONF_LIST: after each entry */
	bool live;                   /* can change while weir runs; with all below it */
	enum conf_sight secret;
	const char *help; /* sentences without the last full stop */
};

enum { CONF_ROWS_MAX = 192, CONF_KEYS_MOST = 16 };

extern const struct conf_row conf_rows[];
extern const unsigned conf_row_count; /* at most CONF_ROWS_MAX */

/* Where an option was given. */
struct conf_origin {
	const char *flag;    /* NULL: by none */
	struct conf_mark at; /* in the file, of the first byte of the text; line 0: not there */
};

/** The row of a path, NULL where there is none. */
const struct conf_row *conf_row_of(const char *path);

/** The last part of the path. */
const char *conf_row_name(const struct conf_row *row);

/** The i-th row right below `parent` (NULL: the top), NULL past the last. */
const struct conf_row *conf_row_child(const struct conf_row *parent, size_t i);

/** The row of a name right below `parent`, NULL where there is none. */
const struct conf_row *conf_row_find(const struct conf_row *parent, const char *name);

/** Whether the row stands in the entries of a list. */
bool conf_row_in_list(const struct conf_row *row);

/** Append what would be right for the row: "a number from 1 to 65535". */
void conf_row_want(const struct conf_row *row, struct base_text *t);

/** Room for the longest sentence about a value. */
enum { CONF_WHY = 400 };

/**
 * Store a scalar (CONF_UINT to CONF_TEXT) by the rules of its row.
 * @param base    struct conf, or the entry of the list
 * @param region  owns the copy of a text
 * @param why     CONF_WHY bytes: what is wrong and what would be right
 * @return 0 or -EINVAL with `why`
 */
int conf_value_set(const struct conf_row *row, void *base, struct base_region *region,
	const char *text, size_t len, char *why);

/** Check one element of CONF_UINTS; the same contract. */
int conf_value_uint(
	const struct conf_row *row, const char *text, size_t len, uint64_t *v, char *why);

/** Check one text of CONF_TEXT, CONF_TEXTS, CONF_KEYS or CONF_LOOKUPS; the same contract. */
int conf_value_text(const struct conf_row *row, const char *text, size_t len, char *why);

/** A text of the user for an error: at most 48 bytes, quoted. @return `buf` of CONF_SHOWN bytes. */
enum { CONF_SHOWN = 64 };
char *conf_value_shown(const char *text, size_t len, char *buf);

/** Set the defaults of the rows right below `parent` (and of its sections) in `base`. */
void conf_row_presets(const struct conf_row *parent, void *base, struct base_region *region);

/** Members by row. */
uint64_t conf_member_uint(const struct conf_row *row, const void *base);
void conf_member_set_uint(const struct conf_row *row, void *base, uint64_t v);
double conf_member_double(const struct conf_row *row, const void *base);
void conf_member_set_double(const struct conf_row *row, void *base, double v);
const void *conf_member_pointer(const struct conf_row *row, const void *base);
void conf_member_set_pointer(const struct conf_row *row, void *base, const void *p);
unsigned conf_member_count(const struct conf_row *row, const void *base);
void conf_member_set_list(const struct conf_row *row, void *base, const void *p, unsigned count);

/** Append a duration as text, in the largest unit that keeps it whole. */
void conf_print_duration(struct base_text *t, uint64_t ms);
