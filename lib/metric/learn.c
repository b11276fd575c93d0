/* SPDX-License-Identifier: BSD-3-Clause */
#include "metric/metric_pvt.h"

/* How data sources belong together: an agent's host, a container's host, whose MACs. */

enum {
	HOST_DESCRIPTION = SFLOW_TAG(0, 2000),
	HOST_ADAPTERS = SFLOW_TAG(0, 2001),
	HOST_PARENT = SFLOW_TAG(0, 2002),
	PORT_NAME = SFLOW_TAG(0, 1005),
	HOST_NAME = 0, /* field of host_descr */
};

/* sFlow Host Structures, host_descr: of the agent's own host, if the source is a physical entity. */
static void learn_host(
	struct metric_store *m, const struct metric_source *src, const struct metric_block *b)
{
	if (src->id.class == METRIC_HOST && b && (b->shown >> HOST_NAME & 1))
		metric_agent_name(m, src, b->cells[HOST_NAME].text);
}

/* host_parent: {container_type u32, container_index u32}, a data source of the same agent. */
static void learn_parent(
	const struct metric_store *m, struct metric_source *src, const struct sflow_record *r)
{
	struct base_cursor c = base_cursor(r->body, r->len);
	struct metric_source *parent = NULL;
	struct sflow_source id;

	id.class = base_cursor_u32(&c);
	id.index = base_cursor_u32(&c);
	if (!c.bad)
		parent = metric_source_find(m, src->agent, src->sub_agent, id);
	if (parent != src)
		metric_source_adopt(parent, src);
}

void metric_learn_record(struct metric_store *m, struct metric_source *src,
	const struct sflow_record *r, const struct metric_block *b)
{
	if (r->tag == HOST_DESCRIPTION)
		learn_host(m, src, b);
	else if (r->tag == PORT_NAME)
		metric_interface_told(m, src, r);
	else if (r->tag == HOST_PARENT)
		learn_parent(m, src, r);
	else if (r->tag == HOST_ADAPTERS)
		metric_macs_take(m, src, r);
}
