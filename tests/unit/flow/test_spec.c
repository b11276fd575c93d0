/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flow/spec.h"

static struct flow_spec *read_text(const char *name, const char *text, char *error, size_t size)
{
	json_error_t e;
	json_t *body = json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, &e);
	struct flow_spec *spec;

	if (!body)
		fail_msg("%s: %s", text, e.text);
	spec = flow_spec_read(name, body, error, size);
	json_decref(body);
	return spec;
}

static struct flow_spec *good(const char *text)
{
	char error[256] = "";
	struct flow_spec *spec = read_text("one", text, error, sizeof(error));

	if (!spec)
		fail_msg("%s: %s", text, error);
	return spec;
}

static void bad_name(const char *name, const char *text, const char *want)
{
	char error[256] = "";

	errno = 0;
	assert_null(read_text(name, text, error, sizeof(error)));
	assert_int_equal(errno, EINVAL);
	assert_string_equal(error, want);
}

static void bad(const char *text, const char *want)
{
	bad_name("one", text, want);
}

static void test_defaults(void **state)
{
	struct flow_spec *s = good("{\"value\": \"bytes\"}");

	assert_string_equal(s->name, "one");
	assert_string_equal(s->keys, "");
	assert_string_equal(s->value, "bytes");
	assert_string_equal(s->filter, "");
	assert_string_equal(s->fs, ",");
	assert_int_equal(s->n, 20);
	assert_true(s->t == 2);
	assert_int_equal(s->capacity, 131072);
	assert_false(s->dropped);
	assert_int_equal(s->ttl, 0);
	flow_spec_free(s);
	flow_spec_free(NULL);
}

/* Numbers and booleans as themselves and as texts; keys as a text and as a list. */
static void test_forms(void **state)
{
	static const char *const forms[] = {
		"{\"keys\": \"ipsource,ipdestination\", \"value\": \"frames\", \"n\": 5, \"t\": "
		"2.5, \"dropped\": true, \"fs\": \"_\", \"filter\": \"ipprotocol=6\", "
		"\"capacity\": "
		"1000, \"ttl\": 30}",
		"{\"keys\": [\"ipsource\", \"ipdestination\"], \"value\": \"frames\", \"n\": "
		"\"5\", \"t\": \"2.5\", \"dropped\": \"true\", \"fs\": \"_\", \"filter\": "
		"\"ipprotocol=6\", \"capacity\": 1000.0, \"ttl\": \"30\"}",
		"{\"keys\": \"ipsource,ipdestination\", \"value\": \"frames\", \"n\": 5, \"t\": "
		"2.5, \"dropped\": true, \"fs\": \"_\", \"filter\": \"ipprotocol=6\", "
		"\"capacity\": 1000, \"ttl\": 30, \"log\": null, \"values\": null}",
	};

	for (unsigned i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct flow_spec *s = good(forms[i]);

		assert_string_equal(s->keys, "ipsource,ipdestination");
		assert_string_equal(s->value, "frames");
		assert_string_equal(s->filter, "ipprotocol=6");
		assert_string_equal(s->fs, "_");
		assert_int_equal(s->n, 5);
		assert_true(s->t == 2.5);
		assert_int_equal(s->capacity, 1000);
		assert_true(s->dropped);
		assert_int_equal(s->ttl, 30);
		flow_spec_free(s);
	}
}

