/* SPDX-License-Identifier: BSD-3-Clause */
#include "publish/number_pvt.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static size_t trim(char *text, size_t len)
{
	if (!memchr(text, '.', len))
		return len;
	while (text[len - 1] == '0')
		len--;
	if (text[len - 1] == '.')
		len--;
	text[len] = '\0';
	return len;
}

size_t publish_number(char text[PUBLISH_NUMBER], double value, unsigned decimals)
{
	size_t len;

	if (!isfinite(value))
		value = 0;
	len = (size_t)snprintf(text, PUBLISH_NUMBER, "%.*f", (int)decimals, value);
	len = trim(text, len);
	if (strcmp(text, "-0") == 0) {
		strcpy(text, "0");
		len = 1;
	}
	return len;
}
