/* SPDX-License-Identifier: BSD-3-Clause */
#include "expect.h"

static void types(void **state)
{
	static const struct {
		unsigned number;
		const char *name;
	} cases[] = {{0, "TYPE0"}, {1, "A"}, {2, "NS"}, {3, "TYPE3"}, {5, "CNAME"}, {6, "SOA"},
		{12, "PTR"}, {15, "MX"}, {16, "TXT"}, {28, "AAAA"}, {33, "SRV"}, {35, "NAPTR"},
		{43, "DS"}, {46, "RRSIG"}, {48, "DNSKEY"}, {51, "NSEC3PARAM"}, {52, "TLSA"},
		{64, "SVCB"}, {65, "HTTPS"}, {109, "EUI64"}, {110, "TYPE110"}, {249, "TKEY"},
		{250, "TSIG"}, {251, "IXFR"}, {252, "AXFR"}, {255, "ANY"}, {256, "URI"},
		{257, "CAA"}, {65535, "TYPE65535"}};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char hex[PACKET_ROOM];

		snprintf(hex, sizeof(hex),
			ETH "0800" IP("11")
				UDP("0035") "1234 0100 0001 0000 0000 0000 00 %04X 0001",
			cases[i].number);
		expect(hex, "dnsqtypename", 0, cases[i].name);
	}
}

TEST_MAIN(cmocka_unit_test(types))
