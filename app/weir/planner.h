/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "capacity/capacity.h"
#include "conf/conf.h"
#include "metric/read.h"

/*
 * The thread of capacity planning: every few seconds it looks at the newest counter records of all
 * interfaces, and it writes hours and days to Redis.
 */
struct planner;

/** Whether the groups of a configuration make sense. Main. @return 0 or -EINVAL with `e` */
int planner_check(const struct conf *c, struct conf_error *e);

/**
 * Start it, with settings that were checked.
 * @param metrics  outlives it
 * @return NULL and errno; ends with planner_stop()
 */
struct planner *planner_start(const struct conf *c, const struct metric_store *metrics);

/** What it knows, for questions and counters. Any thread, until planner_free(). */
struct capacity *planner_capacity(const struct planner *p);

/**
 * End the thread; the running hours are written as they are, for `timeout_ms` about. Main, when the
 * aggregator has ended. NULL is fine, here and below.
 */
void planner_stop(struct planner *p, uint64_t timeout_ms);
void planner_free(struct planner *p);
