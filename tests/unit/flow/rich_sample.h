/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "sampled_packet.h"

/*
 * A sample that has much to say: TCP over IPv4 with a VLAN tag, from 10.0.0.1:1234 to 10.0.0.2:80 with
 * SYN and ACK, interfaces 3 to 4; AS 65001 to 1-2-3; an HTTP request. Include after cmocka.h.
 */

static const char rich_hex[] = "020000000002 020000000001 8100 a00a 0800 "
			       "4500 0080 1234 2000 4006 0000 0a000001 0a000002 "
			       "04d2 0050 00000001 00000002 5012 2000 0000 0000";

static inline void rich_gateway(struct wire *w)
{
	static const uint32_t words[] = {
		1, 0xC6336401, 65000, 65001, 65002, 1, 2, 3, 1, 2, 3, 0, 65000};
	uint32_t start = wire_open(w, SFLOW_TAG(0, 1003));

	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		wire_u32(w, words[i]);
	wire_close(w, start);
}

static inline void rich_http(struct wire *w, const char *url)
{
	uint32_t start = wire_open(w, SFLOW_TAG(0, 2206));

	wire_u32(w, 2);
	wire_u32(w, 1001);
	wire_string(w, url);
	wire_string(w, "w.org");
	wire_string(w, "a\\b\n");
	wire_string(w, "");
	wire_string(w, "10.9.8.7");
	wire_string(w, "");
	wire_string(w, "42");
	for (unsigned i = 0; i < 5; i++)
		wire_u32(w, i);
	wire_u32(w, 200);
	wire_close(w, start);
}

static inline void rich_open(struct sampled *s, const char *url)
{
	struct wire header = wire_hex(rich_hex);

	sampled_open(s);
	sampled_add(s, bytes_header(&s->records, 1, 146, 4, header.bytes, header.len));
	sampled_add(s, rich_gateway(&s->records));
	sampled_add(s, rich_http(&s->records, url));
	sampled_read(s);
}
