/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/region.h"

/*
 * The names of the interfaces of one agent. Made by whoever reads them, then immutable; not
 * thread-safe while it is made. They are bytes as they were read: who shows them escapes them.
 */

enum {
	NAMES_NAME_MOST = 255, /* bytes of a name as it was read (RFC 2863, ifName) */
	NAMES_ALIAS_MOST = 64, /* ifAlias */
};

enum names_kind { NAMES_NAME, NAMES_ALIAS, NAMES_KINDS };

struct names_text {
	const uint8_t *bytes;
	uint32_t len; /* 0: none */
};

struct names_entry {
	uint32_t index; /* ifIndex */
	struct names_text text[NAMES_KINDS];
};

struct names_table {
	struct base_addr agent;
	uint32_t count, room;
	struct names_entry *entries; /* by index, once names_table_finish() was called */
	struct base_region region;   /* owns the bytes */
};

/** @return NULL: memory is short. names_table_free() takes NULL too. */
struct names_table *names_table_create(const struct base_addr *agent);
void names_table_free(struct names_table *t);

/**
 * Add what an interface is called; of several the first counts. Bytes may be anybody's; those past what
 * the kind may have are cut off, and no bytes are no name.
 * @return false: memory is short
 */
bool names_table_add(struct names_table *t, uint32_t index, enum names_kind kind,
	const uint8_t *bytes, size_t len);

/** Put in order what was added: from here on it can be searched. */
void names_table_finish(struct names_table *t);

/** @return NULL: nothing is known of that interface */
const struct names_entry *names_table_find(const struct names_table *t, uint32_t index);

/** Whether two say the same. Each can be NULL, which says nothing. */
bool names_table_same(const struct names_table *a, const struct names_table *b);

/** About the bytes that it takes. */
size_t names_table_memory(const struct names_table *t);
