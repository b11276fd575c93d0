/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "topology/topology.h"

#define NODES                                                                                      \
	"\"nodes\":{\"leaf1\":{\"agent\":\"192.0.2.1\",\"dpid\":\"1\",\"tags\":{\"rack\":\"a\"},"  \
	"\"ports\":{\"swp1\":{\"ifindex\":\"3\"},\"swp2\":{\"ifindex\":4,\"tags\":{}},"            \
	"\"host\":{\"ifindex\":\"7\"},\"bare\":{\"ofport\":\"1\"}}},"                              \
	"\"spine1\":{\"agent\":\"2001:db8::1\",\"ports\":{\"swp1\":{\"ifindex\":\"3\"},"           \
	"\"swp2\":{\"ifindex\":\"4294967295\"}}},"                                                 \
	"\"nobody\":{\"ports\":{\"swp1\":{\"ifindex\":\"1\"}}}}"
#define LINK(name, n1, p1, n2, p2)                                                                 \
	"\"" name "\":{\"node1\":\"" n1 "\",\"port1\":\"" p1 "\",\"node2\":\"" n2                  \
	"\",\"port2\":\"" p2 "\"}"
#define LINKS(links) "{" NODES ",\"links\":{" links "}}"

static struct topology *good(const char *text)
{
	char error[TOPOLOGY_ERROR];
	struct topology *t = topology_parse(text, strlen(text), error);

	if (!t)
		fail_msg("%s", error);
	return t;
}

static void expect_error(const char *text, const char *want)
{
	char error[TOPOLOGY_ERROR];

	errno = 0;
	assert_null(topology_parse(text, strlen(text), error));
	assert_int_equal(errno, EINVAL);
	assert_string_equal(error, want);
}

static struct base_addr addr(const char *text)
{
	struct base_addr a;

	assert_int_equal(base_addr_parse(text, &a), 0);
	return a;
}

static void expect_link(
	const struct topology *t, const char *agent, uint32_t ifindex, const char *name)
{
	const struct base_addr a = addr(agent);
	const struct topology_link *link = topology_link_of(t, &a, ifindex);

	assert_int_equal(link != NULL, name != NULL);
	if (link) {
		assert_string_equal(link->text, name);
		assert_int_equal(link->len, strlen(name));
	}
}

static void expect_place(const struct topology *t, const char *agent, uint32_t class,
	uint32_t index, enum topology_place place)
{
	const struct base_addr a = addr(agent);

	assert_int_equal(topology_place_of(t, &a, class, index), place);
}

static void test_lookups(void **state)
{
	struct topology *t = good(LINKS(LINK("up", "leaf1", "swp1", "spine1", "swp2")));

	expect_link(t, "192.0.2.1", 3, "up");
	expect_link(t, "2001:db8::1", 4294967295, "up");
	expect_link(t, "192.0.2.1", 4, NULL);
	expect_link(t, "2001:db8::1", 3, NULL);
	expect_link(t, "192.0.2.2", 3, NULL);
	expect_place(t, "192.0.2.1", 0, 3, TOPOLOGY_CORE);
	expect_place(t, "192.0.2.1", 0, 4, TOPOLOGY_EDGE);
	expect_place(t, "192.0.2.1", 0, 99, TOPOLOGY_EDGE);
	expect_place(t, "192.0.2.1", 2, 3, TOPOLOGY_OUTSIDE);
	expect_place(t, "2001:db8::1", 0, 4294967295, TOPOLOGY_CORE);
	expect_place(t, "192.0.2.2", 0, 3, TOPOLOGY_OUTSIDE);
	topology_unref(t);
}

static void test_none(void **state)
{
	const struct base_addr a = addr("192.0.2.1");

	assert_null(topology_link_of(NULL, &a, 3));
	assert_false(topology_has_agent(NULL, &a));
	expect_place(NULL, "192.0.2.1", 0, 3, TOPOLOGY_OUTSIDE);
	topology_unref(topology_ref(NULL));
}

/* What is not there is empty; what is free text is kept. */
static void test_least(void **state)
{
	struct topology *t = good("{}");

	expect_link(t, "192.0.2.1", 3, NULL);
	topology_unref(t);
	t = good("{\"nodes\":{},\"links\":{},\"version\":12}");
	topology_unref(t);
	t = good("{\"nodes\":{\"a\":{\"agent\":\"192.0.2.1\"}}}");
	expect_place(t, "192.0.2.1", 0, 1, TOPOLOGY_EDGE);
	topology_unref(t);
}

