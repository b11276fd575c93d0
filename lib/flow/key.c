/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow/key.h"

#include <errno.h>
#include <string.h>

#include "flow/custom.h"
#include "flow/record.h"
#include "flow/value_pvt.h"

static bool give_word(struct packet_value *v, const char *word)
{
	return flow_give_text(v, word, strlen(word));
}

static bool get_agent(const struct flow_sample *s, struct packet_value *v)
{
	v->p = s->agent->bytes;
	v->len = (uint8_t)base_addr_len(s->agent);
	return v->len != 0;
}

static bool get_source(const struct flow_sample *s, struct packet_value *v)
{
	base_put_u32(v->own, s->sample->source.class);
	base_put_u32(v->own + 4, s->sample->source.index);
	v->p = v->own;
	v->len = 8;
	return true;
}

static bool get_bytes(const struct flow_sample *s, struct packet_value *v)
{
	uint32_t bytes;

	return sflow_flow_length(s->flow, &bytes) && flow_give_u32(v, bytes);
}

static bool get_frames(const struct flow_sample *s, struct packet_value *v)
{
	return flow_give_u32(v, 1);
}

/* Records that stand for one operation each; and packets that ask or answer something. */
static bool get_requests(const struct flow_sample *s, struct packet_value *v)
{
	static const uint32_t operations[] = {
		SFLOW_TAG(0, 2200), SFLOW_TAG(0, 2201), SFLOW_TAG(0, 2202), SFLOW_TAG(0, 2206)};

	if (s->sample->kind == SFLOW_KIND_RTFLOW)
		return flow_give_u32(v, 1);
	for (unsigned i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
		if (sflow_flow_record(s->flow, (unsigned)sflow_flow_index(operations[i])))
			return flow_give_u32(v, 1);
	}
	return s->packet && (s->packet->count[PACKET_DNS] || s->packet->count[PACKET_ARP]) &&
	       flow_give_u32(v, 1);
}

enum { IF_SINGLE = 0, IF_SEVERAL = 2, IF_RESERVED = 3, IF_INTERNAL = 0x3FFFFFFF };

/*
 * One text, one key: how many interfaces, why discarded, and which spelling of "internal" are not
 * part of the text, so they are not part of the key.
 */
static struct sflow_interface interface_key(struct sflow_interface i)
{
	if (i.format > IF_SEVERAL)
		return (struct sflow_interface){.format = IF_RESERVED};
	if (i.format != IF_SINGLE)
		return (struct sflow_interface){.format = i.format};
	if (i.value == UINT32_MAX)
		i.value = IF_INTERNAL;
	return i;
}

static bool give_interface(struct packet_value *v, struct sflow_interface wire)
{
	struct sflow_interface i = interface_key(wire);

	base_put_u32(v->own, i.format);
	base_put_u32(v->own + 4, i.value);
	v->p = v->own;
	v->len = 8;
	return true;
}

static bool get_input(const struct flow_sample *s, struct packet_value *v)
{
	return give_interface(v, s->sample->input);
}

static bool get_output(const struct flow_sample *s, struct packet_value *v)
{
	return give_interface(v, s->sample->output);
}

static bool is_source(const struct sflow_sample *s, struct sflow_interface i)
{
	return s->source.class == 0 && i.format == 0 && s->source.index == i.value && i.value != 0;
}

/* Which of its interfaces the data source is; neither: the sample has no direction. */
static bool get_direction(const struct flow_sample *s, struct packet_value *v)
{
	if (is_source(s->sample, s->sample->input))
		return give_word(v, "ingress");
	if (is_source(s->sample, s->sample->output))
		return give_word(v, "egress");
	return false;
}

static bool get_stripped(const struct flow_sample *s, struct packet_value *v)
{
	return (s->flow->has & SFLOW_HAS_HEADER) && flow_give_u32(v, s->flow->header.stripped);
}

