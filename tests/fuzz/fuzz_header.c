/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>

#include "packet/packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void print_all(const struct packet *p, const struct packet_field *f)
{
	char buf[1024];

	for (unsigned i = 0; i <= PACKET_INSTANCES; i++) {
		struct base_text t = base_text(buf, sizeof(buf));
		struct packet_value v;

		if (!packet_field_get(p, f, i, &v))
			continue;
		if (v.len == 0 || (f->width != 0 && f->width != v.len))
			abort();
		base_form_print(&t, f->form, f->bits, v.p, v.len);
		if (t.cut)
			abort();
	}
}

/* The first byte: header_protocol in the low half, tunnels in the high half; then the header. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct packet p;

	if (size == 0)
		return 0;
	packet_decode(&p, data + 1, (uint32_t)(size - 1), data[0] & 15, data[0] >> 4);
	for (unsigned i = 0; i < packet_fields_count; i++)
		print_all(&p, &packet_fields[i]);
	return 0;
}
