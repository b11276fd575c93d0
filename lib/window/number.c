/* SPDX-License-Identifier: BSD-3-Clause */
#include "window/number.h"

#include <math.h>
#include <stdio.h>

char *window_number(char text[WINDOW_NUMBER], double v)
{
	int len = snprintf(text, WINDOW_NUMBER, "%.3f", isfinite(v) ? v : 0);

	while (len > 0 && text[len - 1] == '0')
		text[--len] = '\0';
	if (len > 0 && text[len - 1] == '.')
		text[--len] = '\0';
	return text;
}
