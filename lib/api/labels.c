/* SPDX-License-Identifier: BSD-3-Clause */
#include "api/labels.h"

#include <string.h>

#include "api/exposition.h"

enum {
	INTERFACE = 0, /* classes of data sources */
	GUEST = 3,
	SWARM_ID = 25, /* letters and digits of a task's ID */
	POD_PARTS = 5, /* behind k8s_ */
};

void labels_init(struct labels *l, const struct metric_store *m)
{
	const struct {
		const struct metric_name **name;
		const char *text;
	} rows[] = {{&l->host, "host_name"}, {&l->ifname, "ifname"}, {&l->guest, "vir_host_name"},
		{&l->pod, "k8s_name"}, {&l->namespace, "k8s_namespace"},
		{&l->service, "swarm_name"}};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		*rows[i].name = metric_name_find(m, rows[i].text, strlen(rows[i].text));
}

/* ---- containers ---- */

/* The end of a piece that a `stop` follows, or NULL. */
static const char *piece(const char *p, const char *end, char stop)
{
	return memchr(p, stop, (size_t)(end - p));
}

/* Neither container, nor pod, nor namespace has a _ in its name. */
static void parse_pod(const char *p, const char *end, struct labels_guest *g)
{
	const char *at[POD_PARTS + 1] = {p};

	for (unsigned i = 1; i < POD_PARTS; i++) {
		const char *stop = piece(at[i - 1], end, '_');

		if (!stop)
			return;
		at[i] = stop + 1;
	}
	g->pause = at[1] - at[0] == 4 && memcmp(at[0], "POD_", 4) == 0;
	g->pod = at[1];
	g->pod_len = (size_t)(at[2] - at[1]) - 1;
	g->namespace = at[2];
	g->namespace_len = (size_t)(at[3] - at[2]) - 1;
}

static bool is_of(const char *p, const char *end, const char *letters)
{
	for (; p < end; p++) {
		if (!strchr(letters, *p))
			return false;
	}
	return true;
}

static void parse_service(const char *p, const char *end, struct labels_guest *g)
{
	const char *id = end - SWARM_ID, *slot;

	if (end - p < SWARM_ID + 4 || id[-1] != '.' ||
		!is_of(id, end, "abcdefghijklmnopqrstuvwxyz0123456789"))
		return;
	for (slot = id - 1; slot > p && slot[-1] >= '0' && slot[-1] <= '9'; slot--)
		;
	if (slot == id - 1 || slot < p + 2 || slot[-1] != '.')
		return;
	g->service = p;
	g->service_len = (size_t)(slot - p) - 1;
}

void labels_guest_parse(const char *name, size_t len, struct labels_guest *g)
{
	*g = (struct labels_guest){.pod = NULL};
	if (len > 4 && memcmp(name, "k8s_", 4) == 0)
		parse_pod(name + 4, name + len, g);
	else
		parse_service(name, name + len, g);
}

/* ---- of a source ---- */

static bool text_of(
	const struct metric_source *src, const struct metric_name *name, struct metric_value *v)
{
	return name && metric_source_value(src, name, v) && !v->number;
}

static bool write_text(struct exposition *e, const char *label, const struct metric_source *src,
	const struct metric_name *name)
{
	struct metric_value v;

	if (!text_of(src, name, &v))
		return false;
	exposition_label(e, label, v.text, v.len);
	return true;
}

bool labels_is_left_out(const struct labels *l, const struct metric_source *src)
{
	struct labels_guest g;
	struct metric_value v;

	if (metric_source_id(src).class != GUEST || !text_of(src, l->guest, &v))
		return false;
	labels_guest_parse(v.text, v.len, &g);
	return g.pause;
}

static void write_parsed(
	const struct labels *l, const struct metric_source *src, struct exposition *e)
{
	struct labels_guest g;
	struct metric_value v;

	if (!text_of(src, l->guest, &v))
		return;
	labels_guest_parse(v.text, v.len, &g);
	if (g.pod) {
		exposition_label(e, "k8s_name", g.pod, g.pod_len);
		exposition_label(e, "k8s_namespace", g.namespace, g.namespace_len);
	} else if (g.service) {
		exposition_label(e, "swarm_name", g.service, g.service_len);
	} else {
		exposition_label(e, "vir_host", v.text, v.len);
	}
}

static void write_guest(
	const struct labels *l, const struct metric_source *src, struct exposition *e)
{
	if (write_text(e, "k8s_name", src, l->pod))
		write_text(e, "k8s_namespace", src, l->namespace);
	else if (!write_text(e, "swarm_name", src, l->service))
		write_parsed(l, src, e);
}

static void write_place(const struct metric_source *src, struct exposition *e)
{
	char agent[BASE_ADDR_TEXT], source[METRIC_SOURCE_TEXT];
	struct base_text t = base_text(source, sizeof(source));

	base_addr_print(metric_agent_addr(metric_source_agent(src)), agent);
	exposition_label(e, "agent", agent, strlen(agent));
	metric_source_print(src, &t);
	exposition_label(e, "datasource", source, t.len);
	if (!metric_agent_is_mixed(metric_source_agent(src)))
		return;
	t = base_text(source, sizeof(source));
	base_text_uint(&t, metric_source_sub_agent(src));
	exposition_label(e, "subagent", source, t.len);
}

void labels_write(const struct labels *l, const struct metric_source *src, struct exposition *e)
{
	const struct metric_source *host = metric_agent_host(metric_source_agent(src));
	struct sflow_source id = metric_source_id(src);

	write_place(src, e);
	if (host)
		write_text(e, "host", host, l->host);
	if (id.class == INTERFACE)
		write_text(e, "ifname", src, l->ifname);
	if (id.class == GUEST)
		write_guest(l, src, e);
}
