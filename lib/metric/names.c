/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "metric/metric_pvt.h"

/* What numbers mean: the words that users know, after the enumerations of the structures. */

static const char *word_of(const char *const *words, size_t count, uint32_t value)
{
	return value < count ? words[value] : NULL;
}

/* sFlow v5, if_counters. */
static const char *direction(uint32_t value)
{
	static const char *const words[] = {"unknown", "full-duplex", "half-duplex", "in", "out"};

	return word_of(words, sizeof(words) / sizeof(words[0]), value);
}

static const char *admin_status(uint32_t value)
{
	return value & 1 ? "up" : "down";
}

static const char *oper_status(uint32_t value)
{
	return value & 2 ? "up" : "down";
}

/* IANAifType: those that fabrics have. */
static const char *interface_type(uint32_t value)
{
	static const struct {
		uint32_t value;
		const char *word;
	} words[] = {
		{1, "other"},
		{6, "ethernetCsmacd"},
		{9, "iso88025TokenRing"},
		{15, "fddi"},
		{22, "propPointToPointSerial"},
		{23, "ppp"},
		{24, "softwareLoopback"},
		{32, "frameRelay"},
		{37, "atm"},
		{39, "sonet"},
		{49, "aal5"},
		{53, "propVirtual"},
		{71, "ieee80211"},
		{117, "gigabitEthernet"},
		{131, "tunnel"},
		{135, "l2vlan"},
		{136, "l3ipvlan"},
		{150, "mplsTunnel"},
		{161, "ieee8023adLag"},
		{166, "mpls"},
		{199, "infiniband"},
		{209, "bridge"},
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (words[i].value == value)
			return words[i].word;
	return NULL;
}

/* sFlow Host Structures, host_descr. */
static const char *machine(uint32_t value)
{
	static const char *const words[] = {"unknown", "other", "x86", "x86_64", "ia64", "sparc",
		"alpha", "powerpc", "m68k", "mips", "arm", "hppa", "s390"};

	return word_of(words, sizeof(words) / sizeof(words[0]), value);
}

static const char *system_name(uint32_t value)
{
	static const char *const words[] = {"unknown", "other", "linux", "windows", "darwin",
		"hpux", "aix", "dragonfly", "freebsd", "netbsd", "openbsd", "osf", "solaris"};

	return word_of(words, sizeof(words) / sizeof(words[0]), value);
}

static const struct metric_form forms[] = {
	{"ifdirection", "ifdirection", direction},
	{"ifstatus", "ifadminstatus", admin_status},
	{"ifstatus", "ifoperstatus", oper_status},
	{"iftype", "iftype", interface_type},
	{"machine_type", "machine_type", machine},
	{"os_name", "os_name", system_name},
	{NULL},
};

const struct metric_form *metric_form_find(const char *field)
{
	const struct metric_form *f;

	for (f = forms; f->field; f++)
		if (strcmp(f->field, field) == 0)
			return f;
	return NULL;
}
