/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "metric/read.h"
#include "sample.h"
#include "sflow/structure.h"

static void test_interface(void **state)
{
	struct fixture *f = *state;

	fixture_interface(f, &(struct interface){.type = 6, .direction = 1, .status = 1});
	assert_metric(f, "iftype", "ethernetCsmacd");
	assert_metric(f, "ifdirection", "full-duplex");
	assert_metric(f, "ifadminstatus", "up");
	assert_metric(f, "ifoperstatus", "down");
	assert_absent(f, "ifstatus");
	fixture_step(f, 10000);
	fixture_interface(f, &(struct interface){.type = 9999, .direction = 77, .status = 2});
	assert_metric(f, "iftype", "9999");
	assert_metric(f, "ifdirection", "77");
	assert_metric(f, "ifadminstatus", "down");
	assert_metric(f, "ifoperstatus", "up");
}

/* Identifiers of Nokia in the place of a speed; others send that type with true speeds. */
static void test_doubtful(void **state)
{
	struct fixture *f = *state;

	fixture_interface(f, &(struct interface){.type = 1, .speed = UINT64_C(10000000000)});
	assert_metric(f, "ifspeed", "10000000000");
	assert_int_equal(fixture_stat(f, METRIC_DOUBTFUL), 0);
	fixture_step(f, 10000);
	fixture_interface(f, &(struct interface){.type = 1, .speed = UINT64_C(123) << 32 | 8});
	assert_absent(f, "ifspeed");
	assert_int_equal(fixture_stat(f, METRIC_DOUBTFUL), 1);
	fixture_step(f, 10000);
	fixture_interface(f, &(struct interface){.type = 6, .speed = UINT64_C(123) << 32 | 8});
	assert_metric(f, "ifspeed", "528280977416");
	assert_int_equal(fixture_stat(f, METRIC_DOUBTFUL), 1);
}

static void add_host(struct wire *w, const char *name, const uint8_t *uuid)
{
	uint32_t start = wire_open(w, SFLOW_TAG(0, 2000));

	wire_string(w, name);
	wire_opaque(w, uuid, 16);
	wire_u32(w, 3);
	wire_u32(w, 2);
	wire_string(w, "6.1.0");
	wire_close(w, start);
}

static void test_host(void **state)
{
	struct fixture *f = *state;
	struct wire w = {.len = 0};

	f->source = (struct sflow_source){2, 1};
	add_host(&w, "leaf1\n\\", (const uint8_t *)"\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17\20");
	fixture_add(f, &w, 1);
	assert_metric(f, "host_name", "leaf1\\x0A\\\\");
	assert_metric(f, "uuid", "01020304-0506-0708-090a-0b0c0d0e0f10");
	assert_metric(f, "machine_type", "x86_64");
	assert_metric(f, "os_name", "linux");
	assert_metric(f, "os_release", "6.1.0");
	for (uint32_t i = 0; i < f->u.count; i++)
		assert_false(f->u.pairs[i].number);
}

