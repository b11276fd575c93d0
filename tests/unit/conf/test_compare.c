/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>

#include "conf_test.h"

/* Two texts, and what is said where the second takes the place of the first; NULL: it may. */
struct change {
	const char *now, *next, *error;
};

#define FIXED(names)                                                                               \
	"f: " names " cannot change while weir runs: restart it, or put back what was there"

static void test_changes(void **state)
{
	static const struct change changes[] = {
		{"", "", NULL},
		{"window: 1s", "window: 1000ms", NULL}, /* another text, the same value */
		{"flows: [{name: a, keys: b, value: c}]", "", NULL},
		{"", "groups: {a: {b: 10.0.0.0/8}}\nmaps: {c: {d: 1}}\ntopology: f", NULL},
		{"thresholds: [{name: a, metric: b, value: 1}]",
			"thresholds: [{name: a, metric: b, value: 2}]", NULL},
		{"interfaces: {'::1': {1: a}}", "interfaces: {'::1': {1: b}}", NULL},
		{"geo: {country: a}", "geo: {country: b}", NULL},
		{"udp_port: 1", "udp_port: 2", FIXED("udp_port")},
		{"window: 1s", "window: 2s", FIXED("window")},
		{"ephemeral: false", "ephemeral: true", FIXED("ephemeral")},
		{"redis: {prefix: a}", "redis: {prefix: b}", FIXED("redis.prefix")},
		{"api: {token: a234567890123456}", "api: {token: b234567890123456}",
			FIXED("api.token")},
		{"capacity: {threshold: 80}", "capacity: {threshold: 80.5}",
			FIXED("capacity.threshold")},
		{"capacity: {groups: {a: {ifname: [b, c]}}}",
			"capacity: {groups: {a: {ifname: [b, d]}}}", FIXED("capacity.groups")},
		{"capacity: {groups: {a: {ifname: [b, c]}}}",
			"capacity: {groups: {a: {ifname: [b]}}}", FIXED("capacity.groups")},
		{"cores: {rx: [1, 2]}", "cores: {rx: [1, 3]}", FIXED("cores.rx")},
		{"cores: {rx: [1, 2]}", "cores: {rx: [1]}", FIXED("cores.rx")},
		{"snmp: {agents: [10.0.0.1]}", "snmp: {agents: [10.0.0.2]}", FIXED("snmp.agents")},
		{"ports: [{iface: a}]", "ports: [{iface: b}]", FIXED("ports")},
		{"ports: [{iface: a}]", "ports: [{iface: a}, {iface: b}]", FIXED("ports")},
		{"ports: [{pcap: [a, b]}]", "ports: [{pcap: [a, c]}]", FIXED("ports")},
		{"agents: [{address: '::1', sampling_rate: 2}]",
			"agents: [{address: '::1', sampling_rate: 3}]", NULL},
		{"allow: {agents: [10.0.0.0/8]}",
			"allow: {sources: [10.0.0.0/8], relays: ['::1'], source_is_agent: true}",
			NULL},
		{"udp_port: 1\nwindow: 1s", "udp_port: 2\nwindow: 2s", FIXED("udp_port, window")},
	};

	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		struct conf_error e = {""};
		struct conf now, next;
		int err;

		conf_test_good(&now, changes[i].now);
		conf_test_good(&next, changes[i].next);
		err = conf_check_fixed(&now, &next, &e);
		assert_string_equal(e.text, changes[i].error ? changes[i].error : "");
		assert_int_equal(err, changes[i].error ? -EINVAL : 0);
		assert_int_equal(conf_check_fixed(&next, &now, &e), err);
		conf_free(&now);
		conf_free(&next);
	}
}

/* Of an option and those below it, and of no other. */
static void test_same(void **state)
{
	struct conf a, b;

	conf_test_good(&a, "allow: {agents: [10.0.0.0/8], source_is_agent: true}\n"
			   "agents: [{address: '::1', sampling_rate: 2}]\nwindow: 1s");
	conf_test_good(&b,
		"allow: {agents: 10.0.0.0/8, source_is_agent: false}\n"
		"agents: [{address: '::1', sampling_rate: 2}]\nwindow: 2s\nlimits: {agents: 17}");
	assert_true(conf_same(&a, &a, "allow"));
	assert_true(conf_same(&a, &b, "allow.agents"));
	assert_false(conf_same(&a, &b, "allow.source_is_agent"));
	assert_false(conf_same(&a, &b, "allow"));
	assert_true(conf_same(&a, &b, "agents"));
	assert_true(conf_same(&a, &b, "redis"));
	assert_false(conf_same(&a, &b, "window"));
	conf_free(&b);
	conf_test_good(&b, "agents: [{address: '::1', sampling_rate: 3}]");
	assert_false(conf_same(&a, &b, "agents"));
	conf_free(&a);
	conf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_changes), cmocka_unit_test(test_same)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
