/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "capacity/query.h"

enum { API_DATE = 16 };

/** A day, "2027-03-14", UTC; empty where there is none. @return `text` */
const char *api_date(double ms, char text[API_DATE]);

/** A line for each link, behind one with the names of the columns. @return from malloc, or NULL */
char *api_capacity_csv(const struct capacity_answer *a, uint64_t now_ms);
