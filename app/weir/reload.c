/* SPDX-License-Identifier: BSD-3-Clause */
#include "reload.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "interfaces.h"

BASE_LOG_TYPE(log_reload, "config");

void reload_init(struct reload *r, const struct options *first, struct control *control,
	struct topology_owner *topology, struct threshold_keeper *thresholds,
	struct aggregate *aggregate)
{
	*r = (struct reload){.first = first,
		.control = control,
		.topology = topology,
		.thresholds = thresholds,
		.aggregate = aggregate};
	pthread_mutex_init(&r->mutex, NULL);
}

void reload_fini(struct reload *r)
{
	if (!r->first)
		return;
	if (r->again)
		options_free(&r->last);
	pthread_mutex_destroy(&r->mutex);
}

void reload_open(struct reload *r)
{
	pthread_mutex_lock(&r->mutex);
	r->ready = true;
	pthread_mutex_unlock(&r->mutex);
}

static const struct options *in_force(const struct reload *r)
{
	return r->again ? &r->last : r->first;
}

/* Definitions, what they look up, and who may send, at once. */
static int configure_control(struct reload *r, const struct options *next, struct conf_error *e)
{
	struct control_error why = {.text = ""};
	bool put = topology_hold(r->topology);
	int err = control_configure(r->control, next, in_force(r), put, &why);

	topology_release(r->topology);
	if (err < 0)
		snprintf(e->text, sizeof(e->text), "%s", why.text);
	return err;
}

/* Thresholds come last, and find the room that there was before anything was changed. */
static int put_in_force(struct reload *r, const struct options *next, struct conf_error *e)
{
	const struct conf *now = &in_force(r)->conf;
	struct threshold_keeper *k = r->thresholds;
	int err;

	pthread_mutex_lock(&k->order);
	err = thresholds_fit(k, now, &next->conf, e);
	if (err == 0)
		err = configure_control(r, next, e);
	if (err == 0 && thresholds_configure(k, now, &next->conf) < 0)
		base_log(&log_reload, BASE_LOG_WARNING,
			"not all thresholds are in force: out of memory");
	pthread_mutex_unlock(&k->order);
	return err;
}

/* All of it, or nothing. */
static int put_all_in_force(struct reload *r, const struct options *next, struct conf_error *e)
{
	struct names *names;
	int err = interfaces_open(&next->conf, &names, e);

	if (err == 0)
		err = put_in_force(r, next, e);
	if (err == 0)
		aggregate_give_names(r->aggregate, names);
	else
		names_destroy(names);
	return err;
}

/* Under the mutex. */
static int read_again(struct reload *r, struct conf_error *e)
{
	struct options next;
	struct flow_plan *plan = NULL;
	int err = options_read(&next, r->first->argc, r->first->argv, e);

	if (err == 0)
		err = conf_check_fixed(&r->first->conf, &next.conf, e);
	if (err == 0) {
		plan = options_check(&next, e);
		err = plan ? 0 : -EINVAL;
	}
	flow_plan_free(plan);
	if (err == 0)
		err = put_all_in_force(r, &next, e);
	if (err < 0) {
		options_free(&next);
		return err;
	}
	if (r->again)
		options_free(&r->last);
	r->last = next;
	r->again = true;
	return 0;
}

static void note(struct reload *r, int err, const struct conf_error *e)
{
	const char *file = r->first->conf.file;

	r->error = (struct conf_error){.text = ""};
	if (err == 0) {
		r->count++;
		r->at_ms = base_clock_wall_ns() / 1000000;
		base_log(&log_reload, BASE_LOG_NOTICE, "%s: read again, and in force",
			file ? file : "command line");
		return;
	}
	r->refused++;
	r->error = *e;
	base_log(&log_reload, BASE_LOG_ERROR, "the configuration stays as it was: %s", e->text);
}

int reload_now(struct reload *r, struct conf_error *e)
{
	int err = -EAGAIN;

	*e = (struct conf_error){.text = "weir is not ready yet"};
	pthread_mutex_lock(&r->mutex);
	if (r->ready)
		err = read_again(r, e);
	note(r, err, e);
	pthread_mutex_unlock(&r->mutex);
	return err;
}

/* ---- over HTTP ---- */

static json_t *get(void *ctx, const char *name)
{
	struct reload *r = ctx;
	const char *file = r->first->conf.file;
	json_t *json;

	pthread_mutex_lock(&r->mutex);
	json = json_pack("{s:s?, s:I, s:I, s:I, s:s?}", "file", file, "reloads",
		(json_int_t)r->count, "refused", (json_int_t)r->refused, "lastReload",
		(json_int_t)r->at_ms, "error", r->error.text[0] ? r->error.text : NULL);
	pthread_mutex_unlock(&r->mutex);
	return json;
}

static int put(void *ctx, const char *name, const json_t *body, struct api_error *e)
{
	struct conf_error why;
	int err;

	if (json_object_size(body) > 0) {
		snprintf(e->text, sizeof(e->text),
			"an empty object reads the configuration file again; what it says cannot "
			"be "
			"sent");
		return -EINVAL;
	}
	err = reload_now(ctx, &why);
	if (err < 0)
		snprintf(e->text, sizeof(e->text), "%s", why.text);
	return err;
}

struct api_resource reload_resource(struct reload *r)
{
	return (struct api_resource){.kind = "config", .ctx = r, .get = get, .put = put};
}
