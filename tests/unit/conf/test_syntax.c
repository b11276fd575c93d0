/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf/syntax_pvt.h"
#include "conf_test.h"

static void all(bool (*is)(const char *), bool want, const char *const *texts)
{
	for (; *texts; texts++) {
		if (is(*texts) != want)
			fail_msg("%s", *texts);
	}
}

static void test_texts(void **state)
{
	all(conf_is_name, true, (const char *const[]){"a", "A-b_c.9", NULL});
	all(conf_is_name, false,
		(const char *const[]){"a b", "a:b", "a{b}", "\xC3\xA4", "a\n", NULL});
	all(conf_is_prefix, true, (const char *const[]){"weir", "a:b", NULL});
	all(conf_is_prefix, false, (const char *const[]){"a b", "{a}", NULL});
	all(conf_is_iface, true, (const char *const[]){"eth0", "eth0.100", "a@b", NULL});
	all(conf_is_iface, false,
		(const char *const[]){"a/b", "a b", ".", "..", "a:1", "a,b", NULL});
	all(conf_is_pci, true, (const char *const[]){"0000:03:00.0", "ffFF:aa:1F.7", NULL});
	all(conf_is_pci, false,
		(const char *const[]){"", "03:00.0", "0000:03:00", "0000:03:00.8", "0000:03:00.0x",
			"0000-03:00.0", NULL});
	all(conf_is_vdev, true, (const char *const[]){"net_ring0", "net_pcap0,iface=a b", NULL});
	all(conf_is_vdev, false, (const char *const[]){",a", "-a", "a b", NULL});
	all(conf_is_url, true,
		(const char *const[]){"", "redis://h", "redis://u:p@h:1/2", "unix:///a", "unix:/a",
			"unix:a", NULL});
	all(conf_is_url, false,
		(const char *const[]){
			"redis://", "unix:", "unix://", "http://a", "h:6379", "Redis://h", NULL});
	all(conf_is_window, true,
		(const char *const[]){"100ms", "125ms", "1s", "60", "1m", "7.5s", NULL});
	all(conf_is_window, false, (const char *const[]){"0", "130ms", "7s", "2m", "x", NULL});
}

static void test_servers(void **state)
{
	all(conf_is_servers, true,
		(const char *const[]){"", "system", "192.0.2.1", "192.0.2.1:53", "192.0.2.1:65535",
			"2001:db8::1", "::1", "[::1]", "[2001:db8::1]:5353",
			"192.0.2.1,192.0.2.2:5353,::1,[::1]:53", NULL});
	all(conf_is_servers, false,
		(const char *const[]){"dns.example", "192.0.2", "192.0.2.1:", "192.0.2.1:0",
			"192.0.2.1:65536", "192.0.2.1:000053", "192.0.2.1:53x", "192.0.2.1,", ",",
			",192.0.2.1", "192.0.2.1,,::1", "system,192.0.2.1", "[192.0.2.1]", "[::1",
			"[::1]53", "[::1]:", "[]", "[", "::1]:53", " 192.0.2.1", "192.0.2.1, ::1",
			"fe80::1%lo", "System",
			"1111111111111111111111111111111111111111111111111111", NULL});
}

static void test_utf8(void **state)
{
	static const char *const good[] = {"", "abc", "\xC3\xA4", "\xE2\x82\xAC",
		"\xF0\x9F\x98\x80", "\xED\x9F\xBF", "\xF4\x8F\xBF\xBF"};
	static const char *const bad[] = {"\x80", "\xC3", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80",
		"\xE2\x82", "\xE2\x28\xA1", "\xED\xA0\x80", "\xF0\x80\x80\x80", "\xF4\x90\x80\x80",
		"\xF5\x80\x80\x80", "\xFF", "a\xE2\x82\x28"};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(conf_is_utf8(good[i], strlen(good[i])));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(conf_is_utf8(bad[i], strlen(bad[i])));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_servers),
		cmocka_unit_test(test_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
