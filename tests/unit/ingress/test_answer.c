/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/cursor.h"
#include "ingress/answer_pvt.h"
#include "ingress/ingress_pvt.h"

/* Questions built by hand, and the answers byte for byte where it matters. */

#define US "\2\0\0\0\0\1"
#define THEM "\2\0\0\0\0\2"
#define ALL "\xFF\xFF\xFF\xFF\xFF\xFF"
#define US4 "\xC0\0\2\1"
#define THEM4 "\xC0\0\2\2"
#define US6 "\x20\1\x0D\xB8\0\0\0\0\0\0\0\0\0\1\2\3"
#define THEM6 "\xFE\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\2"
#define GROUP6 "\xFF\2\0\0\0\0\0\0\0\0\0\1\xFF\1\2\3"
#define NONE6 "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define OPTION "\1\1" THEM

static struct answer_host host;
static struct answer_reply reply;
static uint8_t f[2048];
static uint32_t len;

static int setup(void **state)
{
	(void)state;
	host = (struct answer_host){.count = 2};
	memcpy(host.mac, US, 6);
	base_addr_parse("192.0.2.1", &host.address[0]);
	base_addr_parse("2001:db8::1:203", &host.address[1]);
	return 0;
}

static void add(const void *p, uint32_t n)
{
	memcpy(f + len, p, n);
	len += n;
}

static void ether(const void *to, unsigned type)
{
	len = 0;
	add(to, 6);
	add(THEM, 6);
	base_put_u16(f + len, (uint16_t)type);
	len += 2;
}

static void arp(unsigned operation, const void *mac, const void *sender, const void *target)
{
	ether(ALL, 0x0806);
	add("\0\1\x08\0\6\4\0", 7);
	f[len++] = (uint8_t)operation;
	add(mac, 6);
	add(sender, 4);
	add(NONE6, 6);
	add(target, 4);
}

/* IPv4 with `n` bytes of data in an echo. */
static void echo4(const void *to, const void *from, uint32_t n)
{
	uint8_t *ip = f + ANSWER_ETHER, *icmp = ip + 20;

	ether(US, 0x0800);
	memset(ip, 0, 28);
	ip[0] = 0x45;
	base_put_u16(ip + 2, (uint16_t)(28 + n));
	ip[8] = 64;
	ip[9] = 1;
	memcpy(ip + 12, from, 4);
	memcpy(ip + 16, to, 4);
	base_put_u16(ip + 10, (uint16_t)~ingress_fold(ingress_sum(ip, 20, 0)));
	icmp[0] = 8;
	for (uint32_t i = 0; i < n; i++)
		icmp[8 + i] = (uint8_t)i;
	base_put_u16(icmp + 2, (uint16_t)~ingress_fold(ingress_sum(icmp, 8 + n, 0)));
	len += 28 + n;
}

static void sum6(void)
{
	uint8_t *ip = f + ANSWER_ETHER, *icmp = ip + 40;

	base_put_u16(ip + 4, (uint16_t)(len - 54));
	base_put_u16(icmp + 2, 0);
	base_put_u16(icmp + 2, answer_sum6(ip, icmp, len - 54));
}

static void ip6(const void *mac, const void *from, const void *to)
{
	ether(mac, 0x86DD);
	add("\x60\0\0\0\0\0\x3A\xFF", 8);
	add(from, 16);
	add(to, 16);
}

static void nd(unsigned type, const void *from, const void *to, const void *target,
	const void *option, uint32_t n)
{
	ip6("\x33\x33\xFF\1\2\3", from, to);
	f[len++] = (uint8_t)type;
	add(NONE6, 7);
	add(target, 16);
	add(option, n);
	sum6();
}

static void solicit(void)
{
	nd(135, THEM6, GROUP6, US6, OPTION, 8);
}

static void echo6(uint32_t n)
{
	ip6(US, THEM6, US6);
	add("\x80\0\0\0\1\2\3\4", 8);
	for (uint32_t i = 0; i < n; i++)
		f[len++] = (uint8_t)i;
	sum6();
}

static enum answer ask(void)
{
	return answer_frame(&host, f, len, &reply);
}

static void assert_bytes(uint32_t at, const void *want, uint32_t n)
{
	assert_memory_equal(reply.frame + at, want, n);
}

static void test_arp(void **state)
{
	(void)state;
	arp(1, THEM, THEM4, US4);
	assert_int_equal(ask(), ANSWER_ARP);
	assert_int_equal(reply.len, ANSWER_SHORTEST);
	assert_bytes(0, THEM US "\x08\6\0\1\x08\0\6\4\0\2" US US4 THEM THEM4, 42);
	/* A probe is answered: the address is not free. */
	arp(1, THEM, NONE6, US4);
	assert_int_equal(ask(), ANSWER_ARP);
	arp(1, THEM, THEM4, "\xC0\0\2\3");
	assert_int_equal(ask(), ANSWER_NOTHING);
	arp(2, THEM, THEM4, US4);
	assert_int_equal(ask(), ANSWER_NOTHING);
}

