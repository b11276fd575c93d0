/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "model.h"

/*
 * Services on the hosts of a model. Each has some containers; how many changes all at once, at
 * every jump. A container is a data source of its host: its first counter sample is sent at its
 * start, one more at each polling interval, and the last one at its end.
 *
 * One thread. What happens depends on the seed and the settings alone.
 */

enum { GEN_CONTAINER_ID = 25 /* letters that make the name of a container its own */ };

/* What a container has used since its start. */
struct gen_usage {
	uint64_t cpu_ms;
	uint64_t bytes_in, bytes_out;
	uint64_t requests; /* of a web service */
};

struct gen_container {
	uint32_t service;           /* in the settings */
	uint32_t slot;              /* from 1; its next holder, too, has this number in its name */
	uint32_t number;            /* of all containers that ever started, from 0 */
	uint32_t host;              /* agent */
	uint32_t index;             /* of the data source; used again by a later container */
	uint32_t sequence;          /* of its last counter sample */
	uint64_t start_ns, stop_ns; /* model time; stop_ns UINT64_MAX while it runs */
};

struct gen_fleet;

/** @return NULL where there is no memory, or where the settings have no services. */
struct gen_fleet *gen_fleet_create(const struct gen_model *m);

void gen_fleet_destroy(struct gen_fleet *f);

/** Model time at which a container has something to tell next, UINT64_MAX for never. */
uint64_t gen_fleet_due(const struct gen_fleet *f);

/**
 * Let happen what is due at gen_fleet_due(): a container starts, is polled, or stops.
 * @return the container, which has to send a counter sample; valid until the next call
 */
const struct gen_container *gen_fleet_next(struct gen_fleet *f);

/** What a container has used at model time `now_ns`, or at its end where that was before. */
struct gen_usage gen_container_usage(
	const struct gen_model *m, const struct gen_container *c, uint64_t now_ns);

/** What it uses in a second: the same all its life. */
struct gen_usage gen_container_rates(const struct gen_model *m, const struct gen_container *c);

/** SERVICE.SLOT.ID, as Docker names the tasks of a service. @return its length, below 64 */
uint32_t gen_container_name(const struct gen_model *m, const struct gen_container *c, char out[64]);

/** Containers that have been started so far. */
uint32_t gen_fleet_started(const struct gen_fleet *f);

/** The container `number`, below gen_fleet_started(). */
const struct gen_container *gen_fleet_container(const struct gen_fleet *f, uint32_t number);

/**
 * Write the counter sample of a container: 0:2000 to 0:2002, 0:2101 to 0:2104, and 0:2201 and
 * 0:2206 of a web service.
 * @param now_ns  model time
 * @param out     room for GEN_SAMPLE_MAX bytes
 * @return bytes written
 */
uint32_t gen_encode_container(
	const struct gen_model *m, const struct gen_container *c, uint64_t now_ns, uint8_t *out);
