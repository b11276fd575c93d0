/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control_pvt.h"
#include "flow/spec.h"

/* What a list of changes makes of the set of definitions, and whether that compiles and fits. */

enum { MB = 1 << 20 };

int control_refuse(struct control_error *e, int err, const char *fmt, ...)
{
	va_list ap;

	*e = (struct control_error){.text = ""};
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	return err;
}

struct control_entry *control_entry_create(const struct flow_spec *spec, bool put)
{
	static uint64_t ids; /* atomic */
	struct control_entry *e = calloc(1, sizeof(*e));

	if (!e)
		return NULL;
	e->id = __atomic_add_fetch(&ids, 1, __ATOMIC_RELAXED);
	e->put = put;
	control_entry_touch(e);
	e->spec = flow_spec_copy(spec);
	if (e->spec)
		return e;
	free(e);
	return NULL;
}

void control_entry_free(struct control_entry *e)
{
	if (!e)
		return;
	flow_spec_free(e->spec);
	free(e);
}

int control_set_find(const struct control_set *s, const char *name)
{
	for (unsigned i = 0; i < s->count; i++) {
		if (strcmp(s->entries[i]->spec->name, name) == 0)
			return (int)i;
	}
	return -1;
}

bool control_set_has(const struct control_set *s, const struct control_entry *e)
{
	for (unsigned i = 0; i < s->count; i++) {
		if (s->entries[i] == e)
			return true;
	}
	return false;
}

static void tell_flow_error(struct control_error *e, const struct flow_error *fe)
{
	flow_error_print(fe, e->text, sizeof(e->text));
	snprintf(e->in, sizeof(e->in), "%s", flow_error_attribute(fe));
	e->offset = fe->offset;
}

int control_check(const struct flow_spec *spec, struct flow_data *data, struct control_error *e)
{
	struct flow_error fe;
	struct flow_plan *plan = flow_compile(spec, 1, data, &fe);

	*e = (struct control_error){.text = ""};
	if (!plan) {
		tell_flow_error(e, &fe);
		return -EINVAL;
	}
	flow_plan_free(plan);
	return 0;
}

/* @param change  what has been done; NULL with `e`: errno EINVAL */
static struct flow_plan *compile(const struct control_set *s, struct flow_data *data,
	const struct control_request *change, struct control_error *e)
{
	struct flow_spec specs[FLOW_DEFINITIONS + 1];
	struct flow_error fe;
	struct flow_plan *plan;
	int len;

	for (unsigned i = 0; i < s->count; i++)
		specs[i] = *s->entries[i]->spec;
	plan = flow_compile(specs, s->count, data, &fe);
	if (plan)
		return plan;
	if (control_of_lookup(change))
		control_refuse(e, 0, "the %s is in use as it is, by flow definition ",
			flow_lookup_kind_name(change->kind));
	else
		control_refuse(e, 0, "with the %u other definitions in force, ", s->count - 1);
	len = (int)strlen(e->text);
	snprintf(e->text + len, sizeof(e->text) - (size_t)len, "%s%s%s",
		fe.definition < s->count ? specs[fe.definition].name : "", ": ", fe.text);
	errno = EINVAL;
	return NULL;
}

static size_t lookup_memory(const struct flow_data *data)
{
	const struct flow_lookup *l;
	size_t sum = 0;

	for (int kind = 0; kind < FLOW_LOOKUP_KINDS; kind++) {
		for (size_t i = 0; (l = flow_data_at(data, (enum flow_lookup_kind)kind, i)); i++)
			sum += l->region.total + prefix_table_memory(&l->networks);
	}
	return sum;
}

static size_t memory(const struct flow_plan *plan, const struct control_limits *limits)
{
	return generation_memory(plan, limits->cores) + lookup_memory(plan->data);
}

