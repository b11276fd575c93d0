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
	document = topology_json(t);
	check(document != NULL);
	again = topology_create(document, error);
	check(again != NULL);
	topology_unref(again);
	json_decref(document);
	topology_unref(t);
	return 0;
}
