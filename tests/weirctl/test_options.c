/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <getopt.h>

#include "options.h"

static struct options last; /* what was made of them is given back before the next */

static int parse(struct options *o, char **argv)
{
	int argc = 0, rc;

	while (argv[argc])
		argc++;
	optind = 0; /* glibc: start over */
	options_free(&last);
	rc = options_parse(argc, argv, o);
	last = *o;
	return rc;
}

#define PARSE(o, ...) parse(o, (char *[]){(char[]){"weirctl"}, __VA_ARGS__, NULL})
#define W(text)                                                                                    \
	(char[])                                                                                   \
	{                                                                                          \
		text                                                                               \
	}

static void test_defaults(void **state)
{
	struct options o;

	assert_int_equal(PARSE(&o, W("agents")), 0);
	assert_string_equal(o.command, "agents");
	assert_null(o.name);
	assert_string_equal(o.redis, "redis://127.0.0.1:6379/0");
	assert_string_equal(o.prefix, "weir");
	assert_int_equal(o.n, 10);
	assert_false(o.live || o.json || o.plain);
}

static void test_any_order(void **state)
{
	struct options o;

	assert_int_equal(PARSE(&o, W("--redis=unix:/s"), W("top"), W("-n"), W("3"), W("pairs"),
				 W("--interval"), W("0.5"), W("--seconds"), W("9"), W("--json")),
		0);
	assert_string_equal(o.command, "top");
	assert_string_equal(o.name, "pairs");
	assert_string_equal(o.redis, "unix:/s");
	assert_int_equal(o.n, 3);
	assert_int_equal(o.interval_ms, 500);
	assert_int_equal(o.seconds, 9);
	assert_true(o.live && o.json);
}

static void test_refused(void **state)
{
	struct options o;

	assert_int_equal(PARSE(&o, W("--jsn")), -EINVAL);
	assert_int_equal(PARSE(&o, W("-x")), -EINVAL);
	assert_int_equal(PARSE(&o, W("top"), W("x"), W("-n")), -EINVAL);
	assert_int_equal(PARSE(&o, W("top"), W("x"), W("-n"), W("0")), -EINVAL);
	assert_int_equal(PARSE(&o, W("top"), W("x"), W("-n"), W("3x")), -EINVAL);
	assert_int_equal(PARSE(&o, W("top"), W("x"), W("-n"), W("-3")), -EINVAL);
	assert_int_equal(PARSE(&o, W("top"), W("x"), W("--seconds=99999999999999999999")), -EINVAL);
	assert_int_equal(PARSE(&o, W("top"), W("x"), W("--interval=nan")), -EINVAL);
	assert_int_equal(PARSE(&o, W("top"), W("x"), W("--interval=0")), -EINVAL);
	assert_int_equal(PARSE(&o, W("top"), W("x"), W("y")), -EINVAL);
	assert_int_equal(PARSE(&o, W("agents"), W("--plain")), -EINVAL);
}

static void test_decode(void **state)
{
	struct options o;

	assert_int_equal(PARSE(&o, W("decode"), W("f.pcap")), 0);
	assert_string_equal(o.command, "decode");
	assert_string_equal(o.name, "f.pcap");
	assert_false(o.json || o.line || o.grep || o.structures || o.schema);
	assert_null(o.iface);
	assert_int_equal(o.port, 0);
	assert_int_equal(o.count, 0);
	assert_int_equal(
		PARSE(&o, W("decode"), W("-l"), W("-"), W("--count"), W("18446744073709551615")),
		0);
	assert_true(o.line);
	assert_string_equal(o.name, "-");
	assert_true(o.count == UINT64_MAX);
	assert_int_equal(
		PARSE(&o, W("-g"), W("-i"), W("eth0"), W("-p"), W("65535"), W("decode")), 0);
	assert_true(o.grep);
	assert_string_equal(o.iface, "eth0");
	assert_int_equal(o.port, 65535);
	assert_null(o.name);
	assert_int_equal(PARSE(&o, W("decode"), W("--iface=lo"), W("--port=1"), W("--line"),
				 W("--grep"), W("--json")),
		0);
	assert_true(o.line && o.grep && o.json);
	assert_string_equal(o.iface, "lo");
	assert_int_equal(o.port, 1);
	assert_int_equal(PARSE(&o, W("decode"), W("--structures"), W("--schema")), 0);
	assert_true(o.structures && o.schema);
}

