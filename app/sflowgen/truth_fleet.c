/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>

#include "truth_pvt.h"

/* What metrics must come to: the containers of services, and interfaces that count steadily. */

static void set_usage(json_t *o, const struct gen_usage *u, bool web)
{
	json_object_set_new(o, "cpu_ms", json_integer((json_int_t)u->cpu_ms));
	json_object_set_new(o, "bytes_in", json_integer((json_int_t)u->bytes_in));
	json_object_set_new(o, "bytes_out", json_integer((json_int_t)u->bytes_out));
	if (web)
		json_object_set_new(o, "requests", json_integer((json_int_t)u->requests));
}

static json_t *container_json(
	const struct gen_model *m, const struct gen_container *c, uint64_t end_ns)
{
	struct gen_usage used = gen_container_usage(m, c, end_ns);
	struct gen_usage rates = gen_container_rates(m, c);
	bool web = m->settings.services[c->service].web;
	json_t *o = json_object(), *per_s = json_object();
	char address[BASE_ADDR_TEXT], source[16], name[64];

	base_addr_print(&m->agents[c->host].address, address);
	snprintf(source, sizeof(source), "3.%u", c->index);
	gen_container_name(m, c, name);
	json_object_set_new(o, "name", json_string(name));
	json_object_set_new(o, "agent", json_string(address));
	json_object_set_new(o, "datasource", json_string(source));
	json_object_set_new(o, "samples", json_integer(c->sequence));
	json_object_set_new(o, "start_s", json_real((double)c->start_ns / 1e9));
	if (c->stop_ns != UINT64_MAX)
		json_object_set_new(o, "stop_s", json_real((double)c->stop_ns / 1e9));
	set_usage(o, &used, web);
	set_usage(per_s, &rates, web);
	json_object_set_new(o, "per_s", per_s);
	return o;
}

json_t *truth_services_json(
	const struct gen_model *m, const struct gen_fleet *fleet, uint64_t end_ns)
{
	json_t *lists[GEN_SERVICES], *o = json_object();

	for (unsigned i = 0; i < m->settings.service_count; i++)
		lists[i] = json_array();
	for (uint32_t i = 0; fleet && i < gen_fleet_started(fleet); i++) {
		const struct gen_container *c = gen_fleet_container(fleet, i);

		json_array_append_new(lists[c->service], container_json(m, c, end_ns));
	}
	for (unsigned i = 0; i < m->settings.service_count; i++) {
		json_t *service = json_object();

		json_object_set_new(service, "web", json_boolean(m->settings.services[i].web));
		json_object_set_new(service, "containers", lists[i]);
		json_object_set_new(o, m->settings.services[i].name, service);
	}
	return o;
}

json_t *truth_interfaces_json(const struct gen_model *m)
{
	uint64_t count = 0, in = 0, out = 0;

	for (uint32_t i = 0; i < m->source_count; i++) {
		count += m->sources[i].class == 0;
		in += m->sources[i].in_rate;
		out += m->sources[i].out_rate;
	}
	return json_pack("{s:I,s:I,s:I}", "count", (json_int_t)count, "in_octets_per_s",
		(json_int_t)in, "out_octets_per_s", (json_int_t)out);
}
