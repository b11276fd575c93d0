/* SPDX-License-Identifier: BSD-3-Clause */

/* The metric hashes of a store that goes on: what is written, what is not, and what makes all right again. */
#include "metric/metric.h"
#include "metric/news.h"
#include "snapshots.h"

/* Wants cmocka. */
#include "../sflow/wire.h"

enum { SOURCES = 2000, LARGE = 30000, AGENT = 1000 };

/* A store of the test's own, a publisher that follows it, and a look at what Redis is told. */
struct follow {
	struct fixture *f;
	struct metric_store *store;
	struct publish *p;
	redisContext *channel;
	uint32_t sequence, sub_agent;
	uint64_t number; /* of windows */
};

static void follow_open(struct follow *t, struct fixture *f, uint32_t sources)
{
	const struct metric_limits limits = {.agents = 64,
		.sources = sources,
		.agent_sources = AGENT,
		.custom = 8,
		.names = 8,
		.expire_ms = EXPIRE_MS};
	struct publish_options o = {
		.url = f->server.url, .prefix = "weir", .collector = "c1", .expire_ms = EXPIRE_MS};
	char error[128];

	*t = (struct follow){.f = f, .store = metric_store_create(&limits)};
	assert_non_null(t->store);
	o.metrics = t->store;
	t->p = publish_start(&o, f->x, error, sizeof(error));
	assert_non_null(t->p);
	t->channel = server_connect(&f->server);
}

static void follow_close(struct follow *t)
{
	assert_true(publish_stop(t->p, 5000));
	metric_store_destroy(t->store);
	redisFree(t->channel);
}

/* A datagram with one sample, a second after the last one, of 192.0.2.1 or one behind it. */
static void give(struct follow *t, uint32_t agent, const struct wire *sample)
{
	uint64_t stats[SFLOW_STATS] = {0};
	struct metric_sample s = {
		.agent = {.family = 4, .bytes = {192, 0, 2, (uint8_t)(1 + agent)}},
		.sub_agent = t->sub_agent,
		.time_ms = START_MS + t->sequence * UINT64_C(1000)};
	struct wire w = {.len = 0};
	struct sflow_datagram dg;

	wire_datagram(&w, t->sequence * 1000, 1);
	memcpy(w.bytes + w.len, sample->bytes, sample->len);
	w.len += sample->len;
	assert_int_equal(sflow_datagram_open(&dg, w.bytes, w.len, stats), 0);
	assert_true(sflow_sample_next(&dg, &s.sample, stats));
	s.uptime_ms = dg.uptime_ms;
	assert_non_null(metric_sample_add(t->store, &s, NULL, NULL));
}

/* A counter sample of interface `index`, those below AGENT of 192.0.2.1, with one record. */
static void give_record(struct follow *t, uint32_t index, const struct wire *record)
{
	struct wire w = {.len = 0};
	uint32_t start = wire_open(&w, SFLOW_COUNTER_SAMPLE_EXPANDED);

	t->sequence++;
	wire_u32(&w, t->sequence);
	wire_u32(&w, 0);
	wire_u32(&w, index);
	wire_u32(&w, 1);
	memcpy(w.bytes + w.len, record->bytes, record->len);
	w.len += record->len;
	wire_close(&w, start);
	give(t, index / AGENT, &w);
}

static void sample(struct follow *t, uint32_t index, uint64_t speed, uint64_t octets, bool up)
{
	struct wire w = {.len = 0};
	uint32_t record = wire_open(&w, SFLOW_TAG(0, 1));

	wire_u32(&w, index);
	wire_u32(&w, 6);
	wire_u64(&w, speed);
	wire_u32(&w, 1);
	wire_u32(&w, up ? 3 : 1);
	wire_u64(&w, octets);
	for (unsigned i = 0; i < 6; i++)
		wire_u32(&w, 0);
	wire_u64(&w, octets);
	for (unsigned i = 0; i < 6; i++)
		wire_u32(&w, 0);
	wire_close(&w, record);
	give_record(t, index, &w);
}

