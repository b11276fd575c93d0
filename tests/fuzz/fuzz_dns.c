/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "base/cursor.h"
#include "packet_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	IP = 20,
	UDP = 8,
	TCP = 20,
	LENGTH = 2, /* before a message in TCP */
	DNS = 12,
	MESSAGE_MAX = 1500,
};

static const uint8_t ip[IP] = {0x45, [8] = 64, [12] = 10, 0, 0, 1, 10, 0, 0, 2};

/* The message as a UDP datagram to port 53, in just as many bytes. */
static uint8_t *datagram(const uint8_t *message, uint16_t len)
{
	uint8_t *data = malloc(IP + UDP + (size_t)len);

	check(data);
	memcpy(data, ip, IP);
	data[9] = 17;
	memset(data + IP, 0, UDP);
	base_put_u16(data + IP + 2, 53);
	base_put_u16(data + IP + 4, (uint16_t)(UDP + len));
	if (len > 0)
		memcpy(data + IP + UDP, message, len);
	return data;
}

/* The same as a TCP segment from port 53. */
static uint8_t *segment(const uint8_t *message, uint16_t len)
{
	uint8_t *data = malloc(IP + TCP + LENGTH + (size_t)len);

	check(data);
	memcpy(data, ip, IP);
	data[9] = 6;
	memset(data + IP, 0, TCP);
	base_put_u16(data + IP, 53);
	data[IP + 12] = 5 << 4;
	base_put_u16(data + IP + TCP, len);
	if (len > 0)
		memcpy(data + IP + TCP + LENGTH, message, len);
	return data;
}

static bool read_field(const struct packet *p, const char *name, struct packet_value *v)
{
	for (unsigned i = 0; i < packet_fields_count; i++)
		if (strcmp(packet_fields[i].name, name) == 0)
			return packet_field_get(p, &packet_fields[i], 0, v);
	abort();
}

/* One character of a name: itself, or \DDD. */
static uint8_t unescape(const uint8_t **text, const uint8_t *end)
{
	const uint8_t *t = *text;
	unsigned c;

	check(*t > ' ' && *t < 0x7F);
	*text = t + 1;
	if (*t != '\\')
		return *t;
	check(end - t >= 4);
	c = (t[1] - '0') * 100u + (t[2] - '0') * 10u + (t[3] - '0');
	check(c <= 255);
	*text = t + 4;
	return (uint8_t)c;
}

/* Written as labels again, the text is what stands in the message. */
static void check_name(const struct packet_value *v, const uint8_t *wire)
{
	const uint8_t *text = v->p, *end = v->p + v->len;

	check(v->len > 0 && end[-1] == '.');
	if (v->len == 1)
		text = end;
	while (text < end) {
		unsigned len = *wire++;

		check(len > 0);
		while (len-- > 0)
			check(unescape(&text, end) == *wire++);
		check(text < end && *text++ == '.');
	}
	check(*wire == 0);
}

static void check_message(const struct packet *p)
{
	struct packet_value v;

	check_layers(p);
	check_fields(p);
	if (read_field(p, "dnsqname", &v))
		check_name(&v, p->data + p->at[PACKET_DNS][0] + DNS);
}

/* Over TCP a message may not be noticed; if it is, it says what it says over UDP. */
static void check_same(const struct packet *p, const struct packet *q)
{
	for (unsigned i = 0; i < packet_fields_count; i++) {
		const struct packet_field *f = &packet_fields[i];
		struct packet_value v, w;

		if (f->layer != PACKET_DNS || strcmp(f->name, "dns_offset") == 0)
			continue;
		if (!packet_field_get(p, f, 0, &v)) {
			check(!packet_field_get(q, f, 0, &w));
			continue;
		}
		check(packet_field_get(q, f, 0, &w));
		check(v.len == w.len && memcmp(v.p, w.p, v.len) == 0);
	}
}

/* Any bytes as a DNS message. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint16_t len = (uint16_t)(size < MESSAGE_MAX ? size : MESSAGE_MAX);
	uint8_t *udp = datagram(data, len), *tcp = segment(data, len);
	struct packet p, q;

	packet_decode(&p, udp, IP + UDP + (uint32_t)len, PACKET_PROTOCOL_IPV4, 0);
	packet_decode(&q, tcp, IP + TCP + LENGTH + (uint32_t)len, PACKET_PROTOCOL_IPV4, 0);
	check(p.count[PACKET_DNS] == (len >= DNS));
	check_message(&p);
	check_message(&q);
	if (q.count[PACKET_DNS])
		check_same(&p, &q);
	free(udp);
	free(tcp);
	return 0;
}
