/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

enum { WINDOW_NUMBER = 320 }; /* bytes: of any number there is */

/** Decimal text of a value (0 where it is not finite), rounded to three decimals, without zeros at its end. @return `text` */
char *window_number(char text[WINDOW_NUMBER], double v);