/* The same with an Ethernet record: rates alone. */
static void ethernet(struct follow *t, uint32_t index, uint32_t errors)
{
	struct wire w = {.len = 0};
	uint32_t record = wire_open(&w, SFLOW_TAG(0, 2));

	for (unsigned i = 0; i < 13; i++)
		wire_u32(&w, errors);
	wire_close(&w, record);
	give_record(t, index, &w);
}

/* A custom metric, a counter, of source "x". */
static void custom(struct follow *t, const char *name, uint32_t value)
{
	struct wire w = {.len = 0};
	uint32_t start = wire_open(&w, SFLOW_RTMETRIC);

	t->sequence++;
	wire_string(&w, "x");
	wire_u32(&w, 1);
	wire_string(&w, name);
	wire_u32(&w, 1);
	wire_u32(&w, value);
	wire_close(&w, start);
	give(t, 0, &w);
}

static void put_window(struct follow *t)
{
	struct window_snapshot *s = make_snapshot(++t->number, false);

	metric_store_settle(t->store);
	s->metric_count = 0;
	window_exchange_put(t->f->x, s);
	WAIT_UNTIL(stat_of(t->p, PUBLISH_WINDOWS) + stat_of(t->p, PUBLISH_SUPERSEDED) >= t->number);
}

/* End a window. The metrics of few sources are out before the next one is looked at. */
static void window(struct follow *t)
{
	put_window(t);
	put_window(t);
}

static const char *field(struct follow *t, uint32_t index, const char *name)
{
	return ask(t->f->redis, "HGET weir:metric:{192.0.2.1}:%u %s", index, name);
}

static void test_changed_fields(void **state)
{
	struct follow t;

	follow_open(&t, *state, 16);
	sample(&t, 7, 1000, 5000, true);
	window(&t);
	assert_string_equal(field(&t, 7, "ifspeed"), "1000");
	assert_string_equal(field(&t, 7, "ifinoctets"), "nil");
	/* What Redis has of the fields that do not change is another's: it stays as it is. */
	ask(t.f->redis, "HSET weir:metric:{192.0.2.1}:7 ifspeed untouched other 1");
	sample(&t, 7, 1000, 6000, true);
	window(&t);
	assert_string_equal(field(&t, 7, "ifspeed"), "untouched");
	assert_string_equal(field(&t, 7, "other"), "1");
	assert_string_equal(field(&t, 7, "ifinoctets"), "1000");
	assert_string_equal(field(&t, 7, "ifoperstatus"), "up");
	ask(t.f->redis, "HSET weir:metric:{192.0.2.1}:7 ifinoctets untouched");
	sample(&t, 7, 2000, 7000, false);
	window(&t);
	assert_string_equal(field(&t, 7, "ifspeed"), "2000");
	assert_string_equal(field(&t, 7, "ifinoctets"), "untouched");
	assert_string_equal(field(&t, 7, "ifoperstatus"), "down");
	assert_int_equal(stat_of(t.p, PUBLISH_METRICS), 3);
	assert_int_equal(stat_of(t.p, PUBLISH_METRICS_SUPERSEDED), 0);
	assert_int_equal(stat_of(t.p, PUBLISH_ERRORS), 0);
	assert_in_range(atol(ask(t.f->redis, "PTTL weir:metric:{192.0.2.1}:7")), EXPIRE_MS - 10000,
		EXPIRE_MS);
	follow_close(&t);
}

