/* SPDX-License-Identifier: BSD-3-Clause */
#include "summary.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "losses.h"

/* JSON libraries hold 63 bits; a sum that hostile samples made larger is cut there. */
static json_int_t number(uint64_t v)
{
	return v < INT64_MAX ? (json_int_t)v : INT64_MAX;
}

/*
 * Counters of losses are those whose name says so: "drop_short" of group sflow is the reason
 * "sflow_short", "sample_drop_short" is "sflow_sample_short".
 */
static void add_drops(json_t *drops, const struct stats_group *group, const uint64_t *values)
{
	char reason[96];

	for (unsigned i = 0; i < group->count; i++) {
		const char *name = group->defs[i].name, *drop = strstr(name, "drop_");

		if (!drop || values[i] == 0)
			continue;
		snprintf(reason, sizeof(reason), "%s_%.*s%s", group->name, (int)(drop - name), name,
			drop + strlen("drop_"));
		json_object_set_new(drops, reason, json_integer(number(values[i])));
	}
}

static json_t *drops_of(const struct merge *m)
{
	json_t *drops = json_object();

	add_drops(drops, &ingress_stats, m->ingress);
	add_drops(drops, &sflow_stats, m->sflow);
	add_drops(drops, &window_stats, m->window);
	return drops;
}

static json_t *flows_of(const struct merge *m)
{
	json_t *flows = json_object();

	for (unsigned i = 0; i < m->plan->definition_count; i++) {
		const struct merge_definition *d = merge_of(m, i);

		json_object_set_new(flows, m->plan->definitions[i].name,
			json_pack("{s:I,s:I,s:I,s:I,s:I,s:I,s:b}", "total", number(d->ever.total),
				"other", number(d->ever.other), "flows", number(merge_keys(d)),
				"samples", number(d->ever.counted), "filtered",
				number(d->ever.filtered), "keyless", number(d->ever.keyless),
				"dropped", (int)m->plan->definitions[i].dropped));
	}
	return flows;
}

static json_t *cores_of(const struct daemon *d)
{
	json_t *cores = json_array();

	for (unsigned i = 0; i < d->rx_count; i++) {
		const struct rx_totals *t = &d->aggregate.totals[i];

		json_array_append_new(
			cores, json_pack("{s:I,s:I,s:I,s:I}", "cycles_busy", number(t->cycles_busy),
				       "cycles_total", number(t->cycles_total), "packets",
				       number(t->packets), "samples", number(t->samples)));
	}
	return cores;
}

static json_t *queues_of(const struct daemon *d, unsigned port)
{
	struct ports_queue_stats q[PORTS_QUEUES];
	unsigned count = ports_queue_stats(d->ports, port, q);
	json_t *queues = json_array();

	for (unsigned i = 0; i < count; i++)
		json_array_append_new(
			queues, json_pack("{s:I,s:I}", "packets", number(q[i].packets), "missed",
					number(q[i].missed)));
	return queues;
}

/* Where datagrams are missing by their sequence numbers. */
static json_t *loss_of(const struct daemon *d)
{
	const uint64_t *loss = d->aggregate.losses->loss;

	losses_read(d->aggregate.losses, d->aggregate.merge);
	return json_pack("{s:I,s:I,s:I}", "datagrams", number(loss[LOSS_DATAGRAMS]), "host",
		number(loss[LOSS_HOST]), "path", number(loss[LOSS_PATH]));
}

/* What devices counted: frames that were lost there are told apart from those that weir dropped. */
static json_t *ports_of(const struct daemon *d)
{
	json_t *ports = json_array();

	for (unsigned i = 0; i < d->ports->count; i++) {
		struct ports_stats s;

		(void)ports_stats(d->ports, i, &s); /* zeros where there are none */
		json_array_append_new(
			ports, json_pack("{s:s,s:s,s:I,s:I,s:I,s:I,s:I,s:I,s:o}", "name",
				       ports_name(d->ports, i), "link",
				       ports_link_name(ports_link(d->ports, i)), "packets",
				       number(s.packets), "bytes", number(s.bytes), "missed",
				       number(s.missed), "nic_missed", number(s.nic_missed),
				       "no_mbuf", number(s.no_mbuf), "errors", number(s.errors),
				       "queues", queues_of(d, i)));
	}
	return ports;
}

int summary_print(const struct daemon *d, FILE *out)
{
	const struct merge *m = d->aggregate.merge;
	char what[128] = "";
	bool conserved = merge_conserved(m, what, sizeof(what));
	json_t *s = json_pack("{s:I,s:I,s:I,s:I,s:I,s:o,s:o,s:o,s:o,s:f,s:i,s:o,s:b,s:I}",
		"datagrams", number(m->sflow[SFLOW_DATAGRAMS]), "samples",
		number(m->sflow[SFLOW_SAMPLES]), "flow_samples",
		number(m->sflow[SFLOW_FLOW_SAMPLES]), "counter_samples",
		number(m->sflow[SFLOW_COUNTER_SAMPLES]), "discarded_packets",
		number(m->sflow[SFLOW_DISCARD_SAMPLES]), "ports", ports_of(d), "loss", loss_of(d),
		"drops", drops_of(m), "flows", flows_of(m), "elapsed_s", d->elapsed, "rx_cores",
		(int)d->rx_count, "cores", cores_of(d), "conserved", (int)conserved, "windows",
		number(m->windows));

	if (!conserved)
		fprintf(stderr, "weir: sums do not hold: %s\n", what);
	json_dumpf(s, out, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
	fputc('\n', out);
	json_decref(s);
	return fflush(out) == 0 ? 0 : -errno;
}
