/* SPDX-License-Identifier: BSD-3-Clause */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "ifmib/ifmib.h"

/* The thread against an agent of the test's own, which answers on loopback, and lies as it is told to. */

enum { PACKET = 60000, PATIENCE_S = 20, MOST = 300 };

enum lie {
	HONEST,  /* three interfaces */
	ENDLESS, /* always one more */
	LONG,    /* a name of 20,000 bytes, of all values */
	BACK,    /* the same interface for ever */
	SILENT,  /* not a word */
	JUNK,    /* bytes that are no answer, as fast as they can be sent */
	ANOTHER, /* answers to questions that nobody has asked */
	SMALL,   /* too big, until one row at a time is asked for */
	BROKEN,  /* a general error */
	LAME,    /* one row in each answer, after a while, without an end */
};

struct agent {
	enum lie lie;
	int fd;
	uint16_t port;
	pthread_t thread;
	bool stop;          /* relaxed atomic */
	unsigned questions; /* relaxed atomic */
};

/* ---- BER (X.690), as far as it takes ---- */

struct ber {
	uint8_t bytes[PACKET];
	size_t at; /* what is written lies from here to the end: it grows towards the front */
};

static void put(struct ber *b, const void *bytes, size_t len)
{
	b->at -= len;
	memcpy(b->bytes + b->at, bytes, len);
}

static void wrap(struct ber *b, uint8_t tag, size_t end)
{
	size_t len = end - b->at;
	const uint8_t head[4] = {tag, 0x82, (uint8_t)(len >> 8), (uint8_t)len};

	put(b, head, sizeof(head));
}

