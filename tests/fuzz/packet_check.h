/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdlib.h>

#include "packet/packet.h"

/* What must hold of any packet that was decoded, for the fuzz targets of lib/packet. */

static inline void check(bool held)
{
	if (!held)
		abort();
}

static inline void check_layers(const struct packet *p)
{
	check(p->depth <= PACKET_STACK);
	for (unsigned i = 0; i < p->depth; i++)
		check(packet_layer_name((enum packet_layer)p->stack[i]));
	for (unsigned layer = 0; layer < PACKET_ANY; layer++) {
		check(p->count[layer] <= PACKET_INSTANCES);
		for (unsigned i = 0; i < p->count[layer]; i++)
			check(p->at[layer][i] < p->len);
	}
}

/* A value lies within the packet, within its own room, or is a constant. */
static inline void check_value(
	const struct packet *p, const struct packet_field *f, const struct packet_value *v)
{
	char buf[4 * PACKET_VALUE_MAX + 1];
	struct base_text t = base_text(buf, sizeof(buf));

	check(v->len > 0 && (f->width == 0 || f->width == v->len));
	if (v->p >= p->data && v->p < p->data + p->len)
		check(v->p + v->len <= p->data + p->len);
	if (v->p >= v->own && v->p < v->own + PACKET_VALUE_MAX)
		check(v->p + v->len <= v->own + PACKET_VALUE_MAX);
	base_form_print(&t, f->form, f->bits, v->p, v->len);
	check(!t.cut && t.len > 0);
	for (size_t i = 0; i < t.len; i++)
		check(buf[i] >= ' ' && buf[i] <= '~');
}

static inline void check_fields(const struct packet *p)
{
	for (unsigned i = 0; i < packet_fields_count; i++) {
		for (unsigned n = 0; n <= PACKET_INSTANCES; n++) {
			struct packet_value v;

			if (packet_field_get(p, &packet_fields[i], n, &v))
				check_value(p, &packet_fields[i], &v);
		}
	}
}
