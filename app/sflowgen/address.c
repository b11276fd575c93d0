/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "base/cursor.h"
#include "model.h"

/* 10.0.0.0/8 */
void gen_endpoint_ipv4(uint32_t endpoint, uint8_t ip[4])
{
	base_put_u32(ip, 0x0A000001 + endpoint);
}

/* 2001:DB8:0:N::/64, 65,536 endpoints each */
void gen_endpoint_ipv6(uint32_t endpoint, uint8_t ip[16])
{
	static const uint8_t prefix[16] = {0x20, 0x01, 0x0D, 0xB8};

	memcpy(ip, prefix, sizeof(prefix));
	base_put_u16(ip + 6, (uint16_t)(1 + (endpoint >> 16)));
	base_put_u32(ip + 12, 1 + (endpoint & 0xFFFF));
}

/* Locally administered addresses: bit 1 of the first byte (IEEE 802). */
void gen_endpoint_mac(uint32_t endpoint, uint8_t mac[6])
{
	mac[0] = 0x02;
	mac[1] = 0x00;
	base_put_u32(mac + 2, endpoint + 1);
}

/* 100.64.0.0/10 */
void gen_tunnel_ipv4(uint32_t source, uint8_t ip[4])
{
	base_put_u32(ip, 0x64400001 + source);
}

void gen_source_mac(uint32_t source, uint8_t mac[6])
{
	mac[0] = 0x02;
	mac[1] = 0xFE;
	base_put_u32(mac + 2, source + 1);
}

void gen_flow_next_mac(const struct gen_model *m, const struct gen_flow *f, uint8_t mac[6])
{
	if (f->src % m->agent_count == f->dst % m->agent_count)
		gen_endpoint_mac(f->dst, mac);
	else
		gen_source_mac(f->input, mac);
}