static void put_int(struct ber *b, uint32_t v)
{
	const uint8_t bytes[] = {
		2, 5, 0, (uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v};

	put(b, bytes, sizeof(bytes));
}

static void put_row(struct ber *b, unsigned column, uint32_t index, const void *text, size_t len)
{
	size_t end = b->at;
	const uint8_t root[] = {0x2B, 6, 1, 2, 1, 31, 1, 1, 1, (uint8_t)column};
	uint8_t last[5];
	size_t oid;

	put(b, text, len);
	wrap(b, 4, b->at + len);
	oid = b->at;
	for (unsigned i = 0; i < 5; i++)
		last[4 - i] = (uint8_t)((index >> 7 * i & 0x7F) | (i ? 0x80 : 0));
	put(b, last, sizeof(last));
	put(b, root, sizeof(root));
	wrap(b, 6, oid);
	wrap(b, 0x30, end);
}

/* What lies within the element at `*p`; `*p` goes behind it. */
static const uint8_t *element(const uint8_t **p, size_t *len)
{
	const uint8_t *q = *p + 1;
	size_t n = *q++;

	if (n & 0x80) {
		size_t bytes = n & 0x7F;

		for (n = 0; bytes; bytes--)
			n = n << 8 | *q++;
	}
	*p = q + n;
	*len = n;
	return q;
}

/* A question: which one, for which column, behind which interface, how many rows. */
struct question {
	uint32_t id, behind, rows;
	unsigned column;
};

static uint32_t number(const uint8_t **p)
{
	size_t len;
	const uint8_t *q = element(p, &len);
	uint32_t v = 0;

	while (len--)
		v = v << 8 | *q++;
	return v;
}

static struct question read_question(const uint8_t *p)
{
	struct question q = {.id = 0};
	const uint8_t *oid;
	size_t len;

	p = element(&p, &len); /* the message */
	number(&p);            /* version */
	element(&p, &len);     /* community */
	assert_int_equal(len, strlen("secret"));
	p = element(&p, &len); /* PDU */
	q.id = number(&p);
	number(&p);
	q.rows = number(&p);
	p = element(&p, &len);
	p = element(&p, &len);
	oid = element(&p, &len);
	q.column = oid[9];
	for (size_t i = 10; i < len; i++)
		q.behind = q.behind << 7 | (oid[i] & 0x7F);
	return q;
}

static void put_answer(struct ber *b, const struct question *q, unsigned status, size_t end)
{
	wrap(b, 0x30, end);
	put_int(b, 0);
	put_int(b, status);
	put_int(b, q->id);
	wrap(b, 0xA2, end);
	put(b, "\x04\x06secret", 8);
	put(b, "\x02\x01\x01", 3);
	wrap(b, 0x30, end);
}

/* ---- the agent ---- */

static void put_rows(const struct agent *a, struct ber *b, const struct question *q)
{
	static uint8_t all[20000];

	for (size_t i = 0; i < sizeof(all); i++)
		all[i] = (uint8_t)i;
	if (a->lie == ENDLESS) {
		for (uint32_t i = q->rows; i > 0; i--)
			put_row(b, q->column, q->behind + i, "x", 1);
	} else if (a->lie == LAME) {
		put_row(b, q->column, q->behind + 1, "x", 1);
	} else if (a->lie == BACK) {
		put_row(b, q->column, 1, "again", 5);
	} else if (a->lie == LONG && q->behind == 0) {
		put_row(b, q->column, 7, all, sizeof(all));
	} else if (a->lie == HONEST || a->lie == SMALL) {
		for (uint32_t i = 3; i > q->behind; i--)
			put_row(b, q->column, i, q->column == 1 ? "eth" : "uplink",
				q->column == 1 ? 3 : 6);
		if (q->behind == 3) /* what is behind is of another column */
			put_row(b, q->column + 1, 1, "", 0);
	} else {
		put_row(b, 20, 1, "", 0);
	}
}

static void answer(struct agent *a, const uint8_t *bytes, const struct sockaddr_in *to)
{
	static struct ber b;
	struct question q = read_question(bytes);
	unsigned status = a->lie == SMALL && q.rows > 1 ? 1 : a->lie == BROKEN ? 5 : 0;

	b.at = PACKET;
	if (a->lie == LAME)
		usleep(30000);
	if (a->lie == ANOTHER)
		q.id++;
	if (status == 0)
		put_rows(a, &b, &q);
	put_answer(&b, &q, status, PACKET);
	sendto(a->fd, b.bytes + b.at, PACKET - b.at, 0, (const struct sockaddr *)to, sizeof(*to));
}

static void *serve(void *arg)
{
	static uint8_t bytes[PACKET];
	struct agent *a = arg;
	struct sockaddr_in from = {.sin_family = 0};
	socklen_t size = sizeof(from);

	while (!__atomic_load_n(&a->stop, __ATOMIC_RELAXED)) {
		struct pollfd p = {.fd = a->fd, .events = POLLIN};

		if (a->lie == JUNK && from.sin_family)
			sendto(a->fd, "\x30\x03\x02\x01\x01", 5, 0, (struct sockaddr *)&from, size);
		if (poll(&p, 1, a->lie == JUNK && from.sin_family ? 0 : 10) <= 0 ||
			recvfrom(a->fd, bytes, sizeof(bytes), 0, (struct sockaddr *)&from, &size) <
				0)
			continue;
		__atomic_fetch_add(&a->questions, 1, __ATOMIC_RELAXED);
		if (a->lie != SILENT && a->lie != JUNK)
			answer(a, bytes, &from);
	}
	return NULL;
}

static void agent_start(struct agent *a, enum lie lie)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t size = sizeof(at);

	*a = (struct agent){.lie = lie, .fd = socket(AF_INET, SOCK_DGRAM, 0)};
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(a->fd, (struct sockaddr *)&at, sizeof(at)), 0);
	getsockname(a->fd, (struct sockaddr *)&at, &size);
	a->port = ntohs(at.sin_port);
	assert_int_equal(pthread_create(&a->thread, NULL, serve, a), 0);
}

static void agent_stop(struct agent *a)
{
	__atomic_store_n(&a->stop, true, __ATOMIC_RELAXED);
	pthread_join(a->thread, NULL);
	close(a->fd);
}

