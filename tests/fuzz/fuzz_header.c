/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CONTROL = 2 };

/* The first byte: header_protocol (0 to 31); the second: tunnels (0 to 15); then the header. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct packet p;

	if (size < CONTROL)
		return 0;
	packet_decode(&p, data + CONTROL, (uint32_t)(size - CONTROL), data[0] & 31, data[1] & 15);
	check_layers(&p);
	check_fields(&p);
	return 0;
}
