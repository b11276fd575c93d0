/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "flow/function_pvt.h"
#include "flow/late.h"

/* Functions that are applied at merge: names of addresses, and what hosts say of themselves. */

enum { HOST_ATTRIBUTE = 64 /* bytes of its name */ };

FLOW_PREPARE(dns)
{
	if (call->operand[0].type.form != BASE_FORM_ADDR)
		return flow_fail(c, at[0].p, "dns takes an IP address; this key is none");
	call->type.form = BASE_FORM_NAME;
	return 0;
}

FLOW_NAME_OF(dns)
{
	struct base_addr addr = base_addr_from(key->p, key->len);
	struct base_text t = flow_text_start(v);
	bool known =
		names && names->find && names->find(names->ctx, &addr, &t) && t.len > 0 && !t.cut;

	if (known)
		return flow_text_end(v, &t);
	flow_give_printed(&call->operand[0].type, key, v);
	return false;
}

/* Which attributes there are is for hosts to say; a metric of that name may come any time. */
FLOW_PREPARE(host)
{
	const struct flow_operand *name = &call->operand[1];

	if (call->operand[0].type.form != BASE_FORM_MAC)
		return flow_fail(c, at[0].p, "host takes a MAC address; this key is none");
	if (name->len == 0 || name->len > HOST_ATTRIBUTE ||
		strspn(name->text, "abcdefghijklmnopqrstuvwxyz0123456789_") != name->len)
		return flow_fail(c, at[1].p,
			"here is the name of a metric, such as host_name, os_name or uuid");
	call->type.form = BASE_FORM_NAME;
	return 0;
}

FLOW_OF_HOST(host)
{
	const struct flow_operand *name = &call->operand[1];
	struct base_text t = flow_text_start(v);

	return names && names->host && key->len == 6 &&
	       names->host(names->host_ctx, key->p, name->text, name->len, &t) && t.len > 0 &&
	       flow_text_end(v, &t);
}