static void test_document(void **state)
{
	struct topology *a = good(LINKS(LINK("up", "leaf1", "swp1", "spine1", "swp2"))), *b;
	json_t *first = topology_json(a), *second;
	char error[TOPOLOGY_ERROR];

	assert_int_equal(json_object_size(first), 3);
	assert_string_equal(
		json_string_value(json_object_get(
			json_object_get(
				json_object_get(json_object_get(first, "nodes"), "leaf1"), "tags"),
			"rack")),
		"a");
	b = topology_create(first, error); /* with its version: what was read can be put */
	assert_non_null(b);
	second = topology_json(b);
	assert_true(json_integer_value(json_object_get(second, "version")) >
		    json_integer_value(json_object_get(first, "version")));
	json_object_del(first, "version");
	json_object_del(second, "version");
	assert_true(json_equal(first, second));
	json_decref(first);
	json_decref(second);
	topology_unref(a);
	topology_unref(b);
}

/* Names of links are printed as one line. */
static void test_names(void **state)
{
	struct topology *t =
		good(LINKS(LINK("\\u00fc\\\\,\\n", "leaf1", "swp1", "spine1", "swp2")));
	char text[4096], name[TOPOLOGY_NAME + 2], want[TOPOLOGY_ERROR];

	expect_link(t, "192.0.2.1", 3, "\\xC3\\xBC\\\\,\\x0A");
	topology_unref(t);
	memset(name, 'a', sizeof(name));
	name[TOPOLOGY_NAME] = '\0';
	snprintf(text, sizeof(text), LINKS(LINK("%s", "leaf1", "swp1", "spine1", "swp2")), name);
	t = good(text);
	expect_link(t, "192.0.2.1", 3, name);
	topology_unref(t);
	name[TOPOLOGY_NAME] = 'a';
	name[TOPOLOGY_NAME + 1] = '\0';
	snprintf(text, sizeof(text), LINKS(LINK("%s", "leaf1", "swp1", "spine1", "swp2")), name);
	expect_error(text,
		"links.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa: "
		"a name has 1 to 128 bytes");
	for (unsigned i = 0; i < 51; i++)
		memcpy(name + 2 * i, "\xC3\xBC", 3);
	snprintf(text, sizeof(text), LINKS(LINK("%s", "leaf1", "swp1", "spine1", "swp2")), name);
	snprintf(want, sizeof(want),
		"links.%.64s: its name is longer than 200 bytes when it is printed", name);
	expect_error(text, want);
}

