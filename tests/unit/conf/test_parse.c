/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf_test.h"

#define TOP                                                                                        \
	"udp_port, window, collector, ephemeral, user, group, seccomp, ports, cores, memory, "     \
	"ingress, shed, correct, allow, limits, metrics, redis, "                                  \
	"api, prometheus, dns, "                                                                   \
	"flows, groups, maps, capacity, geo, topology, interfaces, snmp, agents, thresholds"
#define URL                                                                                        \
	"redis://[[USER]:PASSWORD@]HOST[:PORT][/DB], unix://[[USER]:PASSWORD@]PATH[?db=N], "       \
	"unix:PATH, sentinel://HOST,HOST/NAME, with TLS rediss:// or sentinels:// "                \
	"(docs/redis.rst), or \"\" to publish nothing"

static void test_names(void **state)
{
	static const struct wrong wrong[] = {
		{"udpport: 1", "f:1:1: \"udpport\" is no option; write one of " TOP
			       " (did you mean \"udp_port\"?)"},
		{"window: 1s\nflow: []", "f:2:1: \"flow\" is no option; write one of " TOP
					 " (did you mean \"flows\"?)"},
		{"nonsense: 1", "f:1:1: \"nonsense\" is no option; write one of " TOP},
		{"<<: {udp_port: 1}", "f:1:1: \"<<\" is no option; write one of " TOP},
		{"\"\\x41\\0\": 1", "f:1:1: \"A?\" is no option; write one of " TOP},
		{"\"window\\0\": 1", "f:1:1: \"window?\" is no option; write one of " TOP
				     " (did you mean \"window\"?)"},
		{"redis:\n  ur: x",
			"f:2:3: redis: \"ur\" is no option; write one of url, user, "
			"password, tls_ca, tls_cert, tls_key, tls_server_name, tls_verify, "
			"prefix, events, records (did you mean \"url\"?)"},
		{"ports: [{iface: a, drive: auto}]",
			"f:1:20: ports: \"drive\" is no option; write one of iface, pci, pcap, "
			"vdev, queues, driver, addresses, vlan, tap "
			"(did you mean \"driver\"?)"},
		{"flows:\n- name: a\n  key: b\n  value: c",
			"f:3:3: flows: \"key\" is no option; write one of name, keys, value, "
			"values, "
			"filter, fs, dropped, log, flowStart, activeTimeout, aggMode, n, t, "
			"capacity "
			"(did you mean \"keys\"?)"},
		{"? [a]\n: b",
			"f:1:3: the name of an option is a list or section; write NAME: VALUE"},
		{"udp_port: 1\nwindow: 1s\nudp_port: 2",
			"f:3:1: udp_port: given twice, first in line 1; keep one"},
		{"redis:\n  url: unix:a\n  url: unix:a",
			"f:3:3: redis.url: given twice, first in line 2; keep one"},
		{"flows:\n- n: 1\n  n: 2",
			"f:3:3: flows.n: given twice, first in line 2; keep one"},
	};

	conf_test_wrong(wrong, sizeof(wrong) / sizeof(wrong[0]));
}

static void test_types(void **state)
{
	static const struct wrong wrong[] = {
		{"- a", "f:1:1: a list is given; write options, each as NAME: VALUE"},
		{"abc", "f:1:1: \"abc\" is given; write options, each as NAME: VALUE"},
		{"redis: 7",
			"f:1:8: redis: \"7\" is given; write its options, each as NAME: VALUE"},
		{"redis:\n- a",
			"f:2:1: redis: a list is given; write its options, each as NAME: VALUE"},
		{"flows: {name: a}", "f:1:8: flows: a section is given; write a list of at most "
				     "256 entries, each after a -"},
		{"flows: [a]", "f:1:9: flows: \"a\" is given; write a list of at most 256 entries, "
			       "each after a -"},
		{"udp_port: [1]",
			"f:1:11: udp_port: a list is given; write a number from 1 to 65535"},
		{"udp_port:", "f:1:10: udp_port: nothing is given; write a number from 1 to 65535"},
		{"udp_port: ''",
			"f:1:11: udp_port: \"\" is not a number; write a number from 1 to 65535"},
		{"udp_port: 010", "f:1:11: udp_port: \"010\" is not a number; write a number from "
				  "1 to 65535"},
		{"udp_port: 6343\n bad", "f:1:11: udp_port: \"6343 bad\" is not a number; write a "
					 "number from 1 to 65535"},
		{"ports: [{pcap: []}]", "f:1:16: ports.pcap: an empty list is given; write the "
					"path of a capture file, "
					"or a list of at most 128 of them"},
		{"ports: [{pcap: [a, [b]]}]",
			"f:1:20: ports.pcap: a list is given; write the path of a capture file, or "
			"a list of at most 128 of them"},
		{"flows: [{name: a, keys: {b: c}, value: c}]",
			"f:1:25: flows.keys: a section is given; write key names with commas "
			"between them, "
			"or a list of at most 16"},
		{"cores: {rx: [1, x]}",
			"f:1:17: cores.rx: \"x\" is not a number; write a number from 0 to 1023"},
		{"cores: {rx: [1, 1024]}", "f:1:17: cores.rx: \"1024\" is out of range; write a "
					   "number from 0 to 1023"},
	};

	conf_test_wrong(wrong, sizeof(wrong) / sizeof(wrong[0]));
}

