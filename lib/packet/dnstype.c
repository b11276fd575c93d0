/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet/packet_pvt.h"

/* IANA registry of resource record types: those below 128 that are in use. */
static const char names[][12] = {
	[1] = "A",
	[2] = "NS",
	[5] = "CNAME",
	[6] = "SOA",
	[10] = "NULL",
	[11] = "WKS",
	[12] = "PTR",
	[13] = "HINFO",
	[14] = "MINFO",
	[15] = "MX",
	[16] = "TXT",
	[17] = "RP",
	[18] = "AFSDB",
	[24] = "SIG",
	[25] = "KEY",
	[28] = "AAAA",
	[29] = "LOC",
	[33] = "SRV",
	[35] = "NAPTR",
	[36] = "KX",
	[37] = "CERT",
	[39] = "DNAME",
	[41] = "OPT",
	[42] = "APL",
	[43] = "DS",
	[44] = "SSHFP",
	[45] = "IPSECKEY",
	[46] = "RRSIG",
	[47] = "NSEC",
	[48] = "DNSKEY",
	[49] = "DHCID",
	[50] = "NSEC3",
	[51] = "NSEC3PARAM",
	[52] = "TLSA",
	[53] = "SMIMEA",
	[55] = "HIP",
	[59] = "CDS",
	[60] = "CDNSKEY",
	[61] = "OPENPGPKEY",
	[62] = "CSYNC",
	[63] = "ZONEMD",
	[64] = "SVCB",
	[65] = "HTTPS",
	[99] = "SPF",
	[108] = "EUI48",
	[109] = "EUI64",
};

enum { NAMES = sizeof(names) / sizeof(names[0]) };

static const char *name_of(uint16_t type)
{
	switch (type) {
	case 249:
		return "TKEY";
	case 250:
		return "TSIG";
	case 251:
		return "IXFR";
	case 252:
		return "AXFR";
	case 255:
		return "ANY";
	case 256:
		return "URI";
	case 257:
		return "CAA";
	default:
		return type < NAMES && names[type][0] ? names[type] : NULL;
	}
}

/* RFC 3597, section 5: a type without a name is TYPE and its number. */
bool packet_dns_type_text(struct packet_value *v, uint16_t type)
{
	const char *name = name_of(type);

	if (name)
		return packet_text(v, name);
	memcpy(v->own, "TYPE", 4);
	return packet_point(v, v->own, (unsigned)packet_decimal(v->own, 4, type));
}