static void test_refusals(void **state)
{
	bad("[]", "a flow definition is a JSON object, such as {\"keys\": \"ipsource\", \"value\": "
		  "\"bytes\"}");
	bad("{\"keys\": \"ipsource\"}", "value: is missing");
	bad("{\"value\": \"\"}", "value: is empty");
	bad("{\"value\": 5}", "value: takes a text");
	bad("{\"value\": \"bytes\", \"aggMode\": \"AGENTS\"}",
		"aggMode: \"AGENTS\" is not there; it takes one of max, sum, edge, core, AGENT");
	bad("{\"value\": \"bytes\", \"aggMode\": 1}", "aggMode: takes a text");
	bad("{\"value\": \"bytes\", \"keys\": {}}", "keys: takes a text, or a list of texts");
	bad("{\"value\": \"bytes\", \"keys\": [\"a\", 3]}",
		"keys: element 2 of the list is no text");
	bad("{\"value\": \"bytes\", \"keys\": [\"a\", \"\"]}",
		"keys: element 2 of the list is empty");
	bad("{\"value\": \"bytes\", \"keys\": \"a\\u0000b\"}",
		"keys: a NUL character cannot be in it");
	bad("{\"value\": \"bytes\", \"n\": \"many\"}",
		"n: \"many\" is no number; it takes one from 1 to 100000");
	bad("{\"value\": \"bytes\", \"n\": \"\"}",
		"n: \"\" is no number; it takes one from 1 to 100000");
	bad("{\"value\": \"bytes\", \"n\": 0}", "n: takes a number from 1 to 100000");
	bad("{\"value\": \"bytes\", \"n\": 2.5}", "n: takes a whole number");
	bad("{\"value\": \"bytes\", \"n\": true}", "n: takes a number");
	bad("{\"value\": \"bytes\", \"t\": 601}", "t: takes a number from 0.1 to 600");
	bad("{\"value\": \"bytes\", \"t\": \"nan\"}",
		"t: \"nan\" is no number; it takes one from 0.1 to 600");
	bad("{\"value\": \"bytes\", \"capacity\": 1e99}",
		"capacity: takes a number from 16 to 16777216");
	bad("{\"value\": \"bytes\", \"dropped\": 1}", "dropped: takes true or false");
	bad("{\"value\": \"bytes\", \"dropped\": \"yes\"}", "dropped: takes true or false");
	bad("{\"value\": \"bytes\", \"filtre\": \"a=1\"}",
		"a flow definition has no attribute \"filtre\"; did you mean \"filter\"?");
	bad("{\"value\": \"bytes\", \"colour\": \"red\"}",
		"a flow definition has no attribute \"colour\"");
	bad("{\"value\": \"bytes\", \"ipfixCollectors\": [\"10.0.0.1\"]}",
		"ipfixCollectors: not supported, weir exports no IPFIX; leave it out");
	bad_name("a b", "{\"value\": \"bytes\"}",
		"\"a b\" is no name: it takes 1 to 64 letters, digits, _ . or -");
	bad_name("", "{\"value\": \"bytes\"}",
		"\"\" is no name: it takes 1 to 64 letters, digits, _ . or -");
}

/* Texts and lists of texts up to the longest, and one byte more. */
static void test_lengths(void **state)
{
	char text[FLOW_TEXT_MAX + 2], error[256];
	json_t *body = json_pack("{s:s}", "value", "bytes"), *list;

	memset(text, 'a', sizeof(text));
	text[FLOW_TEXT_MAX] = '\0';
	json_object_set_new(body, "keys", json_string(text));
	flow_spec_free(flow_spec_read("one", body, error, sizeof(error)));
	text[FLOW_TEXT_MAX] = 'a';
	text[FLOW_TEXT_MAX + 1] = '\0';
	json_object_set_new(body, "keys", json_string(text));
	assert_null(flow_spec_read("one", body, error, sizeof(error)));
	assert_string_equal(error, "keys: longer than 8192 bytes, which is the most");
	text[FLOW_TEXT_MAX / 2] = '\0';
	list = json_pack("[s,s]", text, text);
	json_object_set_new(body, "keys", list);
	assert_null(flow_spec_read("one", body, error, sizeof(error)));
	assert_string_equal(error, "keys: longer than 8192 bytes, which is the most");
	json_decref(body);
}

/* What is written is read back to the same, all defaults in it. */
static void test_json(void **state)
{
	struct flow_spec *a = good("{\"value\": \"bytes\", \"t\": 0.5}"), *b;
	json_t *json = flow_spec_json(a);
	char *text = json_dumps(json, JSON_COMPACT), error[256];

	assert_string_equal(text,
		"{\"keys\":\"\",\"value\":\"bytes\",\"values\":\"\",\"filter\":\"\",\"fs\":\",\","
		"\"n\":20,\"t\":0.5,\"capacity\":131072,\"dropped\":false,\"log\":false,"
		"\"flowStart\":false,\"activeTimeout\":60,\"aggMode\":\"max\",\"ttl\":0}");
	b = flow_spec_read("one", json, error, sizeof(error));
	assert_non_null(b);
	json_decref(json);
	json = flow_spec_json(b);
	free(text);
	text = json_dumps(json, JSON_COMPACT);
	assert_non_null(strstr(text, "\"t\":0.5"));
	free(text);
	json_decref(json);
	flow_spec_free(a);
	flow_spec_free(b);
}

