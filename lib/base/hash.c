/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/hash.h"

#include <errno.h>
#include <sys/random.h>

/* Here alone: with what it includes for newer CPUs it takes longer to compile than all else of most files. */
#define XXH_INLINE_ALL
#include <xxhash.h>

int base_hash_init(struct base_hash *h)
{
	return getrandom(h->secret, sizeof(h->secret), 0) == (ssize_t)sizeof(h->secret) ? 0
											: -errno;
}

uint64_t base_hash_any(const struct base_hash *h, const void *bytes, size_t len)
{
	return XXH3_64bits_withSecret(bytes, len, h->secret, BASE_HASH_SECRET);
}

uint64_t base_hash_unkeyed(const void *bytes, size_t len)
{
	return XXH3_64bits(bytes, len);
}
