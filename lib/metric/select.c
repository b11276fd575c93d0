/* SPDX-License-Identifier: BSD-3-Clause */
#include "metric/select.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "metric/metric_pvt.h"

/* Bits of the filter's attributes, for one host. */
struct metric_verdict {
	uint32_t born;  /* of the agent: its slot may be another's in the next section of reading */
	uint32_t known; /* was looked at */
	uint32_t fits;
};

static unsigned count_of(const struct metric_select *s)
{
	return s->filter ? metric_filter_count(s->filter) : 0;
}

int metric_select_init(
	struct metric_select *s, const struct metric_filter *f, const struct metric_store *m)
{
	*s = (struct metric_select){.filter = f};
	if (count_of(s) == 0)
		return 0;
	for (unsigned i = 0; i < count_of(s); i++) {
		const char *name = metric_filter_name(f, i);

		s->names[i] = metric_name_find(m, name, strlen(name));
		s->nothing = s->nothing || !s->names[i];
	}
	/* Agents that come meanwhile have slots behind these: they are looked at each time. */
	s->verdict_count = base_rcu_get(m->agents.end);
	s->verdicts = calloc((size_t)s->verdict_count + 1, sizeof(*s->verdicts));
	return s->verdicts ? 0 : -ENOMEM;
}

void metric_select_fini(struct metric_select *s)
{
	free(s->verdicts);
	s->verdicts = NULL;
}

static bool host_fits(const struct metric_select *s, unsigned i, const struct metric_agent *a)
{
	const struct metric_source *host = metric_agent_host(a);
	struct metric_value v;

	return host && metric_source_value(host, s->names[i], &v) &&
	       metric_filter_fits(s->filter, i, &v);
}

static bool host_fits_once(struct metric_select *s, unsigned i, const struct metric_agent *a)
{
	struct metric_verdict *verdict;
	uint32_t bit = UINT32_C(1) << i;

	if (a->slot >= s->verdict_count)
		return host_fits(s, i, a);
	verdict = &s->verdicts[a->slot];
	if (verdict->born != a->born)
		*verdict = (struct metric_verdict){.born = a->born};
	if (!(verdict->known & bit)) {
		verdict->known |= bit;
		verdict->fits |= host_fits(s, i, a) ? bit : 0;
	}
	return verdict->fits & bit;
}

static bool fits(struct metric_select *s, unsigned i, const struct metric_source *src)
{
	struct metric_value v;

	if (metric_source_value(src, s->names[i], &v))
		return metric_filter_fits(s->filter, i, &v);
	if (!metric_source_parent(src))
		return host_fits_once(s, i, metric_source_agent(src));
	return metric_inherited_value(src, s->names[i], &v) && metric_filter_fits(s->filter, i, &v);
}

bool metric_select_has(struct metric_select *s, const struct metric_source *src)
{
	unsigned count = count_of(s);

	if (s->nothing)
		return false;
	for (unsigned i = 0; i < count; i++) {
		if (!fits(s, i, src))
			return false;
	}
	return true;
}

bool metric_select_has_agent(struct metric_select *s, const struct metric_agent *a)
{
	unsigned count = count_of(s);

	if (s->nothing || (count > 0 && !a))
		return false;
	for (unsigned i = 0; i < count; i++) {
		if (!host_fits_once(s, i, a))
			return false;
	}
	return true;
}

/* What has a name has no number. */
static bool prints_as(const struct metric_source *src, const char *name, size_t len)
{
	char text[METRIC_SOURCE_TEXT];
	struct base_text t = base_text(text, sizeof(text));

	metric_source_print(src, &t);
	return t.len == len && memcmp(text, name, len) == 0;
}

bool metric_path_is_of(const struct metric_path *path, const struct metric_source *src)
{
	struct sflow_source id = metric_source_id(src);

	if (!path->one)
		return true;
	if (path->custom && (id.class || id.index))
		return false;
	if (path->custom)
		return prints_as(src, path->custom, path->custom_len);
	if (id.class != path->source.class || id.index != path->source.index)
		return false;
	return id.class || id.index || prints_as(src, "0", 1);
}
