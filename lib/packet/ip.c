/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet/packet_pvt.h"

enum { HEADER = 20 };

/* RFC 791, section 3.1. */
uint32_t packet_ip_step(struct packet_walk *w)
{
	const uint8_t *h;
	unsigned len;

	if (!packet_has(w, 1))
		return PACKET_NEXT_NONE;
	h = packet_here(w);
	if (h[0] >> 4 != 4 || !packet_push(w, PACKET_IP) || !packet_has(w, HEADER))
		return PACKET_NEXT_NONE;
	len = (h[0] & 15) * 4;
	/* Only the first fragment has a transport header. */
	if (len < HEADER || base_get_u16(h + 6) & 0x1FFF)
		return PACKET_NEXT_NONE;
	w->at += len;
	return packet_transport_step(w, h[9]);
}

/* RFC 2474, section 3: the six high bits of the old type of service. */
bool packet_ip_dscp_name(const struct packet *p, unsigned instance, struct packet_value *v)
{
	const uint8_t *h = packet_bytes(p, PACKET_IP, instance, 1, 1);

	return h && packet_dscp_name(v, h[0] >> 2);
}

/* IANA registry of code points; the best-effort class (CS0) goes by its usual name. */
static const char *const dscp_names[64] = {
	[0] = "be",
	[1] = "le",
	[8] = "cs1",
	[10] = "af11",
	[12] = "af12",
	[14] = "af13",
	[16] = "cs2",
	[18] = "af21",
	[20] = "af22",
	[22] = "af23",
	[24] = "cs3",
	[26] = "af31",
	[28] = "af32",
	[30] = "af33",
	[32] = "cs4",
	[34] = "af41",
	[36] = "af42",
	[38] = "af43",
	[40] = "cs5",
	[44] = "va",
	[46] = "ef",
	[48] = "cs6",
	[56] = "cs7",
};

/* For IPv4 and IPv6: `af11(10)`; by hand, since this runs for each sample. */
bool packet_dscp_name(struct packet_value *v, unsigned dscp)
{
	const char *name = dscp_names[dscp & 63] ? dscp_names[dscp & 63] : "unknown";
	size_t len = strlen(name);

	memcpy(v->own, name, len);
	v->own[len++] = '(';
	len = packet_decimal(v->own, len, dscp);
	v->own[len++] = ')';
	return packet_point(v, v->own, (unsigned)len);
}
