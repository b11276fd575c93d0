/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

/*
 * Where log lines go: to stderr as text, or as JSON; or to the journal, with fields of their own.
 */

/**
 * Choose by name. Main, before there are other threads.
 * @param format  "text", "json", "journal", or "auto": journal where stderr is it, else text
 * @return 0, or -EINVAL: none of these
 */
int logs_use(const char *format);