/* Guests are told from their host by the names; what is not known is absent; long texts are cut. */
static void test_guest(void **state)
{
	struct fixture *f = *state;
	struct wire w = {.len = 0};
	char name[101];

	memset(name, 'x', 100);
	name[100] = '\0';
	f->source = (struct sflow_source){3, 100000};
	add_host(&w, name, (const uint8_t *)"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
	fixture_add(f, &w, 1);
	assert_int_equal(strlen(fixture_text(f, "vir_host_name")), 64);
	assert_metric(f, "vir_os_name", "linux");
	assert_absent(f, "vir_uuid");
	assert_absent(f, "host_name");
}

static void add_cpu(struct wire *w, float load, const uint32_t *ms, bool later)
{
	uint32_t start = wire_open(w, SFLOW_TAG(0, 2003));

	wire_f32(w, load);
	wire_f32(w, -1);
	wire_f32(w, NAN);
	wire_u32(w, 2);
	wire_u32(w, 200);
	wire_u32(w, 4);
	wire_u32(w, 2400);
	wire_u32(w, 86400);
	for (int i = 0; i < 7; i++)
		wire_u32(w, ms[i]);
	wire_u32(w, ms[3]);
	wire_u32(w, 0);
	for (int i = 7; later && i < 10; i++)
		wire_u32(w, ms[i]);
	wire_close(w, start);
}

static void test_cpu(void **state)
{
	struct fixture *f = *state;
	uint32_t ms[10] = {100, 0, 50, 1000, 0, 0, 0, 0, 0, 0};
	struct wire w = {.len = 0};

	add_cpu(&w, 0.7f, ms, true);
	fixture_add(f, &w, 1);
	assert_metric(f, "load_one", "0.7");
	assert_absent(f, "load_five");
	assert_absent(f, "load_fifteen");
	assert_metric(f, "uptime", "86400");
	assert_absent(f, "cpu_idle");
	assert_absent(f, "cpu_utilization");
	fixture_step(f, 10000);
	ms[0] += 10000;
	ms[2] += 5000;
	ms[3] += 24000;
	ms[7] += 1000;
	ms[8] += 4000;
	w.len = 0;
	add_cpu(&w, 1, ms, true);
	fixture_add(f, &w, 1);
	assert_metric(f, "cpu_user", "25");
	assert_metric(f, "cpu_system", "12.5");
	assert_metric(f, "cpu_idle", "60");
	assert_metric(f, "cpu_steal", "2.5");
	assert_metric(f, "cpu_guest", "10");
	assert_metric(f, "cpu_utilization", "40");
	assert_metric(f, "load_one_per_cpu", "0.25");
	assert_metric(f, "interrupts", "2400");
}

/* An agent of before the last three fields is not short; one word less is. */
static void test_cpu_old(void **state)
{
	struct fixture *f = *state;
	uint32_t ms[10] = {0};
	struct wire w = {.len = 0};

	add_cpu(&w, 0, ms, false);
	fixture_add(f, &w, 1);
	fixture_step(f, 10000);
	fixture_add(f, &w, 1);
	assert_metric(f, "contexts", "0");
	assert_absent(f, "cpu_steal");
	assert_absent(f, "cpu_user"); /* nothing of no time */
	assert_int_equal(fixture_stat(f, METRIC_RECORD_SHORT), 0);
	fixture_step(f, 10000);
	w.len -= 4;
	base_put_u32(w.bytes + 4, 64);
	fixture_add(f, &w, 1);
	assert_metric(f, "interrupts", "0");
	assert_absent(f, "contexts");
	assert_int_equal(fixture_stat(f, METRIC_RECORD_SHORT), 1);
}

static void test_memory(void **state)
{
	static const uint64_t bytes[] = {1000, 200, 50, 100, 300, 0, 0};
	struct fixture *f = *state;
	struct wire w = {.len = 0};
	uint32_t start = wire_open(&w, SFLOW_TAG(0, 2004));

	for (int i = 0; i < 7; i++)
		wire_u64(&w, bytes[i]);
	wire_u64(&w, 0);
	wire_u64(&w, 0);
	wire_close(&w, start);
	fixture_add(f, &w, 1);
	assert_metric(f, "mem_utilization", "40");
	assert_metric(f, "swap_free", "0");
	base_put_u64(w.bytes + 8, 0);
	fixture_step(f, 10000);
	fixture_add(f, &w, 1);
	assert_absent(f, "mem_utilization");
	base_put_u64(w.bytes + 8, 1);
	fixture_step(f, 10000);
	fixture_add(f, &w, 1);
	assert_metric(f, "mem_utilization", "0");
	assert_metric(f, "page_in", "0");
}

static void test_disk(void **state)
{
	struct fixture *f = *state;
	struct wire w = {.len = 0};
	uint32_t start = wire_open(&w, SFLOW_TAG(0, 2005));

	wire_u64(&w, 3000000000000);
	wire_u64(&w, 2000000000000);
	wire_u32(&w, 4050);
	for (int i = 0; i < 8; i++)
		wire_u32(&w, 0);
	wire_close(&w, start);
	fixture_add(f, &w, 1);
	assert_metric(f, "disk_total", "3000000000000");
	assert_metric(f, "part_max_used", "40.5");
	assert_metric(f, "disk_utilization", "33.333333333");
	base_put_u32(w.bytes + 24, UINT32_MAX);
	fixture_step(f, 10000);
	fixture_add(f, &w, 1);
	assert_absent(f, "part_max_used");
	assert_metric(f, "disk_bytes_read", "0");
}

/* Percent of its processors, and of one where their number is not known. */
static void test_guest_cpu(void **state)
{
	struct fixture *f = *state;
	struct wire w = {.len = 0};
	uint32_t start = wire_open(&w, SFLOW_TAG(0, 2101));

	wire_u32(&w, 1);
	wire_u32(&w, 5000);
	wire_u32(&w, 2);
	wire_close(&w, start);
	fixture_add(f, &w, 1);
	assert_metric(f, "vir_cpu_state", "running");
	assert_absent(f, "vir_cpu_utilization");
	base_put_u32(w.bytes + 12, 8000);
	fixture_step(f, 10000);
	fixture_add(f, &w, 1);
	assert_metric(f, "vir_cpu_time", "300");
	assert_metric(f, "vir_cpu_utilization", "15");
	base_put_u32(w.bytes + 12, 11000);
	base_put_u32(w.bytes + 16, 0);
	fixture_step(f, 10000);
	fixture_add(f, &w, 1);
	assert_metric(f, "vir_cpu_utilization", "30");
}

static void test_requests(void **state)
{
	struct fixture *f = *state;
	struct wire w = {.len = 0};
	uint32_t start = wire_open(&w, SFLOW_TAG(0, 2201));

	for (unsigned i = 0; i < 15; i++)
		wire_u32(&w, 0);
	wire_close(&w, start);
	fixture_add(f, &w, 1);
	for (unsigned i = 0; i < 9; i++)
		base_put_u32(w.bytes + 8 + 4 * i, 10 * (i + 1));
	fixture_step(f, 10000);
	fixture_add(f, &w, 1);
	assert_metric(f, "http_method_other", "9");
	assert_metric(f, "http_requests", "45");
}

static void test_parts(void **state)
{
	struct fixture *f = *state;
	struct wire w = {.len = 0};
	uint32_t start = wire_open(&w, SFLOW_TAG(0, 2207));

	for (unsigned i = 0; i < 6; i++)
		wire_u32(&w, 0);
	wire_close(&w, start);
	fixture_add(f, &w, 1);
	fixture_step(f, 1000);
	fixture_add(f, &w, 1);
	assert_absent(f, "ovs_dp_missrate"); /* of nothing */
	base_put_u32(w.bytes + 8, 75);       /* hits */
	base_put_u32(w.bytes + 12, 25);
	fixture_step(f, 1000);
	fixture_add(f, &w, 1);
	assert_metric(f, "ovs_dp_missrate", "25");
}

static void test_net(void **state)
{
	struct fixture *f = *state;
	struct wire w = {.len = 0};

	wire_record(&w, SFLOW_TAG(0, 2006), 10);
	fixture_add(f, &w, 1);
	fixture_step(f, 10000);
	base_put_u32(w.bytes + 8 + 28, 30);
	fixture_add(f, &w, 1);
	assert_metric(f, "pkts_out", "3");
	assert_metric(f, "bytes_in", "0");
	assert_metric(f, "drops_out", "0");
}

/* Words of a record, twice, ten seconds apart; the second sample is that of f->u. */
static void give_words(struct fixture *f, uint32_t tag, const uint32_t *first,
	const uint32_t *second, unsigned count)
{
	for (unsigned round = 0; round < 2; round++) {
		struct wire w = {.len = 0};
		uint32_t start = wire_open(&w, tag);

		for (unsigned i = 0; i < count; i++)
			wire_u32(&w, round ? second[i] : first[i]);
		wire_close(&w, start);
		fixture_add(f, &w, 1);
		fixture_step(f, 10000);
	}
}

/* Metrics made of others, by hand. */
static void test_derived(void **state)
{
	static const uint32_t none[36] = {0};
	static const uint32_t http[15] = {1, 20, 3, 4, 5, 6, 7, 8, 9, 0, 0, 0, 0, 0, 63};
	static const uint32_t workers[5] = {15, 5, 60, 0, 0};
	static const uint32_t cpu[3] = {1, 5000, 2};
	static const uint32_t memory[4] = {0, 3, 0, 12};
	static const uint32_t disk[13] = {0, 1000, 0, 250};
	static const uint32_t ovs[6] = {900, 100, 0, 0, 7, 1};
	static const uint32_t tables[36] = {10, 40, 0, 0, 5, 50, 0, 0, 1, 4, [20] = 3, [21] = 12};
	struct fixture *f = *state;

	f->source = (struct sflow_source){3, 7};
	give_words(f, SFLOW_TAG(0, 2201), none, http, 15);
	assert_metric(f, "http_requests", "6.3");
	assert_metric(f, "http_method_get", "2");
	give_words(f, SFLOW_TAG(0, 2206), workers, workers, 5);
	assert_metric(f, "workers_utilization", "25");
	give_words(f, SFLOW_TAG(0, 2101), none, cpu, 3);
	assert_metric(f, "vir_cpu_utilization", "25");
	give_words(f, SFLOW_TAG(0, 2102), memory, memory, 4);
	assert_metric(f, "vir_mem_utilization", "25");
	give_words(f, SFLOW_TAG(0, 2103), none, disk, 13);
	assert_metric(f, "vir_disk_utilization", "25");
	give_words(f, SFLOW_TAG(0, 2207), none, ovs, 6);
	assert_metric(f, "ovs_dp_missrate", "10");
	give_words(f, SFLOW_TAG(0, 1004), none, (const uint32_t[]){0, 0xAB, 3}, 3);
	assert_metric(f, "of_dpid", "00000000000000ab");
	assert_metric(f, "of_port", "3");
	f->source = (struct sflow_source){2, 1};
	give_words(f, SFLOW_TAG(4413, 3), tables, tables, 36);
	assert_metric(f, "bcm_host_utilization", "25");
	assert_metric(f, "bcm_ipv6_utilization", "10");
	assert_metric(f, "bcm_long_ipv6_utilizaton", "25");
	assert_metric(f, "bcm_acl_ingress_utilization", "25");
	assert_absent(f, "bcm_mac_utilization"); /* of no size */
}

/* What hosts and guests send under the same tags. */
static void test_guest_gpu(void **state)
{
	static const uint32_t none[12] = {0}, gpu[12] = {2, 1, 5000, 100};
	struct fixture *f = *state;

	f->source = (struct sflow_source){3, 7};
	give_words(f, SFLOW_TAG(5703, 1), none, gpu, 12);
	assert_metric(f, "vir_nvml_gputime", "500");
	assert_absent(f, "nvml_gputime");
	f->source = (struct sflow_source){2, 1};
	give_words(f, SFLOW_TAG(5703, 1), none, gpu, 12);
	assert_metric(f, "nvml_gputime", "500");
}

static void add_queue(struct wire *w, uint32_t index, uint32_t count)
{
	uint32_t start = wire_open(w, SFLOW_TAG(0, 1003));

	wire_u32(w, index);
	wire_u32(w, 64);
	wire_u32(w, 1000 + index);
	for (uint32_t i = 0; i < 10; i++)
		wire_u32(w, count * (i + 1));
	wire_close(w, start);
}

/* Several in a sample, in any order: each by its index, those of many counted. */
static void test_queues(void **state)
{
	struct fixture *f = *state;
	struct wire w = {.len = 0};

	add_queue(&w, 3, 0);
	add_queue(&w, 0, 0);
	add_queue(&w, 15, 0);
	fixture_add(f, &w, 3);
	assert_metric(f, "queue_3_segmentsize", "64");
	assert_metric(f, "queue_3_segments", "1003");
	assert_metric(f, "queue_0_segments", "1000");
	assert_absent(f, "queue_3_dropped");
	fixture_step(f, 10000);
	w.len = 0;
	add_queue(&w, 15, 15);
	add_queue(&w, 16, 20);
	add_queue(&w, UINT32_MAX, 20);
	add_queue(&w, 0, 10);
	add_queue(&w, 3, 30);
	add_queue(&w, 3, 90); /* of two the first counts */
	wire_record(&w, SFLOW_TAG(0, 1003), 0);
	fixture_add(f, &w, 7);
	assert_int_equal(f->u.count, 3 * 12);
	assert_metric(f, "queue_0_length0", "1");
	assert_metric(f, "queue_0_lengthmore", "9");
	assert_metric(f, "queue_0_dropped", "10");
	assert_metric(f, "queue_3_length1", "6");
	assert_metric(f, "queue_3_length1024", "24");
	assert_metric(f, "queue_3_dropped", "30");
	assert_metric(f, "queue_15_dropped", "15");
	assert_int_equal(fixture_stat(f, METRIC_QUEUE_INDEX), 2);
	assert_int_equal(fixture_stat(f, METRIC_RECORD_SHORT), 1);
	/* One that no longer comes goes alone. */
	for (unsigned i = 0; i < 4; i++) {
		fixture_step(f, 20000);
		w.len = 0;
		add_queue(&w, 0, 10);
		fixture_add(f, &w, 1);
	}
	metric_store_each(f->store, &f->region, fixture_keep, f);
	assert_int_equal(f->u.count, 12);
	assert_metric(f, "queue_0_dropped", "0");
	assert_non_null(metric_name_find(f->store, "queue_15_dropped", 16));
	assert_null(metric_name_find(f->store, "queue_16_dropped", 16));
	assert_null(metric_name_find(f->store, "queue_N_dropped", 15));
}

/* All queues of an interface beside what else it may send. */
static void test_all_queues(void **state)
{
	static const uint32_t others[] = {SFLOW_TAG(0, 1), SFLOW_TAG(0, 2), SFLOW_TAG(0, 7),
		SFLOW_TAG(0, 10), SFLOW_TAG(0, 11), SFLOW_TAG(0, 1005), SFLOW_TAG(4413, 1),
		SFLOW_TAG(4413, 2)};
	enum { OTHERS = sizeof(others) / sizeof(others[0]) };
	struct fixture *f = *state;
	struct wire w = {.len = 0};

	for (unsigned i = 0; i < OTHERS; i++)
		wire_record(&w, others[i], 30);
	for (uint32_t i = 0; i < 20; i++)
		add_queue(&w, i, 0);
	fixture_add(f, &w, OTHERS + 20);
	assert_metric(f, "queue_15_segments", "1015");
	assert_int_equal(fixture_stat(f, METRIC_STRUCTURES_FULL), 0);
	assert_int_equal(fixture_stat(f, METRIC_QUEUE_INDEX), 4);
}

/* Every name that users know is there, or is a custom one. */
static void test_known_names(void **state)
{
	static const char *const names[] = {"of_dpid", "of_port", "ifname", "ifinutilization",
		"ifinpkts", "eth_excessivecollisions", "agg_attachedaggid", "opt_module_id",
		"cpu_5sec", "bcm_total_routes_utilization", "bcm_acl_egress_counters_utilization",
		"host_name", "proc_total", "cpu_sintr", "swap_free", "part_max_used",
		"disk_utilization", "drops_out", "vir_host_name", "vir_uuid", "vir_os_release",
		"vir_bytes_in", "vir_drops_out", "vir_nvml_gputime", "jvm_name", "http_status_5xx",
		"http_status_other", "req_dropped", "app_usertime", "app_success", "app_timeout",
		"app_conn_max", "ovs_dp_flows"};
	struct fixture *f = *state;

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!metric_name_find(f->store, names[i], strlen(names[i])))
			fail_msg("no metric %s", names[i]);
}

