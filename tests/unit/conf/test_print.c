/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf_test.h"

/* What is printed is read back, and prints the same. */
static void round_trip(const char *text, const char *want)
{
	char *first, *second;
	struct conf c;

	conf_test_good(&c, text);
	first = conf_test_print(&c);
	conf_free(&c);
	if (want)
		assert_string_equal(first, want);
	conf_test_good(&c, first);
	second = conf_test_print(&c);
	conf_free(&c);
	assert_string_equal(first, second);
	free(first);
	free(second);
}

static void test_defaults(void **state)
{
	round_trip("collector: me", "udp_port: 6343\n"
				    "window: 1s\n"
				    "collector: \"me\"\n"
				    "ephemeral: false\n"
				    "ports: []\n"
				    "cores:\n"
				    "  rx: []\n"
				    "  aggregate: []\n"
				    "memory:\n"
				    "  hugepages: auto\n"
				    "  mb: 0\n"
				    "ingress:\n"
				    "  checksum: nic\n"
				    "  fragments: 256\n"
				    "  fragment_timeout: 1s\n"
				    "limits:\n"
				    "  agents: 16384\n"
				    "  sources: 65536\n"
				    "  counters_mb: 4\n"
				    "  flows_mb: 0\n"
				    "  expire: 5m\n"
				    "  events: 16384\n"
				    "  records: 65536\n"
				    "  recent: 1000\n"
				    "  active: 65536\n"
				    "metrics:\n"
				    "  silent: 3\n"
				    "  agent_sources: 16384\n"
				    "  custom: 128\n"
				    "  names: 4096\n"
				    "  text: 255\n"
				    "redis:\n"
				    "  url: \"redis://127.0.0.1:6379/0\"\n"
				    "  prefix: \"weir\"\n"
				    "  events: 10000\n"
				    "  records: 100000\n"
				    "api:\n"
				    "  listen: \"127.0.0.1:8008\"\n"
				    "  token: \"\"\n"
				    "  read_token: \"\"\n"
				    "  tls_cert: \"\"\n"
				    "  tls_key: \"\"\n"
				    "  request_limit: 4096\n"
				    "  connections: 128\n"
				    "  requests: 1000\n"
				    "  timeout: 10s\n"
				    "prometheus:\n"
				    "  prefix: \"sflow_\"\n"
				    "dns:\n"
				    "  servers: \"\"\n"
				    "  entries: 65536\n"
				    "  ttl_min: 1m\n"
				    "  ttl_max: 24h\n"
				    "  negative: 10m\n"
				    "  retry: 30s\n"
				    "  timeout: 2s\n"
				    "  tries: 2\n"
				    "  under_way: 64\n"
				    "  queue: 16384\n"
				    "flows: []\n"
				    "groups: {}\n"
				    "maps: {}\n"
				    "geo:\n"
				    "  country: \"\"\n"
				    "  asn: \"\"\n"
				    "  oui: \"\"\n"
				    "topology: \"\"\n"
				    "interfaces: \"\"\n"
				    "snmp:\n"
				    "  version: off\n"
				    "  community: \"public\"\n"
				    "  user: \"\"\n"
				    "  auth_protocol: SHA\n"
				    "  auth_password: \"\"\n"
				    "  priv_protocol: AES\n"
				    "  priv_password: \"\"\n"
				    "  port: 161\n"
				    "  timeout: 1s\n"
				    "  retries: 1\n"
				    "  refresh: 1h\n"
				    "  rate: 50\n"
				    "  interfaces: 4096\n"
				    "agents: []\n"
				    "thresholds: []\n");
}

