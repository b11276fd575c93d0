/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "decode/decode.h"

/** Whether frames of this link type (libpcap, DLT_*) can be read. */
bool frame_link_known(int link);

/* What a frame holds. */
struct frame_content {
	bool datagram; /* UDP; of a later fragment there is none */
	bool fragment; /* a part of an IP packet */
	uint16_t destination_port;
};

/**
 * Find the UDP payload of a captured frame, behind VLAN tags, tunnels excepted.
 * @param captured  bytes of the frame; where it was cut, so is the payload
 * @param g         where there is one, gets payload, length and source; points into the frame
 */
struct frame_content frame_datagram(
	int link, const uint8_t *frame, uint32_t captured, struct decode_datagram *g);
