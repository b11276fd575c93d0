/* SPDX-License-Identifier: BSD-3-Clause */
#include "expect.h"

#define OVER_UDP ETH "0800" IP("11") UDP("0035")
#define SEGMENT(ports) ETH "0800" IP("06") ports " 00000001 00000002 5018 2000 0000 0000 "
#define OVER_TCP SEGMENT("C000 0035")
#define QUERY "1234 0100 0001 0000 0000 0000 "
#define WWW "03 777777 07 6578616D706C65 03 636F6D 00 " /* www.example.com. */

static void query(void **state)
{
	static const char hex[] = OVER_UDP QUERY WWW "001C 0001";

	(void)state;
	expect(hex, "stack", 0, "eth.ip.udp.dns");
	expect(hex, "dns_offset", 0, "42");
	expect(hex, "dnsid", 0, "4660");
	expect(hex, "dnsqr", 0, "false");
	expect(hex, "dnsopcode", 0, "0");
	expect(hex, "dnsaa", 0, "false");
	expect(hex, "dnstc", 0, "false");
	expect(hex, "dnsrd", 0, "true");
	expect(hex, "dnsra", 0, "false");
	expect(hex, "dnsqdcount", 0, "1");
	expect(hex, "dnsancount", 0, "0");
	expect(hex, "dnsqname", 0, "www.example.com.");
	expect(hex, "dnsqtype", 0, "28");
	expect(hex, "dnsqtypename", 0, "AAAA");
	expect(hex, "dnsqclass", 0, "1");
	/* A query has no result yet. */
	expect(hex, "dnsrcode", 0, NULL);
	expect(hex, "dnsrcodename", 0, NULL);
}

static void response(void **state)
{
	static const char hex[] =
		ETH "86DD" IP6("11") "0035 C000 0040 0000 1234 8683 0001 0002 0003 0004" WWW
				     "0001 0001 C00C 0001 0001 00000E10 0004 0A000001";

	(void)state;
	expect(hex, "stack", 0, "eth.ip6.udp.dns");
	expect(hex, "dnsqr", 0, "true");
	expect(hex, "dnsaa", 0, "true");
	expect(hex, "dnstc", 0, "true");
	expect(hex, "dnsrd", 0, "false");
	expect(hex, "dnsra", 0, "true");
	expect(hex, "dnsrcode", 0, "3");
	expect(hex, "dnsrcodename", 0, "NXDomain");
	expect(hex, "dnsancount", 0, "2");
	expect(hex, "dnsnscount", 0, "3");
	expect(hex, "dnsarcount", 0, "4");
	expect(hex, "dnsqname", 0, "www.example.com.");
	expect(hex, "dnsqtypename", 0, "A");
	/* A dynamic update was refused; a code that is not assigned. */
	expect(OVER_UDP "1234 A805 0001 0000 0000 0000", "dnsopcode", 0, "5");
	expect(OVER_UDP "1234 A805 0001 0000 0000 0000", "dnsrcodename", 0, "Refused");
	expect(OVER_UDP "1234 A80F 0001 0000 0000 0000", "dnsrcode", 0, "15");
	expect(OVER_UDP "1234 A80F 0001 0000 0000 0000", "dnsrcodename", 0, NULL);
	expect(OVER_UDP "1234 8000 0001 0000 0000 0000", "dnsrcodename", 0, "NoError");
}

static void ports(void **state)
{
	static const char *const with[] = {
		"0035 0035", "0035 1234", "1234 0035", "14E9 14E9", "14E9 1234", "1234 14E9"};

	(void)state;
	for (unsigned i = 0; i < 6; i++) {
		char hex[PACKET_ROOM];

		snprintf(hex, sizeof(hex), ETH "0800" IP("11") "%s 0040 0000 " QUERY WWW, with[i]);
		expect(hex, "dnsqname", 0, "www.example.com.");
	}
	expect(ETH "0800" IP("11") "1234 1235 0040 0000" QUERY WWW, "stack", 0, "eth.ip.udp");
	/* A datagram shorter than a header is none. */
	expect(ETH "0800" IP("11") "C000 0035 0013 0000" QUERY, "stack", 0, "eth.ip.udp");
	expect(ETH "0800" IP("11") "C000 0035 0014 0000" QUERY, "stack", 0, "eth.ip.udp.dns");
	expect(OVER_UDP, "stack", 0, "eth.ip.udp");
}

