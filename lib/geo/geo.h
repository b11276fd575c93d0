/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "geo/database.h"

/*
 * The databases of a collector: each is opened when something asks for it first, and stays open as
 * long as this is held. Any thread but an RX core.
 */
struct geo;

/** @param paths  of each kind, as geo_database_open() takes it; copied @return one reference */
struct geo *geo_create(const char *const paths[GEO_KINDS]);

/** Counted references. NULL is fine. */
struct geo *geo_ref(struct geo *g);
void geo_unref(struct geo *g);

/** The database of a kind, which lives as long as `g`. @return NULL with `error` */
const struct geo_database *geo_get(
	struct geo *g, enum geo_kind kind, char *error, size_t error_size);
