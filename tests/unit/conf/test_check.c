/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf_test.h"

#define ONE "; a port has one of iface, pci, pcap and vdev"
#define NOT_OWN                                                                                    \
	"addresses, vlan and tap are of pci and vdev: what comes in at other ports, the kernel "   \
	"answers itself"
#define NO_HOST                                                                                    \
	"addresses are of one host each: no group, no broadcast, no loopback, not 0.0.0.0 or ::"

static void test_wrong(void **state)
{
	static const struct wrong wrong[] = {
		{"ports:\n- iface: a\n  pci: 0000:00:00.0", "f:2:3: ports: both iface and pci" ONE},
		{"ports: [{iface: a}, {pcap: a, vdev: b}]",
			"f:1:21: ports: both pcap and vdev" ONE},
		{"ports: [{queues: 2}]", "f:1:9: ports: an entry that names nothing" ONE},
		{"ports: [{}]", "f:1:9: ports: an entry that names nothing" ONE},
		{"ports: [{iface: a}, {iface: a}]",
			"f:1:21: ports: the same device a second time; raise its queues instead"},
		{"ports: [{pci: '0000:00:0a.0'}, {pci: '0000:00:0A.0'}]",
			"f:1:32: ports: the same device a second time; raise its queues instead"},
		{"ports: [{pcap: a, queues: 2}]",
			"f:1:9: ports: a pcap port has one queue for each file; take out queues"},
		{"ports: [{vdev: a, driver: af_xdp}]",
			"f:1:9: ports: driver is of iface; take it out"},
		{"ports: [{iface: a, addresses: 192.0.2.1}]", "f:1:9: ports: " NOT_OWN},
		{"ports: [{pcap: a, tap: b}]", "f:1:9: ports: " NOT_OWN},
		{"ports: [{vdev: a, vlan: 7}]",
			"f:1:9: ports: vlan is of addresses; take it out, or add addresses"},
		{"ports: [{pci: '0000:00:00.0', addresses: ['2001:db8::1', '2001:DB8:0::1']}]",
			"f:1:9: ports: the same address a second time"},
		{"ports: [{vdev: a, addresses: ['2001:db8::1', 192.0.2.1]},\n"
		 "  {vdev: b, addresses: [192.0.2.2, '2001:DB8:0::1']}]",
			"f:2:3: ports: an address of another port; take it out"},
		{"ports: [{vdev: a, tap: b}, {vdev: b, tap: b}]",
			"f:1:28: ports: the tap of another port; give each a name that no other "
			"interface has"},
		{"ports: [{iface: a, pcap: b}]", "f:1:9: ports: both iface and pcap" ONE},
		{"ports: [{vdev: a, addresses: 224.0.0.1}]", "f:1:9: ports: " NO_HOST},
		{"ports: [{vdev: a, addresses: 255.255.255.255}]", "f:1:9: ports: " NO_HOST},
		{"ports: [{vdev: a, addresses: 127.0.0.1}]", "f:1:9: ports: " NO_HOST},
		{"ports: [{vdev: a, addresses: 0.0.0.0}]", "f:1:9: ports: " NO_HOST},
		{"ports: [{vdev: a, addresses: '::1'}]", "f:1:9: ports: " NO_HOST},
		{"ports: [{vdev: a, addresses: 'ff02::1'}]", "f:1:9: ports: " NO_HOST},
		{"dns: {ttl_min: 1h, ttl_max: 10m}",
			"f:1:16: dns.ttl_min: it is above dns.ttl_max; lower it"},
		{"snmp: {version: 2c}", "f:1:17: snmp.version: snmp.agents is missing: the "
					"networks whose agents may be asked"},
		{"snmp: {version: 3, agents: '::/0'}",
			"f:1:17: snmp.version: snmp.user is missing, which version 3 asks for"},
		{"cores: {rx: [1, 2], aggregate: [2]}", "f:1:32: cores.aggregate: CPU 2 is one "
							"of cores.rx; give it a CPU of its own"},
		{"cores: {rx: [1]}\nports: [{iface: a, queues: 2}]",
			"f:1:13: cores.rx: 1 CPU for 2 RX queues; give each queue one, or leave it "
			"out"},
		{"flows:\n- {name: a, keys: b, value: c}\n- {name: b, keys: b, value: c}\n"
		 "- {name: a, keys: b, value: c}",
			"f:4:10: flows.name: \"a\" is the flow of line 2 too; give it a name of "
			"its own"},
		{"allow: {relays: [10.0.0.1]}",
			"f:1:17: allow.relays: they change nothing without allow.sources or "
			"allow.source_is_agent: set one of them too"},
		{"allow: {sources: [10.0.0.0/33]}",
			"f:1:19: allow.sources: \"10.0.0.0/33\" does not fit; write a network like "
			"10.0.0.0/8 or 2001:db8::/32, or an address"},
		{"allow: {agents: [10.0.0.0/8, 10.0.0.0/08]}",
			"f:1:30: allow.agents: \"10.0.0.0/08\" does not fit; write a network like "
			"10.0.0.0/8 or 2001:db8::/32, or an address"},
		{"agents:\n- {address: '::1', sampling_rate: 2}\n"
		 "- {address: '0::0:1', sampling_rate: 3}",
			"f:3:14: agents.address: 0::0:1 is the agent of line 2 too; take one of "
			"them out"},
		{"agents: [{address: 10.0.0, sampling_rate: 2}]",
			"f:1:20: agents.address: \"10.0.0\" does not fit; write an IPv4 or IPv6 "
			"address"},
	};

	conf_test_wrong(wrong, sizeof(wrong) / sizeof(wrong[0]));
}

static void test_good(void **state)
{
	static const char *const good[] = {
		"ports: [{iface: a}, {iface: b}, {pcap: [a, a], queues: 2}, {vdev: a}, {vdev: a}]",
		"cores: {rx: [1, 2, 3], aggregate: [0]}\nports: [{iface: a}, {iface: A}]",
		"ports: [{vdev: a, tap: b, addresses: 192.0.2.1}, {vdev: b, tap: c, addresses: "
		"192.0.2.2}]",
		"flows: [{name: a, keys: b, value: c}, {name: A, keys: b, value: c}]",
		"allow: {relays: [10.0.0.1], source_is_agent: true}",
		"allow: {relays: 10.0.0.1, sources: ['::/0', 10.0.0.0/8]}",
		"agents: [{address: 10.0.0.1, sampling_rate: 1}, {address: '::a00:1', "
		"sampling_rate: 4294967295}]",
	};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct conf c;

		conf_test_good(&c, good[i]);
		conf_free(&c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
