/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdint.h>

#include "rx.h"

/* How far down the RX path a stage goes; each does all that the one before it does. */
enum stage {
	STAGE_RECEIVE, /* take packets from the port and free them */
	STAGE_DECODE,  /* and find the payload, walk samples and records */
	STAGE_KEY,     /* and decode the sampled header, build the key, hash it */
	STAGE_TABLE,   /* and account agents and sources, write the table: all of it */
	STAGES,
};

struct stage_run {
	struct rx *rx;
	enum stage stage;
	double seconds; /* to run */
	/* out */
	uint64_t packets, samples;
	double elapsed; /* seconds */
	uint64_t sink;  /* keeps the compiler from leaving work out */
};

/** Run one stage on an RX lcore; `arg` is a struct stage_run. @return 0 */
int stage_run(void *arg);