/* Each option with a command that does not take it, in either way. */
static void test_others(void **state)
{
	static const char *const decode[] = {"--line", "-l", "--grep", "-g", "--iface=lo", "-ilo",
		"--port=6343", "-p6343", "--count=1", "--structures", "--schema"};
	static const char *const not_decode[] = {"--redis=unix:/s", "--prefix=x", "--rows=3", "-n3",
		"--interval=1", "--seconds=1", "--plain"};
	char option[32], command[16];
	struct options o;

	for (unsigned i = 0; i < sizeof(decode) / sizeof(decode[0]); i++) {
		snprintf(option, sizeof(option), "%s", decode[i]);
		snprintf(command, sizeof(command), "%s", i % 2 ? "top" : "agents");
		assert_int_equal(PARSE(&o, command, option), -EINVAL);
		assert_int_equal(PARSE(&o, option, command), -EINVAL);
	}
	for (unsigned i = 0; i < sizeof(not_decode) / sizeof(not_decode[0]); i++) {
		snprintf(option, sizeof(option), "%s", not_decode[i]);
		assert_int_equal(PARSE(&o, W("decode"), option), -EINVAL);
		assert_int_equal(PARSE(&o, option, W("decode")), -EINVAL);
	}
	/* Asked for help, nothing is wrong. */
	assert_int_equal(PARSE(&o, W("agents"), W("-l"), W("--help")), 0);
	assert_true(o.help);
}

/* Commands on the API take many words, and options of their own. */
static void test_api(void **state)
{
	static const char *const commands[] = {"flow", "threshold", "group", "map"};
	char command[16], *words[OPTIONS_WORDS + 3] = {W("weirctl"), W("flow")};
	struct options o;

	for (unsigned i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		snprintf(command, sizeof(command), "%s", commands[i]);
		assert_int_equal(PARSE(&o, command, W("put"), W("--api=http://h:1"), W("a"),
					 W("value=bytes"), W("--token-file"), W("t"),
					 W("--ca-file"), W("c")),
			0);
		assert_int_equal(o.word_count, 4);
		assert_string_equal(o.words[3], "value=bytes");
		assert_string_equal(o.api, "http://h:1");
		assert_string_equal(o.token_file, "t");
		assert_string_equal(o.ca_file, "c");
		assert_int_equal(PARSE(&o, command, W("list")), 0);
		assert_string_equal(o.api, "http://127.0.0.1:8008");
		assert_null(o.token_file);
		assert_int_equal(PARSE(&o, command, W("list"), W("--redis=unix:/s")), -EINVAL);
		assert_int_equal(PARSE(&o, command, W("list"), W("-n3")), -EINVAL);
	}
	assert_int_equal(PARSE(&o, W("agents"), W("--api=http://h:1")), -EINVAL);
	assert_int_equal(PARSE(&o, W("events"), W("x"), W("--follow"), W("-n3")), 0);
	assert_true(o.follow);
	assert_string_equal(o.name, "x");
	assert_int_equal(PARSE(&o, W("records"), W("x"), W("y")), -EINVAL);
	assert_int_equal(PARSE(&o, W("flow"), W("list"), W("--follow")), -EINVAL);
	assert_int_equal(PARSE(&o, W("low"), W("a"), W("b")), -EINVAL);
	assert_int_equal(PARSE(&o, W("flo"), W("a"), W("b")), -EINVAL);
	for (unsigned i = 2; i <= OPTIONS_WORDS; i++)
		words[i] = words[1];
	assert_int_equal(parse(&o, words), 0);
	words[OPTIONS_WORDS + 1] = words[1];
	assert_int_equal(parse(&o, words), -EINVAL);
}

static void test_numbers(void **state)
{
	static const char *const bad[] = {"--port=0", "--port=65536", "--port=", "--port=x",
		"--port=1x", "--port=-1", "--port= 1", "--count=0", "--count=-1",
		"--count=", "--count=1k", "--count=18446744073709551616"};
	char option[64];
	struct options o;

	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(option, sizeof(option), "%s", bad[i]);
		assert_int_equal(PARSE(&o, W("decode"), option), -EINVAL);
	}
	assert_int_equal(PARSE(&o, W("decode"), W("-i")), -EINVAL);
	assert_int_equal(PARSE(&o, W("decode"), W("-p")), -EINVAL);
	assert_int_equal(PARSE(&o, W("decode"), W("--line=yes"), W("f")), -EINVAL);
	assert_int_equal(PARSE(&o, W("decode"), W("a"), W("b")), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_any_order),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_decode),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_api),
		cmocka_unit_test(test_numbers),
	};
	int rc;

	rc = cmocka_run_group_tests(tests, NULL, NULL);
	options_free(&last);
	return rc;
}
