/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "flow/plan.h"

static struct flow_plan *compile_one(const char *keys, const char *value, struct flow_error *e)
{
	const struct flow_spec spec = {
		.name = "one", .keys = keys, .value = value, .n = 20, .t = 2.5, .capacity = 1000};

	return flow_compile(&spec, 1, NULL, e);
}

static struct flow_plan *good(const char *keys, const char *value)
{
	struct flow_error e;
	struct flow_plan *plan = compile_one(keys, value, &e);

	if (!plan)
		fail_msg("%s: %s", keys, e.text);
	return plan;
}

static void expect_error(
	const char *keys, const char *value, int in, unsigned offset, const char *text)
{
	struct flow_error e;

	errno = 0;
	assert_null(compile_one(keys, value, &e));
	assert_int_equal(errno, EINVAL);
	assert_string_equal(e.text, text);
	assert_int_equal(e.in, in);
	assert_int_equal(e.definition, 0);
	assert_int_equal(e.offset, offset);
}

static void bad_keys(const char *keys, unsigned offset, const char *text)
{
	expect_error(keys, "bytes", FLOW_ERROR_KEYS, offset, text);
}

static void test_definition(void **state)
{
	struct flow_plan *plan = good("ipsource,ipdestination", "bytes");
	const struct flow_definition *d = &plan->definitions[0];

	assert_int_equal(plan->definition_count, 1);
	assert_int_equal(plan->field_count, 2);
	assert_true(plan->layouts[PACKET_SHAPE_NONE].need_packet);
	assert_string_equal(d->name, "one");
	assert_int_equal(d->value_count, 1);
	assert_int_equal(d->values[0].of, FLOW_OF_LENGTH);
	assert_int_equal(d->values[0].aggregate, FLOW_RATE);
	assert_int_equal(d->n, 20);
	assert_true(d->t == 2.5);
	assert_int_equal(d->capacity, 1000);
	assert_int_equal(d->key_count, 2);
	assert_int_equal(d->width, 8);
	assert_string_equal(plan->fields[d->keys[0]].field->name, "ipsource");
	assert_string_equal(plan->fields[d->keys[1]].field->name, "ipdestination");
	flow_plan_free(plan);
	flow_plan_free(NULL);
}

static void test_generations(void **state)
{
	struct flow_plan *a = good("agent", "frames"), *b = good("agent", "frames");

	assert_true(a->generation > 0 && b->generation > a->generation);
	flow_plan_free(a);
	flow_plan_free(b);
	flow_plan_free(NULL);
}

/* Only the last reference frees it; a sanitizer sees it if not. */
static void test_references(void **state)
{
	struct flow_plan *plan = good("agent", "frames");
	const struct flow_plan *read_only = plan;

	assert_ptr_equal(flow_plan_hold(read_only), plan);
	flow_plan_free(plan);
	assert_string_equal(read_only->definitions[0].name, "one");
	flow_plan_free(plan);
}

/* Fixed as long as each part is; else each part of no fixed width brings its length along. */
static void test_widths(void **state)
{
	static const struct {
		const char *keys;
		unsigned width;
	} rows[] = {
		{"", 0},
		{"ipprotocol", 1},
		{"ipsource,ipdestination,ipprotocol,tcpsourceport,tcpdestinationport", 13},
		{"ip6source,ip6destination", 32},
		{"datasource,inputifindex,outputifindex", 24},
		{"agent", 0},
		{"ipsource,agent", 0},
		{"agent,ipsource", 0},
		{"ipsource,agent,ipdestination", 0},
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct flow_plan *plan = good(rows[i].keys, "bytes");

		assert_int_equal(plan->definitions[0].width, rows[i].width);
		flow_plan_free(plan);
	}
}

static void test_no_keys(void **state)
{
	static const char *const none[] = {"", " ", " \t\n "};

	for (unsigned i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		struct flow_plan *plan = good(none[i], "bytes");

		assert_int_equal(plan->definitions[0].key_count, 0);
		assert_int_equal(plan->field_count, 0);
		assert_false(plan->layouts[PACKET_SHAPE_NONE].need_packet);
		flow_plan_free(plan);
	}
}

