/* SPDX-License-Identifier: BSD-3-Clause */
#include <dirent.h>
#include <errno.h>
#include <unistd.h>

#include "conf_test.h"

static void test_missing(void **state)
{
	struct conf_error e = {""};
	struct conf c;

	conf_init(&c);
	assert_int_equal(conf_load(&c, "/nonexistent/f", &e), -ENOENT);
	assert_string_equal(e.text,
		"/nonexistent/f: cannot read it: No such file or directory; name a YAML file");
	assert_int_equal(conf_load(&c, "/", &e), -EISDIR);
	assert_string_equal(e.text, "/: cannot read it: Is a directory; name a YAML file");
	conf_free(&c);
}

/* A megabyte is read, one byte more is not. */
static void test_large(void **state)
{
	char name[] = "/tmp/weir-test-XXXXXX", want[128];
	int fd = mkstemp(name);
	FILE *out = fdopen(fd, "w");
	struct conf_error e = {""};
	struct conf c;

	assert_non_null(out);
	fprintf(out, "udp_port: 7\n#");
	for (unsigned i = 13; i < 1 << 20; i++)
		fputc('x', out);
	fflush(out);
	conf_init(&c);
	assert_int_equal(conf_load(&c, name, &e), 0);
	assert_int_equal(c.udp_port, 7);
	fputc('x', out);
	fclose(out);
	assert_int_equal(conf_load(&c, name, &e), -EINVAL);
	snprintf(want, sizeof(want), "%s: too large; a configuration has at most 1048576 bytes",
		name);
	assert_string_equal(e.text, want);
	conf_free(&c);
	unlink(name);
}

static void test_error_at(void **state)
{
	const struct conf_mark at = {3, 4}, nowhere = {0};
	struct conf_error e;
	char text[1200];

	conf_error_at(&e, "a", at, "x %d", 7);
	assert_string_equal(e.text, "a:3:4: x 7");
	conf_error_at(&e, "a", nowhere, "x\n\x7Fy");
	assert_string_equal(e.text, "a: x\?\?y");
	conf_error_at(&e, NULL, at, "x");
	assert_string_equal(e.text, "x");
	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	conf_error_at(&e, text, at, "%s", text);
	assert_int_equal(strlen(e.text), sizeof(e.text) - 1);
	memcpy(text + 510, "\xE2\x82\xAC", 3);
	conf_error_at(&e, NULL, at, "%s", text);
	assert_int_equal(strlen(e.text), 510); /* no half of a character */
}

/* Where an option was given: the file, a flag in its place, nowhere. */
static void test_error_of(void **state)
{
	static const char text[] = "redis: {url: 'unix:/x',\n  user: a}\ncores:\n  rx: [1]";
	struct conf_error e;
	struct conf c;

	conf_init(&c);
	conf_error_of(&e, &c, "redis.user", "x %d", 7);
	assert_string_equal(e.text, "redis.user: x 7");
	assert_int_equal(conf_parse(&c, "f", text, strlen(text), &e), 0);
	conf_error_of(&e, &c, "redis.url", "x");
	assert_string_equal(e.text, "f:1:15: redis.url: x");
	conf_error_of(&e, &c, "redis.user", "x");
	assert_string_equal(e.text, "f:2:9: redis.user: x");
	conf_error_of(&e, &c, "cores.rx", "x");
	assert_string_equal(e.text, "f:4:7: cores.rx: x");
	conf_error_of(&e, &c, "api.token", "x");
	assert_string_equal(e.text, "f: api.token: x");
	assert_int_equal(conf_set(&c, "--redis", "redis.url", "unix:/y", &e), 0);
	conf_error_of(&e, &c, "redis.url", "x");
	assert_string_equal(e.text, "--redis: x");
	conf_free(&c);
}

static void check_at(const struct conf_flow *flow, const char *key, unsigned line, unsigned column)
{
	struct conf_mark at = conf_keys_at(flow, (size_t)(strstr(flow->keys, key) - flow->keys));

	assert_int_equal(at.line, line);
	assert_int_equal(at.column, column);
}

