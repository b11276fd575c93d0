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

#include "../geo/mmdb_file.h"
#include "flow/data.h"
#include "rich_sample.h"

/* The functions country, asn and oui, over databases that are made here. */

static char country[] = "/tmp/weir-country.XXXXXX", asn[] = "/tmp/weir-asn.XXXXXX",
	    oui[] = "/tmp/weir-oui.XXXXXX";
static struct mmdb_file m;
static struct flow_data *data;

static void make(char *path)
{
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	close(fd);
}

static int open_data(void **state)
{
	const char *const paths[GEO_KINDS] = {
		[GEO_COUNTRY] = country, [GEO_ASN] = asn, [GEO_OUI] = oui};
	FILE *f;

	make(country);
	mmdb_open(&m, 6, "Country");
	mmdb_add(&m, "10.0.0.0", 31, mmdb_country(&m, "country", "KR", "South Korea"));
	mmdb_add(&m, "192.0.2.0", 24, mmdb_country(&m, "country", "CI", "C\xC3\xB4te d'Ivoire"));
	mmdb_write(&m, country);
	make(asn);
	mmdb_open(&m, 4, "ASN");
	mmdb_add(&m, "10.0.0.1", 32, mmdb_as(&m, 65001, "Example, Inc."));
	mmdb_add(&m, "10.0.0.2", 32, mmdb_as(&m, 65002, NULL));
	mmdb_write(&m, asn);
	make(oui);
	f = fopen(oui, "w");
	assert_non_null(f);
	fputs("r,a,o,a\nMA-L,020000,Maker,x\nMA-S,020000000,\"Makers, Inc.\",x\n", f);
	fclose(f);
	data = flow_data_create(NULL);
	flow_data_set_geo(data, geo_create(paths));
	return 0;
}

static int close_data(void **state)
{
	flow_data_unref(data);
	return unlink(country) | unlink(asn) | unlink(oui);
}

static struct flow_plan *compile(const char *keys, struct flow_data *from, struct flow_error *e)
{
	const struct flow_spec spec = {
		.name = "a", .keys = keys, .value = "frames", .n = 1, .t = 2};

	return flow_compile(&spec, 1, from, e);
}

static void expect(const struct sampled *s, const char *keys, const char *wanted)
{
	struct flow_error e;
	struct flow_plan *plan = compile(keys, data, &e);
	uint8_t key[FLOW_KEY_BYTES];
	struct flow_fields fields;
	char text[2048] = "";
	struct base_text t = base_text(text, sizeof(text));
	int len;

	if (!plan)
		fail_msg("%s: %s", keys, e.text);
	flow_extract(plan, &s->agent, &s->sample, &s->flow, &fields);
	len = flow_key_build(&plan->definitions[0], plan, &fields, key);
	if (len >= 0)
		flow_key_print(plan, &plan->definitions[0], key, (unsigned)len, &t);
	if ((len >= 0) != !!wanted || (wanted && strcmp(text, wanted) != 0))
		fail_msg("%s: \"%s\", not \"%s\"", keys, text, wanted ? wanted : "(none)");
	flow_plan_free(plan);
}

static void test_values(void **state)
{
	struct sampled s;

	rich_open(&s, "/");
	expect(&s, "country:ipsource", "KR");
	expect(&s, "country:ipsource:code", "KR");
	expect(&s, "country:ipsource:name", "South Korea");
	expect(&s, "country:ipsource:both", "KR South Korea");
	expect(&s, "country:agent:name", "C\\xC3\\xB4te d'Ivoire");
	expect(&s, "country:ipdestination", NULL);
	expect(&s, "country:ip6source", NULL);
	expect(&s, "country:[or:ip6source:ipsource]", "KR");
	expect(&s, "asn:ipsource", "65001");
	expect(&s, "asn:ipsource:number", "65001");
	expect(&s, "asn:ipsource:descr", "Example, Inc.");
	expect(&s, "asn:ipsource:both", "65001 Example, Inc.");
	expect(&s, "asn:ipdestination:both", "65002");
	expect(&s, "asn:ipdestination:descr", NULL);
	expect(&s, "asn:agent", NULL);
	expect(&s, "range:[asn:ipsource]:65001:65001", "true"); /* a number */
	expect(&s, "oui:macsource", "020000000");
	expect(&s, "oui:macsource:name", "Makers, Inc.");
	expect(&s, "oui:macsource:both", "020000000 Makers, Inc.");
	expect(&s, "oui:macdestination:number", "020000000");
	expect(&s, "oui:macsource.1", NULL);
	sampled_close(&s);
}

/* With and without the attribute that is meant then: one field. */
static void test_shared(void **state)
{
	struct flow_error e;
	struct flow_plan *plan = compile("country:ipsource,country:ipsource:code", data, &e);

	assert_non_null(plan);
	assert_int_equal(plan->field_count, 2);
	flow_plan_free(plan);
}

static void expect_error(
	const char *keys, struct flow_data *from, unsigned offset, const char *text)
{
	struct flow_error e;

	if (compile(keys, from, &e))
		fail_msg("%s is compiled", keys);
	assert_string_equal(e.text, text);
	assert_int_equal(e.offset, offset);
}

static void test_errors(void **state)
{
	const char *const paths[GEO_KINDS] = {
		[GEO_COUNTRY] = "/nonesuch", [GEO_ASN] = oui, [GEO_OUI] = "/nonesuch"};
	struct flow_data *none = flow_data_create(NULL);
	char text[300];

	expect_error("country:vlan", data, 8, "country takes an IP address; this key is none");
	expect_error("asn:macsource", data, 4, "asn takes an IP address; this key is none");
	expect_error("oui:ipsource", data, 4, "oui takes a MAC address; this key is none");
	expect_error("country:ipsource:cod", data, 17,
		"\"cod\" does not fit here; write code, name or both (did you mean \"code\"?)");
	expect_error(
		"asn:ipsource:", data, 13, "\"\" does not fit here; write number, descr or both");
	expect_error(
		"country", data, 0, "\"country\" is a function; write country:KEY[:ATTRIBUTE]");
	expect_error("vlan,country:ipsource", NULL, 13, "country needs a database: there is none");
	expect_error("country:ipsource", none, 8, "country needs a database: there is none");
	flow_data_set_geo(none, geo_create(paths));
	expect_error("country:ipsource", none, 8,
		"country needs a database: /nonesuch: No such file or directory; install "
		"libloc-database, or set geo.country");
	expect_error("oui:macsource", none, 4,
		"oui needs a database: /nonesuch: No such file or directory; install ieee-data, or "
		"set geo.oui");
	snprintf(text, sizeof(text),
		"asn needs a database: %s: neither libloc's nor MaxMind's format: The MaxMind DB "
		"file contains invalid metadata",
		oui);
	expect_error("asn:ipsource", none, 4, text);
	flow_data_unref(none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_shared),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests(tests, open_data, close_data);
}
