/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow/extract.h"

#include "flow/function.h"
#include "flow/record.h"
#include "flow/sampled_pvt.h"

/*
 * One field; functions are made of fields before them. Of a header that stands for records 0:2 to
 * 0:4 (`sampled`), only the fields that those carry.
 */
static inline bool extract(const struct flow_key *key, const struct flow_sample *s, bool sampled,
	const struct flow_fields *fields, struct packet_value *v)
{
	if (__builtin_expect(key->source == FLOW_HEADER, 1))
		return (!sampled || key->field->sampled) &&
		       packet_field_get(s->packet, key->field, key->instance, v);
	if (key->source == FLOW_CONTEXT)
		return key->context->get(s, v);
	if (key->source == FLOW_RECORD)
		return flow_record_get(key, s->flow, v);
	return key->source == FLOW_CALL && flow_call_get(key->call, fields->value, v);
}

static inline bool place_step(
	const struct flow_plan *plan, const struct flow_step *step, struct flow_fields *fields)
{
	return flow_step_value(plan, step, fields->header, &fields->value[step->field]);
}

__attribute__((noinline)) void flow_extract_places(
	const struct flow_plan *plan, struct flow_fields *fields)
{
	const struct flow_layout *layout = &plan->layouts[fields->shape];

	for (unsigned i = 0; i < layout->count; i++)
		place_step(plan, &layout->steps[i], fields);
}

static inline void extract_step(const struct flow_plan *plan, const struct flow_step *step,
	const struct flow_sample *s, bool sampled, struct flow_fields *fields)
{
	struct packet_value *v = &fields->value[step->field];

	if (!place_step(plan, step, fields) &&
		!extract(&plan->fields[step->field], s, sampled, fields, v))
		v->p = NULL;
}

__attribute__((noinline)) void flow_extract_steps(const struct flow_plan *plan,
	const struct base_addr *agent, const struct sflow_sample *sample,
	const struct sflow_flow *flow, struct flow_fields *fields)
{
	const struct flow_layout *layout = &plan->layouts[fields->shape];
	struct packet packet;
	uint8_t made[SAMPLED_BYTES];
	struct flow_sample s = {.agent = agent, .sample = sample, .flow = flow};
	bool sampled = false;

	if (layout->need_packet) {
		sampled = sampled_or_header(flow, made, &packet);
		s.packet = &packet;
	}
	for (unsigned i = 0; i < layout->count; i++)
		extract_step(plan, &layout->steps[i], &s, sampled, fields);
	if (sampled)
		sampled_keep(layout, made, fields);
}

static inline void copy_part(uint8_t *to, const struct packet_value *v)
{
	/* The usual widths as plain moves. */
	switch (v->len) {
	case 1:
		*to = *v->p;
		break;
	case 2:
		memcpy(to, v->p, 2);
		break;
	case 4:
		memcpy(to, v->p, 4);
		break;
	case 16:
		memcpy(to, v->p, 16);
		break;
	default:
		memcpy(to, v->p, v->len);
	}
}

int flow_key_join(const struct flow_definition *d, const struct flow_plan *plan,
	const struct flow_fields *fields, uint8_t *key)
{
	unsigned len = 0;

	for (unsigned i = 0; i < d->key_count; i++) {
		const struct packet_value *v = &fields->value[d->keys[i]];

		if (!v->p)
			return -1;
		if (!d->width && plan->fields[d->keys[i]].type.width == 0) {
			if (len == FLOW_KEY_BYTES)
				return -1;
			key[len++] = v->len;
		}
		if (len + v->len > FLOW_KEY_BYTES)
			return -1;
		copy_part(key + len, v);
		len += v->len;
	}
	return (int)len;
}
