/* SPDX-License-Identifier: BSD-3-Clause */
#include "api/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int wrong(char *error, unsigned size, const char *text)
{
	snprintf(error, size,
		"\"%.64s\" is no address to listen on; it is ADDRESS:PORT such as 127.0.0.1:8008, "
		"or [ADDRESS]:PORT for IPv6",
		text);
	return -EINVAL;
}

static void set_ip4(struct api_listen *l, const struct in_addr *a, unsigned port)
{
	const struct sockaddr_in sin = {
		.sin_family = AF_INET, .sin_addr = *a, .sin_port = htons((uint16_t)port)};

	memcpy(&l->addr, &sin, sizeof(sin));
	l->len = sizeof(sin);
	l->loopback = ntohl(a->s_addr) >> 24 == IN_LOOPBACKNET;
}

static void set_ip6(struct api_listen *l, const struct in6_addr *a, unsigned port)
{
	const struct sockaddr_in6 sin6 = {
		.sin6_family = AF_INET6, .sin6_addr = *a, .sin6_port = htons((uint16_t)port)};

	memcpy(&l->addr, &sin6, sizeof(sin6));
	l->len = sizeof(sin6);
	l->loopback = IN6_IS_ADDR_LOOPBACK(a);
}

int api_listen_parse(const char *text, struct api_listen *l, char *error, unsigned error_size)
{
	const char *colon = strrchr(text, ':');
	char host[INET6_ADDRSTRLEN + 2], *name = host, *end;
	struct in6_addr six;
	struct in_addr four;
	unsigned long port;
	size_t len;

	memset(l, 0, sizeof(*l));
	len = colon ? (size_t)(colon - text) : 0;
	if (len == 0 || len >= sizeof(host))
		return wrong(error, error_size, text);
	memcpy(host, text, len);
	host[len] = '\0';
	port = strtoul(colon + 1, &end, 10);
	if (strspn(colon + 1, "0123456789") == 0 || *end || port > 65535)
		return wrong(error, error_size, text);
	if (host[0] == '[' && host[len - 1] == ']') {
		host[len - 1] = '\0';
		name++;
	}
	if (name == host && inet_pton(AF_INET, name, &four) == 1)
		set_ip4(l, &four, (unsigned)port);
	else if (name != host && inet_pton(AF_INET6, name, &six) == 1)
		set_ip6(l, &six, (unsigned)port);
	else
		return wrong(error, error_size, text);
	return 0;
}
