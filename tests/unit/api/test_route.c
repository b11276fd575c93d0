/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "api/route.h"

static char text[4096];
static struct api_url url;

static struct api_match match(const char *method, const char *target)
{
	struct api_match m;

	strcpy(text, target);
	assert_int_equal(api_url_parse(text, &url), 0);
	api_match(method, &url, &m);
	return m;
}

static void test_paths(void **state)
{
	struct api_match m = match("GET", "/version");

	assert_string_equal(m.route->path, "/version");
	m = match("HEAD", "/version");
	assert_string_equal(m.route->path, "/version");
	m = match("GET", "/version/");
	assert_non_null(m.route);
	m = match("PUT", "/version");
	assert_null(m.route);
	assert_string_equal(m.methods, "GET, HEAD");
	m = match("GET", "/");
	assert_null(m.route);
	assert_string_equal(m.methods, "");
	m = match("GET", "/version/json");
	assert_null(m.route);
	m = match("GET", "/versions");
	assert_null(m.route);
}

static void test_kinds(void **state)
{
	struct api_match m = match("GET", "/flow/json");

	assert_string_equal(m.route->path, "/{kind}/json");
	assert_string_equal(m.names[0], "flow");
	m = match("DELETE", "/flow/pairs/json");
	assert_string_equal(m.route->path, "/{kind}/{name}/json");
	assert_string_equal(m.names[0], "flow");
	assert_string_equal(m.names[1], "pairs");
	m = match("PUT", "/flow/json"); /* flows have names */
	assert_null(m.route);
	assert_string_equal(m.methods, "GET, HEAD");
	m = match("POST", "/flow/pairs/json");
	assert_null(m.route);
	assert_string_equal(m.methods, "GET, HEAD, PUT, DELETE");
	m = match("GET", "/flaw/json");
	assert_null(m.route);
	assert_string_equal(m.methods, "");
}

static const char *const colours[] = {"red", "blue", NULL};
static const struct api_parameter parameters[] = {
	{"count", API_UINT, .preset = "7", .min = 1, .max = 100, .help = "how many"},
	{"least", API_NUMBER, .help = "from where"},
	{"colour", API_CHOICE, .choices = colours, .help = "which"},
	{"key", API_TEXT, .required = true, .help = "what"},
	{.name = NULL},
};
static const struct api_route route = {"GET", "/test", .parameters = parameters};

static struct api_request asked(const char *target)
{
	strcpy(text, target);
	assert_int_equal(api_url_parse(text, &url), 0);
	return (struct api_request){.route = &route, .url = &url};
}

static void test_arguments(void **state)
{
	struct api_request r = asked("/test?key=&least=-1.5e3&colour=RED&_=123");
	struct api_error e;

	assert_int_equal(api_check_arguments(&route, &url, &e), 0);
	assert_int_equal(api_uint(&r, "count"), 7);
	assert_true(api_number(&r, "least") == -1500);
	assert_string_equal(api_text(&r, "colour"), "RED");
	r = asked("/test?key=1&count=100");
	assert_int_equal(api_check_arguments(&route, &url, &e), 0);
	assert_int_equal(api_uint(&r, "count"), 100);
	assert_true(api_number(&r, "least") == 0);
	assert_null(api_text(&r, "colour"));
}

static void test_wrong_arguments(void **state)
{
	static const struct {
		const char *target, *says;
	} wrong[] = {
		{"/test", "\"key\" is missing: what"},
		{"/test?key=1&cuont=1", "did you mean \"count\"?"},
		{"/test?key=1&_count=1", "no query parameter \"_count\""},
		{"/test?key=1&_=x", "no query parameter \"_\""},
		{"/test?key=1&count=0", "from 1 to 100"},
		{"/test?key=1&count=101", "from 1 to 100"},
		{"/test?key=1&count=-1", "from 1 to 100"},
		{"/test?key=1&count=+1", "from 1 to 100"},
		{"/test?key=1&count=1x", "from 1 to 100"},
		{"/test?key=1&count=", "from 1 to 100"},
		{"/test?key=1&count=99999999999999999999999", "from 1 to 100"},
		{"/test?key=1&least=", "no number"},
		{"/test?key=1&least=nan", "no number"},
		{"/test?key=1&least=1e999", "no number"},
		{"/test?key=1&least=0x10", "no number"},
		{"/test?key=1&colour=green", "not one of red, blue"},
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct api_error e = {.text = ""};

		asked(wrong[i].target);
		assert_int_equal(api_check_arguments(&route, &url, &e), -EINVAL);
		if (!strstr(e.text, wrong[i].says))
			fail_msg("%s: %s", wrong[i].target, e.text);
	}
}

/* What a client sent comes back as ASCII, whatever it was. */
static void test_fail(void **state)
{
	struct api_reply reply = {.status = 200};
	struct api_error e = {.text = "bad \xC3\n", .in = "filter", .offset = 3};

	api_fail(&reply, 404, "no \"%s\"", "\xFF\x01");
	assert_int_equal(reply.status, 404);
	assert_string_equal(json_string_value(json_object_get(reply.json, "error")), "no \"?"
										     "?\"");
	api_fail_error(&reply, 400, &e);
	assert_string_equal(json_string_value(json_object_get(reply.json, "error")), "bad ?"
										     "?");
	assert_string_equal(json_string_value(json_object_get(reply.json, "in")), "filter");
	assert_int_equal(json_integer_value(json_object_get(reply.json, "offset")), 3);
	json_decref(reply.json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_wrong_arguments),
		cmocka_unit_test(test_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
