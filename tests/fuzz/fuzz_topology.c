/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>

#include "topology/topology.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
	if (!good)
		abort();
}

/* A port that has a link is a core port of an agent that is there. */
static void check_place(const struct topology *t, const char *address, uint32_t ifindex)
{
	struct base_addr agent;
	const struct topology_link *link;
	enum topology_place place;

	base_addr_parse(address, &agent);
	link = topology_link_of(t, &agent, ifindex);
	place = topology_place_of(t, &agent, 0, ifindex);
	check((place == TOPOLOGY_OUTSIDE) == !topology_has_agent(t, &agent));
	check((place == TOPOLOGY_CORE) == (link != NULL));
	if (link)
		check(link->len == strlen(link->text) && link->len > 0 &&
			link->len <= TOPOLOGY_TEXT);
}

/* Which names are known, and what they mean, is a matter of their lengths. */
static bool name_agent(void *ctx, const char *node, struct base_addr *agent)
{
	return strlen(node) % 2 == 0 &&
	       base_addr_parse(strlen(node) % 4 ? "192.0.2.1" : "2001:db8::1", agent) == 0;
}

static bool name_port(void *ctx, const struct base_addr *agent, const char *port, uint32_t *ifindex)
{
	*ifindex = (uint32_t)strlen(port) % 8;
	return *ifindex > 0;
}

/* What is learned has the same document; looked at again, it has not changed. */
static void check_learned(const struct topology *t)
{
	const struct topology_names names = {.agent = name_agent, .port = name_port};
	struct topology *next = topology_learn(t, &names);

	if (!next)
		return;
	check(topology_ends(next) > 0 || topology_is_learned(t));
	check(topology_learn(next, &names) == NULL);
	topology_unref(next);
}

/* Any bytes as a topology: refused with a sentence, or built, and what it says is one again. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char error[TOPOLOGY_ERROR] = "";
	struct topology *t = topology_parse((const char *)data, size, error), *again;
	json_t *document;

	if (!t) {
		check(error[0] != '\0');
		return 0;
	}
	for (uint32_t i = 0; i < 8; i++) {
		check_place(t, "192.0.2.1", i);
		check_place(t, "2001:db8::1", i);
	}
	if (topology_is_learned(t))
		check_learned(t);
	document = topology_json(t);
	check(document != NULL);
	again = topology_create(document, error);
	check(again != NULL);
	topology_unref(again);
	json_decref(document);
	topology_unref(t);
	return 0;
}