static void test_blanks(void **state)
{
	struct flow_plan *plan = good("  ipsource ,\n\tagent\t", "bytes");

	assert_int_equal(plan->definitions[0].key_count, 2);
	flow_plan_free(plan);
}

/* Definitions share fields; another instance of the same field is another one. */
static void test_fields_once(void **state)
{
	const struct flow_spec specs[] = {
		{.name = "a", .keys = "ipsource,vlan", .value = "bytes"},
		{.name = "b", .keys = "vlan,vlan.1,vlan.0,ipsource", .value = "frames"},
	};
	struct flow_error e;
	struct flow_plan *plan = flow_compile(specs, 2, NULL, &e);

	assert_non_null(plan);
	assert_int_equal(plan->field_count, 3);
	assert_int_equal(plan->definitions[1].key_count, 4);
	assert_int_equal(plan->definitions[1].keys[0], plan->definitions[0].keys[1]);
	assert_int_equal(plan->definitions[1].keys[2], plan->definitions[0].keys[1]);
	assert_int_equal(plan->fields[plan->definitions[1].keys[1]].instance, 1);
	flow_plan_free(plan);
}

static void test_context_alone(void **state)
{
	struct flow_plan *plan = good("agent,direction", "bytes");

	assert_false(plan->layouts[PACKET_SHAPE_NONE].need_packet);
	flow_plan_free(plan);
}

/* Those that count the same are in one table, whatever is kept of it; the first of them is looked at. */
static void test_tables(void **state)
{
	struct flow_spec specs[6];
	static const char *const names[] = {"a", "slow", "frames", "again", "logged", "agent"};
	static const unsigned tables[] = {0, 0, 1, 0, 0, 2}, shares[] = {0, 1, 2, 1, 4, 5},
			      firsts[] = {0, 2, 5};
	struct flow_error e;
	struct flow_plan *plan;

	for (unsigned i = 0; i < 6; i++)
		specs[i] = (struct flow_spec){.name = names[i],
			.keys = "ipsource",
			.value = "bytes",
			.filter = "ipprotocol=6",
			.n = 5,
			.t = 2,
			.capacity = 100};
	specs[1].t = specs[3].t = 5;
	specs[2].value = "frames";
	specs[3].n = 9;
	specs[4].log = true;
	specs[5].merge = FLOW_MERGE_AGENT;
	plan = flow_compile(specs, 6, NULL, &e);
	assert_non_null(plan);
	assert_int_equal(plan->table_count, 3);
	for (unsigned i = 0; i < 6; i++) {
		assert_int_equal(plan->definitions[i].table, tables[i]);
		assert_int_equal(plan->definitions[i].shares, shares[i]);
		assert_int_equal(
			flow_has_table(plan, &plan->definitions[i]), i == firsts[tables[i]]);
	}
	for (unsigned i = 0; i < 3; i++) {
		assert_ptr_equal(plan->tables[i], &plan->definitions[firsts[i]]);
		assert_int_equal(plan->tables[i]->same_key, 0);
	}
	assert_true(plan->tables[0]->key_shared);
	flow_plan_free(plan);
}

static void test_no_definitions(void **state)
{
	struct flow_error e;
	struct flow_plan *plan = flow_compile(NULL, 0, NULL, &e);

	assert_non_null(plan);
	assert_int_equal(plan->definition_count, 0);
	flow_plan_free(plan);
}

static void test_bad_keys(void **state)
{
	bad_keys("ipsorce", 0, "no key is called \"ipsorce\"; did you mean \"ipsource\"?");
	bad_keys("agent,vlam", 6, "no key is called \"vlam\"; did you mean \"vlan\"?");
	bad_keys("agent,  ipDestination , vlan", 8,
		"no key is called \"ipDestination\"; did you mean \"ipdestination\"?");
	bad_keys("zzzzzz", 0,
		"no key is called \"zzzzzz\"; docs/keys.rst lists them, and a field of custom "
		"flows is written rt:zzzzzz");
	bad_keys("agent,,vlan", 6, "a key is missing here");
	bad_keys("agent,", 6, "a key is missing here");
	bad_keys(",agent", 0, "a key is missing here");
	bad_keys("agent, ", 7, "a key is missing here");
	bad_keys("agent vlan", 0, "no key is called \"agent vlan\"; docs/keys.rst lists them");
	bad_keys("vlan,vlan.7", 5,
		"\"vlan.7\": the layer's number is a digit from 0 (outermost) to 3");
	bad_keys("vlan.", 0, "\"vlan.\": the layer's number is a digit from 0 (outermost) to 3");
}

