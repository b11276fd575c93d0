/* SPDX-License-Identifier: BSD-3-Clause */
#include "agent/senders.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Labels of the table are places in the array; no label is the first place. */
static int read_rates(struct agent_senders *s, const struct agent_rate *rates, unsigned count)
{
	struct prefix_list list = {0};
	int err = 0;

	s->rates = calloc((size_t)count + 1, sizeof(*s->rates));
	if (!s->rates)
		return -ENOMEM;
	for (unsigned i = 0; i < count && err == 0; i++) {
		unsigned len = (unsigned)base_addr_len(&rates[i].addr);
		struct prefix p = {.bits = (uint8_t)(8 * len), .label = i + 1};

		memcpy(p.bytes, rates[i].addr.bytes, len);
		s->rates[p.label] = rates[i].rate;
		err = prefix_list_add(&list, len, &p);
	}
	if (err == 0)
		err = prefix_table_build(&s->agents, &list);
	prefix_list_free(&list);
	return err;
}

int agent_senders_create(struct agent_senders **senders,
	const struct agent_senders_options *options, char *error, size_t size)
{
	static uint32_t numbers; /* atomic */
	struct agent_senders *s;
	int err;

	*senders = NULL;
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->references = 1;
	err = agent_allow_create(&s->allow, &options->allow, error, size);
	if (err == 0)
		err = read_rates(s, options->rates, options->rate_count);
	if (err < 0 || (!s->allow && options->rate_count == 0)) {
		agent_senders_unref(s);
		return err;
	}
	do
		s->number = __atomic_add_fetch(&numbers, 1, __ATOMIC_RELAXED);
	while (s->number == 0);
	*senders = s;
	return 0;
}

struct agent_senders *agent_senders_ref(struct agent_senders *s)
{
	if (s)
		__atomic_add_fetch(&s->references, 1, __ATOMIC_RELAXED);
	return s;
}

void agent_senders_unref(struct agent_senders *s)
{
	if (!s || __atomic_sub_fetch(&s->references, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	agent_allow_destroy(s->allow);
	prefix_table_free(&s->agents);
	free(s->rates);
	free(s);
}
