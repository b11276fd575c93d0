/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "flow/lookup.h"
#include "geo/geo.h"
#include "topology/topology.h"

/*
 * All that functions of keys look up: the groups and maps there are, databases, and the topology. Put together by the control
 * thread, and from the first flow_compile() on immutable: a plan holds a reference, so what it looks
 * up lives as long as it. A change is a new set, which shares what did not change, and a new plan.
 */
struct flow_data;

/** A set with all that `from` has (NULL: nothing); one reference. Control thread. */
struct flow_data *flow_data_create(const struct flow_data *from);

/** Counted references; any thread. NULL is fine. */
struct flow_data *flow_data_ref(struct flow_data *d);
void flow_data_unref(struct flow_data *d);

/** Set where databases come from; takes over the reference. Copies of the set share it. */
void flow_data_set_geo(struct flow_data *d, struct geo *geo);

/** Where databases come from; NULL: there are none. */
struct geo *flow_data_geo(const struct flow_data *d);

/** Put a group or map in, in place of one of the same kind and name; takes over the reference. */
void flow_data_put(struct flow_data *d, struct flow_lookup *l);

/** Take one out. @return whether it was there */
bool flow_data_remove(struct flow_data *d, enum flow_lookup_kind kind, const char *name);

/** One by its name, NULL where there is none; it lives as long as `d`. NULL is an empty set. */
const struct flow_lookup *flow_data_find(
	const struct flow_data *d, enum flow_lookup_kind kind, const char *name);

/** The i-th of a kind, in the order of their names; NULL past the last. */
const struct flow_lookup *flow_data_at(
	const struct flow_data *d, enum flow_lookup_kind kind, size_t i);

/** Put a topology in, in place of the one there is; takes over the reference. NULL: none. */
void flow_data_set_topology(struct flow_data *d, struct topology *t);

/** The topology; it lives as long as `d`. NULL: there is none. NULL is an empty set. */
struct topology *flow_data_topology(const struct flow_data *d);
