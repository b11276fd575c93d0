/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet/packet_pvt.h"

/* Clauses are of the InfiniBand Architecture Specification, volume 1, release 1.4. */
enum {
	LRH = 8,
	GRH = 40,
	GRH_NEXT = 6,
	GRH_TRANSPORT = 0x1B, /* 8.3.4: a transport header follows */
	RAW = 4,              /* 5.3: EtherType behind two reserved bytes */
	BTH = 12,
	RDETH = 4,
	DETH = 8,
	XRCETH = 4,
};

/* 7.7: link next header. */
enum { NEXT_RAW, NEXT_RAW_IP6, NEXT_LOCAL, NEXT_GLOBAL };

/* 9.2.1: the three high bits of the operation code. */
enum transport { RC, UC, RD, UD, CNP, XRC, TRANSPORTS };

static const char *const transports[TRANSPORTS] = {"RC", "UC", "RD", "UD", "CNP", "XRC"};

/* The five low bits. */
enum {
	SEND_ONLY = 4,
	SEND_ONLY_IMMEDIATE = 5,
	WRITE_FIRST = 6,
	WRITE_ONLY = 10,
	WRITE_ONLY_IMMEDIATE = 11,
	READ_REQUEST = 12,
	READ_FIRST = 13,
	READ_MIDDLE = 14,
	READ_LAST = 15,
	ATOMIC_ACKNOWLEDGE = 18,
	NOTIFICATION = 1, /* of CNP: annex A17.9 */
	OPERATIONS = 24,
};

static const char *const operations[OPERATIONS] = {"SEND_FIRST", "SEND_MIDDLE", "SEND_LAST",
	"SEND_LAST_WITH_IMMEDIATE", "SEND_ONLY", "SEND_ONLY_WITH_IMMEDIATE", "RDMA_WRITE_FIRST",
	"RDMA_WRITE_MIDDLE", "RDMA_WRITE_LAST", "RDMA_WRITE_LAST_WITH_IMMEDIATE", "RDMA_WRITE_ONLY",
	"RDMA_WRITE_ONLY_WITH_IMMEDIATE", "RDMA_READ_REQUEST", "RDMA_READ_RESPONSE_FIRST",
	"RDMA_READ_RESPONSE_MIDDLE", "RDMA_READ_RESPONSE_LAST", "RDMA_READ_RESPONSE_ONLY",
	"ACKNOWLEDGE", "ATOMIC_ACKNOWLEDGE", "CMP_SWAP", "FETCH_ADD", "RESYNC",
	"SEND_LAST_WITH_INVALIDATE", "SEND_ONLY_WITH_INVALIDATE"};

/* 8.3: version 6, as of IPv6, whose layout it has. */
uint32_t packet_grh_step(struct packet_walk *w)
{
	if (!packet_has(w, 1) || packet_here(w)[0] >> 4 != 6 || !packet_push(w, PACKET_GRH) ||
		!packet_has(w, GRH) || packet_here(w)[GRH_NEXT] != GRH_TRANSPORT)
		return PACKET_NEXT_NONE;
	w->at += GRH;
	packet_push(w, PACKET_BTH);
	return PACKET_NEXT_NONE;
}

/* 7.7. */
uint32_t packet_lrh_step(struct packet_walk *w)
{
	unsigned next;

	if (!packet_push(w, PACKET_LRH) || !packet_has(w, LRH))
		return PACKET_NEXT_NONE;
	next = packet_here(w)[1] & 3;
	w->at += LRH;
	switch (next) {
	case NEXT_RAW:
		w->at += RAW;
		return w->at <= w->p->len ? base_get_u16(w->p->data + w->at - 2) : PACKET_NEXT_NONE;
	case NEXT_RAW_IP6:
		return PACKET_TYPE_IP6;
	case NEXT_LOCAL:
		packet_push(w, PACKET_BTH);
		return PACKET_NEXT_NONE;
	default:
		return packet_grh_step(w);
	}
}

static unsigned transport_of(uint8_t opcode)
{
	return opcode >> 5;
}

/* Which operations a transport has (9.2.1). */
static bool is_known(uint8_t opcode)
{
	unsigned operation = opcode & 31;

	switch (transport_of(opcode)) {
	case UC:
		return operation <= WRITE_ONLY_IMMEDIATE;
	case UD:
		return operation == SEND_ONLY || operation == SEND_ONLY_IMMEDIATE;
	case RC:
	case RD:
	case XRC:
		return operation < OPERATIONS;
	default:
		return false;
	}
}

static const uint8_t *opcode_of(const struct packet *p, unsigned instance)
{
	return packet_bytes(p, PACKET_BTH, instance, 0, 1);
}

bool packet_bth_transport(const struct packet *p, unsigned instance, struct packet_value *v)
{
	const uint8_t *opcode = opcode_of(p, instance);

	return opcode && transport_of(*opcode) < TRANSPORTS &&
	       packet_text(v, transports[transport_of(*opcode)]);
}

