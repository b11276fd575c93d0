/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <jansson.h>
#include <stdint.h>

#include "field.h"
#include "impair.h"
#include "stream.h"

/*
 * What a correct collector must report of all that was put on the wire. Duplicates are in all
 * sums, and counted by themselves as well.
 */
struct gen_truth;

/** @return NULL where there is no memory. The model must outlive it. */
struct gen_truth *gen_truth_create(const struct gen_model *m);

void gen_truth_destroy(struct gen_truth *t);

/** Count a datagram of the model. */
void gen_truth_count(struct gen_truth *t, const struct gen_datagram *dg, enum gen_arrival arrival);

/** Count a hostile datagram, kind as in gen_hostile_kinds. */
void gen_truth_count_hostile(struct gen_truth *t, unsigned kind);

/** Datagrams and flow samples put on the wire so far, hostile ones and duplicates too. */
uint64_t gen_truth_datagrams(const struct gen_truth *t);
uint64_t gen_truth_flow_samples(const struct gen_truth *t);

/* What the report needs to know beside the counts. */
struct gen_truth_report {
	const struct gen_definition *definitions;
	unsigned definition_count;
	uint64_t top;                  /* keys shown of each */
	double duration_s;             /* that rates are made of */
	uint64_t frames, bytes;        /* put on the wire */
	double late_s;                 /* the most that sending was behind its time */
	uint64_t start_ms;             /* of model time, since 1970 */
	const struct gen_fleet *fleet; /* NULL: no services */
};

/** @return the report, a new reference; NULL where there is no memory. */
json_t *gen_truth_json(const struct gen_truth *t, const struct gen_truth_report *report);
