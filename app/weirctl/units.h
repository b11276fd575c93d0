/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdint.h>

enum { UNITS_TEXT = 40 }; /* room for each text below */

/** Three digits and a decimal prefix: "1.23 Gbps", "999 bps". @return `text` */
char *units_scaled(char *text, double value, const char *unit);

/** Per second, of what a flow counts: bytes as bits ("bps"), frames ("fps"), else "NAME/s". */
char *units_rate(char *text, double value, const char *name);

/** What is no rate, by its unit: "1.23 KB", "12.3 ms" of microseconds, else the number itself. */
char *units_value(char *text, double value, const char *name);

/** Time in at most two units: "250 ms", "12 s", "3 min 5 s", "2 h 1 min", "4 d 3 h". */
char *units_time(char *text, uint64_t ms);