static void test_values(void **state)
{
	static const struct wrong wrong[] = {
		{"udp_port: 70000", "f:1:11: udp_port: \"70000\" is out of range; write a number "
				    "from 1 to 65535"},
		{"window: 7s", "f:1:9: window: \"7s\" does not fit; write a duration from 100ms to "
			       "1m that divides a "
			       "minute (100ms, 200ms, 250ms, 500ms, 1s, 2s, 5s, 10s ...)"},
		{"limits: {expire: 100ms}", "f:1:18: limits.expire: \"100ms\" is out of range; "
					    "write a duration from 1s to 24h"},
		{"memory: {hugepages: of}", "f:1:21: memory.hugepages: \"of\" is not known; write "
					    "auto, on or off (did you mean \"off\"?)"},
		{"cores: {rx: [1, 2, '1']}", "f:1:20: cores.rx: 1 is given twice; keep one"},
		{"redis: {url: 'http://x'}",
			"f:1:14: redis.url: \"http://x\" does not fit; write " URL},
		{"redis: {url: 'http://:hunter2@x'}",
			"f:1:14: redis.url: what is given does not fit; write " URL},
		{"redis: {url: 'sentinels:/h/m?sentinel=:hunter2'}",
			"f:1:14: redis.url: what is given does not fit; write " URL},
		{"api: {token: 'hunter 2'}",
			"f:1:14: api.token: what is given does not fit; write at most 256 "
			"characters "
			"of printable ASCII, without blanks, or file:PATH or env:NAME"},
		{"redis:\n  url: \"a\\0b\"",
			"f:2:8: redis.url: \"a?b\" has a control character in it; write " URL},
		{"flows:\n  - {name: a b, keys: c, value: d}",
			"f:2:12: flows.name: \"a b\" does not fit; write 1 to 64 letters, digits, "
			"_ . or -"},
		{"flows:\n  - {keys: c, value: d}", "f:2:5: flows: an entry without name; write "
						    "name: 1 to 64 letters, digits, _ . or -"},
		{"flows: [{name: a, keys: b}]",
			"f:1:9: flows: an entry without value; write value: bytes, "
			"frames, requests or a key that is a number; before it, rate:, avg:, min:, "
			"max:, last: or count: (of any key)"},
		{"flows: [{name: a, keys: b, value: c, t: 0}]",
			"f:1:41: flows.t: \"0\" is out of range; write seconds from 0.1 to 600"},
		{"flows: [{name: a, keys: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, "
		 "17]}]",
			"f:1:81: flows.keys: 17 entries; at most 16 are possible"},
		{"redis: {prefix: 'a b'}", "f:1:17: redis.prefix: \"a b\" does not fit; write 1 to "
					   "64 letters, digits, _ . - or :"},
	};

	conf_test_wrong(wrong, sizeof(wrong) / sizeof(wrong[0]));
}

/* A list with one entry too many is refused before any of it is read. */
static void test_long_list(void **state)
{
	char text[2048] = "flows: [";
	struct conf_error e;
	struct conf c;

	for (unsigned i = 0; i < 257; i++)
		strcat(text, "x,");
	strcat(text, "]");
	assert_int_not_equal(conf_test_parse(&c, text, &e), 0);
	assert_string_equal(e.text, "f:1:521: flows: 257 entries; at most 256 are possible");
	conf_free(&c);
}

