/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "body.h"

#define WORDS(...)                                                                                 \
	(const char *const[])                                                                      \
	{                                                                                          \
		__VA_ARGS__, NULL                                                                  \
	}

/* `want` NULL: the words are refused. */
static void expect(const char *const *words, bool lists, const char *want)
{
	unsigned count = 0;
	json_t *body;
	char *text;

	while (words[count])
		count++;
	body = body_read(words, count, lists);
	if (!want) {
		assert_null(body);
		return;
	}
	text = json_dumps(body, JSON_COMPACT);
	assert_string_equal(text, want);
	free(text);
	json_decref(body);
}

static void test_attributes(void **state)
{
	expect(WORDS("value=bytes"), false, "{\"value\":\"bytes\"}");
	expect(WORDS("keys=a,b", "filter=x=1&y!=2", "n=20"), false,
		"{\"keys\":\"a,b\",\"filter\":\"x=1&y!=2\",\"n\":\"20\"}");
	expect(WORDS("filter="), false, "{\"filter\":\"\"}");
	expect(WORDS("keys=[\"a\",\"b\"]", "filter={\"ifspeed\":[1,2]}"), false,
		"{\"keys\":[\"a\",\"b\"],\"filter\":{\"ifspeed\":[1,2]}}");
}

static void test_lists(void **state)
{
	expect(WORDS("in=10.0.0.0/8,2001:db8::/32", "out=0.0.0.0/0", "none="), true,
		"{\"in\":[\"10.0.0.0/8\",\"2001:db8::/32\"],\"out\":[\"0.0.0.0/0\"],\"none\":[]}");
	expect(WORDS("a=x,,y,"), true, "{\"a\":[\"x\",\"\",\"y\"]}");
	expect(WORDS("web=[80,443]"), true, "{\"web\":[80,443]}");
}

static void test_json(void **state)
{
	expect(WORDS("{\"value\": \"bytes\", \"n\": 3}"), false, "{\"value\":\"bytes\",\"n\":3}");
	expect(WORDS("[1]"), false, "[1]");
}

static void test_file(void **state)
{
	char path[] = "/tmp/weirctl-body-XXXXXX", word[64];
	int fd = mkstemp(path);

	snprintf(word, sizeof(word), "@%s", path);
	expect(WORDS(word), false, NULL);
	assert_int_equal(write(fd, "{\"t\":\n 2}", 9), 9);
	expect(WORDS(word), false, "{\"t\":2}");
	close(fd);
	unlink(path);
	expect(WORDS(word), false, NULL);
}

static void test_refused(void **state)
{
	expect(WORDS("bytes"), false, NULL);
	expect(WORDS("=bytes"), false, NULL);
	expect(WORDS("a=1", "a=2"), false, NULL);
	expect(WORDS("a=1", "{\"b\":2}"), false, NULL);
	expect(WORDS("{\"a\":1,\"a\":2}"), false, NULL);
	expect(WORDS("{\"a\":"), false, NULL);
	expect(WORDS("a=[1"), false, NULL);
	expect(WORDS("a=\xff"), false, NULL);
	expect(WORDS("\xff=a"), false, NULL);
	expect(WORDS("a=\xff"), true, NULL);
	expect(WORDS(""), false, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_attributes),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
