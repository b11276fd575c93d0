/* SPDX-License-Identifier: BSD-3-Clause */
#include "expect.h"

#define ARP "0001 0800 06 04 0001 020000000001 0A000001 000000000000 0A000002"

static void addresses(void **state)
{
	(void)state;
	expect(ETH "0806" ARP, "stack", 0, "eth.arp");
	expect(ETH "0806" ARP, "arpoperation", 0, "1");
	expect(ETH "0806" ARP, "arpmacsender", 0, "020000000001");
	expect(ETH "0806" ARP, "arpipsender", 0, "10.0.0.1");
	expect(ETH "0806" ARP, "arpmactarget", 0, "000000000000");
	expect(ETH "0806" ARP, "arpiptarget", 0, "10.0.0.2");
}

static void other_addresses_are_absent(void **state)
{
	static const char *const hex[] = {
		ETH "0806 0006 0800 08 04 0001 0200000000010000 0A000001 0000000000000000 0A000002",
		ETH "0806 0001 86DD 06 10 0001 020000000001 0A000001 000000000000 0A000002",
		ETH "0806 0001 0800 06 04",
	};

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		expect(hex[i], "arpmacsender", 0, NULL);
		expect(hex[i], "arpipsender", 0, NULL);
		expect(hex[i], "arpmactarget", 0, NULL);
		expect(hex[i], "arpiptarget", 0, NULL);
	}
}

TEST_MAIN(cmocka_unit_test(addresses), cmocka_unit_test(other_addresses_are_absent))
