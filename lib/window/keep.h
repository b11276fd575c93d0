/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "window/merge.h"

/*
 * Who has a place in the tables of the next window, of definitions whose tables were full in this one: flows that are
 * known to come more than once, those with the most samples first, two thirds of a table at most; each in the
 * table of the RX core that its data source was heard by. A flood of keys that come once finds the rest.
 *
 * Nothing is done, and the RX path does nothing, where no table was full. Definitions with functions that are applied
 * at the merge have no places set aside: RX cores do not know their keys.
 */

/**
 * After merge_close(), with m->spares of all RX cores, empty, to be put in force next. Aggregator.
 */
void merge_keep(struct merge *m);
