/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "packet/packet.h"

/* Packets are written as hex; spaces are for the reader. */
#define ETH "020000000002 020000000001 "
#define IP(protocol) "45 00 0054 1234 4000 40 " protocol " 0000 0A000001 0A000002 "
#define IP_INNER(protocol) "45 00 0040 0001 0000 3F " protocol " 0000 C0A80001 C0A80002 "
#define IP6(next)                                                                                  \
	"60000000 0040 " next " 40 20010DB8000000000000000000000001 "                              \
	"20010DB8000000000000000000000002 "
#define TCP "04D2 0050 00000001 00000002 5012 2000 0000 0000 "
#define UDP(port) "C000 " port " 0040 0000 "

enum { PACKET_ROOM = 512 };

struct bytes {
	uint8_t *p; /* from malloc, of just `len` bytes, so that a read past the end is noticed */
	uint32_t len;
};

static inline struct bytes bytes_of(const char *hex)
{
	uint8_t buf[PACKET_ROOM];
	struct bytes b = {0};
	unsigned v;

	for (; *hex; hex += 2) {
		while (*hex == ' ')
			hex++;
		if (!*hex)
			break;
		assert_true(b.len < sizeof(buf) && sscanf(hex, "%2x", &v) == 1 && hex[1]);
		buf[b.len++] = (uint8_t)v;
	}
	b.p = malloc(b.len ? b.len : 1);
	assert_non_null(b.p);
	memcpy(b.p, buf, b.len);
	return b;
}

static inline const struct packet_field *field_of(const char *name)
{
	for (unsigned i = 0; i < packet_fields_count; i++)
		if (strcmp(packet_fields[i].name, name) == 0)
			return &packet_fields[i];
	fail_msg("no field %s", name);
	return NULL;
}

/* The text of a field, or NULL where the packet does not hold it. */
static inline const char *text_of(const struct packet *p, const struct packet_field *f,
	unsigned instance, char *buf, size_t size)
{
	struct packet_value v;
	struct base_text t = base_text(buf, size);

	if (!packet_field_get(p, f, instance, &v))
		return NULL;
	assert_true(v.len > 0 && (f->width == 0 || f->width == v.len));
	base_form_print(&t, f->form, f->bits, v.p, v.len);
	assert_false(t.cut);
	return buf;
}

static inline void expect_at(const char *file, int line, const char *hex, uint32_t protocol,
	const char *name, unsigned instance, const char *text)
{
	struct bytes b = bytes_of(hex);
	struct packet p;
	char buf[PACKET_ROOM];
	const char *got;

	packet_decode(&p, b.p, b.len, protocol, 4);
	got = text_of(&p, field_of(name), instance, buf, sizeof(buf));
	if (!got != !text || (got && text && strcmp(got, text) != 0)) {
		print_error("%s:%d: %s.%u is %s, expected %s\n", file, line, name, instance,
			got ? got : "absent", text ? text : "absent");
		fail();
	}
	free(b.p);
}

/* An Ethernet frame `hex` has the field `name`.`instance` as `text` (NULL: does not have it). */
#define expect(hex, name, instance, text)                                                          \
	expect_at(__FILE__, __LINE__, hex, PACKET_PROTOCOL_ETHERNET, name, instance, text)

#define expect_layer(hex, protocol, name, instance, text)                                          \
	expect_at(__FILE__, __LINE__, hex, protocol, name, instance, text)

#define expect_protocol(hex, protocol, name, text)                                                 \
	expect_at(__FILE__, __LINE__, hex, protocol, name, 0, text)

#define TEST_MAIN(...)                                                                             \
	int main(void)                                                                             \
	{                                                                                          \
		const struct CMUnitTest tests[] = {__VA_ARGS__};                                   \
                                                                                                   \
		return cmocka_run_group_tests(tests, NULL, NULL);                                  \
	}
