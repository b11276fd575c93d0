/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "../metric/sample.h"
#include "api/rows.h"
#include "metric/read.h"
#include "sflow/structure.h"

/*
 * Two agents: leaf1 with Linux (2 in sFlow), leaf2 with Windows (3). Each has interfaces 10 and 11, of
 * 1 and 10 Gbit/s on leaf1 and 2 and 10 on leaf2; on leaf1 there is a container, which names its host.
 */

enum { OS_LINUX = 2, OS_WINDOWS = 3 };

static void add_host(struct wire *w, const char *name, uint32_t os)
{
	uint32_t start = wire_open(w, SFLOW_TAG(0, 2000));

	wire_string(w, name);
	for (unsigned i = 0; i < 4; i++)
		wire_u32(w, 1);
	wire_u32(w, 3);
	wire_u32(w, os);
	wire_string(w, "6.1.0");
	wire_close(w, start);
}

static void add_memory(struct wire *w, uint64_t total)
{
	uint32_t start = wire_open(w, SFLOW_TAG(0, 2004));

	wire_u64(w, total);
	for (unsigned i = 0; i < 6; i++)
		wire_u64(w, total / 4);
	for (unsigned i = 0; i < 4; i++)
		wire_u32(w, 0);
	wire_close(w, start);
}

static void add_parent(struct wire *w, uint32_t class, uint32_t index)
{
	uint32_t start = wire_open(w, SFLOW_TAG(0, 2002));

	wire_u32(w, class);
	wire_u32(w, index);
	wire_close(w, start);
}

static void give(
	struct fixture *f, uint32_t class, uint32_t index, struct wire *w, uint32_t records)
{
	f->source = (struct sflow_source){class, index};
	assert_true(fixture_add(f, w, records));
	w->len = 0;
}

static void give_agent(struct fixture *f, uint8_t last, const char *name, uint32_t os)
{
	struct wire w = {.len = 0};

	f->agent = (struct base_addr){.family = 4, .bytes = {192, 0, 2, last}};
	add_interface(&w, &(struct interface){.type = 6, .speed = last * UINT64_C(1000000000)});
	give(f, 0, 10, &w, 1);
	add_interface(&w, &(struct interface){.type = 6, .speed = UINT64_C(10000000000)});
	give(f, 0, 11, &w, 1);
	add_host(&w, name, os);
	add_memory(&w, last * UINT64_C(1000));
	give(f, 2, 1, &w, 2);
}

static int setup(void **state)
{
	static struct fixture f;
	struct wire w = {.len = 0};

	fixture_open(&f, 10);
	give_agent(&f, 1, "leaf1", OS_LINUX);
	add_host(&w, "apache.1.abc", OS_LINUX);
	add_parent(&w, 2, 1);
	give(&f, 3, 1, &w, 2);
	give_agent(&f, 2, "leaf2", OS_WINDOWS);
	metric_store_settle(f.store);
	*state = &f;
	return 0;
}

/* ---- a query ---- */

struct asked {
	struct scope scope;
	struct terms terms;
	struct metric_filter *filter;
	struct metric_select select;
	struct walk walk;
};

/* @param filter  "name=pattern name=pattern", perhaps empty */
static void open_asked(struct asked *a, const struct fixture *f, const char *agents,
	const char *metrics, enum term_kind kind, const char *filter)
{
	char *copy = strdup(filter), *rest = copy, *pair;
	struct api_error e = {.text = ""};

	a->filter = metric_filter_create();
	while ((pair = strsep(&rest, " ")) && *pair) {
		char *name = strsep(&pair, "=");

		assert_int_equal(
			metric_filter_add(a->filter, name, pair, e.text, sizeof(e.text)), 0);
	}
	free(copy);
	if (scope_parse(&a->scope, agents, f->store, NULL, &e) < 0 ||
		terms_parse(&a->terms, metrics, kind, &e) < 0)
		fail_msg("%s", e.text);
	terms_bind(&a->terms, f->store, NULL, NULL);
	assert_int_equal(metric_select_init(&a->select, a->filter, f->store), 0);
	a->walk = (struct walk){.store = f->store, .scope = &a->scope, .select = &a->select};
}

static void close_asked(struct asked *a)
{
	metric_select_fini(&a->select);
	metric_filter_destroy(a->filter);
	terms_fini(&a->terms);
	scope_fini(&a->scope);
}

/* A text has no number. */
static double number_of(const struct metric_value *v)
{
	return v->number ? v->value : 0;
}

