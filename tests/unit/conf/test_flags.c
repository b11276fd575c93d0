/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>

#include "conf_test.h"

static void test_set(void **state)
{
	struct conf_error e = {""};
	struct conf c;

	conf_test_good(&c, "udp_port: 1\nredis: {url: 'redis://a'}");
	assert_int_equal(conf_set(&c, "--redis", "redis.url", "unix:/x", &e), 0);
	assert_string_equal(c.redis.url, "unix:/x");
	assert_int_equal(conf_set(&c, "--udp-port", "udp_port", "7", &e), 0);
	assert_int_equal(c.udp_port, 7);
	assert_int_equal(conf_set(&c, "--udp-port", "udp_port", "x", &e), -EINVAL);
	assert_string_equal(
		e.text, "--udp-port: \"x\" is not a number; write a number from 1 to 65535");
	assert_int_equal(c.udp_port, 7);
	assert_int_equal(conf_set(&c, "--x", "flows.n", "1", &e), -EINVAL);
	assert_int_equal(conf_set(&c, "--x", "cores.rx", "1", &e), -EINVAL);
	assert_int_equal(conf_set(&c, "--x", "redis", "1", &e), -EINVAL);
	assert_int_equal(conf_set(&c, "--x", "nonesuch", "1", &e), -EINVAL);
	assert_string_equal(e.text, "--x: \"nonesuch\" is no option that a flag can set");
	assert_int_equal(conf_set(&c, "--set", "limits.agnets", "1", &e), -EINVAL);
	assert_string_equal(e.text,
		"--set: \"limits.agnets\" is no option that a flag can set; did "
		"you mean \"limits.agents\"?");
	conf_free(&c);
}

static void test_ports(void **state)
{
	struct conf_error e = {""};
	struct conf_port *port;
	struct conf c;

	conf_test_good(&c, "ports: [{iface: a}]");
	port = conf_add_port(&c);
	assert_int_equal(c.port_count, 2);
	assert_string_equal(c.ports[0].iface, "a");
	c.port_count = 0;
	port = conf_add_port(&c);
	assert_int_equal(c.port_count, 1);
	assert_null(port->iface);
	assert_int_equal(port->queues, 1);
	assert_int_equal(port->at.line, 0);
	assert_int_equal(conf_set_port(&c, port, "--iface", "iface", "eth1", &e), 0);
	assert_int_equal(conf_set_port(&c, port, "--queues", "queues", "4", &e), 0);
	assert_int_equal(conf_set_port(&c, port, "--driver", "driver", "af_xdp", &e), 0);
	assert_int_equal(conf_check(&c, &e), 0);
	port = conf_add_port(&c);
	assert_int_equal(conf_set_port(&c, port, "--pcap", "pcap", "x", &e), 0);
	assert_int_equal(conf_set_port(&c, port, "--pcap", "pcap", "y", &e), 0);
	assert_int_equal(port->pcap_count, 2);
	assert_int_equal(port->queues, 2);
	assert_string_equal(port->pcap[0], "x");
	assert_string_equal(port->pcap[1], "y");
	assert_string_equal(c.ports[0].iface, "eth1");
	assert_int_equal(c.ports[0].queues, 4);
	assert_int_equal(c.ports[0].driver, CONF_DRIVER_AF_XDP);
	assert_int_equal(conf_check(&c, &e), 0);
	conf_free(&c);
}

static void test_hide(void **state)
{
	static const char *const cases[][2] = {
		{"redis.password=hunter2", "redis.password=***"},
		{"--set=api.token=hunter2", "--set=api.token=***"},
		{"api.read_token=h2", "api.read_token=**"},
		{"redis.url=rediss://u:hunter2@h", "redis.url=rediss://u:***@h"},
		{"--redis=redis://:hunter2@h/1", "--redis=redis://:***@h/1"},
		{"redis.password=file:/etc/weir/redis", "redis.password=file:/etc/weir/redis"},
		{"limits.agents=1000", "limits.agents=1000"},
		{"redis.prefix=a=b", "redis.prefix=a=b"},
		{"--check", "--check"},
	};
	char text[64];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text), "%s", cases[i][0]);
		conf_hide(text);
		assert_string_equal(text, cases[i][1]);
		if (strlen(text) < strlen(cases[i][0]))
			assert_memory_equal(text + strlen(cases[i][0]) - 1, "\0", 2);
	}
}

static void test_wrong_ports(void **state)
{
	struct conf_error e = {""};
	struct conf_port *port;
	struct conf c;

	conf_init(&c);
	port = conf_add_port(&c);
	assert_int_equal(conf_set_port(&c, port, "--pci", "pci", "3", &e), -EINVAL);
	assert_string_equal(
		e.text, "--pci: \"3\" does not fit; write a PCI address like 0000:03:00.0");
	assert_int_equal(conf_set_port(&c, port, "--driver", "driver", "af_xpd", &e), -EINVAL);
	assert_string_equal(e.text,
		"--driver: \"af_xpd\" is not known; write auto, af_xdp or af_packet "
		"(did you mean \"af_xdp\"?)");
	assert_int_equal(conf_set_port(&c, port, "--pcap", "pcap", "a\xFF", &e), -EINVAL);
	assert_int_equal(conf_set_port(&c, port, "--x", "x", "a", &e), -EINVAL);
	assert_int_equal(conf_check(&c, &e), -EINVAL);
	assert_string_equal(e.text,
		"ports: an entry that names nothing; a port has one of iface, pci, pcap and vdev");
	for (unsigned i = 0; i < 128; i++)
		assert_int_equal(conf_set_port(&c, port, "--pcap", "pcap", "x", &e), 0);
	assert_int_equal(conf_set_port(&c, port, "--pcap", "pcap", "x", &e), -EINVAL);
	assert_string_equal(e.text, "--pcap: too many files for one port");
	conf_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_ports),
		cmocka_unit_test(test_wrong_ports),
		cmocka_unit_test(test_hide),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