/* A float of the wire may be anything; its text stays short, and is a number. */
static void test_small(void **state)
{
	static const struct {
		float value;
		const char *text;
	} loads[] = {
		{1e-45f, "0"},
		{-1e-45f, "0"},
		{-2.5f, "-2.5"},
		{1e-10f, "0"},
		{0.0000000006f, "0.000000001"},
		{0.00001234567f, "0.000012346"},
		{0.125f, "0.125"},
		{16777216.0f, "16777216"},
	};
	struct fixture *f = *state;
	uint32_t ms[10] = {0};

	for (size_t i = 0; i < sizeof(loads) / sizeof(loads[0]); i++) {
		struct wire w = {.len = 0};

		add_cpu(&w, loads[i].value, ms, true);
		fixture_add(f, &w, 1);
		assert_metric(f, "load_one", loads[i].text);
		fixture_step(f, 10000);
	}
}

/* Structures without metrics, and of no known tag. */
static void test_others(void **state)
{
	struct fixture *f = *state;
	struct wire w = {.len = 0};

	wire_record(&w, SFLOW_TAG(0, 2001), 1);
	wire_record(&w, SFLOW_TAG(0, 2002), 2);
	wire_record(&w, SFLOW_TAG(0, 4000), 2);
	assert_true(fixture_add(f, &w, 3));
	assert_int_equal(f->u.count, 0);
	assert_int_equal(fixture_stat(f, METRIC_RECORD_UNKNOWN), 1);
}

