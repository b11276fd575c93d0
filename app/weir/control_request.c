/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control_pvt.h"
#include "options.h"
#include "senders.h"

/* Changes that wait, and what they own. */

static void configured_free(struct control_configured *c)
{
	if (!c)
		return;
	for (unsigned i = 0; i < c->set.count; i++)
		control_entry_free(c->set.entries[i]);
	flow_data_unref(c->next);
	flow_data_unref(c->now);
	agent_senders_unref(c->senders);
	free(c);
}

void control_request_free(struct control_request *r)
{
	control_entry_free(r->entry);
	configured_free(r->configured);
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

struct control_what control_request_what(const struct control_request *r)
{
	struct control_what what;

	if (r->change == CONTROL_TOPOLOGY || r->change == CONTROL_CONFIGURE)
		snprintf(what.text, sizeof(what.text), "%s",
			r->change == CONTROL_TOPOLOGY ? "the topology" : "the configuration");
	else
		snprintf(what.text, sizeof(what.text), "%s \"%.64s\"",
			control_of_lookup(r) ? flow_lookup_kind_name(r->kind) : "flow definition",
			r->name);
	return what;
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

static struct control_configured *configured_create(
	const struct conf *conf, const struct conf *before)
{
	struct control_configured *c = calloc(1, sizeof(*c));

	for (unsigned i = 0; c && i < conf->flow_count; i++) {
		const struct flow_spec spec = options_spec(&conf->flows[i]);

		c->set.entries[i] = control_entry_create(&spec, false);
		if (!c->set.entries[i]) {
			configured_free(c);
			return NULL;
		}
		c->set.count++;
	}
	if (c)
		c->others = !senders_same(conf, before);
	if (c && c->others && senders_make(conf, &c->senders) < 0) {
		configured_free(c);
		return NULL;
	}
	return c;
}

struct control_request *control_request_configure(
	const struct options *next, const struct options *now, bool keep)
{
	struct control_request *r = control_request_create(CONTROL_CONFIGURE, "");

	if (!r)
		return NULL;
	r->configured = configured_create(&next->conf, &now->conf);
	if (!r->configured) {
		control_request_free(r);
		return NULL;
	}
	r->configured->next = flow_data_ref(next->data);
	r->configured->now = flow_data_ref(now->data);
	r->configured->keep = keep;
	return r;
}