static void test_long_name(void **state)
{
	char keys[300];
	struct flow_error e;

	memset(keys, 'x', sizeof(keys) - 1);
	keys[sizeof(keys) - 1] = '\0';
	assert_null(compile_one(keys, "bytes", &e));
	assert_int_equal(e.in, FLOW_ERROR_KEYS);
	assert_true(strlen(e.text) < sizeof(e.text) - 1);
	assert_null(compile_one("agent", keys, &e));
	assert_int_equal(e.in, FLOW_ERROR_VALUE);
	assert_true(strlen(e.text) < sizeof(e.text) - 1);
}

static void test_same_name(void **state)
{
	const struct flow_spec specs[] = {
		{.name = "a", .keys = "agent", .value = "bytes"},
		{.name = "b", .keys = "agent", .value = "bytes"},
		{.name = "a", .keys = "vlan", .value = "bytes"},
	};
	struct flow_error e;

	assert_null(flow_compile(specs, 3, NULL, &e));
	assert_int_equal(e.in, FLOW_ERROR_NAME);
	assert_int_equal(e.definition, 2);
	assert_string_equal(e.text, "there is another definition \"a\"");
}

static void test_which_definition(void **state)
{
	const struct flow_spec specs[] = {
		{.name = "a", .keys = "agent", .value = "bytes"},
		{.name = "b", .keys = "agent,?", .value = "bytes"},
	};
	struct flow_error e;

	assert_null(flow_compile(specs, 2, NULL, &e));
	assert_int_equal(e.definition, 1);
	assert_int_equal(e.in, FLOW_ERROR_KEYS);
	assert_int_equal(e.offset, 6);
}

static void test_too_many_keys(void **state)
{
	char keys[FLOW_KEYS * 5 + 16] = "vlan";
	struct flow_plan *plan;

	for (unsigned i = 1; i < FLOW_KEYS; i++)
		strcat(keys, ",vlan");
	plan = good(keys, "bytes");
	assert_int_equal(plan->definitions[0].key_count, FLOW_KEYS);
	assert_int_equal(plan->definitions[0].width, 2 * FLOW_KEYS);
	flow_plan_free(plan);
	strcat(keys, ",vlan");
	bad_keys(keys, FLOW_KEYS * 5, "a definition has at most 16 keys");
}

/* As many different keys as there are, a few to each definition. */
/* 16 IPv6 addresses are a byte more than a key has room for. */
static void test_too_wide(void **state)
{
	char keys[FLOW_KEYS * 10 + 16] = "ip6source";

	for (unsigned i = 1; i < FLOW_KEYS; i++)
		strcat(keys, ",ip6source");
	bad_keys(keys, (FLOW_KEYS - 1) * 10,
		"with this key the keys take 256 bytes; at most 255 are possible");
}

static void test_too_many_fields(void **state)
{
	static char keys[FLOW_FIELDS + 1][64], names[FLOW_FIELDS + 1][16];
	struct flow_spec specs[FLOW_FIELDS + 1];
	struct flow_error e;
	struct flow_plan *plan;

	for (unsigned i = 0; i <= FLOW_FIELDS; i++) {
		snprintf(keys[i], sizeof(keys[i]), "%s", flow_key_name(NULL, i));
		snprintf(names[i], sizeof(names[i]), "n%u", i);
		specs[i] = (struct flow_spec){
			.name = names[i], .keys = keys[i], .value = "bytes", .n = 1};
	}
	plan = flow_compile(specs, FLOW_FIELDS, NULL, &e);
	assert_non_null(plan);
	assert_int_equal(plan->field_count, FLOW_FIELDS);
	flow_plan_free(plan);
	assert_null(flow_compile(specs, FLOW_FIELDS + 1, NULL, &e));
	assert_int_equal(e.definition, FLOW_FIELDS);
	assert_int_equal(e.in, FLOW_ERROR_KEYS);
	assert_string_equal(
		e.text, "all definitions together use at most 128 different keys and functions");
}

