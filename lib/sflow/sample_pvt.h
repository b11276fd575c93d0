/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "sflow/sflow.h"

/**
 * Read the body of a sample and check it down to the ends of its records.
 * @param body  `len` bytes as declared, `span` with padding; both exist
 * @param stats bumps the sample's kind, or the reason why it cannot be used: exactly one of them
 * @return true with `s`
 */
bool sflow_sample_read(struct sflow_sample *s, uint32_t tag, const uint8_t *body, uint32_t len,
	size_t span, uint64_t *stats);
