/* SPDX-License-Identifier: BSD-3-Clause */
#include "api/limit.h"

int api_limit_init(struct api_limit *l, double rate)
{
	memset(l, 0, sizeof(*l));
	l->rate = rate;
	pthread_mutex_init(&l->mutex, NULL);
	return base_hash_init(&l->hash);
}

void api_limit_fini(struct api_limit *l)
{
	pthread_mutex_destroy(&l->mutex);
}

static struct base_addr client_of(const struct base_addr *addr)
{
	struct base_addr client = *addr;

	if (client.family == 6)
		memset(client.bytes + 8, 0, 8);
	return client;
}

static struct api_bucket *find(struct api_limit *l, const struct base_addr *addr)
{
	uint64_t hash = base_hash_bytes(&l->hash, addr, sizeof(*addr));
	struct api_bucket *set =
		&l->buckets[hash % (API_BUCKETS / API_BUCKET_WAYS) * API_BUCKET_WAYS];
	struct api_bucket *oldest = set;

	for (struct api_bucket *b = set; b < set + API_BUCKET_WAYS; b++) {
		if (b->at_ns && base_addr_equal(&b->addr, addr))
			return b;
		if (b->at_ns < oldest->at_ns)
			oldest = b;
	}
	*oldest = (struct api_bucket){.addr = *addr, .tokens = l->rate};
	return oldest;
}

bool api_limit_take(struct api_limit *l, const struct base_addr *addr, uint64_t now_ns)
{
	const struct base_addr client = client_of(addr);
	struct api_bucket *b;
	bool taken;

	if (l->rate <= 0)
		return true;
	pthread_mutex_lock(&l->mutex);
	b = find(l, &client);
	if (b->at_ns && now_ns > b->at_ns)
		b->tokens += (double)(now_ns - b->at_ns) / 1e9 * l->rate;
	if (b->tokens > l->rate)
		b->tokens = l->rate;
	b->at_ns = now_ns;
	taken = b->tokens >= 1;
	if (taken)
		b->tokens -= 1;
	pthread_mutex_unlock(&l->mutex);
	return taken;
}
