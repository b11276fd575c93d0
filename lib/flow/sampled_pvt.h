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

/** Copy the values that point into `made` (about to go out of scope) into their own room. */
void sampled_keep(const struct flow_plan *plan, const uint8_t made[SAMPLED_BYTES],
	struct flow_fields *fields);
