/* SPDX-License-Identifier: BSD-3-Clause */
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/socket.h>

#include "ports_pvt.h"

/*
 * Classic BPF, since the sockets are DPDK's. It passes what may be for the UDP port: too much does
 * not hurt, ingress looks again. What the host itself sends is dropped.
 */
enum {
	NET = SKF_NET_OFF, /* offsets from the IP header, wherever that is */
	UDP = 17,
	TCP = 6,
	ICMP6 = 58,
	ALL = 0x40000,
};

/* Jumps count instructions after the next one; the comments number them. */
static unsigned build(struct sock_filter *f, uint16_t port)
{
	const struct sock_filter program[] = {
		/* 0 */ BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)(SKF_AD_OFF + SKF_AD_PKTTYPE)),
		/* 1 */ BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PACKET_OUTGOING, 18, 0),
		/* 2 */
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)(SKF_AD_OFF + SKF_AD_PROTOCOL)),
		/* 3 */ BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IP, 3, 0),
		/* 4 */ BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IPV6, 9, 0),
		/* 5: tags that the device has left in the frame */
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_8021Q, 15, 0),
		/* 6 */ BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_8021AD, 14, 13),
		/* 7: IPv4 UDP, a later fragment or the port */
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, (unsigned)(NET + 9)),
		/* 8 */ BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, UDP, 0, 11),
		/* 9 */ BPF_STMT(BPF_LD | BPF_H | BPF_ABS, (unsigned)(NET + 6)),
		/* 10 */ BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x1FFF, 10, 0),
		/* 11 */ BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, (unsigned)(NET + 0)),
		/* 12 */ BPF_STMT(BPF_LD | BPF_H | BPF_IND, (unsigned)(NET + 2)),
		/* 13 */ BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, port, 7, 6),
		/* 14: IPv6 UDP and the port, or extension headers */
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, (unsigned)(NET + 6)),
		/* 15 */ BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, TCP, 4, 0),
		/* 16 */ BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ICMP6, 3, 0),
		/* 17 */ BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, UDP, 0, 3),
		/* 18 */ BPF_STMT(BPF_LD | BPF_H | BPF_ABS, (unsigned)(NET + 42)),
		/* 19 */ BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, port, 1, 0),
		/* 20 */ BPF_STMT(BPF_RET | BPF_K, 0),
		/* 21 */ BPF_STMT(BPF_RET | BPF_K, ALL),
	};

	for (unsigned i = 0; i < sizeof(program) / sizeof(*program); i++)
		f[i] = program[i];
	return sizeof(program) / sizeof(*program);
}

void ports_filter(const struct ports_port *p)
{
	struct sock_filter program[32];
	struct sock_fprog filter = {.filter = program};

	filter.len = (unsigned short)build(program, p->udp_port);
	for (unsigned i = 0; i < p->socket_count; i++)
		setsockopt(p->sockets[i], SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter));
}