static void test_all(void **state)
{
	round_trip("collector: me\n"
		   "window: 200ms\n"
		   "ports: [{iface: a, driver: af_xdp}, {pcap: ['x\"\\y', \"\xC3\xA4\"]}, {vdev: "
		   "'n,b: c # d'}]\n"
		   "cores: {rx: [7, 8, 9, 10], aggregate: [1]}\n"
		   "memory: {hugepages: off}\n"
		   "ingress: {checksum: software}\n"
		   "redis: {url: ''}\n"
		   "flows: [{name: f, keys: [a, \"b'\"], value: 'on', t: 0.333}, {name: g, keys: "
		   "'', value: x, filter: \"a='b c'&d!=e\", fs: _, dropped: true, log: true, "
		   "flowStart: true, activeTimeout: 1.5}]\n"
		   "agents: [{address: '::1', sampling_rate: 9}]\n"
		   "thresholds: [{name: t, metric: f, value: 0.1, timeout: 0.2}, {name: u, metric: "
		   "2.1.g/s, value: 12500000000, byFlow: true, samples: 9, filter: {agent: '::1', "
		   "ifspeed: [1e10, '*G']}}]",
		"udp_port: 6343\n"
		"window: 200ms\n"
		"collector: \"me\"\n"
		"ephemeral: false\n"
		"ports:\n"
		"  - iface: \"a\"\n"
		"    queues: 1\n"
		"    driver: af_xdp\n"
		"  - pcap: [\"x\\\"\\\\y\", \"\xC3\xA4\"]\n"
		"    queues: 2\n"
		"    driver: auto\n"
		"  - vdev: \"n,b: c # d\"\n"
		"    queues: 1\n"
		"    driver: auto\n"
		"cores:\n"
		"  rx: [7, 8, 9, 10]\n"
		"  aggregate: [1]\n"
		"memory:\n"
		"  hugepages: off\n"
		"  mb: 0\n"
		"ingress:\n"
		"  checksum: software\n"
		"  fragments: 256\n"
		"  fragment_timeout: 1s\n"
		"limits:\n"
		"  agents: 16384\n"
		"  sources: 65536\n"
		"  counters_mb: 4\n"
		"  flows_mb: 0\n"
		"  expire: 5m\n"
		"  events: 16384\n"
		"  records: 65536\n"
		"  recent: 1000\n"
		"  active: 65536\n"
		"metrics:\n"
		"  silent: 3\n"
		"  agent_sources: 16384\n"
		"  custom: 128\n"
		"  names: 4096\n"
		"  text: 255\n"
		"redis:\n"
		"  url: \"\"\n"
		"  prefix: \"weir\"\n"
		"  events: 10000\n"
		"  records: 100000\n"
		"api:\n"
		"  listen: \"127.0.0.1:8008\"\n"
		"  token: \"\"\n"
		"  read_token: \"\"\n"
		"  tls_cert: \"\"\n"
		"  tls_key: \"\"\n"
		"  request_limit: 4096\n"
		"  connections: 128\n"
		"  requests: 1000\n"
		"  timeout: 10s\n"
		"prometheus:\n"
		"  prefix: \"sflow_\"\n"
		"dns:\n"
		"  servers: \"\"\n"
		"  entries: 65536\n"
		"  ttl_min: 1m\n"
		"  ttl_max: 24h\n"
		"  negative: 10m\n"
		"  retry: 30s\n"
		"  timeout: 2s\n"
		"  tries: 2\n"
		"  under_way: 64\n"
		"  queue: 16384\n"
		"flows:\n"
		"  - name: \"f\"\n"
		"    keys: \"a,b'\"\n"
		"    value: \"on\"\n"
		"    filter: \"\"\n"
		"    fs: \",\"\n"
		"    dropped: false\n"
		"    log: false\n"
		"    flowStart: false\n"
		"    activeTimeout: 60\n"
		"    aggMode: max\n"
		"    n: 20\n"
		"    t: 0.333\n"
		"    capacity: 131072\n"
		"  - name: \"g\"\n"
		"    keys: \"\"\n"
		"    value: \"x\"\n"
		"    filter: \"a='b c'&d!=e\"\n"
		"    fs: \"_\"\n"
		"    dropped: true\n"
		"    log: true\n"
		"    flowStart: true\n"
		"    activeTimeout: 1.5\n"
		"    aggMode: max\n"
		"    n: 20\n"
		"    t: 2\n"
		"    capacity: 131072\n"
		"groups: {}\n"
		"maps: {}\n"
		"geo:\n"
		"  country: \"\"\n"
		"  asn: \"\"\n"
		"  oui: \"\"\n"
		"topology: \"\"\n"
		"interfaces: \"\"\n"
		"snmp:\n"
		"  version: off\n"
		"  community: \"public\"\n"
		"  user: \"\"\n"
		"  auth_protocol: SHA\n"
		"  auth_password: \"\"\n"
		"  priv_protocol: AES\n"
		"  priv_password: \"\"\n"
		"  port: 161\n"
		"  timeout: 1s\n"
		"  retries: 1\n"
		"  refresh: 1h\n"
		"  rate: 50\n"
		"  interfaces: 4096\n"
		"agents:\n"
		"  - address: \"::1\"\n"
		"    sampling_rate: 9\n"
		"thresholds:\n"
		"  - name: \"t\"\n"
		"    metric: \"f\"\n"
		"    value: 0.1\n"
		"    byFlow: false\n"
		"    timeout: 0.2\n"
		"    samples: 0\n"
		"    filter: \"\"\n"
		"  - name: \"u\"\n"
		"    metric: \"2.1.g/s\"\n"
		"    value: 12500000000\n"
		"    byFlow: true\n"
		"    timeout: 2\n"
		"    samples: 9\n"
		"    filter: {\"agent\": \"::1\", \"ifspeed\": [\"1e10\", \"*G\"]}\n");
}

/* A secret is shown nowhere; where it is may be. */
static void test_secrets(void **state)
{
	struct conf c;
	char *text;

	conf_test_good(&c,
		"snmp: {version: 3, agents: [10.0.0.0/8, '::1'], user: weir, community: hunter2,"
		" auth_password: env:AUTH, priv_password: file:/etc/weir/priv}");
	text = conf_test_print(&c);
	assert_null(strstr(text, "hunter2"));
	assert_non_null(strstr(text, "community: \"***\"\n"));
	assert_non_null(strstr(text, "auth_password: \"env:AUTH\"\n"));
	assert_non_null(strstr(text, "priv_password: \"file:/etc/weir/priv\"\n"));
	assert_non_null(strstr(text, "agents: [\"10.0.0.0/8\", \"::1\"]\n"));
	free(text);
	conf_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_secrets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
