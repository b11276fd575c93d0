/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "resolve/reply.h"

#define QUESTION "1.2.0.192.in-addr.arpa"
#define NAME                                                                                       \
	"\x01"                                                                                     \
	"1"                                                                                        \
	"\x01"                                                                                     \
	"2"                                                                                        \
	"\x01"                                                                                     \
	"0"                                                                                        \
	"\x03"                                                                                     \
	"192"                                                                                      \
	"\x07"                                                                                     \
	"in-addr"                                                                                  \
	"\x04"                                                                                     \
	"arpa"
#define FIXED(type, ttl, len) "\x00" type "\x00\x01" ttl "\x00" len
#define MINUTE "\x00\x00\x00\x3c"
#define PTR "\x0c"
#define CNAME "\x05"
#define HOST                                                                                       \
	"\x04"                                                                                     \
	"host"                                                                                     \
	"\x07"                                                                                     \
	"example" /* 13 bytes and the root */

/* A message under construction. */
struct message {
	uint8_t bytes[2048];
	size_t len;
};

static void add(struct message *m, const char *bytes, size_t len)
{
	memcpy(m->bytes + m->len, bytes, len);
	m->len += len;
}

#define ADD(m, text) add(m, text, sizeof(text) - 1)

static void start(struct message *m, uint8_t answers)
{
	memset(m, 0, sizeof(*m));
	ADD(m, "\x12\x34\x81\x80\x00\x01\x00");
	add(m, (const char *)&answers, 1);
	ADD(m, "\x00\x00\x00\x00");
	ADD(m, NAME "\x00\x00\x0c\x00\x01");
}

static int parse(const struct message *m, struct resolve_reply *r)
{
	return resolve_reply(m->bytes, m->len, QUESTION, r);
}

