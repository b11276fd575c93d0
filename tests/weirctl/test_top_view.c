/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "top_view.h"

static void assert_prints(const char *json, unsigned n, const char *want)
{
	json_t *document = json_loads(json, 0, NULL);
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(document);
	top_view_print(out, document, n);
	fclose(out);
	assert_string_equal(text, want);
	free(text);
	json_decref(document);
}

static void test_document(void **state)
{
	assert_prints("{\"flow\":\"pairs\",\"collector\":\"c1\",\"window\":1,\"start_ms\":1000,"
		      "\"end_ms\":2000,\"unit\":\"bytes\",\"total\":125000000,\"other\":1250000,"
		      "\"flows\":12,\"samples\":90,\"top\":[{\"key\":\"10.0.0.1,10.0.0.2\","
		      "\"value\":12500000.5,\"samples\":100,\"error\":0.196,"
		      "\"agent\":\"192.0.2.1\",\"source\":\"10\"},{\"key\":\"x\",\"value\":1}]}",
		10,
		"pairs: 1.00 Gbps in 12 flows, 90 samples, 1.0% in flows without room; "
		"window of 1 s to 1970-01-01 00:00:02, collector c1\n"
		"FLOW                   RATE   ERROR  SAMPLES  AGENT      SOURCE\n"
		"10.0.0.1,10.0.0.2  100 Mbps  ±19.6%      100  192.0.2.1  10\n"
		"x                  8.00 bps       -        -  -          -\n");
}

/* What anyone may have written into Redis: no crash, and a dash for what is not there. */
static void test_strange(void **state)
{
	assert_prints("{}", 10,
		"-: 0 flows, 0 samples; window of 0 ms to 1970-01-01 00:00:00, collector -\n"
		"FLOW  RATE  ERROR  SAMPLES  AGENT  SOURCE\n");
	assert_prints("{\"flow\":3,\"top\":[3,{\"value\":\"x\"}],\"end_ms\":-5}", 1,
		"-: 0 flows, 0 samples; window of 0 ms to 1970-01-01 00:00:00, collector -\n"
		"FLOW  RATE  ERROR  SAMPLES  AGENT  SOURCE\n"
		"-        -      -        -  -      -\n");
}

/* Values beside the first are columns; what is no rate is not per second, and has no total. */
static void test_values(void **state)
{
	assert_prints(
		"{\"flow\":\"rtt\",\"collector\":\"c1\",\"start_ms\":1000,\"end_ms\":2000,"
		"\"aggregate\":\"avg\",\"unit\":\"microseconds\",\"total\":5000,\"flows\":1,"
		"\"samples\":9,\"values\":["
		"{\"value\":\"frames\",\"aggregate\":\"rate\",\"unit\":\"frames\"},"
		"{\"value\":\"count:ipsource\",\"aggregate\":\"count\",\"unit\":\"distinct\"}],"
		"\"top\":[{\"key\":\"x\",\"value\":12500,\"values\":[2,null],\"error\":null}]}",
		10,
		"rtt: 1 flows, 9 samples; window of 1 s to 1970-01-01 00:00:02, collector c1\n"
		"FLOW      AVG  ERROR  SAMPLES    frames  count:ipsource  AGENT  SOURCE\n"
		"x     12.5 ms      -        -  2.00 fps               -  -      -\n");
}

/* The API tells of a moment, not of a window. */
static void test_moment(void **state)
{
	assert_prints("{\"flow\":\"pairs\",\"unit\":\"frames\",\"end_ms\":2000,\"top\":["
		      "{\"key\":\"x\",\"value\":1}]}",
		10,
		"pairs: the largest flows at 1970-01-01 00:00:02\n"
		"FLOW      RATE  ERROR  SAMPLES  AGENT  SOURCE\n"
		"x     1.00 fps      -        -  -      -\n");
}

static void test_cut(void **state)
{
	json_t *document = json_loads("{\"top\":[1,2,3]}", 0, NULL);

	top_view_cut(document, 2);
	assert_int_equal(json_array_size(json_object_get(document, "top")), 2);
	top_view_cut(document, 9);
	assert_int_equal(json_array_size(json_object_get(document, "top")), 2);
	json_decref(document);
}

static void assert_sorted(enum top_sort sort, bool reverse, const char *keys)
{
	json_t *document = json_loads(
		"{\"flow\":\"f\",\"top\":["
		"{\"key\":\"b\",\"value\":3,\"samples\":7,\"error\":0.5,\"agent\":\"192.0.2.2\"},"
		"{\"key\":\"c\",\"value\":2.5,\"samples\":9,\"error\":0.1,\"agent\":\"192.0.2.1\"},"
		"{\"key\":\"a\",\"value\":1},"
		"{\"key\":\"d\",\"value\":1,\"samples\":7,\"error\":0.6,\"agent\":\"192.0.2.2\"}]}",
		0, NULL);
	json_t *sorted = top_view_sorted(document, sort, reverse), *flow;
	char text[8] = "";
	size_t i;

	json_array_foreach(json_object_get(sorted, "top"), i, flow)
		strcat(text, json_string_value(json_object_get(flow, "key")));
	assert_string_equal(text, keys);
	assert_string_equal(json_string_value(json_object_get(sorted, "flow")), "f");
	flow = json_array_get(json_object_get(document, "top"), 0);
	assert_string_equal(json_string_value(json_object_get(flow, "key")), "b");
	json_decref(sorted);
	json_decref(document);
}

/* Equal ones stay in their order; what is missing comes last, either way round. */
static void test_sorted(void **state)
{
	assert_sorted(TOP_BY_RATE, false, "bcad");
	assert_sorted(TOP_BY_RATE, true, "adcb");
	assert_sorted(TOP_BY_ERROR, false, "dbca");
	assert_sorted(TOP_BY_SAMPLES, false, "cbda");
	assert_sorted(TOP_BY_SAMPLES, true, "bdca");
	assert_sorted(TOP_BY_AGENT, false, "cbda");
	assert_sorted(TOP_BY_FLOW, false, "abcd");
	assert_sorted(TOP_BY_FLOW, true, "dcba");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_document),
		cmocka_unit_test(test_strange),
		cmocka_unit_test(test_moment),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_sorted),
	};

	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
