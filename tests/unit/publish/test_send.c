/* SPDX-License-Identifier: BSD-3-Clause */

/* Replies that end too soon, at each of their bytes. */
#include "publish/connection.h"
#include "publish/send_pvt.h"
#include "scripted.h"
#include "transaction.h"

/* To MULTI, HSET, EXEC, with more behind it. */
static const char *const replies[] = {
	"+OK\r\n", "+QUEUED\r\n", "+QUEUED\r\n", "*2\r\n:12\r\n-ERR it is \xFF\r\n", ":1\r\n"};
enum { COMMANDS = sizeof(replies) / sizeof(replies[0]) };

/* Answers until so many bytes are sent. */
struct cutter {
	struct scripted server;
	size_t left;
	unsigned next;
};

static bool answer_some(void *ctx, const redisReply *command, char text[SCRIPTED_TEXT])
{
	struct cutter *c = ctx;
	const char *reply = replies[c->next++];
	size_t len = strlen(reply), most = len < c->left ? len : c->left;

	memcpy(text, reply, most);
	text[most] = '\0';
	c->left -= most;
	return c->left > 0;
}

static void fill(struct publish_batch *b)
{
	transaction_add(b);
	publish_batch_command(b, 2, "DEL");
	publish_batch_text(b, "key");
	publish_batch_end(b);
}

/* How many whole replies lie within so many bytes. */
static unsigned whole_within(size_t bytes)
{
	unsigned n = 0;

	for (; n < COMMANDS && bytes >= strlen(replies[n]); n++)
		bytes -= strlen(replies[n]);
	return n;
}

static void test_cut(void **state)
{
	struct publish_batch b = {.commands = 0};
	size_t all = 0;

	for (unsigned i = 0; i < COMMANDS; i++)
		all += strlen(replies[i]);
	for (size_t cut = 1; cut <= all; cut++) {
		struct cutter c = {.server = {.answer = answer_some, .ctx = &c}, .left = cut};
		unsigned whole = whole_within(cut);
		struct publish_sent sent;
		char text[64], error[PUBLISH_ERROR];
		struct publish_link *redis;
		struct publish_url url;

		scripted_start(&c.server);
		snprintf(text, sizeof(text), "redis://127.0.0.1:%d", c.server.port);
		assert_int_equal(publish_url_parse(text, &url, error, sizeof(error)), 0);
		redis = publish_link_open(&url, error);
		assert_non_null(redis);
		fill(&b);
		publish_send(redis, &b, &sent);
		assert_int_equal(sent.lost, whole < COMMANDS);
		assert_int_equal(sent.commands, whole);
		/* An error in a reply of EXEC that does not end counts: it is known what it says. */
		assert_true(whole <= TRANSACTION_EXEC ? sent.errors <= 1 : sent.errors == 1);
		assert_int_equal(b.watches[0].failed, whole > TRANSACTION_EXEC);
		if (sent.lost)
			assert_true(sent.error[0] != '\0');
		else
			assert_string_equal(sent.error, "ERR it is \\xFF");
		publish_link_cut_off(redis);
		publish_url_free(&url);
		scripted_stop(&c.server);
	}
	publish_batch_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
