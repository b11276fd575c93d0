/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdint.h>

/* Traffic for a benchmark: flow samples of one 5-tuple kind (IPv4, TCP). */
struct traffic {
	const char *name;
	uint32_t datagrams;  /* in the capture */
	uint32_t flows;      /* to draw from */
	double zipf;         /* 0: uniform */
	uint32_t samples;    /* in a datagram */
	uint32_t header;     /* bytes sampled of each packet; 0: as the model does by default */
	uint32_t agents;     /* 0: 256 */
	uint32_t interfaces; /* of an agent; 0: as the model does by default */
};

/** Write the capture. @return 0 or -errno, with a sentence on stderr */
int traffic_write(const struct traffic *t, const char *file);
