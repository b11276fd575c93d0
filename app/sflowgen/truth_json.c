/* SPDX-License-Identifier: BSD-3-Clause */
#include "truth_pvt.h"

static json_t *number(uint64_t v)
{
	return json_integer((json_int_t)v);
}

static json_t *total_json(const struct gen_total *total, double seconds)
{
	json_t *o = json_object();

	json_object_set_new(o, "bytes", number(total->bytes));
	json_object_set_new(o, "frames", number(total->frames));
	json_object_set_new(o, "samples", number(total->samples));
	if (seconds > 0) {
		json_object_set_new(o, "bytes_per_s", json_real((double)total->bytes / seconds));
		json_object_set_new(o, "frames_per_s", json_real((double)total->frames / seconds));
	}
	return o;
}

static json_t *top_json(const struct gen_truth *t, const struct gen_definition *d,
	const struct gen_totals *totals, const struct gen_truth_report *report)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < totals->count && i < report->top; i++) {
		const struct gen_key_total *key = &totals->keys[i];
		json_t *o = total_json(&key->total, report->duration_s);
		char buf[512];
		struct base_text text = base_text(buf, sizeof(buf));

		gen_definition_print(d, t->m, &t->m->flows[key->flow], &text);
		json_object_set_new(o, "key", json_string(buf));
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *definition_json(const struct gen_truth *t, const struct gen_definition *d,
	const struct gen_truth_report *report)
{
	struct gen_totals totals;
	char buf[512];
	struct base_text text = base_text(buf, sizeof(buf));
	json_t *o;

	if (gen_totals_init(&totals, d, t->m, t->flows) < 0)
		return NULL;
	gen_definition_print_keys(d, &text);
	o = total_json(&totals.all, report->duration_s);
	json_object_set_new(o, "keys", json_string(buf));
	json_object_set_new(o, "flows", number(totals.count));
	json_object_set_new(o, "top", top_json(t, d, &totals, report));
	gen_totals_fini(&totals);
	return o;
}

static json_t *definitions_json(const struct gen_truth *t, const struct gen_truth_report *report)
{
	json_t *o = json_object();

	for (unsigned i = 0; i < report->definition_count; i++) {
		const struct gen_definition *d = &report->definitions[i];
		json_t *definition = definition_json(t, d, report);

		if (!definition) {
			json_decref(o);
			return NULL;
		}
		json_object_set_new(o, d->name, definition);
	}
	return o;
}

static json_t *exporter_json(const struct gen_model *m, uint32_t i, const struct truth_heard *h)
{
	char address[BASE_ADDR_TEXT];
	json_t *o = json_object();

	base_addr_print(&m->agents[m->exporters[i].agent].address, address);
	json_object_set_new(o, "agent", json_string(address));
	json_object_set_new(o, "sub_agent", number(m->exporters[i].sub_agent));
	json_object_set_new(o, "datagrams", number(h->datagrams));
	json_object_set_new(o, "lost", number(h->lost));
	json_object_set_new(o, "duplicates", number(h->duplicates));
	json_object_set_new(o, "out_of_order", number(h->late));
	json_object_set_new(o, "flow_samples", number(h->flow_samples));
	json_object_set_new(o, "counter_samples", number(h->counter_samples));
	return o;
}

/* Those that a collector has heard of. Sums up `lost` and the like on the way. */
static json_t *exporters_json(const struct gen_truth *t, struct truth_heard *sum)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < t->m->exporter_count; i++) {
		const struct truth_heard *h = &t->exporters[i];

		sum->lost += h->lost;
		sum->lost_tail += h->lost_tail;
		sum->lost_head += h->lost_head;
		sum->duplicates += h->duplicates;
		sum->late += h->late;
		if (h->datagrams)
			json_array_append_new(list, exporter_json(t->m, i, h));
	}
	return list;
}

static json_t *duplicate_json(const struct gen_truth *t)
{
	json_t *o = json_object();

	json_object_set_new(o, "datagrams", number(t->duplicate.datagrams));
	json_object_set_new(o, "flow_samples", number(t->duplicate.flow_samples));
	json_object_set_new(o, "counter_samples", number(t->duplicate.counter_samples));
	return o;
}

