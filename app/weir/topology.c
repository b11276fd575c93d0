/* SPDX-License-Identifier: BSD-3-Clause */
#include "topology.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"

BASE_LOG_TYPE(log_topology, "topology");

/* Whether a file is JSON: then it may be larger than YAML can be. A file that is not there is none. */
static bool is_json(const char *path)
{
	const char *why;
	FILE *f = base_file_open(path, &why);
	int first = EOF;

	while (f && (first = getc(f)) != EOF && isspace(first))
		;
	if (f)
		fclose(f);
	return first == '{';
}

/* @param e  the same as `error`, with the place in the file */
static struct topology *load_yaml(const char *path, char *error, struct conf_error *e)
{
	const struct conf_mark nowhere = {0};
	struct topology *t;
	char *json;
	int err = conf_document_load(path, &json, e);

	if (err < 0) {
		errno = -err;
		return NULL;
	}
	t = topology_parse(json, strlen(json), error);
	if (!t)
		conf_error_at(e, path, nowhere, "%s", error);
	free(json);
	return t;
}

static struct topology *load(const char *path, char *error, struct conf_error *e)
{
	const struct conf_mark nowhere = {0};
	struct topology *t;

	if (!is_json(path))
		return load_yaml(path, error, e);
	t = topology_load(path, error);
	if (!t)
		conf_error_at(e, path, nowhere, "%s", error);
	return t;
}

int topology_open(const struct conf *c, struct topology **t, struct conf_error *e)
{
	const char *text = c->topology;
	char error[TOPOLOGY_ERROR];
	struct conf_error in_file;
	int err;

	*t = NULL;
	if (text[0] == '\0')
		return 0;
	if (conf_is_document(text))
		*t = topology_parse(text, strlen(text), error);
	else
		*t = load(text, error, &in_file);
	if (*t)
		return 0;
	err = -errno;
	conf_error_of(e, c, "topology", "%s", conf_is_document(text) ? error : in_file.text);
	return err;
}

/* ---- at run time ---- */

static const char kind[] = "topology";

void topology_owner_init(struct topology_owner *o, struct control *control, struct store *store)
{
	*o = (struct topology_owner){.control = control, .store = store};
	pthread_mutex_init(&o->mutex, NULL);
}

void topology_owner_fini(struct topology_owner *o)
{
	if (o->control)
		pthread_mutex_destroy(&o->mutex);
}

static int put_in_force(struct topology_owner *o, struct topology *t, struct api_error *e)
{
	struct control_error why = {.text = ""};
	int err;

	pthread_mutex_lock(&o->mutex);
	err = control_put_topology(o->control, t, &why);
	o->put = o->put || err == 0;
	pthread_mutex_unlock(&o->mutex);
	if (err < 0)
		snprintf(e->text, sizeof(e->text), "%s", why.text);
	return err;
}

static void keep(struct topology_owner *o, const struct topology *t)
{
	json_t *json = topology_json(t);
	char *text = json_dumps(json, JSON_COMPACT);

	if (text)
		store_put(o->store, kind, kind, text);
	free(text);
	json_decref(json);
}

static int put(void *ctx, const char *name, const json_t *body, struct api_error *e)
{
	struct topology_owner *o = ctx;
	char error[TOPOLOGY_ERROR];
	struct topology *t = topology_create(body, error);
	int err;

	if (!t) {
		err = -errno;
		snprintf(e->text, sizeof(e->text), "%s", error);
		return err;
	}
	err = put_in_force(o, t, e);
	if (err == 0)
		keep(o, t);
	topology_unref(t);
	return err;
}

static json_t *get(void *ctx, const char *name)
{
	struct topology_owner *o = ctx;
	struct flow_data *data = control_data(o->control);
	struct topology *t = flow_data_topology(data);
	json_t *json = t ? topology_json(t) : json_pack("{s:{},s:{}}", "nodes", "links");

	flow_data_unref(data);
	return json;
}

/* ---- names in place of nodes ---- */

enum { LEARN_TICKS = 3 /* seconds between two looks: all ports of all nodes are gone through */ };

