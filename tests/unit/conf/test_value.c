/* SPDX-License-Identifier: BSD-3-Clause */
#include <inttypes.h>

#include "conf/schema_pvt.h"
#include "conf/syntax_pvt.h"
#include "conf_test.h"

/* Every row through the whole parser: default, lowest, highest, beyond, wrong type. */

enum { TEXT_SIZE = 4096 };

/* A file that gives the row the value, and what else its entry needs. */
static void write_file(const struct conf_row *row, const char *value, char *text)
{
	const char *name = conf_row_name(row);
	size_t len = (size_t)(name - row->path);

	if (len == 0)
		snprintf(text, TEXT_SIZE, "%s: %s\n", name, value);
	else if (strncmp(row->path, "ports.", len) == 0)
		snprintf(text, TEXT_SIZE, "ports:\n- %s: %s\n  %s\n", name, value,
			strcmp(name, "vlan") == 0 ? "vdev: a\n  addresses: 10.0.0.1"
			: row->type == CONF_TEXT || row->type == CONF_TEXTS ? ""
									    : "iface: a");
	else if (strncmp(row->path, "flows.", len) == 0)
		snprintf(text, TEXT_SIZE, "flows:\n- %s: %s\n%s%s%s", name, value,
			strcmp(name, "name") ? "  name: a\n" : "",
			strcmp(name, "keys") ? "  keys: b\n" : "",
			strcmp(name, "value") ? "  value: c\n" : "");
	else if (strncmp(row->path, "agents.", len) == 0)
		snprintf(text, TEXT_SIZE, "agents:\n- %s: %s\n  %s\n", name, value,
			strcmp(name, "address") ? "address: 10.0.0.1" : "sampling_rate: 1");
	else if (strcmp(row->path, "snmp.version") == 0)
		snprintf(text, TEXT_SIZE, "snmp:\n  version: %s\n  agents: ['::1']\n  user: u\n",
			value);
	else if (strncmp(row->path, "thresholds.", 11) == 0)
		snprintf(text, TEXT_SIZE, "thresholds:\n- %s: %s\n%s%s%s", name, value,
			strcmp(name, "name") ? "  name: a\n" : "",
			strcmp(name, "metric") ? "  metric: b\n" : "",
			strcmp(name, "value") ? "  value: 1\n" : "");
	else
		snprintf(
			text, TEXT_SIZE, "%.*s:\n  %s: %s\n", (int)len - 1, row->path, name, value);
}

static const void *base_of(const struct conf_row *row, const struct conf *c)
{
	if (strncmp(row->path, "ports.", 6) == 0)
		return c->ports;
	if (strncmp(row->path, "agents.", 7) == 0)
		return c->agents;
	if (strncmp(row->path, "thresholds.", 11) == 0)
		return c->thresholds;
	return strncmp(row->path, "flows.", 6) == 0 ? (const void *)c->flows : c;
}

static void good_number(const struct conf_row *row, const char *value, uint64_t want)
{
	char text[TEXT_SIZE];
	struct conf c;

	write_file(row, value, text);
	conf_test_good(&c, text);
	assert_int_equal(conf_member_uint(row, base_of(row, &c)), want);
	conf_free(&c);
}

/* The value must be refused, at its place. */
static void bad(const struct conf_row *row, const char *value, const char *what)
{
	char text[TEXT_SIZE], want[TEXT_SIZE], *at;
	struct conf_error e = {""};
	unsigned line = 1;
	struct conf c;

	write_file(row, value, text);
	assert_int_not_equal(conf_test_parse(&c, text, &e), 0);
	conf_free(&c);
	at = strstr(text, value);
	for (char *p = text; p < at; p++)
		line += *p == '\n';
	while (at > text && at[-1] != '\n')
		at--;
	snprintf(want, sizeof(want), "f:%u:%u: %s: ", line, (unsigned)(strstr(at, value) - at) + 1,
		row->path);
	if (strncmp(e.text, want, strlen(want)) != 0 || !strstr(e.text, what))
		fail_msg("%s, not %s ... %s", e.text, want, what);
}

static void number(const struct conf_row *row, uint64_t v, char *text)
{
	const char *unit = row->type == CONF_UINT ? "" : "ms";

	snprintf(text, 64, "%" PRIu64 "%s", v, unit);
}