static void test_keys_at(void **state)
{
	static const char text[] = "flows:\n"
				   "- {name: a, value: v, keys: 'k1, k2'}\n"
				   "- name: b\n"
				   "  value: \"v\"\n"
				   "  keys:\n"
				   "  - k1\n"
				   "  - \"k2,k3\"\n"
				   "- {name: c, value: v, keys: \"\xC3\xA4,k2\"}\n"
				   "- name: d\n"
				   "  value: v\n"
				   "  keys: k1,\n"
				   "    k2\n"
				   "- {name: e, value: v, keys: \"\\x41,k2\"}\n"
				   "- {name: f, value: v, keys: []}\n";
	struct conf c;

	conf_test_good(&c, text);
	check_at(&c.flows[0], "k1", 2, 30);
	check_at(&c.flows[0], "k2", 2, 34);
	assert_int_equal(c.flows[1].name_at.column, 9);
	assert_int_equal(c.flows[1].value_at.line, 4);
	assert_int_equal(c.flows[1].value_at.column, 11);
	assert_string_equal(c.flows[1].keys, "k1,k2,k3");
	check_at(&c.flows[1], "k1", 6, 5);
	check_at(&c.flows[1], "k2", 7, 6);
	check_at(&c.flows[1], "k3", 7, 9);
	check_at(&c.flows[2], "k2", 8, 32);
	check_at(&c.flows[3], "k2", 11, 9); /* the text is folded: where it starts */
	check_at(&c.flows[4], "k2", 13, 30);
	check_at(&c.flows[5], "", 14, 29);
	assert_int_equal(conf_keys_at(&c.flows[0], 100).column, 30);
	conf_free(&c);
}

static void test_filter_at(void **state)
{
	static const char text[] = "flows:\n"
				   "- {name: a, keys: k, value: v, filter: 'x=1&y=2'}\n"
				   "- name: b\n"
				   "  keys: k\n"
				   "  value: v\n"
				   "  fs: _\n"
				   "  filter: >-\n"
				   "    x=1&\n"
				   "    y=2\n"
				   "- {name: c, keys: k, value: v}\n";
	struct conf c;

	conf_test_good(&c, text);
	assert_int_equal(conf_filter_at(&c.flows[0], 4).line, 2);
	assert_int_equal(conf_filter_at(&c.flows[0], 4).column, 45);
	assert_int_equal(conf_filter_at(&c.flows[0], 100).column, 41);
	assert_string_equal(c.flows[1].filter, "x=1& y=2");
	assert_int_equal(conf_filter_at(&c.flows[1], 5).line, 7); /* folded: where it starts */
	assert_int_equal(c.flows[1].fs_at.line, 6);
	assert_string_equal(c.flows[2].filter, "");
	assert_int_equal(conf_filter_at(&c.flows[2], 0).line, 0);
	conf_free(&c);
}

/* The folder of the shipped configurations; skips where the source is not to be found. */
static DIR *open_configs(char *folder, size_t size)
{
	const char *root = getenv("WEIR_SOURCE_ROOT");
	DIR *dir;

	snprintf(folder, size, "%s/config", root ? root : ".");
	dir = opendir(folder);
	if (!dir && !root)
		skip();
	assert_non_null(dir);
	return dir;
}

static void test_shipped(void **state)
{
	char folder[512], file[1024];
	DIR *dir = open_configs(folder, sizeof(folder));
	struct dirent *entry;
	unsigned count = 0;

	while ((entry = readdir(dir))) {
		struct conf_error e = {""};
		struct conf c;

		if (!strstr(entry->d_name, ".yaml"))
			continue;
		snprintf(file, sizeof(file), "%s/%s", folder, entry->d_name);
		conf_init(&c);
		if (conf_load(&c, file, &e) != 0 || conf_check(&c, &e) != 0)
			fail_msg("%s", e.text);
		assert_true(c.flow_count > 0);
		conf_free(&c);
		count++;
	}
	closedir(dir);
	assert_true(count >= 3);
}

/* weir.yaml shows the defaults: without its flows it changes nothing. */
static void test_shipped_defaults(void **state)
{
	char folder[512], file[1024], *loaded, *preset;
	struct conf_error e = {""};
	struct conf c;

	closedir(open_configs(folder, sizeof(folder)));
	snprintf(file, sizeof(file), "%s/weir.yaml", folder);
	conf_init(&c);
	preset = conf_test_print(&c);
	if (conf_load(&c, file, &e) != 0)
		fail_msg("%s", e.text);
	c.flow_count = 0;
	loaded = conf_test_print(&c);
	assert_string_equal(loaded, preset);
	free(loaded);
	free(preset);
	conf_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_missing),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_error_at),
		cmocka_unit_test(test_error_of),
		cmocka_unit_test(test_keys_at),
		cmocka_unit_test(test_filter_at),
		cmocka_unit_test(test_shipped),
		cmocka_unit_test(test_shipped_defaults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
