/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/addr.h"
#include "conf/syntax_pvt.h"

#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"

/* Not isalnum(): that depends on the locale. */
static const char alphanumeric[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

static bool consists_of(const char *text, const char *extra)
{
	for (; *text; text++) {
		if (!strchr(alphanumeric, *text) && !strchr(extra, *text))
			return false;
	}
	return true;
}

bool conf_is_name(const char *text)
{
	return consists_of(text, "_.-");
}

bool conf_is_prefix(const char *text)
{
	return consists_of(text, "_.:-");
}

bool conf_is_word(const char *text)
{
	return consists_of(text, "_") && !(*text >= '0' && *text <= '9');
}

/* dev_valid_name() of the kernel; the comma would end a device argument of DPDK. */
bool conf_is_iface(const char *text)
{
	return !strpbrk(text, "/:, \t\n") && strcmp(text, ".") != 0 && strcmp(text, "..") != 0;
}

bool conf_is_pci(const char *text)
{
	static const char pattern[] = "hhhh:hh:hh.o";
	size_t i;

	for (i = 0; pattern[i]; i++) {
		const char *set = pattern[i] == 'h' ? "0123456789ABCDEFabcdef" : "01234567";

		if (pattern[i] != 'h' && pattern[i] != 'o' ? text[i] != pattern[i]
							   : !text[i] || !strchr(set, text[i]))
			return false;
	}
	return text[i] == '\0';
}

bool conf_is_address(const char *text)
{
	struct base_addr addr;

	return base_addr_parse(text, &addr) == 0;
}

bool conf_is_network(const char *text)
{
	char addr[BASE_ADDR_TEXT];
	size_t len = strcspn(text, "/");
	struct base_addr a;
	const char *bits = text + len + 1;

	if (len >= sizeof(addr))
		return false;
	memcpy(addr, text, len);
	addr[len] = '\0';
	if (base_addr_parse(addr, &a) < 0)
		return false;
	if (text[len] == '\0')
		return true;
	return *bits && strlen(bits) <= 3 && bits[strspn(bits, "0123456789")] == '\0' &&
	       (bits[0] != '0' || bits[1] == '\0') && atoi(bits) <= (a.family == 4 ? 32 : 128);
}

static bool is_port(const char *text, const char *end)
{
	unsigned port = 0;
	const char *p = text;

	for (; p < end && *p >= '0' && *p <= '9' && p - text < 5; p++)
		port = port * 10 + (unsigned)(*p - '0');
	return p == end && port > 0 && port < 65536;
}

/* @param family  4 or 6; 0: either */
static bool is_address(const char *text, const char *end, unsigned family)
{
	char copy[BASE_ADDR_TEXT];
	struct base_addr addr;

	if (end < text || (size_t)(end - text) >= sizeof(copy))
		return false;
	memcpy(copy, text, (size_t)(end - text));
	copy[end - text] = '\0';
	return base_addr_parse(copy, &addr) == 0 && (family == 0 || addr.family == family);
}

/* ADDRESS, IPV4:PORT, [IPV6] or [IPV6]:PORT. */
static bool is_server(const char *text, const char *end)
{
	size_t len = (size_t)(end - text);
	const char *colon = memchr(text, ':', len), *close;

	if (len > 0 && text[0] == '[') {
		close = memchr(text, ']', len);
		return close && is_address(text + 1, close, 6) &&
		       (close + 1 == end || (close[1] == ':' && is_port(close + 2, end)));
	}
	if (colon && !memchr(colon + 1, ':', (size_t)(end - colon - 1)))
		return is_address(text, colon, 4) && is_port(colon + 1, end);
	return is_address(text, end, 0);
}

bool conf_is_servers(const char *text)
{
	const char *comma;

	if (text[0] == '\0' || strcmp(text, "system") == 0)
		return true;
	while ((comma = strchr(text, ','))) {
		if (!is_server(text, comma))
			return false;
		text = comma + 1;
	}
	return is_server(text, text + strlen(text));
}

bool conf_is_vdev(const char *text)
{
	size_t len = strcspn(text, ",");

	return len > 0 && strspn(text, alphanumeric) > 0 && !memchr(text, ' ', len);
}

bool conf_is_url(const char *text)
{
	if (*text == '\0')
		return true;
	if (strncmp(text, "redis://", 8) == 0)
		return text[8] != '\0';
	if (strncmp(text, "rediss://", 9) == 0)
		return text[9] != '\0';
	if (strncmp(text, "unix://", 7) == 0)
		return text[7] != '\0';
	if (strncmp(text, "sentinel://", 11) == 0)
		return text[11] != '\0';
	if (strncmp(text, "sentinels://", 12) == 0)
		return text[12] != '\0';
	return strncmp(text, "unix:", 5) == 0 && text[5] != '\0';
}

bool conf_is_listen(const char *text)
{
	const char *colon = strrchr(text, ':');

	return *text == '\0' || (colon && colon > text && colon[1] &&
					colon[1 + strspn(colon + 1, "0123456789")] == '\0');
}

bool conf_is_token(const char *text)
{
	while (*text > 0x20 && *text < 0x7F)
		text++;
	return *text == '\0';
}

bool conf_is_window(const char *text)
{
	uint64_t ms;

	return conf_parse_duration(text, &ms) == 0 && ms > 0 && 60000 % ms == 0;
}

/* Length of the sequence that `lead` starts, and the range of its second byte; 0: none does. */
static size_t utf8_sequence(unsigned char lead, unsigned char *low, unsigned char *high)
{
	*low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
	*high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
	if (lead < 0x80)
		return 1;
	if (lead < 0xC2 || lead > 0xF4)
		return 0;
	return lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

bool conf_is_utf8(const char *text, size_t len)
{
	const unsigned char *p = (const unsigned char *)text, *end = p + len;

	while (p < end) {
		unsigned char low, high;
		size_t n = utf8_sequence(*p, &low, &high);

		if (n == 0 || n > (size_t)(end - p))
			return false;
		if (n > 1 && (p[1] < low || p[1] > high))
			return false;
		for (size_t i = 2; i < n; i++) {
			if ((p[i] & 0xC0) != 0x80)
				return false;
		}
		p += n;
	}
	return true;
}
