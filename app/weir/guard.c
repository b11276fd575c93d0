/* SPDX-License-Identifier: BSD-3-Clause */
#include "guard.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

/* Before bind(), so that not one datagram is queued. */
static int drop_all(int fd)
{
	struct sock_filter nothing[] = {BPF_STMT(BPF_RET | BPF_K, 0)};
	struct sock_fprog prog = {.len = 1, .filter = nothing};

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog));
}

static int open_family(int family, const struct sockaddr *addr, socklen_t len)
{
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int off = 0;
	int rc;

	if (fd < 0)
		return -errno;
	if (family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	if (drop_all(fd) == 0 && bind(fd, addr, len) == 0)
		return fd;
	rc = -errno;
	close(fd);
	return rc;
}

int guard_open(uint16_t udp_port)
{
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6,
		.sin6_port = htons(udp_port),
		.sin6_addr = IN6ADDR_ANY_INIT};
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(udp_port)};
	int fd = open_family(AF_INET6, (const struct sockaddr *)&v6, sizeof(v6));

	if (fd >= 0 || fd == -EADDRINUSE || fd == -EACCES)
		return fd;
	return open_family(AF_INET, (const struct sockaddr *)&v4, sizeof(v4));
}
