/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stddef.h>

/*
 * An array that grows in one piece, in memory of its own: large ones ask for huge pages, which save
 * a lookup most of its misses in the TLB. It starts at a page. No part of hugepage memory that DPDK
 * reserves at start, since tables come and go at run time.
 */
struct prefix_area {
	void *p;
	size_t used, size; /* bytes */
};

/** Room for `len` bytes more, zeroed. @return where they are until the next call; NULL: no memory */
void *prefix_area_add(struct prefix_area *a, size_t len);

/** Give back what is not used. */
void prefix_area_trim(struct prefix_area *a);

/** All pages can be read without a wait for the kernel; those never written to take no memory for it. */
void prefix_area_populate(const struct prefix_area *a);
void prefix_area_free(struct prefix_area *a);