/* A rate that is no more goes out of the hash, before the document is sent; what others set stays. */
static void test_went(void **state)
{
	static const char *const want[] = {"\"HSET\"", "\"HDEL\"", "\"PEXPIRE\"", "\"PUBLISH\""};
	char line[4096];
	struct follow t;
	void *r;

	follow_open(&t, *state, 16);
	/* Of a collector that ended. */
	ask(t.f->redis, "HSET weir:metric:{192.0.2.1}:7 ifinoctets 5 other 1");
	sample(&t, 7, 1000, 5000, true);
	window(&t);
	assert_string_equal(field(&t, 7, "ifinoctets"), "nil");
	sample(&t, 7, 1000, 6000, true);
	window(&t);
	assert_string_equal(field(&t, 7, "ifinoctets"), "1000");
	assert_string_equal(field(&t, 7, "ifinutilization"), "800");
	ask(t.channel, "MONITOR");
	sample(&t, 7, 2000, 10, true);
	window(&t);
	assert_string_equal(field(&t, 7, "ifinoctets"), "nil");
	assert_string_equal(field(&t, 7, "ifinutilization"), "nil");
	assert_string_equal(field(&t, 7, "ifspeed"), "2000");
	assert_string_equal(field(&t, 7, "other"), "1");
	for (unsigned i = 0; i < 4;) {
		assert_int_equal(redisGetReply(t.channel, &r), REDIS_OK);
		line[0] = '\0';
		reply_line(r, line, sizeof(line));
		freeReplyObject(r);
		if (strstr(line, "weir:metric:{192.0.2.1}") && !strstr(line, "HGET"))
			assert_non_null(strstr(line, want[i++]));
	}
	ask(t.f->redis, "HSET weir:metric:{192.0.2.1}:7 ifinoctets untouched");
	sample(&t, 7, 2000, 5, true); /* again: it is not deleted twice */
	window(&t);
	assert_string_equal(field(&t, 7, "ifinoctets"), "untouched");
	ask(t.f->redis, "HDEL weir:metric:{192.0.2.1}:7 ifinoctets");
	sample(&t, 7, 2000, 1005, true);
	window(&t);
	assert_string_equal(field(&t, 7, "ifinoctets"), "1000");
	assert_string_equal(field(&t, 7, "other"), "1");
	assert_int_equal(stat_of(t.p, PUBLISH_ERRORS), 0);
	follow_close(&t);
}

/* Between two looks at a source its rates went, for the second time or while Redis was away. */
static void test_went_unseen(void **state)
{
	struct follow t;

	follow_open(&t, *state, 16);
	sample(&t, 7, 1000, 5000, true);
	sample(&t, 7, 1000, 6000, true);
	window(&t);
	assert_string_equal(field(&t, 7, "ifinoctets"), "1000");
	sample(&t, 7, 1000, 10, true);
	sample(&t, 7, 1000, 5, true);
	window(&t);
	assert_string_equal(field(&t, 7, "ifinoctets"), "nil");
	sample(&t, 7, 1000, 1005, true);
	window(&t);
	assert_string_equal(field(&t, 7, "ifinoctets"), "1000");
	ask(t.f->redis, "HSET weir:metric:{192.0.2.1}:7 other 1");
	ask(t.f->redis, "CLIENT KILL TYPE normal SKIPME yes");
	WAIT_UNTIL(stat_of(t.p, PUBLISH_DISCONNECTS) == 1);
	sample(&t, 7, 1000, 10, true);
	WAIT_UNTIL(stat_of(t.p, PUBLISH_CONNECTS) == 2);
	window(&t);
	window(&t);
	assert_string_equal(field(&t, 7, "ifinoctets"), "nil");
	assert_string_equal(field(&t, 7, "other"), "1");
	follow_close(&t);
}

/* Records of one source come in samples of their own: none deletes what is of the other, until that goes. */
static void test_records(void **state)
{
	struct follow t;

	follow_open(&t, *state, 16);
	for (uint32_t i = 1; i <= 3; i++) {
		sample(&t, 7, 1000, i * 2000, true);
		window(&t);
		ethernet(&t, 7, i * 10);
		window(&t);
	}
	assert_string_equal(field(&t, 7, "ifinoctets"), "1000");
	assert_string_equal(field(&t, 7, "eth_fcserrors"), "5");
	ethernet(&t, 7, 0); /* stepped back */
	window(&t);
	assert_string_equal(field(&t, 7, "eth_fcserrors"), "nil");
	assert_string_equal(field(&t, 7, "ifinoctets"), "1000");
	ethernet(&t, 7, 10);
	window(&t);
	assert_string_equal(field(&t, 7, "eth_fcserrors"), "10");
	ask(t.f->redis, "HSET weir:metric:{192.0.2.1}:7 other 1");
	t.sequence += EXPIRE_MS / 1000;
	ethernet(&t, 7, 20);
	window(&t);
	assert_string_equal(field(&t, 7, "ifspeed"), "nil");
	assert_string_equal(field(&t, 7, "ifinoctets"), "nil");
	assert_string_equal(field(&t, 7, "ifinutilization"), "nil");
	assert_string_equal(field(&t, 7, "eth_fcserrors"), "0.016638935");
	assert_string_equal(field(&t, 7, "other"), "1");
	assert_true(atol(ask(t.f->redis, "PTTL weir:metric:{192.0.2.1}:7")) > 0);
	assert_int_equal(stat_of(t.p, PUBLISH_ERRORS), 0);
	follow_close(&t);
}