static void test_all(void **state)
{
	static const char text[] =
		"udp_port: '6344'\n"
		"window: 0.5\n"
		"collector: me\n"
		"ports:\n"
		"  - {iface: eth0, queues: 2, driver: af_packet}\n"
		"  - {pci: \"0000:03:00.1\"}\n"
		"  - {pcap: [a, b c]}\n"
		"  - pcap: d\n"
		"  - vdev: net_ring0\n"
		"cores: {rx: [1, 2, 3, 4, 5, 6, 7], aggregate: ['8']}\n"
		"memory: {hugepages: on, mb: 7}\n"
		"ingress: {checksum: off, fragments: 8, fragment_timeout: 250ms}\n"
		"limits: {agents: 17, sources: 18, counters_mb: 19, expire: 1h}\n"
		"redis: {url: \"\", prefix: a:b}\n"
		"flows:\n"
		"  - {name: x.y, keys: 'a, b', value: bytes, n: 3, t: '0.25', capacity: 16}\n"
		"  - {name: z, keys: '', value: frames, t: 1m}\n";
	struct conf c;

	conf_test_good(&c, text);
	assert_string_equal(c.file, "f");
	assert_string_equal(c.collector, "me");
	assert_int_equal(c.udp_port, 6344);
	assert_int_equal(c.window_ms, 500);
	assert_int_equal(c.port_count, 5);
	assert_string_equal(c.ports[0].iface, "eth0");
	assert_int_equal(c.ports[0].queues, 2);
	assert_int_equal(c.ports[0].driver, CONF_DRIVER_AF_PACKET);
	assert_int_equal(c.ports[0].at.line, 5);
	assert_int_equal(c.ports[0].at.column, 5);
	assert_string_equal(c.ports[1].pci, "0000:03:00.1");
	assert_null(c.ports[1].iface);
	assert_int_equal(c.ports[2].pcap_count, 2);
	assert_string_equal(c.ports[2].pcap[1], "b c");
	assert_int_equal(c.ports[2].queues, 2);
	assert_string_equal(c.ports[3].pcap[0], "d");
	assert_string_equal(c.ports[4].vdev, "net_ring0");
	assert_int_equal(c.cores.rx_count, 7);
	assert_int_equal(c.cores.rx[6], 7);
	assert_int_equal(c.cores.aggregate[0], 8);
	assert_int_equal(c.cores.aggregate_count, 1);
	assert_int_equal(c.memory.hugepages, CONF_HUGEPAGES_ON);
	assert_int_equal(c.memory.mb, 7);
	assert_int_equal(c.ingress.checksum, CONF_CHECKSUM_OFF);
	assert_int_equal(c.ingress.fragments, 8);
	assert_int_equal(c.ingress.fragment_ms, 250);
	assert_int_equal(c.limits.agents, 17);
	assert_int_equal(c.limits.sources, 18);
	assert_int_equal(c.limits.counters_mb, 19);
	assert_int_equal(c.limits.expire_ms, 3600000);
	assert_string_equal(c.redis.url, "");
	assert_string_equal(c.redis.prefix, "a:b");
	assert_int_equal(c.flow_count, 2);
	assert_string_equal(c.flows[0].name, "x.y");
	assert_string_equal(c.flows[0].keys, "a, b");
	assert_string_equal(c.flows[0].value, "bytes");
	assert_int_equal(c.flows[0].n, 3);
	assert_true(c.flows[0].t == 0.25);
	assert_int_equal(c.flows[0].capacity, 16);
	assert_string_equal(c.flows[1].keys, "");
	assert_true(c.flows[1].t == 60);
	conf_free(&c);
}

/* Sections and lists whose lines are all commented out. */
static void test_null(void **state)
{
	struct conf c;

	conf_test_good(&c, "ports:\nflows: ~\ncores:\nredis: null\nlimits:\n  # agents: 1\n");
	assert_int_equal(c.port_count + c.flow_count, 0);
	assert_string_equal(c.redis.prefix, "weir");
	conf_free(&c);
	conf_test_good(&c, "cores: {rx: , aggregate: []}");
	assert_int_equal(c.cores.rx_count + c.cores.aggregate_count, 0);
	conf_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_long_list),
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