static bool agent_of(void *ctx, const char *node, struct base_addr *agent)
{
	const struct metric_agent *a = metric_agent_by_name(ctx, node, strlen(node));

	if (!a)
		return false;
	*agent = *metric_agent_addr(a);
	return true;
}

/* The interface of an agent that calls itself so. */
struct port_search {
	const struct metric_name *ifname;
	const char *port;
	uint32_t ifindex;
};

static bool look_at(void *ctx, const struct metric_source *src)
{
	const struct sflow_source id = metric_source_id(src);
	struct port_search *s = ctx;
	struct metric_value v;

	if (id.class == 0 && id.index > 0 && metric_source_value(src, s->ifname, &v) && !v.number &&
		v.len == strlen(s->port) && memcmp(v.text, s->port, v.len) == 0)
		s->ifindex = id.index;
	return s->ifindex == 0;
}

static bool port_of(void *ctx, const struct base_addr *agent, const char *port, uint32_t *ifindex)
{
	static const char ifname[] = "ifname";
	struct port_search s = {
		.ifname = metric_name_find(ctx, ifname, sizeof(ifname) - 1), .port = port};
	const struct metric_agent *a = metric_agent_find(ctx, agent);

	if (s.ifname && a)
		metric_each_source(ctx, a, look_at, &s);
	*ifindex = s.ifindex;
	return s.ifindex > 0;
}

static struct topology *learn(const struct topology *t, const struct metric_store *m)
{
	const struct topology_names names = {
		.agent = agent_of, .port = port_of, .ctx = (void *)(uintptr_t)m};
	struct topology *next;

	base_memb_register();
	metric_read_lock();
	next = topology_learn(t, &names);
	metric_read_unlock();
	base_memb_unregister();
	return next;
}

/* Under the mutex, so that none that is put meanwhile is lost. */
static void learn_again(struct topology_owner *o, const struct metric_store *m)
{
	struct flow_data *data = control_data(o->control);
	struct topology *t = flow_data_topology(data);
	struct topology *next = topology_is_learned(t) ? learn(t, m) : NULL;
	struct control_error why = {.text = ""};
	int err = next ? control_put_topology(o->control, next, &why) : 0;

	/* Of what is late its owner tells. */
	if (err < 0 && err != -ETIMEDOUT)
		base_log(&log_topology, BASE_LOG_WARNING, "what was learned is left out: %s",
			why.text);
	else if (next && err == 0)
		base_log(&log_topology, BASE_LOG_NOTICE,
			"%u ends of links are known by their names", topology_ends(next));
	topology_unref(next);
	flow_data_unref(data);
}

void topology_tick(struct topology_owner *o, const struct metric_store *m)
{
	if (++o->ticks % LEARN_TICKS)
		return;
	pthread_mutex_lock(&o->mutex);
	learn_again(o, m);
	pthread_mutex_unlock(&o->mutex);
}

bool topology_hold(struct topology_owner *o)
{
	pthread_mutex_lock(&o->mutex);
	return o->put;
}

void topology_release(struct topology_owner *o)
{
	pthread_mutex_unlock(&o->mutex);
}

struct api_resource topology_resource(struct topology_owner *o)
{
	return (struct api_resource){.kind = kind, .ctx = o, .get = get, .put = put};
}

/* Main at the start, or the store's thread once Redis is there. */
static void found(void *ctx, const char *name, const char *text)
{
	struct topology_owner *o = ctx;
	char error[TOPOLOGY_ERROR];
	struct topology *t = topology_parse(text, strlen(text), error);
	struct api_error e = {.text = ""};

	if (t && put_in_force(o, t, &e) < 0)
		snprintf(error, sizeof(error), "%s", e.text);
	else if (t)
		error[0] = '\0';
	if (error[0]) {
		base_log(&log_topology, BASE_LOG_WARNING, "the topology of Redis is left out: %s",
			error);
	} else {
		store_hold(o->store, kind, name, text);
		base_log(&log_topology, BASE_LOG_NOTICE,
			"the topology is the one that was put at run time (in Redis)");
	}
	topology_unref(t);
}

void topology_restore(struct topology_owner *o)
{
	store_load(o->store, kind, found, o);
}
