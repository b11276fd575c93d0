/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <jansson.h>
#include <stdbool.h>

/*
 * What answers and bodies look like, as JSON Schema for the OpenAPI document. For ease of writing a
 * text has ' in place of ".
 */
struct api_schema {
	const char *name;
	const char *text;
	json_t *(*make)(void); /* in place of a text, where other rows know */
};

extern const struct api_schema api_schemas[];
extern const unsigned api_schema_count;

/** The schema of a row; a new reference. */
json_t *api_schema_json(const struct api_schema *s);

/** That of flow definitions, from the rows of flow/spec.h. */
json_t *api_schema_of_flow(void);

/* A kind of resource: "flow", and what one looks like. */
struct api_kind {
	const char *kind;
	const char *title;  /* of one, for sentences: "flow definition" */
	const char *schema; /* name in api_schemas */
	const char *old;    /* another first part of its paths, of old clients; NULL: none */
	bool single;        /* there is one without a name: /topology/json; it is called "" */
	const char *listed; /* name in api_schemas of what lists tell of each; NULL: all of it */
};

extern const struct api_kind api_kinds[];
extern const unsigned api_kind_count;

/** The row of a kind, by its name or its old one; NULL: none. */
const struct api_kind *api_kind_find(const char *kind);
