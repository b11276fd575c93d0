/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "base/text.h"

/*
 * Where log lines go: to stderr as text, or as JSON; or to the journal, with fields of their own.
 */

/**
 * Choose by name. Main, before there are other threads.
 * @param format  "text", "json", "journal", or "auto": journal where stderr is it, else text
 * @return 0, or -EINVAL: none of these
 */
int logs_use(const char *format);

/** Append the types of lines, with commas between them, in the order of their names. */
void logs_print_types(struct base_text *t);