/* What is there already stays, also where it takes more than the limit. */
static int check_memory(const struct flow_plan *now, const struct flow_plan *next,
	const struct control_limits *limits, struct control_error *e)
{
	size_t used = memory(now, limits), need = memory(next, limits);

	if (need <= limits->table_bytes || need <= used)
		return 0;
	return control_refuse(e, -ENOSPC,
		"it takes %zu MB more, where %zu MB of %zu MB (limits.flows_mb) are in use: make "
		"it smaller (its capacity), or remove other definitions, groups or maps",
		(need - used + MB - 1) / MB, used / MB, limits->table_bytes / MB);
}

static int put(struct control_set *s, struct control_request *r)
{
	int at = control_set_find(s, r->name);

	if (at < 0 && s->count == FLOW_DEFINITIONS)
		return control_refuse(&r->error, -ENOSPC,
			"there are %u definitions, and %d are the most: remove others", s->count,
			FLOW_DEFINITIONS);
	s->entries[at < 0 ? (int)s->count++ : at] = r->entry;
	return 0;
}

static int take_out(struct control_set *s, struct control_request *r)
{
	int at = control_set_find(s, r->name);

	if (at < 0 || (r->only && r->only != s->entries[at]->id))
		return control_refuse(
			&r->error, -ENOENT, "there is no flow definition \"%.64s\"", r->name);
	if (r->only && !control_entry_is_over(s->entries[at]))
		return control_refuse(
			&r->error, -ECANCELED, "flow definition \"%.64s\" was asked for", r->name);
	s->count--;
	memmove(&s->entries[at], &s->entries[at + 1],
		(s->count - (unsigned)at) * sizeof(s->entries[0]));
	return 0;
}

static int put_lookup(struct flow_data *data, struct control_request *r)
{
	if (!flow_data_find(data, r->kind, r->name) &&
		flow_data_at(data, r->kind, CONTROL_LOOKUPS - 1))
		return control_refuse(&r->error, -ENOSPC, "there are %d %ss, which is the most",
			CONTROL_LOOKUPS, flow_lookup_kind_name(r->kind));
	flow_data_put(data, flow_lookup_ref(r->lookup));
	return 0;
}

static int remove_lookup(struct flow_data *data, struct control_request *r)
{
	if (flow_data_remove(data, r->kind, r->name))
		return 0;
	return control_refuse(&r->error, -ENOENT, "there is no %s \"%.64s\"",
		flow_lookup_kind_name(r->kind), r->name);
}

/* Those of the new configuration in its order, then what was put; of one name, what was put. */
static int configure_flows(struct control_set *s, struct control_request *r)
{
	const struct control_set before = *s, *from = &r->configured->set;

	*s = *from;
	for (unsigned i = 0; i < before.count; i++) {
		int at = control_set_find(from, before.entries[i]->spec->name);

		if (!before.entries[i]->put)
			continue;
		if (at < 0 && s->count == FLOW_DEFINITIONS) {
			*s = before;
			return control_refuse(&r->error, -ENOSPC,
				"with those that were put at run time there are more than %d flow "
				"definitions",
				FLOW_DEFINITIONS);
		}
		s->entries[at < 0 ? (int)s->count++ : at] = before.entries[i];
	}
	return 0;
}

/* Of a kind: those of the configuration of before, where they still are, give way to the new ones. */
static void configure_lookups(
	struct flow_data *data, const struct control_configured *c, enum flow_lookup_kind kind)
{
	const struct flow_lookup *l;

	for (size_t i = 0; (l = flow_data_at(c->now, kind, i)); i++) {
		if (flow_data_find(data, kind, l->name) == l)
			flow_data_remove(data, kind, l->name);
	}
	for (size_t i = 0; (l = flow_data_at(c->next, kind, i)); i++) {
		if (!flow_data_find(data, kind, l->name))
			flow_data_put(data, flow_lookup_ref((struct flow_lookup *)(uintptr_t)l));
	}
}

static int configure(struct control_set *s, struct flow_data *data, struct control_request *r)
{
	const struct control_configured *c = r->configured;
	int err = configure_flows(s, r);

	if (err < 0)
		return err;
	for (int kind = 0; kind < FLOW_LOOKUP_KINDS; kind++)
		configure_lookups(data, c, (enum flow_lookup_kind)kind);
	flow_data_set_geo(data, geo_ref(flow_data_geo(c->next)));
	if (!c->keep)
		flow_data_set_topology(data, topology_ref(flow_data_topology(c->next)));
	return 0;
}

