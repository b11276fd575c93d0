/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow/data.h"
#include "flow/function_pvt.h"
#include "topology/topology.h"

/* The function that looks into the topology. An interface's link depends on its agent, which is an
 * operand that is not written. */

FLOW_PREPARE(link)
{
	static const char agent[] = "agent";
	struct flow_operand *o = &call->operand[1];
	struct flow_key key;
	int field;

	if (call->operand[0].type.form != BASE_FORM_IF)
		return flow_fail(c, at[0].p,
			"link takes an interface, inputifindex or outputifindex; this key is none");
	flow_key_find(agent, sizeof(agent) - 1, &key);
	field = flow_plan_field(c, at[0].p, &key);
	if (field < 0)
		return field;
	o->field = (uint8_t)field;
	o->type = key.type;
	call->count = 2;
	call->operand[0].data = flow_data_topology(c->plan->data);
	call->type.form = BASE_FORM_NAME;
	return 0;
}

FLOW_GET(link)
{
	const struct flow_operand *key = &call->operand[0];
	const struct packet_value *agent = &fields[call->operand[1].field];
	const struct base_addr addr = base_addr_from(agent->p, agent->len);
	const struct topology_link *link;
	uint64_t ifindex;

	if (!flow_number_of(&key->type, &fields[key->field], &ifindex))
		return false;
	link = topology_link_of(key->data, &addr, (uint32_t)ifindex);
	return link && flow_give_text(v, link->text, link->len);
}
