/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/memory.h"

static void test_mapped(void **state)
{
	static const size_t lens[] = {0, 1, 64, 4096, 5000, 3 << 20};
	static const int nodes[] = {
		-1, 0, 1, 1023, 1024, 1 << 20}; /* a wish: those that are not there, too */

	for (unsigned i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		uint8_t *p = base_memory_alloc(lens[i], nodes[i]);

		assert_non_null(p);
		assert_int_equal((uintptr_t)p % 64, 0);
		for (size_t j = 0; j < lens[i]; j++) {
			assert_int_equal(p[j], 0);
			p[j] = 0xFF;
		}
		base_memory_free(p, lens[i]);
	}
	base_memory_free(NULL, 100);
}

static void test_too_much(void **state)
{
	errno = 0;
	assert_null(base_memory_alloc(SIZE_MAX / 2, -1));
	assert_int_equal(errno, ENOMEM);
}

/* An allocator of the caller's: what it was asked for. */
static size_t held;
static int asked_socket;

static void *own_alloc(size_t len, int socket)
{
	asked_socket = socket;
	if (len > 1000)
		return NULL;
	held += len;
	return calloc(1, len);
}

static void own_free(void *p, size_t len)
{
	held -= len;
	free(p);
}

static void test_own(void **state)
{
	static const struct base_memory own = {.alloc = own_alloc, .free = own_free};
	void *p, *q;

	base_memory_use(&own);
	p = base_memory_alloc(100, 1);
	assert_int_equal(asked_socket, 1);
	q = base_memory_alloc(0, -1);
	assert_int_equal(asked_socket, -1);
	assert_true(p && q);
	assert_int_equal(held, 101);
	errno = 0;
	assert_null(base_memory_alloc(1001, 0));
	assert_int_equal(errno, ENOMEM);
	base_memory_free(p, 100);
	base_memory_free(q, 0);
	base_memory_free(NULL, 7);
	assert_int_equal(held, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mapped),
		cmocka_unit_test(test_too_much),
		cmocka_unit_test(test_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
