/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/log.h"

BASE_LOG_TYPE(log_one, "one");
BASE_LOG_TYPE(log_two, "two");

/* Lines since the last call. */
struct capture {
	FILE *out;
	char *text;
	size_t len;
};

static int setup(void **state)
{
	struct capture *c = calloc(1, sizeof(*c));

	c->out = open_memstream(&c->text, &c->len);
	base_log_set_output(c->out);
	base_log_set_level(NULL, BASE_LOG_NOTICE);
	*state = c;
	return 0;
}

static int teardown(void **state)
{
	struct capture *c = *state;

	base_log_set_output(NULL);
	fclose(c->out);
	free(c->text);
	free(c);
	return 0;
}

static void test_line(void **state)
{
	struct capture *c = *state;
	int year, n = 0;

	base_log(&log_one, BASE_LOG_WARNING, "%d of %s", 7, "them");
	sscanf(c->text, "%d-%*d-%*dT%*d:%*d:%*d.%*3dZ %n", &year, &n);
	assert_true(year >= 2024);
	assert_string_equal(c->text + n, "one warning: 7 of them\n");
}

static char sunk[256];

static void sink(const char *type, enum base_log_level level, const char *text)
{
	snprintf(sunk, sizeof(sunk), "%s|%s|%s", type, base_log_level_name(level), text);
}

/* What a sink gets is whole, and no line is written besides. */
static void test_sink(void **state)
{
	struct capture *c = *state;
	struct base_log_limit limit = {.held = 3};

	base_log_set_sink(sink);
	base_log(&log_one, BASE_LOG_ERROR, "%s", "it");
	assert_string_equal(sunk, "one|error|it");
	base_log(&log_one, BASE_LOG_DEBUG, "%s", "not this");
	assert_string_equal(sunk, "one|error|it");
	base_log_rate_limited(&limit, 1000, &log_one, BASE_LOG_WARNING, "it");
	assert_string_equal(sunk, "one|warning|it (3 such lines left out)");
	base_log_set_sink(NULL);
	fflush(c->out);
	assert_int_equal(c->len, 0);
}

static void test_levels(void **state)
{
	struct capture *c = *state;
	enum base_log_level level;

	base_log(&log_one, BASE_LOG_DEBUG, "no");
	fflush(c->out);
	assert_int_equal(c->len, 0);
	assert_int_equal(base_log_set_level("two", BASE_LOG_DEBUG), 0);
	assert_false(base_log_enabled(&log_one, BASE_LOG_DEBUG));
	assert_true(base_log_enabled(&log_two, BASE_LOG_DEBUG));
	assert_int_equal(base_log_set_level(NULL, BASE_LOG_ERROR), 0);
	assert_false(base_log_enabled(&log_two, BASE_LOG_WARNING));
	assert_int_equal(base_log_set_level("three", BASE_LOG_DEBUG), -ENOENT);
	assert_int_equal(base_log_parse_level("debug", &level), 0);
	assert_int_equal(level, BASE_LOG_DEBUG);
	assert_int_equal(base_log_parse_level("loud", &level), -EINVAL);
}

static void test_names(void **state)
{
	unsigned seen = 0;
	const char *name;

	for (size_t i = 0; (name = base_log_type_name(NULL, i)); i++)
		seen += strcmp(name, "one") == 0 || strcmp(name, "two") == 0;
	assert_int_equal(seen, 2);
}

static void test_long_line(void **state)
{
	struct capture *c = *state;
	char text[4000];

	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	base_log(&log_one, BASE_LOG_ERROR, "%s", text);
	assert_true(c->len < 1100);
	assert_int_equal(c->text[c->len - 1], '\n');
}

static void test_rate_limited(void **state)
{
	static struct base_log_limit limit;
	struct capture *c = *state;

	for (unsigned i = 0; i < 10; i++)
		base_log_rate_limited(&limit, 50, &log_one, BASE_LOG_ERROR, "again");
	assert_non_null(strstr(c->text, "again\n"));
	assert_ptr_equal(strstr(c->text, "again"), strrchr(c->text, 'g') - 1);
	nanosleep(&(struct timespec){.tv_nsec = 60000000}, NULL);
	base_log_rate_limited(&limit, 50, &log_one, BASE_LOG_ERROR, "again");
	assert_non_null(strstr(c->text, "again (9 such lines left out)\n"));
}

static struct base_log_limit shared;

static void *log_much(void *arg)
{
	for (unsigned i = 0; i < 500; i++) {
		base_log(&log_one, BASE_LOG_ERROR, "0123456789012345678901234567890123456789");
		base_log_rate_limited(&shared, 1, &log_two, BASE_LOG_ERROR, "now and then");
		base_log_set_level("two", i % 2 ? BASE_LOG_NOTICE : BASE_LOG_DEBUG);
	}
	return arg;
}

static void test_threads(void **state)
{
	struct capture *c = *state;
	unsigned whole = 0;
	pthread_t threads[3];

	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, log_much, NULL), 0);
	for (unsigned i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	for (char *p = c->text; (p = strstr(p, ": 0123456789012345678901234567890123456789\n"));
		p++)
		whole++;
	assert_int_equal(whole, 1500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_line, setup, teardown),
		cmocka_unit_test_setup_teardown(test_sink, setup, teardown),
		cmocka_unit_test_setup_teardown(test_levels, setup, teardown),
		cmocka_unit_test_setup_teardown(test_names, setup, teardown),
		cmocka_unit_test_setup_teardown(test_long_line, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rate_limited, setup, teardown),
		cmocka_unit_test_setup_teardown(test_threads, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