/* MACs with their padding, and as some agents send them. */
static void test_lag(void **state)
{
	static const char *const macs[] = {
		"020000000001 0000 020000000002 0000", "020000000001 020000000002"};
	struct fixture *f = *state;

	for (unsigned i = 0; i < 2; i++) {
		struct wire w = {.len = 0}, head = wire_hex(macs[i]);
		uint32_t start = wire_open(&w, SFLOW_TAG(0, 7));

		wire_opaque(&w, head.bytes, head.len);
		wire_u32(&w, 17);
		wire_u32(&w, 0x013D3E3F);
		for (unsigned n = 0; n < 8; n++)
			wire_u32(&w, 50 * i);
		wire_close(&w, start);
		assert_int_equal(w.len - start, i ? 52 : 56);
		fixture_add(f, &w, 1);
		assert_metric(f, "agg_actorsystemid", "020000000001");
		assert_metric(f, "agg_partneropersystemid", "020000000002");
		assert_metric(f, "agg_attachedaggid", "17");
		assert_metric(f, "agg_actoradminportstate", "1");
		assert_metric(f, "agg_actoroperportstate", "61");
		assert_metric(f, "agg_partneroperportstate", "63");
		fixture_step(f, 10000);
	}
	assert_metric(f, "agg_lacpdusrx", "5");
	assert_int_equal(fixture_stat(f, METRIC_RECORD_SHORT), 0);
}

