/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stddef.h>

enum { PUBLISH_NUMBER = 320 }; /* room for the longest finite double in decimal, and its NUL */

/**
 * Decimal text without exponent, rounded to at most `decimals` (up to 6) and without zeros at the
 * end; "0" where the value is not finite, since a consumer could read nothing else.
 * @return bytes written, without the NUL
 */
size_t publish_number(char text[PUBLISH_NUMBER], double value, unsigned decimals);