static void assert_statistic(const struct fixture *f, const char *agents, const char *metric,
	const char *filter, uint64_t count, double want)
{
	struct metric_result r;
	struct metric_tally t;
	struct asked a;

	open_asked(&a, f, agents, metric, TERM_STATISTIC, filter);
	metric_tally_init(&t, a.terms.list[0].statistic, walk_most(&a.walk, NULL));
	assert_int_equal(walk_statistics(&a.walk, &a.terms, &t), 0);
	assert_int_equal(metric_tally_end(&t, &r), 0);
	if (t.count != count || r.there != (count > 0) || (count && number_of(&r.value) != want))
		fail_msg("%s %s of %s: %g of %llu", metric, filter, agents, number_of(&r.value),
			(unsigned long long)t.count);
	metric_tally_fini(&t);
	close_asked(&a);
}

static void test_statistics(void **state)
{
	const struct fixture *f = *state;

	assert_statistic(f, "ALL", "ifspeed", "", 4, 10e9);
	assert_statistic(f, "ALL", "sum:ifspeed", "", 4, 23e9);
	assert_statistic(f, "ALL", "avg:ifspeed", "", 4, 5.75e9);
	assert_statistic(f, "ALL", "med:ifspeed", "", 4, 6e9);
	assert_statistic(f, "ALL", "min:mem_total", "", 2, 1000);
	/* Not once for each interface that inherits it. */
	assert_statistic(f, "ALL", "sum:mem_total", "", 2, 3000);
	assert_statistic(f, "ALL", "sum:nothing", "", 0, 0);
	assert_statistic(f, "ALL", "sum:os_name", "", 0, 0);
}

static void test_agents(void **state)
{
	const struct fixture *f = *state;

	assert_statistic(f, "192.0.2.1", "sum:ifspeed", "", 2, 11e9);
	assert_statistic(f, "leaf2", "sum:ifspeed", "", 2, 12e9);
	assert_statistic(f, "leaf2;192.0.2.2,192.0.2.9", "sum:ifspeed", "", 2, 12e9);
	assert_statistic(f, "leaf2,leaf1", "sum:ifspeed", "", 4, 23e9);
	assert_statistic(f, "leaf9", "sum:ifspeed", "", 0, 0);
	assert_statistic(f, "leaf1,all", "sum:ifspeed", "", 4, 23e9);
}

static void test_paths(void **state)
{
	const struct fixture *f = *state;

	assert_statistic(f, "ALL", "sum:10.ifspeed", "", 2, 3e9);
	assert_statistic(f, "leaf1", "11.ifspeed", "", 1, 10e9);
	assert_statistic(f, "ALL", "sum:2.1.mem_total", "", 2, 3000);
	assert_statistic(f, "ALL", "sum:3.1.mem_total", "", 0, 0);
	assert_statistic(f, "ALL", "sum:12.ifspeed", "", 0, 0);
}

static void test_filters(void **state)
{
	const struct fixture *f = *state;

	assert_statistic(f, "ALL", "sum:ifspeed", "ifspeed=1e10", 2, 20e9);
	assert_statistic(f, "ALL", "sum:ifspeed", "os_name=linux", 2, 11e9);
	assert_statistic(f, "ALL", "sum:ifspeed", "os_name=linux os_name=win*", 4, 23e9);
	assert_statistic(f, "ALL", "sum:ifspeed", "host_name=*2 ifspeed=2*", 1, 2e9);
	assert_statistic(f, "ALL", "sum:ifspeed", "host_name=leaf* os_name=bsd", 0, 0);
	assert_statistic(f, "ALL", "sum:ifspeed", "no_such=*", 0, 0);
	assert_statistic(f, "leaf2", "sum:ifspeed", "os_name=linux", 0, 0);
	/* A container has the host name of its host, and a name of its own. */
	assert_statistic(f, "ALL", "any:vir_host_name", "host_name=leaf1 mem_total=1000", 1, 0);
	assert_statistic(f, "ALL", "any:vir_host_name", "vir_host_name=apache\\.*", 1, 0);
	assert_statistic(f, "ALL", "any:vir_host_name", "host_name=leaf2", 0, 0);
}

/* ---- tables ---- */

enum { TEXT = 512 };

/* Rows as text: "10 leaf1 -; 11 leaf1 -". */
static int print_row(void *ctx, const struct rows *r, const struct cell *cells)
{
	struct base_text *t = ctx;

	if (t->len)
		base_text_add(t, "; ", 2);
	for (unsigned i = 0; i < r->columns->count; i++) {
		if (i)
			base_text_char(t, ' ');
		if (cells[i].there)
			metric_value_print(&cells[i].value, t);
		else
			base_text_char(t, '-');
	}
	return 0;
}

