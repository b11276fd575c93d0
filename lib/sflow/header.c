/* SPDX-License-Identifier: BSD-3-Clause */
#include "sflow/header_pvt.h"

/* Record 0:1, and what agents make of its lengths. */

enum { ETHERNET = 1, IPV4 = 11, IPV6 = 12, LAST_PROTOCOL = 18 };

enum { ADDRESSES = 12, TAG = 4, TAGS = 4, LENGTH_MAX = 1500, TYPE_IP = 0x0800, TYPE_IP6 = 0x86DD };

/* IEEE 802.2 behind a length: SNAP with an EtherType, or IP by its own access point (6). */
static uint32_t llc_type(const struct sflow_header *h, uint32_t *offset)
{
	const uint8_t *p = h->data + *offset;

	if (h->len >= *offset + 8 && p[0] == 0xAA && p[1] == 0xAA && p[2] == 0x03 &&
		(base_get_u32(p + 2) & 0xFFFFFF) == 0) {
		*offset += 8;
		return base_get_u16(p + 6);
	}
	if (h->len < *offset + 3 || p[0] != 0x06 || p[1] != 0x06 || !(p[2] & 1))
		return 0;
	*offset += 3;
	return TYPE_IP;
}

/* EtherType behind the tags, and where what it names starts; 0 where the header is cut before. */
static uint32_t ethernet_type(const struct sflow_header *h, uint32_t *offset)
{
	uint32_t at = ADDRESSES, type = 0;

	for (unsigned n = 0; n <= TAGS && at + 2 <= h->len; n++, at += TAG) {
		type = base_get_u16(h->data + at);
		if (type == TYPE_IP || type == TYPE_IP6 || !sflow_is_vlan_tag(type))
			break;
		type = 0;
	}
	*offset = at + 2;
	if (__builtin_expect(type <= LENGTH_MAX && type != 0, 0))
		return llc_type(h, offset);
	return type;
}

void sflow_header_find_ip(struct sflow_header *h)
{
	uint32_t offset = 0, type = 0;
	const uint8_t *ip;

	h->ip_offset = 0;
	h->ip_length = 0;
	if (h->protocol == ETHERNET)
		type = ethernet_type(h, &offset);
	else if (h->protocol == IPV4)
		type = TYPE_IP;
	else if (h->protocol == IPV6)
		type = TYPE_IP6;
	if (h->len < offset + 6)
		return;
	ip = h->data + offset;
	h->ip_offset = offset;
	if (type == TYPE_IP && ip[0] >> 4 == 4)
		h->ip_length = base_get_u16(ip + 2);
	else if (type == TYPE_IP6 && ip[0] >> 4 == 6 && base_get_u16(ip + 4) != 0)
		h->ip_length = base_get_u16(ip + 4) + 40u;
}

bool sflow_header_read(struct sflow_header *h, const uint8_t *body, uint32_t len)
{
	if (len < SFLOW_HEADER_FIXED)
		return false;
	sflow_header_take(h, body, len);
	return true;
}

/*
 * `stripped` is what the frame has beyond the header, and that is not all: an IP packet goes on behind
 * it, or, where none tells, more was stripped than a frame has of FCS and tags.
 */
static bool stripped_tail(const struct sflow_header *h)
{
	if (h->stripped <= SFLOW_HEADER_FCS ||
		(uint64_t)h->stripped + h->declared != (uint64_t)h->frame_length)
		return false;
	if (h->ip_length == 0)
		return h->stripped > SFLOW_HEADER_FCS + TAGS * TAG;
	return h->ip_offset + h->ip_length > h->declared;
}

uint32_t sflow_header_stripped(const struct sflow_header *h)
{
	return stripped_tail(h) ? SFLOW_HEADER_FCS : h->stripped;
}

uint32_t sflow_header_length(const struct sflow_header *h)
{
	return h->ip_length > h->frame_length ? h->ip_length : h->frame_length;
}

void sflow_header_count(const struct sflow_header *h, uint64_t *stats)
{
	/* sFlow v5, header_protocol: any other number is no protocol, SFLOW_HEADER_PROTOCOL. */
	if (__builtin_expect(h->protocol - 1 >= LAST_PROTOCOL, 0))
		stats[SFLOW_HEADER_PROTOCOL]++;
	/* sFlow v5, sampled_header: the record holds header_length bytes, else SFLOW_HEADER_CUT. */
	if (__builtin_expect(h->declared > h->len, 0))
		stats[SFLOW_HEADER_CUT]++;
	/* sFlow v5, sampled_header: stripped is what was taken away, else SFLOW_STRIPPED_TAIL; the
	 * frame holds the packet, else SFLOW_LENGTH_BELOW_IP. */
	if (__builtin_expect(stripped_tail(h), 0))
		stats[SFLOW_STRIPPED_TAIL]++;
	if (__builtin_expect(h->ip_length > h->frame_length, 0))
		stats[SFLOW_LENGTH_BELOW_IP]++;
}