static void test_custom(void **state)
{
	struct follow t;

	follow_open(&t, *state, 16);
	for (uint32_t i = 1; i <= 2; i++) {
		custom(&t, "a", i * 2000);
		custom(&t, "b", i * 2000);
	}
	window(&t);
	ask(t.f->redis, "HSET weir:metric:{192.0.2.1}:x other 1");
	assert_string_equal(ask(t.f->redis, "HMGET weir:metric:{192.0.2.1}:x a b"), "[1000 1000]");
	t.sequence += EXPIRE_MS / 1000 - 1;
	custom(&t, "b", 4000); /* "a" is waited for no longer */
	window(&t);
	assert_string_equal(
		ask(t.f->redis, "HMGET weir:metric:{192.0.2.1}:x a b other"), "[nil 0 1]");
	ask(t.f->redis, "HDEL weir:metric:{192.0.2.1}:x other");
	custom(&t, "b", 0); /* stepped back: with its only field the hash goes */
	window(&t);
	assert_string_equal(ask(t.f->redis, "EXISTS weir:metric:{192.0.2.1}:x"), "0");
	custom(&t, "b", 1000);
	window(&t);
	assert_string_equal(ask(t.f->redis, "HGETALL weir:metric:{192.0.2.1}:x"), "[b 1000]");
	assert_true(atol(ask(t.f->redis, "PTTL weir:metric:{192.0.2.1}:x")) > 0);
	assert_int_equal(stat_of(t.p, PUBLISH_ERRORS), 0);
	follow_close(&t);
}

/* Samples of one window are one update, and what changed in any of them is written. */
static void test_superseded(void **state)
{
	struct follow t;

	follow_open(&t, *state, 16);
	sample(&t, 7, 1000, 5000, true);
	window(&t);
	sample(&t, 7, 2000, 6000, false);
	sample(&t, 7, 2000, 7000, true);
	sample(&t, 7, 2000, 8000, true);
	window(&t);
	assert_string_equal(field(&t, 7, "ifspeed"), "2000");
	assert_string_equal(field(&t, 7, "ifoperstatus"), "up");
	assert_int_equal(stat_of(t.p, PUBLISH_METRICS), 2);
	assert_int_equal(stat_of(t.p, PUBLISH_METRICS_SUPERSEDED), 2);
	follow_close(&t);
}

/* Whoever takes a hash away, or all of them: it is whole again with the next window. */
static void test_taken_away(void **state)
{
	struct follow t;

	follow_open(&t, *state, 16);
	sample(&t, 7, 1000, 5000, true);
	sample(&t, 8, 1000, 5000, true);
	window(&t);
	ask(t.f->redis, "DEL weir:metric:{192.0.2.1}:7");
	ask(t.f->redis, "HSET weir:metric:{192.0.2.1}:7 sampling_rate 400"); /* by another writer */
	sample(&t, 7, 1000, 6000, true);
	window(&t); /* two: one writes what has changed, and sees that the rest is missing */
	assert_string_equal(field(&t, 7, "ifspeed"), "1000");
	assert_true(atol(ask(t.f->redis, "PTTL weir:metric:{192.0.2.1}:7")) > 0);

	ask(t.f->redis, "FLUSHALL");
	window(&t);
	put_window(&t);
	assert_string_equal(field(&t, 7, "ifspeed"), "1000");
	assert_string_equal(field(&t, 8, "ifspeed"), "1000");
	assert_int_equal(stat_of(t.p, PUBLISH_METRICS), 3);
	assert_int_equal(stat_of(t.p, PUBLISH_CONNECTS), 1);
	follow_close(&t);
}

