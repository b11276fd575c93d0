/* SPDX-License-Identifier: BSD-3-Clause */
#include "api/scope.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/near.h"

static const char *const words[] = {"ALL", "TOPOLOGY", "EDGE", "CORE", NULL};

static const char *next_word(const void *ctx, size_t i)
{
	return words[i];
}

static bool *flag_of(struct scope *s, const char *name)
{
	bool *const flags[] = {&s->all, &s->topology, &s->edge, &s->core};

	for (unsigned i = 0; words[i]; i++) {
		if (strcasecmp(words[i], name) == 0)
			return flags[i];
	}
	return NULL;
}

/* Digits and dots, or what only IPv6 addresses have: an address with something wrong in it. */
static bool is_like_address(const char *name)
{
	return strspn(name, "0123456789.") == strlen(name) ||
	       (strchr(name, ':') && strspn(name, "0123456789abcdefABCDEF:.") == strlen(name));
}

static bool is_printable(const char *name)
{
	for (; *name; name++) {
		if (*name <= ' ' || *name > '~')
			return false;
	}
	return true;
}

/*
 * A host that is not there now may have been, so that it is not wrong to ask for it; what is nearly one
 * of the words, or an address, is.
 */
static int check_name(const char *name, struct api_error *e)
{
	char upper[16] = "";
	const char *near;

	if (*name == '\0') {
		snprintf(e->text, sizeof(e->text),
			"agent: there is nothing before, between or after a separator");
		return -EINVAL;
	}
	if (is_like_address(name) || !is_printable(name)) {
		snprintf(e->text, sizeof(e->text),
			"agent: \"%.64s\" is neither an address nor the name of a host", name);
		return -EINVAL;
	}
	for (unsigned i = 0; name[i] && i < sizeof(upper) - 1; i++)
		upper[i] = (char)(name[i] >= 'a' && name[i] <= 'z' ? name[i] - 'a' + 'A' : name[i]);
	near = strlen(name) < sizeof(upper) ? base_near(upper, next_word, NULL) : NULL;
	if (!near)
		return 0;
	snprintf(e->text, sizeof(e->text),
		"agent: \"%.64s\" is neither an address, nor the name of a host, nor one of ALL, "
		"TOPOLOGY, EDGE and CORE; did you mean %s?",
		name, near);
	return -EINVAL;
}

static int add_agent(
	struct scope *s, const char *name, const struct metric_store *m, struct api_error *e)
{
	struct base_addr *addr = &s->agents[s->count];
	const struct metric_agent *a;

	if (base_addr_parse(name, addr) == 0) {
		s->count++;
		return 0;
	}
	a = m ? metric_agent_by_name(m, name, strlen(name)) : NULL;
	if (!a)
		return check_name(name, e);
	*addr = *metric_agent_addr(a);
	s->count++;
	return 0;
}

static int add(struct scope *s, const char *name, const struct metric_store *m, struct api_error *e)
{
	bool *flag = flag_of(s, name);

	if (!flag)
		return add_agent(s, name, m, e);
	if (flag != &s->all && !s->places) {
		snprintf(e->text, sizeof(e->text),
			"agent: %.64s asks for a topology, and there is none", name);
		return -EINVAL;
	}
	*flag = true;
	return 0;
}

static int by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct base_addr));
}

static void put_in_order(struct scope *s)
{
	unsigned kept = 0;

	qsort(s->agents, s->count, sizeof(*s->agents), by_bytes);
	for (unsigned i = 0; i < s->count; i++) {
		if (kept == 0 || !base_addr_equal(&s->agents[kept - 1], &s->agents[i]))
			s->agents[kept++] = s->agents[i];
	}
	s->count = kept;
}

static size_t count_parts(const char *text)
{
	size_t parts = 1;

	for (; *text; text++)
		parts += *text == ',' || *text == ';';
	return parts;
}

int scope_parse(struct scope *s, const char *text, const struct metric_store *m,
	const struct topology *t, struct api_error *e)
{
	char *copy = strdup(text), *rest = copy, *name;
	int err = 0;

	*s = (struct scope){.places = t};
	s->agents = calloc(count_parts(text), sizeof(*s->agents));
	if (!copy || !s->agents)
		err = -ENOMEM;
	while (err == 0 && (name = strsep(&rest, ",;")))
		err = add(s, name, m, e);
	free(copy);
	if (err < 0)
		scope_fini(s);
	else
		put_in_order(s);
	return err;
}

void scope_fini(struct scope *s)
{
	free(s->agents);
	s->agents = NULL;
	s->count = 0;
}

bool scope_has_agent(const struct scope *s, const struct base_addr *agent)
{
	if (s->all)
		return true;
	if ((s->topology || s->edge || s->core) && topology_has_agent(s->places, agent))
		return true;
	return s->count && bsearch(agent, s->agents, s->count, sizeof(*agent), by_bytes);
}

static bool has_place(
	const struct scope *s, const struct base_addr *agent, uint32_t class, uint32_t index)
{
	enum topology_place place = topology_place_of(s->places, agent, class, index);

	return (s->edge && place == TOPOLOGY_EDGE) || (s->core && place == TOPOLOGY_CORE);
}

bool scope_has(const struct scope *s, const struct base_addr *agent, uint32_t class, uint32_t index)
{
	if (s->all)
		return true;
	if (s->topology && topology_has_agent(s->places, agent))
		return true;
	if ((s->edge || s->core) && has_place(s, agent, class, index))
		return true;
	return s->count && bsearch(agent, s->agents, s->count, sizeof(*agent), by_bytes);
}

bool scope_wants_topology(const char *text)
{
	char *copy = strdup(text), *rest = copy, *name;
	struct scope s = {.count = 0};
	bool *flag, wants = false;

	while (copy && (name = strsep(&rest, ",;"))) {
		flag = flag_of(&s, name);
		wants = wants || (flag && flag != &s.all);
	}
	free(copy);
	return wants;
}
