/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

enum { WINDOW_NUMBER = 48 };

/** Decimal text of a value below 10^20, rounded to three decimals, without zeros at its end. @return `text` */
char *window_number(char text[WINDOW_NUMBER], double v);
