/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdint.h>

#include "traffic.h"

/* The UDP payloads of a benchmark's traffic in memory, each in a piece of its own. */
struct datagram {
	uint8_t *bytes;
	uint32_t len;
};

struct datagrams {
	struct datagram *list;
	uint32_t count;
};

/** Make them. @return 0, or negative with a sentence on stderr; datagrams_free() either way */
int datagrams_make(struct datagrams *d, const struct traffic *t);
void datagrams_free(struct datagrams *d);
