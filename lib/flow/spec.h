/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <jansson.h>

#include "flow/plan.h"

/*
 * Definitions as JSON, as HTTP and Redis have them: one row for each attribute says how it is read
 * and written, what holds without it, and what two definitions that differ in it can share. Numbers and booleans may come as texts ("t": "2"); null is as good as absent. Any thread; the input is hostile.
 */

enum flow_attribute_type {
	FLOW_ATTRIBUTE_TEXT,    /* const char * */
	FLOW_ATTRIBUTE_KEYS,    /* the same; an array of texts is joined by commas */
	FLOW_ATTRIBUTE_UINT,    /* unsigned */
	FLOW_ATTRIBUTE_SECONDS, /* double */
	FLOW_ATTRIBUTE_BOOL,    /* bool */
	FLOW_ATTRIBUTE_CHOICE,  /* unsigned: which of the choices */
};

/* What depends on an attribute: each has all that those before it have. */
enum flow_decides {
	FLOW_DECIDES_REPORT, /* what is told of a definition's flows */
	FLOW_DECIDES_STATE,  /* and what is kept of them once windows are merged */
	FLOW_DECIDES_TABLE,  /* and what RX cores count */
};

struct flow_attribute {
	const char *name;
	enum flow_attribute_type type;
	bool required;
	enum flow_decides decides;
	const char *preset;         /* default, as a text; NULL: none */
	double min, max;            /* of numbers; of texts the length in bytes */
	const char *const *choices; /* of FLOW_ATTRIBUTE_CHOICE, in any case; a NULL behind them */
	size_t offset;              /* in struct flow_spec */
	const char *help;
};

extern const struct flow_attribute flow_attributes[];
extern const unsigned flow_attributes_count;

/** Whether a name is 1 to 64 letters, digits, _ . or - */
bool flow_name_valid(const char *name);

/**
 * Read a definition. It is not compiled: only names, types and ranges of attributes are checked.
 * @param name   of the definition, which is not among the attributes
 * @param body   a JSON object; stays the caller's
 * @param error  one sentence: which attribute, and what was expected
 * @return a copy that owns its texts, for flow_spec_free(); NULL with `error` and errno EINVAL
 */
struct flow_spec *flow_spec_read(
	const char *name, const json_t *body, char *error, size_t error_size);

/** A definition as a JSON object with all of its attributes; a new reference. */
json_t *flow_spec_json(const struct flow_spec *spec);

/** A copy that owns its texts; absent ones are their defaults. NULL: out of memory. */
struct flow_spec *flow_spec_copy(const struct flow_spec *spec);

/** Free what flow_spec_read() and flow_spec_copy() gave; NULL is fine. */
void flow_spec_free(struct flow_spec *spec);

/**
 * All attributes that decide what is kept of a definition's flows, as one text. Definitions whose
 * texts are equal count the same and keep the same of it.
 * @return in `region`
 */
const char *flow_spec_meaning(const struct flow_spec *spec, struct base_region *region);

/** The same of those that decide what RX cores count: a part of the meaning. */
const char *flow_spec_counts(const struct flow_spec *spec, struct base_region *region);

/** The attribute that an error of flow_compile() is about. */
const char *flow_error_attribute(const struct flow_error *e);

/** An error of flow_compile() as one sentence: attribute, position, text. */
void flow_error_print(const struct flow_error *e, char *text, size_t size);
