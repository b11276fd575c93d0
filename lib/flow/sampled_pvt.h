/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "flow/extract.h"

/*
 * Records 0:2, 0:3 and 0:4 (sampled Ethernet, IPv4, IPv6 header as fields) where a sample has no
 * 0:1: the header that they stand for is put together, so that the same rows read it. Only fields
 * marked `sampled` may be read from it: the rest of it is made up.
 */
enum { SAMPLED_BYTES = 14 + 40 + 20 };

/** Build the header in `made` and find its layers; no layers where there is no such record. */
void sampled_packet(
	const struct sflow_flow *flow, uint8_t made[SAMPLED_BYTES], struct packet *packet);

/*
 * Encapsulations to look into. All there can be: what a definition means must not depend on what
 * others ask for, and only packets that are in a tunnel pay for it.
 */
enum { FLOW_TUNNELS = PACKET_INSTANCES - 1 };

/** The layers of a sample's header. @return whether it was put together from 0:2 to 0:4 */
static inline bool sampled_or_header(
	const struct sflow_flow *flow, uint8_t made[SAMPLED_BYTES], struct packet *packet)
{
	if (!(flow->has & SFLOW_HAS_HEADER)) {
		sampled_packet(flow, made, packet);
		return true;
	}
	packet_decode(
		packet, flow->header.data, flow->header.len, flow->header.protocol, FLOW_TUNNELS);
	return false;
}

/** Copy the values that point into `made` (about to go out of scope) into their own room. */
void sampled_keep(const struct flow_layout *layout, const uint8_t made[SAMPLED_BYTES],
	struct flow_fields *fields);
