/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/* A regular expression; immutable, and used by all RX cores at once. */
struct flow_regex {
	pcre2_code *code;
	struct flow_regex *next; /* of the plan's */
};