static void test_arp_hostile(void **state)
{
	static const char *const senders[] = {
		"\xFF\xFF\xFF\xFF", "\xE0\0\0\1", "\x7F\0\0\1", "\0\0\0\1"};
	static const char *const macs[] = {ALL, "\1\0\x5E\0\0\1", "\0\0\0\0\0\0"};

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		arp(1, THEM, senders[i], US4);
		assert_int_equal(ask(), ANSWER_DROP_SENDER);
	}
	for (unsigned i = 0; i < 3; i++) {
		arp(1, macs[i], THEM4, US4);
		assert_int_equal(ask(), ANSWER_DROP_SENDER);
	}
	/* He speaks as we do; and our own frame, come back. */
	arp(1, THEM, US4, US4);
	assert_int_equal(ask(), ANSWER_CONFLICT);
	assert_int_equal(reply.address, 0);
	arp(2, THEM, US4, THEM4);
	assert_int_equal(ask(), ANSWER_CONFLICT);
	arp(1, US, US4, US4);
	assert_int_equal(ask(), ANSWER_NOTHING);
	arp(3, THEM, THEM4, US4);
	assert_int_equal(ask(), ANSWER_DROP_FORM);
	arp(1, THEM, THEM4, US4);
	f[18] = 5; /* length of a hardware address */
	assert_int_equal(ask(), ANSWER_DROP_FORM);
}

static void test_cut(void **state)
{
	uint32_t whole;

	(void)state;
	arp(1, THEM, THEM4, US4);
	for (whole = len; len > 0; len--)
		assert_int_equal(ask(), len == whole ? ANSWER_ARP
					: len < 14   ? ANSWER_NOTHING
						     : ANSWER_DROP_LENGTH);
	solicit();
	for (whole = len, len--; len >= 14; len--)
		assert_int_equal(ask(), ANSWER_DROP_LENGTH);
	echo4(US4, THEM4, 8);
	for (whole = len, len--; len >= 14; len--)
		assert_int_equal(ask(), ANSWER_DROP_LENGTH);
}

static void test_solicitation(void **state)
{
	(void)state;
	solicit();
	assert_int_equal(ask(), ANSWER_NEIGHBOUR);
	assert_int_equal(reply.address, 1);
	assert_int_equal(reply.len, 14 + 40 + 32);
	assert_bytes(0, THEM US "\x86\xDD\x60\0\0\0\0\x20\x3A\xFF" US6 THEM6 "\x88\0", 56);
	assert_bytes(58, "\x60\0\0\0" US6 "\2\1" US, 28);
	assert_int_equal(answer_sum6(reply.frame + 14, reply.frame + 54, 32), 0);
	/* Without the option: to where it came from. And to the address itself. */
	nd(135, THEM6, US6, US6, "", 0);
	assert_int_equal(ask(), ANSWER_NEIGHBOUR);
	assert_bytes(0, THEM US, 12);
	nd(135, THEM6, GROUP6, THEM6, OPTION, 8);
	assert_int_equal(ask(), ANSWER_NOTHING);
}