static void test_too_many_definitions(void **state)
{
	static struct flow_spec specs[FLOW_DEFINITIONS + 1];
	static char names[FLOW_DEFINITIONS + 1][8];
	struct flow_error e;
	struct flow_plan *plan;

	for (unsigned i = 0; i <= FLOW_DEFINITIONS; i++) {
		snprintf(names[i], sizeof(names[i]), "n%u", i);
		specs[i] = (struct flow_spec){
			.name = names[i], .keys = "agent", .value = "bytes", .n = 1};
	}
	plan = flow_compile(specs, FLOW_DEFINITIONS, NULL, &e);
	assert_non_null(plan);
	assert_int_equal(plan->definition_count, FLOW_DEFINITIONS);
	flow_plan_free(plan);
	assert_null(flow_compile(specs, FLOW_DEFINITIONS + 1, NULL, &e));
	assert_int_equal(e.definition, FLOW_DEFINITIONS);
	assert_string_equal(e.text, "there are at most 256 definitions");
}

/* Bytes that are no key of the definition are printed as far as they go, and not read beyond. */
static void test_print_cut_key(void **state)
{
	static const uint8_t bytes[] = {4, 192, 0, 2, 1, 10, 0, 0, 1};
	struct flow_plan *plan = good("agent,ipsource", "bytes");
	char text[64];

	for (unsigned len = 0; len <= sizeof(bytes); len++) {
		struct base_text t = base_text(text, sizeof(text));

		flow_key_print(plan, &plan->definitions[0], bytes, len, &t);
		if (len == sizeof(bytes))
			assert_string_equal(text, "192.0.2.1,10.0.0.1");
		else
			assert_true(strlen(text) < strlen("192.0.2.1,10.0.0.1"));
	}
	flow_plan_free(plan);
}

/* A record is of a sum or a mean over all of its samples; of nothing else there is one. */
static void test_logged_values(void **state)
{
	static const char *const values[] = {"min:ipttl", "last:ipttl", "count:ipsource"};
	struct flow_spec spec = {
		.name = "a", .keys = "ipdestination", .n = 5, .t = 2, .capacity = 100};
	struct flow_error e;
	struct flow_plan *plan;

	for (unsigned i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		spec.value = values[i];
		spec.log = false;
		plan = flow_compile(&spec, 1, NULL, &e);
		assert_non_null(plan);
		flow_plan_free(plan);
		spec.log = true;
		assert_null(flow_compile(&spec, 1, NULL, &e));
		assert_int_equal(e.in, FLOW_ERROR_VALUE);
		assert_non_null(strstr(e.text, "avg:"));
	}
	spec.value = "avg:ipttl";
	plan = flow_compile(&spec, 1, NULL, &e);
	assert_non_null(plan);
	assert_true(plan->definitions[0].log && !plan->definitions[0].flow_start);
	assert_true(plan->definitions[0].active_timeout == FLOW_ACTIVE_TIMEOUT);
	flow_plan_free(plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_definition),
		cmocka_unit_test(test_logged_values),
		cmocka_unit_test(test_generations),
		cmocka_unit_test(test_references),
		cmocka_unit_test(test_widths),
		cmocka_unit_test(test_no_keys),
		cmocka_unit_test(test_blanks),
		cmocka_unit_test(test_fields_once),
		cmocka_unit_test(test_context_alone),
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_no_definitions),
		cmocka_unit_test(test_bad_keys),
		cmocka_unit_test(test_long_name),
		cmocka_unit_test(test_same_name),
		cmocka_unit_test(test_which_definition),
		cmocka_unit_test(test_too_many_keys),
		cmocka_unit_test(test_too_wide),
		cmocka_unit_test(test_too_many_fields),
		cmocka_unit_test(test_too_many_definitions),
		cmocka_unit_test(test_print_cut_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
