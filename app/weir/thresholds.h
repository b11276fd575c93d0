/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <jansson.h>
#include <pthread.h>

#include "api/resource.h"
#include "conf/conf.h"
#include "store.h"
#include "window/threshold.h"

/*
 * Thresholds as users write them: in the configuration, and as JSON at run time. What is put at run
 * time is kept in the store, and goes before the configuration.
 */
struct threshold_keeper {
	struct thresholds *set;
	struct store *store;
	/*
	 * Held while a change is made and handed to the store, so that what is stored does not come in
	 * between and overtake it; and from thresholds_fit() to the end of thresholds_configure().
	 */
	pthread_mutex_t order;
};

/** Whether each is right, so far as that can be told now. Main. @return 0, or -EINVAL with `e` */
int thresholds_check(const struct conf *c, struct conf_error *e);

/**
 * Put those of a configuration, which was checked, into the set, then those of the store: what is
 * wrong with these is logged. Main, before store_start(). @return 0 or -ENOMEM
 */
int thresholds_load(struct threshold_keeper *k, const struct conf *c);

/**
 * Whether thresholds_configure() with the same will find room for all. Any thread, with `order`.
 * @return 0, or -ENOSPC with `e`
 */
int thresholds_fit(struct threshold_keeper *k, const struct conf *now, const struct conf *next,
	struct conf_error *e);

/**
 * Those of another configuration, which was checked, in place of `now`'s; what was put at run time stays,
 * and goes before it. What is the same goes on, with its events. Any thread, with `order`; after
 * thresholds_fit(). @return 0 or -ENOMEM
 */
int thresholds_configure(
	struct threshold_keeper *k, const struct conf *now, const struct conf *next);

/** The second part of thresholds_load(). */
void thresholds_load_stored(struct threshold_keeper *k);

/** The metric that is named most like a wrong text, or NULL. */
const char *thresholds_near(const char *metric);

/** A threshold as JSON; a new object. */
json_t *thresholds_json(const struct threshold *t, enum threshold_kind on);

/**
 * Put one into the set from JSON, which is hostile: every attribute is checked, numbers and booleans
 * may come as texts. Any thread.
 * @return 0; -EINVAL or -ENOSPC with `e`; -ENOMEM
 */
int thresholds_put_json(
	struct thresholds *set, const char *name, const json_t *body, struct api_error *e);

/** The resource "threshold"; `k` outlives it. */
struct api_resource thresholds_resource(struct threshold_keeper *k);
