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

#include "base/addr.h"
#include "flow/data.h"

static const char *find(const struct flow_lookup *l, const char *address)
{
	struct base_addr addr;
	uint32_t label;

	assert_int_equal(base_addr_parse(address, &addr), 0);
	label = prefix_table_find(&l->networks, addr.bytes, (unsigned)base_addr_len(&addr));
	return label == PREFIX_NONE ? NULL : l->labels[label - 1].text;
}

static void test_group(void **state)
{
	const struct flow_entry entries[] = {
		{"all", "0.0.0.0/0"}, {"lab", "10.0.0.0/8"}, {"lab", "fc00::/7"},
		{"desk \xC3\xA4\\", "10.1.2.3"}, {"all", "::/0"},
		{"lab", "10.9.9.9/8"}, /* again, as it may be written twice */
	};
	struct flow_lookup_error e;
	struct flow_lookup *l = flow_lookup_build(FLOW_GROUP, "g.1", entries, 6, &e);

	assert_non_null(l);
	assert_string_equal(l->name, "g.1");
	assert_int_equal(l->label_count, 3);
	assert_int_equal(l->value_count, 6);
	assert_string_equal(find(l, "9.0.0.0"), "all");
	assert_string_equal(find(l, "10.1.2.2"), "lab");
	assert_string_equal(find(l, "10.1.2.3"), "desk \\xC3\\xA4\\\\");
	assert_string_equal(find(l, "fd00::1"), "lab");
	assert_string_equal(find(l, "2001:db8::1"), "all");
	flow_lookup_unref(l);
}

static void test_empty(void **state)
{
	struct flow_lookup_error e;
	struct flow_lookup *l = flow_lookup_build(FLOW_GROUP, "g", NULL, 0, &e);

	assert_non_null(l);
	assert_null(find(l, "10.0.0.1"));
	flow_lookup_unref(l);
	l = flow_lookup_build(FLOW_MAP, "m", NULL, 0, &e);
	assert_non_null(l);
	flow_lookup_unref(l);
	flow_lookup_unref(NULL);
}

static void test_map(void **state)
{
	const struct flow_entry entries[] = {{"web", "80"}, {"dns", "53"}, {"web", "443"}};
	struct flow_lookup_error e;
	struct flow_lookup *l = flow_lookup_build(FLOW_MAP, "ports", entries, 3, &e);

	assert_non_null(l);
	assert_int_equal(l->label_count, 2);
	assert_int_equal(l->value_count, 3);
	assert_string_equal(l->values[2].text, "443");
	assert_string_equal(l->labels[l->values[2].label - 1].text, "web");
	flow_lookup_unref(l);
}

static void expect_error(enum flow_lookup_kind kind, const char *name,
	const struct flow_entry *entries, size_t count, size_t entry, const char *text)
{
	struct flow_lookup_error e = {.entry = 99};

	assert_null(flow_lookup_build(kind, name, entries, count, &e));
	assert_int_equal(errno, EINVAL);
	assert_string_equal(e.text, text);
	assert_int_equal(e.entry, entry);
}

static void test_errors(void **state)
{
	struct flow_entry entries[] = {{"a", "10.0.0.0/8"}, {"b", "10.1.0.0/16"},
		{"a", "2001:db8::/32"}, {"b", "10.0.0.1"}};
	char label[FLOW_LABEL_BYTES + 2], value[257];

	expect_error(FLOW_GROUP, "", entries, 4, 0,
		"\"\" cannot be the name of a group; write 1 to 64 letters, digits, _ . or -");
	expect_error(FLOW_MAP, "a b", entries, 4, 0,
		"\"a b\" cannot be the name of a map; write 1 to 64 letters, digits, _ . or -");
	entries[3].value = "10.0.0.1/40";
	expect_error(FLOW_GROUP, "g", entries, 4, 3,
		"label \"b\": \"10.0.0.1/40\" is no network; behind the / of an IPv4 network is a "
		"number from 0 to 32");
	entries[3].value = "10.1.2.3/8";
	expect_error(FLOW_GROUP, "g", entries, 4, 3,
		"label \"b\": 10.1.2.3/8 is under the label \"a\", too; keep one");
	entries[3].value = "2001:DB8::1/32";
	expect_error(FLOW_GROUP, "g", entries, 4, 3,
		"label \"b\": 2001:DB8::1/32 is under the label \"a\", too; keep one");
	entries[3] = (struct flow_entry){"", "10.0.0.1"};
	expect_error(FLOW_GROUP, "g", entries, 4, 3, "a label is empty");
	memset(label, 'x', sizeof(label));
	label[FLOW_LABEL_BYTES + 1] = '\0';
	entries[3].label = label;
	expect_error(FLOW_GROUP, "g", entries, 4, 3,
		"the label \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...\" is too long; at "
		"most 200 bytes are possible, of which each that is no ASCII takes 4");
	memset(value, 'y', sizeof(value));
	value[256] = '\0';
	entries[3] = (struct flow_entry){"b", value};
	expect_error(FLOW_MAP, "m", entries, 4, 3,
		"label \"b\": the value \"yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy...\" is "
		"longer than 255 bytes");
}