/* Numbers below zero. */
static void test_signed(void **state)
{
	struct fixture *f = *state;
	struct wire w = {.len = 0};
	uint32_t start = wire_open(&w, SFLOW_TAG(0, 3001));

	wire_u32(&w, (uint32_t)-105);
	wire_u32(&w, 250);
	wire_u32(&w, 0);
	wire_close(&w, start);
	start = wire_open(&w, SFLOW_TAG(0, 10));
	wire_u32(&w, 7);
	wire_u32(&w, 1);
	wire_u32(&w, 3300);
	wire_u32(&w, (uint32_t)-10000);
	wire_u32(&w, 0);
	wire_close(&w, start);
	start = wire_open(&w, SFLOW_TAG(4413, 1));
	wire_u32(&w, (uint32_t)-250);
	wire_u32(&w, UINT32_MAX);
	wire_close(&w, start);
	start = wire_open(&w, SFLOW_TAG(0, 3000));
	wire_u32(&w, 230000);
	for (unsigned i = 0; i < 5; i++)
		wire_u32(&w, i == 2 ? INT32_MAX : 0);
	wire_close(&w, start);
	fixture_add(f, &w, 4);
	assert_absent(f, "energy_power_factor");
	assert_metric(f, "energy_voltage", "230000");
	assert_metric(f, "temperature_minimum", "-105");
	assert_metric(f, "temperature_maximum", "250");
	assert_metric(f, "opt_module_temperature", "-10000");
	assert_metric(f, "opt_module_supply_voltage", "3300");
	assert_metric(f, "bst_uc_pc", "-2.5");
	assert_absent(f, "bst_mc_pc");
}

