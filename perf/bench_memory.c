/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a cache line at a random place costs on this machine, by how much memory there is to draw from: read when
 * the one before was, which is latency, and read after many were asked for at once, as tables do. On ordinary
 * pages and on hugepages. Where the two are alike far beyond what the TLB reaches, run after run, as in some virtual
 * machines, the host likely has no hugepages behind those of the guest.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "base/clock.h"

enum {
	LINE = 64,
	BATCH = 128, /* TABLE_BATCH */
	READS = 1 << 20,
	MOST_MB = 512,
};

static uint64_t state = 1;

static uint64_t draw(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static size_t draw_place(size_t bytes, uint64_t after)
{
	return (size_t)(draw() + after) & (bytes - LINE); /* they are a power of two */
}

/* ns of a read; memory is zero, so that what was read decides nothing but has to be there. */
static double dependent(const char *memory, size_t bytes)
{
	uint64_t start = base_clock_mono_ns(), last = 0;

	for (unsigned i = 0; i < READS / 8; i++)
		last = *(const volatile uint64_t *)(const volatile void *)(memory +
									   draw_place(bytes, last));
	return (double)(base_clock_mono_ns() - start) / (READS / 8);
}

static double batched(const char *memory, size_t bytes)
{
	uint64_t start = base_clock_mono_ns();

	for (unsigned i = 0; i < READS / BATCH; i++) {
		const char *at[BATCH];

		for (unsigned j = 0; j < BATCH; j++) {
			at[j] = memory + draw_place(bytes, 0);
			__builtin_prefetch(at[j]);
		}
		for (unsigned j = 0; j < BATCH; j++)
			(void)*(const volatile char *)at[j];
	}
	return (double)(base_clock_mono_ns() - start) / READS;
}

static char *map(int flags)
{
	char *memory = mmap(NULL, (size_t)MOST_MB << 20, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);

	if (memory == MAP_FAILED)
		return NULL;
	if (!(flags & MAP_HUGETLB))
		madvise(memory, (size_t)MOST_MB << 20, MADV_NOHUGEPAGE);
	memset(memory, 0, (size_t)MOST_MB << 20);
	return memory;
}

/* What is there of it in the caches and the TLB then is what fits. */
static void warm(const char *memory, size_t bytes)
{
	for (size_t at = 0; at < bytes; at += LINE)
		(void)*(const volatile char *)(memory + at);
}

static void print(const char *pages, const char *memory)
{
	for (size_t mb = 1; mb <= MOST_MB; mb *= 2) {
		double one, many;

		warm(memory, mb << 20);
		one = dependent(memory, mb << 20);
		many = batched(memory, mb << 20);
		printf("%-14s %4zu MB  one after the other %6.1f ns, %d at once %5.1f ns each\n",
			pages, mb, one, BATCH, many);
	}
}

int main(void)
{
	const char *small = map(0), *huge;

	if (!small) {
		fprintf(stderr, "%d MB: %s\n", MOST_MB, strerror(errno));
		return 1;
	}
	print("ordinary pages", small);
	huge = map(MAP_HUGETLB);
	if (huge)
		print("hugepages", huge);
	else
		printf("hugepages: %s; %d MB of them are needed (vm.nr_hugepages)\n",
			strerror(errno), MOST_MB);
	return 0;
}
