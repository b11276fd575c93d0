/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/near.h"

static const char *const names[] = {"ipsource", "ipdestination", "ip6source", "tcpflags", "vlan",
	"bytes", "frames", "a", "0123456789012345678901234567890123456789012345678901234567890123",
	NULL};

static const char *name_at(const void *ctx, size_t i)
{
	const char *const *list = ctx;

	return list[i];
}

static const char *near(const char *word)
{
	return base_near(word, name_at, names);
}

static void test_found(void **state)
{
	assert_string_equal(near("ipsource"), "ipsource");
	assert_string_equal(near("ipsorce"), "ipsource");
	assert_string_equal(near("ipsourcee"), "ipsource");
	assert_string_equal(near("ip6sorce"), "ip6source");
	assert_string_equal(near("ip_destination"), "ipdestination");
	assert_string_equal(near("destination"), "ipdestination");
	assert_string_equal(near("tcpfalgs"), "tcpflags");
	assert_string_equal(near("vlam"), "vlan");
	assert_string_equal(near("valn"), "vlan"); /* a swap is one edit */
	assert_string_equal(near("byte"), "bytes");
}

/* More than a third of the longer word differs. */
static void test_far(void **state)
{
	assert_null(near(""));
	assert_null(near("b"));
	assert_null(near("xyz"));
	assert_null(near("avln")); /* 2 of 4 */
	assert_null(near("sources"));
	assert_null(near("completely-different"));
}

static void test_long(void **state)
{
	char word[200];

	memset(word, 'a', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	assert_null(near(word));
	word[63] = '\0';
	assert_null(near(word));
	/* A name that long is never proposed. */
	assert_null(near("012345678901234567890123456789012345678901234567890123456789012"));
}

static void test_first_of_equals(void **state)
{
	static const char *const twins[] = {"rate_in", "rate_on", NULL};

	assert_string_equal(base_near("rate_an", name_at, twins), "rate_in");
	assert_null(base_near("rate", name_at, &twins[2]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_found),
		cmocka_unit_test(test_far),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_first_of_equals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
