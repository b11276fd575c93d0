/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "metric/metric_pvt.h"

/* Numbers that are more than one metric. What others mean is in the table of structures. */

static const char *admin_status(uint32_t value)
{
	return value & 1 ? "up" : "down";
}

static const char *oper_status(uint32_t value)
{
	return value & 2 ? "up" : "down";
}

static const struct metric_form forms[] = {
	{"ifstatus", "ifadminstatus", admin_status},
	{"ifstatus", "ifoperstatus", oper_status},
	{NULL},
};

const struct metric_form *metric_form_find(const char *field)
{
	const struct metric_form *f;

	for (f = forms; f->field; f++)
		if (strcmp(f->field, field) == 0)
			return f;
	return NULL;
}