static void edit(struct control_set *s, struct flow_data *data, struct control_request *r)
{
	switch (r->change) {
	case CONTROL_PUT:
		r->err = put(s, r);
		break;
	case CONTROL_REMOVE:
		r->err = take_out(s, r);
		break;
	case CONTROL_PUT_LOOKUP:
		r->err = put_lookup(data, r);
		break;
	case CONTROL_TOPOLOGY:
		flow_data_set_topology(data, topology_ref(r->topology));
		r->err = 0;
		break;
	case CONTROL_REMOVE_LOOKUP:
		r->err = remove_lookup(data, r);
		break;
	case CONTROL_CONFIGURE:
		r->err = configure(s, data, r);
		break;
	}
}

/* What functions look up after the changes: a copy where there are any. */
static struct flow_data *data_for(const struct flow_plan *plan, const struct control_request *list)
{
	for (; list; list = list->next) {
		if (control_of_lookup(list) || list->change == CONTROL_TOPOLOGY ||
			list->change == CONTROL_CONFIGURE)
			return flow_data_create(plan->data);
	}
	return flow_data_ref(plan->data);
}

/* All at once. @return NULL with `e` where one of them spoils it: errno EINVAL or ENOSPC */
static struct flow_plan *settle_all(const struct control_set *now, const struct flow_plan *plan,
	const struct control_limits *limits, struct control_request *list, struct control_set *next,
	struct control_error *e)
{
	struct flow_data *data = data_for(plan, list);
	struct flow_plan *made;

	*next = *now;
	for (struct control_request *r = list; r; r = r->next)
		edit(next, data, r);
	made = compile(next, data, list, e);
	flow_data_unref(data);
	if (!made || check_memory(plan, made, limits, e) == 0)
		return made;
	flow_plan_free(made);
	errno = ENOSPC;
	return NULL;
}

/*
 * The status of a change that spoils what was settled with `err`. A definition compiled alone when
 * it was asked for: where it still does, it is one too many; else what it looks up went since then.
 */
static int blame(struct control_request *r, int err, struct flow_data *data)
{
	struct control_error alone;

	if (err == ENOSPC || r->change != CONTROL_PUT)
		return -err;
	if (control_check(r->entry->spec, data, &alone) == 0)
		return -ENOSPC;
	r->error = alone;
	return -EINVAL;
}

/* One after the other, each on what those before it made: so it is known which of them spoil it. */
static struct flow_plan *settle_each(const struct control_set *now, const struct flow_plan *plan,
	const struct control_limits *limits, struct control_request *list, struct control_set *next)
{
	struct flow_plan *made = NULL, *last = NULL;

	*next = *now;
	for (struct control_request *r = list; r; r = r->next) {
		struct control_request *rest = r->next;
		struct control_set tried;

		r->next = NULL;
		made = settle_all(next, last ? last : plan, limits, r, &tried, &r->error);
		r->next = rest;
		if (!made) {
			r->err = blame(r, errno, (last ? last : plan)->data);
			continue;
		}
		if (r->err == 0) {
			*next = tried;
			flow_plan_free(last);
			last = made;
		} else {
			flow_plan_free(made);
		}
	}
	return last;
}

static bool any_made(const struct control_request *list)
{
	for (; list; list = list->next) {
		if (list->err == 0)
			return true;
	}
	return false;
}

struct flow_plan *control_settle(const struct control_set *now, const struct flow_plan *plan,
	const struct control_limits *limits, struct control_request *list, struct control_set *next)
{
	struct control_error e;
	struct flow_plan *made = settle_all(now, plan, limits, list, next, &e);

	if (!made)
		return settle_each(now, plan, limits, list, next);
	if (any_made(list))
		return made;
	flow_plan_free(made);
	return NULL;
}
