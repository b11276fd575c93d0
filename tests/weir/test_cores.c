/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "cores.h"
#include "nodes.h"

/* Placement on machines that are made up. */

/* Two nodes of four CPUs; those of node 1 are 2, 3, 6 and 7, as with hardware threads. */
static const struct cores_machine two_nodes = {
	.cpu = {0, 1, 2, 3, 4, 5, 6, 7}, .count = 8, .node = {0, 0, 1, 1, 0, 0, 1, 1}};

/* As in a container: CPUs with gaps, and no word of nodes. */
static const struct cores_machine unknown = {.cpu = {3, 5, 9}, .count = 3, .node = {-1, -1, -1}};

static struct cores k;
static struct conf_error error;

static void choose(
	const struct conf *c, const struct cores_machine *m, const int *nodes, unsigned queues)
{
	memset(&k, 0, sizeof(k));
	assert_int_equal(cores_choose(&k, c, m, nodes, queues, &error), 0);
	assert_int_equal(k.rx_cpus.count, queues);
	assert_int_equal(k.aggregate_cpus.count, 1);
}

static void assert_rx(const unsigned *want, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		assert_int_equal(k.rx_cpus.cpu[i], want[i]);
}

static void test_near_port(void **state)
{
	static const struct conf c;

	(void)state;
	choose(&c, &two_nodes, (const int[]){0, 0, 1}, 3);
	assert_rx((const unsigned[]){5, 4, 7}, 3);
	for (unsigned i = 0; i < 3; i++)
		assert_false(cores_apart(&k, i, i < 2 ? 0 : 1));
	assert_int_equal(k.aggregate[0], 0);
	choose(&c, &two_nodes, (const int[]){1}, 1);
	assert_rx((const unsigned[]){7}, 1);
	assert_int_equal(k.aggregate[0], 2); /* node 1, too: not CPU 0 */
	assert_int_equal(k.main_cpus.count, 7);
}

/* A port that does not care comes first, and leaves the CPUs of a node to the one that does. */
static void test_others_last(void **state)
{
	static const struct conf c;

	(void)state;
	choose(&c, &two_nodes, (const int[]){-1, 1, 1, 1, 1}, 5);
	assert_rx((const unsigned[]){5, 7, 6, 3, 2}, 5);
	assert_false(cores_apart(&k, 0, -1));
	assert_int_equal(k.rx_node[0], 0);
}

/* A node that is used up: CPUs of the other, and it shows. */
static void test_used_up(void **state)
{
	static const struct conf c;
	static const int nodes[] = {1, 1, 1, 1, 1};

	(void)state;
	choose(&c, &two_nodes, nodes, 5);
	assert_rx((const unsigned[]){7, 6, 3, 2, 5}, 5);
	assert_false(cores_apart(&k, 3, 1));
	assert_true(cores_apart(&k, 4, 1));
}

static void test_configured(void **state)
{
	static unsigned rx[] = {1, 7};
	static unsigned aggregate[] = {6};
	struct conf c = {.cores = {.rx = rx, .rx_count = 2}};

	(void)state;
	choose(&c, &two_nodes, (const int[]){1, 1}, 2);
	assert_rx(rx, 2);
	assert_true(cores_apart(&k, 0, 1));
	assert_false(cores_apart(&k, 1, 1));
	assert_int_equal(k.aggregate[0], 0); /* near CPU 1, whose tables it reads first */
	c = (struct conf){.cores = {.aggregate = aggregate, .aggregate_count = 1}};
	choose(&c, &two_nodes, (const int[]){1, 1, 1}, 3);
	assert_rx((const unsigned[]){7, 3, 2}, 3);
	assert_int_equal(k.aggregate[0], 6);
}

/* Fewer CPUs than threads: some share, and RX cores not with an aggregator of the configuration. */
static void test_few(void **state)
{
	static unsigned aggregate[] = {5};
	struct conf c = {0};

	(void)state;
	choose(&c, &unknown, (const int[]){0, 1, -1, -1}, 4);
	assert_rx((const unsigned[]){9, 5, 3, 9}, 4);
	assert_false(cores_apart(&k, 0, 0)); /* not known */
	assert_int_equal(k.main_cpus.count, 1);
	assert_int_equal(k.aggregate[0], 3);
	c = (struct conf){.cores = {.aggregate = aggregate, .aggregate_count = 1}};
	choose(&c, &unknown, (const int[]){-1, -1, -1}, 3);
	assert_rx((const unsigned[]){9, 3, 9}, 3);
}

static void test_refused(void **state)
{
	static unsigned rx[] = {4};
	struct conf c;

	(void)state;
	conf_init(&c);
	c.cores.rx = rx;
	c.cores.rx_count = 1;
	assert_int_equal(cores_choose(&k, &c, &unknown, (const int[]){-1}, 1, &error), -EINVAL);
	assert_non_null(strstr(error.text, "cores.rx: CPU 4"));
	conf_free(&c);
}

/* ---- what sysfs says ---- */

static void put(const char *root, const char *path, const char *text)
{
	char full[512];
	FILE *f;

	snprintf(full, sizeof(full), "%s/%s", root, path);
	for (char *p = full + strlen(root) + 1; (p = strchr(p, '/')); p++) {
		*p = 0;
		(void)mkdir(full, 0700);
		*p = '/';
	}
	f = fopen(full, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void test_sysfs(void **state)
{
	char root[] = "/tmp/weir-nodes-XXXXXX", command[64], list[16];

	(void)state;
	assert_non_null(mkdtemp(root));
	put(root, "devices/system/cpu/cpu12/node3/cpulist", "");
	put(root, "devices/system/cpu/cpu1/online", "1\n");
	put(root, "devices/system/node/node3/cpulist", "8-15,24-31\n");
	put(root, "bus/pci/devices/0000:17:00.0/numa_node", "3\n");
	put(root, "bus/pci/devices/0000:18:00.0/numa_node", "-1\n");
	put(root, "class/net/eth0/device/numa_node", "1\n");
	put(root, "class/net/eth1/device/numa_node", "no\n");
	assert_int_equal(nodes_of_cpu(root, 12), 3);
	assert_int_equal(nodes_of_cpu(root, 1), -1);
	assert_int_equal(nodes_of_cpu(root, 2), -1);
	assert_int_equal(nodes_of_pci(root, "0000:17:00.0"), 3);
	assert_int_equal(nodes_of_pci(root, "0000:18:00.0"), -1);
	assert_int_equal(nodes_of_pci(root, "0000:19:00.0"), -1);
	assert_int_equal(nodes_of_iface(root, "eth0"), 1);
	assert_int_equal(nodes_of_iface(root, "eth1"), -1);
	assert_int_equal(nodes_of_iface(root, "veth0"), -1);
	assert_string_equal(nodes_cpus(root, 3, list, sizeof(list)), "8-15,24-31");
	assert_string_equal(nodes_cpus(root, 4, list, sizeof(list)), "");
	snprintf(command, sizeof(command), "rm -r %s", root);
	assert_int_equal(system(command), 0);
}

static void test_here(void **state)
{
	struct cores_machine m;

	(void)state;
	cores_machine(&m, "/sys");
	assert_true(m.count > 0);
	for (unsigned i = 1; i < m.count; i++)
		assert_true(m.cpu[i - 1] < m.cpu[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_near_port),
		cmocka_unit_test(test_others_last),
		cmocka_unit_test(test_used_up),
		cmocka_unit_test(test_configured),
		cmocka_unit_test(test_few),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_sysfs),
		cmocka_unit_test(test_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