static void check_number(const struct conf_row *row)
{
	char text[64], quoted[70];

	number(row, row->min, text);
	good_number(row, text, row->min);
	snprintf(quoted, sizeof(quoted), "'%s'", text);
	good_number(row, quoted, row->min);
	number(row, row->max, text);
	good_number(row, text, row->max);
	snprintf(quoted, sizeof(quoted), "\"%s\"", text);
	good_number(row, quoted, row->max);
	number(row, row->max + 1, text);
	bad(row, text, "is out of range; write ");
	if (row->min > 0) {
		number(row, row->min - 1, text);
		bad(row, text, "is out of range; write ");
	}
	bad(row, "-1", "is out of range; write ");
	bad(row, "-x",
		row->type == CONF_DURATION ? "is not a duration; write "
					   : "is not a number; write ");
	bad(row, "99999999999999999999999", "; write ");
	bad(row, "abc",
		row->type == CONF_DURATION ? "is not a duration; write "
					   : "is not a number; write ");
	bad(row, "1e3", "; write ");
}

static void check_decimal(const struct conf_row *row)
{
	static const char *const good[] = {"0", "12.5", "'0.125'"};
	static const double want[] = {0, 12.5, 0.125};

	for (unsigned i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		char text[TEXT_SIZE];
		struct conf c;

		write_file(row, good[i], text);
		conf_test_good(&c, text);
		assert_true(conf_member_double(row, base_of(row, &c)) == want[i]);
		conf_free(&c);
	}
	bad(row, row->negative ? "-9999999999999999999" : "-1", "is out of range; write ");
	bad(row, row->negative ? "-9999999999999999999.5" : "-0.5", "is out of range; write ");
	bad(row, "--1", "is not a number; write ");
	bad(row, "'-'", "is not a number; write ");
	bad(row, "1e3", "is not a number; write ");
	bad(row, ".5", "is not a number; write ");
	bad(row, "5.", "is not a number; write ");
	bad(row, "inf", "is not a number; write ");
	bad(row, "9999999999999999999", "is out of range; write ");
}

static void check_choice(const struct conf_row *row)
{
	for (unsigned i = 0; row->choices[i]; i++)
		good_number(row, row->choices[i], i);
	bad(row, "nonesuch", "is not known; write ");
	bad(row, "7", "is not known; write ");
}

static void check_uints(const struct conf_row *row)
{
	char text[TEXT_SIZE];
	struct conf c;

	write_file(row, row->most == 1 ? "['1023']" : "[0, '1023']", text);
	conf_test_good(&c, text);
	assert_int_equal(conf_member_count(row, &c), row->most == 1 ? 1 : 2);
	assert_int_equal(
		((const unsigned *)conf_member_pointer(row, &c))[row->most == 1 ? 0 : 1], 1023);
	conf_free(&c);
	bad(row, "7", "\"7\" is given; write a list of ");
}

static void check_row(const struct conf_row *row)
{
	switch (row->type) {
	case CONF_UINT:
	case CONF_DURATION:
	case CONF_SECONDS:
		check_number(row);
		break;
	case CONF_NUMBER:
		check_decimal(row);
		break;
	case CONF_CHOICE:
		check_choice(row);
		break;
	case CONF_UINTS:
		check_uints(row);
		break;
	case CONF_TEXT:
		bad(row, "[a]", "a list is given; write ");
		bad(row, "~", "nothing is given; write ");
		if (row->min > 0)
			bad(row, "''", "is empty; write ");
		break;
	case CONF_DOCUMENT:
		bad(row, "[a]", "a list is given; write ");
		break;
	case CONF_TEXTS:
		bad(row, "[]", "an empty list is given; write ");
		break;
	case CONF_LOOKUPS:
		bad(row, "[]", "an empty list is given; write ");
		break;
	case CONF_KEYS:
	case CONF_MAP:
	case CONF_LIST:
		break;
	}
	if (row->type != CONF_MAP && row->type != CONF_LOOKUPS && row->type != CONF_DOCUMENT)
		bad(row, "{k: v}", "a section is given; write ");
	if (row->type == CONF_MAP || row->type == CONF_LIST)
		bad(row, "xyz", "\"xyz\" is given; write ");
}

