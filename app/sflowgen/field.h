/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stddef.h>

#include "base/text.h"
#include "model.h"

/*
 * The keys of a collector's flow definitions, as far as the model knows their values: each is a
 * function of the flow alone. A layer that occurs twice is counted from 0, the outermost, so that
 * within VXLAN `ipsource` is the tunnel end, `ipsource.1` the endpoint, and `tcpsourceport` the
 * inner port, since there is no outer TCP.
 */

enum {
	GEN_FIELD_MAX = 16, /* bytes of one value */
	GEN_FIELDS = 8,     /* keys of one definition */
	GEN_NAME = 64,      /* bytes of a definition's name */
};

struct gen_field;

struct gen_definition {
	char name[GEN_NAME + 1];
	unsigned count;
	const struct gen_field *fields[GEN_FIELDS];
};

/**
 * Parse "NAME=KEY,KEY,...".
 * @return 0, or -EINVAL with a sentence in `error`
 */
int gen_definition_parse(const char *text, struct gen_definition *d, struct base_text *error);

/**
 * The key of a flow as bytes, equal where the keys are.
 * @param key  room for GEN_FIELDS * (1 + GEN_FIELD_MAX) bytes
 * @return its length; 0 where the flow lacks one of the keys, so that no sample of it counts
 */
unsigned gen_definition_key(const struct gen_definition *d, const struct gen_model *m,
	const struct gen_flow *f, uint8_t *key);

/** The text of a flow's key: values joined by commas. */
void gen_definition_print(const struct gen_definition *d, const struct gen_model *m,
	const struct gen_flow *f, struct base_text *t);

/** The names of the keys, joined by commas. */
void gen_definition_print_keys(const struct gen_definition *d, struct base_text *t);
