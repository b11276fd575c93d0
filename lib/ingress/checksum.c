/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/cursor.h"
#include "ingress/ingress_pvt.h"

uint32_t ingress_sum(const uint8_t *p, uint32_t len, uint32_t sum)
{
	uint64_t s = sum;

	for (; len >= 4; p += 4, len -= 4)
		s += base_get_u32(p);
	if (len >= 2) {
		s += base_get_u16(p);
		p += 2;
		len -= 2;
	}
	if (len)
		s += (uint32_t)*p << 8;
	s = (s & 0xFFFFFFFFu) + (s >> 32);
	s = (s & 0xFFFFFFFFu) + (s >> 32);
	/* 2^16 is 1 in one's complement: both halves count alike. */
	return (uint32_t)((s & 0xFFFF) + (s >> 16));
}

uint16_t ingress_fold(uint32_t sum)
{
	sum = (sum & 0xFFFF) + (sum >> 16);
	sum = (sum & 0xFFFF) + (sum >> 16);
	return (uint16_t)sum;
}
