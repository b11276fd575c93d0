/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "conf/conf.h"
#include "window/threshold.h"

/* Thresholds as users write them: the configuration. Main thread. */

/** Whether each is on a flow of the configuration. @return 0, or -EINVAL with `e` */
int thresholds_check(const struct conf *c, struct conf_error *e);

/** Put all of a configuration, which was checked, into the set. @return 0 or -ENOMEM */
int thresholds_from(struct thresholds *set, const struct conf *c);
