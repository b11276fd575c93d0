/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "frame.h"
#include "stream.h"

/* Where datagrams go. One thread. */
struct gen_sink {
	/* Take a datagram; it is copied, and may wait for flush. @return 0 or -errno */
	int (*send)(struct gen_sink *s, const struct gen_datagram *dg);
	/* Put on the wire what waits. @return 0 or -errno */
	int (*flush)(struct gen_sink *s);
	/* Flush and free. @return 0 or -errno */
	int (*close)(struct gen_sink *s);
	uint64_t frames, bytes; /* given to the wire or the file; of UDP: datagrams and payload */
};

/**
 * A capture file, "-" for standard output. The first second is `start_s` after 1970.
 * @return the sink; NULL with a sentence in `error`
 */
struct gen_sink *gen_pcap_open(const char *file, const struct gen_frame_settings *frame,
	uint64_t start_s, struct base_text *error);

/** A kernel interface, through a raw socket. A source MAC of zeros becomes the interface's. */
struct gen_sink *gen_packet_open(
	const char *interface, const struct gen_frame_settings *frame, struct base_text *error);

/** Whether `target` has the form of "HOST:PORT" or "[IPV6]:PORT"; no name is looked up. */
bool gen_udp_target(const char *target);

/** A UDP socket; all agents send from one address. @param target "HOST:PORT", "[IPV6]:PORT" */
struct gen_sink *gen_udp_open(const char *target, struct base_text *error);