/* ---- who asks it ---- */

static const struct base_addr loopback = {.family = 4, .bytes = {127, 0, 0, 1}};
static const char *const networks[] = {"127.0.0.0/8"};
static struct base_hash hash;

static struct ifmib *start(const struct agent *a)
{
	const struct ifmib_options o = {.version = IFMIB_V2C,
		.community = "secret",
		.user = "",
		.networks = networks,
		.network_count = 1,
		.port = a->port,
		.timeout_ms = 100,
		.walk_ms = a->lie == LAME ? 200 : 0,
		.retries = 1,
		.refresh_ms = 3600000,
		.rate = 10000,
		.interfaces = MOST,
		.agents = 10};
	char error[256];
	struct ifmib *m = ifmib_start(&o, &hash, error, sizeof(error));

	if (!m)
		fail_msg("%s", error);
	return m;
}

static uint64_t stat_of(struct ifmib *m, enum ifmib_stat stat)
{
	uint64_t values[IFMIB_STATS];

	ifmib_read_stats(m, values);
	return values[stat];
}

static void want_loopback(struct ifmib *m)
{
	while (stat_of(m, IFMIB_AGENTS) == 0)
		ifmib_want(m, &loopback, 1);
}

static uint64_t deadline(void)
{
	return base_clock_mono_ns() + PATIENCE_S * UINT64_C(1000000000);
}

static struct names_table *take(struct ifmib *m)
{
	uint64_t end = deadline();
	struct names_table *t;

	while (!(t = ifmib_take(m))) {
		assert_true(base_clock_mono_ns() < end);
		usleep(1000);
	}
	assert_true(base_addr_equal(&t->agent, &loopback));
	return t;
}

static void wait_stat(struct ifmib *m, enum ifmib_stat stat)
{
	uint64_t end = deadline();

	while (stat_of(m, stat) == 0) {
		assert_true(base_clock_mono_ns() < end);
		usleep(1000);
	}
}

static void test_honest(void **state)
{
	for (enum lie lie = HONEST; lie <= SMALL; lie += SMALL - HONEST) {
		struct names_table *t;
		struct agent a;
		struct ifmib *m;

		agent_start(&a, lie);
		m = start(&a);
		want_loopback(m);
		t = take(m);
		assert_int_equal(t->count, 3);
		for (uint32_t i = 1; i <= 3; i++) {
			const struct names_entry *e = names_table_find(t, i);

			assert_memory_equal(e->text[NAMES_NAME].bytes, "eth", 3);
			assert_memory_equal(e->text[NAMES_ALIAS].bytes, "uplink", 6);
		}
		assert_int_equal(stat_of(m, IFMIB_WALKS), 1);
		assert_int_equal(stat_of(m, IFMIB_ANSWERS), stat_of(m, IFMIB_REQUESTS));
		names_table_free(t);
		ifmib_stop(m);
		agent_stop(&a);
	}
}

/* What an agent says has an end, whatever it says. */
static void test_lies(void **state)
{
	static const struct {
		enum lie lie;
		uint32_t interfaces;
		enum ifmib_stat stat;
	} rows[] = {
		{ENDLESS, MOST, IFMIB_CUT},
		{LONG, 1, IFMIB_WALKS},
		{BACK, 1, IFMIB_BAD},
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct names_table *t;
		struct agent a;
		struct ifmib *m;

		agent_start(&a, rows[i].lie);
		m = start(&a);
		want_loopback(m);
		t = take(m);
		assert_int_equal(t->count, rows[i].interfaces);
		assert_true(t->entries[0].text[NAMES_NAME].len <= NAMES_NAME_MOST);
		assert_int_equal(stat_of(m, rows[i].stat), 1);
		names_table_free(t);
		ifmib_stop(m);
		agent_stop(&a);
	}
}

