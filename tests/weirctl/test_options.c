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

static int parse(struct options *o, char **argv)
{
	int argc = 0;

	while (argv[argc])
		argc++;
	optind = 0; /* glibc: start over */
	return options_parse(argc, argv, o);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_any_order),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