static void test_errors(void **state)
{
	static const char *const rows[][2] = {
		{"", "line 1, column 0: '[' or '{' expected near end of file"},
		{"{\"nodes\":\n}", "line 2, column 1: unexpected token near '}'"},
		{"{\"nodes\":{},\"nodes\":{}}",
			"line 1, column 19: duplicate object key near '\"nodes\"'"},
		{"[]", "must be an object"},
		{"{\"node\":{}}", "there is no \"node\" in it; did you mean \"nodes\"?"},
		{"{\"nodes\":[]}", "nodes: must be an object of names"},
		{"{\"links\":7}", "links: must be an object of names"},
		{"{\"nodes\":{\"\":{}}}", "nodes.: a name has 1 to 128 bytes"},
		{"{\"nodes\":{\"a\":7}}", "nodes.a: must be an object"},
		{"{\"nodes\":{\"a\":{\"agnet\":\"192.0.2.1\"}}}",
			"nodes.a: there is no \"agnet\" in it; did you mean \"agent\"?"},
		{"{\"nodes\":{\"a\":{\"agent\":7}}}",
			"nodes.a.agent: must be the IP address of an agent, as a text"},
		{"{\"nodes\":{\"a\":{\"agent\":\"leaf1\"}}}",
			"nodes.a.agent: must be the IP address of an agent, as a text"},
		{"{\"nodes\":{\"a\":{\"tags\":\"x\"}}}", "nodes.a.tags: must be an object"},
		{"{\"nodes\":{\"a\":{\"ports\":[]}}}", "nodes.a.ports: must be an object of names"},
		{"{\"nodes\":{\"a\":{\"ports\":{\"p\":{\"ifIndex\":1}}}}}",
			"nodes.a.ports.p: there is no \"ifIndex\" in it; did you mean "
			"\"ifindex\"?"},
		{"{\"nodes\":{\"a\":{\"ports\":{\"p\":{\"ifindex\":\"eth0\"}}}}}",
			"nodes.a.ports.p.ifindex: must be a number from 1 to 4294967295"},
		{"{\"nodes\":{\"a\":{\"ports\":{\"p\":{\"ifindex\":\"4294967296\"}}}}}",
			"nodes.a.ports.p.ifindex: must be a number from 1 to 4294967295"},
		{"{\"nodes\":{\"a\":{\"ports\":{\"p\":{\"ifindex\":0}}}}}",
			"nodes.a.ports.p.ifindex: must be a number from 1 to 4294967295"},
		{"{\"nodes\":{\"a\":{\"ports\":{\"p\":{\"ifindex\":1.5}}}}}",
			"nodes.a.ports.p.ifindex: must be a number from 1 to 4294967295"},
		{LINKS("\"l\":{\"node1\":\"leaf1\"}"), "links.l.port1: must be the name of a port"},
		{LINKS("\"l\":{\"port1\":\"swp1\"}"), "links.l.node1: must be the name of a node"},
		{LINKS("\"l\":{\"from\":\"leaf1\"}"), "links.l: there is no \"from\" in it"},
		{LINKS(LINK("l", "leaf2", "swp1", "spine1", "swp2")),
			"links.l.node1: the node \"leaf2\" is not in nodes; did you mean "
			"\"leaf1\"?"},
		{LINKS(LINK("l", "leaf1", "swp1", "spine1", "swp3")),
			"links.l.port2: the port \"swp3\" is not in nodes; did you mean \"swp1\"?"},
		{LINKS(LINK("l", "leaf1", "swp1", "nobody", "swp1")),
			"links.l.node2: the node \"nobody\" has no agent"},
		{LINKS(LINK("l", "leaf1", "bare", "spine1", "swp1")),
			"links.l.port1: the port \"bare\" of \"leaf1\" has no ifindex"},
		{LINKS(LINK("l", "leaf1", "swp1", "leaf1", "swp1")),
			"links.l: both of its ends are the same port"},
		{LINKS(LINK("l", "leaf1", "swp1", "spine1", "swp1") "," LINK(
			 "m", "leaf1", "swp2", "spine1", "swp1")),
			"links.m.port2: this port is at an end of \"l\", too"},
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		expect_error(rows[i][0], rows[i][1]);
}

/* ---- without nodes ---- */

/* What names mean at the moment. */
struct naming {
	const char *spine;  /* agent of spine1; NULL: nobody knows */
	uint32_t up, other; /* ifIndex of leaf1's "up" and of anybody's "other"; 0: nobody knows */
};

static bool name_agent(void *ctx, const char *node, struct base_addr *agent)
{
	const struct naming *n = ctx;
	const char *text = strcmp(node, "leaf1") == 0    ? "192.0.2.1"
			   : strcmp(node, "spine1") == 0 ? n->spine
							 : NULL;

	return text && base_addr_parse(text, agent) == 0;
}

static bool name_port(void *ctx, const struct base_addr *agent, const char *port, uint32_t *ifindex)
{
	const struct naming *n = ctx;

	*ifindex = strcmp(port, "up") == 0 ? n->up : n->other;
	return *ifindex > 0;
}

static struct topology *learn(struct topology *t, const struct naming *n)
{
	const struct topology_names names = {
		.agent = name_agent, .port = name_port, .ctx = (void *)(uintptr_t)n};
	struct topology *next = topology_learn(t, &names);

	if (next)
		topology_unref(t);
	else
		assert_int_equal(errno, EALREADY);
	return next ? next : t;
}

/* Ends come, move and go with their names; the document and its version stay. */
static void test_learned(void **state)
{
	static const char text[] = "{\"links\":{" LINK("l", "leaf1", "up", "spine1", "other") "}}";
	const struct base_addr leaf = addr("192.0.2.1"), spine = addr("192.0.2.9");
	struct topology *t = good(text), *before;
	json_t *document = topology_json(t), *after;

	assert_true(topology_is_learned(t));
	assert_false(topology_has_agent(t, &leaf));
	t = learn(t, &(struct naming){.up = 0});
	assert_true(topology_has_agent(t, &leaf));
	assert_int_equal(topology_ends(t), 0);
	t = learn(t, &(struct naming){.up = 3});
	expect_link(t, "192.0.2.1", 3, "l");
	assert_int_equal(topology_place_of(t, &leaf, 0, 3), TOPOLOGY_CORE);
	assert_int_equal(topology_place_of(t, &leaf, 0, 4), TOPOLOGY_EDGE);
	assert_int_equal(topology_place_of(t, &spine, 0, 5), TOPOLOGY_OUTSIDE);
	t = learn(t, &(struct naming){.spine = "192.0.2.9", .up = 3, .other = 5});
	expect_link(t, "192.0.2.9", 5, "l");
	before = t;
	t = learn(t, &(struct naming){.spine = "192.0.2.9", .up = 3, .other = 5});
	assert_ptr_equal(t, before);
	t = learn(t, &(struct naming){.spine = "192.0.2.9", .up = 4, .other = 5});
	expect_link(t, "192.0.2.1", 3, NULL);
	expect_link(t, "192.0.2.1", 4, "l");
	after = topology_json(t);
	assert_true(json_equal(document, after));
	json_decref(document);
	json_decref(after);
	topology_unref(t);
	t = good("{\"nodes\":{},\"links\":{}}");
	assert_false(topology_is_learned(t));
	topology_unref(t);
}

static void test_learned_errors(void **state)
{
	expect_error("{\"links\":{" LINK("l", "a", "p", "a", "p") "}}",
		"links.l: both of its ends are the same port");
	expect_error("{\"links\":{\"l\":{\"node1\":\"a\",\"port1\":\"p\",\"node2\":\"b\"}}}",
		"links.l.port2: must be the name of a port");
}

/* Thousands of links: each port finds its own. */
static void test_many(void **state)
{
	enum { MANY = 5000 };
	json_t *nodes = json_object(), *links = json_object(), *document;
	char error[TOPOLOGY_ERROR], name[32], agent[32];
	struct topology *t;

	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		snprintf(agent, sizeof(agent), "10.0.%d.%d", i >> 8, i & 255);
		json_object_set_new(nodes, name,
			json_pack("{s:s,s:{s:{s:i},s:{s:i}}}", "agent", agent, "ports", "a",
				"ifindex", 1, "b", "ifindex", 2));
	}
	for (int i = 0; i + 1 < MANY; i++) {
		char one[32], other[32];

		snprintf(name, sizeof(name), "l%d", i);
		snprintf(one, sizeof(one), "n%d", i);
		snprintf(other, sizeof(other), "n%d", i + 1);
		json_object_set_new(links, name,
			json_pack("{s:s,s:s,s:s,s:s}", "node1", one, "port1", "b", "node2", other,
				"port2", "a"));
	}
	document = json_pack("{s:o,s:o}", "nodes", nodes, "links", links);
	t = topology_create(document, error);
	assert_non_null(t);
	for (int i = 0; i < MANY; i++) {
		snprintf(agent, sizeof(agent), "10.0.%d.%d", i >> 8, i & 255);
		snprintf(name, sizeof(name), "l%d", i);
		expect_link(t, agent, 2, i + 1 < MANY ? name : NULL);
		snprintf(name, sizeof(name), "l%d", i - 1);
		expect_link(t, agent, 1, i > 0 ? name : NULL);
	}
	json_decref(document);
	topology_unref(t);
}

static void test_file(void **state)
{
	char path[] = "/tmp/weir-topology-XXXXXX", error[TOPOLOGY_ERROR];
	int fd = mkstemp(path);
	FILE *f = fdopen(fd, "w");
	struct topology *t;

	assert_non_null(f);
	fputs(LINKS(LINK("up", "leaf1", "swp1", "spine1", "swp2")), f);
	fclose(f);
	t = topology_load(path, error);
	assert_non_null(t);
	expect_link(t, "192.0.2.1", 3, "up");
	topology_unref(t);
	remove(path);
	assert_null(topology_load(path, error));
	assert_int_equal(errno, ENOENT);
	assert_string_equal(error, "cannot read it: No such file or directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lookups),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_least),
		cmocka_unit_test(test_document),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_learned),
		cmocka_unit_test(test_learned_errors),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