/* Word `i` of extended_switch; all ones is unknown (sFlow version 5, errata). */
static bool get_switch(const struct flow_sample *s, unsigned i, struct packet_value *v)
{
	uint32_t word;

	if (!(s->flow->has & SFLOW_HAS_SWITCH))
		return false;
	word = base_get_u32(s->flow->vlans + 4 * (size_t)i);
	return word != UINT32_MAX && flow_give_u32(v, word);
}

static bool get_vlan_source(const struct flow_sample *s, struct packet_value *v)
{
	return get_switch(s, 0, v);
}

static bool get_priority_source(const struct flow_sample *s, struct packet_value *v)
{
	return get_switch(s, 1, v);
}

static bool get_vlan_destination(const struct flow_sample *s, struct packet_value *v)
{
	return get_switch(s, 2, v);
}

static bool get_priority_destination(const struct flow_sample *s, struct packet_value *v)
{
	return get_switch(s, 3, v);
}

static bool get_next_hop(const struct flow_sample *s, struct packet_value *v)
{
	if (!(s->flow->has & SFLOW_HAS_ROUTER) || s->flow->next_hop.family == 0)
		return false;
	v->p = s->flow->next_hop.bytes;
	v->len = (uint8_t)base_addr_len(&s->flow->next_hop);
	return true;
}

static bool get_source_mask(const struct flow_sample *s, struct packet_value *v)
{
	return (s->flow->has & SFLOW_HAS_ROUTER) && flow_give_u32(v, s->flow->src_mask_len);
}

static bool get_destination_mask(const struct flow_sample *s, struct packet_value *v)
{
	return (s->flow->has & SFLOW_HAS_ROUTER) && flow_give_u32(v, s->flow->dst_mask_len);
}

/* A name that no data source can have stands for none. */
static bool get_custom_source(const struct flow_sample *s, struct packet_value *v)
{
	return s->sample->kind == SFLOW_KIND_RTFLOW &&
	       flow_custom_source(s->sample->name, s->sample->name_len) &&
	       flow_give_text(v, s->sample->name, s->sample->name_len);
}

/* sFlow discarded packet notifications, drop_reason. */
static bool get_reason(const struct flow_sample *s, struct packet_value *v)
{
	struct base_text t = flow_text_start(v);
	const char *word;

	if (s->sample->kind != SFLOW_KIND_DISCARD)
		return false;
	word = sflow_word(&sflow_discard_reasons, s->sample->reason);
	if (word)
		return give_word(v, word);
	base_text_uint(&t, s->sample->reason);
	return flow_text_end(v, &t);
}

const struct flow_context_key flow_context_keys[] = {
	{"agent", get_agent, 0, BASE_FORM_ADDR, "agent address in the datagram", .custom = true},
	{"bytes", get_bytes, 4, BASE_FORM_UINT,
		"length of the sampled packet; as a key not times the sampling rate", "bytes"},
	{"datasource", get_source, 8, BASE_FORM_SOURCE, "data source that sampled the packet"},
	{"direction", get_direction, 0, BASE_FORM_TEXT,
		"ingress or egress: whether the data source is the input or the output interface"},
	{"frames", get_frames, 4, BASE_FORM_UINT,
		"1 of every sample; as a value the number of packets, or of custom flows", "frames",
		.custom = true},
	{"inputifindex", get_input, 8, BASE_FORM_IF, "interface on which the packet came in"},
	{"ipdestinationmaskbits", get_destination_mask, 4, BASE_FORM_UINT,
		"prefix length of the route to the destination (extended_router)"},
	{"ipnexthoprouter", get_next_hop, 0, BASE_FORM_ADDR, "next hop (extended_router)"},
	{"ipsourcemaskbits", get_source_mask, 4, BASE_FORM_UINT,
		"prefix length of the route to the source (extended_router)"},
	{"outputifindex", get_output, 8, BASE_FORM_IF, "interface on which the packet goes out"},
	{"prioritydestination", get_priority_destination, 4, BASE_FORM_UINT,
		"802.1p priority on the way out (extended_switch)"},
	{"prioritysource", get_priority_source, 4, BASE_FORM_UINT,
		"802.1p priority on the way in (extended_switch)"},
	{"reason", get_reason, 0, BASE_FORM_NAME,
		"why the packet was discarded, such as ttl_exceeded (discarded packets alone)"},
	{"requests", get_requests, 4, BASE_FORM_UINT,
		"1 where the sample is of an operation (HTTP, memcache, application, custom flow) "
		"or of a DNS or ARP packet; as a value the number of operations",
		"requests", true, .custom = true},
	{"rtdatasource", get_custom_source, 0, BASE_FORM_TEXT,
		"name of the data source of a custom flow", .custom = true, .only_custom = true},
	{"stripped", get_stripped, 4, BASE_FORM_UINT, "bytes removed before the header was taken",
		"bytes"},
	{"vlandestination", get_vlan_destination, 4, BASE_FORM_UINT,
		"802.1Q VLAN on the way out (extended_switch)"},
	{"vlansource", get_vlan_source, 4, BASE_FORM_UINT,
		"802.1Q VLAN on the way in (extended_switch)"},
};
const unsigned flow_context_keys_count = sizeof(flow_context_keys) / sizeof(flow_context_keys[0]);

