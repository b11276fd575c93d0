/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>

#include "api/handlers_pvt.h"
#include "api/server_pvt.h"
#include "flow/spec.h"
#include "window/snapshot.h"

/*
 * A snapshot has the definitions of the windows that it was made of. What was put or removed since is
 * in force all the same: flows that an older definition has left there are no answer to it.
 */

static int find(const struct flow_plan *plan, const char *name)
{
	for (unsigned i = 0; i < plan->definition_count; i++) {
		if (strcmp(plan->definitions[i].name, name) == 0)
			return (int)i;
	}
	return -ENODATA;
}

/* In all but how long it stays. */
static bool is_same(const struct flow_definition *d, const struct flow_spec *spec)
{
	struct base_region region = {0};
	bool same = strcmp(d->meaning, flow_spec_meaning(spec, &region)) == 0 &&
		    strcmp(d->fs, spec->fs) == 0 && d->n == spec->n && d->merge == spec->merge;

	base_region_free(&region);
	return same;
}

static bool is_in_force(const struct flow_definition *d, const json_t *definition)
{
	char error[256];
	struct flow_spec *spec = flow_spec_read(d->name, definition, error, sizeof(error));
	bool same = spec && is_same(d, spec);

	flow_spec_free(spec);
	return same;
}

int api_find_flow(const struct api_request *r, const char *name)
{
	const struct flow_plan *plan = r->snapshot->view->plan;
	const struct api_resource *flow = api_resource_find(r->api, "flow");
	json_t *definition = flow ? flow->get(flow->ctx, name) : NULL;
	int found = definition ? find(plan, name) : -ENOENT;

	if (definition && flow->touch)
		flow->touch(flow->ctx, name);
	if (found >= 0 && !is_in_force(&plan->definitions[found], definition))
		found = -ENODATA;
	json_decref(definition);
	return found;
}
