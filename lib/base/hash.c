/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/hash.h"

#include <errno.h>
#include <sys/random.h>

int base_hash_init(struct base_hash *h)
{
	return getrandom(h->secret, sizeof(h->secret), 0) == (ssize_t)sizeof(h->secret) ? 0
											: -errno;
}
