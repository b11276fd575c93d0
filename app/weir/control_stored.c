/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "control_pvt.h"
#include "flow/spec.h"
#include "lookups.h"
#include "store.h"

/* What Redis has: entered where nothing newer was asked for, and what is put and removed kept there. */

BASE_LOG_TYPE(log_stored, "control");

enum { LEFT_OUT = 64 /* this many are told; Redis may have any number */ };

static const char kind[] = "flow";

static void leave_out(struct control *c, const char *what, const char *name, const char *why)
{
	unsigned told = __atomic_fetch_add(&c->left_out, 1, __ATOMIC_RELAXED);

	if (told == LEFT_OUT)
		base_log(&log_stored, BASE_LOG_WARNING,
			"more of Redis is left out, which is not told one by one");
	if (told >= LEFT_OUT)
		return;
	base_log(&log_stored, BASE_LOG_WARNING, "%s \"%.64s\" of Redis is left out: %s", what, name,
		why);
}

/* Whether groups or maps of the store are not in force yet, which a definition of it may need. */
static bool lookups_under_way(struct control *c)
{
	bool yes;

	pthread_mutex_lock(&c->mutex);
	yes = c->lookups > 0;
	pthread_mutex_unlock(&c->mutex);
	return yes;
}

static const char *kind_of(const struct control_request *r)
{
	return control_of_lookup(r) ? flow_lookup_kind_name(r->kind) : kind;
}

static bool any_of_that_name(const struct control_request *list, const struct control_request *r)
{
	for (; list; list = list->next) {
		if (!list->loaded && !list->only && list->change != CONTROL_TOPOLOGY &&
			list->change != CONTROL_CONFIGURE &&
			strcmp(kind_of(list), kind_of(r)) == 0 && strcmp(list->name, r->name) == 0)
			return true;
	}
	return false;
}

/* Under the mutex. */
static bool was_put(const struct control *c, const struct control_request *r)
{
	int at = r->change == CONTROL_PUT ? control_set_find(&c->set, r->name) : -1;

	return at >= 0 && c->set.entries[at]->put;
}

/*
 * Under the mutex: whether something newer was asked for. Until that is in force it is a request; and
 * before it is none any more it waits in the store, which writes nothing of a kind until it is read.
 */
static bool is_overtaken(struct control *c, const struct control_request *r)
{
	return was_put(c, r) || any_of_that_name(c->first, r) || any_of_that_name(c->taken, r) ||
	       store_is_overtaken(c->store, kind_of(r), r->name);
}

/* Under the mutex. */
static void enter_stored(struct control *c, struct control_request *r)
{
	if (is_overtaken(c, r)) {
		control_request_free(r);
		return;
	}
	r->loaded = true;
	c->lookups += control_of_lookup(r);
	control_enter(c, r);
}

/* So that the contents of Redis bound neither time nor memory. */
static bool are_enough(unsigned *count, unsigned most, const char *what)
{
	if (*count == most)
		base_log(&log_stored, BASE_LOG_WARNING,
			"Redis has more than %u %ss, which is the most: the rest is left out", most,
			what);
	if (*count <= most)
		++*count;
	return *count > most;
}

static bool compiles(struct control *c, const struct flow_spec *spec, struct control_error *e)
{
	struct flow_data *data = control_data(c);
	int err = control_check(spec, data, e);

	flow_data_unref(data);
	return err == 0;
}

/* Main at the start, or the store's thread once Redis is there. */
static void found(void *ctx, const char *name, const char *text)
{
	struct control *c = ctx;
	struct control_error e = {.text = ""};
	json_error_t je;
	json_t *body;
	struct flow_spec *spec;
	struct control_request *r = NULL;

	if (are_enough(&c->flows_found, FLOW_DEFINITIONS, kind))
		return;
	body = json_loads(text, JSON_REJECT_DUPLICATES, &je);
	spec = body ? flow_spec_read(name, body, e.text, sizeof(e.text)) : NULL;
	if (!body)
		control_refuse(&e, 0, "it is no JSON: %s", je.text);
	else if (spec && (lookups_under_way(c) || compiles(c, spec, &e)))
		r = control_request_put(spec);
	pthread_mutex_lock(&c->mutex);
	if (r)
		enter_stored(c, r);
	else
		leave_out(c, kind, name, e.text[0] ? e.text : "out of memory");
	pthread_mutex_unlock(&c->mutex);
	flow_spec_free(spec);
	json_decref(body);
}