static void test_question(void **state)
{
	struct base_addr addr;
	char text[RESOLVE_QUESTION];

	assert_int_equal(base_addr_parse("192.0.2.1", &addr), 0);
	assert_string_equal(resolve_question(&addr, text), QUESTION);
	assert_int_equal(base_addr_parse("2001:db8::567:89ab", &addr), 0);
	assert_string_equal(resolve_question(&addr, text),
		"b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
}

static void test_name(void **state)
{
	struct message m;
	struct resolve_reply r;

	start(&m, 1);
	ADD(&m, "\xc0\x0c" FIXED(PTR, MINUTE, "\x0e") HOST "\x00");
	assert_int_equal(parse(&m, &r), 0);
	assert_string_equal(r.name, "host.example.");
	assert_int_equal(r.ttl, 60);
	for (size_t len = 0; len < m.len; len++)
		assert_int_equal(resolve_reply(m.bytes, len, QUESTION, &r), -EINVAL);
}

static void test_case_of_letters(void **state)
{
	struct message m;
	struct resolve_reply r;

	start(&m, 1);
	ADD(&m, "\x01"
		"1"
		"\x01"
		"2"
		"\x01"
		"0"
		"\x03"
		"192"
		"\x07"
		"IN-Addr"
		"\x04"
		"ARPA"
		"\x00");
	ADD(&m, FIXED(PTR, MINUTE, "\x0e") HOST "\x00");
	assert_int_equal(parse(&m, &r), 0);
	assert_string_equal(r.name, "host.example.");
}

/* Records of other owners and types stand before the one; the name ends in a pointer. */
static void test_other_records(void **state)
{
	struct message m;
	struct resolve_reply r;

	start(&m, 3);
	ADD(&m, HOST "\x00" FIXED(PTR, MINUTE, "\x02") "\xc0\x0c");
	ADD(&m, "\xc0\x0c" FIXED("\x10", MINUTE, "\x04") "text");
	ADD(&m, "\xc0\x0c" FIXED(PTR, MINUTE, "\x07") "\x04"
						      "here"
						      "\xc0\x1e");
	assert_int_equal(parse(&m, &r), 0);
	assert_string_equal(r.name, "here.arpa.");
}

static void test_alias(void **state)
{
	struct message m;
	struct resolve_reply r;

	start(&m, 2);
	ADD(&m, HOST "\x00" FIXED(PTR, MINUTE, "\x06") "\x04"
						       "real"
						       "\x00");
	ADD(&m, "\xc0\x0c" FIXED(CNAME, "\x00\x00\x00\x0a", "\x0e") HOST "\x00");
	assert_int_equal(parse(&m, &r), 0);
	assert_string_equal(r.name, "real.");
	assert_int_equal(r.ttl, 10);
}

static void test_alias_of_itself(void **state)
{
	struct message m;
	struct resolve_reply r;

	start(&m, 1);
	ADD(&m, "\xc0\x0c" FIXED(CNAME, MINUTE, "\x02") "\xc0\x0c");
	assert_int_equal(parse(&m, &r), -ENOENT);
}

static void test_no_record(void **state)
{
	struct message m;
	struct resolve_reply r;

	start(&m, 0);
	assert_int_equal(parse(&m, &r), -ENOENT);
	start(&m, 1);
	ADD(&m, HOST "\x00" FIXED(PTR, MINUTE, "\x02") "\xc0\x0c");
	assert_int_equal(parse(&m, &r), -ENOENT);
}

static void test_hostile_bytes(void **state)
{
	struct message m;
	struct resolve_reply r;

	start(&m, 1);
	ADD(&m, "\xc0\x0c" FIXED(PTR, MINUTE, "\x0b") "\x05"
						      "a. \\\xff"
						      "\x03"
						      "\x00\n~"
						      "\x00");
	assert_int_equal(parse(&m, &r), 0);
	assert_string_equal(r.name, "a\\046\\032\\092\\255.\\000\\010~.");
}

/* Escapes make four of a byte: 63 of them just fit, 64 in two labels do not. */
static void test_too_long(void **state)
{
	char label[64] = {0};
	struct message m;
	struct resolve_reply r;

	for (unsigned extra = 0; extra < 2; extra++) {
		start(&m, 1);
		ADD(&m, "\xc0\x0c\x00\x0c\x00\x01" MINUTE "\x00");
		label[0] = 63;
		m.bytes[m.len++] = (uint8_t)(65 + 2 * extra);
		add(&m, label, 64);
		if (extra)
			ADD(&m, "\x01"
				"x");
		ADD(&m, "\x00");
		assert_int_equal(parse(&m, &r), extra ? -EINVAL : 0);
	}
	assert_int_equal(sizeof(r.name), 255);
}

static void test_pointers(void **state)
{
	static const uint8_t to[] = {52, 53, 54, 200}; /* itself, into itself, forward, beyond */
	struct message m;
	struct resolve_reply r;

	for (unsigned i = 0; i < sizeof(to); i++) {
		start(&m, 1);
		ADD(&m, "\xc0\x0c" FIXED(PTR, MINUTE, "\x02") "\xc0");
		m.bytes[m.len++] = to[i];
		ADD(&m, "\x00\x00\x00");
		assert_int_equal(parse(&m, &r), -EINVAL);
	}
}

static void add_pointer(struct message *m, size_t to)
{
	m->bytes[m->len++] = (uint8_t)(0xC0 | to >> 8);
	m->bytes[m->len++] = (uint8_t)to;
}

/* A chain of pointers, each to the one before: 128 are as many as a name may need, 129 are not. */
static void test_pointer_chain(void **state)
{
	for (unsigned pointers = 128; pointers <= 129; pointers++) {
		struct message m;
		struct resolve_reply r;
		size_t len, last;

		start(&m, 2);
		ADD(&m, "\xc0\x0c" FIXED("\x10", MINUTE, ""));
		len = m.len++;
		add_pointer(&m, 12);
		while (m.len < len + 1 + 2 * (pointers - 1))
			add_pointer(&m, m.len - 2);
		m.bytes[len - 1] = (uint8_t)((m.len - len - 1) >> 8);
		m.bytes[len] = (uint8_t)(m.len - len - 1);
		last = m.len - 2;
		ADD(&m, "\xc0\x0c" FIXED(PTR, MINUTE, "\x02"));
		add_pointer(&m, last);
		assert_int_equal(parse(&m, &r), pointers == 128 ? 0 : -EINVAL);
	}
}

/* A record is found among the first 64, however many there are. */
static void test_many_records(void **state)
{
	for (unsigned before = 63; before <= 64; before++) {
		struct message m;
		struct resolve_reply r;

		start(&m, 255);
		for (unsigned i = 0; i < before; i++)
			ADD(&m, "\xc0\x0c" FIXED("\x10", MINUTE, "\x00"));
		ADD(&m, "\xc0\x0c" FIXED(PTR, MINUTE, "\x0e") HOST "\x00");
		assert_int_equal(parse(&m, &r), before == 63 ? 0 : -ENOENT);
	}
}

/* RFC 9619. */
static void test_many_questions(void **state)
{
	struct message m;
	struct resolve_reply r;

	start(&m, 1);
	ADD(&m, NAME "\x00\x00\x0c\x00\x01");
	m.bytes[5] = 2;
	ADD(&m, "\xc0\x0c" FIXED(PTR, MINUTE, "\x0e") HOST "\x00");
	assert_int_equal(parse(&m, &r), -EINVAL);
}

static void test_root(void **state)
{
	struct message m;
	struct resolve_reply r;

	start(&m, 1);
	ADD(&m, "\xc0\x0c" FIXED(PTR, MINUTE, "\x01") "\x00");
	assert_int_equal(parse(&m, &r), -EINVAL);
}

static void test_ttl(void **state)
{
	struct message m;
	struct resolve_reply r;

	start(&m, 1);
	ADD(&m, "\xc0\x0c" FIXED(PTR, "\xff\xff\xff\xff", "\x0e") HOST "\x00");
	assert_int_equal(parse(&m, &r), 0);
	assert_int_equal(r.ttl, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_question),
		cmocka_unit_test(test_name),
		cmocka_unit_test(test_case_of_letters),
		cmocka_unit_test(test_other_records),
		cmocka_unit_test(test_alias),
		cmocka_unit_test(test_alias_of_itself),
		cmocka_unit_test(test_no_record),
		cmocka_unit_test(test_hostile_bytes),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_pointers),
		cmocka_unit_test(test_pointer_chain),
		cmocka_unit_test(test_many_records),
		cmocka_unit_test(test_many_questions),
		cmocka_unit_test(test_root),
		cmocka_unit_test(test_ttl),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