static int print_rows(const struct fixture *f, const char *columns, const char *filter,
	uint64_t budget_bytes, char *text)
{
	struct api_budget budget = {.limit = budget_bytes};
	struct base_text t = base_text(text, TEXT);
	struct asked a;
	struct rows r = {.walk = &a.walk,
		.columns = &a.terms,
		.budget = &budget,
		.each = print_row,
		.ctx = &t};
	int err;

	open_asked(&a, f, "ALL", columns, TERM_COLUMN, filter);
	err = rows_walk(&r);
	close_asked(&a);
	assert_int_equal(budget.used, 0);
	return err;
}

static void assert_rows(
	const struct fixture *f, const char *columns, const char *filter, const char *want)
{
	char text[TEXT];

	assert_int_equal(print_rows(f, columns, filter, 1 << 20, text), 0);
	assert_string_equal(text, want);
}

static void test_rows(void **state)
{
	const struct fixture *f = *state;

	/* Columns of the host are joined; rows are those that have a column of their own. */
	assert_rows(f, "host_name,ifindex,ifspeed", "",
		"leaf1 10 1000000000; leaf1 10 10000000000; leaf2 10 2000000000; "
		"leaf2 10 10000000000");
	assert_rows(f, "host_name", "", "leaf1; leaf2");
	assert_rows(f, "vir_host_name,host_name,mem_total", "", "apache.1.abc leaf1 1000");
	assert_rows(f, "ifspeed,vir_host_name", "", "");
	assert_rows(f, "ifspeed,no_such", "", "");
	assert_rows(f, "host_name,ifspeed", "os_name=windows ifspeed=2e9", "leaf2 2000000000");
}

static void test_null(void **state)
{
	const struct fixture *f = *state;

	assert_rows(f, "mem_total,null:ifspeed", "",
		"1000 1000000000; 1000 10000000000; 1000 -; 2000 2000000000; 2000 10000000000; "
		"2000 -");
}

static void test_null_rows(void **state)
{
	const struct fixture *f = *state;

	assert_rows(f, "null:vir_host_name,null:no_such,ifspeed", "host_name=leaf1",
		"- - 1000000000; - - 10000000000");
	assert_rows(f, "null:no_such", "", "");
	assert_rows(f, "sort:mem_total:-9,null:ifspeed", "os_name=windows",
		"2000 2000000000; 2000 10000000000; 2000 -");
}

static void test_sort(void **state)
{
	const struct fixture *f = *state;

	assert_rows(f, "sort:ifspeed", "", "1000000000; 2000000000; 10000000000; 10000000000");
	assert_rows(f, "sort:ifspeed:2", "", "1000000000; 2000000000");
	assert_rows(f, "sort:ifspeed:-1,host_name", "", "10000000000 leaf1");
	assert_rows(f, "sort:ifspeed:-3,host_name", "",
		"10000000000 leaf1; 10000000000 leaf2; 2000000000 leaf2");
	assert_rows(f, "ifspeed,sort:host_name:-2", "", "2000000000 leaf2; 10000000000 leaf2");
	/* Rows without a value are last, whatever the direction. */
	assert_rows(f, "null:sort:ifspeed:-9,null:vir_host_name", "host_name=leaf1",
		"10000000000 -; 1000000000 -; - apache.1.abc");
	assert_rows(f, "null:sort:ifspeed,null:vir_host_name", "host_name=leaf1",
		"1000000000 -; 10000000000 -; - apache.1.abc");
}

/* A column of one data source is that of the same agent. */
static void test_other(void **state)
{
	const struct fixture *f = *state;

	assert_rows(f, "2.1.mem_total,10.ifspeed,ifspeed", "",
		"1000 1000000000 1000000000; 1000 1000000000 10000000000; "
		"2000 2000000000 2000000000; 2000 2000000000 10000000000");
	assert_rows(f, "2.1.mem_total", "", "1000; 2000");
	assert_rows(f, "2.7.mem_total,ifspeed", "", "");
	assert_rows(f, "null:2.7.mem_total,2.1.mem_total,10.ifspeed,11.ifspeed,ifindex",
		"os_name=windows ifspeed=2e9", "- 2000 2000000000 10000000000 10");
	assert_rows(f, "sort:10.ifspeed:-1,ifspeed", "", "2000000000 2000000000");
	assert_rows(f, "web1.load_one,ifspeed", "", "");
}

