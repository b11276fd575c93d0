/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow/function_pvt.h"
#include "flow/late.h"

/* Functions that are applied at merge: names of addresses. */

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
	bool known = names && names->find(names->ctx, &addr, &t) && t.len > 0 && !t.cut;

	if (known)
		return flow_text_end(v, &t);
	flow_give_printed(&call->operand[0].type, key, v);
	return false;
}
