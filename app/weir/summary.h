/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdio.h>

#include "daemon.h"

/** The summary of a run as one JSON object, after daemon_stop(). @return 0 or -errno of the stream */
int summary_print(const struct daemon *d, FILE *out);
