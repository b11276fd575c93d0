/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>

#include "control_pvt.h"

/* Changes that wait, and what they own. */

void control_request_free(struct control_request *r)
{
	control_entry_free(r->entry);
	flow_lookup_unref(r->lookup);
	topology_unref(r->topology);
	free(r->name);
	free(r);
}

struct control_request *control_request_create(enum control_change change, const char *name)
{
	struct control_request *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->change = change;
	r->name = strdup(name);
	if (r->name)
		return r;
	free(r);
	return NULL;
}

struct control_request *control_request_put(const struct flow_spec *spec)
{
	struct control_request *r = control_request_create(CONTROL_PUT, spec->name);

	if (!r)
		return NULL;
	r->entry = control_entry_create(spec, true);
	if (r->entry)
		return r;
	control_request_free(r);
	return NULL;
}

/* Takes over the reference. */
struct control_request *control_request_lookup(struct flow_lookup *l)
{
	struct control_request *r = control_request_create(CONTROL_PUT_LOOKUP, l->name);

	if (!r) {
		flow_lookup_unref(l);
		return NULL;
	}
	r->lookup = l;
	r->kind = l->kind;
	return r;
}