static void test_restart(void **state)
{
	struct fixture *f = *state;
	struct follow t;

	follow_open(&t, f, 16);
	sample(&t, 7, 1000, 5000, true);
	window(&t);
	redisFree(f->redis);
	server_kill(&f->server);
	WAIT_UNTIL(!publish_connected(t.p));
	server_run(&f->server);
	f->redis = server_connect(&f->server);
	WAIT_UNTIL(strcmp(field(&t, 7, "ifspeed"), "1000") == 0);
	assert_int_equal(stat_of(t.p, PUBLISH_METRICS), 1); /* it is not told again */
	follow_close(&t);
}

static void assert_told(struct follow *t, const char *want)
{
	redisReply *r = NULL;

	assert_int_equal(redisGetReply(t->channel, (void **)&r), REDIS_OK);
	assert_string_equal(r->element[1]->str, "weir:metric:{192.0.2.1}");
	assert_string_equal(r->element[2]->str, want);
	freeReplyObject(r);
}

static void test_gone(void **state)
{
	struct follow t;

	follow_open(&t, *state, 16);
	ask(t.channel, "SUBSCRIBE weir:metric:{192.0.2.1}");
	sample(&t, 7, 0, 5000, true);
	window(&t);
	metric_store_expire(t.store, (uint64_t)START_MS * 2);
	window(&t);
	assert_string_equal(ask(t.f->redis, "EXISTS weir:metric:{192.0.2.1}:7"), "0");
	assert_int_equal(stat_of(t.p, PUBLISH_GONE), 1);
	sample(&t, 9, 3000, 5000, true); /* in the same slot */
	window(&t);
	metric_store_expire(t.store, (uint64_t)START_MS * 2);
	sample(&t, 7, 4000, 5000, true); /* one goes and one comes between two windows */
	window(&t);
	assert_string_equal(ask(t.f->redis, "EXISTS weir:metric:{192.0.2.1}:9"), "0");
	assert_string_equal(field(&t, 7, "ifspeed"), "4000");
	assert_told(&t,
		"{\"agent\":\"192.0.2.1\",\"sub_agent\":0,\"source\":\"7\",\"time_ms\":"
		"1700000001000,"
		"\"collector\":\"c1\",\"metrics\":{\"ifindex\":7,\"iftype\":\"ethernetCsmacd\","
		"\"ifspeed\":0,\"ifdirection\":\"full-duplex\",\"ifadminstatus\":\"up\","
		"\"ifoperstatus\":\"up\"}}");
	assert_told(&t, "{\"agent\":\"192.0.2.1\",\"sub_agent\":0,\"source\":\"7\",\"time_ms\":"
			"1700000004000,"
			"\"collector\":\"c1\",\"gone\":true}");
	follow_close(&t);
}

/* Two go and come back, each in the slot of the other, before any of them is looked at. */
static void test_moved(void **state)
{
	struct follow t;

	follow_open(&t, *state, 16);
	for (unsigned i = 1; i <= 2; i++) {
		sample(&t, 1, 1000, i * 5000, true);
		sample(&t, 2, 2000, i * 5000, true);
	}
	window(&t);
	assert_string_equal(field(&t, 2, "ifinoctets"), "2500");
	metric_store_expire(t.store, (uint64_t)START_MS * 2);
	sample(&t, 1, 1100, 5000, true);
	sample(&t, 2, 2200, 5000, true);
	window(&t);
	assert_string_equal(field(&t, 1, "ifspeed"), "1100");
	assert_string_equal(field(&t, 2, "ifspeed"), "2200");
	window(&t);
	assert_string_equal(field(&t, 2, "ifspeed"), "2200");
	assert_string_equal(field(&t, 2, "ifinoctets"), "nil"); /* it begins anew */
	assert_int_equal(stat_of(t.p, PUBLISH_GONE), 1);
	follow_close(&t);
}