/* Each label once, however many there are. */
static void test_many(void **state)
{
	enum { COUNT = 50000 };
	struct flow_entries entries = {0};
	struct flow_lookup_error e;
	struct flow_lookup *l;

	for (unsigned i = 0; i < COUNT; i++)
		flow_entries_add(&entries,
			base_region_printf(&entries.region, "label %u", i % 1000),
			base_region_printf(&entries.region, "10.%u.%u.0/24", i >> 8, i & 255), 0);
	l = flow_lookup_build(FLOW_GROUP, "g", entries.list, entries.count, &e);
	assert_non_null(l);
	assert_int_equal(l->label_count, 1000);
	assert_string_equal(find(l, "10.0.1.200"), "label 1");
	assert_string_equal(find(l, "10.195.79.1"), "label 999");
	assert_null(find(l, "10.195.80.1"));
	flow_lookup_unref(l);
	flow_entries_free(&entries);
}

/* ---- files ---- */

static void test_file(void **state)
{
	static const char text[] = "# networks\n"
				   "lab 10.0.0.0/8\r\n"
				   "\n"
				   "  the  lab\t 10.1.0.0/16  \n"
				   "lab   ::/0";
	struct flow_entries e = {0};
	unsigned line;
	const char *why;

	assert_int_equal(flow_entries_parse(&e, text, strlen(text), &line, &why), 0);
	assert_int_equal(e.count, 3);
	assert_string_equal(e.list[0].label, "lab");
	assert_string_equal(e.list[0].value, "10.0.0.0/8");
	assert_int_equal(e.list[0].line, 2);
	assert_string_equal(e.list[1].label, "the  lab");
	assert_string_equal(e.list[1].value, "10.1.0.0/16");
	assert_int_equal(e.list[1].line, 4);
	assert_string_equal(e.list[2].value, "::/0");
	flow_entries_free(&e);
	assert_int_equal(flow_entries_parse(&e, "", 0, &line, &why), 0);
	assert_int_equal(e.count, 0);
	flow_entries_free(&e);
}

static void expect_line(const char *text, size_t len, unsigned number, const char *sentence)
{
	struct flow_entries e = {0};
	unsigned line;
	const char *why = "";

	assert_int_equal(flow_entries_parse(&e, text, len, &line, &why), -EINVAL);
	assert_int_equal(line, number);
	assert_string_equal(why, sentence);
	flow_entries_free(&e);
}

static void test_file_errors(void **state)
{
	expect_line("a 10.0.0.0/8\nb", 14, 2, "write a label, a blank, and a value");
	expect_line("a b\n\n\n  10.0.0.0/8 \n", 20, 4, "write a label, a blank, and a value");
	expect_line("a \0b", 4, 1, "there is a control character in it");
	expect_line("a b\na\x1B[2J b", 11, 2, "there is a control character in it");
}

/* ---- JSON ---- */

static json_t *parse(const char *text)
{
	json_error_t e;
	json_t *json = json_loads(text, JSON_DECODE_ANY, &e);

	if (!json)
		fail_msg("%s: %s", text, e.text);
	return json;
}

/* What is read is given back, label by label. */
static void test_json(void **state)
{
	static const char text[] =
		"{\"\\u00e4 \\\"\\\\\": [\"80\", 443, \"a\\tb\"], \"none\": [], \"one\": -1}";
	static const char want[] =
		"{\"\\u00e4 \\\"\\\\\": [\"80\", \"443\", \"a\\tb\"], \"one\": [\"-1\"]}";
	json_t *body = parse(text), *wanted = parse(want), *got;
	struct flow_entries entries = {0};
	struct flow_lookup_error e;
	struct flow_lookup *l;
	char error[200];

	assert_int_equal(flow_entries_read(&entries, body, error, sizeof(error)), 0);
	l = flow_lookup_build(FLOW_MAP, "m", entries.list, entries.count, &e);
	assert_non_null(l);
	flow_entries_free(&entries);
	json_decref(body);
	got = flow_lookup_json(l);
	assert_true(json_equal(got, wanted));
	json_decref(got);
	json_decref(wanted);
	flow_lookup_unref(l);
}

