/* SPDX-License-Identifier: BSD-3-Clause */
#include "expect.h"

#define ROCE ETH "0800" IP("11") UDP("12B7")
#define IB PACKET_PROTOCOL_INFINIBAND

/* Event, migrated, 1 byte of padding, version 2; key; congestion; queue pair; acknowledge; PSN. */
#define BTH(opcode) opcode " D2 8001 40 00ABCD 80 012345 "
#define RETH "0102030405060708 0A0B0C0D 00100000 "
#define GRH(next)                                                                                  \
	"60000000 0040 " next " 40 FE800000000000000000000000000001 "                              \
	"FE800000000000000000000000000002 "

static void base_header(void **state)
{
	static const char *const all[] = {ROCE BTH("04"), ETH "8915" GRH("1B") BTH("04")};

	(void)state;
	expect(all[0], "stack", 0, "eth.ip.udp.ibbt");
	expect(all[0], "ibbt_offset", 0, "42");
	expect(all[1], "stack", 0, "eth.ibgrh.ibbt");
	expect(all[1], "ibbt_offset", 0, "54");
	for (unsigned i = 0; i < 2; i++) {
		expect(all[i], "ibbtopcode", 0, "4");
		expect(all[i], "ibbtse", 0, "true");
		expect(all[i], "ibbtm", 0, "true");
		expect(all[i], "ibbtpad", 0, "1");
		expect(all[i], "ibbttver", 0, "2");
		expect(all[i], "ibbtpkey", 0, "32769");
		expect(all[i], "ibbtfecn", 0, "false");
		expect(all[i], "ibbtbecn", 0, "true");
		expect(all[i], "ibbtdestinationqp", 0, "43981");
		expect(all[i], "ibbtack", 0, "true");
		expect(all[i], "ibbtpsn", 0, "74565");
	}
	expect(ROCE "04 2D 8001 80 00ABCD 00 012345", "ibbtse", 0, "false");
	expect(ROCE "04 2D 8001 80 00ABCD 00 012345", "ibbtm", 0, "false");
	expect(ROCE "04 2D 8001 80 00ABCD 00 012345", "ibbtpad", 0, "2");
	expect(ROCE "04 2D 8001 80 00ABCD 00 012345", "ibbttver", 0, "13");
	expect(ROCE "04 2D 8001 80 00ABCD 00 012345", "ibbtfecn", 0, "true");
	expect(ROCE "04 2D 8001 80 00ABCD 00 012345", "ibbtack", 0, "false");
}

static void operations(void **state)
{
	static const struct {
		const char *opcode, *transport, *name;
	} cases[] = {
		{"00", "RC", "SEND_FIRST"},
		{"0A", "RC", "RDMA_WRITE_ONLY"},
		{"0C", "RC", "RDMA_READ_REQUEST"},
		{"11", "RC", "ACKNOWLEDGE"},
		{"14", "RC", "FETCH_ADD"},
		{"17", "RC", "SEND_ONLY_WITH_INVALIDATE"},
		{"18", "RC", NULL},
		{"26", "UC", "RDMA_WRITE_FIRST"},
		{"2B", "UC", "RDMA_WRITE_ONLY_WITH_IMMEDIATE"},
		{"2C", "UC", NULL},
		{"55", "RD", "RESYNC"},
		{"64", "UD", "SEND_ONLY"},
		{"65", "UD", "SEND_ONLY_WITH_IMMEDIATE"},
		{"60", "UD", NULL},
		{"80", "CNP", NULL},
		{"81", "CNP", "CNP"},
		{"B1", "XRC", "ACKNOWLEDGE"},
		{"C0", NULL, NULL},
		{"FF", NULL, NULL},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char hex[PACKET_ROOM];

		snprintf(hex, sizeof(hex), ROCE BTH("%s"), cases[i].opcode);
		expect(hex, "ibbtoptransport", 0, cases[i].transport);
		expect(hex, "ibbtopname", 0, cases[i].name);
	}
}

/* Where the header of an RDMA operation is depends on the transport. */
static void rdma(void **state)
{
	static const char *const with[] = {ROCE BTH("06") RETH, ROCE BTH("0A") RETH,
		ROCE BTH("0B") RETH "00000001", ROCE BTH("0C") RETH, ROCE BTH("26") RETH,
		ROCE BTH("4C") "00000001"
			       "11223344 00 000007" RETH,
		ROCE BTH("A6") "00000009" RETH};
	static const char *const without[] = {ROCE BTH("04") RETH, ROCE BTH("07") RETH,
		ROCE BTH("11") RETH, ROCE BTH("2C") RETH, ROCE BTH("66") RETH, ROCE BTH("81") RETH,
		ROCE BTH("CA") RETH};

	(void)state;
	for (unsigned i = 0; i < sizeof(with) / sizeof(with[0]); i++) {
		expect(with[i], "ibbtrdmava", 0, "72623859790382856");
		expect(with[i], "ibbtrdmarkey", 0, "168496141");
		expect(with[i], "ibbtrdmalen", 0, "1048576");
	}
	for (unsigned i = 0; i < sizeof(without) / sizeof(without[0]); i++) {
		expect(without[i], "ibbtrdmava", 0, NULL);
		expect(without[i], "ibbtrdmarkey", 0, NULL);
		expect(without[i], "ibbtrdmalen", 0, NULL);
	}
	expect(ROCE BTH("0A") "0102030405060708 0A0B0C0D 001000", "ibbtrdmarkey", 0, "168496141");
	expect(ROCE BTH("0A") "0102030405060708 0A0B0C0D 001000", "ibbtrdmalen", 0, NULL);
}

