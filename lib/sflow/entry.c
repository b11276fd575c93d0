/* SPDX-License-Identifier: BSD-3-Clause */
#include "sflow/entry.h"

/* host-sflow, mod_json: the types of values. */

static const struct value_type {
	const char *name;
	enum sflow_type type;
} metric_types[] =
	{
		{"string", SFLOW_STRING},
		{"counter32", SFLOW_U32},
		{"counter64", SFLOW_U64},
		{"gauge32", SFLOW_U32},
		{"gauge64", SFLOW_U64},
		{"gaugeFloat", SFLOW_F32},
		{"gaugeDouble", SFLOW_F64},
},
  flow_types[] = {
	  {"string", SFLOW_STRING},
	  {"mac", SFLOW_MAC},
	  {"ip", SFLOW_IPV4},
	  {"ip6", SFLOW_IPV6},
	  {"int32", SFLOW_U32},
	  {"int64", SFLOW_U64},
	  {"float", SFLOW_F32},
	  {"double", SFLOW_F64},
};

enum {
	METRIC_TYPES = sizeof(metric_types) / sizeof(metric_types[0]),
	FLOW_TYPES = sizeof(flow_types) / sizeof(flow_types[0]),
};

static const struct value_type *find(enum sflow_kind kind, uint32_t type)
{
	if (kind == SFLOW_KIND_RTMETRIC)
		return type < METRIC_TYPES ? &metric_types[type] : NULL;
	return type < FLOW_TYPES ? &flow_types[type] : NULL;
}

const char *sflow_entry_type(enum sflow_kind kind, uint32_t type)
{
	const struct value_type *t = find(kind, type);

	return t ? t->name : NULL;
}

bool sflow_entry_read(struct base_cursor *c, enum sflow_kind kind, struct sflow_entry *e,
	struct sflow_entry_cut *cut)
{
	const struct value_type *t;
	struct sflow_value name;

	*cut = (struct sflow_entry_cut){"name", c->p};
	if (!sflow_value_read(c, SFLOW_STRING, &name))
		return false;
	e->name = name.bytes;
	e->name_len = name.len;
	*cut = (struct sflow_entry_cut){"type", c->p};
	e->type = base_cursor_u32(c);
	t = find(kind, e->type);
	if (c->bad || !t)
		return false;
	*cut = (struct sflow_entry_cut){"value", c->p};
	return sflow_value_read(c, t->type, &e->value);
}