static bool is_name(const char *name, const char *text, size_t len)
{
	return strlen(name) == len && memcmp(name, text, len) == 0;
}

/* "name" or "name.N": the length of the name, and N. */
static int split_instance(const char *name, size_t len, size_t *name_len, unsigned *instance)
{
	const char *dot = memchr(name, '.', len);

	*instance = 0;
	*name_len = len;
	if (!dot)
		return 0;
	*name_len = (size_t)(dot - name);
	if (len - *name_len != 2 || dot[1] < '0' || dot[1] >= '0' + PACKET_INSTANCES)
		return -ERANGE;
	*instance = (unsigned)(dot[1] - '0');
	return 0;
}

static bool find_context(const char *name, size_t len, struct flow_key *key)
{
	for (unsigned i = 0; i < flow_context_keys_count; i++) {
		const struct flow_context_key *k = &flow_context_keys[i];

		if (!is_name(k->name, name, len))
			continue;
		key->source = FLOW_CONTEXT;
		key->context = k;
		key->type = (struct flow_type){.form = k->form, .width = k->width};
		return true;
	}
	return false;
}

static bool find_record(const char *name, size_t len, struct flow_key *key)
{
	const struct flow_record_key *k = flow_record_find(name, len);

	if (!k)
		return false;
	key->source = FLOW_RECORD;
	key->record = k;
	key->type = flow_record_type(k);
	return true;
}

static bool find_field(const char *name, size_t len, struct flow_key *key)
{
	for (unsigned i = 0; i < packet_fields_count; i++) {
		const struct packet_field *f = &packet_fields[i];

		if (!is_name(f->name, name, len))
			continue;
		key->source = FLOW_HEADER;
		key->field = f;
		key->type = (struct flow_type){f->form, f->bits, f->width};
		return true;
	}
	return false;
}

int flow_key_find(const char *name, size_t len, struct flow_key *key)
{
	unsigned instance;
	size_t name_len;
	int err;

	memset(key, 0, sizeof(*key));
	if (find_context(name, len, key) || find_record(name, len, key))
		return 0;
	err = split_instance(name, len, &name_len, &instance);
	if (!find_field(name, name_len, key))
		return -ENOENT;
	key->instance = (uint8_t)instance;
	return err;
}

/* The i-th name of records: each name has one row with help. */
static const char *record_name(size_t i)
{
	for (unsigned row = 0; row < flow_record_keys_count; row++) {
		if (flow_record_keys[row].help && i-- == 0)
			return flow_record_keys[row].name;
	}
	return NULL;
}

const char *flow_key_name(const void *unused, size_t i)
{
	if (i < flow_context_keys_count)
		return flow_context_keys[i].name;
	i -= flow_context_keys_count;
	if (i < packet_fields_count)
		return packet_fields[i].name;
	return record_name(i - packet_fields_count);
}