static void found_lookup(
	struct control *c, enum flow_lookup_kind lookup_kind, const char *name, const char *text)
{
	char error[256] = "out of memory";
	struct flow_lookup *l;
	struct control_request *r;

	if (are_enough(&c->lookups_found[lookup_kind], CONTROL_LOOKUPS,
		    flow_lookup_kind_name(lookup_kind)))
		return;
	l = lookups_read(lookup_kind, name, text, error, sizeof(error));
	r = l ? control_request_lookup(l) : NULL;
	if (!r) {
		leave_out(c, flow_lookup_kind_name(lookup_kind), name, error);
		return;
	}
	pthread_mutex_lock(&c->mutex);
	enter_stored(c, r);
	pthread_mutex_unlock(&c->mutex);
}

static void found_group(void *ctx, const char *name, const char *text)
{
	found_lookup(ctx, FLOW_GROUP, name, text);
}

static void found_map(void *ctx, const char *name, const char *text)
{
	found_lookup(ctx, FLOW_MAP, name, text);
}

/* What Redis has is held, and all else written there. */
static void keep_text(struct control *c, const struct control_request *r, const char *text)
{
	if (r->loaded)
		store_hold(c->store, kind_of(r), r->name, text);
	else
		store_put(c->store, kind_of(r), r->name, text);
}

static void keep(struct control *c, const struct control_request *r)
{
	json_t *json;
	char *text;

	if (control_of_lookup(r)) {
		keep_text(c, r, r->lookup->json);
		return;
	}
	json = flow_spec_json(r->entry->spec);
	text = json_dumps(json, JSON_COMPACT);
	if (text)
		keep_text(c, r, text);
	free(text);
	json_decref(json);
}

static void tell_loaded(
	struct control *c, const struct control_set *before, const struct control_request *r)
{
	int at = control_set_find(before, r->name);

	if (r->err < 0)
		leave_out(c, kind_of(r), r->name, r->error.text);
	else
		keep(c, r);
	if (r->err == 0 && !control_of_lookup(r) && at >= 0 && !before->entries[at]->put)
		base_log(&log_stored, BASE_LOG_NOTICE,
			"flow \"%s\": what was put at run time (in Redis) goes before the "
			"configuration",
			r->name);
}

/* Once it is out of force. */
static void forget(
	struct control *c, const struct control_set *before, const struct control_request *r)
{
	int at = control_set_find(before, r->name);

	store_remove(c->store, kind, r->name);
	if (r->only && at >= 0)
		base_log(&log_stored, BASE_LOG_NOTICE,
			"flow \"%s\" goes: nobody has asked for it for %u s (ttl)", r->name,
			before->entries[at]->spec->ttl);
}

void control_note(
	struct control *c, const struct control_set *before, const struct control_request *r)
{
	if (r->loaded)
		tell_loaded(c, before, r);
	else if (r->err == 0 && (r->change == CONTROL_PUT || r->change == CONTROL_PUT_LOOKUP))
		keep(c, r);
	else if (r->err == 0 && r->change == CONTROL_REMOVE)
		forget(c, before, r);
	else if (r->err == 0 && r->change == CONTROL_REMOVE_LOOKUP)
		store_remove(c->store, kind_of(r), r->name);
}

void control_load(struct control *c)
{
	store_load(c->store, flow_lookup_kind_name(FLOW_GROUP), found_group, c);
	store_load(c->store, flow_lookup_kind_name(FLOW_MAP), found_map, c);
	store_load(c->store, kind, found, c);
}
