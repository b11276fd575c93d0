/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "sflow/sflow.h"

/* Record 0:1, for who reads one in every sample. */

enum { SFLOW_HEADER_FIXED = 16, SFLOW_HEADER_FCS = 4 };

/** Find the IP packet of a header whose words are read. */
void sflow_header_find_ip(struct sflow_header *h);

/** Ethernet without a tag, and IPv4 in it. */
static inline bool sflow_header_is_usual(const struct sflow_header *h)
{
	enum { ETHERNET = 1, TYPE = 12, IP = 14, IP_LEAST = IP + 6 };

	return h->protocol == ETHERNET && h->len >= IP_LEAST &&
	       base_get_u16(h->data + TYPE) == 0x0800 && h->data[IP] >> 4 == 4;
}

/** sflow_header_read() of a body that has its fixed part. */
static inline __attribute__((always_inline)) void sflow_header_take(
	struct sflow_header *h, const uint8_t *body, uint32_t len)
{
	enum { IP = 14, IP_LENGTH = 2 };

	h->protocol = base_get_u32(body);
	h->frame_length = base_get_u32(body + 4);
	h->stripped = base_get_u32(body + 8);
	/* The length within may claim more than the record has: what is there counts. */
	h->declared = base_get_u32(body + 12);
	len -= SFLOW_HEADER_FIXED;
	h->len = h->declared < len ? h->declared : len;
	h->data = body + SFLOW_HEADER_FIXED;
	if (__builtin_expect(sflow_header_is_usual(h), 1)) {
		h->ip_offset = IP;
		h->ip_length = base_get_u16(h->data + IP + IP_LENGTH);
	} else {
		sflow_header_find_ip(h);
	}
}