/* A copy has texts of its own, and defaults for those that are absent. */
static void test_copy(void **state)
{
	char keys[] = "agent";
	const struct flow_spec from = {.name = "two", .keys = keys, .value = "bytes", .n = 7};
	struct flow_spec *copy = flow_spec_copy(&from);

	assert_non_null(copy);
	keys[0] = 'x';
	assert_string_equal(copy->name, "two");
	assert_string_equal(copy->keys, "agent");
	assert_string_equal(copy->filter, "");
	assert_string_equal(copy->fs, ",");
	assert_int_equal(copy->n, 7);
	flow_spec_free(copy);
}

typedef const char *text_maker(const struct flow_spec *spec, struct base_region *region);

static bool same(text_maker *text, const char *a, const char *b)
{
	struct base_region r = {.head = NULL};
	struct flow_spec *sa = good(a), *sb = good(b);
	bool equal = strcmp(text(sa, &r), text(sb, &r)) == 0;

	flow_spec_free(sa);
	flow_spec_free(sb);
	base_region_free(&r);
	return equal;
}

static bool same_meaning(const char *a, const char *b)
{
	return same(flow_spec_meaning, a, b);
}

static void test_meaning(void **state)
{
	static const char base[] = "{\"value\": \"bytes\", \"keys\": \"agent\"}";

	assert_true(same_meaning(base, base));
	assert_true(same_meaning(base, "{\"value\": \"bytes\", \"keys\": [\"agent\"], \"n\": 7, "
				       "\"fs\": \"_\", \"ttl\": 9, \"t\": \"2.0\"}"));
	assert_false(same_meaning(base, "{\"value\": \"frames\", \"keys\": \"agent\"}"));
	assert_false(same_meaning(base, "{\"value\": \"bytes\", \"keys\": \"vlan\"}"));
	assert_false(same_meaning(base, "{\"value\": \"bytes\", \"keys\": \"agent\", \"t\": 3}"));
	assert_false(same_meaning(
		base, "{\"value\": \"bytes\", \"keys\": \"agent\", \"dropped\": true}"));
	assert_false(same_meaning(
		base, "{\"value\": \"bytes\", \"keys\": \"agent\", \"capacity\": 99}"));
	assert_false(same_meaning(
		base, "{\"value\": \"bytes\", \"keys\": \"agent\", \"filter\": \"vlan=1\"}"));
}

/* What RX cores count depends on less than what is kept of it; each attribute once. */
static void test_counts(void **state)
{
	static const char base[] = "{\"value\": \"bytes\"}";
	static const char *const equal[] = {"\"n\": 7", "\"fs\": \"_\"", "\"ttl\": 9", "\"t\": 3",
		"\"log\": true", "\"flowStart\": true", "\"activeTimeout\": 9",
		"\"aggMode\": \"sum\""};
	static const char *const unequal[] = {"\"keys\": \"agent\"", "\"values\": \"frames\"",
		"\"filter\": \"vlan=1\"", "\"capacity\": 99", "\"dropped\": true",
		"\"aggMode\": \"AGENT\""};
	char text[128];

	for (unsigned i = 0; i < sizeof(equal) / sizeof(equal[0]); i++) {
		snprintf(text, sizeof(text), "{\"value\": \"bytes\", %s}", equal[i]);
		assert_true(same(flow_spec_counts, base, text));
		assert_true(same_meaning(base, text) == (i < 3 || i == 7));
	}
	for (unsigned i = 0; i < sizeof(unequal) / sizeof(unequal[0]); i++) {
		snprintf(text, sizeof(text), "{\"value\": \"bytes\", %s}", unequal[i]);
		assert_false(same(flow_spec_counts, base, text));
		assert_false(same_meaning(base, text));
	}
	assert_false(same(flow_spec_counts, base, "{\"value\": \"frames\"}"));
}

static void test_error(void **state)
{
	const struct flow_spec spec = {.name = "one",
		.keys = "agent,ipsorce",
		.value = "bytes",
		.n = 1,
		.t = 1,
		.capacity = 16};
	struct flow_error e;
	char text[300];

	assert_null(flow_compile(&spec, 1, NULL, &e));
	flow_error_print(&e, text, sizeof(text));
	assert_int_equal(strncmp(text, "keys, character 7: ", 19), 0);
	assert_non_null(strstr(text, "ipsource"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_copy),
		cmocka_unit_test(test_meaning),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
