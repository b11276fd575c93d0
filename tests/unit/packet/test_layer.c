/* SPDX-License-Identifier: BSD-3-Clause */
#include "expect.h"

static void names(void **state)
{
	static const char *const expected[PACKET_LAYERS] = {"eth", "vlan", "arp", "mpls", "ip",
		"ip6", "icmp", "icmp6", "tcp", "udp", "gre", "vxlan", "geneve", "llc", "pppoe",
		"ppp", "sctp", "dns", "erspan", "gtpu", "ibbt", "ibgrh", "iblrh", "dot11", "ring",
		"fr", "x25", "smds", NULL, NULL};

	(void)state;
	assert_null(packet_layer_name(PACKET_VNI));
	assert_null(packet_layer_name(PACKET_ANY));
	assert_null(packet_layer_name(PACKET_LAYERS));
	assert_null(packet_layer_name((enum packet_layer) - 1));
	for (unsigned i = 0; i < PACKET_LAYERS; i++) {
		if (expected[i])
			assert_string_equal(packet_layer_name((enum packet_layer)i), expected[i]);
		else
			assert_null(packet_layer_name((enum packet_layer)i));
	}
}

/* Each layer has a field by which a list of them shows it. */
static void fields(void **state)
{
	bool seen[PACKET_LAYERS] = {false};

	(void)state;
	for (unsigned i = 0; i < packet_fields_count; i++)
		seen[packet_fields[i].layer] = true;
	for (unsigned i = 0; i < PACKET_LAYERS; i++)
		assert_true(seen[i]);
}

TEST_MAIN(cmocka_unit_test(names), cmocka_unit_test(fields))
