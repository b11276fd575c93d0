/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdint.h>

/*
 * A value of 0 or more in 16 bits: thousandths, exact below 1.024, and with ten significant bits
 * above, so within 0.1 % of the value. Codes are ordered as the values are, and near values have
 * near codes. Pure.
 */

/** Negative and what is no number count as 0; what is too large as the largest. */
uint16_t capacity_code(double value);

double capacity_value(uint16_t code);
