/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdint.h>

#include "base/addr.h"
#include "stream.h"

/* What stands around a datagram on the wire: Ethernet, IPv4 or IPv6, UDP. */
struct gen_frame_settings {
	uint8_t dst_mac[6], src_mac[6];
	struct base_addr dst_ip;
	struct base_addr src_ip; /* same family; agent number i sends from i further on */
	uint16_t port;           /* UDP, destination, host order */
	uint16_t mtu;            /* bytes of IP; longer ones are cut into fragments; 0: never */
};

enum { GEN_FRAME_MAX = 65535 + 40 + 14 }; /* bytes of the longest frame */

/** How many frames a datagram needs: 1, or its fragments. */
uint32_t gen_frame_count(const struct gen_frame_settings *s, uint32_t payload_len);

/**
 * Write frame `i` of gen_frame_count(), with right checksums, without FCS.
 * @param out  room for GEN_FRAME_MAX bytes, or for 60 and MTU + 14 where fragments are made
 * @return bytes written
 */
uint32_t gen_frame_write(const struct gen_frame_settings *s, const struct gen_datagram *dg,
	uint32_t i, uint8_t *out);

/** The address from which agent number `agent` sends. */
struct base_addr gen_frame_source(const struct gen_frame_settings *s, uint32_t agent);