/* What is found while the server ends is not looked at. */
static void test_stop(void **state)
{
	static const char *const columns[] = {"ifspeed", "2.1.mem_total,ifspeed"};
	const struct fixture *f = *state;
	const bool stopping = true;

	for (unsigned i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
		struct api_budget budget = {.limit = 1 << 20};
		char text[TEXT] = "";
		struct base_text t = base_text(text, TEXT);
		struct asked a;
		struct rows r = {.walk = &a.walk,
			.columns = &a.terms,
			.budget = &budget,
			.each = print_row,
			.ctx = &t};

		open_asked(&a, f, "ALL", columns[i], TERM_COLUMN, "");
		a.walk.stopping = &stopping;
		assert_int_equal(rows_walk(&r), 0);
		assert_string_equal(text, "");
		close_asked(&a);
	}
}

/* ---- flows ---- */

enum { VIEW_AGENTS = 4, VIEW_SOURCES = 9 };

struct seeing {
	struct window_view view;
	struct window_view_flows flows;
	struct window_view_agent agents[VIEW_AGENTS];
	struct window_view_source sources[VIEW_SOURCES];
	struct window_view_sighting sightings[VIEW_SOURCES];
	uint64_t keys[1];
	uint8_t bytes[1];
};

static void add_seeing(struct seeing *s, uint32_t agent, uint32_t class, uint32_t index)
{
	uint32_t i = s->view.source_count++;

	s->sources[i] =
		(struct window_view_source){.agent = agent, .live = true, .source = {class, index}};
	s->sightings[i] = (struct window_view_sighting){.rate = i + 1, .samples = 1, .source = i};
	s->flows.sighting_count++;
}

/*
 * Of leaf1 two sub-agents see flows, of leaf2 one; port 99 of each has no counters, and 192.0.2.3 has
 * none at all.
 */
static void open_seeing(struct seeing *s)
{
	static const uint8_t hosts[VIEW_AGENTS] = {1, 2, 1, 3};
	const struct flow_spec spec = {
		.name = "total", .keys = "", .value = "bytes", .n = 5, .t = 1, .capacity = 100};
	struct flow_error e;

	memset(s, 0, sizeof(*s));
	s->flows = (struct window_view_flows){
		.key_count = 1, .keys = s->keys, .bytes = s->bytes, .sightings = s->sightings};
	s->view = (struct window_view){.plan = flow_compile(&spec, 1, NULL, &e),
		.flows = &s->flows,
		.agents = s->agents,
		.agent_count = VIEW_AGENTS,
		.sources = s->sources};
	assert_non_null(s->view.plan);
	for (unsigned i = 0; i < VIEW_AGENTS; i++)
		s->agents[i].addr = base_addr_from((const uint8_t[]){192, 0, 2, hosts[i]}, 4);
	for (uint32_t i = 0; i < 3; i++) {
		add_seeing(s, i, 0, 11);
		add_seeing(s, i, 0, 99);
	}
	add_seeing(s, 1, 0, 10);
	add_seeing(s, 0, 3, 1);
	add_seeing(s, 3, 0, 11);
}

/* Places as text: "1:11 1:11 2:99", the last byte of the agent and the port. */
static void assert_places(const struct fixture *f, const char *filter, const char *want)
{
	const struct term term = {.flow = 0};
	char text[TEXT] = "";
	struct base_text t = base_text(text, TEXT);
	struct flow_metric m;
	struct seeing s;
	struct asked a;

	open_seeing(&s);
	open_asked(&a, f, "ALL", "total", TERM_COLUMN, filter);
	assert_int_equal(flow_metric_init(&m, &s.view, &term, &a.walk), 0);
	for (uint32_t i = 0; i < m.count; i++)
		base_text_printf(&t, "%s%u:%u", i ? " " : "", m.places[i].agent->bytes[3],
			m.places[i].id.index);
	assert_string_equal(text, want);
	flow_metric_fini(&m);
	close_asked(&a);
	flow_plan_free(s.view.plan);
}

static void test_flow_filters(void **state)
{
	const struct fixture *f = *state;

	assert_places(f, "", "1:11 1:11 1:99 1:99 1:1 2:10 2:11 2:99 3:11");
	assert_places(f, "os_name=linux", "1:11 1:11 1:99 1:99 1:1");
	assert_places(f, "ifspeed=1e10", "1:11 1:11 2:11");
	assert_places(f, "ifspeed=2e9", "2:10");
	assert_places(f, "vir_host_name=*", "1:1");
	assert_places(f, "host_name=leaf2", "2:10 2:11 2:99");
}

static void test_no_memory(void **state)
{
	const struct fixture *f = *state;
	char text[TEXT];

	assert_int_equal(print_rows(f, "sort:ifspeed", "", 100, text), -ENOBUFS);
	assert_int_equal(print_rows(f, "ifspeed", "", 0, text), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_statistics, setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_agents, setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_paths, setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_filters, setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_rows, setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_null, setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_null_rows, setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_sort, setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_other, setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_stop, setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_flow_filters, setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_no_memory, setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
