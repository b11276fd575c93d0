/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "field.h"
#include "frame.h"
#include "impair.h"
#include "settings.h"

enum { GEN_DEFINITIONS = 32 };

/* The command line. Strings are those of argv. */
struct gen_options {
	struct gen_settings model;
	double datagram_rate;          /* 0: as model.rate says */
	uint64_t datagrams;            /* to make; 0: no limit */
	double seconds;                /* to run; 0: no limit */
	uint64_t start;                /* first second of a capture, since 1970 */
	const char *out, *iface, *udp; /* one of them */
	struct gen_frame_settings frame;
	uint64_t port, fragment; /* of frame, as numbers of the command line */
	double hostile;
	double hostile_from, hostile_for; /* seconds; 0: to the end */
	uint32_t hostile_kinds;           /* bit by bit, as in gen_hostile_kinds */
	struct gen_impair_shares shares;
	const char *truth;
	uint64_t top;
	struct gen_definition definitions[GEN_DEFINITIONS];
	unsigned definition_count;
	bool quiet;
	bool help, version; /* asked for instead of a run */
};

/**
 * Read the command line over the defaults.
 * @return 0, or -EINVAL with a sentence on standard error
 */
int gen_options_parse(struct gen_options *o, int argc, char **argv);

/** Write the help, from the same rows that are parsed. */
void gen_options_help(void);
