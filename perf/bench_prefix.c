/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Prefix tables: time to build, memory, and ns of a lookup, by number and kind of prefixes and by
 * where the addresses are. Lookups depend on each other, so that what is told is latency.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "prefix/cidr.h"
#include "prefix/table.h"

enum { ADDRESSES = 1 << 20, LOOKUPS = 4 << 20 };

struct kind {
	const char *name;
	unsigned width;       /* bytes of an address */
	unsigned least, most; /* bits of a prefix */
};

static const struct kind kinds[] = {
	{"IPv4, /8 to /24", 4, 8, 24},
	{"IPv4, /16 to /32", 4, 16, 32},
	{"IPv4, /32", 4, 32, 32},
	{"IPv6, /29 to /48", 16, 29, 48},
	{"IPv6, /128", 16, 128, 128},
};

static const size_t counts[] = {10, 1000, 100000, 1000000};

static uint64_t state = 1;

static uint64_t draw(void)
{
	uint64_t x = state += 0x9E3779B97F4A7C15u;

	x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
	x = (x ^ x >> 27) * 0x94D049BB133111EBu;
	return x ^ x >> 31;
}

static void draw_bytes(uint8_t *bytes, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		bytes[i] = (uint8_t)draw();
	if (width == 16)
		bytes[0] = (uint8_t)(0x20 | (bytes[0] & 0x0F)); /* 2000::/4 */
}

static struct prefix *draw_prefixes(const struct kind *k, size_t count)
{
	struct prefix *list = calloc(count, sizeof(*list));

	for (size_t i = 0; list && i < count; i++) {
		draw_bytes(list[i].bytes, k->width);
		list[i].bits = (uint8_t)(k->least + draw() % (k->most - k->least + 1));
		list[i].label = (uint32_t)(1 + i % 1000);
		prefix_mask(&list[i]);
	}
	return list;
}

/* `in`: addresses that are within prefixes; else anywhere. */
static uint8_t *draw_addresses(
	const struct kind *k, const struct prefix *list, size_t count, int in)
{
	uint8_t *bytes = malloc((size_t)ADDRESSES * 16);

	for (size_t i = 0; bytes && i < ADDRESSES; i++) {
		const struct prefix *p = &list[draw() % count];
		uint8_t *a = bytes + 16 * i;

		draw_bytes(a, k->width);
		for (unsigned bit = 0; in && bit < p->bits; bit++) {
			a[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
			a[bit / 8] |= p->bytes[bit / 8] & 0x80 >> bit % 8;
		}
	}
	return bytes;
}

static double measure(const struct prefix_trie *t, const uint8_t *addresses, size_t mask)
{
	uint64_t start = base_clock_mono_ns();
	uint32_t label = 0;

	for (size_t i = 0; i < LOOKUPS; i++)
		label = prefix_trie_find(t, addresses + 16 * ((i + (label >> 31)) & mask));
	__asm__ volatile("" ::"r"(label));
	return (double)(base_clock_mono_ns() - start) / LOOKUPS;
}

static int run(const struct kind *k, size_t count)
{
	struct prefix *list = draw_prefixes(k, count), *copy = malloc(count * sizeof(*list));
	uint8_t *in = draw_addresses(k, list, count, 1), *out = draw_addresses(k, list, count, 0);
	struct prefix_trie t;
	uint64_t start;
	double seconds;

	if (!list || !copy || !in || !out)
		return 1;
	memcpy(copy, list, count * sizeof(*list));
	start = base_clock_mono_ns();
	if (prefix_trie_build(&t, k->width, copy, count) < 0)
		return 1;
	seconds = (double)(base_clock_mono_ns() - start) / 1e9;
	printf("%-18s %8zu  %7.3f s  %7.1f MB  %6.1f bytes each   ns: in %5.1f (of 1,000: %5.1f), "
	       "anywhere %5.1f\n",
		k->name, count, seconds, (double)prefix_trie_memory(&t) / 1e6,
		(double)prefix_trie_memory(&t) / (double)count, measure(&t, in, ADDRESSES - 1),
		measure(&t, in, 1023), measure(&t, out, ADDRESSES - 1));
	fflush(stdout);
	prefix_trie_free(&t);
	free(list);
	free(copy);
	free(in);
	free(out);
	return 0;
}

int main(void)
{
	int failed = 0;

	printf("kind               prefixes  to build     memory\n");
	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
			failed |= run(&kinds[k], counts[i]);
	}
	return failed;
}
