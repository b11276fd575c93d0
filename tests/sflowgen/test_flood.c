/* SPDX-License-Identifier: BSD-3-Clause */
#include "hostile_pvt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/cursor.h"
#include "base/hash.h"
#include "base/index.h"

enum {
	SLOTS = 4096,
	DATAGRAMS = 100,
	SAMPLES = 28, /* of a datagram: its header is before them */
	IP = 102,     /* source and destination in a sample, 8 bytes */
};

static uint8_t datagram[GEN_HOSTILE_MAX];
static uint8_t used[SLOTS];

/* Slots of an index that are home to the pairs of addresses of the flood. */
static unsigned homes(const struct base_hash *hash)
{
	struct gen_rng rng = gen_rng(1, 0);
	unsigned count = 0;

	memset(used, 0, sizeof(used));
	for (unsigned i = 0; i < DATAGRAMS; i++) {
		const uint8_t *end = datagram + gen_flood_collisions(&rng, datagram);

		for (const uint8_t *p = datagram + SAMPLES; p < end; p += 8 + base_get_u32(p + 4)) {
			uint64_t h = base_hash_bytes(hash, p + IP, 8);

			used[base_index_tag(h) % SLOTS] = 1;
		}
	}
	for (unsigned i = 0; i < SLOTS; i++)
		count += used[i];
	return count;
}

static void without_a_secret_all_collide(void **state)
{
	static const struct base_hash none;

	(void)state;
	assert_int_equal(homes(&none), 1);
}

static void with_a_secret_few_do(void **state)
{
	struct base_hash hash;

	(void)state;
	assert_int_equal(base_hash_init(&hash), 0);
	assert_true(homes(&hash) > DATAGRAMS * GEN_FLOOD_SAMPLES * 3 / 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_secret_all_collide),
		cmocka_unit_test(with_a_secret_few_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