static void test_rows(void **state)
{
	for (unsigned i = 0; i < conf_row_count; i++)
		check_row(&conf_rows[i]);
}

/* Every text is refused when it is longer than its row says, and no longer. */
static void test_lengths(void **state)
{
	for (unsigned i = 0; i < conf_row_count; i++) {
		const struct conf_row *row = &conf_rows[i];
		char why[CONF_WHY], text[TEXT_SIZE + 2];

		if (row->type != CONF_TEXT && row->type != CONF_TEXTS && row->type != CONF_KEYS)
			continue;
		memset(text, 'a', sizeof(text));
		memcpy(text, "unix:", row->valid == conf_is_url ? 5 : 0);
		text[row->max + 1] = '\0';
		assert_int_not_equal(conf_value_text(row, text, row->max + 1, why), 0);
		assert_non_null(strstr(why, "is too long; write "));
		text[row->max] = '\0';
		if (!row->valid || row->valid(text))
			assert_int_equal(conf_value_text(row, text, row->max, why), 0);
	}
}

/* Every row is complete: what the parser and the reference read of it. */
static void test_schema(void **state)
{
	for (unsigned i = 0; i < conf_row_count; i++) {
		const struct conf_row *row = &conf_rows[i];
		const char *dot = strrchr(row->path, '.');
		char why[CONF_WHY];
		struct base_text t = base_text(why, sizeof(why));

		conf_row_want(row, &t);
		assert_false(t.cut);
		assert_true(t.len > 0 && t.len < 200);
		assert_non_null(row->help);
		assert_true(row->help[strlen(row->help) - 1] != '.');
		assert_true(row->type == CONF_MAP || row->size > 0);
		assert_true(row->type == CONF_MAP || row->required || row->preset || row->absent);
		assert_true(row->min <= row->max);
		for (unsigned j = 0; j < i; j++)
			assert_string_not_equal(row->path, conf_rows[j].path);
		if (dot) { /* its parent stands above it */
			unsigned j = 0;

			while (strncmp(conf_rows[j].path, row->path, (size_t)(dot - row->path)) !=
					0 ||
				conf_rows[j].path[dot - row->path])
				j++;
			assert_true(j < i);
		}
	}
}

static void test_defaults(void **state)
{
	struct conf c;

	conf_init(&c);
	assert_null(c.file);
	assert_true(strlen(c.collector) > 0);
	assert_int_equal(c.udp_port, 6343);
	assert_int_equal(c.window_ms, 1000);
	assert_int_equal(
		c.port_count + c.flow_count + c.cores.rx_count + c.cores.aggregate_count, 0);
	assert_int_equal(c.memory.hugepages, CONF_HUGEPAGES_AUTO);
	assert_int_equal(c.memory.mb, 0);
	assert_int_equal(c.ingress.checksum, CONF_CHECKSUM_NIC);
	assert_int_equal(c.ingress.fragments, 256);
	assert_int_equal(c.ingress.fragment_ms, 1000);
	assert_int_equal(c.limits.agents, 16384);
	assert_int_equal(c.limits.sources, 65536);
	assert_int_equal(c.limits.counters_mb, 4);
	assert_int_equal(c.limits.expire_ms, 300000);
	assert_string_equal(c.redis.url, "redis://127.0.0.1:6379/0");
	assert_string_equal(c.redis.prefix, "weir");
	conf_free(&c);
	conf_test_good(&c, "ports: [{iface: a}]\nflows: [{name: a, keys: b, value: c}]");
	assert_int_equal(c.ports->queues, 1);
	assert_int_equal(c.ports->driver, CONF_DRIVER_AUTO);
	assert_int_equal(c.flows->n, 20);
	assert_true(c.flows->t == 2);
	assert_int_equal(c.flows->capacity, 131072);
	conf_free(&c);
}

static void test_shown(void **state)
{
	char buf[CONF_SHOWN];

	assert_string_equal(conf_value_shown("ab\n\x7F", 4, buf), "\"ab\?\?\"");
	assert_string_equal(
		conf_value_shown(
			"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\xC3\xA4", 49, buf),
		"\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...\"");
	assert_string_equal(
		conf_value_shown("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\xC3\xA4", 48, buf),
		"\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\xC3\xA4\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_schema),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