static void test_claims(void **state)
{
	(void)state;
	/* Somebody asks whether the address is free: told to all. */
	nd(135, NONE6, GROUP6, US6, "", 0);
	assert_int_equal(ask(), ANSWER_CLAIM);
	assert_bytes(0, "\x33\x33\0\0\0\1" US, 12);
	assert_bytes(38, "\xFF\2\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 16);
	assert_int_equal(reply.frame[58], 0x20);
	nd(136, US6, "\xFF\2\0\0\0\0\0\0\0\0\0\0\0\0\0\1", US6, "\2\1" THEM, 8);
	assert_int_equal(ask(), ANSWER_CONFLICT);
	assert_int_equal(reply.address, 1);
	/* Our own probe, come back. */
	nd(135, NONE6, GROUP6, US6, "", 0);
	memcpy(f + 6, US, 6);
	assert_int_equal(ask(), ANSWER_NOTHING);
}

static void test_discovery_hostile(void **state)
{
	(void)state;
	solicit();
	f[14 + 7] = 254; /* came by a router */
	assert_int_equal(ask(), ANSWER_DROP_FORM);
	solicit();
	f[60]++;
	assert_int_equal(ask(), ANSWER_DROP_CHECKSUM);
	/* Options without a length would be walked for ever; long ones lead out of the packet. */
	nd(135, THEM6, GROUP6, US6, "\1\0" THEM, 8);
	assert_int_equal(ask(), ANSWER_DROP_LENGTH);
	nd(135, THEM6, GROUP6, US6, "\1\2" THEM, 8);
	assert_int_equal(ask(), ANSWER_DROP_LENGTH);
	nd(135, THEM6, GROUP6, US6, OPTION "\1", 9);
	assert_int_equal(ask(), ANSWER_DROP_LENGTH);
	nd(135, "\xFF\2\0\0\0\0\0\0\0\0\0\0\0\0\0\1", GROUP6, US6, OPTION, 8);
	assert_int_equal(ask(), ANSWER_DROP_SENDER);
	nd(135, US6, GROUP6, US6, OPTION, 8);
	assert_int_equal(ask(), ANSWER_DROP_SENDER);
	nd(135, THEM6, GROUP6, US6, "\1\1\1\0\0\0\0\2", 8); /* a group's Ethernet address */
	assert_int_equal(ask(), ANSWER_DROP_SENDER);
	nd(135, NONE6, GROUP6, US6, OPTION, 8); /* RFC 4861, 7.1.1 */
	assert_int_equal(ask(), ANSWER_DROP_FORM);
	nd(135, NONE6, US6, US6, "", 0);
	assert_int_equal(ask(), ANSWER_DROP_FORM);
	nd(135, THEM6, "\xFF\2\0\0\0\0\0\0\0\0\0\0\0\0\0\1", US6, OPTION, 8);
	assert_int_equal(ask(), ANSWER_DROP_FORM);
}

static void test_echo(void **state)
{
	(void)state;
	echo4(US4, THEM4, 1472);
	assert_int_equal(ask(), ANSWER_ECHO);
	assert_int_equal(reply.len, len);
	assert_bytes(0, THEM US "\x08\0", 14);
	assert_bytes(26, US4 THEM4 "\0\0", 10);
	assert_bytes(42, f + 42, 1472);
	assert_int_equal(ingress_fold(ingress_sum(reply.frame + 14, 20, 0)), 0xFFFF);
	assert_int_equal(ingress_fold(ingress_sum(reply.frame + 34, 1480, 0)), 0xFFFF);
	echo6(56);
	assert_int_equal(ask(), ANSWER_ECHO);
	assert_bytes(22, US6 THEM6 "\x81\0", 34);
	assert_bytes(58, "\1\2\3\4", 4);
	assert_int_equal(answer_sum6(reply.frame + 14, reply.frame + 54, 64), 0);
}

static void test_echo_hostile(void **state)
{
	(void)state;
	echo4("\xC0\0\2\xFF", THEM4, 8);
	assert_int_equal(ask(), ANSWER_NOTHING);
	echo4(US4, "\xFF\xFF\xFF\xFF", 8);
	assert_int_equal(ask(), ANSWER_DROP_SENDER);
	echo4(US4, "\xE0\0\0\1", 8);
	assert_int_equal(ask(), ANSWER_DROP_SENDER);
	echo4(US4, US4, 8);
	assert_int_equal(ask(), ANSWER_DROP_SENDER);
	echo4(US4, THEM4, 8);
	memcpy(f, ALL, 6);
	assert_int_equal(ask(), ANSWER_DROP_FORM);
	echo4(US4, THEM4, 8);
	f[6] = 1; /* from a group's Ethernet address */
	assert_int_equal(ask(), ANSWER_DROP_SENDER);
	echo4(US4, THEM4, 8);
	f[44]++;
	assert_int_equal(ask(), ANSWER_DROP_CHECKSUM);
	echo4(US4, THEM4, 8);
	f[22]--; /* time to live */
	assert_int_equal(ask(), ANSWER_DROP_CHECKSUM);
	echo4(US4, THEM4, 8);
	f[20] = 0x20; /* more fragments */
	base_put_u16(f + 24, 0);
	base_put_u16(f + 24, (uint16_t)~ingress_fold(ingress_sum(f + 14, 20, 0)));
	assert_int_equal(ask(), ANSWER_DROP_FRAGMENT);
	echo4(US4, THEM4, 1500);
	assert_int_equal(ask(), ANSWER_DROP_LENGTH);
	echo6(8);
	f[14 + 8] = 0xFF;
	assert_int_equal(ask(), ANSWER_DROP_SENDER);
	echo6(8);
	f[65]++;
	assert_int_equal(ask(), ANSWER_DROP_CHECKSUM);
}

/* Put a tag into the frame. */
static void tag(unsigned vlan)
{
	memmove(f + 16, f + 12, len - 12);
	base_put_u16(f + 12, 0x8100);
	base_put_u16(f + 14, (uint16_t)vlan);
	len += 4;
}

static void test_vlan(void **state)
{
	(void)state;
	arp(1, THEM, THEM4, US4);
	tag(0xE000); /* priority alone */
	assert_int_equal(ask(), ANSWER_ARP);
	arp(1, THEM, THEM4, US4);
	tag(7);
	assert_int_equal(ask(), ANSWER_NOTHING);
	host.vlan = 7;
	assert_int_equal(ask(), ANSWER_ARP);
	assert_bytes(0, THEM US "\x81\0\0\7\x08\6", 18);
	echo4(US4, THEM4, 1472);
	tag(7);
	assert_int_equal(ask(), ANSWER_ECHO);
	assert_int_equal(reply.len, len);
	arp(1, THEM, THEM4, US4);
	assert_int_equal(ask(), ANSWER_NOTHING);
	tag(7);
	tag(7); /* twice */
	assert_int_equal(ask(), ANSWER_NOTHING);
}

static enum answer_class class(void) { return answer_class(&host, f, len); }

static void test_class(void **state)
{
	(void)state;
	arp(1, THEM, THEM4, US4);
	assert_int_equal(class(), ANSWER_CLASS_NEIGHBOUR);
	arp(1, THEM, THEM4, THEM4);
	assert_int_equal(class(), ANSWER_CLASS_OTHER);
	solicit();
	assert_int_equal(class(), ANSWER_CLASS_NEIGHBOUR);
	echo4(US4, THEM4, 8);
	assert_int_equal(class(), ANSWER_CLASS_ECHO);
	echo6(8);
	assert_int_equal(class(), ANSWER_CLASS_ECHO);
	echo4(US4, THEM4, 8);
	f[23] = 6;
	assert_int_equal(class(), ANSWER_CLASS_OTHER);
	f[5] = 9; /* another station's */
	assert_int_equal(class(), ANSWER_CLASS_NONE);
	solicit();
	while (len-- > 0)
		assert_in_range(class(), ANSWER_CLASS_NONE, ANSWER_CLASS_OTHER);
}

static void test_announcements(void **state)
{
	(void)state;
	answer_announce(&host, 0, &reply);
	assert_bytes(0, ALL US "\x08\6\0\1\x08\0\6\4\0\1" US US4 "\0\0\0\0\0\0" US4, 42);
	answer_probe(&host, 0, &reply);
	assert_bytes(28, "\0\0\0\0\0\0\0\0\0\0" US4, 14);
	answer_announce(&host, 1, &reply);
	assert_bytes(0, "\x33\x33\0\0\0\1" US "\x86\xDD", 14);
	assert_bytes(58, "\x20\0\0\0" US6 "\2\1" US, 28);
	assert_int_equal(answer_sum6(reply.frame + 14, reply.frame + 54, 32), 0);
	answer_probe(&host, 1, &reply);
	assert_bytes(0, "\x33\x33\xFF\1\2\3" US, 12);
	assert_bytes(22, NONE6 GROUP6 "\x87", 33);
	assert_int_equal(answer_sum6(reply.frame + 14, reply.frame + 54, 24), 0);
}

static void test_report(void **state)
{
	(void)state;
	assert_true(answer_report(&host, &reply));
	assert_int_equal(reply.len, 14 + 40 + 8 + 8 + 20);
	assert_bytes(18, "\0\x24\0\1", 4);
	assert_bytes(54, "\x3A\0\5\2\0\0\1\0\x8F\0", 10);
	assert_bytes(68, "\0\1\4\0\0\0" GROUP6, 22);
	assert_int_equal(answer_sum6(reply.frame + 14, reply.frame + 62, 28), 0);
	host.count = 1;
	assert_false(answer_report(&host, &reply));
}

/* Sixteen addresses, a tag: all that is made fits. */
static void test_room(void **state)
{
	(void)state;
	host.vlan = 4094;
	for (host.count = 0; host.count < ANSWER_ADDRESSES; host.count++)
		base_addr_parse("2001:db8::1", &host.address[host.count]);
	assert_true(answer_report(&host, &reply));
	assert_true(reply.len <= ANSWER_ROOM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_arp, setup),
		cmocka_unit_test_setup(test_arp_hostile, setup),
		cmocka_unit_test_setup(test_cut, setup),
		cmocka_unit_test_setup(test_solicitation, setup),
		cmocka_unit_test_setup(test_claims, setup),
		cmocka_unit_test_setup(test_discovery_hostile, setup),
		cmocka_unit_test_setup(test_echo, setup),
		cmocka_unit_test_setup(test_echo_hostile, setup),
		cmocka_unit_test_setup(test_vlan, setup),
		cmocka_unit_test_setup(test_class, setup),
		cmocka_unit_test_setup(test_announcements, setup),
		cmocka_unit_test_setup(test_report, setup),
		cmocka_unit_test_setup(test_room, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
