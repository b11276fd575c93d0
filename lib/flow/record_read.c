/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow/record.h"
#include "flow/value_pvt.h"

/* Reading the fields of records: RX core. */

enum { NUMBER_ROOM = 12 /* text of a u32, a joint, a NUL */ };

static bool read_spot(const struct flow_place *p, struct flow_spot spot,
	const struct sflow_record *r, struct sflow_value *v)
{
	const struct sflow_field *wanted = &p->form->fields[spot.field], *f;
	struct sflow_reader reader;
	struct base_cursor c;

	if (spot.offset >= 0) {
		if ((uint32_t)spot.offset >= r->len)
			return false;
		c = base_cursor(r->body + spot.offset, r->len - (uint32_t)spot.offset);
		return sflow_field_read(&c, wanted, v);
	}
	sflow_reader_init(&reader, p->form, r->body, r->len);
	while ((f = sflow_reader_next(&reader, v))) {
		if (f == wanted)
			return true;
	}
	return false;
}

static bool give_number(const struct sflow_value *from, unsigned width, struct packet_value *v)
{
	return width == 8 ? flow_give_u64(v, from->u) : flow_give_u32(v, (uint32_t)from->u);
}

static bool is_zero(const struct sflow_value *v)
{
	static const uint8_t none[16];

	return memcmp(v->bytes, none, v->len) == 0;
}

static bool give_plain(const struct flow_place *p, const struct sflow_value *from, unsigned width,
	struct packet_value *v)
{
	switch (from->type) {
	case SFLOW_ADDR: /* sFlow v5, address: type 0 and 0.0.0.0 are unknown */
		if (is_zero(from))
			return false;
		break;
	case SFLOW_U32:
	case SFLOW_I32:
		if ((uint32_t)from->u == UINT32_MAX && p->row->reading != FLOW_READ_EXACT)
			return false;
		return give_number(from, width, v);
	case SFLOW_U64:
		return from->u != UINT64_MAX && give_number(from, width, v);
	default:
		break;
	}
	return from->len > 0 && flow_give_text(v, from->bytes, from->len);
}

static bool give_word(
	const struct flow_place *p, const struct sflow_value *from, struct packet_value *v)
{
	const char *word = sflow_word(p->form->fields[p->first.field].words, (uint32_t)from->u);
	struct base_text t = flow_text_start(v);

	if (word)
		return flow_give_text(v, word, strlen(word));
	base_text_uint(&t, from->u);
	return flow_text_end(v, &t);
}

static bool text_number(struct base_text *t, uint32_t number)
{
	if (t->size - t->len < NUMBER_ROOM)
		return false;
	if (t->len > 0)
		base_text_char(t, '-');
	base_text_uint(t, number);
	return true;
}

/* The words of a list; its elements were checked when it was read. Whole numbers, or none. */
static bool give_list(enum flow_reading how, const struct sflow_value *from, struct packet_value *v)
{
	struct base_cursor c = base_cursor(from->bytes, from->len);
	struct base_text t = flow_text_start(v);

	for (uint64_t i = 0; i < from->u; i++) {
		uint32_t word = base_cursor_u32(&c);

		if (how == FLOW_READ_LABELS) /* RFC 3032, 2.1 */
			word >>= 12;
		else if (how == FLOW_READ_VLANS) /* TPID, TCI */
			word &= 0xFFF;
		if (!text_number(&t, word))
			break;
	}
	return from->u > 0 && flow_text_end(v, &t);
}

/* sFlow v5, extended_gateway: segments of an AS path, each a type and a list of numbers. */
static bool give_path(enum flow_reading how, const struct sflow_value *from, struct packet_value *v)
{
	struct base_cursor c = base_cursor(from->bytes, from->len);
	struct base_text t = flow_text_start(v);
	uint32_t first = 0, last = 0, count = 0;

	while (base_cursor_left(&c) >= 8) {
		uint32_t numbers;

		base_cursor_u32(&c);
		numbers = base_cursor_u32(&c);
		for (uint32_t i = 0; i < numbers && !c.bad; i++) {
			last = base_cursor_u32(&c);
			first = count++ == 0 ? last : first;
			if (how == FLOW_READ_PATH && !text_number(&t, last))
				return flow_text_end(v, &t);
		}
	}
	if (count == 0)
		return false;
	if (how == FLOW_READ_PATH)
		return flow_text_end(v, &t);
	return flow_give_u32(v, how == FLOW_READ_PATH_FIRST ? first : last);
}

static bool give_two(enum flow_reading how, uint32_t first, uint32_t second, struct packet_value *v)
{
	if (how == FLOW_READ_ABOVE)
		return first >= second && first != UINT32_MAX && flow_give_u32(v, first - second);
	if ((first == 0 && second == 0) || second == UINT32_MAX)
		return false;
	return flow_give_u64(v, (uint64_t)first << 32 | second);
}

/* Of a normal distribution, the standard deviation is 1.25 times the mean one. */
static bool give_deviation(uint64_t mean, struct packet_value *v)
{
	uint64_t standard = mean + mean / 4;

	if (mean >= UINT32_MAX)
		return false;
	return flow_give_u32(v, (uint32_t)(standard < UINT32_MAX ? standard : UINT32_MAX));
}

static bool read_place(const struct flow_place *p, const struct sflow_record *r, unsigned width,
	struct packet_value *v)
{
	struct sflow_value first, second;

	if (p->structure->other && sflow_structure_form(p->structure, r->body, r->len) != p->form)
		return false;
	if (!read_spot(p, p->first, r, &first))
		return false;
	switch (p->row->reading) {
	case FLOW_READ_PLAIN:
	case FLOW_READ_EXACT:
		return give_plain(p, &first, width, v);
	case FLOW_READ_WORD:
		return give_word(p, &first, v);
	case FLOW_READ_LIST:
	case FLOW_READ_LABELS:
	case FLOW_READ_VLANS:
		return give_list(p->row->reading, &first, v);
	case FLOW_READ_PATH:
	case FLOW_READ_PATH_FIRST:
	case FLOW_READ_PATH_LAST:
		return give_path(p->row->reading, &first, v);
	case FLOW_READ_DEVIATION:
		return give_deviation(first.u, v);
	default:
		return read_spot(p, p->second, r, &second) &&
		       give_two(p->row->reading, (uint32_t)first.u, (uint32_t)second.u, v);
	}
}

bool flow_record_get(
	const struct flow_key *key, const struct sflow_flow *flow, struct packet_value *v)
{
	for (unsigned i = 0; i < key->place_count; i++) {
		const struct flow_place *p = &key->places[i];
		const struct sflow_record *r = sflow_flow_record(flow, p->record);

		if (r && read_place(p, r, key->type.width, v))
			return true;
	}
	return false;
}