/* Two sub-agents with one number share a hash: it stays for the one that is left. */
static void test_sub_agents(void **state)
{
	struct follow t;

	follow_open(&t, *state, 16);
	ask(t.channel, "SUBSCRIBE weir:metric:{192.0.2.1}");
	t.sub_agent = 1;
	sample(&t, 7, 1000, 5000, true);
	sample(&t, 7, 1000, 6000, true);
	window(&t);
	assert_string_equal(field(&t, 7, "ifinoctets"), "1000");
	t.sub_agent = 0;
	t.sequence += 2 * EXPIRE_MS / 1000;
	sample(&t, 7, 2000, 5000, true);
	window(&t);
	assert_string_equal(field(&t, 7, "ifspeed"), "2000");
	metric_store_expire(t.store, START_MS + t.sequence * UINT64_C(1000));
	window(&t);
	assert_string_equal(field(&t, 7, "ifspeed"), "2000");
	window(&t);
	assert_string_equal(field(&t, 7, "ifspeed"), "2000");
	assert_string_equal(field(&t, 7, "ifinoctets"), "nil"); /* it was the other's */
	assert_int_equal(stat_of(t.p, PUBLISH_GONE), 1);
	follow_close(&t);
}

/* What one of them no longer has is deleted, and the other one's value takes its place. */
static void test_sub_agents_went(void **state)
{
	struct follow t;

	follow_open(&t, *state, 16);
	sample(&t, 7, 2000, 3000, true);
	sample(&t, 7, 2000, 6000, true);
	window(&t);
	t.sub_agent = 1;
	sample(&t, 7, 1000, 1000, true);
	window(&t);
	assert_string_equal(field(&t, 7, "ifinoctets"), "3000"); /* it is the other's */
	sample(&t, 7, 1000, 2000, true);
	window(&t);
	assert_string_equal(field(&t, 7, "ifinoctets"), "1000");
	sample(&t, 7, 1000, 10, true);
	window(&t);
	window(&t);
	assert_string_equal(field(&t, 7, "ifinoctets"), "3000");
	ask(t.f->redis, "HSET weir:metric:{192.0.2.1}:7 ifinoctets untouched other 1");
	window(&t); /* and then it is quiet */
	window(&t);
	assert_string_equal(field(&t, 7, "ifinoctets"), "untouched");
	assert_string_equal(field(&t, 7, "other"), "1");
	follow_close(&t);
}

static void test_wrong_type(void **state)
{
	struct follow t;
	uint64_t errors;

	follow_open(&t, *state, 16);
	ask(t.f->redis, "SET weir:metric:{192.0.2.1}:7 text");
	sample(&t, 7, 1000, 5000, true);
	sample(&t, 8, 1000, 5000, true);
	window(&t);
	assert_true(stat_of(t.p, PUBLISH_ERRORS) > 0); /* some with each window */
	assert_string_equal(field(&t, 8, "ifspeed"), "1000");
	ask(t.f->redis, "DEL weir:metric:{192.0.2.1}:7");
	window(&t); /* of its own accord */
	errors = stat_of(t.p, PUBLISH_ERRORS);
	window(&t);
	assert_string_equal(field(&t, 7, "ifspeed"), "1000");
	assert_int_equal(stat_of(t.p, PUBLISH_ERRORS), errors);
	follow_close(&t);
}

/* More than one batch takes, while windows go on and flows come first; nothing is left out. */
static void test_many(void **state)
{
	struct follow t;

	follow_open(&t, *state, 4 * LARGE);
	for (uint32_t i = 0; i < LARGE; i++)
		sample(&t, i + 1, 1000, 5000, true);
	for (unsigned i = 0; i < 5; i++)
		window_exchange_put(t.f->x, make_snapshot(++t.number, false));
	window(&t);
	WAIT_UNTIL(stat_of(t.p, PUBLISH_METRICS) == LARGE);
	assert_int_equal(stat_of(t.p, PUBLISH_ERRORS), 0);
	assert_string_equal(field(&t, 1, "ifspeed"), "1000");
	assert_string_equal(
		ask(t.f->redis, "HGET weir:metric:{192.0.2.31}:%u ifspeed", LARGE), "1000");
	follow_close(&t);
}

