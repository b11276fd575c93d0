/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet/packet_pvt.h"

/* RFC 1035, section 4.1.1. */
enum {
	HEADER = 12,
	FLAGS = 2,
	QUESTIONS = 4,
	RESPONSE = 0x8000,
	OPCODE = 0x7800,
	ZERO = 0x0040,
	RCODE = 0x000F,
};

enum {
	LABEL_MAX = 63, /* section 2.3.4; what is above is a compression pointer, or reserved */
	NAME_MAX = 255, /* the same; on the wire, with lengths and the root */
	ESCAPED = 4,    /* \DDD */
};

/* ---- over TCP ---- */

/* RFC 6895, section 2.2, and RFC 8490: 3, and 7 and above, are not assigned. */
static bool is_opcode(uint16_t flags)
{
	uint32_t assigned = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 4 | 1 << 5 | 1 << 6;

	return assigned >> ((flags & OPCODE) >> 11) & 1;
}

/*
 * RFC 1035, section 4.2.2: a length of two bytes, then the message. A segment may start anywhere
 * in the stream, so it has to look like a message: at least a header long, an opcode that exists,
 * the reserved bit not set (RFC 6895, section 2.1), and no more than one question.
 */
static bool is_message(const uint8_t *h)
{
	uint16_t flags = base_get_u16(h + 2 + FLAGS);

	return base_get_u16(h) >= HEADER && is_opcode(flags) && !(flags & ZERO) &&
	       base_get_u16(h + 2 + QUESTIONS) <= 1;
}

void packet_dns_segment(struct packet_walk *w)
{
	enum { OFFSET = 12, TCP = 20 };
	unsigned len;

	if (!packet_has(w, TCP))
		return;
	len = (packet_here(w)[OFFSET] >> 4) * 4u;
	w->at += len;
	if (len < TCP || !packet_has(w, 2 + HEADER) || !is_message(packet_here(w)))
		return;
	w->at += 2;
	packet_push(w, PACKET_DNS);
}

/* ---- header ---- */

/* Section 4.1.1: only a response has it. */
static int rcode(const struct packet *p, unsigned instance)
{
	const uint8_t *h = packet_bytes(p, PACKET_DNS, instance, FLAGS, 2);

	return h && base_get_u16(h) & RESPONSE ? base_get_u16(h) & RCODE : -1;
}

bool packet_dns_rcode(const struct packet *p, unsigned instance, struct packet_value *v)
{
	int code = rcode(p, instance);

	return code >= 0 && packet_put(v, (uint32_t)code, 1);
}

/* RFC 6895, section 2.3. */
bool packet_dns_rcode_name(const struct packet *p, unsigned instance, struct packet_value *v)
{
	static const char *const names[RCODE + 1] = {"NoError", "FormErr", "ServFail", "NXDomain",
		"NotImp", "Refused", "YXDomain", "YXRRSet", "NXRRSet", "NotAuth", "NotZone",
		"DSOTYPENI"};
	int code = rcode(p, instance);

	return code >= 0 && packet_text(v, names[code]);
}

/* ---- first question (RFC 1035, section 4.1.2) ---- */

/*
 * Where the name of the first question starts, 0 where there is none. There is nothing before it
 * that it could point to, so a compression pointer in it is an error.
 */
static uint32_t question(const struct packet *p, unsigned instance)
{
	const uint8_t *h = packet_bytes(p, PACKET_DNS, instance, 0, HEADER);

	return h && base_get_u16(h + QUESTIONS) != 0 ? p->at[PACKET_DNS][instance] + HEADER : 0;
}

/* Where what follows the name at `at` starts, 0 where it is cut off or malformed. */
static uint32_t behind_name(const struct packet *p, uint32_t at)
{
	uint32_t start = at;

	while (at < p->len && at - start < NAME_MAX) {
		unsigned len = p->data[at];

		if (len == 0)
			return at + 1;
		if (len > LABEL_MAX)
			return 0;
		at += 1 + len;
	}
	return 0;
}

/* RFC 4343, section 2.1: what is not printable, or would be taken for something else. */
static bool is_plain(uint8_t c)
{
	return c > ' ' && c < 0x7F && c != '.' && c != '\\';
}

static size_t escape(uint8_t *text, size_t len, uint8_t c)
{
	text[len++] = '\\';
	text[len++] = (uint8_t)('0' + c / 100);
	text[len++] = (uint8_t)('0' + c / 10 % 10);
	text[len++] = (uint8_t)('0' + c % 10);
	return len;
}

/* The text of the name at `at`, which is well-formed; 0 where there is no room for it. */
static size_t print_name(const uint8_t *at, uint8_t text[PACKET_VALUE_MAX])
{
	size_t len = 0;

	for (unsigned left = *at; left > 0; left = *at) {
		for (at++; left > 0; left--, at++) {
			if (len + (is_plain(*at) ? 1 : ESCAPED) + 1 > PACKET_VALUE_MAX)
				return 0;
			if (is_plain(*at))
				text[len++] = *at;
			else
				len = escape(text, len, *at);
		}
		text[len++] = '.';
	}
	if (len == 0)
		text[len++] = '.';
	return len;
}

bool packet_dns_name(const struct packet *p, unsigned instance, struct packet_value *v)
{
	uint32_t at = question(p, instance);
	size_t len;

	if (at == 0 || behind_name(p, at) == 0)
		return false;
	len = print_name(p->data + at, v->own);
	return len > 0 && packet_point(v, v->own, (unsigned)len);
}

/* Type (offset 0) or class (2) of the question. */
static const uint8_t *behind_question(const struct packet *p, unsigned instance, unsigned offset)
{
	uint32_t at = question(p, instance);

	if (at != 0)
		at = behind_name(p, at);
	return at != 0 && at + offset + 2 <= p->len ? p->data + at + offset : NULL;
}

bool packet_dns_type(const struct packet *p, unsigned instance, struct packet_value *v)
{
	return packet_point(v, behind_question(p, instance, 0), 2);
}

bool packet_dns_class(const struct packet *p, unsigned instance, struct packet_value *v)
{
	return packet_point(v, behind_question(p, instance, 2), 2);
}

bool packet_dns_type_name(const struct packet *p, unsigned instance, struct packet_value *v)
{
	const uint8_t *type = behind_question(p, instance, 0);

	return type && packet_dns_type_text(v, base_get_u16(type));
}