bool packet_bth_name(const struct packet *p, unsigned instance, struct packet_value *v)
{
	const uint8_t *opcode = opcode_of(p, instance);

	if (!opcode)
		return false;
	if (*opcode == (CNP << 5 | NOTIFICATION))
		return packet_text(v, "CNP");
	return is_known(*opcode) && packet_text(v, operations[*opcode & 31]);
}

/* ---- what follows the base header (9.2.1, 9.3) ---- */

static bool is_response(uint8_t opcode)
{
	return (opcode & 31) >= READ_FIRST && (opcode & 31) <= ATOMIC_ACKNOWLEDGE;
}

/* Where the headers are that belong to the operation: behind those that belong to the transport. */
static unsigned behind_transport(uint8_t opcode)
{
	switch (transport_of(opcode)) {
	case RD:
		return BTH + RDETH + (is_response(opcode) ? 0 : DETH);
	case UD:
		return BTH + DETH;
	case XRC:
		return BTH + (is_response(opcode) ? 0 : XRCETH);
	default:
		return BTH;
	}
}

/* Datagram header (9.3.2): queue key (4 bytes), a reserved one, source queue pair (3). */
static bool deth(const struct packet *p, unsigned instance, struct packet_value *v, unsigned offset,
	unsigned width)
{
	const uint8_t *opcode = opcode_of(p, instance);
	unsigned at;

	if (!opcode || !is_known(*opcode) || is_response(*opcode) ||
		(transport_of(*opcode) != RD && transport_of(*opcode) != UD))
		return false;
	at = behind_transport(*opcode) - DETH + offset;
	return packet_point(v, packet_bytes(p, PACKET_BTH, instance, at, width), width);
}

bool packet_deth_key(const struct packet *p, unsigned instance, struct packet_value *v)
{
	return deth(p, instance, v, 0, 4);
}

bool packet_deth_source(const struct packet *p, unsigned instance, struct packet_value *v)
{
	return deth(p, instance, v, 5, 3);
}

/* RDMA extended transport header (9.3.3): address (8 bytes), remote key (4), length (4). */
static bool reth(const struct packet *p, unsigned instance, struct packet_value *v, unsigned offset,
	unsigned width)
{
	static const uint32_t with =
		1 << WRITE_FIRST | 1 << WRITE_ONLY | 1 << WRITE_ONLY_IMMEDIATE | 1 << READ_REQUEST;
	const uint8_t *opcode = opcode_of(p, instance);

	if (!opcode || !is_known(*opcode) || !(with >> (*opcode & 31) & 1))
		return false;
	return packet_point(v,
		packet_bytes(p, PACKET_BTH, instance, behind_transport(*opcode) + offset, width),
		width);
}

bool packet_reth_address(const struct packet *p, unsigned instance, struct packet_value *v)
{
	return reth(p, instance, v, 0, 8);
}

bool packet_reth_key(const struct packet *p, unsigned instance, struct packet_value *v)
{
	return reth(p, instance, v, 8, 4);
}

bool packet_reth_length(const struct packet *p, unsigned instance, struct packet_value *v)
{
	return reth(p, instance, v, 12, 4);
}

/* Acknowledge extended transport header (9.3.5): syndrome, message sequence number (3 bytes). */
static const uint8_t *aeth(
	const struct packet *p, unsigned instance, unsigned offset, unsigned width)
{
	const uint8_t *opcode = opcode_of(p, instance);

	if (!opcode || !is_known(*opcode) || !is_response(*opcode) || (*opcode & 31) == READ_MIDDLE)
		return NULL;
	return packet_bytes(p, PACKET_BTH, instance, behind_transport(*opcode) + offset, width);
}

bool packet_aeth_syndrome(const struct packet *p, unsigned instance, struct packet_value *v)
{
	return packet_point(v, aeth(p, instance, 0, 1), 1);
}

bool packet_aeth_sequence(const struct packet *p, unsigned instance, struct packet_value *v)
{
	return packet_point(v, aeth(p, instance, 1, 3), 3);
}

/* 9.7.5: an acknowledgement has the three high bits 0, and credits in the others. */
static int credits_code(const struct packet *p, unsigned instance)
{
	const uint8_t *syndrome = aeth(p, instance, 0, 1);

	return syndrome && *syndrome >> 5 == 0 ? *syndrome : -1;
}

bool packet_aeth_ack(const struct packet *p, unsigned instance, struct packet_value *v)
{
	int code = credits_code(p, instance);

	return code >= 0 && packet_put(v, (uint32_t)code, 1);
}

/* 9.7.7.2: the codes stand for 0, 1, 2, 3, 4, 6, 8, 12, 16 and so on; the last for no limit. */
bool packet_aeth_credits(const struct packet *p, unsigned instance, struct packet_value *v)
{
	int code = credits_code(p, instance);
	uint32_t number;

	if (code < 0 || code == 31)
		return false;
	number = (uint32_t)code;
	if (code >= 4)
		number = (code & 1 ? 3u : 2u) << (code / 2 - 1);
	return packet_put(v, number, 2);
}
