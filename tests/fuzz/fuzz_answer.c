/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>

#include "ingress/answer.h"

/*
 * A frame to a host with an IPv4 and an IPv6 address; the first byte chooses VLAN and what of the frame
 * is set right, so that more than checksums is met: bit 0 VLAN 7, bit 1 its station. What must hold:
 * nothing is read beyond the frame (a copy on the heap, for AddressSanitizer), answers fit, go to one
 * station or to all nodes, come from the host, and are no questions that it would answer itself.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
	if (!good)
		abort();
}

static bool sends(enum answer answer)
{
	return answer >= ANSWER_ARP && answer <= ANSWER_CLAIM;
}

static void check_reply(const struct answer_host *h, const uint8_t *frame, size_t size,
	const struct answer_reply *r)
{
	static const uint8_t all_nodes[6] = {0x33, 0x33, 0, 0, 0, 1};
	struct answer_reply again;

	check(r->len >= 60 && r->len <= ANSWER_ROOM && r->len <= size + 60);
	check(r->address < h->count);
	check(memcmp(r->frame + 6, h->mac, 6) == 0);
	check(!(r->frame[0] & 1) || memcmp(r->frame, all_nodes, 6) == 0);
	check(answer_class(h, frame, (uint32_t)size) != ANSWER_CLASS_NONE ||
		memcmp(frame, h->mac, 6) != 0);
	check(!sends(answer_frame(h, r->frame, r->len, &again)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct answer_host h = {.mac = {2, 0, 0, 0, 0, 1}, .count = 2};
	struct answer_reply r;
	uint8_t *frame;

	if (size < 1)
		return 0;
	base_addr_parse("192.0.2.1", &h.address[0]);
	base_addr_parse("2001:db8::1:203", &h.address[1]);
	h.vlan = data[0] & 1 ? 7 : 0;
	frame = malloc(size);
	check(frame != NULL);
	memcpy(frame, data + 1, size - 1);
	size--;
	if ((data[0] & 2) && size >= 6)
		memcpy(frame, h.mac, 6);
	frame = realloc(frame, size ? size : 1);
	if (sends(answer_frame(&h, frame, (uint32_t)size, &r)))
		check_reply(&h, frame, size, &r);
	(void)answer_class(&h, frame, (uint32_t)size);
	free(frame);
	return 0;
}
