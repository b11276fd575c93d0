/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "options.h"

/** Make the traffic, and write the report; until its end or a signal. @return the exit code */
int gen_run(const struct gen_options *o);