/* Whoever gives no answer is given up, also where the line is never quiet. */
static void test_no_answer(void **state)
{
	static const enum lie lies[] = {SILENT, JUNK, ANOTHER};

	for (unsigned i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		struct agent a;
		struct ifmib *m;

		agent_start(&a, lies[i]);
		m = start(&a);
		want_loopback(m);
		wait_stat(m, IFMIB_TIMEOUTS);
		assert_null(ifmib_take(m));
		assert_int_equal(stat_of(m, IFMIB_WALKS), 0);
		assert_int_equal(stat_of(m, IFMIB_REQUESTS), 1); /* not at once again */
		ifmib_stop(m);
		agent_stop(&a);
	}
}

/* Neither an error nor an agent that takes its time says that there are no names. */
static void test_failures(void **state)
{
	static const struct {
		enum lie lie;
		enum ifmib_stat stat;
	} rows[] = {{BROKEN, IFMIB_FAILED}, {LAME, IFMIB_SLOW}};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct agent a;
		struct ifmib *m;

		agent_start(&a, rows[i].lie);
		m = start(&a);
		want_loopback(m);
		wait_stat(m, rows[i].stat);
		assert_null(ifmib_take(m));
		assert_int_equal(stat_of(m, IFMIB_WALKS), 0);
		ifmib_stop(m);
		agent_stop(&a);
	}
}

/* An address that somebody made up is not asked. */
static void test_networks(void **state)
{
	static const struct base_addr strangers[] = {
		{.family = 4, .bytes = {128, 0, 0, 1}}, {.family = 6, .bytes = {127, 0, 0, 1}}};
	struct agent a;
	struct ifmib *m;

	agent_start(&a, HONEST);
	m = start(&a);
	while (stat_of(m, IFMIB_OUTSIDE) < 2)
		ifmib_want(m, strangers, 2);
	assert_int_equal(stat_of(m, IFMIB_AGENTS), 0);
	ifmib_stop(m);
	assert_int_equal(a.questions, 0);
	agent_stop(&a);
}

/* An end does not wait for answers. */
static void test_stop(void **state)
{
	uint64_t end;
	struct agent a;
	struct ifmib *m;

	agent_start(&a, SILENT);
	m = start(&a);
	want_loopback(m);
	end = deadline();
	while (__atomic_load_n(&a.questions, __ATOMIC_RELAXED) == 0)
		assert_true(base_clock_mono_ns() < end);
	ifmib_stop(m);
	ifmib_stop(NULL);
	agent_stop(&a);
}

static void test_options(void **state)
{
	struct ifmib_options o = {.version = IFMIB_V3,
		.community = "",
		.user = "weir",
		.auth_protocol = "SHA-256",
		.auth_password = "hunter2",
		.priv_protocol = "AES",
		.priv_password = "password",
		.networks = networks,
		.network_count = 1,
		.rate = 1,
		.agents = 1};
	const char *option;
	char error[256];

	assert_null(ifmib_start(&o, &hash, error, sizeof(error)));
	assert_int_equal(errno, EINVAL);
	assert_string_equal(error, "snmp.auth_password: it has at least 8 characters");
	o.auth_password = "password";
	o.auth_protocol = "none";
	assert_null(ifmib_start(&o, &hash, error, sizeof(error)));
	assert_non_null(strstr(error, "encryption alone"));
	o.auth_protocol = "SHA-256";
	o.priv_protocol = "ROT13";
	assert_null(ifmib_start(&o, &hash, error, sizeof(error)));
	assert_non_null(strstr(error, "snmp.priv_protocol"));
	assert_int_equal(ifmib_check(&o, &option, error, sizeof(error)), -EINVAL);
	assert_string_equal(option, "snmp.priv_protocol");
	o.priv_protocol = "AES";
	assert_int_equal(ifmib_check(&o, &option, error, sizeof(error)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_honest),
		cmocka_unit_test(test_lies),
		cmocka_unit_test(test_no_answer),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_networks),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_options),
	};

	if (base_hash_init(&hash) < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
