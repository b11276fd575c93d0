/* SPDX-License-Identifier: BSD-3-Clause */
#include "names.h"

#include <errno.h>

#include "base/log.h"
#include "flow/function.h"

BASE_LOG_TYPE(log_dns, "dns");

static bool find(void *ctx, const struct base_addr *addr, struct base_text *name)
{
	return ctx && resolve_name(ctx, addr, name) == RESOLVE_IS_NAME;
}

int names_start(const struct conf *c, const struct base_hash *hash, struct flow_names *names,
	struct resolve **r, struct conf_error *e)
{
	const struct resolve_options o = {.servers = c->dns.servers,
		.limits = {.entries = c->dns.entries,
			.queue = c->dns.queue,
			.ttl_min_ms = c->dns.ttl_min_ms,
			.ttl_max_ms = c->dns.ttl_max_ms,
			.negative_ms = c->dns.negative_ms,
			.retry_ms = c->dns.retry_ms},
		.timeout_ms = c->dns.timeout_ms,
		.tries = c->dns.tries,
		.under_way = c->dns.under_way};

	*r = NULL;
	if (c->dns.servers[0] != '\0') {
		*r = resolve_start(&o, hash, e->text, sizeof(e->text));
		if (!*r)
			return -errno;
	}
	*names = (struct flow_names){.find = find, .ctx = *r};
	return 0;
}

/* Whether a definition asks for names of addresses. */
static bool asks(const struct flow_plan *plan, const struct flow_definition *d)
{
	for (unsigned i = 0; d->late && i < d->late->step_count; i++) {
		if (plan->fields[d->late->steps[i]].call->function->name_of)
			return true;
	}
	return false;
}

void names_check(const struct flow_plan *plan, const struct resolve *r)
{
	for (unsigned i = 0; !r && i < plan->definition_count; i++) {
		if (!asks(plan, &plan->definitions[i]))
			continue;
		base_log(&log_dns, BASE_LOG_WARNING,
			"flow \"%s\" asks for names, and dns.servers is not set: addresses stay "
			"addresses",
			plan->definitions[i].name);
		return;
	}
}