static void segments(void **state)
{
	static const char *const none[] = {OVER_TCP, OVER_TCP "001D 1234 0100 0001 0000 0000 00",
		OVER_TCP "000B" QUERY WWW, OVER_TCP "001D 1234 1900 0001 0000 0000 0000" WWW,
		OVER_TCP "001D 1234 3900 0001 0000 0000 0000" WWW,
		OVER_TCP "001D 1234 0140 0001 0000 0000 0000" WWW,
		OVER_TCP "001D 1234 0100 0002 0000 0000 0000" WWW,
		ETH "0800" IP("06") "C000 0035 00000001 00000002 4018 2000 0000 0000 001D" QUERY,
		ETH "0800" IP("06") "C000 0035 00000001 00000002 F018 2000 0000 0000 001D" QUERY,
		ETH "0800" IP("06") "C000 0035 00000001 00000002 50",
		SEGMENT("14E9 14E9") "001D" QUERY};

	(void)state;
	expect(OVER_TCP "001D" QUERY WWW "0001 0001", "stack", 0, "eth.ip.tcp.dns");
	expect(OVER_TCP "001D" QUERY WWW "0001 0001", "dnsqname", 0, "www.example.com.");
	expect(OVER_TCP "001D" QUERY WWW "0001 0001", "dns_offset", 0, "56");
	expect(SEGMENT("0035 C000") "001D 1234 8180 0001 0001 0000 0000" WWW, "dnsqr", 0, "true");
	expect(ETH "0800" IP(
		       "06") "C000 0035 00000001 00000002 6018 2000 0000 0000 01010101 001D" QUERY
			WWW,
		"dnsqname", 0, "www.example.com.");
	/* Answers of a zone transfer may come without a question. */
	expect(SEGMENT("0035 C000") "0FFF 1234 8400 0000 0100 0000 0000", "dnsancount", 0, "256");
	for (unsigned i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		expect(none[i], "stack", 0, "eth.ip.tcp");
}

static void names(void **state)
{
	(void)state;
	expect(OVER_UDP QUERY "00 0002 0001", "dnsqname", 0, ".");
	expect(OVER_UDP QUERY "00 0002 0001", "dnsqtypename", 0, "NS");
	expect(OVER_UDP QUERY "01 61 00", "dnsqname", 0, "a.");
	expect(OVER_UDP QUERY "01 61 00", "dnsqtype", 0, NULL);
	expect(OVER_UDP QUERY "01 61 00 0001 00", "dnsqtype", 0, "1");
	expect(OVER_UDP QUERY "01 61 00 0001 00", "dnsqclass", 0, NULL);
	/* As it was sent; and what has to be escaped. */
	expect(OVER_UDP QUERY "03 61425F 00", "dnsqname", 0, "aB_.");
	expect(OVER_UDP QUERY "03 612E62 01 63 00", "dnsqname", 0, "a\\046b.c.");
	expect(OVER_UDP QUERY "06 5C 20 00 7F FF 2C 00", "dnsqname", 0,
		"\\092\\032\\000\\127\\255,.");
}

static void malformed(void **state)
{
	static const char *const names[] = {"C00C 0001 0001", "01 61 C00C 0001 0001", "01 61 C0",
		"40 61 00", "80 61 00", "03 6161", "03 616161", "01 61", ""};

	(void)state;
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char hex[PACKET_ROOM];

		snprintf(hex, sizeof(hex), OVER_UDP QUERY "%s", names[i]);
		expect(hex, "dnsid", 0, "4660");
		expect(hex, "dnsqname", 0, NULL);
		expect(hex, "dnsqtype", 0, NULL);
		expect(hex, "dnsqtypename", 0, NULL);
		expect(hex, "dnsqclass", 0, NULL);
	}
	/* No question. */
	expect(OVER_UDP "1234 0100 0000 0000 0000 0000" WWW, "dnsqname", 0, NULL);
	expect(OVER_UDP "1234 0100 0001 0000 0000 00", "dnsarcount", 0, NULL);
}

/* A name of `labels` labels of `len` times the byte `c`, and one of `last`. */
static void expect_name(unsigned labels, unsigned len, unsigned last, unsigned c, const char *text)
{
	static char hex[4096];
	size_t n = (size_t)snprintf(hex, sizeof(hex), OVER_UDP QUERY);

	for (unsigned i = 0; i < labels + (last > 0); i++) {
		unsigned size = i < labels ? len : last;

		n += (size_t)snprintf(hex + n, sizeof(hex) - n, "%02X", size);
		for (unsigned k = 0; k < size; k++)
			n += (size_t)snprintf(hex + n, sizeof(hex) - n, "%02X", c);
	}
	snprintf(hex + n, sizeof(hex) - n, "00");
	expect(hex, "dnsqname", 0, text);
}

/* 255 bytes on the wire are a name, 256 are not; nor are more than 255 bytes of text. */
static void long_names(void **state)
{
	char text[300];

	(void)state;
	memset(text, 'a', sizeof(text));
	text[63] = text[127] = text[191] = text[253] = '.';
	text[254] = '\0';
	expect_name(3, 63, 61, 'a', text);
	expect_name(3, 63, 62, 'a', NULL);
	expect_name(4, 63, 0, 'a', NULL);
	expect_name(1, 64, 0, 'a', NULL);
	for (unsigned i = 0; i < 127; i++)
		memcpy(text + 2 * (size_t)i, "a.", 3);
	expect_name(127, 1, 0, 'a', text);
	expect_name(128, 1, 0, 'a', NULL);
	/* 63 bytes as \DDD and the dot are 253; with one more label of a letter, 255. */
	text[0] = '\0';
	for (unsigned i = 0; i < 63; i++)
		strcat(text, "\\001");
	strcat(text, ".");
	expect_name(1, 63, 0, 1, text);
	expect_name(1, 63, 1, 1, NULL);
	expect_name(2, 32, 0, 1, NULL);
}

static void mixed_length(void **state)
{
	char hex[PACKET_ROOM] = OVER_UDP QUERY "3F", text[300] = "";

	(void)state;
	for (unsigned i = 0; i < 63; i++) {
		strcat(hex, "01");
		strcat(text, "\\001");
	}
	strcat(hex, "01 61 00");
	strcat(text, ".a.");
	assert_int_equal(strlen(text), PACKET_VALUE_MAX);
	expect(hex, "dnsqname", 0, text);
}

TEST_MAIN(cmocka_unit_test(query), cmocka_unit_test(response), cmocka_unit_test(ports),
	cmocka_unit_test(segments), cmocka_unit_test(names), cmocka_unit_test(malformed),
	cmocka_unit_test(long_names), cmocka_unit_test(mixed_length))
