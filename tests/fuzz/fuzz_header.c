/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet/shape.h"
#include "packet_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CONTROL = 2 };

/* Where a field is in headers of that shape, against what a walk over this one says. */
static void check_place(const struct packet *p, unsigned shape, const struct packet_field *f)
{
	struct packet_place place = packet_shape_place(shape, f, 0);
	struct packet_value v, got = {.len = f->width};
	bool there = packet_field_get(p, f, 0, &v);

	if (place.kind == PACKET_PLACE_READ)
		return;
	check(there == (place.kind == PACKET_PLACE_AT));
	if (!there)
		return;
	check((uint32_t)place.at + f->width <= p->len);
	got.p = p->data + place.at;
	if (f->mask)
		packet_field_bits(f, p->data + place.at, &got);
	check(v.len == got.len && memcmp(v.p, got.p, v.len) == 0);
}

static void check_shape(const struct packet *p, uint32_t protocol)
{
	unsigned shape = packet_shape(p->data, p->len, protocol);

	check(shape < PACKET_SHAPES && p->len >= packet_shape_length(shape));
	for (unsigned i = 0; shape != PACKET_SHAPE_NONE && i < packet_fields_count; i++)
		check_place(p, shape, &packet_fields[i]);
}

/* The first byte: header_protocol (0 to 31); the second: tunnels (0 to 15); then the header. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct packet p;

	if (size < CONTROL)
		return 0;
	packet_decode(&p, data + CONTROL, (uint32_t)(size - CONTROL), data[0] & 31, data[1] & 15);
	check_layers(&p);
	check_fields(&p);
	check_shape(&p, data[0] & 31);
	return 0;
}
