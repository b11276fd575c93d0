/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "rich_sample.h"

enum { SCHEME, USER, AUTHORITY, HOST, PORT, PATH, FILE_, EXTENSION, QUERY, FRAGMENT, PARTS };
static const char *const names[PARTS] = {"scheme", "user", "authority", "host", "port", "path",
	"file", "extension", "query", "fragment"};

static void expect_part(const struct sampled *s, const char *part, const char *text)
{
	char key[64];

	snprintf(key, sizeof(key), "uri:httpurl:%s", part);
	expect_key(s, key, text);
}

static void test_parts(void **state)
{
	static const struct {
		const char *uri;
		const char *parts[PARTS]; /* NULL: absent */
	} rows[] = {
		{"http://ann:pw@w.org:8080/a/b.tar.gz?q=1&r=2#top",
			{"http", "ann:pw", "ann:pw@w.org:8080", "w.org", "8080", "/a/b.tar.gz",
				"b.tar.gz", "gz", "q=1&r=2", "top"}},
		{"/index.html",
			{[PATH] = "/index.html", [FILE_] = "index.html", [EXTENSION] = "html"}},
		{"/a/b/", {[PATH] = "/a/b/"}},
		{"/", {[PATH] = "/"}},
		{"/a.b/c", {[PATH] = "/a.b/c", [FILE_] = "c"}},
		{"/.profile", {[PATH] = "/.profile", [FILE_] = ".profile"}},
		{"/a.", {[PATH] = "/a.", [FILE_] = "a."}},
		{"b.c?d", {[PATH] = "b.c", [FILE_] = "b.c", [EXTENSION] = "c", [QUERY] = "d"}},
		{"?q", {[QUERY] = "q"}},
		{"#f", {[FRAGMENT] = "f"}},
		{"/a?", {[PATH] = "/a", [FILE_] = "a"}},
		{"/a?b?c#d#e", {[PATH] = "/a", [FILE_] = "a", [QUERY] = "b?c", [FRAGMENT] = "d#e"}},
		{"//w.org", {[AUTHORITY] = "w.org", [HOST] = "w.org"}},
		{"//w.org?q", {[AUTHORITY] = "w.org", [HOST] = "w.org", [QUERY] = "q"}},
		{"http://w.org", {[SCHEME] = "http", [AUTHORITY] = "w.org", [HOST] = "w.org"}},
		{"http://w.org:/", {[SCHEME] = "http",
					   [AUTHORITY] = "w.org:",
					   [HOST] = "w.org",
					   [PATH] = "/"}},
		{"http://w.org:x/", {[SCHEME] = "http",
					    [AUTHORITY] = "w.org:x",
					    [HOST] = "w.org",
					    [PATH] = "/"}},
		{"https://[2001:db8::1]:443/x", {[SCHEME] = "https",
							[AUTHORITY] = "[2001:db8::1]:443",
							[HOST] = "[2001:db8::1]",
							[PORT] = "443",
							[PATH] = "/x",
							[FILE_] = "x"}},
		{"https://[2001:db8::1]/", {[SCHEME] = "https",
						   [AUTHORITY] = "[2001:db8::1]",
						   [HOST] = "[2001:db8::1]",
						   [PATH] = "/"}},
		{"file:///etc/hosts",
			{[SCHEME] = "file", [PATH] = "/etc/hosts", [FILE_] = "hosts"}},
		{"mailto:ann@w.org#x", {[SCHEME] = "mailto", [FRAGMENT] = "x"}},
		{"a@b:c", {[PATH] = "a@b:c", [FILE_] = "a@b:c"}},
		{"1a:/b", {[PATH] = "1a:/b", [FILE_] = "b"}},
		{":", {[PATH] = ":", [FILE_] = ":"}},
		{"x:", {[SCHEME] = "x"}},
		{"//@:@:5/", {[USER] = "@:", [AUTHORITY] = "@:@:5", [PORT] = "5", [PATH] = "/"}},
		{"/%41?%42", {[PATH] = "/%41", [FILE_] = "%41", [QUERY] = "%42"}},
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sampled s;

		rich_open(&s, rows[i].uri);
		for (unsigned part = 0; part < PARTS; part++)
			expect_part(&s, names[part], rows[i].parts[part]);
		sampled_close(&s);
	}
}

static void test_kinds(void **state)
{
	static const struct {
		const char *uri, *absolute, *opaque;
	} rows[] = {
		{"http://w.org/", "true", "false"},
		{"/a", "false", "false"},
		{"mailto:ann", "true", "true"},
		{"x:", "true", "true"},
		{"x:/", "true", "false"},
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sampled s;

		rich_open(&s, rows[i].uri);
		expect_part(&s, "isabsolute", rows[i].absolute);
		expect_part(&s, "isopaque", rows[i].opaque);
		sampled_close(&s);
	}
}

static void test_normalized(void **state)
{
	static const struct {
		const char *uri, *text;
	} rows[] = {
		{"/a/./b/../c", "/a/c"},
		{"/a/b/..", "/a/"},
		{"/a/b/.", "/a/b/"},
		{"/a//b///c", "/a/b/c"},
		{"/../../a", "/a"},
		{"/..", "/"},
		{"../a/../../b", "../../b"},
		{"a/..", ""},
		{"./a", "a"},
		{"..a/.b/...", "..a/.b/..."},
		{"http://w.org/a/../b?x=/../y#/../z", "http://w.org/b?x=/../y#/../z"},
		{"mailto:a/../b", "mailto:a/../b"},
		{"?q", "?q"},
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sampled s;

		rich_open(&s, rows[i].uri);
		expect_part(&s, "normalized", rows[i].text);
		sampled_close(&s);
	}
}

static void test_nested(void **state)
{
	struct sampled s;

	rich_open(&s, "http://w.org:8080/metrics/json");
	expect_key(&s, "prefix:[uri:httpurl:path]:/:2", "/metrics");
	expect_key(&s, "eq:[uri:httpurl:host]:httphost", "true");
	expect_key(&s, "range:[uri:httpurl:port]:8000:9000", "true");
	expect_key(&s, "uri:url:path", NULL);
	sampled_close(&s);
}

static void expect_error(const char *keys, unsigned offset, const char *text)
{
	const struct flow_spec spec = {.name = "a", .keys = keys, .value = "bytes", .n = 1};
	struct flow_error e;

	assert_null(flow_compile(&spec, 1, NULL, &e));
	assert_string_equal(e.text, text);
	assert_int_equal(e.offset, offset);
}

static void test_errors(void **state)
{
	expect_error("uri:httpurl:hots", 12, "a URI has no \"hots\"; did you mean \"host\"?");
	expect_error("uri:httpurl:zzzzzzzz", 12,
		"a URI has no \"zzzzzzzz\"; docs/keys.rst lists its parts");
	expect_error("uri:vlan:host", 4, "uri takes a text; this key is none");
	expect_error("uri:httpurl", 0, "\"uri\" is a function; write uri:KEY:PART");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_normalized),
		cmocka_unit_test(test_nested),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
