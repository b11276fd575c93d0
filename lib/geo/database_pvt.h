/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "geo/database.h"

/* What the readers of the formats share. */

struct geo_reader {
	struct geo_database *db;
	const char *path; /* of the file at work */
	char *error;
	size_t error_size;
};

/** Put "PATH: text" into the error. @return -EINVAL */
int geo_fail(struct geo_reader *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** Out of memory. @return -ENOMEM */
int geo_fail_memory(struct geo_reader *r);

/** The label of the record with this id, PREFIX_NONE where there is none yet. */
uint32_t geo_label(const struct geo_database *db, uint64_t id);

/**
 * Enter a record that is not there yet; texts are bytes from the file, escaped here.
 * @param name  may be NULL or empty
 * @return its label, or PREFIX_NONE: out of memory
 */
uint32_t geo_add_record(struct geo_database *db, uint64_t id, const char *number, const char *name,
	size_t name_len);

/** @param width  4, 16, or 6 for MACs @return 0 or -ENOMEM */
int geo_add_prefix(struct geo_database *db, unsigned width, const struct prefix *p);

/** Readers: 0, or -errno with an error. */
int geo_read_location(struct geo_reader *r);
int geo_read_maxmind(struct geo_reader *r);
int geo_read_oui(struct geo_reader *r);

/** The text of a CSV file of IEEE's; hostile. @return 0; -EINVAL with an error, or -ENOMEM */
int geo_parse_oui(struct geo_reader *r, const char *text, size_t len);
