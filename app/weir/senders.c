/* SPDX-License-Identifier: BSD-3-Clause */
#include "senders.h"

#include <errno.h>
#include <stdlib.h>

bool senders_same(const struct conf *a, const struct conf *b)
{
	return conf_same(a, b, "allow") && conf_same(a, b, "agents");
}

static struct agent_allow_options allow_options(const struct conf *c)
{
	return (struct agent_allow_options){.agents = c->allow.agents,
		.sources = c->allow.sources,
		.relays = c->allow.relays,
		.agent_count = c->allow.agent_count,
		.source_count = c->allow.source_count,
		.relay_count = c->allow.relay_count,
		.source_is_agent = c->allow.source_is_agent};
}

int senders_make(const struct conf *c, struct agent_senders **s)
{
	struct agent_rate *rates = calloc(c->agent_count + 1, sizeof(*rates));
	const struct agent_senders_options o = {
		.allow = allow_options(c), .rates = rates, .rate_count = c->agent_count};
	char why[256];
	int err = -ENOMEM;

	*s = NULL;
	for (unsigned i = 0; rates && i < c->agent_count; i++) {
		base_addr_parse(c->agents[i].address, &rates[i].addr);
		rates[i].rate = c->agents[i].sampling_rate;
	}
	if (rates)
		err = agent_senders_create(s, &o, why, sizeof(why));
	free(rates);
	return err;
}
