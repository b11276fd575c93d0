/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "flow/data.h"
#include "flow/filter.h"
#include "rich_sample.h"

/* The function link. The sample is of agent 192.0.2.10, interfaces 3 to 4. */

static const char document[] =
	"{\"nodes\":{\"a\":{\"agent\":\"192.0.2.10\",\"ports\":{\"x\":{\"ifindex\":\"3\"},"
	"\"y\":{\"ifindex\":\"5\"}}},\"b\":{\"agent\":\"192.0.2.11\",\"ports\":{\"x\":{\"ifindex\":"
	"\"4\"},\"y\":{\"ifindex\":\"5\"}}}},\"links\":{\"up\":{\"node1\":\"a\",\"port1\":\"x\","
	"\"node2\":\"b\",\"port2\":\"x\"}}}";

static struct flow_data *data;

static int open_data(void **state)
{
	char error[TOPOLOGY_ERROR];
	struct topology *t = topology_parse(document, strlen(document), error);

	assert_non_null(t);
	data = flow_data_create(NULL);
	flow_data_set_topology(data, t);
	return 0;
}

static int close_data(void **state)
{
	flow_data_unref(data);
	return 0;
}

static struct flow_plan *compile(
	const char *keys, const char *filter, struct flow_data *with, struct flow_error *e)
{
	const struct flow_spec spec = {
		.name = "a", .keys = keys, .value = "frames", .filter = filter, .n = 1, .t = 2};

	return flow_compile(&spec, 1, with, e);
}

/* The text of the key, or whether the filter takes the sample: "yes" or "no". NULL: absent. */
static void expect(struct flow_data *with, const char *keys, const char *filter, const char *want)
{
	struct flow_error e;
	struct flow_plan *plan = compile(keys, filter, with, &e);
	const struct flow_definition *d;
	uint8_t key[FLOW_KEY_BYTES];
	struct flow_scratch scratch;
	struct flow_fields fields;
	struct sampled s;
	char text[512] = "";
	struct base_text t = base_text(text, sizeof(text));
	int len;

	if (!plan)
		fail_msg("%s", e.text);
	d = &plan->definitions[0];
	rich_open(&s, "/");
	flow_extract(plan, &s.agent, &s.sample, &s.flow, &fields);
	len = flow_key_build(d, plan, &fields, key);
	if (filter) {
		assert_int_equal(flow_scratch_init(&scratch), 0);
		flow_scratch_sample(&scratch);
		assert_string_equal(
			flow_filter_accepts(d->filter, plan, fields.value, &scratch) ? "yes" : "no",
			want);
		flow_scratch_fini(&scratch);
	} else {
		assert_int_equal(len >= 0, want != NULL);
		if (len >= 0)
			flow_key_print(plan, d, key, (unsigned)len, &t);
		if (want)
			assert_string_equal(text, want);
	}
	sampled_close(&s);
	flow_plan_free(plan);
}

static void test_keys(void **state)
{
	expect(data, "link:inputifindex", NULL, "up");
	expect(data, "link:outputifindex", NULL, NULL); /* 4 is an end of it at another agent */
	expect(data, "null:[link:outputifindex]:edge,link:inputifindex", NULL, "edge,up");
	expect(data, "or:[link:outputifindex]:[link:inputifindex]", NULL, "up");
}

static void test_filters(void **state)
{
	expect(data, "vlan", "link:inputifindex=up", "yes");
	expect(data, "vlan", "link:inputifindex=down", "no");
	expect(data, "vlan", "link:inputifindex=null", "no");
	expect(data, "vlan", "link:outputifindex=null", "yes");
}

/* Where there is no topology, there is no link: a definition that waits for one is no mistake. */
static void test_no_topology(void **state)
{
	expect(NULL, "link:inputifindex", NULL, NULL);
	expect(NULL, "vlan", "link:inputifindex=null", "yes");
}

/* The plan holds on to its topology. */
static void test_reference(void **state)
{
	struct flow_data *copy = flow_data_create(data);
	struct flow_error e;
	struct flow_plan *plan = compile("link:inputifindex", NULL, copy, &e);

	assert_ptr_equal(flow_data_topology(copy), flow_data_topology(data));
	flow_data_set_topology(copy, NULL);
	assert_null(flow_data_topology(copy));
	flow_data_unref(copy);
	flow_plan_free(plan);
}

static void test_errors(void **state)
{
	struct flow_error e;

	assert_null(compile("link:vlan", NULL, data, &e));
	assert_string_equal(
		e.text, "link takes an interface, inputifindex or outputifindex; this key is none");
	assert_int_equal(e.offset, 5);
	assert_null(compile("link:inputifindex:x", NULL, data, &e));
	assert_string_equal(e.text, "\"link\" has too many arguments; write link:KEY");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_filters),
		cmocka_unit_test(test_no_topology),
		cmocka_unit_test(test_reference),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests(tests, open_data, close_data);
}
