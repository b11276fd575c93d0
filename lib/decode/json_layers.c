/* SPDX-License-Identifier: BSD-3-Clause */
#include <assert.h>
#include <stdio.h>

#include "base/form.h"
#include "decode/json_pvt.h"
#include "packet/packet.h"

/* The protocol layers of a sampled header: the fields of lib/packet, which flow keys are made of. */

enum { TUNNELS = 4, NONE = -1, ROWS = 512, KEY = 31 };

/* A layer of one packet. */
struct place {
	uint8_t layer, instance;
	uint16_t at;
};

enum { PLACES = PACKET_LAYERS * PACKET_INSTANCES };

/* Rows of each layer: the first, and behind each row the next of the same layer; and of each row
 * `"name":`, ready to be copied. */
static struct {
	int16_t first[PACKET_LAYERS];
	int16_t next[ROWS];
	struct {
		char text[KEY];
		uint8_t len;
	} keys[ROWS];
} rows;

void json_layers_init(void)
{
	assert(packet_fields_count <= ROWS);
	for (unsigned i = 0; i < PACKET_LAYERS; i++)
		rows.first[i] = NONE;
	for (unsigned i = packet_fields_count; i-- > 0;) {
		rows.next[i] = rows.first[packet_fields[i].layer];
		rows.first[packet_fields[i].layer] = (int16_t)i;
		rows.keys[i].len =
			(uint8_t)snprintf(rows.keys[i].text, KEY, "\"%s\":", packet_fields[i].name);
		assert(rows.keys[i].len < KEY);
	}
}

static void quoted(struct out *o, const char *text, size_t len)
{
	out_char(o, '"');
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '"' || text[i] == '\\')
			out_char(o, '\\');
		out_char(o, text[i]);
	}
	out_char(o, '"');
}

static void formed(struct out *o, const struct packet_field *f, const struct packet_value *v)
{
	char text[1100];
	struct base_text t = base_text(text, sizeof(text));

	base_form_print(&t, f->form, f->bits, v->p, v->len);
	quoted(o, t.buf, t.len);
}

/* Bits, highest first. */
static void bits(struct out *o, const struct packet_field *f, const struct packet_value *v)
{
	uint64_t n = 0;
	char *p = o->p;

	for (unsigned i = 0; i < v->len; i++)
		n = n << 8 | v->p[i];
	*p++ = '"';
	for (unsigned i = f->bits; i-- > 0;)
		*p++ = (char)('0' + (n >> i & 1));
	*p++ = '"';
	o->p = p;
}

static bool is_plain(const uint8_t *p, unsigned len)
{
	unsigned odd = 0;

	for (unsigned i = 0; i < len; i++)
		odd |= (p[i] < 0x20) | (p[i] > 0x7E) | (p[i] == '"') | (p[i] == '\\');
	return !odd;
}

/* Text that nothing has to be done to, as it mostly is; else as everywhere. */
static void text(struct out *o, const struct packet_field *f, const struct packet_value *v)
{
	if (!is_plain(v->p, v->len)) {
		formed(o, f, v);
		return;
	}
	out_char(o, '"');
	out_bytes(o, v->p, v->len);
	out_char(o, '"');
}

static void number(struct out *o, const struct packet_value *v)
{
	uint64_t n = 0;

	if (v->len == 1)
		n = v->p[0];
	else if (v->len == 2)
		n = base_get_u16(v->p);
	else if (v->len == 4)
		n = base_get_u32(v->p);
	else
		for (unsigned i = 0; i < v->len; i++)
			n = n << 8 | v->p[i];
	out_u64(o, n);
}

static void value(struct out *o, const struct packet_field *f, const struct packet_value *v)
{
	switch (f->form) {
	case BASE_FORM_UINT:
		number(o, v);
		break;
	case BASE_FORM_BOOL:
		out_text(o, v->p[0] ? "true" : "false");
		break;
	case BASE_FORM_ADDR:
		json_address(o, v->p, v->len);
		break;
	case BASE_FORM_MAC:
		out_char(o, '"');
		out_hex(o, v->p, 6, true, 0);
		out_char(o, '"');
		break;
	case BASE_FORM_BITS:
		bits(o, f, v);
		break;
	case BASE_FORM_TEXT:
	case BASE_FORM_NAME:
		text(o, f, v);
		break;
	default:
		formed(o, f, v);
	}
}

/* As json_key(), of a row. */
static void row_key(struct decode *d, int i)
{
	char *p;

	out_room(&d->out);
	p = d->out.p;
	*p = ',';
	p += !d->first;
	d->first = false;
	memcpy(p, rows.keys[i].text, KEY);
	d->out.p = p + rows.keys[i].len;
}

static void layer(struct decode *d, const struct packet *p, const struct place *place)
{
	struct packet_value v;

	json_next(d);
	json_open(d, '{');
	json_name(d, "layer", packet_layer_name(place->layer));
	json_u32(d, "offset", place->at);
	json_key(d, "fields");
	json_open(d, '{');
	for (int i = rows.first[place->layer]; i != NONE; i = rows.next[i]) {
		const struct packet_field *f = &packet_fields[i];

		if (!packet_field_get(p, f, place->instance, &v))
			continue;
		row_key(d, i);
		value(&d->out, f, &v);
	}
	json_close(d, '}');
	json_close(d, '}');
}

/* Put the instances of a layer among those of others. @return how many places there are now */
static unsigned add_places(const struct packet *p, unsigned l, struct place *places, unsigned n)
{
	unsigned i;

	if (!p->count[l] || !packet_layer_name(l))
		return n;
	for (unsigned instance = 0; instance < p->count[l]; instance++, n++) {
		uint16_t at = p->at[l][instance];

		for (i = n; i > 0 && places[i - 1].at > at; i--)
			places[i] = places[i - 1];
		places[i] = (struct place){
			.layer = (uint8_t)l, .instance = (uint8_t)instance, .at = at};
	}
	return n;
}

/* All layers in the order in which they stand in the packet. Most are in none: eight at a time. */
static unsigned find_places(const struct packet *p, struct place *places)
{
	unsigned n = 0;
	uint64_t counts;

	for (unsigned first = 0; first < PACKET_LAYERS; first += sizeof(counts)) {
		memcpy(&counts, p->count + first, sizeof(counts));
		if (counts == 0)
			continue;
		for (unsigned l = first; l < first + sizeof(counts); l++)
			n = add_places(p, l, places, n);
	}
	return n;
}

void json_layers(struct decode *d, const struct sflow_header *h)
{
	struct place places[PLACES];
	struct packet p;
	unsigned n;

	packet_decode(&p, h->data, h->len, h->protocol, TUNNELS);
	n = find_places(&p, places);
	for (int i = rows.first[PACKET_ANY]; n && i != NONE; i = rows.next[i]) {
		struct packet_value v;

		if (!packet_field_get(&p, &packet_fields[i], 0, &v))
			continue;
		row_key(d, i);
		value(&d->out, &packet_fields[i], &v);
	}
	json_key(d, "layers");
	json_open(d, '[');
	for (unsigned i = 0; i < n; i++)
		layer(d, &p, &places[i]);
	json_close(d, ']');
	if (p.omitted)
		json_u32(d, "layers_omitted", p.omitted);
}