/*
 * 256 of refused hashes are tried again with each window, the others less and less often; once one is
 * taken, all are tried.
 */
static void test_refused(void **state)
{
	enum { REFUSED = 306, TRIES = 256, WINDOWS = 20 };
	struct follow t;
	uint64_t errors;

	follow_open(&t, *state, 2 * REFUSED);
	for (unsigned i = 0; i < REFUSED; i++)
		ask(t.f->redis, "SET weir:metric:{192.0.2.1}:%u text", i + 1);
	for (unsigned i = 0; i < REFUSED; i++)
		sample(&t, i + 1, 1000, 5000, true);
	for (unsigned i = 0; i < WINDOWS; i++)
		put_window(&t);
	window(&t);
	errors = stat_of(t.p, PUBLISH_ERRORS);
	/* HDEL and HSET within EXEC: PEXPIRE is fine */
	assert_in_range(
		errors, 2 * (WINDOWS * TRIES), 2 * ((WINDOWS + 2) * TRIES + 7 * (REFUSED - TRIES)));
	assert_int_equal(stat_of(t.p, PUBLISH_HEALTH), PUBLISH_REFUSED);
	for (unsigned i = 0; i < REFUSED; i++)
		ask(t.f->redis, "DEL weir:metric:{192.0.2.1}:%u", i + 1);
	window(&t);
	put_window(&t);
	for (unsigned i = 0; i < REFUSED; i++)
		assert_string_equal(field(&t, i + 1, "ifspeed"), "1000");
	assert_int_equal(stat_of(t.p, PUBLISH_HEALTH), PUBLISH_WELL);
	follow_close(&t);
}

/* Redis goes while the metrics of a window go out: the stop must not say that all was published. */
static void test_stop_in_round(void **state)
{
	struct fixture *f = *state;
	struct follow t;

	follow_open(&t, f, 4 * LARGE);
	for (uint32_t i = 0; i < LARGE; i++)
		sample(&t, i + 1, 1000, 5000, true);
	put_window(&t);
	server_kill(&f->server);
	WAIT_UNTIL(!publish_connected(t.p));
	assert_false(publish_stop(t.p, 300));
	metric_store_destroy(t.store);
	redisFree(t.channel);
	server_run(&f->server);
}

/* What a stop finds unwritten is written, at once. */
static void test_stop(void **state)
{
	struct fixture *f = *state;
	struct follow t;

	follow_open(&t, f, 4 * SOURCES);
	for (uint32_t i = 0; i < SOURCES; i++)
		sample(&t, i + 1, 1000, 5000, true);
	window_exchange_put(f->x, make_snapshot(1, false));
	follow_close(&t);
	assert_string_equal(
		ask(f->redis, "HGET weir:metric:{192.0.2.3}:%u ifspeed", SOURCES), "1000");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(test_changed_fields),
		FIXTURE_TEST(test_went),
		FIXTURE_TEST(test_went_unseen),
		FIXTURE_TEST(test_records),
		FIXTURE_TEST(test_custom),
		FIXTURE_TEST(test_superseded),
		FIXTURE_TEST(test_taken_away),
		FIXTURE_TEST(test_restart),
		FIXTURE_TEST(test_gone),
		FIXTURE_TEST(test_moved),
		FIXTURE_TEST(test_sub_agents),
		FIXTURE_TEST(test_sub_agents_went),
		FIXTURE_TEST(test_wrong_type),
		FIXTURE_TEST(test_refused),
		FIXTURE_TEST(test_many),
		FIXTURE_TEST(test_stop_in_round),
		FIXTURE_TEST(test_stop),
	};

	if (!server_installed())
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
