/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdint.h>

#include "decode/decode.h"

/* Where datagrams come from: a capture file, an interface, or a UDP port. What goes wrong is said
 * on stderr, in one sentence. */
struct capture {
	const char *name; /* of the file or interface, for messages */
	pcap_t *pcap;     /* NULL: a socket */
	int link;
	uint16_t port;     /* of an interface; 0: any */
	int fd;            /* of the socket or stream; or -1 */
	bool goes_on;      /* no file that ends: more may come at any time */
	uint8_t *buffer;   /* of the socket */
	uint64_t left_out; /* frames that are no UDP */
	uint64_t fragments;
	uint64_t cut; /* frames of which a part was captured */
	const volatile bool *stop;
};

/** Each @return 0, -EINVAL: no such thing, or it is no capture; -EIO: it cannot be opened now. */
int capture_open_file(struct capture *c, const char *path);
/** As capture_open_file(), whose `stop` is set by a signal. Also @return -EINTR. `c` stays in place. */
int capture_open_until(struct capture *c, const char *path, const volatile bool *stop);
int capture_open_iface(struct capture *c, const char *iface, uint16_t port);
int capture_open_socket(struct capture *c, uint16_t port);
void capture_close(struct capture *c);

/** What the kernel dropped, since there was no room, of what was to be captured. */
uint64_t capture_lost(const struct capture *c);

/**
 * Wait for the next datagram.
 * @param stop  set by a signal, which also interrupts the wait
 * @return 1 with `g`, valid until the next call; 0 at the end; -EIO after a word on stderr
 */
int capture_next(struct capture *c, struct decode_datagram *g, const volatile bool *stop);