/* Of a label whose values do not stand side by side, one list. */
static void test_json_of_lines(void **state)
{
	const struct flow_entry entries[] = {
		{"a", "10.0.0.0/8"}, {"b", "11.0.0.0/8"}, {"a", "::/0"}, {"b", "11.1.2.3/8"}};
	json_t *want = parse("{\"a\": [\"10.0.0.0/8\", \"::/0\"],"
			     " \"b\": [\"11.0.0.0/8\", \"11.1.2.3/8\"]}"),
	       *got;
	struct flow_lookup_error e;
	struct flow_lookup *l = flow_lookup_build(FLOW_GROUP, "g", entries, 4, &e);

	assert_non_null(l);
	got = flow_lookup_json(l);
	assert_true(json_equal(got, want));
	json_decref(got);
	json_decref(want);
	flow_lookup_unref(l);
}

static void test_json_errors(void **state)
{
	static const struct {
		const char *body, *error;
	} wrong[] = {
		{"[]", "write an object of labels, each with a list of values"},
		{"\"a\"", "write an object of labels, each with a list of values"},
		{"{\"a\": null}", "label \"a\": a value is neither a text nor a whole number"},
		{"{\"a\": [\"b\", 1.5]}",
			"label \"a\": a value is neither a text nor a whole number"},
		{"{\"a\": [[\"b\"]]}", "label \"a\": a value is neither a text nor a whole number"},
		{"{\"a\": {\"b\": \"c\"}}",
			"label \"a\": a value is neither a text nor a whole number"},
	};
	const struct flow_entry latin[] = {{"a", "x"}, {"\xE4", "y"}};

	for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		json_t *body = parse(wrong[i].body);
		struct flow_entries entries = {0};
		char error[200] = "";

		assert_int_equal(flow_entries_read(&entries, body, error, sizeof(error)), -EINVAL);
		assert_string_equal(error, wrong[i].error);
		flow_entries_free(&entries);
		json_decref(body);
	}
	expect_error(FLOW_MAP, "m", latin, 2, 1, "a label or a value is not UTF-8");
}

/* ---- sets ---- */

static struct flow_lookup *made(enum flow_lookup_kind kind, const char *name)
{
	struct flow_lookup_error e;
	struct flow_lookup *l = flow_lookup_build(kind, name, NULL, 0, &e);

	assert_non_null(l);
	return l;
}

static void test_sets(void **state)
{
	struct flow_data *a = flow_data_create(NULL), *b;
	const struct flow_lookup *second;

	flow_data_put(a, made(FLOW_GROUP, "m"));
	flow_data_put(a, made(FLOW_GROUP, "a"));
	flow_data_put(a, made(FLOW_GROUP, "z"));
	flow_data_put(a, made(FLOW_MAP, "m"));
	assert_string_equal(flow_data_at(a, FLOW_GROUP, 0)->name, "a");
	assert_string_equal(flow_data_at(a, FLOW_GROUP, 1)->name, "m");
	assert_string_equal(flow_data_at(a, FLOW_GROUP, 2)->name, "z");
	assert_null(flow_data_at(a, FLOW_GROUP, 3));
	assert_null(flow_data_at(NULL, FLOW_GROUP, 0));
	assert_int_equal(flow_data_find(a, FLOW_MAP, "m")->kind, FLOW_MAP);
	assert_null(flow_data_find(a, FLOW_MAP, "a"));
	assert_null(flow_data_find(NULL, FLOW_MAP, "a"));

	/* A copy shares what is not changed, and changes nothing here. */
	b = flow_data_create(a);
	second = flow_data_find(a, FLOW_GROUP, "m");
	assert_ptr_equal(flow_data_find(b, FLOW_GROUP, "m"), second);
	flow_data_put(b, made(FLOW_GROUP, "m"));
	assert_true(flow_data_remove(b, FLOW_GROUP, "a"));
	assert_false(flow_data_remove(b, FLOW_GROUP, "a"));
	assert_ptr_equal(flow_data_find(a, FLOW_GROUP, "m"), second);
	assert_ptr_not_equal(flow_data_find(b, FLOW_GROUP, "m"), second);
	assert_non_null(flow_data_find(a, FLOW_GROUP, "a"));
	assert_string_equal(flow_data_at(b, FLOW_GROUP, 1)->name, "z");
	flow_data_unref(a);
	assert_non_null(flow_data_find(b, FLOW_GROUP, "z")->name);
	flow_data_unref(b);
	flow_data_unref(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_group),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_map),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_file_errors),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_json_of_lines),
		cmocka_unit_test(test_json_errors),
		cmocka_unit_test(test_sets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