/* @param sum  gets what a collector finds good in them */
static json_t *hostile_json(const struct gen_truth *t, struct truth_heard *sum)
{
	json_t *o = json_object(), *kinds = json_object();
	uint64_t packets = 0;

	for (unsigned i = 0; i < GEN_HOSTILE_KINDS; i++) {
		const struct gen_hostile_kind *kind = &gen_hostile_kinds[i];

		sum->datagrams += kind->decoded * t->hostile[i];
		sum->flow_samples += kind->flow_samples * t->hostile[i];
		sum->counter_samples += kind->counter_samples * t->hostile[i];
		packets += kind->packets * t->hostile[i];
		if (t->hostile[i])
			json_object_set_new(kinds, kind->name, number(t->hostile[i]));
	}
	json_object_set_new(o, "datagrams", number(t->hostile_sum));
	json_object_set_new(o, "decoded", number(sum->datagrams));
	json_object_set_new(o, "flow_samples", number(sum->flow_samples));
	json_object_set_new(o, "counter_samples", number(sum->counter_samples));
	json_object_set_new(o, "packets", number(packets));
	json_object_set_new(o, "bytes", number(packets * GEN_HOSTILE_LENGTH));
	json_object_set_new(o, "kinds", kinds);
	return o;
}

static json_t *seconds_json(const struct gen_truth *t)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < t->second_count; i++) {
		json_t *o = json_object();

		json_object_set_new(o, "datagrams", number(t->seconds[i].datagrams));
		json_object_set_new(o, "flow_samples", number(t->seconds[i].flow_samples));
		json_array_append_new(list, o);
	}
	return list;
}

static void set_counts(json_t *o, const struct gen_truth *t, const struct truth_heard *sum,
	const struct truth_heard *hostile, double seconds)
{
	uint64_t flow = sum->flow_samples + hostile->flow_samples;
	uint64_t counter = sum->counter_samples + hostile->counter_samples;

	json_object_set_new(o, "received", number(gen_truth_datagrams(t)));
	json_object_set_new(o, "datagrams", number(sum->datagrams + hostile->datagrams));
	json_object_set_new(o, "samples", number(flow + counter));
	json_object_set_new(o, "flow_samples", number(flow));
	json_object_set_new(o, "counter_samples", number(counter));
	json_object_set_new(o, "lost", number(sum->lost));
	json_object_set_new(o, "lost_unseen", number(sum->lost_tail + sum->lost_head));
	json_object_set_new(o, "duplicates", number(sum->duplicates));
	json_object_set_new(o, "out_of_order", number(sum->late));
	json_object_set_new(o, "duration_s", json_real(seconds));
	if (seconds > 0) {
		json_object_set_new(
			o, "datagrams_per_s", json_real((double)gen_truth_datagrams(t) / seconds));
		json_object_set_new(o, "flow_samples_per_s", json_real((double)flow / seconds));
	}
}

json_t *gen_truth_json(const struct gen_truth *t, const struct gen_truth_report *report)
{
	struct truth_heard sum = t->sum, hostile = {0};
	json_t *o = json_object(), *exporters = exporters_json(t, &sum);
	json_t *damage = hostile_json(t, &hostile), *definitions = definitions_json(t, report);

	json_object_set_new(o, "seed", number(t->m->settings.seed));
	set_counts(o, t, &sum, &hostile, report->duration_s);
	json_object_set_new(o, "wire_frames", number(report->frames));
	json_object_set_new(o, "wire_bytes", number(report->bytes));
	json_object_set_new(o, "duplicated", duplicate_json(t));
	json_object_set_new(o, "hostile", damage);
	json_object_set_new(o, "definitions", definitions);
	json_object_set_new(o, "agents", exporters);
	json_object_set_new(o, "per_second", seconds_json(t));
	json_object_set_new(o, "start_ms", number(report->start_ms));
	json_object_set_new(o, "late_s", json_real(report->late_s));
	json_object_set_new(o, "services",
		truth_services_json(t->m, report->fleet, (uint64_t)(report->duration_s * 1e9)));
	if (t->m->settings.counters_only)
		json_object_set_new(o, "interfaces", truth_interfaces_json(t->m));
	if (definitions)
		return o;
	json_decref(o);
	return NULL;
}