static void acknowledgements(void **state)
{
	static const char *const with[] = {ROCE BTH("11") "09 000102", ROCE BTH("0D") "09 000102",
		ROCE BTH("0F") "09 000102", ROCE BTH("10") "09 000102",
		ROCE BTH("12") "09 000102 0000000000000000", ROCE BTH("B1") "09 000102",
		ROCE BTH("51") "00000001 09 000102"};

	(void)state;
	for (unsigned i = 0; i < sizeof(with) / sizeof(with[0]); i++) {
		expect(with[i], "ibbtaethsyndrome", 0, "9");
		expect(with[i], "ibbtaethack", 0, "9");
		expect(with[i], "ibbtaethcredits", 0, "24");
		expect(with[i], "ibbtaethmsn", 0, "258");
	}
	/* Not ready, refused: no credits. No such header. */
	expect(ROCE BTH("11") "29 000102", "ibbtaethsyndrome", 0, "41");
	expect(ROCE BTH("11") "29 000102", "ibbtaethack", 0, NULL);
	expect(ROCE BTH("11") "60 000102", "ibbtaethcredits", 0, NULL);
	expect(ROCE BTH("0E") "09 000102", "ibbtaethsyndrome", 0, NULL);
	expect(ROCE BTH("0A") "09 000102", "ibbtaethsyndrome", 0, NULL);
	expect(ROCE BTH("31") "09 000102", "ibbtaethsyndrome", 0, NULL);
	expect(ROCE BTH("11") "09 0001", "ibbtaethack", 0, "9");
	expect(ROCE BTH("11") "09 0001", "ibbtaethmsn", 0, NULL);
}

static void credits(void **state)
{
	static const char *const counts[32] = {"0", "1", "2", "3", "4", "6", "8", "12", "16", "24",
		"32", "48", "64", "96", "128", "192", "256", "384", "512", "768", "1024", "1536",
		"2048", "3072", "4096", "6144", "8192", "12288", "16384", "24576", "32768", NULL};

	(void)state;
	for (unsigned i = 0; i < 32; i++) {
		char hex[PACKET_ROOM], code[4];

		snprintf(hex, sizeof(hex), ROCE BTH("11") "%02X 000001", i);
		snprintf(code, sizeof(code), "%u", i);
		expect(hex, "ibbtaethcredits", 0, counts[i]);
		expect(hex, "ibbtaethack", 0, code);
	}
}

static void datagrams(void **state)
{
	(void)state;
	expect(ROCE BTH("64") "11223344 00 000007", "ibbtdethqkey", 0, "287454020");
	expect(ROCE BTH("64") "11223344 00 000007", "ibbtdethsourceqp", 0, "7");
	expect(ROCE BTH("44") "00000001 11223344 00 000007", "ibbtdethsourceqp", 0, "7");
	expect(ROCE BTH("51") "00000001 11223344 00 000007", "ibbtdethsourceqp", 0, NULL);
	expect(ROCE BTH("04") "11223344 00 000007", "ibbtdethqkey", 0, NULL);
	expect(ROCE BTH("60") "11223344 00 000007", "ibbtdethqkey", 0, NULL);
	expect(ROCE BTH("64") "11223344 00 0000", "ibbtdethsourceqp", 0, NULL);
}

static void global(void **state)
{
	(void)state;
	expect(ETH "8915" GRH("1B") BTH("04"), "ibgrhsourcegid", 0, "FE80::1");
	expect(ETH "8915" GRH("1B") BTH("04"), "ibgrhdestinationgid", 0, "FE80::2");
	expect(ETH "8915" GRH("3B") BTH("04"), "stack", 0, "eth.ibgrh");
	expect(ETH "8915" GRH("1B"), "stack", 0, "eth.ibgrh");
	expect(ETH "8915 45000000", "stack", 0, "eth");
	expect(ETH "8915 60000000", "ibgrhsourcegid", 0, NULL);
}

static void local(void **state)
{
	(void)state;
	expect_protocol("20 32 0102 0010 0304" BTH("04"), IB, "stack", "iblrh.ibbt");
	expect_protocol("20 32 0102 0010 0304" BTH("04"), IB, "ibbtdestinationqp", "43981");
	expect_protocol("20 32 0102 0010 0304" BTH("04"), IB, "iblrhvl", "2");
	expect_protocol("20 32 0102 0010 0304" BTH("04"), IB, "iblrhsl", "3");
	expect_protocol("20 32 0102 0010 0304" BTH("04"), IB, "iblrhdestinationlid", "258");
	expect_protocol("20 32 0102 0010 0304" BTH("04"), IB, "iblrhsourcelid", "772");
	expect_protocol(
		"20 33 0102 0010 0304" GRH("1B") BTH("04"), IB, "stack", "iblrh.ibgrh.ibbt");
	expect_protocol("20 31 0102 0010 0304" IP6("06") TCP, IB, "stack", "iblrh.ip6.tcp");
	expect_protocol("20 30 0102 0010 0304 0000 0800" IP("06") TCP, IB, "stack", "iblrh.ip.tcp");
	expect_protocol("20 30 0102 0010 0304 0000 08", IB, "stack", "iblrh");
	expect_protocol("20 32 0102 0010 03", IB, "iblrhsourcelid", NULL);
	expect_protocol("20 32 0102 0010 03", IB, "stack", "iblrh");
	expect_protocol("", IB, "stack", NULL);
}

TEST_MAIN(cmocka_unit_test(base_header), cmocka_unit_test(operations), cmocka_unit_test(rdma),
	cmocka_unit_test(acknowledgements), cmocka_unit_test(credits), cmocka_unit_test(datagrams),
	cmocka_unit_test(global), cmocka_unit_test(local))
