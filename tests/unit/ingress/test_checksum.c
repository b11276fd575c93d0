/* SPDX-License-Identifier: BSD-3-Clause */
#include "frame.h"

/* The example of RFC 1071, section 3. */
static void test_rfc1071(void **state)
{
	static const uint8_t bytes[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};

	(void)state;
	assert_int_equal(ingress_fold(ingress_sum(bytes, 8, 0)), 0xDDF2);
}

/* Against one word at a time, at all lengths and starts. */
static void test_model(void **state)
{
	uint8_t bytes[300];

	(void)state;
	for (unsigned i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(255 - i * 3);
	for (uint32_t start = 0; start < 4; start++) {
		for (uint32_t len = 0; len < 290; len++) {
			uint32_t sum = 5;

			for (uint32_t i = 0; i < len; i++)
				sum += (uint32_t)bytes[start + i] << (i & 1 ? 0 : 8);
			sum = (sum & 0xFFFF) + (sum >> 16);
			sum = (sum & 0xFFFF) + (sum >> 16);
			assert_int_equal(ingress_fold(ingress_sum(bytes + start, len, 5)), sum);
		}
	}
}

static void test_carries(void **state)
{
	static uint8_t ones[65536];

	(void)state;
	memset(ones, 0xFF, sizeof(ones));
	assert_int_equal(ingress_fold(ingress_sum(ones, sizeof(ones), 0)), 0xFFFF);
	assert_int_equal(ingress_fold(ingress_sum(ones, sizeof(ones), 0xFFFFFFFF)), 0xFFFF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc1071),
		cmocka_unit_test(test_model),
		cmocka_unit_test(test_carries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
