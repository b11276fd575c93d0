/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/index.h"

enum { LIFTED = 256 }; /* a run is about as long as the logarithm of the slots */

static void enter(struct base_index *ix, uint64_t slot)
{
	uint32_t at = (uint32_t)(slot >> 32) & ix->mask;

	while (ix->slots[at] != 0)
		at = (at + 1) & ix->mask;
	ix->slots[at] = slot;
}

/*
 * Slot by slot, each goes to its new place. One that stays in the lower half finds a place no later than
 * its own, one of the upper half goes where nothing is yet, so that none comes to stand behind one that
 * will still move. Only a run that goes on from the last slot to the first would: it is lifted out.
 */
bool base_index_grow(struct base_index *ix)
{
	uint32_t size = ix->mask + 1, lifted = 0;
	uint64_t run[LIFTED];

	while (lifted < size && ix->slots[lifted] != 0) {
		if (lifted == LIFTED)
			return false;
		run[lifted] = ix->slots[lifted];
		lifted++;
	}
	memset(ix->slots, 0, lifted * sizeof(*ix->slots));
	ix->mask = 2 * size - 1;
	for (uint32_t at = lifted; at < size; at++) {
		uint64_t slot = ix->slots[at];

		if (slot != 0) {
			ix->slots[at] = 0;
			enter(ix, slot);
		}
	}
	for (uint32_t i = 0; i < lifted; i++)
		enter(ix, run[i]);
	return true;
}
