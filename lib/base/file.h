/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdio.h>

/**
 * Open a file to read it, if it is a regular one: a FIFO or a device could keep the reader waiting.
 * @param why  out: what is wrong, for people; static, or strerror()'s
 * @return NULL and errno with `why`
 */
FILE *base_file_open(const char *path, const char **why);
