/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "options.h"

/* Commands of weirctl. @return the exit code: 0, 1 failure, 2 usage */
int command_agents(const struct options *o);
int command_top(const struct options *o);
int command_stats(const struct options *o);
int command_decode(const struct options *o);
int command_capacity(const struct options *o);
int command_events(const struct options *o); /* events, records */
int command_metric(const struct options *o);
int command_reload(const struct options *o);
int command_resource(const struct options *o); /* flow, threshold, group, map */
