/* SPDX-License-Identifier: BSD-3-Clause */
#include "frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/cursor.h"
#include "encode.h"

static uint8_t payload[65507], frame[GEN_FRAME_MAX];

static struct gen_frame_settings settings(uint8_t family, uint16_t mtu)
{
	struct gen_frame_settings s = {.port = 6343, .mtu = mtu};

	s.dst_ip.family = s.src_ip.family = family;
	s.dst_ip.bytes[3] = 1;
	s.src_ip.bytes[3] = 255;
	return s;
}

/* The sum that RFC 1071 defines, word by word. */
static uint16_t plain_checksum(const uint8_t *bytes, uint32_t len)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < len; i++) {
		sum += i % 2 ? bytes[i] : (uint32_t)bytes[i] << 8;
		sum = (sum & 0xFFFF) + (sum >> 16);
	}
	return (uint16_t)~sum;
}

static void checksum_equals_the_plain_one(void **state)
{
	struct gen_rng rng = gen_rng(1, 0);
	uint8_t bytes[1500];

	(void)state;
	for (uint32_t len = 0; len < sizeof(bytes); len++) {
		for (uint32_t i = 0; i < len; i++)
			bytes[i] = (uint8_t)gen_rng_next(&rng);
		assert_int_equal(
			gen_checksum(gen_checksum_add(0, bytes, len)), plain_checksum(bytes, len));
	}
}

static void agents_send_from_addresses_in_turn(void **state)
{
	struct gen_frame_settings s = settings(4, 0);
	struct base_addr a = gen_frame_source(&s, 1);
	const uint8_t expected[4] = {0, 0, 1, 0};

	(void)state;
	assert_memory_equal(a.bytes, expected, 4);
}

/* Every length with every MTU: pieces follow each other, in units of 8, within the MTU. */
static void check_pieces(const struct gen_frame_settings *s, uint32_t len)
{
	struct gen_datagram dg = {.payload = payload, .len = len, .id = 7};
	uint32_t frames = gen_frame_count(s, len), ip = s->dst_ip.family == 6 ? 40 : 20, sum = 0;

	for (uint32_t i = 0; i < frames; i++) {
		uint32_t n = gen_frame_write(s, &dg, i, frame);
		uint32_t ip_len =
			base_get_u16(frame + 14 + (ip == 20 ? 2 : 4)) + (ip == 40 ? 40 : 0);
		uint32_t head = ip + (ip == 40 && frames > 1 ? 8 : 0);

		assert_int_equal(n, ip_len + 14 < 60 ? 60 : ip_len + 14);
		assert_true(s->mtu == 0 || ip_len <= s->mtu);
		if (i + 1 < frames)
			assert_int_equal((ip_len - head) % 8, 0);
		if (ip == 20)
			assert_int_equal((base_get_u16(frame + 20) & 0x1FFF) * 8, sum);
		sum += ip_len - head;
	}
	assert_int_equal(sum, len + 8);
}

static void fragments_add_up(void **state)
{
	static const uint16_t mtus[] = {0, 68, 576, 1280, 1500, 9000};

	(void)state;
	for (unsigned i = 0; i < sizeof(mtus) / sizeof(mtus[0]); i++) {
		struct gen_frame_settings v4 = settings(4, mtus[i]), v6 = settings(6, mtus[i]);

		for (uint32_t len = 0; len <= 65507; len += len < 3000 ? 1 : 977) {
			check_pieces(&v4, len);
			if (mtus[i] == 0 || mtus[i] >= 1280)
				check_pieces(&v6, len);
		}
		check_pieces(&v4, 65507);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(checksum_equals_the_plain_one),
		cmocka_unit_test(agents_send_from_addresses_in_turn),
		cmocka_unit_test(fragments_add_up),
	};

	memset(payload, 0x5A, sizeof(payload));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
