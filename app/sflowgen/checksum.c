/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/cursor.h"
#include "encode.h"

/* Sums 32 bits at a time: congruent modulo 2^16 - 1, and 2^32 words fit. */
uint64_t gen_checksum_add(uint64_t sum, const uint8_t *bytes, uint32_t len)
{
	for (; len >= 4; bytes += 4, len -= 4)
		sum += base_get_u32(bytes);
	if (len >= 2) {
		sum += base_get_u16(bytes);
		bytes += 2;
		len -= 2;
	}
	return len ? sum + ((uint64_t)*bytes << 8) : sum;
}

uint16_t gen_checksum(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xFFFF) + (sum >> 16);
	return (uint16_t)~sum;
}