/* Every structure, twice, of bytes that all differ: each name at most once, each text as it should be. */
static void test_every(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 0; i < sflow_counter_structures_count; i++) {
		const struct sflow_structure *st = sflow_counter_structures[i];
		struct wire w = {.len = 0};

		wire_record(&w, st->tag, st->min_len / 4);
		for (uint32_t at = 8; at + 4 <= w.len; at += 4)
			base_put_u32(w.bytes + at, at < 16 ? 0 : at % 3);
		fixture_add(f, &w, 1);
		fixture_step(f, 10000);
		fixture_add(f, &w, 1);
		fixture_step(f, 10000);
		for (uint32_t n = 0; n < f->u.count; n++) {
			assert_true(f->u.pairs[n].name[0] != '\0');
			assert_true(f->u.pairs[n].text != NULL);
			for (uint32_t m = 0; m < n; m++)
				assert_string_not_equal(f->u.pairs[n].name, f->u.pairs[m].name);
		}
	}
	assert_int_equal(fixture_stat(f, METRIC_RECORD_UNKNOWN), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_interface, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_doubtful, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_host, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_guest, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_guest_cpu, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_requests, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_parts, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_cpu, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_cpu_old, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_small, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_memory, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_disk, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_net, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_others, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_lag, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_signed, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_derived, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_guest_gpu, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_queues, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_all_queues, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_known_names, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_every, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
